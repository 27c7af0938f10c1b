"""The literature in time: works by year, and since when concepts are named."""

from relnotes.figures.timeline.concepts import (
    describe_concept_history,
    found_concept_history,
    plot_concept_history,
)
from relnotes.figures.timeline.works import describe_timeline, found_timeline, plot_timeline

__all__ = [
    "describe_concept_history",
    "describe_timeline",
    "found_concept_history",
    "found_timeline",
    "plot_concept_history",
    "plot_timeline",
]
