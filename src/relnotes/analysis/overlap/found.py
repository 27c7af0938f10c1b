"""What the overlap comes to, in computed sentences."""

from __future__ import annotations

import pandas as pd

from relnotes.analysis.independence import Independence, compute_independence
from relnotes.analysis.overlap.chance import collapse_families, compute_cooccurrence_chance
from relnotes.analysis.overlap.lens import BASELINE, Lens
from relnotes.analysis.overlap.memberships import Memberships
from relnotes.analysis.overlap.pairs import compute_pairs
from relnotes.analysis.overlap.presence import compute_presence
from relnotes.analysis.overlap.sensitivity import compute_sensitivity
from relnotes.evidence.collection import Collection
from relnotes.evidence.sentences import counted


def found_overlap(collection: Collection) -> tuple[str, ...]:
    """Say what the frameworks share: the concept named most, and the pairs that meet.

    Parameters
    ----------
    collection : Collection
        The evidence, read through the lens that figures use.

    Returns
    -------
    tuple of str
        Whole sentences; they change when the tables do.
    """
    memberships = Memberships.from_crosswalk(collection)
    if not len(memberships.sets) or not len(memberships.items):
        return ("No framework of this collection has been related to a concept yet.",)
    return _most_named(collection, memberships), _pairs(memberships)


def found_sureness(collection: Collection) -> tuple[str, ...]:
    """Say how far what is shared depends on the lens, and whether chance would do the same."""
    memberships = Memberships.from_crosswalk(collection)
    if not len(memberships.sets) or not len(memberships.items):
        return ("No framework of this collection has been related to a concept yet.",)
    return (
        _held(collection),
        "With each family counted once: "
        + compute_cooccurrence_chance(collapse_families(memberships))
        .verdict.replace("pairs of items", "pairs of concepts")
        .replace("pair of items", "pair of concepts"),
    )


def _held(collection: Collection) -> str:
    """Say how many of the leading concepts stay at the top, and through which lenses."""
    found = compute_sensitivity(collection)
    top = found.conclusions
    top = top[(top["kind"] == "top") & top["at_baseline"]]
    held = int(top["survives"].sum())
    coders = found.lenses["coder"].nunique()
    whose = f"in each of {coders} codings" if coders > 1 else "in the one coding there is"
    return (
        f"Of {counted(len(top), 'statement')} about the most widely named concepts, "
        f"{held:,} {'holds' if held == 1 else 'hold'} through every lens: every strictness and "
        f"basis {whose}."
    )


def _most_named(collection: Collection, memberships: Memberships) -> str:
    presence = compute_presence(memberships)
    first = presence.iloc[0]
    named = int(first["sets"])
    if not named:
        return f"None of {counted(len(memberships.sets), 'framework')} names a concept surely."
    rows = memberships.rows
    by = rows.loc[rows["item"] == first["item"], "element_id"]
    voices = compute_independence(collection, first["set_ids"], by)
    others = int((presence["sets"] == named).sum()) - 1
    alike = f" ({counted(others, 'other')} as widely)" if others else ""
    return (
        f"{first['label']} is the most widely named concept{alike}: {counted(named, 'framework')} "
        f"of {len(memberships.sets):,} {'names' if named == 1 else 'name'} it, {voices.words}."
    )


def _families(memberships: Memberships) -> pd.Series[str]:
    info = memberships.set_info
    if "family" not in info:
        return pd.Series("not_coded", index=pd.Index(memberships.sets), dtype="str")
    return info["family"].astype("str")


def _pairs(memberships: Memberships) -> str:
    pairs = compute_pairs(memberships)
    sharing = pairs[pairs["shared"] > 0]
    said = (
        f"Of {counted(len(pairs), 'pair')} of frameworks, "
        f"{len(sharing):,} {'shares' if len(sharing) == 1 else 'share'} at least one concept"
    )
    family = _families(memberships)
    apart = sharing[
        (family.loc[sharing["set_a"]].to_numpy() != family.loc[sharing["set_b"]].to_numpy())
        | family.loc[sharing["set_a"]].isin(["not_applicable", "not_coded"]).to_numpy()
    ]
    if apart.empty:
        return said + "."
    best = apart.sort_values(["shared", "jaccard"], ascending=False, kind="stable").iloc[0]
    others = int((apart["shared"] == best["shared"]).sum()) - 1
    alike = f" ({counted(others, 'other pair')} as many)" if others else ""
    return (
        f"{said}; of those not known to be of one family, {best['label_a']} and {best['label_b']} "
        f"share most: {counted(int(best['shared']), 'concept')}{alike}."
    )


def compute_concept_independence(
    collection: Collection, lens: Lens | str = BASELINE
) -> dict[str, Independence]:
    """Count the independent voices that name each concept, by concept id."""
    if collection.crosswalk.empty:
        return {}
    rows = Memberships.from_crosswalk(collection, lens).rows
    return {
        str(concept): compute_independence(collection, group["set"], group["element_id"])
        for concept, group in rows.groupby("item")
    }


def compute_concept_range(collection: Collection, lens: Lens | str = BASELINE) -> pd.DataFrame:
    """Rank the concepts by the frameworks that name them, with the range of voices.

    Returns
    -------
    DataFrame
        As `compute_presence` has it, with ``least`` and ``most``, the ends of the range.
    """
    presence = compute_presence(Memberships.from_crosswalk(collection, lens))
    voices = compute_concept_independence(collection, lens)
    known = [voices.get(str(item), Independence(0, 0, 0)) for item in presence["item"]]
    return presence.assign(
        least=pd.array([voice.least for voice in known], dtype="Int64"),
        most=pd.array([voice.most for voice in known], dtype="Int64"),
    )
