"""Rules that look at more than one number of a finding, a date or a study."""

import pytest

from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules import check_evidence
from relnotes.evidence.rules.sample import SAMPLE, sample_schema

PLAIN = "r,not_applicable,not_applicable,0.25,0.10,0.40,95"


def broken(file: str, old: str, new: str) -> set[tuple[str, str]]:
    assert old in SAMPLE[file]
    texts = {**SAMPLE, file: SAMPLE[file].replace(old, new, 1)}
    found = check_evidence(Evidence.of_texts(texts, sample_schema()))
    return {(f.rule, f.column) for f in found}


@pytest.mark.parametrize(
    ("numbers", "rules"),
    [
        (PLAIN, set()),
        ("odds_ratio,not_applicable,not_applicable,2,1.2,3,95", set()),
        ("odds_ratio,not_applicable,not_applicable,2,0,3,95", {("measure_agrees", "ci_low")}),
        ("odds_ratio,not_applicable,not_applicable,2,-1,3,95", {("measure_agrees", "ci_low")}),
        ("hazard_ratio,not_applicable,not_applicable,0.7,0.5,0.9,95", set()),
        ("smd,not_applicable,not_applicable,-2.5,-3,-2,95", set()),
        ("r,not_applicable,not_applicable,1.2,0.1,1.3,95",
         {("measure_agrees", "estimate"), ("measure_agrees", "ci_high")}),
        ("proportion,not_applicable,not_applicable,54.5,not_reported,not_reported,not_applicable",
         {("measure_agrees", "estimate")}),
        ("r,not_applicable,not_applicable,0.25,0.10,not_reported,95", {("half_interval", "ci_high")}),
        ("r,not_applicable,not_applicable,0.25,not_reported,0.4,95", {("half_interval", "ci_low")}),
        ("r,not_applicable,not_applicable,0.5,0.10,0.40,95", {("interval_order", "estimate")}),
        ("percentage_point_difference,54.5,73,not_reported,not_reported,not_reported,not_applicable",
         set()),
        ("percentage_point_difference,54.5,not_reported,-18.5,not_reported,not_reported,not_applicable",
         {("half_comparison", "comparison_value")}),
        ("r,not_applicable,not_applicable,not_reported,not_reported,not_reported,not_applicable",
         {("direction_has_no_number", "estimate")}),
    ],
)  # fmt: skip
def test_numbers_fit_their_measure_and_one_another(numbers, rules):
    assert broken("findings.csv", PLAIN, numbers) == rules


def test_a_declared_range_is_kept_to():
    row = (
        "list,term,label,broader,definition,lowest,highest,null,scale\n"
        "measure,share,Share kept,not_applicable,Of all.,0,100,not_applicable,linear\n"
    )
    findings = SAMPLE["findings.csv"].replace(PLAIN, PLAIN.replace("r,", "share,", 1))
    texts = {**SAMPLE, "vocabularies.csv": row, "findings.csv": findings}
    assert check_evidence(Evidence.of_texts(texts, sample_schema())) == ()
    texts["findings.csv"] = findings.replace("0.25,0.10,0.40", "120,110,130")
    found = check_evidence(Evidence.of_texts(texts, sample_schema()))
    assert {f.message for f in found} == {"A share kept is at least 0 and at most 100."}
    assert [f.column for f in found] == ["ci_high", "ci_low", "estimate"]


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("year = {2001}", ""),
        ("year = {1066}", "The year lies outside 1500 to 2099."),
        ("year = {-44}", "The year is not written in digits alone."),
        ("year = {in press}", "The year is not written in digits alone."),
        ("date = {2004-02-29}", ""),
        ("date = {2003-02-29}", "There is no such day or month in the date."),
        ("date = {2003-13}", "There is no such day or month in the date."),
        ("date = {2003-04/2003-05-01}", ""),
        ("date = {2003/}", ""),
        ("date = {2003-05/2003-04}", "The date ends before it begins."),
        ("date = {2003/1998}", "The date ends before it begins."),
    ],
)
def test_dates_are_real_and_run_upwards(field, message):
    text = SAMPLE["references.bib"].replace("year    = {2001}", field)
    found = check_evidence(Evidence.of_texts({**SAMPLE, "references.bib": text}, sample_schema()))
    assert [f.message for f in found if f.rule == "year_form"] == ([message] if message else [])


def test_a_report_names_the_main_report_of_its_study():
    main = "roe-2002,named,book,Example Press,not_applicable"
    assert broken("studies.csv", main, main.replace("not_applicable", "doe-2001")) == set()
    chain = SAMPLE["studies.csv"].replace(main, main.replace("not_applicable", "doe-2001"))
    chain = chain.replace(
        "journal article,Society of Examples,not_applicable",
        "journal article,Society of Examples,page-nd-sample",
    )
    found = check_evidence(Evidence.of_texts({**SAMPLE, "studies.csv": chain}, sample_schema()))
    assert [(f.rule, f.id) for f in found] == [("report_of_report", "roe-2002")]


def test_a_source_without_a_place_is_told_unless_the_note_says_why():
    old = "roe-2002[p. 1],verified,"
    assert broken("events.csv", old, "roe-2002,verified,") == {("source_without_place", "source")}
    assert broken("events.csv", old, "roe-2002,verified,The whole book.") == set()
