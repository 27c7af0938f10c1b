"""Any text, title or name as a value of a .bib file that reads as it and prints in LaTeX."""

from __future__ import annotations

import re
import unicodedata

from relnotes.desk.formats.records import Person

_ESCAPES = {
    "\\": "\\textbackslash{}",
    "{": "\\textbraceleft{}",
    "}": "\\textbraceright{}",
    "$": "\\$",
    "%": "\\%",
    "#": "\\#",
    "&": "\\&",
    "_": "\\_",
    "~": "\\textasciitilde{}",
}

# The second of two signs that LaTeX reads as one: dashes, quotation marks, ¡ and ¿.
_LIGATURES = re.compile(r"(?<=-)-|(?<=')'|(?<=`)`|(?<=[!?])`")

# What the rule for titles wants protected: words with a capital inside, and Roman numbers.
_CAPITALS = re.compile(r"(\b\w*[A-Z]\w*[A-Z]\w*\b|(?<=[a-z] )\bI{2,3}\b)")


def bibtex_text(text: str) -> str:
    r"""Write any text as a BibTeX value that reads as that text.

    Control and invisible characters are left out and runs of space made one; everything
    that BibTeX or LaTeX would take for a command is escaped, so that a value never opens or
    closes anything.

    Parameters
    ----------
    text : str
        Any text.

    Examples
    --------
    >>> print(bibtex_text("100 % {trust} @book & <b>"))
    100 \% \textbraceleft{}trust\textbraceright{} @book \& <{}b>
    """
    plain = _LIGATURES.sub(lambda m: f"\0{m[0]}", plain_line(text))
    escaped = "".join("{}" if c == "\0" else _ESCAPES.get(c, c) for c in plain)
    # What looks like markup is text here, for every reader of the file.
    return re.sub(r"<(?=/?[a-zA-Z])|\\&(?=(\\#)?\w+;)", r"\g<0>{}", escaped)


def bibtex_title(text: str) -> str:
    """Write a title: as `bibtex_text`, with capitals protected and no full stop at the end.

    Examples
    --------
    >>> bibtex_title("The NPS and trust.")
    'The {NPS} and trust'
    """
    line = plain_line(text)
    if line.endswith(".") and not line.endswith(".."):
        line = line[:-1].rstrip()
    pieces = _CAPITALS.split(line)
    return "".join(
        f"{{{bibtex_text(piece)}}}" if i % 2 else _keeping_ends(piece)
        for i, piece in enumerate(pieces)
    )


def _keeping_ends(piece: str) -> str:
    head = " " if piece[:1] == " " else ""
    tail = " " if piece[-1:] == " " and piece.strip() else ""
    return head + bibtex_text(piece) + tail


def bibtex_name(person: Person) -> str:
    """Write a name as BibTeX reads it; a body, or what looks like one, stands in braces.

    Examples
    --------
    >>> bibtex_name(Person("Dominey", "Jane")), bibtex_name(Person("Home Office"))
    ('Dominey, Jane', '{Home Office}')
    """
    family, given = plain_line(person.family), plain_line(person.given)
    if person.corporate or not given:
        name = " ".join(part for part in (family, given) if part)
        whole = person.corporate or not re.fullmatch(r"[^\s,]+", name) or name.lower() == "and"
        return f"{{{bibtex_text(name)}}}" if whole else bibtex_text(name)
    if re.search(r",|\band\b", family, re.I):
        family = f"{{{bibtex_text(family)}}}"
    else:
        family = bibtex_text(family)
    if re.search(r"\band\b", given, re.I):
        return f"{family}, {{{bibtex_text(given.replace(',', ' '))}}}"
    return f"{family}, {bibtex_text(given.replace(',', ' '))}"


def plain_line(text: str) -> str:
    """Return text on one line, in normal form C, without control and invisible characters."""
    kept = []
    for c in unicodedata.normalize("NFC", text):
        category = unicodedata.category(c)
        if category in ("Cs", "Co", "Cn"):
            kept.append("\N{REPLACEMENT CHARACTER}")
        elif category == "Cc":
            kept.append(" ")
        elif category != "Cf":
            kept.append(c)
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))
