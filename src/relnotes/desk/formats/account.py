"""The account a reader keeps: what it took, what it set aside, what it could not use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from relnotes.desk.formats.records import RAW_SHOWN, Reading, Record, Rejected
from relnotes.desk.formats.values import storable

MOST_TEXT = 4_000_000
"""Characters one record may have; a longer one is set aside."""

MOST_VALUES = 50_000
"""Values one record may have, repeated fields counted one by one."""

MOST_NOTES = 20

NOTHING_SAID = (
    "it has no title, no identifier, no address, and not both an author and a year, "
    "so nothing says which work it is"
)

Raw = Mapping[str, str | list[str]]


class Place(NamedTuple):
    """Where a record stands; the first three fields of `Record`."""

    source: str
    position: int
    line: int | None


class Broken(Exception):  # noqa: N818 (it carries the reason, not a fault of ours)
    """A record that cannot be read, with the reason in plain words."""


class Account:
    """Records and set-aside records of one file, in its order.

    Parameters
    ----------
    source : str
        Name of the file.
    used : collection of str
        The fields the reader interprets; any other field of a record is counted as unused.

    Examples
    --------
    >>> account = Account("a.ris", {"TI"})
    >>> account.take({"TI": "Trust", "M3": "x"}, line=1, text="TI  - Trust",
    ...              interpret=lambda place, raw: Record(*place, "article", str(raw["TI"])))
    >>> account.set_aside("broken", line=4, text="TY")
    >>> reading = account.reading("RIS", "utf-8", counted=2)
    >>> reading.total, dict(reading.unused)
    (2, {'M3': 1})
    """

    def __init__(self, source: str, used: Collection[str]) -> None:
        self.source = source
        self._notes: list[str] = []
        self._used = used
        self._records: list[Record] = []
        self._rejected: list[Rejected] = []
        self._unused: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """How many records were taken or set aside so far."""
        return len(self._records) + len(self._rejected)

    def take(
        self, raw: Raw, *, line: int | None, text: str, interpret: Callable[[Place, Raw], Record]
    ) -> None:
        """Take a record, or set it aside when it is too large, broken or says nothing.

        Parameters
        ----------
        raw : Mapping
            Its fields.
        line : int or None
            Where it starts.
        text : str
            Its text as it stood, for the reject file.
        interpret : callable
            Makes the record from its place and fields; may raise `Broken`.
        """
        reason = too_many(count_values(raw))
        if not reason:
            try:
                record = interpret(Place(self.source, self.total + 1, line), raw)
            except Broken as fault:
                reason = str(fault)
            except Exception as fault:  # one stranger's record must not stop the others
                reason = f"the reader tripped over it ({type(fault).__name__}: {fault}); please "\
                         "report this with the record"  # fmt: skip
            else:
                if says_which_work(record):
                    self._records.append(record)
                    self._unused.update(key for key in raw if key not in self._used)
                    return
                reason = NOTHING_SAID
        self.set_aside(reason, line=line, text=text)

    def note(self, text: str) -> None:
        """Keep a remark about the reading, as far as a person would read them."""
        if len(self._notes) < MOST_NOTES:
            self._notes.append(text)
        elif len(self._notes) == MOST_NOTES:
            self._notes.append("and more of the kind")

    def set_aside(self, reason: str, *, line: int | None, text: str) -> None:
        """Keep a record that cannot be read, with the reason."""
        raw = storable(text[:RAW_SHOWN])
        self._rejected.append(Rejected(self.source, self.total + 1, line, reason, raw))

    def reading(
        self,
        form: str,
        encoding: str,
        *,
        counted: int,
        mapping: Mapping[str, str] | None = None,
    ) -> Reading:
        """Close the account.

        A record that was counted but met by no reader would be a fault of the
        reader; it is set aside like a broken one, so that it shows.
        """
        while self.total < counted:
            reason = "a record starts in the file that the reader did not meet; please report this"
            self.set_aside(reason, line=None, text="")
        return Reading(
            source=self.source,
            format=form,
            encoding=encoding,
            records=tuple(self._records),
            rejected=tuple(self._rejected),
            counted=counted,
            unused=dict(sorted(self._unused.items(), key=lambda item: (-item[1], item[0]))),
            mapping=mapping or {},
            notes=tuple(self._notes),
        )


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


def first(raw: Raw, *keys: str) -> str:
    """Return the first value found under the keys, in their order; "" where all are empty."""
    for key in keys:
        value = raw.get(key, "")
        for text in value if isinstance(value, list) else (value,):
            if text.strip():
                return text
    return ""


def every(raw: Raw, *keys: str) -> list[str]:
    """Return all values under the keys, in their order, without the empty ones."""
    found: list[str] = []
    for key in keys:
        value = raw.get(key, "")
        found.extend(value if isinstance(value, list) else (value,))
    return [text for text in found if text.strip()]
