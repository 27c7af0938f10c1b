"""A file as pieces: what was read, what was set aside, what is no record; no character left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from relnotes.desk.formats.records import Record
from relnotes.desk.formats.values import garbled

MOST_TEXT = 4_000_000
"""Characters one record may have; a longer one is set aside."""

MOST_VALUES = 50_000
"""Values one record may have, repeated fields counted one by one."""

NOTHING_SAID = (
    "it has no title, no identifier, no address, and not both an author and a year, "
    "so nothing says which work it is"
)

Raw = Mapping[str, str | list[str]]


class Broken(Exception):  # noqa: N818 (it carries the reason, not a fault of ours)
    """A record that cannot be read, with the reason in plain words."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a file; a record, or else why it is none.

    Parameters
    ----------
    start, end
        Where it stands in the text.
    record
        What was read; its place and file are filled in by the account.
    reason
        Why it was set aside.
    passed
        The name of what is no record: "comment", "header", "preamble".
    unused
        Names of fields that no field of a record takes.
    """

    start: int
    end: int
    record: Record | None = None
    reason: str = ""
    passed: str = ""
    unused: tuple[str, ...] = ()


def read_piece(
    start: int, end: int, raw: Raw, used: Collection[str], interpret: Callable[[], Record]
) -> Piece:
    """Make a record of a piece, or set it aside when it is too large, broken or says nothing."""
    reason = too_long(end - start) or too_many(count_values(raw))
    if not reason:
        try:
            record = interpret()
        except Broken as fault:
            reason = str(fault)
        except Exception as fault:  # one stranger's record must not stop the others
            reason = (f"the reader tripped over it ({type(fault).__name__}: {fault}); please "
                      "report this with the record")  # fmt: skip
        else:
            if garbled(record.title) * 5 > sum(map(str.isalpha, record.title)):
                reason = "its letters are those of a wrong encoding; export it again as UTF-8"
            elif says_which_work(record):
                unused = tuple(name for name in raw if name not in used)
                return Piece(start, end, record, unused=unused)
            else:
                reason = NOTHING_SAID
    return Piece(start, end, reason=reason)


def count_values(raw: Raw) -> int:
    """Return how many values a record has, repeated fields counted one by one."""
    return sum(len(v) if isinstance(v, list) else 1 for v in raw.values())


def too_many(values: int) -> str:
    """Return why a record has too many values; "" where it has not."""
    if values > MOST_VALUES:
        return f"it has {values:,} values; {MOST_VALUES:,} are the most a record may have"
    return ""


def too_long(text_length: int) -> str:
    """Return why a record's text is too long; "" where it is not."""
    if text_length > MOST_TEXT:
        return f"it has {text_length:,} characters; {MOST_TEXT:,} are the most a record may have"
    return ""


def says_which_work(record: Record) -> bool:
    """Whether a record names a work: by title, identifier, address, or author and year."""
    return bool(
        record.title
        or record.doi
        or record.pmid
        or record.isbn
        or record.url
        or ((record.authors or record.editors) and record.year)
    )


def gathered(pairs: Collection[tuple[str, str]]) -> dict[str, str | list[str]]:
    """Return name to value, or to the list of its values where the name comes again.

    Examples
    --------
    >>> gathered([("TI", "Trust"), ("AU", "Doe"), ("AU", "Li")])
    {'TI': 'Trust', 'AU': ['Doe', 'Li']}
    """
    raw: dict[str, str | list[str]] = {}
    for name, value in pairs:
        held = raw.get(name)
        if held is None:
            raw[name] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            raw[name] = [held, value]
    return raw


def spread(raw: Raw) -> list[tuple[str, str]]:
    """Return the values one by one, each with its name."""
    return [
        (name, text)
        for name, value in raw.items()
        for text in (value if isinstance(value, list) else (value,))
    ]
