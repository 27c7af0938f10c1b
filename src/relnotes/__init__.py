"""relnotes: evidence tables, checks, computations and figures, in that order.

>>> import relnotes
>>> collection = relnotes.open_collection()
"""

from relnotes.evidence.collection import Collection, check_collection, open_collection
from relnotes.evidence.faults import CollectionError, Fault
from relnotes.evidence.tracing import answer_marks_with

__all__ = ["Collection", "CollectionError", "Fault", "check_collection", "open_collection"]
__version__ = "0.1.0"


def _behind_mark(collection: Collection, name: str, mark: str) -> list[tuple[str, str]]:
    from relnotes.figures import rows_behind_mark  # noqa: PLC0415  (drawing: only when asked)

    return rows_behind_mark(collection, name, mark)


answer_marks_with(_behind_mark)
