"""Frameworks counted, their promises kept or not, who names what, themes group by group."""

import pandas as pd
import pytest
from legibility import labels_cut_off, overlapping_labels, smallest_text

from relnotes import open_collection
from relnotes.analysis.frameworks import (
    compute_breakdown,
    compute_layers,
    compute_namings,
    compute_promises,
    compute_themes,
    find_most_named,
    found_frameworks,
    found_namings,
    found_themes,
)
from relnotes.evidence.collection import Collection
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.sample import SAMPLE, sample_schema
from relnotes.figures.frameworks import plot_frameworks_themes

# Six frameworks of two settings, one of them of no setting; a and b are one family.
FRAMEWORKS = pd.DataFrame(
    [
        ("a", "A", "court", "kin", "1999", "3", "partial"),
        ("b", "B", "court", "kin", "2001", "not_reported", "complete"),
        ("c", "C", "court", "not_applicable", "not_reported", "2", "complete"),
        ("d", "D", "school", "not_applicable", "2000", "4", "named_only"),
        ("e", "E", "school", "not_applicable", "2002", "not_reported", "complete"),
        ("f", "F", "not_reported", "not_applicable", "2003", "not_reported", "complete"),
    ],
    columns=["framework_id", "short_label", "setting", "family", "year", "stated_count",
             "completeness"],
)  # fmt: skip
ELEMENTS = pd.DataFrame(
    [
        ("a-01", "a", "Trust", "base", "page-nd[intro.1]"),
        ("b-01", "b", "trust", "not_applicable", "lee-2001[p. 2];page-nd[intro.1]"),
        ("c-01", "c", "being sure", "base", "lee-2001[p. 3]"),
        ("c-02", "c", "hours", "top", "lee-2001[p. 3]"),
        ("e-01", "e", "hours", "not_applicable", "lee-2001[p. 4]"),
        ("f-01", "f", "other", "not_applicable", "lee-2001[p. 5]"),
    ],
    columns=["element_id", "framework_id", "wording", "layer", "source"],
).assign(framework_label=lambda table: table["framework_id"].str.upper())
CROSSWALK = pd.DataFrame(
    [
        ("a-01", "trust", "exact", "explicit"),
        ("b-01", "trust", "exact", "explicit"),
        ("c-01", "trust", "close", "interpreted"),
        ("c-02", "time", "exact", "explicit"),
        ("e-01", "time", "exact", "explicit"),
        ("f-01", "trust", "related", "interpreted"),
    ],
    columns=["element_id", "concept_id", "relation", "basis"],
).assign(coder="reading", reason="So it is.")
CONCEPTS = pd.DataFrame(
    {"concept_id": ["time", "trust"], "label": ["Time", "Trust"], "theme": ["Means", "Bond"]}
)


@pytest.fixture
def small() -> Collection:
    tables = {
        "frameworks": FRAMEWORKS, "elements": ELEMENTS, "crosswalk": CROSSWALK,
        "concepts": CONCEPTS,
    }  # fmt: skip
    return Collection.of(tables)


def test_breakdown_counts_frameworks_families_and_elements(small: Collection):
    found = compute_breakdown(small, "setting")
    assert found.drop(columns="framework_ids").to_numpy().tolist() == [
        ["court", 3, pd.NA, 2, 4],
        ["school", 2, pd.NA, 2, 1],
        ["not reported", 1, pd.NA, 1, 1],
    ]
    assert found["framework_ids"][0] == ("a", "b", "c")


def test_breakdown_by_an_unknown_column_names_the_known_ones(small: Collection):
    with pytest.raises(ValueError, match="Choose one of: setting, jurisdiction"):
        compute_breakdown(small, "colour")


def test_promises_are_compared_with_what_is_known(small: Collection):
    found = compute_promises(small).set_index("framework_id")
    assert found["missing"].dropna().to_dict() == {"d": 4, "a": 2, "c": 0}
    assert list(found.index[:2]) == ["d", "a"]
    assert found.loc["b", "stated"] is pd.NA
    said = " ".join(found_frameworks(small))
    assert "The source of D promises 4 elements; 0 are known." in said
    assert "The source of A promises 3 elements; 1 is known." in said
    assert "For 3 of them the source gives no number" in said
    assert "are entered, at most 5 independent voices." in said
    told = small.replacing(frameworks=FRAMEWORKS[FRAMEWORKS["framework_id"].isin(["a", "c", "d"])])
    assert "gives no number" not in " ".join(found_frameworks(told))


def test_layers_are_listed_in_the_order_of_the_elements(small: Collection):
    assert compute_layers(small).to_numpy().tolist() == [
        ["A", "base", 1, ("Trust",)],
        ["C", "base", 1, ("being sure",)],
        ["C", "top", 1, ("hours",)],
    ]


def test_most_named_concept_at_each_strictness(small: Collection):
    assert find_most_named(small) == "trust"
    assert find_most_named(small, "exact") == "time"  # two each, and time stands first
    assert find_most_named(Collection.of({"concepts": CONCEPTS})) == ""
    assert find_most_named(Collection.of({})) == ""


def test_namings_give_words_relations_and_works_by_year():
    texts = {
        **SAMPLE,
        "elements.csv": SAMPLE["elements.csv"].replace(
            "mutual trust,Each relies on the other.,doe-2001[p. 3]",
            "mutual trust,Each relies on the other.,doe-2001[p. 3];page-nd-sample[intro.1]",
        ),
    }
    collection = Collection.from_evidence(Evidence.of_texts(texts, sample_schema()))
    found = compute_namings(collection, "trust", "any")
    assert found.rows[["framework", "wording", "works"]].to_numpy().tolist() == [
        ["Bond", "mutual trust", ("Doe (2001)", "Office of Examples (n.d.)")],
        ["Plan", "being believed", ("Roe (2002)",)],
    ]
    assert found.works[["key", "frameworks"]].to_numpy().tolist() == [
        ["doe-2001", 1], ["page-nd-sample", 1], ["roe-2002", 1],
    ]  # fmt: skip
    assert found_namings(found)[:2] == (
        # The sample does not say which frameworks are one family.
        "2 of 2 frameworks name Trust: at least 1 independent voice.",
        "They use 2 different wordings; in 1 of 2 elements the wording itself says it, in the "
        "others it was read from the context.",
    )
    assert "For 0 of them the words were read on the source page alone." in found_namings(found)


def test_namings_count_wordings_without_case_and_families_once(small: Collection):
    found = compute_namings(small, "trust")
    # a (1999) and b (2001) are one family, c has no year and comes last.
    assert found.rows["framework_id"].tolist() == ["a", "b", "c"]
    said = " ".join(found_namings(found))
    assert "3 of 5 frameworks name Trust: at most 2 independent voices." in said
    assert "They use 2 different wordings; in 2 of 3 elements" in said


def test_namings_of_a_concept_nobody_names_or_knows(small: Collection):
    assert found_namings(compute_namings(small, "time", "exact"))[0].startswith("2 of 5")
    lone = Collection.of(
        {
            "frameworks": FRAMEWORKS, "elements": ELEMENTS,
            "crosswalk": CROSSWALK[CROSSWALK["concept_id"] == "trust"], "concepts": CONCEPTS,
        }
    )  # fmt: skip
    assert found_namings(compute_namings(lone, "time"))[0].endswith("none names Time.")
    with pytest.raises(KeyError, match="The table concepts has no row ‘luck’"):
        compute_namings(small, "luck")


def test_themes_by_setting_by_hand(small: Collection):
    themes = compute_themes(small)
    assert themes.groups == ("court", "school", "not reported")
    assert themes.themes == ("Bond", "Means")  # three frameworks against two
    cells = themes.cells.set_index(["group", "theme"])
    assert cells[["frameworks", "of"]].to_numpy().tolist() == [
        [3, 3], [1, 3], [0, 1], [1, 1], [0, 1], [0, 1],
    ]  # fmt: skip
    assert cells.loc[("court", "Bond"), "row_ids"] == (
        "crosswalk:a-01/trust/reading",
        "crosswalk:b-01/trust/reading",
        "crosswalk:c-01/trust/reading",
    )
    assert cells.loc[("school", "Bond"), "row_ids"] == ("frameworks:e",)
    assert list(themes.left_out["set"]) == ["d"]
    assert cells.loc[("court", "Bond"), "concepts"] == ("Trust",)


def test_a_framework_of_two_groups_counts_once_over_all(small: Collection):
    both = small.frameworks.astype({"setting": "object"})
    both.loc[both["framework_id"] == "a", "setting"] = "court;school"
    themes = compute_themes(small.replacing(frameworks=both))
    assert themes.cells.drop_duplicates("group")["of"].tolist() == [3, 2, 1]
    assert "the most frameworks, 3 of 5." in " ".join(found_themes(themes))


def test_a_group_takes_narrower_terms_and_counts_broader_ones_apart(small: Collection):
    terms = pd.DataFrame(
        {
            "list": "setting",
            "term": ["justice", "court", "school"],
            "label": ["Justice", "Court", "School"],
            "broader": ["", "justice", ""],
        }
    )
    wide = small.frameworks.astype({"setting": "object"})
    wide.loc[wide["framework_id"] == "e", "setting"] = "justice"
    themes = compute_themes(small.replacing(frameworks=wide, vocabularies=terms))
    sizes = themes.cells.drop_duplicates("group").set_index("group")["of"]
    assert sizes[["court", "justice"]].tolist() == [3, 4]
    assert themes.broader[["court", "justice"]].tolist() == [1, 0]
    told = "Frameworks of only a broader term are in no narrower group: 1 for court."
    assert told in found_themes(themes)
    assert "broader" not in " ".join(found_themes(compute_themes(small)))


def test_small_groups_are_not_compared_in_words(small: Collection):
    said = " ".join(found_themes(compute_themes(small)))
    assert "Fewer than two groups have 5 frameworks" in said
    assert "Bond is named by the most frameworks, 3 of 5." in said
    assert "3 groups have fewer than 5 frameworks" in said


def test_themes_named_equally_often_are_all_said():
    sample = Collection.from_evidence(Evidence.of_texts(SAMPLE, sample_schema()))
    assert "Direction is named by the most frameworks, 2 of 2." in " ".join(
        found_themes(compute_themes(sample))
    )
    assert "Direction and Bond are named by the most frameworks, 2 of 2." in " ".join(
        found_themes(compute_themes(sample, lens="any"))
    )


def two_groups(trusting: int, size: int) -> Collection:
    """Two groups of a size: all of the first name trust, and so many of the second."""
    ids = [f"f{n:02}" for n in range(2 * size)]
    named = ["trust"] * (size + trusting) + ["time"] * (size - trusting)
    return Collection.of(
        {
            "frameworks": pd.DataFrame(
                {"framework_id": ids, "short_label": ids, "family": "not_applicable",
                 "setting": ["Crown court"] * size + ["school"] * size, "completeness": "complete"}
            ),
            "elements": pd.DataFrame(
                {"element_id": [f"{i}-01" for i in ids], "framework_id": ids, "wording": "w"}
            ),
            "concepts": CONCEPTS,
            "crosswalk": pd.DataFrame(
                {"element_id": [f"{i}-01" for i in ids], "relation": "exact", "basis": "explicit",
                 "concept_id": named, "coder": "reading"}
            ),
        }
    )  # fmt: skip


def test_one_framework_alone_is_the_most():
    said = found_themes(compute_themes(two_groups(0, 1).only(frameworks="f01")))
    assert "Over all groups Means is named by the most frameworks, 1 of 1." in said


def test_large_groups_are_compared_where_they_differ_most_with_what_chance_would_do():
    # 5 of 5 against 3 of 5: 20 of the 45 ways are as uneven, twice that for two themes.
    assert found_themes(compute_themes(two_groups(3, 5)))[0] == (
        "Crown court and school, the two groups coded most often, differ most in Bond: 100% against 60% of "
        "the frameworks name a concept of it, as chance alone would with p = 0.89 (Fisher’s exact "
        "test, for the largest of 2 differences, as if the sets were independent); that does not "
        "tell the two apart."
    )
    # 8 of 8 against none: 2 of the 12,870 ways.
    far = found_themes(compute_themes(two_groups(0, 8)))[0]
    assert "with p = 0.00031 (Fisher" in far
    assert "does not tell" not in far


def test_a_framework_of_two_settings_is_counted_under_both():
    both = two_groups(3, 5)
    frameworks = both.frameworks.assign(
        setting=["Crown court; school"] + ["Crown court"] * 4 + ["school"] * 5
    )
    found = compute_breakdown(both.replacing(frameworks=frameworks), "setting")
    assert dict(zip(found["value"], found["frameworks"], strict=True)) == {
        "school": 6,
        "Crown court": 5,
    }
    themes = compute_themes(both.replacing(frameworks=frameworks))
    assert "named by the most frameworks, 8 of 10." in found_themes(themes)[1]


def test_figure_of_themes_draws_every_cell_legibly():
    themes = compute_themes(open_collection())
    figure = plot_frameworks_themes(themes)
    named = themes.cells[themes.cells["frameworks"] > 0]
    assert len(figure.data) == len(named) == len(figure.marks)
    texts = [text.get_text() for text in figure.drawing.axes[0].texts]
    assert texts.count("–") == len(themes.cells) - len(named)
    assert overlapping_labels(figure.drawing) == []
    assert labels_cut_off(figure.drawing) == []
    assert smallest_text(figure.drawing) >= 7


def test_figure_of_nothing_says_so():
    only_named = FRAMEWORKS.assign(completeness="named_only")
    collection = Collection.of(
        {
            "frameworks": only_named,
            "concepts": CONCEPTS,
            "elements": ELEMENTS,
            "crosswalk": CROSSWALK,
        }
    )
    figure = plot_frameworks_themes(compute_themes(collection))
    assert figure.marks == {}
    assert "nothing to compare" in figure.caption
    assert found_frameworks(Collection.of({})) == ("There are no frameworks here.",)
