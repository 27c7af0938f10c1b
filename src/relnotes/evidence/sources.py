"""Source cells: ``key[locator]``, several separated by ``;``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from relnotes.evidence.vocabulary import EMPTIES

_CELL = re.compile(r"(?P<key>[^\s\[\];]+)(?:\[(?P<locator>[^\[\];]+)\])?")


@dataclass(frozen=True, slots=True)
class Source:
    """A place in a work: citation key and locator.

    Attributes
    ----------
    key : str
        Key of the work in the bibliography.
    locator : str
        Page, section or, for the source page, passage id; empty when the work
        is meant as a whole.
    """

    key: str
    locator: str = ""

    def __str__(self) -> str:
        return f"{self.key}[{self.locator}]" if self.locator else self.key


class SourceFormError(ValueError):
    """A source cell that cannot be read; the message says which part and why."""


def parse_sources(cell: str) -> tuple[Source, ...]:
    """Read a source cell.

    Parameters
    ----------
    cell : str
        ``key[locator]``, several separated by ``;``.

    Returns
    -------
    tuple of Source
        In the order of the cell.

    Raises
    ------
    SourceFormError
        If a part is not of the form ``key[locator]``.

    Examples
    --------
    >>> parse_sources("bell-2011[p. 4]; dominey-2022")
    (Source(key='bell-2011', locator='p. 4'), Source(key='dominey-2022', locator=''))
    >>> parse_sources("Bell (2011), p. 4")
    Traceback (most recent call last):
        ...
    relnotes.evidence.sources.SourceFormError: ‘Bell (2011), p. 4’ is not of the form key[place]
    """
    sources = []
    for part in cell.split(";"):
        text = part.strip()
        match = _CELL.fullmatch(text)
        if match is None:
            raise SourceFormError(f"‘{text}’ is not of the form key[place]")
        sources.append(Source(match["key"], (match["locator"] or "").strip()))
    return tuple(sources)


def sources_in(cell: str) -> tuple[Source, ...]:
    """Return the sources of a cell; none where it holds a word for empty or cannot be read.

    Examples
    --------
    >>> sources_in("bell-2011[p. 4]"), sources_in("not_reported"), sources_in("Bell (2011)")
    ((Source(key='bell-2011', locator='p. 4'),), (), ())
    """
    try:
        return () if cell in EMPTIES else parse_sources(cell)
    except SourceFormError:
        return ()


def keys_in(cell: str) -> tuple[str, ...]:
    """Return the citation keys of a source or citation cell, each once; none where it has none.

    Examples
    --------
    >>> keys_in("bell-2011[p. 4];dominey-2022"), keys_in("not_reported")
    (('bell-2011', 'dominey-2022'), ())
    """
    return tuple(dict.fromkeys(source.key for source in sources_in(cell)))


def cited_keys(cell: str, holds: str) -> tuple[str, ...]:
    """Return the citation keys of a cell of a column that holds sources or citations.

    Parameters
    ----------
    holds : {"source", "citation"}
        In a list of keys, also what has not the form of a key is one.

    Examples
    --------
    >>> cited_keys("bell-2011[p. 4];dominey-2022", "source"), cited_keys("Bell 2011", "citation")
    (('bell-2011', 'dominey-2022'), ('Bell 2011',))
    """
    if holds == "source":
        return keys_in(cell)
    return tuple(part.strip() for part in cell.split(";") if part.strip())
