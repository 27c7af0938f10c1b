"""The house style can be read: by eyes that see fewer colours, in grey, and at print size."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from legibility import (
    DEFICIENCIES,
    as_seen,
    labels_cut_off,
    least_distance,
    lightness_and_hue,
    overlapping_labels,
    printed_labels,
    smallest_text,
)

from relnotes.evidence.rules.cells import printable
from relnotes.evidence.sentences import counted, listed
from relnotes.figures import style
from relnotes.figures.style import (
    CATEGORIES,
    clean,
    house_style,
    sheet,
    shortened,
    text_width,
    unprintable,
    wrapped,
    write,
)

words = st.text(st.characters(max_codepoint=0x17E, categories=["L", "N", "P", "Zs"]), max_size=40)


@pytest.mark.parametrize("deficiency", [None, *DEFICIENCIES])
def test_categories_stay_apart_for_every_eye(deficiency: str | None) -> None:
    assert least_distance(CATEGORIES, deficiency) > 10


def _rgb(colour: str) -> list[float]:
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def test_quiet_words_can_be_read_on_paper_and_on_bands() -> None:
    for paper in (style.PAPER, style.BAND):
        assert _contrast(style.QUIET, paper) >= 4.5


def _contrast(ink: str, paper: str) -> float:
    # WCAG 2.2, relative luminance.
    def luminance(colour: str) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    light, dark = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_known_colours_in_lab() -> None:
    # Lindbloom's calculator for sRGB under D65.
    np.testing.assert_allclose(lightness_and_hue([1, 0, 0]), [53.24, 80.09, 67.20], atol=0.02)
    np.testing.assert_allclose(lightness_and_hue([0, 0, 1]), [32.30, 79.19, -107.86], atol=0.02)


@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_greys_look_the_same_to_every_eye(deficiency: str) -> None:
    greys = np.linspace(0, 1, 6)[:, None].repeat(3, axis=1)
    np.testing.assert_allclose(as_seen(greys, deficiency), greys, atol=2e-3)


def test_red_and_green_fall_together_without_green_cones() -> None:
    red, green = "#c04000", "#6f6f00"
    assert least_distance([red, green]) > 3 * least_distance([red, green], "deuteranopia")


# ---------------------------------------------------------------- words


@given(words, st.floats(20, 200))
def test_shortened_fits(text: str, width: float) -> None:
    cut = shortened(clean(text), width)
    assert cut == clean(text) or (cut.endswith("…") and text_width(cut) <= width)


@given(words, st.floats(40, 200))
def test_wrapped_keeps_every_word_that_fits(text: str, width: float) -> None:
    lines = wrapped(text, width)
    assert all(text_width(line) <= width for line in lines)
    if all(text_width(word) <= width for word in text.split()):
        assert " ".join(lines).split() == text.split()


def test_wrapped_stops_at_the_last_line() -> None:
    lines = wrapped("one two three four five six seven", 40, most=2)
    assert len(lines) == 2
    assert lines[-1].endswith("…")


def test_clean_leaves_nothing_an_svg_cannot_hold() -> None:
    assert clean("a\x00b\ud800c\ufffed\x0be") == "a�b�c�d e"


def test_numbers_take_the_right_noun() -> None:
    assert counted(0, "framework") == "0 frameworks"
    assert counted(1200, "study", "studies") == "1,200 studies"
    assert listed([]) == ""
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"


def test_measured_width_is_what_the_renderer_sets() -> None:
    with house_style():
        page = sheet(400, 60)
        write(page, 10, 20, "Guidance and problem solving")
        write(page, 10, 40, "Guidance and problem solving", weight="bold")
    page.figure.set_dpi(720)
    plain, bold = printed_labels(page.figure)
    for label, weight in ((plain, "normal"), (bold, "bold")):
        wide = np.ptp(label.corners[:, 0])
        assert wide == pytest.approx(text_width(label.text, 8, weight), rel=0.02)


# ---------------------------------------------------------------- measured labels


def labels_at(*places: tuple[float, float, str, float]) -> object:
    with house_style():
        page = sheet(200, 100)
        for x, y, text, turn in places:
            write(page, x, y, text, rotation=turn, rotation_mode="anchor")
    return page.figure


def test_labels_that_touch_are_found_and_neighbours_are_not() -> None:
    assert overlapping_labels(labels_at((10, 20, "trust", 0), (20, 22, "hope", 0)))
    assert not overlapping_labels(labels_at((10, 20, "trust", 0), (10, 32, "hope", 0)))


def test_slanted_labels_are_measured_as_they_lie() -> None:
    # Their upright boxes overlap by far; the words do not.
    apart = labels_at((20, 90, "a slanted label", 60), (34, 90, "another of them", 60))
    assert not overlapping_labels(apart)
    assert overlapping_labels(labels_at((20, 90, "a slanted label", 60), (23, 90, "another", 60)))


def test_labels_over_the_edge_are_found() -> None:
    assert labels_cut_off(labels_at((190, 20, "trust", 0))) == ["trust"]
    assert not labels_cut_off(labels_at((20, 20, "trust", 0)))


def test_the_smallest_text_is_told() -> None:
    with house_style():
        page = sheet(100, 50)
        assert smallest_text(page.figure) == float("inf")
        write(page, 10, 20, "large")
        write(page, 10, 40, "small", size=5)
    assert smallest_text(page.figure) == 5


def test_drawing_puts_the_readers_settings_back() -> None:
    with mpl.rc_context({"font.size": 23}):
        with house_style():
            assert mpl.rcParams["font.size"] == 8
        assert mpl.rcParams["font.size"] == 23


def test_the_check_knows_the_characters_that_the_fonts_have():
    held = {c for c in range(0x20, 0x110000) if not 0xD800 <= c < 0xE000
            and not unprintable(f"a{chr(c)}a")}  # fmt: skip
    assert printable() == held
