"""The fingerprint of one set: what it names, against how widely the others name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from relnotes.analysis.overlap import Memberships
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.overlap.nouns import Nouns
from relnotes.figures.style import (
    BAND,
    BLUE,
    FAINT,
    INK,
    MARGIN,
    NOTE,
    PAPER,
    QUIET,
    RULE,
    clean,
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

MOST_NAMED: Final = 10
BAR_WIDTH: Final = 120.0
WORDING_WIDTH: Final = 190.0
WIDEST_LABEL: Final = 170.0
ROW: Final = 12.0


def _table(memberships: Memberships, chosen: str) -> pd.DataFrame:
    """One row per item: whether the chosen set has it, how many others do, and its wordings."""
    matrix = memberships.matrix
    here = matrix[:, memberships.position(chosen)]
    others = matrix.sum(axis=1) - here
    wordings: dict[object, list[str]] = {}
    rows = memberships.rows[memberships.rows["set"] == chosen]
    for item, wording in zip(rows["item"], rows["wording"], strict=True):
        wordings.setdefault(item, []).append(str(wording))
    table = pd.DataFrame(
        {
            "mark": [str(label) for label in memberships.item_labels],
            "item": np.array(memberships.items, dtype=object),
            "named": here,
            "others": others,
            "wordings": [tuple(dict.fromkeys(wordings.get(i, ()))) for i in memberships.items],
        }
    )
    return table.sort_values("others", ascending=False, kind="stable", ignore_index=True)


def describe_overlap_fingerprint(
    memberships: Memberships, chosen: str, nouns: Nouns | None = None
) -> Description:
    """Say in words what one set names that others do or do not.

    Parameters
    ----------
    memberships : Memberships
        All sets.
    chosen : str
        Id of the one.
    nouns : Nouns, optional
        What items and sets are called.
    """
    nouns = nouns or Nouns()
    label = memberships.set_labels[memberships.position(chosen)]
    title = f"How does {label} compare with the other {nouns.sets}?"
    others = len(memberships.sets) - 1
    table = _table(memberships, chosen)
    named = table[table["named"]]
    scope = f"{label} has {len(named):,} of {nouns.some_items(len(table))}"
    if not others or table.empty:
        nothing = f"{scope}; there is no other {nouns.set} to hold it against."
        return Description(title, nothing, nothing, nothing)
    top = table[table["others"] > 0].head(MOST_NAMED)
    held = int(top["named"].sum())
    silent = list(top.loc[~top["named"], "mark"])
    alone = list(named.loc[named["others"] == 0, "mark"])
    common = f"of the {nouns.some_items(len(top))} widest held elsewhere it has {held:,}"
    missing = f", not {listed(silent, 3)}" if silent else ""
    only = f"It alone has {listed(alone, 4)}." if alone else f"It has no {nouns.item} to itself."
    caption = (
        f"{scope}; {common}{missing}. {only} Bars count the other {nouns.sets} "
        f"({others:,}) that have each."
    )
    alt = (
        f"Bars of how many of {others:,} other {nouns.sets} have each {nouns.item}. "
        f"{scope}; {common}."
    )
    lines = "; ".join(
        f"{row.mark}: {'yes' if row.named else 'no'}, {row.others:,}" for row in table.itertuples()
    )
    description = (
        f"{scope}; {common}{missing}. {only} Whether it has each, and how many others do, the "
        f"widest held first: {lines}."
    )
    return Description(title, caption, alt, description)


def plot_overlap_fingerprint(
    memberships: Memberships,
    chosen: str,
    ax: Axes | None = None,
    *,
    nouns: Nouns | None = None,
    choices: Mapping[str, str] | None = None,
    name: str = "overlap-fingerprint",
) -> Figure:
    """Draw one set against all others, with its own wordings beside the bars.

    Parameters
    ----------
    memberships : Memberships
        All sets.
    chosen : str
        Id of the one.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a sheet of the right size otherwise.
    nouns : Nouns, optional
        What items and sets are called.
    choices : mapping of str to str, optional
        What was chosen, for the passport.
    name : str
        Name of the figure.

    Returns
    -------
    Figure
        Marks: each item by its label; behind it the rows of the chosen set, or where it has none
        the rows of the others.

    Raises
    ------
    ValueError
        If there is no such set.
    """
    nouns = nouns or Nouns()
    words = describe_overlap_fingerprint(memberships, chosen, nouns)
    table = _table(memberships, chosen)
    others = len(memberships.sets) - 1
    if not others or table.empty:
        return plot_nothing(name, words, ax)
    labels = [shortened(clean(mark), WIDEST_LABEL) for mark in table["mark"]]
    said = [shortened(clean("; ".join(w)), WORDING_WIDTH, NOTE) for w in table["wordings"]]
    label_right = MARGIN + widest(labels)
    bar_left = label_right + 24
    highest = max(1, int(table["others"].max()))
    unit = BAR_WIDTH / highest
    lengths = table["others"].to_numpy() * unit
    said_left = bar_left + lengths + widest([f"{highest:,}"], NOTE) + 12
    reach = max(x + text_width(text, NOTE) for x, text in zip(said_left, said, strict=True))
    width = max(reach, bar_left + BAR_WIDTH + 24, 330.0) + MARGIN
    subtitle = (
        f"Bars: how many of the {others:,} other {nouns.sets} have each {nouns.item}. "
        f"Filled: it is here too{', in these words' if any(said) else ''}."
    )
    named = table["named"].to_numpy(dtype=bool)
    with house_style():
        top = heading_height(words.title, [subtitle], width - 2 * MARGIN) + MARGIN
        ax = sheet(width, top + ROW * len(table) + MARGIN, ax)
        write_heading(ax, words.title, [subtitle], width - 2 * MARGIN)
        y = top + ROW * (np.arange(len(table)) + 0.5)
        draw_boxes(ax, [(MARGIN, at - ROW / 2, width - 2 * MARGIN, ROW) for at in y[::2]], BAND)
        boxes = np.column_stack([np.full(len(y), bar_left), y - 3.4, lengths, np.full(len(y), 6.8)])
        draw_boxes(ax, boxes[~named].tolist(), RULE)
        draw_boxes(ax, boxes[named].tolist(), BLUE)
        draw_lines(ax, [(bar_left, top, bar_left, float(y[-1]) + ROW / 2)], FAINT)
        dot = label_right + 13
        draw_dots(
            ax,
            np.full((~named).sum(), dot),
            y[~named],
            5.6,
            PAPER,
            edgecolors=FAINT,
            linewidths=0.7,
        )
        draw_dots(ax, np.full(named.sum(), dot), y[named], 6.6, BLUE)
        for i, (at, label, words_here) in enumerate(zip(y, labels, said, strict=True)):
            write(
                ax,
                label_right,
                at,
                label,
                colour=INK if named[i] else QUIET,
                align="right",
                baseline="middle",
            )
            write(
                ax,
                bar_left + lengths[i] + 3,
                at,
                f"{table['others'][i]:,}",
                size=NOTE,
                colour=QUIET,
                baseline="middle",
            )
            if words_here:
                write(ax, said_left[i], at, words_here, size=NOTE, baseline="middle")
    return Figure.described(
        name,
        words,
        drawing=drawing_of(ax),
        data=table.drop(columns="item"),
        marks=_marks(memberships, chosen, table),
        choices={**(choices or {}), nouns.set: chosen},
    )


def _marks(
    memberships: Memberships, chosen: str, table: pd.DataFrame
) -> dict[str, tuple[str, ...]]:
    marks = {}
    for mark, item, named in zip(table["mark"], table["item"], table["named"], strict=True):
        holders = (chosen,) if named else memberships.sets_of(item)
        marks[mark] = tuple(
            row_id for holder in holders for row_id in memberships.evidence(item, holder)
        )
    return marks
