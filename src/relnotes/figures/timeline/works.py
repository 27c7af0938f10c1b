"""Works in time, a mark each in the row of its year, with the events beside them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from relnotes.analysis.timeline import Timeline, compute_age, compute_timeline
from relnotes.analysis.works import ORIGINS
from relnotes.evidence.sentences import counted, have, listed
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Bars, Dots, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.register import registered
from relnotes.figures.scales import Scale
from relnotes.figures.style import BLUE, NOTE, PAPER, QUIET, VERMILION, house_style

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

TITLE: Final = "When did the literature appear, and what happened beside it?"
UNDATED: Final = "no date"
MOST_DOTS: Final = 26
"""Works of one year beyond which a year has bars instead of a dot for each work."""
MOST_YEARS: Final = 36
MOST_ROWS: Final = 42
"""Years beyond which the oldest share a row, and rows beyond which silence has none."""

# Shapes, not only colours: discs, diamonds and hollow squares; bars are filled, hatched and hollow.
LOOKS: Final = {
    "listed": Look("in the page’s list", BLUE, "o", 5.6),
    "named": Look("named by the page, not listed", VERMILION, "D", 5.0),
    "added": Look("added here", QUIET, "s", 5.0, face=PAPER),
}
BARS: Final = {
    "listed": Look("in the page’s list", BLUE, "bar"),
    "named": Look("named by the page, not listed", VERMILION, "bar", face=PAPER, hatch="////"),
    "added": Look("added here", QUIET, "bar", face=PAPER),
}


# ---------------------------------------------------------------- works by year


def describe_timeline(timeline: Timeline) -> Description:
    """Say in words which works appeared when."""
    works = timeline.works
    left_out = _left_out_words(timeline)
    if works.empty:
        nothing = f"The collection holds no works yet.{left_out}"
        return Description(TITLE, nothing, nothing, nothing)
    origins = [
        f"{counted(int(n), 'work')} {LOOKS[o].words}"
        for o in ORIGINS
        if (n := (works["origin"] == o).sum())
    ]
    years = [f"- {row.key}: {listed(row.names)}." for row in _rows(timeline) if row.names]
    events = [f"- {e['year']}: {e['label']}." for e in timeline.events.to_dict("records")]
    return Description(
        TITLE,
        f"{' '.join(found_timeline(timeline))} Each mark is a work.{left_out}",
        f"A row for each year with its works as marks. {_fullest(timeline)}",
        "\n".join(
            [
                f"{counted(len(works), 'work')}: {listed(origins)}. By year:",
                *years,
                *(["Events beside them:", *events] if events else []),
            ]
        ),
    )


def _fullest(timeline: Timeline) -> str:
    """Say which year has the most works."""
    known = found_timeline(timeline)[0]
    if timeline.dated.empty:
        return known
    years = timeline.dated["year"].value_counts()
    most = int(years.max())
    fullest = sorted(int(y) for y in years.index[years == most])
    if len(fullest) > 2:
        return f"{known} No year has more than {counted(most, 'work')}."
    return f"{known} The fullest: {' and '.join(map(str, fullest))}, {counted(most, 'work')}."


def _answer(timeline: Timeline) -> str:
    return " ".join(found_timeline(timeline)[:2])


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
        f"{counted(len(dated), 'work')} of {len(works):,} {have(len(dated))} a year; "
        f"{_span_words(int(dated['year'].min()), int(dated['year'].max()))}."
    )
    if age.half_life is not None and age.works > 1:
        sentences.append(
            f"Half of the {counted(age.works, name)} with a year are {_old(age.half_life)}, "
            f"counted to {age.reference_year}, the year of the "
            f"newest {name}{'; the page’s own date is not known' if len(own) else ''}."
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
class _Row:
    """A year, or years without a work, or the works without a date."""

    key: str
    works: pd.DataFrame
    events: pd.DataFrame

    @property
    def names(self) -> list[str]:
        """Who wrote the works, each once, with how many and what is printed wrongly."""
        printed = self.works["printed_year"]
        wrong = [f" (printed {year})" if pd.notna(year) else "" for year in printed]
        names = Counter(f"{c}{w}" for c, w in zip(self.works["creators"], wrong, strict=True))
        return [f"{name} ×{n}" if n > 1 else name for name, n in names.items()]


def _rows(timeline: Timeline) -> list[_Row]:
    """Put works and events into the rows of their years, the newest first, gaps between them."""
    works = timeline.works.assign(place=timeline.works["origin"].map(ORIGINS.index))
    works = works.sort_values(["place", "key"], kind="stable")
    events, nothing = timeline.events, works.iloc[:0]
    years = sorted({*works["year"].dropna(), *events["year"].dropna()}, reverse=True)
    kept = years if len(years) <= MOST_YEARS else years[: MOST_YEARS - 1]
    gaps = sum(newer - year > 1 for newer, year in pairwise(kept))
    rows: list[_Row] = []
    for newer, year in zip([None, *kept], kept, strict=False):
        if newer is not None and newer - year > 1 and len(kept) + gaps <= MOST_ROWS:
            gap = f"{year + 1}" if newer - year == 2 else f"{year + 1}–{newer - 1}"
            rows.append(_Row(gap, nothing, events.iloc[:0]))
        here = (works["year"] == year).fillna(value=False)
        rows.append(_Row(f"{year}", works[here], events[events["year"] == year]))
    if len(kept) < len(years):
        old = (works["year"] < kept[-1]).fillna(value=False)
        rows.append(_Row(f"before {kept[-1]}", works[old], events[events["year"] < kept[-1]]))
    undated = works[works["year"].isna()]
    return [*rows, _Row(UNDATED, undated, events.iloc[:0])] if len(undated) else rows


def plot_timeline(timeline: Timeline) -> Figure:
    """Draw the works as marks in the rows of their years, with the events beside them.

    Returns
    -------
    Figure
        Marks: each work by its label, or where a year has many, each year and origin; and the
        events of each year.
    """
    words = describe_timeline(timeline)
    rows = _rows(timeline)
    if not rows:
        return plot_nothing("timeline-works", words)
    many = max(len(row.works) for row in rows) > MOST_DOTS
    data = pd.concat([*(_works_of(row, many) for row in rows), *(_events_of(row) for row in rows)])
    marks = {str(m): tuple(ids) for m, ids in data.groupby("mark", sort=False)["row"]}
    drawn = data[data["what"] == "work"].drop_duplicates("mark")
    place = {row.key: n for n, row in enumerate(rows)}
    looks = BARS if many else LOOKS
    spots = [
        Mark(
            row["mark"],
            place[row["when"]],
            looks[row["origin"]],
            row["end"],
            row["start"] if many else float("nan"),
        )
        for row in drawn.to_dict("records")
    ]
    scale = Scale.counts("works", max(len(row.works) for row in rows), 150.0)
    keys = [row.key for row in rows]
    happened = ["; ".join(row.events["label"]) for row in rows]
    found = [o for o in ORIGINS if (timeline.works["origin"] == o).any()]
    with house_style():
        page = Page(TITLE, _answer(timeline), _left_out_words(timeline).strip())
        page.key([looks[o] for o in found])
        beside = [Text(happened, "beside them", [f"events of {k}" for k in keys],
                       "events", width=110.0, most=3, size=NOTE)]  # fmt: skip
        names = [_said(row, many) for row in rows]
        page.rows(
            keys,
            [
                Text.fitting(keys, 60, key=True, bold=[len(row.works) > 0 for row in rows]),
                (Bars if many else Dots)(scale, spots, title="works"),
                Text(names, most=3, size=NOTE, quiet=[row.works.empty for row in rows]),
                *(beside if any(happened) else []),
            ],
            row=11.0,
        )
    return Figure.described(
        "timeline-works",
        words,
        drawing=page.finished(),
        data=data.drop(columns="row").reset_index(drop=True),
        marks=marks,
    )


def _said(row: _Row, many: bool) -> str:
    if row.works.empty:
        return "" if len(row.events) else "no work"
    return counted(len(row.works), "work") if many else "; ".join(row.names)


def _works_of(row: _Row, many: bool) -> pd.DataFrame:
    """Return the works of a row with the place of each, or of its bar, on the axis of works."""
    works = row.works.copy()
    works["end"] = np.arange(1.0, len(works) + 1)
    works["mark"] = works["label"]
    if many:
        works["mark"] = [f"{row.key}, {LOOKS[origin].words}" for origin in works["origin"]]
        works["end"] = works.groupby("mark")["end"].transform("max")
    works["start"] = works["end"] - (works.groupby("mark")["key"].transform("count") if many else 1)
    works = works.assign(what="work", when=row.key, row="studies:" + works["key"])
    columns = ["what", "label", "key", "when", "year", "dated", "printed_year", "origin"]
    return works[["mark", *columns, "start", "end", "row"]]


def _events_of(row: _Row) -> pd.DataFrame:
    events = row.events
    return pd.DataFrame(
        {
            "mark": f"events of {row.key}",
            "what": "event",
            "label": events["label"],
            "key": events["event_id"],
            "when": row.key,
            "year": events["year"],
            "row": "events:" + events["event_id"],
        }
    )


@registered("timeline-works")
def timeline_works(collection: Collection) -> Figure:
    """Draw the works of a collection by year."""
    return plot_timeline(compute_timeline(collection))
