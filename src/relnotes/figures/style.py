"""The house style of the figures: one font, one palette, sizes in points, text that is measured.

A figure is laid out on a :func:`sheet`: one axes whose unit is the printed point, with y running
downwards from the top, so that a length in the code is a length on paper. Sheets are sized from
the text they hold (:func:`text_width`), and marks are drawn as few collections, because text and
single artists are what costs time.

Every drawing function works inside ``with house_style():``, whatever the reader's own Matplotlib
settings are.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import matplotlib
import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontEntry, FontProperties, fontManager
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.textpath import text_to_path

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

# Under a name of its own: a machine's other copy of Roboto, of another version, would give
# other bytes.
FONT: Final = "relnotes Roboto"
# For characters that Roboto lacks: the copy that Matplotlib brings along, under a name of its own
# for the same reason.
WIDER_FONT: Final = "relnotes DejaVu Sans"
_WIDER_FILE: Final = str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf")
_FONT_FILES: Final = {"normal": "Roboto-Regular.ttf", "bold": "Roboto-Medium.ttf"}

Weight = Literal["normal", "bold"]

# Sizes in points. Nothing is set smaller than NOTE.
TITLE: Final = 12.0
SUBTITLE: Final = 8.5
LABEL: Final = 8.0
NOTE: Final = 7.0

# Widths of a printed page in points: one column and two columns of a journal (85 and 180 mm).
COLUMN: Final = 241.0
PAGE: Final = 510.0
PAGE_HEIGHT: Final = 700.0  # 247 mm
MARGIN: Final = 14.0

# Of the type size, in Roboto.
HALF_A_CAPITAL: Final = 0.3555

# Inks and papers.
INK: Final = "#1b1b1b"
QUIET: Final = "#5c5c5c"
FAINT: Final = "#a3a3a3"
EMPTY: Final = "#e2e2e2"
BAND: Final = "#f4f4f2"
PAPER: Final = "#ffffff"

# Okabe and Ito's colours for colour-vision deficiency (https://jfly.uni-koeln.de/color/), without
# their yellow, which is too pale for thin marks on white paper.
BLUE: Final = "#0072b2"
VERMILION: Final = "#d55e00"
GREEN: Final = "#009e73"
SKY: Final = "#56b4e9"
ORANGE: Final = "#e69f00"
PURPLE: Final = "#cc79a7"

# For categories, in the order in which they are handed out; always with a shape or pattern beside.
CATEGORIES: Final = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE)


_SETTINGS: Final[dict[str, Any]] = {
    "font.family": [FONT, WIDER_FONT],
    "font.size": LABEL,
    "text.color": INK,
    # A label is words, whatever dollar signs it holds.
    "text.parse_math": False,
    "text.usetex": False,
    # Letters stand where they are measured, at every resolution.
    "text.hinting": "none",
    "figure.dpi": 144.0,
    "figure.facecolor": PAPER,
    "axes.facecolor": "none",
    "lines.linewidth": 1.0,
    "patch.linewidth": 0.0,
    "hatch.linewidth": 0.6,
    "savefig.facecolor": PAPER,
    "savefig.bbox": None,
    # Words as outlines: a browser without the font would draw other widths.
    "svg.fonttype": "path",
    # Words as words, so that a reader can search and copy them.
    "pdf.fonttype": 42,
    # Builds of zlib differ from machine to machine; plain streams do not.
    "pdf.compression": 0,
}

# Settings that belong to the reader's session, not to how a picture looks.
_SESSION: Final = ("backend", "interactive", "toolbar", "timezone", "webagg.", "docstring.", "tk.")


@functools.cache
def _register_font() -> None:
    folder = Path(__file__).parent / "fonts"
    ours = [(FONT, str(folder / file), weight) for weight, file in _FONT_FILES.items()]
    for name, file, weight in [*ours, (WIDER_FONT, _WIDER_FILE, "normal")]:
        fontManager.ttflist.append(
            FontEntry(
                fname=file,
                name=name,
                style="normal",
                variant="normal",
                weight=weight,
                stretch="normal",
                size="scalable",
            )
        )


@contextmanager
def house_style() -> Iterator[matplotlib.RcParams]:
    """Draw in the house style inside the block, then put the reader's settings back.

    Examples
    --------
    >>> import matplotlib
    >>> with house_style():
    ...     matplotlib.rcParams["text.parse_math"]
    False
    """
    _register_font()
    plain: dict[Any, Any] = {
        name: value
        for name, value in matplotlib.rcParamsDefault.items()
        if not name.startswith(_SESSION)
    }
    with matplotlib.rc_context():
        matplotlib.rcParams.update(plain | _SETTINGS)
        yield matplotlib.rcParams


# ---------------------------------------------------------------- words

_UNSEEN: Final = {"Cc", "Cs"}
_NOT_XML: Final = "\ufffe\uffff"


def clean(label: object) -> str:
    r"""Return a label as one line that every renderer can draw.

    Line breaks and tabs become spaces; control characters and lone surrogates, which no SVG may
    hold, become the replacement character.

    Examples
    --------
    >>> clean("trust\n and\tcare")
    'trust and care'
    """
    words = " ".join(str(label).split())
    if words.isprintable():
        return words
    return "".join(
        "\ufffd" if c in _NOT_XML or unicodedata.category(c) in _UNSEEN else c for c in words
    )


@functools.cache
def _face(weight: Weight) -> FT2Font:
    face = FT2Font(str(Path(__file__).parent / "fonts" / _FONT_FILES[weight]))
    face.set_size(100, 72)
    return face


@functools.lru_cache(maxsize=4096)
def _has(character: str, weight: Weight) -> bool:
    return bool(_face(weight).get_char_index(ord(character)))


@functools.cache
def _wider_face() -> FT2Font:
    return FT2Font(_WIDER_FILE)


class UnprintableError(ValueError):
    """A label holds characters that no font of the package has."""

    def __init__(self, label: str, missing: str) -> None:
        named = ", ".join(f"‘{c}’ (U+{ord(c):04X})" for c in dict.fromkeys(missing))
        super().__init__(
            f"‘{label}’ cannot be drawn: no font that comes with relnotes has {named}. "
            "Give the row a label in other characters, such as a transliteration."
        )


def unprintable(label: object) -> str:
    """Return the characters of a label that no font of the package has.

    Examples
    --------
    >>> unprintable("trust, доверие")
    ''
    >>> len(unprintable("\u4fe1\u4efb"))
    2
    """
    return "".join(
        c
        for c in clean(label)
        if not _has(c, "normal") and not _wider_face().get_char_index(ord(c))
    )


def _font_for(words: str, weight: Weight, size: float) -> FontProperties:
    """Return the house font, named by its file, or the families where it lacks a character.

    Looking families up costs as much as drawing the words, so it is done only when needed.
    """
    if all(_has(character, weight) for character in words):
        file = Path(__file__).parent / "fonts" / _FONT_FILES[weight]
        return FontProperties(family=[FONT], fname=str(file), size=size, weight=weight)
    missing = unprintable(words)
    if missing:
        raise UnprintableError(words, missing)
    return FontProperties(family=[FONT, WIDER_FONT], size=size, weight=weight)


@functools.lru_cache(maxsize=4096)
def _advance(character: str, weight: Weight) -> float:
    """Return how far a character moves the pen, as a share of the type size."""
    face = _face(weight)
    if face.get_char_index(ord(character)):
        # 16.16 fixed point, at 100 points.
        return face.load_char(ord(character), LoadFlags.NO_HINTING).linearHoriAdvance / 6_553_600
    if not _wider_face().get_char_index(ord(character)):
        return 1.0  # writing it will say that it cannot be drawn
    _register_font()
    font = FontProperties(family=[FONT, WIDER_FONT], size=100, weight=weight)
    return float(text_to_path.get_text_width_height_descent(character, font, False)[0]) / 100


def text_width(text: str, size: float = LABEL, weight: Weight = "normal") -> float:
    """Return the printed width of one line of text, in points, at most a hair too wide.

    Pairs of letters that the renderer draws closer together are not; asking it for every label
    would cost more than the drawing.

    Examples
    --------
    >>> text_width("trust") < text_width("trust and care") < text_width("trust and care", 12)
    True
    """
    return size * sum(_advance(character, weight) for character in text)


def widest(texts: Sequence[str], size: float = LABEL, weight: Weight = "normal") -> float:
    """Return the width of the widest of some lines, in points; 0 where there are none."""
    return max((text_width(text, size, weight) for text in texts), default=0.0)


def shortened(text: str, width: float, size: float = LABEL, weight: Weight = "normal") -> str:
    """Return the text, cut with an ellipsis where it is wider than `width` points.

    Examples
    --------
    >>> shortened("trust", 100)
    'trust'
    >>> shortened("a very long label indeed", 60)
    'a very long lab…'
    """
    text = clean(text)
    if text_width(text, size, weight) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if text_width(text[:middle].rstrip() + "…", size, weight) <= width:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + "…"


def wrapped(
    text: str, width: float, size: float = LABEL, weight: Weight = "normal", most: int | None = None
) -> list[str]:
    """Return the text in lines no wider than `width` points, cut with an ellipsis after `most`.

    Examples
    --------
    >>> wrapped("some longer words in a narrow column", 80)
    ['some longer words in', 'a narrow column']
    """
    lines: list[str] = []
    words = clean(text).split()
    while words:
        line = words.pop(0)
        while words and text_width(f"{line} {words[0]}", size, weight) <= width:
            line = f"{line} {words.pop(0)}"
        if most is not None and len(lines) + 1 == most:
            line = " ".join([line, *words])
            words = []
        lines.append(shortened(line, width, size, weight))
    return lines


# ---------------------------------------------------------------- paper

_ZOOM: ContextVar[float] = ContextVar("zoom", default=1.0)


def zoom() -> float:
    """Return how many times larger than in print drawings are made here."""
    return _ZOOM.get()


@contextmanager
def zoomed(factor: float) -> Iterator[None]:
    """Draw everything inside the block larger, type and lines with it, such as for a slide.

    Examples
    --------
    >>> with zoomed(2), house_style():
    ...     page = sheet(360, 144)
    >>> page.figure.get_size_inches().tolist()
    [10.0, 4.0]
    """
    kept = _ZOOM.set(factor)
    try:
        yield
    finally:
        _ZOOM.reset(kept)


_PART: ContextVar[str] = ContextVar("part", default="")


@contextmanager
def of_part(part: str) -> Iterator[None]:
    """Let every title written inside the block say which part of a collection is drawn.

    Examples
    --------
    >>> with of_part("setting probation"):
    ...     titled("Who names what?")
    'Who names what? (only setting probation)'
    """
    kept = _PART.set(part)
    try:
        yield
    finally:
        _PART.reset(kept)


def titled(title: str) -> str:
    """Return a title with the part of the collection that is drawn, if it is one."""
    return f"{title} (only {_PART.get()})" if _PART.get() else title


def sheet(width: float, height: float) -> Axes:
    """Return an axes whose unit is the printed point, with the origin at the top left.

    Examples
    --------
    >>> with house_style():
    ...     page = sheet(360, 144)
    >>> page.figure.get_size_inches().tolist()
    [5.0, 2.0]
    """
    drawing = Drawing(figsize=(width * zoom() / 72, height * zoom() / 72))
    ax = drawing.add_axes((0.0, 0.0, 1.0, 1.0))
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    ax.set_axis_off()
    ax.autoscale(enable=False)
    return ax


def drawing_of(ax: Axes) -> Drawing:
    """Return the whole drawing that an axes is part of."""
    drawing = ax.get_figure(root=True)
    if drawing is None:
        raise ValueError("the axes belong to no drawing")
    return drawing


def write(
    ax: Axes,
    x: float,
    y: float,
    text: str,
    *,
    size: float = LABEL,
    weight: Weight = "normal",
    colour: str = INK,
    align: Literal["left", "center", "right"] = "left",
    baseline: Literal["baseline", "middle", "bottom"] = "baseline",
    **more: Any,
) -> Text:
    """Write one line on a sheet, in points from the top left.

    ``middle`` sets the line so that its capitals are centred on `y`: words with and without
    descenders then stand on one line.
    """
    words = clean(text)
    return ax.text(
        x,
        y + size * HALF_A_CAPITAL if baseline == "middle" else y,
        words,
        fontproperties=_font_for(words, weight, size * zoom()),
        color=colour,
        ha=align,
        va="baseline" if baseline == "middle" else baseline,
        **more,
    )


# ---------------------------------------------------------------- marks

# What is drawn later lies on top; Matplotlib would put all lines above all dots.
_IN_ORDER: Final = {"zorder": 1.0}


def _in_zoom(properties: dict[str, Any]) -> dict[str, Any]:
    return properties | {"linewidths": np.asarray(properties["linewidths"]) * zoom()}


def draw_boxes(
    ax: Axes, boxes: Sequence[Sequence[float]], colour: str | Sequence[str], **more: Any
) -> PolyCollection:
    """Draw boxes as one collection; each is left, top, width and height in points."""
    places = np.asarray(boxes, dtype=float).reshape(-1, 4)
    x, y, w, h = places.T
    corners = np.stack([x, y, x + w, y, x + w, y + h, x, y + h], axis=1).reshape(-1, 4, 2)
    drawn = PolyCollection(
        list(corners), facecolors=colour, **_in_zoom({"linewidths": 0.0} | _IN_ORDER | more)
    )
    ax.add_collection(drawn, autolim=False)
    return drawn


def draw_lines(
    ax: Axes, lines: Sequence[Sequence[float]], colour: str | Sequence[str], **more: Any
) -> LineCollection:
    """Draw straight lines as one collection; each from x, y to x, y in points."""
    ends = np.asarray(lines, dtype=float).reshape(-1, 2, 2)
    drawn = LineCollection(
        list(ends), colors=colour, **_in_zoom({"linewidths": 0.5} | _IN_ORDER | more)
    )
    ax.add_collection(drawn, autolim=False)
    return drawn
