"""The gap map: what bears on a concept, the voids, and whose voice, worked out by hand."""

from itertools import pairwise

import pandas as pd
import pytest
from legibility import (
    labels_cut_off,
    overlapping_labels,
    printed_labels,
    smallest_text,
)
from printed import printed

from relnotes.analysis.gaps import (
    compute_bearing,
    compute_gaps,
    compute_voices,
    kind_of_design,
)
from relnotes.evidence.bibliography import Bibliography, Work
from relnotes.evidence.collection import Collection
from relnotes.figures.figure import Figure
from relnotes.figures.gaps import (
    describe_gaps,
    found_gaps,
    found_voices,
    plot_gap_bubbles,
    plot_gaps,
    plot_voices,
)

PAGE = ["trust", "hope", "time", "care", "fear", "luck"]


def collection(**changed: pd.DataFrame) -> Collection:
    """Return six concepts, each with other evidence.

    trust: a framework that rests on a synthesis and a study. hope: a framework that rests on a
    study alone. time: a framework and nothing else. care: a framework and a work whose design
    nobody has coded. fear: a framework and a claim that cites nothing. luck: no framework.
    """
    named = ["trust", "hope", "time", "care", "fear"]
    works = {
        "review-2001": "literature review",
        "survey-2002": "survey",
        "blank-2003": "not_coded",
        "guide-2004": "not_applicable",
    }
    tables = {
        "concepts": pd.DataFrame(
            {"concept_id": PAGE, "label": [name.title() for name in PAGE], "theme": "Bond"}
        ),
        "frameworks": pd.DataFrame(
            {
                "framework_id": named,
                "short_label": [f"Set of {name}" for name in named],
                "kind": ["principles", "people's account", "practitioners' account", "theory", "x"],
                "setting": "probation",
                "people": ["children", "children", "victims", "victims", "not_reported"],
                "completeness": "complete",
                "source": [
                    "review-2001;survey-2002",
                    "nowhere-nd",
                    "guide-2004",
                    "blank-2003",
                    "guide-2004",
                ],
            }
        ),
        "elements": pd.DataFrame(
            {
                "element_id": [f"{name}-01" for name in named],
                "framework_id": named,
                "source": ["nowhere-nd", "survey-2002[p. 3]", *["nowhere-nd"] * 3],
            }
        ),
        "crosswalk": pd.DataFrame(
            {
                "element_id": [f"{name}-01" for name in named],
                "concept_id": named,
                "relation": "exact",
                "basis": "explicit",
                "coder": "reading",
            }
        ),
        "studies": pd.DataFrame(
            {
                "key": list(works),
                "origin": "listed",
                "design": list(works.values()),
                "setting": ["prison", "probation", "not_coded", "probation"],
                "voices": ["not_applicable", "practitioners;children", "not_coded", "not_coded"],
            }
        ),
        "claims": pd.DataFrame(
            {
                "claim_id": ["c001", "c002", "c003"],
                "statement": ["Fear hurts.", "Trust helps.", "Trust harms."],
                "setting": "probation",
                "people": "everybody",
                "cites": ["not_reported", "blank-2003", "not_reported"],
            }
        ),
        "claim_concepts": pd.DataFrame(
            {
                "claim_id": ["c001", "c002", "c003"],
                "concept_id": ["fear", "trust", "trust"],
                "direction": ["for", "for", "against"],
            }
        ),
    }
    entries = {
        key: Work(key, "book", {"author": key[:-5].title(), "year": key[-4:]}) for key in works
    }
    return Collection.of(tables | changed, bibliography=Bibliography(entries))


def voids(of: Collection) -> dict[str, str]:
    concepts = compute_gaps(of).concepts
    return dict(zip(concepts["concept_id"], concepts["void"], strict=True))


def assert_legible(figure: Figure) -> None:
    labels = printed_labels(figure.drawing)
    assert overlapping_labels(labels) == []
    assert labels_cut_off(figure.drawing) == []
    assert smallest_text(labels) >= 7


# ---------------------------------------------------------------- computed


def test_works_bear_on_concepts_through_elements_frameworks_and_claims() -> None:
    bearing = compute_bearing(collection())
    works = bearing[bearing["table"] == "studies"]
    found = {(c, k): rows for c, k, rows in works[["concept_id", "id", "row_ids"]].to_numpy()}
    assert found == {
        ("care", "blank-2003"): ("crosswalk:care-01/care/reading",),
        ("fear", "guide-2004"): ("crosswalk:fear-01/fear/reading",),
        ("hope", "survey-2002"): ("crosswalk:hope-01/hope/reading",),
        ("time", "guide-2004"): ("crosswalk:time-01/time/reading",),
        ("trust", "blank-2003"): ("claim_concepts:c002/trust",),
        ("trust", "review-2001"): ("crosswalk:trust-01/trust/reading",),
        ("trust", "survey-2002"): ("crosswalk:trust-01/trust/reading",),
    }


def test_a_claim_on_a_concept_that_the_codebook_lacks_bears_on_nothing() -> None:
    one = collection()
    linked = one.claim_concepts.copy()
    linked.loc[len(linked)] = {**linked.iloc[0].to_dict(), "concept_id": "no-such-concept"}
    assert "no-such-concept" not in set(
        compute_bearing(one.replacing(claim_concepts=linked))["concept_id"]
    )


def test_three_voids_are_told_apart() -> None:
    assert voids(collection()) == {
        "trust": "",
        "hope": "unsynthesised",
        "time": "untested",
        "care": "open",
        "fear": "claimed",
        "luck": "unnamed",
    }


def test_a_study_not_yet_coded_keeps_the_want_of_a_synthesis_open() -> None:
    hope = collection().frameworks.assign(
        source=lambda f: f["source"].where(f["framework_id"] != "hope", "blank-2003")
    )
    assert voids(collection(frameworks=hope))["hope"] == "open"


def test_a_framework_not_yet_coded_keeps_the_want_of_a_name_open() -> None:
    plain = collection()
    frameworks = pd.concat(
        [plain.frameworks, plain.frameworks.tail(1).assign(framework_id="late")], ignore_index=True
    )
    assert voids(collection(frameworks=frameworks))["luck"] == "open"


def test_a_framework_that_is_only_named_keeps_nothing_open() -> None:
    plain = collection()
    late = plain.frameworks.tail(1).assign(framework_id="late", completeness="named_only")
    frameworks = pd.concat([plain.frameworks, late], ignore_index=True)
    assert voids(collection(frameworks=frameworks))["luck"] == "unnamed"


def test_claims_that_nobody_linked_keep_the_want_of_a_claim_open() -> None:
    unlinked = collection().claim_concepts.iloc[:0]
    assert voids(collection(claim_concepts=unlinked))["time"] == "open"


def test_without_a_crosswalk_nothing_is_called_unnamed() -> None:
    empty = collection().crosswalk.iloc[:0]
    assert set(voids(collection(crosswalk=empty)).values()) == {"open"}


def test_cells_count_frameworks_claims_and_works() -> None:
    cells = compute_gaps(collection(), "setting").cells.set_index(["concept_id", "column"])
    numbers = ["frameworks", "for", "against", "mixed", "works"]
    assert cells.loc[("trust", "probation"), numbers].tolist() == [1, 1, 1, 0, 1]
    assert cells.loc[("trust", "prison"), numbers].tolist() == [0, 0, 0, 0, 1]
    assert cells.loc[("trust", "not yet coded"), numbers].tolist() == [0, 0, 0, 0, 1]
    assert cells.loc[("trust", "prison"), "row_ids"] == ("studies:review-2001",)


def test_a_work_that_asked_two_groups_stands_in_two_columns() -> None:
    gaps = compute_gaps(collection(), "voices")
    trust = gaps.cells[gaps.cells["concept_id"] == "trust"]
    assert set(trust["column"]) == {"practitioners", "children", "does not apply", "not yet coded"}
    assert gaps.columns[-2:] == ("does not apply", "not yet coded")


@pytest.mark.parametrize(
    ("design", "kind"),
    [
        ("Systematic review", "synthesis"),
        ("evidence synthesis and action research", "synthesis"),
        ("meta-analysis", "synthesis"),
        ("evidence summary", "summary"),
        ("programme rating", "summary"),
        ("theoretical paper", "no study"),
        ("consultation or consensus", "no study"),
        ("professional account", "no study"),
        ("randomised trial", "study"),
        ("not_reported", "not known"),
        ("not_applicable", "no study"),
        ("not_coded", "not known"),
    ],
)
def test_designs_are_sorted_by_their_words(design: str, kind: str) -> None:
    assert kind_of_design(design) == kind


def test_there_is_no_map_by_anything() -> None:
    with pytest.raises(ValueError, match="no map by ‘beauty’"):
        compute_gaps(collection(), "beauty")


def test_reports_of_one_study_count_once() -> None:
    """The survey has a second report, not coded for voices; a rating of it is a summary."""
    plain = collection()
    survey = plain.studies.iloc[[1]].assign(report_of="survey-2002")
    reports = [
        survey.assign(key="poster-2001", voices="not_coded"),
        survey.assign(key="rating-2005", design="programme rating"),
    ]
    studies = pd.concat([plain.studies.assign(report_of="not_applicable"), *reports])
    source = plain.frameworks["source"].str.replace(
        "nowhere-nd|survey-2002", "survey-2002;poster-2001;rating-2005", regex=True
    )
    frameworks = plain.frameworks.assign(source=source)
    one = collection(studies=studies.reset_index(drop=True), frameworks=frameworks)
    two = collection(studies=studies.assign(report_of="not_applicable"), frameworks=frameworks)
    numbers = ["works", "synthesis", "study", "summary"]
    trust, trust_apart = (
        compute_gaps(c).concepts.set_index("concept_id").loc["trust", numbers] for c in (one, two)
    )
    assert trust.tolist() == [3, 1, 1, 0]
    assert trust_apart.tolist() == [5, 1, 2, 1]
    cells, cells_apart = (
        compute_gaps(c, "setting").cells.set_index(["concept_id", "column"]) for c in (one, two)
    )
    assert cells.loc[("hope", "probation"), "works"] == 1
    assert cells_apart.loc[("hope", "probation"), "works"] == 3
    assert set(cells.loc[("hope", "probation"), "row_ids"]) == {
        "frameworks:hope", "studies:survey-2002", "studies:poster-2001", "studies:rating-2005",
    }  # fmt: skip
    asked, asked_apart = (
        compute_voices(c).concepts.set_index("concept_id")[["asked", "uncoded"]] for c in (one, two)
    )
    assert asked.loc["hope"].tolist() == [2, 0]
    assert asked_apart.loc["hope"].tolist() == [3, 1]
    assert "children (2 sources)" in found_voices(compute_voices(one))[0]
    assert "children (3 sources)" in found_voices(compute_voices(two))[0]


def test_voices_are_those_of_works_and_of_accounts() -> None:
    voices = compute_voices(collection())
    assert voices.sources[["voice", "source_id", "concepts"]].to_numpy().tolist() == [
        ["children", "studies:survey-2002", 2],
        ["children", "frameworks:hope", 1],
        ["practitioners", "studies:survey-2002", 2],
        ["practitioners", "frameworks:time", 1],
    ]
    asked = voices.concepts.set_index("concept_id")
    assert asked.loc[["trust", "hope", "time", "luck"], "asked"].tolist() == [1, 2, 1, 0]
    assert asked.loc[["trust", "care", "luck"], "uncoded"].tolist() == [1, 1, 0]
    assert voices.unheard[["people", "rows"]].to_numpy().tolist() == [
        ["everybody", 3],
        ["victims", 2],
    ]
    assert voices.uncoded == 2


# ---------------------------------------------------------------- in words


def test_sentences_follow_the_data() -> None:
    assert found_gaps(compute_gaps(collection())) == (
        "1 concept of 6 is named by no framework: Luck.",
        "1 concept of 6 is named by a framework, but no claim, study or synthesis here bears on "
        "it: Time.",
        "1 concept of 6 has a study, but no synthesis: Hope.",
        "1 concept has claims, but no study or synthesis here: Fear.",
        "Of 1 concept nothing can be said yet, because it is not known whether a work that bears "
        "on it is a study or synthesis, or a framework or claim is not coded: Care.",
        "Trust has the most works, 3; that these bear on it does not say that they show an effect.",
        "Of 3 links between a claim and a concept, 1 speaks against it or both ways.",
    )


def test_a_row_more_changes_what_was_found() -> None:
    plain = collection()
    more = pd.DataFrame({"claim_id": ["c001"], "concept_id": ["time"], "direction": ["for"]})
    links = pd.concat([plain.claim_concepts, more], ignore_index=True)
    before, after = (found_gaps(compute_gaps(c)) for c in (plain, collection(claim_concepts=links)))
    assert "Time." in before[1]
    assert after[1] == (
        "No concept is known to be named without a claim, study or synthesis about it."
    )


def test_concepts_with_as_many_works_are_told_and_no_link_against_is_said() -> None:
    plain = collection()
    source = plain.frameworks["source"].replace("nowhere-nd", "review-2001;guide-2004")
    links = plain.claim_concepts.assign(direction="for")
    even = plain.replacing(frameworks=plain.frameworks.assign(source=source), claim_concepts=links)
    *_, most, against = found_gaps(compute_gaps(even))
    assert most.startswith("Hope and Trust have the most works, 3; that these bear on them")
    assert against == (
        "Of 3 links between a claim and a concept, none speaks against it or both ways."
    )


def test_voices_in_words() -> None:
    found = found_voices(compute_voices(collection()))
    assert found[0] == "Asked were children (2 sources) and practitioners (2 sources)."
    assert found[1].startswith("On 3 of 6 concepts somebody was asked; on Care, Fear and Luck")


# ---------------------------------------------------------------- drawings


def test_what_is_not_coded_is_never_drawn_as_a_void() -> None:
    figure = plot_gaps(compute_gaps(collection()))
    said = figure.data[figure.data["what"] == "void"].set_index("concept")["said"].to_dict()
    assert said == {
        "Care": "open: not known yet",
        "Fear": "claims, but no study",
        "Hope": "studies, no synthesis",
        "Luck": "no framework names it",
        "Time": "no claim, no study",
    }
    texts = [text.get_text() for text in figure.drawing.axes[0].texts]
    assert all(texts.count(words) == 1 for words in said.values())
    assert_legible(figure)


def test_rows_stand_behind_every_kind_of_evidence() -> None:
    figure = plot_gaps(compute_gaps(collection()))
    assert figure.marks["Trust × frameworks"] == ("frameworks:trust",)
    assert figure.marks["Trust × claims"] == ("claims:c002", "claims:c003")
    assert figure.marks["Trust × synthesis"] == ("studies:review-2001",)
    assert figure.row_ids("Luck") == ("concepts:luck",)
    assert set(figure.row_ids("trust")) == {
        "claims:c002", "claims:c003", "frameworks:trust", "studies:review-2001",
        "studies:survey-2002",
    }  # fmt: skip


def test_rows_stand_apart_where_there_is_room() -> None:
    rows = sorted(w.middle for w in printed(plot_gaps(compute_gaps(collection()))).rows().values())
    assert len(rows) == 6
    assert all(below - above > 10 for above, below in pairwise(rows))


def test_numbers_of_claims_say_how_many_speak_against() -> None:
    figure = plot_gaps(compute_gaps(collection()))
    sheet = printed(figure)
    for mark, said in (("Trust × claims", "2, 1 against"), ("Fear × claims", "1")):
        assert [words.text for words in sheet.written(mark, "number")] == [said]


@pytest.mark.parametrize("by", ["design", "setting", "people", "voices", "jurisdiction"])
def test_maps_by_every_side_draw(by: str) -> None:
    figure = plot_gap_bubbles(compute_gaps(collection(), by))
    assert_legible(figure)
    assert figure.name == f"gaps-{by}"


def test_a_cell_says_whether_frameworks_and_works_meet_there() -> None:
    gaps = compute_gaps(collection(), "setting")
    data = plot_gap_bubbles(gaps).data
    for row in data.to_dict("records"):
        said = {
            (True, True): "a framework names it, and a work bears on it",
            (True, False): "a framework alone",
            (False, True): "a work alone",
            (False, False): "a claim alone",
        }[row["frameworks"] > 0, row["works"] > 0]
        assert row["holds"] == said
    assert len(set(data["holds"])) > 1


@pytest.mark.parametrize(
    ("where", "concepts"),
    [("not_coded", "2 concepts"), ("not_reported", "2 concepts"), ("prison", "")],
)
def test_a_work_of_no_known_setting_leaves_an_empty_place_open(where: str, concepts: str) -> None:
    plain = collection()
    studies = plain.studies.assign(setting=plain.studies["setting"].replace("not_coded", where))
    caption = plot_gap_bubbles(compute_gaps(plain.replacing(studies=studies), "setting")).caption
    assert ("no proof of a void" in caption) == bool(concepts)
    assert f"On {concepts} bears a work whose setting is not known" in caption or not concepts


def test_voices_draw() -> None:
    figure = plot_voices(compute_voices(collection()))
    assert_legible(figure)
    assert figure.marks["Time × practitioners"] == (
        "frameworks:time",
        "crosswalk:time-01/time/reading",
    )
    sheet = printed(figure)
    for concept, sources in (("Trust", "1"), ("Hope", "2"), ("Time", "1")):
        assert sources in sheet.beside(concept)
    # The framework is an account of theirs; a work that asked is told apart from it.
    heard = figure.data.set_index("mark")
    assert heard.loc["Time × practitioners", "heard"] == "in an account of theirs"
    of_works = [mark for mark, rows in figure.marks.items() if rows[0].startswith("studies:")]
    assert of_works
    assert set(heard.loc[of_works, "heard"]) == {"in a work that asked them"}


def test_an_account_of_two_groups_is_heard_under_both() -> None:
    known = collection()
    people = known.frameworks["people"].where(
        known.frameworks["kind"] != "people's account", "parents; children"
    )
    voices = compute_voices(known.replacing(frameworks=known.frameworks.assign(people=people)))
    assert {"parents", "children"} <= set(voices.sources["voice"])
    assert not voices.sources["voice"].str.contains(";").any()


def test_an_empty_collection_says_so() -> None:
    empty = Collection.of({})
    assert "no concepts" in describe_gaps(compute_gaps(empty)).alt
    for figure in (
        plot_gaps(compute_gaps(empty)),
        plot_gap_bubbles(compute_gaps(empty)),
        plot_voices(compute_voices(empty)),
    ):
        assert_legible(figure)
        assert figure.alt.startswith("An empty map")


def test_many_columns_and_sources_still_fit() -> None:
    plain = collection()
    many = 40
    studies = pd.DataFrame(
        {
            "key": [f"w{n}-2001" for n in range(many)],
            "origin": "listed",
            "design": "survey",
            "setting": [f"a setting of its own, number {n}" for n in range(many)],
            "voices": [f"group {n % 9}" for n in range(many)],
        }
    )
    frameworks = plain.frameworks.assign(source=";".join(studies["key"]))
    crowded = collection(studies=studies, frameworks=frameworks)
    assert_legible(plot_gap_bubbles(compute_gaps(crowded, "setting")))
    assert_legible(plot_gaps(compute_gaps(crowded)))
    assert_legible(plot_voices(compute_voices(crowded)))
