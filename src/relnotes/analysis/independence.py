"""How many voices stand behind a count: at least, and at most.

Ten frameworks are not ten witnesses. Sets of one *family* descend from one another, so there are
at most as many independent voices as families, a set without relatives counting as one. But sets
of different families may all have been read in the papers of one publisher, who chose and worded
them: there are at least as many voices as publishers are needed to account for every family. Where
a set was read in several works, the publisher that accounts for most is taken; a set whose family
is not coded, or a work whose publisher is not known, adds nothing to the least. The works that are
needed lie in between. Works that report one study are one work. Works that bring together some of
the same studies, such as a meta-analysis and its update, are at most one voice.
"""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from relnotes.evidence.schema import NOT_CODED
from relnotes.evidence.sources import keys_in
from relnotes.evidence.vocabulary import EMPTIES, terms_of

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

Keys = tuple[str, ...]

# More open choices than this are counted by what is sure without trying every combination.
_MOST_TRIED: Final = 20


@dataclass(frozen=True)
class Independence:
    """A range of independent voices.

    Attributes
    ----------
    least : int or None
        Publishers needed to account for all; None where no publisher is coded.
    works : int
        Works needed to account for all.
    most : int or None
        Families, or studies that share nothing known; None where a family is not coded.
    """

    least: int | None
    works: int
    most: int | None

    @property
    def words(self) -> str:
        """The range in words.

        Examples
        --------
        >>> Independence(5, 11, 16).words, Independence(1, 1, 1).words
        ('5 to 16 independent voices', '1 independent voice')
        >>> Independence(None, 3, 4).words, Independence(2, 3, None).words
        ('at most 4 independent voices', 'at least 2 independent voices')
        """
        if self.least is None and self.most is None:
            return "an uncounted number of independent voices"
        if self.least is None or self.most is None:
            side, number = (
                ("at most", self.most) if self.least is None else ("at least", self.least)
            )
            return f"{side} {number:,} independent {_voices(number or 0)}"
        if self.least == self.most:
            return f"{self.most:,} independent {_voices(self.most)}"
        return f"{self.least:,} to {self.most:,} independent voices"


def _voices(number: int) -> str:
    return "voice" if number == 1 else "voices"


def compute_independence(
    collection: Collection, frameworks: Iterable[str], elements: Iterable[str] | None = None
) -> Independence:
    """Count the independent voices behind frameworks.

    Parameters
    ----------
    frameworks : iterable of str
        Ids of the frameworks that agree.
    elements : iterable of str, optional
        Ids of the elements they agree by: the works that these were read in count. All of their
        elements by default, and the framework's own source where it has none.
    """
    sets = _read_in(collection)
    wanted = None if elements is None else set(elements)
    units: dict[tuple[str, str], set[str]] = {}
    family: dict[str, str] = {}
    for name in dict.fromkeys(frameworks):
        kin, own, of_element = sets[name]
        family[name] = kin
        unit = (kin, "") if kin not in EMPTIES else ("", name)
        asked = of_element if wanted is None else of_element.keys() & wanted
        read = {key for element in asked for key in of_element[element]}
        units.setdefault(unit, set()).update(read or own)
    uncoded = {("", name) for name, kin in family.items() if kin in (NOT_CODED, "")}
    coded = [works for unit, works in units.items() if unit not in uncoded]
    return Independence(
        _fewest_publishers(collection, list(units.values()), coded),
        _fewest_works(collection, units.values()),
        None if uncoded else len(units),
    )


# Some thirty counts of one collection stand behind a single figure.
@lru_cache(maxsize=2)
def _read_in(collection: Collection) -> dict[str, tuple[str, Keys, dict[str, Keys]]]:
    """Return for each framework its family, the works it and each of its elements were read in."""
    table, elements = collection.frameworks, collection.elements
    sets: dict[str, tuple[str, Keys, dict[str, Keys]]] = {
        name: (family, keys_in(cell), {})
        for name, family, cell in zip(
            table["framework_id"], table["family"], table["source"], strict=True
        )
    }
    for name, element, cell in zip(
        elements["framework_id"], elements["element_id"], elements["source"], strict=True
    ):
        if name in sets:
            sets[name][2][element] = keys_in(cell)
    return sets


def compute_work_independence(collection: Collection, keys: Iterable[str]) -> Independence:
    """Count the independent voices behind works: at most their studies that share nothing."""
    studies = dict.fromkeys(study_of(collection, key) for key in keys)
    units = group_sharing(studies, find_sharing(collection))
    least = _fewest_publishers(collection, units, units)
    return Independence(least, _fewest_works(collection, units), len(units))


def find_sharing(collection: Collection) -> dict[str, set[str]]:
    """Find for each study, by its main report, those that bring together some of the same studies.

    What one of the two works declares holds for both.
    """
    found: dict[str, set[str]] = {}
    for key, cell in collection.overlaps_with.items():
        for other in terms_of(cell):
            one, two = study_of(collection, key), study_of(collection, other)
            found.setdefault(one, set()).add(two)
            found.setdefault(two, set()).add(one)
    return found


def group_sharing(
    studies: Iterable[str], sharing: Mapping[str, Iterable[str]]
) -> list[frozenset[str]]:
    """Gather studies that share some of theirs, with one another or through others given here.

    Examples
    --------
    >>> [sorted(group) for group in group_sharing("abcd", {"a": "bx", "b": "ac", "c": "b"})]
    [['a', 'b', 'c'], ['d']]
    """
    left = dict.fromkeys(studies)
    groups = []
    while left:
        ahead, group = [next(iter(left))], set()
        while ahead:
            study = ahead.pop()
            if study in left:
                del left[study]
                group.add(study)
                ahead += sharing.get(study, ())
        groups.append(frozenset(group))
    return groups


def study_of(collection: Collection, key: str) -> str:
    """Return the key of the main report of the study that a work reports; else its own."""
    main = collection.report_of.get(key, "")
    return key if main in EMPTIES else main


def _fewest_works(collection: Collection, units: Iterable[Some[str]]) -> int:
    return fewest(frozenset(study_of(collection, key) for key in unit) for unit in units)


def _fewest_publishers(
    collection: Collection, every: Sequence[Some[str]], sure: Sequence[Some[str]]
) -> int | None:
    """Count the fewest publishers that account for what is sure; None where none is coded."""
    publisher = collection.publisher
    if every and all(publisher.get(key, NOT_CODED) == NOT_CODED for unit in every for key in unit):
        return None
    known = [[publisher.get(key, NOT_CODED) for key in unit] for unit in sure]
    # Where one of a unit's works has no known publisher, it may be anybody's.
    told = [
        frozenset(term for p in unit for term in terms_of(p))
        for unit in known
        if unit and not any(p in EMPTIES for p in unit)
    ]
    return max(fewest(told), min(len(every), 1))


def fewest(units: Iterable[frozenset[str]]) -> int:
    """Count the fewest names that meet every unit; where there are too many ways, a bound below it.

    Examples
    --------
    >>> fewest([frozenset("a"), frozenset("ab"), frozenset("bc"), frozenset("cd")])
    2
    """
    every = {unit for unit in units if unit}
    single = frozenset(name for unit in every if len(unit) == 1 for name in unit)
    return len(single) + _search([unit for unit in every if not unit & single])


def _search(units: list[frozenset[str]]) -> int:
    if not units:
        return 0
    if len(units) > _MOST_TRIED:  # units with nothing in common need a name each
        taken: set[str] = set()
        apart = 0
        for unit in sorted(units, key=lambda unit: (len(unit), sorted(unit))):
            if not unit & taken:
                taken |= unit
                apart += 1
        return apart
    smallest = min(units, key=len)
    return 1 + min(_search([u for u in units if name not in u]) for name in smallest)
