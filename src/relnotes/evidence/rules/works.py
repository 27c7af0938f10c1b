"""Rules for the bibliography: entries are complete, well formed and used."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

import pandas as pd

from relnotes.evidence.bibliography import Work
from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.cells import printable
from relnotes.evidence.rules.register import Example, rule
from relnotes.evidence.rules.shapes import entry_fault, field_rule, fields, row_rule
from relnotes.evidence.sources import cited_keys
from relnotes.evidence.vocabulary import EMPTIES

_REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "article": (("author",), ("title",), ("journal", "journaltitle"), ("year", "date")),
    "book": (("author", "editor"), ("title",), ("year", "date"), ("publisher", "institution")),
    "collection": (("editor",), ("title",), ("year", "date"), ("publisher",)),
    "incollection": (
        ("author",), ("title",), ("booktitle", "crossref"), ("year", "date", "crossref"),
        ("pages", "chapter"),
    ),
    "inbook": (("author",), ("title",), ("booktitle", "crossref"), ("year", "date", "crossref")),
    "inproceedings": (("author",), ("title",), ("booktitle",), ("year", "date")),
    "report": (("author", "editor"), ("title",), ("institution", "publisher"), ("year", "date")),
    "techreport": (("author",), ("title",), ("institution",), ("year", "date")),
    "thesis": (("author",), ("title",), ("institution", "school"), ("year", "date")),
    "phdthesis": (("author",), ("title",), ("school", "institution"), ("year", "date")),
    "online": (("author", "editor", "title"), ("title",), ("url", "doi", "note")),
    "manual": (("author", "editor", "organization", "title"), ("title",)),
}  # fmt: skip


@rule(
    good=Example("references.bib", "@book{roe-2002,", "@book{roe-2002,"),
    bad=Example("references.bib", "@online{page-nd-sample,", "@online{Page2020,"),
)
def key_form(evidence: Evidence) -> Iterator[Fault]:
    """A citation key is the first family name, the year or nd, and a title word if needed."""
    pattern = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*-([0-9]{4}|nd)(-[a-z0-9]+)*")
    message = "The key does not have the house form."
    mend = "Write it like doe-2001 or doe-2001-trust."
    for work in evidence.bibliography.values():
        if not pattern.fullmatch(work.key):
            yield entry_fault(evidence, work, "", message, mend, work.key)


@rule(
    good=Example("references.bib", "  volume  = {3},\n", ""),
    bad=Example("references.bib", "  journal = {Journal of Examples},\n", ""),
)
def missing_required_field(evidence: Evidence) -> Iterator[Fault]:
    """An entry has the fields its type needs to be found again."""
    mend = "Look it up, or waive the rule for this entry with a reason."
    for work in evidence.bibliography.values():
        for group in _REQUIRED.get(work.kind, (("title",),)):
            if not any(work.fields.get(name, "").strip() for name in group):
                message = f"The {work.kind} has no {' or '.join(group)}."
                yield entry_fault(evidence, work, "", message, mend, work.kind)


@field_rule(
    "doi", "The value is not a bare DOI.", "Write it like 10.1177/0264550513478320.",
    good=Example("references.bib", "10.1000/example.1", "10.1000/(sici)1097<1::aid>2.0.co;2-x"),
    bad=Example("references.bib", "10.1000/example.1", "https://doi.org/10.1000/example.1"),
)  # fmt: skip
def doi_form(value: str) -> bool:
    """A DOI is written bare, beginning with 10. and without an address before it."""
    return not re.fullmatch(r"10\.\d{4,9}(\.\d+)*/\S+", value)


@field_rule(
    "isbn", "The ISBN's length or check digit is wrong.", "Copy it again from the book.",
    good=Example("references.bib", "978-0-306-40615-7", "0-306-40615-2"),
    bad=Example("references.bib", "978-0-306-40615-7", "978-0-306-40615-8"),
)  # fmt: skip
def isbn_check_digit(value: str) -> bool:
    """An ISBN has ten or thirteen digits, and its check digit is right."""
    return not isbn_is_valid(value)


def isbn_is_valid(value: str) -> bool:
    """Say whether an ISBN-10 or ISBN-13 has the right check digit.

    Examples
    --------
    >>> isbn_is_valid("978-0-306-40615-7"), isbn_is_valid("0-306-40615-2")
    (True, True)
    >>> isbn_is_valid("978-0-306-40615-8")
    False
    """
    digits = re.sub(r"[\s-]", "", value).upper()
    if re.fullmatch(r"\d{9}[\dX]", digits):
        numbers = [10 if d == "X" else int(d) for d in digits]
        return sum(n * w for n, w in zip(numbers, range(10, 0, -1), strict=True)) % 11 == 0
    if re.fullmatch(r"97[89]\d{10}", digits):
        return sum(int(d) * (1 if i % 2 == 0 else 3) for i, d in enumerate(digits)) % 10 == 0
    return False


@field_rule(
    "issn", "The ISSN's form or check digit is wrong.", "Copy it again from the journal.",
    good=Example("references.bib", "  volume  = {3},", "  issn = {0317-8471},\n  volume  = {3},"),
    bad=Example("references.bib", "  volume  = {3},", "  issn = {0317-8472},\n  volume  = {3},"),
)  # fmt: skip
def issn_check_digit(value: str) -> bool:
    """An ISSN has the form NNNN-NNNC, and its check digit is right."""
    return not issn_is_valid(value)


def issn_is_valid(value: str) -> bool:
    """Say whether an ISSN has the right check digit.

    Examples
    --------
    >>> issn_is_valid("0317-8471"), issn_is_valid("2434-561X"), issn_is_valid("0317-8472")
    (True, True, False)
    """
    if not re.fullmatch(r"\d{4}-\d{3}[\dX]", value):
        return False
    digits = [10 if d == "X" else int(d) for d in value.replace("-", "")]
    return sum(n * w for n, w in zip(digits, range(8, 0, -1), strict=True)) % 11 == 0


@rule(
    good=Example("references.bib", "year    = {2001}", "date    = {2001-04}"),
    bad=Example("references.bib", "year    = {2001}", "year    = {April 2001}"),
)
def year_form(evidence: Evidence) -> Iterator[Fault]:
    """A year is four digits from 1500 to 2099; a date is a year, a month of it or a real day.

    A range of dates runs upwards.
    """
    mend = "Write 2004, 2004-04 or 2004-04-15; the rest goes into a note."
    for work, name, value in fields(evidence, "year", "date"):
        if message := _wrong_date(value, ranges=name == "date"):
            yield entry_fault(evidence, work, name, message.format(name), mend, value)


def _wrong_date(value: str, *, ranges: bool) -> str:
    """Return what is wrong with a date in words, with a place for the field; empty if nothing is."""
    one = r"\d{4}(?:-\d\d(?:-\d\d)?)?" if ranges else r"\d{4}"
    found = re.fullmatch(rf"({one})(?:/({one})?)?" if ranges else rf"({one})", value)
    if not found:
        return "The {} is not written in digits alone."
    ends = [end for end in found.groups() if end]
    for end in ends:
        if not 1500 <= int(end[:4]) <= 2099:
            return "The {} lies outside 1500 to 2099."
        try:
            date.fromisoformat(end + "-01-01"[len(end) - 4 :] if len(end) < 10 else end)
        except ValueError:
            return "There is no such day or month in the {}."
    shortest = min(map(len, ends))
    if len(ends) == 2 and ends[0][:shortest] > ends[1][:shortest]:
        return "The {} ends before it begins."
    return ""


@field_rule(
    "pages", "The pages are not written as first--last.", "Write 417--433, in full and upwards.",
    good=Example("references.bib", "pages   = {1--9}", "pages   = {e12--e19}"),
    bad=Example("references.bib", "pages   = {1--9}", "pages   = {1-9}"),
)  # fmt: skip
def pages_form(value: str) -> bool:
    """A range of pages is joined by two hyphens and runs upwards."""
    one = r"[A-Za-z]*\d+[A-Za-z]*"
    form = re.fullmatch(rf"({one})(?:--({one}))?(, *{one}(--{one})?)*", value)
    ends = form and form[2] and form[1].isdecimal() and form[2].isdecimal()
    return form is None or bool(ends and int(form[1]) > int(form[2]))


@rule(
    good=Example("references.bib", "{Doe, Jane}", "{Doe, Jane and {Office of Examples}}"),
    bad=Example("references.bib", "{Doe, Jane}", "{Doe, Jane, Roe, Richard and others}"),
)
def name_form(evidence: Evidence) -> Iterator[Fault]:
    """Names are joined by ``and``, a corporate name stands in its own braces."""
    for work, name, value in fields(evidence, "author", "editor"):
        for person in re.split(r"\s+and\s+(?![^{]*\})", value):
            if message := _wrong_name(person):
                mend = "Write Doe, Jane and {Office of Examples}."
                yield entry_fault(evidence, work, name, message, mend, person)


_CORPORATE = re.compile(
    r"\b(Inspectorate|Council|Institute|University|Department|Ministry|Office|Project|Service|"
    r"Agency|Board|Association|Organi[sz]ation|Network|Committee|Centre|Center)\b"
)


def _wrong_name(person: str) -> str:
    """Return what is wrong with one of several names in words; empty if nothing is."""
    if not person.strip() or re.search(r"\bet al\b|&|;", person):
        return "The names are not joined by ‘and’."
    if person.startswith("{") and person.endswith("}"):
        return ""
    if person.count(",") > 1 and not re.search(r", *(Jr|Sr|I+)\.?,", person):
        return "A name has more than one comma."
    return "A corporate name has no braces of its own." if _CORPORATE.search(person) else ""


@rule(
    good=Example("references.bib", "isbn      = {978-0-306-40615-7}", "doi = {10.1000/example.2}"),
    bad=Example("references.bib", "isbn      = {978-0-306-40615-7}", "doi = {10.1000/EXAMPLE.1}"),
)
def duplicate_doi(evidence: Evidence) -> Iterator[Fault]:
    """A DOI belongs to one entry; only the chapters of one book may share the book's."""
    by_doi: dict[str, list[Work]] = defaultdict(list)
    for work, _, value in fields(evidence, "doi"):
        by_doi[value.casefold()].append(work)
    for works in by_doi.values():
        whole = [w for w in works if w.kind not in ("incollection", "inbook")]
        books = {w.text("booktitle").casefold() for w in works} - {""}
        if len(whole) <= 1 and len(books) <= 1 and len(whole) < len(works):
            continue
        message, mend = (
            f"The entry {works[0].key} has the same DOI.",
            "Remove the copy, or mend the DOI.",
        )
        for work in works[1:]:
            yield entry_fault(evidence, work, "doi", message, mend, work.fields["doi"])


_BOOK = "@book{roe-2002,\n  author    = {Roe, Richard},\n  title     = {Plans},"


@rule(
    good=Example(
        "references.bib",
        _BOOK,
        "@incollection{poe-2002, author = {Poe, Ann}, title = {Aims}, booktitle = {Plans}, "
        "year = {2002}, pages = {1--5}}\n\n" + _BOOK,
    ),
    bad=Example(
        "references.bib",
        _BOOK,
        "@incollection{poe-2003, author = {Poe, Ann}, title = {Aims}, booktitle = {Plans}, "
        "year = {2003}, pages = {1--5}}\n\n" + _BOOK,
    ),
)
def chapter_and_book(evidence: Evidence) -> Iterator[Fault]:
    """A chapter agrees with its book, where the book has an entry of its own."""
    works = evidence.bibliography.values()
    whole = [w for w in works if w.kind in ("book", "collection", "mvbook") and w.title]
    books = {w.title.casefold(): w for w in whole}
    for work in works:
        book = books.get(work.text("booktitle").casefold())
        if book and work.year and book.year and work.year != book.year:
            message, mend = (
                f"Its book, {book.key}, is of {book.year}.",
                "Mend one of the two years.",
            )
            yield entry_fault(evidence, work, "year", message, mend, str(work.year))
        crossref = work.fields.get("crossref", "")
        if crossref and crossref not in evidence.bibliography:
            message, mend = "The book it refers to has no entry.", "Add the book, or mend the key."
            yield entry_fault(evidence, work, "crossref", message, mend, crossref)


@field_rule(
    "title booktitle", "‘{}’ could lose its capitals.", "Write {{{}}}.",
    good=Example("references.bib", "{Trust in probation}", "{Trust in the {NPS} of {E}ngland}"),
    bad=Example("references.bib", "{Trust in probation}", "{Trust in the NPS of {E}ngland}"),
)  # fmt: skip
def unprotected_name(value: str) -> str:
    """Letters of a title that must stay capital stand in braces."""
    outside = re.sub(r"\{[^{}]*\}", " ", value)
    found = re.search(r"\b\w*[A-Z]\w*[A-Z]\w*\b|(?<=[a-z] )\bI{2,3}\b", outside)
    return found[0] if found else ""


@field_rule(
    "", "The field holds a control, invisible or decomposed character.", "Type the value again.",
    good=Example("references.bib", "{Plans}", "{Caf\u00e9 plans}"),
    bad=Example("references.bib", "{Plans}", "{Cafe\u0301 plans}"),
)  # fmt: skip
def bibliography_unicode(value: str) -> bool:
    """Fields are in Unicode normal form C, without control or invisible characters."""
    return not unicodedata.is_normalized("NFC", value) or any(
        unicodedata.category(c) in ("Cf", "Co", "Cn") or (c < " " and c not in "\n\t")
        for c in value
    )


_LATEX_LETTERS = (
    "aa|AA|ae|AE|oe|OE|o|O|l|L|ss|i|j|dh|DH|th|TH|b|c|d|G|h|H|k|r|t|u|U|v|textendash|textemdash|"
    "textquoteleft|textquoteright|textquotedblleft|textquotedblright|textbackslash|"
    "textasciitilde|textasciicircum|textdollar"
)
"""The commands that write a letter, an accent, a dash or a mark; no other is let in."""


@rule(
    good=Example("references.bib", "{Plans}", "{Plans \\& more}"),
    bad=Example("references.bib", "{Plans}", "{Plans &amp; <i>more</i>}"),
)
def leftover_markup(evidence: Evidence) -> Iterator[Fault]:
    """A field holds no HTML and no LaTeX commands beyond accents, letters and escapes."""
    pattern = re.compile(
        rf"</?[a-zA-Z][^<>]*>|&[a-z]+;|&#\d+;|\\(?!(?:{_LATEX_LETTERS})(?![a-zA-Z]))[a-zA-Z]"
    )
    for work, name, value in fields(evidence):
        if name not in ("url", "doi") and pattern.search(value):
            said = "The field holds markup.", "Write plain text."
            yield entry_fault(evidence, work, name, *said, value)


@field_rule(
    "url", "The value is not an address.", "Write it in full, beginning with https://.",
    good=Example(
        "references.bib", "{https://example.org/trust}", "{https://example.org/trust?a=b}"
    ),
    bad=Example("references.bib", "{https://example.org/trust}", "{example.org/trust page}"),
)  # fmt: skip
def url_form(value: str) -> bool:
    """An address begins with https:// or http:// and has no spaces."""
    return not re.fullmatch(r"https?://[^\s/$.?#][^\s]*", value)


@field_rule(
    "title booktitle", "The title ends in a full stop or holds an address.", "Take it out.",
    good=Example("references.bib", "{Trust in probation}", "{Trust in probation?}"),
    bad=Example("references.bib", "{Trust in probation}", "{Trust in probation.}"),
)  # fmt: skip
def title_form(value: str) -> bool:
    """A title ends without a full stop and holds no address."""
    return re.search(r"(?<!\.\.)\.$", value) is not None or "://" in value


@rule(
    severity="notice",
    good=Example("references.bib", "{Roe, Richard}", "{Роу, Ричард}"),
    bad=Example("references.bib", "{Roe, Richard}", "{信頼, 太郎}"),
)
def undrawable_work(evidence: Evidence) -> Iterator[Fault]:
    """Who wrote a work, or its title, holds no characters that the fonts of the figures lack."""
    message = "No font that comes with relnotes has all characters by which the work is called."
    mend = "Where figures shall show it, write it in other characters, such as a transliteration."
    for work in evidence.bibliography.values():
        if not printable().issuperset(map(ord, work.creators)):
            called = next((f for f in ("author", "editor", "title") if f in work.fields), "")
            yield entry_fault(evidence, work, called, message, mend, work.creators)


@rule(
    good=Example("studies.csv", "doe-2001,listed", "doe-2001,listed"),
    bad=Example("studies.csv", "roe-2002,named,book,Example Press,not_applicable,not_applicable,not_coded,youth justice,Utopia,not_coded,yes,verified,page-nd-sample[intro.1],\n", ""),
)  # fmt: skip
def work_unlisted(evidence: Evidence) -> Iterator[Fault]:
    """Every work of the bibliography has its row in studies."""
    if evidence.whole("studies"):
        listed = evidence.ids("studies", "key")
        mend = "Add the row: what the work is and how far it was checked."
        yield from _not_among(evidence, listed, "The work has no row in studies.csv.", mend)


def _not_among(evidence: Evidence, keys: set[str], message: str, mend: str) -> Iterator[Fault]:
    """Yield a fault for each work that is not among some keys."""
    for key, work in evidence.bibliography.items():
        if key not in keys:
            yield entry_fault(evidence, work, "", message, mend, key)


@rule(
    good=Example("events.csv", "roe-2002[p. 1]", "doe-2001[p. 1]"),
    bad=Example(
        "references.bib",
        "@online{page-nd-sample,",
        "@book{poe-2003, author = {Poe, Ann}, title = {Unused}, publisher = {E}, year = {2003}}\n\n"
        "@online{page-nd-sample,",
    ),
)
def unused_work(evidence: Evidence) -> Iterator[Fault]:
    """Every work of the bibliography is used by a row of the tables."""
    used = {key for _, key in _citing(evidence)}
    said = "No row of the tables uses the work.", "Use it in a row, or remove the entry."
    if all(evidence.whole(table.name) for table in evidence.tables()):
        yield from _not_among(evidence, used, *said)


def _citing(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """Yield whom each cell cites: the work whose own row it is, or nothing, and a citation key."""
    for table in evidence.tables():
        frame = evidence.frame(table.name)
        owners = frame["key"] if table.name == "studies" else pd.Series("", index=frame.index)
        for field in table.fields:
            if field.holds:
                cells = pd.DataFrame({"owner": owners, "cell": frame[field.name]})
                for owner, cell in cells.drop_duplicates().itertuples(index=False):
                    if cell not in table.empty_words:
                        yield from ((owner, key) for key in cited_keys(cell, field.holds))


@rule(
    severity="notice",
    good=Example("studies.csv", "roe-2002,named", "roe-2002,named"),
    bad=Example("references.bib", "@online{page-nd-sample,", "@book{poe-2003, author = {Poe, Ann}, title = {Unused}, publisher = {E}, year = {2003}}\n\n@online{page-nd-sample,"),
)  # fmt: skip
def work_of_no_use(evidence: Evidence) -> Iterator[Fault]:
    """A work is cited by a row other than its own, or the note of its row says why it is here."""
    used = {key for owner, key in _citing(evidence) if key != owner}
    studies = evidence.frame("studies")
    said = set(studies["key"][studies["note"] != ""])
    mend = "Use it in a row, or say in the note of its row why it is here."
    if all(evidence.whole(table.name) for table in evidence.tables()):
        yield from _not_among(evidence, used | said, "No row cites the work but its own.", mend)


@row_rule(
    "studies", "report_of",
    "This is the work itself, or a work that reports another.",
    "Write the key of the study's main report; not_applicable for the main report itself.",
    good=Example("studies.csv", "roe-2002,named,book,Example Press,not_applicable", "roe-2002,named,book,Example Press,doe-2001"),
    bad=Example("studies.csv", "roe-2002,named,book,Example Press,not_applicable", "roe-2002,named,book,Example Press,roe-2002"),
)  # fmt: skip
def report_of_report(evidence: Evidence) -> Iterator[int]:
    """A report names the main report of its study, which is no report of another."""
    studies = evidence.frame("studies")
    main = dict(zip(studies["key"], studies["report_of"], strict=True))
    for line, key, reported in studies[["key", "report_of"]].itertuples():
        reports_a_report = main.get(reported, "") not in EMPTIES
        if reported not in EMPTIES and (reported == key or reports_a_report):
            yield line


@row_rule(
    "studies", "overlaps_with",
    "The work is named as sharing studies with itself.",
    "Name the other works that bring together some of the same studies.",
    good=Example("studies.csv", "Example Press,not_applicable,not_applicable", "Example Press,not_applicable,doe-2001"),
    bad=Example("studies.csv", "roe-2002,named,book,Example Press,not_applicable,not_applicable", "roe-2002,named,book,Example Press,not_applicable,roe-2002"),
)  # fmt: skip
def overlaps_with_itself(evidence: Evidence) -> Iterator[int]:
    """A work shares studies with other works, not with itself."""
    for line, key, others in evidence.frame("studies")[["key", "overlaps_with"]].itertuples():
        if key in others.split(";"):
            yield line
