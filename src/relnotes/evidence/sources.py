"""Source cells: ``key[locator]``, several separated by ``;``."""

from __future__ import annotations

import re
from collections.abc import Iterable
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


def format_sources(sources: Iterable[Source]) -> str:
    """Write sources as a cell; the reverse of `parse_sources`.

    Examples
    --------
    >>> format_sources([Source("bell-2011", "p. 4"), Source("dominey-2022")])
    'bell-2011[p. 4];dominey-2022'
    """
    return ";".join(str(s) for s in sources)


def cited_keys(cell: str, holds: str) -> tuple[str, ...]:
    """Return the citation keys of a cell.

    Parameters
    ----------
    cell : str
        What stands in the cell.
    holds : str
        ``source`` for a source cell, ``citation`` for a list of keys.

    Returns
    -------
    tuple of str
        In the order of the cell; none where a source cell cannot be read.

    Examples
    --------
    >>> cited_keys("bell-2011[p. 4];dominey-2022", "source")
    ('bell-2011', 'dominey-2022')
    """
    if holds == "source":
        try:
            return tuple(s.key for s in parse_sources(cell))
        except SourceFormError:
            return ()
    return tuple(part.strip() for part in cell.split(";") if part.strip())


def keys_in(cell: str) -> tuple[str, ...]:
    """Return the citation keys of a source or citation cell; none where it holds none.

    Examples
    --------
    >>> keys_in("bell-2011[p. 4];dominey-2022"), keys_in("not_reported")
    (('bell-2011', 'dominey-2022'), ())
    """
    if cell in EMPTIES:
        return ()
    try:
        return tuple(dict.fromkeys(source.key for source in parse_sources(cell)))
    except SourceFormError:
        return ()
