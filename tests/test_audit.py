"""The audit of the page's references, worked out by hand."""

import pandas as pd
import pytest
from legibility import labels_cut_off, overlapping_labels, smallest_text

from relnotes.analysis.audit import compute_audit
from relnotes.evidence.bibliography import Bibliography, Work
from relnotes.evidence.collection import Collection
from relnotes.figures.audit import MOST_WORKS, found_audit, plot_audit

WORKS = {
    "ash-2001": ("listed", "yes", "verified"),
    "birch-2002": ("listed", "no", "verified"),
    "cedar-2003": ("listed", "no", "not_found"),
    "elm-2005": ("named", "yes", "unverified"),
    "fir-2006": ("added", "not_applicable", "verified"),
}


def collection(works: dict[str, tuple[str, str, str]] | None = None) -> Collection:
    works = WORKS if works is None else works
    studies = pd.DataFrame(
        [(key, *facts, "survey") for key, facts in works.items()],
        columns=["key", "origin", "named_in_text", "verification", "design"],
    )
    corrections = pd.DataFrame(
        {
            "key": ["birch-2002", "birch-2002"],
            "field": ["year", "author"],
            "printed": ["2020", "Brich"],
            "corrected": ["2002", "Birch"],
        }
    )
    passages = pd.DataFrame(
        {
            "passage_id": ["references.0", "references.1", "references.2"],
            "kind": ["heading", "reference", "reference"],
        }
    )
    entries = Bibliography(
        {k: Work(k, "book", {"author": k[:-5].title(), "year": k[-4:]}) for k in works}
    )
    tables = {"studies": studies, "corrections": corrections, "passages": passages}
    return Collection.of(tables, bibliography=entries)


def test_four_answers() -> None:
    audit = compute_audit(collection())
    assert audit.table().to_numpy().tolist() == [
        ["listed and named in the text", 1, ("Ash (2001)",)],
        ["listed but never named in the text", 2, ("Birch (2002)", "Cedar (2003)")],
        ["named but not listed", 1, ("Elm (2005)",)],
        ["printed wrongly", 1, ("Birch (2002)",)],
    ]
    assert audit.lines == 2


def test_corrections_stand_behind_a_work() -> None:
    works = compute_audit(collection()).works.set_index("key")
    assert works.loc["birch-2002", "fields"] == ("year", "author")
    assert works.loc["birch-2002", "row_ids"][0] == "studies:birch-2002"
    assert len(works.loc["birch-2002", "row_ids"]) == 3
    assert "fir-2006" not in works.index


def test_a_listed_work_of_which_nothing_more_is_coded_is_audited() -> None:
    plain = collection()
    silent = dict.fromkeys(["design", "setting", "jurisdiction", "voices"], "not_applicable")
    studies = plain.studies.assign(**silent)
    audit = compute_audit(Collection.of({"studies": studies}, bibliography=plain.bibliography))
    assert len(audit.listed) == 3


def test_sentences_follow_the_data() -> None:
    assert found_audit(compute_audit(collection())) == (
        "The page lists 3 works, in 2 printed lines.",
        "Its text names 1 of them: Ash (2001).",
        "It names 1 work without listing it: Elm (2005).",
        "1 listed work is printed wrongly in some point, with 2 corrections in all, 2 of "
        "them of words or numbers: Birch (2002) (year and author).",
        "Of the listed works, 2 are verified and 1 is not found.",
    )


def test_a_correction_of_marks_is_told_as_form():
    one = collection()
    said = found_audit(
        compute_audit(
            Collection.of(
                {
                    "studies": one.studies,
                    "corrections": one.corrections.assign(printed=["2002,", "B"]),
                },
                bibliography=one.bibliography,
            )
        )
    )
    assert any("1 of them of words or numbers and the rest of form" in one for one in said)


@pytest.mark.parametrize(("printed", "words"), [(["2002,", "A,"], 0), (["2002,", "B"], 1)])
def test_the_answer_tells_misprints_of_words_from_those_of_form(printed, words):
    one = collection()
    marks = one.corrections.assign(printed=printed, corrected=["2002", "A"])
    tables = {"studies": one.studies, "corrections": marks}
    figure = plot_audit(compute_audit(Collection.of(tables, bibliography=one.bibliography)))
    assert f"1 printed wrongly, {words} in words or numbers" in figure.alt


def test_a_row_more_changes_what_was_found() -> None:
    more = WORKS | {"gum-2007": ("listed", "yes", "verified")}
    assert found_audit(compute_audit(collection(more)))[1] == (
        "Its text names 2 of them: Ash (2001) and Gum (2007)."
    )


@pytest.mark.parametrize(
    ("works", "words"),
    [
        ({}, "No references of a page are entered"),
        ({"ash-2001": ("listed", "not_coded", "verified")}, "Of 1 listed work, 0 named"),
        ({"elm-2005": ("named", "yes", "not_found")}, "1 named only"),
        (WORKS, "Of 3 listed works"),
        (
            {
                f"w{n:03d}-2001": (
                    "listed" if n % 3 else "named",
                    "yes" if n % 4 else "no",
                    ["verified", "verified_in_part", "inferred", "unverified", "not_found"][n % 5],
                )
                for n in range(200)
            },
            "133 listed works",
        ),
    ],
    ids=["none", "one not coded", "named only", "few", "200"],
)
def test_audits_draw_and_say_so(works: dict[str, tuple[str, str, str]], words: str) -> None:
    figure = plot_audit(compute_audit(collection(works)))
    assert words in figure.alt
    assert overlapping_labels(figure.drawing) == []
    assert labels_cut_off(figure.drawing) == []
    assert smallest_text(figure.drawing) >= 7
    drawn = len(works) - ("fir-2006" in works)
    assert len(figure.marks) == min(drawn, MOST_WORKS)
    if drawn > MOST_WORKS:
        texts = [text.get_text() for text in figure.drawing.axes[0].texts]
        assert f"Not drawn: {drawn - MOST_WORKS} works, named in the table." in texts
