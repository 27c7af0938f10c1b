"""Krippendorff's alpha over sets of labels, with its interval.

A coding gives each element a set of concepts, possibly none. Two sets are compared by MASI
(Passonneau, 2006), which counts a shared part as partial agreement, and the comparison is corrected
for chance by Krippendorff's alpha: 1 is full agreement, 0 what chance alone would give.

References
----------
.. [1] Krippendorff, K. (2004). Content Analysis: An Introduction to Its Methodology, 2nd edition.
   Sage.
.. [2] Passonneau, R. (2006). Measuring agreement on set-valued items (MASI) for semantic and
   pragmatic annotation. Proceedings of the Fifth International Conference on Language Resources
   and Evaluation (LREC 2006), Genoa.
.. [3] Efron, B. and Tibshirani, R. J. (1993). An Introduction to the Bootstrap. Chapman & Hall.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

LEVEL: Final = 0.95
# Resampled weights held at once: 8 bytes each.
_WEIGHTS_AT_ONCE: Final = 5_000_000
Floats = NDArray[np.float64]
Labels = Sequence[frozenset[str]]


def compute_alpha(first: Labels, second: Labels) -> float:
    """Measure the agreement of two codings that give each unit a set of labels.

    Parameters
    ----------
    first, second : sequence of frozenset
        The labels of each unit in either coding, in the same order.

    Returns
    -------
    float
        Krippendorff's alpha over MASI distances; NaN where all sets are the same, since agreement
        on what does not vary cannot be told from chance.

    Examples
    --------
    Three units; the codings share part of the second:

    >>> trust, both = frozenset({"trust"}), frozenset({"trust", "time"})
    >>> time = frozenset({"time"})
    >>> round(compute_alpha([trust, both, time], [trust, trust, time]), 3)
    0.643
    """
    from nltk.metrics.agreement import AnnotationTask  # noqa: PLC0415  (cold start)

    if len({*first, *second}) < 2:
        return float("nan")
    rows = [
        (coder, unit, labels)
        for coder, coding in enumerate((first, second))
        for unit, labels in enumerate(coding)
    ]
    return float(AnnotationTask(rows, distance=masi).alpha())


def masi(first: frozenset[str], second: frozenset[str]) -> float:
    """Measure how far two sets of labels are apart: 0 the same, 1 nothing in common.

    Two empty sets are the same; the measure itself is not defined for them.

    Examples
    --------
    >>> round(masi(frozenset("ab"), frozenset("a")), 3)
    0.667
    >>> masi(frozenset(), frozenset()), masi(frozenset(), frozenset("a"))
    (0.0, 1.0)
    """
    from nltk.metrics.distance import masi_distance  # noqa: PLC0415  (cold start)

    return 0.0 if first == second else float(masi_distance(first, second))


@dataclass(frozen=True, eq=False)
class _Resampled:
    """A pair of codings, ready to be weighted: what alpha is made of, unit by unit."""

    observed: Floats  # distance between the codings, for each unit
    counts: Floats  # how often each unit has each label, units by labels
    distances: Floats  # between labels

    @classmethod
    def of(cls, first: Labels, second: Labels) -> _Resampled:
        labels = list(dict.fromkeys([*first, *second]))
        place = {label: i for i, label in enumerate(labels)}
        distances = np.array([[masi(a, b) for b in labels] for a in labels])
        a, b = (np.array([place[label] for label in coding]) for coding in (first, second))
        one_each = np.eye(len(labels))
        return cls(distances[a, b], one_each[a] + one_each[b], distances)

    def alphas(self, weights: Floats) -> Floats:
        """Return alpha under each row of weights; NaN where nothing varies."""
        units = weights.sum(axis=1)
        observed = weights @ self.observed / units
        counts = weights @ self.counts
        pairs = 2 * units * (2 * units - 1)
        expected = ((counts @ self.distances) * counts).sum(axis=1) / pairs
        alphas: Floats = 1 - np.divide(
            observed, expected, out=np.full(len(weights), np.nan), where=expected > 0
        )
        return alphas


def alpha_intervals(
    codings: Sequence[tuple[Labels, Labels]], draws: int, seed: int
) -> list[tuple[float, float, float, float]]:
    """Return alpha, its bounds and the share of undefined draws for each pair of codings.

    The bounds are percentiles of alpha over samples of the units with replacement, the same
    samples for all.
    """
    units = len(codings[0][0])
    if units == 0:
        return [(float("nan"),) * 4 for _ in codings]
    prepared = [_Resampled.of(*coding) for coding in codings]
    drawn: list[list[Floats]] = [[] for _ in codings]
    for weights in _samples(units, draws, seed):
        for parts, coding in zip(drawn, prepared, strict=True):
            parts.append(coding.alphas(weights))
    bounds = []
    for coding, parts in zip(prepared, drawn, strict=True):
        alphas = np.concatenate(parts)
        kept = alphas[~np.isnan(alphas)]
        tail = (1 - LEVEL) / 2
        low, high = (
            np.quantile(kept, [tail, 1 - tail]) if len(kept) else (float("nan"), float("nan"))
        )
        whole = float(coding.alphas(np.ones((1, units)))[0])
        bounds.append((whole, float(low), float(high), 1 - len(kept) / len(alphas)))
    return bounds


def _samples(units: int, draws: int, seed: int) -> Iterator[Floats]:
    """Yield how often each unit was drawn, a block of samples at a time."""
    random = np.random.default_rng(seed)
    block = max(1, _WEIGHTS_AT_ONCE // units)
    for start in range(0, draws, block):
        yield np.stack(
            [
                np.bincount(random.integers(units, size=units), minlength=units)
                for _ in range(min(block, draws - start))
            ]
        ).astype(np.float64)
