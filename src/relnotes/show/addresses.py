"""The address of a row on the site: its table's folder and its id, for good."""

from __future__ import annotations

import re
from typing import Final

from relnotes.evidence.collection import Collection

FOLDERS: Final = {
    "concepts": "concepts",
    "frameworks": "frameworks",
    "studies": "works",
    "crosswalk": "judgements",
    "claims": "claims",
    "findings": "findings",
}
"""Tables whose rows have a page each, and the folder the pages stand in."""

BELOW: Final = {"claim_concepts": "claims", "corrections": "studies"}
"""Tables whose rows stand on the page that the first part of their key names."""


def page_name(table: str, row_id: str) -> str:
    """Return the page of a row without its ending; key parts are joined by ``--``.

    Characters that mean something in an address are written as ``~`` and their number.

    Examples
    --------
    >>> page_name("crosswalk", "ideas-04/trust/reading")
    'judgements/ideas-04--trust--reading'
    >>> page_name("concepts", "Confiança?")
    'concepts/Confian~e7;a~3f;'
    """
    parts = [
        re.sub(r"[^A-Za-z0-9._-]|^[.-]|(?<=-)-|-$", lambda found: f"~{ord(found.group()):x};", part)
        for part in row_id.split("/")
    ]
    return f"{FOLDERS[table]}/{'--'.join(parts)}"


def address(collection: Collection, table: str, row_id: str) -> str:
    """Return where a row stands on the site, from the site's root; empty if nowhere.

    An element stands on its framework's page, a claim's concept on the claim's, a correction on
    the work's.
    """
    if table in FOLDERS:
        return f"{page_name(table, row_id)}.html"
    if table == "elements":
        framework = str(collection.row(table, row_id)["framework_id"])
        return f"{page_name('frameworks', framework)}.html#{row_id}"
    if table in BELOW:
        return f"{page_name(BELOW[table], row_id.split('/', 1)[0])}.html"
    return ""
