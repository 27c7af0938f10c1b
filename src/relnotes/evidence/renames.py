"""Ids that were renamed: found in what was retired, and carried through a table."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import pandas as pd

from relnotes.evidence.schema import Table

Renames = Mapping[str, Mapping[str, str]]
"""Table to the ids of it that are other now, each with what it became."""


def renames_in(
    retired: pd.DataFrame, before: Mapping[str, set[str]], after: Mapping[str, set[str]]
) -> dict[str, dict[str, str]]:
    """Return the ids that were replaced by one that was not there before.

    Parameters
    ----------
    retired : DataFrame
        The retired ids now.
    before, after : mapping of str to set of str
        Table to its ids in two versions.
    """
    found: dict[str, dict[str, str]] = {}
    cells = retired[["table", "id", "replacement"]].astype("str")
    for table, old, new in cells.itertuples(index=False):
        was, now = before.get(table, set()), after.get(table, set())
        if old in was - now and new in now - was:
            found.setdefault(table, {})[old] = new
    for table, pairs in found.items():  # two that became one were put together, not renamed
        heirs = Counter(pairs.values())
        found[table] = {old: new for old, new in pairs.items() if heirs[new] == 1}
    return {table: pairs for table, pairs in found.items() if pairs}


def carried(table: Table, frame: pd.DataFrame, renames: Renames) -> pd.DataFrame:
    """Return a table as text with every renamed id in it."""
    new = frame.copy()
    for target, pairs in renames.items():
        for column in set(_columns_naming(table, target)) & set(frame):
            new[column] = new[column].map(lambda cell, p=pairs: _in_cell(cell, p))
        if table.name == "retired":
            of = new["table"] == target
            replaced = new["replacement"].map(lambda cell, p=pairs: _in_cell(cell, p))
            new["replacement"] = new["replacement"].where(~of, replaced)
        if table.name == "waivers":
            of = (new["table"] == target) | ((target == "studies")
                                             & (new["table"] == "references"))  # fmt: skip
            new["id"] = new["id"].where(~of, new["id"].replace(dict(pairs)))
    return new


def _columns_naming(table: Table, target: str) -> list[str]:
    """Return the columns whose cells hold ids of a table."""
    own = [table.primary_key[0]] if table.name == target else []
    keys = [k.field for k in table.foreign_keys if k.table == target]
    cited = [f.name for f in table.fields if f.holds] if target == "studies" else []
    return list(dict.fromkeys([*own, *keys, *cited]))


def _in_cell(cell: str, pairs: Mapping[str, str]) -> str:
    """Return a cell with every renamed id in it: one alone, in a list, or before its place."""
    outside_places = re.split(r";(?![^\[]*\])", cell)
    parts = [re.match(r"(\s*)([^\[\s]*)(.*)", part, re.DOTALL) for part in outside_places]
    return ";".join(f"{m[1]}{pairs.get(m[2], m[2])}{m[3]}" for m in parts if m)
