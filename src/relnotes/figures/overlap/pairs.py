"""Pairwise similarity of sets as a triangle, beside the tree that groups them."""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from relnotes.analysis.overlap import Clustering, Memberships, compute_pairs
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.overlap.nouns import Nouns
from relnotes.figures.style import (
    EMPTY,
    FAINT,
    INK,
    MARGIN,
    NOTE,
    PAPER,
    QUIET,
    SHADES,
    clean,
    counted,
    draw_boxes,
    draw_dots,
    draw_lines,
    drawing_of,
    heading_height,
    house_style,
    sheet,
    shortened,
    text_width,
    write,
    write_heading,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Upper ends of the classes of similarity; a pair that shares nothing is left white.
CLASSES: Final = (0.1, 0.2, 1 / 3, 0.5, 1.0)
CLASS_WORDS: Final = ("to 0.1", "to 0.2", "to 0.33", "to 0.5", "to 1")
NUMBERED_FROM: Final = 3
SUPPORTED: Final = 0.5

PITCH: Final = 8.8
TREE: Final = 84.0
WIDEST_LABEL: Final = 130.0


def describe_overlap_pairs(
    memberships: Memberships, clustering: Clustering, nouns: Nouns | None = None
) -> Description:
    """Say in words which sets are most alike, and which groups of them hold.

    Parameters
    ----------
    memberships : Memberships
        The sets.
    clustering : Clustering
        What :func:`relnotes.analysis.overlap.cluster_sets` made of them.
    nouns : Nouns, optional
        What items and sets are called.
    """
    nouns = nouns or Nouns()
    title = f"Which {nouns.sets} are alike?"
    scope = nouns.some_sets(len(clustering.sets))
    if len(clustering.sets) < 2:
        nothing = f"{scope} with {nouns.items}: it takes two to compare."
        return Description(title, nothing, nothing, nothing)
    pairs = _compared(memberships, clustering)
    sharing = pairs[pairs["shared"] > 0]
    head = f"{len(sharing):,} of {counted(len(pairs), 'pair')} share anything"
    if sharing.empty:
        words = f"{scope}: {head}."
        return Description(title, words, f"Triangle of pairs of {words}", words)
    by_number = sharing.sort_values(["shared", "jaccard"], ascending=False, kind="stable")
    by_share = sharing.sort_values(["jaccard", "shared"], ascending=False, kind="stable")
    nearest, most = by_share.iloc[0], by_number.iloc[0]
    closest = f"{_pair(nearest)} are nearest ({_shared(nearest, nouns)})"
    largest = (
        "" if nearest.name == most.name else f"; {_pair(most)} share most ({_shared(most, nouns)})"
    )
    held = clustering.merges[
        (clustering.merges["support"] >= SUPPORTED)
        & (clustering.merges["members"].map(len) < len(clustering.sets))
    ]
    groups = (
        f"{counted(len(held), 'group')} of the tree {'stands' if len(held) == 1 else 'stand'}"
        if len(held)
        else "no group of the tree stands"
    )
    groups += f" in at least half of {clustering.draws:,} redraws of the {nouns.items}"
    empty = (
        f" {nouns.some_sets(len(clustering.left_out))} without {nouns.items} "
        f"{'is' if len(clustering.left_out) == 1 else 'are'} left out."
        if clustering.left_out
        else ""
    )
    caption = (
        f"{scope}, {head}. {closest[0].upper()}{closest[1:]}{largest}. "
        f"{groups[0].upper()}{groups[1:]}.{empty}"
    )
    alt = (
        f"Triangle of {scope}, shaded by the share of {nouns.items} each two have in common. "
        f"{head}. {closest}."
    )
    listed_pairs = "; ".join(
        f"{_pair(row)}: {_shared(row, nouns)}" for _, row in by_share.head(25).iterrows()
    )
    labels = dict(zip(memberships.sets, memberships.set_labels, strict=True))
    held_words = "; ".join(
        f"{', '.join(labels[name] for name in members)} ({support:.0%})"
        for members, support in zip(held["members"], held["support"], strict=True)
    )
    description = (
        f"{head} of their {nouns.items}. The most alike, by the share of their joint "
        f"{nouns.items}: "
        f"{listed_pairs}. {groups[0].upper()}{groups[1:]}"
        f"{': ' + held_words if held_words else ''}.{empty}"
    )
    return Description(title, caption, alt, description)


def _pair(row: pd.Series[Any]) -> str:
    return f"{row['label_a']} and {row['label_b']}"


def _shared(row: pd.Series[Any], nouns: Nouns) -> str:
    return f"{row['shared']} of {nouns.some_items(int(row['union']))}"


def _compared(memberships: Memberships, clustering: Clustering) -> pd.DataFrame:
    """Return the pairs of those sets that have items."""
    return compute_pairs(memberships.choose(clustering.order))


def plot_overlap_pairs(
    memberships: Memberships,
    clustering: Clustering,
    ax: Axes | None = None,
    *,
    nouns: Nouns | None = None,
    choices: Mapping[str, str] | None = None,
    name: str = "overlap-pairs",
) -> Figure:
    """Draw the similarity of each two sets as a triangle, with the tree of their groups.

    Each set is named once, where its row meets its column; its pairs lie to the left and below.

    Parameters
    ----------
    memberships : Memberships
        The sets.
    clustering : Clustering
        Their groups and order.
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
        Marks: each pair that shares something, as ``A & B``.
    """
    nouns = nouns or Nouns()
    words = describe_overlap_pairs(memberships, clustering, nouns)
    if len(clustering.sets) < 2:
        return plot_nothing(name, words, ax)
    chosen = memberships.choose(clustering.order)
    labels = [shortened(clean(label), WIDEST_LABEL, NOTE) for label in chosen.set_labels]
    pairs = _compared(memberships, clustering)
    pairs = pairs[pairs["shared"] > 0]
    place = {set_: i for i, set_ in enumerate(chosen.sets)}

    count = len(labels)
    grid_left = MARGIN + TREE + 6
    right = max(
        grid_left + PITCH * (i + 1) + text_width(text, NOTE) for i, text in enumerate(labels)
    )
    subtitle = (
        f"Shade: {nouns.items} that both have, as a share of those that either has (Jaccard). "
        f"Numbers: how many they share, above {CLASSES[NUMBERED_FROM - 1]:.2f}. "
        f"Dots: groups in at least half of {clustering.draws:,} redraws of the {nouns.items}."
    )
    width = max(right + 6 + MARGIN, 330.0)
    with house_style():
        top = heading_height(words.title, [subtitle], width - 2 * MARGIN) + MARGIN + 20
        height = top + PITCH * count + MARGIN
        ax = sheet(width, height, ax)
        write_heading(ax, words.title, [subtitle], width - 2 * MARGIN)
        _draw_key(ax, width, top - 14)
        x = grid_left + PITCH * np.arange(count)
        y = top + PITCH * np.arange(count)
        draw_lines(
            ax,
            [(grid_left, at + PITCH / 2, x[i], at + PITCH / 2) for i, at in enumerate(y)]
            + [
                (at + PITCH / 2, y[i] + PITCH, at + PITCH / 2, y[-1] + PITCH)
                for i, at in enumerate(x)
            ],
            EMPTY,
            linewidths=0.35,
        )
        a = pairs["set_a"].map(place).to_numpy(dtype=int)
        b = pairs["set_b"].map(place).to_numpy(dtype=int)
        columns, rows = np.minimum(a, b), np.maximum(a, b)
        classes = np.searchsorted(np.array(CLASSES) + 1e-9, pairs["jaccard"].to_numpy())
        draw_boxes(
            ax,
            np.column_stack(
                [x[columns] + 0.4, y[rows] + 0.4, np.full((len(pairs), 2), PITCH - 0.8)]
            ).tolist(),
            [SHADES[k + 1] for k in classes],
        )
        for row, column, k, shared in zip(rows, columns, classes, pairs["shared"], strict=True):
            if k >= NUMBERED_FROM:
                write(
                    ax,
                    x[column] + PITCH / 2,
                    y[row] + PITCH / 2,
                    f"{shared}",
                    size=NOTE,
                    colour=PAPER,
                    align="center",
                    baseline="middle",
                )
        draw_boxes(
            ax,
            np.column_stack([x + 3.2, y + 3.2, np.full((count, 2), PITCH - 6.4)]).tolist(),
            FAINT,
        )
        for i, label in enumerate(labels):
            write(ax, x[i] + PITCH + 1, y[i] + PITCH / 2, label, size=NOTE, baseline="middle")
        _draw_tree(ax, clustering, y + PITCH / 2, grid_left - 4)
    return Figure.described(
        name,
        words,
        drawing=drawing_of(ax),
        data=_data(pairs),
        marks=_marks(chosen, pairs),
        choices=choices,
    )


def _draw_key(ax: Axes, width: float, y: float) -> None:
    """Draw the classes of similarity at the right, where the triangle leaves room."""
    texts = ["nothing shared", *CLASS_WORDS]
    total = sum(text_width(text, NOTE) + 22 for text in texts)
    x = max(MARGIN, width - MARGIN - total)
    for i, text in enumerate(texts):
        if i == 0:
            draw_lines(ax, [(x, y, x + PITCH, y)], FAINT)
        else:
            draw_boxes(ax, [(x, y - PITCH / 2, PITCH, PITCH)], SHADES[i])
        write(ax, x + PITCH + 3, y, text, size=NOTE, colour=QUIET, baseline="middle")
        x += text_width(text, NOTE) + 22


def _draw_tree(ax: Axes, clustering: Clustering, leaves: np.ndarray, right: float) -> None:
    """Draw the tree leftwards from the leaves; one point of height is a distance of one."""
    names = {set_: i for i, set_ in enumerate(clustering.sets)}
    count = len(names)
    y = [nan] * count
    for at, set_ in zip(leaves, clustering.order, strict=True):
        y[names[set_]] = float(at)
    x = [right] * count
    lines: list[tuple[float, float, float, float]] = []
    dots: list[tuple[float, float]] = []
    for (left, other, height, _), support in zip(
        clustering.linkage, clustering.merges["support"], strict=True
    ):
        i, j = int(left), int(other)
        at = right - height * TREE
        lines += [(x[i], y[i], at, y[i]), (x[j], y[j], at, y[j]), (at, y[i], at, y[j])]
        x.append(at)
        y.append((y[i] + y[j]) / 2)
        if support >= SUPPORTED and len(y) < 2 * count - 1:
            dots.append((at, y[-1]))
    draw_lines(ax, lines, QUIET, linewidths=0.6, capstyle="projecting")
    if dots:
        draw_dots(ax, [d[0] for d in dots], [d[1] for d in dots], 3.8, INK)


def _data(pairs: pd.DataFrame) -> pd.DataFrame:
    data = pairs.drop(columns=["set_a", "set_b"])
    data.insert(0, "mark", pairs["label_a"] + " & " + pairs["label_b"])
    return data.reset_index(drop=True)


def _marks(memberships: Memberships, pairs: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    marks = {}
    matrix = memberships.matrix
    place = {set_: i for i, set_ in enumerate(memberships.sets)}
    for row in pairs.itertuples():
        a, b = str(row.set_a), str(row.set_b)
        both = memberships.items[matrix[:, place[a]] & matrix[:, place[b]]]
        marks[f"{row.label_a} & {row.label_b}"] = tuple(
            row_id
            for item in both
            for set_ in (a, b)
            for row_id in memberships.evidence(item, set_)
        )
    return marks
