"""A CSV file from bytes to a frame of text, with everything odd about it found.

The frame's index is the line number in the file, so that every later rule can
say where a value stands. Rows that cannot be read are left out of the frame
and reported; nothing is guessed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from relnotes.evidence.faults import Fault, shortened
from relnotes.evidence.schema import Table

LONGEST_LINE = 1_000_000
"""Bytes a line may have; a longer one is damage, not data."""

MOST_REPORTED = 200
"""Faults of one kind that one file reports singly."""

# Python's reader lets a quotation mark stand inside a plain cell; here a cell is quoted whole or
# not at all, and a line is judged alone, so that a stray mark cannot swallow the next rows.
_CELL = r'(?:"[^"]*(?:""[^"]*)*"|[^",]*)'
_SOUND_LINE = re.compile(rf"{_CELL}(?:,{_CELL})*")

_STRAY = "A quotation mark opens or closes a cell in the wrong place, or a cell breaks the line."

csv.field_size_limit(LONGEST_LINE)


@dataclass
class TableFile:
    """What a table's file holds.

    Attributes
    ----------
    table : Table
        Its declaration.
    frame : DataFrame or None
        All cells as text, in the declared columns, indexed by line number;
        None where the file cannot be read as this table.
    faults : list of Fault
        What was found while reading.
    header : tuple of str
        The columns that the file names.
    """

    table: Table
    frame: pd.DataFrame | None = None
    faults: list[Fault] = field(default_factory=list)
    header: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the frame holds every row of the file."""
        return self.frame is not None and not any(f.severity == "error" for f in self.faults)

    def notice(
        self, rule: str, message: str, mend: str, line: int = 0, column: str = "", value: str = ""
    ) -> None:
        """Put down one fault of the file."""
        at = {"line": line, "column": column, "value": shortened(value)}
        self.faults.append(Fault(rule, self.table.path, message, mend, **at))  # type: ignore[arg-type]

    def notice_each(self, rule: str, mend: str, found: Sequence[tuple[int, str, str]]) -> None:
        """Put down one fault for each line, message and value; past the most, only count them."""
        for line, message, value in found[:MOST_REPORTED]:
            self.notice(rule, message, mend, line, value=value[:400])
        if (more := len(found) - MOST_REPORTED) > 0:
            self.notice(rule, f"{more:,} more rows have the same fault.", mend)


def missing_table_file(table: Table) -> TableFile:
    """Return the reading of a file that should be there and is not."""
    found = TableFile(table)
    mend = "Restore the file, or start it with a header line of the declared columns."
    found.notice("missing_file", f"The file of the table {table.name} is not there.", mend)
    return found


def read_table_bytes(content: bytes, table: Table) -> TableFile:
    """Read one table from the bytes of its file: UTF-8, comma-separated, LF or CRLF.

    Examples
    --------
    >>> from relnotes.evidence.schema import house_schema
    >>> retired = house_schema().table("retired")
    >>> found = read_table_bytes(b"table,id,reason,replacement\\nconcepts,a\\n", retired)
    >>> print(found.faults[0].sentence())
    retired.csv, line 2: The row has 2 cells, the header has 4. Found ‘concepts,a’.
    Add or remove commas, or quote a cell that holds one. [ragged_row]
    """
    found = TableFile(table)
    lines = _lines(content, found)
    if lines and _header_reads(lines[0], found):
        found.frame = _frame(lines, found)
    return found


def _lines(content: bytes, found: TableFile) -> list[str]:
    """Return the lines of a file that is text in UTF-8; none where it is not."""
    save = "Save it as ‘CSV UTF-8’."
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        found.notice("wrong_encoding", "The file is UTF-16, not UTF-8.", save)
        return []
    if content.startswith(b"PK\x03\x04"):
        found.notice("wrong_encoding", "The file is a spreadsheet workbook, not CSV.", save)
        return []
    content = content.removeprefix(b"\xef\xbb\xbf")
    content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not content or content.isspace():
        mend = "Start it with a header line of the declared columns."
        found.notice("empty_file", "The file is empty.", mend)
        return []
    lines = content.removesuffix(b"\n").split(b"\n")
    if nul := content.count(b"\0"):
        found.notice(
            "nul_byte",
            f"The file holds {nul} NUL bytes; the first stands here.",
            "Restore the file from a sound copy: text holds no NUL.",
            line=content.count(b"\n", 0, content.find(b"\0")) + 1,
        )
    found.notice_each(
        "line_too_long",
        "Look for a lost line break or a pasted file.",
        [
            (i, f"The line has {len(line):,} bytes; {LONGEST_LINE:,} are the most.", _guess(line))
            for i, line in enumerate(lines, start=1)
            if len(line) > LONGEST_LINE
        ],
    )
    found.notice_each(
        "wrong_encoding",
        "Save the file as ‘CSV UTF-8’; read as Windows-1252 the place is shown here.",
        [
            (i, "The line is not UTF-8.", _guess(line[max(at - 20, 0) :]))
            for i, line in enumerate(lines, start=1)
            if (at := _not_utf8(line)) is not None
        ]
        if _not_utf8(content) is not None
        else [],
    )
    return [] if found.faults else content.decode("utf-8").removesuffix("\n").split("\n")


def _not_utf8(line: bytes) -> int | None:
    """Return where a line stops being UTF-8."""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _guess(line: bytes) -> str:
    return line[:40].decode("cp1252", "replace")


def _header_reads(line: str, found: TableFile) -> bool:
    table = found.table
    if not _SOUND_LINE.fullmatch(line):
        said = "The header holds a quotation mark in the wrong place."
        mend = "Write the column names without quotation marks."
        found.notice("stray_quote", said, mend, 1, value=line)
        return False
    names = [name.strip() for name in next(csv.reader([line]), [])]
    found.header = tuple(names)
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        said = "The columns are not separated by commas."
        mend = "Save the file with commas between the columns."
        found.notice("wrong_separator", said, mend, 1, value=names[0])
        return False
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            said = f"The column {name} stands {names.count(name)} times."
            found.notice("header_form", said, "Keep one of them.", 1, name, name)
        if name not in table.columns:
            said = "The table declares no such column."
            mend = "Rename or remove it, or declare it in datapackage.json."
            found.notice("unknown_column", said, mend, 1, name, name or "(no name)")
    for name in table.columns:
        if name not in names and name not in table.absent_values:
            mend = f"Add it to the header: {table.field(name).description}"
            found.notice("missing_column", f"The column {name} is missing.", mend, 1, name)
    return not {fault.rule for fault in found.faults} & {"header_form", "missing_column"}


def _frame(lines: Sequence[str], found: TableFile) -> pd.DataFrame:
    """Return the rows that can be read; the others are put down as faults."""
    stray, blank, ragged = [], [], []
    plain: dict[int, str] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            blank.append((number, "The line is blank.", line))
        elif '"' in line and not _SOUND_LINE.fullmatch(line):
            stray.append((number, _STRAY, line))
        else:
            plain[number] = line
    sound: dict[int, list[str]] = {}
    for (number, line), cells in zip(plain.items(), csv.reader(plain.values()), strict=True):
        if len(cells) == len(found.header):
            sound[number] = cells
        else:
            said = f"The row has {len(cells)} cells, the header has {len(found.header)}."
            ragged.append((number, said, line))
    mend = "Quote the whole cell, double the marks inside it, and keep one row on one line."
    found.notice_each("stray_quote", mend, stray)
    found.notice_each("blank_row", "Remove it: one row stands on one line.", blank)
    found.notice_each("ragged_row", "Add or remove commas, or quote a cell that holds one.", ragged)
    index = pd.Index(list(sound), dtype="int64", name="line")
    columns = list(found.header)
    frame = pd.DataFrame(list(sound.values()), columns=columns, index=index, dtype="str")
    for name, value in found.table.absent_values.items():
        if name not in found.header:
            frame[name] = pd.Series(value, index=frame.index, dtype="str")
    return frame[found.table.columns]


def empty_frame(table: Table) -> pd.DataFrame:
    """Return the table without rows, as text."""
    index = pd.Index([], dtype="int64", name="line")
    return pd.DataFrame({c: pd.Series([], dtype="str", index=index) for c in table.columns})


def row_ids(frame: pd.DataFrame, table: Table) -> pd.Series[str]:
    """Return the id of every row; key parts joined by ``/``."""
    first, *others = table.primary_key
    ids = frame[first].astype("str")
    for column in others:
        ids = ids + "/" + frame[column].astype("str")
    return ids
