"""PubMed's own format (nbib, "MEDLINE" display): tags of four places, wrapped lines."""

from __future__ import annotations

import re

from relnotes.desk.formats.account import Account, Place, Raw, every, first
from relnotes.desk.formats.kinds import kind_of
from relnotes.desk.formats.people import people
from relnotes.desk.formats.records import Person, Reading, Record
from relnotes.desk.formats.tagged import blocks, gathered, take_block
from relnotes.desk.formats.values import (
    doi_of,
    isbns_of,
    issns_of,
    page_range,
    pmid_of,
    tidy,
    year_of,
)

START = re.compile(r"^PMID[ \t]?-", re.MULTILINE)
"""Where a record starts."""

_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3})[ \t]{0,3}-(?:(?<=PMID-)|(?<=PMID -)|[ \t]|$)(.*)")

_USED_NAMES = """
    PMID TI TT BTI CTI FAU AU CN FED ED DP DEP JT TA VI IP PG LID AID IS ISBN AB LA PB EN PT
"""
USED = frozenset(_USED_NAMES.split())


def read_nbib(text: str, source: str, encoding: str) -> Reading:
    r"""Read PubMed nbib.

    Parameters
    ----------
    text : str
        The file, lines ended by LF.
    source : str
        Name of the file.
    encoding : str
        Encoding it was read in, for the account.

    Returns
    -------
    Reading
        One record or set-aside record for every ``PMID-``.

    Examples
    --------
    >>> text = "PMID- 31452104\nTI  - Trust in\n      supervision.\n"
    >>> reading = read_nbib(text, "a.nbib", "ascii")
    >>> reading.records[0].title, reading.records[0].pmid
    ('Trust in supervision.', '31452104')
    """
    account = Account(source, USED)
    stray = 0
    for block in blocks(text, tag=_TAG, start="PMID", ignored=frozenset()):
        if not block.started:
            stray += 1
            account.set_aside("tagged lines stand before the first PMID", line=block.line,
                              text=block.text)  # fmt: skip
            continue
        take_block(account, block, gathered(block.pairs), interpret)
    return account.reading("PubMed nbib", encoding, counted=len(START.findall(text)) + stray)


def interpret(place: Place, raw: Raw) -> Record:
    """Make a record of PubMed fields."""
    types = [t for t in every(raw, "PT") if t.lower() != "journal article"]
    book = bool(first(raw, "BTI", "ISBN"))
    kind = kind_of(types)
    if kind == "other":
        kind = ("chapter" if first(raw, "CTI") else "book") if book else "article"
    title = first(raw, "TI", "CTI", "BTI", "TT")
    date = first(raw, "DP", "DEP")
    bodies = tuple(Person(tidy(name), corporate=True) for name in every(raw, "CN"))
    located = [t for t in every(raw, "LID", "AID") if "doi" in t.lower()]
    return Record(
        *place,
        kind=kind,
        title=tidy(title),
        authors=people(every(raw, "FAU") or every(raw, "AU")) + bodies,
        year=year_of(date),
        year_text=tidy(date),
        container=tidy(first(raw, "JT", *(("BTI",) if kind == "chapter" else ()), "TA")),
        volume=tidy(first(raw, "VI")),
        issue=tidy(first(raw, "IP")),
        pages=page_range(first(raw, "PG")),
        doi=next((doi for doi in map(doi_of, located) if doi), ""),
        isbn=tuple(dict.fromkeys(i for n in every(raw, "ISBN", "IS") for i in isbns_of(n))),
        issn=tuple(dict.fromkeys(i for n in every(raw, "IS") for i in issns_of(n))),
        pmid=pmid_of(first(raw, "PMID")),
        abstract=tidy(first(raw, "AB")),
        language=tidy(first(raw, "LA")),
        publisher=tidy(first(raw, "PB")),
        edition=tidy(first(raw, "EN")),
        editors=people(every(raw, "FED") or every(raw, "ED")),
        raw=raw,
    )
