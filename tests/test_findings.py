"""What was measured: conversions checked by hand, like beside like, directions as directions."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from legibility import labels_cut_off, overlapping_labels
from printed import printed

from relnotes.analysis.findings import (
    compute_conflicts,
    compute_findings,
    compute_reported,
    convert_odds_ratio_to_d,
    convert_r_to_d,
    finding_in_words,
)
from relnotes.evidence.bibliography import Bibliography, Work
from relnotes.evidence.collection import Collection
from relnotes.figures.figure import Figure
from relnotes.figures.findings import found_findings, plot_findings

COLUMNS = [
    "finding_id",
    "key",
    "outcome",
    "measure",
    "estimate",
    "ci_low",
    "ci_high",
    "ci_level",
    "studies",
    "participants",
    "participants_bound",
    "direction",
]


def rows() -> list[list[str]]:
    none = ["not_coded"] * 3
    return [
        [
            "f001",
            "lee-2001",
            "relapse",
            "odds_ratio",
            "2",
            *none,
            "4",
            "120",
            "exact",
            "favourable",
        ],
        [
            "f002",
            "may-2002",
            "outcome",
            "r",
            "0.6",
            "0.5",
            "0.7",
            "95",
            "10",
            "900",
            "at_least",
            "favourable",
        ],
        [
            "f003",
            "lee-2001",
            "outcome",
            "r",
            "0.3",
            "0.1",
            "0.4",
            "95",
            "3",
            "not_reported",
            "exact",
            "favourable",
        ],
        [
            "f004",
            "may-2002",
            "relapse",
            "direction_only",
            *["not_reported"] * 4,
            "not_coded",
            "not_coded",
            "not_coded",
            "none",
        ],
        [
            "f005",
            "may-2002",
            "people asked",
            "count",
            "50",
            *none,
            "not_applicable",
            "50",
            "exact",
            "not_applicable",
        ],
        [
            "f006",
            "may-2002",
            "completion",
            "percentage_point_difference",
            "-14",
            *none,
            "not_coded",
            "not_coded",
            "not_coded",
            "favourable",
        ],
    ]


def collection(findings: list[list[str]] | None = None) -> Collection:
    works = Bibliography(
        {
            "lee-2001": Work("lee-2001", "book", {"author": "Lee, A.", "year": "2001"}),
            "may-2002": Work("may-2002", "book", {"author": "May, B.", "year": "2002"}),
        }
    )
    frame = pd.DataFrame(rows() if findings is None else findings, columns=COLUMNS)
    tables = {
        "findings": frame.assign(comparison="more against less", certainty="verified"),
        "studies": pd.DataFrame(
            {
                "key": list(works),
                "origin": ["listed", "added"],
                "design": "survey",
                "verification": "verified",
            }
        ),
        "claims": pd.DataFrame(
            {"claim_id": ["c001"], "statement": ["Trust helps."], "cites": ["may-2002;lee-2001"]}
        ),
    }
    return Collection.of(tables, bibliography=works)


# ---------------------------------------------------------------- conversions


def test_a_correlation_becomes_d() -> None:
    # By hand: 2 × 0.6 / sqrt(1 − 0.36) = 1.2 / 0.8 = 1.5.
    assert convert_r_to_d(0.6) == pytest.approx(1.5)
    # By hand: 2 × 0.278 / sqrt(1 − 0.077284) = 0.556 / 0.960581 = 0.5788; a meta-analysis that
    # gives r = .278 states the equivalent d = .579.
    assert round(convert_r_to_d(0.278), 3) == 0.579


def test_an_odds_ratio_becomes_d() -> None:
    # By hand: ln 2 = 0.693147; × 1.732051 / 3.141593 = 0.382150.
    assert convert_odds_ratio_to_d(2) == pytest.approx(0.38215, abs=1e-5)
    assert convert_odds_ratio_to_d(math.exp(math.pi / math.sqrt(3))) == pytest.approx(1)


@given(st.floats(-0.99, 0.99))
def test_r_and_d_agree_both_ways(r: float) -> None:
    d = convert_r_to_d(r)
    assert d / math.sqrt(d * d + 4) == pytest.approx(r, abs=1e-9)
    assert convert_r_to_d(-r) == pytest.approx(-d)


@pytest.mark.parametrize("r", [-1.0, 1.0, 1.2, math.nan])
def test_what_is_no_correlation_is_refused(r: float) -> None:
    with pytest.raises(ValueError, match="between -1 and 1"):
        convert_r_to_d(r)


@pytest.mark.parametrize("ratio", [0.0, -2.0, math.nan])
def test_what_is_no_odds_ratio_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        convert_odds_ratio_to_d(ratio)


# ---------------------------------------------------------------- computed


def test_like_stands_beside_like() -> None:
    findings = compute_findings(collection())
    assert findings["finding_id"].tolist() == ["f002", "f003", "f001", "f006", "f004", "f005"]
    assert findings["kind"].tolist() == [*["effect"] * 4, "direction", "count"]
    assert findings["as_d"].round(3).tolist() == [1.5, 0.629, 0.382, pd.NA, pd.NA, pd.NA]
    assert findings.set_index("finding_id").loc["f003", "participants_empty"] == "not_reported"


def test_an_impossible_number_is_not_converted() -> None:
    row = rows()[1]
    row[4] = "1.5"
    assert compute_findings(collection([row]))["as_d"].isna().all()


def test_reports_that_differ_are_found() -> None:
    findings = compute_findings(collection())
    assert compute_conflicts(findings).to_numpy().tolist() == [
        ["relapse", "favourable", 1, ("f001",)],
        ["relapse", "none", 1, ("f004",)],
    ]
    assert findings.loc[findings["differs"], "finding_id"].tolist() == ["f001", "f004"]


def test_a_broader_outcome_brings_reports_together_and_one_study_does_not_differ() -> None:
    sides = pd.DataFrame(
        {"finding_id": ["f1", "f2", "f3"], "key": ["a-2001", "b-2002", "c-2003"],
         "outcome": ["reconviction", "rearrest", "dropout"], "measure": "direction_only",
         "direction": ["favourable", "none", "none"]}
    )  # fmt: skip
    terms = pd.DataFrame(
        {"list": "outcome", "term": ["offending", "reconviction", "rearrest", "dropout"],
         "broader": ["not_applicable", "offending", "offending", "not_applicable"]}
    )  # fmt: skip
    studies = pd.DataFrame({"key": ["b-2002"], "report_of": ["a-2001"]})

    def conflicts(**tables: pd.DataFrame) -> list[list[object]]:
        found = compute_findings(Collection.of({"findings": sides, **tables}))
        return compute_conflicts(found).to_numpy().tolist()

    assert conflicts() == []
    assert conflicts(vocabularies=terms) == [
        ["offending", "favourable", 1, ("f1",)],
        ["offending", "none", 1, ("f2",)],
    ]
    assert conflicts(vocabularies=terms, studies=studies) == []


@pytest.mark.parametrize(
    ("overlaps", "said"),
    [
        ("not_applicable", "; they rest on 2 works that share no studies."),
        ("lee-2001", "; they rest on 2 works and are at most 1 witness, since some share studies."),
        ("not_reported", "; they rest on 2 works; whether 1 of these shares studies with others is "
         "not known."),
    ],
)  # fmt: skip
def test_two_meta_analyses_are_two_witnesses_only_where_they_share_no_studies(overlaps, said):
    known = collection()
    studies = known.studies.assign(overlaps_with=["not_applicable", overlaps])
    found = found_findings(compute_findings(known.replacing(studies=studies)))
    assert any(s.endswith(said) and s.startswith("2 reports on outcome give r") for s in found)
    fewer = ", which are at most 1 witness:" in found[0]
    assert fewer == (overlaps == "lee-2001")


def test_said_stands_beside_found() -> None:
    reported = compute_reported(collection())
    assert reported.to_dict("records") == [
        {
            "key": "lee-2001",
            "label": "Lee (2001)",
            "said": ("Trust helps.",),
            "claim_ids": ("c001",),
            "found": (
                "outcome: r = 0.3, 95% interval 0.1 to 0.4 (favourable)",
                "relapse: OR = 2 (favourable)",
            ),
            "finding_ids": ("f003", "f001"),
            "verification": "verified",
        }
    ]


def test_a_count_is_no_effect_in_words() -> None:
    findings = compute_findings(collection()).set_index("finding_id", drop=False)
    assert finding_in_words(findings.loc["f005"].to_dict()) == "people asked: 50"


# ---------------------------------------------------------------- in words


def test_sentences_follow_the_data() -> None:
    assert found_findings(compute_findings(collection())) == (
        "6 findings from 2 works: 4 effects with a number, 1 direction without one and 1 count.",
        "An interval is known for 2 of 4 effects. The 3 measures have an axis each, and nothing "
        "is pooled.",
        "2 reports on outcome give r = 0.3 to r = 0.6, and their intervals do not all overlap; "
        "they rest on 2 works; whether these share studies with others is not known.",
        "On relapse the reports differ: 1 favourable and 1 no difference found.",
        "No appraisal of quality was made.",
        "1 work of the page’s list has a finding here; 1 with an effect in numbers.",
    )


def test_a_row_more_changes_what_was_found() -> None:
    more = [
        "f007",
        "lee-2001",
        "outcome",
        "direction_only",
        *["not_reported"] * 4,
        "not_coded",
        "not_coded",
        "not_coded",
        "unfavourable",
    ]
    after = found_findings(compute_findings(collection([*rows(), more])))
    assert "On outcome the reports differ: 2 favourable and 1 unfavourable." in after


# ---------------------------------------------------------------- drawn


def words_on(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.drawing.axes[0].texts]


def test_no_two_measures_share_an_axis_and_directions_stand_by_outcome() -> None:
    figure = plot_findings(compute_findings(collection()))
    heads = [
        "Correlation: no effect at 0",
        "Odds ratio: no effect at 1, logarithmic scale",
        "Percentage points: no effect at 0",
        "Only the direction is given",
    ]
    assert [t for t in words_on(figure) if t in heads] == heads
    assert "≥ 900" in words_on(figure)
    assert "n.r." in words_on(figure)
    assert "f005" not in figure.marks  # a count compares nothing
    assert figure.marks["f001"] == ("findings:f001", "studies:lee-2001")


def test_directions_of_an_outcome_stand_in_one_row_those_in_favour_first() -> None:
    ways = ["mixed", "favourable", "none", "favourable"]
    findings = [[f"d{n}", *rows()[3][1:-1], way] for n, way in enumerate(ways)]
    sheet = printed(plot_findings(compute_findings(collection(findings))))
    spots = {name: sheet.parts(name, "dot")[0].centre for name in ("d0", "d1", "d2", "d3")}
    assert sorted(spots, key=lambda name: spots[name][0]) == ["d1", "d3", "d2", "d0"]
    assert len({round(y, 3) for _, y in spots.values()}) == 1


def test_what_a_page_has_no_room_for_is_counted() -> None:
    effects = [[f"e{n:03}", *rows()[1][1:]] for n in range(80)]
    directions = [
        [f"d{n:03}", *rows()[3][1:2], f"outcome {n // 25}", *rows()[3][3:]] for n in range(50)
    ]
    figure = plot_findings(compute_findings(collection([*effects, *directions])))
    words = " ".join(words_on(figure))
    assert f"{130 - len(figure.data)} findings for want of room" in words
    assert (figure.data["kind"] == "direction").sum() == 32  # 16 of each outcome
    assert (figure.data["kind"] == "effect").sum() > 20
    assert figure.drawing.get_size_inches()[1] * 25.4 <= 247
    assert overlapping_labels(figure.drawing) == []


def test_half_an_interval_is_drawn_and_said_as_half() -> None:
    low = [*rows()[1][:5], "0.5", "not_reported", *rows()[1][7:]]
    high = [*rows()[2][:5], "not_reported", "0.4", *rows()[2][7:]]
    findings = compute_findings(collection([low, high]))
    assert "An interval is known for 0 of 2 effects, and one end of it for 2 more." in " ".join(
        found_findings(findings)
    )
    figure = plot_findings(findings)
    drawn = figure.data.set_index("mark")[["line_from", "line_to"]]
    assert drawn.loc["f002"].tolist() == [0.5, 0.6]
    assert drawn.loc["f003"].tolist() == [0.3, 0.4]
    assert "95% interval from 0.5, the other end not known" in figure.description


def test_a_bound_that_no_logarithm_reaches_gets_an_arrow() -> None:
    row = [*rows()[0][:5], "0", "9", "95", *rows()[0][8:]]
    sheet = printed(plot_findings(compute_findings(collection([row]))))
    (line,), (arrow,) = sheet.parts("f001", "interval"), sheet.parts("f001", "beyond")
    assert arrow.left < line.left
    assert sheet.axis("odds_ratio").value(line.right) == pytest.approx(9, rel=0.01)


@pytest.mark.parametrize(
    ("measure", "null", "logarithmic"),
    [("smd", 0, False), ("hazard_ratio", 1, True), ("risk_ratio", 1, True)],
)
def test_every_declared_measure_is_an_effect_on_its_own_axis(
    measure: str, null: float, logarithmic: bool
) -> None:
    row = [*rows()[0][:3], measure, "0.6", "0.3", "1.4", "95", *rows()[0][8:]]
    findings = compute_findings(collection([row]))
    assert findings["kind"].tolist() == ["effect"]
    assert "1 effect with a number" in found_findings(findings)[0]
    sheet = printed(plot_findings(findings))
    axis = sheet.axis(measure)
    assert axis.logarithmic == logarithmic
    assert axis.value(sheet.shapes[f"axis:{measure}:null"].left) == pytest.approx(null, abs=0.01)


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([], "An empty forest plot"),
        ([rows()[4]], "An empty forest plot"),
        ([rows()[3]], "0 effects by measure and 1 direction. 1 finding: 1 no difference found"),
        ([rows()[0]], "Forest plot of 1 effect"),
        ([[*rows()[0][:4], "1e-9", "1e-12", "1e12", *rows()[0][7:]]], "Forest plot of 1 effect"),
        ([[*rows()[5][:4], "0", *rows()[5][5:]]], "Forest plot of 1 effect"),
    ],
    ids=["none", "only a count", "only a direction", "one", "wide", "nought"],
)
def test_awkward_findings_draw_and_say_so(findings: list[list[str]], words: str) -> None:
    figure = plot_findings(compute_findings(collection(findings)))
    assert words in figure.alt
    assert overlapping_labels(figure.drawing) == []
    assert labels_cut_off(figure.drawing) == []
