"""When the literature was written: works in lanes, growth, age, what rests on what, concepts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from relnotes.analysis.overlap import BASELINE, Lens, Memberships
from relnotes.analysis.works import (
    ORIGINS,
    find_reading_places,
    order_values,
    select_works,
    values_of,
)
from relnotes.evidence.sources import keys_in

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

LANES: Final = ("document_type", "design", "setting", "jurisdiction")


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


# ---------------------------------------------------------------- in time


def compute_timeline(collection: Collection, lanes: str = "document_type") -> Timeline:
    """Place the works of a collection in time and in lanes.

    Parameters
    ----------
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

    Returns
    -------
    DataFrame
        One row for each framework and work, by framework and year: ``framework_id``,
        ``framework_label``, ``framework_year``, ``key``, ``label``, ``year``, ``lag`` (NA where
        either year is not known), ``row_ids``. A framework that rests on no work of the
        literature has one row with an empty key.
    """
    works = select_works(collection).set_index("key")[["label", "year"]]
    cited = pd.concat(
        collection.tables[table][["framework_id"]].assign(
            key=collection.tables[table]["source"].map(keys_in),
            row_id=f"{table}:" + collection.row_ids(table),
        )
        for table in ("frameworks", "elements")
    ).explode("key")
    resting = cited[cited["key"].isin(works.index)].groupby(["framework_id", "key"], sort=False)
    row_ids = resting["row_id"].agg(tuple).rename("row_ids").reset_index().join(works, on="key")
    frameworks = collection.frameworks[["framework_id", "short_label", "year"]].set_axis(
        ["framework_id", "framework_label", "framework_year"], axis=1
    )
    found = frameworks.assign(place=range(len(frameworks))).merge(row_ids, "left", "framework_id")
    found = found.sort_values(["place", "year", "key"], na_position="last", ignore_index=True)
    alone = found["key"].isna()
    found["row_ids"] = [
        (f"frameworks:{framework}",) if none else rows
        for framework, rows, none in zip(
            found["framework_id"], found["row_ids"], alone, strict=True
        )
    ]
    found[["key", "label"]] = found[["key", "label"]].astype("str").mask(alone, "")
    found["lag"] = found["framework_year"] - found["year"].astype("Int64")
    return found.drop(columns="place")[[*frameworks, "key", "label", "year", "lag", "row_ids"]]


def compute_concept_history(collection: Collection, lens: Lens | str = BASELINE) -> pd.DataFrame:
    """Follow which framework named which concept when, and for which setting and jurisdiction.

    Parameters
    ----------
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
    members = Memberships.from_crosswalk(collection, lens)
    pairs = members.rows.groupby(["item", "set"])["row_id"].agg(tuple).rename("row_ids")
    history = pairs.reset_index().rename(columns={"item": "concept_id", "set": "framework_id"})
    concept, framework = history["concept_id"], history["framework_id"]
    history = history.assign(
        concept_label=concept.map(dict(zip(members.items, members.item_labels, strict=True))),
        theme=concept.map(collection.concepts.set_index("concept_id")["theme"]),
        framework_label=framework.map(dict(zip(members.sets, members.set_labels, strict=True))),
        **{c: framework.map(members.known(c)) for c in ("year", "setting", "jurisdiction")},
    )[
        ["concept_id", "concept_label", "theme", "framework_id", "framework_label", "year",
         "setting", "jurisdiction", "row_ids"]
    ]  # fmt: skip
    labels = ("concept_label", "theme", "framework_label")
    history = history.astype({"year": "Int64", **dict.fromkeys(labels, "str")})
    for column in ("setting", "jurisdiction"):
        history[column] = history[column].astype(object).where(history[column].notna(), "")
    earliest = history.groupby("concept_id")["year"].transform("min")
    history.insert(6, "first", (history["year"] == earliest).fillna(False).astype(bool))
    return history.sort_values(
        ["concept_id", "year", "framework_id"], na_position="last", ignore_index=True
    )
