"""How sure a judgement must be to count."""

from __future__ import annotations

from enum import StrEnum


class Strictness(StrEnum):
    """How sure a crosswalk row must be to count, from the strictest to the most lenient.

    The four are nested: what one admits, every later one admits too.

    Examples
    --------
    >>> Strictness.EXPLICIT < Strictness.ANY
    True
    >>> [level.value for level in Strictness if level.admits("close", "interpreted")]
    ['close', 'any']
    """

    EXACT = "exact"
    EXPLICIT = "explicit"
    CLOSE = "close"
    ANY = "any"

    @property
    def words(self) -> str:
        """Say in words what counts, for captions."""
        return {
            "exact": "the element means the same and says so in its wording",
            "explicit": "the element's wording names the concept",
            "close": "the element names the concept, or means the same or nearly the same",
            "any": "any relation between element and concept",
        }[self.value]

    def admits(self, relation: str, basis: str) -> bool:
        """Say whether a judgement with this relation and basis counts."""
        return strictest(relation, basis) <= self

    def __lt__(self, other: str) -> bool:
        return _LADDER.index(self) < _LADDER.index(Strictness(other))

    def __le__(self, other: str) -> bool:
        return _LADDER.index(self) <= _LADDER.index(Strictness(other))

    def __gt__(self, other: str) -> bool:
        return not self <= other

    def __ge__(self, other: str) -> bool:
        return not self < other


_LADDER = tuple(Strictness)


def strictest(relation: str, basis: str) -> Strictness:
    """Find the strictest setting that still lets in a judgement.

    Examples
    --------
    >>> strictest("close", "interpreted").value
    'close'
    """
    if basis == "explicit":
        return Strictness.EXACT if relation == "exact" else Strictness.EXPLICIT
    return Strictness.CLOSE if relation in ("exact", "close") else Strictness.ANY
