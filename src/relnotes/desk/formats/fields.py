"""From the names of a format to a record: one table a format, one way to make the record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from relnotes.desk.formats.kinds import kind_of
from relnotes.desk.formats.latex import from_latex
from relnotes.desk.formats.pieces import Raw
from relnotes.desk.formats.records import Kind, Person, Record
from relnotes.desk.formats.values import (
    doi_of,
    isbns_of,
    issns_of,
    page_range,
    plain,
    pmid_of,
    tidy,
    year_of,
)

Values = Mapping[str, Sequence[str]]
"""The texts found for each field of a record, the likeliest first."""


class Fields:
    """Which names of a format hold which field of a record.

    ``"TI T1"`` takes T1 where TI is empty, ``"AU+A1"`` takes both in the file's order.

    Examples
    --------
    >>> fields = Fields(title="TI T1", authors="AU+A1")
    >>> fields.of([("A1", "Doe"), ("T1", "Trust"), ("AU", "Li"), ("XX", "x")])
    {'title': ['Trust'], 'authors': ['Doe', 'Li']}
    >>> sorted(fields.used)
    ['A1', 'AU', 'T1', 'TI']
    """

    def __init__(self, **names: str) -> None:
        self.ways = {
            field: [frozenset(way.split("+")) for way in ways.split()]
            for field, ways in names.items()
        }
        self.used = frozenset(name for ways in self.ways.values() for way in ways for name in way)

    def of(self, pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
        """Return the texts of each field that is filled."""
        filled = [(name, text) for name, text in pairs if text.strip()]
        held = {name for name, _ in filled}
        found = {}
        for field, ways in self.ways.items():
            texts = [text for way in ways if way & held for name, text in filled if name in way]
            if texts:
                several = field in _WHOLE and next(way for way in ways if way & held)
                found[field] = [t for n, t in filled if n in several] if several else texts
        return found


_WHOLE = frozenset({"authors", "editors"})
"""Fields of which one way is taken whole, as full names and initials would double everybody."""


def record_of(
    values: Values,
    raw: Raw,
    authors: tuple[Person, ...] = (),
    editors: tuple[Person, ...] = (),
) -> Record:
    """Make a record of the texts found for each field."""

    def get(field: str) -> str:
        return next((text for text in values.get(field, ()) if text.strip()), "")

    whole = {**_parts_of_source(get("container"))} if not get("volume") else {}
    title, book = _worded(get("title")), plain(get("book_title"))
    subtitle = _worded(get("subtitle"))
    if title and subtitle and not title.casefold().endswith(subtitle.casefold()):
        title = f"{title}: {subtitle}"
    container = plain(whole.get("container") or get("container")) or book
    numbers = (*values.get("isbn", ()), *values.get("issn", ()))
    kind = _kind(values, title=bool(title), book=bool(book), container=bool(container))
    if kind == "book":
        title = title or container
    dates = values.get("year", ())
    date = next((text for text in dates if year_of(text)), get("year")) or whole.get("year", "")
    return Record(
        source="",
        position=0,
        line=None,
        kind=kind,
        title=title,
        authors=authors,
        year=year_of(date),
        year_text=tidy(_number(date)),
        container="" if kind == "book" else container,
        volume=_counter(whole.get("volume") or get("volume")),
        issue=_counter(whole.get("issue") or get("issue")),
        pages=_pages(get("pages") or whole.get("pages", ""), get("first_page"), get("last_page")),
        doi=_doi(values),
        isbn=tuple(dict.fromkeys(i for n in numbers for i in isbns_of(n))),
        issn=tuple(dict.fromkeys(i for n in numbers for i in issns_of(n))),
        pmid=_pmid(values),
        url=tidy(get("url")),
        abstract=plain(get("abstract")),
        language=tidy(get("language")),
        publisher=plain(get("publisher")),
        edition=tidy(get("edition")),
        editors=editors,
        key=tidy(get("key")),
        raw=raw,
    )


def _worded(title: str) -> str:
    """Return a title without markup; LaTeX too, which exports of other kinds take along."""
    return plain(from_latex(title) if _LATEX.search(title) else title)


_LATEX = re.compile(r"\$[^$]{0,200}\\[a-z]|\{\\|\\['\"`^~=.]\{?[A-Za-z]")


def _kind(values: Values, *, title: bool, book: bool, container: bool) -> Kind:
    words = [w for text in values.get("kind", ()) for w in (text, *re.split(r"[;|,]", text))]
    kind = kind_of(sorted(words, key=lambda word: word.strip().lower() == "journal article"))
    if kind != "other" or any(word.strip() for word in words):
        return kind
    if book:
        return "chapter" if title else "book"
    return "article" if container and not values.get("isbn") else "other"


_MONTHS = r"(?:[A-Z][a-z]{2,8}\.?(?:[/-][A-Z][a-z]{2,8}\.?)? )?"
_SOURCES = (
    # Embase: Penal Medicine (2014) 3:3 (152-160). Date of Publication: 2014
    re.compile(r"(?P<container>[^()]{2,300}?) \((?P<year>\d{4})\) (?P<volume>[\w.-]{0,20})"
               r"(?::(?P<issue>[^ (]{1,40}))? ?(?:\((?P<pages>[^()]{0,40})\))?"),
    # Ovid's journals: Penal Medicine June 2014;3(3):152-160
    re.compile(rf"(?P<container>.{{2,300}}?) {_MONTHS}(?P<year>(?:19|20)\d\d);"
               r"(?P<volume>\d{1,5})(?:\((?P<issue>[^()]{1,40})\))?:(?P<pages>[\w-]{1,40})"),
    # PsycINFO: Penal Medicine. Vol.3(3), Sep 2014, pp. 152-160.
    re.compile(r"(?P<container>.{2,300}?)\. Vol\.? ?(?P<volume>\w{1,10})"
               r"(?:\((?P<issue>[^,]{1,40})\))?, ?[^,]{0,20}?(?P<year>(?:19|20)\d\d)"
               r"(?:, (?:pp?\. (?P<pages>\d[\w-]{0,40}))?)?"),
    # Political science: Penal Medicine 3, Winter 2014: 152-160.
    re.compile(rf"(?P<container>.{{2,300}}?) (?P<volume>\d{{1,5}})(?:\((?P<issue>[^()]{{1,40}})\))?"
               rf", {_MONTHS}(?P<year>(?:19|20)\d\d): (?P<pages>\d[\w-]{{0,40}})"),
    # Ovid: Penal Proceedings. 12(3):45-60, 2018 Mar.
    re.compile(r"(?P<container>.{2,300}?)\. (?P<volume>\d{1,5}) ?(?:\((?P<issue>[^()]{1,40})\))?"
               r"(?: ?[:,] ?(?:pp?\.? ?)?(?P<pages>[A-Za-z]?\d+(?:-\w+)?)(?=[ ,]))?"
               r"(?: \([^()]{1,40}\))?, ?[^;]{0,30}?(?P<year>(?:19|20)\d\d)\b"),
)  # fmt: skip
"""How databases write journal, year, volume and pages into one field."""


def _parts_of_source(text: str) -> dict[str, str]:
    """Take apart a journal's cell that says volume, year and pages as well.

    Examples
    --------
    >>> _parts_of_source("Penal Medicine (2014) 3:3 (152-160)")["pages"]
    '152-160'
    >>> _parts_of_source("Penal Medicine")
    {}
    """
    found = next((match for form in _SOURCES if (match := form.match(text[:600]))), None)
    return {name: part for name, part in found.groupdict().items() if part} if found else {}


def _pages(pages: str, first_page: str, last_page: str) -> tuple[str, str]:
    found = page_range(_number(pages))
    if not found[0] or (first_page and last_page):
        return page_range(_number(first_page), _number(last_page))
    return found


def _number(text: str) -> str:
    """Return a whole number that a spreadsheet turned into a decimal one, as it was."""
    return re.sub(r"^(\d+)\.0+$", r"\1", text.strip())


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w{0,6}"
_AS_DATE = re.compile(rf"\d{{4}}-\d\d-\d\d|\d{{1,2}}-{_MONTH}|{_MONTH}-\d{{1,2}}", re.IGNORECASE)


def _counter(text: str) -> str:
    """Return a volume or issue; "" where a spreadsheet made a date of it.

    Examples
    --------
    >>> [_counter(t) for t in ("12.0", "3-4", "04-Mar")]
    ['12', '3-4', '']
    """
    text = tidy(_number(text))
    return "" if _AS_DATE.fullmatch(text) else text


def _doi(values: Values) -> str:
    """Return the DOI of its own field, else of an address that resolves one, or a note's."""
    addresses = (_DOI_PATH_END.sub("", u) for u in values.get("url", ())
                 if re.search(r"\bdoi[.-]org\b|/doi/", u, re.IGNORECASE))  # fmt: skip
    notes = (n for n in values.get("note", ())
             if re.search(r"\bdoi\b|^\s*10\.\d{4,9}/\S+\s*$", n, re.IGNORECASE))  # fmt: skip
    found = (doi_of(text) for text in (*values.get("doi", ()), *addresses, *notes))
    return next((doi for doi in found if doi), "")


_DOI_PATH_END = re.compile(r"/(?:abstract|full|e?pdf|summary|html)(?=$|[?#])")


def _pmid(values: Values) -> str:
    """Return the PubMed number, from a field that holds one in this database's exports."""
    database = " ".join(values.get("database", ())).lower()
    accessions = values.get("accession", ())
    if not re.search(r"pubmed|medline|\bnlm\b", database):
        accessions = [a for a in accessions if a.strip().lower().startswith("pmid")]
    scopus = values.get("scopus_pmid", ()) if "scopus" in database else ()
    addresses = (u for u in values.get("url", ()) if "ncbi.nlm.nih.gov" in u)
    noted = (m[0] for n in values.get("note", ())
             if (m := re.search(r"\bPMID:? ?\d{1,9}\b", n)))  # fmt: skip
    found = (
        pmid_of(t) for t in (*values.get("pmid", ()), *accessions, *scopus, *addresses, *noted)
    )
    return next((pmid for pmid in found if pmid), "")
