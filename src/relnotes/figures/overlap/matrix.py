"""Concept × framework matrix: who names what, in which sense, and whether the wording says so."""

from __future__ import annotations

from collections.abc import Mapping
from math import cos, radians, sin
from typing import TYPE_CHECKING, Final

import pandas as pd

from relnotes.analysis.overlap import ConceptMatrix
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.overlap.nouns import CONCEPTS_BY_FRAMEWORK
from relnotes.figures.style import (
    BAND,
    BLUE,
    EMPTY,
    FAINT,
    MARGIN,
    NOTE,
    PAPER,
    QUIET,
    clean,
    counted,
    draw_boxes,
    draw_dots,
    draw_lines,
    drawing_of,
    heading_height,
    house_style,
    listed,
    sheet,
    shortened,
    text_width,
    widest,
    write,
    write_heading,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Shape says the relation; the fuller the shape, the nearer the meaning.
# Shade says it again: the darker, the nearer.
SHAPES: Final[Mapping[str, tuple[str, float, str]]] = {
    "exact": ("o", 6.8, "#083d6b"),
    "close": ("s", 5.4, "#12649d"),
    "narrower": ("v", 6.2, "#3d86ba"),
    "broader": ("^", 6.2, "#3d86ba"),
    "related": ("D", 4.2, "#5f9fcb"),
}
# A relation this version does not know is still drawn, as a cross.
UNKNOWN_SHAPE: Final = ("X", 6.0, QUIET)
MEANINGS: Final[Mapping[str, str]] = {
    "exact": "means the same",
    "close": "nearly the same",
    "narrower": "part of it",
    "broader": "more than it",
    "related": "touches it",
}
WIDEST_LABEL: Final = 150.0
SLANT: Final = 60.0
PITCH: Final = 10.0


def describe_overlap_matrix(matrix: ConceptMatrix) -> Description:
    """Say in words which concepts the frameworks name, and how surely.

    Parameters
    ----------
    matrix : ConceptMatrix
        What :func:`relnotes.analysis.overlap.compute_concept_matrix` found.
    """
    nouns = CONCEPTS_BY_FRAMEWORK
    title = "Which framework names which concept, and how surely?"
    labels = dict(
        zip(matrix.memberships.items, map(str, matrix.memberships.item_labels), strict=True)
    )
    scope = f"{nouns.some_sets(len(matrix.sets))} by {nouns.some_items(len(matrix.items))}"
    cells = matrix.cells
    if cells.empty:
        nothing = f"{scope}: no framework names a concept, so there is nothing to draw."
        return Description(title, nothing, nothing, nothing)
    explicit = int((cells["basis"] == "explicit").sum())
    relations = cells["relation"].value_counts()
    counts = matrix.item_counts.sort_values(ascending=False, kind="stable")
    most = int(counts.iloc[0])
    top = [labels[item] for item in counts.index[counts == most]]
    unnamed = [labels[item] for item in counts.index[counts == 0]]
    possible = len(matrix.sets) * len(matrix.items)
    filled = (
        f"{len(cells):,} of {counted(possible, 'cell')} "
        f"{'is' if len(cells) == 1 else 'are'} filled ({len(cells) / possible:.0%})"
    )
    basis = f"in {explicit:,} the wording itself says so"
    lead = f"{listed(top, 3)} {'is' if len(top) == 1 else 'are'} named most, by {most:,}"
    silent = (
        f" {listed(unnamed, 5)} {'is' if len(unnamed) == 1 else 'are'} named by none."
        if unnamed
        else ""
    )
    left_out = len(matrix.memberships.left_out)
    absent = (
        f" {counted(left_out, 'framework')} could not be compared and "
        f"{'is' if left_out == 1 else 'are'} left out."
        if left_out
        else ""
    )
    shares = "; ".join(
        f"{MEANINGS.get(relation, relation)} ({relation}): {relations[relation]:,}"
        for relation in [*SHAPES, *sorted(set(relations.index) - set(SHAPES))]
        if relation in relations
    )
    order = (
        " Rows and columns are ordered so that frameworks naming the same concepts stand together."
        if len(cells) > 1
        else ""
    )
    caption = f"{scope}: {filled}; {basis}. {lead}.{silent}{absent}{order}"
    alt = f"Matrix of {scope}, shapes where one names the other. {filled}. {lead}.{silent}"
    rows = "; ".join(f"{labels[item]} {int(count):,}" for item, count in counts.items())
    description = (
        f"{filled}; {basis}. By relation of the strongest judgement in a cell: {shares}. "
        f"Frameworks that name each concept, most first: {rows}.{absent}"
    )
    return Description(title, caption, alt, description)


def plot_overlap_matrix(
    matrix: ConceptMatrix, ax: Axes | None = None, *, name: str = "overlap-matrix"
) -> Figure:
    """Draw frameworks as rows and concepts as columns, with the relation in each cell.

    Parameters
    ----------
    matrix : ConceptMatrix
        What to draw, in its order.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a sheet of the right size otherwise.
    name : str
        Name of the figure.

    Returns
    -------
    Figure
        Marks: each filled cell as ``framework × concept``, each framework and each concept by
        its label for the bars at the margins.
    """
    words = describe_overlap_matrix(matrix)
    if matrix.cells.empty:
        return plot_nothing(name, words, ax)
    memberships = matrix.memberships
    set_labels = dict(zip(memberships.sets, map(clean, memberships.set_labels), strict=True))
    item_labels = dict(zip(memberships.items, map(clean, memberships.item_labels), strict=True))
    rows = [shortened(set_labels[name_], WIDEST_LABEL) for name_ in matrix.sets]
    columns = [shortened(item_labels[item], WIDEST_LABEL) for item in matrix.items]
    row_of = {name_: i for i, name_ in enumerate(matrix.sets)}
    column_of = {item: i for i, item in enumerate(matrix.items)}

    label_width = widest(rows)
    grid_left = MARGIN + label_width + 8
    grid_right = grid_left + PITCH * len(columns)
    bar_left = grid_right + 8
    most_named = max(1, int(matrix.set_counts.max()))
    unit = min(4.0, 44.0 / most_named)
    overhang = max(
        grid_left + PITCH * (i + 0.5) + text_width(label) * cos(radians(SLANT))
        for i, label in enumerate(columns)
    )
    width = max(bar_left + unit * most_named + 20, overhang + 10, 330.0) + MARGIN
    subtitle = (
        "Each mark is the strongest judgement that a framework names a concept. Bars count the "
        "concepts of a framework and the frameworks of a concept."
    )
    key_rows = _key_rows(matrix, width)
    with house_style():
        top = heading_height(words.title, [subtitle], width - 2 * MARGIN) + MARGIN
        head = max(text_width(label) for label in columns) * sin(radians(SLANT)) + 14
        grid_top = top + 15 * key_rows + head
        grid_bottom = grid_top + PITCH * len(rows)
        most_frameworks = max(1, int(matrix.item_counts.max()))
        stick = min(4.0, 40.0 / most_frameworks)
        height = grid_bottom + 8 + stick * most_frameworks + 10 + MARGIN
        ax = sheet(width, height, ax)
        write_heading(ax, words.title, [subtitle], width - 2 * MARGIN)
        _draw_key(ax, matrix, top + 2, width)

        x = [grid_left + PITCH * (i + 0.5) for i in range(len(columns))]
        y = [grid_top + PITCH * (i + 0.5) for i in range(len(rows))]
        draw_boxes(
            ax,
            [(MARGIN, at - PITCH / 2, grid_right - MARGIN, PITCH) for at in y[::2]],
            BAND,
        )
        # Hairlines lead the eye from a name to its cells.
        draw_lines(ax, [(at, grid_top, at, grid_bottom) for at in x], EMPTY, linewidths=0.4)
        for at, label in zip(x, columns, strict=True):
            write(ax, at - 1, grid_top - 5, label, rotation=SLANT, rotation_mode="anchor")
        for at, label in zip(y, rows, strict=True):
            write(ax, grid_left - 8, at, label, align="right", baseline="middle")
        _draw_cells(ax, matrix, x, y, row_of=row_of, column_of=column_of)

        # Margins.
        set_counts = [int(matrix.set_counts[name_]) for name_ in matrix.sets]
        item_counts = [int(matrix.item_counts[item]) for item in matrix.items]
        draw_boxes(
            ax,
            [(bar_left, at - 3, n * unit, 6) for at, n in zip(y, set_counts, strict=True)],
            FAINT,
        )
        draw_boxes(
            ax,
            [(at - 3, grid_bottom + 8, 6, n * stick) for at, n in zip(x, item_counts, strict=True)],
            FAINT,
        )
        for at, n in zip(y, set_counts, strict=True):
            write(
                ax, bar_left + n * unit + 3, at, f"{n}", size=NOTE, colour=QUIET, baseline="middle"
            )
        for at, n in zip(x, item_counts, strict=True):
            write(
                ax,
                at,
                grid_bottom + 8 + n * stick + 8.5,
                f"{n}",
                size=NOTE,
                colour=QUIET,
                align="center",
            )
    return Figure.described(
        name,
        words,
        drawing=drawing_of(ax),
        data=_data(matrix, set_labels, item_labels),
        marks=_marks(matrix, set_labels, item_labels),
        choices=_choices(matrix),
    )


def _choices(matrix: ConceptMatrix) -> dict[str, str]:
    memberships = matrix.memberships
    return {
        "lens": str(memberships.lens or ""),
    }


def _relations(matrix: ConceptMatrix) -> list[str]:
    present = set(matrix.cells["relation"])
    return [relation for relation in SHAPES if relation in present] + sorted(present - set(SHAPES))


def _key_entries(matrix: ConceptMatrix) -> list[tuple[str, str, float]]:
    """Give relation, words and width of each entry of the key."""
    counts = matrix.cells["relation"].value_counts()
    entries = []
    for relation in _relations(matrix):
        text = f"{relation}: {MEANINGS.get(relation, relation)} ({counts[relation]:,})"
        entries.append((relation, text, text_width(text, NOTE) + 25))
    return entries


def _key_rows(matrix: ConceptMatrix, width: float) -> int:
    """Return how many lines the key takes; the line about shade is one of them."""
    lines, used = 1, 0.0
    for _, _, wide in _key_entries(matrix):
        if used and used + wide > width - 2 * MARGIN:
            lines, used = lines + 1, 0.0
        used += wide
    return lines + 1


def _draw_key(ax: Axes, matrix: ConceptMatrix, top: float, width: float) -> None:
    x, y = MARGIN, top + 5
    for relation, text, wide in _key_entries(matrix):
        if x > MARGIN and x + wide > width - MARGIN:
            x, y = MARGIN, y + 15
        marker, size, shade = SHAPES.get(relation, UNKNOWN_SHAPE)
        draw_dots(ax, [x + 4], [y], size, shade, marker=marker, edgecolors=shade, linewidths=0.9)
        write(ax, x + 12, y, text, size=NOTE, baseline="middle")
        x += wide
    y += 15
    x = MARGIN
    for face, text in (
        (BLUE, "filled: the wording says so"),
        (PAPER, "open: read into it by the coder"),
    ):
        draw_dots(ax, [x + 4], [y], 6.6, face, edgecolors=BLUE, linewidths=0.9)
        write(ax, x + 12, y, text, size=NOTE, baseline="middle")
        x += text_width(text, NOTE) + 25


def _draw_cells(
    ax: Axes,
    matrix: ConceptMatrix,
    x: list[float],
    y: list[float],
    *,
    row_of: Mapping[str, int],
    column_of: Mapping[str, int],
) -> None:
    for relation in _relations(matrix):
        marker, size, shade = SHAPES.get(relation, UNKNOWN_SHAPE)
        cells = matrix.cells[matrix.cells["relation"] == relation]
        faces = [shade if basis == "explicit" else PAPER for basis in cells["basis"]]
        draw_dots(
            ax,
            [x[column_of[item]] for item in cells["item"]],
            [y[row_of[name]] for name in cells["set"]],
            size,
            faces,
            marker=marker,
            edgecolors=shade,
            linewidths=0.9,
        )


def _data(
    matrix: ConceptMatrix, set_labels: Mapping[str, str], item_labels: Mapping[str, str]
) -> pd.DataFrame:
    cells = matrix.cells
    filled = pd.DataFrame(
        {
            "mark": [
                f"{set_labels[name]} × {item_labels[item]}"
                for name, item in zip(cells["set"], cells["item"], strict=True)
            ],
            "part": "cell",
            "relation": cells["relation"],
            "basis": cells["basis"],
            "elements": cells["elements"],
            "wordings": cells["wordings"],
            "coders": cells["coders"],
        }
    )
    margins = [
        pd.DataFrame({"mark": marks, "part": part, "count": list(counts)})
        for marks, part, counts in (
            (_framework_marks(matrix, set_labels), "concepts of a framework", matrix.set_counts),
            (_concept_marks(matrix, item_labels), "frameworks of a concept", matrix.item_counts),
        )
    ]
    data = pd.concat([filled, *margins], ignore_index=True)
    return data.assign(
        count=data["count"].astype("Int64"), elements=data["elements"].astype("Int64")
    )


def _framework_marks(matrix: ConceptMatrix, labels: Mapping[str, str]) -> list[str]:
    return [f"all of {labels[name]}" for name in matrix.sets]


def _concept_marks(matrix: ConceptMatrix, labels: Mapping[str, str]) -> list[str]:
    return [labels[item] for item in matrix.items]


def _marks(
    matrix: ConceptMatrix, set_labels: Mapping[str, str], item_labels: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    cells = matrix.cells
    marks = {
        f"{set_labels[name]} × {item_labels[item]}": tuple(row_ids)
        for name, item, row_ids in zip(cells["set"], cells["item"], cells["row_ids"], strict=True)
    }
    by_set: dict[str, list[str]] = {}
    by_item: dict[str, list[str]] = {}
    for name, item, row_ids in zip(cells["set"], cells["item"], cells["row_ids"], strict=True):
        by_set.setdefault(name, []).extend(row_ids)
        by_item.setdefault(item, []).extend(row_ids)
    for name, mark in zip(matrix.sets, _framework_marks(matrix, set_labels), strict=True):
        marks[mark] = (f"frameworks:{name}", *by_set.get(name, ()))
    for item, mark in zip(matrix.items, _concept_marks(matrix, item_labels), strict=True):
        marks[mark] = (f"concepts:{item}", *by_item.get(item, ()))
    return marks
