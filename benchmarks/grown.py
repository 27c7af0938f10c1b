"""Write a made-up collection of any size: hospital wards, three coders, measures of its own.

    python benchmarks/grown.py FOLDER 1000

then `relnotes check --data FOLDER`, `relnotes reproduce --data FOLDER --build build/grown` and
whatever else should stand many rows. The same size gives the same rows: what is judged, named and
measured is drawn with a fixed seed, the popular more often than the rare.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from relnotes.desk.entries import entry_text
from relnotes.desk.starting import laid_files, lay_out
from relnotes.desk.store import Draft, read_state, with_lexical_rows, write
from relnotes.evidence.schema import NOT_CODED, house_schema

WARDS = [f"{kind} ward {letter}" for letter in "ABCD" for kind in ("medical", "surgical", "day")]
QUALITIES = [f"{how} {what}" for how in ("calm", "frank", "steady", "warm")
             for what in ("care", "hope", "humour", "listening", "presence", "respect", "time",
                          "touch", "trust", "welcome")]  # fmt: skip
CODERS = ("ann", "bob", "Zoë")

Row = dict[str, str]


def rows_of(size: int) -> Iterator[tuple[str, Row]]:
    """Yield table and row for a collection with so many frameworks."""
    chance = random.Random(size)
    works = [f"doe-{1960 + n % 60}-w{n:04d}" for n in range(1 + size // 3)]
    for number, quality in enumerate(QUALITIES if size else ()):
        yield "concepts", {
            "concept_id": slug(quality), "label": quality.capitalize(), "theme": quality.split()[0],
            "definition": f"To show {quality}.", "include": quality, "exclude": "Anything else.",
            "terms": quality, "broader": "not_applicable", "example": "not_applicable",
            "borderline": "not_applicable", "note": f"Quality {number + 1}, made up.",
        }  # fmt: skip
    for number, key in enumerate(works if size else ()):
        yield "studies", {
            "key": key, "origin": "added", "document_type": "book",
            "design": chance.choice(["survey", "interviews", "review"]),
            "setting": rare(chance, WARDS), "voices": rare(chance, ["nurses", "patients", "kin"]),
            "named_in_text": "not_applicable", "verification": "verified", "source": key,
            "note": f"Made up, number {number + 1}.",
        }  # fmt: skip
        if number % 5 == 0:
            estimate = chance.uniform(-0.2, 0.9)
            yield "findings", {
                "finding_id": f"f{number + 1:03d}", "key": key, "outcome": "days on the ward",
                "measure": "hedges_g", "estimate": f"{estimate:.2f}",
                "ci_low": f"{estimate - 0.2:.2f}", "ci_high": f"{estimate + 0.2:.2f}",
                "ci_level": "95", "studies": "1", "participants": "120",
                "participants_bound": "exact", "comparison": "more against less",
                "direction": "favourable" if estimate > 0 else "unfavourable",
                "source": f"{key}[p. 9]", "certainty": "verified",
            }  # fmt: skip
        if number % 4 == 0:
            concept = rare(chance, QUALITIES)
            claim = f"c{number + 1:03d}"
            yield "claims", {
                "claim_id": claim, "statement": f"On ward {number} {concept} helps.",
                "theme": "recovery", "setting": rare(chance, WARDS), "people": "patients",
                "source": f"{key}[p. 2]", "cites": "not_reported",
            }  # fmt: skip
            yield "claim_concepts", {"claim_id": claim, "concept_id": slug(concept),
                                     "direction": "for", "reason": "So it says."}  # fmt: skip
    for number in range(size):
        yield from framework(chance, number, works)


def framework(chance: random.Random, number: int, works: list[str]) -> Iterator[tuple[str, Row]]:
    """Yield a framework with its elements and judgements."""
    name, key = f"set-{number:04d}", chance.choice(works)
    named = chance.sample(QUALITIES, k=min(len(QUALITIES), chance.randint(2, 7)))
    yield "frameworks", {
        "framework_id": name, "label": f"Set number {number}", "short_label": f"Set {number}",
        "kind": chance.choice(["theory", "skill set"]), "setting": rare(chance, WARDS),
        "people": "patients", "family": "not_applicable", "year": key[4:8],
        "stated_count": str(len(named)), "completeness": "complete", "source": f"{key}[p. 1]",
        "certainty": "verified",
    }  # fmt: skip
    for place, quality in enumerate(named, start=1):
        element = f"{name}-{place:02d}"
        hidden = chance.random() < 0.4
        yield "elements", {
            "element_id": element, "framework_id": name, "number": str(place),
            "layer": "not_applicable", "wording": f"way {place}" if hidden else quality,
            "gloss": f"Nurses show {quality}.", "source": f"{key}[p. 1]", "certainty": "verified",
        }  # fmt: skip
        for coder in CODERS:
            if chance.random() < 0.8:
                judged = quality if chance.random() < 0.8 else rare(chance, QUALITIES)
                explicit = not hidden and judged == quality
                yield "crosswalk", {
                    "element_id": element, "concept_id": slug(judged), "coder": coder,
                    "relation": chance.choice(["exact", "close", "close", "related"]),
                    "basis": "explicit" if explicit else "interpreted", "reason": "Read so.",
                }  # fmt: skip


def slug(words: str) -> str:
    """Return an id."""
    return words.replace(" ", "-")


def rare(chance: random.Random, values: list[str]) -> str:
    """Draw a value, the first ones more often than the last."""
    return values[min(int(chance.expovariate(4) * len(values)), len(values) - 1)]


def grow(folder: Path, size: int) -> Path:
    """Write the collection into a folder that is not there yet."""
    lay_out(folder, laid_files("Trust on hospital wards", settings="; ".join(WARDS)))
    tables: dict[str, list[Mapping[str, str]]] = {}
    for name, row in rows_of(size):
        tables.setdefault(name, []).append(row)
    tables["vocabularies"] = [{
        "list": "measure", "term": "hedges_g", "label": "Hedges' g", "broader": "not_applicable",
        "definition": "A difference of means.", "lowest": "-10", "highest": "10", "null": "0",
        "scale": "linear",
    }]  # fmt: skip
    drafted = {}
    for name, rows in tables.items():
        table = house_schema().table(name)
        blank = {f.name: "" if f.blank or f.guard else NOT_CODED for f in table.fields}
        drafted[name] = pd.DataFrame([{**blank, **row} for row in rows], dtype="str")[table.columns]
    fields = {"author": "Doe, Jane", "publisher": "Example", "title": "Wards"}
    entries = {
        row["key"]: entry_text(row["key"], "book", {**fields, "title": f"Wards, part {n}",
                                                    "year": row["key"][4:8]})
        for n, row in enumerate(tables.get("studies", ()))
    }  # fmt: skip
    from relnotes.desk.merging import with_guards  # late: it brings the readers

    state = read_state(folder)
    write(folder, with_lexical_rows(state, with_guards(state, Draft(drafted, {}, entries))))
    return folder


if __name__ == "__main__":
    print(grow(Path(sys.argv[1]), int(sys.argv[2])))
