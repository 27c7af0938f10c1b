import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relnotes.evidence.lexical import COLUMNS, LEXICAL, code_lexically

CONCEPTS = pd.DataFrame(
    [
        ("empathy", "Empathy", "empathy;empathic;empathetic"),
        ("honesty", "Honesty", "honest;honesty;open and honest"),
        ("non-judgement", "Non-judgement", "non-judgemental;non-judgmental;non-blaming"),
        ("trust", "Trust", "trust;trusting"),
        ("time", "Time", "time"),
    ],
    columns=["concept_id", "label", "terms"],
)


def coded(*wordings: str) -> pd.DataFrame:
    ids = [f"set-{number:02}" for number in range(1, len(wordings) + 1)]
    return code_lexically(pd.DataFrame({"element_id": ids, "wording": list(wordings)}), CONCEPTS)


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("trust", {("trust", "exact")}),
        ("TRUST", {("trust", "exact")}),
        ("trust, time, support", {("trust", "close"), ("time", "close")}),
        ("Non‐judgemental", {("non-judgement", "exact")}),
        ("open and honest", {("honesty", "exact")}),
        ("dishonest, distrustful, sometimes", set()),
        ("emphatic", set()),
    ],
)
def test_relation_follows_from_the_terms(wording: str, expected: set[tuple[str, str]]) -> None:
    rows = coded(wording)
    assert set(zip(rows["concept_id"], rows["relation"], strict=True)) == expected


def test_reason_names_the_terms_in_the_codebook_s_order() -> None:
    assert coded("open and honest, with honesty")["reason"].tolist() == [
        "The wording holds the terms ‘honest’, ‘honesty’ and ‘open and honest’."
    ]
    assert coded("take time")["reason"].tolist() == ["The wording holds the term ‘time’."]


def test_rows_are_complete_and_sorted() -> None:
    rows = coded("trusting and empathetic", "time")
    assert tuple(rows.columns) == COLUMNS
    assert list(zip(rows["element_id"], rows["concept_id"], strict=True)) == [
        ("set-01", "empathy"),
        ("set-01", "trust"),
        ("set-02", "time"),
    ]
    assert rows["element_wording"].tolist() == ["trusting and empathetic"] * 2 + ["time"]
    assert rows["concept_label"].tolist() == ["Empathy", "Trust", "Time"]
    assert set(rows["basis"]) == {"explicit"}
    assert set(rows["coder"]) == {LEXICAL}


def test_nothing_to_code_gives_an_empty_crosswalk() -> None:
    assert coded().empty
    assert tuple(coded("kindness").columns) == COLUMNS


def test_one_term_of_two_concepts_relates_to_both() -> None:
    concepts = pd.DataFrame(
        {"concept_id": ["b", "a"], "label": ["B", "A"], "terms": ["care", "care;caring"]}
    )
    elements = pd.DataFrame({"element_id": ["s-01"], "wording": ["genuine care"]})
    assert code_lexically(elements, concepts)["concept_id"].tolist() == ["a", "b"]


WORDS = st.sampled_from(
    ["trust", "trusting", "time", "open and honest", "honest", "hope", "non-trust"]
)


@given(st.lists(WORDS, min_size=1, max_size=6).map(" ".join))
def test_every_pair_is_the_one_a_reader_would_find_term_by_term(wording: str) -> None:
    expected = {
        concept
        for concept, terms in zip(CONCEPTS["concept_id"], CONCEPTS["terms"], strict=True)
        if any(re.search(rf"(?<!non-)\b{term}\b", wording) for term in terms.split(";"))
    }
    assert set(coded(wording)["concept_id"]) == expected
