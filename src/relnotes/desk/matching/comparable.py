"""What of a record is compared: every field brought into one form, once.

Two exports of one work differ in case, accents, punctuation, page ranges, the
dress of the DOI and the length of names. :class:`Comparable` holds records in
columns with those differences taken out, so that the pairs of a hundred
thousand records are compared as arrays and no text is cleaned twice.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from relnotes.desk.formats.records import Record

    Codes = NDArray[np.int64]
    Texts = NDArray[np.object_]

# What is longer or more than this is in the wrong field, or the list of a consortium; the
# rest is not compared, so that no record of a stranger can keep the machine busy.
LONGEST_TEXT = 600
MOST_NAMES = 40
MOST_NUMBERS = 10


def word_set(text: str) -> frozenset[str]:
    """Give the words of a text, for constants that are sets of words."""
    return frozenset(text.split())


# ---------------------------------------------------------------- folding text

_SEPARATOR = "\x1e"  # parts texts that are folded together


def _fold_table() -> bytes:
    table = bytearray(b" " * 256)
    for code in range(128):
        character = chr(code)
        if character.isalnum():
            table[code] = ord(character.lower())
    table[ord(_SEPARATOR)] = ord(_SEPARATOR)
    return bytes(table)


_ASCII_FOLD = _fold_table()
_APOSTROPHES = b"'`"
# A title with one of these may hold markup and is cleaned one by one.
_MARKUP = re.compile(r"[&<\\{$]")
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,60}>")
_ENTITY_LEFT = re.compile(r"&[a-zA-Z#0-9]{1,8};?")
_TEX_COMMAND = re.compile(r"\\[a-zA-Z]+\b|\\.")
_NOT_WORD = re.compile(r"[^\w\x1e]+|_+")
_BRACES = str.maketrans("", "", "{}$")
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("'’‘ʼ′`´", ""),
        **{"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"},
        **{
            letter: f" {name} "
            for letter, name in zip(
                "αβγδεκλµμτω",
                (
                    "alpha",
                    "beta",
                    "gamma",
                    "delta",
                    "epsilon",
                    "kappa",
                    "lambda",
                    "mu",
                    "mu",
                    "tau",
                    "omega",
                ),
                strict=True,
            )
        },
    }
)


def _without_markup(text: str) -> str:
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = _ENTITY_LEFT.sub(" ", html.unescape(text).replace("&", " and "))
    if "\\" in text:
        text = _TEX_COMMAND.sub("", text)
    return text.translate(_BRACES)


def _fold_letters(text: str) -> str:
    """Fold letters of any script; separators between texts stay."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    accents = {ord(c): None for c in set(text) if unicodedata.combining(c)}
    return _NOT_WORD.sub(" ", text.translate(accents) if accents else text)


def fold(texts: Sequence[str]) -> list[str]:
    """Bring texts into the form in which they are compared.

    Lower case, no accents, no markup, words separated by single blanks.

    Parameters
    ----------
    texts : sequence of str

    Returns
    -------
    list of str
        One folded text per text, in the same order.

    Examples
    --------
    >>> fold(["Trust, time & <i>Beziehung</i>: the worker’s view.", "Ça va?"])
    ['trust time and beziehung the workers view', 'ca va']
    """
    # The texts are joined, folded in one go and parted again, which takes a tenth of the
    # time. Plain ASCII, most of what arrives, is folded as bytes.
    folded = [""] * len(texts)
    plain: list[int] = []
    other: list[int] = []
    for position, text in enumerate(texts):
        if len(text) > LONGEST_TEXT:
            text = text[:LONGEST_TEXT]  # noqa: PLW2901
        if _MARKUP.search(text):
            text = _without_markup(text)  # noqa: PLW2901
        if _SEPARATOR in text:
            text = text.replace(_SEPARATOR, " ")  # noqa: PLW2901
        folded[position] = text
        (plain if text.isascii() else other).append(position)
    joined = _SEPARATOR.join([folded[position] for position in plain]).encode("ascii")
    joined = joined.translate(_ASCII_FOLD, _APOSTROPHES)
    _part(folded, plain, joined.decode("ascii"))
    _part(folded, other, _fold_letters(_SEPARATOR.join([folded[position] for position in other])))
    return folded


def _part(folded: list[str], positions: Sequence[int], joined: str) -> None:
    """Part what was joined for folding, and put each text in its place."""
    if not positions:
        return
    while "  " in joined:
        joined = joined.replace("  ", " ")
    joined = joined.replace(f" {_SEPARATOR}", _SEPARATOR).replace(f"{_SEPARATOR} ", _SEPARATOR)
    parts = joined.strip(" ").split(_SEPARATOR)
    for position, text in zip(positions, parts, strict=True):
        folded[position] = text


def _folded_once(texts: Sequence[str]) -> list[str]:
    """Fold texts of which many are the same, as names of authors and journals are."""
    unlike = list(dict.fromkeys(texts))
    folded = dict(zip(unlike, fold(unlike), strict=True))
    return [folded[text] for text in texts]


# ----------------------------------------------------------------- single fields

_FIRST_NUMBER = re.compile(r"\d+")


def _page(text: str) -> str:
    """Give a page as its number: "S012" and "p. 12" are "12"; letters alone stay ("xii")."""
    if text.isdecimal() and text[:1] != "0":
        return text
    found = _FIRST_NUMBER.search(text)
    return (found.group().lstrip("0") or "0") if found else text.strip().casefold()


def _number(text: str, year: int) -> str:
    """Give the first number in a volume or issue, without leading zeros.

    Empty where there is none ("Suppl", "May") and where it is the year over again.
    """
    if not text.isdecimal() or text[0] == "0":
        found = _FIRST_NUMBER.search(text)
        text = (found.group().lstrip("0") or "0") if found else ""
    return "" if len(text) == 4 and text == str(year) else text


def _isbn_cores(isbns: Iterable[str]) -> frozenset[str]:
    """Take prefix and check digit away: what is left is the same in ISBN-10 and ISBN-13."""
    compact = (isbn.replace("-", "").replace(" ", "") for isbn in isbns)
    return frozenset(isbn[-10:-1] for isbn in compact if len(isbn) >= 10)


_ORDINALS = {
    word: number
    for number, words in enumerate(
        ("first 1st", "second 2nd", "third 3rd", "fourth 4th", "fifth 5th", "sixth 6th",
         "seventh 7th", "eighth 8th", "ninth 9th", "tenth 10th"),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_EDITION_ENDINGS = (" ed", " edn", " edition")
_EDITION_IN_TITLE = re.compile(r"\b(\w+) ed(?:n|ition)?$")


def _edition(cell: str, title: str) -> str:
    """Give the edition as a number or a word; a date in the cell is no edition."""
    words = cell.casefold().replace(".", " ").split()
    if not words:
        found = _EDITION_IN_TITLE.search(title)
        words = [found.group(1)] if found else []
    for word in words:
        if word in _ORDINALS:
            return str(_ORDINALS[word])
        number = _FIRST_NUMBER.match(word)
        if number and len(number.group()) <= 2 and "/" not in word:
            return str(int(number.group()))
    if words and words[0].startswith(("rev", "new", "updated", "expanded")):
        return words[0]
    return ""


# ------------------------------------------------------------- what kind of piece

# Kinds of publication as far as they matter for "the same or only related".
UNKNOWN, ARTICLE, CHAPTER, BOOK, CONFERENCE, REPORT, THESIS = range(7)
_KINDS = {
    "article": ARTICLE,
    "book": BOOK,
    "chapter": CHAPTER,
    "report": REPORT,
    "thesis": THESIS,
    "conference": CONFERENCE,
}
_MEETING = re.compile(r"\b(?:conference|conf|symposium|workshop|congress|proceedings|proc)\b")
# Learned societies call their journals proceedings too.
_JOURNAL_PROCEEDINGS = re.compile(r"\b(?:academy|acad|society|soc|institution|royal|journal|j)\b")
_PREPRINT = re.compile(
    r"\b(?:working papers?|discussion papers?|research papers?|preprints?|ssrn|arxiv|biorxiv"
    r"|medrxiv|psyarxiv|socarxiv|nber|osf|iza dp|mimeo)\b"
)


_OF_A_MEETING = re.compile(r"[.:;,]?\s*\bconference:.*", re.IGNORECASE | re.DOTALL)


def _without_meeting(container: str) -> str:
    """Take away the meeting that Embase adds to the journal whose supplement it fills."""
    if "onference:" in container:
        return _OF_A_MEETING.sub("", container) or container
    return container


def _kind(kind: str, container: str) -> int:
    """Give the number of a kind; the container settles what an export leaves open."""
    code = _KINDS.get(kind, UNKNOWN)
    if container and code in (UNKNOWN, ARTICLE):
        if _PREPRINT.search(container):
            return REPORT
        if _MEETING.search(container) and not _JOURNAL_PROCEEDINGS.search(container):
            return CONFERENCE
    return code


# A piece about another piece. The opening words say so; what follows is the other's title.
# (The pattern runs over folded titles: no case, no punctuation.)
PLAIN, CORRECTION, RETRACTION, REPLY, COMMENT, BOOK_REVIEW = range(6)
PIECES = ("", "a correction", "a retraction", "a reply", "a comment", "a book review")
_ABOUT = (
    (re.compile(r"^(?:(?:authors?|publishers?) )?(?:erratum|errata|corrigendum|corrigenda"
                r"|corrections?)(?: notice)?(?: to| for| in| of)?\b(?: the article)?"),
     CORRECTION),
    (re.compile(r"^(?:retraction(?: notice)?(?: to| of| for)?|retracted(?: article)?|withdrawn)\b"),
     RETRACTION),
    (re.compile(r"^(?:(?:authors? )?(?:reply|replies|response|rejoinder)(?: to| from the authors?)?"
                r"|in reply(?: to)?)\b"), REPLY),
    (re.compile(r"^(?:(?:a )?(?:comments?|commentary|remarks?)(?: on| to)|letter regarding"
                r"|re(?=\s\w+\s\w+\s\w+))\b"), COMMENT),
    (re.compile(r"^(?:book reviews?(?: of)?|review of|reviewed works?|review essay)\b"),
     BOOK_REVIEW),
)  # fmt: skip
_ABOUT_AT_END = (
    (re.compile(r"\b(?:book review|a review essay)$"), BOOK_REVIEW),
    (re.compile(r"\b(?:erratum|corrigendum)$"), CORRECTION),
    (re.compile(r"\b(?:reply|authors reply|a rejoinder|a reply)$"), REPLY),
    (re.compile(r"\b(?:a comment|comment)$"), COMMENT),
    (re.compile(r"\bretracted article$"), RETRACTION),
)
_ABOUT_FIRST = word_set(
    "author authors publisher publishers erratum errata corrigendum corrigenda correction "
    "corrections retraction retracted withdrawn reply replies response rejoinder in a comment "
    "comments commentary remark remarks letter re book review reviewed"
)
_ABOUT_LAST = word_set("review essay erratum corrigendum reply rejoinder comment article")


def about(title: str) -> tuple[int, str]:
    """Tell a piece about another piece from its folded title.

    Returns
    -------
    tuple of (int, str)
        Which kind of piece (`PLAIN` for an ordinary one), and the title that is
        left when the words saying so are taken away.

    Examples
    --------
    >>> about("corrigendum to trust in supervision"), about("response to intervention works")
    ((1, 'trust in supervision'), (3, 'intervention works'))
    """
    for pattern, piece in _ABOUT:
        found = pattern.match(title)
        if found:
            return piece, title[found.end() :].strip()
    for pattern, piece in _ABOUT_AT_END:
        found = pattern.search(title)
        if found and found.start() > 0:
            return piece, title[: found.start()].strip()
    return PLAIN, title


# Titles that many pieces bear: they say what place a piece has, not which piece it is.
_GENERIC = re.compile(
    r"^(?:(?:an? |the |guest |general |editors? |editorial |concluding |final |brief |short )*"
    r"(?:introduction|editorials?|preface|foreword|afterword|conclusions?|summary|discussion"
    r"|index|contents|table of contents|contributors|notes on contributors|acknowledge?ments?"
    r"|appendix|bibliography|references|abstracts?|poster abstracts?|oral presentations?"
    r"|posters?|news|letters?|letters? to the editor|correspondence|obituary|in this issue"
    r"|book reviews?|reviews?|review|comments?|commentary|reply|response|overview|background"
    r"|note|notes|remarks|erratum|errata|corrigendum|corrigenda|correction|corrections"
    r"|issue information|front matter|back matter|call for papers|untitled|no title"
    r"|annual report|title page|copyright)"
    r"(?: to (?:the|this) (?:special issue|issue|volume|section|book|minitrack))?)$"
)
# So do these openings and endings of titles that come back in issue after issue.
_SERIAL = re.compile(
    r"^(?:introduction to (?:the|this|special)|(?:guest )?editorial|editors? |from the editor"
    r"|special (?:issue|section)|message from|letter from|in this issue|minutes of|report of the"
    r"|proceedings of|call for papers)\b"
    r"|\b(?:editors? (?:comments?|notes?|remarks|introduction|column|page|foreword|preface)"
    r"|editorial introduction|minitrack introduction|column|message)$"
)
_LONGEST_GENERIC = 90
# Every title that the two patterns find begins or ends with one of these.
_GENERIC_FIRST = word_set(
    "an a the guest general editor editors editorial editorials concluding final brief short "
    "introduction preface foreword afterword conclusion conclusions summary discussion index "
    "contents table contributors notes acknowledgments acknowledgements acknowledgement "
    "acknowledgment appendix bibliography references abstract abstracts poster posters oral news "
    "letter letters correspondence obituary in book review reviews comment comments commentary "
    "reply response overview background note remarks erratum errata corrigendum corrigenda "
    "correction corrections issue front back call untitled no annual title copyright from "
    "special message minutes report proceedings"
)
_GENERIC_LAST = word_set(
    "comment comments note notes remarks introduction column page foreword preface message"
)


_TELLING_FIRST = _ABOUT_FIRST | _GENERIC_FIRST
_TELLING_LAST = _ABOUT_LAST | _GENERIC_LAST


def _is_generic(title: str) -> bool:
    return len(title) <= _LONGEST_GENERIC and bool(_GENERIC.match(title) or _SERIAL.search(title))


_TRAILING_NOTE = re.compile(
    r"\s*[\[(](?:in )?(?:erratum (?:appears|for) [^\[\]]{1,150}|\d+ refs?|\d+|comment|review"
    r"|abstract|(?:structured|provisional) abstract"
    r"|article in \w+|see comments?|letter|english|french|german|spanish|italian|portuguese"
    r"|dutch|danish|swedish|norwegian|finnish|polish|czech|russian|romanian|hungarian|turkish"
    r"|greek|japanese|chinese|korean|german, english)[\])]\s*\.?\s*$",
    re.IGNORECASE,
)


def _without_note(title: str) -> str:
    """Take away what a database adds to a title: its language, its count of references."""
    if not title.endswith(("]", ")", "].", ").")):
        return title
    title = title[:LONGEST_TEXT] if len(title) > LONGEST_TEXT else title
    while title.rstrip(" .").endswith(("]", ")")):
        shorter = _TRAILING_NOTE.sub("", title)
        if shorter == title or not shorter.strip(" []."):
            return title
        title = shorter
    return title


# ----------------------------------------------------------------------- columns


@dataclass(frozen=True, eq=False)
class Comparable:
    """Records in columns, in the form in which they are compared.

    Texts are folded (see `fold`); every text column has a column of codes beside
    it, equal codes for equal texts and 0 for an empty one, so that equality of
    many pairs is one comparison of integers. Length of every column: the number
    of records.
    """

    title: Texts
    compact: Texts  # the title without blanks
    authors: Texts  # family names, folded, separated by ";"
    first_author: Texts  # family name without blanks
    first_given: Texts  # given names or initials of the first author
    container: Texts
    title_code: Codes  # of the title without blanks: "health care" is "healthcare"
    authors_code: Codes
    first_author_code: Codes
    container_code: Codes
    year: Codes  # 0: none
    volume_code: Codes
    issue_code: Codes
    first_page_code: Codes
    last_page_code: Codes
    starts: Codes  # first page as a number, -1: none
    ends: Codes
    doi: Texts
    doi_code: Codes
    pmid: Texts
    pmid_code: Codes
    edition_code: Codes
    isbns: Texts  # of frozenset
    has_isbn: NDArray[np.bool_]
    issns: Texts  # of frozenset
    kind: Codes
    piece: Codes
    generic: NDArray[np.bool_]
    words: Codes  # words in the title
    names: Codes  # authors named
    first_page: Texts
    last_page: Texts
    volume: Texts
    issue: Texts
    edition: Texts
    same_as: Codes  # position of the first record that says the same in every column

    def __len__(self) -> int:
        return len(self.title)

    def content(self, position: int) -> tuple[str | int, ...]:
        """Give what a record says in a form that can be sorted."""
        return (
            self.title[position],
            self.authors[position],
            self.first_given[position],
            int(self.year[position]),
            self.container[position],
            self.volume[position],
            self.issue[position],
            self.first_page[position],
            self.last_page[position],
            self.doi[position],
            self.pmid[position],
            self.edition[position],
            " ".join(sorted(self.isbns[position])),
            " ".join(sorted(self.issns[position])),
            int(self.kind[position]),
        )


def _texts(values: Iterable[Any], size: int) -> Texts:
    array = np.empty(size, dtype=object)
    array[:] = list(values)
    return array


def _coded(values: Sequence[str]) -> Codes:
    """Give texts numbers by first appearance; the empty text is 0."""
    codes, _ = pd.factorize(np.asarray(["", *values], dtype=object))
    return codes[1:].astype(np.int64, copy=False)


def _first_alike(columns: Sequence[Codes]) -> Codes:
    """Find for each row the first row with the same codes in all columns."""
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for codes in columns:
        mixed = (mixed ^ codes.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    _, first, inverse = np.unique(mixed, return_index=True, return_inverse=True)
    alike: Codes = first[inverse]
    # Two unlike rows may by chance be mixed to one number: such a row stands for itself.
    for codes in columns:
        chance = codes != codes[alike]
        alike[chance] = np.flatnonzero(chance)
    return alike


_LARGEST_PAGE = 9  # digits; a longer "page" is some other number


def _page_numbers(pages: Sequence[str]) -> Codes:
    return np.array(
        [int(p) if p.isdecimal() and len(p) <= _LARGEST_PAGE else -1 for p in pages],
        dtype=np.int64,
    )


def comparable(records: Sequence[Record]) -> Comparable:
    """Bring records into the columns in which they are compared.

    Parameters
    ----------
    records : sequence of Record
        Only the title is needed; any other field may be empty.

    Returns
    -------
    Comparable
    """
    size = len(records)
    titles = fold([_without_note(r.title) for r in records])
    compact = [title.replace(" ", "") for title in titles]
    counts = [min(len(r.authors), MOST_NAMES) for r in records]
    people = [p.family or p.given for r in records for p in r.authors[:MOST_NAMES]]
    names = iter(_folded_once(people))
    authors = [";".join(islice(names, count)) for count in counts]
    given = [r.authors[0].given.casefold() if r.authors else "" for r in records]
    first_author = [people.partition(";")[0].replace(" ", "") for people in authors]
    containers = _folded_once([_without_meeting(r.container[:LONGEST_TEXT]) for r in records])
    years = [r.year or 0 for r in records]
    volumes = [_number(r.volume, r.year or 0) if r.volume else "" for r in records]
    issues = [_number(r.issue, r.year or 0) if r.issue else "" for r in records]
    first_pages = [_page(r.pages[0]) if r.pages[0] else "" for r in records]
    last_pages = [_page(r.pages[1]) if r.pages[1] else "" for r in records]
    dois = [r.doi for r in records]
    pmids = [r.pmid for r in records]
    editions = [
        _edition(r.edition, title) if r.edition or title.endswith(_EDITION_ENDINGS) else ""
        for r, title in zip(records, titles, strict=True)
    ]
    nothing: frozenset[str] = frozenset()
    isbns = [_isbn_cores(r.isbn[:MOST_NUMBERS]) if r.isbn else nothing for r in records]
    issns = [frozenset(r.issn[:MOST_NUMBERS]) if r.issn else nothing for r in records]
    kind_of: dict[tuple[str, str], int] = {}
    kinds = []
    for r, container in zip(records, containers, strict=True):
        key = (r.kind, container)
        code = kind_of.get(key)
        if code is None:
            code = kind_of[key] = _kind(*key)
        kinds.append(code)
    pieces = [PLAIN] * size
    generic = [False] * size
    for position, title in enumerate(titles):
        # The patterns are asked only where the first or the last word can be one of theirs.
        first, last = title.partition(" ")[0], title.rpartition(" ")[2]
        if first in _TELLING_FIRST or last in _TELLING_LAST:
            pieces[position] = about(title)[0]
            generic[position] = _is_generic(title)
    page_codes = _coded(first_pages + last_pages)
    starts = _page_numbers(first_pages)
    year = np.array(years, dtype=np.int64)
    kind = np.array(kinds, dtype=np.int64)
    codes = {
        "authors_code": _coded(authors),
        "container_code": _coded(containers),
        "volume_code": _coded(volumes),
        "issue_code": _coded(issues),
        "first_page_code": page_codes[:size],
        "last_page_code": page_codes[size:],
        "doi_code": _coded(dois),
        "pmid_code": _coded(pmids),
        "edition_code": _coded(editions),
    }
    sets = [" ".join(sorted(i)) + "/" + " ".join(sorted(s)) if i or s else ""
            for i, s in zip(isbns, issns, strict=True)]  # fmt: skip
    same_as = _first_alike(
        [_coded(titles), _coded(given), _coded(sets), year, kind, *codes.values()]
    )
    return Comparable(
        title=_texts(titles, size),
        compact=_texts(compact, size),
        authors=_texts(authors, size),
        first_author=_texts(first_author, size),
        first_given=_texts(given, size),
        container=_texts(containers, size),
        title_code=_coded(compact),
        first_author_code=_coded(first_author),
        year=year,
        starts=starts,
        ends=np.maximum(_page_numbers(last_pages), starts),
        doi=_texts(dois, size),
        pmid=_texts(pmids, size),
        isbns=_texts(isbns, size),
        has_isbn=np.array([bool(cores) for cores in isbns], dtype=bool),
        issns=_texts(issns, size),
        kind=kind,
        piece=np.array(pieces, dtype=np.int64),
        generic=np.array(generic, dtype=bool),
        words=np.array([title.count(" ") + 1 if title else 0 for title in titles], dtype=np.int64),
        names=np.array(counts, dtype=np.int64),
        first_page=_texts(first_pages, size),
        last_page=_texts(last_pages, size),
        volume=_texts(volumes, size),
        issue=_texts(issues, size),
        edition=_texts(editions, size),
        same_as=same_as,
        **codes,
    )
