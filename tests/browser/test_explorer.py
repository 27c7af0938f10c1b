"""The explorer in a real browser: what a reader asks, by mouse and by key, in every width."""

import re
from dataclasses import replace
from itertools import product

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe

from relnotes import Collection
from relnotes.analysis.works import select_works
from relnotes.evidence.bibtex import parse_bibliography
from relnotes.evidence.schema import house_schema
from relnotes.show.addresses import page_name
from relnotes.show.explorer import explorer_page

VIEWS = ["combinations", "matrix", "timeline", "gaps", "wordings"]
PHONE = {"viewport": {"width": 390, "height": 844}}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HOSTILE_WORKS = """
@book{evil-2001,
  title = {<img src=x onerror="document.title='run'">}, author = {{</script>}}, year = {2001},
  url = {javascript:document.title='run'}}
@article{evil-2002,
  title = {\\includegraphics{http://127.0.0.1:9/p.png} \\href{javascript:document.title='run'}{on}},
  author = {{<script>document.title='run'</script>}}, year = {2002},
  journal = {<img src="http://127.0.0.1:9/p.png"> \\input{/etc/hostname} ![](http://127.0.0.1:9/)},
  note = {<iframe src="http://127.0.0.1:9/"></iframe> \\url{javascript:document.title='run'}},
  doi = {10.1/"><script>document.title='run'</script>}}
@misc{evil-2003,
  title = {\x1b[31mred\x1b]0;run\x07 \u202edrawkcab \x9b2J $\\href{javascript:run}{x}$},
  author = {\x08, \x7f}, year = {2003},
  url = {https://example.org/" onmouseover="document.title='run'" style="background:url(//a)}}
"""


def hostile() -> Collection:
    """Labels, ids and addresses that would run, break out or be taken for something else."""
    run = "<img src=x onerror=\"document.title='run'\">"
    out = "</script><script>document.title='run'</script>"
    words = f"=cmd|'/c calc'!A1 {run}"
    frameworks = pd.DataFrame(
        {
            "framework_id": ["a--b", "-x"],
            "label": [run, "${title} $facts"],
            "short_label": [out, "constructor"],
            "kind": ["__proto__", "principles"],
            "setting": [run, "schools"],
            "people": ["&amp;", "pupils"],
            "family": "not_applicable",
            "completeness": "complete",
            "certainty": "verified",
            "source": ["evil-2001[p. 1]", "evil-2001"],
        }
    )
    elements = pd.DataFrame(
        {
            "element_id": ["a--b-01", "-x-01"],
            "framework_id": ["a--b", "-x"],
            "number": [1, 1],
            "wording": [words, out],
            "gloss": [run, "\u2028<!--"],
            "source": ["evil-2001[<b>p. 1</b>]", "evil-2001"],
            "certainty": "verified",
        }
    )
    concepts = pd.DataFrame(
        {"concept_id": ["Confiança?", "b"], "label": [out, run], "theme": ["=1+1", out],
         "definition": run}
    )  # fmt: skip
    crosswalk = pd.DataFrame(
        {
            "element_id": ["a--b-01", "-x-01"],
            "concept_id": ["Confiança?", "b"],
            "relation": "exact",
            "basis": "explicit",
            "reason": [run, out],
            "coder": "a & b",
        }
    )
    studies = pd.DataFrame({"key": ["evil-2001"], "origin": "added", "document_type": run,
                            "design": "survey", "setting": "schools", "voices": out})  # fmt: skip
    works, _ = parse_bibliography(HOSTILE_WORKS)
    return Collection.of(
        {"frameworks": frameworks, "elements": elements, "concepts": concepts,
         "crosswalk": crosswalk, "studies": studies},
        bibliography=works,
        schema=replace(house_schema(), title=f"{run}{out}", description=out, version=run),
    )  # fmt: skip


def one_framework() -> Collection:
    whole = hostile()
    return whole.replacing(
        frameworks=whole.frameworks.tail(1),
        elements=whole.elements.tail(1),
        crosswalk=whole.crosswalk.tail(1),
    )


def headings(page) -> list[str]:
    return [th.strip() for th in page.locator("#view thead th").all_text_contents()]


def row_names(page) -> list[str]:
    return page.locator("#view tbody th").all_text_contents()


# ---------------------------------------------------------------- the researcher's five questions


def test_who_names_trust_in_what_words_on_whose_evidence(opened, house):
    page = opened(house)
    page.get_by_label("Search words").fill("trust")
    page.get_by_role("link", name="Wordings").click()
    page.locator("#view tbody th", has_text="Trust").first.click()
    wording = page.locator("#details blockquote").first.text_content()
    rows = house.crosswalk[house.crosswalk["concept_id"] == "trust"]
    assert wording in set(rows["element_wording"])
    for name in ("Framework", "Relation", "Basis", "Reason", "Read in"):
        assert page.locator("#details dt", has_text=name).count()


def test_what_is_youth_justice_silent_about_that_probation_names(opened, house):
    page = opened(house)
    page.get_by_role("link", name="Gap map").click()
    page.get_by_label("Silent in").select_option("youth justice")
    page.get_by_label("but not in").select_option("probation")
    columns = headings(page)
    cells = [
        row.locator("th, td").all_text_contents() for row in page.locator("#view tbody tr").all()
    ]
    assert cells
    for row in cells:
        assert row[columns.index("probation")] and not row[columns.index("youth justice")]
        assert row[0] in page.locator("#says").text_content() or len(cells) > 12


def test_what_stands_behind_time(opened, house):
    label = house.row("concepts", "time")["label"] if "time" in set(
        house.concepts["concept_id"]) else next(
        c for c in house.concepts["label"] if c.startswith("Time"))  # fmt: skip
    page = opened(house)
    page.get_by_role("link", name="Matrix").click()
    page.locator("#view tbody th", has_text=re.compile(f"^{re.escape(label)}$")).click()
    assert page.locator("#details-title").text_content() == label
    assert page.locator("#details .judgement").count() > 1


def test_which_works_after_2015_asked_children(opened, house):
    page = opened(house)
    page.get_by_label("From year").fill("2016")
    asks = house.vocabulary("voices")
    terms = {part.strip() for cell in house.studies["voices"] for part in cell.split(";")}
    children = min((t for t in terms | {*asks.broader} if t.startswith("children")), key=len)
    page.get_by_label("Who was asked").select_option(label=children)
    page.get_by_role("link", name="Timeline").click()
    works = select_works(house)
    asked = [asks.takes(children, cell) for cell in works["voices"]]
    answer = works[pd.Series(asked) & (works["year"] > 2015).fillna(False)]
    assert set(row_names(page)) == set(answer["label"])
    assert len(answer) or "Without from: 2016: " in page.locator(".empty").text_content()


def test_everything_about_one_framework(opened, house):
    page = opened(house)
    page.get_by_label("Search words").fill("IDEAS")
    page.get_by_role("link", name="Matrix").click()
    page.locator("#view thead th", has_text=re.compile("^IDEAS$")).click()
    ideas = house.elements[house.elements["framework_id"] == "ideas"]
    shown = page.locator("#details details summary").all_text_contents()
    assert [s.split("”")[0].strip("“") for s in shown] == list(ideas["wording"])
    assert page.locator("#details dt", has_text="Read in").count()


def test_events_stand_beside_the_works_of_their_year(opened, house):
    page = opened(house, "#view=timeline&from=2018")
    after = house.events[house.events["year"] >= 2018]
    assert f"{len(after)} events beside them" in page.locator("#says").text_content()
    assert set(page.locator("tr.event th").all_text_contents()) == set(after["label"])
    years = page.locator("#view tbody td.axis").all_text_contents()
    assert years == sorted(years, key=lambda year: year or "9999")
    page.locator("tr.event th").first.click()
    assert page.locator("#details dt", has_text="Read in").count()
    page.keyboard.press("Escape")
    page.get_by_label("Who was asked").select_option(index=1)
    assert page.locator("tr.event").count() == 0


def test_terms_are_seen_by_their_labels(opened):
    whole = one_framework()
    terms = pd.DataFrame({"list": ["setting", "kind"], "term": ["schools", "principles"],
                          "label": ["In schools", "Guiding principles"]})  # fmt: skip
    page = opened(whole.replacing(vocabularies=terms), "#view=combinations&setting=schools")
    assert page.locator("#view thead .tall span").all_text_contents() == ["In schools"]
    assert "setting: In schools" in page.locator("#chips").text_content()
    assert page.locator("[name=setting] option").all_text_contents()[1:] == ["In schools"]
    page.evaluate("go({ open: 'framework:-x' })")
    told = page.locator("#details dl").first.text_content()
    assert "In schools" in told and "Guiding principles" in told


# ---------------------------------------------------------------- by key, by link, by Back


def test_walk_by_key_from_the_top_to_a_wording_and_back(opened, house):
    page = opened(house, "#view=matrix")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#view table') !== null"):
            break
    assert page.evaluate("document.activeElement.getAttribute('role')") == "rowheader"
    while not page.evaluate("document.activeElement.classList.contains('mark')"):
        page.keyboard.press("ArrowRight")
    told = page.locator("#tell").text_content()
    page.keyboard.press("Enter")
    assert page.locator("#details blockquote").first.text_content() in told
    assert page.evaluate("document.activeElement.closest('dialog') !== null")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.classList.contains('mark')")
    assert page.locator("#tell").text_content() == told
    page.keyboard.press("Control+End")
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.textContent") == row_names(page)[-1]
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "H2"


def test_every_cell_of_the_matrix_is_told_as_its_rows_say(opened, house):
    page = opened(house, "#view=matrix&strictness=any")
    told = []
    for across in range(1, len(house.frameworks) // 40 + 2):
        page.evaluate("(across) => go({ across })", str(across))
        told += page.evaluate("""() => [...document.querySelectorAll("#view td.mark")].map((cell) => {
            focusCell(cell);
            return document.getElementById("tell").textContent;
        })""")
    counted = house.crosswalk[
        (house.crosswalk["coder"] == page.locator("[name=coding]").input_value())
        & (house.crosswalk["concept_id"] != "no-concept")
    ]
    wordings = set(counted["element_wording"])
    cells = counted.merge(house.elements[["element_id", "framework_id"]])
    assert len(told) == len(cells.drop_duplicates(["framework_id", "concept_id"]))
    for words in told:
        assert set(re.findall("“(.*?)”(?: means| is|, “| and)", words)) & wordings, words


def test_address_holds_what_differs_and_back_works(opened, house):
    page = opened(house)
    assert page.evaluate("location.hash") == ""
    page.get_by_role("link", name="Matrix").click()
    page.get_by_label("Strictness").select_option("exact")
    assert page.evaluate("location.hash") == (
        f"#view=matrix&strictness=exact&was=close.any.{house_coding(page)}&v={house.version}"
    )
    exact = page.locator("#summary").text_content()
    page.go_back()
    assert page.get_by_label("Strictness").input_value() == "close"
    page.go_forward()
    assert page.locator("#summary").text_content() == exact
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    page.wait_for_selector("#view h2", state="attached")
    assert page.locator("#summary").text_content() == exact


def house_coding(page) -> str:
    return page.get_by_label("Coding").input_value()


def test_link_of_another_version_says_so_and_unknown_words_do_nothing(opened, house):
    page = opened(house, "#view=nothing&strictness=very&coding=nobody&mode=__proto__&v=0.0.1")
    assert "0.0.1" in page.locator("#old").text_content()
    assert page.locator("nav [aria-current]").text_content() == "Combinations"
    page = opened(house, "#setting=the+moon&view=matrix")
    assert "Without setting: the moon" in page.locator(".empty").text_content()
    page.get_by_role("link", name="Without setting: the moon").click()
    assert page.locator("#view td.mark").count()


def test_switching_the_lens_marks_and_says_what_appears_and_vanishes(opened, house):
    page = opened(house, "#view=matrix&order=name&setting=probation")
    before = cells(page)
    page.get_by_label("Strictness").select_option("exact")
    now = cells(page, ":not(.vanished)")
    gone = cells(page, ".vanished")
    assert gone == before - now and gone
    said = page.locator(".switched").text_content()
    assert f"0 cells appeared and {len(gone)} cells vanished" in said
    page.get_by_label("Strictness").select_option("any")
    assert cells(page, ".appeared") == cells(page) - now
    page.get_by_role("link", name="Take the marks away").click()
    assert not page.locator(".switched, .appeared, .vanished").count()


def cells(page, kind: str = "") -> set[tuple[str, str]]:
    found = page.evaluate(
        """(kind) => [...document.querySelectorAll("#view td.mark" + kind)].map((cell) => [
        cell.parentElement.cells[0].textContent,
        cell.closest("table").rows[0].cells[cell.cellIndex].textContent])""",
        kind,
    )
    return {tuple(pair) for pair in found}


def test_download_holds_the_rows_seen_in_words_without_formulas(opened, house):
    page = opened(house, "#view=wordings&theme=Bond")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download these rows").click()
    text = caught.value.path().read_text(encoding="utf-8-sig")
    first, header, *rows = text.splitlines()
    assert house.version in first and "Wordings" in first and "theme: Bond" in first
    assert header.startswith('"Concept","Wording","Meaning","Framework"')
    said = re.search(r"in ([\d,]+) judgements", page.locator("#says").text_content())[1]
    assert len(rows) == int(said.replace(",", ""))
    page = opened(hostile(), "#view=wordings")
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download these rows").click()
    lines = caught.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert "\"'=cmd|'/c calc'!A1" in lines[2] or "\"'=cmd|'/c calc'!A1" in lines[3]
    assert not [
        cell
        for line in lines
        for cell in re.findall('"([^"]*)"', line)
        if cell[:1] in "=+@-" and cell
    ]


# ---------------------------------------------------------------- any collection


@pytest.mark.parametrize("view", VIEWS)
def test_hostile_labels_are_only_words(opened, view):
    page = opened(hostile(), f"#view={view}")
    title = page.title()
    for cell in page.locator("#view th, #view td").all():
        cell.click()
        if page.locator("#details[open]").count():
            page.keyboard.press("Escape")
    assert page.title() == title
    assert page.locator("img, main script, [onerror]").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0


def test_every_row_links_to_its_page_where_there_is_a_site(opened):
    collection = hostile()
    page = opened(collection, "#view=wordings", site="../")
    page.locator("#view tbody th").first.click()
    shown = page.locator("#details a[target=_top]").all()
    expected = {
        f"../{page_name('crosswalk', row_id)}.html" for row_id in collection.row_ids("crosswalk")
    }
    assert {a.get_attribute("href") for a in shown} <= expected and shown
    for kind, table, row_id in (
        ("concept", "concepts", "Confiança?"),
        ("framework", "frameworks", "-x"),
        ("work", "studies", "evil-2001"),
    ):
        page.evaluate("(open) => go({ open })", f"{kind}:{row_id}")
        last = page.locator("#details a[target=_top]").last
        assert last.get_attribute("href") == f"../{page_name(table, row_id)}.html"
    page = opened(collection, "#view=wordings")
    page.locator("#view tbody th").first.click()
    assert page.locator("#details[open]").count() and not page.locator("a[target=_top]").count()


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_collection_says_why(opened, view):
    page = opened(Collection.of({}), f"#view={view}")
    assert page.locator(".empty").text_content()
    assert "0 of 0" in page.locator("#summary").text_content()


@pytest.mark.parametrize("view", VIEWS)
def test_one_framework_by_another_coder(opened, view):
    page = opened(one_framework(), f"#view={view}")
    assert page.locator("#view tbody tr").count() == (2 if view in ("matrix", "gaps") else 1)
    assert page.get_by_label("Coding").input_value() == "a & b"


def test_in_a_frame_without_an_address(opened, house):
    page = opened(one_framework())
    page.evaluate(
        """(text) => {
        const frame = document.createElement("iframe");
        frame.srcdoc = text;
        document.body.replaceChildren(frame);
    }""",
        explorer_page(one_framework()),
    )
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="Wordings").click()
    assert frame.locator("nav [aria-current]").text_content() == "Wordings"
    assert frame.locator("#view tbody tr").count() == 1


# ---------------------------------------------------------------- for everybody


@pytest.mark.parametrize(
    ("view", "scheme", "screen"), list(product(VIEWS, ["light", "dark"], ["desk", "phone"]))
)
def test_no_violation_of_accessibility(opened, house, view, scheme, screen):
    how = {"color_scheme": scheme, **(PHONE if screen == "phone" else {})}
    page = opened(house, f"#view={view}&strictness=exact&was=close.any.lexical", **how)
    axe = Axe()
    options = {"runOnly": {"type": "tag", "values": TAGS}}
    for step in ("view", "details", "keys") if view == "matrix" else ("view",):
        if step == "details":
            page.evaluate("go({ view: 'wordings', theme: FACTS.concepts[0].theme })")
            page.locator("#view tbody th").first.click()
        if step == "keys":
            page.keyboard.press("Escape")
            page.get_by_role("button", name="Keys and rules").click()
        found = axe.run(page, options=options).response["violations"]
        assert not found, (
            step,
            [(v["id"], [n["html"][:120] for n in v["nodes"][:3]]) for v in found],
        )


@pytest.mark.parametrize("width", [390, 700, 1024, 1600])
def test_no_sideways_scroll(opened, house, width):
    page = opened(house, viewport={"width": width, "height": 800})
    for view, opens in product(VIEWS, ["", "concept:trust", "framework:ideas"]):
        page.evaluate("(state) => go(state)", {"view": view, "open": opens})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view
        dialog = "document.querySelector('#details')"
        assert page.evaluate(f"{dialog}.scrollWidth <= {dialog}.clientWidth + 1"), (view, opens)


def test_counts_are_announced_and_nothing_moves_unasked(opened, house):
    page = opened(house, reduced_motion="reduce")
    assert page.locator("#summary[role=status], #says[role=status]").count() == 2
    moving = page.evaluate("""() => [...document.querySelectorAll("*")].filter((e) =>
        getComputedStyle(e).transitionDuration !== "0s").length""")
    assert moving == 0


def test_print_holds_the_picture_and_not_the_controls(opened, house):
    page = opened(house, "#view=matrix")
    page.emulate_media(media="print")
    assert page.locator("#view table").is_visible() and page.locator("#summary").is_visible()
    assert not page.locator("nav").is_visible() and not page.locator("#filters").is_visible()


def test_the_page_is_small(house):
    assert len(explorer_page(house).encode()) <= 250_000


def test_facts_are_read_back_as_they_were(opened):
    page = opened(hostile())
    wordings = page.evaluate("FACTS.elements.map((e) => e.wording)")
    assert wordings == list(hostile().elements["wording"])
