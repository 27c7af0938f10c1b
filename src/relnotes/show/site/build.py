"""The site: plain files from any collection, for people who never clone."""

from __future__ import annotations

import contextlib
import html
import io
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup

from relnotes.analysis.changes import Changes
from relnotes.evidence.collection import Collection
from relnotes.evidence.faults import shortened
from relnotes.figures.figure import Figure
from relnotes.show.addresses import FOLDERS, address, page_name
from relnotes.show.reproduce import Progress, make_figures
from relnotes.show.site.downloads import write_downloads
from relnotes.show.site.entries import Entries
from relnotes.show.site.notebooks import notebooks_for_site
from relnotes.show.site.pages import Cell, Entry, Page, citation
from relnotes.show.site.pictures import in_teaching_order, linked

HERE: Final = Path(__file__).parent

_LISTINGS: Final = {
    "concepts": "Concepts",
    "frameworks": "Frameworks",
    "works": "Works",
    "judgements": "Judgements",
    "claims": "Claims",
    "findings": "Findings",
}

_DOORS: Final = {
    "concepts/index": ("A researcher", "Who names a concept, in what words, on whose evidence?"),
    "read": ("A student", "Read the notebooks in order; each figure can be made again."),
    "contributing": ("An analyst", "Add works, frameworks and judgements without losing a row."),
}

_WAYS: Final = {
    "explorer": "Explorer",
    "figures/index": "Figures",
    "concepts/index": "Concepts",
    "frameworks/index": "Frameworks",
    "works/index": "Works",
    "read": "Read",
    "references": "References",
    "codebook": "Codebook",
    "contributing": "Contribute",
}
"""Where every page leads, as far as the pages are there."""

_TYPES: Final = {
    "": "Dataset",
    "concept": "DefinedTerm",
    "figure": "ImageObject",
    "list": "CollectionPage",
    "claim": "Claim",
}
"""Kind of a page to its type for search engines; any other is a creative work."""


def build_site(
    collection: Collection,
    folder: Path,
    *,
    notebooks: Path,
    documents: Mapping[str, Path],
    progress: Progress,
    changes: Changes | None = None,
    explorer: str = "",
) -> int:
    """Write the whole site of a collection; what stood in the folder is replaced when it is done.

    Parameters
    ----------
    collection : Collection
        The evidence.
    folder : Path
        Where the site goes.
    notebooks : Path
        Folder of the notebooks.
    documents : mapping of str to Path
        Page name to Markdown file: the codebook, the rules, how to contribute and so on.
    progress : callable
        Told what is under way.
    changes : Changes, optional
        What changed since the last version.
    explorer : str, optional
        The explorer's page.

    Returns
    -------
    int
        How many pages were written.
    """
    drawn, _ = make_figures(collection, progress)
    figures = in_teaching_order(drawn)
    entries = list(Entries(collection, drawn, changes).all())
    with tempfile.TemporaryDirectory(prefix="relnotes-site-") as name:
        source, out = Path(name, "source"), Path(name, "out")
        source.mkdir()
        read = notebooks_for_site(collection, notebooks, source, progress)
        told = _take_documents(documents, source)
        _write_figures(drawn, out, progress)
        downloads = write_downloads(collection, out / "downloads")
        there = {"read", "references", "concepts/index", "frameworks/index", "works/index", *told}
        there |= {"figures/index"} if drawn else set()
        pages = [
            _entrance(collection, figures, entries, changes, downloads, there),
            _references(collection, downloads),
            *_listings(entries),
            *([_figure_list(figures)] if drawn else []),
            *(_figure_page(collection, f, out) for f in drawn),
            *map(_entry_page, entries),
        ]
        if explorer:
            _write(out / "explorer.html", explorer)
            there.add("explorer")
        _write_index(source, read, told)
        ways = {page: words for page, words in _WAYS.items() if page in there}
        _run_sphinx(collection, source, out, Path(name, "doctrees"), pages, ways, progress)
        for page in pages:
            if page.json is not None:
                text = json.dumps(page.json, ensure_ascii=False, indent=1)
                _write(out / f"{page.name}.json", text + "\n")
        _put(out, folder)
    return len(pages) + len(read) + len(told)


def _put(out: Path, folder: Path) -> None:
    """Put the finished site in the place of the old one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(folder.name + ".part")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(out, fresh)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


# ------------------------------------------------------------------------------ pages


@cache
def _environment(depth: int) -> Environment:
    """Return the templates for pages that stand `depth` folders deep; all text is escaped."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=select_autoescape(default=True)
    )
    up = "../" * depth

    def shown(cell: Cell) -> Markup:
        if cell.parts:
            return Markup(", ").join(map(shown, cell.parts))
        words = Markup(cell.html) if cell.html else Markup(html.escape(cell.text))
        if not cell.href or not cell.text:
            return words
        return Markup('<a href="{}">{}</a>').format(up + cell.href, words)

    made.globals["shown"] = shown
    return made


def _entry_page(entry: Entry) -> Page:
    body = _environment(1).get_template("body.html").render(entry=entry)
    words = (entry.title, entry.lead, *(c.text for _, c in entry.facts))
    return Page(entry.name, entry.title, body, entry.kind, words, entry.json)


def _head(collection: Collection, name: str, title: str, kind: str) -> str:
    """Return what reference managers and search engines read: meta tags and JSON-LD."""
    whole = {"@type": "Dataset", "name": collection.title, "version": collection.version}
    linked_data = {
        "@context": "https://schema.org",
        "@type": _TYPES.get(kind, "CreativeWork"),
        "name": title,
        "identifier": name,
        "version": collection.version,
        "creditText": citation(collection, title, name),
        "isPartOf": whole,
    }
    text = json.dumps(linked_data, ensure_ascii=False).replace("<", "\\u003c")
    tags = {
        "citation_title": title,
        "citation_publisher": f"{collection.title}, version {collection.version}",
        "og:title": title,
        "og:site_name": f"{collection.title}, version {collection.version}",
        "DC.identifier": name,
        "DC.description": citation(collection, title, name),
    }
    metas = "".join(
        f'<meta name="{key}" property="{key}" content="{html.escape(value)}">\n'
        for key, value in tags.items()
    )
    gone = '<meta name="robots" content="noindex">\n' if kind == "retired id" else ""
    return f'{metas}{gone}<script type="application/ld+json">{text}</script>\n'


def _listings(entries: Sequence[Entry]) -> Iterator[Page]:
    for folder, title in _LISTINGS.items():
        mine = [e for e in entries if e.name.startswith(f"{folder}/") and e.kind != "retired id"]
        mine.sort(key=lambda e: (e.title.casefold(), e.name))
        body = _environment(1).get_template("listing.html").render(title=title, entries=mine)
        rows = [{"id": e.json["id"], "title": e.title, "address": f"{e.name}.html"} for e in mine]
        yield Page(f"{folder}/index", title, body, "list", (title,), {"rows": rows})


def _figure_list(figures: Mapping[str, Sequence[Figure]]) -> Page:
    body = _environment(1).get_template("figures.html").render(groups=figures)
    return Page("figures/index", "Figures", body, "list", tuple(figures))


def _references(collection: Collection, downloads: Mapping[str, str]) -> Page:
    formatted = collection.bibliography.references(collection.bibliography)
    works = set(collection.row_ids("studies"))
    rows = [
        (key, Markup(text), f"{page_name('studies', key)}.html" if key in works else "")
        for key, text in formatted.items()
    ]
    files = [(name, says) for name, says in downloads.items() if name.startswith("references")]
    body = _environment(0).get_template("references.html").render(rows=rows, files=files)
    return Page("references", "References", body, "list", ("References", "bibliography"))


def _figure_page(collection: Collection, figure: Figure, out: Path) -> Page:
    svg = (out / "figures" / f"{figure.name}.svg").read_text(encoding="utf-8")
    places = {
        mark: tuple(_row_cell(collection, row) for row in rows)
        for mark, rows in figure.marks.items()
    }
    marks = [(m, f"mark-{number}", c) for number, (m, c) in enumerate(places.items()) if c]
    links = {
        mark: f"../{cells[0].href}" if len(cells) == 1 and cells[0].href else f"#{anchor}"
        for mark, anchor, cells in marks
    }
    body = (
        _environment(1)
        .get_template("figure.html")
        .render(
            figure=figure,
            svg=Markup(linked(svg, figure.alt, links)),
            marks=marks,
            cells=figure.cells(),
        )
    )
    data = {
        "title": figure.title,
        "caption": figure.caption,
        "marks": {mark: list(rows) for mark, rows in figure.marks.items()},
    }
    words = (figure.title, figure.caption)
    return Page(f"figures/{figure.name}", figure.title, body, "figure", words, data)


def _row_cell(collection: Collection, row: str) -> Cell:
    table, _, row_id = row.partition(":")
    return Cell(row, address(collection, table, row_id))


def _entrance(
    collection: Collection,
    figures: Mapping[str, Sequence[Figure]],
    entries: Sequence[Entry],
    changes: Changes | None,
    downloads: Mapping[str, str],
    there: set[str],
) -> Page:
    counts = {
        folder: sum(e.name.startswith(f"{folder}/") and e.kind != "retired id" for e in entries)
        for folder in FOLDERS.values()
    }
    body = (
        _environment(0)
        .get_template("entrance.html")
        .render(
            title=collection.title,
            description=collection.schema.description,
            doors=[
                {"reader": reader, "asks": asks, "href": f"{page}.html"}
                for page, (reader, asks) in _DOORS.items()
                if page in there
            ],
            groups=figures,
            listings=[(n, counts[f], f"{f}/index.html") for f, n in _LISTINGS.items()],
            changed=[str(m) for m in changes.moved] if changes else [],
            since=changes.before if changes else "",
            downloads=downloads,
        )
    )
    return Page("index", collection.title, body, "", (collection.schema.description,))


# ------------------------------------------------------------------------------ files


def _take_documents(documents: Mapping[str, Path], source: Path) -> list[str]:
    told = []
    for name, path in documents.items():
        if path.is_file():
            _write(source / f"{name}.md", path.read_text(encoding="utf-8"))
            told.append(name)
    return told


def _write_index(source: Path, notebooks: Sequence[str], documents: Sequence[str]) -> None:
    """Write the tables of contents; the entrance itself is put over the root page."""
    listed = "\n".join(notebooks)
    _write(source / "read.md", f"# Read\n\n```{{toctree}}\n:maxdepth: 1\n\n{listed}\n```\n")
    others = "\n".join(["read", *documents])
    table = f"```{{toctree}}\n:hidden:\n\n{others}\n```\n"
    _write(source / "contents.md", f"---\norphan: true\n---\n# Contents\n\n{table}")


def _write_figures(figures: Sequence[Figure], out: Path, progress: Progress) -> None:
    for done, figure in enumerate(figures):
        progress(f"export {figure.name}", done, len(figures))
        figure.save(out / "figures")
    progress("exports", len(figures), len(figures))


# ------------------------------------------------------------------------------ sphinx


def _run_sphinx(
    collection: Collection,
    source: Path,
    out: Path,
    doctrees: Path,
    pages: Sequence[Page],
    ways: Mapping[str, str],
    progress: Progress,
) -> None:
    """Let Sphinx make notebooks and documents, and dress all other pages in the same theme."""
    # The site's own extra: nothing else needs them.
    from docutils import nodes  # noqa: PLC0415
    from docutils.utils import new_document  # noqa: PLC0415
    from sphinx.application import Sphinx  # noqa: PLC0415
    from sphinx.util.console import nocolor  # noqa: PLC0415

    static = source / "_static"
    static.mkdir(exist_ok=True)
    shutil.copy(HERE / "site.css", static / "site.css")
    _write(static / "no-math.js", "")
    nocolor()

    def collect(app: Any) -> Iterator[tuple[str, dict[str, Any], str]]:
        for done, page in enumerate(pages):
            if done % 50 == 0:
                progress("pages", done, len(pages))
            document = new_document(page.name)
            document += nodes.paragraph("", " ".join(page.words))
            app.env.all_docs[page.name] = 0  # or the search index forgets it
            app.env.titles[page.name] = nodes.title("", page.title)
            app.builder.indexer.feed(page.name, f"{page.name}.md", page.title, document)
            above = page.name.split("/")[0]
            parents = [{"link": "index.html", "title": _LISTINGS.get(above, "Figures")}]
            context = {
                "title": html.escape(page.title),  # the theme takes it as HTML
                "body": page.body,
                "parents": parents if "/" in page.name and not page.name.endswith("/index") else [],
            }
            yield page.name, context, "page.html"
        progress("pages", len(pages), len(pages))

    made = {page.name: page for page in pages}

    def dress(_app: Any, name: str, _template: str, context: dict[str, Any], _tree: Any) -> None:
        """Give every page, whoever made it, its head, its ways out and its citation."""
        # Else the theme's search page writes the collection's title without escaping it.
        context.setdefault("title", html.escape(collection.title))
        page = made.get(name, Page(name, Markup(context["title"]).striptags(), "", "text"))
        context["metatags"] = context.get("metatags", "") + _head(
            collection, name, page.title, page.kind
        )
        context["ways"] = [(f"{way}.html", words) for way, words in ways.items()]
        context["cited"] = citation(collection, page.title, name)
        context["as_data"] = "" if page.json is None else f"{name.rsplit('/', 1)[-1]}.json"

    log = io.StringIO()
    with contextlib.chdir(source):
        app = Sphinx(
            str(source), None, str(out), str(doctrees), "html",
            confoverrides=_configuration(collection), status=None, warning=log,
        )  # fmt: skip
        app.connect("html-collect-pages", collect)
        app.connect("html-page-context", dress)
        app.build()
    (out / ".buildinfo").unlink(missing_ok=True)
    (out / "_static" / "webpack-macros.html").unlink(missing_ok=True)  # the theme's own template
    shutil.rmtree(out / "_sources", ignore_errors=True)


def _configuration(collection: Collection) -> dict[str, Any]:
    return {
        "project": collection.title,
        "version": html.escape(collection.version),  # the theme takes it as HTML
        "release": html.escape(collection.version),
        "language": "en",
        "root_doc": "contents",
        "extensions": ["myst_nb"],
        "nb_execution_mode": "off",
        "myst_heading_anchors": 3,
        "suppress_warnings": ["myst.header", "myst.xref_missing", "toc.not_included"],
        "html_theme": "pydata_sphinx_theme",
        "html_title": collection.title,
        "html_static_path": ["_static"],
        "templates_path": [str(HERE / "templates")],
        "html_css_files": ["site.css"],
        "html_show_sourcelink": False,
        "html_copy_source": False,
        "html_show_sphinx": False,
        "html_show_copyright": False,
        "html_show_search_summary": False,  # it would be fetched, which a page from a file may not
        "html_sidebars": {"**": []},
        "html_last_updated_fmt": None,
        "mathjax_path": "no-math.js",
        "html_theme_options": {
            "logo": {"text": html.escape(shortened(collection.title, 26))},  # taken as HTML
            "navbar_start": ["navbar-logo"],
            "navbar_center": ["ways"],
            "navbar_end": ["theme-switcher"],
            "navbar_persistent": ["search-button"],
            "secondary_sidebar_items": [],
            "footer_start": ["cite"],
            "footer_end": [],
            "show_prev_next": False,
        },
    }
