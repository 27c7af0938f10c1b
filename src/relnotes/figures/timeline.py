"""Works in time: each a labelled mark in its lane, their growth, and concepts through the years."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from relnotes.analysis.timeline import (
    ORIGINS,
    Age,
    Timeline,
    compute_age,
    compute_concept_history,
    compute_growth,
    compute_timeline,
)
from relnotes.figures.figure import Description, Figure
from relnotes.figures.register import registered
from relnotes.figures.style import (
    BAND,
    BLUE,
    EMPTY,
    FAINT,
    GREEN,
    INK,
    MARGIN,
    NOTE,
    PAGE,
    PAPER,
    QUIET,
    RULE,
    SHADES,
    VERMILION,
    counted,
    draw_boxes,
    draw_dots,
    draw_lines,
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

    from relnotes.evidence.collection import Collection

_Side = Literal["left", "center", "right"]

LANE_WORDS: Final = {
    "document_type": "type of document",
    "design": "design",
    "setting": "setting",
    "jurisdiction": "jurisdiction",
}
ORIGIN_WORDS: Final = {
    "listed": "in the page’s list",
    "named": "named by the page, not listed",
    "added": "added here",
}
MOST_NAMED: Final = 120
"""Works beyond which lanes show numbers instead of names."""
MOST_LANES: Final = 24

_LINE: Final = 10.5
_NAMES: Final = 88.0
_UNDATED: Final = 116.0
_DENSE: Final = 30.0
_OTHER: Final = "all others"
_LEFT: Final[_Side] = "left"
_RIGHT: Final[_Side] = "right"
_CENTRE: Final[_Side] = "center"

# Listed works are discs, named ones diamonds, added ones hollow squares: shapes, not only colours.
_LOOKS: Final = {
    "listed": ("o", 5.6, BLUE, BLUE),
    "named": ("D", 4.6, VERMILION, VERMILION),
    "added": ("s", 4.6, PAPER, QUIET),
}
_BARS: Final = {"listed": BLUE, "named": VERMILION, "added": RULE}


# ---------------------------------------------------------------- a scale of years


@dataclass(frozen=True)
class _Scale:
    """From years to points."""

    first: float
    last: float
    left: float
    right: float

    @classmethod
    def over(cls, years: Sequence[int], left: float, right: float) -> _Scale:
        """Make room for all years and one more on either side."""
        low, high = (min(years), max(years)) if years else (0, 0)
        return cls(low - 1, high + 1, left, right)

    def __call__(self, year: float) -> float:
        share = (year - self.first) / (self.last - self.first)
        return self.left + share * (self.right - self.left)

    @property
    def year_width(self) -> float:
        return (self.right - self.left) / (self.last - self.first)

    def ticks(self) -> list[int]:
        """Years to write under the axis: round ones, far enough apart to be read."""
        for step in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500):
            if step * self.year_width >= 30:
                break
        first = int(np.ceil(self.first / step) * step)
        return [
            year for year in range(first, int(self.last) + 1, step) if self.first < year < self.last
        ]


def _draw_years(ax: Axes, scale: _Scale, top: float, bottom: float) -> None:
    ticks = scale.ticks()
    draw_lines(ax, [(scale(y), top, scale(y), bottom) for y in ticks], EMPTY, zorder=0.5)
    for year in ticks:
        write(
            ax, scale(year), bottom + NOTE + 2, str(year), size=NOTE, colour=QUIET, align="center"
        )


# ---------------------------------------------------------------- works in lanes


def describe_timeline(timeline: Timeline) -> Description:
    """Say in words which works appeared when."""
    works, dated = timeline.works, timeline.dated
    left_out = _left_out_words(timeline)
    lanes = LANE_WORDS[timeline.lanes]
    title = "When did the literature appear, and what happened beside it?"
    if works.empty:
        return Description(
            title,
            f"The collection holds no works yet.{left_out}",
            "An empty timeline: the collection holds no works.",
            f"There is nothing to draw: the collection holds no works.{left_out}",
        )
    found = found_timeline(timeline)
    dense = len(works) > MOST_NAMED
    how = (
        "So many works are drawn as bars of works a year; their names are in the data."
        if dense
        else "Each mark is a work, labelled with author and year."
    )
    origins = [
        f"{counted(int(n), 'work')} {ORIGIN_WORDS[o]}"
        for o in ORIGINS
        if (n := (works["origin"] == o).sum())
    ]
    span = (
        "none of them has a year"
        if dated.empty
        else _span_words(int(dated["year"].min()), int(dated["year"].max()))
    )
    undated = len(timeline.undated)
    alt = (
        f"Timeline of {counted(len(works), 'work')} in {counted(len(timeline.lane_names), 'lane')} "
        f"by {lanes}; {span}"
        + (f"; {undated:,} without a date in a column of their own" if undated else "")
        + (f"; {counted(len(timeline.events), 'event')} below" if len(timeline.events) else "")
        + ("; drawn as bars, too many to name." if dense else ".")
    )
    lines = [
        f"{name}: {_some(group)}." for name, group in works.groupby("lane", sort=False)["label"]
    ]
    events = [f"{e['year']}: {e['label']}." for e in timeline.events.to_dict("records")]
    return Description(
        title,
        f"{' '.join(found)} {how}{left_out}",
        alt,
        f"{counted(len(works), 'work')}: {listed(origins)}. By {lanes}. {' '.join(lines)}"
        + (f" Events: {' '.join(events)}" if events else ""),
    )


def found_timeline(timeline: Timeline) -> tuple[str, ...]:
    """Say what the timeline shows, in sentences computed from it.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> found_timeline(compute_timeline(Collection.of({})))
    ('The collection holds no works yet.',)
    """
    works, dated = timeline.works, timeline.dated
    if works.empty:
        return ("The collection holds no works yet.",)
    sentences = []
    own = works[works["origin"] == "listed"]
    asked, name = (own, "listed work") if len(own) else (works, "work")
    age = compute_age(asked, timeline.reference_year)
    if dated.empty:
        return (f"None of the {counted(len(works), 'work')} has a year.",)
    sentences.append(
        f"{counted(len(dated), 'work')} of {len(works):,} {_has(len(dated))} a year; "
        f"{_span_words(int(dated['year'].min()), int(dated['year'].max()))}."
    )
    if age.half_life is not None and age.works > 1:
        sentences.append(
            f"Half of the {counted(age.works, name)} with a year are {_old(age.half_life)}, "
            f"counted to {age.reference_year}, the year of the "
            f"newest {name}; the page’s own date is not known."
        )
    everything = compute_age(works, timeline.reference_year)
    if everything.longest_gap:
        gap = everything.longest_gap
        where = str(gap[0]) if len(gap) == 1 else f"{gap[0]} to {gap[-1]}"
        sentences.append(
            f"No work appeared in {counted(len(everything.gap_years), 'year')} of that time; "
            f"the longest gap is {where}."
        )
    for row in timeline.misprinted.to_dict("records"):
        if not pd.isna(row["year"]) and row["year"] != row["printed_year"]:
            years = abs(int(row["year"]) - int(row["printed_year"]))
            sentences.append(
                f"{row['label']} is printed as {row['printed_year']}, "
                f"{counted(years, 'year')} too "
                f"{'late' if row['printed_year'] > row['year'] else 'early'}."
            )
    return tuple(sentences)


def _some(labels: pd.Series[str]) -> str:
    more = len(labels) - 12
    return listed([*labels.head(12), *([f"{more:,} more"] if more > 0 else [])])


def _has(number: int) -> str:
    return "has" if number == 1 else "have"


def _old(half_life: float) -> str:
    """Say how old the newer half of some works is."""
    if half_life == 0:
        return "less than a year old"
    years = f"{abs(half_life):g} {'year' if abs(half_life) == 1 else 'years'}"
    return f"at most {years} old" if half_life > 0 else f"at least {years} newer"


def _span_words(first: int, last: int) -> str:
    return f"all are from {first}" if first == last else f"they run from {first} to {last}"


def _left_out_words(timeline: Timeline) -> str:
    places = int((timeline.left_out["reason"] == "reading place").sum())
    if not places:
        return ""
    return (
        f" Not counted: {counted(places, 'reading place')}, where a work was only read about "
        "(design, setting, jurisdiction and voices all ‘does not apply’)."
    )


@dataclass(frozen=True)
class _Placed:
    """A label with its mark, in a row of a lane."""

    place: int
    row: int
    x: float
    align: _Side
    text: str


def _stack(
    spans: Sequence[tuple[float, float, str]], scale: _Scale, gap: float = 5.0
) -> tuple[list[_Placed], int]:
    """Put labels into rows so that none runs into another.

    Each span is the first and last point that the mark takes, and its label. The label stands to
    the right of the mark, or to the left where there is no room to the right, or on its line where
    the line reaches from end to end.
    """
    rows: list[list[tuple[float, float]]] = []
    placed = []
    for place, (first, last, words) in enumerate(spans):
        text, width = words, text_width(words, NOTE)
        x, align = last + 5.5, _LEFT
        if x + width > scale.right:
            if first - 5.5 - width >= scale.left:
                x, align = first - 5.5, _RIGHT
            elif last - first > width + 12:
                x, align = (first + last) / 2, _CENTRE
            else:
                text = shortened(words, scale.right - x, NOTE)
                width = text_width(text, NOTE)
        start = {_LEFT: x, _RIGHT: x - width, _CENTRE: x - width / 2}[align]
        taken = (min(first - 3, start) - gap / 2, max(last + 3, start + width) + gap / 2)
        free = (
            number
            for number, row in enumerate(rows)
            if all(taken[1] <= low or high <= taken[0] for low, high in row)
        )
        number = next(free, len(rows))
        if number == len(rows):
            rows.append([])
        rows[number].append(taken)
        placed.append(_Placed(place, number, x, align, text))
    return placed, len(rows)


def plot_timeline(timeline: Timeline, ax: Axes | None = None) -> Figure:
    """Draw the works as labelled marks in lanes, with the events below on the same axis."""
    with house_style():
        description = describe_timeline(timeline)
        works = timeline.works.assign(lane=_few_lanes(timeline))
        dense = len(works) > MOST_NAMED
        lanes = list(dict.fromkeys(works["lane"]))
        columns = [works["year"], works["last_year"], works["printed_year"]]
        ends = [(c.min(), c.max()) for c in (*columns, timeline.events["year"]) if c.notna().any()]
        years = [int(year) for pair in ends for year in pair]
        undated = len(timeline.undated) > 0
        right = PAGE - MARGIN - (_UNDATED if undated else 4)
        scale = _Scale.over(years, MARGIN + _NAMES + 4, right)
        groups = [(name, works[works["lane"] == name]) for name in lanes]
        if dense:
            most = works.groupby(["lane", "year"]).size().max() if len(timeline.dated) else 0
            drawn = [_dense_lane(name, group, scale, int(most)) for name, group in groups]
        else:
            drawn = [_named_lane(name, group, scale) for name, group in groups]
        lines = _how_to_read(timeline, dense)
        width = PAGE - 2 * MARGIN
        top = MARGIN + heading_height(description.title, lines, width) + 14
        events = _event_spans(timeline, scale)
        placed, event_rows = _stack(events, scale)
        event_height = event_rows * _LINE + 8 if event_rows else 0.0
        bottom = top + sum(lane.height for lane in drawn) + event_height
        page = sheet(PAGE, bottom + (26 if years else 10) + (24 if works.empty else 0), ax)
        y = write_heading(page, description.title, lines, width)
        if works.empty:
            write(page, MARGIN, y + 12, "No works yet.", colour=QUIET)
        else:
            _draw_key(page, y + 2, timeline, dense)
        y = top
        for number, lane in enumerate(drawn):
            if number % 2 == 0:
                draw_boxes(page, [(MARGIN, y, width, lane.height)], BAND, zorder=0.2)
            _write_name(page, lane.name, y, lane.height)
            lane.draw(page, y)
            y += lane.height
        if event_rows:
            draw_lines(page, [(MARGIN, y, PAGE - MARGIN, y)], FAINT)
            _write_name(page, "events beside them", y, event_height)
            _draw_events(page, events, placed, y)
        if years:
            _draw_years(page, scale, top, bottom)
        if undated and years:
            x = right + 8
            draw_lines(page, [(x - 4, top, x - 4, bottom - event_height)], RULE)
            write(page, x, bottom + NOTE + 2, "no date", size=NOTE, colour=QUIET)
        data, marks = _timeline_data(timeline, works, dense)
        return Figure.described(
            "timeline-works",
            description,
            drawing=page.figure,  # type: ignore[arg-type]
            data=data,
            marks=marks,
            choices={"lanes": timeline.lanes},
        )


@dataclass(frozen=True)
class _Lane:
    """A lane that knows its height and how to draw itself from its top."""

    name: str
    height: float
    draw: Callable[[Axes, float], None]


def _few_lanes(timeline: Timeline) -> pd.Series[str]:
    """Return the lane of each work, with the smallest lanes joined where there are too many."""
    lane = timeline.works["lane"]
    if len(timeline.lane_names) <= MOST_LANES:
        return lane
    return lane.where(lane.isin(timeline.lane_names[: MOST_LANES - 1]), _OTHER)


def _write_name(ax: Axes, name: str, top: float, height: float) -> None:
    rows = wrapped(name, _NAMES - 6, NOTE, "bold", most=2 if height >= 2 * _LINE else 1)
    for number, row in enumerate(rows):
        write(ax, MARGIN + 4, top + 9.5 + number * 8.5, row, size=NOTE, weight="bold")


def _named_lane(name: str, works: pd.DataFrame, scale: _Scale) -> _Lane:
    dated = works[works["year"].notna()]
    spans = []
    for row in dated.to_dict("records"):
        ends = [int(row["year"]), int(row["last_year"])]
        printed = "" if pd.isna(row["printed_year"]) else f", printed {row['printed_year']}"
        if printed:
            ends.append(int(row["printed_year"]))
        when = str(row["label"]).removeprefix(str(row["creators"])).strip(" ()")
        if row["last_year"] > row["year"]:
            when = str(row["dated"])
        text = f"{shortened(str(row['creators']), 100, NOTE)} {when}{printed}"
        spans.append((scale(min(ends)), scale(max(ends)), text))
    placed, dated_rows = _stack(spans, scale)
    groups = _undated_groups(works[works["year"].isna()])
    rows = max(dated_rows, len(groups), len(wrapped(name, _NAMES - 6, NOTE, "bold", most=2)), 1)

    def draw(ax: Axes, top: float) -> None:
        y = np.array([top + 7.5 + label.row * _LINE for label in placed])
        frame = dated.reset_index(drop=True)
        _draw_corrections(ax, frame, y, scale)
        _draw_marks(ax, frame["origin"], [scale(v) for v in frame["year"]], y)
        for label, height in zip(placed, y, strict=True):
            colour = QUIET if frame["origin"][label.place] == "added" else INK
            on_line = label.align == _CENTRE
            write(
                ax,
                label.x,
                height + 2.5,
                label.text,
                size=NOTE,
                colour=colour,
                align=label.align,
                bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 1.0} if on_line else None,
                zorder=4,
            )
        for number, (creators, origin, count, words) in enumerate(groups):
            height = top + 7.5 + number * _LINE
            x = scale.right + 13
            _draw_marks(ax, pd.Series([origin]), [x], np.array([height]))
            tail = f" ({count})" if count > 1 else f" {words}" if words != "n.d." else ""
            room = _UNDATED - 26 - text_width(tail, NOTE)
            text = shortened(creators, room, NOTE) + tail
            write(
                ax, x + 5, height + 2.5, text, size=NOTE, colour=QUIET if origin == "added" else INK
            )

    return _Lane(name, rows * _LINE + 4, draw)


def _undated_groups(works: pd.DataFrame) -> list[tuple[str, str, int, str]]:
    """Works without a year, those of one author and origin together."""
    if works.empty:
        return []
    groups = works.groupby(["creators", "origin", "dated"], sort=True).size().reset_index(name="n")
    return [
        (row["creators"], row["origin"], row["n"], row["dated"])
        for row in groups.to_dict("records")
    ]


def _draw_marks(
    ax: Axes, origins: pd.Series[str], x: Sequence[float], y: NDArray[np.float64]
) -> None:
    across = np.asarray(x, dtype=float)
    for origin, (marker, size, face, edge) in _LOOKS.items():
        here = (origins == origin).to_numpy(np.bool_)
        if here.any():
            draw_dots(
                ax,
                across[here],
                y[here],
                size,
                face,
                marker,
                edgecolors=edge,
                linewidths=0.9,
                zorder=3,
            )


def _draw_corrections(ax: Axes, works: pd.DataFrame, y: NDArray[np.float64], scale: _Scale) -> None:
    wrong = works["printed_year"].notna().to_numpy(np.bool_)
    ranges = (works["last_year"] > works["year"]).to_numpy(np.bool_)
    if ranges.any():
        draw_lines(
            ax,
            [
                (scale(w["year"]), h, scale(w["last_year"]), h)
                for w, h in zip(works[ranges].to_dict("records"), y[ranges], strict=True)
            ],
            QUIET,
            linewidths=1.6,
            zorder=2,
        )
    if wrong.any():
        ends = [
            (scale(w["year"]), h, scale(w["printed_year"]), h)
            for w, h in zip(works[wrong].to_dict("records"), y[wrong], strict=True)
        ]
        draw_lines(ax, ends, INK, linewidths=0.8, linestyles=[(0, (2, 1.5))], zorder=2)
        draw_dots(
            ax,
            [e[2] for e in ends],
            [e[3] for e in ends],
            5.5,
            INK,
            "x",
            edgecolors=INK,
            linewidths=1.1,
            zorder=3,
        )


def _dense_lane(name: str, works: pd.DataFrame, scale: _Scale, most: int) -> _Lane:
    """Draw bars of works a year; `most` is the highest of all lanes, which share one scale."""
    counts = works[works["year"].notna()].groupby(["year", "origin"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(ORIGINS), fill_value=0)
    highest = int(counts.sum(axis=1).max()) if len(counts) else 0
    undated = int(works["year"].isna().sum())

    def draw(ax: Axes, top: float) -> None:
        base = top + _DENSE - 2
        unit = (_DENSE - 13) / max(most, 1)
        half = min(scale.year_width * 0.42, 4)
        lower = np.zeros(len(counts))
        for origin in ORIGINS:
            boxes = [
                (scale(float(year)) - half, base - (low + n) * unit, 2 * half, n * unit)
                for year, low, n in zip(counts.index, lower, counts[origin], strict=True)
                if n
            ]
            if boxes:
                draw_boxes(ax, boxes, _BARS[origin], zorder=2, edgecolors=INK, linewidths=0.2)
            lower = lower + counts[origin].to_numpy()
        if highest:
            peak = int(counts.index[int(counts.sum(axis=1).to_numpy().argmax())])
            write(
                ax,
                scale(peak),
                base - highest * unit - 2,
                f"{highest:,}",
                size=NOTE,
                align="center",
            )
        write(
            ax, MARGIN + 4, top + _DENSE - 3, counted(len(works), "work"), size=NOTE, colour=QUIET
        )
        if undated:
            write(ax, scale.right + 9, base - 2, counted(undated, "work"), size=NOTE)

    return _Lane(name, _DENSE, draw)


def _event_spans(timeline: Timeline, scale: _Scale) -> list[tuple[float, float, str]]:
    return [
        (
            scale(int(e["year"])),
            scale(int(e["year"])),
            f"{e['year']} {shortened(str(e['label']), 190, NOTE)}",
        )
        for e in timeline.events[timeline.events["year"].notna()].to_dict("records")
    ]


def _draw_events(
    ax: Axes, events: Sequence[tuple[float, float, str]], placed: Sequence[_Placed], top: float
) -> None:
    y = [top + 8.5 + label.row * _LINE for label in placed]
    draw_dots(ax, [e[0] for e in events], y, 5, GREEN, "^", zorder=3)
    for label, height in zip(placed, y, strict=True):
        write(ax, label.x, height + 2.5, label.text, size=NOTE, align=label.align)


def _how_to_read(timeline: Timeline, dense: bool) -> list[str]:
    if timeline.works.empty:
        return []
    what = (
        "Bars are works a year, all on one scale, with the number over the highest"
        if dense
        else "Each mark is a work"
    )
    return [f"{what}; lanes by {LANE_WORDS[timeline.lanes]}."]


def _draw_key(ax: Axes, y: float, timeline: Timeline, dense: bool) -> None:
    """Write what the shapes mean, in one row."""
    x = MARGIN
    for origin in ORIGINS:
        number = int((timeline.works["origin"] == origin).sum())
        if not number:
            continue
        if dense:
            draw_boxes(ax, [(x, y - 4, 7, 7)], _BARS[origin], edgecolors=INK, linewidths=0.2)
        else:
            _draw_marks(ax, pd.Series([origin]), [x + 3.5], np.array([y]))
        x = _after(ax, x + 11, y, f"{ORIGIN_WORDS[origin]} ({number:,})")
    if len(timeline.misprinted) and not dense:
        draw_lines(ax, [(x, y, x + 12, y)], INK, linewidths=0.8, linestyles=[(0, (2, 1.5))])
        draw_dots(ax, [x + 12], [y], 5.5, INK, "x", edgecolors=INK, linewidths=1.1)
        x = _after(ax, x + 19, y, "year as printed")
    if len(timeline.events):
        draw_dots(ax, [x + 3], [y], 5, GREEN, "^")
        _after(ax, x + 10, y, "event")


def _after(ax: Axes, x: float, y: float, text: str) -> float:
    write(ax, x, y + 2.5, text, size=NOTE)
    return x + text_width(text, NOTE) + 14


def _timeline_data(
    timeline: Timeline, works: pd.DataFrame, dense: bool
) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    data = timeline.works[
        ["label", "key", "lane", "year", "last_year", "dated", "printed_year", "origin"]
    ].rename(columns={"label": "mark"})
    data.insert(1, "what", "work")
    if dense:
        when = works["year"].astype("str").where(works["year"].notna(), "no date")
        data.insert(1, "work", data["mark"])
        data["mark"] = works["lane"] + ", " + when
    happened = pd.DataFrame(
        {
            "mark": timeline.events["label"],
            "what": "event",
            "key": timeline.events["event_id"],
            "lane": timeline.events["kind"],
            "year": timeline.events["year"],
        }
    )
    data = pd.concat([data, happened], ignore_index=True) if len(happened) else data
    data[["last_year", "printed_year"]] = data[["last_year", "printed_year"]].astype("Int64")
    data = data.fillna({"dated": "", "origin": ""} | ({"work": ""} if dense else {}))
    marks: dict[str, list[str]] = defaultdict(list)
    tables = data["what"].map({"work": "studies:", "event": "events:"})
    for mark, row_id in zip(data["mark"], tables + data["key"], strict=True):
        marks[mark].append(row_id)
    return data, {mark: tuple(ids) for mark, ids in marks.items()}


@registered("timeline-works")
def timeline_works(collection: Collection) -> Figure:
    """Draw the works of a collection in lanes by type of document."""
    return plot_timeline(compute_timeline(collection))


# ---------------------------------------------------------------- growth


def describe_growth(timeline: Timeline) -> Description:
    """Say in words how the literature grew and how old it is."""
    title = "How did the literature grow, and how old is it?"
    works, dated = timeline.works, timeline.dated
    if dated.empty:
        none = "No work has a year." if len(works) else "The collection holds no works yet."
        return Description(title, none, f"An empty chart: {none}", f"Nothing is drawn. {none}")
    growth = compute_growth(timeline)
    ages = _ages(timeline)
    halves = [
        f"half of the {counted(age.works, name)} with a year are {_old(age.half_life)}"
        for name, age in ages
        if age.half_life is not None and age.works > 1
    ]
    undated = len(timeline.undated)
    left = (
        f" {counted(undated, 'work')} without a year {_is(undated)} not drawn." if undated else ""
    )
    newest = " and ".join(works.loc[works["key"].isin(timeline.reference_keys), "label"].head(2))
    everything = ages[0][1]
    gaps = len(everything.gap_years)
    caption = (
        (f"Counted to {timeline.reference_year}, {listed(halves)}. " if halves else "")
        + f"The page’s own date is not known; {timeline.reference_year} is the year of the newest "
        f"{'listed ' if len(ages) > 1 else ''}work, {newest}. "
        f"{_gaps_words(everything)}{left}"
    )
    wrong = timeline.misprinted[timeline.misprinted["origin"] == "listed"]
    if len(wrong):
        caption += (
            f" The broken line counts the list as printed: "
            f"{listed(list(wrong['label']), most=3)} stands in the wrong year there."
        )
    first, last = int(dated["year"].min()), int(dated["year"].max())
    span = (
        f"all from {first}"
        if first == last
        else f"added up from {first} to {last}; {counted(gaps, 'year')} without a work; half of "
        f"the works are {_old(everything.half_life or 0)}"
    )
    alt = f"Step chart of {counted(len(dated), 'work')} with a year, {span}."
    steps = [
        f"{row['year']}: {counted(int(row['works']), 'work')}, {row['total']} in all."
        for row in growth[growth["works"] > 0].to_dict("records")
    ]
    return Description(title, caption, alt, " ".join(steps))


def _gaps_words(age: Age) -> str:
    if age.first_year == age.last_year:
        return f"All are from {age.first_year}."
    gaps = len(age.gap_years)
    brought = (
        f"{counted(gaps, 'year')} brought no work, marked under the axis."
        if gaps
        else ("every year brought a work.")
    )
    return f"Between {age.first_year} and {age.last_year}, {brought}"


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _ages(timeline: Timeline) -> list[tuple[str, Age]]:
    works = timeline.works
    own = works[works["origin"] == "listed"]
    ages = [("work", compute_age(works, timeline.reference_year))]
    if own["year"].notna().any() and len(own) < len(works):
        ages.append(("listed work", compute_age(own, timeline.reference_year)))
    return ages


def plot_growth(timeline: Timeline, ax: Axes | None = None) -> Figure:
    """Draw the works added up through the years, with half-lives and gap years."""
    with house_style():
        description = describe_growth(timeline)
        growth = compute_growth(timeline)
        lines = ["Works with a year, added up; the bar reaches back over half of them."]
        width = PAGE - 2 * MARGIN
        top = MARGIN + heading_height(description.title, lines, width) + 6
        if growth.empty:
            page = sheet(PAGE, top + 24, ax)
            y = write_heading(page, description.title, [], width)
            write(page, MARGIN, y + 8, description.caption, colour=QUIET)
        else:
            page = sheet(PAGE, top + 230, ax)
            write_heading(page, description.title, lines, width)
            _draw_growth(page, timeline, growth, top, top + 180)
        data = growth.drop(columns="keys").astype({"year": "int64"})
        data.insert(0, "mark", data["year"].astype("str"))
        marks = {
            str(row["year"]): tuple(f"studies:{key}" for key in row["keys"])
            for row in growth.to_dict("records")
        }
        return Figure.described(
            "timeline-growth",
            description,
            drawing=page.figure,  # type: ignore[arg-type]
            data=data,
            marks=marks,
        )


def _draw_growth(
    ax: Axes, timeline: Timeline, growth: pd.DataFrame, top: float, bottom: float
) -> None:
    years = [int(growth["year"].min()), int(growth["year"].max())]
    scale = _Scale.over(years, MARGIN + 24, PAGE - MARGIN - 128)
    most = int(growth["total"].iloc[-1])
    step = next(s for p in range(9) for s in (10**p, 2 * 10**p, 5 * 10**p) if s * 6 >= most)
    ticks = list(range(0, most + 1, step))

    def height(number: float) -> float:
        return bottom - number / most * (bottom - top - 12)

    draw_lines(ax, [(scale.left, height(n), scale.right, height(n)) for n in ticks], EMPTY)
    for number in ticks:
        write(
            ax,
            scale.left - 5,
            height(number) + 2.5,
            f"{number:,}",
            size=NOTE,
            colour=QUIET,
            align="right",
        )
    _draw_years(ax, scale, bottom, bottom + 12)
    own = growth["total_listed"].iloc[-1] > 0
    wrong = not growth["total_listed"].equals(growth["total_printed"])
    plain: str | tuple[float, tuple[float, float]] = "-"
    paths = [("total", INK, 1.4, plain, f"all works, {most:,}")]
    if own:
        paths.append(
            ("total_listed", BLUE, 1.8, "-", f"listed, {growth['total_listed'].iloc[-1]:,}")
        )
    if own and wrong:
        paths.insert(1, ("total_printed", VERMILION, 1.2, (0, (2, 1.5)), "listed, as printed"))
    ends: list[tuple[float, str, str]] = []
    for column, colour, thick, dash, label in paths:
        x = np.repeat([scale(float(v)) for v in growth["year"]], 2)[1:]
        y = np.repeat([height(float(v)) for v in growth[column]], 2)[:-1]
        x, y = np.append(x, scale.right), np.append(y, y[-1])
        segments = np.column_stack([x[:-1], y[:-1], x[1:], y[1:]])
        draw_lines(
            ax,
            segments.tolist(),
            colour,
            linewidths=thick,
            linestyles=[dash],
            capstyle="butt" if dash != "-" else "projecting",
            zorder=3,
        )
        ends.append((float(y[-1]), label, colour))
    ends += _draw_half_lives(ax, timeline, scale, height)
    lowest = float("-inf")
    for at, label, colour in sorted(ends, key=lambda end: (end[0], end[1])):
        lowest = max(at, lowest + _LINE)
        write(ax, scale.right + 5, lowest + 2.5, label, size=NOTE, colour=colour)
    gaps = compute_age(timeline.works, timeline.reference_year).gap_years
    half = scale.year_width / 2
    draw_boxes(ax, [(scale(g) - half, bottom + 2.5, 2 * half, 4) for g in gaps], FAINT)
    if gaps:
        draw_boxes(ax, [(scale.left, bottom + 27, 10, 4)], FAINT)
        write(
            ax,
            scale.left + 14,
            bottom + 31.5,
            f"year without a work ({len(gaps):,})",
            size=NOTE,
            colour=QUIET,
        )


def _draw_half_lives(
    ax: Axes, timeline: Timeline, scale: _Scale, height: Callable[[float], float]
) -> list[tuple[float, str, str]]:
    """Draw the bars and return the labels for their right ends: height, words and colour."""
    labels = []
    colours = {"work": INK, "listed work": BLUE}
    for name, age in _ages(timeline):
        if age.half_life is None or age.reference_year is None or age.works < 2:
            continue
        y = height(age.works / 2)
        x, end = scale(age.reference_year - age.half_life), scale(age.reference_year)
        draw_lines(ax, [(x, y, end, y)], colours[name], linewidths=0.9, zorder=2)
        draw_lines(
            ax,
            [(x, y - 3, x, y + 3), (end, y - 3, end, y + 3)],
            colours[name],
            linewidths=0.9,
            zorder=2,
        )
        words = f"half of {age.works:,}: {_old(age.half_life)}"
        labels.append((y, words, colours[name]))
    return labels


@registered("timeline-growth")
def timeline_growth(collection: Collection) -> Figure:
    """Draw how the literature of a collection grew."""
    return plot_growth(compute_timeline(collection))


# ---------------------------------------------------------------- concepts


def found_concept_history(history: pd.DataFrame) -> tuple[str, ...]:
    """Say when concepts were first named and how far they spread.

    Parameters
    ----------
    history : DataFrame
        From :func:`~relnotes.analysis.timeline.compute_concept_history`.
    """
    if history.empty:
        return ("No framework names a concept yet.",)
    dated = history[history["year"].notna()]
    concepts = history["concept_id"].nunique()
    if dated.empty:
        return (f"None of the frameworks that name the {counted(concepts, 'concept')} has a year.",)
    table = _concept_rows(history)
    first = table[table["year"].notna()]
    sentences = []
    start = int(first["year"].min())
    oldest = first[first["year"] == start]
    sentences.append(
        f"The first framework with a year is {listed(sorted(set(oldest['first_by'])))} ({start}), "
        f"which names {listed(list(oldest['concept_label']), most=4)}."
    )
    newest = first[first["year"] == first["year"].max()]
    if len(first) > len(oldest):
        sentences.append(
            f"Last to be named first: {listed(list(newest['concept_label']), most=4)} "
            f"({int(newest['year'].iloc[0])})."
        )
    wide = table.sort_values(["settings", "concept_label"], ascending=[False, True]).iloc[0]
    sentences.append(
        f"{wide['concept_label']} is named in the most settings, {wide['settings']:,}."
    )
    never = table[table["year"].isna()]
    if len(never):
        sentences.append(
            f"{counted(len(never), 'concept')} {_is(len(never))} named only by frameworks without "
            f"a year: {listed(list(never['concept_label']), most=4)}."
        )
    undated = history.loc[history["year"].isna(), "framework_id"].nunique()
    total = history["framework_id"].nunique()
    if undated:
        sentences.append(
            f"{undated:,} of the {counted(total, 'framework')} {_has(undated)} no year, so a "
            "concept may be older than it looks."
        )
    return tuple(sentences)


def found_foundations(foundations: pd.DataFrame) -> tuple[str, ...]:
    """Say which years the frameworks rest on, and how far back they go.

    Parameters
    ----------
    foundations : DataFrame
        From :func:`~relnotes.analysis.timeline.compute_foundations`.
    """
    if foundations.empty:
        return ("The collection holds no frameworks yet.",)
    total = foundations["framework_id"].nunique()
    resting = foundations[foundations["key"] != ""]
    without = total - resting["framework_id"].nunique()
    sentences = [
        f"{without:,} of {counted(total, 'framework')} {'rests' if without == 1 else 'rest'} on no "
        "work of the literature entered here, only on the page or a place that reports them."
    ]
    dated = resting[resting["year"].notna()]
    if len(dated):
        frameworks = len(set(dated["framework_id"]))
        first, last = int(dated["year"].min()), int(dated["year"].max())
        span = f"of {first}" if first == last else f"of {first} to {last}"
        sentences.append(
            f"{counted(frameworks, 'framework')} {'rests' if frameworks == 1 else 'rest'} on works "
            f"{span}."
        )
    lagging = resting[(resting["lag"].fillna(0) != 0).to_numpy(np.bool_)]
    for row in lagging.sort_values(["lag", "framework_id"], ascending=[False, True]).to_dict(
        "records"
    ):
        years, older = counted(abs(int(row["lag"])), "year"), row["lag"] > 0
        sentences.append(
            f"{row['framework_label']} ({row['framework_year']}) "
            + (f"goes back {years} to " if older else f"is known through a work {years} later, ")
            + f"{row['label']}."
        )
    known = int(resting["lag"].notna().sum())
    if known and lagging.empty:
        sentences.append(
            f"In all {known:,} pairs with both years the framework and the work share their year."
        )
    return tuple(sentences)


def _concept_rows(history: pd.DataFrame) -> pd.DataFrame:
    """One row a concept, the earliest named first."""
    rows = []
    for (concept, label), group in history.groupby(["concept_id", "concept_label"], sort=True):
        first = group[group["first"]]
        rows.append(
            {
                "concept_id": concept,
                "concept_label": label,
                "year": first["year"].iloc[0] if len(first) else pd.NA,
                "first_by": listed(list(first["framework_label"]), most=2),
                "years": tuple(int(y) for y in group["year"].dropna()),
                "undated": int(group["year"].isna().sum()),
                "settings": group.loc[group["setting"] != "", "setting"].nunique(),
                "jurisdictions": group.loc[group["jurisdiction"] != "", "jurisdiction"].nunique(),
                "row_ids": tuple(row for rows in group["row_ids"] for row in rows),
            }
        )
    columns = [
        "concept_id",
        "concept_label",
        "year",
        "first_by",
        "years",
        "undated",
        "settings",
        "jurisdictions",
        "row_ids",
    ]
    table = pd.DataFrame(rows, columns=columns).astype({"year": "Int64"})
    return table.sort_values(["year", "concept_label"], na_position="last", ignore_index=True)


def describe_concept_history(history: pd.DataFrame) -> Description:
    """Say in words when each concept was first named."""
    title = "Since when has each concept been named, and how widely?"
    found = " ".join(found_concept_history(history))
    if history.empty:
        return Description(title, found, "An empty chart: no framework names a concept.", found)
    table = _concept_rows(history)
    dated = history["year"].dropna()
    span = "no framework has a year" if dated.empty else _span_words(dated.min(), dated.max())
    return Description(
        title,
        f"{found} A disc is a framework that names the concept, the filled one is the first with a "
        "year; more than one in a year is a larger disc.",
        f"Chart of {counted(len(table), 'concept')}, a row each, with a disc for every year in "
        f"which a framework names it; {span}; counts of settings and jurisdictions beside.",
        " ".join(
            f"{row['concept_label']}: "
            + (
                "no framework with a year"
                if pd.isna(row["year"])
                else f"first {row['first_by']} in {row['year']}"
            )
            + f", {counted(len(row['years']) + row['undated'], 'framework')}, "
            + f"{counted(row['settings'], 'setting')}, "
            + f"{counted(row['jurisdictions'], 'jurisdiction')}."
            for row in table.to_dict("records")
        ),
    )


def plot_concept_history(history: pd.DataFrame, ax: Axes | None = None) -> Figure:
    """Draw for each concept the years in which frameworks name it."""
    with house_style():
        description = describe_concept_history(history)
        table = _concept_rows(history)
        lines = ["Frameworks that name the concept, by the year of the framework."]
        width = PAGE - 2 * MARGIN
        top = MARGIN + heading_height(description.title, lines, width) + 20
        bottom = top + len(table) * 12.0
        page = sheet(PAGE, bottom + (24 if len(table) else 0), ax)
        write_heading(
            page, description.title, lines if len(table) else [description.caption], width
        )
        if len(table):
            _draw_concepts(page, table, top, bottom)
        data = table.rename(columns={"concept_label": "mark", "year": "first_year"})
        data = data[
            [
                "mark",
                "concept_id",
                "first_year",
                "first_by",
                "years",
                "undated",
                "settings",
                "jurisdictions",
            ]
        ]
        marks = dict(zip(table["concept_label"], table["row_ids"], strict=True))
        return Figure.described(
            "timeline-concepts",
            description,
            drawing=page.figure,  # type: ignore[arg-type]
            data=data,
            marks=marks,
        )


def _draw_concepts(ax: Axes, table: pd.DataFrame, top: float, bottom: float) -> None:
    years = [year for row in table["years"] for year in row]
    scale = _Scale.over(years, MARGIN + 232, PAGE - MARGIN - 118)
    columns = {
        "undated": PAGE - MARGIN - 94,
        "settings": PAGE - MARGIN - 56,
        "jurisdictions": PAGE - MARGIN - 17,
    }
    heads = {"undated": "no year", "settings": "settings", "jurisdictions": "juris-\ndictions"}
    write(ax, MARGIN, top - 6, "concept", size=NOTE, colour=QUIET)
    write(ax, MARGIN + 122, top - 6, "first named by", size=NOTE, colour=QUIET)
    for name, x in columns.items():
        for number, word in enumerate(reversed(heads[name].split("\n"))):
            write(ax, x, top - 6 - 8 * number, word, size=NOTE, colour=QUIET, align="center")
    draw_boxes(
        ax,
        [(MARGIN, top + n * 12, PAGE - 2 * MARGIN, 12) for n in range(0, len(table), 2)],
        BAND,
        zorder=0.2,
    )
    later: list[tuple[float, float, int]] = []
    first: list[tuple[float, float, int]] = []
    lines = []
    for number, row in enumerate(table.to_dict("records")):
        y = top + number * 12 + 6
        write(
            ax,
            MARGIN + 2,
            y + 2.6,
            shortened(str(row["concept_label"]), 116, NOTE),
            size=NOTE,
            weight="bold",
        )
        by = "–" if pd.isna(row["year"]) else f"{row['year']} {row['first_by']}"
        write(ax, MARGIN + 122, y + 2.6, shortened(by, 104, NOTE), size=NOTE, colour=QUIET)
        for name, x in columns.items():
            count = int(row[name])
            write(
                ax,
                x,
                y + 2.6,
                str(count) if count else "–",
                size=NOTE,
                align="center",
                colour=INK if count else FAINT,
            )
        found = sorted(set(row["years"]))
        if found:
            lines.append((scale(found[0]), y, scale(found[-1]), y))
        for year in found:
            times = row["years"].count(year)
            (first if year == row["year"] else later).append((scale(year), y, times))
    draw_lines(ax, lines, SHADES[2], linewidths=0.8, zorder=1)
    for marks, face in ((later, PAPER), (first, BLUE)):
        for times in sorted({m[2] for m in marks}):
            here = [m for m in marks if m[2] == times]
            size = min(4.2 + 1.3 * (times - 1), 8.5)
            draw_dots(
                ax,
                [m[0] for m in here],
                [m[1] for m in here],
                size,
                face,
                edgecolors=BLUE,
                linewidths=0.9,
                zorder=2,
            )
    if years:
        _draw_years(ax, scale, top, bottom)


@registered("timeline-concepts")
def timeline_concepts(collection: Collection) -> Figure:
    """Draw since when the concepts of a collection have been named."""
    return plot_concept_history(compute_concept_history(collection))
