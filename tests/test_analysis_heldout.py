"""The rule on words that its terms were not written from, by hand."""

import pandas as pd
import pytest

from relnotes.analysis.heldout import (
    Scores,
    compute_held_out,
    compute_left_out,
    compute_term_use,
    found_held_out,
)
from relnotes.evidence.collection import Collection

TABLES = {
    "elements": pd.DataFrame(
        {"element_id": ["a-01", "a-02", "b-01", "b-02"],
         "wording": ["mutual trust", "being trusted", "Mutual trust", "trust and hope"]}
    ),
    "concepts": pd.DataFrame(
        {"concept_id": ["hope", "no-concept", "trust"], "label": ["Hope", "None", "Trust"],
         "terms": ["hope", "not_applicable", "trust;trusted"]}
    ),
    "crosswalk": pd.DataFrame(
        [("a-01", "trust"), ("a-02", "trust"), ("b-01", "trust"), ("b-02", "hope")],
        columns=["element_id", "concept_id"],
    ).assign(relation="exact", basis="explicit", coder="ann"),
    "retired": pd.DataFrame({"table": ["concepts"], "id": ["bond"], "replacement": ["hope;trust"]}),
}  # fmt: skip


@pytest.fixture
def small() -> Collection:
    return Collection.of(TABLES)


def test_terms_of_one_wording_are_fitted(small):
    use = compute_term_use(small)
    # ‘mutual trust’ stands twice and is one wording; ‘trust’ stands in it and beside hope.
    assert use[["term", "wordings", "fitted"]].to_numpy().tolist() == [
        ["hope", 1, True], ["trust", 2, False], ["trusted", 1, True],
    ]  # fmt: skip


def test_an_element_is_coded_without_the_terms_of_its_wording_alone(small):
    # Left are a-01, b-01 and b-02 by ‘trust’: two of the four judgements, and one that is none.
    assert compute_left_out(small) == Scores(wordings=4, both=2, rule=3, reading=4)


def test_held_out_wordings_follow_parted_concepts(small):
    wordings = pd.DataFrame(
        {"work": "W", "wording": ["trust", "confidence", "hope of bail"],
         "concepts": ["bond", "trust", ""]}
    )  # fmt: skip
    parted = pd.DataFrame(
        {"work": ["W"], "wording": ["trust"], "concept": ["bond"], "successors": ["trust"]}
    )
    scores = compute_held_out(small, wordings, parted)
    assert scores == Scores(wordings=3, both=1, rule=2, reading=2)
    assert (scores.precision, scores.recall) == (0.5, 0.5)
    assert compute_held_out(small, wordings, parted, later=["hope"]).rule == 1


def test_the_sentences_follow_the_numbers(small):
    said = found_held_out(Scores(4, 2, 3, 4), Scores(9, 0, 0, 0), compute_term_use(small))
    assert said == (
        "Each element without the terms of its wording alone: of 4 concepts read in 4 wordings the "
        "rule finds 2 (50%); of 3 that it finds, 2 were read (67%).",
        "Held out: in 9 wordings no concept was read and none found.",
        "Of 3 terms, 2 stand in one wording only, as terms do that were fitted to it.",
    )
    nothing_kept = found_held_out(Scores(4, 2, 3, 4), None, compute_term_use(small))
    assert nothing_kept[1] == "No wordings were kept aside to try the terms on."
    assert Scores(4, 0, 3, 0).words == "In 4 wordings no concept was read and the rule finds 3."
