"""Rules for files: they can be read, and as what they are declared to be."""

from __future__ import annotations

from collections.abc import Iterator

from relnotes.evidence.faults import Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example, rule

_RETIRED = "table,id,reason,replacement\n"


def _retired(rows: str) -> Example:
    return Example("retired.csv", "", _RETIRED + rows)


_NOTICED = (
    (
        "empty_file",
        "A file is not empty: a table without rows still has its header line.",
        _retired(""),
        Example("retired.csv", "", ""),
    ),
    (
        "wrong_encoding",
        "A file is text in UTF-8.",
        _retired("concepts,caf\u00e9,Doubled.,not_applicable\n"),
        _retired("concepts,caf\udce9,Doubled.,not_applicable\n"),
    ),
    (
        "nul_byte",
        "A file holds no NUL byte.",
        _retired("concepts,faith,Doubled.,not_applicable\n"),
        _retired("concepts,fa\0ith,Doubled.,not_applicable\n"),
    ),
    (
        "line_too_long",
        "A line has at most a million bytes.",
        _retired("concepts,faith," + "x" * 200 + ",not_applicable\n"),
        _retired("concepts,faith," + "x" * 1_000_001 + ",not_applicable\n"),
    ),
    (
        "wrong_separator",
        "The columns of a table are separated by commas.",
        _retired(""),
        Example("retired.csv", "", "table;id;reason;replacement\n"),
    ),
    (
        "header_form",
        "A header names each column once.",
        _retired(""),
        Example("retired.csv", "", "table,id,reason,reason,replacement\n"),
    ),
    (
        "unknown_column",
        "A table has no column that its descriptor does not declare.",
        Example("retired.csv", "", "id,table,reason,replacement\n"),
        Example("retired.csv", "", "table,id,reason,replacement,colour\n"),
    ),
    (
        "missing_column",
        "A table has every column that its descriptor declares.",
        Example("retired.csv", "", "replacement,reason,id,table\n"),
        Example("retired.csv", "", "table,id,reason\n"),
    ),
    (
        "stray_quote",
        "A cell that holds a comma or a quotation mark is quoted whole. Marks inside it are doubled, and one row stands on one line.",
        _retired('concepts,faith,"Merged, with a note ""why"".",trust\n'),
        _retired('concepts,faith,"Merged,trust\n'),
    ),
    (
        "blank_row",
        "A file has no blank line between its rows.",
        _retired("concepts,faith,Merged.,trust\n"),
        _retired("\nconcepts,faith,Merged.,trust\n"),
    ),
    (
        "ragged_row",
        "A row has as many cells as the header.",
        _retired('concepts,faith,"Merged, at last.",trust\n'),
        _retired("concepts,faith,Merged, at last.,trust\n"),
    ),
    (
        "broken_entry",
        "Every entry of the bibliography can be read.",
        Example("references.bib", "volume  = {3},\n", ""),
        Example("references.bib", "year    = {2001},", "year    = {2001,"),
    ),
    (
        "duplicate_key",
        "Every citation key names one entry.",
        Example("references.bib", "@book{roe-2002,", "@report{roe-2002,"),
        Example("references.bib", "@book{roe-2002,", "@book{doe-2001,"),
    ),
    (
        "missing_file",
        "Every file that the descriptor promises is there, and the bibliography too.",
        _retired(""),
        Example("frameworks.csv", "", None),
    ),
)
"""Name, text, good and bad example of each rule whose faults are noticed while files are read."""


def _register(name: str, text: str, good: Example, bad: Example) -> None:
    def check(evidence: Evidence) -> Iterator[Fault]:
        noticed = [f for file in evidence.files.values() for f in file.faults]
        return (f for f in (*noticed, *evidence.bibliography_faults) if f.rule == name)

    check.__name__, check.__doc__ = name, text
    rule(stage="opening", good=good, bad=bad)(check)


for row in _NOTICED:
    _register(*row)
