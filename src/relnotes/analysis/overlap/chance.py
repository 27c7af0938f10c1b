"""Whether sets share more than their sizes alone would make them share.

A long list overlaps with every other list, and a popular concept meets every other concept.
The null model therefore keeps both: each set keeps its size, each item keeps the number of sets
it is in, and only who has what is dealt anew. What is then still unusual is a matter of *which*
items go together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from relnotes.analysis.overlap.memberships import Counts, Flags, Memberships

MORE, FEWER, NO_MORE, TOO_FEW = (
    "more than chance",
    "fewer than chance",
    "not told apart from chance",
    "too few to tell",
)
# Rounds of trading between two draws. Strona et al. find five trades for every row enough, which
# are ten rounds. The p-values are valid for any number.
ROUNDS = 10
# Cells dealt in a test whose draws are chosen for it: some 20 seconds on two old cores.
MOST_CELLS = 7 * 10**8
FEWEST_DRAWS = 1999
# Cells dealt at once: keeps the working memory at some tens of megabytes.
CELLS_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class ChanceTest:
    """Observed overlap of each pair beside what fixed margins alone would give.

    Attributes
    ----------
    what : str
        ``pairs of sets`` or ``pairs of items``.
    pairs : DataFrame
        One row per pair of which both have something: ``a``, ``b``, ``label_a``, ``label_b``,
        ``observed`` (how many they share), ``expected`` and ``sd`` over the draws, ``z`` (NaN
        where all draws agree), ``p_more`` and ``p_fewer`` (one-sided), ``p`` (two-sided),
        ``screen_p`` (the smallest p that the two totals allow), ``q`` (p after correction for many
        tests; NaN for pairs that the screen sets aside) and ``verdict``: ``more than chance``,
        ``fewer than chance``, ``not told apart from chance`` or ``too few to tell``.
    testable : int
        Pairs of which `screen_p` is at most `alpha`.
    overall_p : float
        One-sided p for the pattern as a whole: whether overlaps are more uneven than chance
        makes them. (The mean overlap cannot be tested: the margins fix it.) NaN without pairs.
    enough_draws : bool
        Whether one unusual pair alone could pass the correction with so many draws.
    draws, seed : int
    alpha : float
    verdict : str
        The outcome in a sentence or two.
    """

    what: str
    pairs: pd.DataFrame = field(repr=False, compare=False)
    testable: int
    overall_p: float
    enough_draws: bool
    draws: int
    seed: int
    alpha: float
    verdict: str


def compute_pair_chance(
    memberships: Memberships, draws: int | None = None, seed: int = 0, alpha: float = 0.05
) -> ChanceTest:
    """Test for each two sets whether they share more items than their margins explain.

    With sizes fixed, more shared items mean a higher Jaccard index and a higher overlap
    coefficient as well, so this one test serves all three.

    Parameters
    ----------
    draws : int, optional
        Random matrices to compare with. By default as many as let one unusual pair alone pass the
        correction; where that takes too long, `FEWEST_DRAWS`, and the verdict says so.
    seed : int
        Start of the random numbers.
    alpha : float
        Share of false discoveries that is accepted.

    Raises
    ------
    ValueError
        If `draws` is below 1, or `alpha` not between 0 and 1.

    Notes
    -----
    Random matrices come from `deal_again`. The observed matrix counts as one of them, so p is
    never 0, and all start from one common matrix the trades led to, which makes the p-values
    valid however well the trades have mixed (Besag and Clifford 1989). Two-sided p is twice the
    smaller one-sided p. Counts of shared items take few values, so that many pairs could not
    become significant whatever was observed. They are set aside before anything is drawn (Tarone
    1990, Gilbert 2005) by a screen: the smallest two-sided p of the hypergeometric distribution
    with the two totals. It keeps the totals of the two and not those of the others, so that it is
    near the null model's own smallest p and not the same; no seed moves it. The correction of
    the others is Benjamini and Hochberg's (1995).

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate: a practical and
    powerful approach to multiple testing. *Journal of the Royal Statistical Society B*, 57,
    289–300.

    Besag, J. and Clifford, P. (1989). Generalized Monte Carlo significance tests. *Biometrika*,
    76, 633–642.

    Gilbert, P. B. (2005). A modified false discovery rate multiple-comparisons procedure for
    discrete data, applied to human immunodeficiency virus genetics. *Applied Statistics*, 54,
    143–158.

    Tarone, R. E. (1990). A modified Bonferroni method for discrete data. *Biometrics*, 46,
    515–522.

    Examples
    --------
    >>> kept = Memberships.from_sets({"A": ["care", "time"], "B": ["care", "hope"]})
    >>> print(compute_pair_chance(kept, draws=99).verdict)
    The 1 pair of sets is too small to tell: with such totals no overlap could be unusual.
    """
    held = memberships.set_sizes > 0
    matrix = memberships.matrix[:, held].T
    names = np.array(memberships.sets, dtype=object)[held]
    labels = np.array(memberships.set_labels, dtype=object)[held]
    return _test(matrix, "pairs of sets", names, labels, draws=draws, seed=seed, alpha=alpha)


def compute_cooccurrence_chance(
    memberships: Memberships, draws: int | None = None, seed: int = 0, alpha: float = 0.05
) -> ChanceTest:
    """Test for each two items whether they stand together more often than their margins explain.

    Parameters, results, method and references are those of `compute_pair_chance`, with items in
    place of sets.

    Examples
    --------
    >>> sets = {name: [1, 2, 3] for name in "ABCD"} | {name: [4, 5, 6] for name in "EFGH"}
    >>> test = compute_cooccurrence_chance(Memberships.from_sets(sets), draws=999)
    >>> test.pairs["verdict"].value_counts().to_dict()
    {'not told apart from chance': 9, 'more than chance': 6}
    """
    held = memberships.degrees > 0
    names = np.array(memberships.items, dtype=object)[held]
    labels = np.array(memberships.item_labels, dtype=object)[held]
    matrix = memberships.matrix[held]
    return _test(matrix, "pairs of items", names, labels, draws=draws, seed=seed, alpha=alpha)


def deal_again(
    matrix: Flags, draws: int, rng: np.random.Generator, rounds: int = ROUNDS
) -> Iterator[Flags]:
    """Deal the cells of a matrix anew, keeping every row and column total (curveball).

    Two rows at a time put the cells that only one of them has into one heap and draw from it as
    many as each had before. In a round all rows trade, in pairs drawn anew.

    Parameters
    ----------
    draws : int
        How many matrices to make.
    rounds : int
        Rounds of trading before each draw.

    Yields
    ------
    ndarray of bool, shape (part of draws, rows, columns)
        Matrices with the same margins, in parts that fit into memory.

    Notes
    -----
    Every matrix with these margins can be reached and is equally likely in the long run
    (Strona et al. 2014; proof by Carstens 2015; trades of all rows at once: Carstens et al.
    2018). All draws start from one matrix, itself as many rounds away from the one given.

    References
    ----------
    Strona, G., Nappo, D., Boccacci, F., Fattorini, S. and San-Miguel-Ayanz, J. (2014). A fast
    and unbiased procedure to randomize ecological binary matrices with fixed row and column
    totals. *Nature Communications*, 5, 4114. https://doi.org/10.1038/ncomms5114

    Carstens, C. J. (2015). Proof of uniform sampling of binary matrices with fixed row sums and
    column sums for the fast curveball algorithm. *Physical Review E*, 91, 042812.

    Carstens, C. J., Hamann, M., Meyer, U., Penschuck, M., Tran, H. and Wagner, D. (2018).
    Parallel and I/O-efficient randomisation of massive networks using global curveball trades.
    *26th Annual European Symposium on Algorithms (ESA 2018)*.

    Examples
    --------
    >>> table = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], dtype=bool)
    >>> dealt = np.concatenate(list(deal_again(table, 100, np.random.default_rng(0))))
    >>> bool((dealt.sum(axis=1) == table.sum(axis=0)).all())
    True
    """
    # Columns come first: a trade goes through them one by one, for all draws and pairs at once.
    hub = matrix.T[:, np.newaxis].copy()
    for _ in range(rounds):
        _trade(hub, rng)
    at_once = max(1, CELLS_AT_ONCE // max(1, matrix.size))
    for start in range(0, draws, at_once):
        dealt = np.repeat(hub, min(at_once, draws - start), axis=1)
        for _ in range(rounds):
            _trade(dealt, rng)
        yield dealt.transpose(1, 2, 0)


def _trade(matrices: Flags, rng: np.random.Generator) -> None:
    """Let all rows of each matrix, shape (columns, draws, rows), trade in random pairs."""
    _, draws, rows = matrices.shape
    partners = np.argsort(rng.random((draws, rows)), axis=1)[:, : rows // 2 * 2]
    which = np.arange(draws)[:, np.newaxis]
    left, right = partners[:, ::2], partners[:, 1::2]
    a, b = matrices[:, which, left], matrices[:, which, right]
    heap, both = a ^ b, a & b
    # Going through the heap, a takes each cell with the chance due / waiting: in the end exactly
    # as many as it put in, and any such choice is equally likely.
    due = (a & heap).sum(axis=0, dtype=np.float64)
    waiting = heap.sum(axis=0, dtype=np.float64)
    taken = np.empty_like(heap)
    for column, luck in enumerate(rng.random(heap.shape)):
        np.logical_and(heap[column], luck * waiting < due, out=taken[column])
        due -= taken[column]
        waiting -= heap[column]
    matrices[:, which, left] = both | taken
    matrices[:, which, right] = both | (heap ^ taken)


def _test(
    matrix: Flags,
    what: str,
    names: npt.NDArray[Any],
    labels: npt.NDArray[Any],
    *,
    draws: int | None,
    seed: int,
    alpha: float,
) -> ChanceTest:
    if draws is not None and draws < 1:
        raise ValueError(f"draws is {draws}; give 1 or more")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}; give a share between 0 and 1")
    first, second = np.triu_indices(len(matrix), k=1)
    screen = _screen(matrix, first, second)
    could = screen <= alpha
    testable = int(could.sum())
    needed = _needed(testable, alpha)
    if draws is None:
        draws = max(FEWEST_DRAWS, needed)
        draws = draws if draws * matrix.size * ROUNDS <= MOST_CELLS else FEWEST_DRAWS
    observed = _shared(matrix[np.newaxis])[0]
    times = np.zeros((len(first), int(observed.max(initial=0)) + 1), dtype=np.int64)
    unevenness = []
    for dealt in deal_again(matrix, draws, np.random.default_rng(seed)):
        shared = _shared(dealt)
        times = _tally(times, shared)
        unevenness.append((shared**2).sum(axis=1))
    pairs = pd.DataFrame(
        {
            "a": names[first],
            "b": names[second],
            "label_a": labels[first],
            "label_b": labels[second],
            "observed": observed,
            **_compare(observed, times),
            "screen_p": screen,
        }
    )
    pairs["q"] = np.nan
    pairs.loc[could, "q"] = _corrected(pairs.loc[could, "p"].to_numpy())
    found = could & (pairs["q"] <= alpha)
    more = pairs["p_more"] < pairs["p_fewer"]
    pairs["verdict"] = np.select([~could, found & more, found], [TOO_FEW, MORE, FEWER], NO_MORE)
    enough = draws >= needed
    as_uneven = (np.concatenate(unevenness) >= (observed**2).sum()).sum() if len(first) else 0
    overall = float((as_uneven + 1) / (draws + 1)) if len(first) else float("nan")
    return ChanceTest(
        what=what,
        pairs=pairs,
        testable=testable,
        overall_p=overall,
        enough_draws=enough,
        draws=draws,
        seed=seed,
        alpha=alpha,
        verdict=_verdict(pairs["verdict"], what, testable, 0 if enough else needed, alpha),
    )


def _needed(testable: int, alpha: float) -> int:
    """Count the draws with which the smallest p, alone, would pass the correction."""
    return int(np.ceil(2 * testable / alpha)) - 1 if testable else 0


def _screen(matrix: Flags, first: Counts, second: Counts) -> npt.NDArray[np.float64]:
    """Return the smallest two-sided p that the totals of each two rows allow."""
    columns = matrix.shape[1]
    totals = matrix.sum(axis=1, dtype=np.int64).tolist()
    known: dict[tuple[int, int], float] = {}
    for small, large in {
        tuple(sorted((totals[a], totals[b]))) for a, b in zip(first, second, strict=True)
    }:
        every = comb(columns, small)
        most = comb(large, small) / every
        fewest = (
            comb(columns - large, small)
            if small + large <= columns
            else comb(large, small + large - columns)
        )
        known[small, large] = min(1.0, 2 * min(most, fewest / every))
    return np.array(
        [
            known[min(totals[a], totals[b]), max(totals[a], totals[b])]
            for a, b in zip(first, second, strict=True)
        ],
        dtype=np.float64,
    )


def collapse_families(memberships: Memberships) -> Memberships:
    """Join the frameworks of one family, so that a family cannot agree with itself."""
    family = memberships.known("family") if "family" in memberships.set_info else None
    own = pd.Series(memberships.sets, index=memberships.set_info.index, dtype=object)
    unit = own if family is None else family.where(family.notna(), own)
    return replace(memberships, set_info=memberships.set_info.assign(voice=unit)).grouped("voice")


def _shared(matrices: Flags) -> Counts:
    """Shared columns of each two rows, shape (matrices, pairs)."""
    numbers = matrices.astype(np.float32)
    first, second = np.triu_indices(matrices.shape[1], k=1)
    return (numbers @ numbers.transpose(0, 2, 1))[:, first, second].astype(np.int64)


def _tally(times: Counts, shared: Counts) -> Counts:
    """Add to how often each pair (row) shared so many (column); wider where need be."""
    pairs = shared.shape[1]
    width = max(times.shape[1], int(shared.max(initial=0)) + 1)
    cells = (np.arange(pairs) * width + shared).ravel()
    counts = np.bincount(cells, minlength=pairs * width).reshape(pairs, width)
    counts[:, : times.shape[1]] += times
    return counts


def _compare(observed: Counts, times: Counts) -> dict[str, npt.NDArray[np.float64]]:
    """Place what was observed among what was dealt."""
    value = np.arange(times.shape[1])
    draws = times.sum(axis=1)
    expected = times @ value / draws
    deviation = value[np.newaxis] - expected[:, np.newaxis]
    sd = np.sqrt((times * deviation**2).sum(axis=1) / draws)
    # The observed matrix is one of those the margins allow, and is counted with them.
    all_times = times.copy()
    all_times[np.arange(len(observed)), observed] += 1
    share = all_times / (draws + 1)[:, np.newaxis]
    at_least = share[:, ::-1].cumsum(axis=1)[:, ::-1]
    at_most = share.cumsum(axis=1)
    two_sided = np.minimum(1.0, 2 * np.minimum(at_least, at_most))
    chosen = np.arange(len(observed)), observed
    return {
        "expected": expected,
        "sd": sd,
        "z": np.divide(observed - expected, sd, out=np.full(len(observed), np.nan), where=sd > 0),
        "p_more": at_least[chosen],
        "p_fewer": at_most[chosen],
        "p": two_sided[chosen],
    }


def _corrected(p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return p values corrected for their number, after Benjamini and Hochberg (1995)."""
    largest_first = np.argsort(-p, kind="stable")
    ranks = np.arange(len(p), 0, -1)
    corrected = np.empty_like(p)
    corrected[largest_first] = np.minimum.accumulate(
        np.minimum(1.0, p[largest_first] * len(p) / ranks)
    )
    return corrected


def _verdict(verdicts: pd.Series[Any], what: str, testable: int, needed: int, alpha: float) -> str:
    number = len(verdicts)
    pairs = what if number != 1 else what.replace("pairs", "pair", 1)
    if not number:
        return f"There are no {what} to compare."
    if not testable:
        small = "are too small" if number != 1 else "is too small"
        return (
            f"The {number:,} {pairs} {small} to tell: with such totals no overlap could be unusual."
        )
    more, fewer = int((verdicts == MORE).sum()), int((verdicts == FEWER).sum())
    sentence = (
        f"Of {number:,} {pairs}, {more:,} share{'s' if more == 1 else ''} more and {fewer:,} fewer "
        f"than chance gives at a false discovery rate of {alpha:g}; {number - testable:,} "
        f"{'is' if number - testable == 1 else 'are'} too small to tell."
    )
    if needed:
        sentence += (
            " Whether one pair alone is unusual this test cannot tell: that takes "
            f"{needed:,} draws or more."
        )
    return sentence


def fisher(first: int, of_first: int, second: int, of_second: int) -> float:
    """Return the two-sided p of Fisher's exact test for two shares.

    Examples
    --------
    >>> round(fisher(16, 22, 8, 18), 3), fisher(1, 1, 1, 1)
    (0.106, 1.0)
    """
    both, every = first + second, of_first + of_second
    ways = [
        comb(of_first, k) * comb(of_second, both - k)
        for k in range(max(0, both - of_second), min(of_first, both) + 1)
    ]
    seen = comb(of_first, first) * comb(of_second, second)
    return sum(way for way in ways if way <= seen) / comb(every, both)
