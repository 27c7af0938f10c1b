"""What every reader hands on: records, what had to be set aside, and the account of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["article", "book", "chapter", "report", "thesis", "conference", "online", "other"]
"""The house's document kinds: what sort of publication a record describes."""

RAW_SHOWN = 100_000
"""Characters of a set-aside record that are kept; its line says where the rest stands."""


class UnreadableExport(ValueError):  # noqa: N818 (named for the reader of the message)
    """A file that is no export we know, said in plain words with what to do about it.

    Parameters
    ----------
    source : str
        Name of the file.
    problem : str
        What is wrong with it.
    mend : str
        What a person can do.

    Examples
    --------
    >>> print(UnreadableExport("a.pdf", "it is a PDF", "Export the references as RIS."))
    a.pdf: it is a PDF. Export the references as RIS.
    """

    def __init__(self, source: str, problem: str, mend: str) -> None:
        super().__init__(f"{source}: {problem}. {mend}")
        self.source = source
        self.problem = problem
        self.mend = mend


class CollectionWorkbook(UnreadableExport):
    """The collection's own workbook coming back: it is merged, not read as an export."""


@dataclass(frozen=True, slots=True)
class Person:
    """An author or editor.

    Parameters
    ----------
    family : str
        Family name with its particles ("van der Berg"), or the whole name of a body.
    given : str
        Given names or initials, as the record has them; empty for a body.
    corporate : bool
        True when the name is that of a body, not of a person.

    Examples
    --------
    >>> str(Person("Dominey", "Jane"))
    'Dominey, Jane'
    """

    family: str
    given: str = ""
    corporate: bool = False

    def __str__(self) -> str:
        """Family name first, as in a reference list."""
        return f"{self.family}, {self.given}" if self.given else self.family


@dataclass(frozen=True, slots=True)
class Record:
    """One work as one export describes it. Text that the record lacks is "".

    Parameters
    ----------
    source : str
        Name of the file as given, never a path from the file's content.
    position : int
        Place of the record in the file, from 1; set-aside records count too.
    line : int or None
        Line on which it starts, from 1, where the format has lines.
    kind : str
        One of `Kind`.
    title, container, volume, issue, publisher, edition, language, abstract, url : str
        As the record has them, with runs of space made one. `container` is the journal or book.
    authors, editors : tuple of Person
        In the record's order.
    year : int or None
        Four figures found in `year_text`, the date as it stood ("2014/05//", "in press").
    pages : tuple of (str, str)
        First and last page; an abbreviated last page ("1159-64") is written out.
    doi : str
        Lower case, without resolver or prefix.
    isbn, issn : tuple of str
        ISBNs without hyphens, ISSNs as NNNN-NNNX.
    pmid : str
        PubMed's number.
    key : str
        The name that the exporting program or collection gave it, such as a citation key.
    raw : Mapping
        Every field of the record as it stood, used here or not: text, or a list of texts.

    Examples
    --------
    >>> record = Record("a.ris", 1, 1, "article", "Trust in supervision", year=2022)
    >>> record.year, record.doi
    (2022, '')
    """

    source: str
    position: int
    line: int | None
    kind: Kind
    title: str
    authors: tuple[Person, ...] = ()
    year: int | None = None
    year_text: str = ""
    container: str = ""
    volume: str = ""
    issue: str = ""
    pages: tuple[str, str] = ("", "")
    doi: str = ""
    isbn: tuple[str, ...] = ()
    issn: tuple[str, ...] = ()
    pmid: str = ""
    url: str = ""
    abstract: str = ""
    language: str = ""
    publisher: str = ""
    edition: str = ""
    editors: tuple[Person, ...] = ()
    key: str = ""
    raw: Mapping[str, str | list[str]] = field(default_factory=dict, hash=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be read, kept for the reject file.

    Parameters
    ----------
    source, position, line
        As in `Record`.
    reason : str
        Why, in words a person can act on.
    raw : str
        Its text as it stood; the first `RAW_SHOWN` characters of a longer one.
    """

    source: str
    position: int
    line: int | None
    reason: str
    raw: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from one file, with every record accounted for.

    Parameters
    ----------
    source : str
        Name of the file.
    format : str
        The format in words ("RIS", "BibTeX", "CSV with semicolons").
    encoding : str
        The encoding it was read in.
    records : tuple of Record
        What could be read, in the file's order.
    rejected : tuple of Rejected
        What was set aside, in the file's order.
    unused : Mapping of str to int
        Fields kept in `Record.raw` but not interpreted, and how many records have them.
    mapping : Mapping of str to str
        For a spreadsheet, which header was read as which field.
    notes : tuple of str
        What a person should know about the reading besides.
    passed : Mapping of str to tuple of int
        What is no record, by name ("comment", "header"), and the lines where it stands.

    Examples
    --------
    >>> Reading("a.ris", "RIS", "utf-8", (), ()).total
    0
    """

    source: str
    format: str
    encoding: str
    records: tuple[Record, ...]
    rejected: tuple[Rejected, ...]
    unused: Mapping[str, int] = field(default_factory=dict)
    mapping: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    passed: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many records came in: those read and those set aside."""
        return len(self.records) + len(self.rejected)
