"""Terms of columns, measures, and the concept that stands for none."""

import pandas as pd
import pytest

from relnotes.analysis.agreement import compute_agreement
from relnotes.analysis.overlap import Memberships, main_coder
from relnotes.evidence.bibtex import parse_bibliography
from relnotes.evidence.collection import Collection
from relnotes.evidence.folder import Evidence
from relnotes.evidence.lexical import code_lexically
from relnotes.evidence.rules import Example, check_evidence
from relnotes.evidence.rules.sample import SAMPLE, sample_schema, sample_with
from relnotes.evidence.vocabulary import MEASURES, terms_of, vocabulary

HEADER = "list,term,label,broader,definition,lowest,highest,null,scale\n"
EMPTY = "not_applicable,not_applicable,not_applicable,not_applicable"


def faults(name: str, **texts: str) -> list[tuple[str, int, str]]:
    files = {name.replace("_csv", ".csv"): text for name, text in texts.items()}
    found = check_evidence(Evidence.of_texts({**SAMPLE, **files}, sample_schema()))
    return [(f.file, f.line, f.value) for f in found if f.rule == name]


@pytest.mark.parametrize(
    ("cell", "terms"),
    [
        ("probation", ("probation",)),
        ("probation;youth justice", ("probation", "youth justice")),
        (" probation ; youth justice;", ("probation", "youth justice")),
        ("not_coded", ()),
        ("", ()),
    ],
)
def test_a_cell_is_read_as_its_terms(cell, terms):
    assert terms_of(cell) == terms


def test_a_term_takes_its_narrower_ones_and_knows_what_is_only_broader():
    rows = [
        ("setting", "justice", "not_applicable"),
        ("setting", "corrections", "justice"),
        ("setting", "probation", "corrections"),
        ("people", "probation", "justice"),
    ]
    frame = pd.DataFrame(rows, columns=["list", "term", "broader"]).assign(label="")
    settings = vocabulary(frame, "setting")
    assert settings.above("probation") == {"corrections", "justice"}
    assert settings.takes("justice", "psychotherapy; probation")
    assert not settings.takes("probation", "corrections")
    assert settings.broader_only("probation", "corrections")
    assert not settings.broader_only("probation", "corrections;probation")
    assert not settings.broader_only("probation", "psychotherapy")


def test_a_cell_of_two_terms_is_checked_term_by_term():
    terms = HEADER + f"setting,probation,,not_applicable,One.,{EMPTY}\n"
    terms += f"setting,youth justice,,not_applicable,Two.,{EMPTY}\n"
    frameworks = SAMPLE["frameworks.csv"].replace(
        "model,probation", "model,probation; youth justice"
    )
    assert faults("unknown_term", vocabularies_csv=terms, frameworks_csv=frameworks) == []
    frameworks = frameworks.replace("probation; youth justice", "probation; jails")
    found = faults("unknown_term", vocabularies_csv=terms, frameworks_csv=frameworks)
    assert found == [("frameworks.csv", 2, "probation; jails")]


def test_without_a_list_the_values_in_use_are_the_list():
    other = HEADER + f"people,children,,not_applicable,All under 18.,{EMPTY}\n"
    found = faults("unknown_term", vocabularies_csv=other)
    assert {(file, value) for file, _, value in found} == {
        ("claims.csv", "adults"),
        ("frameworks.csv", "people on probation"),
    }


def test_a_declared_measure_is_known_with_its_range():
    row = "measure,phi,Phi,not_applicable,Of two halves.,-1,1,0,linear\n"
    findings = SAMPLE["findings.csv"].replace("12 months,r,", "12 months,phi,")
    assert faults("undeclared_measure", findings_csv=findings) == [("findings.csv", 2, "phi")]
    assert faults("undeclared_measure", findings_csv=findings, vocabularies_csv=HEADER + row) == []


def test_a_label_alone_does_not_unsay_what_is_known_of_a_measure():
    row = f"measure,odds_ratio,Odds,not_applicable,Odds of one over the other.,{EMPTY}\n"
    texts = {**SAMPLE, "vocabularies.csv": HEADER + row}
    collection = Collection.from_evidence(Evidence.of_texts(texts, sample_schema()))
    measure = collection.measures["odds_ratio"]
    assert (measure.null, measure.logarithmic) == (1, True)
    assert not measure.holds(0)
    assert measure.holds(0.01)


def test_ranges_hold_their_ends_where_they_can_be_reached():
    assert MEASURES["r"].holds(-1)
    assert not MEASURES["r"].holds(1.01)
    assert not MEASURES["count"].holds(-1)
    assert MEASURES["smd"].holds(-3)


def no_concept(coder: str) -> Collection:
    """The sample with one element that names nothing in one coding."""
    row = "no-concept,No concept,Bond,Nothing here.,None.,None.,not_applicable,not_applicable,"
    texts = {
        **SAMPLE,
        "concepts.csv": SAMPLE["concepts.csv"].replace(
            "trust,Trust,Bond", row + "not_applicable,not_applicable,\ntrust,Trust,Bond"
        ),
        "crosswalk.csv": SAMPLE["crosswalk.csv"].replace(
            "plan-02,being believed,trust,Trust,related,interpreted,To believe somebody is to "
            "trust their word.,reading",
            f"plan-02,being believed,no-concept,No concept,related,interpreted,It names none.,{coder}",
        ),
    }
    evidence = Evidence.of_texts(texts, sample_schema())
    assert {f.rule for f in check_evidence(evidence)} <= {"concept_alone", "example_belongs"}
    return Collection.from_evidence(evidence)


def test_no_concept_is_judged_and_counted_nowhere():
    collection = no_concept("reading")
    assert collection.codebook["concept_id"].tolist() == ["goals", "trust"]
    assert "no-concept" not in set(collection.relations["concept_id"])
    members = Memberships.from_crosswalk(collection, "any")
    assert list(members.items) == ["goals", "trust"]
    assert members.left_out.empty
    assert members.sets_of("trust") == ("bond",)
    assert "no-concept" not in set(
        code_lexically(collection.elements, collection.concepts)["concept_id"]
    )
    agreement = compute_agreement(collection, draws=20)
    assert agreement.elements == 4  # the element was looked at: both codings say that it names none
    assert agreement.same == 4


@pytest.mark.parametrize(
    ("coding", "rows", "coder"),
    [
        ("", [("lexical", "a"), ("lexical", "b"), ("bob", "a")], "bob"),
        ("", [("ann", "a"), ("bob", "a"), ("bob", "b")], "bob"),
        ("", [("ann", "a"), ("bob", "a"), ("bob", "a")], "bob"),
        ("ann", [("ann", "a"), ("bob", "a"), ("bob", "b")], "ann"),
        ("eve", [("ann", "a"), ("lexical", "a")], "ann"),
        ("", [("lexical", "a")], "lexical"),
    ],
)
def test_the_coding_that_figures_use_is_never_chosen_by_the_alphabet(coding, rows, coder):
    from dataclasses import replace

    schema = replace(sample_schema(), coding=coding)
    crosswalk = pd.DataFrame(rows, columns=["coder", "element_id"])
    assert main_coder(Collection.of({"crosswalk": crosswalk}, schema=schema)) == coder


def test_a_parted_concept_may_name_several_successors():
    text = "table,id,reason,replacement\nconcepts,faith,Parted.,goals;trust\n"
    assert faults("retired_id", retired_csv=text) == []
    assert len(faults("retired_id", retired_csv=text.replace("goals", "aims"))) == 1


def test_studies_have_the_year_of_their_entry():
    works, _ = parse_bibliography("@book{roe-2002, title = {Plans}, year = {2002}}")
    studies = pd.DataFrame({"key": ["roe-2002", "doe-nd"]})
    years = Collection.of({"studies": studies}, bibliography=works).studies["year"]
    assert years[0] == 2002
    assert pd.isna(years[1])


def test_the_coding_of_the_descriptor_has_rows():
    without = sample_with(
        Example("crosswalk.csv", "", SAMPLE["crosswalk.csv"].replace("reading", "ann"))
    )
    found = [f for f in check_evidence(without) if f.rule == "unknown_coding"]
    assert [(f.file, f.value) for f in found] == [("datapackage.json", "reading")]
    assert "ann, lexical" in found[0].mend
