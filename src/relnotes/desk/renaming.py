"""Ids renamed: through every table that points to them, with the old one retired."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from relnotes.desk.entries import entries_in
from relnotes.desk.store import Draft, State
from relnotes.evidence.renames import Renames, carried
from relnotes.evidence.schema import Table
from relnotes.evidence.tables import row_ids


def renamed(state: State, what: str, old: str, new: str) -> Draft:
    """Return what carries a row's new id through the collection.

    Parameters
    ----------
    state : State
        The collection as it is.
    what : str
        Kind of row, such as ``concept``; or the name of its table.
    old, new : str
        The id in use, and the one to be. Ids of a framework's elements follow it.

    Raises
    ------
    KeyError
        If there is no such kind, the old id is not in use, or the new one is or was.
    """
    table = _table(state, what)
    frame = state.frame(table.name)
    ids = set(frame[table.primary_key[0]])
    retired = state.frame("retired")
    if old not in ids:
        raise KeyError(f"The table {table.name} has no id ‘{old}’.")
    if new in ids or ((retired["table"] == table.name) & (retired["id"] == new)).any():
        raise KeyError(f"‘{new}’ is in use or retired in {table.name}; ids never come back.")
    changes = {table.name: {old: new}}
    if table.name == "frameworks":  # an element's id is its framework's and its number
        elements = state.frame("elements")
        mine = elements["element_id"][elements["framework_id"] == old]
        changes["elements"] = {i: new + i.removeprefix(old) for i in mine}
    draft = _carried(state, changes)
    reasons = [
        [name, was, f"Renamed to {now}.", now]
        for name, pairs in changes.items()
        for was, now in pairs.items()
    ]
    rows = pd.DataFrame(reasons, columns=state.schema.table("retired").columns, dtype="str")
    before = draft.rows.get("retired", rows.head(0))
    draft = replace(draft, rows={**draft.rows, "retired": pd.concat([before, rows])})
    if table.name == "studies":
        entry = entries_in(state.contents.get(state.schema.bibliography, b"")).get(old)
        if entry is not None:
            text = re.sub(r"^(@\w+\s*\{\s*)" + re.escape(old), rf"\g<1>{new}", entry)
            draft = replace(draft, entries={old: None, new: text})
    return replace(draft, base=state.digest)


def _table(state: State, what: str) -> Table:
    for name, table in state.schema.tables.items():
        if len(table.primary_key) == 1 and what in (name, name.removesuffix("s"),
                                                    name.removesuffix("ies") + "y"):  # fmt: skip
            return table
    kinds = [n for n, t in state.schema.tables.items() if len(t.primary_key) == 1]
    raise KeyError(f"‘{what}’ has no ids to rename; there are: {', '.join(kinds)}.")


def _carried(state: State, changes: Renames) -> Draft:
    rows, removed = {}, {}
    for name, table in state.schema.tables.items():
        frame = state.frame(name)
        new = carried(table, frame, changes)
        changed = (new != frame).any(axis=1)
        if changed.any():
            rows[name] = new[changed]
            gone = set(row_ids(frame[changed], table)) - set(row_ids(new[changed], table))
            removed[name] = sorted(gone)
    return Draft(rows, removed)
