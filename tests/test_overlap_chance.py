"""The null model: margins kept, every matrix equally likely, p-values as by full enumeration."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.extra.numpy import array_shapes, arrays

from relnotes.analysis.overlap import (
    Memberships,
    collapse_families,
    compute_cooccurrence_chance,
    compute_pair_chance,
    deal_again,
)
from relnotes.analysis.overlap.chance import _corrected

SMALL = np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]], dtype=bool)


def dealt(matrix, draws, seed=0):
    return np.concatenate(list(deal_again(matrix, draws, np.random.default_rng(seed))))


def all_with_margins_of(matrix):
    """Every matrix with these margins, found by trying all."""
    rows, columns = matrix.shape
    cells = np.array(list(product([False, True], repeat=matrix.size))).reshape(-1, rows, columns)
    same_rows = (cells.sum(axis=2) == matrix.sum(axis=1)).all(axis=1)
    same_columns = (cells.sum(axis=1) == matrix.sum(axis=0)).all(axis=1)
    return cells[same_rows & same_columns]


def as_sets(matrix):
    """Rows as sets, columns as items."""
    return Memberships.from_sets(
        {f"s{k}": np.flatnonzero(row).tolist() for k, row in enumerate(matrix)}
    )


@given(arrays(bool, array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=7)))
@settings(max_examples=60)
def test_every_total_is_kept(matrix):
    again = dealt(matrix, 20)
    assert again.shape == (20, *matrix.shape)
    assert (again.sum(axis=1) == matrix.sum(axis=0)).all()
    assert (again.sum(axis=2) == matrix.sum(axis=1)).all()


@pytest.mark.parametrize(
    ("matrix", "number"),
    [
        (np.eye(3, dtype=bool), 6),  # the orders of three things
        (~np.eye(3, dtype=bool), 6),  # what they leave empty
        (np.array([[1, 1, 0], [1, 0, 1], [0, 1, 0]], dtype=bool), 5),
        (np.eye(4, dtype=bool), 24),
        (np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]], dtype=bool), 1),  # nested: no other way
    ],
)
def test_all_matrices_are_reached(matrix, number):
    expected = {m.tobytes() for m in all_with_margins_of(matrix)}
    assert len(expected) == number
    assert {m.tobytes() for m in dealt(matrix, 1000)} == expected


def test_all_matrices_are_equally_likely():
    possible = [m.tobytes() for m in all_with_margins_of(SMALL)]
    draws = [m.tobytes() for m in dealt(SMALL, 20_000)]
    counts = np.array([draws.count(m) for m in possible])
    assert counts.sum() == len(draws)
    expected = len(draws) / len(possible)
    chi_square = ((counts - expected) ** 2 / expected).sum()
    # Three standard deviations above the mean of a chi-square with that many degrees of freedom.
    freedom = len(possible) - 1
    assert chi_square < freedom + 3 * np.sqrt(2 * freedom)


@pytest.mark.parametrize("test", [compute_pair_chance, compute_cooccurrence_chance])
def test_p_and_z_agree_with_full_enumeration(test):
    found = test(as_sets(SMALL), draws=20_000)
    possible = all_with_margins_of(SMALL)
    if test is compute_cooccurrence_chance:
        possible, observed = possible.transpose(0, 2, 1), SMALL.T
    else:
        observed = SMALL
    first, second = np.triu_indices(4, k=1)
    for row, a, b in zip(found.pairs.itertuples(), first, second, strict=True):
        shared = (possible[:, a] & possible[:, b]).sum(axis=1)
        now = (observed[a] & observed[b]).sum()
        assert row.observed == now
        # Within four standard errors of a share of 20,000 draws.
        assert row.p_more == pytest.approx((shared >= now).mean(), abs=0.015)
        assert row.p_fewer == pytest.approx((shared <= now).mean(), abs=0.015)
        assert row.expected == pytest.approx(shared.mean(), abs=0.03)
        assert row.z == pytest.approx((now - shared.mean()) / shared.std(), abs=0.1)
    pairs = (possible.astype(int) @ possible.transpose(0, 2, 1).astype(int))[:, first, second]
    now = (observed.astype(int) @ observed.T.astype(int))[first, second]
    uneven = ((pairs**2).sum(axis=1) >= (now**2).sum()).mean()
    assert found.overall_p == pytest.approx(uneven, abs=0.015)


def test_same_seed_same_answer():
    first, second, other = (compute_pair_chance(as_sets(SMALL), 200, seed) for seed in (1, 1, 2))
    assert first.pairs.equals(second.pairs)
    assert not first.pairs["p"].equals(other.pairs["p"])


def test_two_camps_are_found_out():
    # Two camps of five sets each share eight items within and none between.
    camps = {f"a{k}": range(8) for k in range(5)} | {f"b{k}": range(8, 16) for k in range(5)}
    found = compute_pair_chance(Memberships.from_sets(camps), draws=1999)
    within = found.pairs["a"].str[0] == found.pairs["b"].str[0]
    assert set(found.pairs.loc[within, "verdict"]) == {"more than chance"}
    assert set(found.pairs.loc[~within, "verdict"]) == {"fewer than chance"}
    assert found.overall_p == 1 / 2000
    assert found.verdict == (
        "Of 45 pairs of sets, 20 share more and 25 fewer than chance gives at a false discovery "
        "rate of 0.05; 0 are too small to tell."
    )


def test_a_long_list_meets_all_others_by_its_length_alone():
    lists = {"all": range(12), **{f"s{k}": range(3 * k, 3 * k + 3) for k in range(4)}}
    found = compute_pair_chance(Memberships.from_sets(lists), draws=999)
    with_all = found.pairs[found.pairs["a"] == "all"]
    assert with_all["observed"].tolist() == with_all["expected"].tolist() == [3] * 4
    assert with_all["z"].isna().all()
    assert set(with_all["verdict"]) == {"too few to tell"}
    assert with_all["q"].isna().all()


def test_pairs_that_could_not_be_unusual_stay_out_of_the_correction():
    camps = {f"a{k}": range(8) for k in range(5)} | {f"b{k}": range(8, 16) for k in range(5)}
    alone = compute_pair_chance(Memberships.from_sets(camps), draws=999)
    among_tiny = compute_pair_chance(
        Memberships.from_sets(camps | {f"t{k}": [20 + k] for k in range(8)}), draws=999
    )
    tiny = among_tiny.pairs["a"].str.startswith("t") & among_tiny.pairs["b"].str.startswith("t")
    assert set(among_tiny.pairs.loc[tiny, "verdict"]) == {"too few to tell"}
    assert alone.testable == len(alone.pairs)
    assert among_tiny.testable < len(among_tiny.pairs)


def test_few_draws_are_owned_up_to():
    camps = {f"a{k}": range(8) for k in range(5)} | {f"b{k}": range(8, 16) for k in range(5)}
    found = compute_pair_chance(Memberships.from_sets(camps), draws=500)
    assert not found.enough_draws
    # 45 pairs: a lone p of 2/(n+1) passes 0.05/45 from n = 1,799 draws on.
    assert found.verdict.endswith("cannot tell: that takes 1,799 draws or more.")
    assert compute_pair_chance(Memberships.from_sets(camps), draws=1799).enough_draws


@pytest.mark.parametrize("sets", [{}, {"A": [1]}, {"A": [], "B": []}, {"A": [1], "B": []}])
def test_nothing_to_compare(sets):
    found = compute_pair_chance(Memberships.from_sets(sets), draws=9)
    assert found.verdict == "There are no pairs of sets to compare."
    assert found.pairs.empty
    assert np.isnan(found.overall_p)


def test_wrong_numbers_are_refused():
    with pytest.raises(ValueError, match="draws is 0"):
        compute_pair_chance(as_sets(SMALL), draws=0)
    with pytest.raises(ValueError, match="alpha is 1"):
        compute_pair_chance(as_sets(SMALL), alpha=1)


def test_correction_is_benjamini_and_hochbergs_worked_example():
    """The fifteen p values of their 1995 paper (section 4.1): at 0.05 the first four stand."""
    p = np.array([
        0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
        0.5719, 0.6528, 0.7590, 1.0000,
    ])  # fmt: skip
    corrected = _corrected(p)
    assert (corrected <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert corrected[3] == pytest.approx(0.0095 * 15 / 4)
    # No p value is corrected beyond a later one's: 0.0278 × 15 / 6 gives way to 0.0298 × 15 / 7.
    assert corrected[5:8] == pytest.approx([0.0298 * 15 / 7, 0.0298 * 15 / 7, 0.0344 * 15 / 8])
    mixed = np.random.default_rng(1).permutation(15)
    assert _corrected(p[mixed]) == pytest.approx(corrected[mixed])
    assert not len(_corrected(np.zeros(0)))


@pytest.mark.parametrize(
    ("sizes", "columns", "smallest"),
    [
        ((1, 1), 24, 2 / 24),  # together in 1 of 24, apart in 23
        ((3, 3), 6, 2 / 20),  # all or nothing, each 1 of 20
        ((3, 12), 12, 1),  # the long one meets all
        ((4, 5), 6, 2 / 3),  # three or four shared: 10 or 5 of 15
    ],
)
def test_the_screen_by_hand_and_by_no_seed(sizes, columns, smallest):
    sets = {name: range(size) for name, size in zip("ab", sizes, strict=True)}
    held = Memberships.from_sets({**sets, "all": range(columns)})
    for seed in (0, 1):
        pairs = compute_pair_chance(held, draws=20, seed=seed).pairs
        assert pairs.loc[0, "screen_p"] == pytest.approx(smallest)


def test_draws_are_chosen_so_that_a_lone_pair_could_pass():
    camps = {f"a{k}": range(8) for k in range(5)} | {f"b{k}": range(8, 16) for k in range(5)}
    found = compute_pair_chance(Memberships.from_sets(camps))
    assert found.enough_draws
    assert found.draws == 1999  # 1,799 are needed, and never fewer than these are made


def test_what_would_take_too_long_is_said_not_to_be_told(monkeypatch):
    monkeypatch.setattr("relnotes.analysis.overlap.chance.MOST_CELLS", 10)
    monkeypatch.setattr("relnotes.analysis.overlap.chance.FEWEST_DRAWS", 99)
    camps = {f"a{k}": range(8) for k in range(5)} | {f"b{k}": range(8, 16) for k in range(5)}
    found = compute_pair_chance(Memberships.from_sets(camps))
    assert found.draws == 99
    assert "cannot tell" in found.verdict


def test_a_family_does_not_agree_with_itself():
    held = Memberships.from_sets({"a": ["x"], "b": ["y"], "c": ["x", "y"]})
    info = held.set_info.assign(family=["kin", "kin", "not_applicable"])
    collapsed = collapse_families(
        replace(held, set_info=info, empty_words=frozenset(["not_applicable"]))
    )
    assert {name: list(collapsed.items_of(name)) for name in collapsed.sets} == {
        "c": ["x", "y"], "kin": ["x", "y"],
    }  # fmt: skip
    assert collapse_families(held).sets == ("a", "b", "c")
