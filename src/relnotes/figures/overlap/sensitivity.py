"""Sensitivity: how far each count moves when the judgements let in are fewer or more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from relnotes.analysis.overlap import Sensitivity
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.scales import round_step
from relnotes.figures.style import (
    BAND,
    EMPTY,
    FAINT,
    MARGIN,
    NOTE,
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

# From strict to lenient: darker and smaller to paler and larger; equal counts show as rings.
LOOKS: Final[Mapping[str, tuple[str, float, str]]] = {
    "exact": ("#083d6b", 3.4, "exact: the same, and said so"),
    "explicit": ("#2f7fb8", 5.6, "explicit: said so"),
    "close": ("#8fbbdb", 7.8, "close: or nearly the same"),
    "any": ("#d9e8f3", 10.0, "any relation"),
}
EDGE: Final = "#5f9fcb"
ROW: Final = 13.0
PANEL: Final = 150.0
WIDEST_LABEL: Final = 170.0


def _counts(sensitivity: Sensitivity) -> pd.DataFrame:
    """Concepts named in some setting, in the order of the baseline."""
    counts = sensitivity.counts
    base = counts[
        (counts["coder"] == sensitivity.baseline.coder)
        & (counts["strictness"] == sensitivity.baseline.strictness)
    ]
    order = {item: i for i, item in enumerate(base.sort_values("rank", kind="stable")["item"])}
    named = counts.groupby("item")["sets"].max()
    kept = counts[counts["item"].map(named) > 0]
    place = kept["item"].map(order)
    return kept.assign(place=place).sort_values("place", kind="stable")


def _tops(sensitivity: Sensitivity) -> pd.DataFrame:
    return sensitivity.conclusions[sensitivity.conclusions["kind"] == "top"]


def describe_overlap_sensitivity(sensitivity: Sensitivity) -> Description:
    """Say in words which of the most named concepts hold their place in every setting.

    Parameters
    ----------
    sensitivity : Sensitivity
        What :func:`relnotes.analysis.overlap.compute_sensitivity` found.
    """
    title = "Does the picture hold when fewer judgements count?"
    counts = _counts(sensitivity)
    settings = counted(len(sensitivity.settings), "setting")
    if counts.empty:
        nothing = "No framework names a concept in any setting, so there is nothing to compare."
        return Description(title, nothing, nothing, nothing)
    tops = _tops(sensitivity)
    at_base = tops[tops["at_baseline"]]
    firm = [about[0] for about in at_base.loc[at_base["survives"], "about"]]
    labels = dict(zip(counts["item"], counts["label"], strict=True))
    ranges = counts.groupby("item", sort=False)["sets"].agg(["min", "max"])
    widest_move = ranges["max"] - ranges["min"]
    moved = str(widest_move.idxmax())
    low, high = (int(ranges[end].loc[moved]) for end in ("min", "max"))
    names = f" ({listed([labels[item] for item in firm], 6)})" if firm else ""
    verb = "stays" if len(firm) == 1 else "stay"
    lead = (
        f"Of the {counted(len(at_base), 'concept')} at the top of the baseline, {len(firm):,} "
        f"{verb} there in all {settings}{names}"
    )
    most = (
        f"{labels[moved]} moves most, between {low:,} and {counted(high, 'framework')}"
        if low < high
        else "No count moves"
    )
    baseline = f"{sensitivity.baseline.coder}, {sensitivity.baseline.strictness.value}"
    caption = f"{lead}. {most}. Order and top as in the baseline ({baseline})."
    alt = f"Dots of how many frameworks name each concept in {settings}. {lead}."
    rows = "; ".join(
        f"{labels[item]} {int(row['min']):,} to {int(row['max']):,}"
        for item, row in ranges.iterrows()
    )
    description = (
        f"{lead}. {most}. Fewest and most frameworks that name each concept over all {settings}, "
        f"in the order of the baseline ({baseline}): {rows}."
    )
    return Description(title, caption, alt, description)


def plot_overlap_sensitivity(
    sensitivity: Sensitivity, ax: Axes | None = None, *, name: str = "overlap-sensitivity"
) -> Figure:
    """Draw the count of each concept in every setting, one panel for each coding.

    Parameters
    ----------
    sensitivity : Sensitivity
        What to draw.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a sheet of the right size otherwise.
    name : str
        Name of the figure.

    Returns
    -------
    Figure
        Marks: each concept by its label.
    """
    words = describe_overlap_sensitivity(sensitivity)
    counts = _counts(sensitivity)
    if counts.empty:
        return plot_nothing(name, words, ax)
    items = list(dict.fromkeys(counts["item"]))
    label_of = dict(zip(counts["item"], map(clean, counts["label"]), strict=True))
    labels = [shortened(label_of[item], WIDEST_LABEL) for item in items]
    coders = list(dict.fromkeys(sensitivity.settings["coder"]))
    coders.sort(key=lambda coder: coder != sensitivity.baseline.coder)
    firm = {about[0] for about in _tops(sensitivity).loc[_tops(sensitivity)["survives"], "about"]}
    ranks = counts.groupby("item")["rank"].agg(["min", "max"])
    places = [_from_to(int(ranks.loc[i, "min"]), int(ranks.loc[i, "max"])) for i in items]

    label_right = MARGIN + widest(labels, weight="bold")
    lefts = [label_right + 14 + (PANEL + 22) * k for k in range(len(coders))]
    place_right = lefts[-1] + PANEL + 16 + widest([*places, "place"], NOTE)
    width = max(place_right + MARGIN, 360.0)
    highest = max(1, int(counts["sets"].max()))
    unit = PANEL / highest
    subtitle = (
        "Frameworks that name each concept, from the strictest to the most lenient reading. "
        "Bold: at the top in every setting. Place: the range of its ranks."
    )
    row_of = {item: i for i, item in enumerate(items)}
    with house_style():
        top = heading_height(words.title, [subtitle], width - 2 * MARGIN) + MARGIN
        key = _draw_key_width()
        key_rows = 1 if key <= width - 2 * MARGIN else 2
        grid_top = top + 15 * key_rows + 26
        bottom = grid_top + ROW * len(items)
        ax = sheet(width, bottom + MARGIN, ax)
        write_heading(ax, words.title, [subtitle], width - 2 * MARGIN)
        _draw_key(ax, top + 2, width)
        y = grid_top + ROW * (np.arange(len(items)) + 0.5)
        draw_boxes(ax, [(MARGIN, at - ROW / 2, width - 2 * MARGIN, ROW) for at in y[::2]], BAND)
        for coder, left in zip(coders, lefts, strict=True):
            write(ax, left, grid_top - 16, f"Coding: {clean(coder)}", weight="bold")
            _draw_scale(ax, left, unit, highest=highest, top=grid_top, bottom=bottom)
            _draw_panel(ax, counts[counts["coder"] == coder], left, unit, y=y, row_of=row_of)
        write(ax, place_right, grid_top - 5, "place", size=NOTE, colour=QUIET, align="right")
        for at, item, label, place in zip(y, items, labels, places, strict=True):
            write(
                ax,
                label_right,
                at,
                label,
                align="right",
                baseline="middle",
                weight="bold" if item in firm else "normal",
            )
            write(
                ax,
                place_right,
                at,
                place,
                size=NOTE,
                colour=QUIET,
                align="right",
                baseline="middle",
            )
    return Figure.described(
        name,
        words,
        drawing=drawing_of(ax),
        data=_data(counts),
        marks={label_of[item]: (f"concepts:{item}",) for item in items},
        choices={
            "baseline": f"{sensitivity.baseline.coder}/{sensitivity.baseline.strictness.value}"
        },
    )


def _from_to(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}–{high}"


def _draw_key_width() -> float:
    return sum(text_width(words, NOTE) + 26 for _, _, words in LOOKS.values())


def _draw_key(ax: Axes, top: float, width: float) -> None:
    x, y = MARGIN, top + 6
    for colour, size, words in LOOKS.values():
        wide = text_width(words, NOTE) + 26
        if x > MARGIN and x + wide > width - MARGIN:
            x, y = MARGIN, y + 15
        draw_dots(ax, [x + 5], [y], size, colour, edgecolors=EDGE, linewidths=0.5)
        write(ax, x + 13, y, words, size=NOTE, baseline="middle")
        x += wide


def _draw_scale(
    ax: Axes, left: float, unit: float, *, highest: int, top: float, bottom: float
) -> None:
    values = np.arange(0, highest + 1, round_step(highest / 4))
    draw_lines(ax, [(left + v * unit, top, left + v * unit, bottom) for v in values], EMPTY)
    for value in values:
        write(ax, left + value * unit, top - 5, f"{value}", size=NOTE, colour=QUIET, align="center")


def _draw_panel(
    ax: Axes,
    counts: pd.DataFrame,
    left: float,
    unit: float,
    *,
    y: np.ndarray,
    row_of: Mapping[Any, int],
) -> None:
    span = counts.groupby("item")["sets"].agg(["min", "max"])
    draw_lines(
        ax,
        [
            (left + row["min"] * unit, y[row_of[item]], left + row["max"] * unit, y[row_of[item]])
            for item, row in span.iterrows()
        ],
        FAINT,
        linewidths=1.0,
    )
    for strictness, (colour, size, _) in reversed(list(LOOKS.items())):
        part = counts[counts["strictness"] == strictness]
        draw_dots(
            ax,
            left + part["sets"].to_numpy() * unit,
            y[[row_of[item] for item in part["item"]]],
            size,
            colour,
            edgecolors=EDGE,
            linewidths=0.5,
        )


def _data(counts: pd.DataFrame) -> pd.DataFrame:
    data = counts[["coder", "strictness", "sets", "of", "rank", "rank_change"]].copy()
    data.insert(0, "mark", [clean(label) for label in counts["label"]])
    return data.reset_index(drop=True)
