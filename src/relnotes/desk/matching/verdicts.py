"""What a pair of records is: the rules, in the order in which they are asked.

The first rule that applies decides.

1. *The same place in print* comes first: the same people on the same pages of the
   same volume wrote one piece, whatever has become of its title on the way.
2. Then what makes two records of one family *two works*, because every such pair
   also looks like a duplicate: an erratum repeats the title it corrects, a second
   edition that of the first, a chapter has the DOI of its book, a review the title
   of the book. No sum of points may merge these; they are linked.
3. Then the sum of points (`relnotes.desk.matching.scoring`) decides: enough for a
   duplicate, too much to be let go without a person having looked, or too little.

An identifier alone merges nothing: DOIs are mistyped, copied from the record above
and shared by all the chapters of a book. Nor does a title alone, unless it is long
and nothing contradicts it, which is all there is to go by in a list of titles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from relnotes.desk.matching.comparable import (
    ARTICLE,
    BOOK,
    CHAPTER,
    CONFERENCE,
    REPORT,
    THESIS,
    UNKNOWN,
)
from relnotes.desk.matching.scoring import (
    CHANGED,
    DIFFERENT,
    FIELDS,
    MISSING,
    NEAR,
    PARTLY,
    REWORDED,
    SAME,
    Evidence,
    points,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from relnotes.desk.matching.comparable import Codes
    from relnotes.desk.matching.scoring import Grades

    Mask = NDArray[np.bool_]

DUPLICATE_FROM = 12
"""Pairs with at least so many points are duplicates."""

UNCLEAR_FROM = 9
"""Pairs with at least so many points, and too few for a duplicate, are for a person."""

TELLING_TITLE = 5
"""A title of so many words is seldom borne by two works."""


@dataclass(frozen=True)
class Rule:
    """One reason for calling a pair duplicate, linked or unclear.

    Parameters
    ----------
    name : str
        Short name, as it stands in the account.
    verdict : str
        "duplicate", "linked" or "unclear".
    words : str
        The reason as a person reads it; empty where the fields say it all.
    applies : callable
        From evidence and points to a mask of the pairs it applies to.
    """

    name: str
    verdict: str
    words: str
    applies: Callable[[Evidence, Codes], Mask]


def _is(grades: Grades, *wanted: int) -> Mask:
    mask: Mask = grades == wanted[0]
    for grade in wanted[1:]:
        mask |= grades == grade
    return mask


def _kinds(e: Evidence, one: Sequence[int], other: Sequence[int]) -> Mask:
    wanted = np.zeros(256, dtype=bool)
    wanted[[16 * min(a, b) + max(a, b) for a in one for b in other]] = True
    return wanted[e.kinds]


def _alike(e: Evidence) -> Mask:
    return _is(e.title, SAME, NEAR, PARTLY)


def _by_the_same(e: Evidence) -> Mask:
    return _is(e.authors, SAME, NEAR)


def _same_container(e: Evidence) -> Mask:
    return _is(e.container, SAME, NEAR)


def _uncontradicted(e: Evidence) -> Mask:
    mask = np.ones(len(e), dtype=bool)
    for name in FIELDS:
        if name != "title":
            mask &= _is(getattr(e, name), MISSING, SAME, NEAR)
    return mask & _is(e.edition, MISSING, SAME)


# ----------------------------------------------------------------------- one work


def _same_place_in_print(e: Evidence, _: Codes) -> Mask:
    # With both ends of the pages and a second author the title may be a translation.
    titles = _is(e.title, SAME, NEAR, PARTLY, REWORDED) | (e.extent & ~_is(e.title, MISSING))
    issues = ~_is(e.issue, DIFFERENT) | (e.extent & (~_is(e.title, DIFFERENT) | (e.names >= 2)))
    pages = _is(e.pages, SAME) & (_is(e.volume, SAME) | (e.extent & _is(e.volume, MISSING)))
    place = pages & _same_container(e) & (e.years_apart <= 1) & ~_is(e.doi, DIFFERENT)
    return titles & issues & place & _by_the_same(e) & ~e.generic


def _ahead_of_print(e: Evidence, _: Codes) -> Mask:
    # Titles are edited between the version ahead of print and the one in print.
    nowhere_yet = _is(e.pages, MISSING) & _is(e.volume, MISSING) & _is(e.issue, MISSING)
    same_team = _by_the_same(e) & (e.names >= 5)
    there_and_then = _same_container(e) & _is(e.year, SAME) & ~_is(e.doi, DIFFERENT)
    return _is(e.title, REWORDED) & nowhere_yet & same_team & there_and_then


def _title_alone(e: Evidence, _: Codes) -> Mask:
    same = _is(e.title, SAME) & (e.title_length >= TELLING_TITLE)
    near = _is(e.title, NEAR) & (e.title_length >= TELLING_TITLE + 3)
    return (same | near) & ~e.generic & _uncontradicted(e)


def _enough_in_common(e: Evidence, total: Codes) -> Mask:
    return (total >= DUPLICATE_FROM) & _alike(e)


# ---------------------------------------------------------------- one family, two works


def _about_one_another(e: Evidence, _: Codes) -> Mask:
    return e.one_about & _alike(e)


def _chapter_and_book(e: Evidence, _: Codes) -> Mask:
    return _kinds(e, [CHAPTER], [BOOK]) & (_is(e.doi, SAME) | _is(e.isbn, SAME) | _alike(e))


def _parts_of_one_book(e: Evidence, _: Codes) -> Mask:
    parts = _kinds(e, [CHAPTER], [CHAPTER, BOOK, UNKNOWN, CONFERENCE])
    shared = _is(e.doi, SAME) | _is(e.isbn, SAME)
    return parts & shared & ~_is(e.title, SAME, NEAR) & ~_is(e.pages, SAME)


def _review_of_book(e: Evidence, _: Codes) -> Mask:
    return _kinds(e, [ARTICLE], [BOOK]) & _alike(e) & _is(e.authors, DIFFERENT)


def _editions(e: Evidence, _: Codes) -> Mask:
    books = _kinds(e, [BOOK, UNKNOWN], [BOOK, UNKNOWN]) & (_alike(e) | _is(e.title, CHANGED))
    reprinted = _kinds(e, [BOOK], [BOOK]) & (e.years_apart >= 2) & ~_is(e.isbn, SAME)
    return books & ~_is(e.authors, DIFFERENT) & (_is(e.edition, DIFFERENT) | reprinted)


def _reissues(e: Evidence, _: Codes) -> Mask:
    reports = _kinds(e, [REPORT], [REPORT]) & _alike(e) & ~_is(e.authors, DIFFERENT)
    return reports & (e.years_apart >= 1) & ~_is(e.doi, SAME)


def _versions(e: Evidence, _: Codes) -> Mask:
    versions = (
        _kinds(e, [REPORT], [ARTICLE, CHAPTER, CONFERENCE, BOOK])
        | _kinds(e, [CONFERENCE], [ARTICLE, CHAPTER])
        | _kinds(e, [CHAPTER], [ARTICLE])
        | _kinds(e, [THESIS], [ARTICLE, BOOK, CONFERENCE, REPORT, CHAPTER])
    )
    alike = _alike(e) & ~_is(e.authors, DIFFERENT, MISSING)
    meetings = _kinds(e, [CONFERENCE], [CONFERENCE]) & (e.years_apart >= 1)
    apart = ~_is(e.doi, SAME) & ~_is(e.volume, SAME) & ~_same_container(e)
    return (versions | meetings) & alike & apart


def _place_not_piece(e: Evidence, _: Codes) -> Mask:
    elsewhere = (
        (e.years_apart >= 1)
        | _is(e.volume, DIFFERENT)
        | _is(e.issue, DIFFERENT)
        | _is(e.pages, DIFFERENT)
        | _is(e.doi, DIFFERENT)
        | _is(e.container, DIFFERENT)
    )
    return e.generic & _alike(e) & elsewhere & (_by_the_same(e) | _same_container(e))


def _instalments(e: Evidence, _: Codes) -> Mask:
    return _is(e.title, CHANGED) & _by_the_same(e) & ~_is(e.doi, SAME) & (e.title_length >= 3)


def _published_twice(e: Evidence, _: Codes) -> Mask:
    moved = _is(e.container, DIFFERENT) & (
        _is(e.pages, DIFFERENT) | _is(e.volume, DIFFERENT) | _is(e.doi, DIFFERENT)
    )
    again = _is(e.pages, DIFFERENT) & _is(e.volume, DIFFERENT) & _is(e.doi, DIFFERENT)
    title = _is(e.title, SAME, NEAR) & ~e.generic & (e.title_length >= 4)
    return title & _by_the_same(e) & (moved | again) & ~_is(e.doi, SAME)


def _twice_in_a_volume(e: Evidence, _: Codes) -> Mask:
    place = _same_container(e) & _is(e.volume, SAME)
    elsewhere = _is(e.issue, DIFFERENT) & _is(e.pages, DIFFERENT)
    return _alike(e) & place & elsewhere & ~_is(e.doi, SAME)


def _shared_identifier(e: Evidence, _: Codes) -> Mask:
    # All abstracts of a meeting, all chapters of a book; or an identifier that is wrong.
    shared = (_is(e.doi, SAME) | _is(e.pmid, SAME)) & _is(e.title, CHANGED, DIFFERENT)
    return shared & (_is(e.authors, DIFFERENT) | _is(e.pages, DIFFERENT))


# --------------------------------------------------------------------- for a person


def _identifier_alone(e: Evidence, _: Codes) -> Mask:
    return (_is(e.doi, SAME) | _is(e.pmid, SAME)) & ~_alike(e)


def _something_in_common(e: Evidence, total: Codes) -> Mask:
    return total >= UNCLEAR_FROM


RULES: tuple[Rule, ...] = (
    Rule("same place", "duplicate", "the same authors on the same pages", _same_place_in_print),
    Rule("ahead of print", "duplicate",
         "the same five or more authors, journal and year, one without a place in print yet",
         _ahead_of_print),
    Rule("about", "linked",
         "one is a correction, retraction, reply, comment or review of the other",
         _about_one_another),
    Rule("chapter and book", "linked", "one is a chapter of the other", _chapter_and_book),
    Rule("parts of one book", "linked", "two parts of one book", _parts_of_one_book),
    Rule("shared identifier", "linked",
         "one identifier for two works: parts of one publication, or a wrong identifier",
         _shared_identifier),
    Rule("review of a book", "linked", "an article of others with the title of the book",
         _review_of_book),
    Rule("editions", "linked", "editions of one book", _editions),
    Rule("re-issue", "linked", "issues of one report in different years", _reissues),
    Rule("versions", "linked", "versions of one work: paper, article, chapter or thesis",
         _versions),
    Rule("place, not piece", "linked",
         "a title that many pieces bear, in the same series or by the same authors",
         _place_not_piece),
    Rule("instalments", "linked", "titles that differ in a number or a word, by the same authors",
         _instalments),
    Rule("published twice", "linked", "the same title and authors in two places",
         _published_twice),
    Rule("twice in a volume", "linked", "the same title on other pages of the volume",
         _twice_in_a_volume),
    Rule("enough in common", "duplicate", "", _enough_in_common),
    Rule("title alone", "duplicate", "a long title, and nothing else contradicts it",
         _title_alone),
    Rule("identifier alone", "unclear", "the same identifier, but not the same title",
         _identifier_alone),
    Rule("something in common", "unclear", "", _something_in_common),
)  # fmt: skip
"""The rules in the order in which they are asked; a pair to which none applies is different."""

VERDICTS = ("duplicate", "linked", "unclear")


def judge(evidence: Evidence) -> tuple[Codes, Codes]:
    """Find the first rule that applies to each pair.

    Parameters
    ----------
    evidence : Evidence

    Returns
    -------
    rule, points : arrays of int
        Index into `RULES`, -1 where none applies; and the sum of points.
    """
    total = points(evidence)
    rule = np.full(len(evidence), -1, dtype=np.int64)
    for number, candidate in reversed(list(enumerate(RULES))):
        rule[candidate.applies(evidence, total)] = number
    return rule, total


_WORDS = {
    "title": "title",
    "authors": "authors",
    "year": "year",
    "container": "journal or book",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
    "doi": "DOI",
    "pmid": "PubMed number",
    "isbn": "ISBN",
    "edition": "edition",
}


def _in_words(rule: int, grades: Sequence[int]) -> str:
    fields: dict[str, list[str]] = {"same": [], "alike": [], "different": []}
    for name, grade in zip(_WORDS.values(), grades, strict=True):
        if grade == SAME:
            fields["same"].append(name)
        elif grade in (NEAR, PARTLY, REWORDED):
            fields["alike"].append(name)
        elif grade in (CHANGED, DIFFERENT):
            fields["different"].append(name)
    said = [RULES[rule].words] if RULES[rule].words else []
    return "; ".join(said + [f"{how} {', '.join(names)}" for how, names in fields.items() if names])


class Reasons:
    """The reason for each pair in words: the rule, then field by field.

    Parameters
    ----------
    evidence : Evidence
    rule : array of int
        From `judge`.
    """

    def __init__(self, evidence: Evidence, rule: Codes) -> None:
        self._rule = rule
        self._grades = [getattr(evidence, name) for name in _WORDS]
        # Most pairs share their reason with thousands of others.
        self._said: dict[tuple[int, ...], str] = {}

    def __call__(self, pair: int) -> str:
        """Give the reason for the pair of that number."""
        grades = tuple(int(grade[pair]) for grade in self._grades)
        key = (int(self._rule[pair]), *grades)
        if key not in self._said:
            self._said[key] = _in_words(key[0], grades)
        return self._said[key]
