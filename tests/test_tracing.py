"""From an id to its page."""

from pathlib import Path

import pytest

from relnotes import open_collection
from relnotes.evidence.collection import Collection
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.sample import SAMPLE, sample_schema

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def sample() -> Collection:
    return Collection.from_evidence(Evidence.of_texts(SAMPLE, sample_schema()))


def test_an_element_leads_to_its_source_framework_and_judgements(sample):
    found = sample.trace("plan-02")
    assert [row.name for row in found.rows] == ["elements:plan-02"]
    assert [str(s.source) for s in found.rows[0].sources] == ["roe-2002[p. 5]"]
    assert found.rows[0].sources[0].plain == "Roe, Richard. 2002. Plans. Example Press."
    assert found.rows[0].certainty == "verified"
    assert {row.name for row in found.behind} == {
        "frameworks:plan",
        "crosswalk:plan-02/trust/reading",
    }


def test_a_judgement_rests_on_its_elements_source(sample):
    row = sample.trace("crosswalk:plan-02/trust/reading").rows[0]
    assert [str(s.source) for s in row.sources] == ["roe-2002[p. 5]"]
    assert dict(row.cells)["Reason"] == "To believe somebody is to trust their word."


def test_a_claim_leads_to_its_passage_and_reference(sample):
    row = sample.trace("c001").rows[0]
    assert row.sources[0].passage == (
        "paragraph 1 of the section ‘intro’, beginning ‘Evidence suggests that trust helps people’"
    )
    assert "https://doi.org/10.1000/example.1" in row.sources[1].plain


def test_a_citation_key_leads_to_every_row_that_rests_on_it(sample):
    names = {row.name for row in sample.trace("doe-2001").behind}
    assert {"frameworks:bond", "elements:bond-01", "findings:f001", "claims:c001"} <= names
    assert "frameworks:plan" not in names


def test_an_unknown_id_names_the_nearest(sample):
    with pytest.raises(KeyError, match="Did you mean ‘plan-02’"):
        sample.trace("plan-2")


def test_a_trace_shows_itself_without_markup_from_the_data(sample):
    hostile = sample.elements.assign(gloss="<script>alert(1)</script>")
    traced = Collection(sample.schema, {**sample.tables, "elements": hostile}, sample.bibliography,
                        words=sample.words).trace("plan-02")  # fmt: skip
    assert "<script>" not in traced._repr_html_()
    assert "&lt;script&gt;" in traced._repr_html_()


def test_every_row_of_the_house_collection_can_be_traced():
    collection = open_collection(ROOT)
    for table in ("elements", "claims", "findings", "corrections", "events"):
        for row_id in collection.row_ids(table).iloc[::25]:
            traced = collection.trace(f"{table}:{row_id}")
            assert traced.rows[0].sources, row_id
            assert all(s.plain for s in traced.rows[0].sources), row_id
