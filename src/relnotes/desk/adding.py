"""The way in, as one piece: read exports, compare, stage, preview; writing is another step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relnotes.desk.formats.account import Part, reading_of
from relnotes.desk.formats.bibtex import read_bibtex
from relnotes.desk.formats.census import titles
from relnotes.desk.formats.csl import csl_of
from relnotes.desk.formats.exports import read_export
from relnotes.desk.formats.records import Reading, Record, Rejected
from relnotes.desk.matching.matching import Matching, Pair, Placed, account, match
from relnotes.desk.preview import Preview, preview
from relnotes.desk.staging import Staging, stage
from relnotes.desk.store import State

MOST_SHOWN = 20
"""Records of one pile that are shown one by one."""

Step = Callable[[str, int, int], None]
"""Told the name of a step, how many are done, and how many there are."""


@dataclass(frozen=True)
class Addition:
    """What a set of exports would bring to a collection.

    Attributes
    ----------
    readings : tuple of Reading
        What the files hold.
    matching : Matching
        The records in three piles, compared with the collection and one another.
    staging : Staging
        What is proposed for the new ones.
    preview : Preview
        What the proposal would change.
    """

    readings: tuple[Reading, ...]
    matching: Matching
    staging: Staging
    preview: Preview

    @property
    def rejected(self) -> tuple[Rejected, ...]:
        """Records that could not be read, with their text."""
        return tuple(r for reading in self.readings for r in reading.rejected)

    def account(self) -> dict[str, Any]:
        """Return everything as plain values, for JSON."""
        return {
            **account_of(self.readings, self.matching),
            **self.staging.account(),
            "preview": self.preview.account(),
        }

    def __str__(self) -> str:
        return "\n".join(
            [*_account_lines(self.readings, self.matching), str(self.staging), str(self.preview)]
        )


def read_exports(files: Sequence[Path], told: Step) -> tuple[Reading, ...]:
    """Read several exports.

    Raises
    ------
    UnreadableExport
        If one of them is in no known format.
    """
    readings = []
    for done, file in enumerate(files):
        told(f"read {file.name}", done, len(files))
        readings.append(read_export(file))
    told("read", len(files), len(files))
    return tuple(readings)


def match_exports(readings: Sequence[Reading]) -> Matching:
    """Compare the records of several exports with one another."""
    return match([record for reading in readings for record in reading.records])


def prepare_addition(
    readings: Sequence[Reading],
    state: State,
    also_new: Sequence[Record] = (),
    *,
    keep_all: bool = False,
) -> Addition:
    """Compare records with a collection and propose what to do with the new ones.

    Parameters
    ----------
    readings : sequence of Reading
        What the exports hold.
    state : State
        The collection as it is.
    also_new : sequence of Record
        Records of the unclear pile that a person has found to be new.
    keep_all : bool
        Abstracts, notes and paths on somebody's disk too.

    Returns
    -------
    Addition
        Nothing is written.
    """
    records = [record for reading in readings for record in reading.records]
    matching = match(records, base=known_records(state))
    new = [placed.record for placed in matching.pile("new")]
    staging = stage([*new, *also_new], state, keep_all=keep_all)
    return Addition(tuple(readings), matching, staging, preview(state, staging.draft))


def known_records(state: State) -> tuple[Record, ...]:
    """Return the works of a collection as records to compare with."""
    file = state.schema.bibliography
    text = state.contents.get(file, b"").decode("utf-8-sig")
    return reading_of(file, "utf-8", [Part("BibTeX", text, read_bibtex(text), titles)]).records


def account_of(readings: Sequence[Reading], matching: Matching) -> dict[str, Any]:
    """Return the account of reading and matching as plain values, for JSON.

    Returns
    -------
    dict
        The counts ``total``, ``new``, ``duplicate``, ``unclear`` and ``rejected``; per record its
        pile, reason, partner, line and what was read as a CSL-JSON item (``csl``); ``clusters``
        and ``links``; ``set_aside``, the rejected records with file, line, reason and text;
        ``files``, what each file was read as.
    """
    rejected = [r for reading in readings for r in reading.rejected]
    counts: dict[str, Any] = account(matching, len(rejected))
    read = {(r.source, r.position): r for reading in readings for r in reading.records}
    for told in counts["records"]:
        record = read[told["source"], told["position"]]
        told |= {"line": record.line, "csl": csl_of(record)}
    return {
        **counts,
        "set_aside": [
            {
                "source": r.source,
                "position": r.position,
                "line": r.line,
                "reason": r.reason,
                "raw": r.raw,
            }
            for r in rejected
        ],
        "files": [
            {
                "file": reading.source,
                "format": reading.format,
                "encoding": reading.encoding,
                "records": len(reading.records),
                "rejected": len(reading.rejected),
                "kept_unused": dict(reading.unused),
                "columns": dict(reading.mapping),
                "notes": list(reading.notes),
            }
            for reading in readings
        ],
    }


def account_in_words(readings: Sequence[Reading], matching: Matching) -> str:
    """Return the account of reading and matching as text."""
    return "\n".join(_account_lines(readings, matching))


def _account_lines(readings: Sequence[Reading], matching: Matching) -> list[str]:
    lines = []
    for reading in readings:
        lines.append(
            f"{reading.source}: {reading.format}, {reading.encoding}; "
            f"{len(reading.records):,} read, {len(reading.rejected):,} set aside."
        )
        if reading.mapping:
            columns = (f"{h} → {f}" for h, f in reading.mapping.items() if f)
            lines.append(f"  columns: {', '.join(columns)}")
        if reading.unused:
            lines.append(
                f"  kept as they are, though unused: {', '.join(list(reading.unused)[:12])}"
            )
        lines += [f"  note: {note}" for note in reading.notes]
        lines += [
            f"  set aside: record {r.position}"
            + (f", line {r.line}" if r.line else "")
            + f": {r.reason}"
            for r in reading.rejected[:MOST_SHOWN]
        ]
    piles = {name: matching.pile(name) for name in ("new", "duplicate", "unclear")}
    rejected = sum(len(reading.rejected) for reading in readings)
    total = len(matching.placed) + rejected
    counts = ", ".join(f"{len(pile):,} {name}" for name, pile in piles.items())
    said = "1 record" if total == 1 else f"{total:,} records"
    lines.append(f"{said}: {counts}, {rejected:,} rejected.")
    for name in ("duplicate", "unclear"):
        lines += [f"  {name}: {_placed_line(p)}" for p in piles[name][:MOST_SHOWN]]
        if len(piles[name]) > MOST_SHOWN:
            lines.append(f"  … and {len(piles[name]) - MOST_SHOWN:,} more {name}")
    lines += [f"  linked: {_pair_line(matching, pair)}" for pair in matching.links[:MOST_SHOWN]]
    if len(matching.links) > MOST_SHOWN:
        lines.append(f"  … and {len(matching.links) - MOST_SHOWN:,} more links")
    return lines


def _placed_line(placed: Placed) -> str:
    partner = f" ~ {name_of(placed.partner)}" if placed.partner is not None else ""
    return f"{name_of(placed.record)}{partner}: {placed.reason}"


def _pair_line(matching: Matching, pair: Pair) -> str:
    first, second = matching.record(pair.first), matching.record(pair.second)
    return f"{name_of(first)} ~ {name_of(second)}: {pair.reason}"


def name_of(record: Record) -> str:
    """Return a record's first author, year and title, and where it stands.

    Examples
    --------
    >>> name_of(Record("a.ris", 3, None, "article", "Trust"))
    '‘Trust’ [a.ris 3]'
    """
    author = record.authors[0].family if record.authors else ""
    year = str(record.year) if record.year else ""
    who = " ".join(part for part in (author, year) if part)
    title = record.title if len(record.title) <= 70 else record.title[:69] + "…"
    return f"{who + ' ' if who else ''}‘{title}’ [{record.source} {record.position}]"


def rejects_text(rejected: Sequence[Rejected]) -> str:
    """Return the records that were set aside, each with its reason and raw text, for a file."""
    parts = []
    for r in rejected:
        line = f", line {r.line}" if r.line else ""
        parts.append(f"# {r.source}, record {r.position}{line}: {r.reason}\n{r.raw}\n")
    return "\n".join(parts)
