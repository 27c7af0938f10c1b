"""The passport a figure carries in its metadata, written and read.

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
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from relnotes.figures.figure import Figure

NAME: Final = "relnotes-passport"

# PDF readers take strings of up to 32,767 bytes; escaping needs some of them.
LONGEST_PASSPORT: Final = 24_000

Kind = Literal["svg", "pdf", "png"]

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
    """Return rows of cells as CSV text with line feeds, which no spreadsheet takes for formulas."""
    out = io.StringIO()
    guarded = ([f"'{c}" if _FORMULA.match(c) else c for c in row] for row in cells)
    csv.writer(out, lineterminator="\n").writerows(guarded)
    return out.getvalue()


_FORMULA = re.compile(r"\s*(?:[=@\t]|[+-](?![\d.]+(?:e[+-]?\d+)?\Z))")
"""How a cell begins that a spreadsheet would reckon out, unless it is a number."""


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
    place = len(_PNG_SIGNATURE) + 25  # after the header chunk
    return contents[:place] + _png_chunk(line) + contents[place:]


def _png_chunk(line: str) -> bytes:
    body = b"tEXt" + NAME.encode() + b"\0" + line.encode("ascii", "replace")
    return struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))


def pdf_keywords(passport: Passport) -> str:
    """Return what a PDF's keywords must be before it is sealed."""
    return f"{NAME} {_with_seal(passport.text(), '0' * 64)}"


def _with_seal(text: str, seal: str) -> str:
    return f'{text[:-1]},"seal":"{seal}"}}'


def _seal_of(rest: bytes, text: str) -> bytes:
    return _with_seal("", hashlib.sha256(rest + text.encode()).hexdigest()).encode()


@dataclass(frozen=True)
class Found:
    """A passport, and whether its file is as it was written."""

    passport: Passport
    intact: bool


def read_passport(contents: bytes) -> Found | str:
    """Return the passport in a file, or the reason in a sentence why there is none."""
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
    return Found(passport, intact)


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
    from PIL import Image  # noqa: PLC0415  (only where a PNG is looked at)

    try:
        with Image.open(io.BytesIO(contents), formats=["PNG"]) as picture:
            line = picture.info.get(NAME)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return (contents.replace(_png_chunk(str(line)), b"", 1), str(line)) if line else None
