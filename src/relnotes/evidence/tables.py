"""A CSV file from bytes to a frame of text, with everything odd about it found.

The frame's index is the line number in the file, so that every later rule can
say where a value stands. Rows that cannot be read are left out of the frame
and reported; nothing is guessed.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from relnotes.evidence.faults import Fault, shortened
from relnotes.evidence.schema import Table

LONGEST_LINE = 1_000_000
"""Bytes a line may have; a longer one is damage, not data."""

MOST_REPORTED = 200
"""Faults of one kind that one file reports singly."""

Positions = npt.NDArray[np.intp]

_PIECE = 1 << 18


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
    whole : bool
        Whether every row of the file is in the frame.
    """

    table: Table
    frame: pd.DataFrame | None = None
    faults: list[Fault] = field(default_factory=list)
    header: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the frame holds every row of the file."""
        return self.frame is not None and not any(f.severity == "error" for f in self.faults)


def missing_table_file(table: Table) -> TableFile:
    """Return the reading of a file that should be there and is not."""
    found = TableFile(table)
    _fault(
        found,
        "missing_file",
        f"The file of the table {table.name} is not there.",
        "Restore the file, or start it with a header line of the declared columns.",
    )
    return found


def read_table_bytes(content: bytes, table: Table) -> TableFile:
    """Read one table from the bytes of its file.

    Parameters
    ----------
    content : bytes
        UTF-8, comma-separated, LF or CRLF.
    table : Table
        Its declaration.

    Returns
    -------
    TableFile
        The frame and the faults found.

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
    rows = _sound_rows(content, found)
    if rows is None:
        return found
    if not _header_reads(rows, found):
        return found
    bad = _unreadable_rows(rows, found)
    found.frame = _frame(rows, bad, found)
    return found


def _fault(
    found: TableFile, rule: str, message: str, mend: str, *, line: int = 0, column: str = "",
    value: str = "",
) -> None:  # fmt: skip
    found.faults.append(
        Fault(
            rule, found.table.path, message, mend, line=line, column=column, value=shortened(value)
        )
    )


def _sound_rows(content: bytes, found: TableFile) -> _Rows | None:
    """Return the lines of a file that is text in UTF-8, or None."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        _fault(
            found,
            "wrong_encoding",
            "The file is UTF-16, not UTF-8.",
            "Save it as ‘CSV UTF-8’.",
        )
        return None
    if content.startswith(b"PK\x03\x04"):
        _fault(
            found,
            "wrong_encoding",
            "The file is a spreadsheet workbook, not CSV.",
            "Save the sheet as ‘CSV UTF-8’.",
        )
        return None
    if content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    if b"\r" in content:
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not content or content.isspace():
        _fault(
            found,
            "empty_file",
            "The file is empty.",
            "Start it with a header line of the declared columns.",
        )
        return None
    sound = True
    at = content.find(b"\0")
    if at >= 0:
        _fault(
            found,
            "nul_byte",
            f"The file holds {content.count(bytes(1))} NUL bytes; the first stands here.",
            "Restore the file from a sound copy: text holds no NUL.",
            line=content.count(b"\n", 0, at) + 1,
        )
        sound = False
    if not content.isascii():
        sound = _is_utf8(content, found) and sound
    if not content.endswith(b"\n"):
        content += b"\n"
    ends = _places_of("\n", content)
    starts = np.concatenate([[0], ends[:-1] + 1])
    lengths = ends - starts
    for i in np.flatnonzero(lengths > LONGEST_LINE)[:MOST_REPORTED]:
        head = content[starts[i] : starts[i] + 60].decode("utf-8", "replace")
        _fault(
            found,
            "line_too_long",
            f"The line has {lengths[i]:,} bytes; {LONGEST_LINE:,} are the most.",
            "Look for a lost line break or a pasted file.",
            line=int(i) + 1,
            value=head,
        )
        sound = False
    return _Rows(content, starts, ends) if sound else None


def _is_utf8(content: bytes, found: TableFile) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        reported = 0
        for number, line in enumerate(content.split(b"\n"), start=1):
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                reported += 1
                if reported > MOST_REPORTED:
                    break
                guess = line[max(error.start - 20, 0) : error.start + 20]
                _fault(
                    found,
                    "wrong_encoding",
                    "The line is not UTF-8.",
                    "Save the file as ‘CSV UTF-8’; read as Windows-1252 the place is shown here.",
                    line=number,
                    value=guess.decode("cp1252", "replace"),
                )
        return False
    return True


def _places_of(mark: str, text: bytes) -> Positions:
    """Return where a character stands, looked for piece by piece so that it stays in the cache."""
    code = mark.encode()
    if code not in text:
        return np.empty(0, np.intp)
    codes = np.frombuffer(text, np.uint8)
    pieces = range(0, len(codes), _PIECE)
    found = [np.flatnonzero(codes[at : at + _PIECE] == ord(mark)) + at for at in pieces]
    return np.concatenate(found)


class _Rows:
    """Where lines, separating commas and quotes stand in a text."""

    def __init__(self, text: bytes, starts: Positions, ends: Positions) -> None:
        self.text, self.starts, self.ends = text, starts, ends
        codes = np.frombuffer(text, np.uint8)
        commas = _places_of(",", text)
        self.quotes = _places_of('"', text)
        self.bad_quotes: Positions = np.empty(0, np.intp)
        if len(self.quotes):
            # Within one line a quote opens or closes by its parity; a line is
            # judged alone, so that one stray quote cannot swallow the next rows.
            line_of_quote = np.searchsorted(self.ends, self.quotes)
            before_line = np.searchsorted(self.quotes, self.starts)
            odd = (np.arange(len(self.quotes)) - before_line[line_of_quote]) % 2 == 1
            before = codes[np.maximum(self.quotes - 1, 0)]
            after = codes[self.quotes + 1]
            at_start = (self.quotes == self.starts[line_of_quote]) | (before == ord(","))
            opens_badly = ~odd & ~at_start & ~(before == ord('"'))
            closes_badly = odd & ~np.isin(after, np.frombuffer(b',\n"', np.uint8))
            per_line = np.bincount(line_of_quote, minlength=len(self.ends))
            unclosed = np.flatnonzero(per_line % 2 == 1)
            wrong = line_of_quote[opens_badly | closes_badly]
            self.bad_quotes = np.unique(np.concatenate([wrong, unclosed]))
            line_of_comma = np.searchsorted(self.ends, commas)
            inside = (np.searchsorted(self.quotes, commas) - before_line[line_of_comma]) % 2 == 1
            commas = commas[~inside]
        self.cells = _cells_per_line(commas, starts, ends)

    def line(self, row: int) -> str:
        """Return line `row`, counted from 0, cut where it is long."""
        start, end = int(self.starts[row]), int(self.ends[row])
        return self.text[start : min(end, start + 400)].decode("utf-8", "replace")


def _cells_per_line(commas: Positions, starts: Positions, ends: Positions) -> Positions:
    each, left = divmod(len(commas), len(ends))
    if not left and each:
        # Where every line has as many commas, dealing them out in order shows it at once.
        dealt = commas.reshape(-1, each)
        if (dealt[:, 0] >= starts).all() and (dealt[:, -1] < ends).all():
            return np.full(len(ends), each + 1)
    return np.searchsorted(commas, ends) - np.searchsorted(commas, starts) + 1


def _header_reads(rows: _Rows, found: TableFile) -> bool:
    table = found.table
    header_line = rows.text[: rows.ends[0]].decode("utf-8", "replace")
    header = next(csv.reader([header_line]), []) if 0 not in rows.bad_quotes else []
    names = [name.strip() for name in header]
    found.header = tuple(names)
    if 0 in rows.bad_quotes:
        _fault(
            found,
            "stray_quote",
            "The header holds a quotation mark in the wrong place.",
            "Write the column names without quotation marks.",
            line=1,
            value=rows.line(0),
        )
        return False
    if len(names) == 1 and (";" in names[0] or "\t" in names[0]):
        _fault(
            found,
            "wrong_separator",
            "The columns are not separated by commas.",
            "Save the file with commas between the columns.",
            line=1,
            value=names[0],
        )
        return False
    sound = True
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            _fault(
                found,
                "header_form",
                f"The column {name} stands {names.count(name)} times.",
                "Keep one of them.",
                line=1,
                column=name,
                value=name,
            )
            sound = False
        if name not in table.columns:
            _fault(
                found,
                "unknown_column",
                "The table declares no such column.",
                "Rename or remove it, or declare it in datapackage.json.",
                line=1,
                column=name,
                value=name or "(no name)",
            )
    for name in table.columns:
        if name not in names and name not in table.absent_values:
            _fault(
                found,
                "missing_column",
                f"The column {name} is missing.",
                f"Add it to the header: {table.field(name).description}",
                line=1,
                column=name,
            )
            sound = False
    return sound


def _unreadable_rows(rows: _Rows, found: TableFile) -> npt.NDArray[np.bool_]:
    bad = np.zeros(len(rows.ends), dtype=bool)

    def report(which: Positions, rule: str, message: str, mend: str) -> None:
        for row in which[:MOST_REPORTED]:
            said = message.format(cells=rows.cells[row], header=rows.cells[0])
            _fault(found, rule, said, mend, line=int(row) + 1, value=rows.line(int(row)))
        if len(which) > MOST_REPORTED:
            _fault(
                found,
                rule,
                f"{len(which) - MOST_REPORTED:,} more rows have the same fault.",
                mend,
            )
        bad[which] = True

    report(
        rows.bad_quotes,
        "stray_quote",
        "A quotation mark opens or closes a cell in the wrong place, or a cell breaks the line.",
        "Quote the whole cell, double the marks inside it, and keep one row on one line.",
    )
    widths = rows.cells.copy()
    widths[rows.bad_quotes] = rows.cells[0]
    empty = (rows.ends - rows.starts) == 0
    report(
        np.flatnonzero(empty),
        "blank_row",
        "The line is blank.",
        "Remove it: one row stands on one line.",
    )
    ragged = (widths != rows.cells[0]) & ~empty
    report(
        np.flatnonzero(ragged),
        "ragged_row",
        "The row has {cells} cells, the header has {header}.",
        "Add or remove commas, or quote a cell that holds one.",
    )
    return bad


def _frame(rows: _Rows, bad: npt.NDArray[np.bool_], found: TableFile) -> pd.DataFrame:
    text = rows.text
    if bad.any():
        keep = np.flatnonzero(~bad)
        text = b"".join(text[rows.starts[i] : rows.ends[i] + 1] for i in keep)
    frame = pd.read_csv(
        io.BytesIO(text),
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        skip_blank_lines=False,
        encoding="utf-8",
        header=0,
        names=list(found.header),
    )
    frame.index = pd.Index(np.flatnonzero(~bad)[1:] + 1, name="line")
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
