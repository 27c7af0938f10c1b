"""A colleague's edited tables back: three-way against the version they were exported from.

A workbook that `export` made keeps its own base in a hidden sheet, so an edit is told from
what was there, and what changed here meanwhile is kept. Nothing a spreadsheet did by itself is
taken for an edit: dates, formulas, errors, lost zeros and changed ids are refused, each with
its sheet and cell.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from relnotes.desk.forms import record_of_form
from relnotes.desk.guards import renewed_guards
from relnotes.desk.returning import RefusedFile, Row, Sheets, by_id, read_sheets
from relnotes.desk.staging import stage
from relnotes.desk.store import Draft, State, drafted, with_lexical_rows
from relnotes.evidence.faults import Fault, shortened
from relnotes.evidence.rules import check_evidence
from relnotes.evidence.schema import Table

Choice = Literal["ours", "theirs"]


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
        counts = (
            (self.changed, "cell", " changed"), (self.added, "row", " added"),
            (self.removed, "row", " taken out"), (self.conflicts, "conflict", ""),
        )  # fmt: skip
        said = (f"{len(of)} {noun}{'' if len(of) == 1 else 's'}{what}" for of, noun, what in counts)
        lines = [f"{self.file}: {', '.join(said)}."]
        for word, names in (("changed", self.changed), ("added", self.added),
                            ("taken out", self.removed)):  # fmt: skip
            lines += [f"  {word}: {name}" for name in names[:50]]
            if len(names) > 50:
                lines.append(f"  … and {len(names) - 50} more")
        lines += [f"  conflict: {c}" for c in self.conflicts]
        if self.conflicts:
            lines.append("Decide with --ask, --theirs or --ours; --ours takes in what does not "
                         "conflict, and the file can be merged again.")  # fmt: skip
        lines += [f"  {f.sentence()}" for f in self.faults if f.severity == "error"]
        return "\n".join([*lines, *self.notes])


def merge(
    state: State,
    path: Path,
    *,
    decisions: Mapping[str, Choice] | None = None,
    coder: str = "",
    as_meant: bool = False,
) -> Merging:
    """Read an edited file and work out what it changes.

    Parameters
    ----------
    state : State
        The collection as it is now, from `read_state`.
    path : Path
        A workbook from `export` or a form, which brings the tables as they were when it was
        made; or one table as delimited text, which is compared with the collection as it is
        now, and takes no row out.
    decisions : mapping of str to {"ours", "theirs"}, optional
        `Conflict.name` to the side that wins.
    coder : str
        Who judged, where a new judgement does not say.
    as_meant : bool
        Take a column whose cells changed places among the rows for meant.

    Returns
    -------
    Merging
        The draft, the conflicts, and what the rules say. Nothing is written.

    Raises
    ------
    RefusedFile
        If the file is damaged, or a spreadsheet has mangled a cell.
    """
    sheets = read_sheets(path, state, coder=coder, as_meant=as_meant)
    work = _Work(path.name, sheets, decisions or {})
    for name, theirs in sheets.frames.items():
        table = state.schema.table(name)
        ours = state.frame(name)
        work.merge_table(table, sheets.base.get(name, ours), ours, theirs)
    if work.faults:
        raise RefusedFile(work.faults)
    draft = Draft(base=state.digest)
    if work.touched:
        draft = with_guards(state, with_references(state, work.draft(state), sheets.references))
        draft = replace(with_lexical_rows(state, draft), base=state.digest)
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
    table = tables.get(fault.file, "")
    place = sheets.places.get((table, fault.id, fault.column)) or sheets.places.get(
        (table, fault.id, ""))  # fmt: skip
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
        return Draft(frames, self.gone, dict.fromkeys(self.gone.get("studies", ())))

    def merge_table(
        self, table: Table, base: pd.DataFrame, ours: pd.DataFrame, theirs: pd.DataFrame
    ) -> None:
        """Merge one table."""
        was, here, there = (by_id(frame, table) for frame in (base, ours, theirs))
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
            {
                f.name: there.get(f.name, "" if f.blank or f.guard else "not_coded")
                for f in table.fields
            }
        )

    def _mix(self, table: Table, row_id: str, was: Row | None, here: Row, there: Row) -> None:
        """Handle a row that both have: cell by cell."""
        mixed = dict(here)
        for column, value in there.items():
            ours = here[column]
            before = was.get(column, ours) if was is not None else ""
            if value in (ours, before):  # a form's blank cell says nothing of a row there is
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
        if len(table.primary_key) == 1:  # only such an id names the row by itself
            self.rows.setdefault("retired", []).append(
                {"table": table.name, "id": row_id, "reason": f"Taken out with {self.file}.",
                 "replacement": "not_applicable"})  # fmt: skip

    def _decided(self, conflict: Conflict) -> Choice | None:
        choice = self.decisions.get(conflict.name)
        if choice is None:
            self.conflicts.append(conflict)
        return choice

    def _place(self, table: Table, row_id: str, column: str) -> str:
        return self.sheets.places.get((table.name, row_id, column), "")


# ------------------------------------------------------------------ what the program fills


def with_guards(state: State, draft: Draft) -> Draft:
    """Return a draft in which the labels beside ids are those of the ids, wherever they changed."""
    new = drafted(state, draft)
    was = {name: state.frame(name) for name in state.schema.tables}
    now = {name: new.frame(name) for name in state.schema.tables}
    rows = dict(draft.rows)
    for name, frame in renewed_guards(state.schema, now, was).items():
        changed = (frame != now[name]).any(axis=1)
        if changed.any():
            table = state.schema.table(name)
            put = {**by_id(rows.get(name, frame.iloc[:0]), table), **by_id(frame[changed], table)}
            rows[name] = pd.DataFrame(list(put.values()), columns=table.columns, dtype="str")
    return replace(draft, rows=rows)


def with_references(state: State, draft: Draft, references: Mapping[str, Row]) -> Draft:
    """Return a draft with an entry for every study that a form says title and author of."""
    if not references:
        return draft
    staging = stage([record_of_form(said) for said in references.values()], state)
    keys = {work.key: i if not i.startswith("new ") else work.key
            for i, work in zip(references, staging.works, strict=True)}  # fmt: skip
    ids = dict(zip(references, staging.works, strict=True))
    rows = dict(draft.rows)
    filled = []
    for given in rows["studies"].to_dict("records"):
        row = {str(column): str(value) for column, value in given.items()}
        work = ids.get(row["key"])
        if work is not None:
            known = {**work.row, "key": keys[work.key], "source": keys[work.key]}
            row |= {c: known[c] for c, v in row.items() if c == "key" or v in ("", "not_coded")}
        filled.append(row)
    rows["studies"] = pd.DataFrame(filled, columns=rows["studies"].columns, dtype="str")
    waivers = staging.draft.rows.get("waivers")
    if waivers is not None:
        before = rows.get("waivers", waivers.iloc[:0])
        rows["waivers"] = pd.concat([before, waivers.assign(id=waivers["id"].map(keys))])
    entries = {keys[w.key]: w.entry.replace(f"{{{w.key},", f"{{{keys[w.key]},", 1)
               for w in staging.works}  # fmt: skip
    return replace(draft, rows=rows, entries={**draft.entries, **entries})
