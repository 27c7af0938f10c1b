"""Frameworks: which themes they name, group by group."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from relnotes.analysis.frameworks import FEWEST_TO_COMPARE, Themes, compute_themes, found_themes
from relnotes.evidence.sentences import counted, listed
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Bars, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.register import registered
from relnotes.figures.scales import Scale
from relnotes.figures.style import BLUE, NOTE, PAPER, clean, house_style, wrapped

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

NO_COMPARISON: Final = "No framework has been coded, so there is nothing to compare."
MOST_GROUPS: Final = 34
MOST_THEMES: Final = 8

# Groups too small for a share to mean much are drawn hollow, and say so.
LARGE: Final = Look(f"{FEWEST_TO_COMPARE} frameworks or more", BLUE, "bar")
SMALL: Final = Look(f"fewer than {FEWEST_TO_COMPARE}: single cases", BLUE, "bar", face=PAPER)


def describe_frameworks_themes(themes: Themes) -> Description:
    """Say in words which themes the frameworks of each group name."""
    title = _title(themes)
    if themes.cells.empty:
        return Description(title, NO_COMPARISON, NO_COMPARISON, NO_COMPARISON)
    sizes = themes.cells.drop_duplicates("group").set_index("group")["of"]
    found = found_themes(themes)
    lines = []
    for group in themes.groups:
        cells = themes.cells[themes.cells["group"] == group].to_dict("records")
        named = listed([f"{row['theme']} {row['frameworks']:,}" for row in cells])
        lines.append(f"- {group} ({counted(int(sizes[group]), 'framework')}): {named}.")
    return Description(
        title,
        f"{' '.join(found)} {_lens(themes)}",
        f"Bars of the share of frameworks that name each theme, by {themes.by}. {_finding(found)}",
        "\n".join([*found, f"Frameworks that name each theme, by {themes.by}:", *lines]),
    )


def _finding(found: Sequence[str]) -> str:
    """Return the first sentence that is short enough to be heard in one go."""
    return next((sentence for sentence in found if len(sentence) <= 160), "")


def _title(themes: Themes) -> str:
    return f"Which themes do the frameworks name, {themes.by} by {themes.by}?"


def _lens(themes: Themes) -> str:
    left = len(themes.left_out)
    out = f" {counted(left, 'framework')} could not be compared." if left else ""
    return f"What counts: {themes.lens.words}.{out}"


def plot_frameworks_themes(themes: Themes) -> Figure:
    """Draw groups by themes, as bars of the share of frameworks that name a concept of each.

    Returns
    -------
    Figure
        Marks: each group and a theme that it names, as ``group × theme``.
    """
    words = describe_frameworks_themes(themes)
    if themes.cells.empty:
        return plot_nothing("frameworks-themes", words)
    cells = themes.cells.assign(
        group=themes.cells["group"].map(clean),
        theme=themes.cells["theme"].map(clean),
        percent=themes.cells["share"] * 100,
    )
    cells["mark"] = cells["group"] + " × " + cells["theme"]
    sizes = cells.drop_duplicates("group").set_index("group")["of"].astype(int)
    groups = list(sizes.sort_values(ascending=False, kind="stable").index[:MOST_GROUPS])
    order = cells.groupby("theme", sort=False)["frameworks"].sum()
    names = list(order.sort_values(ascending=False, kind="stable").index[:MOST_THEMES])
    cells = cells[cells["group"].isin(groups) & cells["theme"].isin(names)]
    left = [
        f"{counted(n, what)} with fewer frameworks"
        for n, what in (
            (len(sizes) - len(groups), "group"),
            (len(order) - len(names), "theme"),
        )
        if n
    ]
    note = "Bars: per cent of the frameworks of a group that name a concept of the theme; the "
    note += f"number beside them: how many. {_lens(themes)}"
    note += f" Not drawn: {listed(left)}." if left else ""
    with house_style():
        page = Page(words.title, _finding(found_themes(themes)), note)
        page.key([look for look, large in ((LARGE, True), (SMALL, False))
                  if ((cells["of"] >= FEWEST_TO_COMPARE) == large).any()])  # fmt: skip
        pitch = min(54.0, (page.width - 132) / len(names))
        heads = [wrapped(name, pitch - 4, NOTE, "bold", most=4) for name in names]
        page.y += 9.0 * max(map(len, heads)) + 2
        frame = page.rows(
            groups,
            [
                Text.fitting(groups, 102, key=True, size=NOTE),
                Text([f"{sizes[g]:,}" for g in groups], width=18.0, size=NOTE, align="right"),
                *(_bars(cells[cells["theme"] == name], groups, pitch - 18) for name in names),
            ],
            gap=6.0,
        )
        for left_end, lines in zip(frame.lefts[2:], heads, strict=True):
            for up, line in enumerate(reversed(lines)):
                y = frame.top - 19 - 9.0 * up
                page.words(left_end, y, line, size=NOTE, weight="bold")
    named = cells[cells["frameworks"] > 0]
    columns: list[Any] = [
        "mark", "group", "theme", "frameworks", "of", "share", "percent", "concepts",
    ]  # fmt: skip
    return Figure.described(
        "frameworks-themes",
        words,
        drawing=page.finished(),
        data=named[columns].reset_index(drop=True),
        marks=dict(zip(named["mark"], named["row_ids"], strict=True)),
        choices={"groups": themes.by, "lens": str(themes.lens)},
    )


def _bars(cells: pd.DataFrame, groups: list[str], wide: float) -> Bars:
    rows = cells.to_dict("records")
    marks = [
        Mark(
            row["mark"] if row["frameworks"] else "",
            groups.index(row["group"]),
            LARGE if row["of"] >= FEWEST_TO_COMPARE else SMALL,
            row["percent"],
            label=f"{row['frameworks']:,}" if row["frameworks"] else "–",
        )
        for row in rows
    ]
    name = str(rows[0]["theme"])
    scale = Scale(name, 0, 100, wide, (0.0, 100.0), word="{:.0f}".format)
    return Bars(scale, marks, thick=5.0, beyond=12.0)


@registered("frameworks-themes")
def frameworks_themes(collection: Collection) -> Figure:
    """Draw which themes the frameworks of a collection name, setting by setting."""
    return plot_frameworks_themes(compute_themes(collection))
