"""What stands in the rows of a table: words, bars, dots and intervals, cells of a grid."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import numpy as np

from relnotes.figures.charts import FURNITURE, Align, Column, Frame, Mark, Page
from relnotes.figures.scales import Scale
from relnotes.figures.style import (
    EMPTY,
    FAINT,
    INK,
    LABEL,
    NOTE,
    QUIET,
    Weight,
    clean,
    draw_lines,
    shortened,
    text_width,
    widest,
    wrapped,
)

SLANT: Final = 55.0
STEEP: Final = 75.0  # where columns are narrow, so that names keep apart


@dataclass
class Text(Column):
    """Words in every row.

    Attributes
    ----------
    words : sequence of str
        One for each row; empty where there is nothing to say.
    head : str
        What stands above.
    marks : sequence of str
        Marks that the words belong to.
    part : str
        Part of the mark that they are.
    key : bool
        Whether they name the rows.
    width : float
        Points to which they are broken, or cut after `most` lines; what is left on the page if 0.
    """

    words: Sequence[str]
    title: str = ""
    marks: Sequence[str] = ()
    part: str = "words"
    key: bool = False
    width: float = 0.0
    most: int = 1
    align: Align = "left"
    size: float = LABEL
    bold: Sequence[bool] = ()
    quiet: Sequence[bool] = ()

    @classmethod
    def fitting(cls, words: Sequence[str], cap: float, **more: object) -> Text:
        """Words as wide as the widest, at most `cap` points."""
        text = cls(words, **more)  # type: ignore[arg-type]
        head = text_width(text.title, NOTE)
        weight: Weight = "bold" if any(text.bold) else "normal"
        text.width = max(head, min(cap, widest([clean(w) for w in words], text.size, weight) + 0.5))
        return text

    def wide(self) -> float:
        return self.width

    def take(self, width: float) -> None:
        self.width = max(40.0, width)

    def tighten(self) -> bool:
        could = self.most > 1
        self.most -= could
        return could

    def head(self) -> float:
        return 14.0 if self.title else 0.0

    def _lines(self, row: int) -> list[str]:
        weight: Weight = "bold" if self.bold and self.bold[row] else "normal"
        if self.most == 1:
            return [shortened(self.words[row], self.width, self.size, weight)]
        return wrapped(self.words[row], self.width, self.size, weight, self.most)

    def heights(self, rows: int) -> np.ndarray:
        lead = self.size * 1.2
        lines = [len(self._lines(row)) for row in range(rows)]
        return np.array([lead * n + (4.0 if n > 1 else 0.0) for n in lines])

    def draw(self, page: Page, left: float, frame: Frame) -> None:
        x = left + {"left": 0.0, "center": 0.5, "right": 1.0}[self.align] * self.width
        if self.title:
            page.words(x, frame.top - 6, self.title, colour=QUIET, align=self.align)
        for row, y in enumerate(frame.y):
            lines = self._lines(row)
            for i, line in enumerate(lines):
                if not line:
                    continue
                mark, part = (self.marks[row], self.part) if len(self.marks) else ("", "")
                if self.key and i == 0:
                    mark, part = FURNITURE, f"row:{quote(clean(frame.keys[row]), safe='')}"
                page.words(
                    x, y + self.size * 1.2 * (i - (len(lines) - 1) / 2), line, mark, part,
                    size=self.size, align=self.align,
                    weight="bold" if self.bold and self.bold[row] else "normal",
                    colour=QUIET if self.quiet and self.quiet[row] else INK,
                )  # fmt: skip


@dataclass
class Bars(Column):
    """Bars on a printed axis, each with its label at its end."""

    scale: Scale
    marks: Sequence[Mark]
    title: str = ""
    thick: float = 7.0
    beyond: float = 22.0

    def wide(self) -> float:
        return self.scale.width + self.beyond

    def head(self) -> float:
        return 24.0 if self.title else 14.0

    def heights(self, rows: int) -> np.ndarray:
        return np.full(rows, self.thick + 3.0)

    def draw(self, page: Page, left: float, frame: Frame) -> None:
        if self.title:
            page.words(left, frame.top - 16, self.title, colour=QUIET)
        page.axis(self.scale, left, frame.top, frame.bottom)
        for mark in self.marks:
            y, x0 = (
                frame.y[mark.row],
                self.scale(self.scale.low if math.isnan(mark.low) else mark.low),
            )
            x1 = self.scale(mark.at)
            if x1 > x0:
                page.box(mark.look, left + x0, y - self.thick / 2, x1 - x0, self.thick, mark.name)
            if mark.label:
                page.words(left + x1 + 3, y, mark.label, mark.name, "number")
        draw_lines(page.ax, [(left, frame.top, left, frame.bottom)], FAINT)


@dataclass
class Dots(Column):
    """Markers on a printed axis, with a line from low to high where they have both."""

    scale: Scale
    marks: Sequence[Mark]
    title: str = ""
    beyond: float = 6.0

    def wide(self) -> float:
        return self.scale.width + self.beyond

    def head(self) -> float:
        return 24.0 if self.title else 14.0

    def draw(self, page: Page, left: float, frame: Frame) -> None:
        if self.title:
            page.words(left, frame.top - 16, self.title, colour=QUIET)
        page.axis(self.scale, left, frame.top, frame.bottom)
        for mark in self.marks:
            y = frame.y[mark.row]
            if not math.isnan(mark.low):
                low, high = (left + self.scale(end) for end in (mark.low, mark.high))
                page.line(mark.look, low, y, high, y, mark.name, "interval")
            x = left + self.scale(mark.at)
            page.dot(mark.look, x, y, mark.name)
            if mark.label:
                page.words(x + mark.look.size / 2 + 3, y, mark.label, mark.name, "label")


@dataclass
class Cells(Column):
    """A grid: a marker where a row meets a column, under names that are slanted if they must be.

    Attributes
    ----------
    names : sequence of str
        Of the columns.
    marks : sequence of Mark
        Each `at` the number of its column.
    pitch : float
        Width of a column in points.
    cap : float
        Length at which names are cut.
    totals : sequence of Mark
        Numbers to print below the names, each `row` the number of its column.
    linked : bool
        Whether a line joins the markers of a row.
    size : float
        Type size of the names.
    bands : sequence of str
        Group of each column, written once above columns that stand together.
    """

    names: Sequence[str]
    marks: Sequence[Mark]
    pitch: float = 15.0
    cap: float = 120.0
    bold: Sequence[bool] = ()
    totals: Sequence[Mark] = ()
    linked: bool = False
    size: float = LABEL
    bands: Sequence[str] = ()

    def wide(self) -> float:
        return self.pitch * len(self.names)

    def head(self) -> float:
        under = self._under
        if not self._slanted:
            return self.size + 6.0 + under
        longest = min(self.cap, widest([clean(name) for name in self.names], self.size, "bold"))
        return longest * math.sin(math.radians(self._turn)) + 14 + under

    def foot(self) -> float:
        return 20.0 if any(self.bands) else 0.0

    @property
    def _under(self) -> float:
        """Room for the numbers below the names."""
        wide = widest([f"{total.at:,.0f}" for total in self.totals], NOTE)
        return 0.0 if not self.totals else wide + 3.0 if wide > self.pitch - 2 else NOTE + 3.0

    @property
    def _slanted(self) -> bool:
        return widest([clean(name) for name in self.names], self.size, "bold") > self.pitch - 3

    @property
    def _turn(self) -> float:
        return SLANT if self.pitch > 1.4 * self.size else STEEP

    def draw(self, page: Page, left: float, frame: Frame) -> None:
        x = left + self.pitch * (np.arange(len(self.names)) + 0.5)
        slanted = self._slanted
        above = frame.top - self._under
        self._draw_bands(page, x, frame)
        for i, (at, name) in enumerate(zip(x, self.names, strict=True)):
            room = (
                (page.right + 8 - at) / math.cos(math.radians(self._turn)) if slanted else self.cap
            )
            page.words(
                at + (2 if slanted else 0), above - (4 if slanted else 7),
                shortened(name, min(self.cap, room), self.size, "bold"), FURNITURE,
                f"column:{quote(clean(name), safe='')}", size=self.size,
                align="left" if slanted else "center", turn=self._turn if slanted else 0.0,
                weight="bold" if self.bold and self.bold[i] else "normal",
            )  # fmt: skip
        self._draw_totals(page, x, frame)
        hairs = [(at, frame.top, at, frame.bottom) for at in x]
        draw_lines(page.ax, hairs, EMPTY, linewidths=0.4)
        if self.linked:
            self._link(page, x, frame)
        for mark in self.marks:
            page.dot(mark.look, float(x[int(mark.at)]), frame.y[mark.row], mark.name, "cell")

    def _draw_totals(self, page: Page, x: np.ndarray, frame: Frame) -> None:
        """Print the numbers below the names, turned like these where they would touch."""
        words = [f"{total.at:,.0f}" for total in self.totals]
        turn = self._turn if widest(words, NOTE) > self.pitch - 2 else 0.0
        for total, number in zip(self.totals, words, strict=True):
            at = float(x[total.row]) + (2 if turn else 0)
            page.words(
                at, frame.top - (2 if turn else self.size / 2 + 2), number, total.name, "number",
                size=NOTE, colour=QUIET, align="left" if turn else "center", turn=turn,
            )  # fmt: skip

    def _link(self, page: Page, x: np.ndarray, frame: Frame) -> None:
        """Join the cells of one mark in a row by a line."""
        places: dict[int, list[int]] = {}
        for mark in self.marks:
            places.setdefault(mark.row, []).append(int(mark.at))
        ends = [(x[min(at)], frame.y[row], x[max(at)], frame.y[row]) for row, at in places.items()]
        draw_lines(page.ax, ends, INK, linewidths=1.1)

    def _draw_bands(self, page: Page, x: np.ndarray, frame: Frame) -> None:
        """Part the groups of columns by lines, and name each below."""
        places: dict[str, list[float]] = {}
        for at, band in zip(x, self.bands, strict=False):
            places.setdefault(band, []).append(float(at))
        for band, at in places.items():
            first, last = min(at) - self.pitch / 2, max(at) + self.pitch / 2
            ends = [(first + 1, frame.bottom + 3, last - 1, frame.bottom + 3)]
            draw_lines(page.ax, ends, QUIET, linewidths=0.8)
            room = last - first + self.pitch / 2
            lines = wrapped(band, room, self.size, "bold", most=2) if room > 24 else []
            for i, line in enumerate(lines):
                page.words(
                    (first + last) / 2, frame.bottom + 8 + i * self.size * 1.15, line,
                    size=self.size, weight="bold", align="center",
                )  # fmt: skip
