"""The second count: how many works a stretch of text holds, by other signs than the readers go by.

What a reader swallows it cannot report. So every stretch that a reader took for
one record, or for none, is counted once more by a sign that each work bears and
the reader does not cut by: the line with its title, the mark that ends it, the
line of a table outside quotation marks, the object that stands in no other.
Nothing here is shared with the readers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

Count = Callable[[str], list[int]]
"""Gives the places in a text of which each speaks for a work of its own."""

_BLOCK = re.compile(r"\S[^\n]*(?:\n[ \t]*\S[^\n]*)*")
_DASHED = re.compile(r"^[ \t]*(TI|T1)[ \t]{1,4}-[ \t]*\S", re.MULTILINE)
_OTHER_DASHED = re.compile(r"^[ \t]*(?!TI|T1)[A-Z][A-Z0-9]{1,3}[ \t]{0,4}-[ \t]*\S", re.MULTILINE)
_SPACED = re.compile(r"^(TI|T1) (?!-)\S", re.MULTILINE)
_OTHER_SPACED = re.compile(r"^(?:AU|AF|SO|PY|PT|RT|A1|JF|YR) \S", re.MULTILINE)
_PERCENT = re.compile(r"^(%T) \S", re.MULTILINE)
_OTHER_PERCENT = re.compile(r"^%[0ADJBIP] \S", re.MULTILINE)
_COLON = re.compile(r"^(TI): \S", re.MULTILINE)
_OTHER_COLON = re.compile(r"^(?:ID|AU|SO|YR|AB): \S", re.MULTILINE)
_LABELLED = re.compile(r"^(Title)[ \t]*\n {2}\S", re.MULTILINE)
_OTHER_LABELLED = re.compile(r"^[A-Z][A-Za-z ]{3,40}\n {2}\S", re.MULTILINE)
_LINED = ((_DASHED, _OTHER_DASHED), (_SPACED, _OTHER_SPACED), (_PERCENT, _OTHER_PERCENT),
          (_COLON, _OTHER_COLON), (_LABELLED, _OTHER_LABELLED))  # fmt: skip
_ENDS = re.compile(r"^ER(?:[ \t]{1,2}-?)?[ \t]*$", re.MULTILINE)
_ENTRY_TITLE = re.compile(r"(?:^[ \t,]*|[,{][ \t]*)title[ \t]*=[ \t]*[\"{]",
                          re.IGNORECASE | re.MULTILINE)  # fmt: skip
_AT = re.compile(r"@[ \t]*\w")
_ONE_EACH = (
    re.compile(r"<titles[\s>]"),
    re.compile(r"<rec-number[\s>]"),
    re.compile(r"<ArticleTitle[\s>]"),
    re.compile(r"<BookDocument[\s>]"),
    re.compile(r"<MedlineCitation[\s>]"),
)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)
_INNERMOST = re.compile(r"\{[^{}]*\}")
_DEEPEST = 60
_BRACE_OR_STRING = re.compile(rf"{_STRING.pattern}|[{{}}]", re.DOTALL)

_HINT = re.compile(
    r"(?:TI|T1|TY|AU|A1) {1,2}- |\bPMID- ?\d|%[TA] |^[ \t]*title\s?[=:]|[{,][ \t]*title\s?=|"
    r"<titles?>|<ArticleTitle|\"title\"\s{0,9}:[^{}]{0,999}\"(?:type|itemType|author|DOI)\"",
    re.IGNORECASE | re.MULTILINE,
)


def hints_at_a_work(text: str) -> bool:
    """Whether a text that was taken for none holds a piece of a record after all."""
    return bool(_HINT.search(text))


def titles(text: str) -> list[int]:
    r"""Give the lines that bear the title of a work, in tagged formats and in BibTeX.

    Examples
    --------
    >>> len(titles("TI  - Trust\nAU  - Doe\n\nTI  - Time\nAU  - Li\n"))
    2
    >>> len(titles("@book{a, title={A}}\n@book{b,\n title = {B}}"))
    2
    """
    return sorted((*_lined(text), *_entries(text)))


def tagged(text: str) -> list[int]:
    """Give the titles of tagged records, or what starts behind their last lines if that is more.

    Examples
    --------
    >>> tagged("TY  - BOOK\\nAU  - Doe\\nER  - \\nTY  - BOOK\\nER  - \\n")
    [0, 27]
    """
    ends = [found.end() for found in _ENDS.finditer(text)]
    return max(titles(text), [0, *ends[:-1]] if len(ends) > 1 else [], key=len)


def elements(text: str) -> list[int]:
    """Give the elements of XML of which a work has one.

    Examples
    --------
    >>> elements("<record><titles/></record><record><titles/></record>")
    []
    >>> elements("<record><titles></titles></record><record><titles></titles></record>")
    [8, 42]
    """
    return max(([m.start() for m in one.finditer(text)] for one in _ONE_EACH), key=len)


def objects(text: str) -> list[int]:
    """Give the objects of JSON that stand in no other.

    Examples
    --------
    >>> objects('{"a": {"b": "}{"}}, {"c": 1}')
    [0, 20]
    """
    bare = _STRING.sub("", text)
    for _ in range(_DEEPEST):
        bare, inner = _INNERMOST.subn("·", bare)
        if not inner:
            break
    if bare.count("·") < 2:
        return [0] * bare.count("·")
    depth, starts = 0, []
    for mark in _BRACE_OR_STRING.finditer(text):
        if mark[0] == "{":
            if not depth:
                starts.append(mark.start())
            depth += 1
        elif mark[0] == "}":
            depth -= 1
    return starts


def rows(text: str) -> list[int]:
    r"""Give the lines of a table before which quotation marks pair.

    Examples
    --------
    >>> rows('"Trust\nand time",2014\n'), rows('Trust,2014\nTime,2015')
    ([0], [0, 11])
    """
    starts, position, marks = [], 0, 0
    for line in text.split("\n"):
        if marks % 2 == 0 and line.strip(' ,;|\t"'):
            starts.append(position)
        marks += line.count('"')
        position += len(line) + 1
    return starts


def lines(text: str) -> list[int]:
    """Give the lines of a sheet, in which every row is a line."""
    return [found.start() for found in re.finditer(r"^.*\S", text, re.MULTILINE)]


def _lined(text: str) -> Iterator[int]:
    """Yield the title lines of tagged formats; TI before T1 where a block has both."""
    for of_title, others in _LINED:
        if not of_title.search(text):
            continue
        for block in _BLOCK.finditer(text):
            found = list(of_title.finditer(block[0]))
            if not found or not others.search(block[0]):
                continue
            tag = "TI" if any(m[1] == "TI" for m in found) else found[0][1]
            yield from (block.start() + place for place in _apart(block[0], found, tag))


def _apart(block: str, found: Iterable[re.Match[str]], tag: str) -> Iterator[int]:
    """Yield the lines with this tag that do not follow one another: those are one title."""
    end = 0
    for title in (m for m in found if m[1] == tag):
        if not end or block[end : title.start()].strip():
            yield title.start()
        end = block.find("\n", title.start())
        end = len(block) if end < 0 else end


def _entries(text: str) -> Iterator[int]:
    """Yield the titles of BibTeX entries: one behind each at sign."""
    last = -1
    for found in _ENTRY_TITLE.finditer(text):
        if last < 0 or _AT.search(text, last, found.start()):
            yield found.start()
        last = found.end()
