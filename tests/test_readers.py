"""Nothing is swallowed: files of several formats, cuts, splices, planted faults, a second count."""

import ast
import contextlib
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relnotes.desk.adding import account_of, match_exports, name_of
from relnotes.desk.formats import (
    Reading,
    UnreadableExport,
    census,
    read_export,
    sheets,
    suggest_mapping,
)
from relnotes.desk.formats import exports as exports_module
from relnotes.desk.formats.account import complete
from relnotes.desk.formats.exports import read_text
from relnotes.desk.formats.people import people_in_cell, people_in_lines, person
from relnotes.desk.formats.pieces import Piece

EXPORTS = Path(__file__).parent / "exports"
CASES = json.loads((EXPORTS / "cases.json").read_text(encoding="utf-8"))

FORMATS = {
    "ris": "TY  - JOUR\nTI  - Ris one\nAU  - Ash, B\nPY  - 2019\nER  - \n\n"
    "TY  - BOOK\nTI  - Ris two\nAU  - Oak, C\nPY  - 2018\nER  - \n",
    "ris without ER": "TY  - JOUR\nTI  - Ris three\nAU  - Ash, B\n\nTY  - BOOK\nTI  - Ris four\nPY  - 2018\n",
    "ris without TY": "TI  - Ris five\nAU  - Ash, B\nPY  - 2019\n\nTI  - Ris six\nAU  - Oak, C\n",
    "nbib": "PMID- 11\nOWN - NLM\nTI  - Nbib one\n      goes on.\nFAU - Ash, B\nDP  - 2019\n\n"
    "PMID- 12\nTI  - Nbib two.\nFAU - Oak, C\nDP  - 2018\n",
    "nbib of ERIC": "OWN - ERIC\nTI  - Eric one\nAU  - Marsh, Ilse\nJT  - Journal\nDP  - 2019\n\n"
    "OWN - ERIC\nTI  - Eric two\nAU  - Ode, Bram\nJT  - Journal\nDP  - 2020\n",
    "wos": "FN Clarivate\nVR 1.0\nPT J\nAU Ash, B\n   Oak, C\nTI Wos one\nSO X\nPY 2019\nER\n\n"
    "PT J\nAU Oak, C\nTI Wos two\nPY 2018\nER\n\nEF\n",
    "ovid": "<1. >\nVN  - Ovid Technologies\nDB  - Embase\nTI  - Ovid one.\nAU  - Behr L.\n"
    "YR  - 2018\n\n<2. >\nVN  - Ovid Technologies\nTI  - Ovid two.\nAU  - Rub B.\nYR  - 2019\n",
    "refworks": "RT Journal Article\nSR Print\nID 1\nA1 Ash,B.\nT1 Refworks one\nJF J\nYR 2019\n\n"
    "RT Book, Whole\nID 2\nA1 Oak,C.\nT1 Refworks two\nYR 2018\n",
    "endnote tagged": "%0 Journal Article\n%A Ash, B\n%T Refer one\n%J Jo\n%D 2019\n\n"
    "%0 Book\n%A Oak, C\n%T Refer two\n%D 2018\n",
    "bibtex": "@article{a,\n title={Bib one},\n author={Ash, B.},\n year={2019}\n}\n\n"
    "@book{b, title={Bib two}, year=2018}\n",
    "csl": '[{"type":"book","title":"Csl one","issued":{"date-parts":[[2019]]}},\n'
    ' {"type":"book","title":"Csl two"}]\n',
    "csl by lines": '[\n  {\n    "type": "book",\n    "title": "Csl three"\n  },\n  {\n'
    '    "type": "book",\n    "title": "Csl four"\n  }\n]\n',
    "openalex": '{"meta":{"count":2},"results":[{"id":"https://openalex.org/W1","title":"Alex one"},'
    '\n{"id":"https://openalex.org/W2","title":"Alex two"}]}\n',
    "openalex lines": '{"id":"https://openalex.org/W1","title":"Alex three"}\n'
    '{"id":"https://openalex.org/W2","title":"Alex four"}\n',
    "endnote xml": '<?xml version="1.0"?>\n<xml><records><record><titles><title>Note one</title>'
    "</titles></record>\n<record><titles><title>Note two</title></titles></record></records></xml>\n",
    "pubmed xml": "<?xml version='1.0'?>\n<PubmedArticleSet><PubmedArticle><MedlineCitation>"
    "<PMID>1</PMID><Article><ArticleTitle>Med one.</ArticleTitle></Article></MedlineCitation>"
    "</PubmedArticle>\n<PubmedArticle><MedlineCitation><PMID>2</PMID><Article><ArticleTitle>"
    "Med two.</ArticleTitle></Article></MedlineCitation></PubmedArticle></PubmedArticleSet>\n",
    "csv": 'Title,Authors,Year\nTable one,"Oak, C.",2020\n"Table\n two",Ash,2019\n',
    "csv with semicolons": "Title;Authors;Year\nTable three;Oak, C.;2020\nTable four;Ash;2019\n",
    "tsv": "Title\tAuthors\tYear\nTable five\tOak, C.\t2020\nTable six\tAsh\t2019\n",
    "ovid with labels": "<1>\nUnique Identifier\n  11\nTitle\n  Label one.\nAuthor\n  Ash B.\n\n"
    "<2>\nAccession Number\n  12\nTitle\n  Label two.\nAuthor\n  Oak C.\n",
    "cochrane": "Record #1 of 2\nID: CN-1\nAU: Ash B\nTI: Coch one\nYR: 2019\n\n"
    "Record #2 of 2\nID: CN-2\nAU: Oak C\nTI: Coch two\nYR: 2018\n",
    "datacite": '[{"doi":"10.5555/1","creators":[],"titles":[{"title":"Cite one"}]},\n'
    '{"doi":"10.5555/2","creators":[],"titles":[{"title":"Cite two"}]}]\n',
    "json table": '[{"title":"Json one","year":2001},\n{"title":"Json two","year":2002}]\n',
}


def titles(reading: Reading) -> list[str]:
    return [record.title for record in reading.records]


# Each case seen to go wrong


@pytest.mark.parametrize("name", CASES)
def test_cases(name: str) -> None:
    expected = CASES[name]
    reading = read_export(EXPORTS / "cases" / name)
    assert (reading.total, len(reading.rejected)) == (expected["total"], expected["rejected"])
    for record, fields in zip(reading.records, expected["records"], strict=False):
        for field, value in fields.items():
            read = getattr(record, field)
            if field in ("authors", "editors"):
                read = [str(p) for p in read]
            assert (list(read) if isinstance(read, tuple) else read) == value


@pytest.mark.parametrize("note", ["PMID: 12345", "see PMID 12345; cited 3 times", "PMID:12345"])
def test_a_pubmed_number_in_a_note_is_kept(note: str) -> None:
    text = FORMATS["ris"].replace("ER  - ", f"N1  - {note}\nER  - ", 1)
    assert [record.pmid for record in read_text(text, "a").records] == ["12345", ""]


def test_a_long_title_is_cut_where_a_record_is_named() -> None:
    (record,) = read_text("TY  - JOUR\nTI  - " + "word " * 20 + "\nER  - \n", "a.ris").records
    assert name_of(record) == f"‘{('word ' * 20)[:69]}…’ [a.ris 1]"


@pytest.mark.parametrize("value", ["2014", "https://example.org/a", "10.1000/a"])
def test_a_row_that_holds_a_value_is_no_header(value: str) -> None:
    with pytest.raises(UnreadableExport, match="a column named “title”"):
        read_text(f"Title,{value}\nTrust,{value}\n", "a.csv")


def test_tags_of_pubmed_are_known_without_their_first() -> None:
    one, two = read_text(FORMATS["nbib of ERIC"], "a").records
    assert (one.year, one.container, str(one.authors[0])) == (2019, "Journal", "Marsh, Ilse")
    assert (two.year, two.container, str(two.authors[0])) == (2020, "Journal", "Ode, Bram")


def test_quotation_marks_pair_in_any_even_number() -> None:
    text = '"Trust","2014"\nTime,2015\n"Hope\nagain",2016\n'
    assert census.rows(text) == [text.index(word) for word in ('"Trust', "Time", '"Hope')]


@pytest.mark.parametrize(
    ("name", "lost", "told"),
    [
        ("nbib of ERIC", "OWN - ERIC\n", "PubMed nbib"),
        ("wos", "PT J\n", "Web of Science tagged"),
        ("refworks", "RT Journal Article\n", "RefWorks tagged"),
        ("endnote tagged", "%0 Journal Article\n", "EndNote tagged"),
    ],
)
def test_a_format_is_known_by_its_tags_without_a_first(name: str, lost: str, told: str) -> None:
    one, _ = FORMATS[name].replace("FN Clarivate\nVR 1.0\n", "").split("\n\n")[:2]
    reading = read_text(one.replace(lost, ""), "a")
    assert (reading.format, titles(reading)) == (told, titles(read_text(FORMATS[name], "a"))[:1])


def test_the_lines_of_a_broken_row_stay_together_in_two_columns() -> None:
    reading = read_text('title,year\n"Trust\nin teams\nTime,2020\nHope,2021\n', "a.csv")
    assert [rejected.raw for rejected in reading.rejected] == ['"Trust\nin teams']
    assert titles(reading) == ["Time", "Hope"]


def test_in_pubmed_a_line_that_is_not_indented_goes_on_with_nothing() -> None:
    whole = read_text(FORMATS["nbib"], "a")
    first, _, second = FORMATS["nbib"].partition("2019\n")
    reading = read_text(f"{first}2019\nLeft by nobody.\n{second}", "a")
    assert titles(reading) == titles(whole)
    assert [record.raw for record in reading.records] == [record.raw for record in whole.records]


# Several formats in one file


@pytest.mark.parametrize("format_", FORMATS)
def test_each_format_alone(format_: str) -> None:
    reading = read_text(FORMATS[format_], "a")
    assert len(reading.records) == 2
    assert not reading.rejected


@pytest.mark.parametrize("gap", ["", "\n", "\n\n\n"], ids=["close", "one blank", "blank lines"])
@pytest.mark.parametrize("first", FORMATS)
def test_two_exports_in_one_file(first: str, gap: str) -> None:
    for second, text in FORMATS.items():
        apart = [*titles(read_text(FORMATS[first], "a")), *titles(read_text(text, "a"))]
        reading = read_text(FORMATS[first] + gap + text, "both")
        assert (second, titles(reading), reading.rejected) == (second, apart, ())


def test_lines_count_through_the_whole_file() -> None:
    text = FORMATS["ris"] + FORMATS["bibtex"] + FORMATS["csv"]
    lines, records = text.split("\n"), read_text(text, "a").records
    apart = (read_text(FORMATS[name], "a").records for name in ("ris", "bibtex", "csv"))
    assert len(records) == sum(map(len, apart)) > 2
    for record in records:
        near = "\n".join(lines[(record.line or 0) - 1 : (record.line or 0) + 2])
        assert record.title.split(" ")[0] in near


def covered(reading: Reading, text: str) -> None:
    """Every line that is not blank belongs to a record, a set-aside text or a named passing."""
    starts = sorted(
        {r.line or 0 for r in (*reading.records, *reading.rejected)}
        | {line for lines in reading.passed.values() for line in lines}
    )
    first = next(i for i, line in enumerate(text.split("\n"), 1) if line.strip())
    assert starts[0] <= first


@st.composite
def spliced(draw: st.DrawFn) -> str:
    """Two exports, cut, doubled and put into one another at any place."""
    one, two = (FORMATS[draw(st.sampled_from(sorted(FORMATS)))] for _ in range(2))
    at, to = sorted(draw(st.integers(0, len(one))) for _ in range(2))
    action = draw(st.integers(0, 4))
    if action == 0:
        return one[:at] + two + one[at:]
    if action == 1:
        return one[:at] + two
    if action == 2:
        return one[at:] + two
    if action == 3:
        return one + one[at:to] + two
    return one[:at] + one[to:] + two


@settings(max_examples=600, deadline=None)
@given(text=spliced())
def test_cuts_splices_and_doublings_leave_nothing_out(text: str) -> None:
    held: list[tuple[str, list[Piece]]] = []
    seen = exports_module.reading_of

    def watched(source: str, encoding: str, parts: Any, notes: Any = ()) -> Reading:
        whole = [replace(part, pieces=list(part.pieces)) for part in parts]
        held.extend((part.text, list(complete(part.text, part.pieces))) for part in whole)
        return seen(source, encoding, whole, notes)

    exports_module.reading_of = watched
    try:
        reading = read_text(text, "a")
    except UnreadableExport as refusal:
        assert refusal.mend
        return
    finally:
        exports_module.reading_of = seen
    assert sum(len(part) for part, _ in held) >= len(text.strip())
    for part, pieces in held:
        taken = [False] * len(part)
        for piece in pieces:
            assert piece.record or piece.reason or piece.passed
            taken[piece.start : piece.end] = [True] * (piece.end - piece.start)
        assert not "".join(c for c, known in zip(part, taken, strict=True) if not known).strip()
    covered(reading, text)
    raws = " ".join([r.raw for r in reading.rejected] + [str(dict(r.raw)) for r in reading.records])
    for word in ("one", "two"):  # what neither record nor set-aside text holds would be swallowed
        for line in text.split("\n"):
            if line.startswith(("TI  - ", "%T ")) and line.endswith(word):
                title = line.split(" ", 3)[-1]
                assert title in " ".join(titles(reading)) or title in raws


# The second count


def test_the_second_count_shares_no_code_with_the_readers() -> None:
    source = Path(exports_module.__file__).parent / "census.py"
    imported = {
        node.module
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    }
    assert not [name for name in imported if name and name.startswith("relnotes")]


READERS = {
    "tagged.read_tagged": ("ris", "ris without ER", "ris without TY", "nbib", "nbib of ERIC", "wos",
                           "ovid", "ovid with labels", "cochrane", "refworks", "endnote tagged"),
    "bibtex.read_bibtex": ("bibtex",),
    "jsonrecords.read_json": ("csl", "csl by lines", "openalex", "openalex lines", "datacite",
                             "json table"),
    "xmlrecords.read_xml": ("endnote xml", "pubmed xml"),
    "read_table": ("csv", "csv with semicolons", "tsv"),
}  # fmt: skip
FORMAT_OF = {format_: reader for reader, formats in READERS.items() for format_ in formats}


def test_every_reader_has_faults_planted_in_it() -> None:
    assert FORMAT_OF.keys() == FORMATS.keys()


def _read(pieces: list[Piece]) -> list[int]:
    return [number for number, piece in enumerate(pieces) if piece.record]


def losing_the_first(pieces: list[Piece]) -> list[Piece]:
    return [p for number, p in enumerate(pieces) if number != _read(pieces)[0]]


def losing_the_last(pieces: list[Piece]) -> list[Piece]:
    return [p for number, p in enumerate(pieces) if number != _read(pieces)[-1]]


def passing_over(pieces: list[Piece]) -> list[Piece]:
    last = _read(pieces)[-1]
    taken = replace(pieces[last], record=None, passed="numbering or banner")
    return [*pieces[:last], taken, *pieces[last + 1 :]]


def merging(pieces: list[Piece]) -> list[Piece]:
    first, last = _read(pieces)[0], _read(pieces)[-1]
    return [*pieces[:first], replace(pieces[first], end=pieces[last].end), *pieces[last + 1 :]]


def merging_backwards(pieces: list[Piece]) -> list[Piece]:
    first, last = _read(pieces)[0], _read(pieces)[-1]
    return [*pieces[:first], replace(pieces[last], start=pieces[first].start), *pieces[last + 1 :]]


def stopping_short(pieces: list[Piece]) -> list[Piece]:
    first = _read(pieces)[0]
    return [*pieces[:first], replace(pieces[first], end=pieces[first].start + 9)]


def reading_twice(pieces: list[Piece]) -> list[Piece]:
    return [*pieces, pieces[_read(pieces)[-1]]]


FAULTS = (losing_the_first, losing_the_last, passing_over, merging, merging_backwards,
          stopping_short, reading_twice)  # fmt: skip


def told_of(reading: Reading, apart: Reading) -> None:
    """What a faulty reader did not give as a record stands among what was set aside."""
    assert reading.rejected
    raws = " ".join(" ".join(r.raw.split()) for r in reading.rejected)
    assert all(title in titles(reading) or title in raws for title in titles(apart))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("format_", FORMATS)
def test_a_fault_planted_in_a_reader_shows(
    format_: str, fault: Callable[[list[Piece]], list[Piece]], monkeypatch: Any
) -> None:
    apart = read_text(FORMATS[format_], "a")
    module, _, name = FORMAT_OF[format_].rpartition(".")
    owner = getattr(exports_module, module) if module else exports_module
    reader = getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *given: fault(list(reader(*given))))
    assert not apart.rejected
    told_of(read_text(FORMATS[format_], "a"), apart)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_planted_in_the_reader_of_workbooks_shows(
    fault: Callable[[list[Piece]], list[Piece]], tmp_path: Path, monkeypatch: Any
) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["Title", "Year"], ['Sheet "one', 2014], ["Sheet two", 2015]):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    apart = read_export(tmp_path / "a.xlsx")
    reader = sheets.read_rows
    monkeypatch.setattr(sheets, "read_rows", lambda *given: fault(list(reader(*given))))
    told_of(read_export(tmp_path / "a.xlsx"), apart)


def test_a_work_without_a_title_is_counted_too() -> None:
    ris = "TY  - BOOK\nAU  - Ash, B\nPY  - 2018\nER  - \nTY  - BOOK\nAU  - Oak\nER  - \n"
    assert len(census.tagged(ris)) == 2


# Names


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("Brown C D", "Brown, C D"),
        ("KIM J H", "KIM, J H"),
        ("LI W", "LI, W"),
        ("A Okell", "Okell, A"),
        ("W. Li", "Li, W."),
        ("van der Berg J", "van der Berg, J"),
        ("King ML Jr", "King, ML, Jr"),
        ("王小明", "王小明"),
        ("王 小明", "王, 小明"),
        ("Иванов И. И.", "Иванов, И. И."),
        ("И. И. Иванов", "Иванов, И. И."),
        ("Иванов Иван Иванович", "Иванов, Иван Иванович"),
        ("and Vail, R.", "Vail, R."),
        ("Ministry of Justice", "Ministry of Justice"),
        ("VAN DIJK J", "VAN DIJK, J"),
        ("DUPONT Jean", "DUPONT, Jean"),
        ("J.A. van der Berg", "van der Berg, J.A."),
        ("NHS England", "NHS England"),
        ("Int Speech Commun Assoc", "Int Speech Commun Assoc"),
        ("2018 Typhoon Survey", "2018 Typhoon Survey"),
        ("Le J", "Le, J"),
        ("Smith J et al.", "Smith, J"),
        ("Hershey, Anne E. (anne@ufl.test)", "Hershey, Anne E."),
        ("Петров П.П.", "Петров, П.П."),
        ("田中　一郎", "田中, 一郎"),
        ("Martin Luther King Jr.", "King, Martin Luther, Jr."),
    ],
)
def test_names(name: str, read: str) -> None:
    assert str(person(name)) == read


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("Okell, A; Brand, L", ["Okell, A", "Brand, L"]),
        ("Okell A, Brand LM", ["Okell, A", "Brand, LM"]),
        ("Okell, Anna and Brand, Lu", ["Okell, Anna", "Brand, Lu"]),
        ("Ministry of Work and Pensions", ["Ministry of Work and Pensions"]),
        ("King, Martin, Jr.", ["King, Martin, Jr."]),
        ("Doe, A. B.", ["Doe, A. B."]),
        ("Smith J, Doe A, and Li B", ["Smith, J", "Doe, A", "Li, B"]),
        ("Smith, J., Doe, A., & Li, B.", ["Smith, J.", "Doe, A.", "Li, B."]),
        ("Smith J|Doe A", ["Smith, J", "Doe, A"]),
        ("王小明，李四", ["王小明", "李四"]),
        ("王小明、李四", ["王小明", "李四"]),
    ],
)
def test_several_people_on_one_line(line: str, read: list[str]) -> None:
    assert [str(p) for p in people_in_lines([line])] == read


def test_people_of_a_cell_over_several_lines() -> None:
    assert [str(p) for p in people_in_cell("Smith, Jane Ann")] == ["Smith, Jane Ann"]
    assert [str(p) for p in people_in_cell("Okell, A.\n and Brand, L.\n and Vail, R.")] == [
        "Okell, A.", "Brand, L.", "Vail, R.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "read"),
    [
        ("Charles Louis Xavier Joseph de la Vall{\\'e}e Poussin",
         ["de la Vallée Poussin, Charles Louis Xavier Joseph"]),
        ("Frederico dos Santos Liporace\n and\nAnn Doe",
         ["dos Santos Liporace, Frederico", "Doe, Ann"]),
        ("Doe, Ann and others", ["Doe, Ann"]),
        ("{Kruger and Sons}", ["Kruger and Sons"]),
        ("Brinch Hansen, Per", ["Brinch Hansen, Per"]),
        ("J. de Jong and d'Alembert, Jean", ["de Jong, J.", "d'Alembert, Jean"]),
        ("Maria {de la Cruz}", ["de la Cruz, Maria"]),
        ("and Doe, Jane and Li, Bo", ["Doe, Jane", "Li, Bo"]),
        ("王小明 and 李四", ["王小明", "李四"]),
        ("Stefan Swe{\\\\'i}g", ["Sweíg, Stefan"]),
    ],
)  # fmt: skip
def test_bibtex_names_by_the_grammar(field: str, read: list[str]) -> None:
    record = read_text(f"@book{{a, title={{T}}, author={{{field}}}}}", "a").records[0]
    assert [str(p) for p in record.authors] == read


# Encodings


ENCODED = {
    "gbk": ("GBK", "罪犯改造关系研究", "王小明"),
    "big5": ("Big5", "觀護人與信任關係之研究", "王小明"),
    "shift_jis": ("Shift-JIS", "保護観察における信頼関係", "田中 一郎"),
    "cp1251": ("windows-1251", "Доверие и надзор: исследование пробации", "Иванов, И. И."),
    "cp1250": ("windows-1250", "Důvěra a čas v probační službě: šetření", "Dvořák, Jiří"),
    "euc_kr": ("EUC-KR", "보호관찰에서의 신뢰 관계", "김민수"),
    "cp1252": ("windows-1252", "Étude sur l’âge – Überwachung", "Müller, Zoë"),
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_encodings_are_guessed_and_the_guess_is_said(encoding: str, tmp_path: Path) -> None:
    name, title, author = ENCODED[encoding]
    text = f"TY  - JOUR\nTI  - {title}\nAU  - {author}\nPY  - 2019\nER  - \n"
    (tmp_path / "a.ris").write_bytes(text.encode(encoding))
    reading = read_export(tmp_path / "a.ris")
    assert (titles(reading), reading.encoding) == ([title], name)
    assert "guess" in reading.notes[0]


def test_mojibake_is_mended_or_set_aside_and_never_called_new(tmp_path: Path) -> None:
    twice = "Étude de l’âge".encode().decode("cp1252")
    for title, read in ((twice, ["Étude de l’âge"]), ("\ufffd\ufffdt\ufffd \ufffd\ufffd", [])):
        (tmp_path / "a.ris").write_text(f"TY  - JOUR\nTI  - {title}\nER  - \n", encoding="utf-8")
        reading = read_export(tmp_path / "a.ris")
        assert (titles(reading), reading.total) == (read, 1)


# Tables


def test_columns_of_web_of_science_are_read_as_its_tags() -> None:
    tagged = "PT J\nAU Doe, A\nAF Doe, Ann\nTI Trust\nSO Penal Review\nPY 2014\nBP 3\nEP 9\nDI 10.5555/w\nER\n"
    table = "PT\tAU\tAF\tTI\tSO\tPY\tBP\tEP\tDI\nJ\tDoe, A\tDoe, Ann\tTrust\tPenal Review\t2014\t3\t9\t10.5555/w\n"
    one, two = (read_text(text, "a").records[0] for text in (tagged, table))
    for field in ("title", "authors", "year", "container", "pages", "doi", "kind"):
        assert getattr(one, field) == getattr(two, field)


def test_columns_of_refworks_and_numbered_authors() -> None:
    assert suggest_mapping(["Authors, Primary", "Title Primary", "Periodical Full"]) == {
        "Authors, Primary": "authors", "Title Primary": "title", "Periodical Full": "container",
    }  # fmt: skip
    text = 'title,author1,author2,author3\nTrust,"Doe, A",,"Li, B"\n'
    assert [str(p) for p in read_text(text, "a").records[0].authors] == ["Doe, A", "Li, B"]
    text = 'First Author,Author 2,Title\n"Doe, A","Li, B",Trust\n'
    assert [str(p) for p in read_text(text, "a").records[0].authors] == ["Doe, A", "Li, B"]


def test_lines_above_a_header_and_running_text_become_no_works() -> None:
    padded = (
        "SEARCH QUERY;trust;;;;\n;;;;;\nTitle;Year;Journal;Volume;Issue;DOI\nTrust;2014;J;1;2;\n"
    )
    reading = read_text(padded, "a.csv")
    assert (titles(reading), reading.rejected) == (["Trust"], ())
    prose = (
        "The variables `title`, `author`, `date`\n:   tell what a page is about.\n\nMore of it.\n"
    )
    with pytest.raises(UnreadableExport):
        read_text(prose, "manual.txt")


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("Penal Medicine (2014) 3:3 (152-160). Date of Publication: 2014", ("3", "3", "152", 2014)),
        ("Penal Medicine June 2014;3(3):152-160", ("3", "3", "152", 2014)),
        ("Penal Medicine. Vol.3(3), Sep 2014, pp. 152-160.", ("3", "3", "152", 2014)),
        ("Penal Medicine 3, Winter 2014: 152-160.", ("3", "", "152", 2014)),
        ("Penal Medicine. 3(3):152-160, 2014 Mar.", ("3", "3", "152", 2014)),
        ("Penal Medicine. 3(3), Nov. 16, 2014.", ("3", "3", "", 2014)),
    ],
)
def test_a_source_cell_is_taken_apart(source: str, read: tuple[str, str, str, int]) -> None:
    record = read_text(f'Title,Source\nTrust,"{source}"\n', "a.csv").records[0]
    assert record.container == "Penal Medicine"
    assert (record.volume, record.issue, record.pages[0], record.year) == read


def test_pieces_of_a_broken_row_become_no_works() -> None:
    text = 'title,year,note\nA,2001,x\nB,2002,"open\nmore of it\nand, more\nC,2003,x\n'
    reading = read_text(text, "a.csv")
    assert titles(reading) == ["A", "C"]
    assert reading.rejected[0].raw == 'B,2002,"open\nmore of it\nand, more'


def test_cells_a_spreadsheet_has_mangled() -> None:
    text = (
        "Title,Year,Pages,Issue,DOI,PMID\n"
        'Trust,2014.0,07-Mar,2026-04-03,https://doi.org/10.5555/a?utm=x,="31452104"\n'
    )
    record = read_text(text, "a.csv").records[0]
    assert (record.year, record.pages, record.issue) == (2014, ("", ""), "")
    assert (record.doi, record.pmid) == ("10.5555/a", "31452104")


# Markup, dates, identifiers


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Trust <i>in situ</i> &amp; H<sub>2</sub>O", "Trust in situ & H2O"),
        ("<jats:title>Trust</jats:title>", "Trust"),
        ("Care &lt;em&gt;and&lt;/em&gt; time", "Care and time"),
        ("If p < .05 and q > .1", "If p < .05 and q > .1"),
        ("H$_2$O", "H2O"),
        ("<![CDATA[Trust]]>", "Trust"),
        ("$\\alpha$-level of Caf{\\'e}", "α-level of Café"),
        (
            "<inline-formula><mml:math><mml:mi>x</mml:mi></mml:math></inline-formula> rates",
            "x rates",
        ),
    ],
)
def test_markup_becomes_plain(title: str, plain: str) -> None:
    assert titles(read_text(f"TY  - JOUR\nTI  - {title}\nER  - \n", "a")) == [plain]


def test_no_pagination_is_no_page() -> None:
    said = ["N.PAG-N.PAG", "N.PAG--N.PAG", "No Pagination Specified"]
    entries = "".join(
        f"@article{{a{i}, title={{Care}}, pages={{{p}}}}}\n" for i, p in enumerate(said)
    )
    read = read_text(entries + "@article{b, title={H$_2$O in custody}, pages={12--19}}\n", "a")
    assert [r.pages for r in read.records] == [("", "")] * 3 + [("12", "19")]
    assert titles(read)[-1] == "H2O in custody"


def test_crossref_subtitle_old_dates_and_dois_in_notes() -> None:
    items = [
        {"type": "journal-article", "title": ["Trust"], "subtitle": ["A study"],
         "issued": {"date-parts": [[2011]]}},
        {"type": "book", "title": "Time", "issued": [{"year": 1999}],
         "note": "DOI: 10.5555/note"},
    ]  # fmt: skip
    items.append(items[0] | {"title": ["Time: a study"], "issued": {"date-parts": [[-2012]]}})
    first, second, third = read_text(json.dumps(items), "a").records
    assert first.title == "Trust: A study"
    assert (third.title, third.year, third.year_text) == ("Time: a study", None, "02012 BC")
    assert (second.year, second.doi) == (1999, "10.5555/note")


@pytest.mark.parametrize(
    ("line", "doi"),
    [
        ("UR  - https://doi.org/10.5555/abc?ref=x&utm=1", "10.5555/abc"),
        ("UR  - https://journals.example.org/doi/full/10.5555/abc?journalCode=x", "10.5555/abc"),
        ("UR  - https://journals.example.org/doi/10.5555/abc/abstract", "10.5555/abc"),
        ("UR  - https://doi-org.proxy.example.edu/10.5555/abc", "10.5555/abc"),
        ("UR  - https://example.org/article?doi=10.5555/abc", ""),
        ("N1  - doi:10.5555/abc; cited by 3", "10.5555/abc"),
        ("M3  - 10.5555/abc", "10.5555/abc"),
        ("N1  - ratio 10.5/6 of all", ""),
    ],
)
def test_dois_in_addresses_and_notes(line: str, doi: str) -> None:
    assert read_text(f"TY  - JOUR\nTI  - Trust\n{line}\nER  - \n", "a").records[0].doi == doi


# Formats that services write


OVID = """ <7. >
 VN  - Ovid Technologies
 DB  - PsycINFO
 TI  - Trust, time and licence in 2014. [References].
 AU  - Doe, Ann B. Ph.D., FACSM
 AU  - Li, Bo 1,2,+
 AU  - Ode, Cy [Author, Reprint Author; E-mail: ode@example.org]
 ED  - Marsh, Ida;  Roe, Jo
 SO  - Penal Psychology. Vol.43(5), Sep 2015, pp. 623-634.
 YR  - 2015
"""
LABELLED = """<1>
Unique Identifier
  15716229
Authors
  Doe, Ann B. Li, Bo.
Title
  Trust in probation: a study of
  time. [Review] [12 refs]
Source
  Penal Psychology. 43(5):623-634, 2015 Mar.

<2>
Accession Number
  20151
Author
  Lee W.; Oak C.
Title
  Second work
"""
COCHRANE = """Record #1 of 2
ID: CN-01
AU: Doe A
AU: Li B
TI: Trust in probation
SO: Penal Psychology
YR: 2015
VL: 43
PG: 623-634
PM: PUBMED 15716229

Record #2 of 2
ID: CN-02
TI: Second work
YR: 2016
"""
DATACITE = {
    "id": "https://doi.org/10.5555/d", "doi": "10.5555/d", "publicationYear": 2015,
    "types": {"citeproc": "article-journal"}, "publisher": "Sample Press", "dates": [],
    "titles": [{"title": "Trust"}, {"title": "A study", "titleType": "Subtitle"}],
    "creators": [{"name": "Doe, Ann", "familyName": "Doe", "givenName": "Ann"},
                 {"name": "Sample Institute", "nameType": "Organizational"}],
    "contributors": [{"name": "Li, Bo", "contributorType": "Editor"}],
    "container": {"title": "Penal Psychology", "volume": "43", "firstPage": "6", "lastPage": "9"},
}  # fmt: skip


def test_ovid_as_its_databases_write_it() -> None:
    (record,) = read_text(OVID, "a").records
    assert record.title == "Trust, time and licence in 2014"
    assert [str(p) for p in record.authors] == ["Doe, Ann B.", "Li, Bo", "Ode, Cy"]
    assert [str(p) for p in record.editors] == ["Marsh, Ida", "Roe, Jo"]
    assert (record.volume, record.issue, record.pages) == ("43", "5", ("623", "634"))


def test_ovid_with_labels_and_cochrane() -> None:
    labelled = read_text(LABELLED, "a")
    assert titles(labelled) == ["Trust in probation: a study of time", "Second work"]
    assert [str(p) for p in labelled.records[0].authors] == ["Doe, Ann B", "Li, Bo."]
    assert [str(p) for p in labelled.records[1].authors] == ["Lee, W.", "Oak, C."]
    assert (labelled.records[0].container, labelled.records[0].year) == ("Penal Psychology", 2015)
    cochrane = read_text(COCHRANE, "a")
    assert titles(cochrane) == ["Trust in probation", "Second work"]
    assert [str(p) for p in cochrane.records[0].authors] == ["Doe, A", "Li, B"]
    assert read_text(COCHRANE + "\n" + LABELLED + FORMATS["ris"], "a").total == 6


@pytest.mark.parametrize(
    "wrap", [lambda w: w, lambda w: [w], lambda w: {"data": [{"attributes": w}]}]
)
def test_datacite(wrap: Callable[[Any], Any]) -> None:
    (record,) = read_text(json.dumps(wrap(DATACITE)), "a").records
    assert (record.title, record.kind, record.year) == ("Trust: A study", "article", 2015)
    assert [str(p) for p in record.authors] == ["Doe, Ann", "Sample Institute"]
    assert [str(p) for p in record.editors] == ["Li, Bo"]
    assert (record.container, record.volume, record.pages) == ("Penal Psychology", "43", ("6", "9"))


def test_a_single_work_as_services_wrap_it() -> None:
    work = {"DOI": "10.5555/c", "title": ["Trust"], "type": "journal-article",
            "issued": {"date-parts": [[2015]]}}  # fmt: skip
    crossref = {"status": "ok", "message-type": "work", "message": work}
    eric = {"response": {"numFound": 1, "docs": [{"title": "Time", "author": ["Doe, A"],
                                                  "publicationdateyear": 2015}]}}  # fmt: skip
    europe = {"resultList": {"result": [{"title": "Care", "authorString": "Doe A, Li B.",
                                         "pubYear": "2015", "journalTitle": "X"}]}}  # fmt: skip
    for wrapped, title in ((crossref, "Trust"), (eric, "Time"), (europe, "Care")):
        (record,) = read_text(json.dumps(wrapped), "a").records
        assert (record.title, record.year) == (title, 2015)


# What is named with a way out, and what is refused early


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"00714cam a2200205 a 4500001001300000\x1e12883376\x1e\x1d", "MARC"),
        (b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF>', "RDF"),
        (b"cff-version: 1.2.0\ntitle: Trust\n", "CFF"),
        (b'<?xml version="1.0"?><doi_batch version="4.4.2"></doi_batch>', "Crossref"),
        (b'<resource xmlns="http://datacite.org/schema/kernel-4"></resource>', "DataCite"),
        (b'<collection xmlns="http://www.loc.gov/MARC21/slim"><record/></collection>', "MARC"),
        (b"<modsCollection><mods><titleInfo/></mods></modsCollection>", "MODS"),
        (b'<records><rec resultID="1"><header/></rec></records>', "EBSCO"),
        (b'<record xmlns="http://www.exlibrisgroup.com/xsd/primo/primo_nm_bib"></record>', "Primo"),
        (b'<?xml version="1.0"?><b:Sources><b:Source/></b:Sources>', "Word"),
        (b"%PDF-1.7 x", "PDF"),
        (b'<?xml version="1.0"?><CitaviExchangeData></CitaviExchangeData>', "Citavi"),
        (b"{Reference Type}: Journal Article\n{Title}: Trust\n", "NoteExpress"),
        ("SrcDatabase-来源库: 期刊\nTitle-题名: 信任\n".encode(), "CNKI"),
        (b"=LDR  00714cam\n=245  10$aTrust\n", "MARC"),
        (b"references:\n- id: a\n  title: Trust\n", "YAML"),
        (
            b"1. Penal Rev. 2020 Mar;3(2):11-19.\n\nTrust.\n\nDoe A(1).\n\nPMID: 31452104\n",
            "PubMed",
        ),
        (b'"TITLE","Trust"\n"AUTHOR NAMES","Doe A.","Li B."\n"DOI","10.5555/x"\n', "rows"),
    ],
)
def test_other_formats_are_named_with_a_way_out(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    with pytest.raises(UnreadableExport, match=words) as refusal:
        read_export(tmp_path / "a.txt")
    assert re.search("RIS|nbib|JSON|EndNote", refusal.value.mend)


def archive(parts: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return held.getvalue()


def test_a_workbook_of_endless_styles_is_refused(tmp_path: Path) -> None:
    styles = b"<styleSheet><cellXfs>" + b"<xf/>" * 2_000_000 + b"</cellXfs></styleSheet>"
    (tmp_path / "a.xlsx").write_bytes(
        archive({"xl/workbook.xml": b"<x/>", "xl/styles.xml": styles})
    )
    with pytest.raises(UnreadableExport, match="style"):
        read_export(tmp_path / "a.xlsx")


def test_a_workbook_of_a_thousand_names_for_one_sheet_is_refused(tmp_path: Path) -> None:
    names = b"".join(b'<sheet name="%d" sheetId="%d" r:id="rId1"/>' % (n, n) for n in range(1000))
    (tmp_path / "a.xlsx").write_bytes(archive({"xl/workbook.xml": b"<x>" + names + b"</x>"}))
    with pytest.raises(UnreadableExport, match="250 sheets"):
        read_export(tmp_path / "a.xlsx")


def test_a_sheet_of_a_million_blank_rows_costs_little(tmp_path: Path) -> None:
    import tracemalloc

    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Title"])
    book.active.cell(200_000, 1, "Trust")
    book.save(tmp_path / "a.xlsx")
    read_export(EXPORTS / "zotero.bib")  # what is imported once is not counted
    tracemalloc.start()
    (record,) = read_export(tmp_path / "a.xlsx").records
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (record.title, record.line) == ("Trust", 200_000)
    assert peak < 30_000_000


def test_a_workbook_is_told_from_its_content(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Title", "Year"])
    book.active.append(["Trust", 2014])
    book.save(tmp_path / "a.xlsx")
    assert titles(read_export((tmp_path / "a.xlsx").rename(tmp_path / "a.dat"))) == ["Trust"]
    (tmp_path / "a.ods").write_bytes(archive({"content.xml": b"", "META-INF/manifest.xml": b""}))
    with pytest.raises(UnreadableExport, match="OpenDocument"):
        read_export(tmp_path / "a.ods")


LARGE = {
    "columns of one name": lambda n: "title\tauthor\tyear\n" + "&amp;" * n,
    "quotes that never close": lambda n: '{"title": "T", "type": "book"}\n' + '\\"' * n * 6,
    "an author without a blank": lambda n: (
        "TY  - JOUR\nTI  - T\nAU  - " + "x" * n * 6 + "\nER  - \n"
    ),
    "blanks between authors": lambda n: (
        "TY  - JOUR\nTI  - T\nAU  - Doe and Li" + " " * n * 6 + "B\n"
    ),
    "rows of stray quotes": lambda n: "title,year\n" + 'x"y,"z\n' * n,
    "open quotes": lambda n: "title,year\n" + '"a x"y\n' * n,
    "letters before an equals sign": lambda n: "@book{a, title={T}}\n" + "a" * n * 6 + " = x\n",
    "open entries": lambda n: "@book{a, title={\n" * n,
    "open braces": lambda n: "[" + "{" * n * 6,
    "nested braces": lambda n: "[" + "{" * n * 3 + "}" * n * 3,
    "addresses in a name": lambda n: "TY  - JOUR\nTI  - T\nAU  - (" + "@" * n * 6,
    "commas in a name": lambda n: "TY  - JOUR\nTI  - T\nAU  - " + "," * n * 6 + "x",
    "notes of Ovid": lambda n: "<1>\nVN  - Ovid\nTI  - " + "[abc]" * n + "x",
    "degrees of Ovid": lambda n: "<1>\nVN  - Ovid\nTI  - T\nAU  - A, " + "MD " * n + "(",
    "character data": lambda n: "TY  - JOUR\nTI  - " + "<![CDATA[" * n,
    "titles of a wrapper": lambda n: '{"meta": [' + '"title": ' * n,
    "at signs": lambda n: "@a{" * n * 2 + "\n@book{b, title={T}}",
    "tags": lambda n: "TY  - JOUR\n" * n,
    "open elements": lambda n: "<xml><records>" + "<record>" * n,
    "dashes": lambda n: "TI  - x\n" + "A-" * n * 3,
    "closing marks": lambda n: "title,year\n" + '"' * n * 6,
}


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_text_made_to_be_slow_is_read_or_refused(kind: str) -> None:
    # A quadratic reader would not come back from this size; how long it takes, benchmarks say.
    with contextlib.suppress(UnreadableExport):
        read_text(LARGE[kind](16_000), "a")


ENDED = ["ris", "bibtex", "csl", "openalex", "endnote xml", "pubmed xml"]


@pytest.mark.parametrize("first", ENDED)
@pytest.mark.parametrize("second", ["ris", "nbib", "bibtex", "csl", "endnote xml", "csv"])
def test_a_file_without_a_last_line_end_joined_to_another(first: str, second: str) -> None:
    apart = [*titles(read_text(FORMATS[first], "a")), *titles(read_text(FORMATS[second], "a"))]
    reading = read_text(FORMATS[first].rstrip("\n") + FORMATS[second], "both")
    assert (titles(reading), reading.rejected) == (apart, ())


@pytest.mark.parametrize("end", ["ER  -", "ER  - ", "ER"])
def test_words_behind_the_end_of_a_record_are_set_aside(end: str) -> None:
    text = f"TY  - JOUR\nTI  - Trust\n{end}  - lost words here\nTY  - JOUR\nTI  - Time\nER  - \n"
    reading = read_text(text, "a")
    assert titles(reading) == ["Trust", "Time"]
    assert [r.raw.lstrip("- ") for r in reading.rejected] == ["lost words here"]


def test_json_cut_inside_two_works_does_not_lose_one_behind_the_other() -> None:
    text = '[{"type": "book", "title": "Trust", "id": 1, "title": "Time"}, {"title": "Care", "title": "Care"}]'
    reading = read_text(text, "a")
    assert titles(reading) == ["Care"]
    assert [(r.reason, "Trust" in r.raw) for r in reading.rejected] == [
        ("it has the field ‘title’ twice", True)
    ]


def test_words_between_the_tags_of_a_record_are_kept() -> None:
    text = "<xml><records><record>lost<titles><title>Trust</title></titles>and lost</record></records></xml>"
    (record,) = read_text(text, "a").records
    assert record.raw["text between the fields"] == ["lost", "and lost"]


def test_the_account_gives_lines_items_and_raw_text() -> None:
    schema = json.loads((EXPORTS.parent / "csl-data.json").read_text(encoding="utf-8"))
    readings = [read_text(text + "ER  - \nTY  - BOOK\nER  - \n", "a") for text in FORMATS.values()]
    for reading in readings:
        account = account_of([reading], match_exports([reading]))
        assert account["total"] == reading.total
        assert account["total"] == sum(
            account[p] for p in ("new", "duplicate", "unclear", "rejected")
        )
        items = [told["csl"] for told in account["records"]]
        jsonschema.validate(items, schema)
        assert [i["title"] for i in items] == titles(reading)
        assert all(told["line"] > 0 for told in account["records"])
        assert all(told["raw"] and told["line"] and told["reason"] for told in account["set_aside"])
