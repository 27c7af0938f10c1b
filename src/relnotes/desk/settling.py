"""What two coders judged differently, as a sheet; settled, it comes back as a coding of its own."""

from __future__ import annotations

import pandas as pd

from relnotes.desk.workbooks import table_workbook
from relnotes.evidence.collection import Collection
from relnotes.evidence.lexical import LEXICAL

ADJUDICATED = "adjudicated"
"""Coder of the judgements that two coders have settled."""

MADE_CODINGS = (LEXICAL, ADJUDICATED)
"""Codings that are nobody's own."""


def disagreements_of(collection: Collection, first: str, second: str) -> pd.DataFrame:
    """Return the judgements that two coders make differently on elements that both judged.

    Parameters
    ----------
    collection : Collection
        The evidence.
    first, second : str
        The coders.

    Returns
    -------
    DataFrame
        ``element_id``, ``concept_id``, and in ``first`` and ``second`` the relation that each
        gives with its reason; "no" where a coder does not relate the two.

    Raises
    ------
    KeyError
        If there is no such coding.
    """
    crosswalk = collection.crosswalk.astype("str")
    coders = sorted(set(crosswalk["coder"]))
    for coder in (first, second):
        if coder not in coders:
            there = ", ".join(coders) or "none yet"
            raise KeyError(f"There is no coding ‘{coder}’; there are: {there}.")
    sides = []
    for coder in (first, second):
        rows = crosswalk[crosswalk["coder"] == coder]
        said = rows["relation"] + ": " + rows["reason"]
        sides.append(rows[["element_id", "concept_id", "relation"]].assign(said=said))
    both = set(sides[0]["element_id"]) & set(sides[1]["element_id"])
    found = sides[0].merge(sides[1], how="outer", on=["element_id", "concept_id"]).fillna("no")
    differ = found["element_id"].isin(both) & (found["relation_x"] != found["relation_y"])
    named = {"said_x": "first", "said_y": "second"}
    columns = ["element_id", "concept_id", "first", "second"]
    return found[differ].rename(columns=named)[columns].reset_index(drop=True)


def settling_bytes(collection: Collection, first: str, second: str) -> bytes:
    """Return a workbook with the judgements of two coders, those that differ left to be settled.

    What both agree on is filled in. A row whose relation stays blank brings no judgement.
    """
    table = collection.schema.table("crosswalk")
    found = disagreements_of(collection, first, second)
    rows = collection.crosswalk.astype("str")
    mine, theirs = rows[rows["coder"] == first], rows[rows["coder"] == second]
    same = ["element_id", "concept_id", "relation"]
    agreed = mine.merge(theirs[same], on=same)
    settled = pd.concat([found[["element_id", "concept_id"]], agreed]).assign(coder=ADJUDICATED)
    settled = settled.reindex(columns=table.columns).fillna("").astype("str")
    return table_workbook(collection, {"crosswalk": settled},
                          {"view disagreements": found.astype("str")}, base={})  # fmt: skip
