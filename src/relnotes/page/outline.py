"""The outline of the source page: its passages, known by fingerprints instead of their text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

import pandas as pd

from relnotes.evidence.wording import comparable, normalise
from relnotes.page.source import Block, Page

COLUMNS = (
    "passage_id", "section", "kind", "number", "anchor", "words", "fingerprint", "sentences",
)  # fmt: skip
LONGEST_ANCHOR = 6
"""Words of a passage that are quoted to find it by."""

_SENTENCE_END = re.compile(r"""(?<=[.!?])(?<!\b[A-Z]\.)(['")\]]*) (?=['"(\[]*[A-Z0-9])""")
_ENDS_SENTENCE = re.compile(r"""[.!?:;]['")\]]*$""")
_YEAR_IN_BRACKETS = re.compile(r"\((?:\d{4}[a-z]?|n\.?d\.?|in press|forthcoming)\)", re.IGNORECASE)
_LISTS_REFERENCES = re.compile(
    r"\b(references|bibliography|works cited|literature)\b", re.IGNORECASE
)


def fingerprint(text: str) -> str:
    """Return the SHA-256 of the normalised text, as 64 hexadecimal digits.

    Examples
    --------
    >>> fingerprint("real co- production") == fingerprint("real  co‐production")
    True
    """
    return hashlib.sha256(normalise(text).encode()).hexdigest()


def sentences(text: str) -> tuple[str, ...]:
    """Split a text into normalised sentences.

    A sentence ends with a full stop, exclamation or question mark before a
    capital or a figure; an initial such as "K." does not end one.

    Examples
    --------
    >>> sentences("Bell, K. and Smerdon, H. wrote it. It reviews ‘deep value’. See p. 4")
    ('Bell, K. and Smerdon, H. wrote it.', "It reviews 'deep value'.", 'See p.', '4')
    """
    return tuple(_SENTENCE_END.sub(r"\1\n", normalise(text)).split("\n"))


def sentence_fingerprints(text: str) -> tuple[str, ...]:
    """Return the first twelve digits of each sentence's fingerprint."""
    return tuple(fingerprint(sentence)[:12] for sentence in sentences(text))


def outline(page: Page, sections: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Propose the passages of a page.

    A passage is a heading, paragraph, bullet, caption, alternative text or
    reference. What stands before the first section's heading is not part of
    the page, nor what follows the last dated entry of a list of references. A
    paragraph that a page break has cut in mid-sentence is one
    passage.

    What kind a passage is, plain text hardly shows: there, a run without a
    closing mark is proposed as a caption, and one that follows a colon as a
    quotation. Read the proposal against the page and mend it.

    Parameters
    ----------
    page : Page
        The page, from `relnotes.page.source.read_page`.
    sections : mapping of str to str, optional
        The short name of each section and its heading, in the order of the
        page. Needed for plain text, where a heading looks like a caption. By
        default the headings of the first two levels of a saved HTML page, from
        its first main heading on.

    Returns
    -------
    DataFrame
        The columns of the passages table, in the order of the page. ``words``
        counts what spaces part, so a dash with spaces round it counts.

    Raises
    ------
    ValueError
        If plain text comes without `sections`, or a heading is not on the page.

    Examples
    --------
    >>> from relnotes.page.source import read_page
    >>> page = read_page("<h1>Hope</h1><p>People change.</p><ul><li>slowly</li></ul>".encode())
    >>> outline(page)[["passage_id", "kind", "anchor", "words"]]
      passage_id       kind          anchor  words
    0     hope.0    heading            Hope      1
    1     hope.1  paragraph  People change.      2
    2     hope.2     bullet          slowly      1
    """
    starts = _section_starts(page, sections)
    rows: list[dict[str, str | int]] = []
    bounds = [*starts, len(page.blocks)]
    for (first, section), last in zip(starts.items(), bounds[1:], strict=True):
        heading = page.blocks[first]
        lists_references = _LISTS_REFERENCES.search(heading.text) is not None
        blocks = [Block(heading.text, "heading"), *_rejoined(page.blocks[first + 1 : last])]
        while lists_references and len(blocks) > 1 and not looks_like_reference(blocks[-1].text):
            blocks.pop()
        for number, block in enumerate(blocks):
            rows.append(
                {
                    "passage_id": f"{section}.{number}",
                    "section": section,
                    "kind": _proposed_kind(page, blocks, number, lists_references),
                    "number": number,
                    "anchor": _anchor(block.text),
                    "words": len(normalise(block.text).split()),
                    "fingerprint": fingerprint(block.text),
                    "sentences": ";".join(sentence_fingerprints(block.text)),
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _section_starts(page: Page, sections: Mapping[str, str] | None) -> dict[int, str]:
    """Return the place of each section's heading among the blocks, and its short name."""
    if sections is None:
        if page.form == "text":
            raise ValueError(
                "Plain text does not show which lines are headings: name the sections and "
                "their headings."
            )
        headings = [i for i, b in enumerate(page.blocks) if b.kind == "heading" and b.level <= 2]
        main = next((i for i in headings if page.blocks[i].level == 1), 0)
        headings = [i for i in headings if i >= main]
        return dict(zip(headings, _slugs(page, headings), strict=True))
    starts: dict[int, str] = {}
    texts = [comparable(block.text) for block in page.blocks]
    after = 0
    for section, heading in sections.items():
        there = (i for i, t in enumerate(texts) if i >= after and t == comparable(heading))
        found = next(there, None)
        if found is None:
            raise ValueError(f"No heading ‘{heading}’ stands on the page where it is expected.")
        starts[found] = section
        after = found + 1
    return starts


def _slugs(page: Page, headings: list[int]) -> list[str]:
    slugs: list[str] = []
    for i in headings:
        words = re.findall(r"[a-z0-9]+", comparable(page.blocks[i].text)) or ["section"]
        slug = wanted = "-".join(words[:LONGEST_ANCHOR])
        number = 2
        while slug in slugs:
            slug, number = f"{wanted}-{number}", number + 1
        slugs.append(slug)
    return slugs


def _rejoined(blocks: tuple[Block, ...]) -> list[Block]:
    """Join a paragraph that was cut in mid-sentence to its second half."""
    joined: list[Block] = []
    for block in blocks:
        before = joined[-1] if joined else None
        if before is not None and continues(before, block):
            joined[-1] = Block(f"{before.text} {block.text}", before.kind)
        else:
            joined.append(block)
    return joined


def continues(before: Block, block: Block) -> bool:
    """Say whether a paragraph is the second half of the sentence before it.

    Examples
    --------
    >>> continues(Block("the optimum"), Block("relationship can be challenging"))
    True
    >>> continues(Block("which includes:"), Block("trust"))
    False
    """
    return (
        before.kind == block.kind == "paragraph"
        and block.text[:1].islower()
        and _ENDS_SENTENCE.search(normalise(before.text)) is None
    )


def looks_like_reference(text: str) -> bool:
    """Say whether a text bears a year in brackets, as an entry of a list of references does.

    Examples
    --------
    >>> looks_like_reference("Bell, K. (2011). Deep value.")
    True
    >>> looks_like_reference("Share this page")
    False
    """
    return _YEAR_IN_BRACKETS.search(text) is not None


def _proposed_kind(page: Page, blocks: list[Block], number: int, lists_references: bool) -> str:
    block = blocks[number]
    if lists_references and block.kind == "paragraph":
        return "reference"
    if page.form == "html" or block.kind != "paragraph":
        return "reference" if lists_references and block.kind == "bullet" else block.kind
    if blocks[number - 1].text.endswith(":"):
        return "quotation"
    return "paragraph" if _ENDS_SENTENCE.search(normalise(block.text)) else "caption"


def _anchor(text: str) -> str:
    words = text.split()[:LONGEST_ANCHOR]
    return " ".join(words).rstrip(",;:") or text
