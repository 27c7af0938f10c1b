"""Agreement of two codings: concept by concept, how many elements both relate, and how surely."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from relnotes.analysis.agreement import Agreement, compute_agreement, found_agreement, worth
from relnotes.analysis.overlap.naming import readable
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.register import registered
from relnotes.figures.scales import round_step
from relnotes.figures.style import (
    BAND,
    EMPTY,
    INK,
    MARGIN,
    NOTE,
    ORANGE,
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

    from relnotes.evidence.collection import Collection

TITLE: Final = "On which concepts do the two codings agree?"
# Dark, mid and hollow, so that the parts of a bar differ without colour too.
LOOKS: Final = {
    "both": ("#12649d", "#12649d"),
    "only_first": (ORANGE, ORANGE),
    "only_second": (PAPER, INK),
}
ROW: Final = 12.0
BARS: Final = 150.0
SCALE: Final = 130.0
WIDEST_LABEL: Final = 160.0
COLUMN_GAP: Final = 8.0


def describe_agreement_concepts(agreement: Agreement) -> Description:
    """Say in words on which concepts two codings agree.

    Parameters
    ----------
    agreement : Agreement
        What :func:`relnotes.analysis.agreement.compute_agreement` found.
    """
    shown = _shown(agreement)
    if shown.empty:
        nothing = (
            " ".join(found_agreement(agreement))
            if agreement.absent or not agreement.elements
            else "Neither coding relates an element to a concept: there is nothing to compare."
        )
        return Description(TITLE, nothing, nothing, nothing)
    first, second = agreement.coders
    parted = shown[shown["only_first"] + shown["only_second"] > 0]
    weakest = parted.dropna(subset="alpha").nsmallest(3, "alpha")
    lead = (
        f"On {len(shown) - len(parted):,} of {counted(len(shown), 'concept')} the {first} and the "
        f"{second} coding relate the same elements"
    )
    if not weakest.empty:
        lead += f"; they agree least on {listed(list(weakest['name']))}"
    overall = (
        ""
        if np.isnan(agreement.alpha)
        else f" Over all concepts alpha is {agreement.alpha:.2f} ({agreement.level:.0%} interval "
        f"{agreement.low:.2f} to {agreement.high:.2f})."
    )
    caption = f"{lead}.{overall} {worth(agreement.coders)} What counts: {agreement.lens.words}."
    alt = f"Bars of the elements each concept has in both codings or in one, with alpha. {lead}."
    rows = "; ".join(_row_words(row, first, second) for _, row in shown.iterrows())
    description = f"{lead}.{overall} {worth(agreement.coders)} Concept by concept: {rows}."
    return Description(TITLE, caption, alt, description)


def _row_words(row: pd.Series[Any], first: str, second: str) -> str:
    alpha = (
        "alpha not defined"
        if np.isnan(row["alpha"])
        else f"alpha {row['alpha']:.2f}, from {row['low']:.2f} to {row['high']:.2f}"
    )
    return (
        f"{row['name']}, {row['both']:,} in both, {row['only_first']:,} only {first}, "
        f"{row['only_second']:,} only {second}, {alpha}"
    )


def _shown(agreement: Agreement) -> pd.DataFrame:
    """Return the concepts that a coding uses, the least agreed upon first."""
    concepts = agreement.concepts
    used = concepts[["both", "only_first", "only_second"]].sum(axis=1)
    names = list(map(clean, readable(list(concepts["concept_id"]), concepts["label"])))
    shown = concepts.assign(name=names, used=used)[used > 0]
    return shown.sort_values(
        ["alpha", "used"], ascending=[True, False], kind="stable", ignore_index=True
    )


def plot_agreement_concepts(agreement: Agreement, ax: Axes | None = None) -> Figure:
    """Draw for each concept the elements of both codings and of one only, and alpha beside them.

    Parameters
    ----------
    agreement : Agreement
        What to draw.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a sheet of the right size otherwise.

    Returns
    -------
    Figure
        Marks: each concept by its label.
    """
    name = "agreement-concepts"
    words = describe_agreement_concepts(agreement)
    shown = _shown(agreement)
    if shown.empty:
        return plot_nothing(name, words, ax)
    first, second = map(clean, agreement.coders)
    heads = ["both", f"only {first}", f"only {second}"]
    labels = [shortened(label, WIDEST_LABEL) for label in shown["name"]]

    label_right = MARGIN + widest(labels)
    bars = label_right + 8
    columns, right = [], bars + BARS
    for head in heads:
        right += COLUMN_GAP + max(text_width(head, NOTE), 18)
        columns.append(right)
    scale = right + 22
    width = scale + SCALE + 12 + MARGIN
    subtitle = (
        f"Elements related to each concept in both codings or in one. Right: Krippendorff’s alpha "
        f"for the concept, 1 is full agreement and 0 chance, with its {agreement.level:.0%} "
        "interval. Least agreement first."
    )
    with house_style():
        top = heading_height(words.title, [subtitle], width - 2 * MARGIN) + MARGIN + 18
        ax = sheet(width, top + ROW * len(shown) + MARGIN, ax)
        write_heading(ax, words.title, [subtitle], width - 2 * MARGIN)
        y = top + ROW * (np.arange(len(shown)) + 0.5)
        draw_boxes(ax, [(MARGIN, at - ROW / 2, width - 2 * MARGIN, ROW) for at in y[::2]], BAND)
        for at, label in zip(y, labels, strict=True):
            write(ax, label_right, at, label, align="right", baseline="middle")
        _draw_bars(ax, shown, bars, y, top)
        _draw_numbers(ax, shown, columns, y, top=top, heads=heads)
        _draw_alphas(ax, shown, scale, y, top=top)
    return Figure.described(
        name,
        words,
        drawing=drawing_of(ax),
        data=_data(shown, agreement.coders),
        marks={
            row["name"]: row["row_ids"] or (f"concepts:{row['concept_id']}",)
            for _, row in shown.iterrows()
        },
        choices={
            "codings": f"{agreement.coders[0]}, {agreement.coders[1]}",
            "lens": str(agreement.lens),
            "draws": f"{agreement.draws}",
            "seed": f"{agreement.seed}",
        },
    )


def _draw_bars(
    ax: Axes, shown: pd.DataFrame, left: float, y: np.ndarray[Any, Any], top: float
) -> None:
    highest = max(1, int(shown["used"].max()))
    unit = BARS / highest
    bottom = y[-1] + ROW / 2
    ticks = np.arange(0, highest + 1, round_step(highest / 4))
    draw_lines(ax, [(left + v * unit, top, left + v * unit, bottom) for v in ticks], EMPTY)
    for value in ticks:
        write(ax, left + value * unit, top - 5, f"{value:,}", size=NOTE, colour=QUIET,
              align="center")  # fmt: skip
    start = np.zeros(len(shown))
    for part, (fill, edge) in LOOKS.items():
        lengths = shown[part].to_numpy(float)
        boxes = [
            (left + begin * unit + 0.3, at - 3.2, length * unit - 0.6, 6.4)
            for begin, length, at in zip(start, lengths, y, strict=True)
            if length > 0
        ]
        if boxes:
            draw_boxes(ax, boxes, fill, edgecolors=edge, linewidths=0.6)
        start = start + lengths


def _draw_numbers(
    ax: Axes,
    shown: pd.DataFrame,
    columns: list[float],
    y: np.ndarray[Any, Any],
    *,
    top: float,
    heads: list[str],
) -> None:
    for right, head, part in zip(columns, heads, LOOKS, strict=True):
        fill, edge = LOOKS[part]
        wide = text_width(head, NOTE)
        draw_boxes(ax, [(right - wide, top - 18, 8, 5)], fill, edgecolors=edge, linewidths=0.6)
        write(ax, right, top - 5, head, size=NOTE, colour=QUIET, align="right")
        for at, number in zip(y, shown[part], strict=True):
            colour = INK if number else QUIET
            write(ax, right, at, f"{number:,}", size=NOTE, colour=colour, align="right",
                  baseline="middle")  # fmt: skip


def _draw_alphas(
    ax: Axes, shown: pd.DataFrame, left: float, y: np.ndarray[Any, Any], *, top: float
) -> None:
    known = shown[["alpha", "low", "high"]].to_numpy(float)
    # The scale begins at 0, or lower where something lies visibly below chance.
    lowest = np.nanmin(known, initial=0.0)
    least = float(np.floor(lowest * 2) / 2) if lowest < -0.02 else 0.0
    unit = SCALE / (1 - least)
    bottom = y[-1] + ROW / 2
    ticks = np.arange(least, 1.01, 0.5 if least < 0 else 0.25)
    draw_lines(ax, [(left + (t - least) * unit, top, left + (t - least) * unit, bottom)
                    for t in ticks], EMPTY)  # fmt: skip
    for tick in ticks:
        words = f"{tick:g}".replace("-", "−")
        write(ax, left + (tick - least) * unit, top - 5, words, size=NOTE, colour=QUIET,
              align="center")  # fmt: skip
    write(ax, left, top - 15, "alpha", size=NOTE, weight="bold")
    defined = ~np.isnan(known[:, 0])
    at = (known.clip(min=least) - least) * unit + left
    draw_lines(
        ax,
        [
            (low, row, high, row)
            for (_, low, high), row in zip(at[defined], y[defined], strict=True)
        ],
        QUIET,
        linewidths=1.0,
    )
    draw_dots(ax, at[defined, 0], y[defined], 4.6, "#12649d")
    for row in y[~defined]:
        write(ax, left, row, "not defined: nothing varies", size=NOTE, colour=QUIET,
              baseline="middle")  # fmt: skip


def _data(shown: pd.DataFrame, coders: tuple[str, str]) -> pd.DataFrame:
    data = shown[["name", "both", "only_first", "only_second", "neither", "alpha", "low", "high"]]
    return data.rename(
        columns={
            "name": "mark",
            "only_first": f"only {coders[0]}",
            "only_second": f"only {coders[1]}",
        }
    )


@registered("agreement-concepts")
def agreement_concepts(collection: Collection) -> Figure:
    """Draw on which concepts the lexical and the reading coding of a collection agree."""
    return plot_agreement_concepts(compute_agreement(collection))
