"""Which records are the same work, which only related, which a person must judge.

The way of a pair: it shares a key (`keys`), its fields are graded
(`grades`), and the first rule that applies says what it is (`rules`). The
pairs found to be duplicates are joined into clusters (`clusters`); what is
linked stays apart and is told; what is unclear is shown side by side. Every
record ends in one of three piles, and none is dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from relnotes.desk.formats.records import Record
from relnotes.desk.matching.clusters import Clusters, Edge, joined, ways_from
from relnotes.desk.matching.folded import Folded, folded
from relnotes.desk.matching.keys import candidates
from relnotes.desk.matching.rules import Judged, judge

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
        Sum of the points (see `relnotes.desk.matching.grades`).
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
        account (see `relnotes.desk.matching.keys.LARGEST_BLOCK`).

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
    return _Comparison(records, base).sorted_out()


class _Comparison:
    """Records and base, each work that says the same compared once."""

    def __init__(self, records: Sequence[Record], base: Sequence[Record]) -> None:
        self.records, self.base = records, base
        self.works: list[Folded] = [folded(record) for record in (*base, *records)]
        first: dict[Folded, int] = {}
        self.same_as = [first.setdefault(work, at) for at, work in enumerate(self.works)]
        asked: set[int] = set()
        for position in range(len(base), len(self.works)):
            asked.add(self.same_as[position])
        unlike = list(first.values())
        found = candidates(
            [self.works[at] for at in unlike], lambda at: not base or unlike[at] in asked
        )
        self.left_out, self.compared = found.left_out, len(found.pairs)
        self.judged: list[tuple[int, int, Judged]] = [
            (unlike[one], unlike[other], judged)
            for one, other in found.pairs
            if (judged := judge(self.works[unlike[one]], self.works[unlike[other]])) is not None
        ]

    def record(self, position: int) -> Record:
        size = len(self.base)
        return self.base[position] if position < size else self.records[position - size]

    def edges(self, verdict: str) -> list[Edge]:
        return [
            (one, other, number)
            for number, (one, other, judged) in enumerate(self.judged)
            if judged.rule.verdict == verdict
        ]

    def strength(self, edge: Edge) -> tuple[int, list[tuple[str | int, ...]]]:
        """Sort edges by what they say, never by where the records stand."""
        contents = sorted((self.works[edge[0]].content(), self.works[edge[1]].content()))
        return -self.judged[edge[2]][2].points, contents

    def told(self, edge: Edge, why: str = "") -> Pair:
        first, second, number = edge
        judged = self.judged[number][2]
        words = f"{why}; {judged.reason}" if why else judged.reason
        verdict = "unclear" if why else judged.rule.verdict
        return Pair(first, second, verdict, judged.rule.name, words, judged.points)

    def sorted_out(self) -> Matching:
        clusters, kept, refused = joined(
            len(self.works),
            self.edges("duplicate"),
            [(one, other) for one, other, _ in self.edges("linked")],
            self.strength,
        )
        way = ways_from(clusters, kept)
        unclear = [self.told(edge) for edge in self.edges("unclear")]
        unclear += [self.told(edge, _CONTESTED) for edge in refused]
        unclear += self._join_copies(clusters, way)
        groups: dict[int, list[int]] = {}
        for position in range(len(self.works)):
            head = clusters.head(position)
            if head != position:
                groups.setdefault(head, [head]).append(position)
        return Matching(
            records=self.records,
            base=self.base,
            placed=tuple(self._placed(clusters, way, unclear)),
            clusters=tuple(tuple(g) for g in groups.values() if g[-1] >= len(self.base)),
            links=tuple(self.told(edge) for edge in self.edges("linked")),
            unclear=tuple(unclear),
            compared=self.compared,
            left_out=self.left_out,
        )

    def _join_copies(self, clusters: Clusters, way: Mapping[int, Edge]) -> list[Pair]:
        """Join copies of a record to it; give those that say too little to be joined.

        Even two records alike in everything may be two works when all they say is
        "Introduction". Such a copy is unclear, unless the record is known to be one with others.
        """
        unclear = []
        for copy, original in enumerate(self.same_as):
            if copy == original:
                continue
            if original in way or self._are_one_work(original, copy):
                clusters.join(original, copy)
            elif copy >= len(self.base):
                unclear.append(Pair(original, copy, "unclear", "copy", _SAYS_LITTLE, 0))
        return unclear

    def _are_one_work(self, one: int, other: int) -> bool:
        judged = judge(self.works[one], self.works[other])
        return judged is not None and judged.rule.verdict == "duplicate"

    def _placed(
        self, clusters: Clusters, way: Mapping[int, Edge], unclear: Sequence[Pair]
    ) -> list[Placed]:
        """Put each record on its pile."""
        doubts = _first_doubts(unclear, clusters, len(self.base))
        placed = []
        for position, one in enumerate(self.records, start=len(self.base)):
            head = clusters.head(position)
            if head != position:
                why = self._why(position, head, way)
                placed.append(Placed(one, "duplicate", self.record(head), why))
            elif position in doubts:
                pair = doubts[position]
                other = pair.first if clusters.head(pair.second) == position else pair.second
                placed.append(Placed(one, "unclear", self.record(other), pair.reason))
            else:
                placed.append(Placed(one, "new"))
        return placed

    def _why(self, position: int, head: int, way: Mapping[int, Edge]) -> str:
        at = self.same_as[position]
        if at == head or at not in way:
            return _COPY
        _, nearest, number = way[at]
        reason = self.judged[number][2].reason
        words = reason if at == position else f"{_COPY} as another; {reason}"
        if nearest == head:
            return words
        by = self.record(nearest)
        return f"{words} (by way of {by.source} no. {by.position})"


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
