"""Rules for the bibliography: entries are complete, well formed and used."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from relnotes.evidence.bibliography import Work
from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, rule
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


def _fault(
    evidence: Evidence, work: Work, column: str, message: str, mend: str, value: str = ""
) -> Fault:
    return Fault(
        "",
        evidence.bibliography.file,
        message,
        mend,
        line=work.line + _line_in_entry(work, column),
        column=column,
        id=work.key,
        value=value,
    )


def _line_in_entry(work: Work, field: str) -> int:
    for i, line in enumerate(work.raw.split("\n")):
        if re.match(rf"\s*{re.escape(field)}\s*=", line, flags=re.I):
            return i
    return 0


def _fields(evidence: Evidence, *names: str) -> Iterator[tuple[Work, str, str]]:
    for work in evidence.bibliography.values():
        for name in names or tuple(work.fields):
            if name in work.fields:
                yield work, name, work.fields[name]


@rule(
    good=Example("references.bib", "@book{roe-2002,", "@book{roe-2002,"),
    bad=Example("references.bib", "@online{page-nd-sample,", "@online{Page2020,"),
)
def key_form(evidence: Evidence) -> list[Fault]:
    """A citation key is the first family name, the year or nd, and a title word if needed."""
    pattern = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*-([0-9]{4}|nd)(-[a-z0-9]+)*")
    return [
        _fault(evidence, work, "", "The key does not have the house form.",
               "Write it like doe-2001 or doe-2001-trust.", work.key)
        for work in evidence.bibliography.values()
        if not pattern.fullmatch(work.key)
    ]  # fmt: skip


@rule(
    good=Example("references.bib", "  volume  = {3},\n", ""),
    bad=Example("references.bib", "  journal = {Journal of Examples},\n", ""),
)
def missing_required_field(evidence: Evidence) -> list[Fault]:
    """An entry has the fields its type needs to be found again."""
    return [
        _fault(evidence, work, "", f"The {work.kind} has no {' or '.join(group)}.",
               "Look it up, or waive the rule for this entry with a reason.", work.kind)
        for work in evidence.bibliography.values()
        for group in _REQUIRED.get(work.kind, (("title",),))
        if not any(work.fields.get(name, "").strip() for name in group)
    ]  # fmt: skip


@rule(
    good=Example("references.bib", "10.1000/example.1", "10.1000/(sici)1097<1::aid>2.0.co;2-x"),
    bad=Example("references.bib", "10.1000/example.1", "https://doi.org/10.1000/example.1"),
)
def doi_form(evidence: Evidence) -> list[Fault]:
    """A DOI is written bare, beginning with 10. and without an address before it."""
    return [
        _fault(evidence, work, name, "The value is not a bare DOI.",
               "Write it like 10.1177/0264550513478320.", value)
        for work, name, value in _fields(evidence, "doi")
        if not re.fullmatch(r"10\.\d{4,9}(\.\d+)*/\S+", value)
    ]  # fmt: skip


@rule(
    good=Example("references.bib", "978-0-306-40615-7", "0-306-40615-2"),
    bad=Example("references.bib", "978-0-306-40615-7", "978-0-306-40615-8"),
)
def isbn_check_digit(evidence: Evidence) -> list[Fault]:
    """An ISBN has ten or thirteen digits, and its check digit is right."""
    return [
        _fault(evidence, work, name, "The ISBN's length or check digit is wrong.",
               "Copy it again from the book.", value)
        for work, name, value in _fields(evidence, "isbn")
        if not isbn_is_valid(value)
    ]  # fmt: skip


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


@rule(
    good=Example("references.bib", "  volume  = {3},", "  issn = {0317-8471},\n  volume  = {3},"),
    bad=Example("references.bib", "  volume  = {3},", "  issn = {0317-8472},\n  volume  = {3},"),
)
def issn_check_digit(evidence: Evidence) -> list[Fault]:
    """An ISSN has the form NNNN-NNNC, and its check digit is right."""
    return [
        _fault(evidence, work, name, "The ISSN's form or check digit is wrong.",
               "Copy it again from the journal.", value)
        for work, name, value in _fields(evidence, "issn")
        if not issn_is_valid(value)
    ]  # fmt: skip


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
def year_form(evidence: Evidence) -> list[Fault]:
    """A year is four digits from 1500 to 2099; a date is a year, a month of it or a real day.

    A range of dates runs upwards.
    """
    faults = []
    for work, name, value in _fields(evidence, "year", "date"):
        message = _wrong_date(value, ranges=name == "date")
        if message:
            mend = "Write 2004, 2004-04 or 2004-04-15; the rest goes into a note."
            faults.append(_fault(evidence, work, name, message.format(name), mend, value))
    return faults


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


@rule(
    good=Example("references.bib", "pages   = {1--9}", "pages   = {e12--e19}"),
    bad=Example("references.bib", "pages   = {1--9}", "pages   = {1-9}"),
)
def pages_form(evidence: Evidence) -> list[Fault]:
    """A range of pages is joined by two hyphens and runs upwards."""
    faults = []
    for work, name, value in _fields(evidence, "pages"):
        one = r"[A-Za-z]*\d+[A-Za-z]*"
        form = re.fullmatch(rf"({one})(?:--({one}))?(, *{one}(--{one})?)*", value)
        ends = form and form[2] and form[1].isdecimal() and form[2].isdecimal()
        if form is None or (ends and int(form[1]) > int(form[2])):
            faults.append(
                _fault(evidence, work, name, "The pages are not written as first--last.",
                       "Write 417--433, in full and upwards.", value)
            )  # fmt: skip
    return faults


@rule(
    good=Example("references.bib", "{Doe, Jane}", "{Doe, Jane and {Office of Examples}}"),
    bad=Example("references.bib", "{Doe, Jane}", "{Doe, Jane, Roe, Richard and others}"),
)
def name_form(evidence: Evidence) -> list[Fault]:
    """Names are joined by ``and``, a corporate name stands in its own braces."""
    corporate = re.compile(
        r"\b(Inspectorate|Council|Institute|University|Department|Ministry|Office|Project|Service|"
        r"Agency|Board|Association|Organi[sz]ation|Network|Committee|Centre|Center)\b"
    )
    faults = []
    for work, name, value in _fields(evidence, "author", "editor"):
        for person in re.split(r"\s+and\s+(?![^{]*\})", value):
            braced = person.startswith("{") and person.endswith("}")
            if not person.strip() or re.search(r"\bet al\b|&|;", person):
                message = "The names are not joined by ‘and’."
            elif (
                not braced and person.count(",") > 1 and not re.search(r", *(Jr|Sr|I+)\.?,", person)
            ):
                message = "A name has more than one comma."
            elif not braced and corporate.search(person):
                message = "A corporate name has no braces of its own."
            else:
                continue
            mend = "Write Doe, Jane and {Office of Examples}."
            faults.append(_fault(evidence, work, name, message, mend, person))
    return faults


@rule(
    good=Example("references.bib", "isbn      = {978-0-306-40615-7}", "doi = {10.1000/example.2}"),
    bad=Example("references.bib", "isbn      = {978-0-306-40615-7}", "doi = {10.1000/EXAMPLE.1}"),
)
def duplicate_doi(evidence: Evidence) -> list[Fault]:
    """A DOI belongs to one entry; only the chapters of one book may share the book's."""
    by_doi: dict[str, list[Work]] = defaultdict(list)
    for work, _, value in _fields(evidence, "doi"):
        by_doi[value.casefold()].append(work)
    faults = []
    for works in by_doi.values():
        whole = [w for w in works if w.kind not in ("incollection", "inbook")]
        books = {w.text("booktitle").casefold() for w in works} - {""}
        if len(works) < 2 or (len(whole) <= 1 and len(books) <= 1 and len(whole) < len(works)):
            continue
        first = works[0].key
        faults += [
            _fault(evidence, w, "doi", f"The entry {first} has the same DOI.",
                   "Remove the copy, or mend the DOI.", w.fields["doi"])
            for w in works[1:]
        ]  # fmt: skip
    return faults


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
def chapter_and_book(evidence: Evidence) -> list[Fault]:
    """A chapter agrees with its book, where the book has an entry of its own."""
    books = {
        w.title.casefold(): w
        for w in evidence.bibliography.values()
        if w.kind in ("book", "collection", "mvbook") and w.title
    }
    faults = []
    for work in evidence.bibliography.values():
        book = books.get(work.text("booktitle").casefold())
        if book and work.year and book.year and work.year != book.year:
            faults.append(
                _fault(evidence, work, "year", f"Its book, {book.key}, is of {book.year}.",
                       "Mend one of the two years.", str(work.year))
            )  # fmt: skip
        crossref = work.fields.get("crossref", "")
        if crossref and crossref not in evidence.bibliography:
            faults.append(
                _fault(evidence, work, "crossref", "The book it refers to has no entry.",
                       "Add the book, or mend the key.", crossref)
            )  # fmt: skip
    return faults


@rule(
    good=Example("references.bib", "{Trust in probation}", "{Trust in the {NPS} of {E}ngland}"),
    bad=Example("references.bib", "{Trust in probation}", "{Trust in the NPS of {E}ngland}"),
)
def unprotected_name(evidence: Evidence) -> list[Fault]:
    """Letters of a title that must stay capital stand in braces."""
    faults = []
    for work, name, value in _fields(evidence, "title", "booktitle"):
        outside = re.sub(r"\{[^{}]*\}", " ", value)
        found = re.search(r"\b\w*[A-Z]\w*[A-Z]\w*\b|(?<=[a-z] )\bI{2,3}\b", outside)
        if found:
            faults.append(
                _fault(evidence, work, name, f"‘{found[0]}’ could lose its capitals.",
                       f"Write {{{found[0]}}}.", value)
            )  # fmt: skip
    return faults


@rule(
    good=Example("references.bib", "{Plans}", "{Caf\u00e9 plans}"),
    bad=Example("references.bib", "{Plans}", "{Cafe\u0301 plans}"),
)
def bibliography_unicode(evidence: Evidence) -> list[Fault]:
    """Fields are in Unicode normal form C, without control or invisible characters."""
    return [
        _fault(evidence, work, name, "The field holds a control, invisible or decomposed character.",
               "Type the value again.", value)
        for work, name, value in _fields(evidence)
        if not unicodedata.is_normalized("NFC", value)
        or any(unicodedata.category(c) in ("Cf", "Co", "Cn") or (c < " " and c not in "\n\t")
               for c in value)
    ]  # fmt: skip


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
def leftover_markup(evidence: Evidence) -> list[Fault]:
    """A field holds no HTML and no LaTeX commands beyond accents, letters and escapes."""
    pattern = re.compile(
        rf"</?[a-zA-Z][^<>]*>|&[a-z]+;|&#\d+;|\\(?!(?:{_LATEX_LETTERS})(?![a-zA-Z]))[a-zA-Z]"
    )
    return [
        _fault(evidence, work, name, "The field holds markup.", "Write plain text.", value)
        for work, name, value in _fields(evidence)
        if name not in ("url", "doi") and pattern.search(value)
    ]


@rule(
    good=Example(
        "references.bib", "{https://example.org/trust}", "{https://example.org/trust?a=b}"
    ),
    bad=Example("references.bib", "{https://example.org/trust}", "{example.org/trust page}"),
)
def url_form(evidence: Evidence) -> list[Fault]:
    """An address begins with https:// or http:// and has no spaces."""
    return [
        _fault(evidence, work, name, "The value is not an address.",
               "Write it in full, beginning with https://.", value)
        for work, name, value in _fields(evidence, "url")
        if not re.fullmatch(r"https?://[^\s/$.?#][^\s]*", value)
    ]  # fmt: skip


@rule(
    good=Example("references.bib", "{Trust in probation}", "{Trust in probation?}"),
    bad=Example("references.bib", "{Trust in probation}", "{Trust in probation.}"),
)
def title_form(evidence: Evidence) -> list[Fault]:
    """A title ends without a full stop and holds no address."""
    return [
        _fault(evidence, work, name, "The title ends in a full stop or holds an address.",
               "Take it out.", value)
        for work, name, value in _fields(evidence, "title", "booktitle")
        if re.search(r"(?<!\.\.)\.$", value) or "://" in value
    ]  # fmt: skip


@rule(
    good=Example("studies.csv", "doe-2001,listed", "doe-2001,listed"),
    bad=Example("studies.csv", "roe-2002,named,book,Example Press,not_applicable,not_applicable,not_coded,youth justice,Utopia,not_coded,yes,verified,page-nd-sample[intro.1],\n", ""),
)  # fmt: skip
def work_unlisted(evidence: Evidence) -> list[Fault]:
    """Every work of the bibliography has its row in studies."""
    if not evidence.whole("studies"):
        return []
    known = evidence.ids("studies", "key")
    return [
        _fault(evidence, work, "", "The work has no row in studies.csv.",
               "Add the row: what the work is and how far it was checked.", work.key)
        for work in evidence.bibliography.values()
        if work.key not in known
    ]  # fmt: skip


@rule(
    good=Example("events.csv", "roe-2002[p. 1]", "doe-2001[p. 1]"),
    bad=Example(
        "references.bib",
        "@online{page-nd-sample,",
        "@book{poe-2003, author = {Poe, Ann}, title = {Unused}, publisher = {E}, year = {2003}}\n\n"
        "@online{page-nd-sample,",
    ),
)
def unused_work(evidence: Evidence) -> list[Fault]:
    """Every work of the bibliography is used by a row of the tables."""
    used: set[str] = set()
    for table in evidence.tables():
        if not evidence.whole(table.name):
            return []
        for field in table.fields:
            if field.holds:
                for value in evidence.values(table, field.name).unique():
                    used.update(cited_keys(value, field.holds))
    return [
        _fault(evidence, work, "", "No row of the tables uses the work.",
               "Use it in a row, or remove the entry.", work.key)
        for work in evidence.bibliography.values()
        if work.key not in used
    ]  # fmt: skip


@rule(
    severity="notice",
    good=Example("studies.csv", "roe-2002,named", "roe-2002,named"),
    bad=Example("references.bib", "@online{page-nd-sample,", "@book{poe-2003, author = {Poe, Ann}, title = {Unused}, publisher = {E}, year = {2003}}\n\n@online{page-nd-sample,"),
)  # fmt: skip
def work_of_no_use(evidence: Evidence) -> list[Fault]:
    """A work is cited by a row other than its own, or the note of its row says why it is here."""
    used: set[str] = set()
    for table in evidence.tables():
        if not evidence.whole(table.name):
            return []
        of_works = table.name == "studies"
        for field in table.fields:
            if not field.holds or (of_works and field.name == "key"):
                continue
            cells = evidence.values(table, field.name)
            owners = evidence.frame(table.name)["key"].loc[cells.index] if of_works else cells
            for owner, value in zip(owners, cells, strict=True):
                used |= {key for key in cited_keys(value, field.holds) if key != owner}
    studies = evidence.frame("studies")
    said = set(studies["key"][studies["note"] != ""])
    return [
        _fault(evidence, work, "", "No row cites the work but its own.",
               "Use it in a row, or say in the note of its row why it is here.", work.key)
        for work in evidence.bibliography.values()
        if work.key not in used | said
    ]  # fmt: skip


@rule(
    good=Example("studies.csv", "roe-2002,named,book,Example Press,not_applicable", "roe-2002,named,book,Example Press,doe-2001"),
    bad=Example("studies.csv", "roe-2002,named,book,Example Press,not_applicable", "roe-2002,named,book,Example Press,roe-2002"),
)  # fmt: skip
def report_of_report(evidence: Evidence) -> list[Fault]:
    """A report names the main report of its study, which is no report of another."""
    table, frame = evidence.schema.table("studies"), evidence.frame("studies")
    main = dict(zip(frame["key"], frame["report_of"], strict=True))
    reports = evidence.values(table, "report_of")
    wrong = [value == frame.at[line, "key"] or main.get(value, "") not in EMPTIES
             for line, value in reports.items()]  # fmt: skip
    return evidence.faults_where(
        table,
        "report_of",
        reports[wrong],
        "This is the work itself, or a work that reports another.",
        "Write the key of the study's main report; not_applicable for the main report itself.",
    )
