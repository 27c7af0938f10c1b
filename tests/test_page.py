"""Saved pages of every sort are read, and none brings the reader down."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relnotes.page.source import Block, PageError, read_page


def texts(content: bytes) -> list[str]:
    return [block.text for block in read_page(content).blocks]


def kinds(html: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read_page(html.encode()).blocks]


# Plain text


def test_plain_text_has_paragraphs_and_bullets() -> None:
    text = "Title\n\nA paragraph\nin two lines.\n\n  • one\n  • two, which\n    goes on\n\nEnd"
    assert read_page(text.encode()).blocks == (
        Block("Title"),
        Block("A paragraph in two lines."),
        Block("one", "bullet"),
        Block("two, which goes on", "bullet"),
        Block("End"),
    )


def test_a_dash_at_the_beginning_of_a_line_is_a_bullet_only_in_a_list() -> None:
    assert texts(b"Things:\n\n- one\n- two") == ["Things:", "one", "two"]
    assert texts("He came\n– late – and sat".encode()) == ["He came – late – and sat"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_ending_parts_paragraphs(newline: str) -> None:
    assert texts(f"One{newline}{newline}Two{newline}".encode()) == ["One", "Two"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
@pytest.mark.parametrize("form", ["{}", "<p>{}</p>"])
def test_encodings_are_recognised(encoding: str, form: str) -> None:
    said = "It’s ‘hard work’ – and café."
    assert texts(form.format(said).encode(encoding)) == [said]


def test_a_page_cut_inside_a_character_or_with_a_stray_byte_is_still_utf_8() -> None:
    whole = "‘Trust’ and ‘time’".encode()
    assert texts(whole[:-1])[0].startswith("‘Trust’ and ‘time")
    assert texts(whole + b" \xe9 ")[0].startswith("‘Trust’ and ‘time’")


def test_a_declared_encoding_is_heeded() -> None:
    html = '<meta charset="iso-8859-2"><p>Łódź</p>'
    assert texts(html.encode("iso-8859-2")) == ["Łódź"]


# HTML


def test_kinds_follow_the_tags() -> None:
    html = (
        "<h1>Title</h1><p>Text <b>in</b> <a href='x'>parts</a>.</p><blockquote><p>Said.</p>"
        "</blockquote><ul><li>one<ul><li>two</li></ul></li><li><p>three</p></li></ul>"
        "<figure><img alt='A picture'><figcaption>Below</figcaption></figure>"
        "<dl><dt>Word</dt><dd>Meaning</dd></dl><table><tr><td>a<td>b</table>"
    )
    assert kinds(html) == [
        ("heading", "Title"),
        ("paragraph", "Text in parts."),
        ("quotation", "Said."),
        ("bullet", "one"),
        ("bullet", "two"),
        ("bullet", "three"),
        ("picture", "A picture"),
        ("caption", "Below"),
        ("paragraph", "Word"),
        ("paragraph", "Meaning"),
        ("paragraph", "a"),
        ("paragraph", "b"),
    ]


def test_headings_have_levels() -> None:
    html = b"<h1>One</h1><h3>Three</h3><h2><span>Two</span></h2>"
    assert [block.level for block in read_page(html).blocks] == [1, 3, 2]


def test_what_readers_do_not_see_is_left_out() -> None:
    html = (
        "<html><head><title>T</title><style>p{}</style></head><body><script>s()</script>"
        "<nav>Menu</nav><div role='navigation'>Menu</div><p hidden>Hidden</p><!-- Comment -->"
        "<template><p>Template</p></template><noscript>No script</noscript>"
        "<p>Seen<span class='x visually-hidden'> (unseen)</span></p><svg><text>Drawn</text></svg>"
        "<blockquote>Said<footer>Somebody</footer></blockquote><footer>Footer</footer></body></html>"
    )
    assert [text for _, text in kinds(html)] == ["Seen", "Said", "Somebody"]


def test_inline_tags_do_not_part_words_and_line_breaks_do() -> None:
    assert texts(b"<p>rela<i>tion</i>al<br>practice") == ["relational practice"]


def test_entities_are_read() -> None:
    html = "<p>&lsquo;A&rsquo; &amp; B&nbsp;C &#8211; &#x2019; &unknown; &#xD800;</p>"
    assert texts(html.encode()) == ["‘A’ & B C – ’ &unknown; \ufffd"]


def test_html_is_known_by_its_content() -> None:
    assert read_page(b"\n <!DOCTYPE html><p>x").form == "html"
    assert read_page(b"Before<p>x</p>").form == "html"
    assert read_page(b"a < b and <trust> is a word").form == "text"


def test_a_web_archive_is_read() -> None:
    archive = (
        "From: <Saved by a browser>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="--b"\r\n\r\n'
        "----b\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "<h1>Trust=E2=80=99s</h1>\r\n----b\r\nContent-Type: text/css\r\n\r\np {}\r\n----b--\r\n"
    )
    assert texts(archive.encode()) == ["Trust’s"]


# Hostile, huge and broken pages


@pytest.mark.parametrize(
    "html",
    [
        "<html><body><p>words and an unfinished <a href='",
        "<p>words</p><!-- never closed",
        "<p>words<script>never closed",
        "<p>words</div></span></p></p></body></html><p>",
        "<p>words" + "<!-- a > " * 100_000,
        "<p>words" + "<a " * 9_000,
        "<p>words" + "<b>" * 9_000,
        "<p>words" + "<div>" * 5_000 + "</div>" * 5_000,
        "<p>words" + "&" * 500_000,
        "<p>words</p>" + "<p>more " * 50_000,
        "<p>words\x00\x01\ufffe</p>",
    ],
    ids=lambda html: html[:30].strip(),
)
def test_broken_html_is_read_as_far_as_it_goes(html: str) -> None:
    assert texts(html.encode())[0].startswith("words")


def test_bottomless_nesting_is_refused_in_words() -> None:
    with pytest.raises(PageError, match="more than 10000 <div> open inside each other"):
        read_page(b"<p>x" + b"<div>" * 1_000_000)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    try:
        page = read_page(content)
    except PageError:
        return
    assert any(block.text for block in page.blocks)


@given(st.lists(st.sampled_from(["<p>", "</p>", "<div", ">", "<li>", "&lt", ";", "x", "<!--",
                                 "-->", "<script>", "</script>", "'", "<img alt=y>", "<br/>"])))  # fmt: skip
def test_any_soup_of_tags_is_read_or_refused_in_words(parts: list[str]) -> None:
    try:
        read_page("".join(["<p>", *parts]).encode())
    except PageError as error:
        assert "no words" in str(error)


@pytest.mark.parametrize("content", [b"", b"   \n", b"<html><body></body></html>", b"...", b"\x00"])
def test_a_page_without_words_is_refused(content: bytes) -> None:
    with pytest.raises(PageError, match="holds no words"):
        read_page(content)


def test_other_files_are_refused_by_name(tmp_path: Path) -> None:
    for name, content, what in (
        ("page.pdf", b"%PDF-1.7 ...", "is a PDF"),
        ("page.docx", b"PK\x03\x04...", "is a zip or office file"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(PageError, match=f"{name} {what}"):
            read_page(path)


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "none.html", tmp_path, str(tmp_path / "a\x00b")):
        with pytest.raises(PageError, match="cannot be read"):
            read_page(path)
