"""From pairs judged one by one to works: which records belong together.

Pairs can contradict one another: a record without edition looks like the second
edition and like the third, which are two works. So a pair is joined only while
no two records of the joined cluster are known to be two works; the strongest
pairs go first, and those refused are shown to a person.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

Edge: TypeAlias = tuple[int, int, int]
"""Two positions, the lower first, and the number of the pair that joins them."""


class Clusters:
    """Positions joined into clusters; the lowest position of a cluster stands for it.

    Parameters
    ----------
    size : int
        Number of positions.

    Examples
    --------
    >>> clusters = Clusters(4)
    >>> clusters.join(3, 1)
    >>> clusters.head(3), clusters.head(2)
    (1, 2)
    """

    def __init__(self, size: int) -> None:
        self._above = list(range(size))

    def head(self, position: int) -> int:
        """Give the lowest position in the cluster of a position."""
        above = self._above
        while above[position] != position:
            above[position] = above[above[position]]
            position = above[position]
        return position

    def join(self, one: int, other: int) -> None:
        """Make one cluster of the clusters of two positions."""
        one, other = self.head(one), self.head(other)
        if one < other:
            self._above[other] = one
        elif other < one:
            self._above[one] = other


def joined(
    size: int,
    edges: Sequence[Edge],
    apart: Iterable[tuple[int, int]],
    strength: Callable[[Edge], tuple[int, list[tuple[str | int, ...]]]],
) -> tuple[Clusters, list[Edge], list[Edge]]:
    """Join pairs into clusters that hold no two records known to be two works.

    Parameters
    ----------
    size : int
        Number of positions.
    edges : sequence of Edge
        Pairs found to be one work.
    apart : iterable of (int, int)
        Pairs found to be two works.
    strength : callable
        Sorts edges, strongest first; no two edges may be equal by it.

    Returns
    -------
    clusters : Clusters
    kept, refused : list of Edge

    Examples
    --------
    >>> edges = [(0, 1, 0), (1, 2, 1)]
    >>> order = lambda edge: (edge[2], [])
    >>> clusters, kept, refused = joined(3, edges, apart=[(0, 2)], strength=order)
    >>> clusters.head(1), clusters.head(2), refused
    (0, 2, [(1, 2, 1)])
    """
    plain = Clusters(size)
    for one, other, _ in edges:
        plain.join(one, other)
    contested: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one, other in apart:
        head = plain.head(one)
        if head == plain.head(other):
            contested[head].append((one, other))
    if not contested:
        return plain, list(edges), []
    careful = Clusters(size)
    kept, doubtful = [], []
    for edge in edges:
        if plain.head(edge[0]) in contested:
            doubtful.append(edge)
        else:
            careful.join(edge[0], edge[1])
            kept.append(edge)
    enemies: dict[int, set[int]] = defaultdict(set)
    for pairs in contested.values():
        for one, other in pairs:
            enemies[one].add(other)
            enemies[other].add(one)
    members: dict[int, set[int]] = {}
    refused = []
    for edge in sorted(doubtful, key=strength):
        one, other = careful.head(edge[0]), careful.head(edge[1])
        ones, others = members.setdefault(one, {one}), members.setdefault(other, {other})
        if one != other and any(enemies[member] & others for member in ones):
            refused.append(edge)
            continue
        careful.join(one, other)
        kept.append(edge)
        members[careful.head(one)] = ones | others
    return careful, kept, refused


def ways_from(clusters: Clusters, edges: Sequence[Edge]) -> dict[int, Edge]:
    """Find for each joined position by which pair it hangs together with its head.

    Parameters
    ----------
    clusters : Clusters
    edges : sequence of Edge
        The pairs that were joined.

    Returns
    -------
    dict
        From position to itself, the next position on the shortest way to the head of
        its cluster, and the number of the pair that joins the two. A head leads to itself,
        with number -1.

    Examples
    --------
    >>> clusters = Clusters(3)
    >>> clusters.join(0, 1)
    >>> clusters.join(1, 2)
    >>> ways_from(clusters, [(0, 1, 7), (1, 2, 8)])
    {0: (0, 0, -1), 1: (1, 0, 7), 2: (2, 1, 8)}
    """
    way: dict[int, Edge] = {}
    further: list[Edge] = []
    for one, other, number in edges:
        head = clusters.head(one)
        way[head] = (head, head, -1)
        if one == head:
            way[other] = (other, head, number)
        else:
            further.append((one, other, number))
    # Most pairs join a record to the head itself; the rest are reached step by step.
    beside: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for one, other, number in further:
        beside[one].append((other, number))
        beside[other].append((one, number))
    queue = deque(sorted(position for position in beside if position in way))
    while queue:
        here = queue.popleft()
        for there, number in sorted(beside[here]):
            if there not in way:
                way[there] = (there, here, number)
                queue.append(there)
    return way
