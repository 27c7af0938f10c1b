"""What the page of a row says: facts, words, judgements, what is missing, how to cite it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final

import pandas as pd

from relnotes.analysis.changes import Changes
from relnotes.analysis.findings import compute_findings, finding_in_words
from relnotes.analysis.gaps import compute_gaps
from relnotes.analysis.independence import compute_independence
from relnotes.analysis.overlap import BASELINE, Memberships
from relnotes.evidence.bibliography import Bibliography
from relnotes.evidence.collection import Collection
from relnotes.evidence.faults import shortened
from relnotes.evidence.references import plain_reference
from relnotes.evidence.sources import SourceFormError, parse_sources
from relnotes.evidence.vocabulary import terms_of
from relnotes.figures.figure import Figure
from relnotes.show.addresses import BELOW, FOLDERS, address, page_name
from relnotes.show.site.fingerprint import fingerprint
from relnotes.show.site.pages import Cell, Entry, Section, citation

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
        self._vocabularies = {
            name: collection.vocabulary(name) for name in set(collection.vocabularies["list"])
        }

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
    def _corrected(self) -> dict[str, list[tuple[Cell, ...]]]:
        """Return what was printed wrongly about each work."""
        found: dict[str, list[tuple[Cell, ...]]] = {}
        for r in self.collection.corrections.to_dict("records"):
            words = (Cell(str(r[c])) for c in ("field", "printed", "corrected", "reason"))
            found.setdefault(r["key"], []).append((self._link("studies", r["key"]), *words))
        return found

    @cached_property
    def _changed(self) -> dict[tuple[str, str], list[str]]:
        """Return what changed since the last version, for the page that the change stands on."""
        found: dict[tuple[str, str], list[str]] = {}
        if self.changes is None:
            return found
        before = self.changes.before
        groups = {
            "New": self.changes.added,
            "Taken out": self.changes.removed,
            "Revised": self.changes.revised,
        }
        for word, rows in groups.items():
            for row in rows:
                page = self._page_of(row.table, row.id)
                what = f"{row.label}: {word.lower()}" if page != (row.table, row.id) else word
                told = [f"{column} ‘{old}’ → ‘{new}’" for column, old, new in row.cells]
                said = f"{what} since version {before}{': ' if told else ''}{'; '.join(told)}."
                found.setdefault(page, []).append(said)
        counts: dict[tuple[str, str], int] = {}
        for judged in self.changes.judgements:
            row_id = f"{judged.element}/{judged.concept}/{judged.coder}"
            said = f"{judged.before or 'not judged'} → {judged.after or 'withdrawn'}"
            found["crosswalk", row_id] = [f"Since version {before}: {said}."]
            framework = self._page_of("elements", judged.element)
            for page in (("concepts", judged.concept), framework):
                counts[page] = counts.get(page, 0) + 1
        for page, count in counts.items():
            made = "1 judgement was" if count == 1 else f"{count:,} judgements were"
            found.setdefault(page, []).append(
                f"{made} made anew or withdrawn since version {before}."
            )
        return found

    def _page_of(self, table: str, row_id: str) -> tuple[str, str]:
        """Return the row on whose page another row stands."""
        if table == "elements":
            return "frameworks", self._owners.get(row_id, "")
        if table == "references":
            return "studies", row_id
        return (BELOW[table], row_id.split("/", 1)[0]) if table in BELOW else (table, row_id)

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        tables = self.collection.tables
        wording = {"elements": "wording", "claims": "statement"}
        labels = {
            name: dict(zip(self.collection.row_ids(name), tables[name][column], strict=True))
            for name, column in {"concepts": "label", "frameworks": "label", **wording}.items()
            if name in tables
        }
        labels["findings"] = {
            row["finding_id"]: finding_in_words(row)
            for row in compute_findings(self.collection).to_dict("records")
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
        whole = judged.merge(elements, on="element_id", how="left", validate="many_to_one")
        if self._members is None or self._members.lens is None:
            return whole
        other = whole["coder"] != self._members.lens.coder  # those that figures count come first
        return whole.iloc[other.argsort(kind="stable")]

    @cached_property
    def _by_pair(self) -> dict[tuple[str, str], list[dict[Any, Any]]]:
        """Return the judgements of each element and concept."""
        found: dict[tuple[str, str], list[dict[Any, Any]]] = {}
        for row in self._judgements.to_dict("records"):
            found.setdefault((row["element_id"], row["concept_id"]), []).append(row)
        return found

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
        return {e: f"{page_name('frameworks', f)}.html#{e}" for e, f in self._owners.items()}

    @cached_property
    def _owners(self) -> dict[str, str]:
        """Return the framework of each element."""
        elements = self.collection.elements
        return dict(zip(elements["element_id"], elements["framework_id"], strict=True))

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
        row, works = self._cells[table][row_id][0], self.collection.bibliography
        kind, title, lead = _headings(table, row, self._labels, row_id, works)
        facts = self._facts(table, row_id)
        sections = _SECTIONS[table](self, row_id, row)
        sections += self._closing(table, row_id, facts, sections)
        name = page_name(table, row_id)
        return Entry(
            name,
            kind,
            title,
            lead,
            facts,
            tuple(s for s in sections if s.rows or s.sentences),
            citation(self.collection, title, name),
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
                facts.append((column.title, Cell(self._labelled(column.name, value))))
        return tuple(facts)

    def _labelled(self, column: str, value: str) -> str:
        """Return a cell with the labels of its terms, where a vocabulary gives any."""
        terms = self._vocabularies.get(column)
        return "; ".join(map(terms.label, terms_of(value))) if terms else value

    def _closing(
        self,
        table: str,
        row_id: str,
        facts: Sequence[tuple[str, Cell]],
        sections: Sequence[Section],
    ) -> list[Section]:
        """Return the sections that every page ends with."""
        row, _ = self._cells[table][row_id]
        missing = [f"{title}: {_MISSING[c.text]}" for title, c in facts if c.text in _MISSING]
        missing += [
            f"{self._labels['studies'].get(s.key, s.key)}: no page or place is named."
            for s in _sources(row.get("source", ""))
            if not s.locator
        ]
        mend = [_MEND] if missing else []
        if table == "concepts" and self._voids.get(row_id, ""):
            missing.append(_VOIDS[self._voids[row_id]])
            mend.append(_ADD)
        if table == "crosswalk" and not self._others(row):
            missing.append("Nobody else has judged whether this element names this concept.")
            mend = [_MEND]
        named = {cell.href for s in sections for cells in s.rows for cell in cells}
        wrong = [
            line
            for key, lines in self._corrected.items()
            if f"{page_name('studies', key)}.html" in named or (table, row_id) == ("studies", key)
            for line in lines
        ]
        moved = self._moved.get(f"{table}:{row_id}", [])
        whole = ("Nothing that its row asks for.",)
        right = ("None is recorded for the works named here.",)
        head = ("Work", "Field", "As printed", "Corrected", "Why")
        return [
            Section("Figures it moves", rows=tuple((cell,) for cell in moved)),
            Section("Corrections", () if wrong else right, head, tuple(wrong)),
            Section("What is missing here", (*missing, *mend) or whole),
            Section("What changed", self._since(table, row_id)),
        ]

    def _since(self, table: str, row_id: str) -> tuple[str, ...]:
        if self.changes is None:
            return ("No earlier version is at hand; relnotes site --since VERSION compares.",)
        said = self._changed.get((table, row_id), [f"Nothing since version {self.changes.before}."])
        return tuple(dict.fromkeys(said))

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
                citation(self.collection, title, name),
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
    def _members(self) -> Memberships | None:
        if self.collection.crosswalk.empty:
            return None
        return Memberships.from_crosswalk(self.collection)

    @cached_property
    def _named(self) -> dict[str, str]:
        """Return how many frameworks name each concept, and how many voices they are."""
        if self._members is None:
            return {}
        said = {}
        for concept, group in self._members.rows.groupby("item"):
            voices = compute_independence(self.collection, group["set"], group["element_id"])
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
        return [*sections, Section("Findings of the works behind it", rows=tuple(measured))]

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
            fingerprint(self._members, row_id, lambda concept: self._link("concepts", concept)),
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
        known = self._references
        return [
            Section("Reference", rows=((self._reference(row_id),),) if row_id in known else ()),
            Section("What rests on it", (), ("Table", "Row"), tuple(resting)),
            Section("Its findings", rows=tuple((self._link("findings", i),) for i in measured)),
        ]

    def _others(self, row: Mapping[str, str]) -> tuple[tuple[Cell, ...], ...]:
        """Return what other coders said of the same element and concept."""
        same = self._by_pair[row["element_id"], row["concept_id"]]
        return tuple(
            (Cell(str(r["coder"])), Cell(f"{r['relation']}, {r['basis']}",
             address(self.collection, "crosswalk", r["row_id"])), Cell(str(r["reason"])))
            for r in same if r["coder"] != row["coder"]
        )  # fmt: skip

    def _judgement(self, row_id: str, row: Mapping[str, str]) -> list[Section]:
        element = self.collection.row("elements", str(row["element_id"]))
        concept = self.collection.row("concepts", str(row["concept_id"]))
        others = self._others(row)
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
        found = str(self._labels["findings"].get(row_id, row["outcome"]))
        return [
            Section("What was found", (f"{found[:1].upper()}{found[1:]}.",)),
            self._referred(row["key"], [row["source"]]),
        ]

    def _reference(self, key: str) -> Cell:
        return Cell(plain_reference(self._references[key]), html=self._references[key])

    def _referred(self, cell: object, cells: Iterable[object] = ()) -> Section:
        """Return the formatted references of all works that source cells name."""
        keys = dict.fromkeys(s.key for c in (cell, *cells) for s in _sources(str(c)))
        known = [k for k in keys if k in self._references]
        rows = tuple(
            (self._reference(k),
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

_ADD: Final = "To add evidence: relnotes new framework, new claim, new study or new finding."

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
    table: str,
    row: Mapping[str, str],
    labels: Mapping[str, Mapping[str, str]],
    row_id: str,
    works: Bibliography,
) -> tuple[str, str, str]:
    """Return what kind of row it is, its title, and the sentence below it."""
    if table == "crosswalk":
        concept = labels["concepts"][str(row["concept_id"])]
        title = f"‘{row['element_wording']}’ and {concept}"
        return "judgement", title, f"{row['relation']}, {row['basis']}: {row['reason']}"
    if table == "studies":
        return "work", labels["studies"][row_id], works[row_id].title if row_id in works else ""
    if table == "findings":
        who = labels["studies"].get(str(row["key"]), str(row["key"]))
        return "finding", f"{who}: {row['outcome']}", str(row["comparison"])
    if table == "claims":
        statement = str(row["statement"])
        title = shortened(statement, 60)
        return "claim", title, str(row["strength"]) if title == statement else statement
    kind, lead = {"concepts": ("concept", "definition"), "frameworks": ("framework", "kind")}[table]
    return kind, str(row["label"]), str(row[lead])


def _sources(cell: str) -> tuple[Any, ...]:
    if cell in _UNKNOWN or not cell:
        return ()
    try:
        return parse_sources(cell)
    except SourceFormError:
        return ()
