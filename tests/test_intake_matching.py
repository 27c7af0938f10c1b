"""Records sorted into new, duplicate and unclear; related works linked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

from relnotes.desk.adding import MOST_SHOWN, account_in_words
from relnotes.desk.formats.records import Person, Record
from relnotes.desk.matching.folded import fold, folded
from relnotes.desk.matching.grades import container_grade
from relnotes.desk.matching.keys import LARGEST_BLOCK, candidates
from relnotes.desk.matching.matching import Matching, account, match
from relnotes.desk.matching.titles import (
    CHANGED,
    DIFFERENT,
    MISSING,
    NEAR,
    PARTLY,
    title_grade,
)

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("matching_cases.json").read_text(encoding="utf-8")
)


def record(fields: dict[str, Any], position: int = 1) -> Record:
    said = dict(fields)
    names = [name.partition(", ") for name in said.pop("authors", [])]
    for name in ("isbn", "issn", "pages"):
        if name in said:
            said[name] = tuple(said[name])
    return Record(
        source="cases",
        position=position,
        line=None,
        kind=said.pop("kind", "article"),
        authors=tuple(Person(family, given) for family, _, given in names),
        **said,
    )


def verdict(found: Matching) -> str:
    """What two records were found to be."""
    if found.clusters:
        return "duplicate"
    if found.unclear:
        return "unclear"
    return "linked" if found.links else "different"


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_pair_is_what_a_person_says_it_is(case: dict[str, Any]) -> None:
    first, second = record(case["first"], 1), record(case["second"], 2)
    assert verdict(match([first, second])) == case["expected"], case["note"]
    assert verdict(match([second, first])) == case["expected"], "the other way round"
    assert verdict(match([second], base=[first])) == case["expected"], "against a base"


def test_the_cases_are_told_apart() -> None:
    assert len({case["id"] for case in CASES}) == len(CASES)
    assert {case["expected"] for case in CASES} == {"duplicate", "linked", "unclear", "different"}


ARTICLE = record(
    {
        "title": "Relational practice in probation: a review",
        "authors": ["Dominey, Jane", "Canton, Rob"],
        "year": 2022,
        "container": "Probation Journal",
        "volume": "69",
        "pages": ["411", "431"],
    }
)


def test_the_first_record_stays_and_the_others_are_its_duplicates() -> None:
    others = [replace(ARTICLE, position=n, title=ARTICLE.title.upper()) for n in (2, 3)]
    found = match([ARTICLE, *others])
    assert [placed.pile for placed in found.placed] == ["new", "duplicate", "duplicate"]
    assert all(placed.partner is ARTICLE for placed in found.placed[1:])
    assert found.clusters == ((0, 1, 2),)


@pytest.mark.parametrize(
    ("number", "more"), [(MOST_SHOWN, []), (MOST_SHOWN + 1, ["… and 1 more duplicate"])]
)
def test_what_is_not_shown_of_a_pile_is_counted(number: int, more: list[str]) -> None:
    copies = [replace(ARTICLE, position=n) for n in range(number)]
    told = [
        line.strip() for line in account_in_words([], match(copies, base=[ARTICLE])).split("\n")
    ]
    assert [line for line in told if line.startswith("…")] == more
    assert sum(line.startswith("duplicate: ") for line in told) == MOST_SHOWN


def test_one_key_and_one_title_are_one_work_and_a_key_alone_is_none() -> None:
    short = record({"title": "Trust", "key": "doe-2001"})
    assert verdict(match([replace(short, position=2)], base=[short])) == "duplicate"
    renamed = replace(short, position=2, year=2001, container="A journal")
    assert verdict(match([renamed], base=[short])) == "duplicate"
    other = replace(short, position=2, title="Restorative cautioning in rural forces")
    assert verdict(match([other], base=[short])) == "different"
    unnamed = replace(short, position=2, key="")
    assert verdict(match([unnamed], base=[short])) == "unclear"


def test_a_record_of_the_base_comes_before_any_other() -> None:
    again = replace(ARTICLE, source="new.ris", title="Relational practise in probation, a review")
    found = match([again], base=[ARTICLE])
    assert found.placed[0].pile == "duplicate"
    assert found.placed[0].partner is ARTICLE
    assert found.clusters == ((0, 1),)


def test_records_of_the_base_are_not_compared_with_one_another() -> None:
    twin = replace(ARTICLE, position=2, year=2023)
    new = record({"title": "Something else entirely about housing"})
    found = match([new], base=[ARTICLE, twin])
    assert found.clusters == ()
    assert found.compared == 0


def test_the_reason_names_what_is_the_same_and_what_differs() -> None:
    other = replace(ARTICLE, position=2, issue="4", year=2023, doi="10.1177/1", title="Relational "
                    "practice in probation")  # fmt: skip
    (placed,) = match([other], base=[ARTICLE]).placed
    assert placed.pile == "duplicate"
    assert placed.reason == (
        "the same authors on the same pages; "
        "same authors, journal or book, volume, pages; alike title, year"
    )


def test_a_record_between_two_editions_does_not_make_them_one() -> None:
    editions = [
        record(
            {"kind": "book", "title": "Handbook of probation practice", "year": 2011,
             "authors": ["Canton, Rob"], "edition": edition}, position,
        )
        for position, edition in enumerate(("2nd", "3rd"), start=1)
    ]  # fmt: skip
    between = replace(editions[0], position=3, edition="")
    found = match([*editions, between])
    assert len(found.clusters) == 1
    assert {0, 1} not in [set(cluster) for cluster in found.clusters]
    assert not any({0, 1} <= set(cluster) for cluster in found.clusters)
    assert any("not one work" in pair.reason for pair in found.unclear)


def test_a_shared_key_of_thousands_is_bounded_and_told() -> None:
    # Three thousand unlike editorials share the opening of their title.
    size = 3000
    editorials = [
        replace(ARTICLE, title="Editorial", position=n, year=1900 + n % 120, volume=str(n),
                pages=(str(n), str(n + 3)), authors=(Person(f"Name{n}"),))
        for n in range(1, size + 1)
    ]  # fmt: skip
    found = match(editorials)
    assert found.compared < LARGEST_BLOCK * size
    # They share two keys; of the pairs under each, those not compared are left out.
    assert found.left_out == 2 * (size * (size - 1) // 2 - found.compared)
    assert found.clusters == ()


def test_in_a_large_block_the_same_pairs_are_compared_in_any_order() -> None:
    pieces = [
        replace(ARTICLE, title=f"Editorial introduction to the volume of {n * n}", position=n,
                authors=(), volume="", pages=("", ""), year=None)
        for n in range(1, 60)
    ]  # fmt: skip

    def compared(records: list[Record]) -> set[frozenset[int]]:
        found = candidates([folded(one) for one in records], lambda _: True)
        assert found.left_out
        return {
            frozenset((records[first].position, records[second].position))
            for first, second in found.pairs
        }

    assert compared(pieces) == compared(pieces[::-1]) == compared(pieces[30:] + pieces[:30])


def test_the_account_counts_every_record_once() -> None:
    other = record({"title": "Restorative cautioning in rural police forces"}, 3)
    told = account(match([ARTICLE, replace(ARTICLE, position=2), other]), rejected=2)
    assert [told[name] for name in ("total", "new", "duplicate", "unclear", "rejected")] == [
        5, 2, 1, 0, 2,
    ]  # fmt: skip
    records = told["records"]
    assert isinstance(records, list)
    assert [entry["pile"] for entry in records] == ["new", "duplicate", "new"]
    assert records[1]["partner"] == {"source": "cases", "position": 1, "title": ARTICLE.title}
    assert [[member["position"] for member in cluster] for cluster in told["clusters"]] == [[1, 2]]
    json.dumps(told)


@pytest.mark.parametrize("records", [[], [record({"title": ""})], [record({"title": "…"})]])
def test_nothing_to_compare_is_no_fault(records: list[Record]) -> None:
    assert len(match(records).placed) == len(records)


def test_a_monstrous_record_is_compared_like_any_other() -> None:
    names = tuple(Person(f"Name{n}") for n in range(20_000))
    monsters = [
        replace(ARTICLE, position=n, title="a [b " * 100_000 + "]" * n, authors=names[n:],
                container="conference: " * 50_000, isbn=("9780198534532",) * 50_000)
        for n in (1, 2)
    ]  # fmt: skip
    assert len(match([*monsters, ARTICLE]).placed) == 3


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("O’Brien & Sons", "obrien and sons"),
        ("naïve–bayes", "naive bayes"),
        ("<i>x</i> &amp; y", "x and y"),
        ("Ça va?", "ca va"),
        (r"\emph{Trust} in \LaTeX teams", "trust in teams"),
        ("缓刑监督", "缓 刑 监 督"),
        ("  ", ""),
    ],
)  # fmt: skip
def test_a_text_is_folded_to_plain_words(text: str, plain: str) -> None:
    assert fold(text) == plain


# ------------------------------------------------------------------------- properties

_WORDS = ["trust", "probation", "supervision", "part", "1", "2", "review", "desistance", "women"]
_NAMES = ["Smith", "Müller", "van der Berg", "O'Brien", "Wang"]


def _records() -> st.SearchStrategy[list[Record]]:
    # Few values, so that records collide in every way.
    some = st.builds(
        lambda words, names, **said: Record(
            source="made", position=0, line=None, title=" ".join(words),
            authors=tuple(Person(name) for name in names), **said,
        ),
        st.lists(st.sampled_from(_WORDS), max_size=7),
        st.lists(st.sampled_from(_NAMES), max_size=3),
        kind=st.sampled_from(["article", "book", "chapter", "report", "conference"]),
        year=st.sampled_from([None, 2001, 2002, 2010]),
        container=st.sampled_from(["", "Probation Journal", "Probat J", "Youth Justice"]),
        volume=st.sampled_from(["", "7", "8"]),
        pages=st.sampled_from([("", ""), ("1", "9"), ("20", "29")]),
        doi=st.sampled_from(["", "10.1/a", "10.1/b"]),
        edition=st.sampled_from(["", "2nd", "3rd"]),
    )  # fmt: skip
    return st.lists(some, max_size=14).map(
        lambda records: [replace(r, position=n) for n, r in enumerate(records, start=1)]
    )


def _groups(found: Matching) -> set[frozenset[int]]:
    return {
        frozenset(found.record(position).position for position in cluster)
        for cluster in found.clusters
    }


_LESS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@_LESS
@given(_records(), st.randoms(use_true_random=False))
def test_the_clusters_do_not_depend_on_the_order(records: list[Record], rng: Any) -> None:
    shuffled = list(records)
    rng.shuffle(shuffled)
    assert _groups(match(records)) == _groups(match(shuffled))


@_LESS
@given(_records(), st.integers(0, 14))
def test_every_record_is_in_one_pile(records: list[Record], cut: int) -> None:
    base, asked = records[:cut], records[cut:]
    found = match(asked, base=base)
    assert [placed.record for placed in found.placed] == asked
    for placed in found.placed:
        assert (placed.partner is None) == (placed.pile == "new") == (placed.reason == "")
        assert placed.partner is not placed.record


@_LESS
@given(_records())
def test_no_cluster_holds_two_records_that_are_linked(records: list[Record]) -> None:
    found = match(records)
    together = [set(cluster) for cluster in found.clusters]
    assert not [p for p in found.links if any({p.first, p.second} <= one for one in together)]


@_LESS
@given(_records())
def test_candidates_are_pairs_each_once(records: list[Record]) -> None:
    works = list(dict.fromkeys(folded(one) for one in records))
    pairs = candidates(works, lambda _: True).pairs
    assert len(set(pairs)) == len(pairs)
    assert all(first < second for first, second in pairs)


@pytest.mark.parametrize(
    "title",
    [
        "Syst?me de probation et r?insertion sociale en Qu?bec",
        "Syst\ufffdme de probation et r\ufffdinsertion sociale en Qu\ufffdbec",
        "Syst??me de probation et r??insertion sociale en Qu??bec",
    ],
)
def test_letters_that_a_program_lost_make_no_other_work(title: str) -> None:
    known = {"title": "Système de probation et réinsertion sociale en Québec", "year": 2011}
    by = {"authors": ["Desrochers, Gérard"]}
    broken = record({**known, **by, "title": title}, 2)
    assert match([record(known | by), broken]).placed[1].pile == "duplicate"


@pytest.mark.parametrize(
    ("one", "other", "grade"),
    [
        ("natl inst justice j", "national institute of justice journal", NEAR),
        ("br j criminol", "british journal of criminology", NEAR),
        ("prob j", "european journal of probation", DIFFERENT),
        ("prob", "probation practice", NEAR),
        ("prob", "probation practice quarterly", DIFFERENT),
        ("youth justice", "youth justice", NEAR),
        ("the journal of criminology", "criminology", NEAR),
        ("4th international conference on trust", "conference on trust", NEAR),
        ("", "the lancet", MISSING),
    ],
)
def test_journals_are_known_by_their_abbreviations(one: str, other: str, grade: int) -> None:
    assert container_grade(one, other) == container_grade(other, one) == grade


@pytest.mark.parametrize(
    ("one", "other", "grade"),
    [
        # Slips of the pen, two in three words or three in twelve.
        ("relatonal practise review", "relational practice review", NEAR),
        ("relatonal practise in the supervison of young people on probation in wales",
         "relational practice in the supervision of young people on probation in wales", NEAR),
        ("relatonal practise and the wellbeing of young people on probation in wales",
         "relational practice and the well being of young people on probation in wales", NEAR),
        ("relational practicein probation", "relational practice in probation", NEAR),
        # A word more or less in a long title; some more are another title, or a part of one.
        ("relational practice in probation and youth justice a review",
         "relational practice in probation and youth justice a short review", NEAR),
        ("supervision in probaton and youth justice",
         "supervision in probation and youth justice here now too", PARTLY),
        ("supervision in probaton", "supervision in probation today tomorrow and afterwards", PARTLY),
        # One word for another tells companion pieces apart; a number does.
        ("the supervision of men on licence", "the supervision of women on licence", CHANGED),
        ("relational practice part one", "relational practice part two", CHANGED),
        ("youth justice statistics 2011", "youth justice statistics 2012", CHANGED),
        ("trust in probation", "housing and desistance", DIFFERENT),
        ("trust in probation", "how trust grows in small probation teams", DIFFERENT),
    ],
)  # fmt: skip
def test_titles_are_known_through_slips_and_not_through_other_words(
    one: str, other: str, grade: int
) -> None:
    likeness = fuzz.ratio(one, other)
    assert title_grade(one, other, likeness) == title_grade(other, one, likeness) == grade


@pytest.mark.parametrize("pages", [("411", "431"), ("411", ""), ("", "431"), ("", "")])
def test_either_page_is_known_without_the_other(pages: tuple[str, str]) -> None:
    assert folded(replace(ARTICLE, pages=pages)).pages == pages
