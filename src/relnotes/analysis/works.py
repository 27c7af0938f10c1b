"""The works of the literature, with their years, and what their cells are called.

The bibliography also holds places where a work was only read about: catalogue records, news items,
posts, slides that quote it. Such a *reading place* is added by the collection with design,
setting, jurisdiction and voices all ``not_applicable``, because none of the four can be said of
it. It is left out here and counted, and so is the source page, which lists the works and is not
one of them. What the page itself lists or names is always a work.

A work's year is the first year its entry gives. A range such as 2010–2012 keeps its last year
beside it. An entry without a year, such as one in press, has no year and is never given one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from relnotes.evidence.vocabulary import terms_of

if TYPE_CHECKING:
    from relnotes.evidence.bibliography import Work
    from relnotes.evidence.collection import Collection


ORIGINS: Final = ("listed", "named", "added")
EMPTY_LANES: Final = {
    "not_reported": "not reported",
    "not_applicable": "does not apply",
    "not_coded": "not yet coded",
    "": "not yet coded",
}
"""What the words for empty are called where they are drawn; they come after all values."""
READING_PLACE: Final = "reading place"
SOURCE_PAGE: Final = "source page"
_CODED_OF_A_WORK: Final = ["design", "setting", "jurisdiction", "voices"]
_YEAR: Final = re.compile(r"(?:1[5-9]|20|21)\d\d")
_STATES: Final = {
    "inpress": "in press",
    "inpreparation": "in preparation",
    "prepublished": "prepublished",
}


def find_reading_places(collection: Collection) -> pd.DataFrame:
    """Find the rows of the studies that are no works of the literature.

    Returns
    -------
    DataFrame
        ``key`` and ``reason``: *reading place* where the collection added the row and its design,
        setting, jurisdiction and voices are all ``not_applicable``; *source page* for the page
        that lists the works.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> studies = pd.DataFrame({
    ...     "key": ["a-2001", "blog-nd"], "design": ["survey", "not_applicable"],
    ...     "setting": "not_applicable", "jurisdiction": "not_applicable",
    ...     "voices": "not_applicable"})
    >>> find_reading_places(Collection.of({"studies": studies}))
           key         reason
    0  blog-nd  reading place
    """
    studies = collection.studies
    page = (studies["key"] == collection.page).to_numpy(np.bool_)
    silent = (studies[_CODED_OF_A_WORK] == "not_applicable").all(axis=1).to_numpy(np.bool_)
    silent = silent & ~studies["origin"].isin(["listed", "named"]).to_numpy(np.bool_)
    found = studies.loc[page | silent, ["key"]].reset_index(drop=True)
    reasons = np.where(page, SOURCE_PAGE, READING_PLACE)[page | silent]
    return found.assign(reason=pd.Series(reasons, dtype="str"))


def select_works(collection: Collection) -> pd.DataFrame:
    """Select the works of the literature, with their years and readable names.

    Returns
    -------
    DataFrame
        One row a work, in the order of the studies: ``key``; ``creators``; ``label``, author and
        year, with a letter where two would be the same; ``year`` and ``last_year`` (of a range),
        NA where not known; ``dated``, the date in words; ``printed_year``, what the page prints
        where that was found wrong; ``origin``, ``document_type``, ``design``, ``setting``,
        ``jurisdiction``, ``voices``, ``verification``.

    Examples
    --------
    >>> from relnotes.evidence.bibliography import Bibliography, Work
    >>> from relnotes.evidence.collection import Collection
    >>> works = Bibliography({k: Work(k, "book", {"author": "Lee, A.", "year": y})
    ...                       for k, y in {"lee-2001-x": "2001", "lee-2001-y": "2001"}.items()})
    >>> studies = pd.DataFrame({"key": list(works), "origin": "listed"})
    >>> select_works(Collection.of({"studies": studies}, bibliography=works))["label"].tolist()
    ['Lee (2001a)', 'Lee (2001b)']
    """
    left_out = set(find_reading_places(collection)["key"])
    studies = collection.studies
    kept = studies[~studies["key"].isin(left_out)].reset_index(drop=True)
    entries = [collection.bibliography.get(key) for key in kept["key"]]
    years = [read_years(entry) for entry in entries]
    works = pd.DataFrame({"key": kept["key"]})
    works["creators"] = pd.Series(
        [e.creators if e else key for e, key in zip(entries, kept["key"], strict=True)], dtype="str"
    )
    works["year"] = pd.array([first for first, _, _ in years], dtype="Int64")
    works["last_year"] = pd.array([last for _, last, _ in years], dtype="Int64")
    works["dated"] = pd.Series([words for _, _, words in years], dtype="str")
    works["label"] = _labels(works, collection.bibliography.letters)
    works["printed_year"] = works["key"].map(_printed_years(collection)).astype("Int64")
    columns = ["origin", "document_type", *_CODED_OF_A_WORK, "verification"]
    return pd.concat([works, kept[columns]], axis=1)


def read_years(work: Work | None) -> tuple[int | None, int | None, str]:
    """Read when a work appeared.

    Parameters
    ----------
    work : Work or None
        An entry of the bibliography; None for a work that is not in it.

    Returns
    -------
    first, last : int or None
        First and last year of a range, equal for a single year; None where no year is given.
    words : str
        The date as words: ``"2004"``, ``"2010–2012"``, ``"in press"`` or ``"n.d."``.

    Examples
    --------
    >>> from relnotes.evidence.bibliography import Work
    >>> read_years(Work("a", "book", {"date": "2010/2012"}))
    (2010, 2012, '2010–2012')
    >>> read_years(Work("a", "article", {"pubstate": "inpress"}))
    (None, None, 'in press')
    """
    if work is None:
        return None, None, "n.d."
    written = work.text("year") or work.text("date")
    found = [int(year) for year in _YEAR.findall(written)]
    first = work.year
    if first is None or not found:
        state = work.text("pubstate")
        return None, None, _STATES.get(state, state) or written or "n.d."
    last = max(first, *found)
    return first, last, f"{first}–{last}" if last > first else str(first)


def _labels(works: pd.DataFrame, letters: Mapping[str, str]) -> pd.Series[str]:
    """Join author and year; letters tell apart works that would be cited alike."""
    when = works["year"].astype("str").where(works["year"].notna(), works["dated"])
    letter = pd.Series([letters.get(key, "") for key in works["key"]], works.index, dtype="str")
    dash = pd.Series(np.where(works["year"].isna() & (letter != ""), "-", ""), works.index, "str")
    return works["creators"] + " (" + when + dash + letter + ")"


def _printed_years(collection: Collection) -> dict[str, int]:
    corrections = collection.corrections
    of_years = corrections[corrections["field"] == "year"]
    printed = {
        key: _YEAR.search(text)
        for key, text in zip(of_years["key"], of_years["printed"], strict=True)
    }
    return {key: int(found[0]) for key, found in printed.items() if found}


def values_of(cell: str) -> tuple[str, ...]:
    """Return the terms of a cell, or what its word for empty is called.

    Examples
    --------
    >>> values_of("probation; youth justice"), values_of("not_coded")
    (('probation', 'youth justice'), ('not yet coded',))
    """
    return terms_of(cell) or (EMPTY_LANES.get(cell.strip(), cell),)


def order_values(values: pd.Series[str]) -> tuple[str, ...]:
    """Return the different values as they are called, the commonest first.

    A cell of several terms counts under each. Values as common as one another stand in
    alphabetical order; *not reported*, *does not apply* and *not yet coded* come last.

    Examples
    --------
    >>> order_values(pd.Series(["book", "not_coded", "not_coded", "article", "article"]))
    ('article', 'book', 'not yet coded')
    """
    counts = values.astype("str").map(values_of).explode().value_counts()
    last = list(dict.fromkeys(EMPTY_LANES.values()))
    return tuple(
        sorted(
            map(str, counts.index),
            key=lambda name: (last.index(name) if name in last else -1, -counts[name], name),
        )
    )
