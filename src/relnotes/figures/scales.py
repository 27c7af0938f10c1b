"""Axes that are printed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Scale:
    """An axis that is printed: which value stands how far from its left end."""

    name: str
    low: float
    high: float
    width: float
    ticks: tuple[float, ...]
    logarithmic: bool = False
    word: Callable[[float], str] = "{:,.10g}".format

    @classmethod
    def linear(cls, name: str, low: float, high: float, width: float) -> Scale:
        """From `low` to `high`, with round ticks."""
        return cls(name, low, high, width, _round_ticks(low, high, width / 32))

    @classmethod
    def counts(cls, name: str, most: float, width: float) -> Scale:
        """From nothing to `most`, in whole numbers."""
        high = max(1, most)
        whole = (tick for tick in _round_ticks(0, high, width / 26) if tick == round(tick))
        return cls(name, 0, high, width, tuple(whole))

    @classmethod
    def years(cls, name: str, first: int, last: int, width: float) -> Scale:
        """Whole years, with half a year of air at either end; one year stands between two."""
        if first == last:
            first, last = first - 1, last + 1
        least = 28 * (last - first) / width  # years that a number takes
        step = next((s for s in (1, 2, 5, 10, 20, 50, 100) if s >= least), round_step(least))
        ticks = tuple(float(y) for y in range(first, last + 1) if y % step == 0)
        ticks = ticks if len(ticks) > 1 else tuple(sorted({float(first), float(last)}))
        return cls(name, first - 0.5, last + 0.5, width, ticks, word="{:.0f}".format)

    @classmethod
    def log(cls, name: str, low: float, high: float, width: float) -> Scale:
        """From `low` to `high`, equal ratios equally far apart."""
        axis = cls(name, low, high, width, (), logarithmic=True)
        tens = [10.0**p for p in range(-15, 16)]
        kept: list[float] = []
        for number in [1.0, *tens, *(a * ten for a in (2, 5, 3, 1.5, 1.2) for ten in tens)]:
            if low <= number <= high and all(abs(axis(number) - axis(k)) >= 22 for k in kept):
                kept.append(float(f"{number:.12g}"))
        return replace(axis, ticks=tuple(sorted(kept)))

    def __call__(self, value: float) -> float:
        """Return how far from the left end a value stands, in points."""
        low, high = self.low, self.high
        if self.logarithmic:
            value, low, high = math.log(value), math.log(low), math.log(high)
        return (value - low) / (high - low) * self.width if high > low else self.width / 2


def _round_ticks(low: float, high: float, most: float) -> tuple[float, ...]:
    """Return round numbers from low to high, two at least and about `most`."""
    number = max(2.0, most)
    while True:
        step = round_step((high - low) / number)
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last > first:
            return tuple(float(f"{n * step:.12g}") for n in range(first, last + 1))
        number += 1


def round_step(step: float) -> float:
    """Return the round number (1, 2 or 5 times a power of ten) at or above a step.

    Examples
    --------
    >>> round_step(0.4), round_step(3), round_step(37)
    (0.5, 5.0, 50.0)
    """
    if step <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(step))
    return next(float(f"{f * power:.12g}") for f in (1, 2, 5, 10) if f * power >= step * (1 - 1e-9))
