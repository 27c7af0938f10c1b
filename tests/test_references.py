"""What a reference may bring into a page: words, plain marks, and the work's own address."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relnotes.evidence.bibliography import plain_text
from relnotes.evidence.bibtex import parse_bibliography
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules import check_evidence
from relnotes.evidence.schema import form

ENTRY = """@article{{doe-2001,
  author = {{Doe, Jo}},
  title = {{{title}}},
  journaltitle = {{{journal}}},
  year = {{2001}},
  url = {{{url}}}
}}
"""


def reference(
    title: str = "Trust", journal: str = "A Journal", url: str = "https://e.org/x"
) -> str:
    works, _ = parse_bibliography(ENTRY.format(title=title, journal=journal, url=url))
    return works.references(["doe-2001"])["doe-2001"]


def test_the_work_keeps_its_own_address_and_its_emphasis():
    text = reference()
    assert '<a href="https://e.org/x">' in text
    assert "<em>A Journal</em>" in text


@pytest.mark.parametrize(
    "title",
    [
        r"\includegraphics{http://127.0.0.1:9/p.png} x",
        r"\href{javascript:alert(1)}{look}",
        r"\url{javascript:alert(1)}",
        r"\href{http://127.0.0.1:9/other}{look}",
        "<img src=http://127.0.0.1:9/p.png onerror=alert(1)>",
        "<script>alert(1)</script>",
        r"\textbf{" * 200 + "x" + "}" * 200,
        "<svg onload=alert(1)>",
    ],
)
@pytest.mark.parametrize("field", ["title", "journal"])
def test_nothing_in_a_field_becomes_a_tag_an_attribute_or_another_address(title: str, field: str):
    text = reference(**{field: title})
    tags = re.findall(r"<[^>]*>", text)
    assert set(tags) <= {
        *(f"<{mark}>" for mark in ("em", "i", "strong", "sub", "sup", "q")),
        *(f"</{mark}>" for mark in ("em", "i", "strong", "sub", "sup", "q", "a")),
        '<a href="https://e.org/x">',
    }


LATEX = [*"\\{}[]$&%^_'\" ab", *(f"\\{name}" for name in (
    "href", "url", "verb", "input", "sqrt", "footnote", "frac", "begin", "end", "textbf", "c", "item"))]  # fmt: skip


@given(st.lists(st.sampled_from(LATEX), max_size=12).map("".join))
def test_no_latex_stops_a_field_from_being_read(value: str):
    assert isinstance(plain_text(value), str)


def test_of_a_link_in_a_field_its_words_are_seen():
    assert plain_text(r"On \href{https://e.org/x}{tru\'st}") == "On truśt"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
def test_an_address_that_is_none_is_no_link(url: str):
    assert "<a" not in reference(url=url)


@pytest.mark.parametrize(
    ("value", "marked"),
    [
        (r"Stra{\ss}e and \'etude \& more", False),
        (r"\c{c}edilla, \textendash\ and \L{}\'od\'z", False),
        (r"\includegraphics{x}", True),
        (r"\input{x}", True),
        (r"\clubsuit", True),
        ("a <b>title</b>", True),
    ],
)
def test_only_letters_accents_and_marks_are_let_in(value: str, marked: bool):
    evidence = Evidence.of_texts({"references.bib": ENTRY.format(
        title=value, journal="J", url="https://e.org/x")})  # fmt: skip
    found = [f for f in check_evidence(evidence) if f.rule == "leftover_markup"]
    assert bool(found) == marked


def test_a_declared_pattern_is_asked_in_linear_time():
    # The standard library's engine would not come back from this one.
    assert not form(r"([a-zA-Z ,.]+)*\d{9}x").fullmatch("a" * 20_000)


def test_a_pattern_that_cannot_be_used_is_named():
    with pytest.raises(ValueError, match="the pattern"):
        form(r"(?=a)b")
