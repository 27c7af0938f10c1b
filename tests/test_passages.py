"""A page is compared with its outline: edits are reported, and nothing else is."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from relnotes import Collection, open_collection
from relnotes.evidence.schema import house_schema
from relnotes.evidence.wording import normalise
from relnotes.page.outline import outline
from relnotes.page.passages import (
    Quotation,
    Verification,
    describe,
    quotations,
    verify,
    verify_page,
)
from relnotes.page.source import Block, Page, PageError, read_page

PAGES = Path(__file__).parent / "pages"
TEXT = (PAGES / "allotments.txt").read_text(encoding="utf-8")
HTML = (PAGES / "allotments.html").read_text(encoding="utf-8")
SECTIONS = {
    "intro": "Shared allotments",
    "gain": "What members gain",
    "begin": "How clubs begin",
    "references": "Key references",
}
OUTLINE = outline(read_page(TEXT.encode()), SECTIONS)


def verified(text: str) -> Verification:
    return verify(read_page(text.encode()), OUTLINE)


def differences(verification: Verification) -> set[tuple[str, str]]:
    """Every report of a verification, as what happened and at which passage."""
    states = {(p.state, p.passage_id) for p in verification.passages if p.state != "unchanged"}
    return states | {("new", n.after) for n in verification.new}


def edited(text: str, *edits: tuple[str, str]) -> str:
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    return text


# Each: what is replaced, by what, and what is to be reported.
EDITS: dict[str, tuple[str, str, set[tuple[str, str]]]] = {
    "a word replaced": ("members eat more", "members grow more", {("changed", "gain.1")}),
    "a comma": ("the best\n\nclubs leave one bed", "the best,\n\nclubs leave one bed",
                {("changed", "gain.6")}),
    "a sentence added within": ("Members have reported", "It is so. Members have reported",
                                {("changed", "gain.1")}),
    "a sentence added at the end": ("every week.", "every week. It is so.",
                                    {("changed", "gain.1")}),
    "a sentence added at the beginning": ("Benefits for members:", "So. Benefits for members:",
                                          {("changed", "gain.1")}),
    "a sentence deleted": ("Each plot is different, and we should not copy plans.", "",
                           {("changed", "gain.6")}),
    "a paragraph deleted": ("It is the only hour of the week when nobody wants anything "
                            "from me.\n\n", "", {("missing", "gain.3")}),
    "a heading deleted": ("How clubs begin\n\n", "", {("missing", "begin.0")}),
    "the first heading deleted": ("Shared allotments\n\n", "", {("missing", "intro.0")}),
    "the last reference deleted": ("Dunn, S. (2019). ‘Water and light: what we know from four "
                                   "summers’, Garden Studies, 17(3), pp. 43 – 48\n", "",
                                   {("missing", "references.3")}),
    "a bullet deleted": ("  • writing down who has the key\n", "", {("missing", "begin.4")}),
    "a bullet added": ("  • writing down", "  • laughing together\n  • writing down",
                       {("new", "begin.3")}),
    "a bullet added at the end": ("newcomers.\n", "newcomers.\n  • laughing together\n",
                                  {("new", "begin.5")}),
    "a bullet reworded": ("  • asking the neighbours first", "  • ask those next door first",
                          {("changed", "begin.2")}),
    "two bullets swapped": ("  • finding water, and someone who will pay for it\n"
                            "  • writing down who has the key\n",
                            "  • writing down who has the key\n"
                            "  • finding water, and someone who will pay for it\n",
                            {("moved", "begin.4")}),
    "a year mended": ("summers’, Garden", "summers’ [sic], Garden", {("changed", "references.3")}),
    "a page range mended": ("120-125", "120-126", {("changed", "references.2")}),
    "a paragraph inserted": ("How clubs begin\n", "Clubs differ.\n\nHow clubs begin\n",
                             {("new", "gain.6")}),
    "a paragraph inserted under a heading": ("What members gain\n",
                                             "What members gain\n\nA good deal.\n",
                                             {("new", "gain.0")}),
    "a paragraph inserted after the title": ("Shared allotments\n",
                                             "Shared allotments\n\nAn introduction.\n",
                                             {("new", "intro.0")}),
    "a reference added at the end": ("43 – 48\n",
                                     "43 – 48\n\nEvans, T. (2020). Peas. Leeds: Spade.\n",
                                     {("new", "references.3")}),
    "a caption changed": ("Seven tools every", "Six tools each", {("changed", "gain.4")}),
    "the title changed": ("Shared allotments\n", "Sharing allotments\n", {("changed", "intro.0")}),
    "a heading changed": ("How clubs begin", "How clubs are begun", {("changed", "begin.0")}),
    "a case changed": ("Seven tools every", "Seven Tools every", {("changed", "gain.4")}),
    "a word set at the end of the last passage": ("43 – 48\n", "43 – 48 again\n",
                                                  {("changed", "references.3")}),
    "a dash of another length": ("grown – and", "grown — and", set()),
    "another quotation mark": ("‘water, light and patience’", '"water, light and patience"', set()),
    "a hyphen of another kind, closed up": ("day- to-day", "day‑to‑day", set()),
    "a space that does not break": ("The tools can", "The\u00a0tools\u2009can", set()),
    "a soft hyphen": ("neighbours have", "neigh\u00adbours have", set()),
    "paragraphs joined": ("anything from me.\n\nSeven", "anything from me. Seven", set()),
    "a paragraph parted": ("every week.", "every\n\nweek.", set()),
    "another bullet sign": ("  • asking", "  ▪ asking", set()),
    "furniture changed": ("You can turn them off.", "You may refuse. It is your choice.", set()),
    "a footer changed": ("Help us improve this site", "Tell us what you think of this site", set()),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_one_edit_is_reported_and_nothing_else(name: str) -> None:
    old, new, expected = EDITS[name]
    assert differences(verified(edited(TEXT, (old, new)))) == expected


def test_ten_edits_at_once_are_reported_and_nothing_else() -> None:
    names = [
        "a word replaced",
        "a comma",
        "a paragraph deleted",
        "two bullets swapped",
        "a bullet added at the end",
        "a page range mended",
        "a dash of another length",
        "a paragraph inserted after the title",
        "a caption changed",
        "a reference added at the end",
    ]
    text = edited(TEXT, *(EDITS[name][:2] for name in names))
    assert differences(verified(text)) == set().union(*(EDITS[name][2] for name in names))


def test_the_page_itself_stands() -> None:
    assert describe(verified(TEXT)) == (
        "23 passages: 23 unchanged. No new text. No wordings quoted."
    )


def test_saved_html_stands_whatever_its_paragraphs() -> None:
    assert verify(read_page(HTML.encode()), OUTLINE).unchanged


def test_edits_of_saved_html_are_reported() -> None:
    html = edited(
        HTML,
        ("eat more vegetables", "eat more fruit"),
        ("<li>writing down who has the key</li>", ""),
        ('alt="A picture of a shed', 'alt="A drawing of a shed'),
        ("<h2>How clubs begin</h2>", "<p>Clubs differ.</p><h2>How clubs begin</h2>"),
        ("Help us improve this site", "Rate this site"),
    )
    assert differences(verify(read_page(html.encode()), OUTLINE)) == {
        ("changed", "gain.1"),
        ("missing", "begin.4"),
        ("changed", "gain.5"),
        ("new", "gain.6"),
    }


def test_text_on_one_line_stands() -> None:
    assert verified(" ".join(TEXT.split())).unchanged


def test_text_broken_into_short_lines_stands() -> None:
    lines = re.sub(r"(?<=\S) (?=\S)", "\n", TEXT)
    assert verified(lines).unchanged


def test_a_change_says_which_sentence_differs_and_what_stands_now() -> None:
    (changed,) = (
        p
        for p in verified(edited(TEXT, ("half of the members", "most members"))).passages
        if p.state != "unchanged"
    )
    assert changed.lost == (3,)
    assert changed.new == ("In one club, most members came every week.",)
    assert (changed.words_before, changed.words_now) == (36, 34)


def test_sentences_in_another_order_are_said_to_be_so() -> None:
    one = "Every club ends some day."
    two = "The tools can then be given to the next one."
    said = describe(verified(edited(TEXT, (f"{one} {two}", f"{two} {one}"))))
    assert "begin.7 changed (15 words, now 15): the same sentences in another order" in said


def test_a_passage_moved_to_another_section_says_where_it_stands() -> None:
    quote = "It is the only hour of the week when nobody wants anything from me.\n\n"
    text = edited(TEXT, (quote, ""), ("Every club ends", f"{quote}Every club ends"))
    assert describe(verified(text)).startswith("gain.3 moved: it now stands after begin.6\n")


def test_a_passage_printed_twice_is_new_once() -> None:
    caption = "Seven tools every club needs (Garden Union, 2019)\n\n"
    result = verified(edited(TEXT, (caption, caption * 2)))
    assert {p.state for p in result.passages} == {"unchanged"}
    assert [n.text for n in result.new] == [caption.strip()]


def test_of_two_alike_passages_the_one_that_went_is_missing() -> None:
    before = read_page(b"<h1>A</h1><p>One more.</p><h2>B</h2><p>Read on.</p>"
                       b"<h2>C</h2><p>Read on.</p><p>The end.</p>")  # fmt: skip
    now = read_page(b"<h1>A</h1><p>One more.</p><h2>B</h2><h2>C</h2><p>Read on.</p><p>The end.</p>")
    assert differences(verify(now, outline(before))) == {("missing", "b.1")}


def test_a_passage_whose_anchor_was_mistyped_is_still_found() -> None:
    mistyped = OUTLINE.assign(
        anchor=OUTLINE["anchor"].where(OUTLINE["passage_id"] != "gain.2", "Profits for the street")
    )
    assert verify(read_page(TEXT.encode()), mistyped).unchanged


def test_the_outline_may_come_in_any_order() -> None:
    by_name = OUTLINE.sort_values("passage_id")
    assert verify(read_page(TEXT.encode()), by_name).unchanged
    deleted = TEXT.replace("How clubs begin\n\n", "")
    assert differences(verify(read_page(deleted.encode()), by_name)) == {("missing", "begin.0")}


def test_another_page_is_said_to_be_another() -> None:
    said = describe(verified("A recipe\n\nBoil the peas. Serve them warm.\n"))
    assert said.splitlines() == [
        "None of the passages stands on this page: is it the right page?",
        "23 passages: 23 missing. No new text. No wordings quoted.",
    ]


# What is quoted


def standing(text: str, *quoted: Quotation) -> list[str]:
    states = verify(read_page(text.encode()), OUTLINE, quoted).quotations
    return [state.standing for state in states]


def test_a_wording_stands_only_in_the_passage_it_is_quoted_from() -> None:
    right = Quotation("elements", "club-01", "wording", "water, light", ("begin.6",))
    wrong = Quotation("elements", "club-01", "wording", "water, light", ("begin.7",))
    either = Quotation("elements", "club-01", "wording", "Water, light", ("begin.7", "begin.6"))
    other = Quotation("elements", "club-01", "wording", "soil", ("begin.6",), other_source=True)
    assert standing(TEXT, right, wrong, either, other) == ["stands", "gone", "stands", "elsewhere"]


def test_a_wording_is_looked_for_in_the_changed_passage() -> None:
    quoted = Quotation("elements", "club-01", "wording", "light and patience", ("begin.6",))
    assert standing(edited(TEXT, ("its three needs", "its needs")), quoted) == ["stands"]
    assert standing(edited(TEXT, ("light and patience", "light")), quoted) == ["gone"]
    assert standing(edited(TEXT, ("every week.", "each week.")), quoted) == ["stands"]


def test_a_misprint_is_looked_for_to_the_letter() -> None:
    spaced = Quotation(
        "corrections", "dunn-2019/pages", "expect", "43 – 48", ("references.3",), to_the_letter=True
    )
    broken = Quotation(
        "corrections", "club-nd/title", "expect", "co- operative", ("begin.6",), to_the_letter=True
    )
    assert standing(TEXT, spaced, broken) == ["stands", "stands"]
    mended = edited(TEXT, ("43 – 48", "43–48"), ("co- operative", "co-operative"))
    assert standing(mended, spaced, broken) == ["gone", "gone"]
    said = describe(verify(read_page(mended.encode()), OUTLINE, [broken]))
    assert "‘co- operative’ no longer stands in begin.6; if the page was mended, retire" in said


def collection(**tables: list[dict[str, str]]) -> Collection:
    return Collection.of(
        {"passages": OUTLINE} | {name: pd.DataFrame(rows) for name, rows in tables.items()},
        schema=replace(house_schema(), page="club-nd"),
    )


def test_what_a_collection_quotes_is_gathered_from_its_tables() -> None:
    made = collection(
        elements=[
            {"element_id": "club-01", "wording": "water", "source": "club-nd[begin.6]"},
            {
                "element_id": "club-02",
                "wording": "soil",
                "source": "club-nd[begin.6];dunn-2019[p. 1]",
            },
            {"element_id": "club-03", "wording": "sun", "source": "dunn-2019[p. 2]"},
        ],
        claims=[
            {"claim_id": "c001", "strength": "there is some evidence", "source": "club-nd[gain.1]"},
            {"claim_id": "c002", "strength": "not_reported", "source": "club-nd[gain.1]"},
        ],
        corrections=[
            {
                "key": "dunn-2019",
                "field": "pages",
                "expect": "43 – 48",
                "passage_id": "references.3",
            }
        ],
    )
    gathered = [q for q in quotations(made) if q.table != "passages"]
    assert [(q.row, q.wording, q.passages, q.other_source, q.to_the_letter) for q in gathered] == [
        ("club-01", "water", ("begin.6",), False, False),
        ("club-02", "soil", ("begin.6",), True, False),
        ("c001", "there is some evidence", ("gain.1",), False, False),
        ("dunn-2019/pages", "43 – 48", ("references.3",), False, True),
    ]
    assert [q.wording for q in quotations(made) if q.table == "passages"] == list(OUTLINE["anchor"])


def test_a_collection_without_an_outline_says_so(tmp_path: Path) -> None:
    with pytest.raises(PageError, match="outlines no source page"):
        verify_page(Collection.of({}), tmp_path / "page.html")


def test_the_frame_has_a_row_for_each_report() -> None:
    quoted = Quotation("elements", "club-01", "wording", "soil", ("begin.6",))
    text = edited(TEXT, ("  • writing down", "  • laughing\n  • writing down"))
    frame = verify(read_page(text.encode()), OUTLINE, [quoted]).frame()
    assert frame["state"].value_counts().to_dict() == {"unchanged": 23, "new": 1, "gone": 1}
    assert frame.loc[frame["state"] == "new", "id"].tolist() == ["begin.3"]


# Any page

WORDS = st.text("abcdeé", min_size=1, max_size=3)
SENTENCES = st.lists(WORDS, min_size=1, max_size=8).map(lambda ws: " ".join(ws).capitalize() + ".")
PARAGRAPHS = st.lists(SENTENCES, min_size=1, max_size=3).map(" ".join)


@st.composite
def pages(draw: Callable[..., list[str]]) -> Page:
    title = Block(draw(WORDS), "heading", 1)
    kinds = st.sampled_from(["paragraph", "bullet", "caption"])
    texts = draw(st.lists(st.tuples(PARAGRAPHS, kinds), min_size=1, max_size=8))
    return Page((title, *(Block(text, kind) for text, kind in texts)), "html")


@given(pages())
def test_any_page_stands_against_its_own_outline(page: Page) -> None:
    assert verify(page, outline(page)).unchanged


@given(pages(), st.data())
def test_any_change_of_one_word_is_reported(page: Page, data: st.DataObject) -> None:
    blocks = list(page.blocks)
    at = data.draw(st.integers(0, len(blocks) - 1))
    words = blocks[at].text.split()
    place = data.draw(st.integers(0, len(words) - 1))
    change = data.draw(st.sampled_from(["replaced", "deleted", "inserted"]))
    word = data.draw(WORDS)
    now = [*words[:place], *([] if change == "deleted" else [word]),
           *words[place + (change != "inserted"):]]  # fmt: skip
    blocks[at] = Block(" ".join(now), blocks[at].kind, blocks[at].level)
    changed = Page(tuple(b for b in blocks if b.text), "html")
    before = " ".join(normalise(b.text) for b in page.blocks)
    assume(before != " ".join(normalise(b.text) for b in changed.blocks))
    assert not verify(changed, outline(page)).unchanged


# The page that the collection of this repository rests on


def source_page() -> Path:
    named = os.environ.get("RELNOTES_PAGE")
    beside = sorted((Path(__file__).parents[2] / "shared" / "source").glob("*.txt"))
    if not named and not beside:
        pytest.skip("the text of the source page is not kept here: name it in RELNOTES_PAGE")
    return Path(named) if named else beside[0]


def test_the_source_page_stands_and_all_that_is_quoted_from_it() -> None:
    result = verify_page(open_collection(Path(__file__).parents[1]), source_page())
    assert result.unchanged, str(result)


def test_ten_edits_of_the_source_page_are_reported_and_nothing_else() -> None:
    passages = open_collection(Path(__file__).parents[1]).passages
    text = source_page().read_text(encoding="utf-8")
    last = text.rstrip().splitlines()[-1]
    text = edited(
        text,
        ("increased job satisfaction", "greater job satisfaction"),
        ("respected, valued, and empowered", "respected, valued and empowered"),
        ("lives and that changing", "lives. It matters. And that changing"),
        ("  • had a belief in them\n", ""),
        ("a base layer of creating safety", "a first layer of creating safety"),
        ("(2012). ‘The importance", "(2004). ‘The importance"),
        ("hard work – there", "hard work — there"),
        ("Victims: many", "Others matter too.\n\nVictims: many"),
        ("Two sets of practitioner skills", "Two families of skills"),
        (last, f"{last}\n\nWigzell, A. (2024). A new work. Bristol: Policy Press."),
    )
    assert differences(verify(read_page(text.encode()), passages)) == {
        ("changed", "benefits.3"),
        ("changed", "benefits.2"),
        ("changed", "probation.6"),
        ("missing", "youth.8"),
        ("changed", "youth.14"),
        ("changed", "references.6"),
        ("new", "groups.6"),
        ("changed", "probation.3"),
        ("new", "references.17"),
    }
