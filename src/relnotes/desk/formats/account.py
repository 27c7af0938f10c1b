"""The account of a file: every character read, set aside or passed over, and counted again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from relnotes.desk.formats.census import Count, hints_at_a_work, titles
from relnotes.desk.formats.pieces import Piece
from relnotes.desk.formats.records import RAW_SHOWN, Reading, Record, Rejected
from relnotes.desk.formats.values import storable

MOST_NOTES = 20

_QUIET = frozenset({"brackets", "markup of the file", "header", "header of the file",
                    "wrapper of the list", "definition", "numbering or banner"})  # fmt: skip
"""What every sound file has, and nobody needs to be told."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a file in one format, what its reader made of it, and how that is counted again."""

    format: str
    text: str
    pieces: Iterable[Piece]
    count: Count
    first_line: int = 1
    mapping: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def reading_of(
    source: str, encoding: str, parts: Iterable[Part], notes: Iterable[str] = ()
) -> Reading:
    """Make the account of a file from its parts, in its order.

    Examples
    --------
    >>> text = "TI  - Trust\\nAU  - Doe\\n\\nTI  - Time\\nAU  - Li\\n"
    >>> swallowed = [Piece(0, len(text), Record("", 0, None, "article", "Trust"))]
    >>> reading = reading_of("a.ris", "utf-8", [Part("RIS", text, swallowed, titles)])
    >>> [(r.line, r.raw) for r in reading.rejected]
    [(1, 'TI  - Trust\\nAU  - Doe'), (4, 'TI  - Time\\nAU  - Li')]
    """
    records: list[Record] = []
    rejected: list[Rejected] = []
    unused: Counter[str] = Counter()
    passed: dict[str, list[int]] = {}
    mapping: dict[str, str] = {}
    formats: dict[str, None] = {}
    told = list(notes)
    for part in parts:
        formats[part.format] = None
        mapping |= part.mapping
        told += part.notes
        line, at = part.first_line, 0
        for piece in checked(part):
            line += part.text.count("\n", at, piece.start)
            at = piece.start
            position = len(records) + len(rejected) + 1
            if piece.record is not None:
                records.append(replace(piece.record, source=source, position=position, line=line))
                unused.update(piece.unused)
            elif piece.passed:
                passed.setdefault(piece.passed, []).append(line)
            else:
                raw = storable(part.text[piece.start : min(piece.end, piece.start + RAW_SHOWN)])
                rejected.append(Rejected(source, position, line, piece.reason, raw.strip("\n")))
    told += [
        f"passed over as {name}: line{'s' if len(lines) > 1 else ''} "
        f"{', '.join(map(str, lines[:5]))}{' and more' if len(lines) > 5 else ''}"
        for name, lines in passed.items()
        if name not in _QUIET
    ]
    if len(told) > MOST_NOTES:
        told[MOST_NOTES:] = ["and more of the kind"]
    return Reading(
        source=source,
        format=" and ".join(formats),
        encoding=encoding,
        records=tuple(records),
        rejected=tuple(rejected),
        unused=dict(sorted(unused.items(), key=lambda item: (-item[1], item[0]))),
        mapping=mapping,
        notes=tuple(told),
        passed={name: tuple(lines) for name, lines in passed.items()},
    )


def checked(part: Part) -> Iterator[Piece]:
    """Yield the pieces held against the second count.

    What was passed over and holds a work is set aside; so are all the works that
    were read as one record, as its fields may be those of several.
    """
    for piece in complete(part.text, part.pieces):
        held = part.text[piece.start : piece.end]
        if piece.passed and _holds_a_work(part, piece.passed, held):
            reason = f"a piece of a record stands here, taken for: {piece.passed}"
            piece = replace(piece, passed="", reason=reason)  # noqa: PLW2901
        further = [] if piece.passed else [piece.start + at for at in part.count(held)[1:]]
        if not further:
            yield piece
            continue
        reason = piece.reason or "several works stand in what was read as one record"
        for start, end in pairwise([piece.start, *further, piece.end]):
            yield Piece(start, end, reason=reason)


_MAY_NAME_WORKS = ("header", "line above", "lines above", "wrapper")
"""Beginnings of the names of what is no record though it looks like one."""


def _holds_a_work(part: Part, passed: str, text: str) -> bool:
    """Whether what was passed over holds a work after all; comments and headers may name one."""
    lines = text.split("\n")
    if passed == "comment" and (
        lines[0].lstrip().startswith("@") or all(x.lstrip()[:1] in ("", "%") for x in lines)
    ):
        return False
    if titles(text) or (not passed.startswith("header") and hints_at_a_work(text)):
        return True
    return not passed.startswith(_MAY_NAME_WORKS) and bool(part.count(text))


_BRACKETS = re.compile(r"[\s,;\[\]{}()\"]*")
_TAGS = re.compile(r"(?:[\s\]>]|<![^<>]*>|<[^<>\n]*>)*")


def complete(text: str, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield the pieces, and one for whatever stands between them, so that nothing is left out."""
    position = 0
    for piece in (*pieces, Piece(len(text), len(text), passed="end")):
        gap = text[position : piece.start]
        if gap.strip():
            start = position + len(gap) - len(gap.lstrip())
            if _BRACKETS.fullmatch(gap):
                yield Piece(start, piece.start, passed="brackets")
            elif _TAGS.fullmatch(gap):
                yield Piece(start, piece.start, passed="markup of the file")
            else:
                yield Piece(start, piece.start, reason="no reader took this text")
        if piece.start < position and piece.end > piece.start:
            yield replace(piece, record=None, passed="", reason="the text was read already")
        elif piece.end > piece.start:
            yield piece
        position = max(position, piece.end)
