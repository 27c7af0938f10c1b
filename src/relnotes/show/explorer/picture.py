"""A still picture of the explorer, for places where nothing may run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from relnotes.analysis.overlap import Memberships

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

CELL = 8
"""Side of a cell in the picture's units."""


def draw_matrix(collection: Collection) -> tuple[str, str]:
    """Draw which framework names which concept, as the explorer opens.

    Parameters
    ----------
    collection : Collection

    Returns
    -------
    svg, words : str
        The drawing, and what it shows in a sentence.
    """
    if collection.crosswalk.empty:
        words = "No element has been judged yet."
        return f'<svg xmlns="http://www.w3.org/2000/svg" width="{CELL}" height="{CELL}"/>', words
    members = Memberships.from_crosswalk(collection)
    matrix = members.matrix
    matrix = matrix[(-matrix.sum(axis=1)).argsort(kind="stable")]
    matrix = matrix[:, (-matrix.sum(axis=0)).argsort(kind="stable")]
    rows, columns = matrix.shape
    marks = "".join(
        f'<rect x="{x * CELL + 1}" y="{y * CELL + 1}" width="{CELL - 2}" height="{CELL - 2}"/>'
        for y, x in zip(*(axis.tolist() for axis in matrix.nonzero()), strict=True)
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{columns * CELL}" height="{rows * CELL}">'
        f'<rect width="100%" height="100%" fill="#f2f3f6"/><g fill="#1f5a8c">{marks}</g></svg>'
    )
    words = (
        f"Matrix of {rows} concepts by {columns} frameworks, the most named at the top: "
        f"{int(matrix.sum())} cells are marked."
    )
    return svg, words
