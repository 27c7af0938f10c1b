"""Whether a page still says what it said, passage by passage.

The collection does not keep the text of its source page, only an outline with
fingerprints. A saved page is therefore compared as one stream of words,
whatever its paragraphs: a passage stands unchanged where as many words as it
has bear its fingerprint.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pandas as pd

from relnotes.evidence.faults import shortened
from relnotes.evidence.sentences import counted
from relnotes.evidence.sources import parse_sources
from relnotes.evidence.wording import as_printed, stands_in
from relnotes.page.alignment import Alignment
from relnotes.page.outline import fingerprint, sentence_fingerprints, sentences
from relnotes.page.source import Page, PageError, read_page

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

State = Literal["unchanged", "changed", "moved", "missing"]
Standing = Literal["stands", "elsewhere", "gone"]


@dataclass(frozen=True, slots=True)
class PassageState:
    """How one passage stands on the page.

    Attributes
    ----------
    passage_id : str
        The passage.
    state : {"unchanged", "changed", "moved", "missing"}
        A moved passage stands word for word at another place.
    words_before, words_now : int
        Its number of words when it was outlined, and on the page.
    lost : tuple of int
        Numbers of its sentences, counted from 1, that the page no longer has.
    new : tuple of str
        Sentences of the page that stand in their place.
    after : str
        The passage it now follows, when it has moved; empty at the beginning.
    """

    passage_id: str
    state: State
    words_before: int
    words_now: int
    lost: tuple[int, ...] = ()
    new: tuple[str, ...] = ()
    after: str = ""

    def sentence(self) -> str:
        """Say in words what has become of the passage.

        Examples
        --------
        >>> PassageState("benefits.3", "changed", 63, 64, (2,), ("For some it does.",)).sentence()
        'benefits.3 changed (63 words, now 64): sentence 2 differs; new: ‘For some it does.’'
        """
        if self.state == "changed":
            words = f"{counted(self.words_before, 'word')}, now {self.words_now}"
            parts = []
            if self.lost:
                numbers = ", ".join(map(str, self.lost))
                parts.append(
                    f"sentence {numbers} differs"
                    if len(self.lost) == 1
                    else f"sentences {numbers} differ"
                )
            if self.new:
                parts.append("new: " + " ".join(f"‘{shortened(s, 400)}’" for s in self.new))
            detail = "; ".join(parts) or "the same sentences in another order"
            return f"{self.passage_id} changed ({words}): {detail}"
        if self.state == "moved":
            place = f"after {self.after}" if self.after else "before all other passages"
            return f"{self.passage_id} moved: it now stands {place}"
        return f"{self.passage_id} {self.state} ({counted(self.words_before, 'word')})"


@dataclass(frozen=True, slots=True)
class NewText:
    """Text inside the page that belongs to no passage, and the passage it follows."""

    after: str
    text: str

    def sentence(self) -> str:
        """Say in words where the text stands and what it says.

        Examples
        --------
        >>> NewText("youth.5", "laughing together").sentence()
        'new after youth.5 (2 words): ‘laughing together’'
        """
        where = f"after {self.after}" if self.after else "before all passages"
        words = counted(len(self.text.split()), "word")
        return f"new {where} ({words}): ‘{shortened(self.text, 400)}’"


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words that a row of the collection quotes from the page.

    Attributes
    ----------
    table, row, column : str
        The cell that quotes them.
    wording : str
        The words.
    passages : tuple of str
        Ids of the passages; it is enough that the words stand in one of them.
    other_source : bool
        Whether the row names another source too, so that the words may stand there.
    to_the_letter : bool
        Whether hyphens, dashes and spaces count, as they do for a misprint.
    """

    table: str
    row: str
    column: str
    wording: str
    passages: tuple[str, ...]
    other_source: bool = False
    to_the_letter: bool = False


@dataclass(frozen=True, slots=True)
class QuotationState:
    """Whether quoted words stand where the row says; elsewhere: another source is named."""

    quotation: Quotation
    standing: Standing

    def sentence(self) -> str:
        """Say in words whether the quoted words stand.

        Examples
        --------
        >>> expected = Quotation("corrections", "doe-2001/year", "expect", "(2011)", ("notes.1",))
        >>> QuotationState(expected, "gone").sentence()
        'corrections doe-2001/year: ‘(2011)’ no longer stands in notes.1; \
if the page was mended, retire this correction'
        """
        q = self.quotation
        where = " or ".join(q.passages)
        words = f"{q.table} {q.row}: ‘{shortened(q.wording)}’"
        if self.standing == "stands":
            return f"{words} stands in {where}"
        if self.standing == "elsewhere":
            return f"{words} does not stand in {where}; the row names another source too"
        if q.table == "corrections":
            return (
                f"{words} no longer stands in {where}; "
                "if the page was mended, retire this correction"
            )
        return f"{words} does not stand in {where}"


@dataclass(frozen=True, slots=True)
class Verification:
    """What has become of the passages of a page and of what is quoted from it."""

    passages: tuple[PassageState, ...]
    new: tuple[NewText, ...]
    quotations: tuple[QuotationState, ...]

    @property
    def unchanged(self) -> bool:
        """Whether every passage and every quotation stands, and nothing is new."""
        return (
            not self.new
            and all(p.state == "unchanged" for p in self.passages)
            and all(q.standing != "gone" for q in self.quotations)
        )

    def frame(self) -> pd.DataFrame:
        """Return one row for each passage, new text and quotation.

        Returns
        -------
        DataFrame
            ``table`` (passages, page for new text, or the quoting table),
            ``id``, ``state``, ``words_before``, ``words_now``, ``detail``.
        """
        rows: list[tuple[str, str, str, int | None, int | None, str]] = [
            ("passages", p.passage_id, p.state, p.words_before, p.words_now, p.sentence())
            for p in self.passages
        ]
        rows += [
            ("page", n.after, "new", None, len(n.text.split()), n.sentence()) for n in self.new
        ]
        rows += [
            (q.quotation.table, q.quotation.row, q.standing, None, None, q.sentence())
            for q in self.quotations
        ]
        columns = ["table", "id", "state", "words_before", "words_now", "detail"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({"words_before": "Int64", "words_now": "Int64"})

    def __str__(self) -> str:
        return describe(self)


def describe(verification: Verification) -> str:
    """Say in plain words what has changed.

    Parameters
    ----------
    verification : Verification
        The result of `verify`.

    Returns
    -------
    str
        A line for each difference and a summary.

    Examples
    --------
    >>> print(describe(Verification((PassageState("hope.1", "missing", 7, 0),), (), ())))
    hope.1 missing (7 words)
    1 passage: 1 missing. No new text. No wordings quoted.
    """
    lines = [p.sentence() for p in verification.passages if p.state != "unchanged"]
    lines += [n.sentence() for n in verification.new]
    lines += [q.sentence() for q in verification.quotations if q.standing == "gone"]
    states: Counter[str] = Counter(p.state for p in verification.passages)
    if verification.passages and states["missing"] == len(verification.passages) > 1:
        lines = ["None of the passages stands on this page: is it the right page?"]
    passages = counted(len(verification.passages), "passage")
    found = ", ".join(
        f"{states[s]} {s}" for s in ("unchanged", "changed", "moved", "missing") if states[s]
    )
    new = f"{counted(len(verification.new), 'new text')}." if verification.new else "No new text."
    standing: Counter[str] = Counter(q.standing for q in verification.quotations)
    quoted = "No wordings quoted."
    if verification.quotations:
        quoted = f"{counted(len(verification.quotations), 'quoted wording')}: " + ", ".join(
            f"{standing[s]} {words}"
            for s, words in (
                ("stands", "found in place"),
                ("elsewhere", "quoted from another source that the row names"),
                ("gone", "not found"),
            )
            if standing[s]
        )
        quoted += "."
    return "\n".join([*lines, f"{passages}: {found or 'none'}. {new} {quoted}"])


def verify_page(collection: Collection, path: Path) -> Verification:
    """Compare a saved page with the passages of a collection and all it quotes.

    Parameters
    ----------
    collection : Collection
        The collection; its passages outline the page.
    path : Path
        The page, as plain text or saved HTML.

    Returns
    -------
    Verification
        Passage by passage and wording by wording.

    Raises
    ------
    PageError
        If the file cannot be read as a page, or the collection outlines none.
    """
    if collection.passages.empty:
        raise PageError("This collection outlines no source page, so there is nothing to verify.")
    return verify(read_page(path), collection.passages, quotations(collection))


def quotations(collection: Collection) -> tuple[Quotation, ...]:
    """Return everything a collection quotes from its source page.

    Parameters
    ----------
    collection : Collection
        Quoted are the wordings of elements, the strength of claims, the
        anchors of passages and the words that corrections expect.

    Returns
    -------
    tuple of Quotation
        In the order of the tables.
    """
    known = set(collection.passages["passage_id"])
    outlined = collection.passages
    quoted = [
        Quotation("passages", passage, "anchor", anchor, (passage,))
        for passage, anchor in zip(outlined["passage_id"], outlined["anchor"], strict=True)
    ]
    for table, id_column, column in (
        ("elements", "element_id", "wording"),
        ("claims", "claim_id", "strength"),
    ):
        rows = collection.tables[table]
        no_words = collection.schema.table(table).empty_words
        for row, wording, cell in zip(rows[id_column], rows[column], rows["source"], strict=True):
            sources = parse_sources(cell)
            named = tuple(
                s.locator for s in sources if s.key == collection.page and s.locator in known
            )
            if named and wording not in no_words:
                other = any(s.key != collection.page for s in sources)
                quoted.append(Quotation(table, row, column, wording, named, other))
    columns = ("key", "field", "expect", "passage_id")
    quoted += [
        Quotation("corrections", f"{key}/{field}", "expect", expect, (passage,), to_the_letter=True)
        for key, field, expect, passage in zip(
            *(collection.corrections[c] for c in columns), strict=True
        )
    ]
    return tuple(quoted)


def verify(page: Page, passages: pd.DataFrame, quoted: Iterable[Quotation] = ()) -> Verification:
    """Compare a page with an outline.

    Passages are looked for by their first words, then at every place, in the
    stream of the page's words. Where one may stand at several places, the
    places are chosen that keep most of the page in its order. What then
    remains between two passages is held against the passages missing there:
    by their sentences, their first words, and their length. All other text
    between the first passage and the last is new; what stands before and after
    them is the furniture of the site, unless it shares a block with a passage
    or follows the last reference in the form of one more.

    The outline does not record in which order the sections stood, so a
    section moved as a whole does not count as moved.

    Parameters
    ----------
    page : Page
        The page as it is now.
    passages : DataFrame
        The outline, with the columns of the passages table.
    quoted : iterable of Quotation
        What to look for in the passages.

    Returns
    -------
    Verification
        The passages in the order of the page as it was outlined.

    Examples
    --------
    >>> from relnotes.page.outline import outline
    >>> before = read_page(b"<h1>Hope</h1><p>People change.</p><p>Hope helps them.</p>")
    >>> now = read_page(b"<h1>Hope</h1><p>People do change. Hope helps them.</p>")
    >>> print(verify(now, outline(before)))
    hope.1 changed (2 words, now 3): sentence 1 differs; new: ‘People do change.’
    3 passages: 2 unchanged, 1 changed. No new text. No wordings quoted.
    """
    alignment = Alignment(page, passages)
    return Verification(
        tuple(_state(alignment, number) for number in range(len(alignment.known))),
        tuple(
            NewText(alignment.passage_before(span.start), alignment.wording(span))
            for span in alignment.new
        ),
        _standings(alignment, tuple(quoted)),
    )


def _state(alignment: Alignment, number: int) -> PassageState:
    known, text = alignment.known[number], alignment.text(number)
    name, before = known.passage_id, known.words
    if not text:
        return PassageState(name, "missing", before, 0)
    if fingerprint(text) == known.fingerprint:
        if number not in alignment.moved:
            return PassageState(name, "unchanged", before, before)
        after = alignment.passage_before(alignment.spans[number][0].start)
        return PassageState(name, "moved", before, before, after=after)
    now, prints = sentences(text), sentence_fingerprints(text)
    lost = [i + 1 for i in _beyond(known.sentences, prints)]
    new = [now[i] for i in _beyond(prints, known.sentences)]
    return PassageState(name, "changed", before, len(text.split()), tuple(lost), tuple(new))


def _beyond(prints: Sequence[str], others: Sequence[str]) -> list[int]:
    """Return the places of the fingerprints that the others do not hold as often."""
    left = Counter(others)
    beyond = []
    for i, mark in enumerate(prints):
        if left[mark]:
            left[mark] -= 1
        else:
            beyond.append(i)
    return beyond


def _standings(alignment: Alignment, quoted: tuple[Quotation, ...]) -> tuple[QuotationState, ...]:
    number_of = {known.passage_id: number for number, known in enumerate(alignment.known)}

    def stands(quotation: Quotation, passage: str) -> bool:
        if passage not in number_of:
            return False
        number = number_of[passage]
        if quotation.to_the_letter:
            return as_printed(quotation.wording) in as_printed(alignment.printed(number))
        return stands_in(quotation.wording, alignment.text(number))

    states = []
    for quotation in quoted:
        standing: Standing = "elsewhere" if quotation.other_source else "gone"
        if any(stands(quotation, passage) for passage in quotation.passages):
            standing = "stands"
        states.append(QuotationState(quotation, standing))
    return tuple(states)
