"""Which records are the same work, which only related, which a person must judge.

The way of a pair: it shares a key (`blocking`), its fields are graded
(`scoring`), and the first rule that applies says what it is (`verdicts`). The
pairs found to be duplicates are joined into clusters (`clustering`); what is
linked stays apart and is told; what is unclear is shown side by side. Every
record ends in one of three piles, and none is dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from relnotes.desk.matching.blocking import Candidates, RareWords, candidates, keys_of
from relnotes.desk.matching.clustering import Clusters, Edge, joined, ways_from
from relnotes.desk.matching.comparable import Comparable, comparable
from relnotes.desk.matching.scoring import weigh
from relnotes.desk.matching.verdicts import RULES, VERDICTS, Reasons, judge

if TYPE_CHECKING:
    from relnotes.desk.formats.records import Record
    from relnotes.desk.matching.comparable import Codes

PILES = ("new", "duplicate", "unclear")

_COPY = "the same in every field compared"
_SAYS_LITTLE = "the same in every field compared, but the fields say too little to tell"
_CONTESTED = "like two records that are not one work"


class Pair(NamedTuple):
    """Two records that are linked or that a person must judge.

    Parameters
    ----------
    first, second : int
        Positions of the records in base and records together, the base first.
    verdict : str
        "linked" or "unclear".
    rule : str
        Name of the rule that decided.
    reason : str
        Why, in words.
    points : int
        Sum of the points (see `relnotes.desk.matching.scoring`).
    """

    first: int
    second: int
    verdict: str
    rule: str
    reason: str
    points: int


class Placed(NamedTuple):
    """Where one record ended up, and why.

    Parameters
    ----------
    record : Record
    pile : str
        "new", "duplicate" or "unclear".
    partner : Record or None
        What it duplicates, or with what it must be compared; None for a new record.
    reason : str
        Why, in words; empty for a new record.
    """

    record: Record
    pile: str
    partner: Record | None = None
    reason: str = ""


@dataclass(frozen=True)
class Matching:
    """Records sorted into new, duplicate and unclear, and what was found on the way.

    Parameters
    ----------
    records : sequence of Record
        What was asked about.
    base : sequence of Record
        What they were compared with besides one another.
    placed : tuple of Placed
        One per record, in their order.
    clusters : tuple of tuple of int
        Records that are one work, two or more together. Positions count through base
        and records, the base first. The clusters do not depend on the order of records.
    links : tuple of Pair
        Related works: editions, chapter and book, erratum, working paper and article.
    unclear : tuple of Pair
        Pairs for a person to judge.
    compared : int
        Pairs compared.
    left_out : int
        Pairs that share a key with so many others that they were not compared on its
        account (see `relnotes.desk.matching.blocking.LARGEST_BLOCK`).

    Raises
    ------
    AssertionError
        If a record is in no pile.
    """

    records: Sequence[Record]
    base: Sequence[Record]
    placed: tuple[Placed, ...]
    clusters: tuple[tuple[int, ...], ...]
    links: tuple[Pair, ...]
    unclear: tuple[Pair, ...]
    compared: int
    left_out: int

    def __post_init__(self) -> None:
        piles = Counter(placed.pile for placed in self.placed)
        if piles.total() != len(self.records) or not piles.keys() <= set(PILES):
            raise AssertionError(f"{len(self.records)} records in, piles {dict(piles)}")

    def pile(self, name: str) -> tuple[Placed, ...]:
        """Give the records of one pile, in their order."""
        return tuple(placed for placed in self.placed if placed.pile == name)

    def record(self, position: int) -> Record:
        """Give the record at a position that counts through base and records."""
        return (
            self.base[position]
            if position < len(self.base)
            else self.records[position - len(self.base)]
        )


def match(records: Sequence[Record], base: Sequence[Record] = ()) -> Matching:
    """Sort records into new, duplicate and unclear, within themselves and against a base.

    The first record of a work stays (one of the base before any other), the others are
    its duplicates. Records of the base are not compared with one another.

    Parameters
    ----------
    records : sequence of Record
        Only the title is needed.
    base : sequence of Record
        What is there already.

    Returns
    -------
    Matching

    Examples
    --------
    >>> from relnotes.desk.formats.records import Person, Record
    >>> jane = (Person("Dominey", "Jane"),)
    >>> there = Record("a.bib", 1, 1, "article", "Trust in probation supervision", jane, 2022)
    >>> again = Record("b.ris", 1, 1, "article", "Trust in Probation Supervision.", jane, 2022)
    >>> found = match([again], base=[there])
    >>> found.placed[0].pile, found.placed[0].reason
    ('duplicate', 'the same in every field compared')
    """
    columns = comparable([*base, *records])
    asked = np.arange(len(columns)) >= len(base)
    found = candidates(columns, asked if len(base) else None)
    return _sorted_out(records, base, columns, found)


def _sorted_out(
    records: Sequence[Record], base: Sequence[Record], columns: Comparable, found: Candidates
) -> Matching:
    evidence = weigh(columns, found.first, found.second)
    rule, total = judge(evidence)
    reason = Reasons(evidence, rule)
    verdict = np.array([*(candidate.verdict for candidate in RULES), "different"])[rule]
    edges = {
        name: list(
            zip(evidence.first[of].tolist(), evidence.second[of].tolist(), of.tolist(), strict=True)
        )
        for name in VERDICTS
        for of in [np.flatnonzero(verdict == name)]
    }

    def strength(edge: Edge) -> tuple[int, list[tuple[str | int, ...]]]:
        contents = sorted((columns.content(edge[0]), columns.content(edge[1])))
        return -int(total[edge[2]]), contents

    def told(edge: Edge, why: str = "") -> Pair:
        first, second, number = edge
        words = f"{why}; {reason(number)}" if why else reason(number)
        name = RULES[int(rule[number])]
        kind = "unclear" if why else name.verdict
        return Pair(first, second, kind, name.name, words, int(total[number]))

    clusters, kept, refused = joined(
        len(columns),
        edges["duplicate"],
        ((first, second) for first, second, _ in edges["linked"]),
        strength,
    )
    way = ways_from(clusters, kept)
    unclear = [told(edge) for edge in edges["unclear"]]
    unclear += [told(edge, _CONTESTED) for edge in refused]
    unclear += _join_copies(columns, clusters, way, len(base))
    placed = _placed(records, base, columns, clusters, way, reason, unclear)
    groups: dict[int, list[int]] = {}
    for position in range(len(columns)):
        head = clusters.head(position)
        if head != position:
            groups.setdefault(head, [head]).append(position)
    return Matching(
        records=records,
        base=base,
        placed=tuple(placed),
        clusters=tuple(tuple(group) for group in groups.values() if group[-1] >= len(base)),
        links=tuple(told(edge) for edge in edges["linked"]),
        unclear=tuple(unclear),
        compared=len(found.first),
        left_out=found.left_out,
    )


def _join_copies(
    columns: Comparable, clusters: Clusters, way: Mapping[int, Edge], base_size: int
) -> list[Pair]:
    """Join copies of a record to it; give those that say too little to be joined.

    Even two records alike in everything may be two works when all they say is
    "Introduction". Such a copy is unclear, unless the record is known to be one with others.
    """
    copies = np.flatnonzero(columns.same_as != np.arange(len(columns)))
    if not len(copies):
        return []
    originals = columns.same_as[copies]
    little = _say_little(columns, np.unique(originals)) - way.keys()
    unclear = []
    for copy, original in zip(copies.tolist(), originals.tolist(), strict=True):
        if original not in little:
            clusters.join(original, copy)
        elif copy >= base_size:
            unclear.append(Pair(original, copy, "unclear", "copy", _SAYS_LITTLE, 0))
    return unclear


def _placed(
    records: Sequence[Record],
    base: Sequence[Record],
    columns: Comparable,
    clusters: Clusters,
    way: Mapping[int, Edge],
    reason: Reasons,
    unclear: Sequence[Pair],
) -> list[Placed]:
    """Put each record on its pile."""
    doubts = _first_doubts(unclear, clusters, len(base))
    original = columns.same_as.tolist()

    def record(position: int) -> Record:
        return base[position] if position < len(base) else records[position - len(base)]

    def why(position: int, head: int) -> str:
        at = original[position]
        if at == head or at not in way:
            return _COPY
        _, nearest, number = way[at]
        words = reason(number) if at == position else f"{_COPY} as another; {reason(number)}"
        if nearest == head:
            return words
        by = record(nearest)
        return f"{words} (by way of {by.source} no. {by.position})"

    placed = []
    for position, one in enumerate(records, start=len(base)):
        head = clusters.head(position)
        if head != position:
            placed.append(Placed(one, "duplicate", record(head), why(position, head)))
        elif position in doubts:
            pair = doubts[position]
            other = pair.first if clusters.head(pair.second) == position else pair.second
            placed.append(Placed(one, "unclear", record(other), pair.reason))
        else:
            placed.append(Placed(one, "new"))
    return placed


def _say_little(columns: Comparable, originals: Codes) -> set[int]:
    """Find the records of which a copy is not surely the same work."""
    evidence = weigh(columns, originals, originals)
    rule, _ = judge(evidence)
    sure = np.array([candidate.verdict == "duplicate" for candidate in RULES] + [False])[rule]
    return set(originals.tolist()) - set(evidence.first[sure].tolist())


def _first_doubts(unclear: Sequence[Pair], clusters: Clusters, base_size: int) -> dict[int, Pair]:
    """Find, for each head of a cluster, the strongest pair with an earlier cluster."""
    doubts: dict[int, Pair] = {}
    for pair in unclear:
        one, other = clusters.head(pair.first), clusters.head(pair.second)
        later = max(one, other)
        if one == other or later < base_size:
            continue
        known = doubts.get(later)
        if known is None or (-pair.points, pair.first) < (-known.points, known.first):
            doubts[later] = pair
    return doubts


# ------------------------------------------------------------------ one at a time


class Index:
    """A base made ready, so that a record is compared with it in milliseconds.

    Parameters
    ----------
    records : sequence of Record
        The base.

    Examples
    --------
    >>> from relnotes.desk.formats.records import Person, Record
    >>> jane = (Person("Dominey", "Jane"),)
    >>> index = Index([Record("a.bib", 1, 1, "article", "Trust in probation supervision", jane)])
    >>> asked = Record("b.ris", 1, 1, "article", "Trust in probaton supervision", jane)
    >>> index.match(asked).placed[0].pile
    'unclear'
    """

    MOST = 200
    """A record is compared with so many of the base at most: those sharing most keys."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        columns = comparable(records)
        # A word of the base may come a second time with the record that is asked about.
        self._rare_words = RareWords(columns.title.tolist(), fewest=1)
        keys, positions = keys_of(columns, np.arange(len(columns)), self._rare_words)
        order = np.argsort(keys, kind="stable")
        self._keys, self._positions = keys[order], positions[order]

    def match(self, record: Record) -> Matching:
        """Place one record: new, a duplicate of one of the base, or unclear.

        Parameters
        ----------
        record : Record

        Returns
        -------
        Matching
            With those records of the base as its base that share a key with the record.
        """
        keys, _ = keys_of(comparable([record]), np.zeros(1, dtype=np.int64), self._rare_words)
        starts = np.searchsorted(self._keys, keys, side="left")
        ends = np.searchsorted(self._keys, keys, side="right")
        hits = [self._positions[start:end] for start, end in zip(starts, ends, strict=True)]
        near, shared = np.unique(np.concatenate(hits), return_counts=True)
        most = np.sort(near[np.argsort(-shared, kind="stable")[: self.MOST]])
        base = [self._records[position] for position in most.tolist()]
        columns = comparable([*base, record])
        first = np.flatnonzero(columns.same_as[:-1] == np.arange(len(base)))
        if columns.same_as[-1] != len(base):
            first = first[:0]
        found = Candidates(first, np.full(len(first), len(base)), len(near) - len(most))
        return _sorted_out([record], base, columns, found)


# ------------------------------------------------------------------------ account


def account(matching: Matching, rejected: int = 0) -> dict[str, object]:
    """Give the account of a matching in a form for JSON.

    Parameters
    ----------
    matching : Matching
    rejected : int
        Records that could not be read and so were not matched.

    Returns
    -------
    dict
        ``total``, ``new``, ``duplicate``, ``unclear`` and ``rejected`` are counts;
        ``records`` says for every record its pile, reason and partner; ``clusters``
        and ``links`` name records by source and position.

    Examples
    --------
    >>> from relnotes.desk.formats.records import Record
    >>> account(match([Record("a.ris", 1, 1, "article", "Trust")]))["new"]
    1
    """
    piles = Counter(placed.pile for placed in matching.placed)

    def named(record: Record | None) -> dict[str, object] | None:
        if record is None:
            return None
        return {"source": record.source, "position": record.position, "title": record.title}

    def told(pair: Pair) -> dict[str, object]:
        return {
            "first": named(matching.record(pair.first)),
            "second": named(matching.record(pair.second)),
            "rule": pair.rule,
            "reason": pair.reason,
        }

    return {
        "total": len(matching.placed) + rejected,
        **{pile: piles[pile] for pile in PILES},
        "rejected": rejected,
        "records": [
            {
                **(named(placed.record) or {}),
                "pile": placed.pile,
                "reason": placed.reason,
                "partner": named(placed.partner),
            }
            for placed in matching.placed
        ],
        "clusters": [
            [named(matching.record(position)) for position in cluster]
            for cluster in matching.clusters
        ],
        "links": [told(pair) for pair in matching.links],
        "unclear_pairs": [told(pair) for pair in matching.unclear],
        "compared": matching.compared,
        "left_out": matching.left_out,
    }
