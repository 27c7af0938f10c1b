"""A saved web page, as plain text or HTML, read into blocks of text."""

from __future__ import annotations

import email
import email.policy
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

Kind = Literal["heading", "paragraph", "quotation", "bullet", "caption", "picture"]

BULLET_SIGNS = "•◦▪▫‣●○■□·∙"
_BULLET_LINE = re.compile(rf"\s*[{BULLET_SIGNS}]\s*(?=\S)")
# A hyphen or star is a bullet only where a list begins: elsewhere a line that
# begins with a dash is the second half of a sentence.
_TYPED_BULLET_LINE = re.compile(r"\s*[-*–]\s+(?=\S)")

_OPENS_AS_HTML = re.compile(
    r"\s*<(?:!doctype\s+html|!--|\?xml|[a-z][a-z0-9]*[\s>/])", re.IGNORECASE
)
_CLOSES_BLOCK = re.compile(r"</(?:p|div|h[1-6]|li|body|html)\s*>", re.IGNORECASE)
# Only encodings of one byte that are not Western European: a page that says
# ISO-8859-1 means Windows-1252, as browsers read it.
_META_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*"
    rb"(windows-125[0134578]|iso-8859-(?:[2-9]|1[0-6])|koi8-[ru])\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# A browser closes these by itself, so their number says nothing of nesting.
_NEEDS_NO_CLOSING = frozenset(
    {
        "area", "base", "br", "col", "dd", "dt", "embed", "hr", "img", "input", "li", "link",
        "meta", "option", "p", "param", "source", "td", "th", "tr", "track", "wbr",
    }
)  # fmt: skip
_DEEPEST_NESTING = 10_000

_NOT_TEXT = frozenset(
    {
        "audio", "canvas", "embed", "head", "iframe", "math", "nav", "noscript", "object",
        "script", "select", "style", "svg", "template", "textarea", "title", "video",
    }
)  # fmt: skip
_BREAKS_PARAGRAPH = frozenset(
    {
        "address", "article", "aside", "blockquote", "body", "caption", "center", "dd",
        "details", "dialog", "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "legend", "li",
        "main", "menu", "ol", "optgroup", "p", "pre", "section", "summary", "table", "tbody",
        "td", "tfoot", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
_KIND_OF_TAG: dict[str, Kind] = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "heading"),
    "blockquote": "quotation",
    "figcaption": "caption",
    "caption": "caption",
    "li": "bullet",
}  # fmt: skip
# Words for screen readers only, such as "(opens in new tab)", by the class names
# of the common frameworks.
_FOR_SCREEN_READERS = frozenset(
    ["govuk-visually-hidden", "screen-reader-text", "sr-only", "visually-hidden"]
)
_FURNITURE_ROLES = frozenset(("navigation", "banner", "contentinfo", "search"))


class PageError(ValueError):
    """A page that cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, bullet or other run of text that stands by itself.

    Attributes
    ----------
    text : str
        The text on one line, in the page's own characters.
    kind : str
        heading, paragraph, quotation, bullet, caption or picture (its
        alternative text). Plain text shows bullets only; all else is a paragraph.
    level : int
        1 to 6 for a heading of a saved HTML page, otherwise 0.
    """

    text: str
    kind: Kind = "paragraph"
    level: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """The blocks of a page in their order, and what the page was saved as."""

    blocks: tuple[Block, ...]
    form: Literal["text", "html"]


def read_page(page: Path | str | bytes) -> Page:
    """Read a saved page.

    Whether it is HTML is seen from the content, not from the name. Nothing in
    the page is run and nothing is fetched.

    Parameters
    ----------
    page : Path, str or bytes
        The path of a file, or the content of one: plain text, HTML, or a
        single-file web archive (MHTML), in UTF-8, UTF-16 or Windows-1252.

    Returns
    -------
    Page
        Its blocks. Of HTML, scripts, styles, navigation, the page's footer and
        hidden parts are left out, and a picture's alternative text is a block.

    Raises
    ------
    PageError
        If there is no such file, if it is not a page, or holds no words.

    Examples
    --------
    >>> read_page(b"<h1>Hope</h1><p>It <b>matters</b>.<p>Much.").blocks
    (Block(text='Hope', kind='heading', level=1),
     Block(text='It matters.', kind='paragraph', level=0),
     Block(text='Much.', kind='paragraph', level=0))
    """
    content = page if isinstance(page, bytes) else _content(Path(page))
    named = "The page" if isinstance(page, bytes) else str(page)
    for signature, what in ((b"%PDF", "a PDF"), (b"PK\x03\x04", "a zip or office file")):
        if content.startswith(signature):
            raise PageError(
                f"{named} is {what}: save the web page as text or HTML and give that file."
            )
    text = _decoded(_html_of_archive(content)).replace("\x00", "")
    if _is_html(text):
        read = Page(tuple(_blocks_of_html(text, named)), "html")
    else:
        read = Page(tuple(_blocks_of_text(text)), "text")
    if not any(any(c.isalnum() for c in block.text) for block in read.blocks):
        raise PageError(f"{named} holds no words: save the page again and give that file.")
    return read


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PageError(
            f"{path} cannot be read ({reason}): give the path of a saved page."
        ) from None


def _html_of_archive(content: bytes) -> bytes:
    """Return the page inside a single-file web archive, or the content itself."""
    head = content[:4096].lower()
    if b"content-type: multipart/related" not in head or b"mime-version:" not in head:
        return content
    for part in email.message_from_bytes(content, policy=email.policy.compat32).walk():
        body = part.get_payload(decode=True)
        if part.get_content_type() == "text/html" and isinstance(body, bytes):
            return body
    return content


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if content.startswith(b"\xef\xbb\xbf"):
        return content[3:].decode("utf-8", errors="replace")
    sample = content[:4096]
    if len(sample) >= 4 and sample.count(0) > len(sample) // 4:
        big_endian = sample[0::2].count(0) > sample[1::2].count(0)
        return content.decode("utf-16-be" if big_endian else "utf-16-le", errors="replace")
    as_utf8 = content.decode("utf-8", errors="replace")
    broken = as_utf8.count("\ufffd") - content.count("\ufffd".encode())
    # One cut or stray byte does not make the many good characters wrong.
    if broken == 0 or len(content) - len(as_utf8) >= 2 * broken:
        return as_utf8
    declared = _META_CHARSET.search(content[:4096])
    if declared is not None:
        return content.decode(declared[1].decode("ascii"), errors="replace")
    return content.decode("cp1252", errors="replace")


def _is_html(text: str) -> bool:
    return bool(_OPENS_AS_HTML.match(text) or _CLOSES_BLOCK.search(text))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _blocks_of_text(text: str) -> list[Block]:
    """Read plain text: empty lines part paragraphs, bullet signs begin bullets."""
    blocks = []
    for paragraph in re.split(r"\n[^\S\n]*\n", "\n".join(text.splitlines())):
        lines = [line for line in paragraph.split("\n") if line.strip()]
        typed_list = bool(lines) and _TYPED_BULLET_LINE.match(lines[0]) is not None
        runs: list[tuple[Kind, list[str]]] = []
        for line in lines:
            sign = _BULLET_LINE.match(line) or (typed_list and _TYPED_BULLET_LINE.match(line))
            if sign:
                runs.append(("bullet", [line[sign.end() :]]))
            elif runs:
                runs[-1][1].append(line)
            else:
                runs.append(("paragraph", [line]))
        blocks += [Block(_on_one_line(" ".join(run)), kind) for kind, run in runs]
    return blocks


def _refuse_bottomless(html: str, named: str) -> None:
    """Refuse nesting that no page has and that would keep a parser busy for hours."""
    opened: Counter[str] = Counter()
    for closing, tag in _TAG.findall(html):
        name = tag.lower()
        if name not in _NEEDS_NO_CLOSING:
            opened[name] += -1 if closing else 1
            if opened[name] > _DEEPEST_NESTING:
                raise PageError(
                    f"{named} leaves more than {_DEEPEST_NESTING} <{name}> open inside each other, "
                    "as no page does: save the page again and give that file."
                )


def _left_out(node: LexborNode, inside: list[str]) -> bool:
    tag = node.tag or ""
    attributes = node.attributes
    return (
        tag in _NOT_TEXT
        or "hidden" in attributes
        or (attributes.get("role") or "") in _FURNITURE_ROLES
        or not _FOR_SCREEN_READERS.isdisjoint((attributes.get("class") or "").split())
        or (tag == "footer" and not {"main", "article", "section", "blockquote"} & set(inside))
    )


def _blocks_of_html(html: str, named: str) -> list[Block]:
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415  (cold start: only for HTML)

    _refuse_bottomless(html, named)
    node = LexborHTMLParser(html).root
    blocks: list[Block] = []
    run: list[str] = []  # text since the last paragraph ended
    inside: list[str] = []  # tags of the elements around the current node

    def end_paragraph(kind: Kind | None = None) -> None:
        text = _BULLET_LINE.sub("", _on_one_line("".join(run)), count=1)
        run.clear()
        if not text:
            return
        telling = next((tag for tag in reversed(inside) if tag in _KIND_OF_TAG), "")
        kind = kind or _KIND_OF_TAG.get(telling, "paragraph")
        blocks.append(Block(text, kind, int(telling[1]) if kind == "heading" else 0))

    # A loop, not recursion: a page may be nested deeper than Python's stack.
    while node is not None:
        tag = node.tag or ""
        child = None
        if node.is_text_node:
            run.append(node.text_content or "")
        elif node.is_element_node and not _left_out(node, inside):
            if tag in _BREAKS_PARAGRAPH:
                end_paragraph()
            elif tag == "br":
                run.append(" ")
            elif tag == "img" and (alt := node.attributes.get("alt")):
                end_paragraph()
                run.append(alt)
                end_paragraph("picture")
            child = node.first_child
        if child is not None:
            inside.append(tag)
            node = child
            continue
        while inside and node is not None and node.next is None:
            if inside[-1] in _BREAKS_PARAGRAPH:
                end_paragraph()
            inside.pop()
            node = node.parent
        node = node.next if inside and node is not None else None
    end_paragraph()
    return blocks
