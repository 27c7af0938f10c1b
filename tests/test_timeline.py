"""Works in time: known answers worked out by hand, and drawings of awkward literatures."""

from collections.abc import Sequence
from urllib.parse import unquote

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from legibility import (
    labels_cut_off,
    overlapping_labels,
    printed_labels,
    smallest_text,
)
from printed import Printed, printed

from relnotes.analysis.timeline import (
    compute_age,
    compute_concept_history,
    compute_foundations,
    compute_growth,
    compute_timeline,
)
from relnotes.analysis.works import find_reading_places, order_values, read_years, select_works
from relnotes.evidence.bibliography import Bibliography, Work
from relnotes.evidence.collection import Collection
from relnotes.figures.figure import Figure
from relnotes.figures.timeline import (
    describe_timeline,
    found_concept_history,
    found_timeline,
    plot_concept_history,
    plot_timeline,
)
from relnotes.figures.timeline.works import MOST_DOTS

NEVER = dict.fromkeys(("design", "setting", "jurisdiction", "voices"), "not_applicable")


def bibliography(dates: dict[str, dict[str, str]]) -> Bibliography:
    return Bibliography({key: Work(key, "book", fields) for key, fields in dates.items()})


def literature(
    dates: Sequence[str], origins: Sequence[str] = ("listed",), types: Sequence[str] = ("book",)
) -> Collection:
    """Return a collection with one work for each date, by authors of their own."""
    works = {
        f"w{n:03d}-nd": {"author": f"Writer{n}, A. and Other, B."}
        | ({"pubstate": "inpress"} if date == "in press" else {"date": date} if date else {})
        for n, date in enumerate(dates)
    }
    studies = pd.DataFrame(
        {
            "key": list(works),
            "origin": [origins[n % len(origins)] for n in range(len(dates))],
            "document_type": [types[n % len(types)] for n in range(len(dates))],
            "design": "survey",
        }
    )
    return Collection.of({"studies": studies}, bibliography=bibliography(works))


def with_misprint(printed: str = "2012") -> Collection:
    """Return three listed works of 2004, 2010 and 2020; the first is printed with another year."""
    plain = literature(["2004", "2010", "2020"])
    wrong = pd.DataFrame({"key": ["w000-nd"], "field": ["year"], "printed": [printed]})
    tables = {"studies": plain.studies, "corrections": wrong}
    return Collection.of(tables, bibliography=plain.bibliography)


# ---------------------------------------------------------------- which rows are works


def test_reading_places_are_added_rows_of_which_nothing_can_be_said() -> None:
    rows = [
        {"key": "record-nd", "origin": "added", **NEVER},
        {"key": "listed-rules-2001", "origin": "listed", **NEVER},
        {"key": "named-guide-2001", "origin": "named", **NEVER},
        {"key": "added-guide-2001", "origin": "added", **NEVER, "setting": "probation"},
        {"key": "uncoded-2001", "origin": "added", **dict.fromkeys(NEVER, "not_coded")},
    ]
    found = find_reading_places(Collection.of({"studies": pd.DataFrame(rows)}))
    assert found.to_dict("records") == [{"key": "record-nd", "reason": "reading place"}]


def test_works_cited_alike_get_letters_and_those_without_a_date_a_dash() -> None:
    works = bibliography(
        {
            "lee-2001-a": {"author": "Lee, A.", "year": "2001"},
            "lee-2001-b": {"author": "Lee, B.", "year": "2001"},
            "lee-2002": {"author": "Lee, A.", "year": "2002"},
            "lee-nd-a": {"author": "Lee, A."},
            "lee-nd-b": {"author": "Lee, A."},
            "lee-nd-c": {"author": "Lee, A.", "pubstate": "inpress"},
        }
    )
    studies = pd.DataFrame({"key": [*works, "unknown-1999"], "origin": "added"})
    labels = select_works(Collection.of({"studies": studies}, bibliography=works))["label"]
    assert labels.tolist() == [
        "Lee (2001a)",
        "Lee (2001b)",
        "Lee (2002)",
        "Lee (n.d.-a)",
        "Lee (n.d.-b)",
        "Lee (in press)",
        "unknown-1999 (n.d.)",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"year": "2004"}, (2004, 2004, "2004")),
        ({"date": "2004-05-01"}, (2004, 2004, "2004")),
        ({"date": "2010/2012"}, (2010, 2012, "2010–2012")),
        ({"year": "2010--2012"}, (2010, 2012, "2010–2012")),
        ({"year": "in press"}, (None, None, "in press")),
        ({"pubstate": "inpress"}, (None, None, "in press")),
        ({"year": "forthcoming"}, (None, None, "forthcoming")),
        ({}, (None, None, "n.d.")),
    ],
)
def test_years_are_read_and_never_made_up(
    fields: dict[str, str], expected: tuple[int | None, int | None, str]
) -> None:
    assert read_years(Work("a", "book", fields)) == expected


# ---------------------------------------------------------------- lanes, growth, age


def test_lanes_stand_by_size_and_what_is_not_known_last() -> None:
    values = pd.Series(["not_applicable", "b", "not_coded", "a", "b", "not_coded", "not_coded"])
    assert order_values(values) == ("b", "a", "does not apply", "not yet coded")


def test_the_reference_year_is_that_of_the_newest_listed_work() -> None:
    timeline = compute_timeline(literature(["2010", "2024", "2015"], ["listed", "added", "listed"]))
    assert (timeline.reference_year, timeline.reference_keys) == (2015, ("w002-nd",))


def test_without_a_list_the_newest_work_gives_the_reference_year() -> None:
    timeline = compute_timeline(literature(["2010", "2024"], ["added"]))
    assert timeline.reference_year == 2024


def test_a_lane_that_is_no_column_is_refused() -> None:
    with pytest.raises(ValueError, match="no lanes by ‘colour’"):
        compute_timeline(Collection.of({}), "colour")


def test_growth_counts_every_year_and_shows_what_a_misprint_does() -> None:
    growth = compute_growth(compute_timeline(with_misprint()))
    rows = growth.set_index("year")
    assert growth["year"].tolist() == list(range(2004, 2021))
    assert rows.loc[[2004, 2005, 2010, 2020], "works"].tolist() == [1, 0, 1, 1]
    assert rows.loc[[2009, 2011, 2012, 2020], "total"].tolist() == [1, 2, 2, 3]
    # As printed, 2004 brings nothing and 2012 the first of the works.
    assert rows.loc[[2009, 2011, 2012, 2020], "total_printed"].tolist() == [0, 1, 2, 3]
    assert rows.loc[2004, "keys"] == ("w000-nd",)


def test_only_listed_works_are_printed() -> None:
    growth = compute_growth(compute_timeline(literature(["2001", "2002"], ["listed", "added"])))
    assert growth["total_printed"].tolist() == [1, 1]
    assert growth["total"].tolist() == [1, 2]


def test_age_by_hand() -> None:
    # Ages to 2020: 16, 10, 9, 0; their median is 9.5. Missing years: 2005-09 and 2012-19.
    age = compute_age(pd.DataFrame({"year": [2004, 2010, 2011, 2020, pd.NA]}), 2020)
    assert (age.works, age.undated, age.first_year, age.last_year) == (4, 1, 2004, 2020)
    assert age.half_life == 9.5
    assert age.gap_years == (*range(2005, 2010), *range(2012, 2020))
    assert age.longest_gap == tuple(range(2012, 2020))
    later = compute_age(pd.DataFrame({"year": [2000, 2006, 2009]}), 2010)
    assert later.longest_gap == (2001, 2002, 2003, 2004, 2005)


@given(st.lists(st.integers(1900, 2025), min_size=1), st.integers(1900, 2030))
def test_half_of_the_works_are_no_older_than_the_half_life(years: list[int], now: int) -> None:
    age = compute_age(pd.DataFrame({"year": years}), now)
    assert age.half_life is not None
    assert sum(now - year <= age.half_life for year in years) * 2 >= len(years)
    assert set(age.gap_years).isdisjoint(years)
    assert len(age.gap_years) + len(set(years)) == max(years) - min(years) + 1


# ---------------------------------------------------------------- frameworks and concepts


def frameworks() -> Collection:
    """Return two frameworks and the works they rest on; the second has no year."""
    works = bibliography(
        {
            "old-1980": {"author": "Old, A.", "year": "1980"},
            "new-2004": {"author": "New, B.", "year": "2004"},
        }
    )
    tables = {
        "studies": pd.DataFrame({"key": [*works], "origin": "listed", "design": "survey"}),
        "frameworks": pd.DataFrame(
            {
                "framework_id": ["five", "lost"],
                "short_label": ["The five", "The lost"],
                "setting": ["probation", "prison"],
                "jurisdiction": ["Wales", "not_reported"],
                "completeness": "complete",
                "year": ["2004", "not_reported"],
                "source": ["new-2004[p. 2]", "somebody-nd"],
            }
        ),
        "elements": pd.DataFrame(
            {
                "element_id": ["five-01", "lost-01"],
                "framework_id": ["five", "lost"],
                "source": ["old-1980[p. 7];new-2004", "somebody-nd"],
            }
        ),
        "concepts": pd.DataFrame(
            {"concept_id": ["hope", "trust"], "label": ["Hope", "Trust"], "theme": "Bond"}
        ),
        "crosswalk": pd.DataFrame(
            {
                "element_id": ["five-01", "lost-01", "lost-01"],
                "concept_id": ["trust", "trust", "hope"],
                "relation": "exact",
                "basis": "explicit",
                "coder": "reading",
            }
        ),
    }
    return Collection.of(tables, bibliography=works)


def test_frameworks_rest_on_works_and_the_lag_is_in_years() -> None:
    found = compute_foundations(frameworks())
    assert found[["framework_id", "key"]].to_numpy().tolist() == [
        ["five", "old-1980"],
        ["five", "new-2004"],
        ["lost", ""],
    ]
    assert found["lag"].tolist() == [24, 0, pd.NA]
    assert found["row_ids"].tolist() == [
        ("elements:five-01",),
        ("frameworks:five", "elements:five-01"),
        ("frameworks:lost",),
    ]


def test_works_without_a_year_come_last() -> None:
    one = frameworks()
    works = bibliography({"new-2004": {"date": "2004"}, "any-nd": {}, "old-1980": {"date": "1980"}})
    studies = pd.DataFrame({"key": list(works), "origin": "added", "design": "survey"})
    elements = one.elements.assign(source=["any-nd;old-1980;new-2004", "somebody-nd"])
    frameworks_ = one.frameworks.assign(source="somebody-nd")
    tables = {"studies": studies, "elements": elements, "frameworks": frameworks_}
    found = compute_foundations(Collection.of(tables, bibliography=works))
    five = found[found["framework_id"] == "five"]
    assert five["key"].tolist() == ["old-1980", "new-2004", "any-nd"]


def test_only_the_earliest_framework_is_the_first_to_name_a_concept() -> None:
    dated = frameworks()
    later = dated.frameworks.astype({"year": "object"})
    later.loc[later["framework_id"] == "lost", "year"] = "2010"
    history = compute_concept_history(dated.replacing(frameworks=later))
    trust = history[history["concept_id"] == "trust"].set_index("framework_id")["first"]
    assert trust.to_dict() == {"five": True, "lost": False}


def test_the_latest_concept_is_told_with_its_undated_frameworks() -> None:
    dated = frameworks()
    later = dated.frameworks.astype({"year": "object"})
    later.loc[later["framework_id"] == "lost", "year"] = "2010"
    both = compute_concept_history(dated.replacing(frameworks=later))
    assert found_concept_history(both)[1] == (
        "Latest to have a dated framework: Hope (2010); of those that name it, none have no year."
    )
    hope = both["concept_id"].eq("hope")
    more = both[hope].assign(framework_id="old", year=pd.NA, first=False)
    assert found_concept_history(pd.concat([both, more]))[1].endswith("1 has no year.")


def test_concepts_through_time() -> None:
    history = compute_concept_history(frameworks())
    columns = ["concept_id", "framework_id", "first", "setting", "jurisdiction"]
    assert history[columns].to_numpy().tolist() == [
        ["hope", "lost", False, "prison", ""],
        ["trust", "five", True, "probation", "Wales"],
        ["trust", "lost", False, "prison", ""],
    ]
    assert found_concept_history(history) == (
        "The first framework with a year is The five (2004), which names Trust.",
        "Trust is named in the most settings, 2.",
        "1 concept is named only by frameworks without a year: Hope.",
        "1 of the 2 frameworks has no year, so a concept may be older than it looks.",
    )


# ---------------------------------------------------------------- in words


def test_sentences_follow_the_data() -> None:
    assert found_timeline(compute_timeline(with_misprint())) == (
        "3 works of 3 have a year; they run from 2004 to 2020.",
        "Half of the 3 listed works with a year are at most 10 years old, counted to 2020, the "
        "year of the newest listed work; the page’s own date is not known.",
        "No work appeared in 14 years of that time; the longest gap is 2011 to 2019.",
        "Writer0 and Other (2004) is printed as 2012, 8 years too late.",
    )


def test_no_page_is_spoken_of_where_none_lists_a_work() -> None:
    works = bibliography(
        {"a": {"author": "A", "year": "2001"}, "b": {"author": "B", "year": "2005"}}
    )
    added = pd.DataFrame({"key": ["a", "b"], "origin": "added"})
    said = " ".join(
        found_timeline(compute_timeline(Collection.of({"studies": added}, bibliography=works)))
    )
    assert "Half of the 2 works" in said
    assert "page" not in said


def test_one_work_is_spoken_of_as_one() -> None:
    assert found_timeline(compute_timeline(literature(["2010"]))) == (
        "1 work of 1 has a year; all are from 2010.",
    )


def test_a_row_more_changes_what_was_found() -> None:
    before = found_timeline(compute_timeline(literature(["2010", "2012"])))
    after = found_timeline(compute_timeline(literature(["2010", "2012", "2020"])))
    assert before != after
    assert "3 works of 3" in after[0]


# ---------------------------------------------------------------- drawings


def assert_legible(figure: Figure) -> None:
    labels = printed_labels(figure.drawing)
    assert overlapping_labels(labels) == []
    assert labels_cut_off(figure.drawing) == []
    assert smallest_text(labels) >= 7


AWKWARD = {
    "none": ([], "holds no works"),
    "one": (["2010"], "The fullest: 2010, 1 work."),
    "one year": (["2010"] * 9, "all are from 2010"),
    "unknown": ([""] * 5, "None of the 5 works has a year."),
    "ranges and in press": (["2010/2012", "in press", "1850", ""], "2 works of 4 have a year"),
    "200 works": ([str(1975 + n * n % 50) for n in range(180)] + [""] * 20, "180 works of 200"),
    "a century": ([str(1900 + n) for n in range(100)], "No year has more than 1 work."),
    "undated in bulk": ([""] * (MOST_DOTS + 1), "None of the 27 works has a year."),
}


@pytest.mark.parametrize(("dates", "words"), AWKWARD.values(), ids=AWKWARD.keys())
def test_awkward_literatures_draw_and_say_so(dates: list[str], words: str) -> None:
    collection = literature(dates, ["listed", "named", "added"], ["article", "book", "thesis"][:1])
    figure = plot_timeline(compute_timeline(collection))
    assert_legible(figure)
    assert words in figure.alt
    assert len(figure.data) == len(dates)
    if dates:
        fits_a_page(printed(figure))


def fits_a_page(sheet: Printed) -> None:
    assert sheet.width <= 183 / 25.4 * 72
    assert sheet.height <= 247 / 25.4 * 72 + 1


def test_bars_come_where_a_year_has_too_many_works_for_a_mark_each() -> None:
    collection = literature(["2001"] * (MOST_DOTS + 1) + ["2002"], ["listed", "added"])
    figure = plot_timeline(compute_timeline(collection))
    listed = figure.marks["2001, in the page’s list"]
    added = figure.marks["2001, added here"]
    assert (len(listed), len(added)) == (14, 13)
    sheet = printed(figure)
    (first,), (second,) = (
        sheet.parts(f"2001, {words}", "bar") for words in ("in the page’s list", "added here")
    )
    axis = sheet.axis("works")
    assert axis.value(first.right) == pytest.approx(14, abs=0.1)
    assert axis.value(second.left) == pytest.approx(14, abs=0.1)
    assert axis.value(second.right) == pytest.approx(27, abs=0.1)
    assert f"Writer{MOST_DOTS + 1} and Other (2002)" in set(figure.data["label"])


def test_years_without_a_work_stand_between_the_others() -> None:
    figure = plot_timeline(compute_timeline(literature(["2001", "2004", "2006", "2007"])))
    rows = [w for w in printed(figure).words if w.startswith("row:")]
    assert [unquote(row.removeprefix("row:")) for row in rows] == [
        "2007", "2006", "2005", "2004", "2002–2003", "2001",
    ]  # fmt: skip


def test_the_printed_year_is_named() -> None:
    figure = plot_timeline(compute_timeline(with_misprint()))
    assert figure.data.set_index("key").loc["w000-nd", "printed_year"] == 2012
    assert "8 years too late" in figure.caption
    texts = [text.get_text() for text in figure.drawing.axes[0].texts]
    assert "Writer0 and Other (printed 2012)" in texts


def test_events_stand_beside_the_works() -> None:
    events = pd.DataFrame(
        {"event_id": ["rules"], "year": ["2011"], "label": ["New rules"], "kind": ["rules"]}
    )
    plain = literature(["2010"])
    collection = Collection.of(
        {"studies": plain.studies, "events": events}, bibliography=plain.bibliography
    )
    figure = plot_timeline(compute_timeline(collection))
    assert figure.marks["events of 2011"] == ("events:rules",)
    sheet = printed(figure)
    (words,) = sheet.written("events of 2011", "events")
    assert words.text == "New rules"
    assert words.middle == pytest.approx(sheet.row("2011"), abs=0.6)


def test_reading_places_are_counted_in_the_caption() -> None:
    studies = pd.DataFrame([{"key": "record-nd", "origin": "added", **NEVER}])
    caption = describe_timeline(compute_timeline(Collection.of({"studies": studies}))).caption
    assert "1 reading place" in caption


def test_concepts_draw_with_and_without_years() -> None:
    history = compute_concept_history(frameworks())
    figure = plot_concept_history(history)
    assert_legible(figure)
    assert figure.row_ids("Hope") == ("crosswalk:lost-01/hope/reading",)
    assert_legible(plot_concept_history(compute_concept_history(Collection.of({}))))
