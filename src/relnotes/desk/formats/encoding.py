"""From bytes to text: the encoding is found in the content, line by line where it is mixed."""

from __future__ import annotations

import codecs
from typing import NamedTuple

from relnotes.desk.formats.values import storable


class Decoded(NamedTuple):
    """A file's text with LF line ends, the encoding in words, and what to look at."""

    text: str
    encoding: str
    notes: tuple[str, ...]


def decode(content: bytes) -> Decoded:
    r"""Decode a file whose encoding nobody states.

    A byte order mark settles it; bytes that alternate with NUL are UTF-16;
    else UTF-8, with any line that is not valid UTF-8 read as Windows-1252.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    Decoded
        Text without byte order mark, its lines ended by LF, NUL replaced by U+FFFD.

    Examples
    --------
    >>> decode("Trust – é".encode("cp1252"))[:2]
    ('Trust – é', 'windows-1252')
    >>> decode(codecs.BOM_UTF16_LE + "a\r\nb".encode("utf-16-le"))[:2]
    ('a\nb', 'utf-16 (little-endian)')
    """
    notes: tuple[str, ...] = ()
    wide = _wide(content)
    if content.startswith(codecs.BOM_UTF8):
        text, lines = _utf8(content.removeprefix(codecs.BOM_UTF8))
        encoding = "utf-8 with byte order mark"
    elif wide:
        content = content.removeprefix(codecs.BOM_UTF16_LE if wide == "le" else codecs.BOM_UTF16_BE)
        text, lines = content.decode(f"utf-16-{wide}", errors="replace"), []
        encoding = f"utf-16 ({'little' if wide == 'le' else 'big'}-endian)"
        if "\ufffd" in text:
            notes = ("some characters could not be read and stand as �",)
    else:
        text, lines = _utf8(content)
        encoding = "ascii" if not lines and text.isascii() else "utf-8"
    if lines:
        others = any(not c.isascii() for i, c in enumerate(text.split("\n"), 1) if i not in
                     frozenset(lines)) if len(lines) < 100_000 else True  # fmt: skip
        shown = ", ".join(map(str, lines[:5])) + (" and more" if len(lines) > 5 else "")
        if others or encoding.startswith("utf-8 with"):
            encoding += ", some lines windows-1252"
            notes = (f"{len(lines)} lines were not valid UTF-8 and were read as Windows-1252 "
                     f"(lines {shown}): look at their accents",)  # fmt: skip
        else:
            encoding = "windows-1252"
            notes = ("the file is not UTF-8 and was read as Windows-1252: "
                     f"look at the accents (lines {shown})",)  # fmt: skip
    if text.startswith("\ufeff"):
        text = text.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Decoded(storable(text), encoding, notes)


def _wide(content: bytes) -> str:
    """Return "le" or "be" for UTF-16, with its mark or by the place of the NUL bytes."""
    if content.startswith(codecs.BOM_UTF16_LE):
        return "le"
    if content.startswith(codecs.BOM_UTF16_BE):
        return "be"
    head = content[:2_000]
    if len(head) < 4:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.4 * half and even < 0.1 * half:
        return "le"
    if even > 0.4 * half and odd < 0.1 * half:
        return "be"
    return ""


def _utf8(content: bytes) -> tuple[str, list[int]]:
    """Decode UTF-8; return the text and the numbers of the lines that were Windows-1252."""
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        pass
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lines, others = [], []
    for number, line in enumerate(content.split(b"\n"), 1):
        try:
            lines.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            lines.append(line.decode("cp1252", errors="windows-1252-holes"))
            others.append(number)
    return "\n".join(lines), others


def _hole(error: UnicodeError) -> tuple[str, int]:
    """Read the five bytes that Windows-1252 leaves undefined as browsers do: as they are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("windows-1252-holes", _hole)
