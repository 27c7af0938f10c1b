"""Which pairs are worth comparing: records that share a key.

A hundred thousand records make five thousand million pairs. Only those are
compared that share one of a dozen keys (see :func:`keys_of`), each of them a
thing that survives the ordinary damage to a record: a wrong DOI leaves the
title, a misspelt title leaves first author and page.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from relnotes.desk.matching.comparable import Codes, Comparable

LARGEST_BLOCK = 12
"""Records sharing a key are all compared with one another up to this number."""

WINDOW = 3
"""In a larger block, sorted by title, each is compared with this many that follow it."""

CHANCE = 0.2
"""Two words make a key unless this many titles have both by chance alone."""

_PREFIX = 24  # characters of the title, without blanks
_RAREST = 3  # rarest words of a title of which every two make a key
_TOGETHER = 4  # rarest words of which every three do, where no two are rare enough
_FEW = 1500.0  # with few titles blocks are small, and no key need be spared


class RareWords:
    """How rare the words of titles are, and by which of them a title is found.

    Parameters
    ----------
    titles : sequence of str
        Folded titles.
    fewest : int
        A word in fewer titles finds nothing: a word that stands in one title only, as
        a misspelling does, can bring no two records together.

    Examples
    --------
    >>> rare = RareWords(["trust in probation", "trust in trust", "probation"])
    >>> rare.rarest("probation of trust"), rare.rarest("trust")
    ([1, 2], [2])
    """

    def __init__(self, titles: Sequence[str], *, fewest: int = 2) -> None:
        counts: Counter[str] = Counter()
        for title in titles:
            counts.update(title.split())
        kept = sorted((count, word) for word, count in counts.items() if count >= fewest)
        self._rank = {word: rank for rank, (_, word) in enumerate(kept)}
        self._count = [count for count, _ in kept]
        self._unknown = len(kept)
        # Two words that by chance alone stand together in more titles than this say little.
        self._by_chance = max(CHANCE * len(titles), _FEW)

    def rarest(self, title: str) -> list[int]:
        """Give the ranks of the rarest words of a title, the rarest first."""
        rank, unknown = self._rank.get, self._unknown
        rare = sorted({rank(word, unknown) for word in title.split()})[:_TOGETHER]
        if rare and rare[-1] == unknown:
            rare.pop()
        return rare

    def keys(self, rare: Sequence[int], author: str) -> list[int]:
        """Give the keys of a title from the ranks of its rarest words.

        Every two of the rarest three; where no two are rare enough, every three of the
        rarest four with the beginning of the first author's name. So a title is still
        found with one of its words lost or misspelt.
        """
        count, by_chance = self._count, self._by_chance
        keys = [
            hash((1, one, other))
            for one, other in combinations(rare[:_RAREST], 2)
            if count[one] * count[other] <= by_chance
        ]
        if len(keys) < 2:
            keys += [hash((1, *three, author[:4])) for three in combinations(rare, 3)]
        return keys


def keys_of(columns: Comparable, which: Codes, rare_words: RareWords) -> tuple[Codes, Codes]:
    """Give the keys of records: equal keys bring two records together.

    The keys: DOI; PubMed number; ISBN; the title; its opening with two letters of the
    first author; every two of its rarest words; first author and year with first page,
    and with volume and the initial of the journal; where no place is known, first author
    with the rarest word of the title; volume, first page and year.

    Parameters
    ----------
    columns : Comparable
    which : array of int
        Positions of the records whose keys are wanted.
    rare_words : RareWords

    Returns
    -------
    keys, positions : arrays of int
        One element per key of a record. A key is a hash: two keys that are equal by
        chance cost one comparison and change no answer.
    """
    keys: list[int] = []
    counts: list[int] = []
    add, extend = keys.append, keys.extend
    rarest, rare_keys = rare_words.rarest, rare_words.keys
    done = 0
    for title, compact, author, container, page, volume, year, doi, pmid, isbns in zip(
        columns.title[which],
        columns.compact[which],
        columns.first_author[which],
        columns.container[which],
        columns.first_page[which],
        columns.volume[which],
        columns.year[which].tolist(),
        columns.doi[which],
        columns.pmid[which],
        columns.isbns[which],
        strict=True,
    ):
        rare: list[int] = []
        if title:
            add(hash(compact))
            add(hash((0, compact[:_PREFIX], author[:2])))
            rare = rarest(title)
            extend(rare_keys(rare, author))
        if author:
            if page:
                add(hash((2, author, page, year)))
            if volume:
                add(hash((3, author, volume, year, container.removeprefix("the ")[:1])))
            elif not page and rare:
                add(hash((4, author, rare[0])))
        if page and volume:
            add(hash((5, volume, page, year)))
        if doi:
            add(hash((6, doi)))
        if pmid:
            add(hash((7, pmid)))
        for isbn in isbns:
            add(hash((8, isbn)))
        counts.append(len(keys) - done)
        done = len(keys)
    return np.array(keys, dtype=np.int64), np.repeat(np.asarray(which, dtype=np.int64), counts)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs to compare, each once, the lower position first.

    Parameters
    ----------
    first, second : arrays of int
        Positions of the two records of each pair.
    left_out : int
        Pairs that share a key and were not compared on account of it, because too
        many records share that key. Some of them are compared on account of another.
    """

    first: Codes
    second: Codes
    left_out: int


def candidates(columns: Comparable, asked: NDArray[np.bool_] | None = None) -> Candidates:
    """Find the pairs worth comparing.

    Records that say the same in every field are taken once. In a block that is too
    large the records are sorted by what they say, not by where they stand, so that
    the same pairs come out whatever the order of the records.

    Parameters
    ----------
    columns : Comparable
    asked : array of bool, optional
        Only pairs with at least one of these records; all by default.

    Returns
    -------
    Candidates
    """
    size = len(columns)
    which = np.flatnonzero(columns.same_as == np.arange(size))
    rare_words = RareWords(columns.title[which].tolist())
    keys, positions = keys_of(columns, which, rare_words)
    return _pairs(columns, keys, positions, asked)


def _pairs(
    columns: Comparable, keys: Codes, positions: Codes, asked: NDArray[np.bool_] | None
) -> Candidates:
    order = np.argsort(keys, kind="stable")
    keys, positions = keys[order], positions[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else keys
    sizes = np.diff(np.r_[starts, len(keys)])
    # Keys that one record alone has are most of them and bring nobody together.
    shared = np.repeat(sizes > 1, sizes)
    keys, positions, sizes = keys[shared], positions[shared], sizes[sizes > 1]
    large = np.repeat(sizes > LARGEST_BLOCK, sizes)
    if large.any():
        members = np.unique(positions[large])
        place = np.zeros(len(columns), dtype=np.int64)
        place[members] = _order_by_content(columns, members)
        order = np.lexsort(
            (np.where(large, place[positions], 0), np.repeat(np.arange(len(sizes)), sizes))
        )
        positions = positions[order]
    block = np.repeat(np.arange(len(sizes)), sizes)
    found = []
    for step in range(1, LARGEST_BLOCK):
        together = block[step:] == block[:-step]
        if step > WINDOW:
            together &= ~large[step:]
        one, other = positions[:-step][together], positions[step:][together]
        if asked is not None:
            wanted = asked[one] | asked[other]
            one, other = one[wanted], other[wanted]
        found.append(np.minimum(one, other) * len(columns) + np.maximum(one, other))
    pairs = np.unique(np.concatenate(found)) if found else keys
    too_large = sizes[sizes > LARGEST_BLOCK].astype(object)
    left_out = sum(n * (n - 1) // 2 - WINDOW * n + WINDOW * (WINDOW + 1) // 2 for n in too_large)
    return Candidates(pairs // max(len(columns), 1), pairs % max(len(columns), 1), int(left_out))


def _order_by_content(columns: Comparable, members: Codes) -> Codes:
    """Rank records by what they say; no two of them say the same."""
    content = columns.content
    order = sorted(range(len(members)), key=lambda at: content(int(members[at])))
    ranks = np.empty(len(members), dtype=np.int64)
    ranks[order] = np.arange(len(members))
    return ranks
