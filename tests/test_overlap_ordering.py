"""Orders in which blocks appear, and how firm the groups are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.cluster.hierarchy import dendrogram

from relnotes.analysis.overlap import Memberships, cluster_sets, order_by_averaging, order_by_leaves

matrices = arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=8))


@given(matrices)
def test_every_row_and_column_has_one_place(matrix):
    rows, columns = order_by_averaging(matrix)
    assert sorted(rows) == list(range(matrix.shape[0]))
    assert sorted(columns) == list(range(matrix.shape[1]))


@given(matrices)
def test_empty_rows_and_columns_come_last(matrix):
    rows, columns = order_by_averaging(matrix)
    for filled in (matrix.any(axis=1)[rows], matrix.any(axis=0)[columns]):
        assert sorted(filled, reverse=True) == filled.tolist()


@given(st.permutations(range(7)), st.permutations(range(8)))
def test_a_shuffled_band_is_found_again(rows, columns):
    band = np.array([[j in (i, i + 1) for j in range(8)] for i in range(7)])
    shuffled = band[np.ix_(rows, columns)]
    row_order, column_order = order_by_averaging(shuffled)
    found = shuffled[np.ix_(row_order, column_order)]
    assert (found == band).all() or (found == band[::-1, ::-1]).all()


def test_parts_that_share_nothing_stand_apart_the_fuller_first():
    matrix = np.array([[1, 0, 0, 0], [0, 1, 1, 0], [1, 0, 0, 0], [0, 1, 1, 0]], dtype=bool)
    rows, columns = order_by_averaging(matrix)
    assert set(rows[:2].tolist()) == {1, 3}
    assert columns.tolist() == [1, 2, 0, 3]


@given(st.permutations([0.0, 1.0, 5.0, 6.5, 9.0]))
def test_leaves_of_places_on_a_line(places):
    order = order_by_leaves(np.abs(np.subtract.outer(places, places)))
    along = [places[place] for place in order]
    # Along the line, begun at the end that was given first.
    assert along in (sorted(places), sorted(places, reverse=True))
    assert order[0] < order[-1]


def test_few_things_have_their_order_already():
    assert order_by_leaves(np.zeros((0, 0))).tolist() == []
    assert order_by_leaves(np.zeros((1, 1))).tolist() == [0]


class TestClusters:
    def test_heights_are_mean_distances(self):
        # A and B share 1 of 3, as do B and C; A and C nothing. C meets A and B at (1 + 2/3) / 2.
        kept = Memberships.from_sets({"A": [1, 2], "B": [2, 3], "C": [3, 4]})
        found = cluster_sets(kept, draws=5)
        assert found.merges["members"].tolist() == [("A", "B"), ("A", "B", "C")]
        assert found.merges["height"].tolist() == pytest.approx([2 / 3, 5 / 6])

    def test_support_is_the_chance_to_be_drawn_again(self):
        # One item holds A and B together: it is drawn again in 1 - (1/2)**2 of the times.
        found = cluster_sets(
            Memberships.from_sets({"A": [1], "B": [1], "C": [2], "D": [2]}), draws=4000
        )
        by_members = found.merges.set_index("members")["support"]
        assert by_members["A", "B"] == pytest.approx(0.75, abs=0.03)
        assert by_members["C", "D"] == pytest.approx(0.75, abs=0.03)

    def test_the_group_of_all_has_no_support(self):
        kept = Memberships.from_sets({"A": [1, 2], "B": [2, 3], "C": [3, 4]})
        support = cluster_sets(kept, draws=50).merges["support"]
        assert support.notna().tolist() == [True, False]

    def test_sharing_nothing_supports_nothing(self):
        found = cluster_sets(Memberships.from_sets({"A": [1], "B": [2], "C": [3]}), draws=20)
        assert found.merges["height"].tolist() == [1, 1]
        assert found.merges["support"].isna().all()

    def test_identical_sets_with_many_items_always_meet(self):
        kept = Memberships.from_sets({"A": range(30), "B": range(20, 60), "C": range(30)})
        found = cluster_sets(kept, draws=100)
        assert found.merges.iloc[0].tolist() == [("A", "C"), 0, 1]
        assert set(found.order[:2]) == {"A", "C"} or set(found.order[1:]) == {"A", "C"}

    def test_empty_sets_are_left_out_and_named(self):
        found = cluster_sets(Memberships.from_sets({"A": [1], "B": [], "C": [1]}), draws=10)
        assert (found.sets, found.left_out) == (("A", "C"), ("B",))

    @pytest.mark.parametrize(("sets", "order"), [({}, ()), ({"A": []}, ()), ({"A": [1]}, ("A",))])
    def test_too_few_to_group(self, sets, order):
        found = cluster_sets(Memberships.from_sets(sets), draws=10)
        assert found.order == order
        assert found.merges.empty

    def test_the_drawing_order_matches_the_tree(self):
        kept = Memberships.from_sets(
            {"A": [1, 2, 3], "B": [8, 9], "C": [1, 2], "D": [8, 9, 7], "E": [3, 7]}
        )
        found = cluster_sets(kept, draws=10)
        drawn = dendrogram(found.linkage, no_plot=True)["leaves"]
        assert tuple(found.sets[place] for place in drawn) == found.order

    def test_wrong_number_of_draws(self):
        with pytest.raises(ValueError, match="draws is 0"):
            cluster_sets(Memberships.from_sets({"A": [1]}), draws=0)
