"""Overlap read from a crosswalk: strictness, coding, evidence and what survives them.

The small collection below is worked out by hand. Read by `reading`:

=======  ==================  ====================  =====================  ===================
set      exact               explicit              close                  any
=======  ==================  ====================  =====================  ===================
alpha    trust               trust, care, time     trust, care, time      trust, care, time
beta     –                   trust                 trust, care            trust, care
gamma    trust               trust                 trust                  trust, hope
=======  ==================  ====================  =====================  ===================

Read by `lexical`: alpha trust, epsilon hope, beta and gamma nothing. No one names joy.
"""

import dataclasses

import pandas as pd
import pytest

from relnotes import Collection, open_collection
from relnotes.analysis.overlap import (
    Lens,
    Memberships,
    Strictness,
    compute_concept_matrix,
    compute_intersections,
    compute_presence,
    compute_sensitivity,
    find_nearest_pair,
)

FRAMEWORKS = """
alpha    Alpha    probation      X             2010          complete
beta     Beta     youth          Y             2015          complete
delta    Delta    probation      X             2001          named_only
epsilon  Epsilon  not_reported   X             not_reported  complete
gamma    Gamma    probation      not_reported  2015          partial
zeta     Zeta     youth          X             2020          complete
"""
ELEMENTS = {
    "alpha-01": "trust and care",
    "alpha-02": "time",
    "beta-01": "being trusted",
    "beta-02": "warmth",
    "epsilon-01": "hope",
    "gamma-01": "trust",
}
CROSSWALK = """
alpha-01    trust  exact     explicit     reading
alpha-01    care   close     explicit     reading
alpha-02    time   narrower  explicit     reading
beta-01     trust  narrower  explicit     reading
beta-02     care   close     interpreted  reading
beta-02     trust  related   interpreted  reading
gamma-01    trust  exact     explicit     reading
gamma-01    hope   broader   interpreted  reading
alpha-01    trust  exact     explicit     lexical
epsilon-01  hope   exact     explicit     lexical
"""


def frame(text, columns):
    return pd.DataFrame([line.split() for line in text.strip().splitlines()], columns=columns)


@pytest.fixture
def small():
    frameworks = frame(
        FRAMEWORKS,
        ["framework_id", "short_label", "setting", "jurisdiction", "year", "completeness"],
    )
    elements = pd.DataFrame({"element_id": [*ELEMENTS], "wording": [*ELEMENTS.values()]})
    elements["framework_id"] = elements["element_id"].str[:-3]
    concepts = pd.DataFrame({"concept_id": ["care", "hope", "joy", "time", "trust"]})
    concepts["label"] = concepts["concept_id"].str.title()
    concepts["theme"] = ["Bond", "Change", "Change", "Conditions", "Bond"]
    crosswalk = frame(CROSSWALK, ["element_id", "concept_id", "relation", "basis", "coder"])
    crosswalk["element_wording"] = crosswalk["element_id"].map(ELEMENTS)
    return Collection.of(
        {
            "frameworks": frameworks,
            "elements": elements,
            "concepts": concepts,
            "crosswalk": crosswalk,
        }
    )


def named(memberships):
    return {name: set(memberships.items_of(name)) for name in memberships.sets}


class TestStrictness:
    @pytest.mark.parametrize(
        ("lens", "alpha", "beta", "gamma"),
        [
            ("exact", {"trust"}, set(), {"trust"}),
            ("close", {"trust", "care"}, {"care"}, {"trust"}),
            (Lens("close", "explicit"), {"trust", "care"}, set(), {"trust"}),
            (Lens("kin", "explicit"), {"trust", "care", "time"}, {"trust"}, {"trust"}),
            ("kin", {"trust", "care", "time"}, {"trust", "care"}, {"trust", "hope"}),
            ("any", {"trust", "care", "time"}, {"trust", "care"}, {"trust", "hope"}),
        ],
    )
    def test_what_is_let_in(self, small, lens, alpha, beta, gamma):
        kept = Memberships.from_crosswalk(small, lens)
        assert named(kept) == {"alpha": alpha, "beta": beta, "gamma": gamma}

    def test_the_four_are_nested(self):
        judgements = [
            (relation, basis)
            for relation in ("exact", "close", "narrower", "broader", "related")
            for basis in ("explicit", "interpreted")
        ]
        admitted = [{j for j in judgements if Lens(s).admits(*j)} for s in Strictness]
        assert [len(some) for some in admitted] == [2, 4, 8, 10]
        explicit = [{j for j in judgements if Lens(s, "explicit").admits(*j)} for s in Strictness]
        assert explicit == [{(r, b) for r, b in some if b == "explicit"} for some in admitted]
        assert admitted[0] < admitted[1] < admitted[2] < admitted[3]

    def test_levels_are_ordered_by_strictness_not_by_letters(self):
        assert sorted(Strictness, reverse=True)[0] is Strictness.ANY
        assert Strictness.CLOSE <= "close" < Strictness.KIN

    def test_unknown_level_is_refused(self, small):
        with pytest.raises(ValueError, match="no strictness 'loose'; did you mean 'close'"):
            Memberships.from_crosswalk(small, "loose")
        with pytest.raises(ValueError, match="no basis 'spoken'"):
            Lens("close", "spoken")

    def test_the_word_of_before_is_answered_with_the_new_spelling(self, small):
        with pytest.raises(ValueError, match=r'write Lens\("close", "explicit"\)'):
            Memberships.from_crosswalk(small, "explicit")

    def test_a_lens_says_what_counts_and_whose(self, small):
        lens = Memberships.from_crosswalk(small, Lens("kin", "explicit")).lens
        assert str(lens) == "reading/kin/explicit"
        assert lens.words.endswith(
            "takes in the other, and a term of the concept stands in its wording"
        )
        assert "wording" not in Lens("kin").words


class TestFromCrosswalk:
    def test_frameworks_of_which_nothing_is_known_are_left_out_with_the_reason(self, small):
        left_out = Memberships.from_crosswalk(small).left_out
        assert left_out.set_index("set")["reason"].to_dict() == {
            "delta": "named only, its elements are not known",
            "epsilon": "not coded by reading",
            "zeta": "no element entered",
        }

    def test_the_rule_has_looked_at_every_element(self, small):
        kept = Memberships.from_crosswalk(small, Lens(coder="lexical"))
        assert named(kept) == {
            "alpha": {"trust"},
            "beta": set(),
            "epsilon": {"hope"},
            "gamma": set(),
        }

    def test_concepts_no_framework_names_are_items_outside(self, small):
        assert compute_intersections(Memberships.from_crosswalk(small)).outside.members == (
            "hope",
            "joy",
            "time",
        )

    def test_evidence_of_a_cell(self, small):
        kept = Memberships.from_crosswalk(small, "any")
        assert kept.evidence("trust", "beta") == (
            "crosswalk:beta-01/trust/reading",
            "crosswalk:beta-02/trust/reading",
        )
        assert kept.evidence("joy", "beta") == ()

    def test_rows_behind_a_bar(self, small):
        found = compute_intersections(Memberships.from_crosswalk(small, "kin"))
        (trust,) = (row for row in found.rows if row.members == ("trust",))
        assert trust.labels == ("Alpha", "Beta", "Gamma")
        assert trust.row_ids == tuple(
            f"crosswalk:{element}/trust/reading" for element in ("alpha-01", "beta-01", "gamma-01")
        )

    def test_unknown_coder(self, small):
        with pytest.raises(ValueError, match="no coder 'redaing'; did you mean 'reading'"):
            Memberships.from_crosswalk(small, Lens(coder="redaing"))

    @pytest.mark.parametrize("column", ["element_id", "concept_id"])
    def test_stranger_in_the_crosswalk(self, small, column):
        crosswalk = small.crosswalk.assign(**{column: "stranger"})
        damaged = Collection.of({**small.tables, "crosswalk": crosswalk})
        with pytest.raises(ValueError, match=f"crosswalk, {column}: no such row: stranger"):
            Memberships.from_crosswalk(damaged)

    def test_labels_that_repeat_or_lack_are_told_apart(self, small):
        frameworks = small.frameworks.assign(short_label=["Same", "Same", "D", "E", "", "Z"])
        renamed = Collection.of({**small.tables, "frameworks": frameworks})
        labels = Memberships.from_crosswalk(renamed).set_labels
        assert labels == ("Same (alpha)", "Same (beta)", "gamma")

    def test_an_empty_collection(self):
        assert Memberships.from_crosswalk(Collection.of({})).sets == ()
        assert Memberships.from_crosswalk(Collection.of({}), Lens(coder="lexical")).sets == ()

    def test_grouped_by_setting(self, small):
        grouped = Memberships.from_crosswalk(small, "any").grouped("setting")
        assert named(grouped) == {
            "probation": {"trust", "care", "time", "hope"},
            "youth": {"trust", "care"},
        }
        assert grouped.evidence("care", "youth") == ("crosswalk:beta-02/care/reading",)
        assert grouped.set_info["sets"].tolist() == [2, 1]

    def test_grouped_by_what_is_not_always_known(self, small):
        grouped = Memberships.from_crosswalk(small).grouped("jurisdiction")
        assert grouped.sets == ("X", "Y")
        assert grouped.left_out.iloc[-1].tolist() == ["gamma", "Gamma", "jurisdiction not known"]
        with pytest.raises(ValueError, match="no column 'seting'; did you mean 'setting'"):
            Memberships.from_crosswalk(small).grouped("seting")


class TestPresence:
    def test_in_how_many_sets_settings_and_jurisdictions(self, small):
        presence = compute_presence(Memberships.from_crosswalk(small, "any")).set_index("item")
        assert presence.loc["trust", ["sets", "settings", "jurisdictions"]].tolist() == [3, 2, 2]
        assert presence.loc["hope", ["settings", "jurisdictions"]].tolist() == [1, 0]
        assert presence.loc["time", "theme"] == "Conditions"
        assert presence.loc["care", "row_ids"] == (
            "crosswalk:alpha-01/care/reading",
            "crosswalk:beta-02/care/reading",
        )


class TestConceptMatrix:
    def test_a_cell_shows_its_strongest_judgement(self, small):
        cells = compute_concept_matrix(small).cells.set_index(["set", "item"])
        trusted = cells.loc[("beta", "trust")]
        assert (trusted["relation"], trusted["basis"], trusted["level"]) == (
            "narrower", "explicit", "kin",
        )  # fmt: skip
        assert trusted["elements"] == 2
        assert trusted["wordings"] == ("being trusted", "warmth")

    def test_who_has_judged_a_cell(self, small):
        cells = compute_concept_matrix(small).cells.set_index(["set", "item"])
        assert cells.loc[("alpha", "trust"), "coders"] == ("lexical", "reading")
        assert cells.loc[("alpha", "care"), "coders"] == ("reading",)

    def test_margins_count_the_cells(self, small):
        matrix = compute_concept_matrix(small)
        assert sorted(matrix.sets) == ["alpha", "beta", "gamma"]
        assert tuple(matrix.set_counts.index) == matrix.sets
        assert matrix.set_counts.to_dict() == {"alpha": 3, "beta": 2, "gamma": 2}
        assert matrix.item_counts.to_dict() == {
            "trust": 3,
            "care": 2,
            "time": 1,
            "hope": 1,
            "joy": 0,
        }


def test_a_set_with_two_settings_is_in_the_group_of_each():
    kept = Memberships.from_sets({"a": ["x", "y"], "b": ["z"], "c": ["w"]})
    info = pd.DataFrame(
        {"setting": ["probation; courts", "courts", "not_reported"]},
        index=pd.Index(["a", "b", "c"], dtype=object),
    )
    rows = pd.DataFrame(
        {"row_id": ["1", "2", "3"], "set": ["a", "a", "b"], "item": ["x", "y", "z"]}
    ).reindex(columns=kept.rows.columns)
    kept = dataclasses.replace(
        kept, set_info=info, rows=rows, empty_words=frozenset({"not_reported"})
    )
    by_setting = kept.grouped("setting")
    assert {name: list(by_setting.items_of(name)) for name in by_setting.sets} == {
        "courts": ["x", "y", "z"], "probation": ["x", "y"],
    }  # fmt: skip
    assert list(by_setting.left_out["set"]) == ["c"]
    assert by_setting.evidence("x", "courts") == by_setting.evidence("x", "probation") == ("1",)


class TestNearestPair:
    def sets(self, families):
        held = {"a": ["x", "y", "z"], "b": ["x", "y", "z"], "c": ["x", "y"], "d": ["q"]}
        kept = Memberships.from_sets(held)
        info = pd.DataFrame({"family": families}, index=pd.Index(list("abcd"), dtype=object))
        return dataclasses.replace(kept, set_info=info, empty_words=frozenset({"not_applicable"}))

    def test_two_of_one_family_do_not_meet(self):
        assert find_nearest_pair(self.sets(["one", "one", "two", "three"])) == ("a", "c")

    def test_sets_of_no_known_family_may(self):
        assert find_nearest_pair(self.sets(["not_applicable"] * 4)) == ("a", "b")

    def test_a_family_alone_meets_nobody(self):
        assert find_nearest_pair(self.sets(["one"] * 4)) is None


class TestSensitivity:
    def test_every_setting_is_measured(self, small):
        found = (
            compute_sensitivity(small)
            .lenses.set_index(["coder", "basis", "strictness"])
            .sort_index(level=["coder", "basis"], sort_remaining=False)
        )
        assert found.loc[("reading", "any"), "links"].tolist() == [2, 4, 7, 7]
        assert found.loc[("reading", "explicit"), "links"].tolist() == [2, 3, 5, 5]
        assert found.loc["reading", "sets"].tolist() == [3] * 8
        assert found.loc["lexical", "links"].tolist() == [2] * 4
        assert found.loc[("reading", "any", "close"), "spearman"] == pytest.approx(1)

    def test_places_gained_and_lost(self, small):
        counts = compute_sensitivity(small, Lens("kin", "explicit")).counts
        keys = ["coder", "basis", "strictness", "item"]
        changes = counts.set_index(keys).sort_index()["rank_change"].dropna().to_dict()
        # Explicit kin: trust 1, care and time 2. With beta's warmth let in, time falls behind care.
        changed = {
            item: n for (*where, item), n in changes.items() if where == ["reading", "any", "kin"]
        }
        assert changed == {"trust": 0, "care": 0, "time": -1}
        # Who is not named in both has no place to lose: only trust has one at exact.
        assert [item for *where, item in changes if where == ["reading", "any", "exact"]] == [
            "trust"
        ]
        assert set(counts.loc[counts["coder"] == "lexical", "of"]) == {4}

    def test_a_conclusion_that_flips(self, small):
        conclusions = compute_sensitivity(small).conclusions.set_index("conclusion")
        care = conclusions.loc["Care is core."]
        assert care["holds_in"] == ("reading/close", "reading/kin", "reading/any")
        assert "reading/exact" in care["fails_in"]
        assert care["at_baseline"]
        assert not care["survives"]

    def test_a_conclusion_that_holds_only_away_from_the_baseline(self, small):
        conclusions = compute_sensitivity(small).conclusions.set_index("conclusion")
        hope = conclusions.loc["Only Gamma names Hope."]
        assert hope["holds_in"] == ("reading/kin", "reading/any")
        assert not hope["at_baseline"]

    def test_what_cannot_be_told_does_not_count_against(self, small):
        conclusions = compute_sensitivity(small).conclusions.set_index("conclusion")
        epsilon = conclusions.loc["Only Epsilon names Hope."]
        assert epsilon["fails_in"] == ()
        assert len(epsilon["unclear_in"]) == 8
        assert epsilon["survives"]

    def test_a_conclusion_that_survives_one_coding(self, small):
        conclusions = compute_sensitivity(small, coders=["reading"]).conclusions
        core = conclusions[(conclusions["kind"] == "core") & conclusions["survives"]]
        assert core["about"].tolist() == [("trust",)]

    def test_nearest_frameworks(self, small):
        conclusions = compute_sensitivity(small, coders=["reading"]).conclusions
        nearest = conclusions[conclusions["kind"] == "closest"].set_index("about")["holds_in"]
        # Close: alpha shares 1 of 2 with either. Kin: 2 of 3 with beta, 1 of 4 with gamma; if the
        # wording must say it, beta has nothing close, and kin 1 of 3 like gamma.
        assert nearest["alpha", "gamma"] == (
            "reading/exact", "reading/close", "reading/exact/explicit", "reading/close/explicit",
            "reading/kin/explicit", "reading/any/explicit",
        )  # fmt: skip
        assert nearest["alpha", "beta"] == (
            "reading/close", "reading/kin", "reading/any", "reading/kin/explicit",
            "reading/any/explicit",
        )  # fmt: skip

    def test_wrong_questions(self, small):
        with pytest.raises(ValueError, match="not in"):
            compute_sensitivity(small, coders=["lexical"])
        with pytest.raises(ValueError, match="top is 0"):
            compute_sensitivity(small, top=0)


def test_memberships_show_how_many_not_all_of_them():
    shown = repr(Memberships.from_crosswalk(open_collection()))
    assert shown.startswith("<Memberships: ")
    assert " items in " in shown
    assert len(shown) < 200


def test_strictness_is_a_ladder() -> None:
    exact, close, any_ = Strictness("exact"), Strictness("close"), Strictness("any")
    assert exact < close < any_
    assert any_ > close > exact
    assert close <= "close" <= any_
    assert close >= "close" >= exact
    assert not close > "close"
    assert not close < "close"
