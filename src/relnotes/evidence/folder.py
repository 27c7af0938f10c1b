"""Evidence: the files of a collection as read, before anything is believed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from relnotes.evidence.bibliography import Bibliography
from relnotes.evidence.bibtex import read_bibliography
from relnotes.evidence.faults import Fault, shortened
from relnotes.evidence.journal import read_contents
from relnotes.evidence.schema import (
    Schema,
    Table,
    house_schema,
)
from relnotes.evidence.tables import (
    TableFile,
    empty_frame,
    missing_table_file,
    read_table_bytes,
)


@dataclass
class Evidence:
    """All files of a collection, with what was noticed while reading them.

    Attributes
    ----------
    schema : Schema
        The declarations the files are read by.
    files : mapping of str to TableFile
        Table name to its file.
    bibliography : Bibliography
        The works that could be read.
    bibliography_faults : list of Fault
        What could not be read of the bibliography.
    """

    schema: Schema
    files: Mapping[str, TableFile]
    bibliography: Bibliography
    bibliography_faults: list[Fault] = field(default_factory=list)
    _distinct: dict[tuple[str, str], list[str]] = field(default_factory=dict, repr=False)

    @classmethod
    def read(cls, folder: Path) -> Evidence:
        """Read the tables in `folder` and the bibliography in it or beside it.

        Raises
        ------
        CollectionError
            If the descriptor itself cannot be read.
        """
        schema, contents = read_contents(folder)
        return cls.of_contents(contents, schema)

    @classmethod
    def of_texts(cls, texts: Mapping[str, str], schema: Schema | None = None) -> Evidence:
        """Read a collection from texts held in memory, as `of_contents` does from bytes."""
        contents = {name: text.encode("utf-8", "surrogateescape") for name, text in texts.items()}
        return cls.of_contents(contents, schema or house_schema())

    @classmethod
    def of_contents(cls, contents: Mapping[str, bytes], schema: Schema) -> Evidence:
        """Read a collection from file contents held in memory.

        Parameters
        ----------
        contents : mapping of str to bytes
            File name to content; a promised table that is absent is missing, another is empty.
        schema : Schema
            The declarations.
        """
        files = {}
        for name, table in schema.tables.items():
            if table.path in contents:
                files[name] = read_table_bytes(contents[table.path], table)
            elif name in schema.promised:
                files[name] = missing_table_file(table)
            else:
                files[name] = empty_table_file(table)
        file = schema.bibliography
        bibliography, faults = read_bibliography(contents.get(file), file)
        return cls(schema, files, bibliography, faults)

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table as text, indexed by line; without rows if unreadable."""
        found = self.files[name].frame
        return empty_frame(self.schema.table(name)) if found is None else found

    def whole(self, name: str) -> bool:
        """Whether every row of the table could be read.

        A rule that says something is *missing* asks this first: a row that
        could not be read is not a missing row.
        """
        return self.files[name].whole

    @cached_property
    def bibliography_whole(self) -> bool:
        """Whether every entry of the bibliography could be read."""
        return not self.bibliography_faults

    def ids(self, table: str, column: str) -> set[str]:
        """Return the values of a column as a set."""
        return set(self.distinct(table, column))

    def distinct(self, table: str, column: str) -> list[str]:
        """Return the distinct cells of a column, in the order they first stand in it."""
        if (table, column) not in self._distinct:
            self._distinct[table, column] = list(self.frame(table)[column].unique())
        return self._distinct[table, column]

    def cells_among(self, table: Table, column: str, wanted: Collection[str]) -> pd.Series[str]:
        """Return the cells that hold one of the wanted values, indexed by line."""
        cells = self.frame(table.name)[column]
        return cells[cells.isin(list(wanted))] if wanted else cells.iloc[:0]

    def distinct_values(self, table: Table, column: str) -> list[str]:
        """Return the distinct cells of a column that hold a value."""
        empty = {*table.empty_words, ""}
        return [v for v in self.distinct(table.name, column) if v not in empty]

    def row_id(self, table: str, line: int) -> str:
        """Return the key of the row on a line; parts joined by ``/``."""
        row = self.frame(table).loc[line]
        return "/".join(str(row[c]) for c in self.schema.table(table).primary_key)

    def tables(self) -> list[Table]:
        """Return the declared tables."""
        return list(self.schema.tables.values())

    def values(self, table: Table, column: str) -> pd.Series[str]:
        """Return the cells of a column that hold a value, indexed by line."""
        cells = self.frame(table.name)[column]
        return cells[~cells.isin([*table.empty_words, ""])]

    def fault(
        self,
        table: Table,
        column: str,
        line: int,
        message: str,
        mend: str,
        value: str | None = None,
    ) -> Fault:
        """Return a fault of one row; its value is the cell's unless another is named."""
        line = int(line)  # a frame gives it as a number that JSON does not know
        shown = str(self.frame(table.name).at[line, column]) if value is None else value
        return Fault(
            "", table.path, message, mend,
            line=line, column=column, id=self.row_id(table.name, line), value=shortened(shown),
        )  # fmt: skip

    def faults_where(
        self,
        table: Table,
        column: str,
        cells: pd.Series[str],
        message: str | Callable[[str], str],
        mend: str | Callable[[str], str],
    ) -> Iterator[Fault]:
        """Yield one fault for each of the given cells.

        Parameters
        ----------
        cells : Series of str
            The wrong cells of the column, indexed by line.
        message, mend : str or callable
            The words, or what makes them from the value.
        """
        for line, value in zip(cells.index, cells, strict=True):
            said, help_ = (w if isinstance(w, str) else w(value) for w in (message, mend))
            yield self.fault(table, column, line, said, help_, value)


def empty_table_file(table: Table) -> TableFile:
    """Return a table that nobody promised and that is not there."""
    return TableFile(table, frame=empty_frame(table))
