"""The passport a figure carries in its metadata, and what it says of a file found later.

A passport is one line of JSON: figure, collection, version, citation, the fingerprint of the data
behind the marks, and as much of those data as fits, so that a file found on a slide can be held
against the collection of today. It is sealed: the seal is the SHA-256 of the file without it. That
shows a file edited or saved again by another program; it is no signature and stops no forger.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import json
import re
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection
    from relnotes.figures.figure import Figure

NAME: Final = "relnotes-passport"

# PDF readers take strings of up to 32,767 bytes; escaping needs some of them.
LONGEST_PASSPORT: Final = 24_000
LARGEST_FILE: Final = 64 * 1024 * 1024
MOST_CHANGES_IN_MESSAGE: Final = 8

Kind = Literal["svg", "pdf", "png"]
State = Literal["current", "outdated", "altered", "undecided", "not ours"]

_PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_SEAL: Final = re.compile(r',"seal":"([0-9a-f]{64})"\}$')
_SVG_PASSPORT: Final = re.compile(rb'<metadata id="relnotes-passport">([^<]*)</metadata>\n?')
_PDF_PASSPORT: Final = re.compile(rb"\(relnotes-passport ((?:[^()\\]|\\.)*)\)", re.DOTALL)


@dataclass(frozen=True)
class Passport:
    """What a figure says of itself.

    Attributes
    ----------
    figure : str
        Registered name.
    title : str
        The question the figure answers.
    collection, version, citation : str
        Title, version and citation of the collection it was drawn from.
    choices : mapping of str to str
        What was chosen beside the data, such as the strictness.
    fingerprint : str
        SHA-256 of the data behind the marks and of their row ids.
    marks : mapping of str to str
        Short fingerprint of each mark; empty where there are too many to carry.
    data : str
        The data as CSV; empty where they are too long to carry.
    """

    figure: str
    title: str = ""
    collection: str = ""
    version: str = ""
    citation: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    data: str = ""

    @classmethod
    def of(cls, figure: Figure) -> Passport:
        """Return the passport of a figure, with all its data however long."""
        cells = figure.cells()
        rows_of: dict[str, list[list[str]]] = {mark: [] for mark in figure.marks}
        place = cells[0].index("mark")
        for row in cells[1:]:
            rows_of[row[place]].append(row)
        full = {
            mark: _digest(rows_of[mark], list(row_ids)) for mark, row_ids in figure.marks.items()
        }
        return cls(
            figure=figure.name,
            title=figure.title,
            collection=figure.collection.title if figure.collection is not None else "",
            version=figure.version,
            citation=figure.citation,
            choices=dict(figure.choices),
            fingerprint=_digest(cells[0], sorted(full.items())),
            marks={mark: digest[:8] for mark, digest in full.items()},
            data=as_csv(cells),
        )

    def text(self) -> str:
        """Return the passport as one line of ASCII, leaving out what would make it too long."""
        line = self._line(data=True, marks=True)
        if len(line) > LONGEST_PASSPORT:
            line = self._line(data=False, marks=True)
        if len(line) > LONGEST_PASSPORT:
            line = self._line(data=False, marks=False)
        return line

    def _line(self, *, data: bool, marks: bool) -> str:
        content = {
            "figure": self.figure,
            "title": self.title,
            "collection": self.collection,
            "version": self.version,
            "citation": self.citation,
            "choices": dict(self.choices),
            "fingerprint": self.fingerprint,
            "marks": dict(self.marks) if marks else {},
            "data": self.data if data else "",
        }
        return json.dumps(content, ensure_ascii=True, separators=(",", ":"))

    @classmethod
    def parse(cls, text: str) -> Passport | None:
        """Return the passport written in `text`, or None where there is none.

        Examples
        --------
        >>> Passport.parse('{"figure": "overlap-upset", "version": "1.0"}').version
        '1.0'
        >>> Passport.parse('{"figure": 3}') is None
        True
        """
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            return None
        if not isinstance(content, dict) or not content.get("figure"):
            return None
        known: dict[str, Any] = {}
        for name in ("figure", "title", "collection", "version", "citation", "fingerprint", "data"):
            value = content.get(name, "")
            if not isinstance(value, str):
                return None
            known[name] = value
        for name in ("choices", "marks"):
            value = content.get(name, {})
            if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
                return None
            known[name] = value
        return cls(**known)


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=True).encode()).hexdigest()


def as_csv(cells: Sequence[Sequence[str]]) -> str:
    """Return rows of cells as CSV text with line feeds."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(cells)
    return out.getvalue()


# ---------------------------------------------------------------- into and out of a file


def sealed(contents: bytes, kind: Kind, passport: Passport) -> bytes:
    """Return a drawn file with its passport in it, sealed.

    Parameters
    ----------
    contents : bytes
        The file as drawn. A PDF must already hold :func:`pdf_keywords` as its keywords.
    kind : {"svg", "pdf", "png"}
        What the file is.
    passport : Passport
        What to put in.
    """
    text = passport.text()
    if kind == "pdf":
        rest = _PDF_PASSPORT.sub(b"", contents, count=1)
        return contents.replace(_with_seal("", "0" * 64).encode(), _seal_of(rest, text), 1)
    line = _with_seal(text, hashlib.sha256(contents + text.encode()).hexdigest())
    if kind == "svg":
        block = f'<metadata id="{NAME}">{html.escape(line, quote=False)}</metadata>\n'.encode()
        place = contents.index(b"</title>\n") + len(b"</title>\n")
        return contents[:place] + block + contents[place:]
    body = b"tEXt" + NAME.encode() + b"\0" + line.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    place = len(_PNG_SIGNATURE) + 25  # after the header chunk
    return contents[:place] + chunk + contents[place:]


def pdf_keywords(passport: Passport) -> str:
    """Return what a PDF's keywords must be before it is sealed."""
    return f"{NAME} {_with_seal(passport.text(), '0' * 64)}"


def _with_seal(text: str, seal: str) -> str:
    return f'{text[:-1]},"seal":"{seal}"}}'


def _seal_of(rest: bytes, text: str) -> bytes:
    return _with_seal("", hashlib.sha256(rest + text.encode()).hexdigest()).encode()


@dataclass(frozen=True)
class _Found:
    passport: Passport
    intact: bool


def _read(contents: bytes) -> _Found | str:
    """Return the passport in a file, or the reason why there is none."""
    if not contents:
        return "The file is empty."
    head = contents[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    split: Callable[[bytes], tuple[bytes, str] | None]
    if contents.startswith(_PNG_SIGNATURE):
        split = _split_png
    elif head.startswith(b"%PDF-"):
        split = _split_pdf
    elif head.startswith(b"<") and b"<svg" in contents[:4096]:
        split = _split_svg
    else:
        return "The file is not an SVG, PDF or PNG picture."
    parts = split(contents)
    if parts is None:
        return (
            "The file carries no passport: something else made it, or a program that saved it "
            "again dropped the passport."
        )
    rest, line = parts
    seal = _SEAL.search(line)
    text = line[: seal.start()] + "}" if seal else line
    passport = Passport.parse(text)
    if passport is None:
        return "The file carries something in the place of a passport that cannot be read."
    intact = seal is not None and (
        hashlib.sha256(rest + text.encode("utf-8", "replace")).hexdigest() == seal.group(1)
    )
    return _Found(passport, intact)


def _split_svg(contents: bytes) -> tuple[bytes, str] | None:
    found = _SVG_PASSPORT.search(contents)
    if found:
        rest = contents[: found.start()] + contents[found.end() :]
        return rest, html.unescape(found.group(1).decode("utf-8", "replace"))
    return _resaved_svg(contents)


def _resaved_svg(contents: bytes) -> tuple[bytes, str] | None:
    """Find the passport in an SVG that a drawing program wrote anew in its own manner."""
    if NAME.encode() not in contents:
        return None
    from xml.etree.ElementTree import ParseError  # noqa: PLC0415

    from defusedxml.common import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import iterparse  # noqa: PLC0415

    try:
        for _, element in iterparse(io.BytesIO(contents)):
            if element.get("id") == NAME and element.text:
                return contents, str(element.text).strip()
            element.clear()
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return None
    return None


def _split_pdf(contents: bytes) -> tuple[bytes, str] | None:
    found = _PDF_PASSPORT.search(contents)
    if not found:
        return None
    rest = contents[: found.start()] + contents[found.end() :]
    return rest, re.sub(rb"\\(.)", rb"\1", found.group(1)).decode("utf-8", "replace")


def _split_png(contents: bytes) -> tuple[bytes, str] | None:
    place = len(_PNG_SIGNATURE)
    keyword = NAME.encode() + b"\0"
    while place + 12 <= len(contents):
        (length,) = struct.unpack_from(">I", contents, place)
        kind = contents[place + 4 : place + 8]
        body = contents[place + 8 : place + 8 + length]
        end = place + 12 + length
        if kind == b"tEXt" and body.startswith(keyword):
            rest = contents[:place] + contents[end:]
            return rest, body[len(keyword) :].decode("latin-1")
        if kind == b"IEND":
            return None
        place = end
    return None


# ---------------------------------------------------------------- held against today


@dataclass(frozen=True)
class Verdict:
    """What a file found somewhere turned out to be.

    Attributes
    ----------
    state : {"current", "outdated", "altered", "undecided", "not ours"}
        ``current``: the collection would give the same marks today. ``outdated``: it would not.
        ``altered``: the file is not as it was written. ``undecided``: drawn with other choices
        than the registered figure. ``not ours``: no figure of this collection.
    message : str
        The answer in sentences.
    changes : tuple of str
        Every mark that changed, with the old and the new value where the passport holds it.
    passport : Passport or None
        What the file says of itself.
    """

    state: State
    message: str
    changes: tuple[str, ...] = ()
    passport: Passport | None = None


def check(path: Path, collection: Collection) -> Verdict:
    """Say whether a figure file is current, outdated, altered or not of this collection.

    Parameters
    ----------
    path : Path
        An SVG, PDF or PNG, from anywhere; any other file is answered too.
    collection : Collection
        What to hold it against.

    Returns
    -------
    Verdict
        Never an exception, whatever the file holds.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            return Verdict(
                "not ours",
                f"The file has {size / 1024 / 1024:,.0f} MB; no figure of a collection is that "
                "large, so it was not read.",
            )
        contents = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not a path"
        return Verdict("not ours", f"The file could not be read: {reason}.")
    found = _read(contents)
    if isinstance(found, str):
        return Verdict("not ours", found)
    return _judged(found, collection)


def _judged(found: _Found, collection: Collection) -> Verdict:
    from relnotes.figures import make, names  # noqa: PLC0415

    old = found.passport
    title = _brief(old.figure)
    if old.collection != collection.title:
        other = f"‘{_brief(old.collection)}’" if old.collection else "no collection it can name"
        return Verdict("not ours", f"‘{title}’ was drawn from {other}.", passport=old)
    if old.figure not in names():
        return Verdict(
            "not ours",
            f"It says it is ‘{title}’, but this version makes no figure of that name.",
            passport=old,
        )
    new = Passport.of(make(old.figure, collection))
    made = f"‘{title}’ from version {_brief(old.version) or 'unknown'}"
    if dict(old.choices) != dict(new.choices):
        chosen = ", ".join(f"{_brief(k)} {_brief(v)}" for k, v in sorted(old.choices.items()))
        return Verdict(
            "undecided",
            f"{made} was drawn with other choices ({chosen or 'none named'}) than the registered "
            "figure, so it can be judged only by drawing it again with those.",
            passport=old,
        )
    changes: tuple[str, ...] = ()
    if old.fingerprint != new.fingerprint:
        changes = tuple(_changes(old, new))
    told = _told(changes)
    if not found.intact:
        return Verdict(
            "altered",
            f"{made}: the file is not as it was written; it was cut short, edited or saved again "
            f"by another program. Its passport is {'outdated: ' + told if changes else 'current.'}",
            changes,
            old,
        )
    if changes:
        return Verdict("outdated", f"{made} is outdated: {told}", changes, old)
    return Verdict(
        "current", f"{made} is current: version {new.version} would draw the same.", (), old
    )


def _told(changes: Sequence[str]) -> str:
    shown = "; ".join(changes[:MOST_CHANGES_IN_MESSAGE])
    more = len(changes) - MOST_CHANGES_IN_MESSAGE
    return f"{shown}{f'; and {more:,} more' if more > 0 else ''}."


def _brief(text: str, longest: int = 80) -> str:
    line = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return line if len(line) <= longest else line[:longest] + "…"


def _changes(old: Passport, new: Passport) -> list[str]:
    if not old.marks:
        return ["the data changed; they are too many for the passport to say where"]
    gone = [f"{_brief(m)}: no longer drawn" for m in old.marks if m not in new.marks]
    fresh = [f"{_brief(m)}: new" for m in new.marks if m not in old.marks]
    old_rows, new_rows = _rows_by_mark(old.data), _rows_by_mark(new.data)
    moved = []
    for mark, digest in old.marks.items():
        if mark in new.marks and new.marks[mark] != digest:
            moved.append(_change(mark, old_rows.get(mark, []), new_rows.get(mark, [])))
    return [*moved, *gone, *fresh] or ["the columns of the data changed"]


def _change(mark: str, old: list[dict[str, str]], new: list[dict[str, str]]) -> str:
    name = _brief(mark)
    if not old:
        return f"{name}: changed"
    if len(old) != len(new):
        return f"{name}: {len(old)} → {len(new)} rows of data"
    cells = [
        f"{_brief(column)} {_brief(before.get(column, 'absent'))} → {_brief(after[column])}"
        for before, after in zip(old, new, strict=True)
        for column in after
        if before.get(column) != after[column]
    ]
    return f"{name}: {', '.join(cells) if cells else 'rests on other rows now'}"


def _rows_by_mark(text: str) -> dict[str, list[dict[str, str]]]:
    rows: dict[str, list[dict[str, str]]] = {}
    try:
        for row in csv.DictReader(io.StringIO(text), restkey="", restval=""):
            known = {str(k): str(v) for k, v in row.items()}
            rows.setdefault(known.get("mark", ""), []).append(known)
    except csv.Error:
        return {}
    return rows
