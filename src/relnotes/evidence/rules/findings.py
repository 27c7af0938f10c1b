"""Rules for findings: numbers fit their measure and one another."""

from __future__ import annotations

import pandas as pd

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, rule
from relnotes.evidence.vocabulary import DIRECTION_ONLY, Measure, measures

_ENDS = ("ci_low", "ci_high")
_GROUPS = ("value", "comparison_value")
_R = "r,not_applicable,not_applicable,"
_DIRECTION = "direction_only,not_applicable,not_applicable,not_reported"


def _numbers(evidence: Evidence, column: str) -> pd.Series[float]:
    return pd.to_numeric(evidence.frame("findings")[column], errors="coerce")


def _faults(
    evidence: Evidence, column: str, wrong: pd.Series[bool], message: str, mend: str
) -> list[Fault]:
    table = evidence.schema.table("findings")
    cells = evidence.frame("findings")[column][wrong]
    return evidence.faults_where(table, column, cells, message, mend)


@rule(
    good=Example("findings.csv", "0.25,0.10,0.40", "0.25,0.25,0.25"),
    bad=Example("findings.csv", "0.25,0.10,0.40", "0.25,0.40,0.10"),
)
def interval_order(evidence: Evidence) -> list[Fault]:
    """An estimate lies inside its interval."""
    low, estimate, high = (_numbers(evidence, c) for c in ("ci_low", "estimate", "ci_high"))
    return _faults(
        evidence,
        "estimate",
        (low > estimate) | (estimate > high) | (low > high),
        "The estimate does not lie between the bounds.",
        "Check all three in the source.",
    )


@rule(
    good=Example("findings.csv", "0.25,0.10,0.40,95", "0.25,not_reported,not_reported,not_applicable"),
    bad=Example("findings.csv", "0.25,0.10,0.40,95", "0.25,0.10,not_reported,95"),
)  # fmt: skip
def half_interval(evidence: Evidence) -> list[Fault]:
    """An interval has two ends, or none."""
    low, high = (_numbers(evidence, end) for end in _ENDS)
    faults = []
    for column, missing, there in (("ci_low", low, high), ("ci_high", high, low)):
        faults += _faults(
            evidence,
            column,
            missing.isna() & there.notna(),
            "The interval has its other end only.",
            "Write both ends, or waive the rule where the source gives one.",
        )
    return faults


@rule(
    good=Example("findings.csv", _R, "percentage_point_difference,54.5,73,"),
    bad=Example("findings.csv", _R, "percentage_point_difference,54.5,not_reported,"),
)
def half_comparison(evidence: Evidence) -> list[Fault]:
    """Where one group's value stands, the other's stands too."""
    first, second = (_numbers(evidence, column) for column in _GROUPS)
    faults = []
    for column, missing, there in ((_GROUPS[0], first, second), (_GROUPS[1], second, first)):
        faults += _faults(
            evidence,
            column,
            missing.isna() & there.notna(),
            "Only the other group's value is given.",
            "Write both, or neither and say the one in the note.",
        )
    return faults


@rule(
    good=Example("findings.csv", "0.25,0.10,0.40", "-1,-1,1"),
    bad=Example("findings.csv", "0.25,0.10,0.40", "0.25,0.10,1.40"),
)
def measure_agrees(evidence: Evidence) -> list[Fault]:
    """An estimate and the ends of its interval are possible for their measure.

    A correlation lies between -1 and 1, a ratio is above 0, a count is not negative; what the
    vocabulary declares lies in the range it declares.
    """
    known = measures(evidence.schema, evidence.frame("vocabularies"))
    kinds = [known.get(m, Measure(m, m)) for m in evidence.frame("findings")["measure"]]
    faults = []
    for column in ("estimate", *_ENDS):
        numbers = _numbers(evidence, column)
        wrong = [
            None if pd.isna(n) or m.holds(n) else m for m, n in zip(kinds, numbers, strict=True)
        ]
        for measure in dict.fromkeys(filter(None, wrong)):
            faults += _faults(
                evidence,
                column,
                pd.Series([m is measure for m in wrong], index=numbers.index),
                f"A {measure.label.lower()} is {measure.limits}.",
                "Mend the measure or the number.",
            )
    return faults


@rule(
    good=Example("findings.csv", _DIRECTION, "direction_only,not_applicable,not_applicable,not_applicable"),
    bad=Example("findings.csv", _DIRECTION, "direction_only,not_applicable,not_applicable,0.5"),
)  # fmt: skip
def direction_has_no_number(evidence: Evidence) -> list[Fault]:
    """A mere direction goes without a number, and every other measure with one.

    The number is an estimate, or the values of the two groups.
    """
    estimate = _numbers(evidence, "estimate")
    direction = evidence.frame("findings")["measure"] == DIRECTION_ONLY
    bare = estimate.isna() & _numbers(evidence, _GROUPS[0]).isna()
    return _faults(
        evidence,
        "estimate",
        (direction & estimate.notna()) | (~direction & bare),
        "A direction has a number, or another measure has none.",
        "Mend the measure or the estimate.",
    )
