"""Faults: what is wrong in the evidence, where, and how to mend it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "notice"]

# A cell of a damaged file can hold a hundred megabytes; a message never does.
LONGEST_SHOWN_VALUE = 80


def visible(text: str) -> str:
    r"""Return text in which what would steer a terminal is written out; JSON stays JSON.

    Examples
    --------
    >>> print(visible("Trust\x1b[2J, \u202etsurt"))
    Trust\u001b[2J, \u202etsurt
    """
    return _STEERING.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


# Control characters but tab and line feed, halves of characters, and what turns the direction.
_STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def shortened(value: str, longest: int = LONGEST_SHOWN_VALUE) -> str:
    """Return `value` fit for one line of a message.

    Parameters
    ----------
    value : str
        Any text, also with line breaks and control characters.
    longest : int
        Number of characters after which the text is cut.

    Returns
    -------
    str
        The text on one line, cut with an ellipsis where it is longer.

    Examples
    --------
    >>> shortened("two\\nlines")
    'two\\\\nlines'
    >>> shortened("a" * 100, longest=4)
    'aaa…'
    """
    head = value[: longest + 1]
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in head)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in one place.

    Attributes
    ----------
    rule : str
        Name of the rule that was broken.
    file : str
        File name inside the collection, such as ``elements.csv``.
    message : str
        What is wrong, in a sentence.
    mend : str
        What to do about it, in a sentence.
    line, column, id, value : int or str
        Where it stands; 0 or empty where the fault concerns the whole file.
    severity : {"error", "notice"}
        An error makes a check fail; a notice only tells.
    """

    rule: str
    file: str
    message: str
    mend: str
    line: int = 0
    column: str = ""
    id: str = ""
    value: str = ""
    severity: Severity = "error"

    @property
    def place(self) -> str:
        """File, line and column as a person reads them."""
        parts = [self.file]
        if self.line:
            parts.append(f"line {self.line}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(parts)

    def sentence(self) -> str:
        """Return the whole fault in words.

        Examples
        --------
        >>> print(Fault("duplicate_id", "concepts.csv", "The id stands twice.",
        ...             "Give one row another id.", line=3, column="concept_id",
        ...             value="trust").sentence())
        concepts.csv, line 3, column concept_id: The id stands twice. Found ‘trust’.
        Give one row another id. [duplicate_id]
        """
        found = f" Found ‘{shortened(self.value)}’." if self.value else ""
        return f"{self.place}: {self.message}{found} {self.mend} [{self.rule}]"


def sorted_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults in reading order: by file, line, column and rule."""
    return tuple(sorted(set(faults), key=lambda f: (f.file, f.line, f.column, f.rule, f.value)))


def faults_as_json(faults: Sequence[Fault]) -> str:
    """Return the faults as a JSON list, one object for each."""
    return json.dumps([asdict(f) for f in faults], ensure_ascii=False, indent=2)


def faults_as_annotations(faults: Sequence[Fault], folder: str = "data") -> str:
    """Return the faults as lines that a code forge shows on the changed line.

    Parameters
    ----------
    faults : sequence of Fault
        What was found.
    folder : str
        Folder of the tables as seen from the top of the repository.

    Returns
    -------
    str
        One ``::error`` or ``::notice`` command a line.
    """

    def escaped(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    lines = []
    for f in faults:
        path = f.file if f.file.endswith(".bib") else f"{folder}/{f.file}"
        path = escaped(path).replace(",", "%2C").replace(":", "%3A")
        words = escaped(f"{f.message} {f.mend}")
        lines.append(f"::{f.severity} file={path},line={max(f.line, 1)},title={f.rule}::{words}")
    return "\n".join(lines)


class CollectionError(Exception):
    """The evidence cannot be opened; `faults` says everything that is wrong.

    In a notebook it shows as the list of faults, without a traceback: the
    reader's data are wrong, not the program.

    Parameters
    ----------
    faults : sequence of Fault
        All faults found, not only the first.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults: tuple[Fault, ...] = sorted_faults(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        errors = [f for f in self.faults if f.severity == "error"]
        count = "1 fault" if len(errors) == 1 else f"{len(errors)} faults"
        shown = [f"  {f.sentence()}" for f in errors[:50]]
        more = [f"  … and {len(errors) - 50} more"] if len(errors) > 50 else []
        return "\n".join([f"The collection was not opened: {count}.", *shown, *more])

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class RefusedWrite(CollectionError):  # noqa: N818 (named for the reader of the message)
    """Nothing was written; the faults say why. The collection is as it was."""

    def __str__(self) -> str:
        errors = [f for f in self.faults if f.severity == "error"]
        shown = [f"  {f.sentence()}" for f in errors[:50]]
        more = [f"  … and {len(errors) - 50} more"] if len(errors) > 50 else []
        head = "Nothing was written; the collection is as it was."
        return "\n".join([head, *shown, *more])


class InterruptedWrite(CollectionError):  # noqa: N818 (named for the reader of the message)
    """The new contents are complete on the disk, but not every file is in its place yet."""

    def __str__(self) -> str:
        shown = "\n".join(f"  {f.sentence()}" for f in self.faults)
        return (
            "A write is decided but not finished: the new state is complete on the disk, and "
            f"the next relnotes command that writes puts it in place.\n{shown}"
        )
