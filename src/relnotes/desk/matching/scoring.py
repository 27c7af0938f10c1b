"""What a pair of records says for and against being one work.

Seven fields are graded (:class:`Evidence`), each grade has points
(:data:`POINTS`), and the sum says how far the pair looks like one work. The
points are the weight of a grade among pairs that share a key, in the manner of
Fellegi and Sunter, rounded to whole numbers so that a person can add them up.

References
----------
Fellegi, I. P. and Sunter, A. B. (1969) A theory for record linkage. Journal of
the American Statistical Association 64, 1183-1210.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from relnotes.desk.matching.comparable import CONFERENCE, PLAIN, about, word_set

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from relnotes.desk.matching.comparable import Codes, Comparable

    Grades = NDArray[np.int8]

# The grades. One side or both silent: MISSING, which speaks neither for nor against.
MISSING, SAME, NEAR, PARTLY, REWORDED, CHANGED, DIFFERENT = range(7)
# SAME       the same after folding
# NEAR       misspelt, abbreviated, a word more or less; authors: some left out; pages: one
#            end the same
# PARTLY     title: one is the other without its subtitle; authors: some in common;
#            year: a year apart; pages: they overlap; container: cannot be told
# REWORDED   title: much in common, but some words replaced by more or fewer others
# CHANGED    title: a number or a word exchanged for another (part 1 / part 2, men / women)
# DIFFERENT  nothing of the kind

# ------------------------------------------------------------------------ titles

_NUMERALS = frozenset(["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "one", "two"])
_SMALL_WORDS = word_set(
    "a an the of in on at to for from by with and or as is are be et de la le les des du der die "
    "das und en el los las y e il di da versus vs via its their it"
)
# Words a letter or two apart that are never misspellings of one another.
_OPPOSED = frozenset(
    frozenset(pair.split("/"))
    for pair in word_set(
        "men/women man/woman male/female males/females vivo/vitro intra/inter hyper/hypo "
        "with/without increase/decrease increased/decreased pre/post first/second "
        "micro/macro mono/poly endo/exo sub/super under/over"
    )
)
_OPPOSED_BEGINNINGS = (
    ("hyper", "hypo"), ("intra", "inter"), ("micro", "macro"), ("pre", "post"), ("in", "de"),
    ("im", "de"), ("en", "de"),
)  # fmt: skip
# Below the one likeness two titles share no more than any two do; below the other they
# are worth a closer look only if something else ties the records together.
_HOPELESS, _PROMISING = 60.0, 80.0


def _misspelt(one: str, other: str) -> bool:
    """Tell a slip of the pen or a spelling from another word."""
    shorter = min(len(one), len(other))
    # "haematol" for "haematology": cut short
    cut = shorter >= 5 and (one.startswith(other) or other.startswith(one))
    if cut or shorter < 3 or abs(len(one) - len(other)) > 2:
        return cut
    if one.isdecimal() or other.isdecimal():
        return False
    if frozenset((one, other)) in _OPPOSED:
        return False
    allowed = 1 if shorter < 7 else 2
    if OSA.distance(one, other, score_cutoff=allowed) > allowed:
        return False
    for a, b in _OPPOSED_BEGINNINGS:
        if (one.startswith(a) and other.startswith(b)) or (
            one.startswith(b) and other.startswith(a)
        ):
            return False
    return True


def _is_number(word: str) -> bool:
    return word.isdecimal() or word in _NUMERALS


def title_grade(one: str, other: str, likeness: float) -> int:
    """Grade two folded titles that are not the same.

    Parameters
    ----------
    one, other : str
        Folded titles.
    likeness : float
        How like the two are, letter by letter, 0-100.

    Examples
    --------
    >>> title_grade("trust in probaton", "trust in probation", 97) == NEAR
    True
    >>> title_grade("outcomes for men on licence", "outcomes for women on licence", 96) == CHANGED
    True
    >>> title_grade("trust in probation", "trust in probation a review", 80) == PARTLY
    True
    """
    if not one or not other:
        return MISSING
    # Sorted, so that a pair has the same grade whichever comes first.
    ones, others = sorted((one.split(), other.split()))
    left, right = set(ones) - set(others), set(others) - set(ones)
    if not left and not right:
        return NEAR
    # One slip in the whole title, be it a blank lost or moved ("trustw ith").
    if likeness >= 95 and len(one) >= 20 and not any(map(_is_number, left | right)):
        slips = OSA.distance(one.replace(" ", ""), other.replace(" ", ""), score_cutoff=1)
        if slips <= 1:
            return NEAR
    if not left or not right:
        shorter, longer = (ones, others) if len(ones) < len(others) else (others, ones)
        extra = left or right
        if any(_is_number(word) for word in extra) and len(extra) <= 2:
            return PARTLY if len(shorter) >= 4 else CHANGED
        if len(longer) - len(shorter) <= max(1, len(longer) // 8) and likeness >= 85:
            return NEAR
        if len(shorter) >= 3 and shorter in (longer[: len(shorter)], longer[-len(shorter) :]):
            return PARTLY
        return PARTLY if likeness >= 80 and len(shorter) >= 5 else DIFFERENT
    length = min(len(ones), len(others))
    if min(len(left), len(right)) > max(2, length // 3):
        return DIFFERENT
    if len(left) != len(right):
        _join_split_words(*sorted((left, right), key=len))
    for word in sorted(left):
        for other_word in sorted(right):
            # A slip or two leave one end of a word much as it was.
            ends = word[0] in other_word[:2] or word[-1] in other_word[-2:]
            if ends and _misspelt(word, other_word):
                left.discard(word)
                right.discard(other_word)
                break
    if not left and not right:
        return NEAR
    if any(map(_is_number, left)) and any(map(_is_number, right)):
        return CHANGED
    left -= _SMALL_WORDS
    right -= _SMALL_WORDS
    exchanged = min(len(left), len(right))
    only = max(len(left), len(right))
    if not exchanged:
        if any(_is_number(word) for word in left | right):
            return PARTLY
        if likeness >= 90 or (likeness >= 80 and only <= 2):
            return NEAR
        brief, full = sorted((one, other), key=len)
        if full.startswith(brief[: len(brief) * 9 // 10]) and len(brief) >= 20:
            return PARTLY
        return PARTLY if likeness >= 75 else DIFFERENT
    if likeness < 65 or (likeness < 80 and exchanged * 3 > length):
        return DIFFERENT
    if exchanged > max(2, length // 4):
        return DIFFERENT
    # Companion pieces are worded alike but for the word that tells them apart; a title
    # that an editor or a translator has changed is seldom of the same build.
    return CHANGED if len(left) == len(right) and len(ones) == len(others) else REWORDED


def _join_split_words(joined: set[str], split: set[str]) -> None:
    """Take away words that stand in two parts on the other side: "health care"."""
    for word in [word for word in joined if len(word) > 3]:
        parts = [part for part in split if part in word]
        if len(parts) > 1 and sum(map(len, parts)) == len(word):
            joined.discard(word)
            split.difference_update(parts)


# ----------------------------------------------------------------------- authors

_NOBODY = frozenset(["et al", "others", "et al et al", "anonymous", "anon", "no author", "unknown"])


def author_grade(one: str, other: str) -> int:
    """Grade two lists of folded family names that are not the same.

    Examples
    --------
    >>> author_grade("dominey;canton", "dominey") == NEAR
    True
    >>> author_grade("lewis", "canton;lewis") == PARTLY
    True
    """
    ones = [name for name in one.split(";") if name and name not in _NOBODY]
    others = [name for name in other.split(";") if name and name not in _NOBODY]
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
    words, other_words = set(one.replace(";", " ").split()), set(other.replace(";", " ").split())
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


def _names_exchanged(columns: Comparable, one: int, other: int) -> bool:
    """Tell whether the first author's family name stands as given name in the other."""
    return (
        columns.first_author[one] in columns.first_given[other].split()
        or columns.first_author[other] in columns.first_given[one].split()
    )


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


# ----------------------------------------------------------------------- evidence


@dataclass(frozen=True, eq=False)
class Evidence:
    """Grades of pairs, one array per field, and the facts that rules ask for.

    A field's array holds `MISSING`, `SAME`, `NEAR`, `PARTLY`, `REWORDED`, `CHANGED` or
    `DIFFERENT` per pair. The same pair the other way round has the same grades.
    """

    first: Codes
    second: Codes
    title: Grades
    authors: Grades
    year: Grades
    container: Grades
    volume: Grades
    issue: Grades
    pages: Grades
    doi: Grades
    pmid: Grades
    isbn: Grades
    edition: Grades
    extent: NDArray[np.bool_]  # first and last page both the same, and not the same page
    years_apart: NDArray[np.int64]  # -1 where a year is missing
    names: NDArray[np.int64]  # authors in the shorter of the two lists
    title_length: NDArray[np.int64]  # words of the shorter title
    generic: NDArray[np.bool_]  # either title says a place, not a piece
    one_about: NDArray[np.bool_]  # one is a piece about another: erratum, reply, review
    kinds: NDArray[np.int64]  # the two kinds as 16 * lower + higher

    def __len__(self) -> int:
        return len(self.first)

    def taken(self, which: NDArray[np.int64]) -> Evidence:
        """Give the evidence on some of the pairs."""
        return Evidence(**{f.name: getattr(self, f.name)[which] for f in fields(self)})


def _graded(codes: Codes, first: Codes, second: Codes) -> Grades:
    """Grade a field of which equality is all that can be said."""
    one, other = codes[first], codes[second]
    grades = np.where(one == other, SAME, DIFFERENT).astype(np.int8)
    grades[(one == 0) | (other == 0)] = MISSING
    return grades


def _years_apart(columns: Comparable, first: Codes, second: Codes) -> Codes:
    """Give the years between the records of each pair, -1 where a year is missing."""
    one, other = columns.year[first], columns.year[second]
    return np.where((one == 0) | (other == 0), -1, np.abs(one - other))


def weigh(columns: Comparable, first: Codes, second: Codes) -> Evidence:
    """Grade every field of pairs of records.

    Parameters
    ----------
    columns : Comparable
    first, second : arrays of int
        Positions of the records of each pair.

    Returns
    -------
    Evidence
        Pairs that can be nothing to one another (titles unlike and no identifier,
        page or volume shared) are left out.
    """
    volume = _graded(columns.volume_code, first, second)
    pages = _graded(columns.first_page_code, first, second)
    doi = _graded(columns.doi_code, first, second)
    pmid = _graded(columns.pmid_code, first, second)
    title = _graded(columns.title_code, first, second)
    piece_one, piece_other = columns.piece[first], columns.piece[second]
    one_about = piece_one != piece_other

    # Titles: likeness of all that are not the same, in one go.
    unlike = np.flatnonzero(title == DIFFERENT)
    likeness = np.zeros(len(first), dtype=np.float32)
    likeness[unlike] = process.cpdist(
        columns.title[first[unlike]],
        columns.title[second[unlike]],
        scorer=fuzz.ratio,
        score_cutoff=_HOPELESS,
        dtype=np.float32,
    )
    shared_place = ((pages == SAME) & (volume == SAME)) | (doi == SAME) | (pmid == SAME)
    years_apart = _years_apart(columns, first, second)
    tied = (
        (columns.first_author_code[first] == columns.first_author_code[second])
        | (columns.authors_code[first] == 0)
        | (columns.authors_code[second] == 0)
    ) & ((columns.container_code[first] == columns.container_code[second]) | (years_apart <= 1))
    hopeful = (title != DIFFERENT) | shared_place | one_about
    hopeful |= likeness >= np.where(tied, _HOPELESS, _PROMISING)
    # One title the beginning or the end of the other: a likeness that letters do not show.
    lengths = columns.words[first], columns.words[second]
    uneven = np.minimum(*lengths) * 2 < np.maximum(*lengths)
    for at in np.flatnonzero(uneven & ~hopeful & (np.minimum(*lengths) >= 3)).tolist():
        brief, full = sorted((columns.title[first[at]], columns.title[second[at]]), key=len)
        hopeful[at] = full.startswith(brief) or full.endswith(brief)
    kept = np.flatnonzero(hopeful)
    first, second = first[kept], second[kept]
    volume, pages, doi, pmid = volume[kept], pages[kept], doi[kept], pmid[kept]
    title, likeness, one_about = title[kept], likeness[kept], one_about[kept]
    for at in np.flatnonzero((title == DIFFERENT) & ~one_about).tolist():
        title[at] = title_grade(
            columns.title[first[at]], columns.title[second[at]], float(likeness[at])
        )
    for at in np.flatnonzero(one_about).tolist():
        title[at] = _grade_of_what_it_is_about(columns, int(first[at]), int(second[at]))

    authors = _graded(columns.authors_code, first, second)
    telling = (title != DIFFERENT) | (doi == SAME) | (pages == SAME)
    for at in np.flatnonzero((authors == DIFFERENT) & telling).tolist():
        one, other = int(first[at]), int(second[at])
        grade = author_grade(columns.authors[one], columns.authors[other])
        if grade == DIFFERENT and _names_exchanged(columns, one, other):
            grade = NEAR
        authors[at] = grade

    container = _graded(columns.container_code, first, second)
    graded: dict[tuple[int, int], int] = {}
    for at in np.flatnonzero((container == DIFFERENT) & telling).tolist():
        one, other = int(first[at]), int(second[at])
        key = (int(columns.container_code[one]), int(columns.container_code[other]))
        if key not in graded:
            graded[key] = container_grade(columns.container[one], columns.container[other])
        grade = graded[key]
        if grade >= PARTLY and columns.issns[one] & columns.issns[other]:
            grade = NEAR
        container[at] = grade

    issue = _graded(columns.issue_code, first, second)
    last_pages = _graded(columns.last_page_code, first, second)
    extent = (
        (pages == SAME)
        & (last_pages == SAME)
        & (columns.first_page_code[first] != columns.last_page_code[first])
    )
    pages[(pages == DIFFERENT) & (last_pages == SAME)] = NEAR
    pages[(pages == SAME) & (last_pages == DIFFERENT)] = NEAR
    starts, ends = columns.starts, columns.ends
    overlap = (
        (np.maximum(starts[first], starts[second]) <= np.minimum(ends[first], ends[second]))
        & (starts[first] >= 0)
        & (starts[second] >= 0)
    )
    pages[(pages == DIFFERENT) & overlap] = PARTLY
    edition = _graded(columns.edition_code, first, second)
    isbn = np.zeros(len(first), dtype=np.int8)
    have = columns.has_isbn[first] & columns.has_isbn[second]
    for at in np.flatnonzero(have).tolist():
        shared = columns.isbns[first[at]] & columns.isbns[second[at]]
        isbn[at] = SAME if shared else DIFFERENT

    # One meeting goes by many names ("SIGMOD", "Management of Data"): unlike names of two
    # meetings in one year say nothing.
    kind_one, kind_other = columns.kind[first], columns.kind[second]
    meetings = (kind_one == CONFERENCE) & (kind_other == CONFERENCE)
    years_apart = _years_apart(columns, first, second)
    year = np.select(
        [years_apart < 0, years_apart == 0, years_apart == 1], [MISSING, SAME, PARTLY], DIFFERENT
    ).astype(np.int8)
    container[(container == DIFFERENT) & meetings & (years_apart == 0)] = PARTLY
    return Evidence(
        first=first,
        second=second,
        title=title,
        authors=authors,
        year=year,
        container=container,
        volume=volume,
        issue=issue,
        pages=pages,
        doi=doi,
        pmid=pmid,
        isbn=isbn,
        edition=edition,
        extent=extent,
        years_apart=years_apart,
        names=np.minimum(columns.names[first], columns.names[second]),
        title_length=np.minimum(columns.words[first], columns.words[second]),
        generic=columns.generic[first] | columns.generic[second],
        one_about=one_about,
        kinds=16 * np.minimum(kind_one, kind_other) + np.maximum(kind_one, kind_other),
    )


def _grade_of_what_it_is_about(columns: Comparable, one: int, other: int) -> int:
    """Grade the title of one against what the other, an erratum or reply, is about."""
    titles = [columns.title[at] for at in (one, other)]
    bare = [
        about(title)[1] if columns.piece[at] != PLAIN else title
        for at, title in zip((one, other), titles, strict=True)
    ]
    if not all(bare) or min(len(title.split()) for title in bare) < 3:
        return DIFFERENT
    if bare[0] == bare[1]:
        return SAME
    return title_grade(bare[0], bare[1], fuzz.ratio(bare[0], bare[1]))


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


def points(evidence: Evidence) -> NDArray[np.int64]:
    """Add up what the grades of each pair are worth."""
    total = np.zeros(len(evidence), dtype=np.int64)
    for field, worth in POINTS.items():
        table = np.array([worth.get(grade, 0) for grade in range(DIFFERENT + 1)], dtype=np.int64)
        total += table[getattr(evidence, field)]
    alike = (evidence.title >= SAME) & (evidence.title <= PARTLY)
    total -= np.where(alike & (evidence.title_length <= SHORT_TITLE), SHORT_TITLE_POINTS, 0)
    total -= np.where(alike & evidence.generic, GENERIC_POINTS - SHORT_TITLE_POINTS, 0)
    return total
