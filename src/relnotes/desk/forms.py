"""New rows by hand: asked for field by field, or filled into a form.

Every answer is judged by the rules of the collection as it is given, on the row as far as it
stands, so that what is refused at the end of a check is refused at the question.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from relnotes.desk.formats.records import Person, Record
from relnotes.desk.guards import labels_for
from relnotes.desk.ids import named_rows, next_id
from relnotes.desk.settling import ADJUDICATED
from relnotes.desk.staging import stage
from relnotes.desk.store import Draft, State, drafted, table_bytes, with_lexical_rows
from relnotes.desk.workbooks import table_workbook
from relnotes.evidence.collection import Collection
from relnotes.evidence.faults import Fault
from relnotes.evidence.lexical import LEXICAL
from relnotes.evidence.rules import check_evidence
from relnotes.evidence.rules.works import isbn_is_valid
from relnotes.evidence.schema import Field, Table
from relnotes.evidence.sources import cited_keys
from relnotes.evidence.tables import empty_frame, row_ids
from relnotes.evidence.wording import terms_standing_in

FORMS: Mapping[str, tuple[str, ...]] = {
    "framework": ("frameworks", "elements", "crosswalk"),
    "claim": ("claims", "claim_concepts"),
    "finding": ("findings",),
    "study": ("studies",),
    "concept": ("concepts",),
    "correction": ("corrections",),
    "event": ("events",),
}
"""What can be added by hand, and the tables it takes."""

READING = "reading"
"""Coder of the judgements where neither the person nor the collection names one."""


@dataclass(frozen=True)
class Question:
    """One thing to ask a person.

    Attributes
    ----------
    name, title, description, example : str
        The column: its name, what to call it, what it holds and an example.
    choices : tuple of str
        The values to choose from; empty where any is allowed.
    suggestion : str
        What an empty answer stands for; empty where it stands for nothing.
    optional : bool
        Whether an empty answer is an answer: it ends a series, or leaves the cell blank.
    refusal : str
        Why the answer before was refused; empty at the first asking.
    meanings : mapping of str to str
        What a choice stands for, or how often a value in use stands there.
    """

    name: str
    title: str
    description: str
    example: str = ""
    choices: tuple[str, ...] = ()
    suggestion: str = ""
    optional: bool = False
    refusal: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        lines = [self.refusal] if self.refusal else []
        lines.append(f"{self.title}: {self.description}")
        if self.choices and not self.meanings and len(self.choices) <= 60:
            lines.append(f"  One of: {', '.join(self.choices)}")
        elif self.meanings and len(self.meanings) <= 60:
            lines.append("  One of:" if self.choices else "  In use:")
            lines += [f"    {value}  {meaning}" for value, meaning in self.meanings.items()]
        if self.example:
            lines.append(f"  Example: {self.example}")
        if self.suggestion:
            lines.append(f"  Nothing typed means: {self.suggestion}")
        elif self.optional:
            lines.append("  Type nothing if there is none.")
        return "\n".join(lines)


Answer = Callable[[Question], str]
"""Puts a question to a person and returns what they typed."""


def form_bytes(collection: Collection, what: str) -> bytes:
    """Return an empty workbook to fill in, with drop-downs and guidance; `merge` reads it.

    Parameters
    ----------
    collection : Collection
        Gives the declarations and the ids to choose from.
    what : str
        One of `FORMS`.

    Raises
    ------
    KeyError
        If there is no such form.
    """
    tables = {name: empty_frame(collection.schema.table(name)) for name in FORMS[what]}
    columns = collection.schema.table(FORMS[what][0]).columns
    more = [f for f in REFERENCE if f.name not in columns] if what == "study" else []
    return table_workbook(collection, tables, {}, more=more)


def form_csv(table: Table) -> bytes:
    """Return the header of a table as a CSV file to fill in."""
    return table_bytes(empty_frame(table), table)


def ask(what: str, answer: Answer, state: State, coder: str = "") -> Draft:
    """Ask for a new framework, claim, finding, study, concept, correction or event.

    Parameters
    ----------
    what : str
        One of `FORMS`.
    answer : callable
        Puts a `Question` to a person and returns the answer; it is asked again, with the
        refusal, until the rules accept it. Whatever it raises ends the asking.
    state : State
        The collection as it is, from `read_state`.
    coder : str
        Who judges; without it, whoever judged most in the collection.

    Returns
    -------
    Draft
        The rows and entries, for `preview` and `write`.

    Raises
    ------
    KeyError
        If nothing of that name can be added.
    """
    table, *_ = FORMS[what]
    asking = _Asking(state, answer, coder or usual_coder(state))
    if what == "study":
        asking.work()
    else:
        row = asking.row(table)
        if what == "framework":
            asking.elements(row)
        if what == "claim":
            asking.claim_concepts(row)
    draft = asking.draft
    if what in ("framework", "concept"):
        draft = with_lexical_rows(state, draft)
    return replace(draft, base=state.digest)


def usual_coder(state: State) -> str:
    """Return the person who judged most in a collection."""
    coders = state.frame("crosswalk")["coder"]
    if state.schema.coding:
        return state.schema.coding
    people = coders[~coders.isin([LEXICAL, ADJUDICATED])].value_counts()
    return str(people.index[0]) if len(people) else READING


@dataclass
class _Asking:
    """Rows being asked for, against a collection."""

    state: State
    answer: Answer
    coder: str
    draft: Draft = field(default_factory=Draft)

    def row(self, name: str, given: Mapping[str, str] | None = None) -> dict[str, str]:
        """Ask for a row of a table, column by column, and put it into the draft."""
        table = self.state.schema.table(name)
        row = dict(given or {})
        for column in table.fields:
            if column.name in row:
                continue
            if column.guard:
                row[column.name] = self.label(table, column, row)
                continue
            row[column.name] = self.cell(table, column, row)
        self.put(name, row)
        return row

    def cell(self, table: Table, column: Field, row: Mapping[str, str]) -> str:
        """Ask for one cell until the rules accept it."""
        question = self.question(table, column)
        while True:
            typed = " ".join(self.answer(question).split()) or question.suggestion
            if not typed and not column.blank:
                question = replace(question, refusal="A value is needed.")
                continue
            complaints = self.complaints(table, {**row, column.name: typed})
            if complaints:
                complaints -= self.complaints(table, row)
            if not complaints:
                return typed
            first = min(complaints, key=lambda f: (f.column != column.name, f.message))
            question = replace(question, refusal=f"{first.message} {first.mend}")

    def question(self, table: Table, column: Field) -> Question:
        words = () if column.required else tuple(table.empty_words)
        choices = column.enum + words if column.enum else ()
        meanings: dict[str, str] = {}
        for key in table.foreign_keys:
            if key.field == column.name:
                frame = drafted(self.state, self.draft).frame(key.table)
                choices = tuple(frame[key.target]) + words
                meanings = named_rows(frame, key.target)
        suggestion = "" if column.required or column.blank else "not_coded"
        if table.primary_key == (column.name,):
            suggestion = next_id(self.state, table)
        elif not choices and not column.holds:
            meanings = self.in_use(table, column)
        return Question(column.name, column.title, column.description, column.example, choices,
                        suggestion, column.blank, meanings=meanings)  # fmt: skip

    def in_use(self, table: Table, column: Field) -> dict[str, str]:
        """Return the values that a column repeats, with what the vocabulary says of each."""
        cells = self.state.frame(table.name)[column.name]
        counts = cells[~cells.isin(["", *table.empty_words])].value_counts()
        if not len(counts) or len(counts) > 40 or counts.iloc[0] < 2:
            return {}
        said = {}
        if "vocabularies" in self.state.schema.tables:
            terms = self.state.frame("vocabularies")
            said = dict(zip(terms["term"], terms["definition"], strict=True))
        return {str(v): f"({n}) {said.get(str(v), '')}".rstrip() for v, n in counts.items()}

    def complaints(self, table: Table, row: Mapping[str, str]) -> set[Fault]:
        """Return what the rules say about the answered cells of an unfinished row."""
        unfinished = {c: row.get(c, "not_coded") for c in table.columns}
        row_id = "/".join(unfinished[c] for c in table.primary_key)
        if row_id in set(row_ids(drafted(self.state, self.draft).frame(table.name), table)):
            return {Fault("duplicate_id", table.path, "The id is in use.", "Choose another.",
                          column=table.primary_key[0])}  # fmt: skip
        retired = self.state.frame("retired")
        if ((retired["table"] == table.name) & (retired["id"] == row_id)).any():
            return {Fault("retired_id", table.path, "The id is retired.", "Choose another.",
                          column=table.primary_key[0])}  # fmt: skip
        evidence = drafted(self.state, self.with_row(table.name, unfinished)).evidence()
        return {
            replace(f, line=0)
            for f in check_evidence(evidence)
            if (f.file, f.id) == (table.path, row_id)
            and f.column in row
            and f.rule not in _LATER
            and f.severity == "error"
        }

    def label(self, table: Table, column: Field, row: Mapping[str, str]) -> str:
        """Return what stands for the id beside a column."""
        key = next(k for k in table.foreign_keys if k.field == column.guard)
        frame = drafted(self.state, self.draft).frame(key.table)
        return str(labels_for(frame, column.name, key)[row[key.field]])

    def with_row(self, name: str, row: Mapping[str, str]) -> Draft:
        columns = self.state.schema.table(name).columns
        new = pd.DataFrame([row], columns=columns, dtype="str")
        before = self.draft.rows.get(name)
        put = new if before is None else pd.concat([before, new], ignore_index=True)
        return replace(self.draft, rows={**self.draft.rows, name: put})

    def put(self, name: str, row: Mapping[str, str]) -> None:
        self.draft = self.with_row(name, row)

    # ----------------------------------------------------------------- what belongs to it

    def elements(self, framework: Mapping[str, str]) -> None:
        """Ask for the elements of a framework, and for their concepts, until none is named."""
        if framework["completeness"] == "named_only":
            return
        declared = self.state.schema.table("elements").field("wording")
        for number in range(1, 100):
            asked = Question("wording", f"Element {number}", declared.description,
                             declared.example, optional=True)  # fmt: skip
            wording = " ".join(self.answer(asked).split())
            while len(wording) > declared.max_length > 0:
                asked = replace(asked, refusal=f"At most {declared.max_length} characters.")
                wording = " ".join(self.answer(asked).split())
            if not wording:
                return
            identity = framework["framework_id"]
            given = {
                "element_id": f"{identity}-{number:02d}",
                "framework_id": identity,
                "number": str(number),
                "wording": wording,
            }
            self.judgements(self.row("elements", given))

    def judgements(self, element: Mapping[str, str]) -> None:
        """Ask which concepts an element is related to, until none is named."""
        concepts = self.state.frame("concepts").set_index("concept_id")
        for concept in self.several("concept_id", "Concept", "A concept that the element "
                                    "is related to.", "concepts"):  # fmt: skip
            terms = str(concepts.at[concept, "terms"]).split(";")
            named = terms_standing_in(terms, element["wording"])
            self.row("crosswalk", {
                "element_id": element["element_id"],
                "concept_id": concept,
                "basis": "explicit" if named else "interpreted",
                "coder": self.coder,
            })  # fmt: skip

    def claim_concepts(self, claim: Mapping[str, str]) -> None:
        """Ask which concepts a claim bears on, until none is named."""
        for concept in self.several("concept_id", "Concept", "A concept that the claim bears on.",
                                    "concepts"):  # fmt: skip
            self.row("claim_concepts", {"claim_id": claim["claim_id"], "concept_id": concept})

    def several(self, name: str, title: str, description: str, table: str) -> Iterator[str]:
        """Ask for ids of a table, each once, until nothing is typed."""
        frame = self.state.frame(table)
        choices = tuple(frame[name])
        asked = Question(name, title, description, choices=choices, optional=True,
                         meanings=named_rows(frame, name))  # fmt: skip
        named: list[str] = []
        while typed := self.answer(asked).strip():
            if typed not in choices or typed in named:
                said = "is named already" if typed in named else "is not one of them"
                asked = replace(asked, refusal=f"‘{typed}’ {said}.")
                continue
            named.append(typed)
            asked = replace(asked, refusal="")
            yield typed

    # ------------------------------------------------------------------------- a work

    def work(self) -> None:
        """Ask for a work: its reference first, then how it is coded."""
        said: dict[str, str] = {}
        for column in REFERENCE:
            question = Question(column.name, column.title, column.description, column.example,
                                column.enum, optional=not column.required)  # fmt: skip
            said[column.name] = self.reference_part(column, question)
        (staged,) = stage([record_of_form(said)], self.state).works
        found = stage([record_of_form(said)], self.state).draft
        rows = {name: frame for name, frame in found.rows.items() if name != "studies"}
        self.draft = Draft(rows, {}, found.entries)
        table = self.state.schema.table("studies")
        source = table.field("source")
        asked = Question("source", source.title, source.description, source.example,
                         suggestion=staged.key)  # fmt: skip
        given = dict(staged.row)
        coded = [f.name for f in table.fields if given[f.name] == "not_coded" or f.blank]
        for name in coded:
            del given[name]
        known = set(drafted(self.state, self.draft).evidence().bibliography)
        given["source"] = self.answer(asked).strip() or staged.key
        while not (cited := cited_keys(given["source"], "source")) or not set(cited) <= known:
            refusal = "Write it as key[place]; every key is in the bibliography."
            given["source"] = self.answer(replace(asked, refusal=refusal)).strip() or staged.key
        self.row("studies", given)

    def reference_part(self, column: Field, question: Question) -> str:
        """Ask for a part of a reference until it has its form."""
        while True:
            typed = " ".join(self.answer(question).split())
            wrong = wrong_reference_part(column, typed)
            if not wrong:
                return typed
            question = replace(question, refusal=wrong)


def wrong_reference_part(column: Field, typed: str) -> str:
    """Return what is wrong with a part of a reference; empty if nothing is."""
    if not typed:
        return "A value is needed." if column.required else ""
    if column.enum and typed not in column.enum:
        return f"Choose one of the list: {', '.join(column.enum)}."
    if column.pattern and not re.fullmatch(column.pattern, typed):
        return f"Write it like {column.example}."
    if column.name == "isbn" and not isbn_is_valid(typed):
        return "The length or the check digit is wrong."
    return ""


_LATER = frozenset({
    # What only rows that are asked for later can mend.
    "element_unjudged", "completeness_agrees", "concept_alone", "example_belongs",
    "element_number", "lexical_current", "row_order",
})  # fmt: skip

REFERENCE = (
    Field("kind", title="Kind", description="What sort of publication it is.", required=True,
          example="article",
          enum=("article", "book", "chapter", "report", "thesis", "conference", "online", "other")),
    Field("title", title="Title", description="As it is printed.", required=True,
          example="Trust in supervision"),
    Field("authors", title="Authors", description="Family name, comma, given names; several "
          "separated by ;. A body is written without a comma.",
          example="Dominey, Jane; HM Inspectorate of Probation"),
    Field("year", title="Year", description="Year of publication.", example="2022",
          pattern=r"(1[5-9]|20)\d\d"),
    Field("container", title="Published in", description="Journal, or book of a chapter.",
          example="Probation Journal"),
    Field("publisher", title="Publisher", description="Publisher or institution.",
          example="Routledge"),
    Field("volume", title="Volume", description="Volume of the journal.", example="69"),
    Field("issue", title="Issue", description="Issue of the volume.", example="4"),
    Field("pages", title="Pages", description="First and last page.", example="417-433",
          pattern=r"[A-Za-z]*\d+(-[A-Za-z]*\d+)?"),
    Field("doi", title="DOI", description="Without an address before it.",
          example="10.1177/0264550513478320", pattern=r"10\.\d{4,9}(\.\d+)*/[^\s{}\\]+"),
    Field("isbn", title="ISBN", description="With ten or thirteen digits.",
          example="978-0-306-40615-7"),
    Field("url", title="Address", description="Where it can be read.",
          example="https://example.org/report", pattern=r"https?://[^\s/$.?#{}\\][^\s{}\\]*"),
)  # fmt: skip


def record_of_form(said: Mapping[str, str]) -> Record:
    """Return a work as a person says it, in the parts of `REFERENCE`."""
    first, _, last = said["pages"].partition("-")
    return Record(
        source="typed in", position=1, line=None, kind=said["kind"] or "other",  # type: ignore[arg-type]
        title=said["title"], authors=tuple(_people(said["authors"])),
        year=int(said["year"]) if said["year"] else None, container=said["container"],
        publisher=said["publisher"], volume=said["volume"], issue=said["issue"],
        pages=(first, last), doi=said["doi"].lower(),
        isbn=(said["isbn"],) if said["isbn"] else (), url=said["url"],
    )  # fmt: skip


def _people(text: str) -> Iterator[Person]:
    for name in (part.strip() for part in text.split(";")):
        family, comma, given = name.partition(",")
        if name:
            yield Person(family.strip(), given.strip(), corporate=not comma)
