"""The overlap drawings show what was computed, in marks and in words, and can be read."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from legibility import (
    DEFICIENCIES,
    labels_cut_off,
    least_distance,
    overlapping_labels,
    printed_labels,
    smallest_text,
)
from printed import printed as read_back

from relnotes import open_collection
from relnotes.analysis.overlap import (
    MODES,
    Memberships,
    compute_concept_matrix,
    compute_intersections,
    compute_sensitivity,
)
from relnotes.evidence.collection import Collection
from relnotes.figures import make, names
from relnotes.figures.figure import Figure
from relnotes.figures.overlap import (
    CONCEPTS_BY_FRAMEWORK,
    FRAMEWORKS_BY_CONCEPT,
    Nouns,
    describe_overlap_upset,
    plot_overlap_fingerprint,
    plot_overlap_matrix,
    plot_overlap_meeting,
    plot_overlap_sensitivity,
    plot_overlap_upset,
)
from relnotes.figures.overlap.matrix import NEAR, PART, TOUCHING, look_of
from relnotes.figures.scales import round_step
from relnotes.figures.style import PAGE_HEIGHT

# What each framework says, worked out by hand below:
#   A: trust (exact, said so), hope (close, read in)
#   B: trust (close, said so), time (related, read in)
#   C: hope (exact, said so)
# Nobody names care. D has elements that nobody has coded.
JUDGED = [
    ("a-01", "a", "trust", "trust", "exact", "explicit"),
    ("a-02", "a", "a better future", "hope", "close", "interpreted"),
    ("b-01", "b", "being trusted", "trust", "close", "explicit"),
    ("b-02", "b", "availability", "time", "related", "interpreted"),
    ("c-01", "c", "hope", "hope", "exact", "explicit"),
]


def three_frameworks() -> Collection:
    elements = pd.DataFrame(
        [(e, f, w) for e, f, w, *_ in JUDGED] + [("d-01", "d", "warmth")],
        columns=["element_id", "framework_id", "wording"],
    )
    return Collection.of(
        {
            "frameworks": pd.DataFrame(
                {
                    "framework_id": list("abcd"),
                    "label": [f"Framework {x}" for x in "ABCD"],
                    "short_label": list("ABCD"),
                    "setting": ["probation", "youth justice", "probation", "probation"],
                    "completeness": "complete",
                }
            ),
            "elements": elements,
            "concepts": pd.DataFrame(
                {
                    "concept_id": ["care", "hope", "time", "trust"],
                    "label": ["Care", "Hope", "Time", "Trust"],
                    "theme": "Bond",
                }
            ),
            "crosswalk": pd.DataFrame(
                [(e, w, c, c.title(), r, b, "", "reading") for e, _, w, c, r, b in JUDGED],
                columns=[
                    "element_id", "element_wording", "concept_id", "concept_label", "relation",
                    "basis", "reason", "coder",
                ],
            ),
        }
    )  # fmt: skip


@pytest.fixture(scope="module")
def small() -> Collection:
    return three_frameworks()


def sizes(figure: Figure, part: str = "shown") -> dict[str, int]:
    rows = figure.data[figure.data["part"] == part]
    return dict(zip(rows["mark"], rows["size"], strict=True))


def must_be_legible(figure: Figure) -> None:
    labels = printed_labels(figure.drawing)
    assert overlapping_labels(labels) == []
    assert smallest_text(labels) >= 6
    assert labels_cut_off(figure.drawing, tolerance=2) == []
    assert 0 < len(figure.alt) <= 400
    assert len(figure.description) >= len(figure.alt) / 2


def printed(figure: Figure) -> set[str]:
    return {label.text for label in printed_labels(figure.drawing)}


# ---------------------------------------------------------------- UpSet


def test_upset_shows_every_combination_with_its_rows(small: Collection) -> None:
    memberships = Memberships.from_crosswalk(small, "any")
    figure = plot_overlap_upset(compute_intersections(memberships), nouns=CONCEPTS_BY_FRAMEWORK)
    assert sizes(figure) == {"A + B": 1, "A + C": 1, "B": 1}
    assert sizes(figure, "none shown") == {"none shown": 1}
    assert sizes(figure, "whole set") == {"all of A": 2, "all of B": 2, "all of C": 1}
    assert figure.marks["A + C"] == (
        "crosswalk:a-02/hope/reading",
        "crosswalk:c-01/hope/reading",
    )
    must_be_legible(figure)


def test_few_members_are_written_into_the_picture(small: Collection) -> None:
    figure = plot_overlap_upset(compute_intersections(Memberships.from_crosswalk(small, "any")))
    assert {"Trust", "Hope", "Time"} <= printed(figure)


@pytest.mark.parametrize("mode", MODES)
def test_the_mode_is_said_on_the_figure(mode: str) -> None:
    kept = Memberships.from_sets({"A": ["x", "y"], "B": ["y"]})
    figure = plot_overlap_upset(compute_intersections(kept, mode))
    said = " ".join(sorted(printed(figure), key=len)[-3:]) + figure.caption
    expected = {
        "exclusive intersection": "exactly these sets and no other shown",
        "inclusive intersection": "at least these sets",
        "exclusive union": "one or more of these sets and no other shown",
        "inclusive union": "one or more of these sets",
    }[mode]
    assert expected in said
    assert expected in figure.caption
    assert figure.choices["mode"] == mode


def test_everything_else_keeps_the_count() -> None:
    kept = Memberships.from_sets({"A": list("abcdef"), "B": list("efg"), "C": list("gh")})
    figure = plot_overlap_upset(compute_intersections(kept, largest=1))
    assert sizes(figure) == {"A": 4}
    assert sizes(figure, "everything else") == {"everything else": 4}
    assert "Everything else: 4 items in 3 further combinations." in figure.caption
    must_be_legible(figure)


def test_caption_counts_what_is_shared() -> None:
    kept = Memberships.from_sets({"A": ["x", "y", "z"], "B": ["x", "y"], "C": ["x"]})
    words = describe_overlap_upset(compute_intersections(kept))
    assert words.caption.endswith(
        "2 items are in more than one of these 3 sets, 1 is in one alone, and 1 is in all; the largest "
        "combination of two or more is A + B (1 item)."
    )
    frameworks = describe_overlap_upset(
        compute_intersections(Memberships.from_sets({"Trust": ["f", "g"], "Hope": ["f"]})),
        FRAMEWORKS_BY_CONCEPT,
    )
    assert "2 frameworks by 2 concepts." in frameworks.caption
    assert (
        "1 framework names more than one of these 2 concepts, 1 names one alone, and 1 names all;"
        in frameworks.caption
    )


def test_caption_says_when_nothing_is_shared() -> None:
    words = describe_overlap_upset(
        compute_intersections(Memberships.from_sets({"A": [1], "B": [2]}))
    )
    assert words.caption.endswith(
        "No item is in more than one of these 2 sets, 2 are in one alone, and none is in all; the "
        "largest combination is A alone (1 item)."
    )


def test_one_set_and_no_set() -> None:
    one = plot_overlap_upset(compute_intersections(Memberships.from_sets({"A": ["x"]})))
    assert sizes(one) == {"A": 1}
    must_be_legible(one)
    for nothing in ({}, {"A": [], "B": []}):
        figure = plot_overlap_upset(compute_intersections(Memberships.from_sets(nothing)))
        assert "nothing to compare" in figure.alt
        assert figure.marks == {}
        must_be_legible(figure)


def test_long_names_are_cut_in_the_picture_and_whole_in_the_data() -> None:
    long = "Principles of relational practice in community supervision, third revised edition"
    kept = Memberships.from_sets({long: [f"{long} {i}" for i in range(3)], "B": [f"{long} 1"]})
    figure = plot_overlap_upset(compute_intersections(kept))
    must_be_legible(figure)
    assert long in figure.marks
    assert figure.drawing.get_size_inches()[0] < 12


def test_two_hundred_sets_can_be_read() -> None:
    kept = Memberships.from_sets({f"set number {k}": [k, k + 1, 0] for k in range(1, 201)})
    figure = plot_overlap_upset(compute_intersections(kept, largest=20))
    must_be_legible(figure)
    assert sum(sizes(figure).values()) + sizes(figure, "everything else")["everything else"] == 202


def test_what_is_left_over_does_not_press_the_bars_flat() -> None:
    rng = np.random.default_rng(1)
    held = {f"s{k}": np.flatnonzero(rng.random(4000) < 0.4) for k in range(9)}
    figure = plot_overlap_upset(
        compute_intersections(Memberships.from_sets(held, items=range(4000)), largest=8)
    )
    must_be_legible(figure)
    left = sizes(figure, "everything else")["everything else"]
    assert left > 50 * max(sizes(figure).values())
    # Its number is said; no bar is drawn for it, so the axis ends where the others do.
    assert any(text.startswith(f"{left:,} items in ") for text in printed(figure))
    assert not any(label.text == f"{left:,}" for label in printed_labels(figure.drawing))


def test_bars_are_parted_by_group() -> None:
    kept = Memberships.from_sets({"A": ["x", "y", "z"], "B": ["x", "y"]})
    by = {"x": "probation", "y": "youth justice", "z": "probation"}
    figure = plot_overlap_upset(compute_intersections(kept), by=by)
    parts = figure.data[figure.data["part"] == "part"].set_index("mark")["members"].to_dict()
    assert parts == {
        "A + B: probation": ("x",),
        "A + B: youth justice": ("y",),
        "A: probation": ("z",),
    }
    sheet = read_back(figure)
    axis = sheet.axis("size")
    ends = {
        mark: [(round(axis.value(b.left), 2), round(axis.value(b.right), 2))
               for b in sheet.parts(mark, "bar")]
        for mark in parts
    }  # fmt: skip
    assert ends == {
        "A + B: probation": [(0, 1)], "A + B: youth justice": [(1, 2)], "A: probation": [(0, 1)],
    }  # fmt: skip
    for mark, group in zip(parts, ("probation", "youth justice", "probation"), strict=True):
        assert sheet.parts(mark, "bar")[0].look == sheet.key(group).look
    must_be_legible(figure)


def test_two_frameworks_may_meet_in_one_concept_alone(small: Collection) -> None:
    trust = small.crosswalk[small.crosswalk["concept_id"] == "trust"]
    kept = Memberships.from_crosswalk(small.replacing(crosswalk=trust))
    figure = plot_overlap_meeting(kept, ("a", "b"))
    sheet = read_back(figure)
    assert set(figure.marks) == {"Trust"}
    (name,) = sheet.written("Trust", "name")
    assert [name.middle] * 2 == [
        pytest.approx(sheet.words[f"row:{element}"].middle, abs=0.6) for element in ("a-01", "b-01")
    ]


def test_where_one_side_says_more_than_a_page_holds_the_rest_is_counted(small: Collection) -> None:
    names, row = [f"concept {n:02}" for n in range(60)], small.crosswalk.iloc[[0]]
    wordings = [f"what is said at some length of concept {n:02}, and why" for n in range(60)]
    said = [
        row.assign(element_id=f"a-{n:02}", element_wording=w, concept_id=c, concept_label=c)
        for n, (c, w) in enumerate(zip(names, wordings, strict=True))
    ]
    said.append(row.assign(element_id="b-01", concept_id=names[0], concept_label=names[0]))
    ids = pd.concat(said)["element_id"]
    wide = small.replacing(
        concepts=pd.DataFrame({"concept_id": names, "label": names, "theme": "Bond"}),
        elements=pd.DataFrame(
            {"element_id": ids, "framework_id": ids.str[0], "wording": [*wordings, "trust"]}
        ),
        crosswalk=pd.concat(said),
    )
    figure = plot_overlap_meeting(Memberships.from_crosswalk(wide), ("a", "b"))
    sheet = read_back(figure)
    left = 60 - len(figure.marks)
    assert left > 0
    assert sheet.height <= PAGE_HEIGHT + 1
    assert any(f"Not drawn: {left} items" in words.text for words in sheet.all_words)


def test_a_matrix_of_few_rows_and_many_columns_stays_on_the_page(small: Collection) -> None:
    names = [f"concept {n}" for n in range(40)]
    row = small.crosswalk.iloc[[0]]
    wide = small.replacing(
        concepts=pd.DataFrame({"concept_id": names, "label": names, "theme": "Bond"}),
        crosswalk=pd.concat([row.assign(concept_id=n, concept_label=n) for n in names]),
    )
    sheet = read_back(plot_overlap_matrix(compute_concept_matrix(wide)))
    cells = [shape for name, shape in sheet.shapes.items() if name.startswith("mark:")]
    assert len(cells) == 40
    assert max(shape.right for shape in cells) < sheet.width


def test_rows_of_an_upset_are_headed_by_how_many_sets_they_are_in() -> None:
    sets = {"A": ["x", "y", "z"], "B": ["x", "y", "w"], "C": ["x", "v"]}
    sheet = read_back(plot_overlap_upset(compute_intersections(Memberships.from_sets(sets))))
    heads = {w.text: w.middle for w in sheet.all_words if re.match(r"in (all )?\d$", w.text)}
    rows = {
        mark: sheet.parts(mark, "bar")[0].centre[1] for mark in ("A + B + C", "A + B", "A", "C")
    }
    assert heads == {
        "in all 3": pytest.approx(rows["A + B + C"], abs=0.6),
        "in 2": pytest.approx(rows["A + B"], abs=0.6),
        "in 1": pytest.approx(min(rows["A"], rows["C"]), abs=0.6),
    }


def test_the_largest_groups_have_looks_of_their_own_and_the_others_share_one() -> None:
    sizes = {"rare": 1, "scarce": 1, **dict.fromkeys("abcdef", 2)}
    by = {f"{group}{n}": group for group, size in sizes.items() for n in range(size)}
    kept = Memberships.from_sets({"A": list(by), "B": list(by)[:2]})
    figure = plot_overlap_upset(compute_intersections(kept), by=by)
    sheet, parts = read_back(figure), figure.data[figure.data["part"] == "part"]
    assert dict(zip(parts["mark"], parts["members"], strict=True)) == {
        "A + B: other": ("rare0", "scarce0"),
        **{f"A: {group}": (f"{group}0", f"{group}1") for group in "abcdef"},
    }
    looks = {mark: sheet.parts(mark, "bar")[0].look for mark in parts["mark"]}
    assert len(set(looks.values())) == 7
    for mark, look in looks.items():
        assert look == sheet.key(mark.partition(": ")[2]).look


def test_what_is_in_no_set_is_counted_beside_the_others(small: Collection) -> None:
    kept = Memberships.from_crosswalk(small, "close").transposed().choose(["trust", "hope"])
    figure = plot_overlap_upset(compute_intersections(kept), nouns=FRAMEWORKS_BY_CONCEPT)
    assert sizes(figure) == {"Hope": 1, "Trust": 1, "Trust + Hope": 1}
    one = Memberships.from_crosswalk(small, "close").transposed().choose(["time"])
    alone = compute_intersections(one)
    assert alone.outside is not None
    assert alone.outside.size == 3


def test_frameworks_that_agree_say_how_many_voices_they_are(small: Collection) -> None:
    table = small.frameworks.assign(family=["one", "one", "two", "two"])
    frameworks = table.assign(framework_id=["a", "b", "c", "d"])
    crosswalk = small.crosswalk.assign(concept_id="trust", relation="exact")
    figure = make("overlap-upset", small.replacing(frameworks=frameworks, crosswalk=crosswalk))
    rows = figure.data.set_index("mark")
    assert rows.loc["Trust", "size"] == 3
    assert rows.loc["Trust", "voices"] == "at most 2 independent voices"
    assert any("at most 2 independent voices" in text for text in printed(figure))


def test_frameworks_left_out_are_counted_on_the_picture(small: Collection) -> None:
    said = " ".join(label.text for label in printed_labels(make("overlap-upset", small).drawing))
    assert "Left out, without coded elements: 1 framework." in said


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.text("abcdefgh ", min_size=1, max_size=30).filter(str.strip),
        st.sets(st.integers(0, 12), max_size=8),
        min_size=1,
        max_size=7,
    ),
    st.integers(1, 12),
)
def test_bars_of_any_sets_add_up_and_can_be_read(sets: dict[str, set[int]], largest: int) -> None:
    kept = Memberships.from_sets({name: sorted(items) for name, items in sets.items()})
    figure = plot_overlap_upset(compute_intersections(kept, largest=largest))
    must_be_legible(figure)
    if figure.marks:
        bars = figure.data[figure.data["part"] != "whole set"]
        assert bars["size"].sum() == len(set().union(*sets.values()))
        assert all(len(m) == n for m, n in zip(bars["members"], bars["size"], strict=True))


@pytest.mark.parametrize(("step", "expected"), [(0.2, 0.2), (1, 1), (1.5, 2), (2.1, 5), (60, 100)])
def test_scales_take_round_steps(step: float, expected: int) -> None:
    assert round_step(step) == expected


# ---------------------------------------------------------------- matrix


def test_matrix_shows_the_strongest_judgement_of_each_cell(small: Collection) -> None:
    figure = plot_overlap_matrix(compute_concept_matrix(small))
    cells = figure.data[figure.data["part"] == "cell"].set_index("mark")
    assert cells["relation"].to_dict() == {
        "A × Trust": "exact",
        "A × Hope": "close",
        "B × Trust": "close",
        "B × Time": "related",
        "C × Hope": "exact",
    }
    assert cells.loc["A × Hope", "basis"] == "interpreted"
    assert figure.marks["A × Trust"] == ("crosswalk:a-01/trust/reading",)
    assert figure.marks["Trust"] == (
        "concepts:trust", "crosswalk:a-01/trust/reading", "crosswalk:b-01/trust/reading",
    )  # fmt: skip
    counts = figure.data[figure.data["part"] != "cell"].set_index("mark")["count"].to_dict()
    assert counts == {
        "all of A": 2, "all of B": 2, "all of C": 1, "Hope": 2, "Time": 1, "Trust": 2,
        "concepts not drawn": 1,
    }  # fmt: skip
    assert "1 concept not drawn, named by none: Care." in " ".join(printed(figure))
    must_be_legible(figure)


def test_matrix_caption_is_computed(small: Collection) -> None:
    caption = plot_overlap_matrix(compute_concept_matrix(small)).caption
    assert caption.startswith(
        "3 frameworks by 4 concepts: Hope and Trust are named most, by 2. 5 of 12 cells are filled "
        "(42%); in 3 the"
    )
    assert "Care is named by none." in caption
    assert "1 framework could not be compared and is left out." in caption


def test_kinds_of_relation_differ_in_shape_and_in_grey() -> None:
    kinds = [look_of(relation, "explicit") for relation in ("exact", "broader", "related")]
    assert len({look.shape for look in kinds}) == 3
    assert look_of("close", "explicit") == look_of("exact", "explicit")
    for look in kinds:
        read_in = look_of({"s": "exact", "^": "broader", "o": "related"}[look.shape], "interpreted")
        # Open marks are told from filled ones by paper inside.
        assert read_in.shape == look.shape
        assert least_distance([look.colour, read_in.face]) > 35


@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_marks_of_a_kind_stay_apart(deficiency: str | None) -> None:
    assert least_distance([look.colour for look in (NEAR, PART, TOUCHING)], deficiency) > 9


# ---------------------------------------------------------------- fingerprint


def test_fingerprint_holds_one_set_against_the_others(small: Collection) -> None:
    figure = plot_overlap_fingerprint(
        Memberships.from_crosswalk(small, "any"), "a", nouns=CONCEPTS_BY_FRAMEWORK
    )
    table = figure.data.set_index("mark")
    assert table["others"].to_dict() == {"Hope": 1, "Time": 1, "Trust": 1}
    assert table["named"].to_dict() == {"Hope": True, "Time": False, "Trust": True}
    assert table.loc["Hope", "wordings"] == ("a better future",)
    assert figure.marks["Hope"] == ("crosswalk:a-02/hope/reading",)
    assert "how many of the other 2 frameworks" in [w.text for w in read_back(figure).all_words]
    # A is silent on time; the row behind the mark is that of B, which is not.
    assert figure.marks["Time"] == ("crosswalk:b-02/time/reading",)
    assert figure.caption.startswith(
        "‘A’ has 2 of 4 concepts; at least one other framework has each of them; most widely held "
        "and not here: Time (1)."
    )
    assert "a better future" in printed(figure)
    must_be_legible(figure)


def test_fingerprint_of_an_unknown_set_names_the_nearest(small: Collection) -> None:
    with pytest.raises(ValueError, match="no set"):
        plot_overlap_fingerprint(Memberships.from_crosswalk(small), "aa")


def test_fingerprint_names_what_a_set_has_alone() -> None:
    figure = plot_overlap_fingerprint(Memberships.from_sets({"A": ["x", "y"], "B": ["x"]}), "A")
    assert "it has y, which no other set has" in figure.caption
    assert "it has every item that any other has" in figure.caption
    assert "how many of the other 1 set" in printed(figure)


# ---------------------------------------------------------------- sensitivity


def test_sensitivity_counts_under_every_lens(small: Collection) -> None:
    figure = plot_overlap_sensitivity(compute_sensitivity(small, coders=["reading"]))
    counts = {
        (row.mark, row.strictness): row.sets
        for row in figure.data.itertuples(index=False)
        if row.basis == "any"
    }
    assert [counts["Trust", s] for s in ("exact", "close", "kin", "any")] == [1, 2, 2, 2]
    assert [counts["Hope", s] for s in ("exact", "close", "kin", "any")] == [1, 2, 2, 2]
    assert [counts["Time", s] for s in ("exact", "close", "kin", "any")] == [0, 0, 0, 1]
    assert set(figure.marks) == {"Trust", "Hope", "Time"}
    must_be_legible(figure)


# ---------------------------------------------------------------- meeting


def test_meeting_joins_wordings_through_the_concept(small: Collection) -> None:
    figure = plot_overlap_meeting(
        Memberships.from_crosswalk(small, "any"), ("a", "b"), nouns=CONCEPTS_BY_FRAMEWORK
    )
    assert figure.marks["Trust"] == (
        "crosswalk:a-01/trust/reading",
        "crosswalk:b-01/trust/reading",
    )
    assert figure.caption == (
        "A and B share 1 of the 3 concepts that either names: Trust. A alone has Hope. B alone has "
        "Time."
    )
    assert "A says ‘trust’, B says ‘being trusted’" in figure.description
    assert {"trust", "being trusted", "a better future", "availability"} <= printed(figure)
    must_be_legible(figure)


def test_meeting_of_sets_that_name_nothing(small: Collection) -> None:
    memberships = Memberships.from_crosswalk(small, "exact").choose(["b"])
    nothing = plot_overlap_meeting(memberships, ("b", "b"))
    assert "nothing to draw" in nothing.alt


# ---------------------------------------------------------------- the collection's own figures


@pytest.fixture(scope="module")
def collection() -> Collection:
    return open_collection()


@pytest.mark.parametrize("name", names())
def test_registered_figures_can_be_read(name: str, collection: Collection) -> None:
    figure = make(name, collection)
    must_be_legible(figure)
    assert figure.title.endswith("?")
    known: dict[str, set[str]] = {}
    for row_ids in figure.marks.values():
        for row_id in row_ids:
            table, _, key = row_id.partition(":")
            if table not in known:
                known[table] = set(collection.row_ids(table))
            assert key in known[table]


@pytest.mark.parametrize("name", [n for n in names() if n.startswith("overlap-")])
def test_registered_figures_draw_a_small_collection(name: str, small: Collection) -> None:
    must_be_legible(make(name, small))


def test_nouns_speak_in_the_right_number() -> None:
    assert Nouns().some_sets(1) == "1 set"
    assert CONCEPTS_BY_FRAMEWORK.some_items(2) == "2 concepts"


def test_settings_left_out_are_counted_and_none_where_all_are_drawn(
    sample_folder: Path, collection: Collection
) -> None:
    few = read_back(make("overlap-settings", open_collection(sample_folder)))
    assert not any("Left out, naming fewest" in words.text for words in few.all_words)
    frameworks = Memberships.from_crosswalk(collection)
    every = frameworks.grouped("setting").sets
    said = " ".join(w.text for w in read_back(make("overlap-settings", collection)).all_words)
    assert f"naming fewest: {len(every) - 10} settings" in said
