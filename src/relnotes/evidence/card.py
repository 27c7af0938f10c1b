"""What a collection shows of itself, and the tables it hands out."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from relnotes.evidence.near import UnknownNameError

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

NEXT = (
    ('collection["elements"]', "the rows of a table"),
    ('collection.trace("…")', "from an id to the words it rests on"),
    ('collection.only(setting="…")', "a part of the collection"),
    ('relnotes.figures.make("…")', "a figure; figures.names() lists them"),
)
"""What to call next, and what for."""


class Tables(Mapping[str, pd.DataFrame]):
    """The tables of a collection by name, each handed out as a copy of its own.

    What somebody changes in a frame stays in their hands: the collection, and all that is computed
    from it, stays what was checked. Pandas copies the cells only when one is written.

    Examples
    --------
    >>> tables = Tables({"concepts": pd.DataFrame({"label": ["Trust"]})})
    >>> mine = tables["concepts"]
    >>> mine["label"] = "Hope"
    >>> tables["concepts"]["label"].tolist()
    ['Trust']
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._frames = dict(frames)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._frames:
            raise UnknownNameError("There is no table", name, self._frames)
        return self._frames[name].copy(deep=False)

    def __contains__(self, name: object) -> bool:
        return name in self._frames

    def __iter__(self) -> Iterator[str]:
        return iter(self._frames)

    def __len__(self) -> int:
        return len(self._frames)


class NamedTables:
    """The tables by their names, so that they stand on completion."""

    tables: Mapping[str, pd.DataFrame]

    @property
    def frameworks(self) -> pd.DataFrame:
        """Published element sets."""
        return self.tables["frameworks"]

    @property
    def elements(self) -> pd.DataFrame:
        """Elements of the frameworks, in their sources' words."""
        return self.tables["elements"]

    @property
    def concepts(self) -> pd.DataFrame:
        """Canonical concepts: the codebook."""
        return self.tables["concepts"]

    @property
    def crosswalk(self) -> pd.DataFrame:
        """Judgements that relate elements to concepts."""
        return self.tables["crosswalk"]

    @property
    def claims(self) -> pd.DataFrame:
        """Evidential statements of the source page."""
        return self.tables["claims"]

    @property
    def claim_concepts(self) -> pd.DataFrame:
        """Which concepts a claim bears on."""
        return self.tables["claim_concepts"]

    @property
    def findings(self) -> pd.DataFrame:
        """Numbers and directions that works report."""
        return self.tables["findings"]

    @property
    def corrections(self) -> pd.DataFrame:
        """Printed facts found wrong."""
        return self.tables["corrections"]

    @property
    def passages(self) -> pd.DataFrame:
        """Outline of the source page."""
        return self.tables["passages"]

    @property
    def events(self) -> pd.DataFrame:
        """Policy and publication events."""
        return self.tables["events"]

    @property
    def retired(self) -> pd.DataFrame:
        """Ids no longer used."""
        return self.tables["retired"]

    @property
    def waivers(self) -> pd.DataFrame:
        """Rules set aside for one row."""
        return self.tables["waivers"]

    @property
    def vocabularies(self) -> pd.DataFrame:
        """Terms that stand in the cells, by list."""
        return self.tables["vocabularies"]


def card(collection: Collection) -> str:
    """Return the collection on a card: what it is, what it holds, what to call next."""
    rows = {name: f"{len(frame):,}" for name, frame in collection.tables.items()}
    wide = max(map(len, rows))
    number = max(map(len, rows.values()))
    calls = max(len(call) for call, _ in NEXT)
    return "\n".join(
        [
            *_headline(collection),
            "",
            *(f"  {name:<{wide}}  {count:>{number}} rows" for name, count in rows.items()),
            "",
            *(f"  {call:<{calls}}  {what}" for call, what in NEXT),
        ]
    )


def card_html(collection: Collection) -> str:
    """Return the card for a notebook."""
    title, *about = (html.escape(line) for line in _headline(collection))
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th><td>{len(frame):,}</td>'
        f"<td>{html.escape(collection.schema.table(name).title)}</td></tr>"
        for name, frame in collection.tables.items()
    )
    calls = "".join(
        f"<li><code>{html.escape(call)}</code> {html.escape(what)}</li>" for call, what in NEXT
    )
    return (
        f"<p><strong>{title}</strong><br>{'<br>'.join(about)}</p>\n"
        '<table>\n<thead><tr><th scope="col">table</th><th scope="col">rows</th>'
        f'<th scope="col">what it holds</th></tr></thead>\n<tbody>{rows}</tbody>\n</table>\n'
        f"<p>What to call next:</p>\n<ul>{calls}</ul>"
    )


def _headline(collection: Collection) -> list[str]:
    works = f"{len(collection.bibliography):,} works in the bibliography"
    lines = [f"{collection.title}, version {collection.version}", works]
    return [*lines, f"Only {collection.part}"] if collection.part else lines
