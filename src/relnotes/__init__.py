"""relnotes: evidence tables, checks, computations and figures, in that order.

>>> import relnotes
>>> collection = relnotes.open_collection()
"""

import importlib
from types import ModuleType
from typing import Final

from relnotes.evidence.collection import Collection, check_collection, open_collection
from relnotes.evidence.faults import CollectionError, Fault
from relnotes.evidence.tracing import answer_marks_with

_TOPICS: Final = {
    "agreement": "relnotes.analysis.agreement",
    "alpha": "relnotes.analysis.alpha",
    "audit": "relnotes.analysis.audit",
    "changes": "relnotes.analysis.changes",
    "evidence_base": "relnotes.analysis.evidence_base",
    "figures": "relnotes.figures",
    "findings": "relnotes.analysis.findings",
    "frameworks": "relnotes.analysis.frameworks",
    "gaps": "relnotes.analysis.gaps",
    "heldout": "relnotes.analysis.heldout",
    "independence": "relnotes.analysis.independence",
    "notebook": "relnotes.show.notebook",
    "overlap": "relnotes.analysis.overlap",
    "timeline": "relnotes.analysis.timeline",
}
"""What a notebook may take from here by its plain name; each is loaded when it is asked for."""

__all__ = ["Collection", "CollectionError", "Fault", "check_collection", "open_collection"]
__all__ += list(_TOPICS)
__version__ = "0.2.0"


def __getattr__(name: str) -> ModuleType:
    if name in _TOPICS:
        return importlib.import_module(_TOPICS[name])
    raise AttributeError(f"module 'relnotes' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def _behind_mark(collection: Collection, name: str, mark: str) -> list[tuple[str, str]]:
    from relnotes.figures.register import rows_behind_mark  # noqa: PLC0415  (cold start: brings the drawing library)

    return rows_behind_mark(collection, name, mark)


answer_marks_with(_behind_mark)
