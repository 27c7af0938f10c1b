"""A colleague's edited tables back: three-way against the version they were exported from.

A workbook that `export` made keeps its own base in a hidden sheet, so an edit is told from
what was there, and what changed here meanwhile is kept. Nothing a spreadsheet did by itself is
taken for an edit: dates, formulas, errors, lost zeros and changed ids are refused, each with
its sheet and cell.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from relnotes.desk.store import Draft, State, drafted, with_lexical_rows
from relnotes.desk.workbooks import BASE_HEADING, BASE_SHEET, MOST_ROWS, unpacked_base
from relnotes.evidence.faults import CollectionError, Fault, shortened
from relnotes.evidence.rules import check_evidence
from relnotes.evidence.schema import Field, Table
from relnotes.evidence.tables import empty_frame, read_table_bytes, row_ids

LARGEST_FILE = 100_000_000
"""Bytes a workbook may have."""

LARGEST_UNFOLDED = 500_000_000
"""Bytes its parts may have once unzipped: a bomb stops here."""

MOST_BLANK_ROWS = 5_000
"""Blank rows after which a sheet is taken to have ended."""

Choice = Literal["ours", "theirs"]
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
        Table, id and column to where the cell stands, in words.
    base : mapping of str to DataFrame
        The tables as they were exported; empty where the file does not say.
    notes : tuple of str
        What a person should know about the reading.
    """

    frames: Mapping[str, pd.DataFrame]
    places: Mapping[tuple[str, str, str], str]
    base: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Conflict:
    """A cell, or a whole row, that was changed here and there in different ways.

    Attributes
    ----------
    table, id, column : str
        Which cell; the column is empty for a row that one side took out.
    base, ours, theirs : str
        What stood there at export, what stands here now, and what the file says.
    place : str
        Where it stands in the file.
    """

    table: str
    id: str
    column: str
    base: str
    ours: str
    theirs: str
    place: str = ""

    @property
    def name(self) -> str:
        """Name by which a decision refers to it."""
        return f"{self.table}:{self.id}:{self.column}"

    def __str__(self) -> str:
        where = f" ({self.place})" if self.place else ""
        return (
            f"{self.name}{where}: it was ‘{shortened(self.base)}’, here it is "
            f"‘{shortened(self.ours)}’, there ‘{shortened(self.theirs)}’."
        )


@dataclass(frozen=True)
class Merging:
    """What a file brings, against the collection as it is now.

    Attributes
    ----------
    file : str
        Name of the file.
    draft : Draft
        What can be written; conflicts are left as they are here.
    conflicts : tuple of Conflict
        What a person must decide. Merge again with decisions, or accept what is here.
    changed, added, removed : tuple of str
        ``table:id:column`` of changed cells, ``table:id`` of added and removed rows.
    faults : tuple of Fault
        What the rules say about the result, with sheet and cell where they are known.
    notes : tuple of str
        What a person should know besides.
    """

    file: str
    draft: Draft
    conflicts: tuple[Conflict, ...] = ()
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()

    def account(self) -> dict[str, Any]:
        """Return the merging as plain values, for JSON."""
        return {
            "file": self.file,
            "changed": list(self.changed),
            "added": list(self.added),
            "removed": list(self.removed),
            "conflicts": [
                {"name": c.name, "base": c.base, "ours": c.ours, "theirs": c.theirs,
                 "place": c.place}
                for c in self.conflicts
            ],
            "faults": [f.sentence() for f in self.faults],
            "notes": list(self.notes),
        }  # fmt: skip

    def __str__(self) -> str:
        lines = [
            f"{self.file}: {len(self.changed)} cells changed, {len(self.added)} rows added, "
            f"{len(self.removed)} rows taken out, {len(self.conflicts)} conflicts."
        ]
        for word, names in (("changed", self.changed), ("added", self.added),
                            ("taken out", self.removed)):  # fmt: skip
            lines += [f"  {word}: {name}" for name in names[:50]]
            if len(names) > 50:
                lines.append(f"  … and {len(names) - 50} more")
        lines += [f"  conflict: {c}" for c in self.conflicts]
        lines += [f"  {f.sentence()}" for f in self.faults if f.severity == "error"]
        return "\n".join([*lines, *self.notes])


def merge(
    state: State,
    path: Path,
    *,
    base: Mapping[str, pd.DataFrame] | None = None,
    decisions: Mapping[str, Choice] | None = None,
) -> Merging:
    """Read an edited file and work out what it changes.

    Parameters
    ----------
    state : State
        The collection as it is now, from `read_state`.
    path : Path
        A workbook from `export` or a form, or a CSV file named as a table's file.
    base : mapping of str to DataFrame, optional
        Tables as they were when the file was made. A workbook brings its own; a CSV file is
        otherwise compared with the collection as it is now, and takes no row out.
    decisions : mapping of str to {"ours", "theirs"}, optional
        `Conflict.name` to the side that wins.

    Returns
    -------
    Merging
        The draft, the conflicts, and what the rules say. Nothing is written.

    Raises
    ------
    RefusedFile
        If the file is damaged, or a spreadsheet has mangled a cell.
    """
    sheets = read_sheets(path, state, base)
    work = _Work(path.name, sheets, decisions or {})
    for name, theirs in sheets.frames.items():
        table = state.schema.table(name)
        ours = state.frame(name)
        work.merge_table(table, sheets.base.get(name, ours), ours, theirs)
    if work.faults:
        raise RefusedFile(work.faults)
    draft = with_lexical_rows(state, work.draft(state)) if work.touched else Draft()
    draft = Draft(draft.rows, draft.removed, draft.entries, state.digest)
    faults: tuple[Fault, ...] = ()
    if not draft.empty:
        found = check_evidence(drafted(state, draft).evidence())
        faults = tuple(_placed(f, state, sheets, path.name) for f in found)
    return Merging(
        path.name, draft, tuple(work.conflicts), tuple(work.changed), tuple(work.added),
        tuple(work.removed), faults, sheets.notes,
    )  # fmt: skip


def _placed(fault: Fault, state: State, sheets: Sheets, file: str) -> Fault:
    """Return a fault with its sheet and cell, where the row came from the file."""
    tables = {t.path: t.name for t in state.schema.tables.values()}
    place = sheets.places.get((tables.get(fault.file, ""), fault.id, fault.column))
    if not place:
        return fault
    return Fault(fault.rule, f"{file}, {place}", fault.message, fault.mend,
                 id=fault.id, value=fault.value, severity=fault.severity)  # fmt: skip


# ---------------------------------------------------------------------- three-way merge


@dataclass
class _Work:
    """The merge in hand."""

    file: str
    sheets: Sheets
    decisions: Mapping[str, Choice]
    conflicts: list[Conflict] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=dict)
    gone: dict[str, list[str]] = field(default_factory=dict)

    @property
    def touched(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.rows or self.gone)

    def draft(self, state: State) -> Draft:
        """Return what is to be written."""
        frames = {
            name: pd.DataFrame(rows, columns=state.schema.table(name).columns, dtype="str")
            for name, rows in self.rows.items()
        }
        return Draft(frames, self.gone)

    def merge_table(
        self, table: Table, base: pd.DataFrame, ours: pd.DataFrame, theirs: pd.DataFrame
    ) -> None:
        """Merge one table."""
        was, here, there = (_by_id(frame, table) for frame in (base, ours, theirs))
        new_ids = [i for i in there if i not in was]
        lost_ids = [i for i in was if i not in there]
        self._refuse_changed_ids(table, was, there, new_ids, lost_ids)
        for row_id in there:
            if row_id not in here:
                self._bring(table, row_id, was.get(row_id), there[row_id])
            else:
                self._mix(table, row_id, was.get(row_id), here[row_id], there[row_id])
        for row_id in lost_ids if table.name in self.sheets.base else ():
            if row_id in here:
                self._take_out(table, row_id, was[row_id], here[row_id])

    def _refuse_changed_ids(
        self, table: Table, was: Mapping[str, Row], there: Mapping[str, Row],
        new_ids: Sequence[str], lost_ids: Sequence[str],
    ) -> None:  # fmt: skip
        key = table.primary_key
        if len(key) > 1:
            return
        rest = [c for c in table.columns if c not in key]
        lost = {tuple(was[i].get(c, "") for c in rest): i for i in lost_ids}
        for row_id in new_ids:
            before = lost.get(tuple(there[row_id].get(c, "") for c in rest))
            if before is not None:
                place = self.sheets.places.get((table.name, row_id, key[0]), table.path)
                self.faults.append(
                    Fault("changed_id", f"{self.file}, {place}",
                          f"The id was {before}; ids never change.",
                          "Write the old id; or retire it and give the new row words of its own.",
                          id=row_id, value=row_id)
                )  # fmt: skip

    def _bring(self, table: Table, row_id: str, was: Row | None, there: Row) -> None:
        """Handle a row that the file has and the collection has not."""
        if was is not None:
            changed = [c for c, value in there.items() if value != was.get(c, value)]
            if not changed or self._decided(
                Conflict(table.name, row_id, "", "a row", "taken out",
                         f"changed in {', '.join(changed)}", self._place(table, row_id, changed[0]))
            ) != "theirs":  # fmt: skip
                return
        self.added.append(f"{table.name}:{row_id}")
        self.rows.setdefault(table.name, []).append(
            {c: there.get(c, "not_coded") for c in table.columns}
        )

    def _mix(self, table: Table, row_id: str, was: Row | None, here: Row, there: Row) -> None:
        """Handle a row that both have: cell by cell."""
        mixed = dict(here)
        for column, value in there.items():
            ours = here[column]
            before = was.get(column, ours) if was is not None else ""
            if value in (ours, before):
                continue
            if was is not None and ours == before:
                mixed[column] = value
                continue
            conflict = Conflict(table.name, row_id, column, before, ours, value,
                                self._place(table, row_id, column))  # fmt: skip
            if self._decided(conflict) == "theirs":
                mixed[column] = value
        moved = [c for c in table.columns if mixed[c] != here[c]]
        if moved:
            self.changed += [f"{table.name}:{row_id}:{c}" for c in moved]
            self.rows.setdefault(table.name, []).append(mixed)

    def _take_out(self, table: Table, row_id: str, was: Row, here: Row) -> None:
        """Handle a row that the file no longer has."""
        changed = [c for c, value in here.items() if value != was.get(c, value)]
        if changed and self._decided(
            Conflict(table.name, row_id, "", "a row", f"changed in {', '.join(changed)}",
                     "taken out")
        ) != "theirs":  # fmt: skip
            return
        self.removed.append(f"{table.name}:{row_id}")
        self.gone.setdefault(table.name, []).append(row_id)

    def _decided(self, conflict: Conflict) -> Choice | None:
        choice = self.decisions.get(conflict.name)
        if choice is None:
            self.conflicts.append(conflict)
        return choice

    def _place(self, table: Table, row_id: str, column: str) -> str:
        return self.sheets.places.get((table.name, row_id, column), "")


def _by_id(frame: pd.DataFrame, table: Table) -> dict[str, Row]:
    if not set(table.primary_key) <= set(frame.columns):
        return {}
    rows = (dict(zip(frame.columns, row, strict=True)) for row in frame.to_numpy(dtype=object))
    return dict(zip(row_ids(frame, table), rows, strict=True))


# ------------------------------------------------------------------------ reading a file


def read_sheets(path: Path, state: State, base: Mapping[str, pd.DataFrame] | None = None) -> Sheets:
    """Read the tables of an edited workbook or CSV file.

    Parameters
    ----------
    path : Path
        The file.
    state : State
        The collection, for its declarations.
    base : mapping of str to DataFrame, optional
        Tables as they were when the file was made, where the file does not say.

    Raises
    ------
    RefusedFile
        If the file cannot be read, or a spreadsheet has mangled a cell.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4)
        size = path.stat().st_size
    except OSError as error:
        raise _refusal(path.name, f"The file cannot be read: {error.strerror}.",
                       "Check its name and permissions.") from error  # fmt: skip
    if size > LARGEST_FILE:
        raise _refusal(path.name, f"The file has {size:,} bytes; {LARGEST_FILE:,} are the most.",
                       "Send the sheets that were changed alone.")  # fmt: skip
    if head.startswith(b"PK"):
        return _read_workbook(path, state, base)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refusal(path.name, "The file is an old .xls or a locked workbook.",
                       "Save it as .xlsx without a password.")  # fmt: skip
    return _read_csv(path, state, base or {})


def _refusal(file: str, message: str, mend: str, value: str = "") -> RefusedFile:
    return RefusedFile([Fault("unreadable_file", file, message, mend, value=value)])


def _read_csv(path: Path, state: State, base: Mapping[str, pd.DataFrame]) -> Sheets:
    tables = {Path(t.path).name: t for t in state.schema.tables.values()}
    table = tables.get(path.name)
    if table is None:
        raise _refusal(path.name, "No table has a file of this name.",
                       f"Name it as one of: {', '.join(sorted(tables))}.")  # fmt: skip
    found = read_table_bytes(path.read_bytes(), table)
    if found.frame is None or found.faults:
        raise RefusedFile(found.faults)
    frame = found.frame
    ids = row_ids(frame, table)
    faults = [
        Fault("duplicate_id", table.path, "The id stands twice.", "Give one row another id.",
              line=int(str(line)), id=row_id, value=row_id)
        for line, row_id in ids[ids.duplicated()].items()
    ]  # fmt: skip
    if faults:
        raise RefusedFile(faults)
    places = {
        (table.name, row_id, column): f"line {line}, column {column}"
        for line, row_id in ids.items()
        for column in table.columns
    }
    notes = () if table.name in base else (
        "The file does not say which version it was made from: it was compared with the "
        "collection as it is now, and rows that it lacks were left.",
    )  # fmt: skip
    return Sheets({table.name: frame}, places, base, notes)


def _read_workbook(path: Path, state: State, base: Mapping[str, pd.DataFrame] | None) -> Sheets:
    import openpyxl  # noqa: PLC0415  (only when a workbook comes back)

    _guard_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what openpyxl drops of a look concerns nobody
            book = openpyxl.load_workbook(path, read_only=True, data_only=False, keep_links=False)
        own = _own_base(book, path.name)
        if base is None and own is None:
            raise _refusal(
                path.name, "The workbook does not say which version it was made from.",
                "Export a workbook anew and make the changes there, or name the version.",
            )  # fmt: skip
        base = own if base is None else base
        reader = _Reader(path.name, base or {})
        named = {s for s in book.sheetnames if s in state.schema.tables}
        for name in state.schema.tables:
            if name in named:
                reader.read(book[name], state.schema.table(name))
        book.close()
    except RefusedFile:
        raise
    except Exception as error:  # a stranger's file can be wrong in any way
        raise _refusal(path.name, "The workbook is damaged.", "Save it again as .xlsx.",
                       f"{type(error).__name__}: {error}") from error  # fmt: skip
    if not named:
        raise _refusal(path.name, "No sheet of the workbook has the name of a table.",
                       "Keep the sheet names as they were exported.")  # fmt: skip
    if reader.faults:
        raise RefusedFile(reader.faults)
    missing = [name for name in base or {} if name not in named and name in state.schema.tables]
    notes = tuple(f"The sheet {name} is gone; its table is left alone." for name in missing)
    return Sheets(reader.frames, reader.places, base or {}, notes)


def _guard_archive(path: Path) -> None:
    """Refuse a workbook that unfolds to too much or brings a document type of its own."""
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            total = sum(part.file_size for part in parts)
            if total > LARGEST_UNFOLDED or len(parts) > 5_000:
                raise _refusal(
                    path.name, f"The workbook unfolds to {total:,} bytes in {len(parts):,} parts.",
                    f"{LARGEST_UNFOLDED:,} bytes are the most.",
                )  # fmt: skip
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and _declares_entities(archive, part):
                    raise _refusal(path.name, "The workbook declares a document type.",
                                   "Save it again with a spreadsheet program.",
                                   part.filename)  # fmt: skip
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, OSError,
            EOFError, ValueError) as error:  # fmt: skip
        raise _refusal(path.name, "The workbook is damaged.", "Save it again as .xlsx.",
                       str(error)) from error  # fmt: skip


def _declares_entities(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    """Say whether an XML part declares a document type; read in pieces, not as a whole."""
    left, tail = part.file_size, b""
    with archive.open(part) as file:
        while left > 0:
            piece = file.read(min(left, 1_000_000))
            if not piece:
                break
            left -= len(piece)
            text = (tail + piece).replace(b"\0", b"")  # so that UTF-16 hides nothing
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                return True
            tail = piece[-20:]
    return False


def _own_base(book: Any, file: str) -> dict[str, pd.DataFrame] | None:
    if BASE_SHEET not in book.sheetnames:
        return None
    cells = [row[0] for row in book[BASE_SHEET].iter_rows(max_col=1, values_only=True)]
    if not cells or cells[0] != BASE_HEADING:
        return None
    try:
        return unpacked_base("".join(map(str, cells[2:])), LARGEST_UNFOLDED)
    except ValueError as error:
        raise _refusal(
            file, "The hidden sheet with the exported values is damaged.",
            "Copy the changes into a workbook exported anew.", str(error),
        ) from error  # fmt: skip


@dataclass
class _Reader:
    """Sheets being read: rows, where their cells stand, and what is wrong with them."""

    file: str
    base: Mapping[str, pd.DataFrame]
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    places: dict[tuple[str, str, str], str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def read(self, sheet: Any, table: Table) -> None:
        """Read the sheet of one table."""
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_col=len(table.fields) + 50)
        columns = self._columns(next(rows, ()), table)
        if columns is None:
            return
        was = _by_id(self.base.get(table.name, empty_frame(table)), table)
        found: dict[str, dict[str, str]] = {}
        for number, cells in _filled(rows):
            if number > MOST_ROWS:
                self._fault(f"sheet {table.name}", "too_large", "The sheet has too many rows.",
                            f"{MOST_ROWS:,} are the most.")  # fmt: skip
                break
            row_id = self._row_id(cells, columns, table, number)
            if row_id is None:
                continue
            if row_id in found:
                column = columns.index(table.primary_key[0])
                self._fault(_address(table, column, number), "duplicate_id",
                            "The id stands twice in the sheet.",
                            "Give one of the two rows another id.", row_id)  # fmt: skip
                continue
            row = {}
            for place, name in enumerate(columns):
                if not name:
                    continue
                address = _address(table, place, number)
                before = was.get(row_id, {}).get(name)
                row[name] = self._text(cells, place, table.field(name), before, address)
                self.places[table.name, row_id, name] = address
            found[row_id] = row
        names = [c for c in columns if c]
        self.frames[table.name] = pd.DataFrame(list(found.values()), columns=names, dtype="str")

    def _columns(self, header: Iterable[Any], table: Table) -> list[str] | None:
        """Return the column in each place of the header; None where it cannot be used."""
        names = [str(cell.value).strip() if cell.value is not None else "" for cell in header]
        while names and not names[-1]:
            names.pop()
        before = len(self.faults)
        for place, name in enumerate(names):
            if not name or name not in table.columns or names.index(name) < place:
                said = "has no name" if not name else "stands twice" if name in names[:place] else \
                    "is not one of the table"  # fmt: skip
                self._fault(_address(table, place, 1), "header_form", f"The column {said}.",
                            "Keep the header as it was exported.", name)  # fmt: skip
        exported = self.base.get(table.name)
        wanted = table.columns if exported is None else [
            c for c in table.columns if c in exported.columns
        ]  # fmt: skip
        for name in (n for n in wanted if n not in names):
            self._fault(f"sheet {table.name}, row 1", "missing_column",
                        f"The column {name} is missing.",
                        "Keep the header as it was exported.")  # fmt: skip
        return None if len(self.faults) > before else names

    def _row_id(
        self, cells: Sequence[Any], columns: Sequence[str], table: Table, number: int
    ) -> str | None:
        parts = []
        for name in table.primary_key:
            place = columns.index(name)
            address = _address(table, place, number)
            before = len(self.faults)
            text = self._text(cells, place, table.field(name), None, address)
            if len(self.faults) > before:
                return None
            if not text:
                self._fault(address, "blank_cell", "The row has no id.",
                            "Write its id, or clear the whole row.")  # fmt: skip
                return None
            parts.append(text)
        return "/".join(parts)

    def _text(
        self, cells: Sequence[Any], place: int, declared: Field, before: str | None, address: str
    ) -> str:
        """Return a cell as text, or note what the spreadsheet has done to it."""
        if place >= len(cells) or cells[place].value is None:
            return ""
        cell = cells[place]
        value = cell.value
        mend = f"It was ‘{shortened(before)}’. " if before else ""
        if cell.data_type == "f":
            return self._mangled(address, "The cell holds a formula.",
                                 "Write the value itself, as text.", value)  # fmt: skip
        if cell.data_type == "e":
            return self._mangled(address, "The cell holds a spreadsheet error.",
                                 f"{mend}Write the value itself.", value)  # fmt: skip
        if isinstance(value, datetime | date | time | timedelta):
            return self._mangled(address, "The spreadsheet has made a date of the value.",
                                 f"{mend}Format the cell as text and write it again.",
                                 value)  # fmt: skip
        if isinstance(value, bool):
            return self._mangled(address, "The spreadsheet has made TRUE or FALSE of the value.",
                                 f"{mend}Format the cell as text and write it again.",
                                 value)  # fmt: skip
        if isinstance(value, int | float):
            return self._number(value, declared, before, address)
        return str(value)

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


def _address(table: Table, place: int, row: int) -> str:
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    return f"sheet {table.name}, cell {get_column_letter(place + 1)}{row}"


def _filled(rows: Iterator[Any]) -> Iterator[tuple[int, Sequence[Any]]]:
    """Yield the rows that hold anything, with their numbers."""
    blank = 0
    for number, cells in enumerate(rows, start=2):
        if any(cell.value not in (None, "") for cell in cells):
            blank = 0
            yield number, cells
        else:
            blank += 1
            if blank > MOST_BLANK_ROWS:
                return
