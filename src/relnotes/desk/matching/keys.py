"""Which pairs are worth comparing: records that share a key.

A hundred thousand records make five thousand million pairs. Only those are compared that share
one of a dozen keys (see :func:`keys_of`), each of them a thing that survives the ordinary damage
to a record: a wrong DOI leaves the title, a misspelt title leaves first author and page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from relnotes.desk.matching.folded import Folded

LARGEST_BLOCK: Final = 12
"""Records sharing a key are all compared with one another up to this number."""

WINDOW: Final = 3
"""In a larger block, sorted by title, each is compared with this many that follow it."""

CHANCE: Final = 0.2
"""Two words make a key unless this many titles have both by chance alone."""

_PREFIX = 24  # characters of the title, without blanks
_RAREST = 3  # rarest words of a title of which every two make a key
_TOGETHER = 4  # rarest words of which every three do, where no two are rare enough
_FEW = 1500.0  # with few titles blocks are small, and no key need be spared


class RareWords:
    """How rare the words of titles are, and by which of them a title is found.

    A word that stands in one title only, as a misspelling does, can bring no two records
    together and is passed over.

    Examples
    --------
    >>> rare = RareWords(["trust in probation", "trust in trust", "probation"])
    >>> rare.rarest("probation of trust"), rare.rarest("trust")
    (['probation', 'trust'], ['trust'])
    """

    def __init__(self, titles: Sequence[str]) -> None:
        counts = Counter(word for title in titles for word in title.split())
        self._count = {word: count for word, count in counts.items() if count > 1}
        # Two words that by chance alone stand together in more titles than this say little.
        self._by_chance = max(CHANCE * len(titles), _FEW)

    def rarest(self, title: str) -> list[str]:
        """Give the rarest words of a title, the rarest first."""
        known = {word for word in title.split() if word in self._count}
        return sorted(known, key=lambda word: (self._count[word], word))[:_TOGETHER]

    def keys(self, rare: Sequence[str], author: str) -> Iterator[str]:
        """Yield the keys of a title from its rarest words.

        Every two of the rarest three; where no two are rare enough, every three of the rarest
        four with the beginning of the first author's name. So a title is still found with one
        of its words lost or misspelt.
        """
        pairs = [
            f"words {one} {other}"
            for one, other in combinations(sorted(rare[:_RAREST]), 2)
            if self._count[one] * self._count[other] <= self._by_chance
        ]
        yield from pairs
        if len(pairs) < 2:
            for three in combinations(sorted(rare), 3):
                yield f"words {' '.join(three)} by {author[:4]}"


def keys_of(record: Folded, rare_words: RareWords) -> set[str]:
    """Give the keys of a record: an equal key brings two records together.

    The keys: DOI; PubMed number; ISBN; the title, the title it is about, and the book that a
    chapter stands in; its opening with two letters of the first author; every two of its rarest
    words; first author and year with first page, and with volume and the initial of the journal;
    where no place is known, first author with the rarest word of the title; volume, first page
    and year, its own or those that it says of what it corrects.
    """
    keys = {f"doi {record.doi}"} if record.doi else set()
    keys |= {f"pmid {record.pmid}"} if record.pmid else set()
    keys |= {f"isbn {isbn}" for isbn in record.isbns}
    author, page = record.first_author, record.pages[0]
    rare: list[str] = []
    if record.title:
        keys |= {record.compact, f"opening {record.compact[:_PREFIX]} {author[:2]}"}
        keys |= {record.bare.replace(" ", "")} if record.piece else set()
        rare = rare_words.rarest(record.plain)
        keys.update(rare_words.keys(rare, author))
    if record.kind == "chapter" and record.container:
        keys.add(record.container.replace(" ", ""))
    if author and page:
        keys.add(f"page {author} {page} {record.year}")
    if author and record.volume:
        initial = record.container.removeprefix("the ")[:1]
        keys.add(f"volume {author} {record.volume} {record.year} {initial}")
    elif author and not page and rare:
        keys.add(f"word {author} {rare[0]}")
    if page and record.volume:
        keys.add(f"place {record.volume} {page} {record.year}")
    named = (form.search(record.title) for form in _PLACES_NAMED if record.title[-1:].isdecimal())
    keys |= {f"place {found['volume']} {found['page']} {found['year']}" for found in named if found}
    return keys


_PLACES_NAMED = (
    re.compile(r" vol (?P<volume>\d+) pg? (?P<page>\d+) (?P<year>\d{4})$"),
    re.compile(r" (?P<year>\d{4}) (?P<volume>\d+) (?:\d+ )?(?P<page>\d+) \d+$"),
)
"""How the title of a notice names what it corrects, in Web of Science and in Embase."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs to compare, each once, the lower position first.

    Attributes
    ----------
    pairs : list of (int, int)
        Positions of the two records of each pair.
    left_out : int
        Pairs that share a key and were not compared on account of it, because too many
        records share that key. Some of them are compared on account of another.
    """

    pairs: list[tuple[int, int]]
    left_out: int


def candidates(records: Sequence[Folded], asked: Callable[[int], bool]) -> Candidates:
    """Find the pairs worth comparing.

    In a block that is too large the records are sorted by what they say, not by where they
    stand, so that the same pairs come out whatever the order of the records.

    Parameters
    ----------
    records : sequence of Folded
        No two of them equal.
    asked : callable
        Whether a position is asked about; only pairs with one that is are wanted.
    """
    rare_words = RareWords([record.plain for record in records])
    first: dict[str, int] = {}
    blocks: dict[str, list[int]] = {}  # most keys stand alone and need no list
    for position, record in enumerate(records):
        for key in keys_of(record, rare_words):
            if key in blocks:
                blocks[key].append(position)
            elif (known := first.setdefault(key, position)) != position:
                blocks[key] = [known, position]
    found: set[tuple[int, int]] = set()
    left_out = 0
    for block in blocks.values():
        size = len(block)
        if size > LARGEST_BLOCK:
            block.sort(key=lambda position: records[position].content())
            left_out += size * (size - 1) // 2 - WINDOW * size + WINDOW * (WINDOW + 1) // 2
            near = [(one, other) for at, one in enumerate(block)
                    for other in block[at + 1 : at + 1 + WINDOW]]  # fmt: skip
        else:
            near = list(combinations(block, 2))
        found.update((one, other) if one < other else (other, one) for one, other in near)
    return Candidates(sorted(p for p in found if asked(p[0]) or asked(p[1])), left_out)
