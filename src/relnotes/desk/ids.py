"""Ids proposed for new rows, and what the ids in use stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd
from anyascii import anyascii

from relnotes.desk.store import State
from relnotes.evidence.faults import shortened
from relnotes.evidence.schema import Table

NAMING = ("short_label", "label", "wording", "statement", "outcome")
"""Columns that say in words what an id stands for, the shortest first."""

_TELLING = ("definition", "label")


def named_rows(frame: pd.DataFrame, column: str) -> dict[str, str]:
    """Return what each id of a table stands for, in a line."""
    naming = [n for n in NAMING if n in frame][:1]
    telling = [t for t in _TELLING if t in frame and t not in naming][:1]
    said = ([": ".join(row) for row in frame[[*naming, *telling]].to_numpy(dtype=object)]
            if naming else list(frame[column]))  # fmt: skip
    return {str(i): shortened(str(s)) for i, s in zip(frame[column], said, strict=True)}


def used_ids(state: State, table: Table) -> list[str]:
    """Return the ids of a table, in use and retired."""
    retired = state.frame("retired")
    gone = retired["id"][retired["table"] == table.name]
    return [*state.frame(table.name)[table.primary_key[0]], *gone]


def next_id(state: State, table: Table, used: Iterable[str] | None = None) -> str:
    """Return the next number, where the ids of a table are a letter and numbers."""
    taken = used_ids(state, table) if used is None else list(used)
    example = table.field(table.primary_key[0]).example
    found = [m for i in taken or [example] if (m := re.fullmatch(r"([a-z])(\d+)", i))]
    if not found or len(found) < len(taken):
        return ""
    last = max(found, key=lambda m: int(m[2]))
    number = int(last[2]) + 1 if taken else 1
    return f"{last[1]}{number:0{len(last[2])}d}"


def proposed_id(state: State, table: Table, row: Mapping[str, str], used: Iterable[str]) -> str:
    """Propose an id for a new row: the next number, the place in its set, or its name in letters.

    Parameters
    ----------
    state : State
        The collection.
    table : Table
        Declaration of the row's table; it has one id column.
    row : mapping of str to str
        The row without its id.
    used : iterable of str
        Ids given to other new rows.
    """
    taken = {*used_ids(state, table), *used}
    if row.get("framework_id") and row.get("number", "").isdecimal():
        return f"{row['framework_id']}-{int(row['number']):02d}"
    numbered = next_id(state, table, taken)
    if numbered:
        return numbered
    name = next((row[n] for n in NAMING if row.get(n)), "")
    words = (
        re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower().replace("'", ""))
        .strip("-")
        .lstrip("0123456789-")
    )
    stem = words[:40].rstrip("-") or table.name
    number, proposed = 2, stem
    while proposed in taken:
        number, proposed = number + 1, f"{stem}-{number}"
    return proposed
