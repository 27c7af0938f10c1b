"""Orders in which blocks appear, and frameworks grouped by what they share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
import pandas as pd

from relnotes.analysis.overlap.memberships import Memberships
from relnotes.analysis.overlap.packing import Counts, Flags, Numbers
from relnotes.analysis.overlap.pairs import share

MOST_ROUNDS = 2000
SETTLED = 1e-12
ROUNDING = 9


@dataclass(frozen=True)
class Clustering:
    """Sets grouped by similarity, with how often chance would group them so again.

    Attributes
    ----------
    sets, set_labels : tuple of str
        The sets that were compared, in the order the linkage counts them.
    linkage : ndarray, shape (sets - 1, 4)
        SciPy's linkage matrix; heights are Jaccard distances, from 0 to 1.
    order : tuple of str
        The sets as the leaves of the tree, neighbours as alike as the tree allows.
    merges : DataFrame
        One row per merge, lowest first: ``members``, ``height`` and ``support`` (share of the
        bootstrap trees that have exactly this group; NaN for the merge that joins everything
        and for groups whose halves share nothing, at height 1).
    left_out : tuple of str
        Sets without items: nothing can be said of their distance.
    draws, seed : int
    """

    sets: tuple[str, ...]
    set_labels: tuple[str, ...]
    linkage: Numbers = field(repr=False, compare=False)
    order: tuple[str, ...]
    merges: pd.DataFrame = field(repr=False, compare=False)
    left_out: tuple[str, ...]
    draws: int
    seed: int


def cluster_sets(memberships: Memberships, draws: int = 1000, seed: int = 0) -> Clustering:
    """Group sets by average linkage on Jaccard distance, with bootstrap support.

    The items are drawn again with replacement, `draws` times, and each time the tree is grown
    anew. The support of a group is the share of those trees in which it stands: a group that
    hangs on one or two items falls apart when these are not drawn.

    Parameters
    ----------
    memberships : Memberships
    draws : int
        Number of bootstrap trees.
    seed : int
        Start of the random numbers; the same seed gives the same support.

    Returns
    -------
    Clustering

    Raises
    ------
    ValueError
        If `draws` is below 1.

    References
    ----------
    Felsenstein, J. (1985). Confidence limits on phylogenies: an approach using the bootstrap.
    *Evolution*, 39, 783–791.

    Bar-Joseph, Z., Gifford, D. K. and Jaakkola, T. S. (2001). Fast optimal leaf ordering for
    hierarchical clustering. *Bioinformatics*, 17 (suppl. 1), S22–S29.

    Examples
    --------
    >>> kept = Memberships.from_sets({"A": [1, 2, 3], "B": [8, 9], "C": [1, 2], "D": [8, 9]})
    >>> grouped = cluster_sets(kept, draws=50)
    >>> grouped.merges["members"].tolist()
    [('B', 'D'), ('A', 'C'), ('A', 'B', 'C', 'D')]
    """
    if draws < 1:
        raise ValueError(f"draws is {draws}; give 1 or more")
    filled = memberships.set_sizes > 0
    names = tuple(name for name, any_item in zip(memberships.sets, filled, strict=True) if any_item)
    labels = tuple(
        label for label, any_item in zip(memberships.set_labels, filled, strict=True) if any_item
    )
    columns = memberships.matrix[:, filled]
    distances = _distances(columns)
    tree = _turned(_tree(distances), distances)
    groups = _groups(tree)
    times: Counter[frozenset[int]] = Counter()
    rng = np.random.default_rng(seed)
    if groups:
        # Items in no set say nothing about which sets belong together.
        columns = columns[columns.any(axis=1)]
        for _ in range(draws):
            drawn = columns[rng.integers(len(columns), size=len(columns))]
            grown = _tree(_distances(drawn))
            times.update(compress(_groups(grown), _meaningful(grown)))
    merges = pd.DataFrame(
        {
            "members": [tuple(names[place] for place in sorted(group)) for group in groups],
            "height": tree[:, 2],
            "support": np.where(
                _meaningful(tree), [times[group] / draws for group in groups], np.nan
            ),
        }
    )
    order = tuple(names[place] for place in _leaves(tree)) if names else ()
    empty = tuple(name for name in memberships.sets if name not in names)
    return Clustering(names, labels, tree, order, merges, empty, draws, seed)


def order_by_leaves(distances: Numbers) -> Counts:
    """Order things so that neighbours are alike: the leaves of a tree, best turned.

    Parameters
    ----------
    distances : ndarray, shape (n, n)
        Symmetric distances without gaps.

    Returns
    -------
    ndarray of int64
        Places of the things in their new order. Of the two directions, the one that begins
        nearer to the given order is taken.

    References
    ----------
    Bar-Joseph, Z., Gifford, D. K. and Jaakkola, T. S. (2001). Fast optimal leaf ordering for
    hierarchical clustering. *Bioinformatics*, 17 (suppl. 1), S22–S29.
    """
    if not len(distances):
        return np.zeros(0, dtype=np.int64)
    return _leaves(_turned(_tree(distances), distances))


def order_by_averaging(matrix: Flags) -> tuple[Counts, Counts]:
    """Order rows and columns so that the filled cells run along the diagonal.

    Each row is placed at the mean place of its columns, each column at the mean place of its
    rows, until the order stands: reciprocal averaging, the first axis of correspondence
    analysis. Parts of the matrix that share nothing are ordered one after another, the one with
    most cells first, since no axis can compare them. Empty rows and columns come last.

    Parameters
    ----------
    matrix : ndarray of bool, shape (rows, columns)

    Returns
    -------
    rows, columns : ndarray of int64
        Places of the rows and of the columns in their new order.

    References
    ----------
    Hill, M. O. (1973). Reciprocal averaging: an eigenvector method of ordination. *Journal of
    Ecology*, 61, 237–249.

    Examples
    --------
    >>> rows, columns = order_by_averaging(np.array([[1, 0, 0], [0, 1, 1], [1, 0, 1]], dtype=bool))
    >>> np.array([[1, 0, 0], [0, 1, 1], [1, 0, 1]])[np.ix_(rows, columns)]
    array([[1, 0, 0],
           [1, 1, 0],
           [0, 1, 1]])
    """
    rows: list[int] = []
    columns: list[int] = []
    for part_rows, part_columns in _connected_parts(matrix):
        part = matrix[np.ix_(part_rows, part_columns)]
        row_scores, column_scores = _first_axis(part)
        rows += part_rows[np.argsort(row_scores, kind="stable")].tolist()
        columns += part_columns[np.argsort(column_scores, kind="stable")].tolist()
    rows += np.flatnonzero(~matrix.any(axis=1)).tolist()
    columns += np.flatnonzero(~matrix.any(axis=0)).tolist()
    return np.array(rows, dtype=np.int64), np.array(columns, dtype=np.int64)


def _first_axis(part: Flags) -> tuple[Numbers, Numbers]:
    """Scores of rows and columns on the first axis, by averaging to and fro."""
    cells = part.astype(np.float64)
    row_sums, column_sums = cells.sum(axis=1), cells.sum(axis=0)
    # Beginning from the given order settles the direction, and what no axis can settle.
    row_scores = np.arange(len(cells), dtype=np.float64)
    before = np.full(len(cells), np.inf)
    for _ in range(MOST_ROUNDS):
        # The mean and the length are taken out, since averaging alone makes all scores equal.
        row_scores -= np.average(row_scores, weights=row_sums)
        length = np.sqrt(np.sum(row_sums * row_scores**2))
        if length < SETTLED:
            break
        row_scores /= length
        if np.abs(row_scores - before).max() < SETTLED:
            break
        before = row_scores
        row_scores = cells @ (cells.T @ row_scores / column_sums) / row_sums
    column_scores = cells.T @ row_scores / column_sums
    # Rounded, so that what is equal but for the last digits keeps its given order everywhere.
    return row_scores.round(ROUNDING), column_scores.round(ROUNDING)


def _connected_parts(matrix: Flags) -> list[tuple[Counts, Counts]]:
    """Rows and columns that hang together, the part with most cells first."""
    todo = set(np.flatnonzero(matrix.any(axis=1)).tolist())
    parts = []
    while todo:
        rows, columns = np.array([min(todo)]), np.zeros(0, dtype=np.int64)
        grown = True
        while grown:
            columns = np.flatnonzero(matrix[rows].any(axis=0))
            wider = np.flatnonzero(matrix[:, columns].any(axis=1))
            grown, rows = len(wider) > len(rows), wider
        todo.difference_update(rows.tolist())
        parts.append((rows, columns))
    return sorted(parts, key=lambda part: -int(matrix[np.ix_(*part)].sum()))


def _distances(columns: Flags) -> Numbers:
    """Jaccard distances between columns; 1 where nothing is left to compare."""
    numbers = columns.astype(np.float64)
    shared = numbers.T @ numbers
    sizes = shared.diagonal()
    union = sizes[:, None] + sizes[None, :] - shared
    distances: Numbers = 1 - np.nan_to_num(share(shared.astype(np.int64), union.astype(np.int64)))
    np.fill_diagonal(distances, 0)
    return distances


def _tree(distances: Numbers) -> Numbers:
    from scipy.cluster.hierarchy import linkage  # noqa: PLC0415  (heavy, not always needed)

    if len(distances) < 2:
        return np.zeros((0, 4))
    return np.asarray(linkage(_condensed(distances), "average"), dtype=np.float64)


def _meaningful(tree: Numbers) -> Flags:
    """Say which merges tell something: not the last, nor those of branches that share nothing.

    Branches at distance 1 are all equally far apart, so only their order decides which merge.
    """
    meaningful: Flags = tree[:, 2] < 1 - 10.0**-ROUNDING
    meaningful[-1:] = False
    return meaningful


def _turned(tree: Numbers, distances: Numbers) -> Numbers:
    """Turn the branches so that neighbouring leaves are alike; begin nearer to the given order."""
    from scipy.cluster.hierarchy import optimal_leaf_ordering  # noqa: PLC0415

    if len(tree) < 1:
        return tree
    turned = np.asarray(optimal_leaf_ordering(tree, _condensed(distances)), dtype=np.float64)
    leaves = _leaves(turned)
    if leaves[-1] < leaves[0]:
        turned[:, [0, 1]] = turned[:, [1, 0]]
    return turned


def _condensed(distances: Numbers) -> Numbers:
    # Rounded, so that ties are ties whatever the last digit, and are settled by the given order.
    return distances[np.triu_indices(len(distances), k=1)].round(12)


def _leaves(tree: Numbers) -> Counts:
    from scipy.cluster.hierarchy import leaves_list  # noqa: PLC0415

    if len(tree) < 1:
        return np.arange(1, dtype=np.int64)
    return np.asarray(leaves_list(tree), dtype=np.int64)


def _groups(tree: Numbers) -> list[frozenset[int]]:
    """List the leaves under each merge, in the order of the merges."""
    leaves = len(tree) + 1
    groups: list[frozenset[int]] = []
    for left, right in tree[:, :2].astype(int).tolist():
        both = (left, right)
        groups.append(
            frozenset().union(*({end} if end < leaves else groups[end - leaves] for end in both))
        )
    return groups
