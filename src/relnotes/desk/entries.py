"""Entries put into a bibliography and taken out of it, every other character left as it is."""

from __future__ import annotations

import re
from collections.abc import Mapping

from relnotes.evidence.bibtex import parse_bibliography
from relnotes.evidence.faults import Fault, RefusedWrite


def entry_text(key: str, kind: str, fields: Mapping[str, str]) -> str:
    """Write an entry of the bibliography in the house form.

    Parameters
    ----------
    key, kind : str
        Citation key and entry type.
    fields : mapping of str to str
        Field values as BibTeX text: braces balanced, special characters escaped.

    Examples
    --------
    >>> print(entry_text("doe-2001", "book", {"title": "Trust", "year": "2001"}))
    @book{doe-2001,
      title = {Trust},
      year = {2001},
    }
    """
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def bibliography_bytes(content: bytes, entries: Mapping[str, str | None]) -> bytes:
    r"""Put entries into a bibliography and leave every other character as it is.

    Parameters
    ----------
    content : bytes
        The file as it stands.
    entries : mapping of str to str or None
        Citation key to the new text of the entry; None takes it out. An entry that is
        there is replaced where it stands, a new one is put after the entry with the next
        earlier key.

    Returns
    -------
    bytes
        The new file; comments, formatting and line ends of all other entries are kept.

    Raises
    ------
    RefusedWrite
        If the file cannot be read as a whole.

    Examples
    --------
    >>> old = b"% Ours.\n\n@book{a-2000,\n  title={A}}  % sic\n\n@book{c-2000, title = {C}}\n"
    >>> new = bibliography_bytes(old, {"b-2000": entry_text("b-2000", "book", {"title": "B"})})
    >>> print(new.decode(), end="")
    % Ours.
    <BLANKLINE>
    @book{a-2000,
      title={A}}  % sic
    <BLANKLINE>
    @book{b-2000,
      title = {B},
    }
    <BLANKLINE>
    @book{c-2000, title = {C}}
    """
    mark = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    windows = b"\r\n" in content
    try:
        text = content[len(mark) :].decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise RefusedWrite(
            [Fault("wrong_encoding", "references.bib", "The bibliography is not UTF-8.",
                   "Save it as UTF-8.")]
        ) from error  # fmt: skip
    for key in sorted(k for k, entry in entries.items() if entry is None):
        text = _without(key, text)
    spans = _entry_spans(text)
    edits: list[tuple[int, int, str]] = []
    added: dict[int, list[str]] = {}
    for key, entry in sorted((k, e) for k, e in entries.items() if e is not None):
        if key in spans:
            edits.append((*spans[key], entry))
        else:
            added.setdefault(_place_for(key, spans, text), []).append(entry)
    for at, new in added.items():
        edits.append((at, at, _spaced("\n\n".join(new), text[:at], text[at:])))
    for start, end, replacement in sorted(edits, reverse=True):  # earlier positions stay true
        text = text[:start] + replacement + text[end:]
    return mark + (text.replace("\n", "\r\n") if windows else text).encode("utf-8")


def entries_in(content: bytes) -> dict[str, str]:
    """Return the text of every entry of a bibliography, by citation key."""
    text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    return {key: text[start:end] for key, (start, end) in _entry_spans(text).items()}


def _entry_spans(text: str) -> dict[str, tuple[int, int]]:
    """Return where each entry begins and ends."""
    bibliography, faults = parse_bibliography(text)
    if faults:
        raise RefusedWrite(faults)
    line_starts = [0, *(m.end() for m in re.finditer("\n", text))]
    spans = {}
    for work in bibliography.values():
        start = text.index(work.raw, line_starts[work.line - 1])
        spans[work.key] = (start, start + len(work.raw))
    return spans


def _place_for(key: str, spans: Mapping[str, tuple[int, int]], text: str) -> int:
    """Return where a new entry goes: after the line on which the entry before it ends."""
    earlier = [span for other, span in spans.items() if other < key]
    if not earlier:
        return _above(min(spans.values())[0], text) if spans else len(text)
    end = max(earlier)[1]
    line_end = text.find("\n", end)
    following = min((start for start, _ in spans.values() if start >= end), default=len(text))
    return min(len(text) if line_end < 0 else line_end, following)


def _above(start: int, text: str) -> int:
    """Return where the first entry begins with the comment lines that stand directly on it."""
    blank = text.rfind("\n\n", 0, start)
    return start if blank < 0 else blank + 2


def _spaced(entry: str, before: str, after: str) -> str:
    """Return an entry with the line ends that part it from what is around it by a blank line."""
    head = ""
    if before.strip():
        head = "\n" * (2 - (len(before) - len(before.rstrip("\n"))))
    tail = "" if after.startswith("\n") else "\n" if not after else "\n\n"
    return head + entry + tail


def _without(key: str, text: str) -> str:
    """Return the text without an entry and without the blank line that parted it."""
    spans = _entry_spans(text)
    if key not in spans:
        return text
    before, after = text[: spans[key][0]], text[spans[key][1] :]
    if not after.strip():
        before = before.rstrip("\n")
        return before + "\n" if before else ""
    return before + (after.removeprefix("\n\n"))
