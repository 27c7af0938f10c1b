"""Writing to a collection: tables and bibliography as bytes, checked before they are put there."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from relnotes.desk.entries import bibliography_bytes
from relnotes.desk.guards import renewed_guards
from relnotes.evidence.disk import digest
from relnotes.evidence.faults import Fault, RefusedWrite
from relnotes.evidence.folder import Evidence
from relnotes.evidence.journal import locked, read_contents, replace_files
from relnotes.evidence.kept import Kept, kept_writes
from relnotes.evidence.lexical import LEXICAL, code_lexically
from relnotes.evidence.paths import Contents
from relnotes.evidence.rules import check_evidence
from relnotes.evidence.rules.rows import sort_key
from relnotes.evidence.schema import DESCRIPTOR, Schema, Table
from relnotes.evidence.tables import empty_frame, read_table_bytes, row_ids

UNWRITABLE = re.compile("[\r\n\0\ud800-\udfff]")
"""What no row on one line can hold."""


@dataclass(frozen=True)
class Draft:
    """Rows and entries to put into a collection, or to take out of it.

    Attributes
    ----------
    rows : mapping of str to DataFrame
        Table name to whole rows, as text. A row takes the place of the row with its key;
        without one it is added.
    removed : mapping of str to sequence of str
        Table name to ids of rows to take out; key parts are joined by ``/``.
    entries : mapping of str to str or None
        Citation key to the text of its entry, made by `entry_text`; None takes it out.
    base : str
        `State.digest` of the collection the draft was made from. A write refuses the draft
        when the collection has changed since. Empty where it does not matter.
    """

    rows: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    removed: Mapping[str, Sequence[str]] = field(default_factory=dict)
    entries: Mapping[str, str | None] = field(default_factory=dict)
    base: str = ""

    @property
    def empty(self) -> bool:
        """Whether the draft changes nothing."""
        rows = any(len(frame) for frame in self.rows.values())
        return not (rows or any(self.removed.values()) or self.entries)


@dataclass(frozen=True)
class State:
    """The files of a collection, byte for byte.

    Attributes
    ----------
    schema : Schema
        The declarations.
    contents : mapping of str to bytes
        File name to content, for every table and the bibliography; a file that is not
        there is absent.
    descriptor : bytes or None
        The collection's descriptor.
    """

    schema: Schema
    contents: Mapping[str, bytes]
    descriptor: bytes | None = None

    @property
    def digest(self) -> str:
        """SHA-256 over names and contents; any change of a byte changes it."""
        total = hashlib.sha256()
        for name in sorted(self.contents):
            total.update(f"{name}\0{digest(self.contents[name])}\n".encode())
        return total.hexdigest()

    def with_contents(self, contents: Contents) -> State:
        """Return the state with other contents for some files; None for no file."""
        merged: dict[str, bytes | None] = {**self.contents, **contents}
        kept = {name: c for name, c in merged.items() if c is not None}
        return State(self.schema, kept, self.descriptor)

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table as text.

        Raises
        ------
        RefusedWrite
            If its file cannot be read as a whole.
        """
        return _whole_frame(self, self.schema.table(name))

    def evidence(self) -> Evidence:
        """Read the state as a collection is read."""
        return Evidence.of_contents(self.contents, self.schema)

    def copied_to(self, folder: Path) -> Path:
        """Write all files into another folder, made if it is not there, and return it."""
        folder.mkdir(parents=True, exist_ok=True)
        if self.descriptor is not None:
            (folder / DESCRIPTOR).write_bytes(self.descriptor)
        for file, content in self.contents.items():
            path = folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        return folder


@dataclass(frozen=True)
class Written:
    """What a write, a tidying or an undo did.

    Attributes
    ----------
    what : str
        What it was, in words.
    files : tuple of str
        Names of the files that changed.
    """

    what: str
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.files:
            return f"{self.what}: nothing to change."
        count = "1 file" if len(self.files) == 1 else f"{len(self.files)} files"
        return f"{self.what}: {count} written ({', '.join(self.files)})."


def table_bytes(frame: pd.DataFrame, table: Table) -> bytes:
    """Write a table as the bytes of its file.

    UTF-8, LF, commas, quotation marks only where needed, columns as declared, rows sorted
    by key. Reading the bytes gives the same rows, and writing those the same bytes.

    Parameters
    ----------
    frame : DataFrame
        The rows as text, with the declared columns at least.
    table : Table
        The declaration.

    Returns
    -------
    bytes
        Content of the file.

    Raises
    ------
    RefusedWrite
        If a cell holds a line break, a NUL or half a character, which no row on one line
        can hold.

    Examples
    --------
    >>> import pandas as pd
    >>> from relnotes.evidence.schema import house_schema
    >>> table = house_schema().table("retired")
    >>> frame = pd.DataFrame(
    ...     [["concepts", "faith", "Merged, at last.", "trust"]], columns=table.columns)
    >>> print(table_bytes(frame, table).decode(), end="")
    table,id,reason,replacement
    concepts,faith,"Merged, at last.",trust
    """
    rows = [tuple(map(str, row)) for row in frame[table.columns].itertuples(index=False)]
    places = [table.columns.index(c) for c in table.primary_key]
    faults = [
        Fault(
            "unicode_form",
            table.path,
            "The value holds a line break or a character that cannot be written.",
            "Write it on one line.",
            column=column,
            id="/".join(row[p] for p in places),
            value=value,
        )
        for row in rows
        for column, value in zip(table.columns, row, strict=True)
        if UNWRITABLE.search(value)
    ]
    if faults:
        raise RefusedWrite(faults)
    rows.sort(key=lambda row: (sort_key(tuple(row[p] for p in places)), row))
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8")


def read_state(folder: Path) -> State:
    """Read all files of a collection, byte for byte.

    Parameters
    ----------
    folder : Path
        Folder of the tables.

    Raises
    ------
    CollectionError
        If the descriptor cannot be read, or a write waits that cannot be finished.
    """
    descriptor = folder / DESCRIPTOR
    schema, contents = read_contents(folder)
    return State(schema, contents, descriptor.read_bytes() if descriptor.is_file() else None)


def drafted(state: State, draft: Draft) -> State:
    """Return the state that a draft would make, without writing anything.

    Raises
    ------
    RefusedWrite
        If a file the draft touches cannot be read as a whole.
    """
    contents: dict[str, bytes] = {}
    for name in {*draft.rows, *draft.removed}:
        table = state.schema.table(name)
        frame = _whole_frame(state, table)
        put = draft.rows.get(name, empty_frame(table))[table.columns].astype("str")
        gone = {*draft.removed.get(name, ()), *row_ids(put, table)}
        kept = frame[~row_ids(frame, table).isin(gone).to_numpy()]
        if len(put) or len(kept) < len(frame):
            contents[table.path] = table_bytes(pd.concat([kept, put]), table)
    if draft.entries:
        file = state.schema.bibliography
        contents[file] = bibliography_bytes(state.contents.get(file, b""), draft.entries)
    return state.with_contents(contents)


def _whole_frame(state: State, table: Table) -> pd.DataFrame:
    if table.path not in state.contents:
        return empty_frame(table)
    found = read_table_bytes(state.contents[table.path], table)
    if found.frame is None or found.faults:
        raise RefusedWrite(found.faults)
    return found.frame


def with_lexical_rows(state: State, draft: Draft) -> Draft:
    """Return the draft with the lexical coding made anew for what it changes.

    The lexical rows of the crosswalk are made by rule, never by hand; a collection that has
    judgements but none by rule keeps none.
    """
    new = drafted(state, draft)
    before, crosswalk = state.frame("crosswalk")["coder"], new.frame("crosswalk")
    stored = crosswalk[crosswalk["coder"] == LEXICAL]
    if stored.empty and len(before):
        return draft
    table = state.schema.table("crosswalk")
    made = code_lexically(new.frame("elements"), new.frame("concepts"))
    put = draft.rows.get("crosswalk", empty_frame(table))
    put = pd.concat([put[put["coder"] != LEXICAL], made])[table.columns]
    gone = set(row_ids(stored, table)) - set(row_ids(made, table))
    removed = {*draft.removed.get("crosswalk", ()), *gone}
    return Draft(
        {**draft.rows, "crosswalk": put},
        {**draft.removed, "crosswalk": tuple(sorted(removed))},
        draft.entries,
        draft.base,
    )


def lexical_draft(state: State) -> Draft:
    """Return the lexical coding made anew, with what it no longer gives taken out."""
    crosswalk, table = state.frame("crosswalk"), state.schema.table("crosswalk")
    made = code_lexically(state.frame("elements"), state.frame("concepts"))
    stored = row_ids(crosswalk[crosswalk["coder"] == LEXICAL], table)
    return Draft({"crosswalk": made}, {"crosswalk": list(stored)}, base=state.digest)


def write(folder: Path, draft: Draft, what: str = "Written") -> Written:
    """Put a draft into a collection: all of it, or nothing.

    Parameters
    ----------
    folder : Path
        Folder of the tables.
    draft : Draft
        What to put in and take out.
    what : str
        What is being done, in words; shown when it is taken back.

    Returns
    -------
    Written
        The files that changed.

    Raises
    ------
    RefusedWrite
        If a rule complains about the result, another program writes, the collection has
        changed since the draft was made, or the disk refuses. Nothing has changed then.
    InterruptedWrite
        If the disk fails after the new state was complete; the next command finishes it.
    """
    with locked(folder):
        state = read_state(folder)
        if draft.base and draft.base != state.digest:
            raise RefusedWrite(
                [Fault("changed_meanwhile", folder.name,
                       "The collection has changed since this was prepared.",
                       "Run the command again on the collection as it is now.")]
            )  # fmt: skip
        new = drafted(state, draft)
        faults = check_evidence(new.evidence())
        if any(f.severity == "error" for f in faults):
            raise RefusedWrite(faults)
        return Written(what, replace_files(folder, new.contents, what))


def tidy(folder: Path) -> Written:
    """Sort the rows of every table and write its file in the house form.

    A file that cannot be read as a whole is left as it is; `relnotes check` says why.

    Parameters
    ----------
    folder : Path
        Folder of the tables.

    Returns
    -------
    Written
        The files that changed.

    Raises
    ------
    RefusedWrite
        If another program writes, or the disk refuses.
    """
    with locked(folder):
        contents = tidied(read_state(folder)).contents
        return Written("Tidied", replace_files(folder, contents, "Tidied"))


def tidied(state: State) -> State:
    """Return a state as `tidy` leaves it; a file that cannot be read as a whole stays."""
    contents, frames = {}, {}
    for name, table in state.schema.tables.items():
        found = read_table_bytes(state.contents.get(table.path, b""), table)
        if found.frame is not None and not found.faults:
            frames[name] = found.frame
    for name, frame in renewed_guards(state.schema, frames).items():
        table = state.schema.table(name)
        contents[table.path] = table_bytes(frame, table)
    return state.with_contents(contents)


def undo(folder: Path) -> Written:
    """Take back the last write.

    Parameters
    ----------
    folder : Path
        Folder of the tables.

    Returns
    -------
    Written
        What was taken back, and the files that changed.

    Raises
    ------
    RefusedWrite
        If there is nothing to take back, or a file was changed since by other means.
    """
    with locked(folder):
        last = before_last_write(folder, read_state(folder))
        what = f"Taken back: {last.what}"
        return Written(what, replace_files(folder, last.before, what, undoes=last.number))


def before_last_write(folder: Path, state: State) -> Kept:
    """Return what `undo` puts back.

    Raises
    ------
    RefusedWrite
        If there is nothing to take back, or a file was changed since by other means.
    """
    kept = kept_writes(folder)
    if not kept:
        raise RefusedWrite(
            [Fault("nothing_to_undo", folder.name, "No earlier write is kept.",
                   "Take the files from the version history instead.")]
        )  # fmt: skip
    last = kept[0]
    faults = [
        Fault("changed_meanwhile", name, f"The file has changed since ‘{last.what}’.",
              f"Take it back by hand: the file before is in .relnotes/kept/{last.number}.")
        for name, after in last.after.items()
        if digest(state.contents.get(name)) != after
    ]  # fmt: skip
    if faults:
        raise RefusedWrite(faults)
    return last
