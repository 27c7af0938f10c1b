"""The explorer's page as a file: what it holds, what it forbids, and what a notebook stores of it."""

import base64
import hashlib
import html
import json
import re
import zlib
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from relnotes import Collection, open_collection
from relnotes.cli import app
from relnotes.evidence.rules.sample import SAMPLE
from relnotes.show.explorer import explorer_page
from relnotes.show.notebook import READERS_SESSION, explore


def facts_of(page: str) -> dict:
    packed = re.search(r'id="facts">(.*?)</script>', page)[1]
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def column(packed: object) -> list:
    return packed if isinstance(packed, list) else [packed["of"][place] for place in packed["at"]]


def test_page_forbids_everything_but_its_own_script_and_style(sample_folder):
    page = explorer_page(open_collection(sample_folder))
    policy = html.unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])
    assert policy.startswith("default-src 'none'; ")
    for directive, element in (("script-src", "script"), ("style-src", "style")):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert not re.findall(r'(?:src|href)="(?!#)', page)


def test_facts_hold_every_row(sample_folder):
    collection = open_collection(sample_folder)
    facts = facts_of(explorer_page(collection))
    assert facts["version"] == collection.version and facts["site"] is None
    assert column(facts["elements"]["wording"]) == list(collection.elements["wording"])
    assert column(facts["judgements"]["reason"]) == list(collection.crosswalk["reason"])
    elements = column(facts["elements"]["id"])
    named = [elements[place] for place in column(facts["judgements"]["element"])]
    assert named == list(collection.crosswalk["element_id"])
    works = column(facts["works"]["key"])
    assert set(collection.studies["key"]) <= set(works)


def test_two_pages_of_one_collection_are_the_same(sample_folder):
    collection = open_collection(sample_folder)
    assert explorer_page(collection) == explorer_page(open_collection(sample_folder))


def test_terms_carry_their_broader_ones():
    terms = pd.DataFrame(
        {"list": "setting", "term": ["prison", "custody", "justice"],
         "broader": ["custody", "justice", "not_applicable"]}
    )  # fmt: skip
    facts = facts_of(explorer_page(Collection.of({"vocabularies": terms})))
    assert facts["within"]["setting"] == {"prison": ["custody", "justice"], "custody": ["justice"]}


def test_no_text_can_end_the_script():
    concepts = pd.DataFrame({"concept_id": ["c"], "label": ["</script><b>&lt;"], "theme": "$x"})
    page = explorer_page(Collection.of({"concepts": concepts}))
    assert page.count("</script>") == 2 and "<b>" not in page
    assert column(facts_of(page)["concepts"]["label"]) == ["</script><b>&lt;"]


@pytest.mark.parametrize("tables", [{}, {"frameworks": pd.DataFrame({"framework_id": ["f"]})}])
def test_a_notebook_of_a_collection_without_judgements(tables):
    assert "No element has been judged yet" in repr(explore(Collection.of(tables)))


def test_what_is_stored_is_a_picture_and_a_link_not_the_page(sample_folder, monkeypatch):
    collection = open_collection(sample_folder)
    monkeypatch.delenv(READERS_SESSION, raising=False)
    stored = explore(collection)
    assert "<iframe" not in stored.as_html and "relnotes explorer" in stored.as_html
    assert "href" not in stored.as_html
    drawn = base64.b64decode(re.search('base64,([^"]+)', stored.as_html)[1]).decode()
    members = re.search(r"(\d+) cells", repr(stored))
    assert drawn.count("<rect") - 1 == int(members[1])
    monkeypatch.setenv(READERS_SESSION, "90-explore.ipynb")
    shown = explore(collection).as_html
    assert html.unescape(re.search('srcdoc="([^"]*)"', shown)[1]) == explorer_page(collection)


def test_command_writes_one_file(tmp_path: Path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    for name, text in SAMPLE.items():
        (folder / name).write_text(text, encoding="utf-8")
    out = tmp_path / "new" / "page.html"
    done = CliRunner().invoke(app, ["explorer", str(out), "--data", str(folder)])
    assert done.exit_code == 0, done.output
    assert out.read_text(encoding="utf-8") == explorer_page(open_collection(folder))
    assert [p.name for p in out.parent.iterdir()] == ["page.html"]
