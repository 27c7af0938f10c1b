"""Where two sets meet: which wording of the one names the same as which wording of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from relnotes.analysis.overlap import Memberships
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.overlap.nouns import Nouns
from relnotes.figures.style import (
    BLUE,
    FAINT,
    LABEL,
    MARGIN,
    QUIET,
    clean,
    drawing_of,
    heading_height,
    house_style,
    listed,
    sheet,
    shortened,
    text_width,
    wrapped,
    write,
    write_heading,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WORDING_WIDTH: Final = 150.0
CONCEPT_WIDTH: Final = 128.0
GAP: Final = 52.0
LINE: Final = 9.8
AIR: Final = 5.0
# Concepts and wordings are put in order by turns, each by where the other stands.
ROUNDS: Final = 6


@dataclass(frozen=True)
class _Meeting:
    """The two sides and the items between them, in the order of drawing."""

    items: tuple[object, ...]
    shared: frozenset[object]
    sides: tuple[pd.DataFrame, pd.DataFrame]
    labels: tuple[str, str]


def _meeting(memberships: Memberships, pair: tuple[str, str]) -> _Meeting:
    rows = memberships.rows
    sides = tuple(rows[rows["set"] == name] for name in pair)
    first, second = (list(dict.fromkeys(side["item"])) for side in sides)
    shared = [item for item in first if item in set(second)]
    alone = [item for item in [*first, *second] if item not in shared]
    for _ in range(ROUNDS):
        arranged = [_arranged(side, [*shared, *alone]) for side in sides]
        heights = [side.groupby("item")["height"].mean() for side in arranged]
        shared.sort(key=lambda item: float(sum(side[item] for side in heights)))
    a, b = (memberships.set_labels[memberships.position(name)] for name in pair)
    return _Meeting((*shared, *alone), frozenset(shared), (arranged[0], arranged[1]), (a, b))


def _arranged(side: pd.DataFrame, order: Sequence[object]) -> pd.DataFrame:
    """Put elements as near as can be to what they name, as shares of the height."""
    place = {item: i for i, item in enumerate(order)}
    mean = side["item"].map(place).groupby(side["element_id"]).transform("mean")
    ordered = side.assign(mean=mean).sort_values(["mean", "element_id"], kind="stable")
    rank, elements = pd.factorize(ordered["element_id"])
    return ordered.assign(height=(rank + 0.5) / max(1, len(elements)))


def describe_overlap_meeting(
    memberships: Memberships, pair: tuple[str, str], nouns: Nouns | None = None
) -> Description:
    """Say in words where two sets meet, and in which wordings.

    Parameters
    ----------
    memberships : Memberships
        Read from a crosswalk.
    pair : tuple of two str
        Ids of the sets.
    nouns : Nouns, optional
        What items and sets are called.
    """
    nouns = nouns or Nouns()
    meeting = _meeting(memberships, pair)
    a, b = meeting.labels
    labels = dict(zip(memberships.items, map(str, memberships.item_labels), strict=True))
    title = f"Where do {a} and {b} meet?"
    if not meeting.items:
        nothing = f"Neither {a} nor {b} names a {nouns.item}, so there is nothing to draw."
        return Description(title, nothing, nothing, nothing)
    shared = [labels[item] for item in meeting.items if item in meeting.shared]
    head = (
        f"{a} and {b} share {len(shared):,} of the {nouns.some_items(len(meeting.items))} that "
        "either names"
    )
    names = f": {listed(shared, 6)}" if shared else ""
    alone = []
    for label, side in zip(meeting.labels, meeting.sides, strict=True):
        only = [labels[item] for item in dict.fromkeys(side["item"]) if item not in meeting.shared]
        alone.append(f"{label} alone has {listed(only, 5) if only else 'nothing'}")
    said = []
    for item in meeting.items:
        if item in meeting.shared:
            left, right = (
                "; ".join(f"‘{w}’" for w in side.loc[side["item"] == item, "wording"])
                for side in meeting.sides
            )
            said.append(f"{labels[item]}: {a} says {left}, {b} says {right}")
    caption = f"{head}{names}. {'. '.join(alone)}."
    alt = (
        f"Elements of {a} and of {b}, joined by lines through the {nouns.items} they name. {head}."
    )
    description = f"{head}{names}. {'. '.join([*said, *alone])}."
    return Description(title, caption, alt, description)


def plot_overlap_meeting(
    memberships: Memberships,
    pair: tuple[str, str],
    ax: Axes | None = None,
    *,
    nouns: Nouns | None = None,
    choices: Mapping[str, str] | None = None,
    name: str = "overlap-meeting",
) -> Figure:
    """Draw the wordings of two sets on either side of the items they name.

    Parameters
    ----------
    memberships : Memberships
        Read from a crosswalk.
    pair : tuple of two str
        Ids of the sets.
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
        Marks: each item by its label, with the judgements of both sides; each line as
        ``wording (set) → item``.

    Raises
    ------
    ValueError
        If there is no such set.
    """
    nouns = nouns or Nouns()
    words = describe_overlap_meeting(memberships, pair, nouns)
    meeting = _meeting(memberships, pair)
    if not meeting.items:
        return plot_nothing(name, words, ax)
    labels = dict(zip(memberships.items, map(clean, memberships.item_labels), strict=True))
    columns = [_texts(side) for side in meeting.sides]
    concept_width = min(
        CONCEPT_WIDTH, max(text_width(labels[i], LABEL, "bold") for i in meeting.items)
    )
    left_edge = MARGIN + WORDING_WIDTH
    concept_left = left_edge + GAP
    right_edge = concept_left + concept_width + GAP
    width = right_edge + WORDING_WIDTH + MARGIN
    subtitle = (
        f"Lines: this wording names this {nouns.item}. Solid: the wording says so; dashed: read "
        f"into it. Blue: both {nouns.sets} name it."
    )
    tall = max(_height(list(texts.values())) for texts in columns)
    tall = max(tall, len(meeting.items) * 15.0)
    with house_style():
        top = heading_height(words.title, [subtitle], width - 2 * MARGIN) + MARGIN + 18
        ax = sheet(width, top + tall + MARGIN, ax)
        write_heading(ax, words.title, [subtitle], width - 2 * MARGIN)
        concept_y = dict(zip(meeting.items, _spread(len(meeting.items), top, tall), strict=True))
        places = [_places(texts, top, tall) for texts in columns]
        write(
            ax,
            left_edge,
            top - 9,
            shortened(clean(meeting.labels[0]), WORDING_WIDTH, LABEL, "bold"),
            weight="bold",
            align="right",
        )
        write(
            ax,
            right_edge,
            top - 9,
            shortened(clean(meeting.labels[1]), WORDING_WIDTH, LABEL, "bold"),
            weight="bold",
        )
        ends = (
            (left_edge + 5, concept_left - 5),
            (right_edge - 5, concept_left + concept_width + 5),
        )
        for side, place, (outer, inner) in zip(meeting.sides, places, ends, strict=True):
            _draw_links(ax, side, place, concept_y, shared=meeting.shared, outer=outer, inner=inner)
        for item in meeting.items:
            both = item in meeting.shared
            write(
                ax,
                concept_left + concept_width / 2,
                concept_y[item],
                shortened(labels[item], concept_width, LABEL, "bold" if both else "normal"),
                weight="bold" if both else "normal",
                colour=BLUE if both else QUIET,
                align="center",
                baseline="middle",
            )
        for texts, place, edge, align in zip(
            columns, places, (left_edge, right_edge), ("right", "left"), strict=True
        ):
            for element, lines in texts.items():
                for i, line in enumerate(lines):
                    at = place[element] + LINE * (i - (len(lines) - 1) / 2)
                    write(
                        ax,
                        edge,
                        at,
                        line,
                        align="right" if align == "right" else "left",
                        baseline="middle",
                    )
    data = _data(meeting, labels)
    return Figure.described(
        name,
        words,
        drawing=drawing_of(ax),
        data=data.drop(columns="row_id"),
        marks={str(mark): tuple(part["row_id"]) for mark, part in data.groupby("mark", sort=False)},
        choices={**(choices or {}), "pair": " & ".join(pair)},
    )


def _texts(side: pd.DataFrame) -> dict[str, list[str]]:
    """Return the lines of each element's wording, in the order of drawing."""
    elements = side.drop_duplicates("element_id")
    return {
        str(element): wrapped(clean(wording), WORDING_WIDTH, LABEL, most=3)
        for element, wording in zip(elements["element_id"], elements["wording"], strict=True)
    }


def _height(texts: Sequence[Sequence[str]]) -> float:
    return sum(LINE * len(lines) + AIR for lines in texts)


def _spread(count: int, top: float, tall: float) -> list[float]:
    step = tall / count
    return [top + step * (i + 0.5) for i in range(count)]


def _places(texts: Mapping[str, Sequence[str]], top: float, tall: float) -> dict[str, float]:
    """Return the middle of each wording, spread evenly over the height."""
    air = (tall - sum(LINE * len(lines) for lines in texts.values())) / max(1, len(texts))
    places, y = {}, top
    for element, lines in texts.items():
        block = LINE * len(lines) + air
        places[element] = y + block / 2
        y += block
    return places


def _draw_links(
    ax: Axes,
    side: pd.DataFrame,
    place: Mapping[str, float],
    concept_y: Mapping[object, float],
    *,
    shared: frozenset[object],
    outer: float,
    inner: float,
) -> None:
    from matplotlib.collections import PathCollection  # noqa: PLC0415
    from matplotlib.path import Path as Curve  # noqa: PLC0415

    bend = (outer + inner) / 2
    codes = [Curve.MOVETO, Curve.CURVE4, Curve.CURVE4, Curve.CURVE4]
    for both, colour, weight in ((False, FAINT, 0.8), (True, BLUE, 1.2)):
        for basis, style in (("explicit", "solid"), ("interpreted", (0, (3, 2)))):
            part = side[(side["item"].isin(shared) == both) & (side["basis"] == basis)]
            curves = [
                Curve(
                    [
                        (outer, place[e]),
                        (bend, place[e]),
                        (bend, concept_y[i]),
                        (inner, concept_y[i]),
                    ],
                    codes,
                )
                for e, i in zip(part["element_id"], part["item"], strict=True)
            ]
            ax.add_collection(
                PathCollection(
                    curves,
                    facecolors="none",
                    edgecolors=colour,
                    linewidths=weight,
                    linestyles=[style],
                ),
                autolim=False,
            )


def _data(meeting: _Meeting, labels: Mapping[object, str]) -> pd.DataFrame:
    lines = []
    for item in meeting.items:
        for label, side in zip(meeting.labels, meeting.sides, strict=True):
            for row in side[side["item"] == item].itertuples():
                lines.append(
                    (
                        labels[item],
                        label,
                        row.wording,
                        row.relation,
                        row.basis,
                        item in meeting.shared,
                        row.row_id,
                    )
                )
    return pd.DataFrame(
        lines, columns=["mark", "set", "wording", "relation", "basis", "shared", "row_id"]
    )
