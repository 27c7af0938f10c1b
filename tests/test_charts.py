"""The alphabet of drawing: what is asked for stands on the sheet, read back from its SVG."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from printed import Printed

from relnotes.figures.charts import Column, Look, Mark, Page, mark_id
from relnotes.figures.columns import Bars, Cells, Dots, Text
from relnotes.figures.scales import Scale, round_step
from relnotes.figures.style import BLUE, PAGE_HEIGHT, PAPER, UnprintableError, house_style, zoomed

DOT = Look("a dot", BLUE)
BAR = Look("a bar", BLUE, "bar")


def drawn(keys: list[str], *columns: Column, key: tuple[Look, ...] = (), **more: object) -> Printed:
    with house_style() as style:
        page = Page("What?", "This.", "Lens.")
        page.key(key)
        page.rows(keys, columns, **more)  # type: ignore[arg-type]
        style["svg.fonttype"] = "none"
        file = io.BytesIO()
        page.finished().savefig(file, format="svg")
    return Printed(file.getvalue())


# ---------------------------------------------------------------- shapes


@pytest.mark.parametrize(("shape", "upwards"), [("^", True), ("v", False)])
def test_a_triangle_points_where_its_name_says(shape: str, upwards: bool) -> None:
    sheet = drawn(["a"], Cells(["one"], [Mark("m", 0, Look("t", shape=shape), 0)]))
    (triangle,) = sheet.parts("m", "cell")
    left, top, right, bottom = triangle.box
    tip = min(triangle.points, key=lambda p: abs(p[0] - (left + right) / 2))
    assert (abs(tip[1] - top) < abs(tip[1] - bottom)) is upwards


def test_a_mark_looks_as_the_key_says() -> None:
    looks = (
        Look("round"),
        Look("open", face=PAPER),
        Look("square", shape="s"),
        Look("a bar", shape="bar"),
        Look("open bar", shape="bar", face=PAPER),
        Look("a line", shape="line"),
        Look("dashes", shape="line", dash=(3, 2)),
    )
    sheet = drawn(["a"], Text(["a"], key=True), key=looks)
    found = [sheet.key(look.words) for look in looks]
    assert len({swatch.look for swatch in found}) == len(looks)
    assert found[6].dashed
    assert not found[5].dashed
    assert found[1].fill == PAPER
    assert found[1].stroke == BLUE


def test_names_lead_into_the_svg_and_repeat_with_a_number() -> None:
    marks = [Mark("a: b", 0, DOT, at) for at in (0, 1, 2)]
    sheet = drawn(["x"], Cells(["one", "two", "three"], marks))
    whole = mark_id("a: b", "cell")
    assert {whole, f"{whole}:2", f"{whole}:3"} <= sheet.ids
    assert [round(s.centre[0], 1) for s in sheet.parts("a: b", "cell")] == [
        pytest.approx(x, abs=0.1) for x in sheet.columns().values()
    ]


def test_the_dots_of_a_combination_are_joined_and_those_of_another_are_not() -> None:
    marks = [Mark("m", 0, DOT, 0), Mark("m", 0, DOT, 2), Mark("n", 1, DOT, 1)]
    linked = drawn(["x", "y"], Cells(["one", "two", "three"], marks, linked=True))
    first, last = linked.parts("m", "cell")
    lines = [s for name, s in linked.unnamed() if s.form == ("line",)]
    joining = [s for s in lines if abs(s.centre[1] - first.centre[1]) < 0.1]
    assert [(s.left, s.right) for s in joining] == [
        (pytest.approx(first.centre[0]), pytest.approx(last.centre[0]))
    ]


def test_a_group_of_columns_is_underlined_from_its_first_to_its_last() -> None:
    names, pitch = ["a", "b", "c", "d"], 20.0
    grid = Cells(names, [Mark("m", 0, DOT, 0)], pitch, bands=["one", "one", "one", "two"])
    sheet = drawn(["x"], grid)
    (cell,) = sheet.parts("m", "cell")
    x = list(sheet.columns().values())
    lines = [s for _, s in sheet.unnamed() if s.form == ("line",) and s.right - s.left > 1]
    under = sorted((s.left, s.right) for s in lines if s.centre[1] > cell.box[3])
    assert under == [
        (pytest.approx(x[0] - pitch / 2 + 1), pytest.approx(x[2] + pitch / 2 - 1)),
        (pytest.approx(x[3] - pitch / 2 + 1), pytest.approx(x[3] + pitch / 2 - 1)),
    ]
    (one,) = (words for words in sheet.all_words if words.text == "one")
    assert one.x == pytest.approx(x[1])
    assert lines[-1].centre[1] < one.middle < sheet.height


def test_names_of_slanted_columns_are_shortened_to_stay_on_the_sheet() -> None:
    names = [f"{letter} {'relational practice ' * 6}" for letter in "abc"]
    sheet = drawn(["x"], Cells(names, [Mark("m", 0, DOT, 0)], 20.0))
    shown = [words.text for name, words in sheet.words.items() if name.startswith("column:")]
    assert [text[:2] for text in shown] == ["a ", "b ", "c "]
    assert all(text.endswith("…") and len(text) < 60 for text in shown)


def test_totals_stand_between_the_names_of_columns_and_the_first_row() -> None:
    totals = [Mark("all of a", 0, DOT, 7), Mark("all of b", 1, DOT, 11)]
    sheet = drawn(["x"], Cells(["a", "b"], [Mark("m", 0, DOT, 0)], 20.0, totals=totals))
    (cell,) = sheet.parts("m", "cell")
    for name, number in (("a", "7"), ("b", "11")):
        (total,) = sheet.written(f"all of {name}", "number")
        column = sheet.words[f"column:{name}"]
        assert total.text == number
        assert column.middle + column.size / 2 < total.middle - total.size / 2
        assert total.middle + total.size / 2 < cell.box[1]


# ---------------------------------------------------------------- axes


def test_bars_reach_from_low_to_their_value() -> None:
    marks = [Mark("all", 0, BAR, 12), Mark("part", 1, BAR, 12, low=5)]
    sheet = drawn(["all", "part"], Text(["a", "b"]), Bars(Scale.counts("n", 17, 120), marks))
    axis = sheet.axis("n")
    (whole,), (part,) = sheet.parts("all", "bar"), sheet.parts("part", "bar")
    assert axis.value(whole.left) == pytest.approx(0, abs=0.05)
    assert axis.value(whole.right) == pytest.approx(12, abs=0.05)
    assert axis.value(part.left) == pytest.approx(5, abs=0.05)


@settings(max_examples=25, deadline=None)
@given(st.integers(1500, 2030), st.integers(0, 120), st.floats(0, 1))
def test_years_stand_at_their_ticks(first: int, span: int, share: float) -> None:
    last = first + max(span, 1)
    year = round(first + share * (last - first))
    scale = Scale.years("y", first, last, 200)
    sheet = drawn(["a"], Dots(scale, [Mark("m", 0, DOT, year)]))
    (dot,) = sheet.parts("m", "dot")
    assert sheet.axis("y").value(dot.centre[0]) == pytest.approx(year, abs=0.05)
    assert 0 < scale(first) < scale(last) < 200
    assert all("," not in w.text for n, w in sheet.words.items() if n.startswith("axis:y:label"))


def test_equal_ratios_stand_equally_far_apart_on_a_logarithmic_axis() -> None:
    scale = Scale.log("or", 0.25, 4, 200)
    marks = [Mark("half", 0, DOT, 0.5), Mark("one", 1, DOT, 1), Mark("two", 2, DOT, 2)]
    sheet = drawn(["a", "b", "c"], Dots(scale, marks))
    x = [sheet.parts(mark, "dot")[0].centre[0] for mark in ("half", "one", "two")]
    assert x[1] - x[0] == pytest.approx(x[2] - x[1])
    axis = sheet.axis("or")
    assert axis.logarithmic
    assert axis.value(x[2]) == pytest.approx(2, rel=0.01)


def test_every_fifth_year_is_printed_on_an_axis_of_thirty() -> None:
    assert Scale.years("y", 1990, 2020, 200).ticks == tuple(range(1990, 2021, 5))


def test_a_logarithmic_axis_prints_its_ends_where_they_are_round() -> None:
    for low, high in ((0.5, 2), (1, 100)):
        ticks = Scale.log("or", low, high, 200).ticks
        assert (ticks[0], ticks[-1]) == (low, high)


@settings(deadline=None)
@given(st.floats(-1e4, 1e4), st.floats(1e-2, 1e6), st.floats(60, 400))
def test_linear_axes_have_round_ticks_inside(low: float, span: float, width: float) -> None:
    scale = Scale.linear("x", low, low + span, width)
    assert 2 <= len(scale.ticks) <= 14
    assert all(-0.01 <= scale(tick) <= width + 0.01 for tick in scale.ticks)


@pytest.mark.parametrize(
    ("step", "expected"), [(0.2, 0.2), (0.3, 0.5), (1.5, 2), (60, 100), (0, 1)]
)
def test_steps_are_round(step: float, expected: float) -> None:
    assert round_step(step) == expected


# ---------------------------------------------------------------- room


def test_a_full_page_takes_lines_from_its_rows() -> None:
    long = "words that go on and on and fill many lines of a narrow column " * 3
    rows = [str(i) for i in range(30)]
    sheet = drawn(rows, Text(rows, width=20, key=True), Text([long] * 30, width=120, most=8))
    assert sheet.height <= PAGE_HEIGHT + 1
    heights = [sheet.row(key) for key in rows]
    assert all(b - a > 12 for a, b in pairwise(heights))


def test_columns_without_a_width_share_what_is_left() -> None:
    long = "words that go on and on and fill many lines of a column " * 3
    sheet = drawn(["x"], Text(["x"], width=20, key=True), *(Text([long], most=9) for _ in "ab"))
    lines = [words for words in sheet.all_words if words.text.startswith("words that go on")]
    first, second = sorted({round(words.x) for words in lines})
    assert second - first == pytest.approx((sheet.width - first) / 2, abs=12)
    assert all(words.ends[1] <= sheet.width for words in sheet.all_words)


# ---------------------------------------------------------------- sheets


def test_a_larger_drawing_is_larger_in_everything() -> None:
    def size(factor: float) -> tuple[float, ...]:
        with zoomed(factor):
            sheet = drawn(["a"], Bars(Scale.counts("n", 4, 100), [Mark("m", 0, BAR, 3, label="3")]))
        (bar,), (number,) = sheet.parts("m", "bar"), sheet.written("m", "number")
        # Ticks of the axis, and the line that the bars begin at.
        named = [shape for name, shape in sheet.shapes.items() if name.startswith("axis:")]
        lines = named + [shape for _, shape in sheet.unnamed() if shape.form == ("line",)]
        thick = [line.thick for line in lines]
        return sheet.width, bar.right - bar.left, number.size, *thick

    once, twice = size(1), size(2)
    assert twice == pytest.approx([2 * x for x in once], rel=0.01)


def test_letters_that_join_are_joined_and_run_from_the_right() -> None:
    with house_style():
        page = Page("", "")
        page.words(20, 20, "بببب", "joined", "words")
        file = io.BytesIO()
        page.finished().savefig(file, format="svg")
    glyphs = re.findall(r'<use xlink:href="#([^"]+)"', file.getvalue().decode())
    # Final, twice the same middle, initial: of four times one letter.
    assert len(glyphs) == 4
    assert glyphs[1] == glyphs[2]
    assert len(set(glyphs)) == 3


def test_a_label_no_font_has_is_named() -> None:
    with pytest.raises(UnprintableError, match=r"信任.*U\+4FE1"):
        drawn(["a"], Text(["信任"], key=True))
