"""The figures of a collection: each asks a question, answers it, and knows the rows behind it.

>>> from relnotes import figures
>>> figure = figures.make("overlap-upset")
"""

from relnotes.figures.register import make, names

__all__ = ["make", "names"]


def __dir__() -> list[str]:
    return sorted(__all__)
