"""Wordings: one spelling for each text, and whether one text stands in another."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Self

# U+00AD soft hyphen and the characters of no width: they show no ink.
_INVISIBLE = "\u00ad\u180e\u200b\u200c\u200d\u200e\u200f\u2060\u2061\u2062\u2063\u2064\ufeff"
_DASHES = (
    "\u058a\u1806\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212\u2e3a\u2e3b\ufe31\ufe32\ufe58"
    "\ufe63\uff0d"
)
# Quotation marks and apostrophes, single and double: a house style may turn one
# into the other without changing what is said.
_QUOTES = (
    "\u0022\u0060\u00ab\u00b4\u00bb\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f"
    "\u2032\u2033\u2039\u203a\uff02\uff07"
)
_ONE_FORM = str.maketrans(
    dict.fromkeys(_INVISIBLE, "") | dict.fromkeys(_DASHES, "-") | dict.fromkeys(_QUOTES, "'")
)
# "co- production" is one word broken at the end of a line. "short- and long-term"
# and "two- to three-year" are not: there the hyphen is left hanging on purpose, and
# the small word after it does not carry a hyphen of its own ("day- to-day" does).
_BROKEN_AT_HYPHEN = re.compile(
    r"(?<=\w)- (?!(?:and|or|nor|to|but|versus|vs)\b(?!-))(?=\w)", re.IGNORECASE
)
_WORD = re.compile(r"\w+")
_NEGATED = "non-"


def normalise(text: str) -> str:
    """Return a text in the one spelling in which texts are compared.

    Compatibility characters take their plain form (Unicode NFKC), dashes and
    hyphens become ``-``, quotation marks and apostrophes become ``'``, soft
    hyphens and characters of no width go, white space becomes single spaces,
    and words that a line break has cut at their hyphen are closed up. Case and
    all other punctuation stay.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    str
        The normalised text; normalising it again changes nothing.

    References
    ----------
    Unicode Standard Annex 15, Unicode Normalization Forms.

    Examples
    --------
    >>> normalise("real co- production –  ‘with’ and not ‘to’ them")
    "real co-production - 'with' and not 'to' them"
    >>> normalise("day- to-day work, short- and long-term")
    'day-to-day work, short- and long-term'
    """
    plain = unicodedata.normalize("NFKC", text.translate(_ONE_FORM)).translate(_ONE_FORM)
    return _BROKEN_AT_HYPHEN.sub("-", " ".join(plain.split()))


def as_printed(text: str) -> str:
    """Return a text on one line with straight quotation marks, and all else as it is.

    For what `normalise` makes equal on purpose: a space left behind a hyphen, or
    a dash of another length.

    Examples
    --------
    >>> as_printed("‘Relationship- based’  work, pp. 43 – 48")
    "'Relationship- based' work, pp. 43 – 48"
    """
    quotes = str.maketrans(dict.fromkeys(_QUOTES, "'"))
    return " ".join(unicodedata.normalize("NFC", text).translate(quotes).split())


@lru_cache(maxsize=4_096)
def comparable(text: str) -> str:
    """Return a text normalised and without its case.

    Examples
    --------
    >>> comparable("‘Tuning‐in’")
    "'tuning-in'"
    """
    # Casefolding can undo the normal form, so the text is normalised once more.
    return normalise(normalise(text).casefold())


def _on_word_edges(text: str, start: int, end: int) -> bool:
    """Say whether ``text[start:end]`` neither begins nor ends inside a word."""
    begins_inside = start > 0 and text[start].isalnum() and text[start - 1].isalnum()
    ends_inside = end < len(text) and text[end - 1].isalnum() and text[end].isalnum()
    return not (begins_inside or ends_inside)


def stands_in(quoted: str, passage_text: str) -> bool:
    """Say whether a quoted wording stands in a passage.

    Both are normalised and compared without regard to case; the wording must
    begin and end where words do.

    Parameters
    ----------
    quoted : str
        The wording.
    passage_text : str
        The text of the passage.

    Returns
    -------
    bool
        False also for a wording without any character to look for.

    Examples
    --------
    >>> stands_in("Trust, time", "a core layer of ‘trust,  time, support’")
    True
    >>> stands_in("rust", "a core layer of ‘trust, time, support’")
    False
    """
    wanted, text = comparable(quoted), comparable(passage_text)
    if not wanted:
        return False
    start = text.find(wanted)
    while start >= 0:
        if _on_word_edges(text, start, start + len(wanted)):
            return True
        start = text.find(wanted, start + 1)
    return False


class Lexicon:
    """Terms made ready to be looked for in many wordings at once.

    A term stands in a wording when all its words stand there, whole and in
    order, without regard to case. A hyphen ends a word, so ``trust`` stands in
    "trust-based"; but no term stands behind ``non-``, because "non-blaming"
    names the opposite of ``blaming``.

    Parameters
    ----------
    terms : iterable of str
        The terms. Terms without a letter or digit are never found.

    Examples
    --------
    >>> lexicon = Lexicon(["trust", "time", "trust and respect"])
    >>> lexicon.standing_in("Trust and respect take time")
    ('trust', 'trust and respect', 'time')
    """

    def __init__(self, terms: Iterable[str]) -> None:
        self._by_first_word: dict[str, list[tuple[str, int, str]]] = {}
        for term in dict.fromkeys(terms):
            sought = comparable(term)
            first = _WORD.search(sought)
            if first is not None:
                self._by_first_word.setdefault(first[0], []).append((sought, first.start(), term))

    @classmethod
    @lru_cache(maxsize=10_000)
    def of(cls, terms: tuple[str, ...]) -> Self:
        """Return the lexicon of these terms, made once and kept.

        Examples
        --------
        >>> Lexicon.of(("trust",)) is Lexicon.of(("trust",))
        True
        """
        return cls(terms)

    def standing_in(self, wording: str) -> tuple[str, ...]:
        """Return the terms that stand in a wording, in the order of the wording.

        Parameters
        ----------
        wording : str
            Any text.

        Returns
        -------
        tuple of str
            The terms as they were given, each once.

        Examples
        --------
        >>> Lexicon(["blaming", "non-blaming"]).standing_in("Non‐blaming and open")
        ('non-blaming',)
        """
        text = comparable(wording)
        found: dict[str, None] = {}
        for word in _WORD.finditer(text):
            for sought, offset, term in self._by_first_word.get(word[0], ()):
                start = word.start() - offset
                end = start + len(sought)
                if (
                    start >= 0
                    and text.startswith(sought, start)
                    and _on_word_edges(text, start, end)
                    and not text.endswith(_NEGATED, 0, start)
                ):
                    found[term] = None
        return tuple(found)


def terms_standing_in(terms: Iterable[str], wording: str) -> tuple[str, ...]:
    """Return those of several terms that stand in a wording.

    Parameters
    ----------
    terms : iterable of str
        Terms of one or more words.
    wording : str
        The text they may stand in.

    Returns
    -------
    tuple of str
        The terms that stand there, in the order in which they were given.

    Examples
    --------
    >>> terms_standing_in(["time", "trust", "hope"], "trust, time, support")
    ('time', 'trust')
    """
    wanted = tuple(terms)
    found = set(Lexicon.of(wanted).standing_in(wording))
    return tuple(term for term in dict.fromkeys(wanted) if term in found)


def split_terms(cell: str) -> tuple[str, ...]:
    """Read a cell of terms separated by ``;``.

    Examples
    --------
    >>> split_terms("trust; trusting;")
    ('trust', 'trusting')
    """
    return tuple(term for part in cell.split(";") if (term := part.strip()))
