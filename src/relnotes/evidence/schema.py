"""The declaration of the tables: one Data Package descriptor, read once."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import re2

from relnotes.evidence.disk import leads_out
from relnotes.evidence.faults import CollectionError, Fault, shortened

DESCRIPTOR = "datapackage.json"
NOT_CODED = "not_coded"
"""The word for a cell that nobody has looked into yet."""
NO_CONCEPT = "no-concept"
"""Id of the concept that stands for none: what an element names is not in the codebook."""


@dataclass(frozen=True)
class Field:
    """A declared column.

    Attributes
    ----------
    name, title, description, example, example_bad : str
        What the column is called and holds, with a good and a bad value.
    type : str
        ``string``, ``integer`` or ``number``.
    required : bool
        Whether every row must hold a value; otherwise one of the three words
        for empty may stand there.
    blank : bool
        Whether the cell may also be left blank.
    optional : bool
        Whether the column may be absent: it then reads as not_coded, or as
        blank where that is allowed.
    many : bool
        Whether the cell is a list separated by ``;``.
    enum : tuple of str
        The allowed values; empty where any value is allowed.
    pattern : str
        Regular expression a value must match as a whole; may be empty.
    max_length : int
        Longest value in characters; 0 for no limit.
    minimum, maximum : float or None
        Limits of a number.
    guard : str
        Name of the id column that this human-readable column guards.
    holds : str
        ``source`` for source cells, ``citation`` for citation keys, else empty.
    vocabulary : str
        Name of the list whose terms stand in the cells, several separated by ``;``.
    """

    name: str
    type: str = "string"
    title: str = ""
    description: str = ""
    example: str = ""
    example_bad: str = ""
    required: bool = False
    blank: bool = False
    optional: bool = False
    many: bool = False
    enum: tuple[str, ...] = ()
    pattern: str = ""
    max_length: int = 0
    minimum: float | None = None
    maximum: float | None = None
    guard: str = ""
    holds: str = ""
    vocabulary: str = ""


@dataclass(frozen=True)
class ForeignKey:
    """A column whose values are ids of another table (or of the same one)."""

    field: str
    table: str
    target: str


@dataclass(frozen=True)
class Table:
    """A declared table: its file, columns and keys."""

    name: str
    path: str
    title: str
    description: str
    core: bool
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    empty_words: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in their declared order."""
        return [f.name for f in self.fields]

    def field(self, name: str) -> Field:
        """Return the declared column `name`.

        Raises
        ------
        KeyError
            If the table declares no such column.
        """
        for f in self.fields:
            if f.name == name:
                return f
        raise KeyError(name)

    @property
    def absent_values(self) -> dict[str, str]:
        """What an optional column reads as where a file does not have it."""
        return {f.name: "" if f.blank else NOT_CODED for f in self.fields if f.optional}

    def column_of(self, holds: str) -> tuple[Field, ...]:
        """Return the columns that hold a kind of thing, such as ``source``."""
        return tuple(f for f in self.fields if f.holds == holds)


@dataclass(frozen=True)
class Schema:
    """The declaration of a collection: its title, page and tables."""

    tables: Mapping[str, Table]
    promised: frozenset[str]
    """Names of the tables whose files must be there."""
    name: str = ""
    title: str = ""
    description: str = ""
    version: str = ""
    bibliography: str = "references.bib"
    page: str = ""
    coding: str = ""
    """Name of the coding that figures use; empty where none is chosen."""
    homepage: str = ""
    """Where the site of the collection stands on the web; empty where nobody said so."""

    def table(self, name: str) -> Table:
        """Return the declaration of the table `name`."""
        return self.tables[name]


def house_descriptor() -> dict[str, Any]:
    """Return the house descriptor as it stands in its file."""
    packaged = Path(__file__).parents[1] / "data" / DESCRIPTOR
    path = packaged if packaged.is_file() else Path(__file__).parents[3] / "data" / DESCRIPTOR
    return dict(json.loads(path.read_text(encoding="utf-8")))


@functools.cache
def house_schema() -> Schema:
    """Return the schema that every collection shares.

    A folder without a descriptor of its own is read by this one; only the
    core tables are then promised.

    Examples
    --------
    >>> house_schema().table("concepts").primary_key
    ('concept_id',)
    >>> sorted(house_schema().promised)
    ['concepts', 'crosswalk', 'elements', 'frameworks', 'studies']
    """
    content = house_descriptor()
    tables = {r["name"]: _table(r) for r in content["resources"]}
    return Schema(tables=tables, promised=frozenset(n for n, t in tables.items() if t.core))


def read_schema(folder: Path) -> Schema:
    """Read the descriptor of a collection, or fall back on the house schema.

    Parameters
    ----------
    folder : Path
        The folder of the tables.

    Returns
    -------
    Schema
        The collection's own declarations, with the house tables it does not
        mention added as tables that may be absent.

    Raises
    ------
    CollectionError
        If the descriptor is not a readable Data Package or lacks columns that
        the house tables must have.
    """
    path = folder / DESCRIPTOR
    house = house_schema()
    if not path.is_file():
        return house

    def refuse(message: str, mend: str, line: int = 0, value: str = "") -> CollectionError:
        return CollectionError([_misdeclared(message, mend, line=line, value=value)])

    if leads_out(path, folder):
        raise refuse("A link leads out of the collection.", "Put the file itself here.")
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise refuse("The descriptor is not UTF-8.", "Save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        conflict = b"\n<<<<<<< " in b"\n" + path.read_bytes()
        raise refuse(
            "A git merge left a conflict in the descriptor."
            if conflict
            else f"The descriptor is not JSON: {error.msg}.",
            "Mend the text at this line.",
            line=error.lineno,
        ) from error
    except (RecursionError, ValueError) as error:  # of a number with thousands of figures
        raise refuse(
            "The descriptor is nested too deeply, or a number in it is too long.",
            "Restore it from the house copy.",
        ) from error
    try:
        tables = [_completed(_table(r), house) for r in content["resources"]]
        _refuse_twice("name", [t.name for t in tables])
        own = {t.name: t for t in tables}
        scalars = {
            key: str(content.get(key, ""))
            for key in ("name", "title", "description", "version", "page", "coding", "homepage")
        }
        bibliography = str(content.get("bibliography", "references.bib"))
        _refuse_twice("file", [bibliography, *(str(Path(t.path)) for t in tables)])
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise refuse(
            "The descriptor does not have the form of a Data Package with table schemas.",
            "Compare it with the descriptor of the house collection.",
            value=f"{type(error).__name__}: {error}",
        ) from error
    faults = _missing_declarations(own, house)
    message = "A declared path leads out of the collection's folder or to a hidden file."
    mend = "Keep every table and the bibliography inside the folder."
    paths = [bibliography, *(t.path for t in own.values())]
    faults += [_misdeclared(message, mend, value=p) for p in paths if not _is_own_path(p)]
    faults += _undeclared_columns({**house.tables, **own})
    if faults:
        raise CollectionError(faults)
    return Schema(
        bibliography=bibliography,
        tables={**house.tables, **own},
        promised=frozenset(own),
        **scalars,
    )


def _misdeclared(
    message: str, mend: str, line: int = 0, column: str = "", value: str = ""
) -> Fault:
    return Fault("descriptor_form", DESCRIPTOR, message, mend, line, column, "", value)


def _refuse_twice(what: str, names: Sequence[str]) -> None:
    if twice := [name for i, name in enumerate(names) if name in names[:i]]:
        raise ValueError(f"the {what} ‘{shortened(twice[0])}’ is declared twice")


def _is_own_path(text: str) -> bool:
    """Whether a declared path names a plain file inside the folder; a write may touch it."""
    path = Path(text)
    return (
        bool(path.parts)
        and not path.is_absolute()
        and not any(part.startswith(".") for part in path.parts)
        and path.name != DESCRIPTOR
        and not any(c in "\\:" or not c.isprintable() for c in text)
    )


def _undeclared_columns(tables: Mapping[str, Table]) -> list[Fault]:
    """Return a fault for every key or guard that names a column nobody declares."""
    named = [
        (place, name, column)
        for t in tables.values()
        for place, name, column in [
            *(("primary key", t.name, c) for c in t.primary_key or ("",)),
            *(("foreign key", t.name, k.field) for k in t.foreign_keys),
            *(("foreign key", k.table, k.target) for k in t.foreign_keys),
            *(("guard", t.name, f.guard) for f in t.fields if f.guard),
        ]
    ]
    return [
        _misdeclared(
            f"A {place} names a column that the table {name} does not declare.",
            "Name a declared column, or copy the declaration from the house descriptor.",
            column=column,
            value=f"{name}.{column}",
        )
        for place, name, column in named
        if name not in tables or column not in tables[name].columns
    ]


def _completed(table: Table, house: Schema) -> Table:
    """Return a table with the optional house columns and vocabularies it does not declare."""
    declared = house.tables.get(table.name)
    if declared is None:
        return table
    lists = {f.name: f.vocabulary for f in declared.fields}
    own = tuple(
        f if f.vocabulary else replace(f, vocabulary=lists.get(f.name, "")) for f in table.fields
    )
    more = tuple(f for f in declared.fields if f.optional and f.name not in table.columns)
    return replace(table, fields=own + more)


def _missing_declarations(own: Mapping[str, Table], house: Schema) -> list[Fault]:
    faults, mend = [], "Copy its declaration from the house descriptor."
    for name, table in house.tables.items():
        if name not in own:
            if table.core:
                faults.append(_misdeclared(f"The table {name} is not declared.", mend, value=name))
            continue
        for column in table.columns:
            if column not in own[name].columns and not table.field(column).optional:
                message = f"The table {name} does not declare the column {column}."
                faults.append(_misdeclared(message, mend, column=column, value=name))
    return faults


def _table(resource: Mapping[str, Any]) -> Table:
    schema = resource["schema"]
    keys = schema.get("primaryKey", [])
    empty = {
        str(m["value"]): str(m.get("label", ""))
        for m in schema.get("missingValues", [])
        if isinstance(m, dict) and m["value"] != ""
    }
    fields = tuple(_field(f) for f in schema["fields"])
    _refuse_twice("column", [f.name for f in fields])
    return Table(
        name=str(resource["name"]),
        path=str(resource["path"]),
        title=str(resource.get("title", resource["name"])),
        description=str(resource.get("description", "")),
        core=bool(resource.get("core", False)),
        fields=fields,
        primary_key=(keys,) if isinstance(keys, str) else tuple(keys),
        foreign_keys=tuple(
            _foreign_key(k, resource["name"]) for k in schema.get("foreignKeys", [])
        ),
        empty_words=empty,
    )


@functools.cache
def form(pattern: str) -> Any:
    """Return a declared pattern, compiled by an engine that is linear whatever it is asked.

    Descriptors come from strangers, and some patterns take the standard library's engine years.

    Raises
    ------
    ValueError
        If the engine knows no such pattern.
    """
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        raise ValueError(f"the pattern ‘{shortened(pattern)}’ cannot be used") from error


def _field(content: Mapping[str, Any]) -> Field:
    constraints = content.get("constraints", {})
    pattern = str(constraints.get("pattern", ""))
    form(pattern)
    return Field(
        name=str(content["name"]),
        type=str(content.get("type", "string")),
        title=str(content.get("title", content["name"])),
        description=str(content.get("description", "")),
        example=str(content.get("example", "")),
        example_bad=str(content.get("example_bad", "")),
        required=bool(constraints.get("required", False)),
        blank=bool(content.get("blank", False)),
        optional=bool(content.get("optional", False)),
        many=bool(content.get("many", False)),
        enum=tuple(str(v) for v in constraints.get("enum", ())),
        pattern=pattern,
        max_length=int(constraints.get("maxLength", 0)),
        minimum=_number(constraints.get("minimum")),
        maximum=_number(constraints.get("maximum")),
        guard=str(content.get("guard", "")),
        holds=str(content.get("holds", "")),
        vocabulary=str(content.get("vocabulary", "")),
    )


def _number(limit: Any) -> float | None:
    return None if limit is None else float(limit)


def _foreign_key(content: Mapping[str, Any], table: str) -> ForeignKey:
    def single(value: Any) -> str:
        return str(value if isinstance(value, str) else value[0])

    reference = content["reference"]
    return ForeignKey(
        field=single(content["fields"]),
        table=str(reference.get("resource") or table),
        target=single(reference["fields"]),
    )


def bibliography_path(folder: Path, schema: Schema) -> Path:
    """Return where the bibliography stands: in the folder, else beside it as references.bib."""
    inside = folder / schema.bibliography
    beside = folder.parent / "references.bib"
    elsewhere = schema.bibliography == beside.name and not inside.is_file() and beside.is_file()
    return beside if elsewhere else inside
