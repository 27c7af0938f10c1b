"""The bibliography: ``references.bib`` as works, and works as references.

bibtexparser reads the file and pandoc formats references; this module joins
the two and keeps line numbers, so that a fault can say where it stands.
"""

from __future__ import annotations

import functools
import html
import logging
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import pandas as pd

from relnotes.evidence.faults import Fault, shortened, visible

if TYPE_CHECKING:
    from bibtexparser.library import Library

DOI_ADDRESS = "https://doi.org/"

_PLAIN_MARKS: Final = {"em", "i", "strong", "sub", "sup", "q"}
"""The marks that a formatted reference may hold."""


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
        formatted = _formatted(tuple(self.works[k].raw for k in wanted))
        return {
            key: self._lettered(key, _cleaned(text, self.works[key].address))
            for key, text in formatted
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
        return Person(plain_text(family), plain_text(given.rpartition(",")[2]))
    words = plain_text(name).split()
    particles = next((i for i, w in enumerate(words[:-1]) if i and w.islower()), len(words) - 1)
    return Person(" ".join(words[particles:]), " ".join(words[:particles]))


def read_bibliography(content: bytes | None, name: str) -> tuple[Bibliography, list[Fault]]:
    """Read a BibTeX file.

    Parameters
    ----------
    content : bytes or None
        What the file holds; None where there is none.
    name : str
        Its name, for the faults.

    Returns
    -------
    Bibliography
        The entries that could be read.
    list of Fault
        What could not be read, with lines.
    """
    if content is None:
        return Bibliography(file=name), [
            Fault("missing_file", name, "The bibliography is not there.", "Restore the file.")
        ]
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        return Bibliography(file=name), [
            Fault("nul_byte", name, "The file holds a NUL byte.",
                  "Restore the file from a sound copy: text holds no NUL.", line=line)
        ]  # fmt: skip
    longest = max((len(line) for line in content.split(b"\n")), default=0)
    if longest > 1_000_000:
        return Bibliography(file=name), [
            Fault("line_too_long", name, f"A line has {longest:,} bytes; 1,000,000 are the most.",
                  "Look for a lost line break or a pasted file.")
        ]  # fmt: skip
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Bibliography(file=name), [
            Fault("wrong_encoding", name, "The file is not UTF-8.", "Save it as UTF-8.", line=line)
        ]
    return parse_bibliography(text, name)


def parse_bibliography(text: str, name: str = "references.bib") -> tuple[Bibliography, list[Fault]]:
    """Read BibTeX text; see `read_bibliography`.

    Examples
    --------
    >>> works, faults = parse_bibliography("@book{a-2000, title = {A}}\\n@book{b-2000, title = {")
    >>> list(works), [f.rule for f in faults]
    (['a-2000'], ['broken_entry'])
    """
    import bibtexparser  # noqa: PLC0415  (kept out of the package's import)

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # The parser also logs what it puts into failed blocks; here it is a fault.
    logging.getLogger("bibtexparser").addHandler(logging.NullHandler())
    library: Library = bibtexparser.parse_string(text)
    works: dict[str, Work] = {}
    for entry in library.entries:
        works[entry.key] = Work(
            key=entry.key,
            kind=entry.entry_type.lower(),
            fields={f.key.lower(): str(f.value) for f in entry.fields},
            line=(entry.start_line or 0) + 1,
            raw=entry.raw or "",
        )
    faults = [
        _run_on_field(work, field, name)
        for work in works.values()
        for field, value in work.fields.items()
        if _RUN_ON.search(value)
    ]
    for block in library.failed_blocks:
        faults.append(_broken_entry(block, name))
    faults.extend(_stray_text(library, name))
    return Bibliography(works, name), faults


# A value that still has its own enclosing marks and another field behind them.
_RUN_ON = re.compile(r"""^[{"].*[}"]\s+\w+\s*=\s*[{"]""", re.DOTALL)


def _run_on_field(work: Work, field: str, name: str) -> Fault:
    return Fault(
        "broken_entry",
        name,
        f"A comma is missing after the field {field}.",
        "End each field with a comma.",
        line=work.line,
        column=field,
        id=work.key,
        value=shortened(work.fields[field]),
    )


def _broken_entry(block: Any, name: str) -> Fault:
    kind = type(block).__name__
    line = (block.start_line or 0) + 1
    head = (block.raw or "").split("\n", 1)[0]
    if kind == "DuplicateBlockKeyBlock":
        return Fault(
            "duplicate_key",
            name,
            "The citation key is used before in this file.",
            "Give one entry another key, or remove the copy.",
            line=line,
            id=str(block.key),
            value=str(block.key),
        )
    if kind == "DuplicateFieldKeyBlock":
        doubled = ", ".join(sorted(block.duplicate_keys))
        return Fault(
            "broken_entry",
            name,
            "The entry gives a field twice.",
            "Keep one of them.",
            line=line,
            value=doubled,
        )
    return Fault(
        "broken_entry",
        name,
        "The entry cannot be read: a brace, quotation mark or comma is missing.",
        "Close every brace that is opened and end each field with a comma.",
        line=line,
        value=shortened(head),
    )


def _stray_text(library: Library, name: str) -> list[Fault]:
    """Report text between entries that looks like an entry gone wrong."""
    return [
        Fault(
            "broken_entry",
            name,
            "Text between the entries looks like part of an entry.",
            "Look for a brace closed too early, or an ‘@’ that starts no entry.",
            line=(comment.start_line or 0) + 1,
            value=shortened(comment.comment.strip()),
        )
        for comment in library.comments
        if type(comment).__name__ == "ImplicitComment"
        and re.search(r"""^\s*@\w+|\w+\s*=\s*[{"]""", comment.comment, flags=re.MULTILINE)
    ]


@functools.cache
def _latex_decoder() -> Any:
    from pylatexenc.latex2text import LatexNodes2Text  # noqa: PLC0415

    logging.getLogger("pylatexenc").addHandler(logging.NullHandler())
    return LatexNodes2Text(keep_braced_groups=True, math_mode="verbatim")


def _latex_decoded(value: str) -> str:
    words = re.sub(r"\\href\s*\{[^{}]*\}", "", value)  # of a link its words are seen
    try:
        return str(_latex_decoder().latex_to_text(words))
    except (LookupError, TypeError, AttributeError, ValueError):
        # Commands without their arguments fail it in many ways; they are seen as they stand.
        return words


class _Reference(HTMLParser):
    """A formatted reference with nothing in it but plain marks and the work's own address.

    Titles come from strangers, and LaTeX can say pictures, scripts and addresses.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.parts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _PLAIN_MARKS:
            self.parts.append(f"<{tag}>")
            self._open.append(tag)
        elif tag == "a" and self.address and _same(dict(attrs).get("href"), self.address):
            self.parts.append(f'<a href="{html.escape(self.address)}">')
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self.parts.append(f"</{self._open.pop()}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(html.escape(data, quote=False))

    def text(self) -> str:
        """Return the reference, with what was left open closed."""
        return "".join([*self.parts, *(f"</{tag}>" for tag in reversed(self._open))])


def _same(href: str | None, address: str) -> bool:
    return unquote(href or "").rstrip("/").lower() == unquote(address).rstrip("/").lower()


def _cleaned(reference: str, address: str) -> str:
    found = _Reference(address)
    found.feed(reference)
    found.close()
    return found.text()


@functools.lru_cache(maxsize=64)
def _formatted(entries: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    if not entries:
        return ()
    page = _cited("\n".join(entries))
    found = re.findall(
        r'<div id="ref-([^"]+)" class="csl-entry"[^>]*>\s*(.*?)\s*</div>', page, flags=re.S
    )
    return tuple((html.unescape(key), re.sub(r"\s+", " ", entry)) for key, entry in found)


def _cited(bibliography: str) -> str:
    """Return a page that cites all works of a BibTeX text, made by pandoc."""
    import pypandoc  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "references.bib"
        path.write_text(bibliography, encoding="utf-8", newline="\n")
        # Quiet: a warning of pandoc names neither the entry nor its line, and would land in a cell.
        options = ["--quiet", "--sandbox", "--wrap=none", "--citeproc", f"--bibliography={path}"]
        cite_all = "---\nnocite: '@*'\n---\n"
        return str(pypandoc.convert_text(cite_all, "html", format="markdown", extra_args=options))


def plain_reference(reference: str) -> str:
    """Return a formatted reference without its markup, what cannot be seen shown as such."""
    return visible(html.unescape(re.sub(r"<[^>]+>", "", reference)))
