"""The outline proposes passages, their kinds and their fingerprints."""

import hashlib
from pathlib import Path

import pytest

from relnotes.page.outline import COLUMNS, fingerprint, outline, sentence_fingerprints, sentences
from relnotes.page.source import read_page

PAGES = Path(__file__).parent / "pages"
SECTIONS = {
    "intro": "Shared allotments",
    "gain": "What members gain",
    "begin": "how clubs begin",
    "references": "Key references",
}


def test_plain_text_is_outlined_by_the_headings_given() -> None:
    made = outline(read_page(PAGES / "allotments.txt"), SECTIONS)
    assert tuple(made.columns) == COLUMNS
    assert [tuple(row) for row in made[["passage_id", "kind", "words"]].to_numpy()] == [
        ("intro.0", "heading", 2),
        ("intro.1", "paragraph", 23),
        ("intro.2", "paragraph", 10),
        ("intro.3", "quotation", 16),
        ("gain.0", "heading", 3),
        ("gain.1", "paragraph", 36),
        ("gain.2", "paragraph", 22),
        ("gain.3", "paragraph", 14),
        ("gain.4", "caption", 8),
        ("gain.5", "caption", 14),
        ("gain.6", "paragraph", 37),
        ("begin.0", "heading", 3),
        ("begin.1", "paragraph", 7),
        ("begin.2", "bullet", 4),
        ("begin.3", "bullet", 9),
        ("begin.4", "bullet", 6),
        ("begin.5", "bullet", 4),
        ("begin.6", "paragraph", 29),
        ("begin.7", "paragraph", 15),
        ("references.0", "heading", 2),
        ("references.1", "reference", 13),
        ("references.2", "reference", 15),
        ("references.3", "reference", 19),
    ]


def test_saved_html_is_outlined_by_its_own_headings_and_tags() -> None:
    made = outline(read_page(PAGES / "allotments.html")).set_index("passage_id")
    assert made["section"].drop_duplicates().tolist() == [
        "shared-allotments",
        "what-members-gain",
        "how-clubs-begin",
        "key-references",
        "this-site",
    ]
    assert made["kind"]["what-members-gain.4"] == "quotation"
    assert made["kind"]["what-members-gain.5"] == "caption"
    assert made["kind"]["what-members-gain.6"] == "picture"


def test_two_headings_alike_make_two_sections() -> None:
    made = outline(read_page(b"<h1>Notes</h1><p>One.</p><h2>Notes</h2><p>Two.</p>"))
    assert made["passage_id"].tolist() == ["notes.0", "notes.1", "notes-2.0", "notes-2.1"]


def test_a_fingerprint_is_that_of_the_normalised_text() -> None:
    expected = hashlib.sha256(b"'day-to-day' work").hexdigest()
    assert fingerprint("‘day- to-day’\n work") == expected
    assert sentence_fingerprints("‘day- to-day’\n work") == (expected[:12],)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ("One.", "Two!", "Three?", "Four")),
        ("Said ‘so.’ Then", ("Said 'so.'", "Then")),
        ("Haas, S.M. and Smith, J. (2020)", ("Haas, S.M. and Smith, J. (2020)",)),
        ("Trotter, C. (2013). ‘Reducing’", ("Trotter, C. (2013).", "'Reducing'")),
        ("as follows: one. two", ("as follows: one. two",)),
        ("", ("",)),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: tuple[str, ...]) -> None:
    assert sentences(text) == expected


def test_anchors_are_the_first_six_words_in_the_page_s_characters() -> None:
    html = "<h1>On ‘trust’</h1><p>Clubs – as ‘we’ say – differ a lot.</p><p>Tools, seeds:</p>"
    made = outline(read_page(html.encode()))
    assert made["anchor"].tolist() == ["On ‘trust’", "Clubs – as ‘we’ say –", "Tools, seeds"]


def test_headings_must_be_given_and_found() -> None:
    page = read_page(b"Title\n\nText.")
    with pytest.raises(ValueError, match="name the sections"):
        outline(page)
    with pytest.raises(ValueError, match="No heading ‘Other’"):
        outline(page, {"intro": "Title", "other": "Other"})
