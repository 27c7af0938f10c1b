"""Concepts in rows: as many as a page holds, parted by theme."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import Final

import pandas as pd

from relnotes.evidence.sentences import counted
from relnotes.figures.charts import Column, Frame, Page
from relnotes.figures.columns import Text
from relnotes.figures.style import NOTE, PAGE_HEIGHT, QUIET, clean, shortened, text_width

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


@dataclass
class _Themes(Column):
    """The theme of each group of rows, written upwards beside it."""

    themes: list[str]

    def wide(self) -> float:
        return NOTE

    def draw(self, page: Page, left: float, frame: Frame) -> None:
        places = enumerate(self.themes)
        for theme, group in groupby(places, key=lambda place: place[1]):
            rows = [row for row, _ in group]
            top = frame.y[rows[0]] - frame.heights[rows[0]] / 2
            bottom = frame.y[rows[-1]] + frame.heights[rows[-1]] / 2
            words = shortened(theme, bottom - top, NOTE)
            if len(words) > 2:  # not an ellipsis alone
                start = (top + bottom + text_width(words, NOTE)) / 2
                page.words(left + 0.75 * NOTE, start, words, colour=QUIET, turn=90.0)


def names(concepts: pd.DataFrame) -> list[Column]:
    """Return the first columns: themes, and what the rows are called."""
    labels = Text.fitting(labels_of(concepts), 116, key=True, size=NOTE)
    themes = [clean(theme) for theme in concepts["theme"]]
    apart = len(list(groupby(themes))) > len(set(themes))
    return [labels] if apart else [_Themes(themes), labels]


def spacing(page: Page, concepts: pd.DataFrame, head: float) -> tuple[float, list[float]]:
    """Return the height of the rows and the air between themes, so that all fit the page."""
    themes = list(concepts["theme"])
    air = [4.0 if n and theme != themes[n - 1] else 0.0 for n, theme in enumerate(themes)]
    together = sum(bool(a) for a in air) < len(set(themes))
    air = air if together else [0.0] * len(themes)
    room = PAGE_HEIGHT - page.y - head - 24
    row = max(8.5, min(11.0, (room - sum(air)) / max(1, len(themes))))
    missing = row * len(themes) + sum(air) - room
    if missing > 0:  # the words above may take a line more, as when a work is not coded yet
        air = [a * max(0.0, 1 - missing / sum(air)) for a in air] if sum(air) else air
    return row, air
