"""Spreadsheets opened within limits: .xlsx, .ods and delimited text, each as sheets of cells."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

LARGEST_FILE = 100_000_000
"""Bytes a file may have."""

LARGEST_UNFOLDED = 268_435_456
"""Bytes the parts of a workbook may have once unzipped: a bomb stops here."""

MOST_STYLES = 400_000
"""Tags the looks of a workbook may have; Excel itself allows 65,490 formats."""

MOST_SHEETS = 250
"""Sheets a workbook may have: thousands of names for one sheet are a bomb."""

MOST_BLANK_ROWS = 5_000
"""Blank rows after which a sheet is taken to have ended."""

MOST_COLUMNS = 200
"""Cells of a row that are looked at; no table has so many columns."""

Kind = Literal["text", "number", "formula", "error", "date", "truth"]


class UnreadableWorkbook(Exception):  # noqa: N818 (named for the reader of the message)
    """A file that cannot be opened: what is wrong, how to mend it, and where it was seen."""

    def __init__(self, message: str, mend: str, value: str = "") -> None:
        super().__init__(message)
        self.message, self.mend, self.value = message, mend, value


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as the program that saved it meant it."""

    value: Any = ""
    kind: Kind = "text"

    @property
    def blank(self) -> bool:
        """Whether nothing stands there."""
        return self.value in (None, "")


@dataclass(frozen=True)
class Sheet:
    """A sheet: its name, its numbered rows, and how to name a cell of it.

    Attributes
    ----------
    name : str
        As the file has it; empty for delimited text.
    rows : iterator of (int, sequence of Cell)
        The rows that hold anything; numbers count from 1.
    address : callable
        Makes words of a row, the place of a column and the column's name.
    """

    name: str
    rows: Iterator[tuple[int, Sequence[Cell]]]
    address: Callable[[int, int, str], str]


def open_sheets(path: Path) -> list[Sheet]:
    """Open a file as sheets, whatever it is called.

    Raises
    ------
    UnreadableWorkbook
        If it is too large, damaged, or no spreadsheet.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
        size = path.stat().st_size
    except OSError as error:
        raise UnreadableWorkbook(f"The file cannot be read: {error.strerror}.",
                                 "Check its name and permissions.") from error  # fmt: skip
    if size > LARGEST_FILE:
        raise UnreadableWorkbook(f"The file has {size:,} bytes; {LARGEST_FILE:,} are the most.",
                                 "Send the sheets that were changed alone.")  # fmt: skip
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableWorkbook("The file is an old .xls or a locked workbook.",
                                 "Save it as .xlsx without a password.")  # fmt: skip
    if not head.startswith(b"PK"):
        return [_delimited(path.read_bytes())]
    names = guard_archive(path)
    try:
        return list(_ods_sheets(path) if "content.xml" in names else _xlsx_sheets(path))
    except UnreadableWorkbook:
        raise
    except Exception as error:  # a stranger's file can be wrong in any way
        raise _damaged(error) from error


def guard_archive(path: Path) -> set[str]:
    """Return the names of a workbook's parts, once it is known to be bearable.

    The sizes an archive declares bind its reader: what is unpacked beyond them
    is refused as damaged, so their sum bounds the memory and time needed.

    Raises
    ------
    UnreadableWorkbook
        If it is damaged or locked, unfolds to too much, or declares a document type.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            total = sum(part.file_size for part in parts)
            if total > LARGEST_UNFOLDED or len(parts) > 5_000:
                raise UnreadableWorkbook(
                    f"The workbook unfolds to {total:,} bytes in {len(parts):,} parts.",
                    f"{LARGEST_UNFOLDED:,} bytes are the most.",
                )  # fmt: skip
            for part in parts:
                if part.flag_bits & 1:
                    raise UnreadableWorkbook("The workbook is locked with a password.",
                                             "Save a copy without one.")  # fmt: skip
                if part.filename.endswith((".xml", ".rels")):
                    _guard_part(archive, part)
            return {part.filename for part in parts}
    except UnreadableWorkbook:
        raise
    except Exception as error:  # a damaged archive trips zipfile in many ways
        raise _damaged(error) from error


def _guard_part(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Look through an XML part in pieces, not as a whole."""
    styles = sheets = 0
    tail = b""
    with archive.open(part) as file:
        while piece := file.read(1_000_000):
            text = (tail + piece).replace(b"\0", b"")  # so that UTF-16 hides nothing
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise UnreadableWorkbook("The workbook declares a document type.",
                                         "Save it again with a spreadsheet program.",
                                         part.filename)  # fmt: skip
            styles += piece.count(b"<") if part.filename.endswith("styles.xml") else 0
            sheets += text.count(b"sheetId") if part.filename.endswith("workbook.xml") else 0
            if styles > MOST_STYLES or sheets > MOST_SHEETS:
                raise UnreadableWorkbook(f"The workbook has more than {MOST_STYLES:,} styles or "
                                         f"{MOST_SHEETS} sheets.",
                                         "Copy the values into a new workbook.")  # fmt: skip
            tail = piece[-20:]


def _damaged(error: Exception) -> UnreadableWorkbook:
    return UnreadableWorkbook("The workbook is damaged.", "Save it again as .xlsx or .csv.",
                              f"{type(error).__name__}: {error}")  # fmt: skip


def _in_sheet(name: str) -> Callable[[int, int, str], str]:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415  (slow to import)

    return lambda row, place, _: f"sheet {name}, cell {get_column_letter(place + 1)}{row}"


# ------------------------------------------------------------------------------- .xlsx


def _xlsx_sheets(path: Path) -> Iterator[Sheet]:
    import openpyxl  # noqa: PLC0415  (slow to import)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what openpyxl drops of a look concerns nobody
        book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
    for sheet in book.worksheets:
        sheet.reset_dimensions()  # what the file says of its size may be a lie
        yield Sheet(sheet.title, _xlsx_rows(sheet), _in_sheet(sheet.title))


def _xlsx_rows(sheet: Any) -> Iterator[tuple[int, Sequence[Cell]]]:
    try:
        last = 0
        for number, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
            if any(cell.value not in (None, "") for cell in cells):
                last = number
                yield number, [_xlsx_cell(cell) for cell in cells]
            elif number - last > MOST_BLANK_ROWS:
                return
    except Exception as error:  # as above: read as it is needed
        raise _damaged(error) from error


def _xlsx_cell(cell: Any) -> Cell:
    value = cell.value
    if cell.data_type in ("f", "e"):
        return Cell(value, "formula" if cell.data_type == "f" else "error")
    if isinstance(value, datetime | date | time | timedelta):
        return Cell(value, "date")
    if isinstance(value, bool):
        return Cell(value, "truth")
    if isinstance(value, int | float):
        return Cell(value, "number")
    return Cell("" if value is None else str(value))


# -------------------------------------------------------------------------------- .ods

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"


def _ods_sheets(path: Path) -> Iterator[Sheet]:
    from defusedxml.ElementTree import iterparse  # noqa: PLC0415  (only for such files)

    name, number = "", 0
    rows: list[tuple[int, Sequence[Cell]]] = []
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as file:
        for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
            if event == "start" and element.tag == f"{_TABLE}table":
                name, number, rows = element.get(f"{_TABLE}name", ""), 0, []
            elif event == "end" and element.tag == f"{_TABLE}table-row":
                repeated = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                cells = _ods_cells(element)
                if any(not cell.blank for cell in cells):
                    rows += [(number + i + 1, cells) for i in range(min(repeated, 10_000))]
                number += repeated
                element.clear()
            elif event == "end" and element.tag == f"{_TABLE}table":
                yield Sheet(name, iter(rows), _in_sheet(name))


def _ods_cells(row: Any) -> list[Cell]:
    cells: list[Cell] = []
    for element in row:
        if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            repeated = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
            room = MOST_COLUMNS - len(cells)
            cells += [_ods_cell(element)] * max(min(repeated, room), 0)
    return cells


def _ods_cell(element: Any) -> Cell:
    kind = element.get(f"{_OFFICE}value-type", "")
    text = "\n".join(_ods_text(p) for p in element.findall(f"{_TEXT}p"))
    if element.get(f"{_CALC}value-type") == "error":
        return Cell(text, "error")
    if element.get(f"{_TABLE}formula"):
        return Cell(element.get(f"{_TABLE}formula"), "formula")
    if kind in ("date", "time"):
        return Cell(element.get(f"{_OFFICE}{kind}-value", text), "date")
    if kind == "boolean":
        return Cell(text, "truth")
    if kind in ("float", "percentage", "currency"):
        return Cell(float(element.get(f"{_OFFICE}value", "nan")), "number")
    return Cell(text)


def _ods_text(element: Any) -> str:
    """Return a paragraph's text with its spaces, tabs and breaks, which are elements."""
    said = element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}s":
            said += " " * min(int(child.get(f"{_TEXT}c", "1")), 1_000)
        elif child.tag in (f"{_TEXT}tab", f"{_TEXT}line-break"):
            said += "\t" if child.tag == f"{_TEXT}tab" else "\n"
        else:
            said += _ods_text(child)
        said += child.tail or ""
    return said


# ---------------------------------------------------------------------- delimited text


def _delimited(content: bytes) -> Sheet:
    for encoding in (
        "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig",
        "cp1252",
    ):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableWorkbook("The file is neither UTF-8 nor Windows-1252.", "Save it as UTF-8.")
    if "\0" in text:
        raise UnreadableWorkbook("The file holds NUL characters: it is no text.",
                                 "Save the sheet as .csv, .ods or .xlsx.")  # fmt: skip
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep="):
        text = rest
    header = text.partition("\n")[0]
    delimiter = max(",;\t", key=header.count)
    return Sheet(
        "", _delimited_rows(text, delimiter), lambda row, _, name: f"line {row}, column {name}"
    )


def _delimited_rows(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[Cell]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    width = begun = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableWorkbook(f"Line {line}: a quotation mark opens or closes a cell in the "
                                     "wrong place.", "Quote the whole cell, and double the marks "
                                     "inside it.", str(error)) from error  # fmt: skip
        if any(cells):
            if begun and len(cells) > width and any(cells[width:]):
                raise UnreadableWorkbook(f"Line {line} has {len(cells)} cells, the header has "
                                         f"{width}.", "Quote a cell that holds the separator.",
                                         delimiter.join(cells)[:200])  # fmt: skip
            width, begun = (width, 1) if begun else (len(cells), 1)
            yield line, [Cell(cell) for cell in cells]


def blank_after(cells: Iterable[Cell]) -> list[str]:
    """Return a header's names, without the blank cells behind them."""
    names = [str(cell.value).strip() if not cell.blank else "" for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names
