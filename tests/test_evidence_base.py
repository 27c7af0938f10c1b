"""The works counted, the three kinds of empty apart, corrections and sources."""

from dataclasses import replace

import pandas as pd
import pytest

from relnotes.analysis.evidence_base import (
    COLUMNS,
    compute_composition,
    compute_corrections,
    compute_empties,
    compute_tables,
    compute_traceability,
    found_evidence_base,
    found_method,
)
from relnotes.evidence.collection import Collection
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.sample import SAMPLE, sample_schema


@pytest.fixture
def sample() -> Collection:
    return Collection.from_evidence(Evidence.of_texts(SAMPLE, sample_schema()))


STUDIES = pd.DataFrame(
    [
        ("a", "listed", "survey", "not_coded", "not_coded", "verified"),
        ("b", "added", "survey", "not_reported", "children", "not_found"),
        ("c", "added", "not_applicable", "court", "not_applicable", "verified"),
        ("blog", "added", "not_applicable", "not_applicable", "not_applicable", "verified"),
    ],
    columns=["key", "origin", "design", "setting", "voices", "verification"],
).assign(
    jurisdiction=lambda table: table["setting"],
    document_type="article",
    publisher="press",
    report_of="not_applicable",
    named_in_text="yes",
)


def test_tables_without_rows_are_not_listed(sample: Collection):
    found = compute_tables(sample).set_index("table")
    assert found.loc["Frameworks", "rows"] == 2
    assert "Waivers" not in found.index
    assert list(compute_tables(Collection.of({"studies": STUDIES}))["rows"]) == [4]


def test_composition_counts_works_by_origin_and_leaves_reading_places_out():
    found = compute_composition(Collection.of({"studies": STUDIES}), "design")
    assert found.to_numpy().tolist() == [
        ["survey", 2, 1, 0, 1, ("a", "b")],
        ["does not apply", 1, 0, 0, 1, ("c",)],
    ]


@pytest.mark.parametrize("column", COLUMNS)
def test_composition_accounts_for_every_work(sample: Collection, column: str):
    found = compute_composition(sample, column)
    assert found["works"].sum() == 2  # the page itself is not one of its works
    assert (found["works"] == found[["listed", "named", "added"]].sum(axis=1)).all()


def test_composition_by_an_unknown_column_names_the_known_ones(sample: Collection):
    with pytest.raises(ValueError, match="Choose one of: origin"):
        compute_composition(sample, "weight")


def test_the_three_kinds_of_empty_are_never_added_up():
    found = compute_empties(Collection.of({"studies": STUDIES})).set_index("column")
    columns = ["filled", "not_reported", "not_applicable", "not_coded"]
    assert found.loc["Setting", columns].tolist() == [1, 1, 0, 1]
    assert found.loc["Voices", columns].tolist() == [1, 0, 1, 1]
    assert found.loc["Design", columns].tolist() == [2, 0, 1, 0]
    assert "Origin" not in found.index
    assert (found["rows"] == 3).all()


def test_empties_of_a_number_column_are_known_too(sample: Collection):
    found = compute_empties(sample, "findings").set_index("column")
    assert found.loc["Estimate", ["filled", "not_reported"]].tolist() == [1, 1]


def test_corrections_name_the_work_and_can_be_traced(sample: Collection):
    (row,) = compute_corrections(sample).to_dict("records")
    assert (row["work"], row["printed"], row["corrected"]) == ("Doe (2001)", "2011", "2001")
    assert sample.trace(row["row_id"]).rows[0].row_id == "doe-2001/year"


def test_traceability_counts_sources_and_places_by_hand(sample: Collection):
    found = compute_traceability(sample).set_index("table")
    # Of three rows of studies one names the page without a place.
    assert found.loc["Studies"].tolist() == [3, 3, 2, 1]
    assert found.loc["Elements"].tolist() == [4, 4, 4, 2]
    assert found.loc["Findings"].tolist() == [2, 2, 2, 2]


def test_sentences(sample: Collection):
    said = found_evidence_base(sample)
    assert said[0] == (
        "2 works of the literature: 1 listed, 1 named, 0 added. Beside them stand 0 places where a "
        "work was only read about."
    )
    assert "In the column ‘Design’ nobody has looked yet for 1 of 2 works" in said[2]
    assert said[3] == (
        "Of 1 work something is printed wrongly, in 1 place all told: other words or numbers in 1 of "
        "them, of 1 work; the rest is form."
    )
    assert found_evidence_base(Collection.of({})) == ("There are no works here.",)
    sound = Collection.of(
        {
            "studies": STUDIES[STUDIES["key"] == "c"].assign(
                publisher="P", report_of="not_applicable", overlaps_with="not_applicable"
            )
        }
    )
    assert "Every work has been looked at in every column." in found_evidence_base(sound)
    silent = Collection.of(
        {"studies": sound.studies.drop(columns="year").assign(voices="not_reported")}
    )
    assert (
        "Every work has been looked at in every column; what was seen is silent most often in the "
        "column ‘Voices’, for 1 of 1 works."
    ) in found_evidence_base(silent)
    assert "Nothing printed has been found wrong." in found_evidence_base(sound)
    sure = Collection.of(
        {"studies": sound.studies.drop(columns="year").assign(verification="verified")}
    )
    assert found_evidence_base(sure)[1] == "Verified as a whole: 1."


JUDGED = pd.DataFrame(
    [("e-01", "ann"), ("e-01", "ann"), ("e-02", "ann"), ("e-01", "lexical")],
    columns=["element_id", "coder"],
)


def with_page(crosswalk: pd.DataFrame, page: str) -> Collection:
    schema = replace(Collection.of({}).schema, page=page, coding="")
    return Collection.of({"studies": STUDIES, "crosswalk": crosswalk}, schema=schema)


def test_the_method_says_where_it_began_and_that_nobody_judged_a_second_time():
    said = found_method(with_page(JUDGED, "blog"))
    assert said == (
        "This collection was begun from one page, blog; every share is one of a collection begun "
        "there.",
        "1 of its 3 works is listed or named by that page; 2 are added.",
        "People’s judgements of the elements: ann (2 elements); no second person has judged them.",
        "A rule made the coding ‘lexical’: it found a term of the codebook in 1 element.",
    )


def test_the_method_speaks_of_no_page_second_person_or_rule_that_is_not_there():
    two = pd.DataFrame([("e-01", "ann"), ("e-01", "bob")], columns=["element_id", "coder"])
    said = " ".join(found_method(with_page(two, "")))
    assert "names no page" in said
    assert "begun from" not in said
    assert "ann (1 element), bob (1 element)." in said
    assert "second person" not in said
    assert "rule" not in said
    nobody = " ".join(found_method(with_page(JUDGED[JUDGED["coder"] == "lexical"], "")))
    assert "No person’s judgement" in nobody
