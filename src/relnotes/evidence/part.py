"""A part of a collection: which rows stay when frameworks and works are chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from relnotes.evidence.near import UnknownNameError

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

Rows = dict[str, npt.NDArray[np.bool_]]


def rows_of_part(collection: Collection, chosen: Mapping[str, tuple[str, ...]]) -> Rows:
    """Return for each table which rows stay.

    Parameters
    ----------
    collection : Collection
        The whole.
    chosen : mapping of str to tuple of str
        Column of the frameworks or works and the values that stay.
    """
    kept = {name: np.ones(len(frame), bool) for name, frame in collection.tables.items()}
    for column, asked in chosen.items():
        _choose(collection, kept, column, asked)
    while _follow(collection, kept):
        pass
    return kept


def _choose(collection: Collection, kept: Rows, column: str, asked: tuple[str, ...]) -> None:
    """Leave out the frameworks and works that have none of the values asked for."""
    frames = {name: collection.tables[name] for name in ("frameworks", "studies")}
    cells = {name: f[column].astype("str").to_list() for name, f in frames.items() if column in f}
    if not cells:
        columns = dict.fromkeys(c for frame in frames.values() for c in frame.columns)
        raise UnknownNameError("Neither frameworks nor works have a column", column, columns)
    terms = collection.vocabulary(column)
    known = {part.strip() for name in cells for cell in cells[name] for part in cell.split(";")}
    for value in asked:
        if value not in known | set(terms.labels):
            raise UnknownNameError(
                f"There is no {column.removesuffix('_id')}", value, sorted(known - {""})
            )
    for name, column_cells in cells.items():
        here = [any(v == c or terms.takes(v, c) for v in asked) for c in column_cells]
        kept[name] &= np.array(here, bool)


def _follow(collection: Collection, kept: Rows) -> bool:
    """Leave out the rows that point to one left out; say whether there were any."""
    before = sum(int(rows.sum()) for rows in kept.values())
    for name, table in collection.schema.tables.items():
        frame = collection.tables[name]
        links = [(k.field, k.table, k.target) for k in table.foreign_keys]
        links += [(f.name, "studies", "key") for f in table.column_of("citation")]
        for field, other, target in links:
            if table.field(field).required:
                gone = collection.tables[other].loc[~kept[other], target]
                kept[name] &= ~frame[field].isin(gone).to_numpy()
    return sum(int(rows.sum()) for rows in kept.values()) < before
