"""Rules for files: they can be read, and as what they are declared to be."""

from __future__ import annotations

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, rule

_RETIRED = "table,id,reason,replacement\n"


def _found(evidence: Evidence, name: str) -> list[Fault]:
    """Return what reading has already noticed under a rule's name."""
    faults = [f for file in evidence.files.values() for f in file.faults if f.rule == name]
    return faults + [f for f in evidence.bibliography_faults if f.rule == name]


def _retired(rows: str) -> Example:
    return Example("retired.csv", "", _RETIRED + rows)


@rule(
    stage="opening",
    good=_retired(""),
    bad=Example("retired.csv", "", ""),
)
def empty_file(evidence: Evidence) -> list[Fault]:
    """A file is not empty: a table without rows still has its header line."""
    return _found(evidence, "empty_file")


@rule(
    stage="opening",
    good=_retired("concepts,caf\u00e9,Doubled.,not_applicable\n"),
    bad=_retired("concepts,caf\udce9,Doubled.,not_applicable\n"),
)
def wrong_encoding(evidence: Evidence) -> list[Fault]:
    """A file is text in UTF-8."""
    return _found(evidence, "wrong_encoding")


@rule(
    stage="opening",
    good=_retired("concepts,faith,Doubled.,not_applicable\n"),
    bad=_retired("concepts,fa\0ith,Doubled.,not_applicable\n"),
)
def nul_byte(evidence: Evidence) -> list[Fault]:
    """A file holds no NUL byte."""
    return _found(evidence, "nul_byte")


@rule(
    stage="opening",
    good=_retired("concepts,faith," + "x" * 200 + ",not_applicable\n"),
    bad=_retired("concepts,faith," + "x" * 1_000_001 + ",not_applicable\n"),
)
def line_too_long(evidence: Evidence) -> list[Fault]:
    """A line has at most a million bytes."""
    return _found(evidence, "line_too_long")


@rule(
    stage="opening",
    good=_retired(""),
    bad=Example("retired.csv", "", "table;id;reason;replacement\n"),
)
def wrong_separator(evidence: Evidence) -> list[Fault]:
    """The columns of a table are separated by commas."""
    return _found(evidence, "wrong_separator")


@rule(
    stage="opening",
    good=_retired(""),
    bad=Example("retired.csv", "", "table,id,reason,reason,replacement\n"),
)
def header_form(evidence: Evidence) -> list[Fault]:
    """A header names each column once."""
    return _found(evidence, "header_form")


@rule(
    stage="opening",
    good=Example("retired.csv", "", "id,table,reason,replacement\n"),
    bad=Example("retired.csv", "", "table,id,reason,replacement,colour\n"),
)
def unknown_column(evidence: Evidence) -> list[Fault]:
    """A table has no column that its descriptor does not declare."""
    return _found(evidence, "unknown_column")


@rule(
    stage="opening",
    good=Example("retired.csv", "", "replacement,reason,id,table\n"),
    bad=Example("retired.csv", "", "table,id,reason\n"),
)
def missing_column(evidence: Evidence) -> list[Fault]:
    """A table has every column that its descriptor declares."""
    return _found(evidence, "missing_column")


@rule(
    stage="opening",
    good=_retired('concepts,faith,"Merged, with a note ""why"".",trust\n'),
    bad=_retired('concepts,faith,"Merged,trust\n'),
)
def stray_quote(evidence: Evidence) -> list[Fault]:
    """A cell that holds a comma or a quotation mark is quoted whole.

    Marks inside it are doubled, and one row stands on one line.
    """
    return _found(evidence, "stray_quote")


@rule(
    stage="opening",
    good=_retired("concepts,faith,Merged.,trust\n"),
    bad=_retired("\nconcepts,faith,Merged.,trust\n"),
)
def blank_row(evidence: Evidence) -> list[Fault]:
    """A file has no blank line between its rows."""
    return _found(evidence, "blank_row")


@rule(
    stage="opening",
    good=_retired('concepts,faith,"Merged, at last.",trust\n'),
    bad=_retired("concepts,faith,Merged, at last.,trust\n"),
)
def ragged_row(evidence: Evidence) -> list[Fault]:
    """A row has as many cells as the header."""
    return _found(evidence, "ragged_row")


@rule(
    stage="opening",
    good=Example("references.bib", "volume  = {3},\n", ""),
    bad=Example("references.bib", "year    = {2001},", "year    = {2001,"),
)
def broken_entry(evidence: Evidence) -> list[Fault]:
    """Every entry of the bibliography can be read."""
    return _found(evidence, "broken_entry")


@rule(
    stage="opening",
    good=Example("references.bib", "@book{roe-2002,", "@report{roe-2002,"),
    bad=Example("references.bib", "@book{roe-2002,", "@book{doe-2001,"),
)
def duplicate_key(evidence: Evidence) -> list[Fault]:
    """Every citation key names one entry."""
    return _found(evidence, "duplicate_key")


@rule(
    stage="opening",
    good=_retired(""),
    bad=Example("frameworks.csv", "", None),
)
def missing_file(evidence: Evidence) -> list[Fault]:
    """Every file that the descriptor promises is there, and the bibliography too."""
    return _found(evidence, "missing_file")
