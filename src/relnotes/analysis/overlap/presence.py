"""How widely an item is held: core, common and single items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from relnotes.analysis.overlap.memberships import Counts, Flags, Memberships
from relnotes.analysis.overlap.pairs import share
from relnotes.evidence.vocabulary import terms_of

CORE, COMMON, SINGLE, UNNAMED = "core", "common", "single", "unnamed"


def compute_presence(memberships: Memberships, core_share: float = 0.5) -> pd.DataFrame:
    """Count in how many sets, settings and jurisdictions each item stands.

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
        reported is not counted), ``set_ids``, ``row_ids``. What is not known of the sets is NA.

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


def _ranks(held: Counts) -> pd.Series[Any]:
    counts = pd.Series(held)
    return (
        counts[counts > 0].rank(method="min", ascending=False).reindex(counts.index).astype("Int64")
    )


def _different(memberships: Memberships, matrix: Flags, column: str) -> Any:
    """How many different known values the sets of each item have."""
    if column not in memberships.set_info:
        return pd.array([pd.NA] * len(matrix), dtype="Int64")
    values = memberships.known(column).reset_index(drop=True)
    terms = [set() if pd.isna(value) else set(terms_of(str(value))) for value in values]
    different = [len(set().union(*(terms[i] for i in np.flatnonzero(row)))) for row in matrix]
    return pd.array(different, dtype="Int64")
