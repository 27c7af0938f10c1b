"""UpSet: which combinations of sets hold how many items, and which.

On its side: each combination is a row, with dots for its sets, a bar for its size and the names of
its members, so that every word stands upright.

References
----------
Lex, A., Gehlenborg, N., Strobelt, H., Vuillemot, R. and Pfister, H. (2014). UpSet: visualization of
intersecting sets. IEEE Transactions on Visualization and Computer Graphics, 20(12), 1983–1992.
doi:10.1109/TVCG.2014.2346248
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Final

import pandas as pd

from relnotes.analysis.overlap import Intersection, Intersections
from relnotes.evidence.sentences import counted
from relnotes.figures.charts import Column, Look, Mark, Page
from relnotes.figures.columns import Bars, Cells, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.overlap.nouns import ITEMS, Nouns
from relnotes.figures.scales import Scale
from relnotes.figures.style import (
    BLUE,
    CATEGORIES,
    INK,
    NOTE,
    PAPER,
    QUIET,
    clean,
    house_style,
    shortened,
    text_width,
)

MOST_LISTED: Final = 14
# Beyond this, a bar keeps its size and not its members: nobody reads a thousand names.
MOST_MEMBERS: Final = 1000
# Beyond this the names of the sets are written out: dots so far from their heading say nothing.
MOST_COLUMNS: Final = 20
# Beyond this the bars of what is left over would press the others flat; their number says it.
LONGEST: Final = 6

ELSE: Final = "everything else"
NONE: Final = "none shown"
OTHER: Final = "other"

_SHOWN: Final = Look("", BLUE, "bar")
_LEFT: Final = Look("", BLUE, "bar", face=PAPER, width=0.7)
_DOT: Final = Look("", INK, size=7.0)
_PATTERNS: Final = ("", "/////", ".....", "xxxxx", "-----", "|||||")


Voices = Callable[[Intersection], str]


@dataclass(frozen=True)
class _Bar:
    """A bar to draw: a combination, everything else, or the items outside all sets."""

    mark: str
    part: str
    row: Intersection
    members: tuple[str, ...]
    voices: str = ""


def describe_overlap_upset(
    intersections: Intersections, nouns: Nouns = ITEMS, voices: Voices | None = None
) -> Description:
    """Say in words which combinations of sets hold how many items.

    Examples
    --------
    >>> from relnotes.analysis.overlap import Memberships, compute_intersections
    >>> kept = Memberships.from_sets({"A": ["care", "time", "trust"], "B": ["trust", "hope"]})
    >>> print(describe_overlap_upset(compute_intersections(kept)).alt)
    UpSet chart of 4 items by 2 sets, 3 combinations shown. The largest combination of two or more
    is A + B (1 item).
    """
    title = nouns.question
    scope = f"{nouns.some_items(intersections.items)} by {nouns.some_sets(len(intersections.sets))}"
    if not intersections.rows:
        nothing = (
            f"{scope}: no {nouns.item} {nouns.verb[0]} any {nouns.set}, so there is nothing to "
            "compare."
        )
        return Description(title, nothing, nothing, nothing)
    rows = intersections.rows
    mode = mode_sentence(intersections, nouns)
    answer = _answer(intersections, nouns, voices)
    left = _left_over(intersections, nouns)
    caption = f"{scope}. {mode} {answer} {left}".strip()
    shown = counted(len(rows), "combination")
    alt = f"UpSet chart of {scope}, {shown} shown. T{_largest(rows, nouns, 2)}"
    sizes = [
        f"{label}: {size:,}"
        for label, size in zip(intersections.set_labels, intersections.set_sizes, strict=True)
    ]
    combinations = [
        f"{_named(row, 6)}: {_size_in_words(row, nouns, voices)}{_members_in_words(row)}"
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


def _largest(
    rows: Sequence[Intersection], nouns: Nouns, most: int, voices: Voices | None = None
) -> str:
    """Say which combination of several sets is the largest; of one, where no several are shown."""
    row = next((row for row in rows if row.degree > 1), rows[0])
    several = " of two or more" if row.degree > 1 and any(row.degree == 1 for row in rows) else ""
    named = shortened(_named(row, most), 300)
    return f"he largest combination{several} is {named} ({_size_in_words(row, nouns, voices)})."


def _size_in_words(row: Intersection, nouns: Nouns, voices: Voices | None) -> str:
    size = nouns.some_items(row.size)
    return f"{size}, {voices(row)}" if voices and row.size > 1 else size


def _answer(intersections: Intersections, nouns: Nouns, voices: Voices | None) -> str:
    largest = _largest(intersections.rows, nouns, 4, voices)
    if intersections.disjoint and len(intersections.sets) > 1:
        return f"{_spread(intersections, nouns)}; t{largest}"
    return f"T{largest}"


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


def _members_in_words(row: Intersection) -> str:
    if row.size > MOST_LISTED:
        return ""
    return f" ({', '.join(row.member_labels)})"


def _falling(rows: Sequence[Intersection]) -> bool:
    return all(a.size >= b.size for a, b in pairwise(rows))


def _spread(intersections: Intersections, nouns: Nouns) -> str:
    """How many items are in more than one set, in one alone, and in all."""
    every = len(intersections.sets)
    shared, by_all = intersections.shared, intersections.by_all
    outside = intersections.outside.size if intersections.outside is not None else 0
    alone = intersections.items - outside - shared
    some = nouns.some_items(shared) if shared else f"No {nouns.item}"
    return (
        f"{some} {nouns.verb[shared > 1]} more than one of these {every} {nouns.sets}, "
        f"{f'{alone:,}' if alone else 'none'} {nouns.verb[alone > 1]} one alone, and "
        f"{f'{by_all:,}' if by_all else 'none'} {nouns.verb[by_all > 1]} all"
    )


def _left_over(intersections: Intersections, nouns: Nouns) -> str:
    parts = []
    if intersections.rest is not None:
        size, hidden = intersections.rest.size, intersections.hidden
        combos = counted(hidden, "further combination")
        parts.append(f"Everything else: {nouns.some_items(size)} in {combos}.")
    if intersections.outside is not None:
        size = intersections.outside.size
        parts.append(f"{nouns.some_items(size)} {nouns.verb[size > 1]} none of those shown.")
    return " ".join(parts)


# ---------------------------------------------------------------- what is drawn


def _bars(intersections: Intersections, voices: Voices | None) -> list[_Bar]:
    """Rows from many sets to few, what is left over last."""
    rows = sorted(intersections.rows, key=lambda row: -row.degree)
    bars = [_bar(" + ".join(row.labels), "shown", row) for row in rows]
    if voices:
        bars = [replace(bar, voices=voices(bar.row)) if bar.row.size > 1 else bar for bar in bars]
    if intersections.rest is not None:
        bars.append(_bar(ELSE, ELSE, intersections.rest))
    if intersections.outside is not None:
        bars.append(_bar(NONE, NONE, intersections.outside))
    return bars


def _bar(mark: str, part: str, row: Intersection) -> _Bar:
    return _Bar(mark, part, row, row.member_labels if row.size <= MOST_MEMBERS else ())


def _data(intersections: Intersections, bars: Sequence[_Bar]) -> pd.DataFrame:
    lines = [
        (bar.mark, bar.part, bar.row.labels, bar.row.degree, bar.row.size, bar.members, bar.voices)
        for bar in bars
    ]
    lines += [
        (f"all of {label}", "whole set", (label,), 1, size, (), "")
        for label, size in zip(intersections.set_labels, intersections.set_sizes, strict=True)
    ]
    columns = ["mark", "part", "sets", "degree", "size", "members", "voices"]
    return pd.DataFrame(lines, columns=columns)


def _marks(
    intersections: Intersections, bars: Sequence[_Bar], tables: tuple[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return the rows behind each mark; beyond `MOST_MEMBERS` members none, as the data have."""
    items, set_table = tables
    marks = {}
    for bar in bars:
        rows = bar.row.row_ids if bar.row.size <= MOST_MEMBERS else ()
        # What is in no set has no judgement that put it there; the items themselves are the rows.
        own = tuple(f"{items}:{item}" for item in bar.row.members) if items and not rows else ()
        marks[bar.mark] = rows or own
    for name, label in zip(intersections.sets, intersections.set_labels, strict=True):
        own = (f"{set_table}:{name}",) if set_table else ()
        marks[f"all of {label}"] = (*own, *intersections.rows_of_set(name))
    return marks


def plot_overlap_upset(
    intersections: Intersections,
    *,
    nouns: Nouns = ITEMS,
    by: Mapping[Hashable, str] | None = None,
    voices: Voices | None = None,
    note: str = "",
    tables: tuple[str, str] = ("", ""),
    choices: Mapping[str, str] | None = None,
    name: str = "overlap-upset",
) -> Figure:
    """Draw combinations of sets in rows: dots for the sets, a bar, and the members written out.

    Parameters
    ----------
    intersections : Intersections
        What to draw; rows of the same number of sets stand together, the most first.
    nouns : Nouns, optional
        What items and sets are called.
    by : mapping, optional
        A group for each item, such as its setting: bars are then parted by it.
    voices : callable, optional
        Says how many of the members of a combination are independent of each other.
    note : str
        What else to say below the answer, such as the lens.
    tables : tuple of str
        Tables in which the ids of the items and of the sets are found; empty where in none.
    choices : mapping of str to str, optional
        What else was chosen, such as the strictness, for the passport.
    name : str
        Name of the figure.

    Returns
    -------
    Figure
        Marks: one for each combination, named by its sets joined with ``+``; ``everything else``;
        ``none shown``; ``all of …`` for each set; and with `by` each part of a bar, as
        ``combination: group``.

    Examples
    --------
    >>> from relnotes.analysis.overlap import Memberships, compute_intersections
    >>> kept = Memberships.from_sets({"A": ["care", "time", "trust"], "B": ["trust", "hope"]})
    >>> figure = plot_overlap_upset(compute_intersections(kept))
    >>> figure.data.loc[figure.data["mark"] == "A + B", "members"].item()
    ('trust',)
    """
    words = describe_overlap_upset(intersections, nouns, voices)
    if not intersections.rows:
        return plot_nothing(name, words)
    bars = _bars(intersections, voices)
    groups, parts = _parts(intersections, bars, by or {})
    with house_style():
        page = Page(
            words.title,
            _answer(intersections, nouns, voices),
            f"{mode_sentence(intersections, nouns)} {note}".strip(),
        )
        if groups:
            page.key(groups.values())
        _draw(page, intersections, bars, parts, nouns)
    data, marks = _data(intersections, bars), _marks(intersections, bars, tables)
    for part in parts:
        marks[part.name] = part.row_ids
    if parts:
        more = pd.DataFrame(
            [
                (p.name, "part", p.bar.row.labels, p.bar.row.degree, p.size, p.members, "")
                for p in parts
            ],
            columns=data.columns,
        )
        data = pd.concat([data, more.assign(group=[p.group for p in parts])], ignore_index=True)
    chosen = {"mode": intersections.mode, **(choices or {})}
    return Figure.described(
        name, words, drawing=page.finished(), data=data, marks=marks, choices=chosen
    )


@dataclass(frozen=True)
class _Part:
    """The members of a bar that are of one group."""

    name: str
    group: str
    bar: _Bar
    look: Look
    start: int
    size: int
    members: tuple[str, ...]
    row_ids: tuple[str, ...]


def _parts(
    intersections: Intersections, bars: Sequence[_Bar], by: Mapping[Hashable, str]
) -> tuple[dict[str, Look], list[_Part]]:
    """Part the bars by group; the largest groups have looks of their own, the others one."""
    if not by:
        return {}, []
    sizes = pd.Series([by.get(item, OTHER) for bar in bars for item in bar.row.members])
    named = list(sizes.value_counts(sort=True).index[: len(CATEGORIES)])
    looks = {
        group: Look(
            clean(group), colour, "bar", face=PAPER if hatch else colour, hatch=hatch, width=0.5
        )
        for group, colour, hatch in zip(named, CATEGORIES, _PATTERNS, strict=False)
    }
    if len(named) < sizes.nunique():
        looks[OTHER] = Look(OTHER, QUIET, "bar", face=PAPER, width=0.5)
    parts = []
    for bar in bars:
        kept: dict[str, list[int]] = {group: [] for group in looks}
        for place, item in enumerate(bar.row.members):
            group = by.get(item, OTHER)
            kept[group if group in looks else OTHER].append(place)
        starts = accumulate((len(places) for places in kept.values()), initial=0)
        for (group, places), start in zip(kept.items(), starts, strict=False):
            if places:
                parts.append(_part(bar, group, looks[group], start, places))
    return looks, parts


def _part(bar: _Bar, group: str, look: Look, start: int, places: Sequence[int]) -> _Part:
    labels, items = bar.row.member_labels, bar.row.members
    return _Part(
        f"{bar.mark}: {group}",
        group,
        bar,
        look,
        start,
        len(places),
        tuple(labels[place] for place in places),
        bar.row.rows_of([items[place] for place in places]),
    )


def _draw(
    page: Page,
    intersections: Intersections,
    bars: Sequence[_Bar],
    parts: Sequence[_Part],
    nouns: Nouns,
) -> None:
    shown = [bar for bar in bars if bar.part == "shown"]
    highest = max(bar.row.size for bar in shown)
    drawn = [bar for bar in bars if bar in shown or bar.row.size <= LONGEST * highest]
    places = {bar.mark: i for i, bar in enumerate(bars)}
    scale = Scale.counts("size", max(bar.row.size for bar in drawn), 84.0)
    ends = [
        Mark(
            bar.mark, i, _SHOWN if bar in shown else _LEFT, bar.row.size, label=f"{bar.row.size:,}"
        )
        for i, bar in enumerate(bars)
        if bar in drawn
    ]
    inside = [
        Mark(p.name, places[p.bar.mark], p.look, p.start + p.size, low=p.start)
        for p in parts
        if p.bar in drawn
    ]
    columns: list[Column] = [
        Text.fitting(_heads(intersections, bars), 80, size=NOTE, quiet=[True] * len(bars)),
        _sets(intersections, bars),
        Bars(scale, [*ends, *inside], title=nouns.items),
        Text(
            [_members(bar, intersections.hidden, nouns) for bar in bars],
            marks=[bar.mark for bar in bars],
            part="members",
            most=8,
        ),
    ]
    air = [
        6.0 if i and (b.row.degree, b.part) != (a.row.degree, a.part) else 0.0
        for i, (a, b) in enumerate(pairwise([bars[0], *bars]))
    ]
    page.rows([bar.mark for bar in bars], columns, air=air)


def _heads(intersections: Intersections, bars: Sequence[_Bar]) -> list[str]:
    """Say before the first row of each number of sets how many they are."""
    heads, before = [], -1
    for bar in bars:
        if bar.part != "shown":
            heads.append(bar.part)
        elif bar.row.degree != before:
            every = bar.row.degree == len(intersections.sets) > 1
            heads.append(f"in all {bar.row.degree}" if every else f"in {bar.row.degree}")
        else:
            heads.append("")
        before = bar.row.degree
    return heads


def _sets(intersections: Intersections, bars: Sequence[_Bar]) -> Column:
    """Return a grid of dots, the largest set first; or the sets' names where they are many."""
    count = len(intersections.sets)
    if count > MOST_COLUMNS:
        named = [" + ".join(bar.row.labels) if bar.part == "shown" else "" for bar in bars]
        return Text(named, marks=[bar.mark for bar in bars], part="sets", width=150, most=2)
    order = sorted(range(count), key=lambda k: -intersections.set_sizes[k])
    place = {intersections.sets[k]: at for at, k in enumerate(order)}
    dots = [
        Mark(bar.mark, i, _DOT, place[name])
        for i, bar in enumerate(bars)
        if bar.part == "shown"
        for name in sorted(bar.row.sets, key=place.__getitem__)
    ]
    labels = [intersections.set_labels[k] for k in order]
    totals = [
        Mark(f"all of {label}", at, _DOT, intersections.set_sizes[k])
        for at, (k, label) in enumerate(zip(order, labels, strict=True))
    ]
    longest = f"{max(intersections.set_sizes):,}"
    pitch = max(13.5, text_width(longest, NOTE) + 4)
    return Cells(labels, dots, pitch, totals=totals, linked=True)


def _members(bar: _Bar, hidden: int, nouns: Nouns) -> str:
    """Write the members out where they are few, else say how many are not written."""
    # Commas only: many names hold an "and" of their own.
    more = len(bar.members) - MOST_LISTED
    shown = ", ".join(map(clean, bar.members[:MOST_LISTED]))
    shown = f"{shown} and {more:,} more" if more > 0 else shown
    if bar.part == "shown":
        return f"{bar.voices}: {shown}" if bar.voices else shown
    scope = nouns.some_items(bar.row.size)
    if bar.part == ELSE:
        each = " of one each" if hidden == bar.row.size and hidden > 1 else ""
        scope += f" in {counted(hidden, 'other combination')}{each}"
    return f"{scope}: {shown}" if shown else scope
