"""The held-out wordings and traps are sound, and the house codebook serves its own labels."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from relnotes.evidence.wording import terms_standing_in

HELD_OUT = Path(__file__).parent / "heldout"
DATA = Path(__file__).parents[1] / "data"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CONCEPTS = {row["concept_id"]: row for row in rows(DATA / "concepts.csv")}
RETIRED = {
    row["id"]: row["replacement"].split(";")
    for row in rows(DATA / "retired.csv")
    if row["table"] == "concepts"
}


def test_every_held_out_judgement_reaches_the_codebook_of_today() -> None:
    wordings = rows(HELD_OUT / "wordings.csv")
    followed = {
        (row["work"], row["wording"], row["concept"]): row["successors"].split(";")
        for row in rows(HELD_OUT / "successors.csv")
    }
    assert len({(row["work"], row["wording"]) for row in wordings}) == len(wordings) >= 60
    needed = set()
    for row in wordings:
        assert row["reason"], row
        for concept in filter(None, row["concepts"].split(";")):
            if concept in CONCEPTS:
                continue
            key = (row["work"], row["wording"], concept)
            needed.add(key)
            assert set(followed[key]) <= set(RETIRED[concept]), key
    assert needed == set(followed)


def test_every_trap_holds_its_term_and_a_known_concept() -> None:
    traps = rows(HELD_OUT / "traps.csv")
    assert len({row["phrase"] for row in traps}) >= 30
    for row in traps:
        assert terms_standing_in([row["term"]], row["phrase"]), row
        assert row["concept"] in CONCEPTS or row["concept"] in RETIRED, row
        assert row["kind"] in {"real", "constructed"}, row


def test_no_held_out_work_was_entered() -> None:
    entered = {row["key"] for row in rows(DATA / "studies.csv")}
    works = {row["work"] for row in rows(HELD_OUT / "wordings.csv")}
    dated = [re.match(r"(\w+).*? (\d{4})\b", work) for work in works]
    keys = {f"{found[1].casefold()}-{found[2]}" for found in dated if found}
    assert len(keys) >= 10
    assert not {key for key in entered if any(key.startswith(held) for held in keys)}


@pytest.mark.parametrize("concept", sorted(CONCEPTS.keys() - {"no-concept"}))
def test_every_half_of_a_label_holds_a_term_of_its_concept(concept: str) -> None:
    row = CONCEPTS[concept]
    for half in re.split(r", | and ", row["label"]):
        assert terms_standing_in(row["terms"].split(";"), half), half


def test_concepts_taken_in_later_are_of_the_codebook_and_were_not_judged() -> None:
    later = {row["concept"] for row in rows(HELD_OUT / "later.csv")}
    parts = {part for successors in RETIRED.values() for part in successors}
    judged = {c for row in rows(HELD_OUT / "wordings.csv") for c in row["concepts"].split(";")}
    assert later <= CONCEPTS.keys()
    assert not later & (judged | parts)
