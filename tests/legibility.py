"""Whether a figure can be read: labels as the renderer sets them, colours as eyes see them.

References
----------
.. [1] Machado, G. M., Oliveira, M. M. and Fernandes, L. A. F. (2009). A physiologically-based
   model for simulation of color vision deficiency. IEEE Transactions on Visualization and
   Computer Graphics, 15(6), 1291–1298. doi:10.1109/TVCG.2009.113
.. [2] CIE (2004). Colorimetry, 3rd edition. CIE 15:2004 (the L*a*b* space and its distance).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, Literal

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure as Drawing
from numpy.typing import ArrayLike, NDArray

from relnotes.figures.style import house_style

Deficiency = Literal["protanopia", "deuteranopia", "tritanopia"]

# Machado and others (2009), severity 1.0, for linear RGB.
_MACHADO: Final[dict[Deficiency, NDArray[np.float64]]] = {
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}

DEFICIENCIES: Final[tuple[Deficiency, ...]] = ("protanopia", "deuteranopia", "tritanopia")

_XYZ_OF_RGB: Final = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
_D65: Final = np.array([0.95047, 1.0, 1.08883])


@dataclass(frozen=True)
class PrintedLabel:
    """A line of text as it was set: its words, type size in points and box in points."""

    text: str
    size: float
    corners: NDArray[np.float64]
    """The four corners, x to the right and y downwards from the top left of the drawing."""


class _TextRecorder(RendererAgg):
    """A renderer that remembers every line of text it is given."""

    def __init__(self, width: float, height: float, dpi: float) -> None:
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call]
        self.labels: list[PrintedLabel] = []
        # Only where the words stand is asked; painting the rest would take most of the time.
        for paint in ("draw_path", "draw_path_collection", "draw_quad_mesh", "draw_markers"):
            setattr(self, paint, lambda *_, **__: None)

    def draw_text(
        self,
        gc: Any,
        x: float,
        y: float,
        s: str,
        prop: Any,
        angle: float,
        ismath: bool | str = False,
        mtext: Any = None,
    ) -> None:
        w, h, descent = self.get_text_width_height_descent(s, prop, ismath)  # type: ignore[no-untyped-call]
        box = np.array([[0, -descent], [w, -descent], [w, h - descent], [0, h - descent]])
        turn = np.deg2rad(angle)
        spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        corners = (box @ spin.T) * [1, -1] + [x, y]
        self.labels.append(
            PrintedLabel(s, float(prop.get_size_in_points()), corners * 72 / self.dpi)
        )


def printed_labels(drawing: Drawing) -> list[PrintedLabel]:
    """Return every line of text of a drawing as the renderer sets it at print size."""
    canvas = FigureCanvasAgg(drawing)
    width, height = canvas.get_width_height()
    recorder = _TextRecorder(width, height, drawing.dpi)
    with house_style():
        drawing.draw(recorder)
    return [label for label in recorder.labels if label.text.strip()]


def _measured(drawing: Drawing | Sequence[PrintedLabel]) -> Sequence[PrintedLabel]:
    return printed_labels(drawing) if isinstance(drawing, Drawing) else drawing


def smallest_text(drawing: Drawing | Sequence[PrintedLabel]) -> float:
    """Return the smallest type size of a drawing in points; infinite where it has no text."""
    return min((label.size for label in _measured(drawing)), default=float("inf"))


def overlapping_labels(
    drawing: Drawing | Sequence[PrintedLabel], tolerance: float = 0.5
) -> list[tuple[str, str]]:
    """Return the pairs of labels whose boxes run into each other.

    Parameters
    ----------
    drawing : matplotlib.figure.Figure or sequence of PrintedLabel
        What to measure, or what :func:`printed_labels` measured.
    tolerance : float
        How far, in points, boxes may reach into each other: letters leave some air in theirs.

    Examples
    --------
    >>> from relnotes.figures.style import sheet, write
    >>> with house_style():
    ...     page = sheet(100, 40)
    ...     _ = write(page, 10, 20, "trust"), write(page, 14, 20, "hope")
    >>> overlapping_labels(page.figure)
    [('trust', 'hope')]
    """
    labels = _measured(drawing)
    if not labels:
        return []
    boxes = np.array([[*label.corners.min(axis=0), *label.corners.max(axis=0)] for label in labels])
    found = []
    for i in range(len(labels) - 1):
        later = boxes[i + 1 :]
        near = (
            (later[:, 0] < boxes[i, 2] - tolerance)
            & (later[:, 2] > boxes[i, 0] + tolerance)
            & (later[:, 1] < boxes[i, 3] - tolerance)
            & (later[:, 3] > boxes[i, 1] + tolerance)
        )
        for j in (np.flatnonzero(near) + i + 1).tolist():
            if _reach_into(labels[i].corners, labels[j].corners, tolerance):
                found.append((labels[i].text, labels[j].text))
    return found


def _reach_into(a: NDArray[np.float64], b: NDArray[np.float64], tolerance: float) -> bool:
    """Whether two boxes at any angle overlap: no side of either parts them."""
    for box in (a, b):
        for side in (box[1] - box[0], box[3] - box[0]):
            length = np.hypot(*side)
            if length == 0:
                return False
            on_a, on_b = a @ side / length, b @ side / length
            if min(on_a.max(), on_b.max()) - max(on_a.min(), on_b.min()) <= tolerance:
                return False
    return True


def labels_cut_off(drawing: Drawing, tolerance: float = 0.5) -> list[str]:
    """Return the labels that reach over the edge of the drawing."""
    width, height = drawing.get_size_inches() * 72
    return [
        label.text
        for label in printed_labels(drawing)
        if (label.corners.min(axis=0) < -tolerance).any()
        or (label.corners.max(axis=0) > np.array([width, height]) + tolerance).any()
    ]


# ---------------------------------------------------------------- colours


def _linear(srgb: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def _gamma(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def as_seen(colours: ArrayLike, deficiency: Deficiency) -> NDArray[np.float64]:
    """Return colours as somebody with a colour-vision deficiency sees them.

    Parameters
    ----------
    colours : array-like of float, shape (..., 3)
        sRGB from 0 to 1: one colour, a palette, or a whole picture.
    deficiency : {"protanopia", "deuteranopia", "tritanopia"}
        Which cones are missing.

    Returns
    -------
    ndarray of float, shape (..., 3)
        sRGB from 0 to 1.

    References
    ----------
    Machado, Oliveira and Fernandes (2009), the matrices for severity 1.0; see the module.

    Examples
    --------
    >>> as_seen([1.0, 1.0, 1.0], "deuteranopia").round(2).tolist()
    [1.0, 1.0, 1.0]
    """
    return _gamma(_linear(np.asarray(colours, dtype=float)) @ _MACHADO[deficiency].T)


def lightness_and_hue(colours: ArrayLike) -> NDArray[np.float64]:
    """Return sRGB colours as CIE L*a*b* under D65, shape (..., 3).

    Examples
    --------
    >>> float(lightness_and_hue([0.5, 0.5, 0.5])[0].round(1))
    53.4
    """
    xyz = _linear(np.asarray(colours, dtype=float)) @ _XYZ_OF_RGB.T / _D65
    edge = 6 / 29
    f = np.where(xyz > edge**3, np.cbrt(xyz), xyz / (3 * edge**2) + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def least_distance(colours: Sequence[str], deficiency: Deficiency | None = None) -> float:
    """Return the smallest distance in CIE L*a*b* between any two of some colours.

    Parameters
    ----------
    colours : sequence of str
        At least two colours.
    deficiency : {"protanopia", "deuteranopia", "tritanopia"}, optional
        As seen with it; without it, as most people see them.

    Examples
    --------
    >>> least_distance(["#000000", "#ffffff"]) > 99
    True
    """
    palette = np.array([to_rgb(colour) for colour in colours])
    lab = lightness_and_hue(palette if deficiency is None else as_seen(palette, deficiency))
    return float(min(np.linalg.norm(a - b) for a, b in combinations(lab, 2)))
