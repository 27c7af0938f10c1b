"""The closing sentences of overlap, each also on a collection where it would be false."""

import pandas as pd
import pytest

from relnotes.analysis.overlap.found import compute_concept_range, found_overlap, found_sureness
from relnotes.evidence.collection import Collection


def collection(rows, families=("kin", "kin", "not_applicable")) -> Collection:
    """Three frameworks of one publisher; rows are element, concept, relation and coder."""
    names = ["a", "b", "c"]
    crosswalk = pd.DataFrame(rows, columns=["element_id", "concept_id", "relation", "coder"])
    return Collection.of(
        {
            "frameworks": pd.DataFrame(
                {"framework_id": names, "short_label": ["A", "B", "C"], "family": families,
                 "completeness": "complete", "source": "roe-2001[p. 1]"}
            ),
            "elements": pd.DataFrame(
                {"element_id": [f"{n}-01" for n in names], "framework_id": names,
                 "wording": "words", "source": "roe-2001[p. 2]"}
            ),
            "concepts": pd.DataFrame(
                {"concept_id": ["hope", "trust"], "label": ["Hope", "Trust"], "theme": "Bond"}
            ),
            "crosswalk": crosswalk.assign(basis="explicit"),
            "studies": pd.DataFrame({"key": ["roe-2001"], "publisher": "Press"}),
        }
    )  # fmt: skip


TRUST = [(f"{n}-01", "trust", "exact", "ann") for n in "abc"]


def test_one_coding_is_not_spoken_of_as_two():
    said = found_overlap(collection(TRUST))
    assert said[0] == (
        "Trust is the most widely named concept: 3 frameworks of 3 name it, 1 to 2 independent "
        "voices."
    )
    assert found_sureness(collection(TRUST))[0] == (
        "Of 1 statement about the most widely named concepts, 1 holds through every lens: every "
        "strictness and basis in the one coding there is."
    )


def test_a_second_coding_that_differs_undoes_the_statement():
    other = [(f"{n}-01", "hope", "exact", "bob") for n in "abc"]
    held = found_sureness(collection(TRUST + other))[0]
    assert "0 hold through every lens: every strictness and basis in each of 2 codings." in held


def test_a_weaker_relation_undoes_the_statement_too():
    rows = [(element, concept, "close", coder) for element, concept, _, coder in TRUST]
    assert "0 hold through every lens" in found_sureness(collection(rows))[0]


def test_equals_are_said_to_be_equals_and_nothing_named_is_said():
    both = [*TRUST, *((f"{n}-01", "hope", "exact", "ann") for n in "abc")]
    assert found_overlap(collection(both))[0].startswith(
        "Hope is the most widely named concept (1 other as widely): 3 frameworks of 3 name it"
    )
    related = [(element, concept, "related", coder) for element, concept, _, coder in TRUST]
    assert found_overlap(collection(related))[0] == "None of 3 frameworks names a concept surely."


@pytest.mark.parametrize(
    ("families", "words"),
    [
        (("x", "y", "z"), "1 to 3 independent voices"),
        (("x", "x", "x"), "1 independent voice"),
        (("x", "x", "not_coded"), "at least 1 independent voice"),
    ],
)
def test_the_range_follows_the_families(families, words):
    assert found_overlap(collection(TRUST, families))[0].endswith(f"name it, {words}.")


def test_pairs_of_one_family_are_not_said_to_share_most():
    said = found_overlap(collection(TRUST[:2]))[1]
    assert "of one family" not in said
    assert "With each family counted once" in found_sureness(collection(TRUST))[1]


def test_pairs_that_share_as_much_are_said_to():
    lone = found_overlap(collection([TRUST[0], TRUST[2]], ("x", "y", "z")))[1]
    assert lone.endswith("of those not known to be of one family, A and C share most: 1 concept.")
    alike = found_overlap(collection(TRUST, ("x", "y", "z")))[1]
    assert alike.endswith("A and B share most: 1 concept (2 other pairs as many).")


def test_concepts_are_ranked_with_both_ends_of_the_range():
    ranked = compute_concept_range(collection(TRUST)).set_index("item")
    assert ranked.loc["trust", ["sets", "least", "most"]].tolist() == [3, 1, 2]
    assert ranked.loc["hope", ["sets", "least", "most"]].tolist() == [0, 0, 0]
    uncoded = compute_concept_range(collection(TRUST, ("kin", "kin", "not_coded")))
    assert uncoded.set_index("item")["most"].isna()["trust"]
