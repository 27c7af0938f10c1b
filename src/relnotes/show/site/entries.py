"""What the page of a row says: facts, words, judgements, what is missing, how to cite it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import pandas as pd

from relnotes.analysis.changes import Changed, Changes, Judgement
from relnotes.analysis.gaps import compute_gaps
from relnotes.analysis.independence import compute_independence
from relnotes.analysis.overlap import BASELINE, Memberships
from relnotes.evidence.collection import Collection
from relnotes.evidence.references import plain_reference
from relnotes.evidence.sources import SourceFormError, parse_sources
from relnotes.figures.figure import Figure
from relnotes.show.addresses import FOLDERS, address, page_name
from relnotes.show.site.pages import Cell, Entry, Section

_UNKNOWN: Final = {
    "not_coded": "nobody has looked yet",
    "not_reported": "the source does not say",
    "not_applicable": "the question does not arise",
}


class Entries:
    """The pages of a collection's rows.

    Parameters
    ----------
    collection : Collection
        The evidence.
    figures : sequence of Figure
        The drawn figures, for what a row moves.
    changes : Changes, optional
        What changed since the last version, where that one is known.
    """

    def __init__(
        self,
        collection: Collection,
        figures: Sequence[Figure] = (),
        changes: Changes | None = None,
    ) -> None:
        self.collection = collection
        self.figures = figures
        self.changes = changes

    # ------------------------------------------------------------------ looked up once

    @cached_property
    def _references(self) -> dict[str, str]:
        return self.collection.bibliography.references(self.collection.bibliography)

    @cached_property
    def _moved(self) -> dict[str, list[Cell]]:
        """Return the figures that a row stands behind, by table and id."""
        found: dict[str, dict[str, Cell]] = {}
        for figure in self.figures:
            for mark, rows in figure.marks.items():
                for row in rows:
                    cell = Cell(f"{figure.title} – {mark}", f"figures/{figure.name}.html")
                    found.setdefault(row, {}).setdefault(figure.name, cell)
        return {row: list(cells.values()) for row, cells in found.items()}

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        tables = self.collection.tables
        wording = {"elements": "wording", "claims": "statement", "findings": "outcome"}
        labels = {
            name: dict(zip(self.collection.row_ids(name), tables[name][column], strict=True))
            for name, column in {"concepts": "label", "frameworks": "label", **wording}.items()
            if name in tables
        }
        labels["studies"] = {
            key: self.collection.bibliography.author_year(key)
            if key in self.collection.bibliography
            else key
            for key in self.collection.row_ids("studies")
        }
        return labels

    @cached_property
    def _judgements(self) -> pd.DataFrame:
        judged = self.collection.crosswalk.assign(row_id=self.collection.row_ids("crosswalk"))
        elements = self.collection.elements[["element_id", "framework_id", "source"]]
        return judged.merge(elements, on="element_id", how="left", validate="many_to_one")

    @cached_property
    def _cells(self) -> dict[str, dict[str, tuple[dict[str, str], dict[str, str]]]]:
        """Return each row's cells and its words for empty, by table and id."""
        found = {}
        for table in FOLDERS:
            frame = self.collection.tables[table].astype("str")
            words = self.collection.empties(table)
            ids = self.collection.row_ids(table)
            found[table] = {
                str(i): (dict(zip(frame.columns, cells, strict=True)),
                         dict(zip(frame.columns, empty, strict=True)))
                for i, cells, empty in zip(ids, frame.to_numpy(), words.to_numpy(), strict=True)
            }  # fmt: skip
        return found

    @cached_property
    def _addresses(self) -> dict[str, str]:
        elements = self.collection.elements
        owners = zip(elements["element_id"], elements["framework_id"], strict=True)
        return {e: f"{page_name('frameworks', f)}.html#{e}" for e, f in owners}

    def _link(self, table: str, row_id: str) -> Cell:
        label = str(self._labels.get(table, {}).get(row_id, row_id))
        if table == "elements":
            return Cell(label, self._addresses.get(row_id, ""))
        return Cell(label, address(self.collection, table, row_id))

    def _place(self, cell: str) -> Cell:
        """Return the first source of a cell, as author, year and place, leading to the work."""
        try:
            sources = parse_sources(cell)
        except SourceFormError:
            return Cell(cell)
        said = []
        for source in sources:
            name = self._labels["studies"].get(source.key, source.key)
            said.append(f"{name}, {source.locator}" if source.locator else name)
        known = [s.key for s in sources if s.key in self._labels["studies"]]
        return Cell("; ".join(said), f"{page_name('studies', known[0])}.html" if known else "")

    # ------------------------------------------------------------------ every row

    def of(self, table: str, row_id: str) -> Entry:
        """Return the page of a row.

        Parameters
        ----------
        table : str
            One of :data:`~relnotes.show.addresses.FOLDERS`.
        row_id : str
            Its id; key parts joined by ``/``.
        """
        row, _ = self._cells[table][row_id]
        kind, title, lead = _headings(table, row, self._labels, row_id)
        facts = self._facts(table, row_id)
        sections = [*_SECTIONS[table](self, row_id, row), *self._closing(table, row_id, facts)]
        name = page_name(table, row_id)
        return Entry(
            name,
            kind,
            title,
            lead,
            facts,
            tuple(s for s in sections if s.rows or s.sentences),
            self._citation(title, name),
            self._json(table, row_id, name),
        )

    def all(self) -> Iterable[Entry]:
        """Yield the page of every row that has one, then those of retired ids."""
        for table in FOLDERS:
            for row_id in self.collection.row_ids(table):
                yield self.of(table, str(row_id))
        yield from self._retired()

    def _facts(self, table: str, row_id: str) -> tuple[tuple[str, Cell], ...]:
        row, empty = self._cells[table][row_id]
        pointed = {k.field: k.table for k in self.collection.schema.table(table).foreign_keys}
        facts = []
        for column in self.collection.schema.table(table).fields:
            value = str(row[column.name])
            if empty[column.name]:
                facts.append((column.title, Cell(_UNKNOWN[str(empty[column.name])])))
            elif value in ("", "<NA>") or column.guard:
                continue
            elif column.holds:
                facts.append((column.title, self._place(value)))
            elif column.name in pointed:
                facts.append((column.title, self._link(pointed[column.name], value)))
            else:
                facts.append((column.title, Cell(value)))
        return tuple(facts)

    def _closing(self, table: str, row_id: str, facts: Sequence[tuple[str, Cell]]) -> list[Section]:
        """Return the sections that every page ends with."""
        missing = [f"{title}: {_MISSING[c.text]}" for title, c in facts if c.text in _MISSING]
        moved = self._moved.get(f"{table}:{row_id}", [])
        return [
            Section("Figures it moves", rows=tuple((cell,) for cell in moved)),
            Section("What is missing here", (*missing, *([_MEND] if missing else ()))),
            Section("What changed", self._changed(table, row_id)),
        ]

    def _changed(self, table: str, row_id: str) -> tuple[str, ...]:
        if self.changes is None:
            return ()
        before = self.changes.before
        if table == "crosswalk":
            judged = [j for j in self.changes.judgements if _judgement_id(j) == row_id]
            if judged:
                was = judged[0].before or "not judged"
                return (f"Since version {before}: {was} → {judged[0].after or 'withdrawn'}.",)
        groups = {
            "New": self.changes.added,
            "Taken out": self.changes.removed,
            "Revised": self.changes.revised,
        }
        said = [
            f"{word} since version {before}{_columns(row)}."
            for word, rows in groups.items()
            for row in rows
            if (row.table, row.id) == (table, row_id)
        ]
        return tuple(said) or (f"Nothing since version {before}.",)

    def _citation(self, title: str, name: str) -> str:
        collection = self.collection
        return f"‘{title}’. In {collection.title}, version {collection.version}, {name}."

    def _json(self, table: str, row_id: str, name: str) -> dict[str, Any]:
        row, words = self._cells[table][row_id]
        cells = {c: words[c] or row[c] for c in row}
        return {
            "collection": self.collection.title,
            "version": self.collection.version,
            "address": f"{name}.html",
            "table": table,
            "id": row_id,
            "row": {c: ("" if v == "<NA>" else v) for c, v in cells.items()},
            "figures": [cell.href for cell in self._moved.get(f"{table}:{row_id}", [])],
        }

    def _retired(self) -> Iterable[Entry]:
        for row in self.collection.retired.to_dict("records"):
            table, row_id = str(row["table"]), str(row["id"])
            if table not in FOLDERS or (self.collection.row_ids(table) == row_id).any():
                continue
            successors = [s.strip() for s in str(row["replacement"]).split(";")]
            known = [s for s in successors if (self.collection.row_ids(table) == s).any()]
            name = page_name(table, row_id)
            title = f"{row_id} has been retired"
            yield Entry(
                name,
                "retired id",
                title,
                str(row["reason"]),
                (),
                (Section("What stands in its place",
                         () if known else ("Nothing does.",),
                         rows=tuple((self._link(table, s),) for s in known)),),
                self._citation(title, name),
                {"table": table, "id": row_id, "retired": True, "replacement": known},
            )  # fmt: skip

    # ------------------------------------------------------------------ each kind of row

    def _judged(self, rows: pd.DataFrame, first: str) -> Section:
        """Return judgements as a table whose first column names the other side."""
        lines = []
        for row in rows.to_dict("records"):
            other = {
                "Framework": lambda r: self._link("frameworks", r["framework_id"]),
                "Concept": lambda r: self._link("concepts", r["concept_id"]),
            }[first](row)
            lines.append((
                other,
                Cell(str(row["element_wording"]),
                     self._addresses[row["element_id"]]),
                Cell(f"{row['relation']}, {row['basis']}",
                     address(self.collection, "crosswalk", row["row_id"])),
                Cell(str(row["coder"])),
                Cell(str(row["reason"])),
                self._place(str(row["source"])),
            ))  # fmt: skip
        head = (first, "In the words", "Judged", "By", "Why", "Read in")
        return Section("", head=head, rows=tuple(lines))

    @cached_property
    def _named(self) -> dict[str, str]:
        """Return how many frameworks name each concept, and how many voices they are."""
        collection = self.collection
        if collection.crosswalk.empty:
            return {}
        said = {}
        for concept, group in Memberships.from_crosswalk(collection).rows.groupby("item"):
            voices = compute_independence(collection, group["set"], group["element_id"])
            count = group["set"].nunique()
            said[str(concept)] = f"{count:,} count, where {BASELINE.words}: {voices.words}."
        return said

    @cached_property
    def _voids(self) -> dict[str, str]:
        concepts = compute_gaps(self.collection).concepts
        return dict(zip(concepts["concept_id"], concepts["void"], strict=True))

    def _concept(self, row_id: str, row: Mapping[str, str]) -> list[Section]:
        judged = self._judgements[self._judgements["concept_id"] == row_id]
        named = self._judged(judged, "Framework")
        count = judged["framework_id"].nunique()
        noun = "framework has" if count == 1 else "frameworks have"
        said = [f"{count:,} {noun} an element that somebody or a rule related to it."]
        said += [self._named[row_id]] if row_id in self._named else []
        title = "Who names it, in what words, on whose evidence"
        sections = [Section(title, tuple(said), named.head, named.rows)]
        links = self.collection.claim_concepts
        mine = links[links["concept_id"] == row_id]
        for direction in dict.fromkeys(mine["direction"]):
            part = mine[mine["direction"] == direction]
            rows = tuple(
                (self._link("claims", claim), Cell(str(reason)))
                for claim, reason in zip(part["claim_id"], part["reason"], strict=True)
            )
            sections.append(Section(f"Claims: {direction}", (), ("Claim", "Why"), rows))
        keys = {s.key for cell in judged["source"] for s in _sources(cell)}
        found = self.collection.findings
        measured = [
            (self._link("findings", i),)
            for i, key in zip(self.collection.row_ids("findings"), found["key"], strict=True)
            if key in keys
        ]
        void = _VOIDS.get(self._voids.get(row_id, ""), "")
        return [
            *sections,
            Section("Findings of the works behind it", rows=tuple(measured)),
            Section("What is not known", (void,) if void else ()),
        ]

    def _framework(self, row_id: str, row: Mapping[str, str]) -> list[Section]:
        elements = self.collection.elements
        mine = elements[elements["framework_id"] == row_id]
        judged = self._judgements[self._judgements["framework_id"] == row_id]
        listed = tuple(
            (Cell(str(e["number"])), Cell(str(e["wording"])), Cell(str(e["gloss"])),
             self._place(str(e["source"])))
            for e in mine.to_dict("records")
        )  # fmt: skip
        table = self._judged(judged, "Concept")
        family = str(row["family"])
        kin = self.collection.frameworks
        relatives = kin[(kin["family"] == family) & (kin["framework_id"] != row_id)]
        related = () if family in _UNKNOWN else tuple(relatives["framework_id"])
        return [
            Section("Its elements", (), ("No.", "In its own words", "Meaning", "Read in"),
                    listed, tuple(mine["element_id"])),
            Section("What they were judged to name", (), table.head, table.rows),
            Section("Its relatives", rows=tuple((self._link("frameworks", i),) for i in related)),
            self._referred(row["source"], mine["source"]),
        ]  # fmt: skip

    def _work(self, row_id: str, row: Mapping[str, str]) -> list[Section]:
        resting = []
        for table in ("frameworks", "elements", "claims", "events"):
            frame = self.collection.tables[table]
            columns = [f.name for f in self.collection.schema.table(table).fields if f.holds]
            for i, cells in zip(self.collection.row_ids(table), frame[columns].to_numpy(),
                                strict=True):  # fmt: skip
                if any(row_id == s.key for cell in cells for s in _sources(str(cell))):
                    resting.append((Cell(table), self._link(table, str(i))))
        findings = self.collection.findings
        measured = findings["finding_id"][findings["key"] == row_id]
        corrections = self.collection.corrections
        wrong = corrections[corrections["key"] == row_id]
        return [
            self._referred(row_id),
            Section("What rests on it", (), ("Table", "Row"), tuple(resting)),
            Section("Its findings", rows=tuple((self._link("findings", i),) for i in measured)),
            Section("Corrections", (), ("Field", "As printed", "Corrected", "Why"), tuple(
                tuple(Cell(str(r[c])) for c in ("field", "printed", "corrected", "reason"))
                for r in wrong.to_dict("records"))),
        ]  # fmt: skip

    def _judgement(self, row_id: str, row: Mapping[str, str]) -> list[Section]:
        element = self.collection.row("elements", str(row["element_id"]))
        concept = self.collection.row("concepts", str(row["concept_id"]))
        same = self._judgements[
            (self._judgements["element_id"] == row["element_id"])
            & (self._judgements["concept_id"] == row["concept_id"])
            & (self._judgements["coder"] != row["coder"])
        ]
        others = tuple(
            (Cell(str(r["coder"])), Cell(f"{r['relation']}, {r['basis']}",
             address(self.collection, "crosswalk", r["row_id"])), Cell(str(r["reason"])))
            for r in same.to_dict("records")
        )  # fmt: skip
        both = (
            (self._link("frameworks", str(element["framework_id"])), Cell(str(element["wording"])),
             Cell(str(element["gloss"])), self._place(str(element["source"]))),
            (self._link("concepts", str(row["concept_id"])), Cell(str(concept["label"])),
             Cell(str(concept["definition"])), Cell("")),
        )  # fmt: skip
        no_other = () if others else ("No other coder related this element to this concept.",)
        return [
            Section("Both wordings", (), ("Whose", "Words", "Meaning", "Read in"), both),
            Section("The other coders’ answers", no_other, ("Coder", "Judged", "Why"), others),
            self._referred(element["source"]),
        ]

    def _claim(self, row_id: str, row: Mapping[str, str]) -> list[Section]:
        links = self.collection.claim_concepts
        rows = tuple(
            (self._link("concepts", r["concept_id"]), Cell(str(r["direction"])),
             Cell(str(r["reason"])))
            for r in links[links["claim_id"] == row_id].to_dict("records")
        )  # fmt: skip
        return [
            Section("What it says of which concept", (), ("Concept", "Direction", "Why"), rows),
            self._referred(row["source"], [row["cites"]]),
        ]

    def _finding(self, row_id: str, row: Mapping[str, str]) -> list[Section]:
        return [self._referred(row["key"], [row["source"]])]

    def _referred(self, cell: object, cells: Iterable[object] = ()) -> Section:
        """Return the formatted references of all works that source cells name."""
        keys = dict.fromkeys(s.key for c in (cell, *cells) for s in _sources(str(c)))
        known = [k for k in keys if k in self._references]
        rows = tuple(
            (Cell(plain_reference(self._references[k]), "", self._references[k]),
             Cell("its page", f"{page_name('studies', k)}.html")
             if (self.collection.row_ids("studies") == k).any() else Cell(""))
            for k in known
        )  # fmt: skip
        return Section("References", rows=rows)


_VOIDS: Final = {
    "unnamed": "No framework of this collection names it.",
    "untested": "No claim, study or synthesis of this collection bears on it.",
    "unsynthesised": "No synthesis of this collection bears on it.",
    "claimed": "There are claims, but no study or synthesis that they or a framework rest on.",
    "open": "Works or claims that nobody has coded yet could say more.",
}

_MEND: Final = (
    "To fill it in: relnotes export build/export writes a workbook, relnotes merge takes it back."
)

_MISSING: Final = {
    _UNKNOWN["not_coded"]: "nobody has looked yet.",
    _UNKNOWN["not_reported"]: "the source does not say.",
}

_SECTIONS: Final = {
    "concepts": Entries._concept,
    "frameworks": Entries._framework,
    "studies": Entries._work,
    "crosswalk": Entries._judgement,
    "claims": Entries._claim,
    "findings": Entries._finding,
}


def _headings(
    table: str, row: Mapping[str, str], labels: Mapping[str, Mapping[str, str]], row_id: str
) -> tuple[str, str, str]:
    """Return what kind of row it is, its title, and the sentence below it."""
    if table == "crosswalk":
        concept = labels["concepts"][str(row["concept_id"])]
        title = f"‘{row['element_wording']}’ and {concept}"
        return "judgement", title, f"{row['relation']}, {row['basis']}: {row['reason']}"
    if table == "studies":
        return "work", labels["studies"][row_id], ""
    if table == "findings":
        who = labels["studies"].get(str(row["key"]), str(row["key"]))
        return "finding", f"{who}: {row['outcome']}", str(row["comparison"])
    kind = {"concepts": "concept", "frameworks": "framework", "claims": "claim"}[table]
    lead = {"concepts": "definition", "frameworks": "kind", "claims": "strength"}[table]
    label = "statement" if table == "claims" else "label"
    return kind, str(row[label]), str(row[lead])


def _sources(cell: str) -> tuple[Any, ...]:
    if cell in _UNKNOWN or not cell:
        return ()
    try:
        return parse_sources(cell)
    except SourceFormError:
        return ()


def _judgement_id(judged: Judgement) -> str:
    return f"{judged.element}/{judged.concept}/{judged.coder}"


def _columns(row: Changed) -> str:
    told = [f"{column} ‘{before}’ → ‘{after}’" for column, before, after in row.cells]
    return f": {'; '.join(told)}" if told else ""
