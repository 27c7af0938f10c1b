"""Where concepts are named and where they are studied: by setting, design, people and so on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from relnotes.analysis.gaps import DIRECTIONS, GapMap, compute_gaps
from relnotes.evidence.sentences import counted, listed
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Cells, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.gaps.rows import labels_of, names, on_a_page, spacing
from relnotes.figures.register import registered
from relnotes.figures.style import BLUE, INK, NOTE, ORANGE, PAPER, QUIET, house_style

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

SIDE_WORDS: Final = {
    "design": "design",
    "setting": "setting",
    "jurisdiction": "jurisdiction",
    "people": "people concerned",
    "voices": "voice",
}
MOST_COLUMNS: Final = 20
BOTH: Final = Look("a framework names it, and a work bears on it", BLUE, "o", 6.0)
NAMED: Final = Look("a framework alone", BLUE, "o", 6.0, face=PAPER, width=1.1)
STUDIED: Final = Look("a work alone", INK, "s", 5.4, face=ORANGE, width=0.7)
CLAIMED: Final = Look("a claim alone", QUIET, "x", 4.6, width=1.1)
LOOKS: Final = {look.words: look for look in (BOTH, NAMED, STUDIED, CLAIMED)}
_NOT_KNOWN: Final = ("not reported", "does not apply", "not yet coded")


def _looked_at(gaps: GapMap) -> pd.DataFrame:
    """Return the cells of columns that are known, and in words what each holds."""
    cells = gaps.cells[~gaps.cells["column"].isin(_NOT_KNOWN)]
    holds = [
        BOTH if row["frameworks"] and row["works"]
        else NAMED if row["frameworks"]
        else STUDIED if row["works"]
        else CLAIMED
        for row in cells.to_dict("records")
    ]  # fmt: skip
    return cells.assign(holds=[look.words for look in holds])


def _answer(gaps: GapMap) -> str:
    """Say where frameworks name concepts on which no work from there bears."""
    cells = _looked_at(gaps)
    both = int((cells["holds"] == BOTH.words).sum())
    places = f"{counted(both, 'place has', 'places have')} both" if both else "No place has both"
    alone = cells.loc[cells["holds"] == NAMED.words, "column"].value_counts()
    if alone.empty:
        if not both:
            return f"No framework of a known {SIDE_WORDS[gaps.by]} names a concept."
        return f"Wherever a framework names a concept, a work bears on it: {places}."
    where = [f"{column} ({int(n):,})" for column, n in alone.head(3).items()]
    return (
        f"{places}; {counted(int(alone.sum()), 'has', 'have')} a framework but no work from there, "
        f"most in {listed(where)}."
    )


def describe_gap_bubbles(gaps: GapMap) -> Description:
    """Say in words in which columns concepts are named and studied."""
    title = f"Which concepts are named and studied, by {SIDE_WORDS[gaps.by]}?"
    cells = _looked_at(gaps)
    if gaps.concepts.empty or cells.empty:
        none = f"Nothing in the collection bears on a concept by {SIDE_WORDS[gaps.by]} yet."
        return Description(title, none, f"An empty map: {none}", none)
    labels = dict(zip(gaps.concepts["concept_id"], gaps.concepts["label"], strict=True))
    lines = [
        f"- {labels[row['concept_id']]} × {row['column']}: "
        f"{counted(row['frameworks'], 'framework')}, {counted(row['works'], 'work')}, "
        f"{counted(sum(row[d] for d in DIRECTIONS), 'claim')}."
        for row in cells.to_dict("records")
    ]
    ring = (
        "A ring is an invitation to look for work from there, or a warning that a framework was "
        "carried over from elsewhere."
        if (cells["holds"] == NAMED.words).any()
        else ""
    )
    once = "Works that report one study count once."
    return Description(
        title,
        " ".join(said for said in (_answer(gaps), _unknown(gaps), ring, once) if said),
        f"Grid of concepts by {SIDE_WORDS[gaps.by]}. {_answer(gaps)}",
        "\n".join([_answer(gaps), *lines]),
    )


def _unknown(gaps: GapMap) -> str:
    silent = gaps.cells["column"].isin(["not reported", "not yet coded"]) & gaps.cells["works"].gt(
        0
    )
    concepts = gaps.cells.loc[silent, "concept_id"].nunique()
    if not concepts:
        return ""
    return (
        f"On {counted(concepts, 'concept')} bears a work whose {SIDE_WORDS[gaps.by]} is not known: "
        "there an empty place is no proof of a void."
    )


def plot_gap_bubbles(gaps: GapMap) -> Figure:
    """Draw for each concept and column whether frameworks, works or both are there.

    Returns
    -------
    Figure
        Marks: each cell, as ``Trust × probation``.
    """
    words = describe_gap_bubbles(gaps)
    name = f"gaps-{gaps.by}"
    cells = _looked_at(gaps)
    if gaps.concepts.empty or cells.empty:
        return plot_nothing(name, words)
    gaps_by = cells.groupby("concept_id").size()
    known = gaps.concepts["concept_id"].map(gaps_by).fillna(0)
    concepts, left = on_a_page(gaps.concepts.assign(known=known), "known")
    every = [c for c in gaps.columns if c not in _NOT_KNOWN]
    columns = every[:MOST_COLUMNS]
    out = (
        f"Not drawn: {counted(len(every) - len(columns), 'column')} with less."
        if every[MOST_COLUMNS:]
        else ""
    )
    labels = labels_of(concepts)
    label_of = dict(zip(concepts["concept_id"], labels, strict=True))
    cells = cells[cells["concept_id"].isin(label_of) & cells["column"].isin(columns)]
    concept = cells["concept_id"].map(label_of)
    cells = cells.assign(concept=concept, mark=concept + " × " + cells["column"])
    rows = {label: n for n, label in enumerate(labels)}
    marks = [
        Mark(r["mark"], rows[r["concept"]], LOOKS[r["holds"]], columns.index(r["column"]))
        for r in cells.to_dict("records")
    ]
    alone = cells[cells["holds"] == NAMED.words].groupby("concept")["column"].agg(list)
    where = [listed(alone[label]) if label in alone else "" for label in labels]
    with house_style():
        said = (f"What counts as named: {gaps.lens.words}.", _unknown(gaps), out, left)
        page = Page(words.title, _answer(gaps), " ".join(s for s in said if s))
        page.key([LOOKS[w] for w in LOOKS if (cells["holds"] == w).any()])
        pitch = min(20.0, 250.0 / len(columns))
        grid = Cells(columns, marks, pitch, cap=130.0, size=NOTE)
        counts = Text(where, "framework alone", size=NOTE, most=1)
        row, air = spacing(page, concepts, grid.head())
        page.rows(labels, [*names(concepts), grid, counts], row=row, air=air)
    data = cells[["mark", "concept", "column", "holds", "frameworks", "works", *DIRECTIONS]]
    ids = zip(cells["mark"], cells["row_ids"], strict=True)
    return Figure.described(
        name,
        words,
        drawing=page.finished(),
        data=data.reset_index(drop=True),
        marks={mark: tuple(dict.fromkeys(rows)) for mark, rows in ids},
        choices={"by": gaps.by},
    )


@registered("gaps-setting")
def gaps_setting(collection: Collection) -> Figure:
    """Draw in which settings the concepts of a collection are named and studied."""
    return plot_gap_bubbles(compute_gaps(collection, "setting"))
