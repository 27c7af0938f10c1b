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


def _noticed(name: str, text: str, *, good: Example, bad: Example) -> None:
    """Register a rule whose faults are noticed while the files are read."""

    def check(evidence: Evidence) -> list[Fault]:
        return _found(evidence, name)

    check.__name__, check.__doc__ = name, text
    rule(stage="opening", good=good, bad=bad)(check)


def _retired(rows: str) -> Example:
    return Example("retired.csv", "", _RETIRED + rows)


_noticed(
    "empty_file",
    "A file is not empty: a table without rows still has its header line.",
    good=_retired(""),
    bad=Example("retired.csv", "", ""),
)


_noticed(
    "wrong_encoding",
    "A file is text in UTF-8.",
    good=_retired("concepts,caf\u00e9,Doubled.,not_applicable\n"),
    bad=_retired("concepts,caf\udce9,Doubled.,not_applicable\n"),
)


_noticed(
    "nul_byte",
    "A file holds no NUL byte.",
    good=_retired("concepts,faith,Doubled.,not_applicable\n"),
    bad=_retired("concepts,fa\0ith,Doubled.,not_applicable\n"),
)


_noticed(
    "line_too_long",
    "A line has at most a million bytes.",
    good=_retired("concepts,faith," + "x" * 200 + ",not_applicable\n"),
    bad=_retired("concepts,faith," + "x" * 1_000_001 + ",not_applicable\n"),
)


_noticed(
    "wrong_separator",
    "The columns of a table are separated by commas.",
    good=_retired(""),
    bad=Example("retired.csv", "", "table;id;reason;replacement\n"),
)


_noticed(
    "header_form",
    "A header names each column once.",
    good=_retired(""),
    bad=Example("retired.csv", "", "table,id,reason,reason,replacement\n"),
)


_noticed(
    "unknown_column",
    "A table has no column that its descriptor does not declare.",
    good=Example("retired.csv", "", "id,table,reason,replacement\n"),
    bad=Example("retired.csv", "", "table,id,reason,replacement,colour\n"),
)


_noticed(
    "missing_column",
    "A table has every column that its descriptor declares.",
    good=Example("retired.csv", "", "replacement,reason,id,table\n"),
    bad=Example("retired.csv", "", "table,id,reason\n"),
)


_noticed(
    "stray_quote",
    "A cell that holds a comma or a quotation mark is quoted whole. Marks inside it are doubled, and one row stands on one line.",
    good=_retired('concepts,faith,"Merged, with a note ""why"".",trust\n'),
    bad=_retired('concepts,faith,"Merged,trust\n'),
)


_noticed(
    "blank_row",
    "A file has no blank line between its rows.",
    good=_retired("concepts,faith,Merged.,trust\n"),
    bad=_retired("\nconcepts,faith,Merged.,trust\n"),
)


_noticed(
    "ragged_row",
    "A row has as many cells as the header.",
    good=_retired('concepts,faith,"Merged, at last.",trust\n'),
    bad=_retired("concepts,faith,Merged, at last.,trust\n"),
)


_noticed(
    "broken_entry",
    "Every entry of the bibliography can be read.",
    good=Example("references.bib", "volume  = {3},\n", ""),
    bad=Example("references.bib", "year    = {2001},", "year    = {2001,"),
)


_noticed(
    "duplicate_key",
    "Every citation key names one entry.",
    good=Example("references.bib", "@book{roe-2002,", "@report{roe-2002,"),
    bad=Example("references.bib", "@book{roe-2002,", "@book{doe-2001,"),
)


_noticed(
    "missing_file",
    "Every file that the descriptor promises is there, and the bibliography too.",
    good=_retired(""),
    bad=Example("frameworks.csv", "", None),
)
