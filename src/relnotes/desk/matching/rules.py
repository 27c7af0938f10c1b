"""What a pair of records is: the rules, in the order in which they are asked.

The first rule that applies decides.

1. *The same place in print* comes first: the same people on the same pages of the
   same volume wrote one piece, whatever has become of its title on the way.
2. Then what makes two records of one family *two works*, because every such pair
   also looks like a duplicate: an erratum repeats the title it corrects, a second
   edition that of the first, a chapter has the DOI of its book, a review the title
   of the book. No sum of points may merge these; they are linked.
3. Then the sum of points (`relnotes.desk.matching.grades`) decides: enough for a
   duplicate, too much to be let go without a person having looked, or too little.

An identifier alone merges nothing: DOIs are mistyped, copied from the record above
and shared by all the chapters of a book. Nor does a title alone, unless it is long
and nothing contradicts it, which is all there is to go by in a list of titles.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from relnotes.desk.matching.folded import Folded
from relnotes.desk.matching.grades import (
    POINTS,
    Grades,
    gives_the_place,
    grade,
    in_the_book,
    years_apart,
)
from relnotes.desk.matching.titles import (
    CHANGED,
    DIFFERENT,
    MISSING,
    NEAR,
    PARTLY,
    REWORDED,
    SAME,
)

DUPLICATE_FROM: Final = 12
"""Pairs with at least so many points are duplicates."""

UNCLEAR_FROM: Final = 9
"""Pairs with at least so many points, and too few for a duplicate, are for a person."""

LONGEST_COLUMN: Final = 6
"""Titles that come back issue after issue seldom have more words."""

TELLING_TITLE: Final = 5
"""A title of so many words is seldom borne by two works."""


Verdict = Literal["duplicate", "linked", "unclear"]


class Compared(NamedTuple):
    """Two records, the grades of their fields and the sum of the points."""

    one: Folded
    other: Folded
    grades: Grades
    points: int

    def kinds(self, some: set[str], others: set[str]) -> bool:
        """Tell whether one record is of one kind and the other of another."""
        one, other = self.one.kind, self.other.kind
        return (one in some and other in others) or (other in some and one in others)

    @property
    def alike(self) -> bool:
        """The titles are the same, misspelt, or one lacks the other's subtitle."""
        return self.grades.title in (SAME, NEAR, PARTLY)

    @property
    def by_the_same(self) -> bool:
        """The authors are the same, or some left out."""
        return self.grades.authors in (SAME, NEAR)

    @property
    def same_container(self) -> bool:
        """Both stand in one journal or book."""
        return self.grades.container in (SAME, NEAR)

    @property
    def extent(self) -> bool:
        """First and last page are both the same, and not the same page."""
        first, last = self.one.pages
        return bool(first and last) and self.one.pages == self.other.pages and first != last

    @property
    def apart(self) -> int:
        """Years between the two, -1 where one is not known."""
        return years_apart(self.one, self.other)

    @property
    def names(self) -> int:
        """Authors in the shorter of the two lists."""
        return min(len(self.one.authors), len(self.other.authors))

    @property
    def words(self) -> int:
        """Words in the shorter of the two titles."""
        return min(self.one.words, self.other.words)

    @property
    def generic(self) -> bool:
        """One of the titles says a place and not a piece."""
        return self.one.generic or self.other.generic


@dataclass(frozen=True)
class Rule:
    """One reason for calling a pair duplicate, linked or unclear.

    Attributes
    ----------
    name : str
        Short name, as it stands in the account.
    words : str
        The reason as a person reads it; empty where the fields say it all.
    applies : callable
        Whether it applies to a pair.
    """

    name: str
    verdict: Verdict
    words: str
    applies: Callable[[Compared], bool]


# ----------------------------------------------------------------------- one work


def _same_key(c: Compared) -> bool:
    # An export of the collection coming back: the key is ours, and nothing speaks against it.
    same = bool(c.one.key) and c.one.key == c.other.key and c.grades.title == SAME
    return same and DIFFERENT not in (getattr(c.grades, name) for name in POINTS)


def _same_place_in_print(c: Compared) -> bool:
    g = c.grades
    # With both ends of the pages and a second author the title may be a translation.
    titles = g.title in (SAME, NEAR, PARTLY, REWORDED) or (c.extent and g.title != MISSING)
    issues = g.issue != DIFFERENT or (c.extent and (g.title != DIFFERENT or c.names >= 2))
    pages = g.pages == SAME and (g.volume == SAME or (c.extent and g.volume == MISSING))
    place = pages and c.same_container and c.apart <= 1 and g.doi != DIFFERENT
    return titles and issues and place and c.by_the_same and not c.generic


def _ahead_of_print(c: Compared) -> bool:
    # Titles are edited between the version ahead of print and the one in print.
    g = c.grades
    nowhere_yet = g.pages == g.volume == g.issue == MISSING
    there_and_then = c.same_container and g.year == SAME and g.doi != DIFFERENT
    same_team = c.by_the_same and c.names >= 5
    return g.title == REWORDED and nowhere_yet and same_team and there_and_then


def _title_alone(c: Compared) -> bool:
    same = c.grades.title == SAME and c.words >= TELLING_TITLE
    near = c.grades.title == NEAR and c.words >= TELLING_TITLE + 3
    others = [getattr(c.grades, name) for name in POINTS if name != "title"]
    uncontradicted = all(found in (MISSING, SAME, NEAR) for found in others)
    return (same or near) and not c.generic and uncontradicted and c.grades.edition != DIFFERENT


def _enough_in_common(c: Compared) -> bool:
    return c.points >= DUPLICATE_FROM and c.alike


# ---------------------------------------------------------------- one family, two works


def _about_one_another(c: Compared) -> bool:
    notice = gives_the_place(c.one, c.other)
    return notice or (c.one.piece != c.other.piece and c.alike)


def _chapter_and_book(c: Compared) -> bool:
    shared = SAME in (c.grades.doi, c.grades.isbn)
    part = shared or c.alike or in_the_book(c.one, c.other)
    return c.kinds({"chapter"}, {"book"}) and part


def _parts_of_one_book(c: Compared) -> bool:
    g = c.grades
    parts = c.kinds({"chapter"}, {"chapter", "book", *_UNSURE, "conference"})
    shared = SAME in (g.doi, g.isbn)
    return parts and shared and g.title not in (SAME, NEAR) and g.pages != SAME


def _review_of_book(c: Compared) -> bool:
    return c.kinds({"article"}, {"book"}) and c.alike and c.grades.authors == DIFFERENT


def _volumes_of_one_book(c: Compared) -> bool:
    return c.kinds({"book"}, {"book"}) and c.alike and c.grades.volume == DIFFERENT


def _editions(c: Compared) -> bool:
    g = c.grades
    books = c.kinds({"book", *_UNSURE}, {"book", *_UNSURE}) and (c.alike or g.title == CHANGED)
    reprinted = c.kinds({"book"}, {"book"}) and c.apart >= 2 and g.isbn != SAME
    return books and g.authors != DIFFERENT and (g.edition == DIFFERENT or reprinted)


def _reissues(c: Compared) -> bool:
    reports = c.kinds({"report"}, {"report"}) and c.alike and c.grades.authors != DIFFERENT
    return reports and c.apart >= 1 and c.grades.doi != SAME


_VERSIONS: Final[tuple[tuple[set[str], set[str]], ...]] = (
    ({"report"}, {"article", "chapter", "conference", "book"}),
    ({"conference"}, {"article", "chapter"}),
    ({"chapter"}, {"article"}),
    ({"thesis"}, {"article", "book", "conference", "report", "chapter"}),
)


def _versions(c: Compared) -> bool:
    g = c.grades
    versions = any(c.kinds(some, others) for some, others in _VERSIONS)
    meetings = c.kinds({"conference"}, {"conference"}) and c.apart >= 1
    alike = c.alike and g.authors not in (DIFFERENT, MISSING)
    # A journal and a workshop on one subject have nearly one name.
    elsewhere = not c.same_container or (
        versions and g.container == NEAR and c.kinds({"conference"}, {"article"})
    )
    return (versions or meetings) and alike and elsewhere and SAME not in (g.doi, g.volume)


def _place_not_piece(c: Compared) -> bool:
    g = c.grades
    fields = (g.volume, g.issue, g.pages, g.doi, g.container)
    elsewhere = c.apart >= 1 or DIFFERENT in fields
    return c.generic and c.alike and elsewhere and (c.by_the_same or c.same_container)


def _comes_back(c: Compared) -> bool:
    # A column has its title in volume after volume; a wrong volume has the right pages.
    g = c.grades
    volume = g.volume == DIFFERENT and g.issue in (DIFFERENT, MISSING) and g.year != SAME
    issue = g.volume == SAME and g.issue == DIFFERENT and c.words <= LONGEST_COLUMN
    unplaced = g.pages not in (SAME, NEAR) and SAME not in (g.doi, g.pmid)
    return c.alike and c.by_the_same and c.same_container and (volume or issue) and unplaced


def _instalments(c: Compared) -> bool:
    changed = c.grades.title == CHANGED and c.words >= 3
    return changed and c.by_the_same and c.grades.doi != SAME


def _published_twice(c: Compared) -> bool:
    g = c.grades
    moved = g.container == DIFFERENT and DIFFERENT in (g.pages, g.volume, g.doi)
    again = g.pages == g.volume == g.doi == DIFFERENT
    title = g.title in (SAME, NEAR) and not c.generic and c.words >= 4
    return title and c.by_the_same and (moved or again) and g.doi != SAME


def _twice_in_a_volume(c: Compared) -> bool:
    g = c.grades
    place = c.same_container and g.volume == SAME
    elsewhere = g.issue == g.pages == DIFFERENT
    return c.alike and place and elsewhere and g.doi != SAME


def _shared_identifier(c: Compared) -> bool:
    # All abstracts of a meeting, all chapters of a book; or an identifier that is wrong.
    g = c.grades
    shared = SAME in (g.doi, g.pmid) and g.title in (CHANGED, DIFFERENT)
    return shared and DIFFERENT in (g.authors, g.pages)


# --------------------------------------------------------------------- for a person


def _identifier_alone(c: Compared) -> bool:
    return SAME in (c.grades.doi, c.grades.pmid) and not c.alike


def _something_in_common(c: Compared) -> bool:
    return c.points >= UNCLEAR_FROM


_UNSURE: Final = ("other", "online")
"""Kinds of record that may be any kind of work."""

RULES: Final[tuple[Rule, ...]] = (
    Rule("same key", "duplicate", "the same citation key and title", _same_key),
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
    Rule("volumes of one book", "linked", "two volumes of one book", _volumes_of_one_book),
    Rule("editions", "linked", "editions of one book", _editions),
    Rule("re-issue", "linked", "issues of one report in different years", _reissues),
    Rule("versions", "linked", "versions of one work: paper, article, chapter or thesis",
         _versions),
    Rule("place, not piece", "linked",
         "a title that many pieces bear, in the same series or by the same authors",
         _place_not_piece),
    Rule("comes back", "linked", "one title and journal in different volumes", _comes_back),
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


class Judged(NamedTuple):
    """What a pair of records is, by which rule, and from what grades and points."""

    rule: Rule
    grades: Grades
    points: int

    @property
    def reason(self) -> str:
        """The rule in words, then field by field."""
        return _in_words(self.rule, self.grades)


def judge(one: Folded, other: Folded) -> Judged | None:
    """Return the first rule that applies to a pair; None where the two are different works."""
    grades = grade(one, other)
    if grades is None:
        return None
    compared = Compared(one, other, grades, grades.points(one, other))
    for rule in RULES:
        if rule.applies(compared):
            return Judged(rule, grades, compared.points)
    return None


_WORDS: Final = {
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


def _in_words(rule: Rule, grades: Grades) -> str:
    fields: dict[str, list[str]] = {"same": [], "alike": [], "different": []}
    for field, name in _WORDS.items():
        found = getattr(grades, field)
        if found == SAME:
            fields["same"].append(name)
        elif found in (NEAR, PARTLY, REWORDED):
            fields["alike"].append(name)
        elif found in (CHANGED, DIFFERENT):
            fields["different"].append(name)
    said = [rule.words] if rule.words else []
    return "; ".join(said + [f"{how} {', '.join(names)}" for how, names in fields.items() if names])
