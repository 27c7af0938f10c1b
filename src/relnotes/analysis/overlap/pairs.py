"""How much two sets share, and which wording meets which."""

from __future__ import annotations

import numpy as np
import pandas as pd

from relnotes.analysis.overlap.memberships import Counts, Memberships, Numbers


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


def share(part: Counts, whole: Counts) -> Numbers:
    """Part of the whole, NaN where the whole is nothing."""
    shares: Numbers = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)
    return shares
