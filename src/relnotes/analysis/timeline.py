"""When the literature was written: works in lanes, growth, age, what rests on what, concepts.

What counts as a work
---------------------
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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from relnotes.analysis.overlap import BASELINE, Lens, Memberships
from relnotes.evidence.sources import keys_in
from relnotes.evidence.vocabulary import terms_of

if TYPE_CHECKING:
    from relnotes.evidence.bibliography import Work
    from relnotes.evidence.collection import Collection

LANES: Final = ("document_type", "design", "setting", "jurisdiction")
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


@dataclass(frozen=True, eq=False)
class Timeline:
    """The works of a collection in time, in lanes, with the events beside them.

    Attributes
    ----------
    works : DataFrame
        One row a work, by lane, year and key: the columns of :func:`select_works` and ``lane``.
    lanes : str
        The column of the studies that makes the lanes.
    lane_names : tuple of str
        The lanes, the fullest first; what is not known comes last.
    events : DataFrame
        ``event_id``, ``year``, ``label``, ``kind``, by year.
    left_out : DataFrame
        Rows of the studies that are no works: ``key`` and ``reason``.
    reference_year : int or None
        The year to which ages are counted: that of the newest work in the page's list, because
        a page need not say its own date; of the newest work where nothing is listed; None where
        no work has a year.
    reference_keys : tuple of str
        The works that gave the reference year.
    """

    works: pd.DataFrame
    lanes: str
    lane_names: tuple[str, ...]
    events: pd.DataFrame
    left_out: pd.DataFrame
    reference_year: int | None
    reference_keys: tuple[str, ...]

    @property
    def dated(self) -> pd.DataFrame:
        """The works with a year."""
        return self.works[self.works["year"].notna()]

    @property
    def undated(self) -> pd.DataFrame:
        """The works without one."""
        return self.works[self.works["year"].isna()]

    @property
    def misprinted(self) -> pd.DataFrame:
        """The works whose year the page prints wrongly."""
        return self.works[self.works["printed_year"].notna()]


@dataclass(frozen=True)
class Age:
    """How old a set of works is.

    Attributes
    ----------
    works : int
        Works with a year.
    undated : int
        Works without one, which have no age.
    reference_year : int or None
        The year to which ages are counted.
    first_year, last_year : int or None
        Years of the oldest and the newest work.
    half_life : float or None
        Median age in years: half of the works are no older.
    gap_years : tuple of int
        Years between the oldest and the newest work in which none appeared.
    longest_gap : tuple of int
        The longest run of such years, the earliest of equals; empty where there is none.
    """

    works: int
    undated: int
    reference_year: int | None
    first_year: int | None
    last_year: int | None
    half_life: float | None
    gap_years: tuple[int, ...]
    longest_gap: tuple[int, ...]


# ---------------------------------------------------------------- the works


def find_reading_places(collection: Collection) -> pd.DataFrame:
    """Find the rows of the studies that are no works of the literature.

    Parameters
    ----------
    collection : Collection

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

    Parameters
    ----------
    collection : Collection

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


# ---------------------------------------------------------------- in time


def compute_timeline(collection: Collection, lanes: str = "document_type") -> Timeline:
    """Place the works of a collection in time and in lanes.

    Parameters
    ----------
    collection : Collection
    lanes : {"document_type", "design", "setting", "jurisdiction"}
        What makes the lanes.

    Raises
    ------
    ValueError
        If `lanes` is none of these.
    """
    if lanes not in LANES:
        raise ValueError(f"There are no lanes by ‘{lanes}’. Choose one of: {', '.join(LANES)}.")
    works = select_works(collection)
    names = order_values(works[lanes])
    # A work of several terms has one place: the lane of the commonest.
    works["lane"] = [min(values_of(cell), key=names.index) for cell in works[lanes]]
    rank = works["lane"].map({name: place for place, name in enumerate(names)})
    order = works.assign(rank=rank).sort_values(["rank", "year", "key"], na_position="last").index
    year, keys = _reference(works)
    events = collection.events[["event_id", "year", "label", "kind"]]
    return Timeline(
        works=works.loc[order].reset_index(drop=True),
        lanes=lanes,
        lane_names=names,
        events=events.sort_values(["year", "event_id"], ignore_index=True),
        left_out=find_reading_places(collection),
        reference_year=year,
        reference_keys=keys,
    )


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


def _reference(works: pd.DataFrame) -> tuple[int | None, tuple[str, ...]]:
    dated = works[works["year"].notna()]
    listed = dated[dated["origin"] == "listed"]
    asked = dated if listed.empty else listed
    if asked.empty:
        return None, ()
    newest = int(asked["year"].max())
    return newest, tuple(asked.loc[asked["year"] == newest, "key"])


def compute_growth(timeline: Timeline) -> pd.DataFrame:
    """Count the works year by year and add them up.

    Parameters
    ----------
    timeline : Timeline

    Returns
    -------
    DataFrame
        One row for every year from the first to the last, also those without a work: ``year``;
        ``listed``, ``named``, ``added`` and ``works``, new in that year; ``total_listed`` and
        ``total``, so far; ``total_printed``, listed works so far by the years the page prints;
        ``keys`` of the new works. Works without a year are in none of the rows.
    """
    dated = timeline.dated
    printed = dated["printed_year"].fillna(dated["year"])
    if dated.empty:
        years = np.arange(0)
    else:
        years = np.arange(
            min(dated["year"].min(), printed.min()), max(dated["year"].max(), printed.max()) + 1
        )
    growth = pd.DataFrame({"year": years.astype("int64")})
    for origin in ORIGINS:
        of_origin = dated.loc[dated["origin"] == origin, "year"]
        growth[origin] = growth["year"].map(of_origin.value_counts()).fillna(0).astype("int64")
    growth["works"] = growth[list(ORIGINS)].sum(axis=1)
    growth["total_listed"] = growth["listed"].cumsum()
    growth["total"] = growth["works"].cumsum()
    as_printed = printed[dated["origin"] == "listed"].value_counts()
    growth["total_printed"] = growth["year"].map(as_printed).fillna(0).astype("int64").cumsum()
    keys = {year: tuple(group) for year, group in dated.groupby("year")["key"]}
    growth["keys"] = [keys.get(year, ()) for year in growth["year"]]
    return growth


def compute_age(works: pd.DataFrame, reference_year: int | None) -> Age:
    """Compute how old works are, their half-life and the years without one.

    The half-life of a literature is the age that half of it does not exceed [1]_: here the median
    of the ages. A work newer than the reference year has a negative age.

    Parameters
    ----------
    works : DataFrame
        With a column ``year``, NA where not known.
    reference_year : int or None
        The year to which ages are counted.

    References
    ----------
    .. [1] Burton, R. E. and Kebler, R. W. (1960). The "half-life" of some scientific and technical
       literatures. American Documentation, 11(1), 18–22. doi:10.1002/asi.5090110105

    Examples
    --------
    >>> age = compute_age(pd.DataFrame({"year": [2000, 2004, 2005, pd.NA]}), 2010)
    >>> age.half_life, age.gap_years, age.undated
    (6.0, (2001, 2002, 2003), 1)
    """
    years = sorted(int(year) for year in works["year"].dropna())
    undated = len(works) - len(years)
    if not years:
        return Age(0, undated, reference_year, None, None, None, (), ())
    present = set(years)
    gaps = tuple(y for y in range(years[0], years[-1]) if y not in present)
    half = None if reference_year is None else reference_year - float(np.median(years))
    return Age(
        works=len(years),
        undated=undated,
        reference_year=reference_year,
        first_year=years[0],
        last_year=years[-1],
        half_life=half,
        gap_years=gaps,
        longest_gap=_longest_run(gaps),
    )


def _longest_run(years: Sequence[int]) -> tuple[int, ...]:
    best: tuple[int, ...] = ()
    run: tuple[int, ...] = ()
    for year in years:
        run = (*run, year) if run and year == run[-1] + 1 else (year,)
        best = run if len(run) > len(best) else best
    return best


# ---------------------------------------------------------------- frameworks and concepts


def compute_foundations(collection: Collection) -> pd.DataFrame:
    """Find the works on which each framework rests, and how much older they are.

    A framework rests on a work when the work stands in the source cell of the framework or of one
    of its elements. The lag is the framework's year less the work's year: 0 for the publication
    that sets it out, above 0 for an older work it goes back to, below 0 for a later work through
    which it is known.

    Parameters
    ----------
    collection : Collection

    Returns
    -------
    DataFrame
        One row for each framework and work, by framework and year: ``framework_id``,
        ``framework_label``, ``framework_year``, ``key``, ``label``, ``year``, ``lag`` (NA where
        either year is not known), ``row_ids``. A framework that rests on no work of the
        literature has one row with an empty key.
    """
    works = select_works(collection).set_index("key")
    resting: dict[str, dict[str, list[str]]] = {
        framework: {} for framework in collection.frameworks["framework_id"]
    }
    for table, column in (("frameworks", "framework_id"), ("elements", "element_id")):
        frame = collection.tables[table]
        for framework, row_id, cell in zip(
            frame["framework_id"], frame[column], frame["source"], strict=True
        ):
            for key in keys_in(cell):
                if key in works.index and framework in resting:
                    resting[framework].setdefault(key, []).append(f"{table}:{row_id}")
    records: list[tuple[Any, ...]] = []
    frameworks = collection.frameworks
    for framework, label, year in zip(
        frameworks["framework_id"], frameworks["short_label"], frameworks["year"], strict=True
    ):
        found = resting[framework]
        for key in sorted(found, key=lambda k: (_or_last(works["year"][k]), k)):
            records.append(
                (
                    framework,
                    label,
                    year,
                    key,
                    works["label"][key],
                    works["year"][key],
                    tuple(dict.fromkeys(found[key])),
                )
            )
        if not found:
            records.append((framework, label, year, "", "", pd.NA, (f"frameworks:{framework}",)))
    columns = [
        "framework_id",
        "framework_label",
        "framework_year",
        "key",
        "label",
        "year",
        "row_ids",
    ]
    table_ = pd.DataFrame(records, columns=columns)
    table_ = table_.astype({"framework_year": "Int64", "year": "Int64"})
    table_.insert(6, "lag", table_["framework_year"] - table_["year"])
    return table_


def _or_last(year: Any) -> int:
    return 9999 if pd.isna(year) else int(year)


def compute_concept_history(collection: Collection, lens: Lens | str = BASELINE) -> pd.DataFrame:
    """Follow which framework named which concept when, and for which setting and jurisdiction.

    Parameters
    ----------
    collection : Collection
    lens : Lens or str
        Which judgements of the crosswalk count.

    Returns
    -------
    DataFrame
        One row for each concept and framework that names it, by concept, year and framework:
        ``concept_id``, ``concept_label``, ``theme``, ``framework_id``, ``framework_label``,
        ``year`` (NA where not known), ``first`` (no framework named the concept in an earlier
        known year), ``setting``, ``jurisdiction`` (empty where not known), ``row_ids`` (the
        judgements).

    Raises
    ------
    ValueError
        If there is no coding by this coder.
    """
    columns = [
        "concept_id",
        "concept_label",
        "theme",
        "framework_id",
        "framework_label",
        "year",
        "setting",
        "jurisdiction",
        "row_ids",
    ]
    records = []
    if len(collection.crosswalk):
        members = Memberships.from_crosswalk(collection, lens)
        labels = dict(zip(members.items, members.item_labels, strict=True))
        names = dict(zip(members.sets, members.set_labels, strict=True))
        known = {c: members.known(c) for c in ("year", "setting", "jurisdiction")}
        themes = collection.concepts.set_index("concept_id")["theme"]
        pairs = members.rows.groupby(["item", "set"], sort=True)["row_id"].agg(tuple)
        for row in pairs.reset_index().to_dict("records"):
            concept, framework = row["item"], row["set"]
            records.append(
                (
                    concept,
                    labels[concept],
                    themes[concept],
                    framework,
                    names[framework],
                    known["year"][framework],
                    known["setting"][framework],
                    known["jurisdiction"][framework],
                    row["row_id"],
                )
            )
    history = pd.DataFrame(records, columns=columns).astype({"year": "Int64"})
    for column in ("setting", "jurisdiction"):
        history[column] = history[column].astype(object).where(history[column].notna(), "")
    earliest = history.groupby("concept_id")["year"].transform("min")
    history.insert(6, "first", (history["year"] == earliest).fillna(False).astype(bool))
    return history.sort_values(
        ["concept_id", "year", "framework_id"], na_position="last", ignore_index=True
    )
