"""What the page of a row says, on a small collection worked out by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relnotes import open_collection
from relnotes.analysis.changes import Changed, Changes, Judgement
from relnotes.evidence.collection import Collection
from relnotes.evidence.rules.sample import SAMPLE
from relnotes.show.addresses import FOLDERS, address, page_name
from relnotes.show.site.entries import Entries, Entry, Section
from relnotes.show.site.fingerprint import TITLE


@pytest.fixture
def collection(sample_folder: Path) -> Collection:
    return open_collection(sample_folder)


def section(entry: Entry, title: str) -> Section:
    return next(s for s in entry.sections if s.title == title)


def texts(part: Section) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row) for row in part.rows]


def test_every_row_of_the_six_tables_has_one_page_of_its_own(collection: Collection):
    names = [entry.name for entry in Entries(collection).all()]
    rows = sum(len(collection.tables[table]) for table in FOLDERS)
    assert len(names) == len(set(names)) == rows + len(collection.retired)


def test_every_link_leads_to_a_page_or_an_element_that_is_there(collection: Collection):
    entries = list(Entries(collection).all())
    pages = {f"{e.name}.html" for e in entries}
    anchors = {f"{e.name}.html#{a}" for e in entries for s in e.sections for a in s.anchors}
    links = {
        cell.href
        for e in entries
        for cells in [*(s.rows for s in e.sections), [tuple(c for _, c in e.facts)]]
        for row in cells
        for whole in row
        for cell in (whole, *whole.parts)
        if cell.href
    }
    assert links
    assert links <= pages | anchors


def test_a_concept_says_who_names_it_in_what_words_on_whose_evidence(collection: Collection):
    entry = Entries(collection).of("concepts", "trust")
    named = section(entry, "Who names it, in what words, on whose evidence")
    assert texts(named) == [
        ("The bond model", "mutual trust", "exact, explicit", "reading",
         "Trust is named.", "Doe (2001), p. 3"),
        ("The plan model", "being believed", "related, interpreted", "reading",
         "To believe somebody is to trust their word.", "Roe (2002), p. 5"),
        ("The bond model", "mutual trust", "close, explicit", "lexical",
         "The wording holds the term ‘trust’.", "Doe (2001), p. 3"),
    ]  # fmt: skip
    assert texts(section(entry, "Claims: for")) == [
        ("Trust helps people to keep going.", "Trust is said to help.")
    ]


def test_a_judgement_shows_both_wordings_and_the_other_coder(collection: Collection):
    entry = Entries(collection).of("crosswalk", "bond-01/trust/reading")
    assert entry.name == "judgements/bond-01--trust--reading"
    assert entry.lead == "exact, explicit: Trust is named."
    assert [row[1] for row in texts(section(entry, "Both wordings"))] == ["mutual trust", "Trust"]
    assert texts(section(entry, "The other coders’ answers")) == [
        ("lexical", "close, explicit", "The wording holds the term ‘trust’.")
    ]


def test_a_judgement_that_stands_alone_says_so(collection: Collection):
    entry = Entries(collection).of("crosswalk", "plan-02/trust/reading")
    alone = section(entry, "The other coders’ answers")
    assert alone.sentences == ("No other coder related this element to this concept.",)


def test_what_is_missing_is_named_with_the_command_that_mends_it(collection: Collection):
    missing = section(Entries(collection).of("studies", "roe-2002"), "What is missing here")
    assert missing.sentences[:2] == (
        "Design: nobody has looked yet.",
        "Voices: nobody has looked yet.",
    )
    assert "relnotes merge" in missing.sentences[-1]
    whole = section(Entries(collection).of("claims", "c001"), "What is missing here")
    assert whole.sentences == ("Nothing that its row asks for.",)


def test_a_work_says_what_rests_on_it_and_what_was_misprinted(collection: Collection):
    entry = Entries(collection).of("studies", "doe-2001")
    assert ("frameworks", "The bond model") in texts(section(entry, "What rests on it"))
    assert texts(section(entry, "Corrections")) == [
        ("Doe (2001)", "year", "2011", "2001", "The title page says 2001.")
    ]


def test_a_correction_is_told_wherever_the_work_is_named(collection: Collection):
    entries = Entries(collection)
    for table, row_id in (("frameworks", "bond"), ("concepts", "trust")):
        assert len(texts(section(entries.of(table, row_id), "Corrections"))) == 1
    right = section(entries.of("studies", "roe-2002"), "Corrections")
    assert right.sentences == ("None is recorded for the works named here.",)


def test_a_fingerprint_says_what_a_framework_names_and_how_many_others_do(collection: Collection):
    # Close or exact, by the reading: bond names both concepts, plan only goals.
    bond = section(Entries(collection).of("frameworks", "bond"), TITLE)
    assert bond.sentences[0].startswith("It names 2 of 2 concepts, where ")
    assert texts(bond) == [("Direction", "1 of 1", "Goals (1)"), ("Bond", "1 of 1", "Trust (0)")]
    plan = section(Entries(collection).of("frameworks", "plan"), TITLE)
    assert texts(plan) == [("Direction", "1 of 1", "Goals (1)"), ("Bond", "0 of 1", "")]
    assert plan.sentences[1] == "Most widely named elsewhere and not here: Trust (1)."
    drawn = [re.findall(r'class="(in|out)"', row[1].html) for row in plan.rows]
    assert drawn == [["in"], ["out"]]


def test_a_fingerprint_says_why_there_is_none(sample_folder: Path):
    (sample_folder / "crosswalk.csv").write_text(
        SAMPLE["crosswalk.csv"].splitlines()[0] + "\n", encoding="utf-8"
    )
    empty = section(Entries(open_collection(sample_folder)).of("frameworks", "bond"), TITLE)
    assert empty.sentences == ("Nothing has been judged yet, so there is none.",)


def test_what_changed_is_told_row_by_row_and_only_where_a_version_is_known(collection: Collection):
    changes = Changes(
        "0.1",
        "0.2",
        revised=(Changed("frameworks", "bond", "Bond", (("year", "2000", "2001"),)),),
        judgements=(
            Judgement(
                "bond-01", "trust", "reading", "close, explicit", "exact, explicit", "It is."
            ),
        ),
    )
    entries = Entries(collection, changes=changes)
    told = section(entries.of("frameworks", "bond"), "What changed").sentences
    assert told == (
        "Revised since version 0.1: year ‘2000’ → ‘2001’.",
        "1 judgement was made anew or withdrawn since version 0.1.",
    )
    judged = section(entries.of("crosswalk", "bond-01/trust/reading"), "What changed").sentences
    assert judged == ("Since version 0.1: close, explicit → exact, explicit.",)
    same = section(entries.of("frameworks", "plan"), "What changed").sentences
    assert same == ("Nothing since version 0.1.",)
    unknown = section(Entries(collection).of("claims", "c001"), "What changed").sentences
    assert "relnotes site --since" in unknown[0]


def test_a_retired_id_keeps_a_page_that_names_its_successors(sample_folder: Path):
    (sample_folder / "retired.csv").write_text(
        SAMPLE["retired.csv"].splitlines()[0]
        + "\nconcepts,confidence,Renamed.,trust\nframeworks,old,It was no set.,not_applicable\n",
        encoding="utf-8",
    )
    retired = {e.name: e for e in Entries(open_collection(sample_folder)).all()
               if e.kind == "retired id"}  # fmt: skip
    renamed = retired["concepts/confidence"]
    assert renamed.lead == "Renamed."
    assert texts(section(renamed, "What stands in its place")) == [("Trust",)]
    gone = section(retired["frameworks/old"], "What stands in its place")
    assert gone.sentences == ("Nothing does.",)


def test_the_data_beside_a_page_is_the_row(collection: Collection):
    data = Entries(collection).of("frameworks", "plan").json
    row = data["row"]
    assert (row["label"], row["stated_count"], row["note"]) == (
        "The plan model",
        "not_reported",
        "",
    )
    assert data["address"] == "frameworks/plan.html"


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3),
       st.lists(st.text(min_size=1), min_size=1, max_size=3))  # fmt: skip
def test_an_address_is_one_plain_file_name_and_no_two_ids_share_one(
    one: list[str], other: list[str]
):
    first, second = (
        page_name("concepts", "/".join(part.replace("/", "|") for part in parts))
        for parts in (one, other)
    )
    name = first.removeprefix("concepts/")
    assert re.fullmatch(r"[A-Za-z0-9_~;.-]+", name)
    assert not name.startswith(".")
    assert (first == second) == (
        [p.replace("/", "|") for p in one] == [p.replace("/", "|") for p in other]
    )


def test_an_element_stands_on_its_frameworks_page(collection: Collection):
    assert address(collection, "elements", "bond-02") == "frameworks/bond.html#bond-02"
    assert address(collection, "claim_concepts", "c001/trust") == "claims/c001.html"
    assert address(collection, "events", "rules-2003") == ""
