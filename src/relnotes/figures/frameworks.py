"""Frameworks: which themes they name, group by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from relnotes.analysis.frameworks import FEWEST_TO_COMPARE, Themes, compute_themes, found_themes
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.register import registered
from relnotes.figures.style import (
    BAND,
    EMPTY,
    INK,
    LABEL,
    MARGIN,
    NOTE,
    QUIET,
    clean,
    counted,
    draw_boxes,
    drawing_of,
    heading_height,
    house_style,
    listed,
    sheet,
    shortened,
    text_width,
    widest,
    wrapped,
    write,
    write_heading,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from relnotes.evidence.collection import Collection

# Groups too small for a share to mean much are drawn paler, and say so.
LARGE: Final = "#12649d"
SMALL: Final = "#8fbbdb"
ROW: Final = 22.0
CELL: Final = 60.0
GAP: Final = 12.0
WIDEST_LABEL: Final = 150.0
NO_COMPARISON: Final = "No framework has been coded, so there is nothing to compare."


def describe_frameworks_themes(themes: Themes) -> Description:
    """Say in words which themes the frameworks of each group name.

    Parameters
    ----------
    themes : Themes
        What :func:`relnotes.analysis.frameworks.compute_themes` found.
    """
    title = f"Which themes do the frameworks name, {themes.by} by {themes.by}?"
    if themes.cells.empty:
        return Description(title, NO_COMPARISON, NO_COMPARISON, NO_COMPARISON)
    sizes = themes.cells.drop_duplicates("group").set_index("group")["of"]
    found = " ".join(found_themes(themes))
    left_out = (
        f" {counted(len(themes.left_out), 'framework')} could not be compared."
        if len(themes.left_out)
        else ""
    )
    caption = f"{found}{left_out} What counts: {themes.lens.words}."
    alt = (
        f"Table of bars: {counted(len(sizes), 'group')} by {counted(len(themes.themes), 'theme')}, "
        f"the share of frameworks naming a concept of the theme. {found}"
    )
    groups = []
    for group in themes.groups:
        cells = themes.cells[themes.cells["group"] == group]
        named = listed([f"{row['theme']} {row['frameworks']:,}" for _, row in cells.iterrows()])
        groups.append(f"{group} ({counted(int(sizes[group]), 'framework')}): {named}")
    description = f"{found}{left_out} Frameworks that name each theme, by {themes.by}: " + (
        "; ".join(groups) + "."
    )
    return Description(title, caption, alt, description)


def plot_frameworks_themes(themes: Themes, ax: Axes | None = None) -> Figure:
    """Draw a table of bars: groups by themes, the share of frameworks that name a concept of each.

    Parameters
    ----------
    themes : Themes
        What to draw.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a sheet of the right size otherwise.

    Returns
    -------
    Figure
        Marks: each group and theme, as ``group × theme``.
    """
    name = "frameworks-themes"
    words = describe_frameworks_themes(themes)
    if themes.cells.empty:
        return plot_nothing(name, words, ax)
    cells = themes.cells.assign(
        mark=[
            f"{clean(group)} × {clean(theme)}"
            for group, theme in zip(themes.cells["group"], themes.cells["theme"], strict=True)
        ]
    )
    sizes = cells.drop_duplicates("group").set_index("group")["of"]
    labels = [shortened(clean(group), WIDEST_LABEL) for group in themes.groups]
    heads = [wrapped(clean(theme), CELL, LABEL, "bold", most=3) for theme in themes.themes]

    label_right = MARGIN + widest(labels)
    size_right = label_right + 10 + max(text_width("frameworks", NOTE), 20)
    left = size_right + 16
    width = left + (CELL + GAP) * len(heads) - GAP + MARGIN
    small = bool((sizes < FEWEST_TO_COMPARE).any())
    subtitle = (
        "Bars: share of the frameworks that name at least one concept of the theme; a full track "
        "is all of them. Below: how many."
        + (f" Pale: fewer than {FEWEST_TO_COMPARE} frameworks, single cases." if small else "")
    )
    with house_style():
        top = heading_height(words.title, [subtitle], width - 2 * MARGIN) + MARGIN
        top += 10 * max(map(len, heads)) + 4
        ax = sheet(width, top + ROW * len(labels) + MARGIN, ax)
        write_heading(ax, words.title, [subtitle], width - 2 * MARGIN)
        _draw_heads(ax, heads, left, size_right, top)
        rows = [top + ROW * i for i in range(len(labels))]
        draw_boxes(ax, [(MARGIN, y, width - 2 * MARGIN, ROW) for y in rows[::2]], BAND)
        for y, group, label in zip(rows, themes.groups, labels, strict=True):
            middle = y + ROW / 2
            write(ax, label_right, middle, label, align="right", baseline="middle")
            write(ax, size_right, middle, f"{sizes[group]:,}", size=NOTE, colour=QUIET,
                  align="right", baseline="middle")  # fmt: skip
            _draw_row(ax, cells[cells["group"] == group], left, y)
    return Figure.described(
        name,
        words,
        drawing=drawing_of(ax),
        data=_data(cells),
        marks=dict(zip(cells["mark"], cells["row_ids"], strict=True)),
        choices={
            "groups": themes.by,
            "lens": str(themes.lens),
        },
    )


def _draw_heads(
    ax: Axes, heads: list[list[str]], left: float, size_right: float, top: float
) -> None:
    write(ax, size_right, top - 5, "frameworks", size=NOTE, colour=QUIET, align="right")
    for column, lines in enumerate(heads):
        for up, line in enumerate(reversed(lines)):
            write(ax, left + (CELL + GAP) * column, top - 5 - 10 * up, line, weight="bold")


def _draw_row(ax: Axes, cells: pd.DataFrame, left: float, top: float) -> None:
    x = [left + (CELL + GAP) * column for column in range(len(cells))]
    draw_boxes(ax, [(at, top + 4, CELL, 6) for at in x], EMPTY)
    bars = [
        (at, top + 4, CELL * share, 6)
        for at, share in zip(x, cells["share"], strict=True)
        if share > 0
    ]
    if bars:
        draw_boxes(ax, bars, LARGE if cells["of"].iloc[0] >= FEWEST_TO_COMPARE else SMALL)
    for at, number, of in zip(x, cells["frameworks"], cells["of"], strict=True):
        words = f"{number:,} of {of:,}" if number else "none"
        write(ax, at, top + ROW - 3.5, words, size=NOTE, colour=INK if number else QUIET)


def _data(cells: pd.DataFrame) -> pd.DataFrame:
    columns: list[Any] = ["mark", "group", "theme", "frameworks", "of", "share", "concepts"]
    return cells[columns]


@registered("frameworks-themes")
def frameworks_themes(collection: Collection) -> Figure:
    """Draw which themes the frameworks of a collection name, setting by setting."""
    return plot_frameworks_themes(compute_themes(collection))
