"""Every mark of a drawn figure stands where its value says, looks as the key says, and leads to rows.

What is drawn is read back from the SVG (see ``printed.py``), places through the printed axes, and
held against ``figure.data`` by the declarations below: which part of a mark shows which column.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote, unquote

import cases
import pandas as pd
import pytest
from printed import Printed, Words, contrast, printed

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


@dataclass(frozen=True)
class CellLooks:
    """In the column that a cell of the data names stands a mark that looks as the key says."""

    column: str
    words: Callable[[Row], str]
    where: tuple[tuple[str, object], ...] = ()

    def __call__(self, sheet: Printed, figure: Figure) -> int:
        columns, looks, seen = sheet.columns(), {}, 0
        for row in rows_of(figure, **dict(self.where)):
            x = columns[quote(str(row[self.column]), safe="")]
            here = [s for s in sheet.parts(str(row["mark"]), "cell") if abs(s.centre[0] - x) < 0.6]
            assert len(here) == 1, f"{row['mark']}: {len(here)} cells under {row[self.column]}"
            words = self.words(row)
            looks[words] = sheet.key(words).look
            assert here[0].look == looks[words], f"{row['mark']} is not drawn as ‘{words}’"
            seen += 1
        assert len(set(looks.values())) == len(looks), "two kinds look alike"
        return seen


def under(
    column: str, words: Callable[[Row], str], where: tuple[tuple[str, object], ...] = ()
) -> Check:
    """Under one name stands for every row a mark that looks as the key says."""

    def check(sheet: Printed, figure: Figure) -> int:
        data = figure.data.assign(under=column)
        return CellLooks("under", words, where)(sheet, dataclasses.replace(figure, data=data))

    return check


def links(sheet: Printed, figure: Figure) -> int:
    """Each line leads from its wording to its concept, and looks as the key says."""
    seen, looks = 0, {}
    for row in rows_of(figure):
        if not (lines := sheet.parts(str(row["mark"]), f"link-{row['element']}")):
            continue
        (line,) = lines
        wording = [w.middle for w in _lines(sheet, f"row:{row['element']}")]
        said = " ".join(w.text for w in _lines(sheet, f"row:{row['element']}"))
        assert begins(said, " ".join(str(row["wording"]).split()))
        name = [w.middle for w in sheet.written(str(row["mark"]), "name")]
        ends = sorted((line.points[0], line.points[-1]))
        left = _lines(sheet, f"row:{row['element']}")[0].anchor == "end"
        outer, inner = (ends[0], ends[1]) if left else (ends[1], ends[0])
        assert abs(outer[1] - sum(wording) / len(wording)) < 0.6
        assert abs(inner[1] - sum(name) / len(name)) < 0.6
        for begin, end in (w.ends for w in sheet.written(str(row["mark"]), "name")):
            gap = begin - inner[0] if left else inner[0] - end
            assert gap > 4.9, "a line runs into the name that it leads to"
        kind = ("shared" if row["shared"] else "one side alone", row["basis"])
        swatch = sheet.key(LINKS[kind])
        looks[kind] = line.stroke, line.dashed
        assert looks[kind] == (swatch.stroke, swatch.dashed)
        seen += 1
    assert len(set(looks.values())) == len(looks), "two kinds look alike"
    return seen


def _lines(sheet: Printed, whole: str) -> list[Words]:
    found = [sheet.words[whole]]
    while f"{whole}:{len(found) + 1}" in sheet.words:
        found.append(sheet.words[f"{whole}:{len(found) + 1}"])
    return found


LINKS = {
    ("shared", "explicit"): "shared, and the wording says so",
    ("shared", "interpreted"): "shared, read into it",
    ("one side alone", "explicit"): "one side alone",
    ("one side alone", "interpreted"): "one side alone, read into it",
}


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


@dataclass(frozen=True)
class Beside:
    """In the row that a column names stand the words that a rule reads from the data, or a cut.

    Where many rows of the data share a row of the picture, they begin with those of the first.
    """

    row: str
    words: Callable[[Row], str]
    where: tuple[tuple[str, object], ...] = ()

    def __call__(self, sheet: Printed, figure: Figure) -> int:
        seen = set[str]()
        for row in rows_of(figure, **dict(self.where)):
            key, wanted = self.row.format(**row), self.words(row)
            if wanted and key not in seen:
                said = sheet.beside(key)
                assert any(begins(text, wanted) for text in said), f"{key}: {wanted} in {said}"
                seen.add(key)
        return len(seen)


def begins(text: str, wanted: str) -> bool:
    """Whether a text begins with what is wanted, or is cut on the way."""
    before, cut, _ = text.partition("…")
    return text.startswith(wanted) or bool(cut and wanted.startswith(before.strip()))


def totals(sheet: Printed, figure: Figure) -> int:
    """The number of a whole set stands under its name."""
    columns, seen = sheet.columns(), 0
    for row in rows_of(figure, part="whole set"):
        for words in sheet.written(str(row["mark"]), "number"):
            assert abs(words.x - columns[quote(row["sets"][0], safe="")]) < 0.6
            seen += 1
    return seen


def numbers_of_rows_and_columns(sheet: Printed, figure: Figure) -> int:
    """Of a matrix: each framework's number in its row, each concept's under its name."""
    columns, seen = sheet.columns(), 0
    for row in rows_of(figure, part="concepts of a framework"):
        (words,) = sheet.written(str(row["mark"]), "number")
        assert abs(words.middle - sheet.row(str(row["mark"]).removeprefix("all of "))) < 0.6
        seen += 1
    for row in rows_of(figure, part="frameworks of a concept"):
        (words,) = sheet.written(str(row["mark"]), "number")
        at = words.x - (2 if words.turn else 0)
        assert abs(at - columns[quote(str(row["mark"]), safe="")]) < 0.6
        seen += 1
    return seen


def left_out(sheet: Printed, figure: Figure) -> int:
    """Of a matrix: what a page does not hold is counted and named below it."""
    cells = rows_of(figure, part="cell") if figure.marks else []
    lowest = max((sheet.row(str(row["framework"])) for row in cells), default=0.0)
    seen = 0
    for table in ("frameworks", "concepts"):
        for row in rows_of(figure, mark=f"{table} not drawn"):
            said = sheet.written(str(row["mark"]), "names")
            number, _, rest = said[0].text.partition(" ")
            assert number == f"{row['count']:,.0f}"
            assert rest.startswith((f"{table} not drawn, ", f"{table[:-1]} not drawn, "))
            assert len(figure.marks[str(row["mark"])]) == row["count"]
            assert min(line.middle for line in said) > lowest + 5
            seen += 1
    return seen


def either(*checks: Check) -> Check:
    """One of them holds something: which, is a question of how much there is to draw."""
    return lambda sheet, figure: sum(check(sheet, figure) for check in checks)


def lines_in_row(part: str, key: str, column: str) -> Check:
    """Words of several lines are centred on the row that a column names, and say another."""

    def check(sheet: Printed, figure: Figure) -> int:
        seen = 0
        for row in rows_of(figure):
            if lines := sheet.written(str(row["mark"]), part):
                middle = sum(line.middle for line in lines) / len(lines)
                assert abs(middle - sheet.row(key.format(**row))) < 0.6
                same = figure.data[figure.data["mark"] == row["mark"]]
                assert begins(" ".join(line.text for line in lines), "; ".join(same[column]))
                seen += 1
        return seen

    return check


def top_or_not(row: Row) -> str:
    if not row["sets"]:
        return "named by none"
    return "at the top under this lens" if row["rank"] <= 10 else "below the top"


def members(sheet: Printed, figure: Figure) -> int:
    """The members of a bar are written in its row, as many as its lines hold."""
    seen = 0
    for row in rows_of(figure, part=["shown", "everything else", "none shown"]):
        lines = sheet.written(str(row["mark"]), "members")
        if not lines:
            continue
        said = " ".join(line.text for line in lines)
        if row["part"] != "shown":
            scope, _, said = said.partition(": ")
            assert scope.startswith(f"{row['size']:,} ")
        whole = (f"{row['voices']}: " if row["voices"] else "") + ", ".join(row["members"])
        assert said == whole or whole.startswith(said.partition("…")[0].partition(" and ")[0])
        middle = sum(line.middle for line in lines) / len(lines)
        (number,) = sheet.written(str(row["mark"]), "number") or lines[:1]
        assert abs(middle - number.middle) < 0.6
        seen += 1
    return seen


def creators(row: Row) -> str:
    """Who wrote a work, as its label begins; a year with a bar says how many works it has."""
    one = row["mark"] == row["label"]
    return str(row["label"]).rpartition(" (")[0] if one else ""


def alpha_in_words(row: Row) -> str:
    return f"{row['alpha']:.2f}".replace("-0.00", "0.00").replace("-", "−")


def design(row: Row) -> str:
    """A design with its step on the ladder of designs."""
    return f"{row['design']}" if pd.isna(row["step"]) else f"{row['step']:.0f} {row['design']}"


def interval(row: Row) -> str:
    """The value of an effect and the ends of its interval, as the sheet has them."""
    known = not (pd.isna(row["ci_low"]) or pd.isna(row["ci_high"])) and row["ci_level"] == 95
    ends = f"({row['ci_low']:g} to {row['ci_high']:g})" if known else "("
    return f"{row['estimate']:g} {ends}".replace("-", "−")


def spread(sheet: Printed, figure: Figure) -> int:
    """In its row stands in how many settings and jurisdictions a concept is named."""
    seen = 0
    for concept, rows in figure.data.groupby("concept") if figure.marks else ():
        numbers = [text for text in sheet.beside(str(concept)) if text.isdecimal()]
        known = [rows.loc[rows[c] != "", c].nunique() for c in ("setting", "jurisdiction")]
        assert numbers == [f"{number:,}" for number in known if number], concept
        seen += 1
    return seen


def heads(sheet: Printed, figure: Figure) -> int:
    """Above the bars of a theme stands its name, broken into lines."""
    seen = 0
    for theme in dict.fromkeys(row["theme"] for row in rows_of(figure)):
        left = sheet.axis(theme).ticks[0][1]
        above = [w for w in sheet.all_words if w.anchor == "start" and abs(w.x - left) < 0.1]
        above = sorted((w for w in above if w.middle < min_row(sheet)), key=lambda w: w.y)
        assert begins(" ".join(w.text for w in above), theme), f"{theme}: {above}"
        seen += 1
    return seen


def min_row(sheet: Printed) -> float:
    return min(words.middle for words in sheet.rows().values())


def places_under_lenses(sheet: Printed, figure: Figure) -> int:
    """In its row stands the best place of a concept under any lens."""
    best = figure.data.groupby("mark", sort=False)["rank"].min() if figure.marks else pd.Series()
    for mark, rank in best.items():
        said = sheet.beside(str(mark))
        assert any(re.match(rf"{int(rank)}( to |$)", text) for text in said), f"{mark}: {said}"
    return len(best)


SHOWN = (("part", "shown"),)
BARS = (("part", ("shown", "everything else", "none shown")),)
UPSET: tuple[Check, ...] = (
    Bar("size", "size", where=BARS),
    Says("number", "size"),
    InColumns("sets", where=SHOWN),
    together("bar", "number", "cell", part=["shown", "everything else", "none shown"]),
    totals,
    members,
)

RELATIONS = {
    "exact": "the same or nearly",
    "close": "the same or nearly",
    "narrower": "a part of it, or more than it",
    "broader": "a part of it, or more than it",
    "related": "touches it",
}
BASES = {"explicit": ", and the wording says so", "interpreted": ", read into it"}
CELL = (("part", "cell"),)

GROUP_SIZES = {True: "5 frameworks or more", False: "fewer than 5: single cases"}
PRINTED = {"no error known": "no error known in print", "printed wrongly": "printed wrongly"}
CHECKED = {"verified": "entry verified"}
EVIDENCE = {
    "frameworks": "frameworks that name it",
    "claims": "claims about it",
    "synthesis": "syntheses",
    "study": "studies",
}
ORIGINS = {
    "listed": "in the page’s list",
    "named": "named by the page, not listed",
    "added": "added here",
}


def earliest_or_later(row: Row) -> str:
    return "earliest framework with a year" if row["first"] else "later ones"


POINTS = {
    "favourable": "favourable",
    "none": "no difference found",
    "mixed": "mixed",
    "unfavourable": "unfavourable",
}

PLACES: dict[str, tuple[Check, ...]] = {
    "agreement-concepts": (
        Bar("elements", "end", "start"),
        Dot("alpha", "alpha", where=(("what", "alpha"),), low="low", high="high"),
        InRow("{concept}", ("bar", "number", "dot", "interval")),
        Says("number", "total", form="{:.0f}"),
        Alike("bar", lambda row: str(row["what"])),
        Alike("dot", lambda row: "alpha with its interval"),
        Beside("{concept}", alpha_in_words, (("what", "alpha"),)),
    ),
    "audit-references": (
        InRow("{mark}", ("cell",)),
        under(
            "in the list", lambda row: "the page has it there", (("in the list", "in the list"),)
        ),
        under(
            "named in the text",
            lambda row: "the page has it there",
            (("named in the text", "in the list"),),
        ),
        under("print", lambda row: PRINTED[row["print"]], (("print", tuple(PRINTED)),)),
        under("entry", lambda row: CHECKED.get(row["entry"], row["entry"])),
        Beside("{mark}", lambda row: ", ".join(row["fields"]).replace("_", " ")),
    ),
    "findings-forest": (
        Dot("{measure}", "estimate", where=(("kind", "effect"),), low="line_from", high="line_to"),
        Dot("findings", "place", where=(("kind", "direction"),)),
        InRow("{row}", ("dot", "interval", "beyond")),
        Alike("dot", lambda row: POINTS[row["direction"]]),
        Beside("{row}", interval, (("kind", "effect"),)),
        Beside("{row}", lambda row: str(row["label"]), (("kind", "effect"),)),
        Beside("{row}", lambda row: str(row["outcome"]), (("kind", "effect"),)),
        Beside("{row}", lambda row: str(row["design"]) and design(row), (("kind", "effect"),)),
        Says("label", "step", (("kind", "direction"),), "{:.0f}"),
        Beside(
            "{row}",
            lambda row: "" if pd.isna(row["studies"]) else f"{row['studies']:,.0f}",
            (("kind", "effect"),),
        ),
    ),
    "frameworks-themes": (
        Bar("{theme}", "percent"),
        InRow("{group}", ("bar", "number")),
        Says("number", "frameworks"),
        Alike("bar", lambda row: GROUP_SIZES[row["of"] >= 5]),
        Beside("{group}", lambda row: f"{row['of']:,}"),
        heads,
    ),
    "gaps-map": (
        Bar("{what}", "count", where=(("what", ("frameworks", "claims", "synthesis", "study")),)),
        InRow("{concept}", ("bar", "number", "words")),
        Says("number", "said", form="{}"),
        Says("words", "said", form="{}"),
        Alike("bar", lambda row: EVIDENCE[row["what"]]),
    ),
    "gaps-setting": (
        InRow("{concept}", ("cell",)),
        InColumns("column"),
        Alike("cell", lambda row: row["holds"]),
        Beside("{concept}", lambda row: str(row["column"]), (("holds", "a framework alone"),)),
    ),
    "gaps-voices": (
        InRow("{concept}", ("cell",)),
        InColumns("voice"),
        Alike("cell", lambda row: row["heard"]),
    ),
    "overlap-fingerprint": (
        Bar("others", "others"),
        Says("number", "others"),
        InRow("{mark}", ("bar", "number")),
        Alike(
            "bar", lambda row: "it is here, in these words" if row["named"] else "it is not here"
        ),
        Beside("{mark}", lambda row: "; ".join(row["wordings"])),
    ),
    "overlap-matrix": (
        CellLooks("concept", lambda row: RELATIONS[row["relation"]] + BASES[row["basis"]], CELL),
        InRow("{framework}", ("cell",), CELL),
        Says("number", "count"),
        numbers_of_rows_and_columns,
        left_out,
    ),
    "overlap-meeting": (links,),
    "overlap-sensitivity": (
        Dot("frameworks", "baseline", low="fewest", high="most"),
        InRow("{mark}", ("dot", "interval", "cell")),
        CellLooks("lens", top_or_not),
        places_under_lenses,
    ),
    "overlap-settings": UPSET,
    "overlap-upset": UPSET,
    "timeline-concepts": (
        Dot("year", "year"),
        InRow("{concept}", ("dot", "words")),
        Alike("dot", earliest_or_later),
        Beside("{concept}", lambda row: f"{row['year']} ", (("first", True),)),
        spread,
    ),
    "timeline-works": (
        either(Dot("works", "end"), Bar("works", "end", "start")),
        InRow("{when}", ("dot", "bar")),
        lines_in_row("events", "{when}", "label"),
        Beside("{when}", creators, (("what", "work"),)),
        either(
            Alike("dot", lambda row: ORIGINS[row["origin"]], (("what", "work"),)),
            Alike("bar", lambda row: ORIGINS[row["origin"]], (("what", "work"),)),
        ),
    ),
}
"""For each figure on the charts, what its marks must show."""

# On the foreign collection these have nothing to draw: it has no page, finding or two that meet.
NOTHING_FOREIGN = {"audit-references", "findings-forest", "overlap-meeting"}
CASES = ("house", "dense", "sample", "empty", "one row", "foreign")
# Rows that are called by an id of the data, and say something else.
BY_ID = {"findings-forest": "mark", "overlap-meeting": "element"}


@pytest.fixture(scope="module")
def collection_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Collection]:
    """Make a collection when a test first asks for it."""
    folder: Path = tmp_path_factory.mktemp("places")
    makers: dict[str, Callable[[], Collection]] = {
        "house": cases.house,
        "dense": cases.dense,
        "sample": lambda: cases.sample(folder),
        "empty": cases.empty,
        "one row": cases.one_row,
        "foreign": lambda: cases.foreign(folder),
    }
    return cache(lambda case: makers[case]())


def test_every_registered_figure_has_declared_places() -> None:
    assert set(names()) == set(PLACES)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("name", PLACES)
def test_every_mark_stands_where_its_value_says(
    name: str, case: str, collection_of: Callable[[str], Collection]
) -> None:
    collection = collection_of(case)
    figure = make(name, collection)
    sheet = printed(figure)
    assert 0 < len(figure.alt) <= 250
    assert not figure.alt.endswith("…")
    must_fit_a_page(sheet)
    if case in ("house", "dense", "sample"):
        assert figure.marks, "nothing is drawn"
    if case == "foreign":
        assert bool(figure.marks) is (name not in NOTHING_FOREIGN)
    if not figure.marks:
        assert len(sheet.all_words) > 1, "an empty figure says why"
    if case in ("sample", "empty", "one row", "foreign"):
        said = " ".join(words.text for words in sheet.all_words)
        assert not re.search("Not drawn|naming fewest", said), "so little fits on a page"
    assert {unquote(mark) for mark in sheet.marks()} == set(figure.marks)
    seen = [check(sheet, figure) for check in PLACES[name]]
    assert not sheet.unread(), "something is drawn for a mark that no declaration looks at"
    if case == "house":
        assert all(seen), f"a declaration held nothing: {seen}"
    ids = set(figure.data[BY_ID[name]]) if name in BY_ID and figure.marks else set()
    for key, words in sheet.rows().items():
        assert key in ids or key.startswith(words.text.rstrip("… ")), f"{key}: {words.text}"
    for mark, rows in figure.marks.items():
        assert rows, f"{mark} leads to no row"
        assert set(rows) <= known_rows(collection, {r.split(":")[0] for r in rows}), mark


def known_rows(collection: Collection, tables: set[str]) -> set[str]:
    return {f"{table}:{row}" for table in tables for row in collection.row_ids(table)}


@pytest.mark.parametrize("name", ["gaps-setting", "gaps-voices", "gaps-map"])
def test_a_figure_stays_on_its_page_when_works_are_not_coded_yet(name: str) -> None:
    """An analyst's first work in the house collection, entered and not yet coded."""
    collection = cases.house()
    studies = collection.studies.astype("str")
    for column in ("setting", "voices", "design"):
        studies.loc[studies.index[:40], column] = "not_coded"
    tables = {**collection.tables, "studies": studies}
    must_fit_a_page(
        printed(make(name, Collection.of(tables, bibliography=collection.bibliography)))
    )


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
