"""From an id to where it stands: rows, sources, references, passages."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from relnotes.evidence.faults import shortened
from relnotes.evidence.near import UnknownNameError
from relnotes.evidence.references import plain_reference
from relnotes.evidence.sentences import counted
from relnotes.evidence.sources import Source, cited_keys, sources_in
from relnotes.evidence.vocabulary import EMPTIES

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection


@dataclass(frozen=True)
class TracedSource:
    """One place a row rests on.

    Attributes
    ----------
    source : Source
        Citation key and locator.
    reference : str
        Formatted reference as HTML, with the address as a link.
    plain : str
        The reference as plain text.
    passage : str
        For a place in the source page: section, number and first words.
    """

    source: Source
    reference: str
    plain: str
    passage: str


@dataclass(frozen=True)
class TracedRow:
    """A row with all it rests on.

    Attributes
    ----------
    table, row_id : str
        Where the row stands.
    cells : tuple of (str, str)
        Column titles and values, without blank cells and sources.
    certainty : str
        The row's certainty, or its verification; empty where it has neither.
    sources : tuple of TracedSource
        The places it rests on.
    """

    table: str
    row_id: str
    cells: tuple[tuple[str, str], ...]
    certainty: str
    sources: tuple[TracedSource, ...]

    @property
    def name(self) -> str:
        """The row's full name, table and id."""
        return f"{self.table}:{self.row_id}"


@dataclass(frozen=True, repr=False)
class Trace:
    """What stands behind an id; shows itself in a notebook and in a terminal."""

    asked: str
    rows: tuple[TracedRow, ...]
    behind: tuple[TracedRow, ...]
    """Rows that point to the traced ones, or to which they point."""

    def frame(self) -> pd.DataFrame:
        """Return one row for each traced row and source.

        Returns
        -------
        DataFrame
            ``row``, ``role``, ``source``, ``passage``, ``certainty``, ``reference``.
        """
        records = [
            (row.name, role, str(s.source), s.passage, row.certainty, s.plain)
            for role, rows in (("asked", self.rows), ("connected", self.behind))
            for row in rows
            for s in row.sources or (TracedSource(Source("none"), "", "", ""),)
        ]
        columns = ["row", "role", "source", "passage", "certainty", "reference"]
        return pd.DataFrame(records, columns=columns)

    def __str__(self) -> str:
        parts = []
        for row in self.rows:
            lines = [row.name, *(f"  {title}: {value}" for title, value in row.cells)]
            for s in row.sources:
                lines.append(f"  source {s.source}")
                lines += [f"    {text}" for text in (s.passage, s.plain) if text]
            parts.append("\n".join(lines))
        if self.behind:
            parts.append("Connected rows\n" + "\n".join(f"  {_line(row)}" for row in self.behind))
        return "\n\n".join(parts)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        escaped = html.escape
        parts = []
        for row in self.rows:
            cells = "".join(
                f"<dt>{escaped(title)}</dt><dd>{escaped(value)}</dd>" for title, value in row.cells
            )
            sources = "".join(
                f"<li><code>{escaped(str(s.source))}</code>"
                + (f" {escaped(s.passage)}" if s.passage else "")
                + (f"<br>{s.reference}" if s.reference else "")
                + "</li>"
                for s in row.sources
            )
            parts.append(
                f"<section><p><strong>{escaped(row.name)}</strong></p><dl>{cells}</dl>"
                + (f"<p>It stands in</p><ul>{sources}</ul>" if sources else "")
                + "</section>"
            )
        if self.behind:
            items = "".join(f"<li>{escaped(_line(row))}</li>" for row in self.behind)
            parts.append(
                f"<details><summary>{counted(len(self.behind), 'connected row')}</summary>"
                f"<ul>{items}</ul></details>"
            )
        return "".join(parts)


def _line(row: TracedRow) -> str:
    said = next((v for t, v in row.cells if t in ("Reason", "Wording", "Statement", "Label")), "")
    return f"{row.name} – {shortened(said, 90)}" if said else row.name


def trace(collection: Collection, asked: str) -> Trace:
    """Follow an id to its rows, sources, references and passages.

    Parameters
    ----------
    collection : Collection
        Where to look.
    asked : str
        Id of any row, ``table:id``, a citation key, or a figure's name and
        mark as ``figure:mark``.

    Returns
    -------
    Trace
        The rows and what they rest on.

    Raises
    ------
    KeyError
        If nothing has that id; the message names the nearest ones.
    """
    asked = str(asked)
    found = _named_rows(collection, asked)
    if not found:
        table, colon, _ = asked.partition(":")
        prefix = f"{table}:" if colon and table in collection.tables else ""
        tables = [table] if prefix else list(collection.tables)
        ids = [f"{prefix}{i}" for name in tables for i in collection.row_ids(name)]
        raise UnknownNameError("Nothing here has the id", asked, ids)
    connected = [name for name in _connected(collection, found) if name not in set(found)]
    wanted = [*found, *connected]
    references = _references(collection, wanted)
    rows = {name: _traced(collection, *name, references) for name in wanted}
    return Trace(asked, tuple(rows[n] for n in found), tuple(rows[n] for n in connected))


def _named_rows(collection: Collection, asked: str) -> list[tuple[str, str]]:
    head, colon, tail = asked.partition(":")
    if colon and head in collection.tables:
        return [(head, tail)] if (collection.row_ids(head) == tail).any() else []
    if colon:
        return [*_behind_mark(collection, head, tail)]
    tables = [name for name in collection.tables if name not in ("retired", "waivers")]
    return [(t, asked) for t in tables if (collection.row_ids(t) == asked).any()]


def _no_marks(collection: Collection, name: str, mark: str) -> Iterable[tuple[str, str]]:
    return ()


_behind_mark: Callable[[Collection, str, str], Iterable[tuple[str, str]]] = _no_marks


def answer_marks_with(
    behind_mark: Callable[[Collection, str, str], Iterable[tuple[str, str]]],
) -> None:
    """Let ``figure:mark`` be traced by those who know figures, which this room does not.

    Parameters
    ----------
    behind_mark : callable
        Collection, name of a figure and name of a mark to the tables and ids of its rows.
    """
    global _behind_mark  # noqa: PLW0603 (the one door from evidence to figures)
    _behind_mark = behind_mark


def _connected(collection: Collection, names: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return rows that point to the given ones and rows the given ones point to."""
    found: dict[tuple[str, str], None] = {}
    for table, row_id in names:
        declared = collection.schema.table(table)
        row = collection.row(table, row_id)
        for key in declared.foreign_keys:
            value = str(row[key.field])
            if value not in EMPTIES and key.field not in ("example", "borderline"):
                found[(key.table, value)] = None
        for other in collection.schema.tables.values():
            ids = collection.row_ids(other.name)
            for key in other.foreign_keys:
                if key.table == table and key.field not in ("example", "borderline"):
                    hits = collection.tables[other.name][key.field] == row[key.target]
                    found.update(dict.fromkeys((other.name, i) for i in ids[hits]))
        if table == "studies":
            found.update(dict.fromkeys(_resting_on(collection, row_id)))
    return [n for n in found if (collection.row_ids(n[0]) == n[1]).any()]


def _resting_on(collection: Collection, key: str) -> list[tuple[str, str]]:
    found = []
    for table in collection.schema.tables.values():
        if table.name == "studies":
            continue
        ids = collection.row_ids(table.name)
        for field in table.fields:
            if field.holds:
                cells = collection.tables[table.name][field.name]
                hits = [key in cited_keys(cell, field.holds) for cell in cells]
                found += [(table.name, i) for i in ids[hits]]
    return list(dict.fromkeys(found))


def _sources(collection: Collection, table: str, row_id: str) -> list[Source]:
    row = collection.row(table, row_id)
    sources: list[Source] = []
    for field in collection.schema.table(table).fields:
        if field.holds:
            sources += sources_in(str(row[field.name]))
    if table == "crosswalk":
        sources += _sources(collection, "elements", str(row["element_id"]))
    return list(dict.fromkeys(sources))


def _references(
    collection: Collection, names: Iterable[tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    keys = {s.key for table, row_id in names for s in _sources(collection, table, row_id)}
    known = sorted(k for k in keys if k in collection.bibliography)
    formatted = collection.bibliography.references(known)
    return {k: (v, plain_reference(v)) for k, v in formatted.items()}


def _traced(
    collection: Collection, table: str, row_id: str, references: dict[str, tuple[str, str]]
) -> TracedRow:
    row = collection.row(table, row_id)
    declared = collection.schema.table(table)
    here = (collection.row_ids(table) == row_id).to_numpy()
    words = collection.empties(table)[here].iloc[0]
    cells = tuple(
        (f.title, words[f.name] or _written(row[f.name]))
        for f in declared.fields
        if f.holds != "source" and (words[f.name] or str(row[f.name]) not in ("", "<NA>"))
    )
    sources = tuple(
        TracedSource(s, *references.get(s.key, ("", "")), _passage(collection, s))
        for s in _sources(collection, table, row_id)
    )
    certainty = str(row.get("certainty", row.get("verification", "")))
    return TracedRow(table, row_id, cells, certainty, sources)


def _written(value: object) -> str:
    """Write a value as a person would type it: a whole number without a point."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _passage(collection: Collection, source: Source) -> str:
    if source.key != collection.page or not source.locator:
        return ""
    passages = collection.passages
    found = passages[passages["passage_id"] == source.locator]
    if found.empty:
        return ""
    row = found.iloc[0]
    place = f"{row['kind']} {row['number']} of the section ‘{row['section']}’"
    return f"{place}, beginning ‘{row['anchor']}’"
