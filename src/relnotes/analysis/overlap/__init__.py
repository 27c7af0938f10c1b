"""Where published sets agree, how sure that is, and which rows stand behind it.

`Memberships` says which item is in which set; every ``compute_*`` function
takes them (or a collection) and returns a table or a frozen result that knows the ids behind it.
"""

from relnotes.analysis.overlap.chance import (
    ChanceTest,
    collapse_families,
    compute_cooccurrence_chance,
    compute_pair_chance,
    deal_again,
)
from relnotes.analysis.overlap.concept_matrix import ConceptMatrix, compute_concept_matrix
from relnotes.analysis.overlap.found import (
    compute_concept_independence,
    compute_concept_range,
    found_overlap,
    found_sureness,
)
from relnotes.analysis.overlap.intersections import (
    MODE_WORDS,
    MODES,
    Intersection,
    Intersections,
    compute_intersections,
)
from relnotes.analysis.overlap.lens import BASELINE, Lens, Strictness, codings, main_coder
from relnotes.analysis.overlap.memberships import Memberships
from relnotes.analysis.overlap.pairs import (
    compute_pairs,
    compute_similarity,
    find_nearest_pair,
)
from relnotes.analysis.overlap.presence import (
    compute_presence,
)
from relnotes.analysis.overlap.sensitivity import Sensitivity, compute_sensitivity

__all__ = [
    "BASELINE",
    "MODES",
    "MODE_WORDS",
    "ChanceTest",
    "ConceptMatrix",
    "Intersection",
    "Intersections",
    "Lens",
    "Memberships",
    "Sensitivity",
    "Strictness",
    "codings",
    "collapse_families",
    "compute_concept_independence",
    "compute_concept_matrix",
    "compute_concept_range",
    "compute_cooccurrence_chance",
    "compute_intersections",
    "compute_pair_chance",
    "compute_pairs",
    "compute_presence",
    "compute_sensitivity",
    "compute_similarity",
    "deal_again",
    "find_nearest_pair",
    "found_overlap",
    "found_sureness",
    "main_coder",
]
