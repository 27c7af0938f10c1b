"""RIS: what reference managers and most databases export.

The strict part of the format is short and the exporters' liberties with it
many: no ``ER``, one space for two, lower case, lines that run on, tags of their
own. rispy, which holds the tables of tags and types used here, drops a record
without ``ER`` and stops at a repeated tag that runs on, so the lines are
gathered by `tagged.blocks`, one block for every ``TY``.
"""

from __future__ import annotations

import functools
import re

from relnotes.desk.formats.account import Account, Place, Raw, every, first
from relnotes.desk.formats.kinds import kind_of
from relnotes.desk.formats.people import people
from relnotes.desk.formats.records import Reading, Record
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

START = re.compile(r"^[ \t]*TY[ \t]{0,4}-", re.MULTILINE | re.IGNORECASE)
"""Where a record starts, in any of the forms exporters write it."""

_USED_NAMES = """
    TY TI T1 CT BT TT ST T2 JF JO JA J1 J2 C3 PY Y1 DA VL IS SP EP C7 DO DI L3 UR SN BN PM PMID
    AN C2 AB N2 LA PB PU ET AU A1 A2 ED
"""
USED = frozenset(_USED_NAMES.split())


def read_ris(text: str, source: str, encoding: str) -> Reading:
    r"""Read RIS.

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
        One record or set-aside record for every ``TY``, and for every run of
        tagged lines that names a work under none.

    Examples
    --------
    >>> reading = read_ris("TY - JOUR\nT1 - Trust\nTY - BOOK\nT1 - Time\n", "a.ris", "utf-8")
    >>> [r.title for r in reading.records]
    ['Trust', 'Time']
    """
    account = Account(source, USED)
    pattern = _tag_pattern(text)
    stray = 0
    for block in blocks(
        text, tag=pattern, start="TY", end="ER", ignored=frozenset({"EF", "FN", "VR"})
    ):
        if not block.started:
            if not any(name in _TELLING for name, _ in block.pairs):
                tags = ", ".join(dict.fromkeys(name for name, _ in block.pairs))
                account.note(f"line {block.line}: lines outside the records ({tags}) belong to "
                             "none of them")  # fmt: skip
                continue
            stray += 1
            account.note(f"the record at line {block.line} has no TY, so its kind is other")
        take_block(account, block, gathered(block.pairs), interpret)
    starts = sum(pattern.match(text, m.start(), _line_end(text, m.end())) is not None
                 for m in START.finditer(text))  # fmt: skip
    return account.reading("RIS", encoding, counted=starts + stray)


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


_TELLING = frozenset({"TI", "T1", "DO", "AU", "A1"})


@functools.cache
def _known_tags() -> frozenset[str]:
    from rispy.config import TAG_KEY_MAPPING  # noqa: PLC0415 (kept out of the import)

    return frozenset(TAG_KEY_MAPPING) | USED


def _tag_pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of a tag in this file: as lenient as its own TY lines are, no more.

    Text that runs on starts lines too ("ad-hoc …"), so a tag without spaces or
    in lower case counts only in a file whose records start in that way.
    """
    starts = [m[0].strip() for m in START.finditer(text)]
    known = "|".join(sorted(_known_tags()))
    forms = [
        r"[ \t]*[A-Z][A-Z0-9][ \t]{2}-",
        rf"(?:{known})[ \t]{{1,4}}-(?=[ \t]|$)",
        r"ER[ \t]*-?[ \t]*$",
    ]
    if any(re.fullmatch(r"TY-", s, re.IGNORECASE) for s in starts):
        forms.append(rf"(?:{known})-")
    lower = any(not s.isupper() for s in starts)
    return re.compile(
        rf"(?={'|'.join(forms)})[ \t]*([A-Z][A-Z0-9])[ \t]*-?(.*)", re.IGNORECASE if lower else 0
    )


def interpret(place: Place, raw: Raw) -> Record:
    """Make a record of RIS fields."""
    kind = kind_of(every(raw, "TY"))
    title = first(raw, "TI", "T1", "CT", *(("BT", "T2") if kind == "book" else ()), "TT", "ST")
    container = first(raw, "JF", "T2", "JO", "BT", "JA", "J1", "J2", "C3")
    if kind == "book":
        container = ""  # T2 is the series, or the title itself
    date = first(raw, "PY", "Y1", "DA")
    numbers = every(raw, "SN", "BN")
    return Record(
        *place,
        kind=kind,
        title=tidy(title),
        authors=people(every(raw, "AU", "A1")),
        year=year_of(date),
        year_text=tidy(date),
        container=tidy(container),
        volume=tidy(first(raw, "VL")),
        issue=tidy(first(raw, "IS")),
        pages=page_range(first(raw, "SP") or first(raw, "C7"), first(raw, "EP")),
        doi=_doi(raw),
        isbn=tuple(dict.fromkeys(i for n in numbers for i in isbns_of(n))),
        issn=tuple(dict.fromkeys(i for n in numbers for i in issns_of(n))),
        pmid=_pmid(raw),
        url=tidy(first(raw, "UR")),
        abstract=tidy(first(raw, "AB", "N2")),
        language=tidy(first(raw, "LA")),
        publisher=tidy(first(raw, "PB", "PU")),
        edition=tidy(first(raw, "ET")),
        editors=people(every(raw, "A2", "ED")),
        raw=raw,
    )


def _doi(raw: Raw) -> str:
    """Return the DOI of its own field, else of an address that resolves one."""
    addresses = [u for u in every(raw, "UR") if "doi.org/" in u.lower()]
    found = (doi_of(text) for text in (*every(raw, "DO", "DI", "L3"), *addresses))
    return next((doi for doi in found if doi), "")


def _pmid(raw: Raw) -> str:
    """Return the PubMed number, from a field that holds one in this database's exports."""
    database = " ".join(every(raw, "DB", "DP")).lower()
    places = ["PM", "PMID"]
    if re.search(r"pubmed|medline|\bnlm\b", database):
        places.append("AN")
    if "scopus" in database:
        places.append("C2")
    addresses = [u for u in every(raw, "UR") if "ncbi.nlm.nih.gov" in u]
    labelled = [t for t in every(raw, "AN", "C2") if t.strip().lower().startswith("pmid")]
    found = (pmid_of(text) for text in (*every(raw, *places), *labelled, *addresses))
    return next((pmid for pmid in found if pmid), "")
