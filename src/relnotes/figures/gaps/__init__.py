"""Where the evidence is silent: the gap map, the map of settings, and whose voice was heard."""

from relnotes.figures.gaps.sides import describe_gap_bubbles, plot_gap_bubbles
from relnotes.figures.gaps.tiles import describe_gaps, found_gaps, plot_gaps
from relnotes.figures.gaps.voices import describe_voices, found_voices, plot_voices

__all__ = [
    "describe_gap_bubbles",
    "describe_gaps",
    "describe_voices",
    "found_gaps",
    "found_voices",
    "plot_gap_bubbles",
    "plot_gaps",
    "plot_voices",
]
