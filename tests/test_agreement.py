"""Agreement of two codings: published worked examples, sums by hand, and the edges."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from legibility import labels_cut_off, overlapping_labels, smallest_text

from relnotes import open_collection
from relnotes.analysis.agreement import (
    Agreement,
    compute_agreement,
    compute_agreements,
    compute_ladder,
    compute_survival,
    find_example,
    found_agreement,
    found_agreements,
    found_survival,
    worth,
)
from relnotes.analysis.alpha import _Resampled, compute_alpha, masi
from relnotes.evidence.collection import Collection
from relnotes.figures.agreement import MOST_ROWS, plot_agreement_concepts


def sets(*labels: str) -> list[frozenset[str]]:
    """Each word is a unit, each letter a label; ‘-’ is no label at all."""
    return [frozenset(word.strip("-")) for word in labels]


# ---------------------------------------------------------------- known answers


def test_krippendorff_two_observers_of_two_values():
    # Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, example A: Meg and Owen.
    # Coincidences: 10 of 0-0, 4 each of 0-1 and 1-0, 2 of 1-1, so alpha = 1 - 19 x 4 / (14 x 6).
    meg = sets(*"0100000010")
    owen = sets(*"1110010000")
    assert compute_alpha(meg, owen) == pytest.approx(1 - 19 * 4 / (14 * 6))
    assert round(compute_alpha(meg, owen), 3) == 0.095


def test_krippendorff_two_observers_of_five_values():
    # The same paper, example B: Ben and Gerry, nominal alpha 0.692.
    assert round(compute_alpha(sets(*"aabbdcccedda"), sets(*"babbbccceddd")), 3) == 0.692


@pytest.mark.parametrize(
    ("first", "second", "distance"),
    [
        # Passonneau (2006): one minus Jaccard times 1, 2/3, 1/3 or 0.
        ("ab", "ab", 0),
        ("ab", "abcd", 1 - 1 / 2 * 2 / 3),
        ("abc", "bcd", 1 - 2 / 4 * 1 / 3),
        ("ab", "cd", 1),
        ("", "a", 1),
        ("", "", 0),
    ],
)
def test_masi_of_two_sets(first: str, second: str, distance: float):
    assert masi(frozenset(first), frozenset(second)) == pytest.approx(distance, abs=1e-12)
    assert masi(frozenset(second), frozenset(first)) == pytest.approx(distance, abs=1e-12)


def test_sets_by_hand():
    # Units: a|a, ab|a, -|-.  Observed: (0 + 2/3 + 0) / 3 = 2/9.
    # Labels: three a, one ab, two empty. Distances a-ab 2/3, a-empty 1, ab-empty 1.
    # Expected: 2 x (3x1x2/3 + 3x2x1 + 1x2x1) / (6 x 5) = 2/3.  Alpha: 1 - 1/3.
    assert compute_alpha(sets("a", "ab", "-"), sets("a", "a", "-")) == pytest.approx(2 / 3)


def test_agreement_worse_than_chance_is_negative():
    # Observed 1; labels two a, two b: expected 2 x 2 x 2 / (4 x 3) = 2/3; alpha = 1 - 3/2.
    assert compute_alpha(sets("a", "b"), sets("b", "a")) == pytest.approx(-0.5)


def test_what_does_not_vary_has_no_alpha():
    assert np.isnan(compute_alpha(sets("a", "a"), sets("a", "a")))
    assert np.isnan(compute_alpha([], []))


# ---------------------------------------------------------------- from a crosswalk


def collection_of(rows: list[tuple[str, str, str, str, str]], elements: int = 4) -> Collection:
    """Elements e1 … of two concepts; rows of element, concept, relation, basis and coder."""
    ids = [f"e{n}" for n in range(1, elements + 1)]
    return Collection.of(
        {
            "frameworks": pd.DataFrame(
                {"framework_id": ["f"], "short_label": ["F"], "completeness": ["complete"]}
            ),
            "elements": pd.DataFrame(
                {"element_id": ids, "framework_id": "f", "framework_label": "F",
                 "wording": [f"words of {i}" for i in ids]}
            ),
            "concepts": pd.DataFrame({"concept_id": ["time", "trust"], "label": ["Time", "Trust"]}),
            "crosswalk": pd.DataFrame(
                [(e, c, c.title(), r, b, f"{who} of {e}", who) for e, c, r, b, who in rows],
                columns=["element_id", "concept_id", "concept_label", "relation", "basis",
                         "reason", "coder"],
            ),
        }
    )  # fmt: skip


MIXED = [
    ("e1", "trust", "exact", "explicit", "lexical"),
    ("e1", "trust", "exact", "explicit", "reading"),
    ("e2", "trust", "close", "explicit", "lexical"),
    ("e2", "trust", "close", "explicit", "reading"),
    ("e2", "time", "close", "interpreted", "reading"),
    ("e3", "time", "close", "explicit", "lexical"),
    ("e3", "trust", "related", "interpreted", "reading"),
    ("e4", "trust", "close", "interpreted", "reading"),
]


@pytest.fixture
def mixed() -> Agreement:
    return compute_agreement(collection_of(MIXED), "close", draws=200)


def test_counts_by_concept(mixed: Agreement):
    counts = mixed.concepts.set_index("concept_id")
    columns = ["both", "only_first", "only_second", "neither"]
    assert counts.loc["trust", columns].tolist() == [2, 0, 1, 1]
    assert counts.loc["time", columns].tolist() == [0, 1, 1, 2]
    # Trust: observed 1/4; five of eight labels: 2 x 5 x 3 / (8 x 7) expected.
    assert counts.loc["trust", "alpha"] == pytest.approx(1 - (1 / 4) / (30 / 56))
    assert counts.loc["time", "alpha"] == pytest.approx(1 - (2 / 4) / (24 / 56))


def test_overall_by_hand(mixed: Agreement):
    # Sets: {trust}|{trust}, {trust}|{trust, time}, {time}|{}, {}|{trust}.
    # Observed: (0 + 2/3 + 1 + 1) / 4. Labels: four {trust}, one both, one {time}, two {}.
    # Expected: 2 x (4x1x2/3 + 4x1x1 + 4x2x1 + 1x1x2/3 + 1x2x1 + 1x2x1) / (8 x 7).
    expected = 2 * (8 / 3 + 4 + 8 + 2 / 3 + 2 + 2) / 56
    assert mixed.alpha == pytest.approx(1 - (8 / 3 / 4) / expected)
    assert (mixed.elements, mixed.same) == (4, 1)


def test_disagreements_name_who_why_and_what_the_other_has(mixed: Agreement):
    found = mixed.disagreements
    assert list(zip(found["only"], found["element_id"], found["concept_id"], strict=True)) == [
        ("lexical", "e3", "time"),
        ("reading", "e2", "time"),
        ("reading", "e4", "trust"),
    ]
    assert found["reason"].tolist() == ["lexical of e3", "reading of e2", "reading of e4"]
    assert found["row_ids"][0] == ("crosswalk:e3/time/lexical",)
    assert found["wording"][0] == "words of e3"


def test_what_the_other_coding_has_below_the_strictness_is_said():
    rows = [
        ("e1", "trust", "close", "explicit", "lexical"),
        ("e1", "trust", "related", "interpreted", "reading"),
    ]
    found = compute_agreement(collection_of(rows, 1), draws=5).disagreements
    assert found["other"].tolist() == ["related, interpreted: reading of e1"]
    assert found["row_ids"][0] == ("crosswalk:e1/trust/lexical", "crosswalk:e1/trust/reading")


def test_an_element_nobody_read_is_left_out_not_disagreed_on():
    rows = [row for row in MIXED if row[0] != "e4"]
    agreement = compute_agreement(collection_of(rows), draws=5)
    assert agreement.elements == 3
    assert agreement.left_out.to_dict("records") == [
        {"element_id": "e4", "wording": "words of e4", "reason": "no row in the coding reading"}
    ]
    assert "1 element was left out" in " ".join(found_agreement(agreement))


def test_an_element_without_a_term_was_looked_at_by_the_rule(mixed: Agreement):
    assert mixed.left_out.empty


def test_ladder_lets_in_more_at_each_step():
    ladder = compute_ladder(collection_of(MIXED), draws=5).set_index("strictness")
    assert ladder.index.tolist() == ["exact", "close", "kin", "any"]
    assert ladder[["both", "only_first", "only_second"]].to_numpy().tolist() == [
        [1, 0, 0], [2, 1, 2], [2, 1, 2], [2, 1, 3],
    ]  # fmt: skip


def test_example_is_an_element_on_which_the_codings_agree_and_part():
    assert set(find_example(collection_of(MIXED))["element_id"]) == {"e2"}
    agreed = [row for row in MIXED if row[0] == "e1"]
    assert list(find_example(collection_of(agreed))["coder"]) == ["lexical", "reading"]
    parted = [MIXED[-1], *MIXED[5:7]]
    assert set(find_example(collection_of(parted))["element_id"]) == {"e3"}
    alone = [row for row in MIXED if row[0] == "e4"]
    assert list(find_example(collection_of(alone))["element_id"]) == ["e4"]
    assert find_example(Collection.of({})).empty


# ---------------------------------------------------------------- edges


@pytest.mark.parametrize("coder", ["lexical", "reading"])
def test_one_coding_only_is_said_and_drawn_as_nothing(coder: str):
    collection = collection_of([row for row in MIXED if row[4] == coder])
    agreement = compute_agreement(collection, draws=5)
    assert agreement.absent == ({"lexical": "made by people", "reading": "lexical"}[coder],)
    assert np.isnan(agreement.alpha)
    assert "There is no coding" in found_agreement(agreement)[0]
    assert plot_agreement_concepts(agreement).marks == {}
    assert compute_survival(collection).empty
    assert found_survival(compute_survival(collection)) != ()


def test_no_rows_and_no_elements():
    agreement = compute_agreement(Collection.of({}), draws=5)
    assert (agreement.elements, agreement.absent) == (0, ("lexical", "made by people"))
    assert agreement.concepts.empty
    assert plot_agreement_concepts(agreement).data.empty


def test_perfect_agreement():
    rows = [
        (e, c, "exact", "explicit", who)
        for e, c in (("e1", "trust"), ("e2", "time"), ("e3", "trust"), ("e4", "time"))
        for who in ("lexical", "reading")
    ]
    agreement = compute_agreement(collection_of(rows), draws=100)
    assert (agreement.alpha, agreement.low, agreement.high) == (1, 1, 1)
    assert agreement.same == 4
    assert agreement.disagreements.empty
    assert not any("least" in sentence for sentence in found_agreement(agreement))


def test_concepts_on_which_they_agree_as_little_are_counted():
    rows = [
        (element, concept, "exact", "explicit", coder)
        for element, concept, coder in (
            ("e1", "trust", "lexical"), ("e2", "trust", "reading"),
            ("e3", "time", "lexical"), ("e4", "time", "reading"),
        )
    ]  # fmt: skip
    said = " ".join(found_agreement(compute_agreement(collection_of(rows), draws=5)))
    assert ", as on 1 other concept): elements in both 0" in said


def test_a_concept_neither_uses_has_no_alpha_and_no_mark():
    rows = [row for row in MIXED if row[1] == "trust"]
    agreement = compute_agreement(collection_of(rows), draws=50)
    unused = agreement.concepts.set_index("concept_id").loc["time"]
    assert np.isnan([unused["alpha"], unused["low"], unused["high"]]).all()
    assert unused["undefined"] == 1
    drawn = plot_agreement_concepts(agreement).data
    assert set(drawn["concept"]) == {"Trust"}


def test_a_coding_is_not_compared_with_itself():
    with pytest.raises(ValueError, match="both codings are 'reading'"):
        compute_agreement(collection_of(MIXED), coders=("reading", "reading"))
    with pytest.raises(ValueError, match="draws is 0"):
        compute_agreement(collection_of(MIXED), draws=0)


def test_codings_that_are_not_the_house_s_two_are_not_described_as_such():
    # That the terms were written from the elements nothing here can tell: it is said as a condition.
    assert "Where its terms were written" in worth(("lexical", "reading"))
    assert "upper bound" not in worth(("first-reader", "second-reader"))


# ---------------------------------------------------------------- properties

UNITS = st.frozensets(st.sampled_from("abc"), max_size=3)
PAIRS = st.lists(st.tuples(UNITS, UNITS), min_size=2, max_size=8)


@given(PAIRS)
def test_alpha_is_symmetric_and_at_most_one(pairs):
    first, second = ([p[0] for p in pairs], [p[1] for p in pairs])
    alpha = compute_alpha(first, second)
    assert np.isnan(alpha) or alpha <= 1
    assert compute_alpha(second, first) == pytest.approx(alpha, nan_ok=True)


@settings(max_examples=30, deadline=None)
@given(PAIRS, st.randoms(use_true_random=False))
def test_resampling_computes_the_library_s_alpha(pairs, random):
    # A sample of the units, weighted as the bootstrap weights it and spelt out for the library.
    picks = [random.randrange(len(pairs)) for _ in pairs]
    weights = np.bincount(picks, minlength=len(pairs)).astype(float)
    resampled = _Resampled.of([p[0] for p in pairs], [p[1] for p in pairs])
    spelt = compute_alpha([pairs[i][0] for i in picks], [pairs[i][1] for i in picks])
    assert resampled.alphas(weights[None, :])[0] == pytest.approx(spelt, nan_ok=True)


def test_intervals_are_the_same_each_time_and_hold_the_estimate():
    one, two = (compute_agreement(collection_of(MIXED), draws=300, seed=7) for _ in range(2))
    assert (one.low, one.high) == (two.low, two.high)
    assert one.low < one.alpha < one.high
    assert compute_agreement(collection_of(MIXED), draws=300, seed=8).low != one.low


# ---------------------------------------------------------------- survival, figure


def test_survival_compares_the_codings_at_one_strictness():
    # Lexical: F names both concepts; reading names trust only, so only it can be single twice.
    rows = [
        ("e1", "trust", "close", "explicit", "lexical"),
        ("e2", "time", "close", "explicit", "lexical"),
        ("e1", "trust", "exact", "explicit", "reading"),
        ("e2", "trust", "related", "interpreted", "reading"),
    ]
    survival = compute_survival(collection_of(rows, 2)).set_index("conclusion")
    assert survival.loc["Only F names Trust.", ["lexical", "reading"]].tolist() == ["holds"] * 2
    assert survival.loc["Only F names Time.", ["lexical", "reading"]].tolist() == ["holds", "fails"]
    assert not survival.loc["Only F names Time.", "survives"]


def test_figure_of_the_house_collection_says_what_it_draws():
    agreement = compute_agreement(open_collection(), draws=50)
    figure = plot_agreement_concepts(agreement)
    concepts = agreement.concepts.set_index("label")
    parted = concepts[concepts["only_first"] + concepts["only_second"] > 0]
    assert set(figure.data["concept"]) <= set(parted.index)
    assert len(set(figure.data["concept"])) == min(len(parted), MOST_ROWS)
    columns = {
        "both": "both", "only lexical": "only_first", "only reading": "only_second",
    }  # fmt: skip
    for row in figure.data[figure.data["what"] != "alpha"].to_dict("records"):
        number = row["end"] - row["start"]
        assert number == concepts.loc[row["concept"], columns[row["what"]]]
        judged = figure.marks[row["mark"]]
        assert len(judged) == number * (2 if row["what"] == "both" else 1)
    assert overlapping_labels(figure.drawing) == []
    assert labels_cut_off(figure.drawing) == []
    assert smallest_text(figure.drawing) >= 7
    assert "not two persons" in figure.caption
    assert "upper bound" in figure.description


def test_every_two_codings_are_compared_on_what_both_judged():
    # Ann judged e1 to e3, Bob e1 and e2, Cy e3 alone: Ann and Bob share two elements and differ
    # in e2, Ann and Cy share e3, Bob and Cy nothing.
    rows = [
        ("e1", "trust", "exact", "explicit", "ann"),
        ("e2", "time", "exact", "explicit", "ann"),
        ("e3", "time", "exact", "explicit", "ann"),
        ("e1", "trust", "exact", "explicit", "bob"),
        ("e2", "trust", "exact", "explicit", "bob"),
        ("e3", "time", "exact", "explicit", "cy"),
    ]
    pairs = compute_agreements(collection_of(rows))
    told = [tuple(row) for row in pairs[["first", "second", "elements", "alike"]].to_numpy()]
    assert {frozenset(t[:2]): t[2:] for t in told} == {
        frozenset({"ann", "bob"}): (2, 1),
        frozenset({"ann", "cy"}): (1, 1),
        frozenset({"bob", "cy"}): (0, 0),
    }
    said = found_agreements(pairs)
    # Distances of Ann and Bob: observed 1/2; labels three trust and one time, expected 1/2.
    assert any("2 elements were judged by both, 1 of them alike; alpha 0.00" in s for s in said)
    assert any("too little varies" in s for s in said)


def test_one_coding_alone_is_compared_with_none():
    alone = [("e1", "trust", "exact", "explicit", "ann")]
    assert found_agreements(compute_agreements(collection_of(alone))) == (
        "There are no two codings to compare.",
    )
