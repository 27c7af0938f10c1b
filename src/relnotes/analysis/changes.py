"""What changed in the evidence between two versions: rows, judgements and numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import pandas as pd

from relnotes.evidence.collection import Collection
from relnotes.evidence.faults import shortened
from relnotes.evidence.lexical import LEXICAL
from relnotes.evidence.renames import Renames, carried, renames_in
from relnotes.evidence.tables import row_ids
from relnotes.evidence.vocabulary import terms_of

_NAMING = ("short_label", "label", "wording", "statement", "outcome", "title", "reason")


@dataclass(frozen=True)
class Changed:
    """A row or work that is new, gone or revised.

    Attributes
    ----------
    table : str
        Its table; ``references`` for an entry of the bibliography.
    id : str
        Its id; key parts are joined by ``/``.
    label : str
        What it is, in its own words.
    cells : tuple of (str, str, str)
        Column, value before and value after, of a revised row.
    reason : str
        Why it was retired, where that is said.
    """

    table: str
    id: str
    label: str = ""
    cells: tuple[tuple[str, str, str], ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Judgement:
    """A judgement of the crosswalk that was made anew.

    Attributes
    ----------
    element, concept, coder : str
        Which judgement.
    before, after : str
        Relation and basis; empty where there was, or is, no judgement.
    reason : str
        The reason given now; for a withdrawn judgement, the one given before.
    """

    element: str
    concept: str
    coder: str
    before: str
    after: str
    reason: str


@dataclass(frozen=True)
class Moved:
    """A figure that is another than before."""

    figure: str
    before: int
    after: int
    unit: str = ""

    def __str__(self) -> str:
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.figure}: {self.before:,} → {self.after:,}{unit}"


@dataclass(frozen=True)
class Renamed:
    """The ids of one table that are other than before, and the rows that hold them.

    Attributes
    ----------
    table : str
        Whose ids.
    ids : tuple of (str, str)
        Each before and after.
    rows : tuple of (str, int)
        Table and how many rows of it hold one of these ids.
    """

    table: str
    ids: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        (old, new), *more = self.ids
        also = f" and {len(more)} more" if more else ""
        rows = ", ".join(f"{table} {count:,}" for table, count in self.rows)
        return f"{self.table}: {old} → {new}{also} (rows: {rows})"


@dataclass(frozen=True)
class Changes:
    """What changed between two versions of a collection.

    Attributes
    ----------
    before, after : str
        Names of the two versions.
    added, removed, revised : tuple of Changed
        Rows and works; judgements stand apart.
    judgements : tuple of Judgement
        Judgements made, made anew or withdrawn by a reader.
    lexical : tuple of (int, int)
        Rows of the coding made by rule, before and after.
    moved : tuple of Moved
        Figures that are other than before.
    renamed : tuple of Renamed
        Ids that were renamed; the rest is told as if they had always been so.
    """

    before: str
    after: str
    added: tuple[Changed, ...] = ()
    removed: tuple[Changed, ...] = ()
    revised: tuple[Changed, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    lexical: tuple[int, int] = (0, 0)
    moved: tuple[Moved, ...] = ()
    renamed: tuple[Renamed, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the two versions say the same."""
        rows = self.added or self.removed or self.revised or self.judgements or self.renamed
        return not (rows or self.moved or self.lexical[0] != self.lexical[1])

    def account(self) -> dict[str, Any]:
        """Return the changes as plain values, for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        return changes_as_markdown(self)


def compare(
    before: Collection, after: Collection, names: tuple[str, str] = ("before", "after")
) -> Changes:
    """Compare two versions of a collection.

    Parameters
    ----------
    before, after : Collection
        The versions.
    names : tuple of str
        What to call them.

    Returns
    -------
    Changes
        What is new, gone, revised, judged anew, and which numbers moved.

    Examples
    --------
    >>> import pandas as pd
    >>> old = Collection.of({"concepts": pd.DataFrame({"concept_id": ["trust"]})})
    >>> new = Collection.of({"concepts": pd.DataFrame({"concept_id": ["hope", "trust"]})})
    >>> [change.id for change in compare(old, new).added]
    ['hope']
    """
    added, removed, revised = [], [], []
    renames = _renames(before, after)
    told = {f"{table}/{old}" for table, pairs in renames.items() for old in pairs}
    for name in after.schema.tables:
        if name not in before.schema.tables or name == "crosswalk":
            continue
        was, now = _rows(before, name, renames), _rows(after, name)
        retired = _retired(after, name)
        said = told if name == "retired" else set()
        added += [Changed(name, i, _label(now[i])) for i in now if i not in was and i not in said]
        removed += [
            Changed(name, i, _label(was[i]), reason=retired.get(i, "")) for i in was if i not in now
        ]
        for row_id in (i for i in now if i in was):
            cells = _cells(was[row_id], now[row_id])
            if cells:
                revised.append(Changed(name, row_id, _label(now[row_id]), cells))
    keys = renames.get("studies", {})
    was_works = {keys.get(key, key): work for key, work in _works(before).items()}
    now_works = _works(after)
    for key in sorted({*was_works, *now_works}):
        old, new = was_works.get(key), now_works.get(key)
        if old is None and new is not None:
            added.append(Changed("references", key, new["reference"]))
        elif new is None and old is not None:
            reason = _retired(after, "studies").get(key, "")
            removed.append(Changed("references", key, old["reference"], reason=reason))
        elif old is not None and new is not None and old != new:
            cells = tuple(c for c in _cells(old, new) if c[0] != "reference")
            revised.append(Changed("references", key, new["reference"], cells))
    return Changes(
        *names, tuple(added), tuple(removed), tuple(revised),
        tuple(_judgements(before, after, renames)),
        (_lexical_rows(before), _lexical_rows(after)), tuple(_moved(before, after)),
        tuple(_renamed(before, renames)),
    )  # fmt: skip


def _renames(before: Collection, after: Collection) -> dict[str, dict[str, str]]:
    was, now = (
        {n: set(c.row_ids(n)) for n, t in c.schema.tables.items() if len(t.primary_key) == 1}
        for c in (before, after)
    )
    return renames_in(after.retired, was, now)


def _renamed(before: Collection, renames: Renames) -> Iterator[Renamed]:
    for target, pairs in renames.items():
        holding = []
        for name, table in before.schema.tables.items():
            frame = _text(before, name)
            count = int((carried(table, frame, {target: pairs}) != frame).any(axis=1).sum())
            holding += [(name, count)] if count else []
        yield Renamed(target, tuple(pairs.items()), tuple(holding))


def _text(collection: Collection, name: str) -> pd.DataFrame:
    return collection.tables[name].assign(**collection.words.get(name, {})).astype("str")


def _rows(
    collection: Collection, name: str, renames: Renames = MappingProxyType({})
) -> dict[str, dict[str, str]]:
    frame = carried(collection.schema.table(name), _text(collection, name), renames)
    rows = (dict(zip(frame.columns, row, strict=True)) for row in frame.to_numpy(dtype=object))
    return dict(zip(row_ids(frame, collection.schema.table(name)), rows, strict=True))


def _cells(was: Mapping[str, str], now: Mapping[str, str]) -> tuple[tuple[str, str, str], ...]:
    columns = dict.fromkeys([*now, *was])
    return tuple(
        (c, was.get(c, ""), now.get(c, "")) for c in columns if was.get(c, "") != now.get(c, "")
    )


def _label(row: Mapping[str, str]) -> str:
    return shortened(next((row[c] for c in _NAMING if row.get(c)), ""))


def _retired(collection: Collection, table: str) -> dict[str, str]:
    rows = collection.retired[collection.retired["table"] == table]
    return dict(zip(rows["id"], rows["reason"], strict=True))


def _works(collection: Collection) -> dict[str, dict[str, str]]:
    works = {}
    for key, work in collection.bibliography.items():
        fields = {name: " ".join(value.split()) for name, value in work.fields.items()}
        reference = shortened(f"{work.author_year} {work.title}", 120)
        works[key] = {**fields, "kind of entry": work.kind, "reference": reference}
    return works


def _lexical_rows(collection: Collection) -> int:
    return int((collection.crosswalk["coder"] == LEXICAL).sum())


def _judgements(before: Collection, after: Collection, renames: Renames) -> Iterator[Judgement]:
    was, now = _rows(before, "crosswalk", renames), _rows(after, "crosswalk")
    for row_id in sorted({*was, *now}):
        old, new = was.get(row_id), now.get(row_id)
        row = new or old
        if row is None or row["coder"] == LEXICAL or _judged(old) == _judged(new):
            continue
        yield Judgement(row["element_id"], row["concept_id"], row["coder"],
                        _judged(old), _judged(new), row["reason"])  # fmt: skip


def _judged(row: Mapping[str, str] | None) -> str:
    return f"{row['relation']}, {row['basis']}" if row else ""


def _moved(before: Collection, after: Collection) -> Iterator[Moved]:
    was, now = _figures(before), _figures(after)
    for name, unit in dict.fromkeys([*was, *now]):
        old, new = was.get((name, unit), 0), now.get((name, unit), 0)
        if old != new:
            yield Moved(name, old, new, unit)
    for coder in dict.fromkeys([*_readers(before), *_readers(after)]):
        yield from _moved_concepts(before, after, coder)


def _figures(collection: Collection) -> dict[tuple[str, str], int]:
    """Return the figures that the notebooks and drawings tell, by name and unit."""
    figures = {("bibliography", "works"): len(collection.bibliography)}
    for name, table in collection.schema.tables.items():
        if name != "crosswalk":
            figures[name, "rows"] = len(collection.tables[table.name])
    for coder in _readers(collection):
        figures[f"crosswalk, {coder}", "rows"] = int((collection.crosswalk["coder"] == coder).sum())
    return figures


def _readers(collection: Collection) -> list[str]:
    return sorted(set(collection.crosswalk["coder"].astype("str")) - {LEXICAL})


def _moved_concepts(before: Collection, after: Collection, coder: str) -> Iterator[Moved]:
    """Yield the concepts that more or fewer frameworks name, followed by their ids.

    A concept that was retired for others is followed to these, counted together.
    """
    was, now = _presence(before, coder), _presence(after, coder)
    retired = after.retired[after.retired["table"] == "concepts"]
    became = {
        gone: [new for new in terms_of(replacement) if new in now]
        for gone, replacement in zip(retired["id"], retired["replacement"], strict=True)
        if gone in was and gone not in now
    }
    heirs = {new for parts in became.values() for new in parts}
    for concept in dict.fromkeys([*was, *now]):
        if concept in heirs and concept not in was:
            continue
        label, old = was.get(concept, ("", set()))
        parts = became.get(concept) or [concept] * (concept in now)
        labels = [now[part][0] for part in parts]
        new = {framework for part in parts for framework in now[part][1]}
        if len(old) != len(new):
            followed = concept not in now and parts and labels != [label]
            name = f"{label}, now {', '.join(labels)}" if followed else (labels or [label])[0]
            yield Moved(name, len(old), len(new), "frameworks")


def _presence(collection: Collection, coder: str) -> dict[str, tuple[str, set[str]]]:
    """Return the label of each concept, and the frameworks that name it."""
    from relnotes.analysis.overlap import Lens, Memberships  # noqa: PLC0415  (cold start)

    try:
        held = Memberships.from_crosswalk(collection, Lens(coder=coder))
    except ValueError:  # a draft that the rules refuse may point nowhere; they say so
        return {}
    named = zip(held.items, held.item_labels, strict=True)
    return {str(item): (str(label), set(held.sets_of(item))) for item, label in named}


# ------------------------------------------------------------------------ in words

_TITLES = {"references": "Works"}


def changes_as_markdown(changes: Changes) -> str:
    """Return the changes as release notes in Markdown.

    Examples
    --------
    >>> print(changes_as_markdown(Changes("1.0", "1.1")))
    # Changes from 1.0 to 1.1
    <BLANKLINE>
    Nothing changed.
    """
    lines = [f"# Changes from {_plain(changes.before)} to {_plain(changes.after)}"]
    if changes.empty:
        return "\n".join([*lines, "", "Nothing changed."])
    if changes.moved:
        lines += ["", "## Numbers that moved", "", *(f"- {_plain(str(m))}" for m in changes.moved)]
    if changes.renamed:
        lines += ["", "## Renamed", "", *(f"- {_plain(str(r))}" for r in changes.renamed)]
    for title, group in (
        ("Added", changes.added), ("Taken out", changes.removed), ("Revised", changes.revised)
    ):  # fmt: skip
        if group:
            lines += ["", f"## {title}"]
            for table in dict.fromkeys(c.table for c in group):
                rows = [c for c in group if c.table == table]
                heading = _TITLES.get(table, table.replace("_", " ").capitalize())
                lines += ["", f"### {heading} ({len(rows)})", ""]
                lines += [line for row in rows for line in _row_lines(row)]
    if changes.judgements:
        lines += ["", f"## Judgements ({len(changes.judgements)})", ""]
        lines += [_judgement_line(j) for j in changes.judgements]
    if changes.lexical[0] != changes.lexical[1]:
        lines += ["", f"The coding made by rule from the terms has {changes.lexical[1]:,} rows "
                      f"instead of {changes.lexical[0]:,}."]  # fmt: skip
    return "\n".join(lines)


def _row_lines(row: Changed) -> Iterator[str]:
    label = f": {_plain(row.label)}" if row.label else ""
    reason = f" ({_plain(row.reason)})" if row.reason else ""
    yield f"- `{row.id}`{label}{reason}"
    for column, before, after in row.cells:
        was, now = _plain(shortened(before)), _plain(shortened(after))
        yield f"    - {_plain(column)}: ‘{was}’ → ‘{now}’"


def _judgement_line(judgement: Judgement) -> str:
    pair = f"- `{judgement.element}` / `{judgement.concept}` ({_plain(judgement.coder)})"
    if not judgement.before:
        return f"{pair}: {judgement.after}. {_plain(judgement.reason)}"
    if not judgement.after:
        return f"{pair}: withdrawn; it was {judgement.before}."
    return f"{pair}: {judgement.before} → {judgement.after}. {_plain(judgement.reason)}"


def _plain(text: str) -> str:
    """Return text that Markdown shows as it stands."""
    line = re.sub(r"[\\`*<|]|(?<!\w)_|_(?!\w)", r"\\\g<0>", " ".join(text.split()))
    return line.replace("](", "]\\(")
