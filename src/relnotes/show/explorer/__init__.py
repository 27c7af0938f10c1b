"""The explorer: one page that holds a collection and answers clicks, without a server."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import zlib
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Final

from relnotes.show.addresses import FOLDERS
from relnotes.show.explorer.facts import explorer_facts

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

EXPLORER_FILE: Final = "explorer.html"
"""What the page is called where it is written."""

SCRIPTS: Final = (
    "facts.js", "parts.js", "views.js", "matrix.js", "gaps.js", "details.js", "page.js",
)  # fmt: skip
"""The scripts in the order in which they build on one another."""


def explorer_page(collection: Collection, site: str | None = None) -> str:
    """Return the explorer of a collection: a whole page that asks for nothing else.

    Parameters
    ----------
    collection : Collection
    site : str, optional
        Where the site begins as seen from this page, such as ``""`` or ``"../"``; every row then
        links to its own page there. Without it nothing does.

    Returns
    -------
    str
        HTML. Its policy forbids every request, and every script but its own.
    """
    folder = files("relnotes.show.explorer")
    script = '"use strict";\n' + "".join(
        folder.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS
    )
    style = folder.joinpath("explorer.css").read_text(encoding="utf-8")
    policy = (
        f"default-src 'none'; script-src '{_hashed(script)}'; style-src '{_hashed(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return Template(folder.joinpath("explorer.html").read_text(encoding="utf-8")).substitute(
        title=html.escape(collection.title),
        version=html.escape(collection.version),
        policy=policy,
        style=style,
        script=script,
        facts=_packed(explorer_facts(collection) | {"site": site, "folders": FOLDERS}),
    )


def _hashed(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _packed(facts: dict[str, object]) -> str:
    """Return JSON, deflated, in letters that mean nothing to a page: a third of its length."""
    written = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(zlib.compress(written.encode(), 9)).decode()
