"""Memberships, intersections, pairs and presence, against plain sets and known answers."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relnotes.analysis.overlap import (
    MODES,
    Memberships,
    compute_intersections,
    compute_pairs,
    compute_presence,
    compute_similarity,
)

# Three sets drawn on paper: 1 only A, 2 and 3 in A and B, 4 in all, 5 only C, 6 in B and C.
PAPER = {"A": [1, 2, 3, 4], "B": [2, 3, 4, 6], "C": [4, 5, 6]}


def paper_sizes(mode, **kwargs):
    found = compute_intersections(Memberships.from_sets(PAPER), mode, **kwargs)
    return {"".join(row.sets): row.size for row in found.rows}


class TestIntersections:
    def test_exactly_these_sets(self):
        assert paper_sizes("exclusive intersection") == {"AB": 2, "A": 1, "C": 1, "BC": 1, "ABC": 1}

    def test_at_least_these_sets(self):
        assert paper_sizes("inclusive intersection") == {"A": 4, "C": 3, "AB": 3, "BC": 2, "ABC": 1}

    def test_one_of_these_and_no_other(self):
        assert paper_sizes("exclusive union") == {"ABC": 6, "AB": 3, "BC": 2, "A": 1, "C": 1}

    def test_one_of_these(self):
        assert paper_sizes("inclusive union") == {"AB": 5, "BC": 5, "ABC": 6, "A": 4, "C": 3}

    def test_members_are_known(self):
        rows = compute_intersections(Memberships.from_sets(PAPER)).rows
        assert {row.sets: row.members for row in rows}["A", "B"] == (2, 3)

    def test_largest_first_then_fewer_sets_then_their_order(self):
        rows = compute_intersections(Memberships.from_sets(PAPER)).rows
        assert [row.sets for row in rows] == [("A", "B"), ("A",), ("C",), ("B", "C"), (*"ABC",)]

    def test_everything_else_keeps_what_is_cut(self):
        found = compute_intersections(Memberships.from_sets(PAPER), largest=2)
        assert [row.size for row in found.rows] == [2, 1]
        assert found.rest.members == (4, 5, 6)
        assert (found.rest.size, found.hidden) == (3, 3)

    def test_everything_else_of_shared_items_counts_only_those_nowhere_shown(self):
        found = compute_intersections(
            Memberships.from_sets(PAPER), "inclusive intersection", largest=1
        )
        assert found.rows[0].sets == ("A",)
        assert found.rest.members == (5, 6)

    def test_items_in_no_set_stand_apart(self):
        found = compute_intersections(by_item([["A"], [], ["A"], []]))
        assert found.outside.members == (1, 3)
        assert [row.sets for row in found.rows] == [("A",)]
        assert found.rest is None

    def test_chosen_combinations_may_be_empty_and_come_once(self):
        kept = Memberships.from_sets(PAPER)
        found = compute_intersections(kept, of=[["C", "A"], ["A", "C"], ["B"]])
        assert [(row.sets, row.size) for row in found.rows] == [(("B",), 0), (("A", "C"), 0)]
        assert found.rest.size == 6

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"mode": "distinct"}, "no mode 'distinct'"),
            ({"largest": -1}, "largest is -1"),
            ({"of": [["D"]]}, "no set 'D'"),
            ({"of": ["AB"]}, "'AB' is not a combination"),
            ({"of": [[]]}, "not a combination"),
        ],
    )
    def test_wrong_questions_are_answered_in_words(self, wrong, said):
        with pytest.raises(ValueError, match=said):
            compute_intersections(Memberships.from_sets(PAPER), **wrong)

    def test_nothing_at_all(self):
        for kept in (Memberships.from_sets({}), Memberships.from_sets({"A": []})):
            found = compute_intersections(kept)
            assert (found.rows, found.rest, found.outside, found.items) == ((), None, None, 0)

    def test_no_sets_leave_every_item_outside(self):
        found = compute_intersections(by_item([[], []]))
        assert (found.rows, found.outside.size) == ((), 2)

    def test_frame_lists_what_is_left_over_last(self):
        kept = by_item([["A"], ["A", "B"], ["A"], []])
        frame = compute_intersections(kept, largest=1).frame()
        assert frame["part"].tolist() == ["shown", "everything else", "in no set"]
        assert frame["size"].sum() == 4


def by_item(lists):
    """Memberships from the sets of each item, numbered from 0."""
    names = sorted({name for entry in lists for name in entry})
    held = {name: [i for i, entry in enumerate(lists) if name in entry] for name in names}
    return Memberships.from_sets(held, items=range(len(lists)))


set_names = st.integers(0, 5).map("ABCDEF".__getitem__)
lists_of_sets = st.lists(st.lists(set_names, max_size=6), max_size=25)


def belongs(mode, item_sets, chosen):
    """Say the mode again, with plain sets."""
    match mode:
        case "exclusive intersection":
            return item_sets == chosen
        case "inclusive intersection":
            return chosen <= item_sets
        case "exclusive union":
            return bool(item_sets) and item_sets <= chosen
        case "inclusive union":
            return bool(item_sets & chosen)


@given(lists_of_sets, st.sampled_from(MODES), st.none() | st.integers(0, 8))
def test_intersections_equal_plain_sets(lists, mode, largest):
    found = compute_intersections(by_item(lists), mode, largest=largest)
    plain = [set(entry) for entry in lists]
    for row in found.rows:
        expected = tuple(i for i, has in enumerate(plain) if belongs(mode, has, set(row.sets)))
        assert row.members == expected
        assert row.size == len(expected)
        assert row.degree == len(row.sets)
    combinations_held = {frozenset(has) for has in plain if has}
    assert len(found.rows) + found.hidden == len(combinations_held)
    sizes = [row.size for row in found.rows]
    assert sizes == sorted(sizes, reverse=True)


@given(lists_of_sets, st.sampled_from(MODES), st.integers(0, 5))
def test_every_item_is_shown_left_over_or_outside(lists, mode, largest):
    found = compute_intersections(by_item(lists), mode, largest=largest)
    shown = {item for row in found.rows for item in row.members}
    rest = set(found.rest.members) if found.rest else set()
    outside = set(found.outside.members) if found.outside else set()
    assert shown | rest | outside == set(range(len(lists)))
    assert not (shown & rest or shown & outside or rest & outside)
    if found.disjoint:
        assert sum(row.size for row in found.rows) + len(rest) + len(outside) == len(lists)


@given(st.data())
@settings(max_examples=40)
def test_many_sets_are_counted_as_few(data):
    names = [f"set {k:03}" for k in range(data.draw(st.sampled_from([63, 64, 65, 128, 130])))]
    few = st.lists(st.sampled_from([names[0], names[1], names[62], *names[-3:]]), max_size=4)
    lists = [names, *data.draw(st.lists(few, max_size=15))]
    kept = by_item(lists)
    counted = {row.sets: row.size for row in compute_intersections(kept).rows}
    expected = {}
    for entry in map(set, lists):
        key = tuple(name for name in names if name in entry)
        expected[key] = expected.get(key, 0) + 1
    expected.pop((), None)
    assert counted == expected
    assert kept.set_sizes.tolist() == [sum(name in entry for entry in lists) for name in names]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("number", [65, 130])
def test_every_mode_holds_beyond_64_sets(mode, number):
    names = [f"set {k:03}" for k in range(number)]
    first, last = names[0], names[-1]
    lists = [names, [first], [last], [first, last], [names[63], last], []]
    rows = compute_intersections(by_item(lists), mode).rows
    assert len(rows) == 5
    for row in rows:
        chosen = set(row.sets)
        assert row.members == tuple(
            i for i, entry in enumerate(lists) if belongs(mode, set(entry), chosen)
        )


@given(lists_of_sets)
def test_sets_say_the_same_with_and_without_a_list_of_items(lists):
    whole = by_item(lists)
    held = {name: whole.items_of(name) for name in whole.sets}
    alone = Memberships.from_sets(held)
    assert [set(whole.sets_of(i)) for i in range(len(lists))] == [*map(set, lists)]
    assert (whole.matrix[whole.degrees > 0] == alone.matrix).all()
    assert list(whole.items[whole.degrees > 0]) == list(alone.items)


@given(lists_of_sets)
def test_pairs_equal_plain_sets(lists):
    kept = by_item(lists)
    plain = {name: {i for i, entry in enumerate(lists) if name in entry} for name in kept.sets}
    pairs = compute_pairs(kept)
    assert list(zip(pairs["set_a"], pairs["set_b"], strict=True)) == [*combinations(kept.sets, 2)]
    for pair in pairs.itertuples():
        a, b = plain[pair.set_a], plain[pair.set_b]
        assert pair.shared == len(a & b)
        assert pair.union == len(a | b)
        assert pair.jaccard == pytest.approx(len(a & b) / len(a | b))
        assert pair.overlap_coefficient == pytest.approx(len(a & b) / min(len(a), len(b)))
        assert pair.containment_ab == pytest.approx(len(a & b) / len(a))
        assert pair.containment_ba == pytest.approx(len(a & b) / len(b))


class TestInput:
    def test_repeated_item_is_named(self):
        with pytest.raises(ValueError, match="item name 'x' stands for more than one item"):
            Memberships.from_sets({"A": ["x"]}, items=["x", "x"])

    def test_item_without_name_is_counted_out(self):
        with pytest.raises(ValueError, match="item 1: the name is missing"):
            Memberships.from_sets({"A": ["x"]}, items=["x", None])

    def test_item_of_a_set_is_among_the_items(self):
        with pytest.raises(ValueError, match="set 'A': no item 'trst'; did you mean 'trust'"):
            Memberships.from_sets({"A": ["trst"]}, items=["trust"])

    def test_repeated_set_is_named(self):
        with pytest.raises(ValueError, match="set name '1' stands for more than one set"):
            Memberships.from_sets({1: ["x"], "1": ["x"]})

    def test_string_is_not_read_as_letters(self):
        with pytest.raises(TypeError, match="set 'A': 'trust' is not a collection"):
            Memberships.from_sets({"A": "trust"})

    def test_missing_item_is_placed(self):
        with pytest.raises(ValueError, match="set 'B': an item is missing"):
            Memberships.from_sets({"A": [1], "B": [None]})

    def test_unknown_names_are_met_with_a_guess(self):
        kept = Memberships.from_sets({"Bordin": ["trust"]})
        with pytest.raises(ValueError, match="no set 'Bordn'; did you mean 'Bordin'"):
            kept.items_of("Bordn")
        with pytest.raises(ValueError, match="no item 'truth'"):
            kept.sets_of("truth")


class TestTurnedInto:
    def test_chosen_sets_keep_all_items(self):
        kept = Memberships.from_sets(PAPER).choose(["C", "A"])
        assert kept.sets == ("C", "A")
        assert compute_intersections(kept).outside is None
        assert kept.choose(["C"]).degrees.tolist() == [0, 0, 0, 1, 1, 1]
        with pytest.raises(ValueError, match="more than one set"):
            kept.choose(["A", "A"])

    def test_items_and_sets_change_places(self):
        kept = Memberships.from_sets(PAPER)
        assert kept.transposed().sets == ("1", "2", "3", "4", "5", "6")
        assert (kept.transposed().matrix == kept.matrix.T).all()
        assert kept.transposed().sets_of("C") == ("4", "5", "6")


class TestPairsAndPresence:
    def test_two_empty_sets_do_not_agree(self):
        pairs = compute_pairs(Memberships.from_sets({"A": [], "B": [], "C": [1]}))
        assert pairs["jaccard"].isna().tolist() == [True, False, False]
        assert pairs["overlap_coefficient"].isna().all()
        assert np.isnan(compute_similarity(Memberships.from_sets({"A": []})).loc["A", "A"])

    def test_a_set_and_its_half(self):
        pair = compute_pairs(Memberships.from_sets({"A": [1, 2, 3, 4], "B": [1, 2]})).iloc[0]
        assert pair["jaccard"] == 0.5
        assert pair["overlap_coefficient"] == 1
        assert (pair["containment_ab"], pair["containment_ba"]) == (0.5, 1)

    def test_bands_by_share_of_sets(self):
        lists = [["A", "B", "C", "D"], ["A", "B"], ["C"], []]
        presence = compute_presence(by_item(lists))
        assert presence["band"].tolist() == ["core", "core", "single", "unnamed"]
        strict = compute_presence(by_item(lists), core_share=0.6)
        assert strict["band"].tolist() == ["core", "common", "single", "unnamed"]
        with pytest.raises(ValueError, match="core_share is 0"):
            compute_presence(by_item(lists), core_share=0)

    def test_one_set_makes_no_core(self):
        assert compute_presence(Memberships.from_sets({"A": [1]}))["band"].tolist() == ["single"]

    def test_equals_share_the_better_rank(self):
        lists = [["A"], ["A", "B"], ["B"], ["A", "B", "C"]]
        presence = compute_presence(by_item(lists))
        assert presence[["item", "rank"]].to_numpy().tolist() == [[3, 1], [1, 2], [0, 3], [2, 3]]

    def test_similarity_is_jaccard(self):
        found = compute_similarity(Memberships.from_sets({"A": [1, 2, 3], "B": [1, 2], "C": [4]}))
        assert found.loc["A", ["A", "B", "C"]].tolist() == [1.0, pytest.approx(2 / 3), 0.0]


def test_the_largest_of_very_many_combinations():
    # 20,000 different combinations of 15 sets once each, three of them again: 5, 4 and 3 times.
    numbers = np.r_[np.arange(1, 20_001), [19_999] * 5, [7] * 4, [12_345] * 3]
    held = {f"s{k:02}": np.flatnonzero(numbers >> k & 1) for k in range(15)}
    found = compute_intersections(Memberships.from_sets(held), largest=5)
    assert [row.size for row in found.rows] == [6, 5, 4, 1, 1]
    assert [row.sets for row in found.rows[3:]] == [("s00",), ("s01",)]
    assert found.rest.size == len(numbers) - 17
    assert found.hidden == 20_000 - 5
