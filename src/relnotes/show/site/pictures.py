"""A drawn figure inside a page: its marks lead to the rows behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from relnotes.figures.figure import Figure

ORDER: Final = {
    "What is here": ("timeline-works", "audit-references"),
    "Who names what": (
        "frameworks-themes",
        "overlap-fingerprint",
        "overlap-meeting",
        "overlap-matrix",
        "overlap-upset",
        "overlap-settings",
        "timeline-concepts",
    ),
    "How sure that is": ("agreement-concepts", "overlap-sensitivity"),
    "What stands behind it": ("findings-forest",),
    "What nobody knows": ("gaps-map", "gaps-setting", "gaps-voices"),
}
"""The figures in the order that teaches: one framework before two, two before all."""

_SVG: Final = "http://www.w3.org/2000/svg"
_LINK: Final = "http://www.w3.org/1999/xlink"
_MARK: Final = re.compile(r"mark:([^:]*):")


def in_teaching_order(figures: Sequence[Figure]) -> dict[str, list[Figure]]:
    """Return the figures below the questions they belong to; those of no question come last."""
    by_name = {figure.name: figure for figure in figures}
    placed = {
        question: [by_name.pop(name) for name in names if name in by_name]
        for question, names in ORDER.items()
    }
    placed["More"] = list(by_name.values())
    return {question: found for question, found in placed.items() if found}


def linked(svg: str, alt: str, places: Mapping[str, str]) -> str:
    """Return an SVG for the body of a page, each mark a link where it leads somewhere.

    Parameters
    ----------
    svg : str
        As the figure writes it; each part of a mark carries the mark's name in its id.
    alt : str
        What one sees, for somebody who does not.
    places : mapping of str to str
        Name of a mark to where it leads.
    """
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _LINK)
    root = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", svg))
    root.set("role", "group")
    root.set("aria-label", alt)
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    reached: set[str] = set()
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            found = _MARK.match(child.get("id", ""))
            mark = unquote(found[1]) if found else ""
            if mark in places:
                parent[place] = _link(child, mark, places[mark], first=mark not in reached)
                reached.add(mark)
    return ET.tostring(root, encoding="unicode")


def _link(part: ET.Element, mark: str, href: str, *, first: bool) -> ET.Element:
    """Return a part of a mark as a link; only the first part is a stop of the keyboard."""
    link = ET.Element(f"{{{_SVG}}}a", {"href": href})
    if not first:
        link.attrib |= {"tabindex": "-1", "aria-hidden": "true"}
    ET.SubElement(link, f"{{{_SVG}}}title").text = mark
    link.append(part)
    return link
