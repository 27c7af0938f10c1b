"""How widely an item is held: core, common and single items, and what each set adds alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from relnotes.analysis.overlap.memberships import Counts, Flags, Memberships
from relnotes.analysis.overlap.pairs import share
from relnotes.evidence.vocabulary import terms_of

CORE, COMMON, SINGLE, UNNAMED = "core", "common", "single", "unnamed"
BANDS = (CORE, COMMON, SINGLE, UNNAMED)


def compute_presence(memberships: Memberships, core_share: float = 0.5) -> pd.DataFrame:
    """Count in how many sets, settings and jurisdictions each item stands, and since when.

    Parameters
    ----------
    core_share : float
        Share of the sets, above 0 and at most 1, from which an item held by two or more sets is
        called core.

    Returns
    -------
    DataFrame
        Most widely held first: ``item``, ``label``, ``theme``, ``sets`` (a number), ``share``
        (of all sets), ``rank`` (1 is the most widely held; equals share the better rank; NA
        where no set holds it),
        ``band`` (``core``; ``common``: two sets or more; ``single``: one set; ``unnamed``:
        none), ``settings`` and ``jurisdictions`` (numbers of different ones; a setting not
        reported is not counted), ``first_year``, ``first_sets`` (the sets of that year),
        ``set_ids``, ``row_ids``. What is not known of the sets is NA.

    Raises
    ------
    ValueError
        If `core_share` is not above 0 and at most 1.

    Examples
    --------
    >>> kept = Memberships.from_sets({"A": ["care"], "B": ["care", "time"], "C": ["care"]})
    >>> compute_presence(kept)[["item", "sets", "share", "band"]].round(2)
       item  sets  share    band
    0  care     3   1.00    core
    1  time     1   0.33  single
    """
    if not 0 < core_share <= 1:
        raise ValueError(f"core_share is {core_share}; give a share above 0 and at most 1")
    matrix = memberships.matrix
    held = matrix.sum(axis=1, dtype=np.int64)
    portion = share(held, np.full_like(held, len(memberships.sets)))
    names = np.array(memberships.sets, dtype=object)
    years = _known_years(memberships)
    first = [_first(years, row) for row in matrix]
    info = memberships.item_info
    presence = pd.DataFrame(
        {
            "item": np.array(memberships.items, dtype=object),
            "label": np.array(memberships.item_labels, dtype=object),
            "theme": pd.NA if info is None or "theme" not in info else info["theme"].to_numpy(),
            "sets": held,
            "share": portion,
            "rank": _ranks(held),
            "band": np.select(
                [held == 0, held == 1, portion >= core_share], [UNNAMED, SINGLE, CORE], COMMON
            ),
            "settings": _different(memberships, matrix, "setting"),
            "jurisdictions": _different(memberships, matrix, "jurisdiction"),
            "first_year": pd.array([year for year, _ in first], dtype="Int64"),
            "first_sets": [tuple(names[sets]) for _, sets in first],
            "set_ids": [tuple(names[row]) for row in matrix],
            "row_ids": [
                tuple(
                    evidence for name in names[row] for evidence in memberships.evidence(item, name)
                )
                for item, row in zip(memberships.items, matrix, strict=True)
            ],
        }
    )
    return presence.sort_values("sets", ascending=False, kind="stable", ignore_index=True)


def compute_contributions(memberships: Memberships) -> pd.DataFrame:
    """Find what each set has that no other set has.

    Returns
    -------
    DataFrame
        One row per set, in their order: ``set``, ``label``, ``size``, ``unique`` (number of
        items found only there), ``unique_items``, ``unique_labels``, ``share_unique`` (NaN for
        an empty set), ``row_ids`` (the judgements behind the unique items).

    Examples
    --------
    >>> kept = Memberships.from_sets({"A": ["care", "time"], "B": ["care"], "C": []})
    >>> compute_contributions(kept)[["set", "size", "unique", "unique_items", "share_unique"]]
      set  size  unique unique_items  share_unique
    0   A     2       1      (time,)           0.5
    1   B     1       0           ()           0.0
    2   C     0       0           ()           NaN
    """
    alone = memberships.matrix & (memberships.degrees == 1)[:, None]
    unique = alone.sum(axis=0, dtype=np.int64)
    unique_items = [tuple(memberships.items[column]) for column in alone.T]
    return pd.DataFrame(
        {
            "set": memberships.sets,
            "label": memberships.set_labels,
            "size": memberships.set_sizes,
            "unique": unique,
            "unique_items": unique_items,
            "unique_labels": [tuple(memberships.item_labels[column]) for column in alone.T],
            "share_unique": share(unique, memberships.set_sizes),
            "row_ids": [
                tuple(row for item in items for row in memberships.evidence(item, name))
                for name, items in zip(memberships.sets, unique_items, strict=True)
            ],
        }
    )


def compute_accumulation(memberships: Memberships) -> pd.DataFrame:
    """Follow through the years which items were held for the first time.

    Returns
    -------
    DataFrame
        One row per year, those without a year last: ``year``, ``sets``, ``new_items``,
        ``new_labels``, ``new`` (how many), ``total_sets`` and ``total_items`` so far. An item
        held first by two sets of one year is new in that year, once.

    Raises
    ------
    ValueError
        If no year is known of any set.
    """
    years = _known_years(memberships)
    if not years.notna().any():
        raise ValueError("no set has a year; set_info needs a column 'year' with years in it")
    names, matrix = np.array(memberships.sets, dtype=object), memberships.matrix
    seen = np.zeros(len(memberships.items), dtype=np.bool_)
    total, lines = 0, []
    for year in [*sorted(years.dropna().unique()), pd.NA]:
        of_year = (years.isna() if year is pd.NA else years.eq(year).fillna(False)).to_numpy(bool)
        if not of_year.any():
            continue
        new = matrix[:, of_year].any(axis=1) & ~seen
        seen |= new
        total += int(of_year.sum())
        lines.append(
            (
                year,
                tuple(names[of_year]),
                tuple(memberships.items[new]),
                tuple(memberships.item_labels[new]),
                int(new.sum()),
                total,
                int(seen.sum()),
            )
        )
    columns = ["year", "sets", "new_items", "new_labels", "new", "total_sets", "total_items"]
    return pd.DataFrame(lines, columns=columns).astype({"year": "Int64"})


def _ranks(held: Counts) -> pd.Series[Any]:
    counts = pd.Series(held)
    return (
        counts[counts > 0].rank(method="min", ascending=False).reindex(counts.index).astype("Int64")
    )


def _known_years(memberships: Memberships) -> pd.Series[Any]:
    if "year" not in memberships.set_info:
        return pd.Series(pd.NA, index=range(len(memberships.sets)), dtype="Int64")
    return memberships.known("year").astype("Int64").reset_index(drop=True)


def _first(years: pd.Series[Any], held: Flags) -> tuple[Any, Any]:
    year = years[held].min()
    if year is pd.NA or pd.isna(year):
        return pd.NA, np.zeros(0, dtype=np.intp)
    return year, np.flatnonzero(held & (years == year).fillna(False).to_numpy(np.bool_))


def _different(memberships: Memberships, matrix: Flags, column: str) -> Any:
    """How many different known values the sets of each item have."""
    if column not in memberships.set_info:
        return pd.array([pd.NA] * len(matrix), dtype="Int64")
    values = memberships.known(column).reset_index(drop=True)
    terms = [set() if pd.isna(value) else set(terms_of(str(value))) for value in values]
    different = [len(set().union(*(terms[i] for i in np.flatnonzero(row)))) for row in matrix]
    return pd.array(different, dtype="Int64")
