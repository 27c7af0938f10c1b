"""The bibliography: ``references.bib`` as works, and works as references.

A work keeps the line on which its entry stands, so that a fault can say where it is.
"""

from __future__ import annotations

import functools
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from relnotes.evidence.faults import shortened
from relnotes.evidence.references import cleaned, formatted

DOI_ADDRESS = "https://doi.org/"


@dataclass(frozen=True)
class Person:
    """An author or editor; a corporate body has only a family name."""

    family: str
    given: str = ""


@dataclass(frozen=True)
class Work:
    """One entry of the bibliography.

    Attributes
    ----------
    key : str
        Citation key.
    kind : str
        Entry type in lower case, such as ``article``.
    fields : mapping of str to str
        Field values as written, without the enclosing braces or quotes.
    line : int
        Line of the file on which the entry starts, counted from 1.
    raw : str
        The entry as it stands in the file.
    """

    key: str
    kind: str
    fields: Mapping[str, str] = field(default_factory=dict)
    line: int = 0
    raw: str = ""

    def text(self, name: str) -> str:
        """Return a field as a reader sees it, without LaTeX; empty when absent.

        Examples
        --------
        >>> work = Work("a-2000", "book", {"title": "The {NPS} {\\\\'e}t{\\\\'e}"})
        >>> work.text("title")
        'The NPS été'
        """
        return plain_text(self.fields.get(name, ""))

    @property
    def title(self) -> str:
        """The title as a reader sees it."""
        return self.text("title")

    @property
    def authors(self) -> tuple[Person, ...]:
        """The authors, in order."""
        return people(self.fields.get("author", ""))

    @property
    def editors(self) -> tuple[Person, ...]:
        """The editors, in order."""
        return people(self.fields.get("editor", ""))

    @property
    def year(self) -> int | None:
        """The year of publication, or None where the entry gives none."""
        found = re.search(r"\b(1[5-9]|20|21)\d\d\b", self.fields.get("year") or
                          self.fields.get("date", ""))  # fmt: skip
        return int(found[0]) if found else None

    @property
    def author_year(self) -> str:
        """Author and year as cited in running text.

        Examples
        --------
        >>> Work("a-2022", "book", {"author": "Dominey, J. and Canton, R.",
        ...                         "year": "2022"}).author_year
        'Dominey and Canton (2022)'
        """
        return f"{self.creators} ({self.year or 'n.d.'})"

    @property
    def creators(self) -> str:
        """Family names of the authors, else of the editors, else a short title."""
        names = [p.family for p in self.authors or self.editors]
        if not names:
            return shortened(self.title, 40) or self.key
        if len(names) == 1:
            return names[0]
        if len(names) <= 2:
            return " and ".join(names)
        return f"{names[0]} et al."

    @property
    def entry(self) -> str:
        """The entry with its language where the style looks for it, else titles are put in English.

        Examples
        --------
        >>> Work("a", "book", {"language": "Spanish"}, raw="@book{a, title = {Sobre}}").entry
        '@book{a, langid = {Spanish}, title = {Sobre}}'
        """
        language = self.text("language")
        if self.fields.get("langid") or not re.fullmatch(r"[A-Za-z-]+", language):
            return self.raw
        return re.sub(r"^(\s*@\w+\s*[{(][^,]*,)", rf"\1 langid = {{{language}}},", self.raw)

    @property
    def address(self) -> str:
        """Address of the work: its DOI where it has one, else its URL."""
        doi = self.fields.get("doi", "").strip()
        if doi:
            return DOI_ADDRESS + re.sub(r"^https?://(dx\.)?doi\.org/", "", doi)
        url = self.text("url").strip()
        return url if url.startswith(("https://", "http://")) else ""


@dataclass(frozen=True)
class Bibliography(Mapping[str, Work]):
    """The works by key, in the order of the file."""

    works: Mapping[str, Work] = field(default_factory=dict)
    file: str = "references.bib"

    def __getitem__(self, key: str) -> Work:
        return self.works[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.works)

    def __len__(self) -> int:
        return len(self.works)

    @functools.cached_property
    def letters(self) -> dict[str, str]:
        """The letters that tell apart works of one author and year, in the order of their titles.

        Examples
        --------
        >>> undated = {"x": {"author": "Lee", "title": "On"}, "y": {"author": "Lee", "title": "In"}}
        >>> works = Bibliography({k: Work(k, "book", fields) for k, fields in undated.items()})
        >>> works.letters, works.author_year("x")
        ({'y': 'a', 'x': 'b'}, 'Lee (n.d.-b)')
        """
        alike: dict[tuple[str, int | str], list[Work]] = {}
        for work in self.works.values():
            when = work.year or work.text("pubstate")
            alike.setdefault((work.creators, when), []).append(work)
        return {
            work.key: _letter(place)
            for works in alike.values()
            if len(works) > 1
            for place, work in enumerate(sorted(works, key=_by_title))
        }

    def dated(self, key: str) -> str:
        """Return the year of a work, or ``n.d.``, with its letter if it has one."""
        year, letter = self.works[key].year, self.letters.get(key, "")
        return f"{year}{letter}" if year else f"n.d.{letter and '-'}{letter}"

    def author_year(self, key: str) -> str:
        """Return author and year of a work as cited in running text, told apart by letters."""
        return f"{self.works[key].creators} ({self.dated(key)})"

    def frame(self) -> pd.DataFrame:
        """Return the works as a table.

        Returns
        -------
        DataFrame
            One row a work: ``key``, ``kind``, ``creators``, ``year``,
            ``title``, ``container``, ``address``.
        """
        rows = [
            (
                w.key,
                w.kind,
                w.creators,
                w.year,
                w.title,
                next(
                    (
                        w.text(f)
                        for f in ("journal", "journaltitle", "booktitle", "series")
                        if w.fields.get(f)
                    ),
                    "",
                ),
                w.address,
            )
            for w in self.works.values()
        ]
        columns = ["key", "kind", "creators", "year", "title", "container", "address"]
        frame = pd.DataFrame(rows, columns=columns)
        return frame.astype({c: "Int64" if c == "year" else "str" for c in columns})

    def references(self, keys: Iterable[str]) -> dict[str, str]:
        """Return formatted references as HTML, without an enclosing paragraph.

        Parameters
        ----------
        keys : iterable of str
            Citation keys; unknown keys raise.

        Returns
        -------
        dict of str to str
            Key to reference, in alphabetical order of the references, as the
            author–date style of the Chicago Manual has them.

        Raises
        ------
        KeyError
            If a key is not in the bibliography.
        """
        wanted = list(dict.fromkeys(keys))
        return {
            key: self._lettered(key, cleaned(text, self.works[key].address))
            for key, text in formatted(tuple(self.works[k].entry for k in wanted))
        }

    def _lettered(self, key: str, reference: str) -> str:
        """Give a reference the letter of the whole bibliography, not that of the list it is in."""
        if key not in self.letters:
            return reference
        year = self.works[key].year
        printed = rf"\b{year}[a-z]{{0,2}}\b" if year else r"n\.d\.(?:-[a-z]{1,2}\.)?"
        return re.sub(printed, self.dated(key) + ("" if year else "."), reference, count=1)


def _by_title(work: Work) -> tuple[str, str]:
    return "".join(
        sign for sign in work.title.casefold() if sign.isalnum() or sign == " "
    ), work.key


def _letter(place: int) -> str:
    """Return a, b, …, z, aa, ab and so on for 0, 1 and so on."""
    word = ""
    while place >= 0:
        word = chr(ord("a") + place % 26) + word
        place = place // 26 - 1
    return word


def plain_text(value: str) -> str:
    r"""Return a BibTeX value as a reader sees it: no braces, accents resolved.

    Examples
    --------
    >>> plain_text(r"50% of {UK} \& \'etudes -- 1")
    '50% of UK & études – 1'
    """
    if "\\" in value:
        # In LaTeX a bare % begins a comment; in a bibliography it is a per cent sign.
        value = _latex_decoded(re.sub(r"(?<!\\)%", r"\\%", value))
    value = value.replace("{", "").replace("}", "").replace("---", "—").replace("--", "–")
    return re.sub(r"\s+", " ", value).strip()


def people(value: str) -> tuple[Person, ...]:
    """Read a BibTeX name list.

    Examples
    --------
    >>> people("{HM Inspectorate of Probation} and O’Meara Daly, Eoin and Rob Canton")[1:]
    (Person(family='O’Meara Daly', given='Eoin'), Person(family='Canton', given='Rob'))
    """
    return tuple(_person(name) for name in _names(value))


def _names(value: str) -> list[str]:
    """Split at `and` outside braces, as BibTeX does; "and others" is no person."""
    names: list[str] = []
    current: list[str] = []
    depth = 0
    for word in re.split(r"(\s+)", value.strip()):
        if depth == 0 and word.lower() == "and":
            names.append("".join(current).strip())
            current = []
            continue
        depth += word.count("{") - word.count("}")
        current.append(word)
    names.append("".join(current).strip())
    return [n for n in names if n and n.lower() != "others"]


def _person(name: str) -> Person:
    if name.startswith("{") and name.endswith("}"):
        return Person(plain_text(name))
    family, comma, given = name.partition(",")
    if comma:
        *suffix, first = (part.strip() for part in given.split(","))
        return Person(plain_text(family), plain_text(", ".join([first, *suffix])))
    words = plain_text(name).split()
    particles = next((i for i, w in enumerate(words[:-1]) if i and w.islower()), len(words) - 1)
    return Person(" ".join(words[particles:]), " ".join(words[:particles]))


@functools.cache
def _latex_decoder() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text  # noqa: PLC0415  (cold start)

    logging.getLogger("pylatexenc").addHandler(logging.NullHandler())
    return LatexNodes2Text(keep_braced_groups=True, math_mode="verbatim")


def _latex_decoded(value: str) -> str:
    words = re.sub(r"\\href\s*\{[^{}]*\}", "", value)  # of a link its words are seen
    try:
        return str(_latex_decoder().latex_to_text(words))
    except (LookupError, TypeError, AttributeError, ValueError, RecursionError):
        # Commands without arguments, or a thousand in one another, are seen as they stand.
        return words
