"""A drawn figure inside a page: its marks lead to the rows behind them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from xml.etree import ElementTree as ET

_SVG: Final = "http://www.w3.org/2000/svg"
_LINK: Final = "http://www.w3.org/1999/xlink"


def linked(svg: str, alt: str, places: Mapping[str, str]) -> str:
    """Return an SVG for the body of a page, each mark a link where it leads somewhere.

    Parameters
    ----------
    svg : str
        As the figure writes it; a mark carries its name as its id.
    alt : str
        What one sees, for somebody who does not.
    places : mapping of str to str
        Name of a mark to an address from the site's root.
    """
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _LINK)
    root = ET.fromstring(re.sub(r"<!DOCTYPE[^>]*>", "", svg))
    root.set("role", "group")
    root.set("aria-label", alt)
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    for parent in list(root.iter()):
        for place, child in enumerate(list(parent)):
            mark = child.get("id", "")
            if places.get(mark):
                link = ET.Element(f"{{{_SVG}}}a", {"href": f"../{places[mark]}"})
                title = ET.SubElement(link, f"{{{_SVG}}}title")
                title.text = mark
                link.append(child)
                parent[place] = link
    return ET.tostring(root, encoding="unicode")
