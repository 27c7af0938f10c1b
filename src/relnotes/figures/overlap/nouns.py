"""What the items and sets of an overlap are called in its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from relnotes.evidence.sentences import counted


@dataclass(frozen=True)
class Nouns:
    """The words for what is counted, what it is counted in, and how the one belongs to the other.

    Attributes
    ----------
    item, items, set, sets : str
        Singular and plural of both.
    verb : tuple of str
        Singular and plural of what an item does: it *is in* a set, or *names* a concept.
    question : str
        What a figure of them asks.

    Examples
    --------
    >>> Nouns("concept", "concepts", "framework", "frameworks").some_items(1)
    '1 concept'
    """

    item: str = "item"
    items: str = "items"
    set: str = "set"
    sets: str = "sets"
    verb: tuple[str, str] = ("is in", "are in")
    question: str = "Which items do the sets share?"

    def some_items(self, number: int) -> str:
        """Return a number of items in words."""
        return counted(number, self.item, self.items)

    def some_sets(self, number: int) -> str:
        """Return a number of sets in words."""
        return counted(number, self.set, self.sets)


ITEMS: Final = Nouns()
CONCEPTS_BY_FRAMEWORK: Final = Nouns(
    "concept",
    "concepts",
    "framework",
    "frameworks",
    ("is named by", "are named by"),
    "Which concepts do the frameworks share?",
)
FRAMEWORKS_BY_CONCEPT: Final = Nouns(
    "framework",
    "frameworks",
    "concept",
    "concepts",
    ("names", "name"),
    "Which of the most named concepts stand together in a framework?",
)
CONCEPTS_BY_SETTING: Final = Nouns(
    "concept",
    "concepts",
    "setting",
    "settings",
    ("is named in", "are named in"),
    "Which concepts are named across settings, and which in one alone?",
)
