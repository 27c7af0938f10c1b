"""Which judgements count: whose, how sure, and whether the wording itself must say it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from relnotes.analysis.overlap.naming import unknown_name
from relnotes.evidence.lexical import LEXICAL

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection


class Strictness(StrEnum):
    """How near an element must be to a concept to count, from the strictest to the most lenient.

    The four are nested: what one admits, every later one admits too.

    Examples
    --------
    >>> Strictness.CLOSE < Strictness.KIN
    True
    >>> [strictness_of(relation).value for relation in ("exact", "narrower", "related")]
    ['exact', 'kin', 'any']
    """

    EXACT = "exact"
    CLOSE = "close"
    KIN = "kin"
    ANY = "any"

    @property
    def words(self) -> str:
        """Say in words what counts."""
        return {
            "exact": "the element means the same as the concept",
            "close": "the element means the same as the concept, or nearly the same",
            "kin": "the element means the same as the concept or nearly so, or one takes in the "
            "other",
            "any": "the element is connected with the concept in any way",
        }[self.value]

    @classmethod
    def _missing_(cls, value: object) -> None:
        if value == "explicit":
            raise ValueError(
                '‘explicit’ is a basis now, not a strictness: write Lens("close", "explicit").'
            )
        raise ValueError(unknown_name("strictness", str(value), cls))

    def __lt__(self, other: str) -> bool:
        return _LADDER.index(self) < _LADDER.index(Strictness(other))

    def __le__(self, other: str) -> bool:
        return _LADDER.index(self) <= _LADDER.index(Strictness(other))

    def __gt__(self, other: str) -> bool:
        return not self <= other

    def __ge__(self, other: str) -> bool:
        return not self < other


_LADDER = tuple(Strictness)
_OF_RELATION = {
    "exact": Strictness.EXACT,
    "close": Strictness.CLOSE,
    "narrower": Strictness.KIN,
    "broader": Strictness.KIN,
    "related": Strictness.ANY,
}


def strictness_of(relation: str) -> Strictness:
    """Return the strictest setting that still lets in a relation."""
    return _OF_RELATION.get(relation, Strictness.ANY)


BASES = ("any", "explicit")
"""Whether a judgement may be read into an element, or a term must stand in its wording."""


@dataclass(frozen=True)
class Lens:
    """One way to read the crosswalk: which judgements count.

    Attributes
    ----------
    strictness : Strictness
        How near an element must be to a concept.
    basis : {"any", "explicit"}
        With ``explicit``, only judgements count whose concept stands in the wording.
    coder : str
        Whose judgements; the coding that the collection uses where empty.

    Examples
    --------
    >>> lens = Lens("close", "explicit", "ann")
    >>> str(lens), lens.admits("close", "explicit"), lens.admits("exact", "interpreted")
    ('ann/close/explicit', True, False)
    >>> Lens("explicit")
    Traceback (most recent call last):
        ...
    ValueError: ‘explicit’ is a basis now, not a strictness: write Lens("close", "explicit").
    """

    strictness: Strictness = Strictness.CLOSE
    basis: str = "any"
    coder: str = ""

    def __post_init__(self) -> None:
        """Take a strictness by its word, and refuse what is no basis."""
        if self.basis not in BASES:
            raise ValueError(f"no basis {self.basis!r}; there are: {', '.join(BASES)}")
        object.__setattr__(self, "strictness", Strictness(self.strictness))

    @classmethod
    def of(cls, given: Lens | str) -> Lens:
        """Return a lens; a word alone is a strictness."""
        return given if isinstance(given, Lens) else cls(Strictness(given))

    def on(self, collection: Collection) -> Lens:
        """Return the lens with the collection's own coding where none was named."""
        return self if self.coder else replace(self, coder=main_coder(collection))

    def admits(self, relation: str, basis: str) -> bool:
        """Say whether a judgement with this relation and basis counts."""
        near = strictness_of(relation) <= self.strictness
        return near and self.basis in ("any", basis)

    @property
    def words(self) -> str:
        """Say in words what counts, for captions."""
        said = ", and a term of the concept stands in its wording" * (self.basis == "explicit")
        return f"{self.strictness.words}{said}"

    def __str__(self) -> str:
        parts = [self.coder, self.strictness, self.basis if self.basis != "any" else ""]
        return "/".join(part for part in parts if part)


BASELINE = Lens()
"""What counts unless something else is asked for."""


def codings(collection: Collection) -> tuple[str, ...]:
    """Return the codings of a collection, the one that figures use first.

    That is the one the descriptor names; without it the codings made by people come before the
    rule-made one, and of several the one that judged most elements (then most judgements, then the
    first in the table).

    Examples
    --------
    >>> import pandas as pd
    >>> from relnotes.evidence.collection import Collection
    >>> rows = pd.DataFrame({"coder": ["lexical", "bob", "ann", "ann"], "element_id": list("aaab")})
    >>> codings(Collection.of({"crosswalk": rows}))
    ('ann', 'bob', 'lexical')
    """
    rows = collection.crosswalk
    judged = rows.groupby("coder", sort=False)["element_id"].agg(["nunique", "size"])
    made = judged.assign(
        chosen=judged.index == collection.schema.coding, person=judged.index != LEXICAL
    )
    ordered = made.sort_values(
        ["chosen", "person", "nunique", "size"], ascending=False, kind="stable"
    )
    return tuple(map(str, ordered.index))


def main_coder(collection: Collection) -> str:
    """Return whose coding is read unless another is asked for; the rule's where there is none."""
    return next(iter(codings(collection)), LEXICAL)
