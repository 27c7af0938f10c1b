"""The fingerprint of a framework: which concepts it names by theme, and how widely others do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from relnotes.analysis.overlap import BASELINE, Memberships
from relnotes.show.site.pages import Cell, Section

TITLE: Final = "Its fingerprint: what it names, theme by theme"
MOST_MISSED: Final = 5
"""How many of the most widely named concepts are told that it does not name."""


def fingerprint(
    members: Memberships | None, framework: str, link: Callable[[str], Cell]
) -> Section:
    """Say and draw what one framework names, against how widely the others name it.

    Parameters
    ----------
    members : Memberships or None
        Concepts by frameworks; None where nothing has been judged.
    framework : str
        Its id.
    link : callable
        Gives the words for a concept's id, leading to its page.
    """
    if members is None or framework not in members.sets:
        return Section(TITLE, (_why_not(members, framework),))
    here = members.matrix[:, members.position(framework)]
    others = members.degrees - here
    held = dict(zip(members.items, here.tolist(), strict=True))
    widely = dict(zip(members.items, others.tolist(), strict=True))
    ordered = sorted(members.items, key=lambda item: -widely[item])

    def named(items: list[str]) -> Cell:
        cells = [link(item) for item in items]
        counted = [
            Cell(f"{cell.text} ({widely[item]})", cell.href)
            for item, cell in zip(items, cells, strict=True)
        ]
        return Cell(", ".join(cell.text for cell in counted), parts=tuple(counted))

    known = members.item_info
    themes = dict.fromkeys(members.items, "") if known is None else known["theme"].to_dict()
    rows = []
    for theme in dict.fromkeys(themes[item] for item in members.items):
        mine = [item for item in ordered if themes[item] == theme]
        inside = [item for item in mine if held[item]]
        count = f"{len(inside)} of {len(mine)}"
        strip = _strip([held[item] for item in mine])
        rows.append((Cell(str(theme)), Cell(count, html=f"{strip} {count}"), named(inside)))
    missed = named([i for i in ordered if not held[i] and widely[i]][:MOST_MISSED])
    lacking = (f"Most widely named elsewhere and not here: {missed.text}.",) if missed.text else ()
    said = (
        f"It names {int(here.sum())} of {len(here)} concepts, where {BASELINE.words}. In brackets: "
        f"how many of the {len(members.sets) - 1} other frameworks name it. A square is a concept, "
        "the most widely named first; filled where this framework names it."
    )
    return Section(TITLE, (said, *lacking), ("Theme", "How many", "Which"), tuple(rows))


def _why_not(members: Memberships | None, framework: str) -> str:
    if members is None:
        return "Nothing has been judged yet, so there is none."
    left_out = members.left_out.set_index("set")["reason"]
    return f"It has none: {left_out[framework]}."


def _strip(filled: list[bool]) -> str:
    """Draw a square for each concept; the number beside it says the same in words."""
    squares = "".join(
        f'<rect class="{"in" if held else "out"}" x="{10 * place + 1}" y="1" width="8" height="8"/>'
        for place, held in enumerate(filled)
    )
    width = 10 * len(filled)
    return (
        f'<svg class="strip" aria-hidden="true" viewBox="0 0 {width} 10" width="{width}" '
        f'height="10">{squares}</svg>'
    )
