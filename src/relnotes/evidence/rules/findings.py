"""Rules for findings: numbers fit their measure and one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, rule
from relnotes.evidence.rules.shapes import row_rule
from relnotes.evidence.vocabulary import DIRECTION_ONLY, measures

_ENDS = ("ci_low", "ci_high")
_GROUPS = ("value", "comparison_value")
_R = "r,not_applicable,not_applicable,"
_DIRECTION = "direction_only,not_applicable,not_applicable,not_reported"


def _numbers(evidence: Evidence, column: str) -> pd.Series[float]:
    return pd.to_numeric(evidence.frame("findings")[column], errors="coerce")


@row_rule(
    "findings", "estimate",
    "The estimate does not lie between the bounds.", "Check all three in the source.",
    good=Example("findings.csv", "0.25,0.10,0.40", "0.25,0.25,0.25"),
    bad=Example("findings.csv", "0.25,0.10,0.40", "0.25,0.40,0.10"),
)  # fmt: skip
def interval_order(evidence: Evidence) -> Iterable[int]:
    """An estimate lies inside its interval."""
    low, estimate, high = (_numbers(evidence, c) for c in ("ci_low", "estimate", "ci_high"))
    return estimate.index[(low > estimate) | (estimate > high) | (low > high)]


@rule(
    good=Example("findings.csv", "0.25,0.10,0.40,95", "0.25,not_reported,not_reported,not_applicable"),
    bad=Example("findings.csv", "0.25,0.10,0.40,95", "0.25,0.10,not_reported,95"),
)  # fmt: skip
def half_interval(evidence: Evidence) -> Iterator[Fault]:
    """An interval has two ends, or none."""
    mend = "Write both ends, or waive the rule where the source gives one."
    return _halves(evidence, _ENDS, "The interval has its other end only.", mend)


@rule(
    good=Example("findings.csv", _R, "percentage_point_difference,54.5,73,"),
    bad=Example("findings.csv", _R, "percentage_point_difference,54.5,not_reported,"),
)
def half_comparison(evidence: Evidence) -> Iterator[Fault]:
    """Where one group's value stands, the other's stands too."""
    mend = "Write both, or neither and say the one in the note."
    return _halves(evidence, _GROUPS, "Only the other group's value is given.", mend)


def _halves(evidence: Evidence, pair: tuple[str, str], message: str, mend: str) -> Iterator[Fault]:
    """Yield a fault for each number that lacks where the other of its pair stands."""
    table = evidence.schema.table("findings")
    there = {column: _numbers(evidence, column).notna() for column in pair}
    for column, other in (pair, pair[::-1]):
        cells = evidence.frame("findings")[column][~there[column] & there[other]]
        yield from evidence.faults_where(table, column, cells, message, mend)


@rule(
    good=Example("findings.csv", "0.25,0.10,0.40", "-1,-1,1"),
    bad=Example("findings.csv", "0.25,0.10,0.40", "0.25,0.10,1.40"),
)
def measure_agrees(evidence: Evidence) -> Iterator[Fault]:
    """An estimate and the ends of its interval are possible for their measure.

    A correlation lies between -1 and 1, a ratio is above 0, a count is not negative; what the
    vocabulary declares lies in the range it declares.
    """
    table, names = evidence.schema.table("findings"), evidence.frame("findings")["measure"]
    known = measures(evidence.schema, evidence.frame("vocabularies"))
    for column in ("estimate", *_ENDS):
        for line, number in _numbers(evidence, column).dropna().items():
            at = int(str(line))
            measure = known.get(names[at])
            if measure and not measure.holds(number):
                message = f"A {measure.label.lower()} is {measure.limits}."
                yield evidence.fault(table, column, at, message, "Mend the measure or the number.")


@row_rule(
    "findings", "estimate",
    "A direction has a number, or another measure has none.", "Mend the measure or the estimate.",
    good=Example("findings.csv", _DIRECTION, "direction_only,not_applicable,not_applicable,not_applicable"),
    bad=Example("findings.csv", _DIRECTION, "direction_only,not_applicable,not_applicable,0.5"),
)  # fmt: skip
def direction_has_no_number(evidence: Evidence) -> Iterable[int]:
    """A mere direction goes without a number, and every other measure with one.

    The number is an estimate, or the values of the two groups.
    """
    estimate = _numbers(evidence, "estimate")
    direction = evidence.frame("findings")["measure"] == DIRECTION_ONLY
    bare = estimate.isna() & _numbers(evidence, _GROUPS[0]).isna()
    return estimate.index[(direction & estimate.notna()) | (~direction & bare)]
