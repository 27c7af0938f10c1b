"""Web of Science's tagged format (ciw, "plain text"): tags of two places, lists on lines."""

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

START = re.compile(r"^PT [A-Z](?:\b|$)", re.MULTILINE)
"""Where a record starts."""

_TAG = re.compile(r"([A-Z][A-Z0-9])(?:[ \t]|$)(.*)")

_USED_NAMES = """
    PT DT TI AF AU BA BE CA GP PY EY SO VL IS BP EP AR DI D2 SN EI BN PM AB LA PU
"""
USED = frozenset(_USED_NAMES.split())


def read_wos(text: str, source: str, encoding: str) -> Reading:
    r"""Read Web of Science's tagged format.

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
        One record or set-aside record for every ``PT``.

    Examples
    --------
    >>> reading = read_wos("PT J\nAU Doe, A\n   Li, B\nTI Trust\nER\n", "a.ciw", "ascii")
    >>> [str(p) for p in reading.records[0].authors]
    ['Doe, A', 'Li, B']
    """
    account = Account(source, USED)
    stray = 0
    for block in blocks(
        text, tag=_TAG, start="PT", end="ER", ignored=frozenset({"FN", "VR", "EF"})
    ):
        if not block.started:
            stray += 1
            account.set_aside("tagged lines stand under no PT", line=block.line, text=block.text)
            continue
        take_block(account, block, gathered(block.pairs), interpret)
    counted = len(re.findall(r"^PT(?:[ \t]|$)", text, re.MULTILINE)) + stray
    return account.reading("Web of Science tagged", encoding, counted=counted)


def interpret(place: Place, raw: Raw) -> Record:
    """Make a record of Web of Science fields; each line of a name field is a name."""
    date = first(raw, "PY", "EY")
    bodies = tuple(Person(tidy(n), corporate=True) for n in _lines(raw, "CA", "GP"))
    return Record(
        *place,
        kind=kind_of([*first(raw, "DT").split(";"), first(raw, "PT")]),
        title=tidy(first(raw, "TI")),
        authors=people(_lines(raw, "AF") or _lines(raw, "AU") or _lines(raw, "BA")) + bodies,
        year=year_of(date),
        year_text=tidy(date),
        container=tidy(first(raw, "SO")),
        volume=tidy(first(raw, "VL")),
        issue=tidy(first(raw, "IS")),
        pages=page_range(first(raw, "BP", "AR"), first(raw, "EP")),
        doi=doi_of(first(raw, "DI")),
        isbn=tuple(dict.fromkeys(i for n in _lines(raw, "BN") for i in isbns_of(n))),
        issn=tuple(dict.fromkeys(i for n in _lines(raw, "SN", "EI") for i in issns_of(n))),
        pmid=pmid_of(first(raw, "PM")),
        abstract=tidy(first(raw, "AB")),
        language=tidy(first(raw, "LA")),
        publisher=tidy(first(raw, "PU")),
        editors=people(_lines(raw, "BE")),
        raw=raw,
    )


def _lines(raw: Raw, *tags: str) -> list[str]:
    return [line for value in every(raw, *tags) for line in value.split("\n")]
