"""Where the evidence is silent: concepts by design, setting, people, voice and jurisdiction.

How a row bears on a concept
----------------------------
A *framework* bears on a concept when a judgement of the crosswalk says that one of its elements
names the concept. A *claim* bears on the concepts that ``claim_concepts`` gives it, for, against
or mixed. A *work* bears on a concept when such an element rests on it (the work stands in the
source cell of the element or of its framework), or when such a claim cites it. That says what a
work is about, not what it shows. Works are those of the literature: `relnotes.analysis.works`.
Works that report one study count once: a conference abstract adds nothing to its paper.

What kind of work it is
-----------------------
Its design says it. A *synthesis* brings studies together: review, synthesis, meta-analysis. A
*summary* reports what others found without being one, or rates it. A work whose design is
``not_applicable``, such as rules or a guide, is *no study*, nor is a theory, a consensus or a
professional's account. Every other design is a *study*. Where what was read of a work does not say
its design, or nobody has looked, its kind is *not known*. A study with several reports is of the
first of these kinds that one of its reports is.

Three voids and what is none
----------------------------
*unnamed*: no framework names the concept. *untested*: a framework names it, but no claim, study or
synthesis here bears on it. *unsynthesised*: a study bears on it, but no synthesis. A concept that
is *claimed* has claims, but no study or synthesis that they or a framework rest on. Where a work of
a kind not known, or a claim or framework not coded, could say otherwise, it is *open*: nothing may
be said yet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from relnotes.analysis.independence import study_of
from relnotes.analysis.overlap import BASELINE, Lens, Memberships
from relnotes.analysis.works import EMPTY_LANES, ORIGINS, order_values, select_works, values_of
from relnotes.evidence.schema import NOT_CODED
from relnotes.evidence.sources import keys_in

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

SIDES: Final = {
    "design": ("works",),
    "setting": ("frameworks", "claims", "works"),
    "jurisdiction": ("frameworks", "works"),
    "people": ("frameworks", "claims"),
    "voices": ("works",),
}
"""Which tables say something about each way of dividing the evidence."""

DIRECTIONS: Final = ("for", "against", "mixed")

KINDS: Final = ("synthesis", "study", "summary", "no study", "not known")
"""A study whose reports are of several kinds is of the first of them."""
SYNTHESIS, STUDY, SUMMARY, NO_STUDY, UNKNOWN = KINDS

VOIDS: Final = ("unnamed", "untested", "unsynthesised")
UNNAMED, UNTESTED, UNSYNTHESISED = VOIDS
CLAIMED, OPEN, FILLED = "claimed", "open", ""

_SYNTHESIS_WORDS: Final = ("review", "synthes", "meta-analy", "metaanaly", "meta analy")
_SUMMARY_WORDS: Final = ("summary", "rating")
_NO_STUDY_WORDS: Final = ("theor", "consensus", "account")
_ACCOUNT: Final = "’s account"


@dataclass(frozen=True, eq=False)
class GapMap:
    """What bears on each concept, divided in one way.

    Attributes
    ----------
    by : str
        What divides the evidence: ``design``, ``setting``, ``jurisdiction``, ``people`` or
        ``voices``.
    columns : tuple of str
        The values found, the commonest first; what is not known comes last.
    concepts : DataFrame
        One row a concept, by theme and the number of frameworks: ``concept_id``, ``label``,
        ``theme``, ``frameworks``, ``claims``, ``works`` (numbers), one number for each of `KINDS`
        and each of `DIRECTIONS`, ``void`` (one of `VOIDS`, ``claimed``, ``open`` or empty) and
        ``row_ids``.
    cells : DataFrame
        One row for each concept and column that meet: ``concept_id``, ``column``, ``frameworks``,
        ``for``, ``against``, ``mixed`` (claims), ``works`` (numbers) and ``row_ids``.
    bearing : DataFrame
        One row for each concept and work, the page's own works first: ``concept_id``, ``key``,
        ``study`` (its main report), ``label``, ``kind`` (that of the study) and ``row_ids`` (what
        connects the two).
    lens : Lens
        Which judgements of the crosswalk count.
    """

    by: str
    columns: tuple[str, ...]
    concepts: pd.DataFrame
    cells: pd.DataFrame
    bearing: pd.DataFrame
    lens: Lens


@dataclass(frozen=True, eq=False)
class Voices:
    """Who was asked about which concept.

    Attributes
    ----------
    concepts : DataFrame
        ``concept_id``, ``label``, ``theme``, ``asked`` (accounts and works that bear on the
        concept) and ``uncoded`` (works that bear on it whose voices are not coded).
    sources : DataFrame
        One row for each voice and source: ``voice``, ``source_id`` (``frameworks:…`` or
        ``studies:…``), ``study`` (what it counts as: reports of one study are one), ``label``,
        ``concepts`` (how many it bears on); the voices asked most come first. A source that asked
        two groups has two rows.
    cells : DataFrame
        One row for each concept and source: ``concept_id``, ``source_id``, ``voice``, ``row_ids``.
    unheard : DataFrame
        Groups that frameworks or claims concern and that no source here is coded as having asked:
        ``people``, ``rows`` (how many frameworks and claims) and ``row_ids``.
    uncoded : int
        Studies of which nobody has coded yet in any report whose voices they hold.
    lens : Lens
        Which judgements of the crosswalk count.
    """

    concepts: pd.DataFrame
    sources: pd.DataFrame
    cells: pd.DataFrame
    unheard: pd.DataFrame
    uncoded: int
    lens: Lens


def kind_of_design(design: str) -> str:
    """Return what kind of work a design makes: one of `KINDS`.

    Examples
    --------
    >>> [kind_of_design(d) for d in ("narrative review", "survey", "evidence summary")]
    ['synthesis', 'study', 'summary']
    >>> kind_of_design("not_applicable"), kind_of_design("not_coded")
    ('no study', 'not known')
    """
    words = design.lower()
    if words in ("", NOT_CODED, "not_reported"):
        return UNKNOWN
    if words == "not_applicable":
        return NO_STUDY
    if any(word in words for word in _SYNTHESIS_WORDS):
        return SYNTHESIS
    if any(word in words for word in _NO_STUDY_WORDS):
        return NO_STUDY
    return SUMMARY if any(word in words for word in _SUMMARY_WORDS) else STUDY


# ---------------------------------------------------------------- what bears on what


def compute_bearing(collection: Collection, lens: Lens | str = BASELINE) -> pd.DataFrame:
    """Find the frameworks, claims and works that bear on each concept.

    Parameters
    ----------
    lens : Lens or str
        Which judgements of the crosswalk count.

    Returns
    -------
    DataFrame
        One row for each concept and thing: ``concept_id``, ``table`` (``frameworks``, ``claims``
        or ``studies``), ``id``, ``direction`` (of a claim, else empty), ``study`` (the main report
        of the study of a work, else the id) and ``row_ids``, what connects them. A framework named
        only, or not coded by this coder, is in none of the rows.

    Raises
    ------
    ValueError
        If there is no coding by this coder.
    """
    members = _members(collection, lens)
    works = set(select_works(collection)["key"])
    study = {key: study_of(collection, key) for key in works}
    found: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    if members is not None:
        own = collection.elements.set_index("element_id")["source"].to_dict()
        of_set = collection.frameworks.set_index("framework_id")["source"].to_dict()
        rows = members.rows
        for concept, framework, element, row in zip(
            rows["item"], rows["set"], rows["element_id"], rows["row_id"], strict=True
        ):
            found[concept, "frameworks", framework, ""].append(row)
            for key in (*keys_in(own[element]), *keys_in(of_set[framework])):
                if key in works:
                    found[concept, "studies", key, ""].append(row)
    known = set(collection.codebook["concept_id"])
    cites = collection.claims.set_index("claim_id")["cites"].to_dict()
    linked = collection.claim_concepts
    for concept, claim, direction in zip(
        linked["concept_id"], linked["claim_id"], linked["direction"], strict=True
    ):
        if concept not in known or claim not in cites:
            continue
        row = f"claim_concepts:{claim}/{concept}"
        found[concept, "claims", claim, direction].append(row)
        for key in keys_in(cites[claim]):
            if key in works:
                found[concept, "studies", key, ""].append(row)
    records = [
        (*name, study[name[2]] if name[1] == "studies" else name[2], tuple(dict.fromkeys(rows)))
        for name, rows in sorted(found.items())
    ]
    columns = ["concept_id", "table", "id", "direction", "study", "row_ids"]
    return pd.DataFrame(records, columns=columns)


def _members(collection: Collection, lens: Lens | str) -> Memberships | None:
    if collection.crosswalk.empty:
        return None
    return Memberships.from_crosswalk(collection, lens)


def compute_gaps(
    collection: Collection,
    by: str = "design",
    lens: Lens | str = BASELINE,
) -> GapMap:
    """Map what bears on each concept, and what is missing.

    Parameters
    ----------
    by : {"design", "setting", "jurisdiction", "people", "voices"}
        What divides the evidence into columns.
    lens : Lens or str
        Which judgements of the crosswalk count.

    Returns
    -------
    GapMap
        See the module for what its words mean.

    Raises
    ------
    ValueError
        If there is no such division or coding.
    """
    if by not in SIDES:
        raise ValueError(f"There is no map by ‘{by}’. Choose one of: {', '.join(SIDES)}.")
    bearing = compute_bearing(collection, lens)
    works = select_works(collection)
    of_works = _of_works(bearing, works)
    values = _values(collection, works, by)
    cells = _cells(bearing, values)
    used = [
        value
        for table, things in values.items()
        for thing in bearing.loc[bearing["table"] == table, "id"].drop_duplicates()
        for value in things[thing]
    ]
    return GapMap(
        by=by,
        columns=order_values(pd.Series(used, dtype="str")),
        concepts=_concepts(collection, bearing, of_works, lens),
        cells=cells,
        bearing=of_works,
        lens=Lens.of(lens),
    )


def _of_works(bearing: pd.DataFrame, works: pd.DataFrame) -> pd.DataFrame:
    """Return what bears on concepts of works alone, each with its label and the study's kind."""
    known = works.set_index("key")
    found = bearing[bearing["table"] == "studies"].rename(columns={"id": "key"})
    place = {origin: number for number, origin in enumerate(ORIGINS)}
    kind = found["key"].map(known["design"].map(kind_of_design)).map(KINDS.index)
    of_study = kind.groupby([found["concept_id"], found["study"]]).transform("min").astype("int64")
    found = found.assign(
        label=found["key"].map(known["label"]).astype("str"),
        kind=of_study.map(dict(enumerate(KINDS))).astype("str"),
        place=found["key"].map(known["origin"]).map(place).fillna(len(place)),
    ).sort_values(["concept_id", "place", "key"], ignore_index=True)
    return found[["concept_id", "key", "study", "label", "kind", "row_ids"]]


def _values(
    collection: Collection, works: pd.DataFrame, by: str
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Read what each framework, claim and work says about the division, by table and id."""
    frames = {
        "frameworks": (collection.frameworks, "framework_id"),
        "claims": (collection.claims, "claim_id"),
        "works": (works, "key"),
    }
    values = {}
    for side in SIDES[by]:
        frame, column = frames[side]
        table = "studies" if side == "works" else side
        values[table] = {
            row_id: values_of(cell) for row_id, cell in zip(frame[column], frame[by], strict=True)
        }
    return values


def _cells(bearing: pd.DataFrame, values: dict[str, dict[str, tuple[str, ...]]]) -> pd.DataFrame:
    numbers = ["frameworks", *DIRECTIONS, "works"]
    found: dict[tuple[str, str], dict[str, set[str]]] = {}
    ids: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in bearing.to_dict("records"):
        table, thing = str(row["table"]), str(row["id"])
        counted = {"studies": "works", "claims": str(row["direction"])}.get(table, table)
        for value in values.get(table, {}).get(thing, ()):
            place = (str(row["concept_id"]), value)
            cell = found.setdefault(place, {number: set() for number in numbers})
            if counted in cell:
                cell[counted].add(str(row["study"]))
            ids[place].append(f"{table}:{thing}")
    records = [
        (*place, *(len(cell[number]) for number in numbers), tuple(ids[place]))
        for place, cell in sorted(found.items())
    ]
    return pd.DataFrame(records, columns=["concept_id", "column", *numbers, "row_ids"])


def _concepts(
    collection: Collection,
    bearing: pd.DataFrame,
    of_works: pd.DataFrame,
    lens: Lens | str,
) -> pd.DataFrame:
    concepts = collection.codebook[["concept_id", "label", "theme"]].copy()
    ids = concepts["concept_id"]
    for column, table in (("frameworks", "frameworks"), ("claims", "claims"), ("works", "studies")):
        rows = bearing[bearing["table"] == table].drop_duplicates(["concept_id", "study"])
        concepts[column] = _counted(ids, rows["concept_id"])
    studies = of_works.drop_duplicates(["concept_id", "study"])
    for kind in KINDS:
        concepts[kind] = _counted(ids, studies.loc[studies["kind"] == kind, "concept_id"])
    members = _members(collection, lens)
    frameworks_coded = members is not None and _all_looked_at(collection, members)
    claims_coded = collection.claims.empty or len(collection.claim_concepts) > 0
    concepts["void"] = [
        _void(row, frameworks_coded=frameworks_coded, claims_coded=claims_coded)
        for row in concepts.to_dict("records")
    ]
    rows_of = {
        concept: tuple(
            dict.fromkeys(f"{t}:{i}" for t, i in zip(group["table"], group["id"], strict=True))
        )
        for concept, group in bearing.groupby("concept_id")
    }
    concepts["row_ids"] = [rows_of.get(concept, ()) for concept in ids]
    for direction in DIRECTIONS:
        of_claims = bearing[bearing["direction"] == direction]
        concepts[direction] = _counted(ids, of_claims["concept_id"])
    return _by_theme(concepts, "frameworks")


def _by_theme(concepts: pd.DataFrame, number: str) -> pd.DataFrame:
    """Sort concepts by theme, within it those with most first."""
    order = concepts.assign(few=-concepts[number]).sort_values(["theme", "few", "label"])
    return concepts.loc[order.index].reset_index(drop=True)


def _all_looked_at(collection: Collection, members: Memberships) -> bool:
    """Whether every framework was coded whose elements are known to anybody."""
    frameworks = collection.frameworks
    known = frameworks.loc[frameworks["completeness"] != "named_only", "framework_id"]
    return not known.isin(list(members.left_out["set"])).any()


def _counted(ids: pd.Series[str], found: pd.Series[str]) -> pd.Series[int]:
    return ids.map(found.value_counts()).fillna(0).astype("int64")


def _void(concept: dict[Any, Any], *, frameworks_coded: bool, claims_coded: bool) -> str:
    if not concept["frameworks"]:
        return UNNAMED if frameworks_coded else OPEN
    if concept[SYNTHESIS]:
        return FILLED
    if concept[STUDY]:
        return OPEN if concept[UNKNOWN] else UNSYNTHESISED
    if concept[UNKNOWN]:
        return OPEN
    if concept["claims"]:
        return CLAIMED
    return UNTESTED if claims_coded else OPEN


# ---------------------------------------------------------------- whose voice


def compute_voices(collection: Collection, lens: Lens | str = BASELINE) -> Voices:
    """Find who was asked about which concept.

    Two kinds of source can answer for a group: a work whose ``voices`` name the group, and a
    framework whose kind says that it is somebody's account, such as *practitioners' account*. The
    account is that group's; for *people's account* it is that of the framework's ``people``.

    Parameters
    ----------
    lens : Lens or str
        Which judgements of the crosswalk count.

    Raises
    ------
    ValueError
        If there is no coding by this coder.
    """
    bearing = compute_bearing(collection, lens)
    works = select_works(collection)
    sources = _speaking(collection, works)
    of_sources = bearing.assign(source_id=bearing["table"] + ":" + bearing["id"])
    cells = of_sources[["concept_id", "source_id", "row_ids"]].merge(
        sources[["voice", "source_id", "study"]], on="source_id"
    )
    cells = cells.sort_values(["concept_id", "voice", "source_id"], ignore_index=True)
    sources["concepts"] = _counted(sources["source_id"], of_sources["source_id"])
    place = {voice: number for number, voice in enumerate(order_values(sources["voice"]))}
    sources = sources.assign(place=sources["voice"].map(place)).sort_values(
        ["place", "concepts", "label"], ascending=[True, False, True], ignore_index=True
    )
    study = works["key"].map(lambda key: study_of(collection, key))
    coded = set(study[~works["voices"].isin(["not_coded", ""])])
    silent = set(study) - coded
    concepts = collection.codebook[["concept_id", "label", "theme"]].copy()
    asked = cells.drop_duplicates(["concept_id", "study"])
    concepts["asked"] = _counted(concepts["concept_id"], asked["concept_id"])
    uncoded = bearing[(bearing["table"] == "studies") & bearing["study"].isin(silent)]
    uncoded = uncoded.drop_duplicates(["concept_id", "study"])
    concepts["uncoded"] = _counted(concepts["concept_id"], uncoded["concept_id"])
    return Voices(
        concepts=_by_theme(concepts, "asked"),
        sources=sources.drop(columns="place"),
        cells=cells[["concept_id", "source_id", "voice", "row_ids"]],
        unheard=_unheard(collection, sources["voice"]),
        uncoded=len(silent),
        lens=Lens.of(lens),
    )


def _speaking(collection: Collection, works: pd.DataFrame) -> pd.DataFrame:
    """Return every voice with the frameworks and works that it speaks in."""
    frameworks = collection.frameworks
    accounts = zip(
        frameworks["framework_id"],
        frameworks["short_label"],
        map(_account_of, frameworks["kind"], frameworks["people"]),
        strict=True,
    )
    rows = [
        (voice, f"frameworks:{framework}", f"frameworks:{framework}", label)
        for framework, label, voices in accounts
        for voice in voices
    ]
    rows += [
        (voice, f"studies:{key}", f"studies:{study_of(collection, key)}", label)
        for key, label, cell in zip(works["key"], works["label"], works["voices"], strict=True)
        for voice in values_of(cell)
        if voice not in EMPTY_LANES.values()
    ]
    return pd.DataFrame(rows, columns=["voice", "source_id", "study", "label"])


def _account_of(kind: str, people: str) -> tuple[str, ...]:
    words = kind.replace("'", "’").strip().lower()
    who, account, rest = words.partition(_ACCOUNT)
    if not account:  # the possessive of a plural: practitioners' account
        who, account, rest = words.partition("s’ account")
        who += "s"
    if not account or rest.strip():
        return ()
    return values_of(people) if who == "people" else (who,)


def _unheard(collection: Collection, heard: Iterable[str]) -> pd.DataFrame:
    known = set(heard)
    rows: dict[str, list[str]] = defaultdict(list)
    for table, column in (("frameworks", "framework_id"), ("claims", "claim_id")):
        frame = collection.tables[table]
        for row_id, cell in zip(frame[column], frame["people"], strict=True):
            for people in values_of(cell):
                if people not in known and people not in EMPTY_LANES.values():
                    rows[people].append(f"{table}:{row_id}")
    records = [
        (people, len(ids), tuple(ids))
        for people, ids in sorted(rows.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    return pd.DataFrame(records, columns=["people", "rows", "row_ids"])
