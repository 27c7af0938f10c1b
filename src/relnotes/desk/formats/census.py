"""The second count: title-bearing lines, found without any of the readers and sharing no code.

What a reader swallows it cannot report. So works are counted once more by
another principle: every work of every format has one line that bears its
title, and two such lines in one record are two works.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Mark(NamedTuple):
    """A line that bears a title; `nested` where one work may rightly hold several."""

    place: int
    nested: bool


_BLOCK = re.compile(r"\S[^\n]*(?:\n[ \t]*\S[^\n]*)*")
_DASHED = re.compile(r"^[ \t]*(TI|T1)[ \t]{1,4}-[ \t]*\S", re.MULTILINE)
_OTHER_DASHED = re.compile(r"^[ \t]*(?!TI|T1)[A-Z][A-Z0-9]{1,3}[ \t]{0,4}-[ \t]*\S", re.MULTILINE)
_SPACED = re.compile(r"^(TI|T1) (?!-)\S", re.MULTILINE)
_OTHER_SPACED = re.compile(r"^(?:AU|AF|SO|PY|PT|RT|A1|JF|YR) \S", re.MULTILINE)
_PERCENT = re.compile(r"^(%T) \S", re.MULTILINE)
_OTHER_PERCENT = re.compile(r"^%[0ADJBIP] \S", re.MULTILINE)
_LINED = ((_DASHED, _OTHER_DASHED), (_SPACED, _OTHER_SPACED), (_PERCENT, _OTHER_PERCENT))
_ENTRY_TITLE = re.compile(r"(?:^[ \t,]*|[,{][ \t]*)title[ \t]*=[ \t]*[\"{]",
                          re.IGNORECASE | re.MULTILINE)  # fmt: skip
_AT = re.compile(r"@[ \t]*\w")
_NESTED = re.compile(r"\"title\"[ \t]*:[ \t\n]*[\"\[]|<titles>|<ArticleTitle[ >]")
_YEAR = re.compile(r"\W?(?:1[5-9]|20)\d\d\b")


def titles_in(text: str) -> list[Mark]:
    r"""Return the lines of a text that bear a work's title, in its order.

    Examples
    --------
    >>> len(titles_in("TI  - Trust\nAU  - Doe\n\nTI  - Time\nAU  - Li\n"))
    2
    >>> len(titles_in("@book{a, title={A}}\n@book{b,\n title = {B}}"))
    2
    >>> len(titles_in("Title,Year\nTrust,2014\nTime,2015\n"))
    2
    """
    marks = [*_lined(text), *_entries(text), *_rows(text)]
    marks += [Mark(found.start(), True) for found in _NESTED.finditer(text)]
    return sorted(set(marks))


_HINT = re.compile(r"(?:TI|T1|TY|AU|A1) {1,2}- |\bPMID- ?\d|%[TA] |\btitle\s?[=:]|\"title\"|"
                   r"<titles?>|<ArticleTitle", re.IGNORECASE)  # fmt: skip


def hints_at_a_work(text: str) -> bool:
    """Whether a text that was taken for none holds a piece of a record after all."""
    return bool(_HINT.search(text))


def _lined(text: str) -> Iterator[Mark]:
    """Yield the title lines of tagged formats; TI before T1 where a block has both."""
    for titles, others in _LINED:
        if not titles.search(text):
            continue
        for block in _BLOCK.finditer(text):
            found = list(titles.finditer(block[0]))
            if not found or not others.search(block[0]):
                continue
            tag = "TI" if any(m[1] == "TI" for m in found) else found[0][1]
            end = 0
            for title in (m for m in found if m[1] == tag):
                if not end or block[0][end : title.start()].strip():  # lines apart are two works
                    yield Mark(block.start() + title.start(), False)
                end = block[0].find("\n", title.start())
                end = len(block[0]) if end < 0 else end


def _entries(text: str) -> Iterator[Mark]:
    """Yield the titles of BibTeX entries: one behind each at sign."""
    last = -1
    for found in _ENTRY_TITLE.finditer(text):
        if last < 0 or _AT.search(text, last, found.start()):
            yield Mark(found.start(), False)
        last = found.end()


def _rows(text: str) -> Iterator[Mark]:
    """Yield the lines of a table that have every cell, and a year under the column for it."""
    position = width = year = 0
    delimiter = ""
    for line in text.split("\n"):
        if delimiter:
            cells = line.split(delimiter) if line.count(delimiter) == width - 1 else []
            if cells and _YEAR.match(cells[year].strip()):
                yield Mark(position, False)
        elif len(line) < 5_000 and "title" in line.lower():
            delimiter = max(",;\t|", key=line.count)
            names = [cell.strip(' "').lower() for cell in line.split(delimiter)]
            dated = [i for i, name in enumerate(names) if name in ("year", "pub year", "py",
                                                                   "publication year")]  # fmt: skip
            titled = any("title" in name and len(name) < 40 for name in names)
            if dated and titled:
                width, year = len(names), dated[0]
            else:
                delimiter = ""
        position += len(line) + 1
