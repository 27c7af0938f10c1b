"""A record in the form in which it is compared: every field brought into one dress.

Two exports of one work differ in case, accents, punctuation, spelling, page ranges, the dress
of the DOI and the length of names. :class:`Folded` has those differences taken out.
"""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from anyascii import anyascii

from relnotes.desk.formats.records import Person, Record

# What is longer or more than this is in the wrong field, or the list of a consortium; the
# rest is not compared, so that no record of a stranger can keep the machine busy.
LONGEST_TEXT: Final = 600
MOST_NAMES: Final = 40
MOST_NUMBERS: Final = 10

# ---------------------------------------------------------------- folding text

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,60}>")
_ENTITY_LEFT = re.compile(r"&[a-zA-Z#0-9]{1,8};?")
_TEX_COMMAND = re.compile(r"\\[a-zA-Z]+\b|\\.")
# A letter that some program could not write: it is missing, and parts no word in two.
_LOST_LETTER = re.compile(r"[?\ufffd]+(?=\w)|\ufffd+")
_NOT_WORD = re.compile(r"[\W_]+")
_BRACES = str.maketrans("", "", "{}$")
_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "κ": "kappa",
    "λ": "lambda", "µ": "mu", "μ": "mu", "τ": "tau", "ω": "omega",
}  # fmt: skip
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("'’‘ʼ′`´", ""),
        **{"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"},
        **{letter: f" {name} " for letter, name in _GREEK.items()},
    }
)
# Scripts that write no blanks between words: each character is compared like a word.
_UNSPACED = re.compile(r"([\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])")


def _without_markup(text: str) -> str:
    if "<" in text:
        text = _TAG.sub("", text)
    if "&" in text:
        text = _ENTITY_LEFT.sub(" ", html.unescape(text).replace("&", " and "))
    if "\\" in text:
        text = _TEX_COMMAND.sub("", text)
    if "?" in text or "\ufffd" in text:
        text = _LOST_LETTER.sub("", text)
    return text.translate(_BRACES)


@functools.lru_cache(maxsize=50_000)  # names and journals come again and again
def fold(text: str) -> str:
    """Bring a text into the form in which it is compared.

    Lower case, no accents, no markup, words separated by single blanks.

    Examples
    --------
    >>> fold("Trust, time & <i>Beziehung</i>: the worker’s view.")
    'trust time and beziehung the workers view'
    """
    text = _without_markup(text[:LONGEST_TEXT]).casefold().translate(_LETTERS)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in text if not unicodedata.combining(c))
        text = _UNSPACED.sub(r" \1 ", text)
    return _NOT_WORD.sub(" ", text).strip()


_SPELLINGS: Final = (
    (r"(behavi|col|lab|fav|hon|neighb|harb|hum|endeav|vig|rum|od|tum|flav|rig|sav)our", r"\1or"),
    (r"(\w{3,})is(ation|ations|e|ed|es|ing|er|ers)\b", r"\1iz\2"),
    (r"\bprogramme", "program"),
    (r"\b(cent|theat|lit|met|fib)re(s|d)?\b", r"\1er\2"),
    (r"\b(def|off|lic|pret)ence", r"\1ense"),
    (r"\bpractis", "practic"),
    (r"(counsel|travel|model|label|cancel|signal|fulfil|channel)l(?=ed|ing|er|or)", r"\1"),
    (r"(judg|acknowledg)ement", r"\1ment"),
    (r"\bageing\b", "aging"),
    (r"(h|an|p)ae(?=[mdsn])", r"\1e"),
    (r"\boe(?=[sd])", "e"),
    (r"\bgrey\b", "gray"),
    (r"(catal|dial|anal)ogue", r"\1og"),
    (r"\bsceptic", "skeptic"),
)
_ONE_SPELLING = tuple((re.compile(pattern), put) for pattern, put in _SPELLINGS)


def one_spelling(title: str) -> str:
    """Return a folded title with British words spelt as American ones.

    Examples
    --------
    >>> one_spelling("behaviour and rehabilitation programmes in youth justice centres")
    'behavior and rehabilitation programs in youth justice centers'
    """
    return " ".join(map(_american, title.split()))


@functools.lru_cache(maxsize=50_000)  # few words make up all titles
def _american(word: str) -> str:
    for pattern, put in _ONE_SPELLING:
        word = pattern.sub(put, word)
    return word


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
_EDITION_IN_TITLE = re.compile(r"\b(\w+) ed(?:n|ition)?$")


def _edition(cell: str, title: str) -> str:
    """Give the edition as a number or a word; a date in the cell is no edition."""
    words = cell.casefold().replace(".", " ").split()
    if not words and title.endswith((" ed", " edn", " edition")):
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

_MEETING = re.compile(r"\b(?:conference|conf|symposium|workshop|congress|proceedings|proc)\b")
# Learned societies call their journals proceedings too.
_JOURNAL_PROCEEDINGS = re.compile(r"\b(?:academy|acad|society|soc|institution|royal|journal|j)\b")
_PREPRINT = re.compile(
    r"\b(?:working papers?|discussion papers?|research papers?|preprints?|ssrn|arxiv|biorxiv"
    r"|medrxiv|psyarxiv|socarxiv|nber|osf|iza dp|mimeo|unpublished|unpb)\b"
)


_OF_A_MEETING = re.compile(r"[.:;,]?\s*\bconference:.*", re.IGNORECASE | re.DOTALL)


def _without_meeting(container: str) -> str:
    """Take away the meeting that Embase adds to the journal whose supplement it fills."""
    if "onference:" in container:
        return _OF_A_MEETING.sub("", container) or container
    return container


# The registrants of DOIs under which preprints and working papers are put up.
_PREPRINT_DOI = re.compile(r"10\.(?:31235|31234|31219|48550|1101|2139|21203|20944|3386/w|26434)\b")


def _kind(record: Record, container: str) -> str:
    """Give the kind of a work; where it stands settles what an export leaves open."""
    if record.kind in ("other", "article", "online"):
        said = f"{container} {fold(record.publisher)} {_raw(record, *_SAYING_KIND)}"
        if _PREPRINT.search(said) or _PREPRINT_DOI.match(record.doi):
            return "report"
        if _MEETING.search(container) and not _JOURNAL_PROCEEDINGS.search(container):
            return "conference"
    return record.kind


_SAYING_KIND = ("howpublished", "note", "ENTRYTYPE", "TY")


def _raw(record: Record, *names: str) -> str:
    found = [record.raw[name] for name in names if name in record.raw]
    return fold(" ".join(v if isinstance(v, str) else " ".join(v) for v in found)) if found else ""


# A piece about another piece. The opening words say so; what follows is the other's title.
# (The pattern runs over folded titles: no case, no punctuation.)
PLAIN, CORRECTION, RETRACTION, REPLY, COMMENT, BOOK_REVIEW = (
    "", "a correction", "a retraction", "a reply", "a comment", "a book review"
)  # fmt: skip
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
    (" a review essay", BOOK_REVIEW), (" book review", BOOK_REVIEW), (" erratum", CORRECTION),
    (" corrigendum", CORRECTION), (" authors reply", REPLY), (" a reply", REPLY), (" reply", REPLY),
    (" a rejoinder", REPLY), (" a comment", COMMENT), (" comment", COMMENT),
    (" retracted article", RETRACTION),
)  # fmt: skip


def about(title: str) -> tuple[str, str]:
    """Tell a piece about another piece from its folded title.

    Returns
    -------
    tuple of (str, str)
        Which kind of piece (`PLAIN` for an ordinary one), and the title that is
        left when the words saying so are taken away.

    Examples
    --------
    >>> about("corrigendum to trust in supervision"), about("response to intervention works")
    (('a correction', 'trust in supervision'), ('a reply', 'intervention works'))
    """
    for pattern, piece in _ABOUT:
        found = pattern.match(title)
        if found:
            return piece, title[found.end() :].strip()
    for ending, piece in _ABOUT_AT_END:
        if title.endswith(ending):
            return piece, title.removesuffix(ending)
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
    r"(?:introduction to (?:the|this|special)|(?:guest )?editorial|editors? |from the editor"
    r"|special (?:issue|section)|message from|letter from|in this issue|minutes of|report of the"
    r"|proceedings of|call for papers|column$|message$)\b"
)
_SERIAL_ENDINGS = (
    *(f" {editor} {piece}" for editor in ("editor", "editors") for piece in (
        "comment", "comments", "note", "notes", "remarks", "introduction", "column", "page",
        "foreword", "preface")),
    " editorial introduction", " minitrack introduction", " column", " message", " editor",
)  # fmt: skip
_LONGEST_GENERIC = 90


def _is_generic(title: str) -> bool:
    if len(title) > _LONGEST_GENERIC:
        return False
    return bool(_GENERIC.match(title) or _SERIAL.match(title) or title.endswith(_SERIAL_ENDINGS))


_TRAILING_NOTE = re.compile(
    r"\s*[\[(](?:in )?(?:erratum (?:appears|for) .{1,400}|\d+ refs?|\d+|comment|review"
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


# ----------------------------------------------------------------------- a record


@dataclass(frozen=True, slots=True)
class Folded:
    """A record in the form in which it is compared; what it lacks is empty, its year 0.

    Attributes
    ----------
    title, compact, plain : str
        Folded; without blanks; with one spelling.
    authors : tuple of str
        Family names.
    given : str
        Given names or initials of the first author.
    pages : tuple of (str, str)
        First and last page as numbers where they are.
    piece, bare : str
        What kind of piece about another it is, and the title of that other.
    generic : bool
        The title says a place ("Introduction") and not a piece.
    key : str
        Citation key; what two records say is alike whatever their keys.
    """

    title: str
    compact: str
    plain: str
    authors: tuple[str, ...]
    given: str
    container: str
    year: int
    volume: str
    issue: str
    pages: tuple[str, str]
    doi: str
    pmid: str
    edition: str
    isbns: frozenset[str]
    issns: frozenset[str]
    kind: str
    piece: str
    bare: str
    generic: bool
    key: str = field(default="", compare=False)

    @property
    def first_author(self) -> str:
        """The first author's family name without blanks."""
        return self.authors[0].replace(" ", "") if self.authors else ""

    @property
    def words(self) -> int:
        """How many words the title has."""
        return len(self.title.split())

    def content(self) -> tuple[str | int, ...]:
        """Give what a record says in a form that can be sorted."""
        return (
            self.title, ";".join(self.authors), self.given, self.year, self.container, self.volume,
            self.issue, *self.pages, self.doi, self.pmid, self.edition,
            " ".join(sorted(self.isbns)), " ".join(sorted(self.issns)), self.kind,
        )  # fmt: skip


_SUFFIX = re.compile(r"(?<=\w\w) (?:jr|sr|ii|iii|2nd|3rd)$")


def _family(person: Person) -> str:
    """Give a family name in plain letters, whatever script it is written in."""
    name = _SUFFIX.sub("", fold(person.family or person.given))
    if name.isascii():
        return name
    return fold(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", anyascii(person.family or person.given)))


def folded(record: Record) -> Folded:
    """Bring a record into the form in which it is compared; only the title is needed."""
    title = fold(_without_note(record.title))
    container = fold(_without_meeting(record.container[:LONGEST_TEXT]))
    year = record.year or 0
    piece, bare = about(title)
    return Folded(
        title=title,
        compact=title.replace(" ", ""),
        plain=one_spelling(title),
        authors=tuple(_family(p) for p in record.authors[:MOST_NAMES]),
        given=record.authors[0].given.casefold() if record.authors else "",
        container=container,
        year=year,
        volume=_number(record.volume, year) if record.volume else "",
        issue=_number(record.issue, year) if record.issue else "",
        pages=(
            _page(record.pages[0]) if record.pages[0] else "",
            _page(record.pages[1]) if record.pages[1] else "",
        ),
        doi=record.doi,
        pmid=record.pmid,
        edition=_edition(record.edition, title),
        isbns=_isbn_cores(record.isbn[:MOST_NUMBERS]),
        issns=frozenset(record.issn[:MOST_NUMBERS]),
        kind=_kind(record, container),
        piece=piece,
        bare=bare,
        generic=_is_generic(title),
        key=record.key,
    )
