"""The fingerprint of one set: what it names, against how widely the others name it."""

from __future__ import annotations

from typing import Final

import pandas as pd

from relnotes.analysis.overlap import Memberships
from relnotes.evidence.sentences import listed
from relnotes.figures.charts import Look, Mark, Page
from relnotes.figures.columns import Bars, Text
from relnotes.figures.figure import Description, Figure, plot_nothing
from relnotes.figures.overlap.nouns import ITEMS, Nouns
from relnotes.figures.scales import Scale
from relnotes.figures.style import BLUE, FAINT, PAPER, house_style, shortened

MOST_NAMED: Final = 24
MOST_MISSING: Final = 10

NAME: Final = "overlap-fingerprint"


def _table(memberships: Memberships, chosen: str) -> pd.DataFrame:
    """One row per item: whether the chosen set has it, how many others do, and its wordings."""
    here = memberships.matrix[:, memberships.position(chosen)]
    wordings: dict[object, list[str]] = {}
    rows = memberships.rows[memberships.rows["set"] == chosen]
    for item, wording in zip(rows["item"], rows["wording"], strict=True):
        wordings.setdefault(item, []).append(str(wording))
    table = pd.DataFrame(
        {
            "mark": [str(label) for label in memberships.item_labels],
            "item": list(memberships.items),
            "named": here,
            "others": memberships.degrees - here,
            "wordings": [tuple(dict.fromkeys(wordings.get(i, ()))) for i in memberships.items],
        }
    )
    return table.sort_values("others", ascending=False, kind="stable", ignore_index=True)


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    """Take the items it has, then those it lacks that are most widely held."""
    held, lacked = table[table["named"]], table[~table["named"] & (table["others"] > 0)]
    both = [held.head(MOST_NAMED), lacked.head(MOST_MISSING)]
    return pd.concat(both, ignore_index=True)


def _answer(table: pd.DataFrame, label: str, nouns: Nouns) -> str:
    named, lacked = table[table["named"]], table[~table["named"] & (table["others"] > 0)]
    missing = listed(
        [f"{m} ({n:,})" for m, n in zip(lacked["mark"], lacked["others"], strict=True)][:3]
    )
    alone = list(named.loc[named["others"] == 0, "mark"])
    said = [f"‘{label}’ has {len(named):,} of {nouns.some_items(len(table))}"]
    if len(named):
        said.append(
            f"it has {listed(alone, 4)}, which no other {nouns.set} has"
            if alone
            else f"at least one other {nouns.set} has each of them"
        )
    said.append(
        f"most widely held and not here: {missing}"
        if missing
        else f"it has every {nouns.item} that any other has"
    )
    return f"{'; '.join(said)}."


def _short(table: pd.DataFrame, label: str, nouns: Nouns) -> str:
    """Say the same in a sentence that no name can make too long for an alternative text."""
    lacked = table[~table["named"] & (table["others"] > 0)]
    of = f"{int(table['named'].sum()):,} of {nouns.some_items(len(table))}"
    has = f"{shortened(label, 160)} has {of}"
    if lacked.empty:
        return f"{has}; none that others have is missing."
    return f"{has}; the most widely held it lacks is {shortened(lacked['mark'].iloc[0], 160)}."


def describe_overlap_fingerprint(
    memberships: Memberships, chosen: str, nouns: Nouns = ITEMS
) -> Description:
    """Say in words what one set names that others do or do not."""
    label = memberships.set_labels[memberships.position(chosen)]
    title = f"How does ‘{label}’ compare with the other {nouns.sets}?"
    others = len(memberships.sets) - 1
    table = _table(memberships, chosen)
    if others < 1 or _drawn(table).empty:
        nothing = (
            f"{label} has {int(table['named'].sum()):,} of {nouns.some_items(len(table))}; there "
            f"is no other {nouns.set} to hold it against."
        )
        return Description(title, nothing, nothing, nothing)
    answer = _answer(table, label, nouns)
    how = f"Bars count how many of the other {others:,} {nouns.sets} have each {nouns.item}."
    lines = "; ".join(
        f"{row.mark}: {'yes' if row.named else 'no'}, {row.others:,}" for row in table.itertuples()
    )
    return Description(
        title,
        f"{answer} {how}",
        f"Bars of how many other {nouns.sets} have each {nouns.item}. "
        f"{_short(table, label, nouns)}",
        f"{answer} Whether it has each, and how many others do, the widest held first: {lines}.",
    )


def plot_overlap_fingerprint(
    memberships: Memberships,
    chosen: str,
    *,
    nouns: Nouns = ITEMS,
    note: str = "",
) -> Figure:
    """Draw one set against all others, with its own wordings beside the bars.

    Returns
    -------
    Figure
        Marks: each item by its label; behind it the rows of the chosen set, or where it has none
        the rows of the others.

    Raises
    ------
    ValueError
        If there is no such set.
    """
    words = describe_overlap_fingerprint(memberships, chosen, nouns)
    whole = _table(memberships, chosen)
    table = _drawn(whole)
    others = len(memberships.sets) - 1
    if others < 1 or table.empty:
        return plot_nothing(NAME, words)
    label = memberships.set_labels[memberships.position(chosen)]
    left = len(whole) - len(table)
    rest = f" Not drawn: {nouns.some_items(left)} less widely held." if left else ""
    named = list(table["named"])
    lacked = Look("it is not here", FAINT, "bar", face=PAPER)
    held = Look("it is here, in these words", BLUE, "bar")
    bars = [
        Mark(str(m), i, held if n else lacked, o, label=f"{o:,}")
        for i, (m, n, o) in enumerate(zip(table["mark"], named, table["others"], strict=True))
    ]
    scale = Scale.counts("others", int(table["others"].max()), 130.0)
    with house_style():
        page = Page(words.title, _answer(whole, label, nouns), f"{note}{rest}".strip())
        page.key(look for look, drawn in ((held, any(named)), (lacked, not all(named))) if drawn)
        page.rows(
            list(table["mark"]),
            [
                Text.fitting(list(table["mark"]), 150, key=True, quiet=[not n for n in named]),
                Bars(
                    scale,
                    bars,
                    title=f"how many of the other {nouns.some_sets(others)}",
                ),
                Text(["; ".join(w) for w in table["wordings"]], most=3),
            ],
            air=[8.0 if i and n != named[i - 1] else 0.0 for i, n in enumerate(named)],
        )
    return Figure.described(
        NAME,
        words,
        drawing=page.finished(),
        data=table.drop(columns="item"),
        marks=_marks(memberships, chosen, table),
        choices={"lens": str(memberships.lens or ""), nouns.set: chosen},
    )


def _marks(
    memberships: Memberships, chosen: str, table: pd.DataFrame
) -> dict[str, tuple[str, ...]]:
    marks = {}
    for mark, item, named in zip(table["mark"], table["item"], table["named"], strict=True):
        holders = (chosen,) if named else memberships.sets_of(item)
        marks[mark] = tuple(
            row_id for holder in holders for row_id in memberships.evidence(item, holder)
        )
    return marks
