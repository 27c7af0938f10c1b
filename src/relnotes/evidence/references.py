"""References as pandoc formats them, with nothing but plain marks and the work's address."""

from __future__ import annotations

import functools
import html
import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from relnotes.evidence.faults import visible

_PLAIN_MARKS: Final = {"em", "i", "strong", "sub", "sup", "q"}
"""The marks that a formatted reference may hold."""


@functools.lru_cache(maxsize=64)
def formatted(entries: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the key and the reference as HTML of each entry, in the order of the style."""
    if not entries:
        return ()
    page = _cited("\n".join(entries))
    found = re.findall(
        r'<div id="ref-([^"]+)" class="csl-entry"[^>]*>\s*(.*?)\s*</div>', page, flags=re.S
    )
    return tuple((html.unescape(key), re.sub(r"\s+", " ", entry)) for key, entry in found)


def _cited(bibliography: str) -> str:
    """Return a page that cites all works of a BibTeX text, made by pandoc."""
    import pypandoc  # noqa: PLC0415  (cold start: only for references)

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "references.bib"
        path.write_text(bibliography, encoding="utf-8", newline="\n")
        # Quiet: a warning of pandoc names neither the entry nor its line, and would land in a cell.
        options = ["--quiet", "--sandbox", "--wrap=none", "--citeproc", f"--bibliography={path}"]
        cite_all = "---\nnocite: '@*'\n---\n"
        return str(pypandoc.convert_text(cite_all, "html", format="markdown", extra_args=options))


def cleaned(reference: str, address: str) -> str:
    """Return a reference with no other marks than the plain ones, and no address but the work's."""
    found = _Reference(address)
    found.feed(reference)
    found.close()
    return found.text()


class _Reference(HTMLParser):
    """A formatted reference with nothing in it but plain marks and the work's own address.

    Titles come from strangers, and LaTeX can say pictures, scripts and addresses.
    """

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.parts: list[str] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _PLAIN_MARKS:
            self.parts.append(f"<{tag}>")
            self._open.append(tag)
        elif tag == "a" and self.address and _same(dict(attrs).get("href"), self.address):
            self.parts.append(f'<a href="{html.escape(self.address)}">')
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self.parts.append(f"</{self._open.pop()}>")

    def handle_data(self, data: str) -> None:
        self.parts.append(html.escape(data, quote=False))

    def text(self) -> str:
        """Return the reference, with what was left open closed."""
        return "".join([*self.parts, *(f"</{tag}>" for tag in reversed(self._open))])


def _same(href: str | None, address: str) -> bool:
    return unquote(href or "").rstrip("/").lower() == unquote(address).rstrip("/").lower()


def plain_reference(reference: str) -> str:
    """Return a formatted reference without its markup, what cannot be seen shown as such."""
    return visible(html.unescape(re.sub(r"<[^>]+>", "", reference)))
