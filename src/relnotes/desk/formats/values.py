"""Single values as exports write them: text, years, pages, identifiers."""

from __future__ import annotations

import datetime
import functools
import html
import re
from urllib.parse import unquote

NOT_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""Control characters, halves of characters and byte order marks: no part of any wording."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_DOI = re.compile(r"\b10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s\"<>]+")
_SICI = re.compile(r"\b10\.[0-9]{4,9}/\S*<\S+>\S+")
_ISBN = re.compile(r"(?<![0-9])(?:97[89][-\s–]?)?[0-9][0-9\s–-]{7,14}[0-9Xx](?![0-9])")
_ISSN = re.compile(r"(?<![0-9Xx-])([0-9]{4})[-–]?([0-9]{3}[0-9Xx])(?![0-9Xx-])")
_YEAR = re.compile(r"(?<![0-9])(1[4-9][0-9]{2}|20[0-9]{2}|2100)(?![0-9])")
_COMPACT_DATE = re.compile(r"(?<![0-9])((?:1[4-9]|20)[0-9]{2})(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])"
                           r"(?![0-9])")  # fmt: skip
_DASH = re.compile(r"\s*[-‐‑‒–—−]+\s*")
_PAGES = re.compile(r"\s*([A-Za-z]{0,4}\.?[0-9]+[A-Za-z]?|[ivxlcdm]+)"
                    r"\s*(?:[-‐‑‒–—−]+|\bto\b)\s*([A-Za-z]{0,4}\.?[0-9]+[A-Za-z]?|[ivxlcdm]+)\b",
                    re.IGNORECASE)  # fmt: skip

_NO_PAGE = re.compile(
    r"(?:no|n\.?/?p(?:ag)?\.?|no\.? pag\w*|not? specified|specified|unspecified|n/?a|null|none|"
    r"\d{4}-\d\d-\d\d|\d{1,2}-[A-Za-z]{3}|[A-Za-z]{3}-\d{1,2}|no pagination[\w\s]*)",
    re.IGNORECASE,
)
"""What stands where a page should: no pagination, or the date a spreadsheet made of it."""


def tidy(text: str) -> str:
    r"""Return text on one line, without control characters.

    Examples
    --------
    >>> tidy("  Trust \n\tand  time\x00 ")
    'Trust and time'
    """
    if not text:
        return ""
    if not text.isascii() or not text.isprintable():
        text = NOT_TEXT.sub(" ", text)
    return " ".join(text.split())


_MARKS = re.compile(
    r"</?(?:jats:|mml:)?(?:i|b|u|em|strong|italic|bold|sub|sup|span|sc|scp|small|tt|math|mrow|mi|mn|"
    r"mo|msub|msup|mtext|inline-formula|tex-math|styled-content|underline|ext-link|xref|a|font)"
    r"(?:\s[^<>]{0,300})?/?>",
    re.IGNORECASE,
)
_BLOCKS = re.compile(r"</?(?:jats:)?(?:p|br|sec|title|div|h\d|li|ul|ol|abstract|list|list-item)"
                     r"(?:\s[^<>]{0,300})?/?>", re.IGNORECASE)  # fmt: skip
_CDATA = re.compile(r"<!\[CDATA\[(.{0,5000}?)\]\]>", re.DOTALL)
RAISED = re.compile(r"\$\s?[_^]\{?(\w{1,20})\}?\s?\$")


def plain(text: str) -> str:
    """Return a wording without the marks of HTML, JATS or simple formulas, on one line.

    Examples
    --------
    >>> plain("Trust <i>in situ</i> &amp; H<sub>2</sub>O"), plain("H$_2$O &lt;p&gt;, p < .05")
    ('Trust in situ & H2O', 'H2O , p < .05')
    """
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _CDATA.sub(r"\1", text)
        text = _BLOCKS.sub(" ", _MARKS.sub("", text))
    if "$" in text:
        text = RAISED.sub(r"\1", text)
    return tidy(text)


_TWICE = re.compile("[ÃÂÐÑÅÄ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]|â€|\ufffd")


def garbled(text: str) -> int:
    """Return how many letters of a text are plainly those of a wrong encoding.

    Examples
    --------
    >>> garbled("Ã‰tude de lâ€™Ã¢ge"), garbled("Étude de l’âge")
    (3, 0)
    """
    return len(_TWICE.findall(text))


def storable(text: str) -> str:
    r"""Return text as it stands, with U+FFFD for what no UTF-8 text file can hold.

    Examples
    --------
    >>> storable("a\x00b") == "a\ufffdb"
    True
    """
    return _UNSTORABLE.sub("\ufffd", text)


def line_end(text: str, position: int) -> int:
    """Return where the line ends that a place stands in."""
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def year_of(text: str) -> int | None:
    """Return the first year from 1400 to 2100 in a date as exports write it.

    Examples
    --------
    >>> [year_of(t) for t in ("2014/05//", "May 2014", "20140503", "2014.0", "in press", "14")]
    [2014, 2014, 2014, 2014, None, None]
    """
    found = _YEAR.search(text) or _COMPACT_DATE.search(text)
    return int(found[1]) if found else None


def date_text(value: datetime.date) -> str:
    """Return a spreadsheet's date as text; 1 January is a year that became a date.

    Examples
    --------
    >>> date_text(datetime.date(2014, 5, 3)), date_text(datetime.date(2014, 1, 1))
    ('2014-05-03', '2014')
    """
    day = value.date() if isinstance(value, datetime.datetime) else value
    return str(day.year) if (day.month, day.day) == (1, 1) else day.isoformat()


def page_range(text: str, last: str = "") -> tuple[str, str]:
    """Return first and last page; a last page cut short is written out, "" for a single page.

    Parameters
    ----------
    text : str
        A range ("1159-64", "e12–e19") or the first page alone.
    last : str
        The last page, where it has a field of its own.

    Examples
    --------
    >>> page_range("1159-64"), page_range("S12--S19"), page_range("e1234"), page_range("7", "12")
    (('1159', '1164'), ('S12', 'S19'), ('e1234', ''), ('7', '12'))
    >>> page_range("427-+"), page_range("N.PAG-N.PAG"), page_range("04-Mar")
    (('427', ''), ('', ''), ('', ''))
    """
    text, last = tidy(text).rstrip("+&-–— "), tidy(last).strip("+&-–— ")
    text = re.sub(r"^(?:(?:pp?|pages?)\.?\s+|pp?\.\s*)(?=\S)", "", text, flags=re.IGNORECASE)
    if _NO_PAGE.fullmatch(text) or all(map(_NO_PAGE.fullmatch, _DASH.split(text))):
        text = ""
    if _NO_PAGE.fullmatch(last):
        last = ""
    if not last or last == text or _PAGES.fullmatch(text):
        if len(text) > 200:
            return "", ""
        found = _PAGES.match(text)
        if not found:
            return text, ""
        text, last = found[1], found[2]
    if text.isdigit() and last.isdigit() and len(last) < len(text):
        last = text[: len(text) - len(last)] + last
    return text, "" if last == text else last


def doi_of(text: str) -> str:
    """Return the DOI in a text, lower case and bare; "" where there is none.

    Examples
    --------
    >>> doi_of("https://doi.org/10.1177/0264550519 "), doi_of("doi:10.1000/ABC(1).")
    ('10.1177/0264550519', '10.1000/abc(1)')
    >>> doi_of("10.1002/(SICI)1099-0720(199604)10:2&lt;81::AID-1&gt;3.0.CO;2-X")
    '10.1002/(sici)1099-0720(199604)10:2<81::aid-1>3.0.co;2-x'
    >>> doi_of("see page 10.5/6"), doi_of("https://doi.org/10.1000/abc?utm_source=x#top")
    ('', '10.1000/abc')
    """
    if "10." not in text:
        return ""
    text = text[:5_000]
    if "%2f" in text.lower():
        text = unquote(text, errors="replace")
    if "&" in text:
        text = html.unescape(text)
    if "://" in text:  # an address may go on behind the name
        text = re.sub(r"(?<=[\w)])(?:\?[\w.-]+(?:=|$)|#)[^\s]*", "", text)
    found = _SICI.search(text) or _DOI.search(text)
    if not found:
        return ""
    doi = tidy(found[0]).lower().split(" ")[0]
    doi = re.sub(r"(?:\[doi\]|[.,;:'’”\]}>])+$", "", doi)
    while doi.endswith(")") and doi.count(")") > doi.count("("):
        doi = doi[:-1].rstrip(".,;")
    return doi if "/" in doi and not doi.endswith("/") else ""


def isbns_of(text: str) -> tuple[str, ...]:
    """Return the ISBNs in a text, bare, whose check digit is right.

    Examples
    --------
    >>> isbns_of("978-0-306-40615-7 (hbk); 0-306-40615-2; 0-306-40615-3")
    ('9780306406157', '0306406152')
    """
    bare = [re.sub(r"[\s–-]", "", m[0]).upper() for m in _ISBN.finditer(text[:2_000])]
    return tuple(dict.fromkeys(b for b in bare if _isbn_checks(b)))


def _isbn_checks(isbn: str) -> bool:
    if len(isbn) == 13 and isbn.isdigit():
        return sum(int(c) * (1, 3)[i % 2] for i, c in enumerate(isbn)) % 10 == 0
    if len(isbn) == 10 and isbn[:9].isdigit():
        values = [*map(int, isbn[:9]), 10 if isbn[9] == "X" else int(isbn[9])]
        return sum(v * (10 - i) for i, v in enumerate(values)) % 11 == 0
    return False


def issns_of(text: str) -> tuple[str, ...]:
    """Return the ISSNs in a text as NNNN-NNNX, where the check digit is right.

    Examples
    --------
    >>> issns_of("0264-5505 (Print) 17413079; 1234-5678")
    ('0264-5505', '1741-3079')
    """
    found = (f"{m[1]}-{m[2].upper()}" for m in _ISSN.finditer(text[:2_000]))
    return tuple(dict.fromkeys(issn for issn in found if _issn_checks(issn)))


@functools.lru_cache(maxsize=10_000)
def _issn_checks(issn: str) -> bool:
    figures = issn.replace("-", "")
    values = [*map(int, figures[:7]), 10 if figures[7] == "X" else int(figures[7])]
    return sum(v * (8 - i) for i, v in enumerate(values)) % 11 == 0


def pmid_of(text: str) -> str:
    """Return a PubMed number: 1 to 9 figures, alone, after its label, or in its address.

    Examples
    --------
    >>> pmid_of("PMID: 31452104"), pmid_of("https://pubmed.ncbi.nlm.nih.gov/31452104/")
    ('31452104', '31452104')
    >>> pmid_of("WOS:000300012300001")
    ''
    """
    found = re.fullmatch(
        r"\s*(?:pmid:?|medline:|https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|"
        r"ncbi\.nlm\.nih\.gov/pubmed)/)?\s*0*([1-9][0-9]{0,8})(?:\.0)?/?\s*",
        text[:200],
        flags=re.IGNORECASE,
    )
    return found[1] if found else ""
