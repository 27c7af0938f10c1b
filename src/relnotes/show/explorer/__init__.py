"""The explorer: one page that holds a collection and answers clicks, without a server."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from relnotes.show.explorer.facts import explorer_facts

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

SCRIPTS: Final = ("facts.js", "parts.js", "views.js", "details.js", "page.js")
"""The scripts in the order in which they build on one another."""

_REMARKS: Final = re.compile(r"^[ \t]*(?:/\*\*(?:(?!\*/)[\s\S])*\*/[ \t]*|//.*)\n", re.MULTILINE)


def explorer_page(collection: Collection, site: str | None = None) -> str:
    """Return the explorer of a collection: a whole page that asks for nothing else.

    Parameters
    ----------
    collection : Collection
    site : str, optional
        Where the rows' own pages stand as seen from this page, such as ``""`` or ``"../"``; see
        `row_address`. Without it nothing links there.

    Returns
    -------
    str
        HTML. Its policy forbids every request, and every script but its own.
    """
    folder = files("relnotes.show.explorer")
    read = "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in SCRIPTS)
    script = '"use strict";\n' + _REMARKS.sub("", read)
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
        facts=_inert(explorer_facts(collection) | {"site": site}),
    )


def row_address(folder: str, *ids: str) -> str:
    """Return where a row's own page stands in a site.

    Parameters
    ----------
    folder : str
        ``concepts``, ``frameworks``, ``works`` or ``judgements``.
    *ids : str
        Id of the row; element, concept and coder of a judgement.

    Examples
    --------
    >>> row_address("judgements", "buddy-01", "patience", "a reading")
    'judgements/buddy-01--patience--a%20reading.html'
    """
    name = "--".join(quote(part, safe="!*'()") for part in ids)
    return f"{folder}/{name}.html"


def _hashed(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inert(facts: dict[str, object]) -> str:
    """Return JSON that cannot end the element it stands in."""
    written = json.dumps(facts, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return written.replace("<", "\\u003c")
