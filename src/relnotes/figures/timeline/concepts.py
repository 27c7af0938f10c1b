"""Concepts through the years: when frameworks with a year name them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from relnotes.analysis.overlap.lens import BASELINE, Lens
from relnotes.analysis.timeline import (
    compute_concept_history,
)
from relnotes.evidence.sentences import are, counted, have, listed
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Dots, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.register import registered
from relnotes.figures.scales import Scale
from relnotes.figures.style import BLUE, NOTE, PAPER, clean, house_style

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

TITLE: Final = "Since when do dated frameworks name each concept, and how widely?"
UNDATED: Final = "no date"
MOST_CONCEPTS: Final = 58

FIRST: Final = Look("earliest framework with a year", BLUE, "o", 6.0)
LATER: Final = Look("later ones", BLUE, "o", 4.6, face=PAPER)


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
    who = sorted(set(dated.loc[dated["year"] == start, "framework_label"]))
    sentences.append(
        f"The first {'framework' if len(who) == 1 else 'frameworks'} with a year "
        f"{are(len(who))} {listed(who, most=4)} ({start}), which "
        f"{'names' if len(who) == 1 else 'name'} {listed(list(oldest['concept_label']), most=4)}."
    )
    newest = first[first["year"] == first["year"].max()]
    if len(first) > len(oldest):
        undated = int(newest["undated"].sum())
        known = f"{undated or 'none'} {have(undated)} no year"
        sentences.append(
            f"Latest to have a dated framework: {listed(list(newest['concept_label']), most=4)} "
            f"({int(newest['year'].iloc[0])}); of those that name "
            f"{'it' if len(newest) == 1 else 'them'}, {known}."
        )
    settings = int(table["settings"].max())
    wide = sorted(table.loc[table["settings"] == settings, "concept_label"])
    if settings > 1:
        sentences.append(
            f"{listed(wide, most=4)} {are(len(wide))} named in the most settings, {settings:,}."
        )
    never = table[table["year"].isna()]
    if len(never):
        sentences.append(
            f"{counted(len(never), 'concept')} {are(len(never))} named only by frameworks without "
            f"a year: {listed(list(never['concept_label']), most=4)}."
        )
    undated = history.loc[history["year"].isna(), "framework_id"].nunique()
    total = history["framework_id"].nunique()
    if undated:
        sentences.append(
            f"{undated:,} of the {counted(total, 'framework')} {have(undated)} no year, so a "
            "concept may be older than it looks."
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
    table = pd.DataFrame(rows).astype({"year": "Int64"})
    return table.sort_values(["year", "concept_label"], na_position="last", ignore_index=True)


def describe_concept_history(history: pd.DataFrame) -> Description:
    """Say in words when frameworks with a year named each concept."""
    found = " ".join(found_concept_history(history))
    if history.empty:
        return Description(TITLE, found, found, found)
    table = _concept_rows(history)
    return Description(
        TITLE,
        f"{found} A dot is a year in which a framework names the concept, the filled one the "
        "earliest that is known.",
        f"A row for each concept with a dot for each year that names it. {_spread(history)}",
        "\n".join(
            [
                found,
                *(
                    f"- {row['concept_label']}: "
                    + (
                        "no framework with a year"
                        if pd.isna(row["year"])
                        else f"earliest {row['first_by']} in {row['year']}"
                    )
                    + f", {counted(len(row['years']) + row['undated'], 'framework')}, "
                    f"{row['undated']:,} of them undated, in {counted(row['settings'], 'setting')} "
                    f"and {counted(row['jurisdictions'], 'jurisdiction')}."
                    for row in table.to_dict("records")
                ),
            ]
        ),
    )


def _spread(history: pd.DataFrame) -> str:
    """Say how far the years go, and of how many frameworks nothing is known."""
    undated = history.loc[history["year"].isna(), "framework_id"].nunique()
    total = history["framework_id"].nunique()
    known = (
        f"{undated:,} of {counted(total, 'framework')} {have(undated)} no year, so a concept may "
        "be older."
        if undated
        else f"No framework is without a year, of {total:,}."
    )
    dated = history.dropna(subset="year").sort_values("year")
    if dated.empty:
        return known
    first, last = int(dated["year"].iloc[0]), int(dated["year"].iloc[-1])
    early = dated.loc[dated["year"] == first, "concept_label"].nunique()
    span = f"in {first}" if first == last else f"from {first} to {last}"
    begin = "begins" if early == 1 else "begin"
    return f"Dated frameworks are {span}; {counted(early, 'concept')} {begin} in {first}. {known}"


def plot_concept_history(history: pd.DataFrame, lens: Lens = BASELINE) -> Figure:
    """Draw for each concept the years in which frameworks name it.

    Parameters
    ----------
    history : DataFrame
        From :func:`~relnotes.analysis.timeline.compute_concept_history`.
    lens : Lens
        By which it was computed.

    Returns
    -------
    Figure
        Marks: each concept and year, as ``Trust × 2014``, or ``Trust × no year``.
    """
    words = describe_concept_history(history)
    if history.empty:
        return plot_nothing("timeline-concepts", words)
    table = _concept_rows(history).head(MOST_CONCEPTS)
    left = history["concept_id"].nunique() - len(table)
    data = _concept_years(history, table)
    keys = [clean(label) for label in table["concept_label"]]
    place = dict(zip(table["concept_id"], range(len(keys)), strict=True))
    dated = data[data["year"].notna()].drop_duplicates("mark")
    dots = [
        Mark(row["mark"], place[row["concept_id"]], FIRST if row["first"] else LATER, row["year"])
        for row in dated.to_dict("records")
    ]
    first = [
        "–" if pd.isna(row["year"]) else f"{row['year']} {row['first_by']}"
        for row in table.to_dict("records")
    ]
    silent = [f"{key} × {UNDATED}" for key in keys]
    with house_style():
        note = f"What counts: {lens.words}."
        if left:
            note += f" Not drawn: {counted(left, 'concept')} named later or only without a year."
        page = Page(TITLE, _spread(history), note)
        page.key(look for look in (FIRST, LATER) if any(dot.look is look for dot in dots))
        years = [int(y) for y in dated["year"]]
        scale = Scale.years("year", min(years), max(years), 142.0) if years else None
        page.rows(
            keys,
            [
                Text.fitting(keys, 118, key=True, size=NOTE),
                *([Dots(scale, dots)] if scale else []),
                Text(first, "earliest known", size=NOTE),
                _numbers(table["undated"], UNDATED, silent),
                _numbers(table["settings"], "settings"),
                _numbers(table["jurisdictions"], "jurisdictions"),
            ],
            row=9.6,
        )
    return Figure.described(
        "timeline-concepts",
        words,
        drawing=page.finished(),
        data=data.drop(columns="row_ids"),
        marks={
            str(mark): tuple(dict.fromkeys(r for rows in ids for r in rows))
            for mark, ids in data.groupby("mark", sort=False)["row_ids"]
        },
    )


def _numbers(values: pd.Series[int], title: str, marks: Sequence[str] = ()) -> Text:
    words = [f"{v:,}" if v else "" for v in values]
    return Text.fitting(words, 60, title=title, marks=marks, align="right", size=NOTE)


def _concept_years(history: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """One row for each concept that is drawn and framework that names it, by year."""
    here = history[history["concept_id"].isin(table["concept_id"])]
    when = here["year"].astype("str").where(here["year"].notna(), UNDATED)
    labels = here["concept_label"].map(clean)
    columns = ["concept_id", "framework_id", "framework_label", "year", "first", "setting"]
    data = here[[*columns, "jurisdiction", "row_ids"]].assign(
        mark=labels + " × " + when, concept=labels
    )
    undated = data.groupby("mark")["framework_id"].transform("nunique")
    return data.assign(frameworks=undated)[["mark", "concept", "frameworks", *data.columns[:-2]]]


@registered("timeline-concepts")
def timeline_concepts(collection: Collection) -> Figure:
    """Draw since when the concepts of a collection have been named."""
    return plot_concept_history(compute_concept_history(collection))
