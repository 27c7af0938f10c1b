"""What goes out can be read by other programs, holds every value, and runs nothing."""

import io
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import jsonschema
import openpyxl
import pandas as pd
import pypandoc
import pytest
import rispy
from test_writing import make_sample

from relnotes import Collection, open_collection
from relnotes.desk.workbooks import (
    BASE_SHEET,
    LONGEST_CELL,
    packed_base,
    table_workbook,
    text_frame,
    unpacked_base,
    workbook_bytes,
)
from relnotes.evidence.bibtex import parse_bibliography
from relnotes.evidence.faults import CollectionError
from relnotes.evidence.schema import house_schema
from relnotes.show.export import csl_json_bytes, export, ris_bytes, sqlite_bytes

HOUSE = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return open_collection(make_sample(tmp_path_factory.mktemp("export") / "data"))


@pytest.fixture(scope="module")
def house():
    return open_collection(HOUSE)


@pytest.fixture(scope="module")
def book(sample):
    return opened(workbook_bytes(sample))


def opened(content: bytes):
    return openpyxl.load_workbook(io.BytesIO(content))


def database(content: bytes) -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.deserialize(content)
    return connection


# ---------------------------------------------------------------------- data package


def test_the_data_package_is_accepted_by_frictionless(tmp_path):
    frictionless = pytest.importorskip("frictionless")
    report = frictionless.validate(str(HOUSE / "datapackage.json"))
    assert report.valid, report.flatten(["type", "title", "note"])[:5]
    # And it would have noticed: a dangling id in a copy is found.
    shutil.copytree(HOUSE, tmp_path / "data", ignore=shutil.ignore_patterns(".relnotes"))
    elements = tmp_path / "data" / "elements.csv"
    first = elements.read_text(encoding="utf-8").splitlines()[1].split(",")[1]
    mended = elements.read_text(encoding="utf-8").replace(f",{first},", ",nowhere,", 1)
    elements.write_text(mended, encoding="utf-8", newline="\n")
    assert not frictionless.validate(str(tmp_path / "data" / "datapackage.json")).valid


# -------------------------------------------------------------------------- workbook


def test_every_value_of_the_tables_stands_in_the_workbook(house):
    book = opened(workbook_bytes(house))
    for name, table in house.schema.tables.items():
        rows = [list(row) for row in book[name].iter_rows(values_only=True)]
        assert rows[0] == table.columns
        frame = text_frame(house, name)
        assert len(rows) - 1 == len(frame)
        assert (
            book[name].auto_filter.ref
            == f"A1:{book[name].cell(len(rows), len(rows[0])).coordinate}"
        )
        for cells, (_, wanted) in zip(rows[1:], frame.iterrows(), strict=True):
            for cell, value in zip(cells, wanted, strict=True):
                written = "" if cell is None else cell
                assert written == (float(value) if isinstance(cell, int | float) else value)


def test_the_same_collection_gives_the_same_bytes(sample):
    program = (
        "import sys, hashlib; from relnotes import open_collection\n"
        "from relnotes.show.export import *\n"
        "c = open_collection(sys.argv[1])\n"
        "print([hashlib.sha256(f(c)).hexdigest() for f in (workbook_bytes, sqlite_bytes)])"
    )
    run = [subprocess.run([sys.executable, "-c", program, str(sample.root)], text=True,
                          capture_output=True, check=True).stdout for _ in range(2)]  # fmt: skip
    assert run[0] == run[1]


def test_headers_are_frozen_and_guide_and_columns_offer_their_values(sample, book):
    sheet = book["crosswalk"]
    assert sheet.freeze_panes == "D2"
    assert "One of: explicit, interpreted." in sheet["F1"].comment.text
    lists = {}
    for rule in sheet.data_validations.dataValidation:
        name, address = rule.formula1.removeprefix("=").split("!")
        lists[str(rule.sqref)] = [c[0].value for c in book[name][address.replace("$", "")]]
    rows = len(sample.crosswalk) + 501
    assert lists[f"E2:E{rows}"] == ["exact", "close", "narrower", "broader", "related"]
    assert lists[f"C2:C{rows}"] == ["goals", "trust"]
    assert lists[f"A2:A{rows}"] == ["bond-01", "bond-02", "plan-01", "plan-02"]
    assert book["lists"].sheet_state == "hidden"
    assert book[BASE_SHEET].sheet_state == "veryHidden"


def test_views_read_wide(book):
    matrix = [list(r) for r in book["view matrix reading"].iter_rows(values_only=True)]
    assert matrix == [
        ["Framework", "Goals", "Trust"], ["Bond", "exact", "exact"], ["Plan", "exact", "any"],
    ]  # fmt: skip
    lexical = [list(r) for r in book["view matrix lexical"].iter_rows(values_only=True)]
    assert lexical[1:] == [["Bond", "close", "close"], ["Plan", "close", None]]
    elements = [list(r) for r in book["view elements"].iter_rows(values_only=True)]
    assert elements[0][5:] == ["concepts (lexical)", "concepts (reading)", "source"]
    assert elements[4][:2] == ["plan-02", "Plan"]
    assert elements[4][5:7] == [None, "Trust"]


DANGEROUS = [
    "=1+1", '=HYPERLINK("http://example.org","x")', "+44 20", "-1", "@SUM(A1)", "\t=1",
    "{=1}", "http://example.org", "_x0041_", "'quoted", "=cmd|' /C calc'!A0",
]  # fmt: skip


@pytest.mark.parametrize("value", DANGEROUS)
def test_no_text_becomes_a_formula_or_a_link(value):
    frame = pd.DataFrame({"framework_id": [value], "year": [value]}, dtype="str")
    collection = Collection.of({"frameworks": frame})
    content = table_workbook(collection, {"frameworks": text_frame(collection, "frameworks")}, {})
    sheet = opened(content)["frameworks"]
    cell = sheet["A2"]
    assert cell.data_type == "s"
    assert cell.hyperlink is None
    assert cell.value == value
    if value[0] in "=+-@\t":
        assert cell.quotePrefix
    column = house_schema().table("frameworks").columns.index("year") + 1
    year = sheet.cell(2, column)
    assert year.data_type == ("n" if value == "-1" else "s")


def test_a_value_that_fits_no_cell_is_named_not_dropped():
    frame = pd.DataFrame({"framework_id": ["a"], "note": ["x" * (LONGEST_CELL + 1)]})
    with pytest.raises(CollectionError, match=r"frameworks\.csv, column note: .* 32,768 char"):
        workbook_bytes(Collection.of({"frameworks": frame}))


def test_the_hidden_base_unfolds_to_what_was_packed_and_no_further(sample):
    frames = {"elements": text_frame(sample, "elements")}
    packed = packed_base(frames)
    assert unpacked_base(packed, 10**6)["elements"].equals(frames["elements"])
    for wrong in (packed[:-8], packed[4:], "AAAA", "é", packed_base({"t": pd.DataFrame()})[1:]):
        with pytest.raises(ValueError):
            unpacked_base(wrong, 10**6)
    with pytest.raises(ValueError, match="more than it may"):
        unpacked_base(packed, 100)


# ---------------------------------------------------------------------------- SQLite


def test_the_database_declares_its_keys_and_keeps_every_value(house):
    connection = database(sqlite_bytes(house))
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    for name, table in house.schema.tables.items():
        columns = connection.execute(f'PRAGMA table_info("{name}")').fetchall()
        keyed = [c[1] for c in sorted(columns, key=lambda c: c[5]) if c[5]]
        assert tuple(keyed) == table.primary_key
        declared = {(k[3], k[2]) for k in connection.execute(f'PRAGMA foreign_key_list("{name}")')}
        assert {(k.field, k.table) for k in table.foreign_keys} <= declared
        frame = text_frame(house, name)
        for field in table.fields:
            query = f'SELECT "{{}}" FROM "{name}" ORDER BY rowid'
            stored = [r[0] for r in connection.execute(query.format(field.name))]
            words = [""] * len(stored)
            if f"{field.name}_empty" in [c[1] for c in columns]:
                words = [r[0] for r in connection.execute(query.format(f"{field.name}_empty"))]
            for value, word, text in zip(stored, words, frame[field.name], strict=True):
                if field.type == "string":
                    assert (word or value or "") == text
                else:
                    assert word == text if value is None else value == float(text)
    works = connection.execute("SELECT count(*) FROM works").fetchone()[0]
    assert works == len(house.bibliography)


def test_the_database_answers_questions(sample):
    connection = database(sqlite_bytes(sample))
    asked = connection.execute(
        "SELECT short_label, wording, relation FROM element_concepts "
        "WHERE concept_id = 'trust' AND coder = 'reading' ORDER BY element_id"
    ).fetchall()
    assert asked == [("Bond", "mutual trust", "exact"), ("Plan", "being believed", "related")]
    assert connection.execute(
        "SELECT \"table\", row_id, locator FROM citations WHERE key = 'roe-2002' AND "
        "\"table\" IN ('frameworks', 'events') ORDER BY rowid"
    ).fetchall() == [("frameworks", "plan", "p. 5"), ("events", "rules-2003", "p. 1")]
    number = connection.execute(
        "SELECT estimate, estimate_empty FROM findings ORDER BY finding_id"
    ).fetchall()
    assert number == [(0.25, ""), (None, "not_reported")]


def test_the_database_refuses_a_row_that_points_nowhere(sample):
    connection = database(sqlite_bytes(sample))
    connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE elements SET framework_id = 'nowhere'")


def test_a_dangling_id_is_reported():
    frame = pd.DataFrame({"element_id": ["a-01"], "framework_id": ["a"], "number": ["1"]})
    with pytest.raises(CollectionError, match="points to no row of frameworks"):
        sqlite_bytes(Collection.of({"elements": frame}))


# ---------------------------------------------------------------------- bibliography


def test_the_works_go_out_as_csl_json_and_ris(house):
    items = json.loads(csl_json_bytes(house.bibliography))
    assert sorted(i["id"] for i in items) == sorted(house.bibliography)
    records = rispy.loads(ris_bytes(house.bibliography).decode("utf-8"))
    assert [r["id"] for r in records] == list(house.bibliography)
    for record in records:
        work = house.bibliography[record["id"]]
        assert record.get("title", "") == work.title
        assert [a.split(",")[0] for a in record.get("authors", [])] == [
            p.family.split(",")[0] for p in work.authors
        ]
        assert record.get("year", "") == str(work.year or "")


AWKWARD = r"""
@article{others-2001, author = {Doe, Ann and others}, title = {Trust \& 50\% of {NPS} work},
 journaltitle = {Zeitschrift für Strafvollzug}, year = {2001}, volume = {3}, number = {2},
 pages = {11--19}, doi = {10.5555/o}}
@book{body-nd, author = {{Ministry of Work and Pensions}}, title = {Étude à Genève}}
@book{editors-1999, editor = {van der Berg, Bo and de la Cruz, Ana}, title = {A handbook},
 year = {1999}, publisher = {Sample Press}, isbn = {9780306406157}, edition = {2}}
@incollection{chapter-2010, author = {Müller-Lüdenscheid, Zoë}, editor = {Li, Bo},
 title = {Über {H2O}}, booktitle = {A handbook}, year = {2010}, pages = {7}}
@report{cjk-2015, author = {王, 小明 and 田中, 一郎}, title = {保護観察における信頼関係},
 institution = {法務省}, year = {2015}, number = {12}}
@thesis{cyrillic-2018, author = {Иванов, Иван Иванович}, title = {Доверие и надзор},
 institution = {МГУ}, year = {2018}, type = {PhD thesis}}
@online{web-2020, author = {O'Neil, Pat and {Clinks}}, title = {What works?}, year = {2020},
 url = {https://example.org/a_b~c}}
@misc{nobody-nd, title = {Notes without a name}, howpublished = {Leaflet}}
@inproceedings{month-2012, author = {King, Jr., Martin}, title = {A paper}, booktitle = {Meeting},
 date = {2012-05-03}}
"""


@pytest.fixture(params=["house", "awkward"])
def works(request, house):
    return house.bibliography if request.param == "house" else parse_bibliography(AWKWARD)[0]


def test_the_csl_items_fit_the_schema_of_csl(works):
    schema = json.loads((Path(__file__).parent / "csl-data.json").read_text(encoding="utf-8"))
    items = json.loads(csl_json_bytes(works))
    jsonschema.validate(items, schema)
    names = [name for item in items for name in item.get("author", [])]
    assert not [name for name in names if "others" in name.values()]


def by_pandoc(text: str, format_: str) -> dict[str, dict[str, object]]:
    """Read references with pandoc; return of each what every format can say."""
    items = json.loads(pypandoc.convert_text(text, "csljson", format=format_))
    return {
        item["id"]: {
            "title": re.sub("[“”‘’]", "'", item.get("title", "")).casefold(),  # as pandoc changes them
            **{role: [n.get("family", n.get("literal")).split(",")[0].replace("’", "'")
                      for n in item.get(role, []) if "others" not in n.values()]
               for role in ("author", "editor")},
            "year": (item.get("issued", {}).get("date-parts") or [[None]])[0][0],
            "container": item.get("container-title", "").casefold(),
            "volume": str(item.get("volume", "")),
            "number": str(item.get("issue", item.get("number", ""))),
            "page": item.get("page", "").replace("–", "-"),
            "doi": item.get("DOI", "").lower(),
            "url": item.get("URL", ""),
        }
        for item in items
    }  # fmt: skip


def test_bibtex_ris_and_csl_agree_when_pandoc_reads_them(works):
    bib = by_pandoc("\n".join(work.raw for work in works.values()), "biblatex")
    assert by_pandoc(ris_bytes(works).decode(), "ris") == bib
    assert by_pandoc(csl_json_bytes(works).decode(), "csljson") == bib


@pytest.mark.parametrize("made", [ris_bytes, csl_json_bytes], ids=["RIS", "CSL-JSON"])
def test_our_own_exports_come_back_as_duplicates(works, tmp_path, made):
    from relnotes.desk.formats import read_export
    from relnotes.desk.formats.exports import read_text
    from relnotes.desk.matching.matching import match

    (tmp_path / "references").write_bytes(made(works))
    reading = read_export(tmp_path / "references")
    assert not reading.rejected
    assert sorted((r.title, r.year or 0) for r in reading.records) == sorted(
        (work.title, work.year or 0) for work in works.values()
    )
    base = read_text("\n".join(work.raw for work in works.values()), "bib").records
    matching = match(list(reading.records), base=base)
    assert len(matching.pile("duplicate")) == len(works)
    keys = [record.key for record in reading.records]
    assert sorted(keys) == sorted(works)
    assert {r.key: list(map(str, r.authors)) for r in reading.records} == {
        r.key: list(map(str, r.authors)) for r in base
    }


def test_a_hostile_title_adds_no_line_to_ris():
    text = "@book{a-2000, title = {One\n  ER  - \nTY  - JOUR}, year = {2000}}"
    records = rispy.loads(ris_bytes(parse_bibliography(text)[0]).decode())
    assert len(records) == 1


def test_export_writes_four_files_and_replaces_them(sample, tmp_path):
    folder = tmp_path / "déjà vu"
    first = export(sample, folder)
    assert first.files == (
        "relational-practice.xlsx", "relational-practice.sqlite",
        "references.csl.json", "references.ris",
    )  # fmt: skip
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    assert set(before) == set(first.files)
    export(sample, folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before
