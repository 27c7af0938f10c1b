"""The notebooks in a real JupyterLab, started by ``make lab`` in a copy of this checkout."""

from __future__ import annotations

import json
import os
import platform
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import nbformat
import pytest
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted(p.name for p in (ROOT / "notebooks").glob("*.ipynb"))
PATIENCE = 240_000
"""Milliseconds that a whole notebook may take on a busy machine."""
ERRORS = ", ".join(f".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.{kind}']"
                   for kind in ("error", "stderr"))  # fmt: skip


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab and the folder it was started in."""

    root: Path
    address: str
    token: str

    def asked(self, path: str, method: str = "GET") -> int:
        """Return the status of a request to the lab; 0 where nobody answers."""
        headers = {"Authorization": f"token {self.token}"}
        try:
            with urlopen(Request(self.address + path, headers=headers, method=method)) as answer:
                return int(answer.status)
        except URLError as error:
            return int(getattr(error, "code", 0))


def settings_of_a_test(folder: Path, port: int, token: str) -> None:
    """Lay a Jupyter configuration that opens no browser and asks nobody for news."""
    server = {
        "ServerApp": {"ip": "127.0.0.1", "port": port, "port_retries": 0, "open_browser": False,
                      "allow_root": True},
        "IdentityProvider": {"token": token},
    }  # fmt: skip
    extensions = folder / "lab" / "user-settings" / "@jupyterlab"
    settings = {
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "notebook-extension/tracker": {"windowingMode": "none"},  # cells out of sight are there too
    }
    files = {folder / "jupyter_server_config.json": server} | {
        extensions / f"{name}.jupyterlab-settings": values for name, values in settings.items()
    }
    for path, values in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home = tmp_path_factory.mktemp("lab")
    left_out = shutil.ignore_patterns(".*", "build", "node_modules", "__pycache__")
    root = Path(shutil.copytree(ROOT, home / "a checkout", ignore=left_out))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lab = Lab(root, f"http://127.0.0.1:{port}/", secrets.token_hex(16))
    settings_of_a_test(home / "config", port, lab.token)
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "PYTHONPATH": os.pathsep.join([str(root / "src"), str(Path(__file__).parent)]),
    }
    with (home / "log").open("w", encoding="utf-8") as log:
        # The environment is the one that runs this test, so that there is nothing to set up.
        started = subprocess.Popen(
            ["make", "lab", "READY=", f"BIN={Path(sys.executable).parent}"],
            cwd=root, env=environment, stdout=log, stderr=log,
        )  # fmt: skip
        while lab.asked("api/status") != 200:
            assert started.poll() is None, (home / "log").read_text(encoding="utf-8")
            time.sleep(0.3)
        yield lab
        lab.asked("api/shutdown", "POST")
        started.wait(60)


@pytest.fixture
def opened(browser: Browser, lab: Lab) -> Iterator[Callable[[str], Page]]:
    """Open a notebook; nobody but the lab is asked for anything, and no dialog appears."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE)
    wrong: list[str] = []
    context.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((lab.address, "data:", "blob:"))
            else wrong.append(asked.url)
        ),
    )

    def open_notebook(name: str) -> Page:
        page = context.new_page()
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.goto(f"{lab.address}lab/tree/notebooks/{name}?reset&token={lab.token}")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_selector("#jp-main-statusbar :text('| Idle')")
        stored = nbformat.read(lab.root / "notebooks" / name, as_version=4).cells
        # Answers are folded, so that only the prose can be counted.
        page.wait_for_function(
            """(markdown) => [...document.querySelectorAll(
                ".jp-MarkdownCell .jp-RenderedMarkdown")].filter(
                (part) => part.childNodes.length).length >= markdown""",
            arg=sum(cell.cell_type == "markdown" for cell in stored),
        )
        return page

    yield open_notebook
    context.close()
    assert wrong == []


def run_all(page: Page) -> None:
    """Run every cell from the menu, and wait for the last; none may fail or complain."""
    page.click(".lm-MenuBar-itemLabel:text-is('Run')")
    page.click(".lm-Menu-item[data-command='runmenu:run-all']")
    page.wait_for_function(
        """(errors) => document.querySelector(errors)
        || [...document.querySelectorAll(".jp-CodeCell .jp-InputArea-prompt")]
            .every((prompt) => /\\[\\d+\\]/.test(prompt.textContent))""",
        arg=ERRORS,
    )
    assert page.locator(ERRORS).all_text_contents() == []


def images(page: Page) -> list[str | None]:
    """Return the alt texts of all pictures in outputs, once they are loaded."""
    page.wait_for_function(
        "[...document.querySelectorAll('.jp-OutputArea-output img')].every((i) => i.complete)"
    )
    return page.evaluate(
        "[...document.querySelectorAll('.jp-OutputArea-output img')].map((i) => i.alt)"
    )


def test_the_file_browser_reaches_tables_readme_and_contributing(lab: Lab, opened):
    page = opened("00-start-here.ipynb")
    page.click(".jp-FileBrowser .jp-BreadCrumbs-home")
    page.wait_for_selector(".jp-DirListing-item:has-text('README.md')")
    listed = page.locator(".jp-DirListing-itemText").all_text_contents()
    assert {"README.md", "CONTRIBUTING.md", "data", "notebooks"} <= set(map(str.strip, listed))
    assert lab.asked("api/contents/data/frameworks.csv") == 200


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_link_of_a_notebook_leads_somewhere(lab: Lab, opened, name: str):
    page = opened(name)
    written = ".jp-Notebook .jp-RenderedHTMLCommon a[href]:not(.jp-InternalAnchorLink)"
    links = page.locator(written).evaluate_all("links => links.map((a) => a.href)")
    inside = {link for link in links if link.startswith(lab.address)}
    lost = {link for link in inside if lab.asked(urlsplit(link).path[1:]) != 200}
    assert lost == set()
    relative = re.findall(r"\]\((?!\w+:)", (ROOT / "notebooks" / name).read_text(encoding="utf-8"))
    assert bool(inside) >= bool(relative)


def test_a_link_opens_the_notebook_it_names(opened):
    page = opened("00-start-here.ipynb")
    page.click(".jp-RenderedMarkdown a:text-is('10-evidence-base')")
    page.wait_for_selector(".lm-TabBar-tabLabel:text-is('10-evidence-base.ipynb')")


def test_a_notebook_runs_whole_and_its_pictures_are_told_before_and_after(opened):
    page = opened("00-start-here.ipynb")
    before = images(page)
    assert before and all(before)
    run_all(page)
    after = images(page)
    assert len(after) == len(before) and all(after)


def test_opening_a_notebook_changes_nothing(lab: Lab, opened):
    path = lab.root / "notebooks" / "00-start-here.ipynb"
    notebook = nbformat.read(path, as_version=4)
    # The lab notes the kernel's version, which is another on another Python; nothing else differs.
    notebook.metadata.language_info.version = platform.python_version()
    nbformat.write(notebook, path)
    page = opened(path.name)
    page.wait_for_timeout(2000)  # a mark of change would come with the kernel's first answer
    assert page.locator(".lm-DockPanel-tabBar .jp-mod-dirty").count() == 0


def notebook_of(lab: Lab, name: str, cells: list[str]) -> str:
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, lab.root / "notebooks" / name)
    return name


def test_hostile_words_are_words_in_a_notebook(lab: Lab, opened):
    name = notebook_of(
        lab,
        "hostile.ipynb",
        [
            "from IPython.display import display\n"
            "from relnotes.figures import make, names\n"
            "from relnotes.show.notebook import Notes, explore, say, show\n"
            "from test_explorer import hostile\n"
            "collection = hostile()\n"
            "notes = Notes(collection)\n"
            "collection",
            "for name in names():\n    display(make(name, collection))",
            "for table in ('frameworks', 'elements', 'concepts', 'crosswalk', 'studies'):\n"
            "    for row_id in collection.row_ids(table):\n"
            "        display(collection.trace(f'{table}:{row_id}'))\n"
            "    display(show(collection[table], collection[table].iloc[0, 1]))\n"
            "    display(say(map(str, collection[table].to_numpy().ravel())))",
            "for key in collection.bibliography:\n    display(notes.cite(key, '<script>'))\n"
            "notes.references()",
            "explore(collection)",
        ],
    )
    page = opened(name)
    title = page.title()
    run_all(page)
    page.wait_for_timeout(1000)
    assert page.title() == title
    shown = page.locator(".jp-OutputArea-output")
    assert "onerror" in shown.first.inner_text() or shown.filter(has_text="onerror").count()
    outside = ":is(img:not([src^='data:image/']), script, [onerror], a[href^='javascript'])"
    assert shown.locator(outside).count() == 0
    frame = page.frame_locator("iframe[title='Explorer']")
    frame.get_by_role("link", name="Wordings").click()
    assert frame.locator("#view tbody tr").count()
    assert frame.locator("body").evaluate("document.title") != "run"


def test_the_explorer_works_in_a_frame_below_its_cell(lab: Lab, opened):
    cells = ["from relnotes import open_collection\nfrom relnotes.show.notebook import explore\n"
             "collection = open_collection()", "explore(collection)"]  # fmt: skip
    page = opened(notebook_of(lab, "framed.ipynb", cells))
    run_all(page)
    frame = page.frame_locator("iframe[title='Explorer']")
    before = frame.locator("#summary").text_content()
    frame.get_by_label("Search words").fill("trust")
    frame.locator(f"#summary:not(:text-is({json.dumps(before)}))").wait_for()
    frame.get_by_role("link", name="Wordings").click()
    frame.locator("#view tbody th", has_text="Trust").first.click()
    assert frame.locator("#details blockquote").first.text_content()
