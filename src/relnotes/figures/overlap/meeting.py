"""Where two sets meet: which wording of the one names the same as which wording of the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
from matplotlib.path import Path

from relnotes.analysis.overlap import Memberships
from relnotes.evidence.sentences import listed
from relnotes.figures.charts import FURNITURE, Align, Look, Page
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.overlap.nouns import ITEMS, Nouns
from relnotes.figures.style import (
    BLUE,
    FAINT,
    LABEL,
    PAGE_HEIGHT,
    QUIET,
    Weight,
    clean,
    house_style,
    shortened,
    wrapped,
)

WORDING: Final = 150.0
GAP: Final = 42.0
LINE: Final = 9.6
AIR: Final = 4.0
# Concepts and wordings are put in order by turns, each by where the other stands.
ROUNDS: Final = 6

NAME: Final = "overlap-meeting"


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
    memberships: Memberships, pair: tuple[str, str], nouns: Nouns = ITEMS
) -> Description:
    """Say in words where two sets meet, and in which wordings."""
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
        f"Wordings of two {nouns.sets}, joined by lines through the {nouns.items} they name. "
        f"{shortened(a, 200)} and {shortened(b, 200)} share {len(shared):,} of "
        f"{len(meeting.items):,}."
    )
    description = f"{head}{names}. {'. '.join([*said, *alone])}."
    return Description(title, caption, alt, description)


LOOKS: Final = {
    (True, "explicit"): Look("shared, and the wording says so", BLUE, "line", width=1.3),
    (True, "interpreted"): Look("shared, read into it", BLUE, "line", dash=(3, 2), width=1.3),
    (False, "explicit"): Look("one side alone", FAINT, "line", width=0.8),
    (False, "interpreted"): Look(
        "one side alone, read into it", FAINT, "line", dash=(3, 2), width=0.8
    ),
}


def plot_overlap_meeting(
    memberships: Memberships,
    pair: tuple[str, str],
    *,
    nouns: Nouns = ITEMS,
    note: str = "",
) -> Figure:
    """Draw the wordings of two sets on either side of the items they name.

    Parameters
    ----------
    memberships : Memberships
        Read from a crosswalk.
    pair : tuple of two str
        Ids of the sets.
    nouns : Nouns, optional
        What items and sets are called.
    note : str
        What else to say below the answer, such as the lens.

    Returns
    -------
    Figure
        Marks: each item by its label, with the judgements of both sides.

    Raises
    ------
    ValueError
        If there is no such set.
    """
    words = describe_overlap_meeting(memberships, pair, nouns)
    whole = _meeting(memberships, pair)
    if not whole.items:
        return plot_nothing(NAME, words)
    labels = dict(zip(memberships.items, map(clean, memberships.item_labels), strict=True))
    meeting = _that_fits(whole)
    left = len(whole.items) - len(meeting.items)
    rest = f" Not drawn: {nouns.some_items(left)}." if left else ""
    answer = words.caption.split(". ")[0] + "."
    with house_style():
        page = Page(words.title, answer, f"{note}{rest}".strip())
        kinds = {key for side in meeting.sides for key in _kinds(side, meeting.shared)}
        page.key(look for key, look in LOOKS.items() if key in kinds)
        _draw(page, meeting, labels)
    data = _data(meeting, labels)
    return Figure.described(
        NAME,
        words,
        drawing=page.finished(),
        data=data.drop(columns="row_id"),
        marks={str(mark): tuple(part["row_id"]) for mark, part in data.groupby("mark", sort=False)},
        choices={"lens": str(memberships.lens or ""), "pair": " & ".join(pair)},
    )


def _kinds(side: pd.DataFrame, shared: frozenset[object]) -> list[tuple[bool, str]]:
    return [(item in shared, str(b)) for item, b in zip(side["item"], side["basis"], strict=True)]


def _that_fits(meeting: _Meeting) -> _Meeting:
    """Leave out items of one side alone, then shared ones, until a page holds the rest."""
    for most in range(len(meeting.items), 0, -1):
        items = meeting.items[:most]
        first, second = (side[side["item"].isin(items)] for side in meeting.sides)
        fitting = _Meeting(items, meeting.shared & set(items), (first, second), meeting.labels)
        if max(_tall(fitting)) <= PAGE_HEIGHT - 150:
            break
    return fitting


def _texts(side: pd.DataFrame) -> dict[str, list[str]]:
    """Return the lines of each element's wording, in the order of drawing."""
    elements = side.drop_duplicates("element_id")
    return {
        str(element): wrapped(clean(wording), WORDING, LABEL, most=3)
        for element, wording in zip(elements["element_id"], elements["wording"], strict=True)
    }


def _tall(meeting: _Meeting) -> list[float]:
    """Heights of the items and of either side in points."""
    sides = [sum(LINE * len(t) + AIR for t in _texts(side).values()) for side in meeting.sides]
    return [len(meeting.items) * 2 * (LINE + AIR / 2), *sides]


def _draw(page: Page, meeting: _Meeting, labels: Mapping[object, str]) -> None:
    tall, top = max(_tall(meeting)), page.y + 18
    edges = (page.left + WORDING, page.right - WORDING)
    inner = (edges[0] + GAP, edges[1] - GAP)
    step = tall / len(meeting.items)
    heights = {item: top + step * (i + 0.5) for i, item in enumerate(meeting.items)}
    for side, label, edge, bend in zip(meeting.sides, meeting.labels, edges, (1, -1), strict=True):
        align: Align = "right" if bend > 0 else "left"
        head = wrapped(clean(label), WORDING, LABEL, "bold", most=1)
        for line in head:
            page.words(edge, top - 9, line, weight="bold", size=LABEL, align=align)
        places = _write(page, _texts(side), edge, align, (top, tall))
        end = inner[0] if bend > 0 else inner[1]
        for row, kind in zip(side.itertuples(), _kinds(side, meeting.shared), strict=True):
            start = (edge + 5 * bend, places[str(row.element_id)])
            stop = (end - 5 * bend, heights[row.item])
            middle = (start[0] + stop[0]) / 2
            curve = Path(
                [start, (middle, start[1]), (middle, stop[1]), stop],
                [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4],
            )
            page.path(LOOKS[kind], curve, labels[row.item], f"link-{row.element_id}")
    for item in meeting.items:
        both = item in meeting.shared
        weight: Weight = "bold" if both else "normal"
        lines = wrapped(labels[item], inner[1] - inner[0], LABEL, weight, most=2)
        for i, line in enumerate(lines):
            page.words(
                sum(inner) / 2,
                heights[item] + LINE * (i - (len(lines) - 1) / 2),
                line,
                labels[item],
                "name",
                size=LABEL,
                weight=weight,
                colour=BLUE if both else QUIET,
                align="center",
            )
    page.y = top + tall


def _write(
    page: Page,
    texts: Mapping[str, Sequence[str]],
    edge: float,
    align: Align,
    room: tuple[float, float],
) -> dict[str, float]:
    """Write the wordings of one side, spread evenly; return the middle of each."""
    y, tall = room
    air = (tall - sum(LINE * len(lines) for lines in texts.values())) / max(1, len(texts))
    places = {}
    for element, lines in texts.items():
        block = LINE * len(lines) + air
        places[element] = y + block / 2
        for i, line in enumerate(lines):
            at = places[element] + LINE * (i - (len(lines) - 1) / 2)
            page.words(edge, at, line, FURNITURE, f"row:{element}", size=LABEL, align=align)
        y += block
    return places


def _data(meeting: _Meeting, labels: Mapping[object, str]) -> pd.DataFrame:
    lines = [
        (labels[item], label, row.element_id, row.wording, row.relation, row.basis, row.row_id)
        for item in meeting.items
        for label, side in zip(meeting.labels, meeting.sides, strict=True)
        for row in side[side["item"] == item].itertuples()
    ]
    columns = ["mark", "set", "element", "wording", "relation", "basis", "row_id"]
    data = pd.DataFrame(lines, columns=columns)
    shared = {labels[item] for item in meeting.shared}
    return data.assign(shared=data["mark"].isin(shared))
