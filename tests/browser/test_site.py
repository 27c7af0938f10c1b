"""The site in a real browser: what a reader finds, by mouse and by key, in every width."""

from __future__ import annotations

import contextlib
import csv
import filecmp
import functools
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page
from test_explorer import hostile, one_framework

from relnotes import Collection
from relnotes.desk.versions import open_version
from relnotes.evidence.rules.sample import SAMPLE
from relnotes.figures import names
from relnotes.show.site import make_site
from relnotes.show.site.build import build_site
from relnotes.show.site.pictures import ORDER

ROOT = Path(__file__).parents[2]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ROWS = [
    "concepts/trust", "frameworks/ideas", "works/dominey-2022", "claims/c001", "findings/f001",
    "judgements/ideas-04--trust--reading",
]  # fmt: skip
KINDS = [
    *(f"{row}.html" for row in ROWS), "index.html", "concepts/index.html", "concepts/authority.html",
    "figures/index.html", "figures/overlap-upset.html", "references.html", "codebook.html",
    "rules.html", "contributing.html", "architecture.html", "changelog.html", "read.html",
    "00-start-here.html", "30-overlap.html", "explorer.html", "search.html",
]  # fmt: skip


def quietly(_name: str, _done: int, _total: int) -> None:
    """Tell nobody."""


@pytest.fixture(scope="session")
def site(house: Collection, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("under a sub-path") / "site"
    since = str(ROOT / "docs" / "releases" / "0.1.0.zip")
    make_site(house, ROOT / "data", target, quietly, since=since)
    return target


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder to this machine alone."""
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page from which no request may leave and on which nothing may go wrong."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith(("file:", "data:", "http://127.0.0.1:"))
            else wrong.append(asked.url)
        ),
    )
    yield opened
    context.close()
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_no_barrier_and_does_not_scroll_sideways(
    page: Page, site: Path, kind: str, width: int, scheme: str
):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto((site / kind).as_uri())
    page.wait_for_timeout(500)  # the theme adds tab stops to wide outputs after loading
    found = Axe().run(page, options={"runOnly": TAGS}).response["violations"]
    assert [(v["id"], v["nodes"][0]["target"]) for v in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_no_link_of_the_site_leads_nowhere(site: Path):

    broken = set()
    for path in site.rglob("*.html"):
        if path.name == "explorer.html":
            continue
        for href in re.findall(r'\shref="([^"]+)"', path.read_text(encoding="utf-8")):
            parts = urlsplit(href)
            if parts.scheme or not parts.path:
                continue
            if not (path.parent / unquote(parts.path)).exists():
                broken.add((path.relative_to(site).as_posix(), href))
    assert broken == set()


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("explorer.html", "search.html")])
def test_every_page_says_how_to_cite_it_to_people_and_to_programs(
    page: Page, site: Path, kind: str
):
    page.goto((site / kind).as_uri())
    assert "Cite this page" in page.inner_text("footer.bd-footer")
    told = page.evaluate("""() => ({
        data: JSON.parse(document.querySelector("[type='application/ld+json']").textContent),
        title: document.querySelector("[name=citation_title]").content,
        heading: document.querySelector("h1").firstChild.textContent.trim()})""")
    assert told["data"]["name"] == told["title"] == told["heading"]
    assert told["data"]["version"] in told["data"]["creditText"]
    assert page.locator(".bd-header nav[aria-label='The site'] a").count() == 9


@pytest.mark.parametrize("row", ROWS)
def test_every_row_says_what_changed_what_was_wrong_what_is_missing_and_is_data_too(
    page: Page, site: Path, row: str
):
    page.goto((site / f"{row}.html").as_uri())
    words = page.inner_text("article.entry")
    assert all(part in words for part in ("What changed", "Corrections", "What is missing here"))
    assert "since version 0.1.0" in words.lower()
    beside = page.locator("footer.bd-footer a", has_text="The same as data").get_attribute("href")
    data = json.loads((site / f"{row}.html").with_name(beside or "").read_text(encoding="utf-8"))
    assert data["address"] == f"{row}.html"


def test_rows_in_notebooks_lead_to_their_pages(page: Page, site: Path):
    for notebook, heading, words, goes in (
        ("90-explore", "Concept", "Trust", "concepts/trust.html"),
        ("20-frameworks", "Framework", "Laursen", "frameworks/laursen.html"),
        ("60-findings", "Work", "Horvath et al. (2011)", "works/horvath-2011.html"),
    ):
        page.goto((site / f"{notebook}.html").as_uri())
        cells = page.locator(f"table:has(th:text-is('{heading}')) td a", has_text=words)
        assert cells.first.get_attribute("href") == goes
    page.goto((site / "40-timeline.html").as_uri())
    traced = page.locator("table:has(th:text-is('Trace it by')) td:last-child").all()
    assert traced
    assert all(cell.locator("a").count() for cell in traced)


def test_the_bibliography_goes_along_in_four_forms_and_the_tables_in_three(site: Path):
    names = {path.name for path in (site / "downloads").iterdir()}
    assert {f"references.{end}" for end in ("bib", "ris", "csl.json", "txt")} <= names
    assert {path.rpartition(".")[2] for path in names} >= {"xlsx", "sqlite", "zip"}
    packed = zipfile.ZipFile(site / "downloads" / "tables.zip")
    with packed.open("crosswalk.csv") as rows:
        assert len(list(csv.reader(io.TextIOWrapper(rows, "utf-8")))) == 1 + len(
            list(csv.reader((ROOT / "data" / "crosswalk.csv").open(encoding="utf-8")))[1:]
        )


def test_the_figures_stand_in_the_order_that_teaches():
    told = [name for figures in ORDER.values() for name in figures]
    assert sorted(told) == sorted(names())


def test_it_works_under_a_sub_path_of_a_server(page: Page, site: Path):
    with serving(site.parent.parent) as server:
        root = f"{server}/{quote(site.parent.name)}/site"
        wrong: list[str] = []
        page.on("response", lambda r: None if r.ok or r.status == 304 else wrong.append(r.url))
        page.goto(f"{root}/concepts/trust.html")
        page.click(".bd-header nav[aria-label='The site'] >> text=Explorer")
        page.wait_for_selector("#view h2")
        page.goto(f"{root}/search.html?q=warmth")
        page.wait_for_selector("#search-results li a")
        page.click("#search-results a:has-text('Care and warmth')")
        assert page.inner_text("h1").startswith("Care and warmth")
        assert [url for url in wrong if not url.endswith("favicon.ico")] == []


# ------------------------------------------------------- the five questions, three actions each


def test_who_names_trust_in_what_words_on_whose_evidence(page: Page, site: Path):
    page.goto((site / "index.html").as_uri())
    page.click("text=A researcher")
    page.click("css=.listing >> text=/^Trust$/")
    table = page.inner_text("section:has(h2:has-text('Who names it')) table")
    assert "IDEAS" in table
    assert "Dominey" in table or "HM Inspectorate of Probation" in table
    assert "independent voices" in page.inner_text("article.entry")


def test_everything_about_ideas(page: Page, site: Path):
    page.goto((site / "index.html").as_uri())
    page.click("css=section:has-text('Every row has an address') >> text=Frameworks")
    page.click("text=IDEAS framework")
    words = page.inner_text("article.entry")
    assert all(word in words for word in ("influence", "alliance", "judged to name", "References"))


def test_what_stands_behind_time(page: Page, site: Path):
    page.goto((site / "index.html").as_uri())
    page.click("text=A researcher")
    page.click("css=.listing >> text=/^Time/")
    words = page.inner_text("article.entry")
    assert all(part in words for part in ("In the words", "Read in", "What is missing here"))


def test_what_stands_behind_a_mark_of_a_figure(page: Page, site: Path):
    page.goto((site / "figures" / "overlap-upset.html").as_uri())
    link = page.locator(".figure-sheet svg a[tabindex]:not([tabindex='-1']), "
                        ".figure-sheet svg a:not([tabindex])").first  # fmt: skip
    mark = link.locator("title").first.text_content()
    link.focus()
    page.keyboard.press("Enter")
    assert mark
    assert "#mark-" in page.url or "/figures/" not in page.url


def test_a_retired_id_names_what_stands_in_its_place(page: Page, site: Path):
    page.goto((site / "concepts" / "authority.html").as_uri())
    assert "has been retired" in page.inner_text("h1")
    page.click("css=section:has-text('What stands in its place') >> a >> nth=0")
    assert "/concepts/" in page.url
    assert "retired" not in page.inner_text("h1")


def test_search_finds_a_wording_from_a_file(page: Page, site: Path):
    page.goto((site / "search.html").as_uri() + "?q=warmth")
    page.wait_for_selector("#search-results li a")
    assert "Care and warmth" in page.inner_text("#search-results")


def test_from_the_entrance_to_a_wording_by_keyboard(page: Page, site: Path):
    page.goto((site / "index.html").as_uri())
    for start in ("a.door", ".listing a"):
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({start!r})"):
                break
        wanted = page.evaluate("document.activeElement.href")
        page.keyboard.press("Enter")
        page.wait_for_url(wanted)
    assert page.locator("section:has(h2:has-text('Who names it'))").is_visible()


# ------------------------------------------------------------------------------ any collection


def sample(folder: Path) -> Path:
    folder.mkdir()
    for name, text in SAMPLE.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder


def built(collection: Collection, target: Path) -> Path:
    target.parent.mkdir(exist_ok=True)
    empty = target.parent / "no notebooks"
    empty.mkdir(exist_ok=True)
    build_site(collection, target, notebooks=empty, documents={}, progress=quietly)
    return target


def test_hostile_words_are_words_on_every_page(page: Page, tmp_path: Path):
    target = built(hostile(), tmp_path / "site")
    page.goto((target / "index.html").as_uri())
    for path in sorted(target.rglob("*.html")):
        page.goto(path.as_uri())
        page.wait_for_timeout(50)
        assert page.title() != "run", path
        assert '" />' not in page.inner_text("body"), path
        assert page.locator("img[src='x'], [onerror], a[href^='javascript:']").count() == 0, path
    page.goto((target / "search.html").as_uri() + "?q=onerror")
    page.wait_for_timeout(500)
    assert page.title() != "run"


def test_two_builds_are_the_same_bytes(tmp_path: Path):
    collection = open_version(str(sample(tmp_path / "sample")), tmp_path)
    one, other = (built(collection, tmp_path / name / "site") for name in ("one", "other"))
    files = {p.relative_to(one) for p in one.rglob("*") if p.is_file()}
    assert files == {p.relative_to(other) for p in other.rglob("*") if p.is_file()}
    same, unlike, lost = filecmp.cmpfiles(one, other, list(map(str, files)), shallow=False)
    assert (unlike, lost) == ([], [])
    assert same


def test_a_collection_without_page_claims_and_findings_has_a_site(page: Page, tmp_path: Path):
    folder = sample(tmp_path / "sample")
    for name in ("claims", "claim_concepts", "findings", "corrections", "passages", "events"):
        (folder / f"{name}.csv").unlink()
    target = built(open_version(str(folder), tmp_path), tmp_path / "site")
    page.goto((target / "concepts" / "trust.html").as_uri())
    assert "mutual trust" in page.inner_text("article.entry")
    assert "Claims" not in page.inner_text("article.entry")


@pytest.mark.parametrize("made", [Collection.of({}), one_framework()], ids=["empty", "one"])
def test_an_empty_collection_and_one_framework_have_a_site(
    page: Page, tmp_path: Path, made: Collection
):
    target = built(made, tmp_path / "site")
    for path in sorted(target.rglob("*.html")):
        page.goto(path.as_uri())
        assert page.inner_text("h1").strip(), path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
