"""How much two sets share, and which wording meets which."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from relnotes.analysis.overlap.memberships import Counts, Memberships, Numbers

MEETING_COLUMNS = [
    "set_a", "set_b", "item", "item_label",
    "element_a", "wording_a", "relation_a", "basis_a", "row_a",
    "element_b", "wording_b", "relation_b", "basis_b", "row_b",
]  # fmt: skip


def count_shared(memberships: Memberships) -> Counts:
    """Count the items that each two sets share; set sizes on the diagonal.

    Examples
    --------
    >>> count_shared(Memberships.from_sets({"A": "xyz".split(), "B": ["xyz", "w"]})).tolist()
    [[1, 1], [1, 2]]
    """
    numbers = memberships.matrix.astype(np.float64)
    return (numbers.T @ numbers).astype(np.int64)


def compute_pairs(memberships: Memberships) -> pd.DataFrame:
    """Compare each two sets.

    Returns
    -------
    DataFrame
        One row per pair, in the order of the sets: ``set_a``, ``set_b``, ``label_a``,
        ``label_b``, ``size_a``, ``size_b``, ``shared`` and ``union`` (numbers of items), and
        as shares from 0 to 1 ``jaccard`` (shared of the union), ``overlap_coefficient``
        (shared of the smaller), ``containment_ab`` (shared of *a*) and ``containment_ba``
        (shared of *b*). A share of nothing is NaN: two empty sets do not agree.

    Examples
    --------
    >>> kept = Memberships.from_sets({"A": ["trust", "time", "care"], "B": ["trust"]})
    >>> compute_pairs(kept)[["shared", "union", "jaccard", "containment_ab"]].round(2)
       shared  union  jaccard  containment_ab
    0       1      3     0.33            0.33
    """
    shared = count_shared(memberships)
    first, second = np.triu_indices(len(memberships.sets), k=1)
    together = shared[first, second]
    size_a, size_b = shared.diagonal()[first], shared.diagonal()[second]
    union = size_a + size_b - together
    smaller = np.minimum(size_a, size_b)
    names = np.array(memberships.sets, dtype=object)
    labels = np.array(memberships.set_labels, dtype=object)
    return pd.DataFrame(
        {
            "set_a": names[first],
            "set_b": names[second],
            "label_a": labels[first],
            "label_b": labels[second],
            "size_a": size_a,
            "size_b": size_b,
            "shared": together,
            "union": union,
            "jaccard": share(together, union),
            "overlap_coefficient": share(together, smaller),
            "containment_ab": share(together, size_a),
            "containment_ba": share(together, size_b),
        }
    )


def find_nearest_pair(memberships: Memberships) -> tuple[str, str] | None:
    """Find the two sets that share most items without being of one family.

    Agreement inside a family is repetition. A set whose family is not known may be of any.

    Returns
    -------
    tuple of str or None
        Ids of the two; None where no two sets of different families share an item.
    """
    pairs = compute_pairs(memberships)
    sharing = pairs[pairs["shared"] > 0]
    if "family" in memberships.set_info:
        family = memberships.known("family").fillna("")
        first, second = (sharing[side].map(family) for side in ("set_a", "set_b"))
        sharing = sharing[(first != second) | (first == "")]
    if sharing.empty:
        return None
    best = sharing.sort_values(["shared", "jaccard"], ascending=False, kind="stable").iloc[0]
    return str(best["set_a"]), str(best["set_b"])


def compute_similarity(memberships: Memberships) -> pd.DataFrame:
    """Jaccard similarity of every set with every set, as a square table.

    Returns
    -------
    DataFrame
        Sets by sets, from 0 (nothing shared) to 1 (the same items); NaN between empty sets.

    Examples
    --------
    >>> compute_similarity(Memberships.from_sets({"A": [1, 2], "B": [2], "C": []}))
         A    B    C
    A  1.0  0.5  0.0
    B  0.5  1.0  0.0
    C  0.0  0.0  NaN
    """
    shared = count_shared(memberships)
    sizes = shared.diagonal()
    union = sizes[:, None] + sizes[None, :] - shared
    names = list(memberships.sets)
    return pd.DataFrame(share(shared, union), index=names, columns=names)


def compute_meetings(memberships: Memberships) -> pd.DataFrame:
    """List which wording of one set meets which wording of another, and at which item.

    Returns
    -------
    DataFrame
        One row for each two judgements that put the same item into two sets, in the order of
        the sets and items: ``set_a``, ``set_b``, ``item``, ``item_label`` and for both sides
        ``element``, ``wording``, ``relation``, ``basis`` and ``row`` (the id of the judgement).
        Empty when the memberships did not come from a crosswalk.
    """
    labels = dict(zip(memberships.items, memberships.item_labels, strict=True))
    by_cell = dict(tuple(memberships.rows.groupby(["item", "set"], sort=False)))
    meetings: list[tuple[Any, ...]] = []
    for set_a, set_b in combinations(memberships.sets, 2):
        for item in memberships.items:
            if (item, set_a) not in by_cell or (item, set_b) not in by_cell:
                continue
            meetings += [
                (set_a, set_b, item, labels[item], *side_a, *side_b)
                for side_a in _sides(by_cell[item, set_a])
                for side_b in _sides(by_cell[item, set_b])
            ]
    return pd.DataFrame(meetings, columns=MEETING_COLUMNS)


def _sides(rows: pd.DataFrame) -> list[tuple[Any, ...]]:
    sides = rows[["element_id", "wording", "relation", "basis", "row_id"]]
    return list(sides.itertuples(index=False, name=None))


def compute_cooccurrence(memberships: Memberships) -> pd.DataFrame:
    """Pairs of items that stand together in at least one set: the edges of their network.

    Returns
    -------
    DataFrame
        Strongest first: ``item_a``, ``item_b``, ``label_a``, ``label_b``, ``count_a``,
        ``count_b`` (sets that have each), ``together`` (sets that have both), ``jaccard`` and
        ``sets`` (those that have both).

    Examples
    --------
    >>> kept = Memberships.from_sets({"A": ["care", "time"], "B": ["care", "time", "hope"]})
    >>> compute_cooccurrence(kept)[["item_a", "item_b", "together", "sets"]]
      item_a item_b  together    sets
    0   care   time         2  (A, B)
    1   care   hope         1    (B,)
    2   hope   time         1    (B,)
    """
    matrix = memberships.matrix
    numbers = matrix.astype(np.float64)
    together = (numbers @ numbers.T).astype(np.int64)
    first, second = np.nonzero(np.triu(together, k=1))
    counts = together.diagonal()
    both = together[first, second]
    sets = np.array(memberships.sets, dtype=object)
    edges = pd.DataFrame(
        {
            "item_a": memberships.items[first],
            "item_b": memberships.items[second],
            "label_a": memberships.item_labels[first],
            "label_b": memberships.item_labels[second],
            "count_a": counts[first],
            "count_b": counts[second],
            "together": both,
            "jaccard": share(both, counts[first] + counts[second] - both),
            "sets": [tuple(sets[held]) for held in matrix[first] & matrix[second]],
        }
    )
    return edges.sort_values(
        ["together", "jaccard"], ascending=False, kind="stable", ignore_index=True
    )


def share(part: Counts, whole: Counts) -> Numbers:
    """Part of the whole, NaN where the whole is nothing."""
    shares: Numbers = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)
    return shares
