"""The alphabet of the figures: a journal page, rows of columns, looks that draw their own key.

A figure says what stands in its rows and columns and how its marks look; this module sets it::

    NAMED = Look("named here", BLUE, "bar")
    page = Page("Who names what?", "Trust is named most.", "Lens: close. 2 frameworks left out.")
    page.key([NAMED])
    counts = Scale.counts("frameworks", 18, width=120)
    page.rows(
        ["Trust", "Hope"],
        [
            Text(["Trust", "Hope"], key=True),
            Bars(counts, [Mark("Trust", 0, NAMED, 18), Mark("Hope", 1, NAMED, 7)]),
        ],
    )
    page.finished()  # the drawing, as high as what stands on it

Columns stand in :mod:`relnotes.figures.columns`: ``Text``, ``Bars``, ``Dots`` (also of intervals,
where a mark has ``low`` and ``high``, and on years) and ``Cells``; axes in
:mod:`relnotes.figures.scales`. What is no table is drawn with ``page.dot``, ``page.box``,
``page.line``, ``page.path`` and ``page.words``.

Everything drawn for a mark carries its name into the SVG, as ``id="mark:<name, quoted>:<part>"``
(see :func:`mark_id`), with ``:2``, ``:3`` … where a part repeats. Printed axes are
``axis:<scale>:tick`` and ``:label``, rows ``row:<key>``, columns of cells ``column:<name>``, the
key ``key:<words>:mark`` and ``:words``. ``tests/test_places.py`` reads places, shapes and colours
back from there.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

import numpy as np
from matplotlib.markers import MarkerStyle
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Affine2D

from relnotes.figures.style import (
    BAND,
    BLUE,
    EMPTY,
    INK,
    MARGIN,
    NOTE,
    PAGE,
    PAGE_HEIGHT,
    QUIET,
    SUBTITLE,
    TITLE,
    Weight,
    clean,
    draw_boxes,
    drawing_of,
    sheet,
    text_width,
    titled,
    wrapped,
    write,
    zoom,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from relnotes.figures.scales import Scale

ROW: Final = 13.5

# What is drawn for no mark, but must be found again: axes, names of rows and columns, the key.
FURNITURE: Final = "\0"

Align = Literal["left", "center", "right"]


def mark_id(mark: str, part: str) -> str:
    """Return the SVG id of a part of a mark.

    Examples
    --------
    >>> mark_id("Trust × IDEAS", "cell")
    'mark:Trust%20%C3%97%20IDEAS:cell'
    """
    return f"mark:{quote(clean(mark), safe='')}:{part}"


@dataclass(frozen=True)
class Look:
    """How marks of one kind look, and what the key says of them.

    Attributes
    ----------
    words : str
        What the key says.
    colour : str
        Of the edge, and of the inside where `face` is not given.
    shape : str
        A Matplotlib marker; ``bar`` for boxes and ``line`` for lines.
    size : float
        Diameter of a marker in points.
    face : str
        Of the inside.
    hatch : str
        Of the inside of a bar.
    dash : tuple of float
        Strokes and gaps of a line, in line widths.
    width : float
        Of the edge or the line, in points.
    """

    words: str
    colour: str = BLUE
    shape: str = "o"
    size: float = 6.4
    face: str = ""
    hatch: str = ""
    dash: tuple[float, ...] = ()
    width: float = 0.9


@dataclass(frozen=True)
class Mark:
    """A mark in a row: at a value of its column's scale, or in a column of cells by its number.

    Where it has a `low` and a `high`, a line between them is drawn; a bar begins at its `low`.
    """

    name: str
    row: int
    look: Look
    at: float
    low: float = math.nan
    high: float = math.nan
    label: str = ""


# ---------------------------------------------------------------- page


class Page:
    """A journal page that is filled from the top; open it inside ``with house_style():``.

    Parameters
    ----------
    title : str
        The question.
    answer : str
        What the figure says to it, as its subtitle.
    note : str
        Lens and what is left out, in small type.

    Attributes
    ----------
    y : float
        Where the next thing may begin, in points from the top.
    left, right, width : float
        The column between the margins.
    """

    def __init__(self, title: str, answer: str, note: str = "", width: float = PAGE) -> None:
        self.left, self.right = MARGIN, width - MARGIN
        self.width = width - 2 * MARGIN
        self.ax = sheet(width, PAGE_HEIGHT)
        self.y = MARGIN
        self._parts: Counter[str] = Counter()
        for text, size, weight, colour, leading in (
            (titled(title), TITLE, "bold", INK, 1.25),
            (answer, SUBTITLE, "normal", INK, 1.35),
            (note, NOTE, "normal", QUIET, 1.35),
        ):
            bold: Weight = "bold" if weight == "bold" else "normal"
            for line in wrapped(text, self.width, size, bold):
                where = self.y + size * 0.85
                write(self.ax, self.left, where, line, size=size, weight=bold, colour=colour)
                self.y += size * leading
            self.y += 3 if text else 0
        self.y += 4

    @property
    def room(self) -> float:
        """How many points are left below on the page."""
        return PAGE_HEIGHT - MARGIN - self.y

    def finished(self) -> Drawing:
        """Return the drawing, cut to the height of what stands on it."""
        drawing, height = drawing_of(self.ax), self.y + MARGIN
        drawing.set_size_inches((self.width + 2 * MARGIN) * zoom() / 72, height * zoom() / 72)
        self.ax.set_ylim(height, 0)
        return drawing

    # -- marks ----------------------------------------------------------------------------

    def _id(self, mark: str, part: str) -> str | None:
        if not mark:
            return None
        whole = part if mark == FURNITURE else mark_id(mark, part)
        self._parts[whole] += 1
        return whole if self._parts[whole] == 1 else f"{whole}:{self._parts[whole]}"

    def path(self, look: Look, path: Path, mark: str, part: str) -> None:
        """Draw any outline in the look of a mark; lines are not filled."""
        line = look.shape == "line"
        drawn = PathPatch(
            path,
            facecolor="none" if line else look.face or look.colour,
            edgecolor=look.colour
            if line or look.face or look.hatch or look.shape != "bar"
            else "none",
            linewidth=look.width * zoom()
            if line or look.face or look.hatch or look.shape != "bar"
            else 0,
            linestyle=(0, look.dash) if look.dash else "solid",
            hatch=look.hatch or None,
            fill=not line,
            zorder=1.0,
            clip_on=False,
        )
        drawn.set_gid(self._id(mark, part))
        self.ax.add_artist(drawn)

    def dot(self, look: Look, x: float, y: float, mark: str, part: str = "dot") -> None:
        """Draw a marker."""
        shape = MarkerStyle(look.shape)
        spot = Affine2D().scale(look.size, -look.size).translate(x, y)
        outline = shape.get_path().transformed(shape.get_transform()).transformed(spot)
        self.path(look, outline, mark, part)

    def box(
        self, look: Look, x: float, y: float, w: float, h: float, mark: str, part: str = "bar"
    ) -> None:
        """Draw a box, from its left, top, width and height."""
        corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h), (x, y)]
        self.path(look, Path(corners, closed=True), mark, part)

    def line(
        self, look: Look, x: float, y: float, x1: float, y1: float, mark: str, part: str = "line"
    ) -> None:
        """Draw a straight line in the colour of a look, whatever its shape."""
        self.path(replace(look, shape="line"), Path([(x, y), (x1, y1)]), mark, part)

    def words(
        self,
        x: float,
        y: float,
        text: str,
        mark: str = "",
        part: str = "words",
        *,
        size: float = NOTE,
        weight: Weight = "normal",
        colour: str = INK,
        align: Align = "left",
        turn: float = 0.0,
    ) -> None:
        """Write a line whose capitals are centred on `y`; turned ones begin there."""
        more = {"rotation": turn, "rotation_mode": "anchor"} if turn else {}
        text_ = write(
            self.ax, x, y, text, size=size, weight=weight, colour=colour, align=align,
            baseline="baseline" if turn else "middle", **more,
        )  # fmt: skip
        text_.set_gid(self._id(mark, part))

    def paragraph(self, text: str, mark: str) -> None:
        """Write what belongs to a mark below all that stands, as far as the page holds it."""
        for line in wrapped(text, self.width, NOTE, most=max(1, int((self.room - 3) / 9.2))):
            self.words(self.left, self.y + 5, line, mark, "names", colour=QUIET)
            self.y += 9.2
        self.y += 3

    # -- key and axes ---------------------------------------------------------------------

    def key(self, looks: Iterable[Look]) -> None:
        """Write what the looks mean, in as many lines as it takes."""
        x, y = self.left, self.y + 6
        for look in looks:
            swatch = {"bar": 14.0, "line": 20.0}.get(look.shape, 10.0)
            wide = swatch + 4 + text_width(clean(look.words), NOTE) + 14
            if x > self.left and x + wide - 14 > self.right:
                x, y = self.left, y + 13
            part = f"key:{quote(clean(look.words), safe='')}"
            if look.shape == "bar":
                self.box(look, x, y - 3.4, swatch, 6.8, FURNITURE, f"{part}:mark")
            elif look.shape == "line":
                self.line(look, x, y, x + swatch, y, FURNITURE, f"{part}:mark")
            else:
                self.dot(look, x + swatch / 2, y, FURNITURE, f"{part}:mark")
            self.words(x + swatch + 4, y, look.words, FURNITURE, f"{part}:words")
            x += wide
        self.y = y + 12

    def axis(self, scale: Scale, left: float, top: float, bottom: float) -> None:
        """Print an axis: hairlines from top to bottom, their values above."""
        for tick in scale.ticks:
            x = left + scale(tick)
            hair = Look("", EMPTY, "line", width=0.5)
            self.line(hair, x, top, x, bottom, FURNITURE, f"axis:{scale.name}:tick")
            value = scale.word(tick).replace("-", "−")
            self.words(
                x, top - 6, value, FURNITURE, f"axis:{scale.name}:label",
                colour=QUIET, align="center",
            )  # fmt: skip

    # -- rows -----------------------------------------------------------------------------

    def rows(
        self,
        keys: Sequence[str],
        columns: Sequence[Column],
        *,
        row: float = ROW,
        air: Sequence[float] = (),
        gap: float = 10.0,
        bands: bool = True,
    ) -> Frame:
        """Set a table: columns side by side, rows as high as their longest words.

        Parameters
        ----------
        keys : sequence of str
            Name of each row, as the SVG carries it.
        columns : sequence of Column
            From left to right; one without a width takes what is left.
        row : float
            Least height of a row in points.
        air : sequence of float
            Room before each row, such as between groups.
        gap : float
            Between columns.
        bands : bool
            Whether every other row stands on grey.
        """
        taken = sum(column.wide() for column in columns) + gap * (len(columns) - 1)
        open_ = [column for column in columns if not column.wide()]
        for column in open_:
            column.take((self.width - taken) / len(open_))
        wide = [column.wide() for column in columns]
        lefts = [float(x) for x in self.left + np.cumsum([0.0, *(w + gap for w in wide)])[:-1]]
        before = np.array(air) if len(air) else np.zeros(len(keys))
        top = self.y + max(column.head() for column in columns)
        foot = max(column.foot() for column in columns)
        while True:
            heights = np.full(len(keys), row)
            for column in columns:
                heights = np.maximum(heights, column.heights(len(keys)))
            fits = top + float((heights + before).sum()) + foot + 6 + MARGIN <= PAGE_HEIGHT
            if fits or not sum(column.tighten() for column in columns):
                break
        tops = top + np.cumsum(heights + before) - heights
        frame = Frame(
            tuple(keys), top, float(tops[-1] + heights[-1]), tops + heights / 2, heights, lefts
        )
        if bands:
            banded = [
                (self.left, y - h / 2, self.width, h) for y, h in zip(frame.y, heights, strict=True)
            ]
            draw_boxes(self.ax, banded[::2], BAND)
        for column, left in zip(columns, lefts, strict=True):
            column.draw(self, left, frame)
        self.y = frame.bottom + 6 + max(column.foot() for column in columns)
        return frame


@dataclass(frozen=True)
class Frame:
    """Where the rows and columns of a table stand, in points."""

    keys: tuple[str, ...]
    top: float
    bottom: float
    y: np.ndarray
    heights: np.ndarray
    lefts: list[float]


class Column:
    """Something that stands in every row of a table."""

    def wide(self) -> float:
        """How many points it takes across."""
        raise NotImplementedError

    def take(self, width: float) -> None:
        """Be as wide as there is room, where it has no width of its own."""
        raise NotImplementedError

    def tighten(self) -> bool:
        """Be less high, where the page is too short; say whether it could."""
        return False

    def head(self) -> float:
        """How many points it takes above the rows."""
        return 0.0

    def foot(self) -> float:
        """How many points it takes below the rows."""
        return 0.0

    def heights(self, rows: int) -> np.ndarray:
        """How many points it needs in each row."""
        return np.zeros(rows)

    def draw(self, page: Page, left: float, frame: Frame) -> None:
        """Draw itself into the rows of the frame, `left` points from the edge of the paper."""
        raise NotImplementedError
