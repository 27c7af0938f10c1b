"""Workbooks of strangers: opened within limits, each sheet with a title column read as a table."""

from __future__ import annotations

import contextlib
import datetime
import itertools
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from relnotes.desk.formats import census
from relnotes.desk.formats.account import Part
from relnotes.desk.formats.pieces import Piece
from relnotes.desk.formats.records import CollectionWorkbook, UnreadableExport
from relnotes.desk.formats.tables import HEADER_WITHIN, Header, Row, first_header, read_rows
from relnotes.desk.formats.values import date_text, tidy
from relnotes.desk.sheets import UnreadableWorkbook, guard_archive

MOST_ROWS = 1_048_576
MOST_CELLS = 60_000_000
"""Limits of a sheet."""


def read_workbook(
    path: Path, source: str, mapping: Mapping[str, str] | None = None
) -> tuple[list[Part], list[str]]:
    """Read every sheet of an XLSX workbook that has a title column; also say what was not read.

    Formulas are not evaluated: a cell shows the value that was stored with it. A
    row is a line of its part's text, so that its line is the row's number.

    Raises
    ------
    UnreadableExport
        If it is damaged, too large, or has no title column.
    CollectionWorkbook
        If its sheets are the tables of a collection.
    """
    parts: list[Part] = []
    notes: list[str] = []
    names: list[str] = []
    with opened_workbook(path, source) as book:
        _refuse_collection(source, book.sheetnames)
        for sheet in book.worksheets:
            name = tidy(sheet.title)
            text, rows = _sheet_rows(sheet, source)
            head = list(itertools.islice((row for row in rows if row.cells), HEADER_WITHIN))
            header = first_header(head, "", mapping)
            if header is not None:
                parts.append(_part(text, rows, header))
                names.append(name)
            elif head:
                notes.append(f"sheet “{name}” has no title column, so it was not read")
    if not parts:
        raise UnreadableExport(
            source,
            "no sheet of the workbook has a column for the title",
            "Name one column “title”, or say which column it is.",
        )
    if len(parts) > 1:
        notes.append("sheets read, in this order: " + ", ".join(f"“{name}”" for name in names))
    return parts, notes


def _part(text: str, rows: Sequence[Row], header: Header) -> Part:
    below = (row for row in rows if row.start > header.start)
    pieces = [Piece(row.start, row.end, passed="header" if row.start == header.start
                    else "lines above the header")
              for row in rows if row.start <= header.start and row.cells]  # fmt: skip
    pieces += read_rows(below, header.names, header.mapping)
    return Part("XLSX workbook", text, pieces, census.lines, mapping=header.mapping)


def _sheet_rows(sheet: Any, source: str) -> tuple[str, list[Row]]:
    """Return a sheet as lines of text and as its filled rows, within the limits of a sheet."""
    sheet.reset_dimensions()  # what the file says of its size may be a lie
    rows: list[Row] = []
    lines: list[str] = []
    position = cells = number = 0
    values_of_rows = sheet.iter_rows(values_only=True)
    while True:
        try:
            values = next(values_of_rows)
        except StopIteration:
            return "\n".join(lines), rows
        except Exception as fault:  # a damaged sheet trips openpyxl in many ways
            raise _damaged(source, fault) from None
        number += 1
        cells += len(values)
        if number > MOST_ROWS or cells > MOST_CELLS:
            raise UnreadableExport(
                source,
                f"sheet “{tidy(sheet.title)}” has more than {MOST_ROWS:,} rows or "
                f"{MOST_CELLS:,} cells",
                "Delete the empty rows and columns, or save the sheet as CSV.",
            )
        texts = [cell_text(value) for value in values]
        while texts and not texts[-1]:
            texts.pop()
        line = "\t".join(re.sub(r"[\t\r\n]", " ", text) for text in texts)
        if texts:
            rows.append(Row(position, position + len(line), texts))
        lines.append(line)
        position += len(line) + 1


def cell_text(value: object) -> str:
    """Return a cell's value as the text a person sees in it.

    Examples
    --------
    >>> cell_text(2014.0), cell_text(datetime.datetime(2014, 5, 3)), cell_text(None)
    ('2014', '2014-05-03', '')
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.date):
        return date_text(value)
    return re.sub(r"_x000[dD]_", "", str(value))


def _refuse_collection(source: str, sheets: Sequence[str]) -> None:
    """Refuse a workbook whose sheets are tables of a collection: it is merged, not added.

    Raises
    ------
    CollectionWorkbook
        Naming the sheets.
    """
    from relnotes.evidence.schema import house_schema  # noqa: PLC0415 (not needed for other files)

    tables = [name for name in sheets if name in house_schema().tables]
    if len(tables) > 1:
        raise CollectionWorkbook(
            source,
            f"it is a workbook of the collection itself (sheets {', '.join(tables)})",
            "Take it back with `relnotes merge`.",
        )


@contextlib.contextmanager
def opened_workbook(path: Path, source: str) -> Iterator[Any]:
    """Open a workbook for reading, once its sizes and parts are known to be bearable.

    Raises
    ------
    UnreadableExport
        In words.
    """
    _check(path, source)
    import openpyxl  # noqa: PLC0415 (slow to import)

    with path.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        except Exception as fault:  # a damaged workbook trips openpyxl in many ways
            raise _damaged(source, fault) from None
        with contextlib.closing(book):
            yield book


def _check(path: Path, source: str) -> None:
    try:
        names = guard_archive(path)
    except UnreadableWorkbook as refused:
        problem = refused.message[:1].lower() + refused.message[1:].removesuffix(".")
        raise UnreadableExport(source, problem, refused.mend) from None
    if "xl/workbook.xml" not in names:
        open_document = "content.xml" in names and "META-INF/manifest.xml" in names
        what = "an OpenDocument file" if open_document else "a ZIP archive, but no XLSX workbook"
        raise UnreadableExport(
            source,
            f"it is {what}",
            "Save it as XLSX or CSV." if open_document else
            "Unpack it and give the export inside; save other spreadsheets as XLSX or CSV.",
        )  # fmt: skip


def _damaged(source: str, fault: Exception) -> UnreadableExport:
    return UnreadableExport(
        source,
        f"the workbook is damaged ({type(fault).__name__})",
        "Open it in a spreadsheet program and save it anew, or as CSV.",
    )
