"""Controlled terms: what may stand in a column, what is narrower than what, how a measure runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from relnotes.evidence.schema import NOT_CODED, Schema

EMPTIES = ("", "not_reported", "not_applicable", NOT_CODED)
"""What stands in a cell that holds no term."""


def terms_of(cell: str) -> tuple[str, ...]:
    """Read the terms of a cell; none where it holds a word for empty.

    Examples
    --------
    >>> terms_of("probation; youth justice"), terms_of("not_reported")
    (('probation', 'youth justice'), ())
    """
    return tuple(t for part in cell.split(";") if (t := part.strip()) not in EMPTIES)


@dataclass(frozen=True)
class Vocabulary:
    """The terms of one list: their labels and the terms one step above each."""

    labels: Mapping[str, str]
    broader: Mapping[str, tuple[str, ...]]

    def label(self, term: str) -> str:
        """Return what readers see of a term; the term itself where it has no label."""
        return self.labels.get(term) or term

    def above(self, term: str) -> frozenset[str]:
        """Return every term that takes this one in, not the term itself."""
        found: set[str] = set()
        ahead = list(self.broader.get(term, ()))
        while ahead:
            parent = ahead.pop()
            if parent not in found:
                found.add(parent)
                ahead += self.broader.get(parent, ())
        return frozenset(found - {term})

    def takes(self, term: str, cell: str) -> bool:
        """Say whether a cell holds the term or a narrower one.

        Examples
        --------
        >>> places = Vocabulary({}, {"England": ("England and Wales",)})
        >>> places.takes("England and Wales", "England; Jersey")
        True
        >>> places.takes("England", "England and Wales")
        False
        """
        return any(term == t or term in self.above(t) for t in terms_of(cell))

    def broader_only(self, term: str, cell: str) -> bool:
        """Say whether a cell holds only something broader, so that nobody knows."""
        above = self.above(term)
        return not self.takes(term, cell) and any(t in above for t in terms_of(cell))


def vocabulary(vocabularies: pd.DataFrame, name: str) -> Vocabulary:
    """Read one list of the table of vocabularies."""
    rows = vocabularies[vocabularies["list"] == name]
    return Vocabulary(
        labels=dict(zip(rows["term"], rows["label"], strict=True)),
        broader={t: terms_of(b) for t, b in zip(rows["term"], rows["broader"], strict=True)},
    )


@dataclass(frozen=True)
class Measure:
    """A kind of number: where it can lie, what no difference is, and how it is drawn.

    A limit that is None is no limit; a measure without `null` compares nothing. On a
    logarithmic scale `lowest` itself cannot be reached.
    """

    name: str
    label: str
    lowest: float | None = None
    highest: float | None = None
    null: float | None = None
    logarithmic: bool = False

    @property
    def limits(self) -> str:
        """The range in words; empty where there is none."""
        low = "above" if self.logarithmic else "at least"
        words = [f"{low} {self.lowest:g}"] if self.lowest is not None else []
        words += [f"at most {self.highest:g}"] if self.highest is not None else []
        return " and ".join(words)

    def holds(self, number: float) -> bool:
        """Say whether the measure can have this value."""
        if self.lowest is not None and (
            number < self.lowest or (self.logarithmic and number == self.lowest)
        ):
            return False
        return self.highest is None or number <= self.highest


DIRECTION_ONLY = "direction_only"
"""The measure of a finding that has a direction and no number."""

MEASURES: Mapping[str, Measure] = {
    m.name: m
    for m in (
        Measure("r", "Correlation", -1, 1, 0),
        Measure("smd", "Standardised mean difference", null=0),
        Measure("md", "Mean difference", null=0),
        Measure("odds_ratio", "Odds ratio", 0, null=1, logarithmic=True),
        Measure("risk_ratio", "Risk ratio", 0, null=1, logarithmic=True),
        Measure("hazard_ratio", "Hazard ratio", 0, null=1, logarithmic=True),
        Measure("percentage_point_difference", "Percentage points", -100, 100, 0),
        Measure("proportion", "Proportion", 0, 1),
        Measure("count", "Count", 0),
        Measure(DIRECTION_ONLY, "Direction only"),
    )
}
"""The measures that every collection knows."""


def measures(schema: Schema, vocabularies: pd.DataFrame) -> dict[str, Measure]:
    """Return the measures of a collection by name.

    Those that every collection knows, those its descriptor lists, of which only the name is
    known, and those its vocabulary declares, which come before the others of their name.

    Examples
    --------
    >>> from relnotes.evidence.schema import house_schema
    >>> declared = pd.DataFrame(
    ...     {"list": ["measure"], "term": ["phi"], "label": ["Phi"], "lowest": ["-1"],
    ...      "highest": ["1"], "null": ["0"], "scale": ["linear"]}
    ... )
    >>> known = measures(house_schema(), declared)
    >>> known["phi"].limits, known["odds_ratio"].limits
    ('at least -1 and at most 1', 'above 0')
    """
    found = {name: Measure(name, name) for name in schema.table("findings").field("measure").enum}
    found |= MEASURES
    rows = vocabularies[vocabularies["list"] == "measure"]
    for row in rows.to_dict("records"):
        low, high, null = (_number(row[column]) for column in ("lowest", "highest", "null"))
        term, known = str(row["term"]), found.get(str(row["term"]))
        if known is not None and low is high is null is None:
            continue  # a label or definition only: what is known of the measure stays true
        found[term] = Measure(
            term, str(row["label"]) or term, low, high, null, row["scale"] == "logarithmic"
        )
    return found


def _number(cell: object) -> float | None:
    try:
        number = float(str(cell))
    except ValueError:
        return None
    return None if math.isnan(number) else number
