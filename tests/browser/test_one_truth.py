"""What the page counts is what relnotes.analysis counts: every lens, fifty random filters each.

The filters are applied twice: by the page, and here to the tables. The counting is then left to
the analysis, on the tables that remain.
"""

import functools
import itertools
import random
import unicodedata
from collections.abc import Callable
from urllib.parse import urlencode

import pandas as pd
import pytest

from relnotes import Collection
from relnotes.analysis.gaps import SIDES, compute_gaps
from relnotes.analysis.independence import compute_independence
from relnotes.analysis.overlap import (
    Lens,
    Memberships,
    compute_concept_matrix,
    compute_intersections,
)
from relnotes.analysis.works import EMPTY_LANES, select_works
from relnotes.evidence.sources import cited_keys

STRICTNESS = ("exact", "close", "kin", "any")
MODES = {
    "exactly": "exclusive intersection",
    "least": "inclusive intersection",
    "only": "exclusive union",
    "some": "inclusive union",
}
STATES = 50
PAGES = (1, 2, 3)  # of the matrix: as many as its frameworks need

READ = """async (fragments) => {
  const all = [];
  for (const fragment of fragments) {
    if (location.hash !== fragment) {
      const moved = new Promise((done) => addEventListener("hashchange", done, { once: true }));
      location.hash = fragment;
      await moved;
    }
    all.push({
      counts: Object.fromEntries([...document.querySelectorAll("[data-count]")]
        .map((b) => [b.dataset.count, Number(b.textContent.replaceAll(",", ""))])),
      said: document.getElementById("summary").textContent,
      table: [...document.querySelectorAll("#view tr")].map((row) =>
        [...row.cells].map((cell) => (cell.querySelector("span") ?? cell).textContent)),
    });
  }
  return all;
}"""


def plain(text: str) -> str:
    parts = unicodedata.normalize("NFD", text)
    return "".join(c for c in parts if not unicodedata.category(c).startswith("M")).lower()


def values(cell: object) -> set[str]:
    return {EMPTY_LANES.get(part.strip(), part.strip()) for part in str(cell).split(";")}


def works_of(collection: Collection) -> pd.DataFrame:
    """Return the works of the literature with their publishers."""
    publishers = dict(zip(collection.studies["key"], collection.studies["publisher"], strict=True))
    works = select_works(collection)
    return works.assign(publisher=[publishers[key] for key in works["key"]])


def random_state(collection: Collection, chance: random.Random) -> dict[str, str]:
    """Choose filters: mostly few, sometimes many, so that few selections are empty."""
    frames = {"frameworks": collection.frameworks, "works": works_of(collection)}
    columns = [
        ("setting", "frameworks"), ("people", "frameworks"), ("jurisdiction", "frameworks"),
        ("kind", "frameworks"), ("voices", "works"), ("setting", "works"), ("publisher", "works"),
    ]  # fmt: skip
    state = {}
    for column, table in columns:
        if chance.random() < 0.15:
            used = {v for cell in frames[table][column] for v in values(cell)}
            broader = collection.vocabulary(column).above if column != "kind" else lambda _: ()
            state[column] = chance.choice(sorted({*used, *(b for v in used for b in broader(v))}))
    if chance.random() < 0.15:
        state["theme"] = chance.choice(sorted(set(collection.codebook["theme"])))
    if chance.random() < 0.15:
        state["from"] = str(chance.randint(1975, 2020))
    if chance.random() < 0.1:
        state["to"] = str(chance.randint(2010, 2026))
    if chance.random() < 0.3:
        state["words"] = chance.choice(chance.choice(list(collection.elements["wording"])).split())
    return {
        **state,
        "sets": chance.choice(["setting", "people", "jurisdiction", "kind"]),
        "mode": chance.choice(list(MODES)),
        "by": chance.choice(list(SIDES)),
    }


class Remaining:
    """The tables that remain when the filters of a state are applied to them."""

    def __init__(self, collection: Collection, lens: Lens, state: dict[str, str]):
        self.lens, self.state = lens, state
        self.vocabulary = functools.cache(collection.vocabulary)
        works = works_of(collection)
        self.eligible = _kept(
            works,
            lambda w: (
                self._passes(w, ["setting", "jurisdiction", "voices", "publisher"])
                and self._in_years(w["year"])
            ),
        )
        compared = Memberships.from_crosswalk(collection, lens).sets
        keys = _keys_read(collection)
        heard = [
            {row["key"] for row in _rows(collection.studies) if self._passes(row, [asked])}
            for asked in ("voices", "publisher")
            if state.get(asked)
        ]
        self.frameworks = _kept(
            collection.frameworks,
            lambda row: (
                row["framework_id"] in compared
                and self._passes(row, ["setting", "people", "jurisdiction", "kind"])
                and self._in_years(row["year"])
                and all(keys[row["framework_id"]] & heard_by for heard_by in heard)
            ),
        )
        self.concepts = _kept(
            collection.codebook, lambda row: state.get("theme", row["theme"]) == row["theme"]
        )
        self.crosswalk = self._crosswalk(collection)
        self.claims = self._claims(collection)
        self.works = self._works(collection)
        self.reduced = collection.replacing(
            frameworks=self.frameworks,
            concepts=self.concepts,
            elements=collection.elements[
                collection.elements["framework_id"].isin(self.frameworks["framework_id"])
            ],
            crosswalk=self.crosswalk,
            claims=self.claims,
            claim_concepts=collection.claim_concepts[
                collection.claim_concepts["claim_id"].isin(self.claims["claim_id"])
            ],
            studies=collection.studies[collection.studies["key"].isin(self.eligible["key"])],
        )

    def _passes(self, row: dict, columns: list[str]) -> bool:
        return all(
            not self.state.get(column)
            or self.state[column] in values(row[column])
            or (column != "kind" and self.vocabulary(column).takes(self.state[column], row[column]))
            for column in columns
        )

    def _in_years(self, year: object) -> bool:
        first, last = self.state.get("from"), self.state.get("to")
        if not first and not last:
            return True
        return not pd.isna(year) and int(first or 0) <= int(year) <= int(last or 9999)

    def _found(self, *texts: str) -> bool:
        said = plain("\n".join(texts))
        return all(word in said for word in plain(self.state.get("words", "")).split())

    def _crosswalk(self, collection: Collection) -> pd.DataFrame:
        element = {row["element_id"]: row for row in _rows(collection.elements)}
        framework = {row["framework_id"]: row for row in _rows(self.frameworks)}
        label = dict(zip(self.concepts["concept_id"], self.concepts["label"], strict=True))

        def counts(row: dict) -> bool:
            own = element[row["element_id"]]
            whole = framework.get(own["framework_id"])
            return (
                row["coder"] == self.lens.coder
                and self.lens.admits(row["relation"], row["basis"])
                and row["concept_id"] in label
                and whole is not None
                and self._found(
                    own["wording"], "" if own["gloss"] in EMPTY_LANES else own["gloss"],
                    label[row["concept_id"]], whole["short_label"], whole["label"],
                )
            )  # fmt: skip

        return _kept(collection.crosswalk, counts)

    def _claims(self, collection: Collection) -> pd.DataFrame:
        linked = collection.claim_concepts
        of_theme = set(
            linked.loc[linked["concept_id"].isin(self.concepts["concept_id"]), "claim_id"]
        )
        return _kept(
            collection.claims,
            lambda row: (
                self._passes(row, ["setting", "people"])
                and self._found(row["statement"])
                and (not self.state.get("theme") or row["claim_id"] in of_theme)
            ),
        )

    def _works(self, collection: Collection) -> set[str]:
        keys = _keys_read(collection, set(self.crosswalk["element_id"]))
        behind = {key for of_one in keys.values() for key in of_one}
        behind |= {k for cell in self.claims["cites"] for k in cited_keys(cell, "citation")}
        named = {k: f"{w.author_year}\n{w.title}" for k, w in collection.bibliography.items()}
        labels = dict(zip(self.eligible["key"], self.eligible["label"], strict=True))
        narrowed = any(self.state.get(name) for name in ("people", "kind", "theme"))
        return {
            key
            for key in self.eligible["key"]
            if (key in behind or not narrowed)
            and (key in behind or self._found(labels[key], named[key].split("\n", 1)[1]))
        }


def _kept(frame: pd.DataFrame, keep: Callable[[dict], bool]) -> pd.DataFrame:
    return frame[pd.Series([keep(row) for row in _rows(frame)], index=frame.index, dtype=bool)]


def _rows(frame: pd.DataFrame) -> list[dict]:
    return frame.to_dict("records")


def _keys_read(collection: Collection, elements: set[str] | None = None) -> dict[str, set[str]]:
    """Return the works that frameworks, and their elements, were read in."""
    whole = {
        row["framework_id"]: set(cited_keys(row["source"], "source"))
        for row in _rows(collection.frameworks)
    }
    found = {} if elements is not None else {k: set(v) for k, v in whole.items()}
    for row in _rows(collection.elements):
        if elements is None or row["element_id"] in elements:
            of_framework = found.setdefault(row["framework_id"], set())
            of_framework |= set(cited_keys(row["source"], "source")) | whole[row["framework_id"]]
    return found


def counted(collection: Collection, left: Remaining) -> dict[str, int]:
    rows = left.crosswalk
    if rows.empty:
        concepts = frameworks = 0
    else:
        members = Memberships.from_crosswalk(left.reduced, left.lens)
        concepts, frameworks = int((members.degrees > 0).sum()), int((members.set_sizes > 0).sum())
    return {
        "concepts": concepts,
        "frameworks": frameworks,
        "compared": len(left.frameworks),
        "wordings": rows["element_id"].nunique(),
        "judgements": len(rows),
        "works": len(left.works),
        "claims": len(left.claims),
    }


def voices(collection: Collection, left: Remaining) -> str:
    named = set(left.crosswalk["element_id"])
    elements = _kept(collection.elements, lambda row: row["element_id"] in named)
    return f": {compute_independence(collection, elements['framework_id'], named).words}. "


def matrix_cells(left: Remaining) -> set[tuple[str, str]]:
    if left.crosswalk.empty:
        return set()
    made = compute_concept_matrix(left.reduced, left.lens)
    sets = dict(zip(left.frameworks["framework_id"], left.frameworks["short_label"], strict=True))
    items = dict(zip(left.concepts["concept_id"], left.concepts["label"], strict=True))
    return {
        (items[item], sets[name])
        for name, item in zip(made.cells["set"], made.cells["item"], strict=True)
    }


def combinations(left: Remaining) -> set[tuple[frozenset[str], int]]:
    if left.crosswalk.empty:
        return set()
    members = Memberships.from_crosswalk(left.reduced, left.lens)
    made = compute_intersections(members.grouped(left.state["sets"]), MODES[left.state["mode"]])
    return {(frozenset(row.sets), row.size) for row in made.rows}


def gap_cells(left: Remaining, count: str) -> dict[tuple[str, str], int]:
    made = compute_gaps(left.reduced, left.state["by"], left.lens)
    items = dict(zip(left.concepts["concept_id"], left.concepts["label"], strict=True))
    cells = made.cells
    numbers = (
        cells["for"] + cells["against"] + cells["mixed"] if count == "claims" else cells[count]
    )
    return {
        (items[concept], column): int(n)
        for concept, column, n in zip(cells["concept_id"], cells["column"], numbers, strict=True)
        if n
    }


def marked(table: list[list[str]], first: int) -> set[tuple[str, str]]:
    return {
        (row[0], heading)
        for row in table[1:]
        for heading, cell in zip(table[0][first:], row[first:], strict=True)
        if cell
    }


def lenses(collection: Collection) -> list[Lens]:
    coders = sorted(set(collection.crosswalk["coder"]))
    return [Lens(*parts) for parts in itertools.product(STRICTNESS, ["any", "explicit"], coders)]


def told(lens: Lens) -> dict[str, str]:
    return {"coding": lens.coder, "strictness": str(lens.strictness), "basis": lens.basis}


@pytest.fixture(scope="module")
def nested(house):
    """The house collection with terms inside others, whether or not it has any of its own."""
    terms = [("setting", "youth justice", "all justice"), ("setting", "probation", "all justice"),
             ("voices", "children", "young"), ("people", "children in youth justice", "young")]  # fmt: skip
    made = pd.DataFrame(terms, columns=["list", "term", "broader"])
    own = house.vocabularies
    known = set(zip(own["list"], own["term"], strict=True))
    added = made[[(name, term) not in known for name, term, _ in terms]]
    return house.replacing(vocabularies=pd.concat([own.astype("str"), added]).fillna(""))


@pytest.mark.parametrize("number", range(16))
def test_page_and_analysis_count_alike(opened, nested, number):
    house = nested
    lens = lenses(house)[number]
    chance = random.Random(f"20261125 {lens}")
    states = [random_state(house, chance) for _ in range(STATES)]
    page = opened(house)
    fragments = [
        "#" + urlencode({**state, **told(lens), "view": view, "across": across,
                         "count": SIDES[state["by"]][n % len(SIDES[state["by"]])]})
        for n, state in enumerate(states)
        for view, across in [("combinations", 1), *(("matrix", page) for page in PAGES), ("gaps", 1)]
    ]  # fmt: skip
    seen = iter(page.evaluate(READ, fragments))
    filled = 0
    assert len(house.frameworks) <= 40 * len(PAGES)
    for n, state in enumerate(states):
        left = Remaining(house, lens, state)
        of_sets, matrix, *more, gaps = (next(seen) for _ in range(2 + len(PAGES)))
        assert matrix["counts"] == counted(house, left), state
        assert voices(house, left) in matrix["said"], state
        cells_seen = [marked(read["table"], 2) for read in (matrix, *more)]
        assert set().union(*cells_seen) == matrix_cells(left), state
        names = of_sets["table"][0][2:] if of_sets["table"] else []
        rows = {
            (
                frozenset(name for name, cell in zip(names, row[2:], strict=True) if cell),
                int(row[1]),
            )
            for row in of_sets["table"][1:]
        }
        assert rows == combinations(left), state
        count = SIDES[state["by"]][n % len(SIDES[state["by"]])]
        headings = gaps["table"][0][1:-1] if gaps["table"] else []
        cells = {
            (row[0], heading): int(cell)
            for row in gaps["table"][1:]
            for heading, cell in zip(headings, row[1:-1], strict=True)
            if cell
        }
        assert cells == gap_cells(left, count), state
        filled += bool(left.works and not left.crosswalk.empty)
    assert filled > STATES / 3  # most filters leave something to count


def test_sixteen_lenses_are_all_there_are(house):
    assert len(lenses(house)) == 16


def test_what_is_missing_is_what_the_gap_maps_say(opened, house):
    page = opened(house)
    for lens in lenses(house):
        (seen,) = page.evaluate(READ, ["#" + urlencode({**told(lens), "view": "gaps"})])
        shown = {row[0]: row[-1].partition(":")[0] for row in seen["table"][1:]}
        computed = compute_gaps(house, "setting", lens).concepts
        assert shown == dict(zip(computed["label"], computed["void"], strict=True)), lens
