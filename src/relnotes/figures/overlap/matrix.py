"""Concept × framework matrix: who names what, in which sense, and whether the wording says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from relnotes.analysis.overlap import ConceptMatrix
from relnotes.evidence.sentences import are, counted, listed
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Cells, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.overlap.nouns import CONCEPTS_BY_FRAMEWORK
from relnotes.figures.style import NOTE, PAPER, clean, house_style

# What a page holds; beyond that the largest are drawn and the rest named below.
MOST_ROWS: Final = 44
MOST_COLUMNS: Final = 44
# Points of a cell on a full page, and at most; and the room that the cells of a page share.
PITCHES: Final = (7.8, 13.0)
ROOM: Final = (344.0, 370.0)
FRAMEWORKS_LEFT: Final = "frameworks not drawn"
CONCEPTS_LEFT: Final = "concepts not drawn"
TITLE: Final = "Which framework names which concept, and how surely?"

# The fuller and darker the shape, the nearer the meaning; open where it is read into the wording.
NEAR: Final = Look("the same or nearly", "#083d6b", "s", 4.6)
PART: Final = Look("a part of it, or more than it", "#2f7fb8", "^", 5.0)
TOUCHING: Final = Look("touches it", "#6f6f6f", "o", 3.4)
KINDS: Final[Mapping[str, Look]] = {
    "exact": NEAR,
    "close": NEAR,
    "narrower": PART,
    "broader": PART,
    "related": TOUCHING,
}


def look_of(relation: str, basis: str) -> Look:
    """Return how a judgement is drawn; a relation this version does not know only touches."""
    look = KINDS.get(relation, TOUCHING)
    if basis == "explicit":
        return replace(look, words=f"{look.words}, and the wording says so")
    return replace(look, words=f"{look.words}, read into it", face=PAPER)


def describe_overlap_matrix(matrix: ConceptMatrix) -> Description:
    """Say in words which concepts the frameworks name, and how surely."""
    nouns = CONCEPTS_BY_FRAMEWORK
    labels: dict[Any, str] = dict(_item_labels(matrix))
    scope = f"{nouns.some_sets(len(matrix.sets))} by {nouns.some_items(len(matrix.items))}"
    cells = matrix.cells
    if cells.empty:
        nothing = f"{scope}: no framework names a concept, so there is nothing to draw."
        return Description(TITLE, nothing, nothing, nothing)
    answer = _answer(matrix)
    drawn = _Drawn.of(matrix)
    here = (
        f"{_of(len(drawn.rows), len(matrix.sets), 'framework')} by "
        f"{_of(len(drawn.columns), len(matrix.items), 'concept')}"
    )
    counts = matrix.item_counts.sort_values(ascending=False, kind="stable")
    unnamed = [labels[item] for item in counts.index[counts == 0]]
    silent = f" {listed(unnamed, 5)} {are(len(unnamed))} named by none." if unnamed else ""
    left_out = len(matrix.memberships.left_out)
    absent = (
        f" {counted(left_out, 'framework')} could not be compared and {are(left_out)} left out."
        if left_out
        else ""
    )
    relations = cells["relation"].value_counts()
    shares = "; ".join(f"{relation}: {number:,}" for relation, number in relations.items())
    rows = "; ".join(f"{labels[item]} {int(count):,}" for item, count in counts.items())
    return Description(
        TITLE,
        f"{scope}: {answer}{silent}{absent}" + (f" Drawn: {here}." if here != scope else ""),
        f"Grid of {here}, marked where one names the other. {answer.split('. ')[0]}; "
        f"{counted(len(unnamed), 'concept') + ' by none' if unnamed else 'every concept by some'}.",
        f"{answer} By relation of the strongest judgement in a cell: {shares}. Frameworks that "
        f"name each concept, most first: {rows}.{absent}"
        + "".join(f"\n{said}" for said in _not_drawn(matrix, drawn).values()),
    )


def _of(drawn: int, every: int, noun: str) -> str:
    return counted(every, noun) if drawn == every else f"{drawn:,} of {counted(every, noun)}"


@dataclass(frozen=True)
class _Drawn:
    """The frameworks and concepts that a page holds, in the order of drawing."""

    rows: list[str]
    columns: list[str]

    @classmethod
    def of(cls, matrix: ConceptMatrix) -> _Drawn:
        columns = _columns(matrix)
        return cls(_rows(matrix, columns), columns)


def _not_drawn(matrix: ConceptMatrix, drawn: _Drawn) -> dict[str, str]:
    """Say by mark which frameworks and concepts the page does not hold, the largest first."""
    said = {}
    for mark, shown, labels, counts in (
        (CONCEPTS_LEFT, drawn.columns, _item_labels(matrix), matrix.item_counts),
        (FRAMEWORKS_LEFT, drawn.rows, _set_labels(matrix), matrix.set_counts),
    ):
        left = sorted((key for key in labels if key not in shown), key=lambda k: -counts[k])
        if left:
            most = int(counts[left[0]])
            each = f"{most:,} or fewer" if most > 1 else "one or none" if most else "none"
            noun, how = (
                ("framework", "naming") if mark == FRAMEWORKS_LEFT else ("concept", "named by")
            )
            names = ", ".join(labels[key] for key in left)
            said[mark] = f"{counted(len(left), noun)} not drawn, {how} {each}: {names}."
    return said


def _answer(matrix: ConceptMatrix) -> str:
    cells, counts = matrix.cells, matrix.item_counts
    most, labels = int(counts.max()), _item_labels(matrix)
    top = [labels[item] for item in counts.index[counts == most]]
    possible = len(matrix.sets) * len(matrix.items)
    explicit = int((cells["basis"] == "explicit").sum())
    return (
        f"{listed(top, 3)} {are(len(top))} named most, by {most:,}. "
        f"{len(cells):,} of {counted(possible, 'cell')} {are(len(cells))} "
        f"filled ({len(cells) / possible:.0%}); in {explicit:,} the wording itself says so."
    )


def _item_labels(matrix: ConceptMatrix) -> dict[str, str]:
    memberships = matrix.memberships
    return dict(zip(memberships.items, map(clean, memberships.item_labels), strict=True))


def _set_labels(matrix: ConceptMatrix) -> dict[str, str]:
    memberships = matrix.memberships
    return dict(zip(memberships.sets, map(clean, memberships.set_labels), strict=True))


def _themes(matrix: ConceptMatrix) -> dict[str, str]:
    concepts = matrix.memberships.item_info
    if concepts is None or "theme" not in concepts:
        return dict.fromkeys(matrix.items, "")
    return {str(name): clean(theme) for name, theme in concepts["theme"].items()}


def _columns(matrix: ConceptMatrix) -> list[str]:
    """Concepts theme by theme, the widest named theme and concept first; those of none left out."""
    counts, theme = matrix.item_counts, _themes(matrix)
    widest = [item for item in matrix.items if counts[item] > 0]
    widest = sorted(widest, key=lambda item: -counts[item])[:MOST_COLUMNS]
    first = list(dict.fromkeys(theme[item] for item in widest))
    return sorted(widest, key=lambda item: (first.index(theme[item]), -counts[item]))


def _rows(matrix: ConceptMatrix, columns: list[str]) -> list[str]:
    """Frameworks that name most, ordered by where on the average their concepts stand."""
    widest = sorted(matrix.sets, key=lambda name: -matrix.set_counts[name])[:MOST_ROWS]
    place = {item: i for i, item in enumerate(columns)}
    cells = matrix.cells[matrix.cells["item"].isin(columns)]
    middle = cells["item"].map(place).groupby(cells["set"].to_numpy()).mean()
    return sorted(
        (name for name in widest if name in middle.index), key=lambda name: float(middle[name])
    )


def plot_overlap_matrix(matrix: ConceptMatrix, *, note: str = "") -> Figure:
    """Draw frameworks as rows and concepts as columns, with the relation in each cell.

    Returns
    -------
    Figure
        Marks: each filled cell as ``framework × concept``; ``all of …`` for the number of
        concepts of a framework, and each concept by its label for its number of frameworks;
        ``frameworks not drawn`` and ``concepts not drawn``.
    """
    words = describe_overlap_matrix(matrix)
    if matrix.cells.empty:
        return plot_nothing("overlap-matrix", words)
    drawn = _Drawn.of(matrix)
    data = _data(matrix, drawn)
    with house_style():
        page = Page(words.title, _answer(matrix), note)
        _draw(page, matrix, data, drawn)
        for mark, said in _not_drawn(matrix, drawn).items():
            page.paragraph(said, mark)
    memberships = matrix.memberships
    return Figure.described(
        "overlap-matrix",
        words,
        drawing=page.finished(),
        data=data.drop(columns="row_ids"),
        marks=dict(zip(data["mark"], data["row_ids"], strict=True)),
        choices={"lens": str(memberships.lens or "")},
    )


def _draw(page: Page, matrix: ConceptMatrix, data: pd.DataFrame, drawn: _Drawn) -> None:
    rows, columns = drawn.rows, drawn.columns
    labels, set_labels, theme = _item_labels(matrix), _set_labels(matrix), _themes(matrix)
    cells = data[data["part"] == "cell"]
    looks = [look_of(r, b) for r, b in zip(cells["relation"], cells["basis"], strict=True)]
    known = [look_of(r, b) for r in ("exact", "broader", "related") for b in ("explicit", "")]
    page.key(look for look in known if look in looks)
    row_of = {set_labels[key]: i for i, key in enumerate(rows)}
    column_of = {labels[item]: i for i, item in enumerate(columns)}
    marks = [
        Mark(mark, row_of[framework], look, column_of[concept])
        for mark, framework, concept, look in zip(
            cells["mark"], cells["framework"], cells["concept"], looks, strict=True
        )
    ]
    totals = [
        Mark(labels[item], i, NEAR, int(matrix.item_counts[item])) for i, item in enumerate(columns)
    ]
    names = [set_labels[key] for key in rows]
    least, most = PITCHES
    pitch = max(least, min(most, ROOM[0] / len(columns), ROOM[1] / len(rows)))
    grid = Cells(
        [labels[item] for item in columns],
        marks,
        pitch,
        cap=102,
        totals=totals,
        size=NOTE,
        bands=[theme[item] for item in columns],
    )
    page.rows(
        names,
        [
            Text.fitting(names, 104, key=True, size=NOTE),
            Text.fitting(
                [f"{matrix.set_counts[key]:,}" for key in rows],
                20,
                marks=[f"all of {name}" for name in names],
                part="number",
                size=NOTE,
                align="right",
            ),
            grid,
        ],
        row=pitch,
        gap=5.0,
    )


def _data(matrix: ConceptMatrix, drawn: _Drawn) -> pd.DataFrame:
    rows, columns = drawn.rows, drawn.columns
    labels, set_labels = _item_labels(matrix), _set_labels(matrix)
    cells = matrix.cells
    shown = cells[cells["set"].isin(rows) & cells["item"].isin(columns)]
    frameworks, concepts = shown["set"].map(set_labels), shown["item"].map(labels)
    filled = shown.assign(
        part="cell",
        mark=frameworks + " × " + concepts,
        framework=frameworks,
        concept=concepts,
    )
    behind_set = cells.groupby("set")["row_ids"].sum()
    behind_item = cells.groupby("item")["row_ids"].sum()
    margins = [
        (f"all of {set_labels[key]}", "concepts of a framework", matrix.set_counts[key],
         (f"frameworks:{key}", *behind_set[key]))
        for key in rows
    ] + [
        (labels[item], "frameworks of a concept", matrix.item_counts[item],
         (f"concepts:{item}", *behind_item[item]))
        for item in columns
    ]  # fmt: skip
    for mark, table, here, every in (
        (FRAMEWORKS_LEFT, "frameworks", rows, matrix.sets),
        (CONCEPTS_LEFT, "concepts", columns, matrix.items),
    ):
        left = tuple(f"{table}:{key}" for key in every if key not in here)
        margins += [(mark, mark, len(left), left)] if left else []
    totals = pd.DataFrame(margins, columns=["mark", "part", "count", "row_ids"])
    data = pd.concat([filled, totals], ignore_index=True)
    kept = [
        "mark", "part", "framework", "concept", "relation", "basis", "elements", "wordings",
        "coders", "count", "row_ids",
    ]  # fmt: skip
    return data[kept].astype({"count": "Int64", "elements": "Int64"})
