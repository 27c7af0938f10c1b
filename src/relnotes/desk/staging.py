"""From records to proposed rows: an entry and a row of studies for every new work.

Nothing is written here. What a record says is kept whole: what the house has a field for goes
there, everything else stays in the entry under ``export-…``. What nobody has looked at is
``not_coded``, and what an export leaves out or gets wrong is waived openly, row by row, until
somebody mends it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection as Container
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from relnotes.desk.bibtex_values import bibtex_name, bibtex_text, bibtex_title, plain_line
from relnotes.desk.entries import entry_text
from relnotes.desk.formats.records import Kind, Record
from relnotes.desk.store import Draft, State, drafted
from relnotes.evidence.faults import Fault, shortened
from relnotes.evidence.rules import all_rules, check_evidence
from relnotes.evidence.rules.works import isbn_is_valid, issn_is_valid
from relnotes.evidence.schema import Table

LONGEST_VALUE = 400_000
"""Characters a field of an entry may have: a line of the file has a million bytes at most."""

_ENTRY_TYPES: Mapping[Kind, str] = {
    "article": "article",
    "book": "book",
    "chapter": "incollection",
    "report": "report",
    "thesis": "thesis",
    "conference": "inproceedings",
    "online": "online",
    "other": "misc",
}

_DOCUMENT_TYPES: Mapping[Kind, str] = {
    "article": "journal article",
    "book": "book",
    "chapter": "book chapter",
    "report": "report",
    "thesis": "thesis",
    "conference": "conference paper",
    "online": "web page",
    "other": "other",
}

_CONTAINER_FIELDS = {
    "article": "journaltitle",
    "incollection": "booktitle",
    "inproceedings": "booktitle",
    "book": "series",
    "report": "series",
}

_PUBLISHER_FIELDS = {"report": "institution", "thesis": "institution", "online": "organization"}

_STOP_WORDS = frozenset(
    {"the", "and", "for", "from", "with", "that", "this", "into", "its", "are", "was", "were",
     "has", "have", "not", "but", "over", "under", "about", "der", "die", "das", "und", "les",
     "des", "une", "dans", "pour", "los", "las", "una", "por", "para", "del", "della"}
)  # fmt: skip


@dataclass(frozen=True)
class StagedWork:
    """A record with what is proposed for it.

    Attributes
    ----------
    record : Record
        The record, as it was read.
    key : str
        Its citation key.
    entry : str
        Its entry for the bibliography.
    row : mapping of str to str
        Its row for the table of studies.
    kept : tuple of str
        Fields of the record that the house has no place for; they stay in the entry.
    waived : tuple of str
        Names of the rules that the entry does not keep yet.
    left_out : tuple of str
        Fields of the record that stay out of the entry: abstracts, notes, paths on a disk.
    """

    record: Record
    key: str
    entry: str
    row: Mapping[str, str]
    kept: tuple[str, ...] = ()
    waived: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeldWork:
    """A record that cannot be proposed, and why."""

    record: Record
    reason: str


@dataclass(frozen=True)
class Staging:
    """What is proposed for a set of new records.

    Attributes
    ----------
    works : tuple of StagedWork
        Records with a proposal, in their order.
    held : tuple of HeldWork
        Records without one; together with `works` these are all records.
    draft : Draft
        All proposals, for `preview` and `write`.
    """

    works: tuple[StagedWork, ...]
    held: tuple[HeldWork, ...]
    draft: Draft

    def account(self) -> dict[str, Any]:
        """Return the staging as plain values, for JSON."""
        return {
            "staged": [
                {
                    "source": w.record.source,
                    "position": w.record.position,
                    "key": w.key,
                    "kept": list(w.kept),
                    "waived": list(w.waived),
                    "left_out": list(w.left_out),
                }
                for w in self.works
            ],
            "held": [
                {"source": h.record.source, "position": h.record.position, "reason": h.reason}
                for h in self.held
            ],
        }

    def __str__(self) -> str:
        count = "1 work is" if len(self.works) == 1 else f"{len(self.works)} works are"
        lines = [f"{count} ready to be added."]
        lines += [f"  {w.key}: {shortened(w.record.title)}" for w in self.works[:20]]
        if len(self.works) > 20:
            lines.append(f"  … and {len(self.works) - 20} more")
        for said, names in (
            ("Kept in the entries, though nothing reads them", (w.kept for w in self.works)),
            ("Left out of the bibliography (--keep-all keeps them)",
             (w.left_out for w in self.works)),
            ("Waived until somebody looks them up", (w.waived for w in self.works)),
        ):  # fmt: skip
            counts = Counter(name for of_work in names for name in of_work)
            if counts:
                named = ", ".join(f"{name} ({n})" for name, n in sorted(counts.items()))
                lines.append(f"{said}: {named}.")
        lines += [
            f"Held back: record {h.record.position} of {h.record.source}: {h.reason}."
            for h in self.held
        ]
        return "\n".join(lines)


def stage(records: Iterable[Record], state: State, *, keep_all: bool = False) -> Staging:
    """Propose an entry and a row of studies for each record.

    Parameters
    ----------
    records : iterable of Record
        New works, each once.
    state : State
        The collection as it stands, from `read_state`.
    keep_all : bool
        Put abstracts, notes and paths on somebody's disk into the entries too.

    Returns
    -------
    Staging
        The proposals. Every record is either in `works` or in `held`.
    """
    table = state.schema.table("studies")
    before = state.evidence()
    retired = before.frame("retired")
    taken = {*before.bibliography, *before.ids("studies", "key"), *retired["id"]}
    sound, held = [], []
    for record in records:
        longest = max((len(text) for text in _texts(record)), default=0)
        if longest > LONGEST_VALUE:
            reason = f"a field has {longest:,} characters; {LONGEST_VALUE:,} are the most"
            held.append(HeldWork(record, reason))
        else:
            sound.append(record)
    keys = citation_keys(sound, taken)
    works = [_proposal(r, key, table, keep_all) for r, key in zip(sound, keys, strict=True)]
    rows = pd.DataFrame([w.row for w in works], columns=table.columns, dtype="str")
    draft = Draft({"studies": rows}, {}, {w.key: w.entry for w in works}, state.digest)
    if not works:
        return Staging((), tuple(held), Draft(base=state.digest))
    known = set(_bibliography_faults(check_evidence(before), before.bibliography.file))
    after = check_evidence(drafted(state, draft).evidence())
    waivers = _waivers(set(_bibliography_faults(after, before.bibliography.file)) - known, works)
    waived: dict[str, list[str]] = {}
    for row in waivers:
        waived.setdefault(row["id"], []).append(row["rule"])
    works = [replace(w, waived=tuple(waived.get(w.key, ()))) for w in works]
    if waivers:
        columns = state.schema.table("waivers").columns
        frames = {"studies": rows, "waivers": pd.DataFrame(waivers, columns=columns, dtype="str")}
        draft = Draft(frames, {}, draft.entries, state.digest)
    return Staging(tuple(works), tuple(held), draft)


def _texts(record: Record) -> Iterable[str]:
    for value in record.raw.values():
        yield from value if isinstance(value, list) else (value,)
    yield from (record.title, record.abstract, record.container, record.publisher)


def _bibliography_faults(faults: Sequence[Fault], file: str) -> Iterable[tuple[str, str]]:
    """Yield id and rule of the faults in entries that do not keep a collection from opening."""
    told = {r.name for r in all_rules() if r.stage == "review" and r.severity == "error"}
    return ((f.id, f.rule) for f in faults if f.file == file and f.rule in told)


def _waivers(
    faults: Iterable[tuple[str, str]], works: Sequence[StagedWork]
) -> list[dict[str, str]]:
    sources = {w.key: w.record.source for w in works}
    rows = []
    for key, rule in sorted(faults):
        place = plain_line(sources.get(key, "the new records"))
        reason = (
            f"{place} does not give it; not looked up yet."
            if rule == "missing_required_field"
            else f"As {place} has it; not checked yet."
        )
        rows.append({"table": "references", "id": key, "rule": rule, "reason": reason})
    return rows


def _proposal(record: Record, key: str, table: Table, keep_all: bool) -> StagedWork:
    kind = _ENTRY_TYPES[record.kind]
    fields = _house_fields(record, kind)
    private = () if keep_all else tuple(t for t, v in record.raw.items() if _is_private(t, v))
    public = {tag: value for tag, value in record.raw.items() if tag not in private}
    kept = _kept_fields(replace(record, raw=public), fields)
    if not keep_all:
        fields.pop("abstract", None)
    row = dict.fromkeys(table.columns, "not_coded")
    row |= {field.name: "" for field in table.fields if field.blank}
    row |= {
        "key": key,
        "origin": "added",
        "document_type": _DOCUMENT_TYPES[record.kind],
        "named_in_text": "not_applicable",
        "verification": "unverified",
        "source": f"{key}[record {record.position} of {plain_line(record.source)}]",
    }
    entry = entry_text(key, kind, {**fields, **kept})
    return StagedWork(record, key, entry, row, tuple(name[len("export-") :] for name in kept),
                      left_out=private)  # fmt: skip


# Abstracts belong to publishers, notes to whoever wrote them, files to one disk.
_PRIVATE_TAGS = re.compile(
    r"ab|abstract\w*|n[12]|notes?|annote|annotation|comments?|researchnotes?|rn|l[1-4]|files?\d*"
    r"|fileattachments?|linkattachments?|localurl|pdf\w*|bdskfile\d*|owner|username|timestamp"
)
_LOCAL_PATH = re.compile(
    r"(?:^|[\s:;{])(?:file:/|[a-z]:[\\/]|[\\/~](?!/)\S|\.{1,2}[\\/]|(?:files|storage)[\\/])"
    r"|^(?!https?:)\S[^\n]*\.(?:pdf|docx?|epub)(?::|$)",
    re.IGNORECASE,
)


def _is_private(tag: str, value: str | Sequence[str]) -> bool:
    values = [value] if isinstance(value, str) else value
    named = _PRIVATE_TAGS.fullmatch(_slug(tag).replace("-", ""))
    return bool(named) or any(_LOCAL_PATH.search(v) for v in values)


def _house_fields(record: Record, kind: str) -> dict[str, str]:
    """Return the fields of an entry, as BibTeX text; only those in house form."""
    isbns = [i for i in record.isbn if isbn_is_valid(i)]
    issns = [i for i in record.issn if issn_is_valid(i)]
    doi = record.doi if re.fullmatch(r"10\.\d{4,9}(\.\d+)*/[^\s{}\\]+", record.doi) else ""
    url = record.url if re.fullmatch(r"https?://[^\s/$.?#{}\\][^\s{}\\]*", record.url) else ""
    fields = {
        "author": " and ".join(bibtex_name(p) for p in record.authors),
        "editor": " and ".join(bibtex_name(p) for p in record.editors),
        "title": bibtex_title(record.title),
        _CONTAINER_FIELDS.get(kind, "howpublished"): bibtex_title(record.container),
        _PUBLISHER_FIELDS.get(kind, "publisher"): bibtex_text(record.publisher),
        "edition": bibtex_text(record.edition),
        "volume": bibtex_text(record.volume),
        "number": bibtex_text(record.issue),
        "year": str(record.year) if record.year and 1500 <= record.year <= 2099 else "",
        "pages": _pages(record.pages),
        "isbn": isbns[0] if isbns else "",
        "issn": issns[0] if issns else "",
        "doi": doi if doi == plain_line(doi) else "",
        "url": url if url == plain_line(url) else "",
        "language": bibtex_text(record.language),
        "pmid": record.pmid if record.pmid.isdecimal() else "",
        "abstract": bibtex_text(record.abstract),
    }
    return {name: value for name, value in fields.items() if value}


def _pages(pages: tuple[str, str]) -> str:
    one = re.compile(r"[A-Za-z]*[0-9]+[A-Za-z]*")
    first, last = pages
    if not one.fullmatch(first):
        return ""
    if not last or last == first:
        return first
    upwards = not (first.isdecimal() and last.isdecimal()) or int(first) <= int(last)
    return f"{first}--{last}" if one.fullmatch(last) and upwards else ""


def _kept_fields(record: Record, fields: Mapping[str, str]) -> dict[str, str]:
    """Return what the record says and no house field holds, as BibTeX text by field name."""
    held = {_bare(text) for text in _said(record, fields)}
    kept: dict[str, str] = {}
    for tag, value in record.raw.items():
        values = value if isinstance(value, list) else [value]
        text = bibtex_text("; ".join(v for v in values if not _bare(v) or _bare(v) not in held))
        if not text:
            continue
        stem = name = f"export-{_slug(tag)[:40].strip('-') or 'field'}"
        number = 2
        while name in kept:
            name, number = f"{stem}-{number}", number + 1
        kept[name] = text
    return kept


def _said(record: Record, fields: Mapping[str, str]) -> Iterable[str]:
    """Yield every way in which the house fields already hold a value."""
    texts = {
        "title": record.title,
        "abstract": record.abstract,
        "edition": record.edition,
        "volume": record.volume,
        "number": record.issue,
        "language": record.language,
        "year": str(record.year),
    }
    yield from (text for name, text in texts.items() if name in fields)
    if {"journaltitle", "booktitle", "series", "howpublished"} & fields.keys():
        yield record.container
    if {"publisher", "institution", "organization"} & fields.keys():
        yield record.publisher
    yield from (fields.get(name, "") for name in ("isbn", "issn", "pmid"))
    if "doi" in fields:
        yield from (record.doi, f"doi:{record.doi}", f"https://doi.org/{record.doi}")
        yield f"http://dx.doi.org/{record.doi}"
    if "url" in fields:
        yield record.url
    if "pages" in fields:
        first, last = record.pages
        yield from (first, last, f"{first}-{last}", f"{first}--{last}")
    for person in (*record.authors, *record.editors):
        yield from (f"{person.family}, {person.given}", f"{person.given} {person.family}")
        yield person.family


def _bare(text: str) -> str:
    """Return what of a text must be kept; punctuation and case tell no two values apart."""
    return "".join(c for c in text.casefold() if c.isalnum())


def citation_keys(records: Sequence[Record], taken: Container[str]) -> list[str]:
    """Make citation keys in the house form: family name, year, and title words if needed.

    A key does not depend on the order of the records: where two works would share one, both
    get a word of their title. Only twins in name, year and title are numbered in order.

    Parameters
    ----------
    records : sequence of Record
        The works.
    taken : collection of str
        Keys in use or retired.

    Returns
    -------
    list of str
        One key for each record, all different and none taken.

    Examples
    --------
    >>> from relnotes.desk.formats.records import Person
    >>> ward = Person("Ward", "Tony")
    >>> records = [
    ...     Record("a.ris", 1, 1, "book", "Desistance and hope", (ward,), 2010),
    ...     Record("a.ris", 2, 9, "book", "The good lives", (ward,), 2010),
    ...     Record("a.ris", 3, 9, "book", "Œuvres", (Person("O’Sé", "Éilis"),)),
    ... ]
    >>> citation_keys(records, {"ose-nd"})
    ['ward-2010-desistance', 'ward-2010-good', 'ose-nd-oeuvres']
    """
    stems = [_stem(record) for record in records]
    words = [_title_words(record.title) for record in records]
    keys = [""] * len(records)
    used = set()
    open_places = list(range(len(records)))
    for length in range(1 + max(map(len, words), default=0)):
        wanted = {i: "-".join([stems[i], *words[i][:length]]) for i in open_places}
        shared = Counter(wanted.values())
        for i, key in wanted.items():
            if shared[key] == 1 and key not in taken and key not in used:
                keys[i] = key
        used |= {keys[i] for i in open_places if keys[i]}
        open_places = [i for i in open_places if not keys[i]]
    for i in open_places:
        base, number = "-".join([stems[i], *words[i][:1]]), 2
        while f"{base}-{number}" in taken or f"{base}-{number}" in used:
            number += 1
        keys[i] = f"{base}-{number}"
        used.add(keys[i])
    return keys


def _stem(record: Record) -> str:
    creators = record.authors or record.editors
    name = _slug(creators[0].family) if creators else ""
    if creators and (creators[0].corporate or not creators[0].given):
        words = [w for w in name.split("-") if w not in ("the", "of", "for", "and")]
        name = "-".join(words[:4])
    name = name or "-".join(_title_words(record.title)[:2]) or "work"
    name = re.sub(r"^[^a-z]+", "", name)[:60].strip("-") or "work"
    year = str(record.year) if record.year and 1000 <= record.year <= 9999 else "nd"
    return f"{name}-{year}"


def _title_words(title: str) -> list[str]:
    words = [w for w in _slug(title).split("-") if len(w) >= 3 and w not in _STOP_WORDS]
    return [w[:30] for w in words[:6]]


def _slug(text: str) -> str:
    """Return text as lower-case ASCII words joined by hyphens."""
    from anyascii import anyascii  # noqa: PLC0415  (its tables load when first needed)

    plain = re.sub(r"['’‘`ʼ]", "", anyascii(unicodedata.normalize("NFC", text)).lower())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
