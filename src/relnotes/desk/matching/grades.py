"""What a pair of records says for and against being one work.

Ten fields are graded (:class:`Grades`), each grade has points (:data:`POINTS`), and the sum
says how far the pair looks like one work. The points are the weight of a grade among pairs that
share a key, in the manner of Fellegi and Sunter, rounded to whole numbers so that a person can
add them up.

References
----------
Fellegi, I. P. and Sunter, A. B. (1969) A theory for record linkage. Journal of
the American Statistical Association 64, 1183-1210.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from relnotes.desk.matching.folded import CORRECTION, Folded
from relnotes.desk.matching.titles import (
    CHANGED,
    DIFFERENT,
    HOPELESS,
    MISSING,
    NEAR,
    PARTLY,
    PROMISING,
    REWORDED,
    SAME,
    begins_alike,
    title_grade,
    word_set,
)

# ----------------------------------------------------------------------- authors

_NOBODY = frozenset(["et al", "others", "et al et al", "anonymous", "anon", "no author", "unknown"])


def author_grade(one: Sequence[str], other: Sequence[str]) -> int:
    """Grade two lists of folded family names that are not the same.

    Examples
    --------
    >>> author_grade(["dominey", "canton"], ["dominey"]) == NEAR
    True
    >>> author_grade(["lewis"], ["canton", "lewis"]) == PARTLY
    True
    """
    ones = [name for name in one if name and name not in _NOBODY]
    others = [name for name in other if name and name not in _NOBODY]
    if not ones or not others:
        return MISSING
    ones, others = sorted((ones, others), key=lambda names: (len(names), names))
    if ones == others[: len(ones)]:
        return SAME if len(ones) == len(others) else NEAR
    pool = list(others)
    hits = 0
    for name in ones:
        twin = next((candidate for candidate in pool if _same_name(name, candidate)), None)
        if twin is not None:
            hits += 1
            pool.remove(twin)
    first = _same_name(ones[0], others[0])
    share = hits / len(ones)
    if share == 1.0 and len(ones) == len(others):
        return SAME if first else NEAR
    if share >= 0.7 and (first or hits >= 2):
        return NEAR
    if hits:
        return PARTLY
    # Given and family names exchanged, all names in one field.
    words, other_words = set(" ".join(one).split()), set(" ".join(other).split())
    common = {word for word in words & other_words if len(word) > 2}
    if len(common) >= 2 or (common and min(len(words), len(other_words)) == 1):
        return NEAR
    return PARTLY if common else DIFFERENT


def _same_name(one: str, other: str) -> bool:
    if one == other:
        return True
    if " " in one or " " in other:
        ones, others = set(one.split()), set(other.split())
        shorter, longer = (ones, others) if len(ones) <= len(others) else (others, ones)
        shorter = {word for word in shorter if len(word) > 2} or shorter
        if shorter <= longer or one.replace(" ", "") == other.replace(" ", ""):
            return True
    if min(len(one), len(other)) < 4:
        return False
    if OSA.distance(one, other, score_cutoff=1) <= 1:
        return True
    # Müller is Mueller in some exports and Muller in others.
    return _without_umlauts(one) == _without_umlauts(other)


def _without_umlauts(name: str) -> str:
    return name.replace("ae", "a").replace("oe", "o").replace("ue", "u")


# --------------------------------------------------------------------- containers

# Words that tell no container from another.
_BETWEEN = word_set(
    "of the and in for on de la le les des du der die das und et fur e del di y a an to "
    "online print official journal j international int annual conference conf proceedings proc "
    "symposium workshop congress meeting th st nd rd"
)
_LITTLE = word_set("of the and in for on de la des du der die das und et a an to")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)?$")


def container_grade(one: str, other: str) -> int:
    """Grade two folded journal, book or series names that are not the same.

    Examples
    --------
    >>> container_grade("curr opin lipidol", "current opinion in lipidology") == NEAR
    True
    >>> container_grade("jama", "journal of the american medical association") == NEAR
    True
    >>> container_grade("probation journal", "the lancet") == DIFFERENT
    True
    """
    if not one or not other:
        return MISSING
    ones, others = one.split(), other.split()
    left = [w for w in ones if w not in _BETWEEN and not _ORDINAL.match(w)] or ones
    right = [w for w in others if w not in _BETWEEN and not _ORDINAL.match(w)] or others
    if left == right:
        return NEAR
    if _abbreviates(left, right) or _abbreviates(right, left):
        return NEAR
    for names, spelt in ((ones, others), (others, ones)):
        initials = "".join(w[0] for w in spelt if w not in _LITTLE and not w[0].isdecimal())
        if len(initials) >= 3 and initials in names:
            return NEAR
    if fuzz.token_sort_ratio(" ".join(left), " ".join(right)) >= 85:
        return NEAR
    # "Cancer research" and "Clinical cancer research" may be one journal carelessly
    # named; where each has a word that the other lacks, they are two.
    return DIFFERENT if set(left) - set(right) and set(right) - set(left) else PARTLY


def _abbreviates(short: list[str], name: list[str]) -> bool:
    """Tell whether each word of the one begins a word of the other, in order."""
    if short[0][0] != name[0][0]:
        return False
    at = 0
    matched = 0
    for word in short:
        while at < len(name) and not _cut(word, name[at]):
            at += 1
        if at == len(name):
            return False
        at += 1
        matched += 1
    return matched >= 2 or (matched == 1 and len(name) <= 2 and len(short[0]) >= 4)


def _cut(word: str, full: str) -> bool:
    if full.startswith(word) or word.startswith(full):
        return True
    # "natl" for "national": first letter, then the others in their order
    if word[0] != full[0] or len(word) < 3 or len(word) >= len(full):
        return False
    letters = iter(full)
    return all(letter in letters for letter in word)


# ------------------------------------------------------------------------ a pair


@dataclass(frozen=True, slots=True)
class Grades:
    """The grades of a pair, field by field; the same whichever record comes first."""

    title: int
    authors: int
    year: int
    container: int
    volume: int
    issue: int
    pages: int
    doi: int
    pmid: int
    isbn: int
    edition: int

    def points(self, one: Folded, other: Folded) -> int:
        """Add up what the grades are worth."""
        total = sum(worth.get(getattr(self, name), 0) for name, worth in POINTS.items())
        if SAME <= self.title <= PARTLY:
            if min(one.words, other.words) <= SHORT_TITLE:
                total -= SHORT_TITLE_POINTS
            if one.generic or other.generic:
                total -= GENERIC_POINTS - SHORT_TITLE_POINTS
        return total


def _equal(one: object, other: object) -> int:
    """Grade a field of which equality is all that can be said."""
    if not one or not other:
        return MISSING
    return SAME if one == other else DIFFERENT


def years_apart(one: Folded, other: Folded) -> int:
    """Give the years between two records, -1 where a year is missing."""
    return abs(one.year - other.year) if one.year and other.year else -1


def grade(one: Folded, other: Folded) -> Grades | None:
    """Grade every field of a pair; None where the two can be nothing to one another."""
    title = _title(one, other)
    if title is None:
        return None
    doi = _equal(one.doi, other.doi)
    pages = _pages(one, other)
    authors = _equal(one.authors, other.authors)
    container = _equal(one.container, other.container)
    if title != DIFFERENT or SAME in (doi, pages):
        authors = _authors(one, other) if authors == DIFFERENT else authors
        container = _container(one, other) if container == DIFFERENT else container
    apart = years_apart(one, other)
    return Grades(
        title=title,
        authors=authors,
        year={-1: MISSING, 0: SAME, 1: PARTLY}.get(apart, DIFFERENT),
        container=container,
        volume=_equal(one.volume, other.volume),
        issue=_equal(one.issue, other.issue),
        pages=pages,
        doi=doi,
        pmid=_equal(one.pmid, other.pmid),
        isbn=_shared(one.isbns, other.isbns),
        edition=_equal(one.edition, other.edition),
    )


def _shared(ones: frozenset[str], others: frozenset[str]) -> int:
    if not ones or not others:
        return MISSING
    return SAME if ones & others else DIFFERENT


def _title(one: Folded, other: Folded) -> int | None:
    """Grade the titles; None where they are unlike and nothing else ties the pair together."""
    if one.piece != other.piece:
        return _grade_of_what_it_is_about(one, other)
    if not one.title or not other.title:
        return MISSING
    if one.compact == other.compact or one.plain == other.plain:
        return SAME
    likeness = fuzz.ratio(one.plain, other.plain, score_cutoff=HOPELESS)
    if not _worth_a_look(one, other, likeness):
        return None
    return title_grade(one.plain, other.plain, likeness)


def _worth_a_look(one: Folded, other: Folded, likeness: float) -> bool:
    same_place = (
        _equal(one.pages[0], other.pages[0]) == SAME and _equal(one.volume, other.volume) == SAME
    )
    if same_place or SAME in (_equal(one.doi, other.doi), _equal(one.pmid, other.pmid)):
        return True
    in_book = {one.kind, other.kind} == {"chapter", "book"} and in_the_book(one, other)
    tied = (one.first_author == other.first_author or not one.authors or not other.authors) and (
        one.container == other.container or years_apart(one, other) <= 1
    )
    if in_book or gives_the_place(one, other) or likeness >= (HOPELESS if tied else PROMISING):
        return True
    # One title the beginning or the end of the other: a likeness that letters do not show.
    brief, full = sorted((one.plain, other.plain), key=len)
    fewer, more = sorted((one.words, other.words))
    ends = full.startswith(brief) or full.endswith(brief)
    return (fewer >= 3 and 2 * fewer < more and ends) or (tied and begins_alike(brief, full))


def in_the_book(one: Folded, other: Folded) -> bool:
    """Tell whether one stands in a book that has the title of the other."""
    return any(
        chapter.kind == "chapter"
        and bool(book.compact)
        and chapter.container.replace(" ", "") == book.compact
        for chapter, book in ((one, other), (other, one))
    )


def _grade_of_what_it_is_about(one: Folded, other: Folded) -> int:
    """Grade the title of one against what the other, an erratum or reply, is about."""
    bare = one.bare, other.bare
    if _names_the_place(one, other):
        return SAME
    if not all(bare) or min(len(title.split()) for title in bare) < 3:
        return DIFFERENT
    if bare[0] == bare[1]:
        return SAME
    return title_grade(bare[0], bare[1], fuzz.ratio(bare[0], bare[1]))


def _names_the_place(one: Folded, other: Folded) -> bool:
    """Tell whether a correction names what it corrects by its place in the same journal."""
    for note, work in ((one, other), (other, one)):
        if note.piece != CORRECTION or work.piece:
            continue
        said = set(note.bare.split())
        if {work.volume, work.pages[0]} <= said and note.container == work.container:
            return True
    return False


def gives_the_place(one: Folded, other: Folded) -> bool:
    """Tell whether one title is the other's followed by the other's volume and first page.

    So Web of Science ("… (vol 12, pg 45, 2019)") and Embase name what a notice corrects.
    """
    note, work = (one, other) if len(one.plain) > len(other.plain) else (other, one)
    if not (work.volume and work.pages[0] and note.plain.startswith(work.plain)):
        return False
    return {work.volume, work.pages[0]} <= set(note.plain[len(work.plain) :].split())


def _authors(one: Folded, other: Folded) -> int:
    found = author_grade(one.authors, other.authors)
    # Family and given name of the first author exchanged in one of the two.
    exchanged = one.first_author in other.given.split() or other.first_author in one.given.split()
    return NEAR if found == DIFFERENT and exchanged else found


def _container(one: Folded, other: Folded) -> int:
    found = container_grade(one.container, other.container)
    if found >= PARTLY and one.issns & other.issns:
        return NEAR
    # One meeting goes by many names ("SIGMOD", "Management of Data"): unlike names of two
    # meetings in one year say nothing.
    meetings = one.kind == other.kind == "conference"
    if found == DIFFERENT and meetings and years_apart(one, other) == 0:
        return PARTLY
    return found


def _pages(one: Folded, other: Folded) -> int:
    first, last = (_equal(a, b) for a, b in zip(one.pages, other.pages, strict=True))
    if first == SAME:
        return NEAR if last == DIFFERENT else SAME
    if first == DIFFERENT and last == SAME:
        return NEAR
    if first == DIFFERENT:
        (start, end), (other_start, other_end) = _extent(one), _extent(other)
        overlap = max(start, other_start) <= min(end, other_end)
        return PARTLY if overlap and min(start, other_start) >= 0 else DIFFERENT
    return first


_LARGEST_PAGE = 9  # digits; a longer "page" is some other number


def _extent(record: Folded) -> tuple[int, int]:
    start, end = (int(p) if p.isdecimal() and len(p) <= _LARGEST_PAGE else -1 for p in record.pages)
    return start, max(start, end)


# ------------------------------------------------------------------------- points

POINTS: Mapping[str, Mapping[int, int]] = {
    "title": {SAME: 8, NEAR: 6, PARTLY: 3, REWORDED: 2, CHANGED: -2, DIFFERENT: -9},
    "authors": {SAME: 4, NEAR: 3, PARTLY: 1, DIFFERENT: -6},
    "year": {SAME: 2, PARTLY: 0, DIFFERENT: -3},
    "container": {SAME: 3, NEAR: 2, PARTLY: 0, DIFFERENT: -3},
    "volume": {SAME: 2, DIFFERENT: -2},
    "issue": {SAME: 1, DIFFERENT: -1},
    "pages": {SAME: 4, NEAR: 2, PARTLY: 0, DIFFERENT: -3},
    "doi": {SAME: 8, DIFFERENT: -4},
    "pmid": {SAME: 8, DIFFERENT: -4},
    "isbn": {SAME: 3, DIFFERENT: -1},
}
"""What each grade of each field is worth; a field that either record lacks, nothing."""

FIELDS = tuple(POINTS)

SHORT_TITLE = 3
"""A title of so few words is borne by many pieces: it counts `SHORT_TITLE_POINTS` less."""

SHORT_TITLE_POINTS = 3
GENERIC_POINTS = 6
"""How much less a title counts that says a place ("Introduction") and not a piece."""
