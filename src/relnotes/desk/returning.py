"""Sheets that come back read as tables: which sheet is which, and what a program did to a cell.

Nothing a spreadsheet did by itself is taken for an edit: dates, formulas, errors, lost zeros and
columns sorted alone are refused, each with its sheet and cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pandas as pd

from relnotes.desk.forms import REFERENCE, wrong_reference_part
from relnotes.desk.ids import proposed_id
from relnotes.desk.sheets import Cell, Sheet, UnreadableWorkbook, blank_after, open_sheets
from relnotes.desk.store import UNWRITABLE, State
from relnotes.desk.workbooks import BASE_HEADING, BASE_SHEET, MOST_ROWS, unpacked_base
from relnotes.evidence.faults import CollectionError, Fault, shortened
from relnotes.evidence.schema import Field, Table
from relnotes.evidence.tables import row_ids
from relnotes.evidence.wording import terms_standing_in

MOST_UNFOLDED = 500_000_000
"""Bytes that the values as exported may unfold to."""

FEWEST_SORTED = 5
"""Cells of one column that must have changed places to be taken for a column sorted alone."""

MOST_MOVED = 0.75
"""Share of a column's changed cells that hold what another of them held: moved, not rewritten."""

Row = Mapping[str, str]


class RefusedFile(CollectionError):  # noqa: N818 (named for the reader of the message)
    """A file that cannot be merged; the faults name sheet and cell."""

    def __str__(self) -> str:
        shown = [f"  {f.sentence()}" for f in self.faults[:50]]
        more = [f"  … and {len(self.faults) - 50} more"] if len(self.faults) > 50 else []
        return "\n".join(["Nothing was merged; the file has to be mended first.", *shown, *more])


@dataclass(frozen=True)
class Sheets:
    """Tables as a file has them.

    Attributes
    ----------
    frames : mapping of str to DataFrame
        Table name to rows as text, each in a column of the table.
    places : mapping of (str, str, str) to str
        Table, id and column to where the cell stands, in words; the row itself has no column.
    base : mapping of str to DataFrame
        The tables as they were exported; empty where the file does not say.
    notes : tuple of str
        What a person should know about the reading.
    references : mapping of str to mapping of str to str
        Id of a new study to what the form says of the work.
    """

    frames: Mapping[str, pd.DataFrame]
    places: Mapping[tuple[str, str, str], str]
    base: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()
    references: Mapping[str, Row] = field(default_factory=dict)


def by_id(frame: pd.DataFrame, table: Table) -> dict[str, Row]:
    """Return the rows of a table by id."""
    if not set(table.primary_key) <= set(frame.columns):
        return {}
    rows = (dict(zip(frame.columns, row, strict=True)) for row in frame.to_numpy(dtype=object))
    return dict(zip(row_ids(frame, table), rows, strict=True))


def read_sheets(
    path: Path,
    state: State,
    *,
    coder: str = "",
    as_meant: bool = False,
) -> Sheets:
    """Read the tables of an edited workbook or of delimited text.

    Parameters
    ----------
    path : Path
        The file.
    state : State
        The collection, for its declarations.
    coder : str
        Who judged, where a new judgement does not say.
    as_meant : bool
        Take a column whose cells changed places among the rows for meant.

    Raises
    ------
    RefusedFile
        If the file cannot be read, or a spreadsheet has mangled a cell.
    """
    try:
        sheets = open_sheets(path)
        own = _own_base(sheets)
        text = [s for s in sheets if not s.name and len(sheets) == 1]
        if own is None and not text:
            raise UnreadableWorkbook(
                "The workbook does not say which version it was made from.",
                "Export a workbook anew and make the changes there, or save the sheet as .csv.",
            )  # fmt: skip
        base = own or {}
        reader = _Reader(path.name, state, base, coder)
        read = _assigned(sheets, state, base, reader)
        for name in (n for n in state.schema.tables if n in read):
            reader.read(*read[name], state.schema.table(name))
    except UnreadableWorkbook as error:
        raise _refusal(path.name, error.message, error.mend, error.value) from error
    if not as_meant and not reader.faults:
        reader.refuse_sorted_columns()
    if reader.faults:
        raise RefusedFile(reader.faults)
    notes = [*reader.notes]
    if text:
        notes.append("The file does not say which version it was made from: it was compared with "
                     "the collection as it is now, and rows that it lacks were left.")  # fmt: skip
    notes += [f"The sheet {name} is gone; its table is left alone."
              for name in base if name not in read and name in state.schema.tables and not text
              ]  # fmt: skip
    return Sheets(reader.frames, reader.places, base, tuple(notes), reader.references)


def _refusal(file: str, message: str, mend: str, value: str = "") -> RefusedFile:
    return RefusedFile([Fault("unreadable_file", file, message, mend, value=value)])


def _own_base(sheets: Iterable[Sheet]) -> dict[str, pd.DataFrame] | None:
    for sheet in sheets:
        if sheet.name == BASE_SHEET:
            cells = [str(cells[0].value) for _, cells in sheet.rows]
            if cells and cells[0] == BASE_HEADING:
                try:
                    return unpacked_base("".join(cells[2:]), MOST_UNFOLDED)
                except ValueError as error:
                    raise UnreadableWorkbook(
                        "The hidden sheet with the exported values is damaged.",
                        "Copy the changes into a workbook exported anew.", str(error),
                    ) from error  # fmt: skip
    return None


NOT_TABLES = (BASE_SHEET, "read me", "lists")

_Found = tuple[Sheet, Sequence[str], int]


def _assigned(
    sheets: Sequence[Sheet], state: State, base: Mapping[str, pd.DataFrame], reader: _Reader
) -> dict[str, _Found]:
    """Say which sheet holds which table: by its name, else by its columns."""
    found: dict[str, _Found] = {}
    unnamed = []
    tables = state.schema.tables
    for sheet in sheets:
        if sheet.name in NOT_TABLES or sheet.name.startswith("view "):
            continue
        number, header = next(((n, blank_after(c)) for n, c in sheet.rows), (1, []))
        name = sheet.name.strip().lower()
        if name in tables and name not in found:
            found[name] = (sheet, header, number)
        elif header:
            unnamed.append((sheet, header, number))
    for sheet, header, number in unnamed:
        name = _table_like(header, [t for n, t in tables.items() if not base or n in base],
                           exported=bool(base))  # fmt: skip
        if name and name not in found:
            found[name] = (sheet, header, number)
            if sheet.name:
                reader.notes.append(f"The sheet ‘{sheet.name}’ was read as {name}: it has its "
                                    "columns.")  # fmt: skip
        elif name:
            raise UnreadableWorkbook(
                f"The sheet ‘{sheet.name}’ has the columns of {name}, which another sheet holds "
                "already.", "Keep one of the two, under the name of the table.")  # fmt: skip
        elif sheet.name:
            reader.notes.append(f"The sheet ‘{sheet.name}’ is of no table and was not read.")
    if not found:
        raise UnreadableWorkbook("No sheet has the name or the columns of a table.",
                                 "Keep names and headers as they were exported.")  # fmt: skip
    return found


def _table_like(header: Sequence[str], tables: Sequence[Table], *, exported: bool) -> str:
    """Return the table whose columns a header has, or most of them; empty if there is none."""
    shares = {t.name: len({*header} & {*t.columns}) / max(len({*header}), 1) for t in tables}
    name = max(shares, key=lambda n: shares[n], default="")
    return name if name and shares[name] > (0.5 if exported else 0.3) else ""


@dataclass
class _Reader:
    """Sheets being read: rows, where their cells stand, and what is wrong with them."""

    file: str
    state: State
    base: Mapping[str, pd.DataFrame]
    coder: str
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    places: dict[tuple[str, str, str], str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    references: dict[str, Row] = field(default_factory=dict)

    def was(self, table: Table) -> dict[str, Row]:
        """Return the rows that the file was made from, or else those there are now."""
        frame = self.base.get(table.name)
        return by_id(self.state.frame(table.name) if frame is None else frame, table)

    def read(self, sheet: Sheet, header: Sequence[str], number: int, table: Table) -> None:
        """Read the sheet of one table."""
        more = {f.name for f in REFERENCE} - {*table.columns} if table.name == "studies" else set()
        if not self._header_reads(sheet, header, number, table, more):
            return
        was = self.was(table)
        here = by_id(self.state.frame(table.name), table)
        found: dict[str, dict[str, str]] = {}
        unfilled = 0
        for line, cells in sheet.rows:
            if line > MOST_ROWS:
                self._fault(f"sheet {table.name}", "too_large", "The sheet has too many rows.",
                            f"{MOST_ROWS:,} are the most.")  # fmt: skip
                break
            address = {n: sheet.address(line, place, n) for place, n in enumerate(header)}
            for place in (n for n in range(len(header), len(cells)) if not cells[n].blank):
                self._fault(sheet.address(line, place, ""), "header_form",
                            "The cell stands beside the table, in a column without a heading.",
                            "Move it into the table, or to another sheet.",
                            str(cells[place].value))  # fmt: skip
            row = self._row(cells, header, table, was, address)
            if row is None:
                continue
            said = self._reference(row, more, address)
            if "coder" in table.primary_key and not row.get("coder"):
                row["coder"] = self.coder
                if not self.coder:
                    self._fault(address.get("coder", f"line {line}"), "required_value",
                                "Nobody is named who judged.", "Write the name in this cell; or "
                                "run the command with --coder NAME.")  # fmt: skip
            row_id = self._id_of(row, table, found, said.get("title", ""))
            if row_id in found:
                self._fault(address[table.primary_key[0]], "duplicate_id",
                            f"The id stands twice in the sheet: {row_id}.",
                            "Give one of the two rows another id.", row_id)  # fmt: skip
                continue
            if row_id not in was and row_id not in here and not self._complete(row, table):
                unfilled += 1
                continue
            if said.get("title"):
                self.references[row_id] = said
            found[row_id] = row
            self.places |= {(table.name, row_id, name): address.get(name, "") for name in row}
            self.places[table.name, row_id, ""] = address[table.primary_key[0]]
        if unfilled:
            self.notes.append(f"Rows of {table.name} with nothing filled in: {unfilled}.")
        names = [c for c in table.columns if c in header or c in table.primary_key]
        frame = pd.DataFrame(list(found.values()), dtype="str")
        self.frames[table.name] = frame.reindex(columns=names if frame.empty else [
            c for c in table.columns if c in frame])  # fmt: skip

    def _header_reads(
        self, sheet: Sheet, header: Sequence[str], number: int, table: Table, more: set[str]
    ) -> bool:
        before = len(self.faults)
        for place, name in enumerate(header):
            wrong = (
                (not name and "has no name")
                or (name in header[:place] and "stands twice")
                or (name not in {*table.columns, *more} and "is not one of the table")
            )
            if wrong:
                self._fault(sheet.address(number, place, name), "header_form",
                            f"The column {wrong}.", "Keep the header as it was exported.",
                            name)  # fmt: skip
        exported = self.base.get(table.name)
        needed = [f.name for f in table.fields if not f.optional and not f.blank]
        if exported is not None:
            needed = [c for c in table.columns if c in exported.columns]
        where = f"sheet {table.name}, row {number}" if sheet.name else f"line {number}"
        for name in (n for n in needed if n not in header):
            self._fault(where, "missing_column", f"The column {name} is missing.",
                        "Keep the header as it was exported.")  # fmt: skip
        return len(self.faults) == before

    def _row(
        self, cells: Sequence[Cell], header: Sequence[str], table: Table, was: Mapping[str, Row],
        address: Mapping[str, str],
    ) -> dict[str, str] | None:  # fmt: skip
        """Return a row as text; None where nothing stands in it."""
        at = dict(zip(header, cells, strict=False))
        key = [at.get(name, Cell()) for name in table.primary_key]
        before = was.get("/".join(str(cell.value) for cell in key), {})
        fields = {f.name: f for f in (*table.fields, *REFERENCE)[::-1]}
        row = {}
        for name in header:
            if name:
                cell = at.get(name, Cell())
                row[name] = self._text(cell, fields[name], before.get(name), address[name])
        return row if any(row.values()) else None

    def _reference(
        self, row: dict[str, str], more: set[str], address: Mapping[str, str]
    ) -> dict[str, str]:
        """Take out of a row what a form says of the work itself."""
        if not more:
            return {}
        said = {f.name: row.get(f.name, "") for f in REFERENCE}
        filled = [name for name in sorted(more) if row.pop(name, "")]
        for part in REFERENCE if filled else ():
            wrong = wrong_reference_part(part, said[part.name])
            if wrong and part.name in more and (part.name != "kind" or said["kind"]):
                place = address.get(part.name) or f"row of {address[filled[0]]}"
                self._fault(place, "required_value", f"{part.title}: {wrong}",
                            "Write it in this cell.", said[part.name])  # fmt: skip
        return said

    def _id_of(
        self, row: dict[str, str], table: Table, found: Mapping[str, Row], title: str
    ) -> str:
        """Return a row's id; propose what can be proposed where it is blank."""
        self._fill_from_file(row, table)
        key, *more = table.primary_key
        if not more and not row.get(key):
            there = self._same_row(row, table, title)
            new = f"new {len(found) + 1}" if title else proposed_id(self.state, table, row, found)
            row[key] = there or new  # a work gets its key when it is staged
        return "/".join(row.get(name, "") for name in table.primary_key)

    def _same_row(self, row: Row, table: Table, title: str) -> str:
        """Return the id of the row there is that says all that this one says: it came before."""
        if title:
            works = self.state.evidence().bibliography.values()
            return next((w.key for w in works if w.title.casefold() == title.casefold()), "")
        frame = self.state.frame(table.name)
        same = pd.Series(True, index=frame.index)
        for name, value in row.items():
            same &= (frame[name] == value) | (value == "")
        return str(frame[table.primary_key[0]][same].iloc[0]) if same.any() else ""

    def _fill_from_file(self, row: dict[str, str], table: Table) -> None:
        """Fill a blank id of another table, where the file brings one new row of that table."""
        for key in table.foreign_keys:
            brought = self.frames.get(key.table)
            if brought is None or row.get(key.field, "x") or not table.field(key.field).required:
                continue
            there = set(self.was(self.state.schema.table(key.table)))
            new = [i for i in brought[key.target] if i not in there]
            if len(new) == 1:
                row[key.field] = new[0]

    def _complete(self, row: dict[str, str], table: Table) -> bool:
        """Fill what the program knows of a new row; say whether a person filled in anything."""
        guards = {f.name for f in table.fields if f.guard}
        own = {*table.primary_key, *guards}
        if not any(value for name, value in row.items() if name not in own):
            return len(own) == len(table.columns) or len(table.primary_key) == 1
        for column in table.fields:
            if row.get(column.name) or column.name in own:
                continue
            if column.name == "basis":
                row["basis"] = self._basis(row)
            elif not column.blank and not column.required:
                row[column.name] = "not_coded"
        return True

    def _basis(self, row: Row) -> str:
        """Return whether one of the concept's terms stands in the element's wording."""
        wording, terms = "", ""
        for name, key, column in (("elements", "element_id", "wording"),
                                  ("concepts", "concept_id", "terms")):  # fmt: skip
            rows = [self.frames.get(name), self.state.frame(name)]
            said = [f.set_index(key)[column].get(row[key]) for f in rows
                    if f is not None and {key, column} <= {*f.columns}]  # fmt: skip
            first = next((str(s) for s in said if isinstance(s, str)), "")
            wording, terms = (first, terms) if name == "elements" else (wording, first)
        return "explicit" if terms_standing_in(terms.split(";"), wording) else "interpreted"

    def _text(self, cell: Cell, declared: Field, before: str | None, address: str) -> str:
        """Return a cell as text, or note what the spreadsheet has done to it."""
        mend = f"It was ‘{shortened(before)}’. " if before else ""
        if cell.kind == "formula":
            return self._mangled(address, "The cell holds a formula.",
                                 "Write the value itself, as text.", cell.value)  # fmt: skip
        if cell.kind == "error":
            return self._mangled(address, "The cell holds a spreadsheet error.",
                                 f"{mend}Write the value itself.", cell.value)  # fmt: skip
        if cell.kind in ("date", "truth"):
            made = "a date" if cell.kind == "date" else "TRUE or FALSE"
            return self._mangled(address, f"The spreadsheet has made {made} of the value.",
                                 f"{mend}Format the cell as text and write it again.",
                                 cell.value)  # fmt: skip
        if cell.kind == "number":
            return self._number(cell.value, declared, before, address)
        text = str(cell.value)
        if before is not None and text == f"'{before}":
            return before  # the mark with which a spreadsheet keeps a text a text
        if UNWRITABLE.search(text):
            return self._mangled(address, "The cell holds a line break or a character that cannot "
                                 "be written.", "Write it on one line.", text)  # fmt: skip
        if declared.type in ("integer", "number") and re.fullmatch(r"-?\d+,\d+", text.strip()):
            return text.strip().replace(",", ".")  # decimal commas of a spreadsheet
        return text

    def _number(self, value: float, declared: Field, before: str | None, address: str) -> str:
        plain = format(Decimal(repr(value)).normalize(), "f")
        numeric = declared.type in ("integer", "number")
        if before and _equals(before, value) and (numeric or plain == before):
            return before  # 0.10 comes back as 0.1: nobody changed it
        if numeric:
            return plain
        if (before and _equals(before, value)) or "." in plain or abs(value) >= 1e15:
            was = f"It was ‘{shortened(before)}’. " if before else ""
            return self._mangled(address, "The spreadsheet has made a number of a text.",
                                 f"{was}Format the cell as text and write it again.",
                                 plain)  # fmt: skip
        return plain

    def refuse_sorted_columns(self) -> None:
        """Note every column whose cells have changed places among the rows."""
        for name, frame in self.frames.items():
            table = self.state.schema.table(name)
            was, there = self.was(table), by_id(frame, table)
            shared = [i for i in there if i in was]
            for column in (str(c) for c in frame if c not in table.primary_key):
                moved = [i for i in shared if there[i][column] != was[i].get(column, "")]
                old, new = (
                    Counter(side[i].get(column, "") for i in moved) for side in (was, there)
                )
                elsewhere = (old & new).total()  # an edit may have come with the sorting
                if elsewhere >= max(FEWEST_SORTED, MOST_MOVED * len(moved)):
                    place = self.places.get((name, moved[0], column), table.path)
                    self._fault(place, "column_sorted_alone",
                                f"{len(moved)} cells of the column {column} have changed places "
                                "without their rows.", "Sort whole rows; or run the command with "
                                "--as-meant, if this was meant.")  # fmt: skip

    def _mangled(self, address: str, message: str, mend: str, value: object) -> str:
        self._fault(address, "mangled_cell", message, mend, str(value))
        return ""

    def _fault(self, address: str, rule: str, message: str, mend: str, value: str = "") -> None:
        self.faults.append(Fault(rule, f"{self.file}, {address}", message, mend, value=value))


def _equals(text: str, value: float) -> bool:
    try:
        return float(text) == value
    except ValueError:
        return False
