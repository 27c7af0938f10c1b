"""A real browser, and the explorers of several collections to open in it."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from relnotes import Collection, open_collection
from relnotes.show.explorer import explorer_page

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    assert found, "These tests need Chromium; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-background-networking"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def house() -> Collection:
    return open_collection(ROOT / "data")


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Page]]:
    """Open the explorer of a collection; nothing may be asked for and nothing may go wrong."""
    contexts = []
    wrong: list[str] = []

    def open_page(collection: Collection, fragment: str = "", **how: object) -> Page:
        site = how.pop("site", None)
        file = tmp_path / "explorer.html"
        file.write_text(explorer_page(collection, site), encoding="utf-8")
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **how})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on(
            "request",
            lambda asked: None if asked.url.startswith("file:") else wrong.append(asked.url),
        )
        page.goto(file.as_uri() + fragment)
        page.wait_for_selector("#view h2", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
