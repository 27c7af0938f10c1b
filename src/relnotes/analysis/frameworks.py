"""What the frameworks are, what they promise, and in what words they name a concept.

Frameworks that descend from one another, or speak from the same source, are one *family*: ten sets
of one family are one voice repeated. Beside every count of frameworks stands the count of
independent ones, in which a family counts once and a set that stands alone counts as itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from relnotes.analysis.independence import Independence, compute_independence
from relnotes.analysis.overlap import BASELINE, Lens, Memberships, compute_presence
from relnotes.analysis.overlap.chance import fisher
from relnotes.analysis.works import EMPTY_LANES, order_values, values_of
from relnotes.evidence.sentences import are, counted, have
from relnotes.evidence.sources import keys_in

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

COLUMNS: Final = ("setting", "jurisdiction", "kind", "people", "completeness", "certainty")
"""What the frameworks can be counted by."""

# A share of fewer frameworks than this says little; such groups are not compared in words.
FEWEST_TO_COMPARE: Final = 5
LEAST_CHANCE: Final = 0.05


def compute_breakdown(collection: Collection, column: str) -> pd.DataFrame:
    """Count the frameworks by one of their columns.

    Parameters
    ----------
    column : {"setting", "jurisdiction", "kind", "people", "completeness", "certainty"}
        What to count by.

    Returns
    -------
    DataFrame
        One row for each value, the commonest first and the three kinds of empty last: ``value``,
        ``frameworks``, ``at_least`` and ``at_most`` (independent voices; NA where nobody has coded
        what tells them), ``elements``, ``framework_ids``.

    Raises
    ------
    ValueError
        If `column` is none of these.
    """
    if column not in COLUMNS:
        raise ValueError(f"There is no count by ‘{column}’. Choose one of: {', '.join(COLUMNS)}.")
    frameworks = collection.frameworks
    named = frameworks[column].map(values_of)
    elements = collection.elements["framework_id"].value_counts()
    lines = []
    for value in order_values(frameworks[column]):
        group = frameworks[[value in values for values in named]]
        ids = tuple(group["framework_id"])
        known = int(elements.reindex(ids).fillna(0).sum())
        voices = compute_independence(collection, ids)
        lines.append((value, len(group), voices.least, voices.most, known, ids))
    columns = ["value", "frameworks", "at_least", "at_most", "elements", "framework_ids"]
    return pd.DataFrame(lines, columns=columns).astype({"at_least": "Int64", "at_most": "Int64"})


def compute_promises(collection: Collection) -> pd.DataFrame:
    """Compare how many elements each source promises with how many are known.

    Returns
    -------
    DataFrame
        One row for each framework: ``framework_id``, ``framework``, ``completeness``, ``stated``
        (NA where the source gives no number), ``known``, ``missing`` (NA where none is stated),
        ``note``. Those that lack most come first, then those without a number.
    """
    frameworks = collection.frameworks
    known = frameworks["framework_id"].map(collection.elements["framework_id"].value_counts())
    promises = pd.DataFrame(
        {
            "framework_id": frameworks["framework_id"],
            "framework": frameworks["short_label"],
            "completeness": frameworks["completeness"],
            "stated": frameworks["stated_count"],
            "known": known.fillna(0).astype("Int64"),
            "note": frameworks["note"],
        }
    )
    promises["missing"] = promises["stated"] - promises["known"]
    return promises.sort_values("missing", ascending=False, kind="stable", ignore_index=True)


def compute_layers(collection: Collection) -> pd.DataFrame:
    """List the layers of the frameworks that sort their elements into any.

    Returns
    -------
    DataFrame
        One row for each layer, in the order of the elements: ``framework``, ``layer``,
        ``elements`` (a number), ``wordings``.
    """
    elements = collection.elements
    layered = elements[~elements["layer"].isin([*EMPTY_LANES])]
    groups = layered.groupby(["framework_id", "layer"], sort=False)
    return groups.agg(
        framework=("framework_label", "first"),
        elements=("element_id", "count"),
        wordings=("wording", tuple),
    ).reset_index()[["framework", "layer", "elements", "wordings"]]


# ---------------------------------------------------------------- who names what


def find_most_named(collection: Collection, lens: Lens | str = BASELINE) -> str:
    """Find the concept that the most frameworks name; of equals the first in the codebook.

    Returns
    -------
    str
        Its id; empty where no framework names any.
    """
    if collection.codebook.empty or collection.crosswalk.empty:
        return ""
    presence = compute_presence(Memberships.from_crosswalk(collection, lens))
    first = presence.iloc[0]
    return str(first["item"]) if first["sets"] else ""


@dataclass(frozen=True, eq=False)
class Namings:
    """Which frameworks name a concept, in what words, on whose evidence.

    Attributes
    ----------
    concept, label : str
        Id and label of the concept.
    lens : Lens
        Which judgements count.
    compared : int
        Frameworks that could be asked at all.
    rows : DataFrame
        One row for each element that names it, by year and framework, those without a year last:
        ``framework_id``, ``framework``, ``setting``, ``jurisdiction``, ``family``, ``year``,
        ``element_id``, ``wording``, ``relation``, ``basis``, ``reason``, ``works`` (author and
        year of what the element was read in), ``keys``, ``certainty``, ``row_id``.
    works : DataFrame
        What these elements rest on, that under the most frameworks first: ``key``, ``work``,
        ``title``, ``document_type``, ``design``, ``verification``, ``frameworks`` (how many rest
        on it).
    page : str
        Key of the source page.
    voices : Independence
        How many independent voices they are.
    """

    concept: str
    label: str
    lens: Lens
    compared: int
    rows: pd.DataFrame = field(repr=False)
    works: pd.DataFrame = field(repr=False)
    page: str
    voices: Independence


def compute_namings(
    collection: Collection,
    concept: str,
    lens: Lens | str = BASELINE,
) -> Namings:
    """Find which frameworks name a concept, in what words, on whose evidence.

    Parameters
    ----------
    concept : str
        Id of a concept; empty, as :func:`find_most_named` may say, for none at all.
    lens : Lens or str
        Which judgements of the crosswalk count.

    Raises
    ------
    KeyError
        If the codebook has no such concept.
    ValueError
        If the crosswalk has no row by this coder.
    """
    label = str(collection.row("concepts", concept)["label"]) if concept else "any concept"
    members = Memberships.from_crosswalk(collection, lens)
    judged = members.rows[members.rows["item"] == concept]
    named = judged[["row_id", "element_id", "relation", "basis", "reason"]].merge(
        collection.elements[["element_id", "framework_id", "wording", "source", "certainty"]],
        on="element_id",
    )
    frameworks = collection.frameworks.rename(columns={"short_label": "framework"})
    rows = named.merge(
        frameworks[["framework_id", "framework", "setting", "jurisdiction", "family", "year"]],
        on="framework_id",
    ).sort_values(["year", "framework_id", "element_id"], kind="stable", ignore_index=True)
    rows["keys"] = rows["source"].map(keys_in)
    rows["works"] = [
        tuple(dict.fromkeys(_named(collection, key) for key in keys)) for keys in rows["keys"]
    ]
    rows["setting"] = rows["setting"].replace(EMPTY_LANES)
    rows["jurisdiction"] = rows["jurisdiction"].replace(EMPTY_LANES)
    return Namings(
        concept=concept,
        label=label,
        lens=Lens.of(lens).on(collection),
        compared=len(members.sets),
        rows=rows.drop(columns="source"),
        works=_works_behind(collection, rows),
        page=collection.page,
        voices=compute_independence(collection, rows["framework_id"], rows["element_id"]),
    )


def _named(collection: Collection, key: str) -> str:
    return collection.bibliography.author_year(key) if key in collection.bibliography else key


def _works_behind(collection: Collection, rows: pd.DataFrame) -> pd.DataFrame:
    under = rows[["framework_id", "keys"]].explode("keys").drop_duplicates().dropna()
    counts = under["keys"].value_counts().rename_axis("key").reset_index(name="frameworks")
    counts["key"] = counts["key"].astype("str")
    studies = collection.studies[["key", "document_type", "design", "verification"]]
    works = counts.merge(studies, on="key", how="left").fillna(dict.fromkeys(studies.columns, ""))
    works["design"] = works["design"].replace(EMPTY_LANES)
    works["work"] = [_named(collection, key) for key in works["key"]]
    works["title"] = [
        collection.bibliography[key].title if key in collection.bibliography else ""
        for key in works["key"]
    ]
    return works.sort_values(
        ["frameworks", "key"], ascending=[False, True], kind="stable", ignore_index=True
    )[["key", "work", "title", "document_type", "design", "verification", "frameworks"]]


# ---------------------------------------------------------------- themes


@dataclass(frozen=True, eq=False)
class Themes:
    """How many frameworks of each group name a concept of each theme.

    Attributes
    ----------
    by : str
        The column of the frameworks that makes the groups.
    groups, themes : tuple of str
        The largest group first, and the theme that the most frameworks name.
    cells : DataFrame
        One row for each group and theme: ``group``, ``theme``, ``frameworks`` (that name a concept
        of the theme), ``of`` (compared in the group, which takes narrower terms), ``share``,
        ``concepts`` (labels of those named), ``row_ids`` (the judgements; the frameworks looked
        at where none names it).
    overall : Series of int
        How many frameworks name each theme, in the order of `themes`; each counts once, in
        however many groups it is.
    compared : int
        How many frameworks are compared.
    broader : Series of int
        For each group, how many frameworks hold only a broader term, so that they may belong.
    left_out : DataFrame
        Frameworks that could not be compared: ``set``, ``label``, ``reason``.
    lens : Lens
        Which judgements count.
    """

    by: str
    groups: tuple[str, ...]
    themes: tuple[str, ...]
    cells: pd.DataFrame = field(repr=False)
    overall: pd.Series[int] = field(repr=False)
    compared: int
    broader: pd.Series[int] = field(repr=False)
    left_out: pd.DataFrame = field(repr=False)
    lens: Lens


def compute_themes(
    collection: Collection,
    by: str = "setting",
    lens: Lens | str = BASELINE,
) -> Themes:
    """Count by group which themes the frameworks name.

    Parameters
    ----------
    by : {"setting", "jurisdiction", "kind", "people"}
        What makes the groups.
    lens : Lens or str
        Which judgements of the crosswalk count.

    Raises
    ------
    ValueError
        If `by` is none of these, or the crosswalk has no row by this coder.
    """
    if by not in COLUMNS:
        raise ValueError(f"There are no groups by ‘{by}’. Choose one of: {', '.join(COLUMNS)}.")
    members = Memberships.from_crosswalk(collection, lens)
    terms, cells = collection.vocabulary(by), members.set_info[by].astype("str")
    theme_of = collection.codebook["theme"].replace(EMPTY_LANES)
    groups = order_values(members.set_info[by])
    sets, labels = np.array(members.sets, dtype=object), members.item_labels.to_numpy()
    naming_any = {
        theme: int(members.matrix[(theme_of == theme).to_numpy()].any(axis=0).sum())
        for theme in dict.fromkeys(theme_of)
    }
    themes = tuple(sorted(naming_any, key=lambda theme: -naming_any[theme]))
    lines = []
    for group in groups:
        inside = np.array(
            [group in values_of(cell) or terms.takes(group, cell) for cell in cells], dtype=np.bool_
        )
        for theme in themes:
            of_theme = (theme_of == theme).to_numpy()
            block = members.matrix[np.ix_(of_theme, inside)]
            naming = sets[inside][block.any(axis=0)]
            rows = members.rows[
                members.rows["set"].isin(naming)
                & members.rows["item"].isin(members.items[of_theme])
            ]
            lines.append(
                (
                    group,
                    theme,
                    len(naming),
                    int(inside.sum()),
                    len(naming) / int(inside.sum()),
                    tuple(labels[of_theme][block.any(axis=1)]),
                    tuple(rows["row_id"]) or tuple(f"frameworks:{name}" for name in sets[inside]),
                )
            )
    columns = ["group", "theme", "frameworks", "of", "share", "concepts", "row_ids"]
    return Themes(
        by=by,
        groups=groups,
        themes=themes,
        cells=pd.DataFrame(lines, columns=columns),
        overall=pd.Series(naming_any, dtype="int64").reindex(themes),
        compared=len(sets),
        broader=pd.Series(
            {group: sum(terms.broader_only(group, cell) for cell in cells) for group in groups},
            dtype="int64",
        ),
        left_out=members.left_out,
        lens=Lens.of(lens).on(collection),
    )


# ---------------------------------------------------------------- in words


def found_frameworks(collection: Collection) -> tuple[str, ...]:
    """Say in sentences how many frameworks there are and what is not known of them."""
    frameworks = collection.frameworks
    if frameworks.empty:
        return ("There are no frameworks here.",)
    voices = compute_independence(collection, frameworks["framework_id"]).words
    sentences = [
        f"{counted(len(frameworks), 'framework')} with "
        f"{counted(len(collection.elements), 'element')} are entered, {voices}."
    ]
    promises = compute_promises(collection)
    lacking = promises[(promises["missing"] > 0).fillna(False)]
    if lacking.empty:
        sentences.append("No source promises more elements than are known.")
    else:
        sentences += [
            f"The source of {row['framework']} promises {row['stated']:,} elements; "
            f"{row['known']:,} {are(row['known'])} known."
            for _, row in lacking.iterrows()
        ]
    silent = int(promises["stated"].isna().sum())
    if silent:
        sentences.append(
            f"For {silent:,} of them the source gives no number, so whether anything is missing "
            "cannot be told from a count."
        )
    return tuple(sentences)


def found_namings(namings: Namings) -> tuple[str, ...]:
    """Say in sentences which frameworks name a concept, in what words, on whose evidence."""
    rows = namings.rows
    if rows.empty:
        return (f"Of {namings.compared:,} frameworks none names {namings.label}.",)
    firsts = rows.drop_duplicates("framework_id")
    sentences = [
        f"{len(firsts):,} of {counted(namings.compared, 'framework')} "
        f"{'names' if len(firsts) == 1 else 'name'} {namings.label}"
        f": {namings.voices.words}."
    ]
    wordings = rows["wording"].str.casefold()
    explicit = rows["basis"] == "explicit"
    sentences.append(
        f"They use {counted(wordings.nunique(), 'different wording')}; in {explicit.sum():,} of "
        f"{len(rows):,} elements the wording itself says it, in the others it was read from the "
        "context."
        if not explicit.all()
        else f"They use {counted(wordings.nunique(), 'different wording')}, and each says it "
        "itself."
    )
    alone = firsts["framework_id"].isin(
        set(rows["framework_id"])
        - set(rows.loc[[set(keys) != {namings.page} for keys in rows["keys"]], "framework_id"])
    )
    if namings.page:
        sentences.append(
            f"For {alone.sum():,} of them the words were read on the source page alone."
        )
    return tuple(sentences)


def found_themes(themes: Themes) -> tuple[str, ...]:
    """Say in sentences where the two largest groups differ most, and what most frameworks name."""
    sizes = themes.cells.drop_duplicates("group").set_index("group")["of"]
    large = [
        group
        for group in themes.groups
        if sizes[group] >= FEWEST_TO_COMPARE and group not in EMPTY_LANES.values()
    ][:2]
    sentences = []
    if len(large) == 2:
        first, second = (
            themes.cells[themes.cells["group"] == group]["share"].to_numpy() for group in large
        )
        place = int(np.abs(first - second).argmax())
        if first[place] != second[place]:
            sentences.append(
                f"{large[0][0].upper()}{large[0][1:]} and {large[1]}, the two groups coded most "
                f"often, differ most in {themes.themes[place]}: {first[place]:.0%} against "
                f"{second[place]:.0%} of the frameworks name a concept of it, "
                f"{_chance_of(themes, large, place)}."
            )
    else:
        sentences.append(
            f"Fewer than two groups have {FEWEST_TO_COMPARE} frameworks, so none are compared."
        )
    totals = themes.overall
    if len(totals) and totals.max() > 0:
        top = [str(theme) for theme in totals.index[totals == totals.max()]]
        names = " and ".join([", ".join(top[:-1]), top[-1]] if len(top) > 1 else top)
        sentences.append(
            f"Over all groups {names} {are(len(top))} named by the most "
            f"frameworks, {int(totals.max()):,} of {themes.compared:,}."
        )
    open_ = themes.broader[themes.broader > 0]
    if len(open_):
        told = "; ".join(f"{count:,} for {group}" for group, count in open_.items())
        sentences.append(f"Frameworks of only a broader term are in no narrower group: {told}.")
    small = int((sizes < FEWEST_TO_COMPARE).sum())
    if small:
        sentences.append(
            f"{counted(small, 'group')} {have(small)} fewer than "
            f"{FEWEST_TO_COMPARE} frameworks: read those shares as single cases."
        )
    return tuple(sentences)


def _chance_of(themes: Themes, groups: Sequence[str], place: int) -> str:
    """Say how often chance alone gives so large a difference in one of the themes."""
    cells = themes.cells[themes.cells["theme"] == themes.themes[place]].set_index("group")
    named, of = cells["frameworks"], cells["of"]
    first, second = groups
    p = fisher(int(named[first]), int(of[first]), int(named[second]), int(of[second]))
    p = min(1.0, p * len(themes.themes))
    told = "" if p <= LEAST_CHANCE else "; that does not tell the two apart"
    return (
        f"as chance alone would with p = {p:.2g} (Fisher’s exact test, for the largest of "
        f"{counted(len(themes.themes), 'difference')}, as if the sets were independent){told}"
    )
