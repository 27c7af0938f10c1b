"""The collection: tables and bibliography opened together, checked and typed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from relnotes.evidence.bibliography import Bibliography
from relnotes.evidence.card import NamedTables, Tables, card, card_html
from relnotes.evidence.faults import CollectionError, Fault
from relnotes.evidence.folder import Evidence
from relnotes.evidence.near import UnknownNameError
from relnotes.evidence.part import rows_of_part
from relnotes.evidence.rules import check_evidence
from relnotes.evidence.schema import DESCRIPTOR, NO_CONCEPT, Field, Schema, Table, house_schema
from relnotes.evidence.tables import empty_frame, row_ids
from relnotes.evidence.tracing import Trace, trace
from relnotes.evidence.vocabulary import Measure, Vocabulary, measures, vocabulary

DATA_VARIABLE = "RELNOTES_DATA"
"""Environment variable that names the folder of another collection."""

PACKAGED = Path(__file__).parents[1] / "data"
"""The house tables inside an installed package; nothing is ever written there."""


@dataclass(frozen=True, eq=False, repr=False)
class Collection(NamedTables):
    """An evidence base: its tables, its bibliography and where they came from.

    A table is handed out as a copy, so that what was computed from the
    collection stays true whatever is done to it: ``collection["elements"]``.
    Other rows make another collection: see `replacing` and `only`.

    Attributes
    ----------
    schema : Schema
        The declarations of the tables.
    tables : mapping of str to DataFrame
        Table name to rows. Text columns keep the words for empty; integer and
        number columns have missing values there, and `empties` says which
        word stood in the cell.
    bibliography : Bibliography
        The works, by citation key.
    root : Path or None
        Folder of the tables; None for a collection made in memory.
    """

    schema: Schema
    tables: Mapping[str, pd.DataFrame]
    bibliography: Bibliography = field(default_factory=Bibliography)
    root: Path | None = None
    words: Mapping[str, Mapping[str, pd.Series[str]]] = field(default_factory=dict, repr=False)
    """Table, column and cells of the number columns as written."""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What `only` was asked for, where this is a part of a collection."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tables", Tables(self.tables))

    def __repr__(self) -> str:
        return card(self)

    def _repr_html_(self) -> str:
        return card_html(self)

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]

    def __iter__(self) -> Iterator[str]:
        return iter(self.tables)

    def __len__(self) -> int:
        return len(self.tables)

    @classmethod
    def of(
        cls,
        tables: Mapping[str, pd.DataFrame],
        *,
        bibliography: Bibliography | None = None,
        schema: Schema | None = None,
    ) -> Collection:
        """Make a collection in memory, without checking it.

        Parameters
        ----------
        tables : mapping of str to DataFrame
            Table name to rows; absent tables and columns are empty.
        bibliography : Bibliography, optional
            The works; none by default.
        schema : Schema, optional
            The declarations; the house schema by default.

        Examples
        --------
        >>> import pandas as pd
        >>> one = Collection.of({"concepts": pd.DataFrame({"concept_id": ["trust"]})})
        >>> one.concepts["concept_id"].tolist(), len(one.elements)
        (['trust'], 0)
        """
        schema = schema or house_schema()
        frames, words = {}, {}
        for name, table in schema.tables.items():
            given = tables.get(name, empty_frame(table)).reset_index(drop=True)
            text = pd.DataFrame(
                {
                    c: given[c].astype("str").where(given[c].notna(), "")
                    if c in given
                    else pd.Series(table.absent_values.get(c, ""), index=given.index, dtype="str")
                    for c in table.columns
                },
                index=given.index,
            )
            frames[name], words[name] = _typed(text, table)
        return cls(schema, frames, bibliography or Bibliography(), None, words)

    @classmethod
    def from_evidence(cls, evidence: Evidence, root: Path | None = None) -> Collection:
        """Type the tables of checked evidence."""
        frames, words = {}, {}
        for table in evidence.tables():
            text = evidence.frame(table.name).reset_index(drop=True)
            frames[table.name], words[table.name] = _typed(text, table)
        return cls(evidence.schema, frames, evidence.bibliography, root, words)

    @property
    def title(self) -> str:
        """Title of the collection, as its descriptor gives it."""
        return self.schema.title or (self.root.name if self.root else "Untitled collection")

    @property
    def version(self) -> str:
        """Version of the collection, as its descriptor gives it."""
        return self.schema.version or "unversioned"

    @property
    def citation(self) -> str:
        """How to name the collection beside a figure."""
        whole = f"{self.title}, {self.version}"
        return f"{whole} (only {self.part})" if self.part else whole

    @property
    def part(self) -> str:
        """Which part of a collection this is, in words; empty for a whole one.

        Examples
        --------
        >>> open_collection().only(setting=["probation", "youth justice"]).part
        'setting probation or youth justice'
        """
        return ", ".join(
            f"{column.removesuffix('_id')} {' or '.join(values)}".replace("_", " ")
            for column, values in self.chosen
        )

    @property
    def page(self) -> str:
        """Citation key of the source page; empty when there is none."""
        return self.schema.page

    @property
    def codebook(self) -> pd.DataFrame:
        """The concepts that an element can name: all but the one that stands for none."""
        return self._derived["codebook"].copy(deep=False)

    @property
    def relations(self) -> pd.DataFrame:
        """The judgements that relate an element to a concept of the codebook."""
        return self._derived["relations"].copy(deep=False)

    @property
    def studies(self) -> pd.DataFrame:
        """What each work of the bibliography is, with the ``year`` that its entry gives."""
        return self._derived["studies"].copy(deep=False)

    @cached_property
    def _derived(self) -> Mapping[str, pd.DataFrame]:
        studies = self.tables["studies"]
        works = [self.bibliography.get(key) for key in studies["key"]]
        years = pd.array([work.year if work else None for work in works], dtype="Int64")
        return {
            "studies": studies.assign(year=years),
            **{
                name: frame[frame["concept_id"] != NO_CONCEPT].reset_index(drop=True)
                for name, frame in (("codebook", self.concepts), ("relations", self.crosswalk))
            },
        }

    def vocabulary(self, name: str) -> Vocabulary:
        """Return one list of terms, such as ``setting``; empty where none is kept.

        Examples
        --------
        >>> open_collection().vocabulary("setting").takes("probation", "probation; youth justice")
        True
        """
        return vocabulary(self.vocabularies, name)

    @cached_property
    def report_of(self) -> Mapping[str, str]:
        """For each work, the cell that names the main report of its study."""
        return self._cells_of_works("report_of")

    @cached_property
    def overlaps_with(self) -> Mapping[str, str]:
        """For each work, the cell that names works which share some of its studies."""
        return self._cells_of_works("overlaps_with")

    @cached_property
    def publisher(self) -> Mapping[str, str]:
        """For each work, the cell that names its publisher."""
        return self._cells_of_works("publisher")

    def _cells_of_works(self, column: str) -> Mapping[str, str]:
        studies = self.tables["studies"]
        return dict(zip(studies["key"], studies[column], strict=True))

    @cached_property
    def measures(self) -> Mapping[str, Measure]:
        """The kinds of number that findings can have, by name."""
        return measures(self.schema, self.vocabularies)

    def replacing(self, **tables: pd.DataFrame) -> Collection:
        """Return a copy with other rows in some tables, unchecked; this one stays as it is.

        Parameters
        ----------
        **tables : DataFrame
            Table name and its new rows.

        Examples
        --------
        >>> collection = open_collection()
        >>> fewer = collection.replacing(claims=collection.claims.head(0))
        >>> len(fewer.claims), len(fewer.concepts) == len(collection.concepts)
        (0, True)
        """
        made = Collection.of(tables, schema=self.schema)
        return Collection(
            self.schema,
            {**self.tables, **{name: made.tables[name] for name in tables}},
            self.bibliography,
            self.root,
            {**self.words, **{name: made.words[name] for name in tables}},
            self.chosen,
        )

    def only(
        self, *, frameworks: str | Iterable[str] = (), **values: str | Iterable[str]
    ) -> Collection:
        """Return a part of the collection, which says in its figures that it is one.

        Rows that point to a row left out are left out too: elements with their framework, and
        judgements with their element. Concepts stay, so that what the part lacks can be seen.

        Parameters
        ----------
        frameworks : str or iterable of str
            Ids of the frameworks to keep.
        **values : str or iterable of str
            Column and the values to keep, in frameworks and works: ``setting="probation"``. A
            term takes its narrower ones with it, and a cell of several terms counts for each.

        Raises
        ------
        UnknownNameError
            If there is no such framework, column or value; the message says what comes near.

        Examples
        --------
        >>> part = open_collection().only(frameworks="ideas")
        >>> len(part.frameworks), set(part.elements["framework_id"])
        (1, {'ideas'})
        """
        given = {"framework_id": frameworks, **values} if frameworks else values
        chosen = {c: (v,) if isinstance(v, str) else tuple(v) for c, v in given.items()}
        kept = rows_of_part(self, chosen)
        return replace(
            self,
            tables={n: frame[kept[n]].reset_index(drop=True) for n, frame in self.tables.items()},
            words={
                name: {c: cells[kept[name]].reset_index(drop=True) for c, cells in columns.items()}
                for name, columns in self.words.items()
            },
            chosen=(*self.chosen, *chosen.items()),
        )

    def empties(self, table: str) -> pd.DataFrame:
        """Return which word for empty stands in each cell of a table.

        Parameters
        ----------
        table : str
            Name of the table.

        Returns
        -------
        DataFrame
            Of the table's shape; the word where the cell is empty, else "".
        """
        frame = self.tables[table]
        declared = self.schema.table(table)
        cells = frame.astype("str").assign(**self.words[table])
        return cells.where(cells.isin(list(declared.empty_words)), "")

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over all tables and the bibliography.

        It changes when a value changes, and not with line ends, quoting or
        the order of columns in a file.
        """
        digest = hashlib.sha256()
        for name in sorted(self.tables):
            text = self.tables[name].assign(**self.words[name])
            digest.update(name.encode())
            digest.update(text.to_csv(index=False, lineterminator="\n").encode())
        for key in sorted(self.bibliography):
            work = self.bibliography[key]
            digest.update(repr((key, work.kind, sorted(work.fields.items()))).encode())
        return digest.hexdigest()

    def row(self, table: str, row_id: str) -> pd.Series[str]:
        """Return one row by its id.

        Parameters
        ----------
        table : str
            Name of the table.
        row_id : str
            Key of the row; several key parts are joined by ``/``.

        Raises
        ------
        KeyError
            If there is no such table or row; the message says what comes near.
        """
        found = self.rows(table, [row_id])
        if found.empty:
            raise UnknownNameError(f"The table {table} has no row", row_id, self.row_ids(table))
        return found.iloc[0]

    def rows(self, table: str, row_ids: list[str]) -> pd.DataFrame:
        """Return the rows with the given ids, in the order of the table."""
        frame = self.tables[table]
        return frame[self.row_ids(table).isin(row_ids).to_numpy()]

    def row_ids(self, table: str) -> pd.Series[str]:
        """Return the id of every row of a table; key parts joined by ``/``."""
        return row_ids(self.tables[table], self.schema.table(table))

    def trace(self, row_id: str) -> Trace:
        """Follow an id to its rows, sources, references and passages.

        Parameters
        ----------
        row_id : str
            Id of any row, ``table:id``, a citation key, or a figure's name
            and mark as ``figure:mark``.

        Returns
        -------
        Trace
            What stands behind the id; shows itself in a notebook.

        Raises
        ------
        KeyError
            If nothing has that id; the message names the nearest ones.
        """
        return trace(self, row_id)


def _typed(text: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, dict[str, pd.Series[str]]]:
    numbers = [f for f in table.fields if f.type in ("integer", "number")]
    words = {f.name: text[f.name] for f in numbers}
    return text.assign(**{f.name: _numbers(words[f.name], f) for f in numbers}), words


def _numbers(cells: pd.Series[str], column: Field) -> pd.Series[Any]:
    numbers: pd.Series[Any] = pd.to_numeric(cells, errors="coerce").astype("Float64")
    return numbers.astype("Int64") if column.type == "integer" else numbers


def find_folder(path: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder of the tables.

    Parameters
    ----------
    path : path-like, optional
        A folder of tables, or one that holds them in ``data``. Without it the
        environment variable RELNOTES_DATA is asked, then the current folder
        and those above it.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    CollectionError
        If there is no collection there.
    """
    given = path if path is not None else os.environ.get(DATA_VARIABLE) or None
    if given is not None:
        folder = Path(given).expanduser()
        for candidate in (folder, folder / "data"):
            if _holds_tables(candidate):
                return candidate
        raise CollectionError([_no_collection(str(folder))])
    here = Path.cwd()
    for above in (here, *here.parents):
        if (above / "data" / DESCRIPTOR).is_file():
            return above / "data"
        if (above / DESCRIPTOR).is_file():
            return above
    for house in (Path(__file__).parents[3] / "data", PACKAGED):
        if (house / DESCRIPTOR).is_file():
            return house
    raise CollectionError([_no_collection(str(here))])


def _holds_tables(folder: Path) -> bool:
    names = [DESCRIPTOR, *(t.path for t in house_schema().tables.values() if t.core)]
    return any((folder / name).is_file() for name in names)


def _no_collection(where: str) -> Fault:
    return Fault(
        "no_collection",
        where,
        "There is no collection here.",
        f"Name a folder that holds {DESCRIPTOR} or the tables, set {DATA_VARIABLE}, or start one "
        "with relnotes init.",
    )


def open_collection(path: str | os.PathLike[str] | None = None) -> Collection:
    """Open a collection: read its tables and bibliography, check them, type them.

    Parameters
    ----------
    path : path-like, optional
        As for `find_folder`: without it the nearest collection above the current folder.

    Returns
    -------
    Collection
        Complete: there is no partly opened collection.

    Raises
    ------
    CollectionError
        If anything is wrong that would make results wrong; it lists every
        fault, with file, line, column, value and mend.

    Examples
    --------
    >>> collection = open_collection()
    >>> collection.frameworks.columns[0]
    'framework_id'
    """
    folder = find_folder(path)
    evidence = Evidence.read(folder)
    if any(f.severity == "error" for f in check_evidence(evidence, stages=["opening"])):
        raise CollectionError(check_evidence(evidence))
    return Collection.from_evidence(evidence, folder)


def check_collection(path: str | os.PathLike[str] | None = None) -> tuple[Fault, ...]:
    """Run every rule on a collection and return all errors and notices, in reading order.

    Parameters
    ----------
    path : path-like, optional
        As for `find_folder`.
    """
    try:
        return check_evidence(Evidence.read(find_folder(path)))
    except CollectionError as error:
        return error.faults
