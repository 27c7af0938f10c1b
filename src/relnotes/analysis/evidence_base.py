"""What the evidence base consists of: kinds of works, how they came in, how surely they are known.

A cell without a value says why. ``not_reported``: the source was read and is silent.
``not_applicable``: the question does not arise. ``not_coded``: nobody has looked yet. The first is
a fact about the literature, the last one about this collection; counted together they would be
neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from relnotes.analysis.audit import puts_other_words
from relnotes.analysis.overlap import codings
from relnotes.analysis.works import (
    ORIGINS,
    READING_PLACE,
    find_reading_places,
    order_values,
    select_works,
    values_of,
)
from relnotes.evidence.lexical import LEXICAL
from relnotes.evidence.schema import NOT_CODED
from relnotes.evidence.sentences import are, counted

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

COLUMNS: Final = (
    "origin", "document_type", "design", "setting", "jurisdiction", "voices", "verification",
)  # fmt: skip
"""What the works can be counted by."""

EMPTIES: Final = ("not_reported", "not_applicable", NOT_CODED)
"""The three words for empty."""


def compute_tables(collection: Collection) -> pd.DataFrame:
    """List the tables of a collection: what a row is, and how many there are.

    Returns
    -------
    DataFrame
        One row for each table that has rows, in their declared order: ``table``, ``rows``,
        ``description``.
    """
    lines = [
        (table.title, len(collection.tables[name]), table.description)
        for name, table in collection.schema.tables.items()
        if len(collection.tables[name])
    ]
    return pd.DataFrame(lines, columns=["table", "rows", "description"])


def compute_composition(collection: Collection, column: str) -> pd.DataFrame:
    """Count the works by one column, and by how they came into the collection.

    Works are those of the literature: places where a work was only read about are left out, and
    so is the source page.

    Parameters
    ----------
    column : str
        ``origin``, ``document_type``, ``design``, ``setting``, ``jurisdiction``, ``voices`` or
        ``verification``.

    Returns
    -------
    DataFrame
        One row for each value, the commonest first and the kinds of empty last: ``value``,
        ``works``, and of these ``listed``, ``named`` and ``added``; ``keys``.

    Raises
    ------
    ValueError
        If `column` is none of these.
    """
    if column not in COLUMNS:
        raise ValueError(f"There is no count by ‘{column}’. Choose one of: {', '.join(COLUMNS)}.")
    works = select_works(collection)
    called = works[column].map(values_of)
    lines = []
    for value in order_values(works[column]):
        group = works[[value in values for values in called]]
        origins = [int((group["origin"] == origin).sum()) for origin in ORIGINS]
        lines.append((value, len(group), *origins, tuple(group["key"])))
    return pd.DataFrame(lines, columns=["value", "works", *ORIGINS, "keys"])


def compute_empties(collection: Collection, table: str = "studies") -> pd.DataFrame:
    """Count the three kinds of empty in every column of a table, apart from one another.

    Parameters
    ----------
    table : str
        Name of the table. Of the studies only the works of the literature are counted: of a place
        where something was only read about, most columns say nothing.

    Returns
    -------
    DataFrame
        One row for each column in which a word for empty stands, the most ``not_coded`` first:
        ``column`` (its title), ``filled``, ``not_reported``, ``not_applicable``, ``not_coded``,
        ``rows``.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    words = collection.empties(table)
    if table == "studies":
        places = set(find_reading_places(collection)["key"])
        words = words[~collection.studies["key"].isin(places)]
    titles = {field.name: field.title for field in collection.schema.table(table).fields}
    lines = []
    for column in words.columns:
        counts = [int((words[column] == word).sum()) for word in EMPTIES]
        if sum(counts):
            lines.append((titles[column], len(words) - sum(counts), *counts, len(words)))
    empties = pd.DataFrame(lines, columns=["column", "filled", *EMPTIES, "rows"])
    return empties.sort_values(NOT_CODED, ascending=False, kind="stable", ignore_index=True)


def compute_corrections(collection: Collection) -> pd.DataFrame:
    """List what the source page prints wrongly, work by work, with the reason.

    Returns
    -------
    DataFrame
        One row for each correction: ``work`` (author and year), ``key``, ``field``, ``printed``,
        ``corrected``, ``reason``, ``certainty``, ``row_id`` (to trace it by).
    """
    corrections = collection.corrections
    works = [
        collection.bibliography.author_year(key) if key in collection.bibliography else key
        for key in corrections["key"]
    ]
    listed = corrections[["key", "field", "printed", "corrected", "reason", "certainty"]]
    return listed.assign(
        work=pd.Series(works, index=listed.index, dtype="str"),
        row_id="corrections:" + collection.row_ids("corrections"),
    ).reset_index(drop=True)


def compute_traceability(collection: Collection) -> pd.DataFrame:
    """Count for every table with sources how many rows name one, and how many a place in it.

    Returns
    -------
    DataFrame
        One row for each table that has rows and a column of sources: ``table``, ``rows``,
        ``sourced`` (rows that name a source), ``placed`` (rows of which every source names a
        place as well), ``works`` (different sources named).
    """
    lines = []
    for table in collection.schema.tables.values():
        columns = [column.name for column in table.column_of("source")]
        frame = collection.tables[table.name]
        if not columns or frame.empty:
            continue
        cells = frame[columns[0]]
        parts = cells.where(~cells.isin([*EMPTIES, ""])).dropna().str.split(";").explode()
        placed = parts.str.contains("[", regex=False).groupby(level=0).all()
        keys = parts.str.partition("[")[0].str.strip()
        lines.append(
            (
                table.title,
                len(frame),
                int(parts.index.nunique()),
                int(placed.sum()),
                int(keys.nunique()),
            )
        )
    return pd.DataFrame(lines, columns=["table", "rows", "sourced", "placed", "works"])


def found_method(collection: Collection) -> tuple[str, ...]:
    """Say in sentences of what the shares of a collection are shares, and who judged."""
    works, page = select_works(collection), collection.page
    chosen = int(works["origin"].isin(["listed", "named"]).sum())
    if not page:
        sentences = [
            "This collection names no page that it begins from; every share is one of what stands "
            "in its tables."
        ]
    else:
        name = (
            collection.bibliography.author_year(page) if page in collection.bibliography else page
        )
        sentences = [
            f"This collection was begun from one page, {name}; every share is one of a collection "
            "begun there.",
            f"{chosen:,} of its {counted(len(works), 'work')} {are(chosen)} listed or named by "
            f"that page; {len(works) - chosen:,} {are(len(works) - chosen)} added.",
        ]
    judged = collection.crosswalk.groupby("coder", sort=False)["element_id"].nunique()
    people = [coder for coder in codings(collection) if coder != LEXICAL]
    made = [f"{coder} ({counted(int(judged[coder]), 'element')})" for coder in people]
    if not people:
        sentences.append("No person’s judgement stands in the crosswalk.")
    else:
        second = "; no second person has judged them" if len(people) == 1 else ""
        sentences.append(f"People’s judgements of the elements: {', '.join(made)}{second}.")
    if LEXICAL in judged.index:
        sentences.append(
            f"A rule made the coding ‘{LEXICAL}’: it found a term of the codebook in "
            f"{counted(int(judged[LEXICAL]), 'element')}."
        )
    return tuple(sentences)


def found_evidence_base(collection: Collection) -> tuple[str, ...]:
    """Say in sentences what the works are and how much of them nobody has looked at."""
    works = select_works(collection)
    if works.empty:
        return ("There are no works here.",)
    origins = works["origin"].value_counts()
    places = int((find_reading_places(collection)["reason"] == READING_PLACE).sum())
    sentences = [
        f"{counted(len(works), 'work')} of the literature: "
        + ", ".join(f"{int(origins.get(origin, 0)):,} {origin}" for origin in ORIGINS)
        + f". Beside them stand {counted(places, 'place')} where a work was only read about.",
    ]
    sure = int((works["verification"] == "verified").sum())
    rest = f" Of the other {len(works) - sure:,} something could not be seen, or not be found."
    sentences.append(f"Verified as a whole: {sure:,}.{rest if sure < len(works) else ''}")
    empties = compute_empties(collection)
    unlooked = empties[empties[NOT_CODED] > 0]
    if unlooked.empty:
        sentences.append(_silence(empties))
    else:
        row = unlooked.iloc[0]
        sentences.append(
            f"In the column ‘{row['column']}’ nobody has looked yet for {row[NOT_CODED]:,} of "
            f"{row['rows']:,} works; for {row['not_reported']:,} the source is silent, for "
            f"{row['not_applicable']:,} the question does not arise."
        )
    corrections = collection.corrections
    wrong = corrections["key"].nunique()
    other = corrections[puts_other_words(corrections)]
    sentences.append(
        "Nothing printed has been found wrong."
        if wrong == 0
        else f"Of {counted(wrong, 'work')} something is printed wrongly, in "
        f"{counted(len(corrections), 'place')} all told: other words or numbers in "
        f"{len(other):,} of them, of {counted(other['key'].nunique(), 'work')}; the rest is form."
    )
    return tuple(sentences)


def _silence(empties: pd.DataFrame) -> str:
    """Say in which column the sources of works that were looked at tell least."""
    looked = "Every work has been looked at in every column"
    if not empties["not_reported"].sum():
        return f"{looked}."
    row = empties.sort_values("not_reported", kind="stable").to_dict("records")[-1]
    return (
        f"{looked}; what was seen is silent most often in the column ‘{row['column']}’, for "
        f"{row['not_reported']:,} of {row['rows']:,} works."
    )
