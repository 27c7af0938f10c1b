"""What is begun and not finished: no fault, and never hidden."""

from __future__ import annotations

from relnotes.evidence.collection import Collection
from relnotes.evidence.schema import NOT_CODED


def unfinished(collection: Collection) -> dict[str, tuple[str, ...]]:
    """Return what is left to do, in words, with the ids it is left to do for.

    Examples
    --------
    >>> import pandas as pd
    >>> unfinished(Collection.of({"elements": pd.DataFrame({"element_id": ["bond-01"]})}))
    {'elements not judged': ('bond-01',)}
    """
    crosswalk, studies = collection.crosswalk, collection.studies
    elements = collection.elements["element_id"]
    used = crosswalk.drop_duplicates(["element_id", "concept_id"])["concept_id"].value_counts()
    concepts = collection.concepts["concept_id"]
    frameworks = collection.frameworks["framework_id"]
    uncoded = (studies.astype("str") == NOT_CODED).any(axis=1)
    left = {
        "frameworks without elements": frameworks[
            ~frameworks.isin(collection.elements["framework_id"])
            & (collection.frameworks["completeness"] != "named_only")
        ],
        "elements not judged": elements[~elements.isin(crosswalk["element_id"])],
        "concepts that fewer than two elements use": concepts[concepts.map(used).fillna(0) < 2],
        "studies not coded": studies["key"][uncoded],
    }
    return {what: tuple(map(str, ids)) for what, ids in left.items() if len(ids)}
