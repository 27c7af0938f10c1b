"""Collections of every size that a figure must stand: the house's, none, one row, others', many."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
from test_second_collection import written

from relnotes import open_collection
from relnotes.evidence.bibliography import Bibliography
from relnotes.evidence.collection import Collection
from relnotes.evidence.rules.sample import SAMPLE

ROOT = Path(__file__).parents[1]
TIMES = 4
# What a row of a copy is called by; all other columns stay.
IDS = {
    "frameworks": ("framework_id",),
    "elements": ("element_id", "framework_id"),
    "crosswalk": ("element_id",),
    "studies": ("key",),
    "findings": ("finding_id", "key"),
}
NAMES = {"frameworks": ("label", "short_label", "setting"), "studies": ("setting", "document_type")}


@cache
def house() -> Collection:
    return open_collection(ROOT / "data")


@cache
def dense() -> Collection:
    """The house collection four times over: over 200 frameworks, 400 works and 64 settings."""
    one = house()
    tables = {name: frame.astype("str") for name, frame in one.tables.items()}
    for name, ids in IDS.items():
        copies = [tables[name]]
        for k in range(2, TIMES + 1):
            copy = tables[name].copy()
            for column in ids:
                copy[column] = copy[column] + f"-{k}"
            part = pd.Series([f" {'abcd'[row % 4]}" for row in range(len(copy))], copy.index)
            for column in NAMES.get(name, ()):
                copy[column] = copy[column] + f" {k}" + (part if column == "setting" else "")
            if "family" in copy:
                copy["family"] = copy["family"].where(
                    copy["family"].isin(["not_applicable", "not_coded"]), copy["family"] + f" {k}"
                )
            copies.append(copy)
        tables[name] = pd.concat(copies, ignore_index=True)
    return Collection.of(tables, bibliography=_copied(one.bibliography))


def _copied(works: Bibliography) -> Bibliography:
    entries = dict(works)
    for k in range(2, TIMES + 1):
        entries |= {(new := f"{key}-{k}"): replace(work, key=new) for key, work in works.items()}
    return Bibliography(entries)


def empty() -> Collection:
    return Collection.of({})


def one_row() -> Collection:
    """One framework with one element, coded once, and one work."""
    one = house()
    crosswalk = one.crosswalk[one.crosswalk["coder"] != "lexical"].head(1)
    elements = one.elements[one.elements["element_id"].isin(crosswalk["element_id"])]
    frameworks = one.frameworks[one.frameworks["framework_id"].isin(elements["framework_id"])]
    return one.replacing(
        frameworks=frameworks,
        elements=elements,
        crosswalk=crosswalk,
        concepts=one.concepts[one.concepts["concept_id"].isin(crosswalk["concept_id"])],
        studies=one.studies.head(1),
        claims=one.claims.head(1),
        claim_concepts=one.claim_concepts.head(0),
        findings=one.findings.head(1),
        events=one.events.head(1),
        passages=one.passages.head(1),
        corrections=one.corrections.head(1),
    )


def sample(folder: Path) -> Collection:
    """The small sound collection on which every rule shows itself: each figure has marks."""
    (own := folder / "sample").mkdir()
    for name, text in SAMPLE.items():
        (own / name).write_text(text, encoding="utf-8", newline="\n")
    return open_collection(own)


def foreign(folder: Path) -> Collection:
    return open_collection(written(folder / "foreign"))
