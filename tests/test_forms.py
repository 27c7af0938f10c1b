"""Asking field by field: the rules answer at once, and what comes out can be written."""

import io

import openpyxl
import pytest
from test_writing import make_sample

from relnotes import open_collection
from relnotes.desk.asking import ask
from relnotes.desk.forms import FORMS, REFERENCE, form_bytes
from relnotes.desk.merging import merge
from relnotes.desk.store import drafted, read_state, write
from relnotes.desk.typed import Typed
from relnotes.evidence.rules import check_evidence
from relnotes.evidence.schema import house_schema


@pytest.fixture
def folder(tmp_path):
    return make_sample(tmp_path / "data")


class Person:
    """Gives answers by question name, in turn, and keeps what was refused."""

    def __init__(self, **answers):
        self.answers = {k: [v] if isinstance(v, str) else list(v) for k, v in answers.items()}
        self.refused = []
        self.asked = []

    def __call__(self, question):
        self.asked.append(question)
        if question.refusal:
            self.refused.append((question.name, question.refusal))
        left = self.answers.get(question.name, [])
        assert left or not question.refusal, f"nothing more to say to: {question}"
        return left.pop(0) if left else ""


def asked_and_written(folder, what, person):
    state = read_state(folder)
    draft = ask(what, person, state)
    write(folder, draft, f"New {what}")
    return open_collection(folder)


EVENT = {
    "event_id": "standards-2005", "year": "2005", "label": "Standards in force",
    "kind": "standards", "jurisdiction": "Utopia", "source": "roe-2002[p. 2]",
    "certainty": "verified",
}  # fmt: skip


def test_an_event_is_asked_column_by_column(folder):
    person = Person(**EVENT)
    collection = asked_and_written(folder, "event", person)
    assert [q.name for q in person.asked][:2] == ["label", "event_id"]
    assert {q.name for q in person.asked} == {*house_schema().table("events").columns}
    assert person.asked[1].suggestion == "standards-in-force"
    row = collection.row("events", "standards-2005")
    assert (row["year"], row["note"]) == (2005, "")
    assert not person.refused


@pytest.mark.parametrize(
    ("column", "wrong", "refusal"),
    [
        ("event_id", "Standards 2005", "does not have the declared form"),
        ("event_id", "rules-2003", "The id is in use"),
        ("year", "2005.0", "not a whole number"),
        ("year", "20005", "not at least 1900 and at most 2100"),
        ("label", "x" * 61, "more than 60 characters"),
        ("source", "Roe (2002)", "not written as key[place]"),
        ("source", "roe-2003[p. 2]", "Did you mean ‘roe-2002’"),
        ("source", "page-nd-sample[intro.9]", "no passage intro.9"),
        ("certainty", "sure", "not one of those declared"),
        ("certainty", "not_coded", "The column needs a value"),
        ("jurisdiction", "n/a", "looks like a word for empty"),
        ("kind", "cafe\u0301", "decomposed character"),
    ],
)
def test_what_the_rules_refuse_is_refused_at_the_question(folder, column, wrong, refusal):
    person = Person(**{**EVENT, column: wrong})
    with pytest.raises(AssertionError, match="nothing more to say"):
        ask("event", person, read_state(folder))
    assert [name for name, _ in person.refused] == [column]
    assert refusal in person.refused[0][1]
    assert str(person.asked[-1]).startswith(person.asked[-1].refusal)


def test_a_retired_id_is_refused(folder):
    with (folder / "retired.csv").open("a", encoding="utf-8", newline="\n") as file:
        file.write("events,standards-2005,Doubled.,not_applicable\n")
    person = Person(**{**EVENT, "event_id": ["standards-2005", "standards-2006"]})
    ask("event", person, read_state(folder))
    assert "The id is retired." in person.refused[0][1]


def test_nothing_typed_means_nobody_has_looked(folder):
    person = Person(**{**EVENT, "jurisdiction": "", "year": ["", "2005"]})
    collection = asked_and_written(folder, "event", person)
    assert collection.row("events", "standards-2005")["jurisdiction"] == "not_coded"
    assert person.refused == [("year", "A value is needed.")]


CARE_SET = {
    "framework_id": "care-set", "label": "The care set", "short_label": "Care set", "kind": "model",
    "setting": "probation", "jurisdiction": "Utopia", "people": "adults", "year": "2004",
    "stated_count": "2", "completeness": "complete", "source": "roe-2002[p. 7]",
    "certainty": "verified", "wording": ["trust in care", "patience"],
    "gloss": ["Care is trusted.", "Time is taken."], "coder": "ann",
    "concept_id": ["trsut", "trust", "trust", "", "trust", ""],
    "relation": ["narrower", "related"], "reason": ["Trust is named.", "Patience lets trust grow."],
}  # fmt: skip


def test_a_framework_brings_elements_judgements_and_lexical_rows(folder):
    person = Person(**{**CARE_SET, "coder": ["lexical", "ann/bob", "ann"]})
    collection = asked_and_written(folder, "framework", person)
    rows = collection.crosswalk[collection.crosswalk["element_id"].str.startswith("care-set")]
    assert rows[["element_id", "relation", "basis", "coder"]].to_numpy().tolist() == [
        ["care-set-01", "narrower", "explicit", "ann"],
        ["care-set-01", "close", "explicit", "lexical"],
        ["care-set-02", "related", "interpreted", "ann"],
    ]
    second = collection.row("elements", "care-set-02")
    assert (second["framework_label"], second["layer"]) == ("Care set", "not_applicable")
    assert (second["source"], second["certainty"]) == ("roe-2002[p. 7]", "verified")  # as the set
    said = [refusal for name, refusal in person.refused if name == "concept_id"]
    assert said == ["‘trsut’ is not one of them.", "‘trust’ is named already."]
    assert [name for name, _ in person.refused].count("coder") == 2


def test_a_set_with_fewer_elements_than_stated_is_asked_how_complete_it_is(folder):
    person = Person(
        **{**CARE_SET, "stated_count": ["3", ""], "completeness": ["complete", "partial"]}
    )
    collection = asked_and_written(folder, "framework", person)
    assert "2 elements in the tables; its stated count is 3" in person.refused[-1][1]
    row = collection.row("frameworks", "care-set")
    assert (row["stated_count"], row["completeness"]) == (3, "partial")


def test_what_was_asked_once_more_is_kept_like_any_answer(folder):
    typed = Typed(folder, "framework")
    person = Person(
        **{**CARE_SET, "stated_count": ["3", ""], "completeness": ["complete", "partial"]}
    )
    typed.ask(person, read_state(folder))
    typed.step_back()
    again = Person(completeness="partial")
    draft = Typed(folder, "framework").ask(again, read_state(folder))
    assert [q.name for q in again.asked] == ["completeness"]
    assert draft.rows["frameworks"]["completeness"].tolist() == ["partial"]


def test_an_element_follows_those_there_and_completes_its_set(folder):
    asked_and_written(folder, "framework", Person(
        **{**CARE_SET, "stated_count": "3", "completeness": "partial"}))  # fmt: skip
    person = Person(framework_id="care-set", wording="candour", coder="bob",
                    stated_count="", completeness="complete")  # fmt: skip
    collection = asked_and_written(folder, "element", person)
    assert collection.row("elements", "care-set-03")["source"] == "roe-2002[p. 7]"
    assert collection.row("frameworks", "care-set")["completeness"] == "complete"


def test_a_judgement_of_a_second_coder_stands_beside_the_first(folder):
    asked_and_written(folder, "framework", Person(**CARE_SET))
    person = Person(element_id="care-set-02", concept_id=["goals", ""], relation="related",
                    reason="Patience is a plan.")  # fmt: skip
    write(folder, ask("judgement", person, read_state(folder), "bob"))
    rows = open_collection(folder).crosswalk
    mine = rows[rows["element_id"] == "care-set-02"]
    assert {*zip(mine["concept_id"], mine["coder"], strict=True)} == {
        ("trust", "ann"), ("goals", "bob")}  # fmt: skip
    assert "coder" not in {q.name for q in person.asked}


def test_values_to_choose_from_are_shown_with_what_they_mean_and_found_by_a_part(folder):
    person = Person(**{**EVENT, "source": ["plans?", "nonsense?", "roe-2002[p. 2]"]})
    ask("event", person, read_state(folder))
    source = next(q for q in person.asked if q.name == "source")
    assert "roe-2002  Roe" in str(source)
    said = [refusal for _, refusal in person.refused]
    assert "doe-2001" not in said[0]
    assert said[1] == "Nothing in use holds ‘nonsense’."


def test_a_claim_is_numbered_and_brings_its_concepts(folder):
    person = Person(
        statement="Plans help.", theme="planning", beneficiary="children",
        strength="it is thought", setting="youth justice", people="children",
        source=["roe-2002[p. 4]"], cites="not_reported", concept_id=["goals", ""],
        direction=["upwards", "for"], reason="Plans are goals.",
    )  # fmt: skip
    collection = asked_and_written(folder, "claim", person)
    assert collection.claims["claim_id"].tolist() == ["c001", "c002"]
    assert collection.claim_concepts.iloc[-1].tolist() == [
        "c002", "Plans help.", "goals", "Goals", "for", "Plans are goals.",
    ]  # fmt: skip


def test_a_finding_is_refused_where_its_numbers_disagree(folder):
    person = Person(
        key="doe-2001", outcome="contact", measure="r", estimate=["1.2", "0.3"], ci_low="0.1",
        ci_high=["0.2", "0.5"], ci_level="95", studies="1", participants="50",
        participants_bound="exact", comparison="more against less", direction="favourable",
        source="doe-2001[p. 5]", certainty="verified",
    )  # fmt: skip
    collection = asked_and_written(folder, "finding", person)
    assert [name for name, _ in person.refused] == ["estimate", "ci_high"]
    assert collection.row("findings", "f003")["ci_high"] == 0.5


def test_a_study_is_asked_for_its_reference_and_its_coding(folder):
    person = Person(
        kind=["paper", "article"], title="Care in the NPS", authors="Poe, Ann; Home Office",
        year=["in press", "2003"], container="Journal of Examples", volume="3", pages="1-9",
        doi=["https://doi.org/10.1000/x", "10.1000/x"], isbn=["123", ""],
        source=["Poe", "doe-2001[p. 8]"], design="survey", setting="probation",
        voices="practitioners; managers",
    )  # fmt: skip
    collection = asked_and_written(folder, "study", person)
    work = collection.bibliography["poe-2003"]
    assert work.fields["title"] == "Care in the {NPS}"
    assert [p.family for p in work.authors] == ["Poe", "Home Office"]
    row = collection.row("studies", "poe-2003")
    assert row[["origin", "design", "jurisdiction", "voices", "verification", "source"]].tolist() == [
        "added", "survey", "not_coded", "practitioners;managers", "unverified", "doe-2001[p. 8]",
    ]  # fmt: skip
    assert [n for n, _ in person.refused] == ["kind", "year", "doi", "isbn", "source"]


def test_stopping_in_the_middle_writes_nothing(folder):
    def stop(question):
        if question.name == "label":
            raise EOFError
        return EVENT[question.name]

    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    with pytest.raises(EOFError):
        ask("event", stop, read_state(folder))
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


@pytest.mark.parametrize("what", FORMS)
def test_every_form_is_blank_guided_and_comes_back(folder, tmp_path, what):
    collection = open_collection(folder)
    path = tmp_path / f"{what}.xlsx"
    path.write_bytes(form_bytes(collection, what))
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    for name in FORMS[what]:
        table = collection.schema.table(name)
        (header,) = book[name].iter_rows()
        more = [f for f in REFERENCE if what == "study" and f.name not in table.columns]
        fields = (*table.fields, *more)
        assert [c.value for c in header] == [f.name for f in fields]
        for cell, field in zip(header, fields, strict=True):
            assert field.description in cell.comment.text
    assert merge(read_state(folder), path).draft.empty


def test_a_form_for_a_new_claim_offers_the_concepts_there_are(folder):
    book = openpyxl.load_workbook(io.BytesIO(form_bytes(open_collection(folder), "claim")))
    lists = [
        [c[0].value for c in book["lists"][v.formula1.split("!")[1].replace("$", "")]]
        for v in book["claim_concepts"].data_validations.dataValidation
    ]
    assert ["goals", "trust"] in lists
    assert ["for", "against", "mixed"] in lists


def test_every_accepted_answer_leaves_no_new_complaint(folder):
    state = read_state(folder)
    new = drafted(state, ask("event", Person(**EVENT), state))
    assert set(check_evidence(new.evidence())) <= set(check_evidence(state.evidence()))
