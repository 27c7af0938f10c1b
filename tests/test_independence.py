"""Ranges of independent voices, worked out by hand."""

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relnotes.analysis.frameworks import found_frameworks
from relnotes.analysis.independence import (
    compute_independence,
    compute_work_independence,
    fewest,
    study_of,
)
from relnotes.analysis.overlap.found import compute_concept_independence
from relnotes.evidence.collection import Collection
from relnotes.evidence.rules import Example, check_evidence
from relnotes.evidence.rules.sample import SAMPLE, sample_with

# Four works: two of the Office, of which one is a second report of the other; one of the Press; one
# whose publisher nobody found.
STUDIES = [
    ("page-nd", "Office", "not_applicable"),
    ("office-2002", "Office", "page-nd"),
    ("roe-2001", "Press", "not_applicable"),
    ("doe-nd", "not_reported", "not_applicable"),
]
FRAMEWORKS = [("a", "kin"), ("b", "kin"), ("c", "not_applicable"), ("d", "not_applicable")]
ELEMENTS = [
    ("a-01", "a", "page-nd[1]"),
    ("b-01", "b", "roe-2001[p. 2]"),
    ("c-01", "c", "page-nd[2];roe-2001[p. 3]"),
    ("c-02", "c", "doe-nd"),
    ("d-01", "d", "office-2002[p. 4]"),
]


def collection(frameworks=FRAMEWORKS, studies=STUDIES) -> Collection:
    elements = pd.DataFrame(ELEMENTS, columns=["element_id", "framework_id", "source"])
    return Collection.of(
        {
            "frameworks": pd.DataFrame(frameworks, columns=["framework_id", "family"]).assign(
                source="page-nd[1]"
            ),
            "elements": elements.assign(wording="trust"),
            "studies": pd.DataFrame(studies, columns=["key", "publisher", "report_of"]),
            "concepts": pd.DataFrame({"concept_id": ["trust", "hope"], "label": ["Trust", "Hope"]}),
            "crosswalk": pd.DataFrame(
                {"element_id": ["a-01", "d-01"], "concept_id": "trust"}
            ).assign(relation="exact", basis="explicit", coder="ann"),
        }
    )


@pytest.mark.parametrize(
    ("frameworks", "elements", "least", "works", "most", "words"),
    [
        # Kin stand behind one another: the Office or the Press accounts for both.
        ("ab", None, 1, 1, 1, "1 independent voice"),
        # All but c's second element can have come from the Office, and one study holds them.
        ("abcd", ["a-01", "b-01", "c-01", "d-01"], 1, 1, 3, "1 to 3 independent voices"),
        ("bd", None, 2, 2, 2, "2 independent voices"),
        # What c says in c-02 stands in a work of unknown publisher: it adds nothing to the least.
        ("cd", ["c-02", "d-01"], 1, 2, 2, "1 to 2 independent voices"),
        ("c", ["c-02"], 1, 1, 1, "1 independent voice"),
        ("", None, 0, 0, 0, "0 independent voices"),
    ],
)
def test_the_range_by_hand(frameworks, elements, least, works, most, words):
    found = compute_independence(collection(), frameworks, elements)
    assert (found.least, found.works, found.most) == (least, works, most)
    assert found.words == words


def test_what_nobody_coded_is_said_and_not_counted():
    families = [(name, "not_coded") for name in "abcd"]
    unknown = [(key, "not_coded", "not_applicable") for key, *_ in STUDIES]
    assert compute_independence(collection(families), "abd").words == (
        "at least 1 independent voice"
    )
    assert compute_independence(collection(studies=unknown), "abd").words == (
        "at most 2 independent voices"
    )
    neither = compute_independence(collection(families, unknown), "abd")
    assert neither.words == "an uncounted number of independent voices"


def test_reports_of_one_study_are_one_work():
    sample = collection()
    assert study_of(sample, "office-2002") == study_of(sample, "page-nd") == "page-nd"
    assert study_of(sample, "elsewhere-2001") == "elsewhere-2001"
    found = compute_work_independence(sample, ["page-nd", "office-2002", "roe-2001"])
    assert (found.least, found.works, found.most) == (2, 2, 2)


def test_works_that_share_studies_are_at_most_one_voice():
    """Two meta-analyses overlap, as one of them says; a third overlaps with a report of the first."""
    keys = ["first-2001", "update-2011", "other-2012", "lone-2013"]
    studies = pd.DataFrame({"key": [*keys, "poster-2000"], "publisher": list("ABCDE")})
    studies["report_of"] = [*["not_applicable"] * 4, "first-2001"]
    apart = Collection.of({"studies": studies.assign(overlaps_with="not_reported")})
    cells = ["not_reported", "first-2001", "poster-2000", "not_applicable", "not_applicable"]
    joined = Collection.of({"studies": studies.assign(overlaps_with=cells)})
    found = [compute_work_independence(c, keys) for c in (apart, joined)]
    assert [(f.least, f.works, f.most) for f in found] == [(4, 4, 4), (2, 2, 2)]
    # The first is not counted, so nothing here joins the two that overlap with it.
    assert compute_work_independence(joined, keys[1:]).most == 3


def test_each_concept_has_its_range():
    found = compute_concept_independence(collection())
    assert list(found) == ["trust"]
    assert (found["trust"].least, found["trust"].most) == (1, 2)
    assert compute_concept_independence(Collection.of({})) == {}


def test_a_framework_without_elements_was_read_where_it_is_named():
    bare = collection([*FRAMEWORKS, ("e", "not_applicable")])
    assert compute_independence(bare, "e").least == 1


def test_the_sentence_says_the_range_or_what_it_cannot_say():
    assert "1 to 3 independent voices" in found_frameworks(
        collection().replacing(
            frameworks=collection().frameworks, elements=collection().elements.drop(index=3)
        )
    )[0]  # fmt: skip
    unknown = [(key, "not_coded", "not_applicable") for key, *_ in STUDIES]
    assert "at most 3 independent voices" in found_frameworks(collection(studies=unknown))[0]


UNITS = st.lists(st.frozensets(st.sampled_from("abcdef"), max_size=4), max_size=7)


@settings(deadline=None)
@given(UNITS)
def test_the_fewest_names_are_those_that_trying_all_finds(units):
    open_ = [unit for unit in units if unit]
    tried = next(
        size
        for size in range(7)
        if any(all(unit & set(names) for unit in open_) for names in combinations("abcdef", size))
    )
    assert fewest(units) == tried


def test_with_too_many_ways_the_count_stays_below():
    units = [frozenset({f"x{i}", f"x{i + 1}"}) for i in range(30)]  # a chain: 15 are needed
    assert 1 <= fewest(units) <= 15


def test_the_same_words_in_two_families_are_told():
    longer = SAMPLE["elements.csv"].replace("mutual trust", "being believed when it is hard")
    longer = longer.replace("plan-02,plan,Plan,2,not_applicable,being believed,",
                            "plan-02,plan,Plan,2,not_applicable,Being believed when it is hard,")  # fmt: skip
    found = [
        f for f in check_evidence(sample_with(Example("elements.csv", "", longer)))
        if f.rule == "same_words_apart"
    ]  # fmt: skip
    assert [(f.severity, f.id) for f in found] == [("notice", "plan")]
    assert "bond" in found[0].message
