"""Every mark of a drawn figure stands where its value says, looks as the key says, and leads to rows.

What is drawn is read back from the SVG (see ``printed.py``), places through the printed axes, and
held against ``figure.data`` by the declarations below: which part of a mark shows which column.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, unquote

import cases
import pandas as pd
import pytest
from printed import Printed, contrast, printed

from relnotes.evidence.collection import Collection
from relnotes.figures import make, names
from relnotes.figures.figure import Figure

Row = dict[str, object]
Check = Callable[[Printed, Figure], int]

# Half a unit of a count is a fault, so is a third of a printed point.
NEAR = 0.34


def rows_of(figure: Figure, **where: object) -> list[Row]:
    """The data rows that have these values."""
    data = figure.data
    for column, value in where.items():
        wanted = value if isinstance(value, (list, tuple, set)) else [value]
        data = data[data[column].isin(list(wanted))] if column in data else data.head(0)
    return data.to_dict("records")


@dataclass(frozen=True)
class Bar:
    """The bars end, and begin, where two columns say on an axis; no bar is as long as nothing."""

    axis: str
    end: str
    start: str = ""
    part: str = "bar"
    where: tuple[tuple[str, object], ...] = ()

    def __call__(self, sheet: Printed, figure: Figure) -> int:
        seen = 0
        for row in rows_of(figure, **dict(self.where)):
            for shape in sheet.parts(str(row["mark"]), self.part):
                axis = sheet.axis(self.axis.format(**row))
                assert shape.form[0] == "corners"
                off = abs(axis.value(shape.right) - float(row[self.end])) * axis.points_a_unit
                assert off < NEAR, f"{row['mark']}: ends at {axis.value(shape.right):g}"
                start = float(row[self.start]) if self.start else 0.0
                assert abs(axis.value(shape.left) - start) * axis.points_a_unit < NEAR
                seen += 1
        return seen


@dataclass(frozen=True)
class Dot:
    """The markers are centred where a column says on an axis; lines reach from low to high."""

    axis: str
    at: str
    part: str = "dot"
    where: tuple[tuple[str, object], ...] = ()
    low: str = ""
    high: str = ""

    def __call__(self, sheet: Printed, figure: Figure) -> int:
        seen = 0
        for row in rows_of(figure, **dict(self.where)):
            part = self.part.format(**row)
            for shape in sheet.parts(str(row["mark"]), part):
                axis = sheet.axis(self.axis.format(**row))
                off = abs(axis.value(shape.centre[0]) - float(row[self.at])) * axis.points_a_unit
                assert off < NEAR, f"{row['mark']}: stands at {axis.value(shape.centre[0]):g}"
                seen += 1
            if self.low and pd.notna(row[self.low]):
                (line,) = sheet.parts(str(row["mark"]), "interval")
                axis = sheet.axis(self.axis.format(**row))
                for x, end in ((line.left, self.low), (line.right, self.high)):
                    assert abs(axis.value(x) - float(row[end])) * axis.points_a_unit < NEAR
        return seen


@dataclass(frozen=True)
class InRow:
    """A part stands in the row that a column names."""

    row: str
    parts: tuple[str, ...]
    where: tuple[tuple[str, object], ...] = ()

    def __call__(self, sheet: Printed, figure: Figure) -> int:
        seen = 0
        for row in rows_of(figure, **dict(self.where)):
            for part in self.parts:
                at = [s.centre[1] for s in sheet.parts(str(row["mark"]), part)]
                at += [w.middle for w in sheet.written(str(row["mark"]), part)]
                for y in at:
                    assert abs(y - sheet.row(self.row.format(**row))) < 0.6, (
                        f"{row['mark']}: {part}"
                    )
                    seen += 1
        return seen


@dataclass(frozen=True)
class InColumns:
    """The cells of a mark stand under exactly the names of a column of the data."""

    names: str
    where: tuple[tuple[str, object], ...] = ()
    part: str = "cell"

    def __call__(self, sheet: Printed, figure: Figure) -> int:
        columns, seen = sheet.columns(), 0
        for row in rows_of(figure, **dict(self.where)):
            found = set()
            for shape in sheet.parts(str(row["mark"]), self.part):
                found |= {n for n, x in columns.items() if abs(x - shape.centre[0]) < 0.6}
                seen += 1
            said = row[self.names]
            wanted = {said} if isinstance(said, str) else set(said)
            if columns:
                assert {unquote(name) for name in found} == wanted, row["mark"]
        return seen


@dataclass(frozen=True)
class Says:
    """The words of a part are those of a column, as it would be written."""

    part: str
    column: str
    where: tuple[tuple[str, object], ...] = ()
    form: str = "{:,}"

    def __call__(self, sheet: Printed, figure: Figure) -> int:
        seen = 0
        for row in rows_of(figure, **dict(self.where)):
            for words in sheet.written(str(row["mark"]), self.part):
                assert words.text == self.form.format(row[self.column]), row["mark"]
                seen += 1
        return seen


@dataclass(frozen=True)
class Alike:
    """A part looks like the swatch of the key whose words a rule gives for its row of the data."""

    part: str
    words: Callable[[Row], str]
    where: tuple[tuple[str, object], ...] = ()

    def __call__(self, sheet: Printed, figure: Figure) -> int:
        looks, seen = {}, 0
        for row in rows_of(figure, **dict(self.where)):
            for shape in sheet.parts(str(row["mark"]), self.part):
                words = self.words(row)
                looks[words] = sheet.key(words).look
                assert shape.look == looks[words], f"{row['mark']} is not drawn as ‘{words}’"
                seen += 1
        assert len(set(looks.values())) == len(looks), "two kinds look alike"
        return seen


def together(*parts: str, **where: object) -> Check:
    """The parts of a mark stand at one height, and those of other marks at another."""

    def check(sheet: Printed, figure: Figure) -> int:
        heights: dict[str, float] = {}
        for row in rows_of(figure, **where):
            mark = str(row["mark"])
            at = [s.centre[1] for part in parts for s in sheet.parts(mark, part)]
            at += [w.middle for part in parts for w in sheet.written(mark, part)]
            if at:
                assert max(at) - min(at) < 0.6, f"{mark} does not stand in one row"
                heights[mark] = at[0]
        ordered = sorted(heights.values())
        assert all(b - a > 5 for a, b in pairwise(ordered))
        return len(heights)

    return check


def totals(sheet: Printed, figure: Figure) -> int:
    """The number of a whole set stands under its name."""
    columns, seen = sheet.columns(), 0
    for row in rows_of(figure, part="whole set"):
        for words in sheet.written(str(row["mark"]), "number"):
            assert abs(words.x - columns[quote(row["sets"][0], safe="")]) < 0.6
            seen += 1
    return seen


SHOWN = (("part", "shown"),)
BARS = (("part", ("shown", "everything else", "none shown")),)
UPSET: tuple[Check, ...] = (
    Bar("size", "size", where=BARS),
    Says("number", "size"),
    InColumns("sets", where=SHOWN),
    together("bar", "number", "cell", part=["shown", "everything else", "none shown"]),
    totals,
)

PLACES: dict[str, tuple[Check, ...]] = {
    "overlap-settings": UPSET,
    "overlap-upset": UPSET,
}
"""For each figure on the charts, what its marks must show."""

NOT_YET = {
    "agreement-concepts", "audit-references", "findings-forest", "frameworks-themes",
    "gaps-map", "gaps-setting", "gaps-voices", "overlap-fingerprint", "overlap-matrix",
    "overlap-meeting", "overlap-pairs", "overlap-sensitivity", "timeline-concepts",
    "timeline-growth", "timeline-works",
}  # fmt: skip
"""Drawn as before; this list may only become shorter."""

CASES = ("house", "dense", "empty", "one row", "foreign")


@pytest.fixture(scope="module")
def collections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Collection]:
    folder: Path = tmp_path_factory.mktemp("places")
    return {
        "house": cases.house(),
        "dense": cases.dense(),
        "empty": cases.empty(),
        "one row": cases.one_row(),
        "foreign": cases.foreign(folder),
    }


def test_every_registered_figure_has_declared_places() -> None:
    assert set(names()) <= set(PLACES) | NOT_YET
    assert not set(PLACES) & NOT_YET


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", PLACES)
def test_every_mark_stands_where_its_value_says(
    name: str, case: str, collections: dict[str, Collection]
) -> None:
    figure = make(name, collections[case])
    sheet = printed(figure)
    must_fit_a_page(sheet)
    drawn = {unquote(mark) for mark in sheet.marks()}
    assert drawn <= set(figure.marks), "a mark is drawn that has no data"
    if not figure.marks:
        assert len(sheet.all_words) > 1, "an empty figure says why"
        return
    seen = [check(sheet, figure) for check in PLACES[name]]
    if case == "house":
        assert drawn == set(figure.marks), "a mark has data and is not drawn"
        assert all(seen), f"a declaration held nothing: {seen}"
    for mark, rows in figure.marks.items():
        assert rows, f"{mark} leads to no row"
        assert set(rows) <= known_rows(collections[case], {r.split(":")[0] for r in rows}), mark


def known_rows(collection: Collection, tables: set[str]) -> set[str]:
    return {f"{table}:{row}" for table in tables for row in collection.row_ids(table)}


def must_fit_a_page(sheet: Printed) -> None:
    """A journal page of 183 by 247 mm, type of 6 points or more that stands out, all inside."""
    assert sheet.width <= 183 / 25.4 * 72
    assert sheet.height <= 247 / 25.4 * 72 + 1
    for name, shape in sheet.shapes.items():
        left, top, right, bottom = shape.box
        assert left >= -0.1, name
        assert top >= -0.1, name
        assert right <= sheet.width + 0.1, name
        assert bottom <= sheet.height + 0.1, name
    for words in sheet.all_words:
        assert words.size >= 6
        for paper in ("#ffffff", "#f4f4f2"):
            assert contrast(words.colour, paper) >= 4.5, words.text
        assert 0 < words.y <= sheet.height
        if not words.turn:
            left, right = words.ends
            assert left >= -0.5, words.text
            assert right <= sheet.width + 0.5, words.text
