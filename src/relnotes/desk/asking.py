"""New rows by hand, asked for field by field.

Every answer is judged by the rules of the collection as it is given, on the row as far as it
stands, so that what is refused at the end of a check is refused at the question.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import pandas as pd

from relnotes.desk.forms import FORMS, REFERENCE, record_of_form, wrong_reference_part
from relnotes.desk.guards import labels_for
from relnotes.desk.ids import NAMING, named_rows, next_id, proposed_id
from relnotes.desk.settling import MADE_CODINGS
from relnotes.desk.staging import stage
from relnotes.desk.store import Draft, State, drafted, with_lexical_rows
from relnotes.evidence.faults import Fault, shortened
from relnotes.evidence.rules import check_evidence
from relnotes.evidence.schema import NOT_CODED, Field, Table
from relnotes.evidence.sources import cited_keys
from relnotes.evidence.tables import row_ids
from relnotes.evidence.vocabulary import DIRECTION_ONLY, EMPTIES, terms_of
from relnotes.evidence.wording import terms_standing_in

MOST_OFFERED = 40
"""Values that are shown at a question; of more, those that hold what is typed before a ``?``."""


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
        if len(self.meanings) > MOST_OFFERED:
            lines.append(f"  {len(self.meanings)} are in use; a part of one and ? shows them.")
        elif self.meanings:
            lines.append("  One of:" if self.choices else "  In use:")
            lines += [
                f"    {value}  {meaning}".rstrip() for value, meaning in self.meanings.items()
            ]
        elif self.choices:
            lines.append(f"  One of: {', '.join(self.choices)}")
        if self.example:
            lines.append(f"  Example: {self.example}")
        if self.suggestion:
            lines.append(f"  Nothing typed means: {self.suggestion}")
        elif self.optional:
            lines.append("  Type nothing if there is none.")
        return "\n".join(lines)

    def shown(self, part: str) -> list[str]:
        """Return the lines of the values that hold a part of what is looked for."""
        lines = (f"    {value}  {meaning}".rstrip() for value, meaning in self.meanings.items())
        return [line for line in lines if part.casefold() in line.casefold()]

    def looked_up(self, part: str) -> Question:
        """Return the question with the values that hold a part of what is looked for."""
        lines = self.shown(part)
        more = [f"    … and {len(lines) - MOST_OFFERED} more"] if len(lines) > MOST_OFFERED else []
        found = [*lines[:MOST_OFFERED], *more] or [f"Nothing in use holds ‘{part}’."]
        return replace(self, refusal="\n".join(found))


Answer = Callable[[Question], str]
"""Puts a question to a person and returns what they typed."""


def ask(what: str, answer: Answer, state: State, coder: str = "") -> Draft:
    """Ask for a new row of a kind, and for what belongs to it.

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
        Who judges; asked for where it is needed and not given.

    Returns
    -------
    Draft
        The rows and entries, for `preview` and `write`.

    Raises
    ------
    KeyError
        If nothing of that name can be added.
    """
    asking = _Asking(state, answer, coder)
    kinds = {
        "framework": asking.framework,
        "element": asking.element,
        "judgement": asking.judgement,
        "claim": asking.claim,
        "study": asking.work,
    }
    if what in kinds:
        kinds[what]()
    else:
        asking.row(FORMS[what][0])
    draft = asking.draft
    if {"elements", "crosswalk", "concepts"} & {*draft.rows}:
        draft = with_lexical_rows(state, draft)
    return replace(draft, base=state.digest)


_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass
class _Asking:
    """Rows being asked for, against a collection."""

    state: State
    answer: Answer
    coder: str
    draft: Draft = field(default_factory=Draft)

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table as it would be with the rows given so far."""
        return drafted(self.state, self.draft).frame(name)

    def row(
        self, name: str, given: Mapping[str, str] | None = None, like: Mapping[str, str] = _NOTHING
    ) -> dict[str, str]:
        """Ask for a row of a table, column by column, and put it into the draft.

        `given` is not asked for; `like` is what an empty answer stands for, by column.
        """
        table = self.state.schema.table(name)
        row = dict(given or {})
        for column in self.in_order(table):
            if column.name in row:
                continue
            if column.guard:
                row[column.name] = self.label(table, column, row)
                continue
            question = self.question(table, column, row)
            question = replace(question, suggestion=like.get(column.name, question.suggestion))
            row[column.name] = self.cell(table, column, row, question)
        self.put(name, row)
        return {column: row[column] for column in table.columns}

    def in_order(self, table: Table) -> list[Field]:
        """Return the columns as they are asked: an id made of a name comes after the name."""
        key, *more = table.primary_key
        naming = [n for n in NAMING if n in table.columns]
        if more or not naming or next_id(self.state, table):
            return list(table.fields)
        named = [f for f in table.fields if f.name in naming]
        rest = [f for f in table.fields if f not in named and f.name != key]
        return [*named, table.field(key), *rest]

    def cell(
        self, table: Table, column: Field, row: Mapping[str, str], question: Question
    ) -> str:  # fmt: skip
        """Ask for one cell until the rules accept it."""
        while True:
            typed = " ".join(self.answer(question).split())
            if typed.endswith("?") and question.meanings:
                question = question.looked_up(typed[:-1].strip())
                continue
            typed = listed(column, typed) or question.suggestion
            if not typed and question.optional:
                return ""
            if not typed:
                question = replace(question, refusal="A value is needed.")
                continue
            said = {**row, column.name: typed}
            complaints = self.taken(table, column, said) or self.complaints(table, said)
            if complaints:
                complaints -= self.complaints(table, row)
            if not complaints:
                return typed
            first = min(complaints, key=lambda f: (f.column != column.name, f.message))
            question = replace(question, refusal=f"{first.message} {first.mend}")

    def question(self, table: Table, column: Field, row: Mapping[str, str]) -> Question:
        words = () if column.required else tuple(table.empty_words)
        choices = column.enum + words if column.enum else ()
        key = next((k for k in table.foreign_keys if k.field == column.name), None)
        suggestion = "" if column.required or column.blank else NOT_CODED
        if key is not None:
            frame = self.frame(key.table)
            choices, meanings = tuple(frame[key.target]) + words, named_rows(frame, key.target)
        else:
            meanings = {} if choices else self.in_use(table, column)
        if table.primary_key == (column.name,):
            suggestion = proposed_id(self.state, table, row, ())
        elif column.name == "estimate" and row.get("measure") == DIRECTION_ONLY:
            suggestion = "not_reported"  # so the codebook says
        return Question(column.name, column.title, column.description, column.example, choices,
                        suggestion, column.blank, meanings=meanings)  # fmt: skip

    def in_use(self, table: Table, column: Field) -> dict[str, str]:
        """Return the values a column may take up, with what is known of each."""
        if column.holds:
            works = self.state.evidence().bibliography.values()
            return {w.key: shortened(f"{w.author_year}: {w.title}") for w in works}
        cells = self.state.frame(table.name)[column.name]
        counts = cells[~cells.isin(["", *table.empty_words])].value_counts()
        if not column.vocabulary:
            names = column.type == "string" and 0 < len(counts) <= MOST_OFFERED
            repeated = names and counts.iloc[0] > 1
            return {str(v): f"({n})" for v, n in counts.items()} if repeated else {}
        used = Counter(term for cell in cells for term in terms_of(cell))
        declared = self.state.frame("vocabularies")
        declared = declared[declared["list"] == column.vocabulary]
        told = declared["definition"].mask(declared["definition"].isin(EMPTIES), "")
        said = dict(zip(declared["term"], told, strict=True))
        known = [*(term for term, _ in used.most_common()), *(t for t in said if t not in used)]
        often = {t: f"({used[t]}) " if t in used else "" for t in known}
        return {t: f"{often[t]}{said.get(t, '')}" for t in known}

    def taken(self, table: Table, column: Field, row: Mapping[str, str]) -> set[Fault]:
        """Say whether the id that an answer makes is another row's, or was."""
        if column.name not in table.primary_key:
            return set()
        row_id = "/".join(row.get(c, NOT_CODED) for c in table.primary_key)
        retired = self.state.frame("retired")
        gone = ((retired["table"] == table.name) & (retired["id"] == row_id)).any()
        if not gone and row_id not in set(row_ids(self.frame(table.name), table)):
            return set()
        return {Fault("duplicate_id", table.path, f"The id is {'retired' if gone else 'in use'}.",
                      "Choose another.", column=column.name)}  # fmt: skip

    def complaints(self, table: Table, row: Mapping[str, str]) -> set[Fault]:
        """Return what the rules say about the answered cells of an unfinished row."""
        unfinished = {c: row.get(c, NOT_CODED) for c in table.columns}
        row_id = "/".join(unfinished[c] for c in table.primary_key)
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
        return str(labels_for(self.frame(key.table), column.name, key)[row[key.field]])

    def with_row(self, name: str, row: Mapping[str, str]) -> Draft:
        """Return the draft with a row, in the place of the one with its id."""
        table = self.state.schema.table(name)
        new = pd.DataFrame([row], columns=table.columns, dtype="str")
        before = self.draft.rows.get(name, new.iloc[:0])
        others = before[~row_ids(before, table).isin(row_ids(new, table)).to_numpy()]
        put = pd.concat([others, new], ignore_index=True)
        return replace(self.draft, rows={**self.draft.rows, name: put})

    def put(self, name: str, row: Mapping[str, str]) -> None:
        self.draft = self.with_row(name, row)

    def several(self, title: str, description: str, taken: set[str]) -> Iterator[str]:
        """Ask for concepts, each once, until nothing is typed."""
        frame = self.state.frame("concepts")
        choices = tuple(frame["concept_id"])
        question = Question("concept_id", title, description, choices=choices, optional=True,
                            meanings=named_rows(frame, "concept_id"))  # fmt: skip
        asked = question
        while typed := self.answer(asked).strip():
            if typed.endswith("?"):
                asked = question.looked_up(typed[:-1].strip())
                continue
            if typed not in choices or typed in taken:
                said = "is named already" if typed in taken else "is not one of them"
                asked = replace(question, refusal=f"‘{typed}’ {said}.")
                continue
            taken.add(typed)
            asked = question
            yield typed

    # --------------------------------------------------------- frameworks and judgements

    def framework(self) -> None:
        """Ask for a framework, then for its elements until none is named."""
        row = self.row("frameworks")
        if row["completeness"] == "named_only":
            return
        like = {"layer": "not_applicable", "source": row["source"], "certainty": row["certainty"]}
        for number in range(1, 100):
            element = self.element_of(row, number, like)
            if element is None:
                break
            like = {column: element[column] for column in like}
            self.judgements(element)
        self.settle_completeness(row)

    def element(self) -> None:
        """Ask for one more element of a framework that is there."""
        table = self.state.schema.table("elements")
        column = table.field("framework_id")
        framework_id = self.cell(table, column, {}, self.question(table, column, {}))
        frameworks, elements = self.state.frame("frameworks"), self.state.frame("elements")
        row = only_row(frameworks, "framework_id", framework_id)
        mine = elements[elements["framework_id"] == framework_id]
        last = mine.iloc[-1] if len(mine) else {"layer": "not_applicable", **row}
        like = {c: str(last[c]) for c in ("layer", "source", "certainty")}
        taken = pd.to_numeric(mine["number"], errors="coerce").max()
        element = self.element_of(row, int(taken) + 1 if taken > 0 else 1, like)
        if element is not None:
            self.judgements(element)
            self.settle_completeness(row)

    def element_of(
        self, framework: Mapping[str, str], number: int, like: Mapping[str, str]
    ) -> dict[str, str] | None:  # fmt: skip
        """Ask for an element of a framework; none where nothing is typed."""
        table = self.state.schema.table("elements")
        column = table.field("wording")
        identity = framework["framework_id"]
        given = {"element_id": f"{identity}-{number:02d}", "framework_id": identity,
                 "framework_label": framework["short_label"], "number": str(number)}  # fmt: skip
        question = Question("wording", f"Element {number}", column.description, column.example,
                            optional=True)  # fmt: skip
        wording = self.cell(table, column, given, question)
        return self.row("elements", {**given, "wording": wording}, like) if wording else None

    def settle_completeness(self, framework: Mapping[str, str]) -> None:
        """Ask once more how many elements there are, where those named say otherwise."""
        table, row = self.state.schema.table("frameworks"), dict(framework)
        while wrong := [
            f
            for f in check_evidence(drafted(self.state, self.draft).evidence())
            if (f.rule, f.id) == ("completeness_agrees", row["framework_id"])
        ]:
            for name in ("stated_count", "completeness"):
                question = self.question(table, table.field(name), row)
                said = f"{wrong[0].message} The set is called {row['completeness']}."
                question = replace(question, refusal=said, suggestion=row[name])
                row[name] = self.cell(table, table.field(name), row, question)
            self.put("frameworks", row)

    def judgement(self) -> None:
        """Ask which element is judged, then for its concepts."""
        table = self.state.schema.table("crosswalk")
        column = table.field("element_id")
        judged = self.cell(table, column, {}, self.question(table, column, {}))
        self.judgements(only_row(self.state.frame("elements"), "element_id", judged))

    def judgements(self, element: Mapping[str, str]) -> None:
        """Ask which concepts an element is related to, until none is named."""
        self.coder = self.coder or self.who()
        concepts = self.state.frame("concepts").set_index("concept_id")
        crosswalk = self.state.frame("crosswalk")
        mine = (crosswalk["element_id"] == element["element_id"]) & (
            crosswalk["coder"] == self.coder
        )
        taken = {*crosswalk["concept_id"][mine]}
        for concept in self.several("Concept", "A concept that the element is related to.", taken):
            terms = str(concepts.at[concept, "terms"]).split(";")
            named = terms_standing_in(terms, element["wording"])
            self.row("crosswalk", {
                "element_id": element["element_id"],
                "concept_id": concept,
                "basis": "explicit" if named else "interpreted",
                "coder": self.coder,
            })  # fmt: skip

    def who(self) -> str:
        """Ask who judges."""
        column = self.state.schema.table("crosswalk").field("coder")
        coders = self.state.frame("crosswalk")["coder"].value_counts()
        known = {str(c): f"({n})" for c, n in coders.items() if c not in MADE_CODINGS}
        question = Question("coder", "Coder", "Who judges: your name, as it is to stand beside "
                            "each judgement.", meanings=known)  # fmt: skip
        while True:
            typed = " ".join(self.answer(question).split())
            if typed not in MADE_CODINGS and re.fullmatch(column.pattern, typed):
                return typed
            question = replace(question, refusal="Write a person's name, without / and ;.")

    def claim(self) -> None:
        """Ask for a claim and the concepts that it bears on, until none is named."""
        claim = self.row("claims")
        for concept in self.several("Concept", "A concept that the claim bears on.", set()):
            self.row("claim_concepts", {"claim_id": claim["claim_id"], "concept_id": concept})

    # ------------------------------------------------------------------------- a work

    def work(self) -> None:
        """Ask for a work: its reference first, then how it is coded."""
        said: dict[str, str] = {}
        for column in REFERENCE:
            question = Question(column.name, column.title, column.description, column.example,
                                column.enum, optional=not column.required)  # fmt: skip
            said[column.name] = self.reference_part(column, question)
        staging = stage([record_of_form(said)], self.state)
        (staged,) = staging.works
        rows = {name: frame for name, frame in staging.draft.rows.items() if name != "studies"}
        self.draft = Draft(rows, {}, staging.draft.entries)
        table = self.state.schema.table("studies")
        source = table.field("source")
        asked = Question("source", source.title, source.description, source.example,
                         suggestion=staged.key)  # fmt: skip
        given = dict(staged.row)
        coded = [f.name for f in table.fields if given[f.name] == NOT_CODED or f.blank]
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


def only_row(frame: pd.DataFrame, column: str, value: str) -> dict[str, str]:
    """Return the row of a table that has an id."""
    (row,) = frame[frame[column] == value].to_dict("records")
    return {str(name): str(cell) for name, cell in row.items()}


def listed(column: Field, typed: str) -> str:
    """Return an answer as its cell has it: the parts of a list without spaces around them."""
    return ";".join(p.strip() for p in typed.split(";")) if column.many else typed


_LATER = frozenset({
    # What only rows that are asked for later can mend.
    "element_unjudged", "completeness_agrees", "concept_alone", "example_belongs",
    "element_number", "lexical_current", "row_order",
})  # fmt: skip
