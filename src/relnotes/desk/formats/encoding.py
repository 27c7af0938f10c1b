"""From bytes to text: the encoding is found in the content, line by line where it is mixed."""

from __future__ import annotations

import codecs
import re
from typing import NamedTuple

from relnotes.desk.formats.values import garbled, storable

_CANDIDATES = ["gb18030", "big5", "shift_jis", "euc_jp", "euc_kr", "cp1251", "koi8_r", "cp1250",
               "cp1252"]  # fmt: skip
_NAMES = {"gb18030": "GBK", "big5": "Big5", "shift_jis": "Shift-JIS", "euc_jp": "EUC-JP",
          "euc_kr": "EUC-KR", "cp1251": "windows-1251", "koi8_r": "KOI8-R",
          "cp1250": "windows-1250"}  # fmt: skip
_WESTERN = re.compile("[ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜßàáâãäåæçèéêëìíîïñòóôõöøùúûüÿœŒ"
                      "‘’“”–—…€•«»¿¡°£©®´·§\xa0]")  # fmt: skip
_DETECTED = 60_000
"""Bytes of the lines beyond ASCII from which an encoding is guessed."""


class Decoded(NamedTuple):
    """A file's text with LF line ends, the encoding in words, and what to look at."""

    text: str
    encoding: str
    notes: tuple[str, ...]


def decode(content: bytes) -> Decoded:
    r"""Decode a file whose encoding nobody states.

    A byte order mark settles it; bytes that alternate with NUL are UTF-16; else
    UTF-8, or where few lines are not, those as Windows-1252. A file that is not
    UTF-8 at all is guessed at, and the guess is said.

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
    >>> decode("@book{a, title={罪犯改造关系研究}}".encode("gbk"))[:2]
    ('@book{a, title={罪犯改造关系研究}}', 'GBK')
    """
    notes: tuple[str, ...] = ()
    if wide := _wide(content):
        content = content.removeprefix(codecs.BOM_UTF16_LE if wide == "le" else codecs.BOM_UTF16_BE)
        text = content.decode(f"utf-16-{wide}", errors="replace")
        encoding = f"utf-16 ({'little' if wide == 'le' else 'big'}-endian)"
        if "\ufffd" in text:
            notes = ("some characters could not be read and stand as �",)
    else:
        marked = " with byte order mark" if content.startswith(codecs.BOM_UTF8) else ""
        content = content.removeprefix(codecs.BOM_UTF8)
        try:
            text = content.decode("utf-8")
            encoding = "ascii" if text.isascii() and not marked else f"utf-8{marked}"
        except UnicodeDecodeError:
            text, encoding, notes = _by_lines(content, marked)
    text, twice = _mended(text.replace("\ufeff", ""))
    if twice:
        notes += (f"{twice} lines had been encoded twice and were read back: look at them",)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return Decoded(storable(text), encoding, notes)


def _mended(text: str) -> tuple[str, int]:
    """Return a text whose lines were encoded twice as they were before, and how many there are."""
    if not garbled(text):
        return text, 0
    lines = text.split("\n")
    mended = [_once(line) if garbled(line) else line for line in lines]
    return "\n".join(mended), sum(a != b for a, b in zip(lines, mended, strict=True))


def _once(line: str) -> str:
    """Return a line of UTF-8 that was read as Windows-1252, as it should have been read."""
    try:
        return b"".join(
            c.encode("latin-1") if "\x7f" < c < "\xa0" else c.encode("cp1252") for c in line
        ).decode("utf-8")
    except UnicodeError:
        return line


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


def _by_lines(content: bytes, marked: str) -> tuple[str, str, tuple[str, ...]]:
    """Decode what is not UTF-8 throughout: line by line where some lines are, else by a guess."""
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    others = [number for number, line in enumerate(lines) if not _is_utf8(line)]
    odd = frozenset(others)
    valid = sum(not line.isascii() for number, line in enumerate(lines) if number not in odd)
    guess = _guessed(b"\n".join(lines[number] for number in others))
    name = _NAMES.get(guess, "windows-1252")
    shown = ", ".join(str(n + 1) for n in others[:5]) + (" and more" if len(others) > 5 else "")
    if marked or valid > len(others) / 4:
        texts = [_guess_of(x, guess) if n in odd else x.decode() for n, x in enumerate(lines)]
        note = (f"{len(others)} lines were not valid UTF-8 and were read as {name} "
                f"(lines {shown}), which is a guess: look at their accents")  # fmt: skip
        return "\n".join(texts), f"utf-8{marked}, some lines {name}", (note,)
    note = f"the file is not UTF-8 and was read as {name}, which is a guess: look at lines {shown}"
    return "\n".join(_guess_of(line, guess) for line in lines), name, (note,)


def _guess_of(line: bytes, guess: str) -> str:
    return _windows(line) if guess == "cp1252" else line.decode(guess, errors="replace")


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _guessed(content: bytes) -> str:
    """Return the likeliest encoding of bytes that are not UTF-8."""
    from charset_normalizer import from_bytes  # noqa: PLC0415 (kept out of the import)

    content = content[:_DETECTED]
    letters = [c for c in _windows(content) if not c.isascii()]
    western = sum(bool(_WESTERN.match(c)) for c in letters)
    words = re.findall(r"[A-Za-zÀ-ÿ]+", _windows(content))
    mostly_ascii = sum(c.isascii() for word in words for c in word) > 2 * len(letters)
    if western == len(letters) and mostly_ascii:
        return "cp1252"
    best = from_bytes(content, cp_isolation=_CANDIDATES).best()
    return best.encoding if best is not None else "cp1252"


def _windows(content: bytes) -> str:
    """Decode Windows-1252, the five bytes that it leaves undefined as browsers do."""
    return content.decode("cp1252", errors="windows-1252-holes")


def _hole(error: UnicodeError) -> tuple[str, int]:
    """Read the five bytes that Windows-1252 leaves undefined as browsers do: as they are."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("windows-1252-holes", _hole)
