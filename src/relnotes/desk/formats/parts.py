"""Which formats a text holds: it is cut where a line plainly starts a record of another one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from relnotes.desk.formats.tables import columns_named, find_header

_CODE = r"[ \t]{0,4}[A-Za-z]{0,10}[ \t]*$"
_STARTS = re.compile(
    r"^(?:"
    rf"(?P<ris>[ \t]*(?:TY[ ]{{2}}-|(?i:TY)[ \t]{{0,4}}-{_CODE}))"
    r"|(?P<nbib>(?i:PMID)[ \t]?-[ \t]*\d|OWN[ \t]{0,2}-[ ])"
    r"|(?P<wos>PT [A-Z][ \t]*$|FN [A-Z][^\n]*\nVR )"
    r"|(?P<ovid>[ \t]?<\d{1,6}\.?[ \t]*>[ \t]*\n{1,3}[ \t]?(?!TY)[A-Z][A-Z0-9]{1,3}[ \t]{0,3}-"
    r"|VN  - Ovid)"
    r"|(?P<labelled><\d{1,6}\.?[ \t]*>[ \t]*\n{1,3}[A-Z][A-Za-z ]{1,40}\n {2}\S)"
    r"|(?P<cochrane>Record #\d{1,7} of \d{1,7}\nID: )"
    r"|(?P<refworks>RT [A-Z][^\n]*\n(?:SR|ID|A1|T1|A2|LA|AB|AD|AN) )"
    r"|(?P<refer>%0 [A-Z])"
    r"|(?P<bibtex>[ \t]*@[ \t]*[A-Za-z]\w{0,39}\s{0,9}[{(])"
    r"|(?P<xml>[ \t]*<(?:\?xml|!DOCTYPE|xml>|records>|record>|PubmedArticleSet|PubmedArticle>"
    r"|PubmedBookArticle>|rdf:RDF|modsCollection|mods[ >]|collection[ >]|doi_batch|resource[ >]))"
    r"|(?P<json>[ \t]*(?:(?:\[\s{0,99})?\{\s{0,99}\"[^\"\n]{0,200}\"\s{0,99}:|\[\s{0,99}\]))"
    r"|(?P<dashed>(?:TI|T1|AU|A1|FAU)[ \t]{1,4}-[ \t]+\S)|(?P<percent>%[TA] \S)"
    r"|(?P<table>[^\n]{0,3000}\b(?i:titles?|titel|titre|titulo|ti)\b[^\n]{0,3000}$)"
    r")",
    re.MULTILINE,
)
_UNANCHORED = re.compile(_STARTS.pattern.removeprefix("^"), re.MULTILINE)
_WEAK = {"dashed": ("ris", "nbib", "ovid"), "percent": ("refer",)}
"""Lines that start no record in the formats which have them, but do in any other."""

_VOTES = {
    "nbib": re.compile(r"^(?:FAU|JT|DP|OWN|STAT|LID|AID|MID|PT|MHDA)[ \t]{0,3}-", re.MULTILINE),
    "ovid": re.compile(r"^(?:VN|UI|LG|LK)[ \t]{1,3}-", re.MULTILINE),
    "ris": re.compile(r"^[A-Z][A-Z0-9][ \t]{1,3}-", re.MULTILINE),
    "refer": re.compile(r"^%[A-Z@] ", re.MULTILINE),
    "wos": re.compile(r"^(?:AU|AF|TI|SO|PY|UT) \S", re.MULTILINE),
    "refworks": re.compile(r"^(?:A1|T1|JF|YR|RT) \S", re.MULTILINE),
}
_TAG_LINE = {
    "dashed": re.compile(r"[A-Z][A-Z0-9]{1,3}[ \t]{0,4}-"),
    "percent": re.compile(r"%\S "),
}


class Cut(NamedTuple):
    """A stretch of a text in one format; "" where none is known, "table" with its columns."""

    format: str
    start: int
    end: int


def cuts(text: str, mapping: Mapping[str, str] | None = None) -> list[Cut]:
    r"""Cut a text into parts of one format each.

    Examples
    --------
    >>> text = "TY  - JOUR\nTI  - A\nER  - \n\n@book{a, title={B}}\nTitle,Year\nC,2000\n"
    >>> [cut.format for cut in cuts(text)]
    ['ris', 'bibtex', 'table of Title, Year']
    """
    lead = text[: len(text) - len(text.lstrip())]
    found: list[Cut] = []
    if text[len(lead) : len(lead) + 1] in ("{", "[", "<"):
        form = "xml" if text[len(lead)] == "<" else "json"
        if not re.match(r"<\d", text[len(lead) :]):
            found.append(Cut(form, 0, len(text)))
    for form, place in _starts(text, found[0].format if found else ""):
        if found:
            found[-1] = found[-1]._replace(end=place)
        found.append(Cut(form, place, len(text)))
    first = found[0].start if found else len(text)
    if text[:first].strip():
        found[:0] = _leading(text, first, found[0].format if found else "", mapping)
    return [cut for cut in _joined(found) if text[cut.start : cut.end].strip()]


def _joined(found: list[Cut]) -> Iterator[Cut]:
    """Join neighbours of one format, and what has none to the one behind it."""
    held: Cut | None = None
    for cut in found:
        if held is None:
            held = cut
        elif cut.format == held.format or not held.format:
            held = Cut(cut.format, held.start, cut.end)
        else:
            yield held
            held = cut
    if held is not None:
        yield held


def _starts(text: str, current: str) -> Iterator[tuple[str, int]]:
    """Yield where the format changes, and to which."""
    for found in sorted((*_STARTS.finditer(text), *_glued(text)), key=lambda found: found.start()):
        form = str(found.lastgroup)
        place = found.start()
        if form == current:
            continue
        if form in _WEAK:
            if not current or current in _WEAK[form]:
                continue
            place = _run_start(text, place, _TAG_LINE[form])
            form = _voted(text[place : place + 20_000])
            if not form or form == current:
                continue
        elif form == "table":
            inside = current in ("json", "xml") and found[0][0].isspace()
            inside = inside or found[0].startswith("ER  -")
            columns = "" if inside else columns_named(found[0])
            if not columns or columns == current or not _goes_on(text, found.end(), columns):
                continue
            form = columns
        elif (current, form) in _HELD and _HELD[current, form](text, place):
            continue
        current = form
        yield form, place


_COMMENT_OPENS = re.compile(r"@comment\s*\{[^{}]{0,200}\Z", re.IGNORECASE)


def _in_comment(text: str, place: int) -> bool:
    """Whether a comment of BibTeX has just been opened, as programs keep their settings in one."""
    return bool(_COMMENT_OPENS.search(text, max(0, place - 300), place))


def _goes_on(text: str, end: int, columns: str) -> bool:
    """Whether a line of cells follows one that names columns, as it does in no running text."""
    following = text[end : end + 5_000].lstrip("\n").partition("\n")[0]
    return not following or following.startswith('"') or any(
        mark in following for mark in ",;\t|" if mark in columns
    )  # fmt: skip


_GLUED = re.compile(
    r"(?:^ER {2}- ?|[}\]>])(?=TY {2}-|PMID- ?\d|PT [A-Z]\n|FN |%0 [A-Z]|@\w+\{|\[\{|\{\s*\"|<\?xml|"
    r"<xml|<\d+\.? ?>\n|RT [A-Z]|TI {2}-|[^\n{}<>\[\]]{0,300}\b(?i:title)\b[^\n{}<>\[\]]{0,300}$)",
    re.MULTILINE,
)
"""Where a file without a last line end was joined to another."""


def _glued(text: str) -> Iterator[re.Match[str]]:
    starts = (_UNANCHORED.match(text, glue.end()) for glue in _GLUED.finditer(text))
    return (found for found in starts if found)


def _in_record(text: str, place: int) -> bool:
    """Whether the lines around belong to a running record of RIS, which may hold a PMID too."""
    if len(_VOTES["nbib"].findall(text, place, place + 500)) > 1:
        return False
    before = text[text.rfind("\n", 0, max(place - 1, 0)) + 1 : place].strip()
    return bool(_TAG_LINE["dashed"].match(before)) and not before.startswith("ER")


def _in_string(text: str, place: int) -> bool:
    """Whether a place stands between quotation marks of its line."""
    line = text[max(text.rfind("\n", 0, place), place - 50_000) + 1 : place]
    return (line.count('"') - line.count('\\"')) % 2 == 1


_HELD = {("ris", "nbib"): _in_record, ("bibtex", "json"): _in_comment,
         ("json", "bibtex"): _in_string, ("json", "xml"): _in_string}  # fmt: skip
"""Where what looks like the start of another format may stand within one."""


def _run_start(text: str, place: int, tag: re.Pattern[str]) -> int:
    """Return where the run of tagged lines starts that a line belongs to."""
    while place > 0:
        before = text.rfind("\n", 0, place - 1) + 1
        if not tag.match(text, before):
            break
        place = before
    return place


def _voted(text: str) -> str:
    """Return the tagged format that most lines without a start speak for."""
    counts = {form: len(pattern.findall(text)) for form, pattern in _VOTES.items()}
    best = max(counts, key=lambda form: counts[form])
    if best == "ris" and counts["nbib"] * 3 > counts["ris"]:
        best = "nbib"
    return best if counts[best] > 1 or (counts[best] and best == "ris") else ""


def _leading(text: str, first: int, following: str, mapping: Mapping[str, str] | None) -> list[Cut]:
    """Tell what stands before the first plain start: a table, tagged lines, or a preamble."""
    lead = text[:first]
    form = _voted(lead)
    header = find_header(lead, mapping)
    if header is not None and (not form or mapping):
        return [Cut("table", 0, first)]
    if form in ("ris", "nbib", "ovid") and following in ("nbib", "ovid"):
        form = following
    return [Cut(form, 0, first)]
