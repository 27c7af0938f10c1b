"""Names of people and bodies as exports write them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from relnotes.desk.formats.records import Person
from relnotes.desk.formats.values import tidy

_PARTICLES_NAMES = """
    af al am auf av ben bin da dal dalla dalle das de degli dei del dela della delle den der des
    di do dos du e el het i ibn in la las le les lo los mac mc of op st st. 't ten ter te tot
    und van vom von vor y zu zum zur
"""
_PARTICLES = frozenset(_PARTICLES_NAMES.split())
_BODIES = re.compile(
    r"\b(academy|agency|alliance|assoc|association|authority|board|bureau|cent(?:re|er)|charity|college|"
    r"commission(?:er)?|committee|community|company|confederation|consortium|corporation|council|"
    r"department|directorate|executive|federation|forum|foundation|government|group|"
    r"inspectorate|institut[eo]?|laboratory|league|ministry|nations|network|nhs|office|"
    r"organi[sz]ation|parliament|partnership|police|press|programme|project|school|"
    r"secretariat|service|services|society|team|trust|union|unit|universit\w+|"
    r"collaboration|investigators|gmbh|inc\.?|ltd\.?|plc)\b",
    re.IGNORECASE,
)
NO_NAME = re.compile(
    r"(?:and )?(?:et\.? al\.?|others|\[?anon(?:ymous|\.)?\]?|no authors? (?:listed|available)|"
    r"n/?a|null|none|nan|unknown|-+|\.+|…)",
    re.IGNORECASE,
)
"""What stands in place of a name."""

_INITIALS = re.compile(r"(?:[^\W\d_]\.?-?){1,4}")
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv|2nd|3rd)\.?", re.IGNORECASE)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_BESIDES = re.compile(
    r" ?\([^()@]{1,99}@[^()@]{1,99}\)|[ ,;]{1,3}(?:et\.? al\.?|and others)$", re.IGNORECASE
)
"""An address behind a name, or the word that others are left out."""

_CJK_MARKS = str.maketrans("；，、", ";;;")
_PATRONYMIC = re.compile(r"\w+(?:вич|вна|ична|івна|йович)")


def person(name: str) -> Person | None:
    """Read one name: "Family, Given", "Given Family", "Family GI", or a body's.

    A name without a comma is taken for a body's when it holds a word such as
    "Ministry" or ends in a comma, as EndNote marks bodies.

    Returns
    -------
    Person or None
        None where there is no letter in it.

    Examples
    --------
    >>> person("Dominey, Jane"), person("Jane Dominey") == person("Dominey, Jane")
    (Person(family='Dominey', given='Jane', corporate=False), True)
    >>> str(person("van der Berg J")), str(person("KIM J H")), str(person("LI W"))
    ('van der Berg, J', 'KIM, J H', 'LI, W')
    >>> person("HM Inspectorate of Probation").corporate, person("NACRO,").corporate
    (True, True)
    """
    name = _BESIDES.sub("", tidy(name))
    body = name.endswith(",")
    name = re.sub(r"^(?:and|&)\s+", "", name.strip(" ,;"), flags=re.IGNORECASE)
    if not any(c.isalpha() for c in name):
        return None
    family, comma, given = name.partition(",")
    body = body and (not comma or len(family.split()) > 2)
    if comma and not body:
        parts = [p.strip() for p in given.split(",") if p.strip()]
        if len(parts) > 1:  # "King, Jr, Martin" or "King, Martin, Jr"
            suffixes = [p for p in parts if _SUFFIX.fullmatch(p)]
            parts = [p for p in parts if p not in suffixes] + suffixes
        if len(parts) > 1 and _BODIES.search(name):
            return Person(name, corporate=True)
        return Person(family.strip(), ", ".join(parts))
    if body or _BODIES.search(name) or re.search(r"\d{3}", name):
        return Person(name, corporate=True)
    return _in_order(name.split())


def _in_order(words: list[str]) -> Person:
    """Read a name without a comma: which words are the family name is told from their form."""
    if len(words) > 2 and _SUFFIX.fullmatch(words[-1]):
        plain = _in_order(words[:-1])
        return Person(plain.family, f"{plain.given}, {words[-1]}")
    if len(words) == 1:
        return Person(words[0])
    if _CJK.fullmatch(words[0]) or (len(words) == 3 and _PATRONYMIC.fullmatch(words[2])):
        return Person(words[0], " ".join(words[1:]))
    spelt_out = "." not in words[0] and len(words[0]) > 2
    if spelt_out and words[0].isupper() and not any(w.isupper() for w in words[1:]):
        return Person(words[0], " ".join(words[1:]))  # "DUPONT Jean"
    start = len(words)
    named = next((i for i, w in enumerate(words[:-1]) if w.lower() not in _PARTICLES), 0) + 1
    while start > named and _initials(words[start - 1]):
        start -= 1
    lone = len(words[0].strip(".")) == 1  # "A Li" has its initial first
    if start < len(words) and not (lone and _initials(words[0])):
        return Person(" ".join(words[:start]), " ".join(words[start:]))
    start = len(words) - 1
    while start > 1 and words[start - 1].lower() in _PARTICLES and words[start - 1].islower():
        start -= 1
    return Person(" ".join(words[start:]), " ".join(words[:start]))


def _initials(word: str) -> bool:
    return bool(_INITIALS.fullmatch(word)) and (word.isupper() or word.endswith("."))


def people(names: Iterable[str]) -> tuple[Person, ...]:
    """Read names, one each, leaving out what is no name ("et al.", "[Anonymous]")."""
    found = (person(name) for name in names if not NO_NAME.fullmatch(name.strip()))
    return tuple(p for p in found if p)


def bodies(names: Iterable[str]) -> tuple[Person, ...]:
    """Read the names of bodies, one each."""
    return tuple(Person(tidy(name), corporate=True) for name in names if tidy(name))


def people_in_lines(names: Iterable[str]) -> tuple[Person, ...]:
    """Read names, one a line as they should be, or several where a line plainly has them.

    Examples
    --------
    >>> [str(p) for p in people_in_lines(["Okell, A; Brand, L", "Vail R, Low B", "Oak, C., Jr."])]
    ['Okell, A', 'Brand, L', 'Vail, R', 'Low, B', 'Oak, C., Jr.']
    """
    return tuple(
        one
        for name in (name.translate(_CJK_MARKS) for name in names)
        for one in (people_in_cell(name) if _several(name) else people([name]))
    )


def _several(name: str) -> bool:
    """Whether a line that should hold one name holds more; one that ends in a comma is a body's."""
    parts = re.split(r"\s(?:and|&)\s|,", name)
    lines = name.split("\n")
    listed = len(lines) > 1 and all(re.search(r", ?\w", line) for line in lines)
    if ";" in name or "|" in name or listed:
        return True
    if name.endswith(",") and len(parts[0].split()) > 2:
        return False
    name = tidy(name)
    if re.search(r"\S (?:and|&) \w", name):
        whole = all("," in p or len(p.split()) > 1 for p in re.split(r" (?:and|&) ", name))
        return whole and not _BODIES.search(name)
    ends = [part.split()[-1] if len(part.split()) > 1 else "" for part in parts]
    return len(parts) > 1 and all(end and _initials(end) for end in ends)


def people_in_cell(cell: str) -> tuple[Person, ...]:
    """Read all the names in one spreadsheet cell, whatever stands between them.

    Examples
    --------
    >>> [str(p) for p in people_in_cell("Smith, J.; Doe, A.")]
    ['Smith, J.', 'Doe, A.']
    >>> [str(p) for p in people_in_cell("Smith J, Doe AB, van Dijk C")]
    ['Smith, J', 'Doe, AB', 'van Dijk, C']
    >>> [str(p) for p in people_in_cell("Smith, J., Doe, A.B.")]
    ['Smith, J.', 'Doe, A.B.']
    >>> [str(p) for p in people_in_cell("Jane Smith, Amy Doe and Bo Li")]
    ['Smith, Jane', 'Doe, Amy', 'Li, Bo']
    >>> [str(p) for p in people_in_cell("Smith, Jane")]
    ['Smith, Jane']
    """
    cell = cell.translate(_CJK_MARKS)
    for separator in (";", "|", "\n", "//"):
        if separator in cell:
            return people(cell.split(separator))
    cell = tidy(cell)
    if "," not in cell and _BODIES.search(re.split(r"\s(?:and|&)\s", cell)[0]):
        return people([cell])  # "Ministry of Work and Pensions" is one body
    groups = re.split(r",?\s+(?:and|&|with)\s+", cell)
    names: list[str] = []
    for group in groups:
        parts = [p.strip() for p in group.split(",") if p.strip()]
        whole = [len(p.split()) > 1 for p in parts]
        if len(parts) < 2 or (len(parts) == 2 and len(groups) == 1 and not all(whole)):
            names.append(group)
        elif len(parts) % 2 == 0 and all(_given(p) for p in parts[1::2]):
            names.extend(f"{f}, {g}" for f, g in zip(parts[::2], parts[1::2], strict=True))
        elif len(parts) == 2 and not whole[1]:
            names.append(group)
        else:
            names.extend(parts)
    return people(names)


def _given(text: str) -> bool:
    """Whether a text can only be initials: "J.", "A.B.", "J.-P."."""
    return bool(re.fullmatch(r"(?:[^\W\d_]{1,2}\.[\s-]*){1,5}|[A-Z]{1,3}", text))
