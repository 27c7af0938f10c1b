"""What the explorer is given: the rows of a collection, small enough to stand inside a page.

Each table is a list a column, or its different values and the place of each row's among them; rows
name one another by place, so that an id or a wording stands there once. Nothing is counted here:
the page counts for itself, under any lens.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from relnotes.analysis.findings import compute_findings, finding_in_words
from relnotes.analysis.gaps import kind_of_design
from relnotes.analysis.independence import study_of
from relnotes.analysis.overlap import Memberships
from relnotes.analysis.overlap.lens import Lens, Strictness, codings, strictness_of
from relnotes.analysis.overlap.naming import readable
from relnotes.analysis.works import EMPTY_LANES, find_reading_places, read_years, select_works
from relnotes.evidence.schema import NOT_CODED
from relnotes.evidence.sources import SourceFormError, cited_keys, parse_sources

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

FILTERED: Final = ("setting", "people", "jurisdiction", "voices", "publisher")
"""Columns whose terms may stand inside one another."""

LABELLED: Final = (*FILTERED, "kind", "design", "document_type")
"""Columns whose terms may have a label."""

_OF_WORKS: Final = (
    "publisher", "design", "setting", "jurisdiction", "voices", "document_type", "verification",
)  # fmt: skip

Columns = Mapping[str, Iterable[Any]]
Place = tuple[int, str]


def explorer_facts(collection: Collection) -> dict[str, Any]:
    """Return everything the explorer shows, as JSON can hold it.

    Parameters
    ----------
    collection : Collection

    Returns
    -------
    dict
        The collection's name and version, the codings, the ladder of strictness, the tables.
    """
    works = _works(collection)
    place = {key: number for number, key in enumerate(works["key"])}
    framework_place = _places(collection.frameworks["framework_id"])
    element_place = _places(collection.elements["element_id"])
    concepts = collection.codebook
    concept_place = _places(concepts["concept_id"])
    coders = list(codings(collection))
    relations = sorted(set(collection.crosswalk["relation"]))
    return {
        "title": collection.title,
        "version": collection.version,
        "fingerprint": collection.fingerprint[:12],
        "codings": coders,
        "ladder": {s: [r for r in relations if strictness_of(r) <= s] for s in Strictness},
        "left_out": {c: _left_out(collection, c, framework_place) for c in coders},
        "within": {column: _within(collection, column) for column in FILTERED},
        "labels": {column: _labels(collection, column) for column in LABELLED},
        "passages": _passages(collection),
        "page": place.get(collection.page),
        "concepts": _table(
            {
                "id": concepts["concept_id"],
                "label": concepts["label"],
                "theme": concepts["theme"],
                "definition": concepts["definition"],
            }
        ),
        "frameworks": _frameworks(collection, place),
        "elements": _elements(collection, framework_place, place),
        "judgements": _judgements(collection, element_place, concept_place, coders),
        "works": _table(works),
        "claims": _claims(collection, place),
        "bearings": _bearings(collection, concept_place),
        "findings": _findings(collection, place),
        "events": _events(collection, place),
    }


def _table(columns: Columns) -> dict[str, Any]:
    return {name: _packed(list(values)) for name, values in columns.items()}


def _packed(values: list[Any]) -> Any:
    """Return a column as it is, or as different values and places where that is shorter."""
    written = [json.dumps(value, ensure_ascii=False) for value in values]
    place = _places(dict.fromkeys(written))
    if sum(map(len, place)) + 3 * len(values) >= sum(map(len, written)):
        return values
    return {"of": [json.loads(text) for text in place], "at": [place[text] for text in written]}


def _places(ids: Iterable[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(ids)}


def _terms(cell: str) -> list[str]:
    """Return the values of a cell, with the words for empty as readers know them."""
    parts = [part.strip() for part in str(cell).split(";")]
    return list(dict.fromkeys(EMPTY_LANES.get(part, part) for part in parts))


def _within(collection: Collection, column: str) -> dict[str, list[str]]:
    """Return the broader terms of every term that has any."""
    terms = collection.vocabulary(column)
    above = {term: sorted(terms.above(term)) for term in terms.broader}
    return {term: broader for term, broader in above.items() if broader}


def _labels(collection: Collection, column: str) -> dict[str, str]:
    """Return what readers see of every term that has a label of its own."""
    labels = collection.vocabulary(column).labels
    return {term: label for term, label in labels.items() if _said(label) not in ("", term)}


def _said(cell: str) -> str:
    return "" if cell in EMPTY_LANES else cell


def _whole(numbers: pd.Series[Any]) -> list[int | None]:
    return [None if pd.isna(number) else int(number) for number in numbers]


def _sources(cell: str, place: Mapping[str, int]) -> list[Place]:
    try:
        return [(place[s.key], s.locator) for s in parse_sources(cell) if s.key in place]
    except SourceFormError:
        return []


def _left_out(collection: Collection, coder: str, place: Mapping[str, int]) -> dict[int, str]:
    left_out = Memberships.from_crosswalk(collection, Lens(coder=coder)).left_out
    return {place[f]: reason for f, reason in zip(left_out["set"], left_out["reason"], strict=True)}


def _passages(collection: Collection) -> dict[str, str]:
    """Return the passages of the source page in words, by their ids."""
    rows = collection.passages[["passage_id", "kind", "number", "section", "anchor"]]
    return {
        passage: f"{kind} {number} of the section ‘{section}’, beginning ‘{anchor}’"
        for passage, kind, number, section, anchor in rows.itertuples(index=False, name=None)
    }


def _frameworks(collection: Collection, place: Mapping[str, int]) -> dict[str, Any]:
    frameworks = collection.frameworks
    return _table(
        {
            "id": frameworks["framework_id"],
            "short": readable(frameworks["framework_id"], frameworks["short_label"]),
            "label": frameworks["label"],
            **{c: frameworks[c].map(_terms) for c in ("kind", "setting", "jurisdiction")},
            "people": frameworks["people"].map(_terms),
            "family": frameworks["family"],
            "year": _whole(frameworks["year"]),
            "stated": _whole(frameworks["stated_count"]),
            "completeness": frameworks["completeness"],
            "certainty": frameworks["certainty"],
            "note": frameworks["note"],
            "sources": [_sources(cell, place) for cell in frameworks["source"]],
        }
    )


def _elements(
    collection: Collection, framework_place: Mapping[str, int], place: Mapping[str, int]
) -> dict[str, Any]:
    elements = collection.elements
    return _table(
        {
            "id": elements["element_id"],
            "framework": [framework_place.get(f) for f in elements["framework_id"]],
            "wording": elements["wording"],
            "gloss": elements["gloss"].map(_said),
            "certainty": elements["certainty"],
            "sources": [_sources(cell, place) for cell in elements["source"]],
        }
    )


def _judgements(
    collection: Collection,
    element_place: Mapping[str, int],
    concept_place: Mapping[str, int],
    coders: list[str],
) -> dict[str, Any]:
    """Return every judgement; its concept is null where an element was judged to name none."""
    crosswalk = collection.crosswalk
    return _table(
        {
            "element": crosswalk["element_id"].map(element_place).tolist(),
            "concept": [concept_place.get(c) for c in crosswalk["concept_id"]],
            "relation": crosswalk["relation"],
            "basis": crosswalk["basis"],
            "reason": crosswalk["reason"],
            "coding": [coders.index(c) for c in crosswalk["coder"]],
        }
    )


def _works(collection: Collection) -> dict[str, list[Any]]:
    """Return the works by key: those of the literature, and the places where others were read."""
    studies = collection.studies.set_index("key", drop=False)
    of_literature = select_works(collection).set_index("key")
    reading = find_reading_places(collection)
    roles = dict(zip(reading["key"], reading["reason"], strict=True))
    cited = [key for key in collection.bibliography if key not in studies.index]
    keys = [*studies.index, *cited]
    entries = [collection.bibliography.get(key) for key in keys]
    known = {c: studies[c].reindex(keys, fill_value=NOT_CODED) for c in _OF_WORKS}
    labels = of_literature["label"].to_dict()
    return {
        "key": keys,
        "label": [
            labels.get(key, entry.author_year if entry else key)
            for key, entry in zip(keys, entries, strict=True)
        ],
        "title": [entry.title if entry else "" for entry in entries],
        "address": [entry.address if entry else "" for entry in entries],
        "role": [roles.get(key, "" if key in studies.index else "cited only") for key in keys],
        "year": [read_years(entry)[0] for entry in entries],
        "publisher": known["publisher"].map(_terms).tolist(),
        "study": [study_of(collection, key) for key in keys],
        "kind": known["design"].map(kind_of_design).tolist(),
        **{c: known[c].map(_terms).tolist() for c in ("setting", "jurisdiction", "voices")},
        "type": known["document_type"].map(lambda c: EMPTY_LANES.get(c, c)).tolist(),
        "design": known["design"].map(lambda c: EMPTY_LANES.get(c, c)).tolist(),
        "verification": known["verification"].tolist(),
    }


def _claims(collection: Collection, place: Mapping[str, int]) -> dict[str, Any]:
    claims = collection.claims
    cited = [[place[k] for k in cited_keys(c, "citation") if k in place] for c in claims["cites"]]
    return _table(
        {
            "id": claims["claim_id"],
            "statement": claims["statement"],
            "setting": claims["setting"].map(_terms),
            "people": claims["people"].map(_terms),
            "sources": [_sources(cell, place) for cell in claims["source"]],
            "cites": cited,
        }
    )


def _bearings(collection: Collection, concept_place: Mapping[str, int]) -> dict[str, Any]:
    linked, claim_place = collection.claim_concepts, _places(collection.claims["claim_id"])
    linked = linked[linked["claim_id"].isin(claim_place) & linked["concept_id"].isin(concept_place)]
    return _table(
        {
            "claim": linked["claim_id"].map(claim_place).tolist(),
            "concept": linked["concept_id"].map(concept_place).tolist(),
            "direction": linked["direction"],
            "reason": linked["reason"],
        }
    )


def _findings(collection: Collection, place: Mapping[str, int]) -> dict[str, Any]:
    rows = [] if collection.findings.empty else compute_findings(collection).to_dict("records")
    rows = [row for row in rows if row["key"] in place]
    return _table(
        {
            "id": [row["finding_id"] for row in rows],
            "work": [place[row["key"]] for row in rows],
            "words": [finding_in_words(row) for row in rows],
            "comparison": [_said(row["comparison"]) for row in rows],
            "certainty": [row["certainty"] for row in rows],
        }
    )


def _events(collection: Collection, place: Mapping[str, int]) -> dict[str, Any]:
    events = collection.events.sort_values(["year", "event_id"])
    return _table(
        {
            "id": events["event_id"],
            **{c: events[c] for c in ("label", "kind", "certainty", "note")},
            "year": _whole(events["year"]),
            "jurisdiction": events["jurisdiction"].map(_terms),
            "sources": [_sources(cell, place) for cell in events["source"]],
        }
    )
