"""What a notebook cell calls: tables in words, rows behind a mark, guesses and their mistakes."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from relnotes import open_collection
from relnotes.evidence.bibliography import Bibliography, Work
from relnotes.evidence.collection import Collection
from relnotes.evidence.near import UnknownNameError
from relnotes.evidence.references import plain_reference
from relnotes.evidence.schema import house_descriptor
from relnotes.figures import make
from relnotes.show.addresses import page_name
from relnotes.show.notebook import MISTAKES, Notes, behind, check, show, terminal

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def collection() -> Collection:
    return open_collection(DATA)


# ---------------------------------------------------------------- guesses


def test_without_a_guess_nothing_is_told():
    assert str(check(None, 12, inclusive=30)) == "Write your guess first."
    assert str(check(None, None)) == "Write your guess first."


@pytest.mark.parametrize("guess", [12, 12.0, "12", " 12 ", np.int64(12)])
def test_the_right_number_is_right_however_it_is_written(guess):
    assert str(check(guess, 12, inclusive=30)).startswith("Yes.")


@pytest.mark.parametrize("guess", ["outdated", "Outdated", " OUTDATED "])
def test_the_right_word_is_right_however_it_is_written(guess):
    assert str(check(guess, "outdated", picture_as_data="current")).startswith("Yes.")


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_wrong_guess_is_told_what_it_mistakes_for_what(mistake):
    assert str(check(30, 12, **{mistake: 30})) == f"Not yet. {MISTAKES[mistake]}"


@pytest.mark.parametrize(
    ("mistake", "named"),
    [
        ("inclusive", "exactly these"),
        ("empty_as_no", "Neither ‘not coded’ nor ‘not reported’ is ‘no’"),
        ("related_as_same", "‘Related’ is not ‘the same’"),
        ("reports_as_studies", "Two reports of one study are one study"),
    ],
)
def test_the_known_misconceptions_are_called_by_their_name(mistake, named):
    assert named in MISTAKES[mistake]


@pytest.mark.parametrize("guess", [1, 11, 13, 29, 31, 1000])
def test_no_reply_to_a_wrong_number_holds_the_answer(guess):
    said = str(check(guess, 12, inclusive=30))
    assert "12" not in said
    assert said == f"Not yet: the number is {'larger' if guess < 12 else 'smaller'}."


def test_the_answer_comes_before_the_mistake_where_both_are_the_same():
    assert str(check(5, 5, reports_as_studies=5)).startswith("Yes.")


def test_words_for_numbers_and_numbers_for_words_are_told_apart():
    assert "without quotes" in str(check("five", 5))
    assert "in quotes" in str(check(5, "outdated"))
    assert "in quotes" in str(check("current", "outdated"))


def test_a_collection_that_cannot_answer_says_so_and_not_that_the_guess_is_wrong():
    for nothing in (None, pd.NA):
        assert "no answer" in str(check(3, nothing, relatives_as_witnesses=nothing))


def test_a_mistake_nobody_knows_is_refused():
    with pytest.raises(UnknownNameError, match="inclusive"):
        check(3, 4, inclusiv=5)


# ---------------------------------------------------------------- tables


def test_a_table_is_shown_in_words_and_not_in_codes():
    frame = pd.DataFrame(
        {
            "participants": [18291.0, np.nan, 0.275],
            "sure": ["verified_in_part", "not_coded", "a wording_of one"],
            "holds": [True, False, True],
            "first_year": [1988, 2004, 2026],
            "said": [("One.", "Two."), ("one", "two"), ()],
        }
    )
    assert str(show(frame)).splitlines()[1:] == [
        "18,291 | verified in part | yes | 1988 | One. Two.",
        " | not coded | no | 2004 | one; two",
        "0.275 | a wording_of one | yes | 2026 |",
    ]


def test_rows_not_shown_are_counted_with_the_way_to_see_them():
    frame = pd.DataFrame({"n": range(62)})
    assert "2 more rows are not shown here; ‘most=None’" in str(show(frame))
    assert "1 more row is not shown here" in str(show(frame, most=61))
    assert "more row" not in str(show(frame, most=None))
    assert str(show(frame, most=None)).endswith("61")


# ---------------------------------------------------------------- behind a mark


def test_behind_a_mark_stand_words_with_the_place_they_were_read_in(collection):
    figure = make("gaps-map", collection)
    mark = max(figure.marks, key=lambda name: len(figure.marks[name]))
    ids = figure.row_ids(mark)
    table, words, read_in, traced = str(behind(figure, mark)).splitlines()[2].split(" | ")
    assert traced == ids[0]
    assert table == collection.schema.table(ids[0].split(":")[0]).title
    assert words and words != traced.split(":")[1]
    assert read_in[-1] not in "]", "a place in words, not a source cell"
    assert f"{len(ids) - 8:,} more: figure.rows({mark!r})" in str(behind(figure, mark))


def test_rows_behind_a_mark_lead_to_their_pages_where_the_site_has_an_address(sample_folder):
    for home, leads in (("https://example.org/e/", True), ("javascript:run()", False)):
        descriptor = {**house_descriptor(), "name": "s", "homepage": home}
        (sample_folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
        figure = make("overlap-matrix", open_collection(sample_folder))
        row = next(r for r in figure.row_ids("Bond × Trust") if r.startswith("crosswalk:"))
        shown = behind(figure, "Bond × Trust").as_html
        page = page_name("crosswalk", row.removeprefix("crosswalk:"))
        assert (f'<a href="{home}{page}.html">{row}</a></td>' in shown) == leads
        assert "javascript" not in shown


def test_a_figure_without_marks_has_nothing_behind_them(collection):
    empty = make("gaps-map", Collection.of({}))
    assert "no mark" in str(behind(empty))


# ---------------------------------------------------------------- citations


def test_citations_of_one_author_and_year_are_told_apart_as_in_the_list(collection):
    notes = Notes(collection)
    keys = list(collection.bibliography.letters)
    assert keys
    cited = {key: notes.cite(key).as_text for key in keys}
    assert len(set(cited.values())) == len(keys)
    listed = collection.bibliography.references(keys)
    for key in keys:
        dated = collection.bibliography.dated(key)
        assert cited[key].endswith(f"({dated})")
        assert f" {dated}." in plain_reference(listed[key]), key


def test_a_letter_does_not_depend_on_what_else_is_listed():
    fields = {"title": "On hope", "author": "Lee, A.", "year": "2001"}
    raw = "@book{{{0},\n author = {{Lee, A.}}, title = {{{1}}}, year = {{2001}}}}"
    works = {
        key: Work(key, "book", fields | {"title": title}, raw=raw.format(key, title))
        for key, title in {"lee-b": "On hope", "lee-a": "In trust"}.items()
    }
    listed = Bibliography(works).references(["lee-b"])
    assert "2001b" in listed["lee-b"]


# ---------------------------------------------------------------- the terminal


def test_a_command_is_run_where_it_is_told_and_shown_as_typed(tmp_path: Path):
    said = str(terminal("relnotes init mine --title 'On hope' --yes", tmp_path))
    assert said.startswith("$ relnotes init mine --title 'On hope' --yes\n")
    assert (tmp_path / "mine" / "frameworks.csv").is_file()
    assert "no errors" in str(terminal("relnotes check --data mine", tmp_path))
