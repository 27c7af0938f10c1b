"""A BibTeX file from bytes to works, with everything that cannot be read found, and its line."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from relnotes.evidence.bibliography import Bibliography, Work
from relnotes.evidence.faults import Fault, shortened
from relnotes.evidence.tables import LONGEST_LINE

if TYPE_CHECKING:
    from bibtexparser.library import Library


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
    fault = partial(Fault, file=name)
    unread = Bibliography(file=name)
    if content is None:
        mend = "Restore the file."
        return unread, [fault("missing_file", message="The bibliography is not there.", mend=mend)]
    if b"\0" in content:
        line = content.count(b"\n", 0, content.index(b"\0")) + 1
        mend = "Restore the file from a sound copy: text holds no NUL."
        said = "The file holds a NUL byte."
        return unread, [fault("nul_byte", message=said, mend=mend, line=line)]
    longest = max(map(len, content.split(b"\n")))
    if longest > LONGEST_LINE:
        said = f"A line has {longest:,} bytes; {LONGEST_LINE:,} are the most."
        mend = "Look for a lost line break or a pasted file."
        return unread, [fault("line_too_long", message=said, mend=mend)]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        said, mend = "The file is not UTF-8.", "Save it as UTF-8."
        return unread, [fault("wrong_encoding", message=said, mend=mend, line=line)]
    return parse_bibliography(text, name)


def parse_bibliography(text: str, name: str = "references.bib") -> tuple[Bibliography, list[Fault]]:
    """Read BibTeX text; see `read_bibliography`.

    Examples
    --------
    >>> works, faults = parse_bibliography("@book{a-2000, title = {A}}\\n@book{b-2000, title = {")
    >>> list(works), [f.rule for f in faults]
    (['a-2000'], ['broken_entry'])
    """
    import bibtexparser  # noqa: PLC0415  (cold start: slow to import)

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    # The parser also logs what it puts into failed blocks; here it is a fault.
    logging.getLogger("bibtexparser").addHandler(logging.NullHandler())
    library: Library = bibtexparser.parse_string(text)
    works = {
        entry.key: Work(
            key=entry.key,
            kind=entry.entry_type.lower(),
            fields={f.key.lower(): str(f.value) for f in entry.fields},
            line=(entry.start_line or 0) + 1,
            raw=entry.raw or "",
        )
        for entry in library.entries
    }
    faults = [*_run_on_fields(works.values()), *_broken_entries(library), *_stray_texts(library)]
    return Bibliography(works, name), [replace(fault, file=name) for fault in faults]


# A value that still has its own enclosing marks and another field behind them; "and" joins names.
_RUN_ON = re.compile(r"""^[{"].*[}"]\s+(?!and\b)\w+\s*=\s*[{"]""", re.DOTALL)


def _run_on_fields(works: Iterable[Work]) -> Iterator[Fault]:
    for work in works:
        for field, value in work.fields.items():
            if _RUN_ON.search(value):
                message = f"A comma is missing after the field {field}."
                at = {"column": field, "id": work.key, "value": shortened(value)}
                yield _broken(message, "End each field with a comma.", work.line, **at)


def _broken(message: str, mend: str, line: int, **at: str) -> Fault:
    return Fault("broken_entry", "", message, mend, line=line, **at)  # type: ignore[arg-type]


def _broken_entries(library: Library) -> Iterator[Fault]:
    block: Any
    for block in library.failed_blocks:
        kind, line = type(block).__name__, (block.start_line or 0) + 1
        if kind == "DuplicateBlockKeyBlock":
            message = "The citation key is used before in this file."
            mend, key = "Give one entry another key, or remove the copy.", str(block.key)
            yield Fault("duplicate_key", "", message, mend, line=line, id=key, value=key)
        elif kind == "DuplicateFieldKeyBlock":
            doubled = ", ".join(sorted(block.duplicate_keys))
            yield _broken(
                "The entry gives a field twice.", "Keep one of them.", line, value=doubled
            )
        else:
            yield _broken(
                "The entry cannot be read: a brace, quotation mark or comma is missing.",
                "Close every brace that is opened and end each field with a comma.",
                line,
                value=shortened((block.raw or "").split("\n", 1)[0]),
            )


def _stray_texts(library: Library) -> Iterator[Fault]:
    """Yield a fault for each text between entries that looks like an entry gone wrong."""
    like_an_entry = re.compile(r"""^\s*@\w+|\w+\s*=\s*[{"]""", re.MULTILINE)
    for comment in library.comments:
        if type(comment).__name__ == "ImplicitComment" and like_an_entry.search(comment.comment):
            yield _broken(
                "Text between the entries looks like part of an entry.",
                "Look for a brace closed too early, or an ‘@’ that starts no entry.",
                (comment.start_line or 0) + 1,
                value=shortened(comment.comment.strip()),
            )
