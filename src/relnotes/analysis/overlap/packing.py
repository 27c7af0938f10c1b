"""True and false packed into words of 64 bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

BITS_IN_WORD = 64
# Rows handled at once where a whole table of single bytes would cost more memory than the input.
ROWS_AT_ONCE = 1 << 16
# Rows whose words stay in the processor's cache while every set is gone through.
ROWS_IN_CACHE = 1 << 13


def pack(matrix: Flags) -> Bits:
    """Turn true and false, shape (items, sets), into words of 64 bits.

    Examples
    --------
    >>> pack(np.array([[True, False, True]])).tolist()
    [[5]]
    """
    words = no_memberships(*matrix.shape)
    for start in range(0, len(matrix), ROWS_AT_ONCE):
        part = np.packbits(matrix[start : start + ROWS_AT_ONCE], axis=1, bitorder="little")
        bytes_ = np.zeros((len(part), 8 * words.shape[1]), dtype=np.uint8)
        bytes_[:, : part.shape[1]] = part
        words[start : start + len(part)] = bytes_.view("<u8")
    return words


def unpack(words: Bits, sets: int) -> Flags:
    """Turn words of 64 bits back into true and false, shape (items, sets)."""
    bytes_ = np.ascontiguousarray(words, dtype="<u8").view(np.uint8)
    return np.unpackbits(bytes_, axis=1, count=sets, bitorder="little").view(np.bool_)


def no_memberships(items: int, sets: int) -> Bits:
    """Words without a bit set, shape (items, words); one word at the least."""
    # Word by word in memory, since sorting and comparing go through one word at a time.
    return np.zeros((max(1, -(-sets // BITS_IN_WORD)), items), dtype=np.uint64).T
