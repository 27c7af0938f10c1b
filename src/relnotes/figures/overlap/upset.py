"""UpSet: which combinations of sets hold how many items, and which.

Two layouts of the same marks. :func:`plot_overlap_upset` stands the bars upright over a grid of
dots, to compare many sizes at a glance; :func:`plot_overlap_upset_rows` lays every combination in a
row of its own and writes the members out, to read who they are.

References
----------
Lex, A., Gehlenborg, N., Strobelt, H., Vuillemot, R. and Pfister, H. (2014). UpSet: visualization of
intersecting sets. IEEE Transactions on Visualization and Computer Graphics, 20(12), 1983–1992.
doi:10.1109/TVCG.2014.2346248
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, radians, sin
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from relnotes.analysis.overlap import Intersection, Intersections
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.overlap.nouns import Nouns
from relnotes.figures.style import (
    BAND,
    BLUE,
    EMPTY,
    FAINT,
    INK,
    LABEL,
    MARGIN,
    NOTE,
    PAPER,
    QUIET,
    RULE,
    clean,
    draw_boxes,
    draw_dots,
    draw_ground_dots,
    draw_lines,
    drawing_of,
    heading_height,
    house_style,
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

# Beyond these, names crowd the bars and numbers each other; the data keep them all.
MOST_NAMES: Final = 3
MOST_NAMED_BARS: Final = 60
MOST_LISTED: Final = 14
# Beyond this, a bar keeps its size and not its members: nobody reads a thousand names.
MOST_MEMBERS: Final = 1000

BAR_HEIGHT: Final = 92.0
BAR_WIDTH: Final = 120.0
NAMES_WIDTH: Final = 230.0
WIDEST_LABEL: Final = 170.0
SLANT: Final = 55.0

ELSE: Final = "everything else"
NONE: Final = "none shown"


@dataclass(frozen=True)
class _Bar:
    """A bar to draw: a combination, everything else, or the items outside all sets."""

    mark: str
    part: str
    row: Intersection
    members: tuple[str, ...]


def describe_overlap_upset(intersections: Intersections, nouns: Nouns | None = None) -> Description:
    """Say in words which combinations of sets hold how many items.

    Parameters
    ----------
    intersections : Intersections
        What :func:`relnotes.analysis.overlap.compute_intersections` found.
    nouns : Nouns, optional
        What items and sets are called.

    Examples
    --------
    >>> from relnotes.analysis.overlap import Memberships, compute_intersections
    >>> kept = Memberships.from_sets({"A": ["care", "time", "trust"], "B": ["trust", "hope"]})
    >>> print(describe_overlap_upset(compute_intersections(kept)).alt)
    UpSet chart of 4 items by 2 sets, 3 combinations shown. The largest combination is A alone
    (2 items).
    """
    nouns = nouns or Nouns()
    title = nouns.question
    scope = f"{nouns.some_items(intersections.items)} by {nouns.some_sets(len(intersections.sets))}"
    if not intersections.rows:
        nothing = (
            f"{scope}: no {nouns.item} {nouns.verb[0]} any {nouns.set}, so there is nothing to "
            "compare."
        )
        return Description(title, nothing, nothing, nothing)
    rows, largest = intersections.rows, intersections.rows[0]
    mode = mode_sentence(intersections, nouns)
    first = f"The largest combination is {_named(largest, 4)} ({nouns.some_items(largest.size)})"
    spread = _spread(intersections, nouns) if intersections.disjoint else ""
    left = _left_over(intersections, nouns)
    caption = f"{scope}. {mode} {first}{spread}. {left}".strip()
    alt = f"UpSet chart of {scope}, {_counted_rows(rows)}. {first}.{' ' + left if left else ''}"
    sizes = [
        f"{label}: {size:,}"
        for label, size in zip(intersections.set_labels, intersections.set_sizes, strict=True)
    ]
    combinations = [
        f"{_named(row, 6)}: {nouns.some_items(row.size)}{_members_in_words(row)}"
        for row in rows[:40]
    ]
    if len(rows) > 40:
        combinations.append(f"and {len(rows) - 40:,} smaller combinations")
    description = (
        f"{mode} The sizes of the {nouns.sets}: {'; '.join(sizes[:60])}. "
        f"The combinations, {'largest first' if _falling(rows) else 'in the order drawn'}: "
        f"{'; '.join(combinations)}. {left}"
    ).strip()
    return Description(title, caption, alt, description)


def mode_sentence(intersections: Intersections, nouns: Nouns) -> str:
    """Say what one bar counts: exactly these sets, or at least these."""
    these = {
        "exclusive intersection": f"exactly these {nouns.sets} and no other shown",
        "inclusive intersection": f"at least these {nouns.sets}",
        "exclusive union": f"one or more of these {nouns.sets} and no other shown",
        "inclusive union": f"one or more of these {nouns.sets}",
    }[intersections.mode]
    return f"Each bar counts the {nouns.items} that {nouns.verb[1]} {these}."


def _named(row: Intersection, most: int) -> str:
    if row.degree == 1:
        return f"{row.labels[0]} alone"
    more = f" + {row.degree - most:,} more" if row.degree > most else ""
    return " + ".join(row.labels[:most]) + more


def _counted_rows(rows: Sequence[Intersection]) -> str:
    return "1 combination shown" if len(rows) == 1 else f"{len(rows):,} combinations shown"


def _members_in_words(row: Intersection) -> str:
    if row.size > MOST_LISTED:
        return ""
    return f" ({', '.join(row.member_labels)})"


def _falling(rows: Sequence[Intersection]) -> bool:
    return all(a.size >= b.size for a, b in pairwise(rows))


def _spread(intersections: Intersections, nouns: Nouns) -> str:
    """How many items are shared at all, and by all; only where the bars do not share items."""
    if intersections.rest is not None or len(intersections.sets) < 2:
        return ""
    every = len(intersections.sets)
    shared = sum(row.size for row in intersections.rows if row.degree > 1)
    by_all = sum(row.size for row in intersections.rows if row.degree == every)
    some = nouns.some_items(shared) if shared else f"no {nouns.item}"
    whole = f"{by_all:,}" if by_all else "none"
    return (
        f"; {some} {nouns.verb[shared > 1]} more than one {nouns.set}, and "
        f"{whole} {nouns.verb[by_all > 1]} all {every}"
    )


def _left_over(intersections: Intersections, nouns: Nouns) -> str:
    parts = []
    if intersections.rest is not None:
        size, hidden = intersections.rest.size, intersections.hidden
        combos = "1 further combination" if hidden == 1 else f"{hidden:,} further combinations"
        parts.append(f"Everything else: {nouns.some_items(size)} in {combos}.")
    if intersections.outside is not None:
        size = intersections.outside.size
        parts.append(f"{nouns.some_items(size)} {nouns.verb[size > 1]} none of those shown.")
    return " ".join(parts)


# ---------------------------------------------------------------- what is drawn


def _bars(intersections: Intersections) -> list[_Bar]:
    bars = [_bar(" + ".join(row.labels), "shown", row) for row in intersections.rows]
    if intersections.rest is not None:
        bars.append(_bar(ELSE, ELSE, intersections.rest))
    if intersections.outside is not None:
        bars.append(_bar(NONE, NONE, intersections.outside))
    return bars


def _bar(mark: str, part: str, row: Intersection) -> _Bar:
    return _Bar(mark, part, row, row.member_labels if row.size <= MOST_MEMBERS else ())


def _data(intersections: Intersections, bars: Sequence[_Bar]) -> pd.DataFrame:
    lines = [
        (bar.mark, bar.part, bar.row.labels, bar.row.degree, bar.row.size, bar.members)
        for bar in bars
    ]
    lines += [
        (f"all of {label}", "whole set", (label,), 1, size, ())
        for label, size in zip(intersections.set_labels, intersections.set_sizes, strict=True)
    ]
    return pd.DataFrame(lines, columns=["mark", "part", "sets", "degree", "size", "members"])


def _marks(
    intersections: Intersections, bars: Sequence[_Bar], set_table: str
) -> dict[str, tuple[str, ...]]:
    marks = {bar.mark: bar.row.row_ids if bar.row.size <= MOST_MEMBERS else () for bar in bars}
    for name, label in zip(intersections.sets, intersections.set_labels, strict=True):
        marks[f"all of {label}"] = (f"{set_table}:{name}",) if set_table else ()
    return marks


def _by_size(intersections: Intersections) -> list[int]:
    """Places of the sets, the largest first; equals keep their order."""
    return sorted(range(len(intersections.sets)), key=lambda k: -intersections.set_sizes[k])


def _dot_places(
    intersections: Intersections, order: Sequence[int], rows: Sequence[Intersection]
) -> list[list[int]]:
    """For each combination, the places of its sets in the drawn order."""
    place = {intersections.sets[k]: at for at, k in enumerate(order)}
    return [sorted(place[name] for name in row.sets) for row in rows]


def _choices(intersections: Intersections, choices: Mapping[str, str] | None) -> dict[str, str]:
    return {"mode": intersections.mode, **(choices or {})}


# ---------------------------------------------------------------- upright


def plot_overlap_upset(
    intersections: Intersections,
    ax: Axes | None = None,
    *,
    nouns: Nouns | None = None,
    strip: Mapping[str, str] | None = None,
    set_table: str = "",
    choices: Mapping[str, str] | None = None,
    name: str = "overlap-upset",
) -> Figure:
    """Draw combinations of sets as bars over a grid of dots.

    Parameters
    ----------
    intersections : Intersections
        What to draw; the bars keep its order.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a sheet of the right size otherwise.
    nouns : Nouns, optional
        What items and sets are called.
    strip : mapping of str to str, optional
        Something to say beside each set, by set id, such as its year.
    set_table : str
        Table in which the ids of the sets are found, for the rows behind a set's own bar.
    choices : mapping of str to str, optional
        What else was chosen, such as the strictness, for the passport.
    name : str
        Name of the figure.

    Returns
    -------
    Figure
        Marks: one for each combination, named by its sets joined with ``+``; ``everything else``;
        ``none shown``; and ``all of …`` for each set.

    Examples
    --------
    >>> from relnotes.analysis.overlap import Memberships, compute_intersections
    >>> kept = Memberships.from_sets({"A": ["care", "time", "trust"], "B": ["trust", "hope"]})
    >>> figure = plot_overlap_upset(compute_intersections(kept))
    >>> figure.data.loc[figure.data["mark"] == "A + B", "members"].item()
    ('trust',)
    """
    nouns = nouns or Nouns()
    words = describe_overlap_upset(intersections, nouns)
    bars = _bars(intersections)
    if not intersections.rows:
        return plot_nothing(name, words, ax=ax)
    order = _by_size(intersections)
    labels = [clean(intersections.set_labels[k]) for k in order]
    notes = [clean((strip or {}).get(intersections.sets[k], "")) for k in order]
    sizes = [intersections.set_sizes[k] for k in order]

    # Widths, from left to right: sizes of the sets, labels, notes, grid.
    pitch = 15.0 if len(bars) <= 45 else 11.0 if len(bars) <= 90 else 7.5
    row_height = 14.0 if len(order) <= 40 else 10.0
    number = widest([f"{size:,}" for size in sizes], NOTE) + 5
    label_width = min(widest(labels), WIDEST_LABEL)
    note_width = widest(notes, NOTE) + (8 if any(notes) else 0)
    size_right = MARGIN + number + 52
    label_right = size_right + 7 + label_width
    grid_left = label_right + note_width + 9
    gap = pitch * 0.6 if any(bar.part != "shown" for bar in bars) else 0.0
    x = np.array(
        [
            grid_left + pitch * (i + 0.5) + (gap if bar.part != "shown" else 0.0)
            for i, bar in enumerate(bars)
        ]
    )
    width = max(float(x[-1]) + pitch / 2 + MARGIN, 300.0)
    subtitle = _subtitle(intersections, nouns)

    # Heights, from the top: heading, names over bars, bars, grid.
    highest = _highest(bars)
    heights, broken = _lengths(bars, BAR_HEIGHT / highest)
    counts = [f"{bar.row.size:,}" for bar in bars]
    counted_above = widest(counts[: len(intersections.rows)], NOTE) < pitch - 1
    names = [
        _name_over(bar) if bar.part != "shown" or len(bars) <= MOST_NAMED_BARS else ""
        for bar in bars
    ]
    # One name over a bar says that the bar is one.
    numbers = [
        count if counted_above and bar.part == "shown" and not (text and bar.row.size == 1) else ""
        for bar, count, text in zip(bars, counts, names, strict=True)
    ]
    above = max(
        h + (11 if number else 2) + (text_width(text, NOTE) + 4 if text else 0)
        for h, number, text in zip(heights, numbers, names, strict=True)
    )
    with house_style():
        top = heading_height(words.title, [subtitle], width - 2 * MARGIN) + MARGIN
        floor = top + above + 6
        grid_top = floor + 7
        height = grid_top + row_height * len(order) + MARGIN
        ax = sheet(width, height, ax)
        write_heading(ax, words.title, [subtitle], width - 2 * MARGIN)

        y = grid_top + row_height * (np.arange(len(order)) + 0.5)
        _draw_grid(
            ax,
            x,
            y,
            band=(MARGIN, width - MARGIN),
            row_height=row_height,
            bars=bars,
            intersections=intersections,
            order=order,
        )

        # Bars and their numbers.
        boxes = np.column_stack(
            [x - pitch * 0.33, floor - heights, np.full(len(x), pitch * 0.66), heights]
        )
        _draw_bars(ax, bars, boxes)
        _draw_breaks(ax, boxes[broken], upright=True)
        draw_lines(ax, [(grid_left, floor, float(x[-1]) + pitch / 2, floor)], FAINT)
        for at, bar_height, count, text in zip(x, heights, numbers, names, strict=True):
            up = floor - bar_height - 3
            if count:
                write(ax, at, up, count, size=NOTE, align="center")
                up -= 9
            if text:
                write(
                    ax,
                    at,
                    up,
                    text,
                    size=NOTE,
                    colour=QUIET,
                    align="center",
                    baseline="bottom",
                    rotation=90,
                )
        if not counted_above:
            _draw_scale(ax, highest, floor, grid_left, float(x[-1]) + pitch / 2)

        # Sets: size, label, note.
        scale = 52.0 / max(*sizes, 1)
        draw_boxes(
            ax,
            [
                (size_right - size * scale, at - row_height * 0.29, size * scale, row_height * 0.58)
                for size, at in zip(sizes, y, strict=True)
            ],
            QUIET,
        )
        for size, label, note, at in zip(sizes, labels, notes, y, strict=True):
            write(
                ax,
                size_right - size * scale - 3,
                at,
                f"{size:,}",
                size=NOTE,
                colour=QUIET,
                align="right",
                baseline="middle",
            )
            write(
                ax,
                label_right,
                at,
                shortened(label, WIDEST_LABEL),
                align="right",
                baseline="middle",
            )
            if note:
                write(ax, label_right + 8, at, note, size=NOTE, colour=QUIET, baseline="middle")
        write(
            ax, size_right, floor - 1, f"all {nouns.items}", size=NOTE, colour=QUIET, align="right"
        )
    return Figure.described(
        name,
        words,
        drawing=drawing_of(ax),
        data=_data(intersections, bars),
        marks=_marks(intersections, bars, set_table),
        choices=_choices(intersections, choices),
    )


def _subtitle(intersections: Intersections, nouns: Nouns) -> str:
    left = _left_over(intersections, nouns)
    keys = []
    if intersections.rest is not None:
        keys.append("hatched: everything else")
    if intersections.outside is not None:
        keys.append(f"outlined: {NONE}")
    key = f" ({'; '.join(keys)})" if keys and left else ""
    sentence = mode_sentence(intersections, nouns)
    return f"{sentence[:-1]}{key}." if key else sentence


def _name_over(bar: _Bar) -> str:
    if bar.part != "shown":
        return f"{bar.part}: {bar.row.size:,}"
    if 0 < len(bar.members) <= MOST_NAMES:
        return shortened(", ".join(clean(member) for member in bar.members), 175, NOTE)
    return ""


def _highest(bars: Sequence[_Bar]) -> int:
    return max(1, *(bar.row.size for bar in bars if bar.part == "shown"))


def _lengths(bars: Sequence[_Bar], unit: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the length of each bar in points, and whether it had to be broken off.

    What is left over is often more than any combination; drawn in full it would press the bars
    that were asked for flat.
    """
    full = np.array([bar.row.size * unit for bar in bars])
    longest = np.where([bar.part == "shown" for bar in bars], np.inf, 1.15 * unit * _highest(bars))
    return np.maximum(np.minimum(full, longest), np.minimum(full, 0.8)), full > longest


def _draw_breaks(ax: Axes, boxes: np.ndarray, *, upright: bool) -> None:
    """Draw a slanted gap across bars that are broken off."""
    for x, y, w, h in boxes:
        if upright:
            slant = np.array([x - 2, y + 0.25 * h + 1.5, x + w + 2, y + 0.25 * h - 1.5])
            aside = np.array([0, 1.5, 0, 1.5])
        else:
            slant = np.array([x + 0.75 * w - 1.5, y + h + 2, x + 0.75 * w + 1.5, y - 2])
            aside = np.array([1.5, 0, 1.5, 0])
        draw_lines(ax, [slant.tolist()], PAPER, linewidths=3.0)
        draw_lines(ax, [(slant - aside).tolist(), (slant + aside).tolist()], BLUE, linewidths=0.7)


def _draw_bars(ax: Axes, bars: Sequence[_Bar], boxes: np.ndarray) -> None:
    parts = np.array([bar.part for bar in bars])
    draw_boxes(ax, boxes[parts == "shown"], BLUE)
    if (parts == ELSE).any():
        draw_boxes(ax, boxes[parts == ELSE], PAPER, edgecolors=BLUE, linewidths=0.7, hatch="/////")
    if (parts == NONE).any():
        draw_boxes(ax, boxes[parts == NONE], PAPER, edgecolors=BLUE, linewidths=0.7)


def _draw_grid(
    ax: Axes,
    x: np.ndarray,
    y: np.ndarray,
    *,
    band: tuple[float, float],
    row_height: float,
    bars: Sequence[_Bar],
    intersections: Intersections,
    order: Sequence[int],
) -> None:
    """Draw bands, faint dots for every place, dark dots for membership, and their line."""
    left, right = band
    draw_boxes(ax, [(left, at - row_height / 2, right - left, row_height) for at in y[::2]], BAND)
    shown = np.array([bar.part == "shown" for bar in bars])
    places = _dot_places(intersections, order, [bar.row for bar in bars if bar.part == "shown"])
    columns = x[shown]
    step = float(x[1] - x[0]) if len(x) > 1 else row_height
    diameter = min(7.5, row_height * 0.56, step * 0.62)
    draw_ground_dots(
        ax, np.repeat(columns, len(y)), np.tile(y, len(columns)), diameter * 0.8, EMPTY
    )
    draw_lines(
        ax,
        [(at, y[dots[0]], at, y[dots[-1]]) for at, dots in zip(columns, places, strict=True)],
        INK,
        linewidths=1.1,
    )
    draw_dots(
        ax,
        np.repeat(columns, [len(dots) for dots in places]),
        np.concatenate([y[dots] for dots in places]),
        diameter,
        INK,
    )


def _draw_scale(ax: Axes, highest: int, floor: float, left: float, right: float) -> None:
    """Draw a scale of round numbers where the bars stand too close for numbers of their own."""
    step = round_step(highest / 3)
    values = np.arange(step, highest + 1, step)
    heights = floor - values * BAR_HEIGHT / highest
    draw_lines(ax, [(left, at, right, at) for at in heights], RULE, zorder=0)
    for value, at in zip(values, heights, strict=True):
        write(
            ax,
            left - 4,
            at,
            f"{value:,}",
            size=NOTE,
            colour=QUIET,
            align="right",
            baseline="middle",
        )


def round_step(step: float) -> int:
    """Return the round whole number (1, 2 or 5 times a power of ten) at or above a step.

    Examples
    --------
    >>> round_step(0.4), round_step(3), round_step(37)
    (1, 5, 50)
    """
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= step:
                return factor * power
        power *= 10


# ---------------------------------------------------------------- in rows


def plot_overlap_upset_rows(
    intersections: Intersections,
    ax: Axes | None = None,
    *,
    nouns: Nouns | None = None,
    set_table: str = "",
    choices: Mapping[str, str] | None = None,
    name: str = "overlap-upset-rows",
) -> Figure:
    """Draw combinations of sets in rows, with their members written out.

    Parameters
    ----------
    intersections : Intersections
        What to draw; rows of the same number of sets stand together, the most first.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a sheet of the right size otherwise.
    nouns : Nouns, optional
        What items and sets are called.
    set_table : str
        Table in which the ids of the sets are found.
    choices : mapping of str to str, optional
        What else was chosen, for the passport.
    name : str
        Name of the figure.

    Returns
    -------
    Figure
        Marks as in :func:`plot_overlap_upset`.
    """
    nouns = nouns or Nouns()
    words = describe_overlap_upset(intersections, nouns)
    if not intersections.rows:
        return plot_nothing(name, words, ax=ax)
    bars = sorted(_bars(intersections), key=lambda bar: (bar.part != "shown", -bar.row.degree))
    order = _by_size(intersections)
    labels = [shortened(clean(intersections.set_labels[k]), WIDEST_LABEL) for k in order]

    pitch = max(15.0, widest([f"{size:,}" for size in intersections.set_sizes], NOTE) + 4)
    group_width = widest([_degree(d, len(order)) for d in {bar.row.degree for bar in bars}], NOTE)
    grid_left = MARGIN + max(group_width + 6, text_width(f"all {nouns.items}", NOTE)) + 4
    grid_right = grid_left + pitch * len(order)
    bar_left = grid_right + 12
    unit = min(BAR_WIDTH / _highest(bars), 11.0)
    lengths, broken = _lengths(bars, unit)
    number = widest([f"{bar.row.size:,}" for bar in bars], LABEL)
    names_left = bar_left + float(lengths.max()) + number + 12
    overhang = max(
        grid_left + pitch * (i + 0.5) + text_width(label) * cos(radians(SLANT))
        for i, label in enumerate(labels)
    )
    width = max(names_left + NAMES_WIDTH, overhang + 8, 300.0 - MARGIN) + MARGIN
    lines = [_member_lines(bar) for bar in bars]
    heights = np.array([max(14.0, 9.6 * len(text) + 4.4) for text in lines])
    # A little air before each change of degree.
    air = np.array(
        [
            6.0
            if i and (bar.row.degree, bar.part) != (bars[i - 1].row.degree, bars[i - 1].part)
            else 0.0
            for i, bar in enumerate(bars)
        ]
    )
    subtitle = mode_sentence(intersections, nouns)
    with house_style():
        top = heading_height(words.title, [subtitle], width - 2 * MARGIN) + MARGIN
        slanted = widest(labels) > pitch - 3
        head = widest(labels) * sin(radians(SLANT)) + 8 if slanted else 8.0
        grid_top = top + head + 14
        tops = grid_top + np.cumsum(heights + air) - heights
        height = float(tops[-1] + heights[-1]) + MARGIN
        ax = sheet(width, height, ax)
        write_heading(ax, words.title, [subtitle], width - 2 * MARGIN)

        x = grid_left + pitch * (np.arange(len(order)) + 0.5)
        for at, label, k in zip(x, labels, order, strict=True):
            if slanted:
                write(ax, at - 2, grid_top - 16, label, rotation=SLANT, rotation_mode="anchor")
            else:
                write(ax, at, grid_top - 16, label, align="center")
            write(
                ax,
                at,
                grid_top - 4,
                f"{intersections.set_sizes[k]:,}",
                size=NOTE,
                colour=QUIET,
                align="center",
            )
        write(
            ax,
            grid_left - 4,
            grid_top - 4,
            f"all {nouns.items}",
            size=NOTE,
            colour=QUIET,
            align="right",
        )
        draw_lines(ax, [(MARGIN, grid_top, width - MARGIN, grid_top)], FAINT)
        y = tops + heights / 2
        _draw_row_grid(
            ax,
            x,
            y,
            tops=tops,
            heights=heights,
            width=width,
            bars=bars,
            intersections=intersections,
            order=order,
        )
        thick = np.full(len(y), 8.0)
        boxes = np.column_stack([np.full(len(y), bar_left), y - 4, lengths, thick])
        _draw_bars(ax, bars, boxes)
        _draw_breaks(ax, boxes[broken], upright=False)
        degree = None
        for bar, at, length, text in zip(bars, y, lengths, lines, strict=True):
            if bar.part == "shown" and bar.row.degree != degree:
                degree = bar.row.degree
                write(
                    ax,
                    MARGIN,
                    at,
                    _degree(degree, len(order)),
                    size=NOTE,
                    colour=QUIET,
                    baseline="middle",
                )
            write(ax, bar_left + length + 4, at, f"{bar.row.size:,}", baseline="middle")
            for i, line in enumerate(text):
                write(
                    ax,
                    names_left,
                    at + 9.6 * (i - (len(text) - 1) / 2),
                    line,
                    size=LABEL,
                    colour=INK if bar.part == "shown" else QUIET,
                    baseline="middle",
                )
            if bar.part != "shown":
                write(
                    ax,
                    grid_right - 4,
                    at,
                    bar.part,
                    size=NOTE,
                    colour=QUIET,
                    align="right",
                    baseline="middle",
                )
    return Figure.described(
        name,
        words,
        drawing=drawing_of(ax),
        data=_data(intersections, bars),
        marks=_marks(intersections, bars, set_table),
        choices=_choices(intersections, choices),
    )


def _degree(degree: int, sets: int) -> str:
    if degree == sets and sets > 1:
        return f"in all {sets}"
    return f"in {degree}" if degree else ""


def _member_lines(bar: _Bar) -> list[str]:
    """Write the members out where they are few, else say how many are not written."""
    if not bar.members:
        return []
    return wrapped(clean(_few(bar.members)), NAMES_WIDTH, LABEL)


def _few(members: Sequence[str]) -> str:
    # Commas only: many names hold an "and" of their own.
    more = len(members) - MOST_LISTED
    shown = ", ".join(members[:MOST_LISTED])
    return f"{shown} and {more:,} more" if more > 0 else shown


def _draw_row_grid(
    ax: Axes,
    x: np.ndarray,
    y: np.ndarray,
    *,
    tops: np.ndarray,
    heights: np.ndarray,
    width: float,
    bars: Sequence[_Bar],
    intersections: Intersections,
    order: Sequence[int],
) -> None:
    banded = [
        (MARGIN, top, width - 2 * MARGIN, tall)
        for top, tall in zip(tops[::2], heights[::2], strict=True)
    ]
    draw_boxes(ax, banded, BAND)
    shown = np.array([bar.part == "shown" for bar in bars])
    places = _dot_places(intersections, order, [bar.row for bar in bars if bar.part == "shown"])
    rows = y[shown]
    draw_ground_dots(ax, np.tile(x, len(rows)), np.repeat(rows, len(x)), 5.8, EMPTY)
    draw_lines(
        ax,
        [(x[dots[0]], at, x[dots[-1]], at) for at, dots in zip(rows, places, strict=True)],
        INK,
        linewidths=1.1,
    )
    draw_dots(
        ax,
        np.concatenate([x[dots] for dots in places]),
        np.repeat(rows, [len(dots) for dots in places]),
        7.2,
        INK,
    )
