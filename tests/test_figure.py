"""Figures that know their data: words, rows, files, passports and the manifest."""

from __future__ import annotations

import base64
import csv
import dataclasses
import hashlib
import io
import json
import re
import struct
import zipfile
import zlib
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from defusedxml import ElementTree
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from printed import printed

from relnotes.evidence.collection import Collection, open_collection
from relnotes.figures import make, names
from relnotes.figures.check import check
from relnotes.figures.figure import KINDS, Description, Figure, plot_nothing
from relnotes.figures.manifest import (
    Entry,
    Manifest,
    compare,
    entry,
    manifest_of,
    read_manifest,
    write_manifest,
)
from relnotes.figures.passport import LONGEST_PASSPORT, Passport
from relnotes.figures.register import FIGURES, registered
from relnotes.figures.style import house_style, sheet, write

HOSTILE = "<script>alert('x')</script> \"quoted\" ](javascript:alert(1)) & \x00 \ud800 $x_1$"


def tables(trust: str = "exact") -> dict[str, pd.DataFrame]:
    """Two frameworks that share trust; one also has hope."""
    return {
        "frameworks": pd.DataFrame(
            {
                "framework_id": ["a", "b"],
                "label": ["Framework A", "Framework B"],
                "short_label": ["A", "B"],
                "setting": ["probation", "youth justice"],
                "completeness": "complete",
                "source": ["smith-2001[p. 1]", "jones-2002[p. 2]"],
            }
        ),
        "elements": pd.DataFrame(
            {
                "element_id": ["a-01", "a-02", "b-01"],
                "framework_id": ["a", "a", "b"],
                "wording": ["trust", "hopefulness", "being trusted"],
                "source": ["smith-2001[p. 3]", "smith-2001[p. 4]", "jones-2002[p. 5]"],
            }
        ),
        "concepts": pd.DataFrame(
            {"concept_id": ["hope", "trust"], "label": ["Hope", "Trust"], "theme": "Bond"}
        ),
        "crosswalk": pd.DataFrame(
            {
                "element_id": ["a-01", "a-02", "b-01"],
                "element_wording": ["trust", "hopefulness", "being trusted"],
                "concept_id": ["trust", "hope", "trust"],
                "concept_label": ["Trust", "Hope", "Trust"],
                "relation": [trust, "close", "close"],
                "basis": ["explicit", "interpreted", "explicit"],
                "reason": "",
                "coder": "reading",
            }
        ),
    }


@pytest.fixture
def collection() -> Collection:
    return Collection.of(tables())


def drawn(
    data: pd.DataFrame | None = None,
    marks: dict[str, tuple[str, ...]] | None = None,
    words: str = "Who names trust?",
    label: str = "trust",
) -> Figure:
    with house_style():
        page = sheet(200, 80)
        write(page, 20, 40, label)
    if data is None:
        data = pd.DataFrame({"mark": ["Trust", "Hope"], "frameworks": [2, 1]})
        marks = {
            "Trust": ("crosswalk:a-01/trust/reading", "crosswalk:b-01/trust/reading"),
            "Hope": ("crosswalk:a-02/hope/reading",),
        }
    return Figure.described(
        "topic-view",
        Description(words, f"Caption: {words}", f"Alt: {words}", f"At length: {words}"),
        drawing=page.figure,
        data=data,
        marks=marks or {},
    )


# ---------------------------------------------------------------- words and rows


def test_every_mark_has_data_and_rows() -> None:
    with pytest.raises(ValueError, match="Hope"):
        drawn(pd.DataFrame({"mark": ["Trust"]}), {"Trust": (), "Hope": ()})
    with pytest.raises(ValueError, match="mark"):
        drawn(pd.DataFrame({"n": [1]}), {})


def test_rows_follow_a_mark_to_the_table_and_its_source(collection: Collection) -> None:
    rows = drawn().of(collection).rows("Trust")
    assert rows["table"].tolist() == ["crosswalk", "crosswalk"]
    assert rows["element_wording"].tolist() == ["trust", "being trusted"]
    # The crosswalk has no source of its own: it judges elements, and they have one.
    assert rows["source"].tolist() == ["smith-2001[p. 3]", "jones-2002[p. 5]"]


def test_rows_of_several_tables_stand_together(collection: Collection) -> None:
    figure = drawn(
        pd.DataFrame({"mark": ["A"]}), {"A": ("frameworks:a", "crosswalk:a-02/hope/reading")}
    ).of(collection)
    rows = figure.rows("A")
    assert rows["id"].tolist() == ["a", "a-02/hope/reading"]
    assert rows["source"].tolist() == ["smith-2001[p. 1]", "smith-2001[p. 4]"]


def test_rows_without_a_collection_are_ids() -> None:
    assert drawn().rows("Hope").to_dict("list") == {
        "table": ["crosswalk"],
        "id": ["a-02/hope/reading"],
    }


def test_an_unknown_mark_names_the_nearest() -> None:
    with pytest.raises(KeyError, match="Trust"):
        drawn().rows("trst")


def test_a_name_stands_for_every_mark_it_is_part_of() -> None:
    marks = {
        "Trust": ("crosswalk:1",),
        "Trust + Hope": ("crosswalk:2",),
        "all of Trust": ("concepts:trust", "crosswalk:1"),
        "Hope": ("crosswalk:3",),
        "Trustworthiness": ("crosswalk:4",),
        "Trust × IDEAS": ("crosswalk:2", "crosswalk:5"),
    }
    figure = drawn(pd.DataFrame({"mark": list(marks)}), marks)
    for name in ("Trust", "trust", "TRUST"):
        assert figure.row_ids(name) == ("concepts:trust", "crosswalk:1")
    assert figure.row_ids("hope") == ("crosswalk:2", "crosswalk:3")
    assert figure.row_ids("Trust + Hope") == ("crosswalk:2",)
    assert figure.row_ids("ideas") == ("crosswalk:2", "crosswalk:5")


def test_the_upset_has_all_rows_of_a_concept(collection: Collection) -> None:
    rows = make("overlap-upset", collection).rows("trust")
    judged = rows[rows["table"] == "crosswalk"]["id"]
    assert sorted(judged) == ["a-01/trust/reading", "b-01/trust/reading"]


def test_a_figure_says_what_the_word_for_saving_is() -> None:
    with pytest.raises(AttributeError, match=r'figure\.save\("build"\)'):
        drawn().savefig("trust.png")


def test_a_figure_is_made_of_the_collection_that_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELNOTES_DATA", str(Path(__file__).parents[1]))
    figure = make("overlap-upset")
    assert figure.collection is not None
    assert figure.collection.title.startswith("Evidence on relational practice")


def test_a_wrong_figure_is_answered_with_near_ones(collection: Collection) -> None:
    with pytest.raises(KeyError) as refused:
        make("overlap-upse", collection)
    assert str(refused.value).startswith("There is no figure ‘overlap-upse’. Did you mean ‘over")


# ---------------------------------------------------------------- a part, and other sizes


def texts_of(figure: Figure) -> str:
    return " ".join(text.get_text() for text in figure.drawing.findobj(Text))


@pytest.mark.parametrize("name", ["overlap-upset", "overlap-matrix", "gaps-map"])
def test_a_part_says_that_it_is_one_everywhere(
    name: str, collection: Collection, tmp_path: Path
) -> None:
    figure = make(name, collection, only={"setting": "probation"})
    assert "only setting probation" in re.sub(r"\s+", " ", texts_of(figure))
    assert figure.title.endswith("(only setting probation)")
    assert figure.alt.startswith("Only setting probation: ")
    assert "(only setting probation)" in figure.citation
    files = figure.save(tmp_path)
    assert files["svg"].name == f"{name}-only-setting-probation.svg"
    for kind in KINDS:
        verdict = check(files[kind], collection)
        assert verdict.state == "current", verdict.message
    assert "only" not in texts_of(make(name, collection)).split()


def test_a_part_is_held_against_the_same_part(collection: Collection, tmp_path: Path) -> None:
    file = make("overlap-upset", collection, only={"frameworks": ["b"]}).save(tmp_path)["svg"]
    other = tables()
    other["crosswalk"].loc[0, "concept_id"] = "hope"  # of framework a, which is not in the part
    assert check(file, Collection.of(other)).state == "current"
    other["crosswalk"].loc[2, "concept_id"] = "hope"
    assert check(file, Collection.of(other)).state == "outdated"
    gone = tables()
    gone["frameworks"]["framework_id"] = ["a", "c"]
    verdict = check(file, Collection.of(gone))
    assert verdict.state == "undecided"
    assert "There is no framework ‘b’" in verdict.message


def test_a_larger_scale_is_larger_paper_and_larger_type(collection: Collection) -> None:
    once, twice = (make("overlap-upset", collection, scale=s) for s in (1, 2))
    assert twice.drawing.get_size_inches() == pytest.approx(2 * once.drawing.get_size_inches())
    sizes = [
        [t.get_fontsize() for t in f.drawing.findobj(Text) if t.get_text()] for f in (once, twice)
    ]
    assert sizes[1] == pytest.approx([2 * size for size in sizes[0]])
    assert twice.fingerprint() == once.fingerprint()


# ---------------------------------------------------------------- HTML


def test_words_at_length_are_paragraphs_and_lists_and_the_table_has_a_caption() -> None:
    words = Description("Who?", "One.", "One dot.", "There is:\n- one dot\n- one line\nNo more.")
    figure = dataclasses.replace(drawn(), description=words.description)
    text = figure.html()
    assert "<p>There is:</p>\n<ul><li>one dot</li><li>one line</li></ul>\n<p>No more.</p>" in text
    assert "<caption>What the marks show: Who names trust?</caption>" in text


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(text: str) -> _Page:
    page = _Page()
    page.feed(text)
    page.close()
    assert page.open == []
    return page


def test_html_is_a_figure_with_alt_caption_and_folded_data() -> None:
    page = parsed(drawn().html())
    tags = [tag for tag, _ in page.tags]
    assert tags[:3] == ["figure", "img", "figcaption"]
    assert {"details", "summary", "table", "th", "td"} <= set(tags)
    image = dict(page.tags)["img"]
    assert image["alt"] == "Alt: Who names trust?"
    kind, _, encoded = str(image["src"]).partition(",")
    assert kind == "data:image/svg+xml;base64"
    assert ElementTree.fromstring(base64.b64decode(encoded)).tag.endswith("svg")


def test_hostile_words_stay_words() -> None:
    figure = drawn(
        pd.DataFrame({"mark": [HOSTILE], HOSTILE: [HOSTILE]}), {HOSTILE: ()}, HOSTILE, HOSTILE
    )
    page = parsed(figure.html())
    assert {tag for tag, _ in page.tags} <= {
        "figure", "img", "figcaption", "details", "summary", "p", "table", "thead", "tbody", "tr",
        "th", "td", "caption",
    }  # fmt: skip
    for _, attributes in page.tags:
        assert not any(name.startswith("on") for name in attributes)
    assert "\x00" not in figure.html()
    for kind in KINDS:
        figure.rendered(kind)
    root = ElementTree.fromstring(figure.rendered("svg"))
    assert root.find("{http://www.w3.org/2000/svg}title").text.startswith("<script>")
    assert not list(root.iter("{http://www.w3.org/2000/svg}script"))


def test_a_figure_is_itself_and_no_other() -> None:
    one, other = drawn(), drawn()
    assert len({one, other, one}) == 2
    assert one != other


def test_dollar_signs_are_not_mathematics() -> None:
    label = "costs $5 or $6, a_b^{"
    assert label in [words.text for words in printed(drawn(label=label)).all_words]


def test_a_long_table_is_cut_and_says_so() -> None:
    marks = {f"m{i}": () for i in range(1000)}
    figure = drawn(pd.DataFrame({"mark": list(marks)}), marks)
    text = figure.html()
    assert text.count("<tr>") == 401
    assert "600 more rows are in topic-view.csv" in text


def test_the_bundle_offers_html_png_and_words_and_is_the_same_twice() -> None:
    first, second = (drawn()._repr_mimebundle_() for _ in range(2))
    assert set(first) == {"text/html", "image/png", "text/plain"}
    assert first == second
    assert "<script" not in first["text/html"]


# ---------------------------------------------------------------- files


def test_saved_files_are_the_same_whatever_the_readers_settings(tmp_path: Path) -> None:
    first = drawn().save(tmp_path / "one")
    with mpl.rc_context(
        {"svg.fonttype": "none", "font.size": 30, "savefig.dpi": 20, "savefig.bbox": "tight",
         "axes.facecolor": "black", "text.usetex": True, "pdf.compression": 9}
    ):  # fmt: skip
        second = drawn().save(tmp_path / "two")
    assert {k: p.read_bytes() for k, p in first.items()} == {
        k: p.read_bytes() for k, p in second.items()
    }
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == [
        f"topic-view.{kind}" for kind in ("csv", "pdf", "png", "svg")
    ]


def test_no_file_holds_a_date_or_the_version_of_a_library() -> None:
    for kind in KINDS:
        contents = drawn().rendered(kind)
        assert not re.search(rb"CreationDate|dc:date|\(D:20", contents)
        assert mpl.__version__.encode() not in contents
    assert b"tEXtSoftware\x00relnotes" in drawn().rendered("png")


def test_csv_holds_the_data(tmp_path: Path) -> None:
    figure = drawn(
        pd.DataFrame(
            {
                "mark": ["a", "b"],
                "share": [1 / 3, None],
                "names": [("x", "y"), ()],
                "n": pd.array([1, None], dtype="Int64"),
            }
        ),
        {"a": (), "b": ()},
    )
    assert figure.save(tmp_path)["csv"].read_bytes() == (
        b"mark,share,names,n\na,0.3333333333,x;y,1\nb,,,\n"
    )


def test_no_spreadsheet_takes_a_cell_of_the_csv_for_a_formula(tmp_path: Path) -> None:
    said = ["=cmd|' /C calc'!A0", "+1+1", "@SUM(1)", "-2+3", "\t=1", " =1", "-", "a=1", "-1.5"]
    names = [f"mark {n}" for n in range(len(said))]
    table = pd.DataFrame({"mark": names, "words": said, "n": [-0.5, -1e-9, -2.0, *range(6)]})
    text = drawn(table, dict.fromkeys(names, ())).save(tmp_path)["csv"].read_text("utf-8")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    assert [row[1] for row in rows] == [*(f"'{words}" for words in said[:7]), "a=1", "-1.5"]
    assert [row[2] for row in rows[:3]] == ["-0.5", "-1e-09", "-2"]


def test_a_failed_export_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = drawn().save(tmp_path)["svg"].read_bytes()

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        drawn(label="other").save(tmp_path)
    assert (tmp_path / "topic-view.svg").read_bytes() == old
    assert not list(tmp_path.glob(".*"))


# ---------------------------------------------------------------- passports


@pytest.fixture
def upset(collection: Collection) -> Figure:
    return make("overlap-upset", collection)


def saved(figure: Figure, folder: Path) -> dict[str, Path]:
    return {kind: path for kind, path in figure.save(folder).items() if kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_a_fresh_file_is_current(
    kind: str, upset: Figure, collection: Collection, tmp_path: Path
) -> None:
    verdict = check(saved(upset, tmp_path)[kind], collection)
    assert verdict.state == "current"
    assert verdict.passport is not None
    assert verdict.passport.figure == "overlap-upset"
    assert verdict.passport.fingerprint == upset.fingerprint()
    assert verdict.passport.citation == upset.citation


@pytest.mark.parametrize("kind", KINDS)
def test_an_outdated_file_says_which_mark_changed_and_how(
    kind: str, upset: Figure, tmp_path: Path
) -> None:
    path = saved(upset, tmp_path)[kind]
    # A's trust no longer counts at this strictness, so only B is left with it.
    weaker = tables(trust="related")
    weaker["crosswalk"].loc[0, "basis"] = "interpreted"
    verdict = check(path, Collection.of(weaker))
    assert verdict.state == "outdated"
    assert "all of Trust: size 2 → 1" in verdict.changes
    assert any(change.startswith("Hope: new") for change in verdict.changes)
    assert any(
        change.startswith("Trust + Hope: no longer drawn") for change in verdict.changes
    ) or any(change.startswith("Hope + Trust: no longer drawn") for change in verdict.changes)


def test_the_changes_that_a_verdict_does_not_list_are_counted(
    upset: Figure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(upset, tmp_path)["svg"]
    renamed = tables()
    for table in ("elements", "crosswalk"):
        renamed[table]["element_id"] = renamed[table]["element_id"] + "-new"
    monkeypatch.setattr("relnotes.figures.check.MOST_CHANGES_IN_MESSAGE", 1)
    verdict = check(path, Collection.of(renamed))
    assert len(verdict.changes) == 4
    assert verdict.message.endswith(f"outdated: {verdict.changes[0]}; and 3 more.")


def test_other_rows_behind_the_same_number_are_a_change(upset: Figure, tmp_path: Path) -> None:
    path = saved(upset, tmp_path)["svg"]
    renamed = tables()
    for table in ("elements", "crosswalk"):
        renamed[table]["element_id"] = renamed[table]["element_id"].replace("b-01", "b-07")
    verdict = check(path, Collection.of(renamed))
    assert verdict.state == "outdated"
    assert verdict.changes == (
        "Trust: rests on other rows now",
        "all of Trust: rests on other rows now",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_an_edited_file_is_altered(
    kind: str, upset: Figure, collection: Collection, tmp_path: Path
) -> None:
    path = saved(upset, tmp_path)[kind]
    contents = bytearray(path.read_bytes())
    contents[-20] ^= 0x01
    path.write_bytes(contents)
    assert check(path, collection).state == "altered"


@pytest.mark.parametrize("kind", KINDS)
def test_a_forged_version_breaks_the_seal(
    kind: str, upset: Figure, collection: Collection, tmp_path: Path
) -> None:
    path = saved(upset, tmp_path)[kind]
    contents = path.read_bytes()
    assert b'"version":"' in contents
    path.write_bytes(contents.replace(b'"version":"', b'"version":"9'))
    verdict = check(path, collection)
    assert verdict.state in {"altered", "not ours"}


def test_a_passport_cannot_be_moved_to_another_picture(
    upset: Figure, collection: Collection, tmp_path: Path
) -> None:
    ours = saved(upset, tmp_path)["svg"].read_bytes()
    passport = re.search(rb'<metadata id="relnotes-passport">.*?</metadata>', ours)
    assert passport is not None
    other = tmp_path / "other.svg"
    other.write_bytes(
        b'<svg xmlns="http://www.w3.org/2000/svg">' + passport.group() + b"<rect/></svg>"
    )
    assert check(other, collection).state == "altered"


def test_an_svg_saved_again_by_a_drawing_program_is_still_known(
    upset: Figure, collection: Collection, tmp_path: Path
) -> None:
    path = saved(upset, tmp_path)["svg"]
    contents = path.read_bytes().replace(
        b'<metadata id="relnotes-passport">', b'<metadata\n     id="relnotes-passport"\n     >'
    )
    path.write_bytes(contents)
    verdict = check(path, collection)
    assert verdict.state == "altered"
    assert "passport is current" in verdict.message


def test_a_png_saved_again_by_another_program_is_still_known(
    upset: Figure, collection: Collection, tmp_path: Path
) -> None:
    path = saved(upset, tmp_path)["png"]
    with Image.open(path) as picture:
        kept = PngInfo()
        kept.add_itxt("relnotes-passport", picture.info["relnotes-passport"])
        picture.save(path, pnginfo=kept)
    verdict = check(path, collection)
    assert verdict.state == "altered"
    assert "passport is current" in verdict.message


def test_other_choices_are_undecided(upset: Figure, collection: Collection, tmp_path: Path) -> None:
    other = dataclasses.replace(upset, choices={**upset.choices, "lens": "exact"})
    verdict = check(saved(other, tmp_path)["png"], collection)
    assert verdict.state == "undecided"
    assert "lens exact" in verdict.message


def test_another_collection_is_not_ours(upset: Figure, tmp_path: Path) -> None:
    path = saved(upset, tmp_path)["svg"]
    schema = dataclasses.replace(Collection.of({}).schema, title="Desistance")
    verdict = check(path, Collection.of(tables(), schema=schema))
    assert verdict.state == "not ours"
    assert "Untitled collection" in verdict.message


def test_an_unregistered_figure_is_not_ours(collection: Collection, tmp_path: Path) -> None:
    verdict = check(saved(drawn().of(collection), tmp_path)["svg"], collection)
    assert verdict.state == "not ours"
    assert "topic-view" in verdict.message


PNG_HEAD = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize(
    "contents",
    [
        b"",
        b"\x00" * 100,
        b"GIF89a",
        b"mark,n\ntrust,3\n",
        PNG_HEAD,
        PNG_HEAD + b"\xff\xff\xff\xff",
        PNG_HEAD + chunk(b"tEXt", b"relnotes-passport\0not json") + chunk(b"IEND", b""),
        PNG_HEAD + chunk(b"tEXt", b"relnotes-passport\0" + b"[" * 100_000) + chunk(b"IEND", b""),
        PNG_HEAD + chunk(b"zTXt", b"relnotes-passport\0\0" + zlib.compress(b"0" * 10_000_000)),
        b"%PDF-1.4\n%%EOF",
        b"%PDF-1.4 (relnotes-passport {}) (relnotes-passport \\)",
        b"<svg",
        b'<svg><metadata id="relnotes-passport">{"figure": 1}</metadata></svg>',
        b'<svg><metadata id="relnotes-passport">{"figure": "x", "marks": 3}</metadata></svg>',
        b"<svg>relnotes-passport<a></svg>",
        b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
        b'<svg><metadata  id="relnotes-passport">&b;</metadata></svg>',
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        b'<svg><metadata  id="relnotes-passport">&a;</metadata></svg>',
        b"<html><body>no picture</body></html>",
        b"PK\x03\x04 a slide show",
    ],
)
def test_foreign_and_broken_files_are_answered(
    contents: bytes, collection: Collection, tmp_path: Path
) -> None:
    path = tmp_path / "found"
    path.write_bytes(contents)
    verdict = check(path, collection)
    assert verdict.state == "not ours"
    assert verdict.message.endswith(".")


def test_missing_files_folders_and_huge_files_are_answered(
    collection: Collection, tmp_path: Path
) -> None:
    assert check(tmp_path / "absent.png", collection).state == "not ours"
    assert check(tmp_path, collection).state == "not ours"
    assert check(Path("a\0b"), collection).state == "not ours"
    huge = tmp_path / "huge.svg"
    with huge.open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    assert "65 MB" in check(huge, collection).message


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(0, 200_000), noise=st.binary(max_size=30), kind=st.sampled_from(KINDS))
def test_any_truncation_or_splice_is_answered(
    cut: int, noise: bytes, kind: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    collection = Collection.of(tables())
    whole = _rendered(kind)
    cut %= len(whole)
    path = tmp_path_factory.mktemp("spliced") / "found"
    path.write_bytes(whole[:cut] + noise)
    assert check(path, collection).state in {"altered", "not ours"}


_KEPT: dict[str, bytes] = {}


def _rendered(kind: str) -> bytes:
    if kind not in _KEPT:
        _KEPT[kind] = make("overlap-upset", Collection.of(tables())).rendered(kind)
    return _KEPT[kind]


def test_a_passport_that_would_be_too_long_leaves_out_data_then_marks() -> None:
    def passport(count: int, width: int) -> Passport:
        marks = {f"m{i:05}": () for i in range(count)}
        data = pd.DataFrame({"mark": list(marks), "text": "x" * width})
        return Passport.of(drawn(data, marks))

    small, wide, many = passport(3, 3), passport(100, 400), passport(3000, 3)
    assert all(len(p.text()) <= LONGEST_PASSPORT for p in (small, wide, many))
    kept = [Passport.parse(p.text()) for p in (small, wide, many)]
    assert [bool(p and p.data) for p in kept] == [True, False, False]
    assert [bool(p and p.marks) for p in kept] == [True, True, False]


def test_only_digests_still_name_the_mark_that_changed(tmp_path: Path) -> None:
    marks = {f"m{i:03}": (f"concepts:c{i}",) for i in range(300)}

    def figure(value: str) -> Figure:
        data = pd.DataFrame({"mark": list(marks), "text": ["y" * 90] * 299 + [value]})
        return drawn(data, marks)

    old, new = Passport.parse(Passport.of(figure("a")).text()), Passport.of(figure("b"))
    assert old is not None
    assert old.data == ""
    assert [m for m in new.marks if new.marks[m] != old.marks[m]] == ["m299"]


# ---------------------------------------------------------------- register and manifest


def test_figures_are_registered_under_the_name_of_their_module() -> None:
    with pytest.raises(ValueError, match="begins with test_figure-"):
        registered("overlap-other")(lambda collection: drawn())


def test_an_unknown_figure_lists_those_there_are(collection: Collection) -> None:
    with pytest.raises(KeyError, match="overlap-upset"):
        make("overlap-upst", collection)
    with pytest.raises(KeyError, match="overlap-upset"):
        make("nonsense", collection)


def test_a_drawn_figure_belongs_to_the_collection(collection: Collection) -> None:
    figure = make("overlap-matrix", collection)
    assert figure.version == collection.version
    assert figure.citation == "Untitled collection, version unversioned"
    assert figure.collection is collection


@pytest.mark.parametrize("name", names())
def test_every_figure_draws_an_empty_collection(name: str) -> None:
    figure = make(name, Collection.of({}))
    assert figure.alt
    figure.rendered("svg")


def test_nothing_to_draw_is_said_in_the_picture() -> None:
    figure = plot_nothing("topic-view", Description("Who?", "Nobody.", "Nobody.", "Nobody."))
    assert figure.marks == {}
    assert b"Nobody." in figure.rendered("svg")


def test_the_manifest_is_read_as_it_was_written(
    collection: Collection, upset: Figure, tmp_path: Path
) -> None:
    files = upset.save(tmp_path / "figures")
    made = manifest_of(collection, {upset.name: entry(upset, files)})
    write_manifest(tmp_path / "manifest.json", made)
    assert read_manifest(tmp_path / "manifest.json") == made
    digest = hashlib.sha256(files["svg"].read_bytes()).hexdigest()
    assert made.figures["overlap-upset"].files["svg"] == digest
    assert "crosswalk" in made.tables
    assert "figures/overlap/upset.py" in made.code
    assert made.libraries["matplotlib"] == mpl.__version__
    assert [c.state for c in compare(made, made)] == ["identical"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"figures": {"a": {}}}', "[" * 100_000])
def test_a_broken_manifest_says_so(text: str, tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="is not a manifest"):
        read_manifest(path)


def manifest(
    data: str = "1", svg: str = "x", table: str = "1", code: str = "1", mpl_version: str = "3.11.2"
) -> Manifest:
    return Manifest(
        {"overlap-upset": Entry(data, {"svg": svg})},
        {"crosswalk": table, "studies": "1"},
        {"figures/overlap/upset.py": code, "gaps.py": code},
        {"matplotlib": mpl_version},
    )


@pytest.mark.parametrize(
    ("made", "state", "blamed"),
    [
        (manifest(), "identical", "identical"),
        (manifest(data="2", svg="y", table="2"), "data", "crosswalk.csv changed"),
        (manifest(svg="y", code="2"), "drawing", "figures/overlap/upset.py changed"),
        (manifest(svg="y", mpl_version="3.12.0"), "drawing", "matplotlib 3.11.2 → 3.12.0 changed"),
        (manifest(svg="y"), "drawing", "look at the machine"),
    ],
)
def test_a_changed_figure_says_what_moved(made: Manifest, state: str, blamed: str) -> None:
    (found,) = compare(manifest(), made)
    assert found.state == state
    assert blamed in found.sentence
    assert "gaps.py" not in found.sentence


def test_new_and_lost_figures_are_told() -> None:
    none = Manifest({})
    assert [c.state for c in compare(none, manifest())] == ["new"]
    assert [c.state for c in compare(manifest(), none)] == ["gone"]


def test_the_package_registers_no_name_twice() -> None:
    assert len(set(names())) == len(names()) == len(FIGURES)


def test_a_passport_is_one_line_of_ascii() -> None:
    text = Passport.of(drawn(words=HOSTILE + "é\n")).text()
    assert text.isascii()
    assert "\n" not in text
    assert json.loads(text)["title"].startswith("<script>")


# ---------------------------------------------------------------- figures of the version before


@pytest.fixture(scope="module")
def of_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    with zipfile.ZipFile(Path(__file__).parent / "made_by_0.1.0.zip") as file:
        file.extractall(folder)
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_a_figure_of_0_1_0_is_read_and_held_against_today(kind: str, of_before: Path) -> None:
    collection = open_collection(of_before / "collection")
    for name in ("overlap-upset", "findings-forest"):
        verdict = check(of_before / "figures" / f"{name}.{kind}", collection)
        assert verdict.passport is not None
        assert (verdict.passport.figure, verdict.passport.version) == (name, "0.1.0")
        assert verdict.state in {"outdated", "undecided"}, verdict.message
    gone = check(of_before / "figures" / f"timeline-growth.{kind}", collection)
    assert gone.state == "not ours"
    assert "this version makes no figure of that name" in gone.message
