"""relnotes: evidence tables, checks, computations and figures, in that order.

>>> import relnotes
>>> collection = relnotes.open_collection()
"""

from relnotes.collection import Collection, check_collection, open_collection
from relnotes.faults import CollectionError, Fault

__all__ = ["Collection", "CollectionError", "Fault", "check_collection", "open_collection"]
__version__ = "0.1.0"
