"""What stands on a drawn figure, read back from its SVG: shapes, words, axes and key by their ids.

Nothing here knows how a figure is drawn. Coordinates are points from the top left of the sheet.
"""

from __future__ import annotations

import io
import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar
from urllib.parse import quote, unquote
from xml.etree import ElementTree

from relnotes.figures.figure import Figure
from relnotes.figures.style import house_style, text_width

T = TypeVar("T")

_SVG = "{http://www.w3.org/2000/svg}"
_CURVE_POINTS = {"M": 1, "L": 1, "Q": 2, "C": 3}


@dataclass(frozen=True)
class Shape:
    """An outline: its corners, whether it is curved, its colours, and how thick its edge is."""

    points: tuple[tuple[float, float], ...]
    curved: bool
    fill: str
    stroke: str
    dashed: bool
    thick: float

    @cached_property
    def box(self) -> tuple[float, float, float, float]:
        xs, ys = zip(*self.points, strict=True)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def left(self) -> float:
        return self.box[0]

    @property
    def right(self) -> float:
        return self.box[2]

    @property
    def centre(self) -> tuple[float, float]:
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2

    @property
    def form(self) -> tuple[object, ...]:
        """What shape it is, whatever its place and size."""
        left, top, right, bottom = self.box
        wide, tall = max(right - left, 1e-9), max(bottom - top, 1e-9)
        if self.curved:
            return ("round", len(self.points))
        if min(wide, tall) < 1e-6:
            return ("line",)
        corners = {
            (round((x - left) / wide, 1), round((y - top) / tall, 1)) for x, y in self.points
        }
        return ("corners", *sorted(corners))

    @property
    def look(self) -> tuple[object, ...]:
        hatched = self.fill.startswith("url")
        return (*self.form, "hatched" if hatched else self.fill, self.stroke, self.dashed)


@dataclass(frozen=True)
class Words:
    """A line of text: where it begins, ends or is centred, its size and colour."""

    text: str
    x: float
    y: float
    size: float
    colour: str
    anchor: str
    turn: float

    @property
    def middle(self) -> float:
        """The height at which its capitals are centred."""
        return self.y - 0.3555 * self.size

    @property
    def ends(self) -> tuple[float, float]:
        """Left and right end of upright text."""
        wide = text_width(self.text, self.size)
        left = self.x - {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor] * wide
        return left, left + wide


@dataclass(frozen=True)
class Axis:
    """A printed axis: numbers beside ticks, and what any place between them is worth."""

    ticks: tuple[tuple[float, float], ...]

    def value(self, x: float) -> float:
        (v0, x0), (v1, x1) = self.ticks[0], self.ticks[-1]
        share = (x - x0) / (x1 - x0)
        if self.logarithmic:
            return math.exp(math.log(v0) + share * math.log(v1 / v0))
        return v0 + share * (v1 - v0)

    @cached_property
    def logarithmic(self) -> bool:
        (v0, x0), (v1, x1) = self.ticks[0], self.ticks[-1]
        return any(abs(x0 + (v - v0) / (v1 - v0) * (x1 - x0) - x) > 0.1 for v, x in self.ticks)

    @property
    def points_a_unit(self) -> float:
        (v0, x0), (v1, x1) = self.ticks[0], self.ticks[-1]
        return abs((x1 - x0) / (v1 - v0))


class Printed:
    """Everything on a sheet that has an id, and all of its words."""

    def __init__(self, svg: bytes) -> None:
        root = ElementTree.fromstring(svg)
        self.width, self.height = map(float, str(root.get("viewBox")).split()[2:])
        self.shapes: dict[str, Shape] = {}
        self.words: dict[str, Words] = {}
        self.all_words: list[Words] = []
        self._unnamed: list[tuple[str, Shape]] = []
        self.read: set[str] = set()
        for group in root.iter(f"{_SVG}g"):
            name = group.get("id", "")
            for path in group.findall(f"{_SVG}path"):
                if ":" in name:
                    assert name not in self.shapes, f"the id {name} is drawn twice"
                    self.shapes[name] = _shape(path)
                else:
                    self._unnamed.append((name, _shape(path)))
            for text in group.findall(f"{_SVG}text"):
                words = _words(text)
                self.all_words.append(words)
                if ":" in name:
                    assert name not in self.words, f"the id {name} is written twice"
                    self.words[name] = words

    @property
    def ids(self) -> set[str]:
        return {*self.shapes, *self.words}

    def unnamed(self) -> list[tuple[str, Shape]]:
        """Shapes that belong to no mark and no furniture, such as bands and hairlines."""
        return self._unnamed

    def marks(self) -> set[str]:
        """The quoted names of all marks of which something is drawn."""
        return {name.split(":")[1] for name in self.ids if name.startswith("mark:")}

    def parts(self, mark: str, part: str) -> list[Shape]:
        """The shapes of one part of a mark, in the order of drawing."""
        return self._numbered(self.shapes, f"mark:{quote(mark, safe='')}:{part}")

    def written(self, mark: str, part: str) -> list[Words]:
        return self._numbered(self.words, f"mark:{quote(mark, safe='')}:{part}")

    def unread(self) -> set[str]:
        """What is drawn for marks and nobody has asked for."""
        return {name for name in self.ids if name.startswith("mark:")} - self.read

    def _numbered(self, named: dict[str, T], whole: str) -> list[T]:
        """What has an id, and has it again with a number."""
        names = [whole] if whole in named else []
        while (name := f"{whole}:{len(names) + 1}") in named:
            names.append(name)
        self.read.update(names)
        return [named[name] for name in names]

    def axis(self, name: str) -> Axis:
        ticks = self._numbered(self.shapes, f"axis:{name}:tick")
        labels = self._numbered(self.words, f"axis:{name}:label")
        assert len(ticks) == len(labels) >= 2, f"axis {name}: {len(ticks)} ticks"
        read = []
        for tick, label in zip(ticks, labels, strict=True):
            assert tick.form == ("line",)
            assert abs(tick.left - label.x) < 0.05, f"{label.text} stands beside its tick"
            read.append(
                (float(label.text.replace(",", "").replace("−", "-").rstrip("%")), tick.left)
            )
        axis = Axis(tuple(read))
        if axis.logarithmic:
            for value, x in axis.ticks:
                assert abs(math.log(axis.value(x) / value)) < 0.01
        return axis

    def row(self, key: str) -> float:
        return self.words[f"row:{quote(key, safe='')}"].middle

    def rows(self) -> dict[str, Words]:
        """Keys of all rows and the first line of what each is called."""
        found = {name.split(":")[1]: w for name, w in self.words.items() if name.startswith("row:")}
        return {unquote(key): words for key, words in found.items()}

    def beside(self, key: str) -> list[str]:
        """What is written in a row and belongs to no mark: columns of lines centred on the row."""
        at, found = self.row(key), []
        rows = [words.middle for words in self.rows().values()]
        of_marks = {id(words) for name, words in self.words.items() if name.startswith("mark:")}
        columns: dict[tuple[float, str], list[Words]] = {}
        for words in self.all_words:
            nearest = min(rows, key=lambda row: abs(row - words.middle))
            if id(words) not in of_marks and nearest == at:
                columns.setdefault((words.x, words.anchor), []).append(words)
        for lines in columns.values():
            lines.sort(key=lambda words: abs(words.middle - at), reverse=True)
            while lines and abs(sum(w.middle for w in lines) / len(lines) - at) > 0.6:
                del lines[0]
            found.append(" ".join(w.text for w in sorted(lines, key=lambda words: words.y)))
        return found

    def columns(self) -> dict[str, float]:
        """Names of the columns of a grid and where each begins, slanted, or is centred."""
        found = {}
        for name, words in self.words.items():
            if name.startswith("column:"):
                found[name.removeprefix("column:")] = words.x - (2 if words.turn else 0)
        return found

    def key(self, words: str) -> Shape:
        """The swatch beside words of the key."""
        whole = f"key:{quote(words, safe='')}"
        swatch, text = self.shapes[f"{whole}:mark"], self.words[f"{whole}:words"]
        assert text.text == words
        assert abs(swatch.centre[1] - text.middle) < 0.6
        assert 0 < text.x - swatch.right < 9
        return swatch


def printed(figure: Figure) -> Printed:
    """Draw a figure as SVG, with words as words, and read it back."""
    file = io.BytesIO()
    with house_style() as settings:
        settings["svg.fonttype"] = "none"
        figure.drawing.savefig(file, format="svg")
    return Printed(file.getvalue())


def contrast(colour: str, paper: str) -> float:
    """Contrast of two colours as WCAG 2.2 defines it."""
    light, dark = sorted((_luminance(colour), _luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _style(element: ElementTree.Element) -> dict[str, str]:
    pairs = (part.split(":", 1) for part in element.get("style", "").split(";") if ":" in part)
    return {name.strip(): value.strip() for name, value in pairs}


def _shape(path: ElementTree.Element) -> Shape:
    style, points, curved = _style(path), [], False
    for command, numbers in re.findall(r"([MLQCz])([^MLQCz]*)", str(path.get("d"))):
        values = [float(number) for number in numbers.split()]
        curved |= command in "QC"
        if command in _CURVE_POINTS:
            points.append((values[-2], values[-1]))
    return Shape(
        tuple(points),
        curved,
        style.get("fill", "#000000"),
        style.get("stroke", "none"),
        "stroke-dasharray" in style,
        float(style.get("stroke-width", 1)),
    )


def _words(text: ElementTree.Element) -> Words:
    style = _style(text)
    turn = re.match(r"rotate\(([-\d.]+)", text.get("transform", ""))
    return Words(
        "".join(text.itertext()),
        float(text.get("x", 0)),
        float(text.get("y", 0)),
        float(style["font-size"].removesuffix("px")),
        style.get("fill", "#000000"),
        style.get("text-anchor", "start"),
        -float(turn[1]) if turn else 0.0,
    )
