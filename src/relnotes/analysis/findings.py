"""What was measured: effects by measure, directions, reports that differ, and what was verified.

Only like stands beside like. Effects are grouped by their measure, and nothing is pooled: to pool
is to say that studies ask one question, which these do not. Where a measure can be turned into a
standardised mean difference by a published formula, the result stands in a column of its own.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from relnotes.analysis.independence import find_sharing, study_of
from relnotes.analysis.works import select_works
from relnotes.evidence.schema import NOT_CODED
from relnotes.evidence.sources import keys_in
from relnotes.evidence.vocabulary import DIRECTION_ONLY, Measure, terms_of

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

EFFECT, DIRECTION, COUNT = "effect", "direction", "count"
WITHOUT_COMPARISON: Final = ("count", "proportion")
"""Measures that compare nothing, so that they point nowhere."""

DIRECTIONS: Final = ("favourable", "none", "mixed", "unfavourable")

_NUMBERS: Final = ["estimate", "ci_low", "ci_high", "ci_level", "studies", "participants"]


def convert_r_to_d(r: float) -> float:
    """Convert a correlation into a standardised mean difference.

    Parameters
    ----------
    r : float
        Correlation, between -1 and 1.

    Returns
    -------
    float
        Cohen's *d*: ``2 r / sqrt(1 - r²)``.

    Raises
    ------
    ValueError
        If `r` is not between -1 and 1.

    References
    ----------
    Borenstein, M., Hedges, L. V., Higgins, J. P. T. and Rothstein, H. R. (2009). Introduction to
    Meta-Analysis. Chichester: Wiley, chapter 7.

    Examples
    --------
    >>> round(convert_r_to_d(0.6), 3)
    1.5
    """
    if not -1 < r < 1:
        raise ValueError(
            f"A correlation of {r:g} cannot be converted: it must be between -1 and 1."
        )
    return 2 * r / math.sqrt(1 - r * r)


def convert_odds_ratio_to_d(odds_ratio: float) -> float:
    """Convert an odds ratio into a standardised mean difference.

    The formula takes the outcome to be a cut through a logistic variable.

    Parameters
    ----------
    odds_ratio : float
        Above 0.

    Returns
    -------
    float
        Cohen's *d*: ``ln(odds ratio) × sqrt(3) / π``.

    Raises
    ------
    ValueError
        If the ratio is not above 0.

    References
    ----------
    Borenstein, M., Hedges, L. V., Higgins, J. P. T. and Rothstein, H. R. (2009). Introduction to
    Meta-Analysis. Chichester: Wiley, chapter 7.

    Examples
    --------
    >>> convert_odds_ratio_to_d(1.0), round(convert_odds_ratio_to_d(2.0), 3)
    (0.0, 0.382)
    """
    if not odds_ratio > 0:
        raise ValueError(
            f"An odds ratio of {odds_ratio:g} cannot be converted: it must be above 0."
        )
    return math.log(odds_ratio) * math.sqrt(3) / math.pi


def compute_findings(collection: Collection) -> pd.DataFrame:
    """Sort the findings of a collection so that like stands beside like.

    Returns
    -------
    DataFrame
        One row a finding: effects by measure and outcome, then directions by outcome, then counts.
        ``finding_id``, ``key``, ``label`` (author and year), ``origin`` (empty where the studies
        do not have the work), ``kind`` (``effect``, ``direction``, or ``count``), ``outcome``,
        ``measure``, ``estimate``, ``ci_low``, ``ci_high``, ``ci_level``, ``studies``,
        ``participants``, ``participants_bound``, ``comparison``, ``direction``, what is declared of
        the measure (``measure_label``, ``null``, ``logarithmic``), ``design`` of the work, in words
        (empty where nothing says it), ``step`` (the highest of its designs on the ladder that the
        vocabulary declares), ``appraisal`` (empty where none was made), ``as_d`` (converted
        to a standardised mean difference, NA where that cannot be done), ``about`` (the broadest
        term for the outcome), ``study`` (key of its main report), ``shares`` (studies that bring
        together some of the same studies), ``shares_known`` (whether that could be coded),
        ``differs`` (whether other findings on the outcome point another way), ``certainty``,
        ``source``, ``note``; and for each number ``<column>_empty``, the word in its place.
    """
    findings = collection.findings.reset_index(drop=True).copy()
    words = collection.empties("findings").reset_index(drop=True)
    for column in _NUMBERS:
        findings[f"{column}_empty"] = words[column].astype("str")
    labels, origins = _names(collection)
    findings["label"] = findings["key"].map(lambda k: labels.get(k, k)).astype("str")
    findings["origin"] = findings["key"].map(lambda k: origins.get(k, "")).astype("str")
    known = collection.measures
    declared = [known.get(name, Measure(name, name)) for name in findings["measure"]]
    findings["measure_label"] = pd.Series([m.label for m in declared], dtype="str")
    findings["null"] = pd.array([m.null for m in declared], dtype="Float64")
    findings["logarithmic"] = [m.logarithmic for m in declared]
    findings["kind"] = [_kind(m, e) for m, e in zip(declared, findings["estimate"], strict=True)]
    findings["as_d"] = pd.array(
        [_as_d(m, e) for m, e in zip(findings["measure"], findings["estimate"], strict=True)],
        dtype="Float64",
    )
    designs = collection.studies.set_index("key")["design"]
    findings["design"], findings["step"] = _designs(collection, findings["key"].map(designs))
    findings["appraisal"] = ["; ".join(terms_of(str(cell))) for cell in findings["appraisal"]]
    findings["about"] = [broadest(collection, outcome) for outcome in findings["outcome"]]
    findings["study"] = [study_of(collection, key) for key in findings["key"]]
    sharing = find_sharing(collection)
    findings["shares"] = [tuple(sorted(sharing.get(study, ()))) for study in findings["study"]]
    findings["shares_known"] = [
        collection.overlaps_with.get(key, NOT_CODED) not in (NOT_CODED, "not_reported")
        for key in findings["key"]
    ]
    disputed = set(compute_conflicts(findings)["outcome"])
    findings["differs"] = findings["about"].isin(disputed) & (findings["kind"] != COUNT)
    place = {EFFECT: 0, DIRECTION: 1, COUNT: 2}
    measures = {measure: number for number, measure in enumerate(known)}
    order = findings.assign(
        a=findings["kind"].map(place),
        b=findings["measure"].map(measures).fillna(len(measures)),
    ).sort_values(["a", "b", "outcome", "finding_id"])
    first = ["finding_id", "key", "label", "origin", "kind", "outcome", "measure"]
    return order[[*first, *(c for c in findings.columns if c not in first)]].reset_index(drop=True)


def _names(collection: Collection) -> tuple[dict[str, str], dict[str, str]]:
    works = select_works(collection)
    labels = {key: work.author_year for key, work in collection.bibliography.items()}
    labels |= dict(zip(works["key"], works["label"], strict=True))
    studies = collection.studies
    return labels, dict(zip(studies["key"], studies["origin"], strict=True))


def _designs(
    collection: Collection, cells: pd.Series[str]
) -> tuple[list[str], pd.api.extensions.ExtensionArray]:
    """Return designs in words and their highest step on the declared ladder."""
    terms, listed = collection.vocabulary("design"), collection.vocabularies
    ladder = listed[(listed["list"] == "design") & listed["step"].notna()]
    steps = dict(zip(ladder["term"], ladder["step"].astype(int), strict=True))
    held = [terms_of("" if pd.isna(cell) else str(cell)) for cell in cells]
    words = [", ".join(terms.label(term) for term in of_work) for of_work in held]
    highest = [max((steps[t] for t in of_work if t in steps), default=pd.NA) for of_work in held]
    return words, pd.array(highest, dtype="Int64")


def _kind(measure: Measure, estimate: Any) -> str:
    if measure.name == DIRECTION_ONLY or pd.isna(estimate):
        return DIRECTION
    return COUNT if measure.name in WITHOUT_COMPARISON else EFFECT


def _as_d(measure: str, estimate: Any) -> Any:
    if pd.isna(estimate):
        return pd.NA
    value = float(estimate)
    if measure == "r" and -1 < value < 1:
        return convert_r_to_d(value)
    if measure == "odds_ratio" and value > 0:
        return convert_odds_ratio_to_d(value)
    return pd.NA


def compute_conflicts(findings: pd.DataFrame) -> pd.DataFrame:
    """Find the outcomes on which reports point different ways.

    Outcomes are compared by the broadest term that the vocabulary knows of each, so that
    *reconviction* and *reoffending* can be one. Reports of one study do not differ from it.

    Parameters
    ----------
    findings : DataFrame
        Findings with ``finding_id``, ``about`` (the broadest outcome), ``study`` and
        ``direction``, as `compute_findings` gives them.

    Returns
    -------
    DataFrame
        One row for each such outcome and direction: ``outcome``, ``direction``, ``findings`` (how
        many), ``finding_ids``.

    Examples
    --------
    >>> found = pd.DataFrame({"finding_id": ["f001", "f002"], "about": "relapse",
    ...                       "direction": ["favourable", "none"], "study": ["roe", "doe"]})
    >>> compute_conflicts(found)
       outcome   direction  findings finding_ids
    0  relapse  favourable         1     (f001,)
    1  relapse        none         1     (f002,)
    >>> len(compute_conflicts(found.assign(study="roe")))
    0
    """
    pointing = findings[findings["direction"].isin(DIRECTIONS)]
    alike = pointing.groupby("about")[["direction", "study"]].transform("nunique")
    differing = pointing[(alike > 1).all(axis=1)]
    rows = [
        (outcome, direction, int(here.sum()), tuple(group.loc[here, "finding_id"]))
        for outcome, group in differing.groupby("about", sort=True)
        for direction in DIRECTIONS
        for here in [group["direction"] == direction]
        if here.any()
    ]
    return pd.DataFrame(rows, columns=["outcome", "direction", "findings", "finding_ids"])


def broadest(collection: Collection, outcome: str) -> str:
    """Return the broadest term that takes in an outcome; itself where none or several do."""
    outcomes = collection.vocabulary("outcome")
    tops = [term for term in outcomes.above(outcome) if not outcomes.above(term)]
    return tops[0] if len(tops) == 1 else outcome


def compute_reported(collection: Collection) -> pd.DataFrame:
    """Set what the listed works are said to show beside what could be verified.

    Returns
    -------
    DataFrame
        One row for each listed work, in the order of the studies: ``key``, ``label``, ``said``
        (the statements of the claims that cite it), ``claim_ids``, ``found`` (its findings here
        in words), ``finding_ids``, ``verification`` of its entry. Empty tuples where the page
        cites it for nothing, or nothing that it found could be read.
    """
    works = select_works(collection)
    own = works[works["origin"] == "listed"]
    findings = compute_findings(collection)
    claims = [
        (claim, statement, keys_in(cites))
        for claim, statement, cites in zip(
            collection.claims["claim_id"],
            collection.claims["statement"],
            collection.claims["cites"],
            strict=True,
        )
    ]
    records = []
    for key, label, verification in zip(own["key"], own["label"], own["verification"], strict=True):
        said = [(claim, statement) for claim, statement, cited in claims if key in cited]
        of_work = findings[findings["key"] == key].to_dict("records")
        records.append(
            {
                "key": key,
                "label": label,
                "said": tuple(statement for _, statement in said),
                "claim_ids": tuple(claim for claim, _ in said),
                "found": tuple(finding_in_words(row) for row in of_work),
                "finding_ids": tuple(row["finding_id"] for row in of_work),
                "verification": verification,
            }
        )
    columns = ["key", "label", "said", "claim_ids", "found", "finding_ids", "verification"]
    return pd.DataFrame(records, columns=columns)


def finding_in_words(finding: dict[Any, Any]) -> str:
    """Say one finding in words.

    Parameters
    ----------
    finding : dict
        A row of `compute_findings`.

    Examples
    --------
    >>> finding_in_words({"kind": "direction", "outcome": "relapse", "direction": "none"})
    'relapse: no difference found, only the direction is given'
    """
    direction = {"none": "no difference found"}.get(finding["direction"], finding["direction"])
    if finding["kind"] == DIRECTION:
        return f"{finding['outcome']}: {direction}, only the direction is given"
    number = number_in_words(finding["measure"], finding["estimate"])
    interval = interval_in_words(finding)
    ends = f" ({direction})" if finding["kind"] == EFFECT else ""
    return f"{finding['outcome']}: {number}{f', {interval}' if interval else ''}{ends}"


def number_in_words(measure: str, estimate: float) -> str:
    """Write an estimate with its measure.

    Examples
    --------
    >>> number_in_words("r", 0.275), number_in_words("percentage_point_difference", -14.0)
    ('r = 0.275', '−14 points')
    """
    value = f"{estimate:g}".replace("-", "−")
    if measure == "percentage_point_difference":
        sign = "+" if estimate > 0 else ""
        return f"{sign}{value} {'point' if abs(estimate) == 1 else 'points'}"
    if measure == "count":
        return f"{estimate:,.0f}"
    return f"{_SHORT.get(measure, measure.replace('_', ' '))} = {value}"


_SHORT: Final = {
    "smd": "SMD",
    "md": "MD",
    "odds_ratio": "OR",
    "risk_ratio": "RR",
    "hazard_ratio": "HR",
}


def interval_in_words(finding: dict[Any, Any]) -> str:
    """Write the interval of a finding; empty where it has none.

    Examples
    --------
    >>> interval_in_words({"ci_low": 0.25, "ci_high": 0.3, "ci_level": 95})
    '95% interval 0.25 to 0.3'
    """
    low, high = (
        "" if pd.isna(finding[end]) else f"{float(finding[end]):g}" for end in ("ci_low", "ci_high")
    )
    if not low and not high:
        return ""
    level = "" if pd.isna(finding["ci_level"]) else f"{float(finding['ci_level']):g}% "
    ends = f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"
    half = "" if low and high else ", the other end not known"
    return f"{level}interval {ends}{half}".replace("-", "−")
