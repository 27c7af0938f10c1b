"""The collection for other programs: one workbook, one SQLite file, CSL-JSON and RIS."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relnotes.desk.workbooks import text_frame, workbook_bytes
from relnotes.evidence.bibliography import Bibliography, Person, Work
from relnotes.evidence.collection import Collection
from relnotes.evidence.disk import put_whole
from relnotes.evidence.faults import CollectionError, Fault
from relnotes.evidence.schema import Table
from relnotes.evidence.sources import cited_keys, parse_sources


@dataclass(frozen=True)
class Exported:
    """Files that were made.

    Attributes
    ----------
    folder : Path
        Where they are.
    files : tuple of str
        Their names.
    """

    folder: Path
    files: tuple[str, ...]

    def __str__(self) -> str:
        return f"Exported to {self.folder}: {', '.join(self.files)}."


def export(collection: Collection, folder: Path) -> Exported:
    """Write the workbook, the SQLite file and the bibliography in two exchange formats.

    Parameters
    ----------
    collection : Collection
        What to export.
    folder : Path
        Where to; made if it is not there. Files of the same names are replaced.

    Returns
    -------
    Exported
        The files made.

    Raises
    ------
    CollectionError
        If a value fits no cell of a workbook, or a key points nowhere.
    """
    stem = collection.schema.name or "collection"
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip(".-") or "collection"
    files = {
        f"{stem}.xlsx": workbook_bytes(collection),
        f"{stem}.sqlite": sqlite_bytes(collection),
        "references.csl.json": csl_json_bytes(collection.bibliography),
        "references.ris": ris_bytes(collection.bibliography),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        put_whole(folder / name, content)
    return Exported(folder, tuple(files))


def sqlite_bytes(collection: Collection) -> bytes:
    """Return the collection as an SQLite database with its keys declared.

    Numbers and ids of other tables are NULL where the cell is empty; the word that stands
    there is in the column ``<name>_empty``. Text columns keep the words. ``works`` is the
    bibliography, ``citations`` has a row for each source or citation in a cell, and the view
    ``element_concepts`` joins elements, frameworks and concepts.

    Parameters
    ----------
    collection : Collection
        What to export.

    Returns
    -------
    bytes
        The database file.

    Raises
    ------
    CollectionError
        If a key points nowhere.
    """
    with closing(sqlite3.connect(":memory:")) as database:
        tables = list(collection.schema.tables.values())
        _create_works(database, collection.bibliography)
        for table in tables:
            _create_table(database, collection, table)
        _create_citations(database, collection)
        if {"elements", "frameworks", "concepts", "crosswalk"} <= set(collection.tables):
            database.execute(
                "CREATE VIEW element_concepts AS SELECT x.coder, f.framework_id, f.short_label, "
                "e.element_id, e.wording, c.concept_id, c.label AS concept, c.theme, x.relation, "
                "x.basis, x.reason FROM crosswalk x JOIN elements e USING (element_id) "
                "JOIN frameworks f USING (framework_id) JOIN concepts c USING (concept_id)"
            )
        about = {
            "title": collection.title,
            "version": collection.version,
            "citation": collection.citation,
            "fingerprint": collection.fingerprint,
        }
        database.execute("CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
        database.executemany("INSERT INTO about VALUES (?, ?)", about.items())
        database.commit()
        dangling = database.execute("PRAGMA foreign_key_check").fetchall()
        if dangling:
            raise CollectionError([
                Fault("unknown_id", str(table), f"A row points to no row of {parent}.",
                      "Run relnotes check.", line=int(row or 0))
                for table, row, parent, _ in dangling
            ])  # fmt: skip
        return database.serialize()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _create_works(database: sqlite3.Connection, bibliography: Bibliography) -> None:
    database.execute(
        "CREATE TABLE works (key TEXT PRIMARY KEY, kind TEXT NOT NULL, creators TEXT NOT NULL, "
        "year INTEGER, title TEXT NOT NULL, container TEXT NOT NULL, address TEXT NOT NULL, "
        "entry TEXT NOT NULL)"
    )
    containers = bibliography.frame()["container"]
    rows = [
        (w.key, w.kind, w.creators, w.year, w.title, container, w.address, w.raw)
        for w, container in zip(bibliography.values(), containers, strict=True)
    ]
    database.executemany("INSERT INTO works VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def _pointed(collection: Collection, table: Table) -> dict[str, tuple[str, str]]:
    """Return which columns hold an id of another table: its name and column."""
    points = {
        field.name: ("works", "key") for field in table.column_of("citation") if not field.many
    }
    for key in table.foreign_keys:
        if collection.schema.table(key.table).primary_key == (key.target,):
            points[key.field] = (key.table, key.target)
    return points


def _create_table(database: sqlite3.Connection, collection: Collection, table: Table) -> None:
    types = {"integer": "INTEGER", "number": "REAL"}
    points = _pointed(collection, table)
    declared, values = [], []
    frame = text_frame(collection, table.name)
    empties = collection.empties(table.name)
    for field in table.fields:
        kind = types.get(field.type, "TEXT")
        refers = ""
        if field.name in points:
            parent, target = points[field.name]
            refers = f" REFERENCES {_quoted(parent)} ({_quoted(target)})"
        null = field.type in types or field.name in points
        needed = "" if null and not field.required else " NOT NULL"
        declared.append(f"{_quoted(field.name)} {kind}{needed}{refers}")
        cells: list[Any] = list(frame[field.name])
        words = list(empties[field.name])
        if null:
            convert = {"integer": int, "number": float}.get(field.type, str)
            cells = [
                None if word or not cell else convert(cell)
                for cell, word in zip(cells, words, strict=True)
            ]
        values.append(cells)
        if null and not field.required:
            declared.append(f"{_quoted(field.name + '_empty')} TEXT NOT NULL")
            values.append(words)
    key = ", ".join(_quoted(c) for c in table.primary_key)
    columns = ", ".join([*declared, f"PRIMARY KEY ({key})"])
    database.execute(f"CREATE TABLE {_quoted(table.name)} ({columns})")
    marks = ", ".join("?" * len(values))
    database.executemany(
        f"INSERT INTO {_quoted(table.name)} VALUES ({marks})", zip(*values, strict=True)
    )


def _create_citations(database: sqlite3.Connection, collection: Collection) -> None:
    database.execute(
        'CREATE TABLE citations ("table" TEXT NOT NULL, row_id TEXT NOT NULL, '
        '"column" TEXT NOT NULL, position INTEGER NOT NULL, key TEXT NOT NULL '
        "REFERENCES works (key), locator TEXT NOT NULL, "
        'PRIMARY KEY ("table", row_id, "column", position))'
    )
    rows = []
    for table in collection.schema.tables.values():
        empties = collection.empties(table.name)
        ids = collection.row_ids(table.name)
        for field in table.fields:
            if not field.holds or (table.name == "studies" and field.name == "key"):
                continue
            cells = collection.tables[table.name][field.name]
            for row_id, cell, word in zip(ids, cells, empties[field.name], strict=True):
                if cell and not word:
                    places = _cited(str(cell), field.holds)
                    rows += [
                        (table.name, row_id, field.name, i, key, locator)
                        for i, (key, locator) in enumerate(places, start=1)
                    ]
    database.executemany("INSERT INTO citations VALUES (?, ?, ?, ?, ?, ?)", rows)


def _cited(cell: str, holds: str) -> Sequence[tuple[str, str]]:
    if holds == "source":
        return [(s.key, s.locator) for s in parse_sources(cell)]
    return [(key, "") for key in cited_keys(cell, holds)]


# ------------------------------------------------------------------------ bibliography

_TYPES = {
    "article": ("article-journal", "JOUR"), "book": ("book", "BOOK"), "mvbook": ("book", "BOOK"),
    "collection": ("book", "EDBOOK"), "manual": ("book", "BOOK"), "booklet": ("pamphlet", "PAMP"),
    "incollection": ("chapter", "CHAP"), "inbook": ("chapter", "CHAP"),
    "inproceedings": ("paper-conference", "CPAPER"), "proceedings": ("book", "CONF"),
    "report": ("report", "RPRT"), "techreport": ("report", "RPRT"), "thesis": ("thesis", "THES"),
    "phdthesis": ("thesis", "THES"), "mastersthesis": ("thesis", "THES"),
    "online": ("webpage", "ELEC"), "unpublished": ("manuscript", "UNPB"),
    "dataset": ("dataset", "DATA"), "software": ("software", "COMP"),
}  # fmt: skip
"""Type of an entry to its type in CSL and in RIS."""


def _types(work: Work) -> tuple[str, str]:
    on_the_web = re.search(r"\bweb|\bblog|https?:", work.text("howpublished"), re.IGNORECASE)
    unknown = ("webpage", "ELEC") if on_the_web else ("document", "GEN")
    return _TYPES.get(work.kind, unknown)


def _filled(work: Work, *names: str) -> str:
    return next((text for name in names if (text := work.text(name))), "")


def _date(work: Work) -> list[int]:
    """Return year, month and day as far as the entry states them; empty where it states none."""
    stated = [int(part) for part in re.findall(r"\d+", work.text("date").partition("/")[0])]
    if len(stated) > 1:
        return stated[:3]
    month = work.text("month").lower()[:3]
    number = int(month) if month.isdigit() else _MONTHS.find(month) // 3 + 1 if month else 0
    return [part for part in (work.year, number) if part] if work.year else []


_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"


def _pages(work: Work) -> list[str]:
    return [page for page in re.split(r"\s*[-–—]+\s*", work.text("pages"), maxsplit=1) if page]


def csl_json_bytes(bibliography: Bibliography) -> bytes:
    """Return the works as CSL-JSON, each with a type that its schema knows.

    Examples
    --------
    >>> work = Work("roe-2002", "misc", {"author": "{Home Office} and others", "year": "2002"})
    >>> json.loads(csl_json_bytes(Bibliography({"roe-2002": work})))[0]["author"]
    [{'literal': 'Home Office'}]
    """
    items = [_csl(bibliography[key]) for key in sorted(bibliography)]
    text = json.dumps(items, ensure_ascii=False, indent=1, sort_keys=True)
    return (text + "\n").encode("utf-8")


def _csl(work: Work) -> dict[str, Any]:
    kind = _types(work)[0]
    number = "issue" if kind == "article-journal" else "number"
    item = {
        "id": work.key,
        "type": kind,
        "title": work.title,
        "author": [_csl_name(p) for p in work.authors],
        "editor": [_csl_name(p) for p in work.editors],
        "issued": {"date-parts": [_date(work)]} if _date(work) else {},
        "container-title": _filled(work, "journaltitle", "journal", "booktitle"),
        "collection-title": work.text("series"),
        "publisher": _filled(work, "publisher", "institution", "organization", "school"),
        "publisher-place": _filled(work, "location", "address"),
        "volume": work.text("volume"),
        number: _filled(work, "number", "issue"),
        "page": "-".join(_pages(work)),
        "number-of-pages": work.text("pagetotal"),
        "edition": work.text("edition"),
        "version": work.text("version"),
        "ISBN": work.text("isbn"),
        "ISSN": work.text("issn"),
        "DOI": work.text("doi"),
        "URL": work.text("url"),
        "genre": work.text("type"),
        "medium": work.text("howpublished"),
        "abstract": work.text("abstract"),
        "language": _filled(work, "language", "langid"),
        "note": work.text("note"),
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(person: Person) -> dict[str, str]:
    if person.given:
        return {"family": person.family, "given": person.given}
    return {"literal": person.family}


def ris_bytes(bibliography: Bibliography) -> bytes:
    """Return the works as RIS.

    Examples
    --------
    >>> work = Work("roe-2002", "book", {"author": "Roe, Richard", "title": "{Plans}",
    ...                                  "year": "2002"})
    >>> print(ris_bytes(Bibliography({"roe-2002": work})).decode().strip())
    TY  - BOOK
    ID  - roe-2002
    AU  - Roe, Richard
    TI  - Plans
    PY  - 2002
    ER  -
    """
    lines: list[str] = []
    for work in bibliography.values():
        lines += [f"{tag}  - {' '.join(value.split())}" for tag, value in _ris(work) if value]
        lines += ["ER  - ", ""]
    return "\n".join(lines).encode("utf-8")


def _ris(work: Work) -> Iterator[tuple[str, str]]:
    """Yield the tags of a work in the order in which Zotero, EndNote and pandoc take them."""
    kind = _types(work)[1]
    pages, date = [*_pages(work), "", ""], _date(work)
    yield "TY", kind
    yield "ID", work.key
    for person in work.authors:
        yield "AU", _ris_name(person)
    for person in work.editors:
        yield "ED", _ris_name(person)
    yield "TI", work.title
    yield "T2", _filled(work, "journaltitle", "journal", "booktitle")
    yield "T3", work.text("series")
    yield "PY", str(work.year or "")
    yield "DA", "/".join(f"{part:02}" for part in date) + "/" * (3 - len(date)) if date[1:] else ""
    yield "VL", work.text("volume")
    yield "IS", _filled(work, "number", "issue")
    yield "SP", pages[0]
    yield "EP", pages[1]
    yield "ET", work.text("edition")
    yield "PB", _filled(work, "publisher", "institution", "organization", "school")
    yield "CY", _filled(work, "location", "address")
    yield "SN", _filled(work, "isbn", "issn")
    yield "DO", work.text("doi")
    yield "UR", work.text("url")
    yield "M3", _filled(work, "type", "howpublished")
    yield "AB", work.text("abstract")
    yield "LA", _filled(work, "language", "langid")
    yield "N1", work.text("note")


def _ris_name(person: Person) -> str:
    """Return a name, family first; a body's ends in a comma, so that nobody parts its words."""
    return f"{person.family}, {person.given}".rstrip()
