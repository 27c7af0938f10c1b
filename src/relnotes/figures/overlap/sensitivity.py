"""Sensitivity: which of the most named concepts stay at the top under every lens."""

from __future__ import annotations

from typing import Final

import pandas as pd

from relnotes.analysis.overlap import Sensitivity
from relnotes.evidence.sentences import counted, listed
from relnotes.figures.charts import Column, Look, Mark, Page
from relnotes.figures.columns import Cells, Dots, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.scales import Scale
from relnotes.figures.style import BLUE, FAINT, PAPER, clean, house_style

MOST_ROWS: Final = 30
TITLE: Final = "Which concepts stay at the top under every lens?"

TOP: Final = Look("at the top under this lens", BLUE, size=7.0)
BELOW: Final = Look("below the top", FAINT, size=6.0, face=PAPER)
ABSENT: Final = Look("named by none", FAINT, "x", size=4.5)
RANGE: Final = Look(
    "count under the baseline, and fewest to most under any lens", BLUE, "D", size=5.5
)


def _counts(sensitivity: Sensitivity) -> pd.DataFrame:
    """Concepts at the top under some lens, in the order of the baseline, a row for each lens."""
    counts = sensitivity.counts
    if counts.empty:
        return counts
    lens = [
        f"{coder}: {level}{' in words' if basis == 'explicit' else ''}"
        for coder, level, basis in zip(
            counts["coder"], counts["strictness"], counts["basis"], strict=True
        )
    ]
    base = sensitivity.baseline
    counts = counts.assign(
        lens=lens,
        mark=[clean(label) for label in counts["label"]],
        top=(counts["rank"] <= sensitivity.top).fillna(value=False).astype(bool),
        at_base=(counts["coder"] == base.coder)
        & (counts["strictness"] == base.strictness)
        & (counts["basis"] == base.basis),
    )
    high = counts.groupby("item")["top"].any()
    kept = counts[counts["item"].map(high).to_numpy()]
    first = kept[kept["at_base"]].sort_values("rank", kind="stable")
    place = {item: i for i, item in enumerate(first["item"])}
    known = kept.assign(
        place=kept["item"].map(place),
        baseline=kept["item"].map(first.set_index("item")["sets"]),
        fewest=kept.groupby("item")["sets"].transform("min"),
        most=kept.groupby("item")["sets"].transform("max"),
    )
    return known.sort_values("place", kind="stable", ignore_index=True)


def _firm(counts: pd.DataFrame) -> list[str]:
    """Concepts of the baseline's top that are at the top under every lens."""
    everywhere = counts.groupby("mark", sort=False)["top"].all()
    return [str(mark) for mark, holds in everywhere.items() if holds]


def _answer(sensitivity: Sensitivity, counts: pd.DataFrame, named: int = 6) -> str:
    lenses = counted(counts["lens"].nunique(), "lens", "lenses")
    firm = _firm(counts)
    high = int(counts.loc[counts["at_base"], "top"].sum())
    if not high:
        return f"No concept is named under the baseline, of the {lenses} that were tried."
    names = f": {listed(firm, named)}" if firm else ""
    verb = "stays" if len(firm) == 1 else "stay"
    return (
        f"Of the {counted(high, 'concept')} at the top of the baseline, {len(firm):,} {verb} there "
        f"under all {lenses}{names}."
    )


def describe_overlap_sensitivity(sensitivity: Sensitivity) -> Description:
    """Say in words which of the most named concepts hold their place under every lens."""
    counts = _counts(sensitivity)
    if counts.empty:
        nothing = "No framework names a concept under any lens, so there is nothing to compare."
        return Description(TITLE, nothing, nothing, nothing)
    answer = _answer(sensitivity, counts)
    one = counts.drop_duplicates("mark")
    spread = (one["most"] - one["fewest"]).astype(int)
    moved = one.loc[spread == spread.max()].iloc[0]
    most = (
        f"{moved['mark']} moves most, between {moved['fewest']:,} and "
        f"{counted(int(moved['most']), 'framework')}."
        if spread.max()
        else "No count moves."
    )
    base = _base(sensitivity)
    rows = "; ".join(
        f"{row.mark} {row.fewest:,} to {row.most:,}, place {_places(counts, str(row.mark))}"
        for row in one.itertuples()
    )
    lenses = counted(counts["lens"].nunique(), "lens", "lenses")
    return Description(
        TITLE,
        f"{answer} {most} A lens is a coding, a strictness and its basis; the baseline is {base}.",
        f"Grid of {counted(len(one), 'concept')} by {lenses}, filled where at the top. "
        f"{_answer(sensitivity, counts, named=1)}",
        f"{answer} {most} Fewest and most frameworks that name each concept, and its places, in "
        f"the order of the baseline ({base}): {rows}.",
    )


def _places(counts: pd.DataFrame, mark: str) -> str:
    ranks = counts.loc[counts["mark"] == mark, "rank"]
    low, high = int(ranks.min()), int(ranks.max())
    if ranks.isna().any():
        return f"{low} to none"
    return f"{low}" if low == high else f"{low} to {high}"


def plot_overlap_sensitivity(sensitivity: Sensitivity) -> Figure:
    """Draw for each concept under which lenses it is at the top, and how far its count moves.

    Returns
    -------
    Figure
        Marks: each concept by its label.
    """
    words = describe_overlap_sensitivity(sensitivity)
    counts = _counts(sensitivity)
    if counts.empty:
        return plot_nothing("overlap-sensitivity", words)
    every = list(dict.fromkeys(counts["mark"]))
    marks = every[:MOST_ROWS]
    note = ""
    if every[MOST_ROWS:]:
        note = f"Not drawn: {counted(len(every) - MOST_ROWS, 'concept')}."
    drawn = counts[counts["mark"].isin(marks)]
    with house_style():
        page = Page(
            words.title, _answer(sensitivity, counts), f"{_how(sensitivity)} {note}".strip()
        )
        page.key([TOP, BELOW, ABSENT, RANGE])
        page.rows(marks, _table(sensitivity, drawn, marks))
    columns = [
        "mark", "lens", "coder", "strictness", "basis", "sets", "of",
        "rank", "top", "baseline", "fewest",
        "most",
    ]  # fmt: skip
    ids = dict(zip(drawn["mark"], drawn["item"], strict=True))
    return Figure.described(
        "overlap-sensitivity",
        words,
        drawing=page.finished(),
        data=drawn[columns].reset_index(drop=True),
        marks={mark: (f"concepts:{ids[mark]}",) for mark in marks},
        choices={"baseline": str(sensitivity.baseline)},
    )


def _how(sensitivity: Sensitivity) -> str:
    return (
        f"Top: the first {sensitivity.top} places. Baseline: {_base(sensitivity)}. Bold: under "
        "every lens."
    )


def _base(sensitivity: Sensitivity) -> str:
    return f"{sensitivity.baseline.coder}: {sensitivity.baseline.strictness.value}"


def _table(sensitivity: Sensitivity, counts: pd.DataFrame, marks: list[str]) -> list[Column]:
    row_of = {mark: i for i, mark in enumerate(marks)}
    lenses = list(dict.fromkeys(counts["lens"]))
    cells = [
        Mark(mark, row_of[mark], TOP if top else BELOW if sets else ABSENT, lenses.index(lens))
        for mark, top, sets, lens in zip(
            counts["mark"], counts["top"], counts["sets"], counts["lens"], strict=True
        )
    ]
    one = counts.drop_duplicates("mark")
    spans = [
        Mark(mark, row_of[mark], RANGE, base, low, high)
        for mark, base, low, high in zip(
            one["mark"], one["baseline"], one["fewest"], one["most"], strict=True
        )
    ]
    firm = set(_firm(counts))
    pitch = max(9.5, min(14.0, 160 / len(lenses)))
    scale = Scale.counts("frameworks", int(counts["most"].max()), 110.0)
    return [
        Text.fitting(marks, 150, key=True, bold=[mark in firm for mark in marks]),
        Cells(lenses, cells, pitch, bold=[lens == _base(sensitivity) for lens in lenses]),
        Dots(scale, spans, title="frameworks that name it"),
        Text([_places(counts, mark) for mark in marks], title="place"),
    ]
