"""The collection as one workbook: a sheet per table, drop-downs, guidance on the headings."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from relnotes.analysis.overlap.lens import Strictness, strictness_of
from relnotes.evidence.collection import Collection
from relnotes.evidence.faults import CollectionError, Fault
from relnotes.evidence.schema import Field, Table

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

LONGEST_CELL = 32_767
"""Characters a cell of a workbook can hold."""

MOST_ROWS = 1_000_000
"""Rows a sheet of a workbook can hold, with some room for new ones."""

ROOM_FOR_NEW_ROWS = 500
"""Rows below the last one that have the drop-downs too."""

BASE_SHEET = "relnotes"
"""Hidden sheet that keeps the values as exported, so that edits can be told from them."""

BASE_HEADING = "relnotes workbook, form 1"
"""What stands in the first cell of the hidden sheet."""

# Not the day of export: the same collection gives the same bytes.
_CREATED = datetime(2020, 1, 1)


def text_frame(collection: Collection, table: str) -> pd.DataFrame:
    """Return a table with every cell as its file has it."""
    return collection.tables[table].assign(**collection.words.get(table, {})).astype("str")


# ---------------------------------------------------------------------------- workbook


def workbook_bytes(collection: Collection) -> bytes:
    """Return the collection as an Excel workbook.

    A sheet for each table, with frozen headers, guidance on each column and drop-downs for
    declared values and for ids; then views to read: a matrix of frameworks and concepts for
    each coding, the elements with their concepts, and the works. No text is ever a formula.

    Parameters
    ----------
    collection : Collection
        What to export.

    Returns
    -------
    bytes
        The .xlsx file; the same collection gives the same bytes.

    Raises
    ------
    CollectionError
        If a value is longer than a cell can be, or a table has more rows than a sheet.
    """
    frames = {name: text_frame(collection, name) for name in collection.schema.tables}
    return table_workbook(collection, frames, _views(collection))


def table_workbook(
    collection: Collection,
    frames: Mapping[str, pd.DataFrame],
    views: Mapping[str, pd.DataFrame],
    *,
    base: Mapping[str, pd.DataFrame] | None = None,
    more: Sequence[Field] = (),
) -> bytes:
    """Return a workbook of some tables that can be edited and merged back.

    Parameters
    ----------
    collection : Collection
        Gives the declarations and the ids to choose from.
    frames : mapping of str to DataFrame
        Table name to rows as text: all of its rows, or none for a form to fill in.
    views : mapping of str to DataFrame
        Sheet name to a table to be read only.
    base : mapping of str to DataFrame, optional
        The rows that nobody has to send back; those of `frames` if not given.
    more : sequence of Field
        Columns to fill in behind those of the first table, blank.
    """
    import xlsxwriter  # noqa: PLC0415  (only when exporting)

    faults = [
        fault
        for name, frame in frames.items()
        for fault in _too_large(collection.schema.table(name), frame)
    ]
    if faults:
        raise CollectionError(faults)
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as workbook:
        workbook.set_properties({"title": collection.title, "created": _CREATED})
        formats = _Formats(workbook)
        _write_read_me(workbook, collection, formats)
        sheets = {name: workbook.add_worksheet(name) for name in frames}
        lists = _Lists(collection)
        for i, (name, sheet) in enumerate(sheets.items()):
            table = collection.schema.table(name)
            frame = frames[name]
            if more and not i:
                table = replace(table, fields=(*table.fields, *more))
                frame = frame.reindex(columns=table.columns, fill_value="")
            _write_table(sheet, table, frame, formats, lists)
        for name, view in views.items():
            _write_view(workbook.add_worksheet(name), view, formats)
        lists.write(workbook.add_worksheet("lists"))
        _write_base(workbook.add_worksheet(BASE_SHEET), collection,
                    frames if base is None else base)  # fmt: skip
    return file.getvalue()


def packed_base(frames: Mapping[str, pd.DataFrame]) -> str:
    """Return tables as one text of plain letters; the reverse of `unpacked_base`.

    Examples
    --------
    >>> frame = pd.DataFrame({"id": ["a"], "word": ["é"]}, dtype="str")
    >>> unpacked_base(packed_base({"t": frame}), 1000)["t"].to_dict("list")
    {'id': ['a'], 'word': ['é']}
    """
    tables = {name: frame.to_dict("split", index=False) for name, frame in frames.items()}
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(text.encode("utf-8"), 9)).decode("ascii")


def unpacked_base(packed: str, most: int) -> dict[str, pd.DataFrame]:
    """Return the tables packed by `packed_base`.

    Parameters
    ----------
    packed : str
        The text.
    most : int
        Bytes it may unfold to.

    Raises
    ------
    ValueError
        If it was not made by `packed_base`, or unfolds to more.
    """
    try:
        unfolding = zlib.decompressobj()
        content = unfolding.decompress(base64.b64decode(packed, validate=True), most)
        if unfolding.unconsumed_tail or not unfolding.eof:
            raise ValueError("it is cut short or unfolds to more than it may")
        return {
            str(name): pd.DataFrame(table["data"], columns=table["columns"], dtype="str")
            for name, table in json.loads(content).items()
        }
    except (zlib.error, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it cannot be unfolded: {error}") from error


def _too_large(table: Table, frame: pd.DataFrame) -> Iterable[Fault]:
    if len(frame) > MOST_ROWS:
        yield Fault("too_large", table.path, f"The table has {len(frame):,} rows.",
                    f"A sheet holds {MOST_ROWS:,}; use the SQLite file.")  # fmt: skip
    for column in frame.columns:
        for value in frame[column][frame[column].str.len() > LONGEST_CELL]:
            yield Fault("too_large", table.path, f"The value has {len(value):,} characters.",
                        f"A cell holds {LONGEST_CELL:,}; use the SQLite file.",
                        column=column, value=value)  # fmt: skip


class _Formats:
    """The looks of a workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        shared = {"valign": "top", "font_name": "Calibri", "font_size": 11}
        self.header: Format = workbook.add_format(
            {**shared, "bold": True, "bg_color": "#DDE5EC", "bottom": 1, "num_format": "@"}
        )
        self.text: Format = workbook.add_format({**shared, "text_wrap": True, "num_format": "@"})
        # Excel keeps such a text a text when somebody edits the cell beside it.
        self.quoted: Format = workbook.add_format(
            {**shared, "text_wrap": True, "num_format": "@", "quote_prefix": True}
        )
        self.number: Format = workbook.add_format({**shared, "num_format": "General"})

    def of(self, value: str) -> Format:
        """Return the look of a text cell."""
        return self.quoted if value[:1] in ("=", "+", "-", "@", "\t", "\r", "'") else self.text


class _Lists:
    """Lists of values for drop-downs, one column each on a hidden sheet."""

    def __init__(self, collection: Collection) -> None:
        self._columns: list[tuple[str, ...]] = []
        self._ids = {
            (key.table, key.target): tuple(collection.tables[key.table][key.target].astype("str"))
            for table in collection.schema.tables.values()
            for key in table.foreign_keys
        }
        self._works = tuple(collection.bibliography)

    def for_column(self, table: Table, field: Field) -> tuple[str, ...]:
        """Return what a column can hold, where that is a list."""
        if field.many:
            return ()
        words = () if field.required else tuple(table.empty_words)
        for key in table.foreign_keys:
            if key.field == field.name:
                return self._ids[key.table, key.target] + words
        if field.enum:
            return field.enum + words
        if field.holds == "citation" and field.name not in table.primary_key:
            return self._works + words
        return ()

    def place(self, values: tuple[str, ...]) -> str:
        """Return the address of a list on the hidden sheet."""
        from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415

        if values not in self._columns:
            self._columns.append(values)
        column = self._columns.index(values)
        first = xl_rowcol_to_cell(0, column, True, True)
        last = xl_rowcol_to_cell(len(values) - 1, column, True, True)
        return f"=lists!{first}:{last}"

    def write(self, sheet: Worksheet) -> None:
        """Write the lists and hide them."""
        for column, values in enumerate(self._columns):
            for row, value in enumerate(values):
                sheet.write_string(row, column, value)
        sheet.hide()


def _write_read_me(workbook: Workbook, collection: Collection, formats: _Formats) -> None:
    sheet = workbook.add_worksheet("read me")
    sheet.set_column(0, 0, 100, formats.text)
    words = "; ".join(
        f"{word} ({label})"
        for word, label in next(iter(collection.schema.tables.values())).empty_words.items()
    )
    lines = [
        f"{collection.title}, {collection.version}",
        collection.schema.description,
        "A sheet for each table. Point at a header to read what its column holds; grey arrows "
        "offer the values that are allowed.",
        f"An empty cell is written as one of: {words}.",
        "A source is written key[place], several separated by ;",
        "Sheets whose name begins with ‘view’ are for reading: what is changed there is not "
        "read back.",
        "To send changes back, keep the sheet and column names and the ids as they are, and run "
        "relnotes merge on the file. The hidden sheet relnotes keeps the values as exported.",
    ]
    for row, line in enumerate(line for line in lines if line):
        sheet.write_string(row, 0, line, formats.of(line))


def _write_table(
    sheet: Worksheet, table: Table, frame: pd.DataFrame, formats: _Formats, lists: _Lists
) -> None:
    last = len(frame) + ROOM_FOR_NEW_ROWS
    for column, field in enumerate(table.fields):
        sheet.write_string(0, column, field.name, formats.header)
        sheet.write_comment(0, column, guidance(table, field), {"x_scale": 2.5, "y_scale": 2})
        numeric = field.type in ("integer", "number")
        sheet.set_column(
            column, column, _width(field, frame), formats.number if numeric else formats.text
        )
        values = lists.for_column(table, field)
        if values:
            stop = bool(field.enum)
            sheet.data_validation(1, column, last, column, {
                "validate": "list",
                "source": lists.place(values),
                "error_type": "stop" if stop else "warning",
                "error_title": "Not in the list",
                "error_message": "Choose one of the list." if stop else "No row has this id yet.",
            })  # fmt: skip
        for row, value in enumerate(frame[field.name], start=1):
            _write_cell(sheet, row, column, value, formats, numeric)
    sheet.freeze_panes(1, len(table.primary_key))
    sheet.autofilter(0, 0, max(len(frame), 1), len(table.fields) - 1)


def guidance(table: Table, field: Field) -> str:
    """Return what a person who fills in a column needs to know, in a few sentences."""
    parts = [f"{field.title}. {field.description}"]
    if field.enum:
        parts.append(f"One of: {', '.join(field.enum)}.")
    if field.example:
        parts.append(f"Example: {field.example}")
    if field.example_bad:
        parts.append(f"Not: {field.example_bad}")
    if field.required:
        parts.append("A value is needed.")
    elif field.blank:
        parts.append("It may be left blank.")
    else:
        words = (f"{word} ({label})" for word, label in table.empty_words.items())
        parts.append(f"If there is none: {', '.join(words)}.")
    return "\n".join(parts)


def _width(field: Field, frame: pd.DataFrame) -> float:
    longest = int(frame[field.name].str.len().quantile(0.8)) if len(frame) else 18
    return float(min(max(longest + 2, len(field.name) + 4), 60))


def _write_cell(
    sheet: Worksheet, row: int, column: int, value: str, formats: _Formats, numeric: bool
) -> None:
    if numeric and re.fullmatch(r"-?(0|[1-9]\d{0,14})(\.\d{1,15})?", value):
        sheet.write_number(row, column, float(value), formats.number)
    elif value:
        sheet.write_string(row, column, value, formats.of(value))


def _write_view(sheet: Worksheet, view: pd.DataFrame, formats: _Formats) -> None:
    for column, name in enumerate(view.columns):
        sheet.write_string(0, column, str(name), formats.header)
        longest = int(view[name].str.len().max()) if len(view) else 0
        sheet.set_column(column, column, min(max(longest + 2, len(str(name)) + 2, 8), 60))
        for row, value in enumerate(view[name], start=1):
            cut = str(value)[:LONGEST_CELL]
            if cut:
                sheet.write_string(row, column, cut, formats.of(cut))
    sheet.freeze_panes(1, 1)


def _write_base(
    sheet: Worksheet, collection: Collection, frames: Mapping[str, pd.DataFrame]
) -> None:
    packed = packed_base(frames)
    rows = [BASE_HEADING, collection.fingerprint]
    rows += [packed[i : i + 30_000] for i in range(0, len(packed), 30_000)]
    for row, text in enumerate(rows):
        sheet.write_string(row, 0, text)
    sheet.very_hidden()


def _views(collection: Collection) -> dict[str, pd.DataFrame]:
    views: dict[str, pd.DataFrame] = {}
    for coder in sorted(set(collection.crosswalk["coder"].astype("str"))):
        # A sheet's name has at most 31 characters, not all of them allowed, in any case.
        stem = name = "view matrix " + re.sub(r"[^\w .-]", "_", coder)[:16]
        while name.casefold() in map(str.casefold, views):
            name = f"{stem} {len(views) + 1}"
        views[name] = _matrix(collection, coder)
    return {**views, "view elements": _elements(collection), "view works": _works(collection)}


def _matrix(collection: Collection, coder: str) -> pd.DataFrame:
    """Return frameworks by concepts; a cell says how strictly the set names the concept."""
    crosswalk = collection.relations[collection.relations["coder"] == coder]
    framework = dict(
        zip(collection.elements["element_id"], collection.elements["framework_id"], strict=True)
    )
    best: dict[tuple[str, str], Strictness] = {}
    for row in crosswalk.itertuples():
        place = (framework.get(row.element_id, ""), str(row.concept_id))
        found = strictness_of(str(row.relation))
        best[place] = min(best.get(place, found), found)
    columns = {"Framework": collection.frameworks["short_label"].astype("str")}
    for concept in collection.codebook.itertuples():
        columns[str(concept.label)] = pd.Series(
            [
                best[f, str(concept.concept_id)].value if (f, concept.concept_id) in best else ""
                for f in collection.frameworks["framework_id"]
            ],
            dtype="str",
        )
    return pd.DataFrame({name: list(column) for name, column in columns.items()}, dtype="str")


def _elements(collection: Collection) -> pd.DataFrame:
    """Return the elements with the concepts that each coding relates them to."""
    elements = text_frame(collection, "elements")
    wide = elements[["element_id", "framework_label", "number", "wording", "gloss"]].copy()
    for coder in sorted(set(collection.crosswalk["coder"].astype("str"))):
        rows = collection.crosswalk[collection.crosswalk["coder"] == coder]
        labels = rows.groupby("element_id")["concept_label"].agg("; ".join)
        wide[f"concepts ({coder})"] = wide["element_id"].map(labels).fillna("").astype("str")
    wide["source"] = elements["source"]
    return wide


def _works(collection: Collection) -> pd.DataFrame:
    frame = collection.bibliography.frame()
    return frame.assign(year=frame["year"].astype("str").replace("<NA>", "")).astype("str")
