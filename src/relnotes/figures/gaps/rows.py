"""Concepts in rows: as many as a page holds, parted by theme."""

from __future__ import annotations

from typing import Final

import pandas as pd

from relnotes.evidence.sentences import counted
from relnotes.figures.charts import Page
from relnotes.figures.columns import Text
from relnotes.figures.style import NOTE, PAGE_HEIGHT, clean

MOST_CONCEPTS: Final = 60


def on_a_page(concepts: pd.DataFrame, by: str) -> tuple[pd.DataFrame, str]:
    """Return the concepts that a page holds, and how many are left out, in words.

    Where they are too many, those with the most stay, in the order of the table.
    """
    if len(concepts) <= MOST_CONCEPTS:
        return concepts, ""
    kept = concepts.sort_values(by, ascending=False, kind="stable").head(MOST_CONCEPTS)
    left = counted(len(concepts) - MOST_CONCEPTS, "concept")
    return concepts.loc[sorted(kept.index)], f"Not drawn: {left} with less."


def labels_of(concepts: pd.DataFrame) -> list[str]:
    """Return the labels as they are written."""
    return [clean(label) for label in concepts["label"]]


def names(labels: list[str]) -> Text:
    """Return the first column: what the rows are called."""
    return Text.fitting(labels, 116, key=True, size=NOTE)


def spacing(page: Page, concepts: pd.DataFrame, head: float) -> dict[str, object]:
    """Return the height of the rows and the air between themes, so that all fit the page."""
    themes = list(concepts["theme"])
    air = [4.0 if n and theme != themes[n - 1] else 0.0 for n, theme in enumerate(themes)]
    together = sum(bool(a) for a in air) < len(set(themes))
    air = air if together else [0.0] * len(themes)
    room = PAGE_HEIGHT - page.y - head - 24 - sum(air)
    return {"row": max(8.5, min(11.0, room / max(1, len(themes)))), "air": air}
