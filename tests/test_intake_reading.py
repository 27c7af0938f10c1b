"""Every format, the same three works; broken, odd and hostile files, each accounted for."""

import codecs
import datetime
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
import rispy
from hypothesis import given, settings
from hypothesis import strategies as st

from relnotes.desk.formats import (
    CollectionWorkbook,
    Person,
    Reading,
    Record,
    UnreadableExport,
    read_export,
    suggest_mapping,
)
from relnotes.desk.formats import exports as reading_module
from relnotes.desk.formats.exports import read_text
from relnotes.desk.formats.pieces import MOST_TEXT, MOST_VALUES

EXPORTS = Path(__file__).parent / "exports"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def titles(reading: Reading) -> list[str]:
    return [r.title for r in reading.records]


# The same three works in every format

FORMATS = {
    "zotero.bib": ("BibTeX", "utf-8"),
    "database.ris": ("RIS", "utf-8"),
    "pubmed.nbib": ("PubMed nbib", "utf-8"),
    "web-of-science.ciw": ("Web of Science tagged", "utf-8"),
    "zotero.csl.json": ("CSL-JSON", "utf-8"),
    "openalex.json": ("OpenAlex works", "utf-8"),
    "openalex.jsonl": ("OpenAlex works", "utf-8"),
    "endnote.xml": ("EndNote XML", "utf-8"),
    "colleague.csv": ("CSV with semicolons", "windows-1252"),
    "colleague.tsv": ("tab-separated", "utf-16 (little-endian)"),
}


@pytest.fixture(params=FORMATS, ids=str)
def export(request: pytest.FixtureRequest) -> Path:
    return EXPORTS / request.param


def test_every_export_tells_the_same_article(export: Path) -> None:
    article = read_export(export).records[0]
    assert article.kind == "article"
    assert article.title == "Trust and time in UK supervision: 50% of it"
    assert article.authors == (Person("Doe", "Ann"), Person("van der Berg", "Bo"))
    assert article.year == 2014
    assert article.container == "Journal of Invented Practice"
    assert (article.volume, article.issue, article.pages) == ("61", "2", ("115", "132"))
    assert article.doi == "10.5555/jip.2014.61"
    assert article.issn == ("0264-5505",)


def test_every_export_tells_the_same_chapter(export: Path) -> None:
    chapter = read_export(export).records[1]
    assert chapter.kind == "chapter"
    assert chapter.title == "Care, étude & practice"
    assert chapter.authors == (Person("Müller", "Zoë"),)
    assert chapter.year == 2016
    assert chapter.container == "Handbook of invention"
    assert chapter.pages == ("7", "19")
    if not export.name.startswith("openalex"):  # which knows neither ISBN nor editor
        assert chapter.isbn == ("9780306406157",)
    if not export.name.startswith(("openalex", "colleague")):
        assert chapter.editors == (Person("Li", "Bo"),)
        assert chapter.publisher == "Sample Press"


def test_every_export_tells_the_same_report(export: Path) -> None:
    report = read_export(export).records[2]
    assert report.kind == "report"
    assert report.title == "Annual report of Examples"
    assert report.authors == (Person("Ministry of Examples and Samples", corporate=True),)
    assert report.year == 2019


def test_every_export_is_accounted_for(export: Path) -> None:
    reading = read_export(export)
    assert (reading.format, reading.encoding) == FORMATS[export.name]
    assert reading.source == export.name
    assert not reading.rejected
    assert reading.total == (4 if export.suffix == ".bib" else 3)  # the .bib has the book besides


def test_the_name_of_the_file_says_nothing(export: Path, tmp_path: Path) -> None:
    misnamed = write(tmp_path, "export.pdf", export.read_bytes())
    assert read_export(misnamed).format == FORMATS[export.name][0]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("zotero.bib", "file"),
        ("database.ris", "XT"),
        ("pubmed.nbib", "OWN"),
        ("openalex.json", "id"),
        ("endnote.xml", "database"),
        ("colleague.csv", "Screening note"),
    ],
)
def test_what_is_not_used_is_kept_and_reported(name: str, field: str) -> None:
    reading = read_export(EXPORTS / name)
    assert reading.records[0].raw[field]
    assert reading.unused[field] >= 1


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8 with byte order mark"),
        ("utf-16-le", "utf-16 (little-endian)"),
        ("utf-16-be", "utf-16 (big-endian)"),
        ("cp1252", "windows-1252"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_encodings_and_line_ends_change_nothing(
    name: str, encoding: str, said: str, end: str, tmp_path: Path
) -> None:
    original = (EXPORTS / name).read_bytes()
    text = original.decode(
        {"colleague.csv": "cp1252", "colleague.tsv": "utf-16"}.get(name, "utf-8")
    )
    text = re.sub("\r\n|\r|\n", end, text)
    reading = read_export(write(tmp_path, name, text.encode(encoding)))
    assert reading.encoding == said
    assert [r.title for r in reading.records][1] == "Care, étude & practice"
    assert reading.records[1].authors == (Person("Müller", "Zoë"),)
    assert [r.line for r in reading.records] == [
        r.line for r in read_export(EXPORTS / name).records
    ]


def test_lines_of_two_encodings_are_each_read_in_their_own(tmp_path: Path) -> None:
    content = "TY  - JOUR\nTI  - Étude\nER  - \n".encode() + "TY  - JOUR\nTI  - Été\n".encode(
        "cp1252"
    )
    reading = read_export(write(tmp_path, "a.ris", content))
    assert titles(reading) == ["Étude", "Été"]
    assert "line" in reading.notes[0]
    assert "5" in reading.notes[0]


# RIS as exporters write it


@pytest.mark.parametrize(
    "text",
    [
        "TY  - JOUR\nTI  - A\nTY  - JOUR\nTI  - B\n",  # no ER
        "TY - JOUR\nTI - A\nER -\nTY - JOUR\nTI - B\nER -\n",  # one space
        "TY-JOUR\nTI-A\nER-\nTY-JOUR\nTI-B\nER-\n",  # none
        "ty  - jour\nti  - A\ner  - \nty  - jour\nti  - B\ner  - \n",  # lower case
        "\ufeffTY  - JOUR\nTI  - A\nER  - \n\n\n\nTY  - JOUR\n\n\nTI  - B\n\nER  -",  # blank lines
        "Database: X\n<1>\nTY  - JOUR\nT1  - A\nER  - \n<2>\nTY  - JOUR\nCT  - B\nER  - ",
    ],
    ids=["no-ER", "one-space", "no-space", "lower", "blank-lines", "numbered"],
)
def test_ris_in_every_dress(text: str) -> None:
    assert titles(read_text(text, "a.ris")) == ["A", "B"]


def test_ris_values_run_on_without_becoming_tags() -> None:
    text = (
        "TY  - JOUR\nTI  - Trust\n  and time\nAB  - One\n\nAD-hoc two\nco-operation three\n"
        "A1  - Doe, A\nA1  - Li,\n B\nER  - \n"
    )
    record = read_text(text, "a.ris").records[0]
    assert record.title == "Trust and time"
    assert record.abstract == "One AD-hoc two co-operation three"
    assert record.authors == (Person("Doe", "A"), Person("Li", "B"))


def test_ris_record_without_type_is_a_record() -> None:
    reading = read_text("TI  - A\nER  - \nTY  - BOOK\nTI  - B\nER  - \nTI  - C\nER  - \n", "a.ris")
    assert [(r.title, r.kind) for r in reading.records] == [
        ("A", "other"),
        ("B", "book"),
        ("C", "other"),
    ]


def test_ris_that_says_nothing_is_set_aside_with_its_text() -> None:
    reading = read_text("TY  - JOUR\nTI  - A\nER  - \nTY  - JOUR\nKW  - x\nER  - \n", "a.ris")
    assert reading.rejected[0].line == 4
    assert reading.rejected[0].position == 2
    assert reading.rejected[0].raw == "TY  - JOUR\nKW  - x\nER  - "


@pytest.mark.parametrize(
    ("lines", "pmid"),
    [
        ("DB  - PubMed\nAN  - 31452104", "31452104"),
        ("DB  - Scopus\nC2  - 31452104", "31452104"),
        ("DB  - PsycInfo\nAN  - 31452104", ""),  # a number of its own
        ("UR  - https://pubmed.ncbi.nlm.nih.gov/31452104/", "31452104"),
    ],
)
def test_ris_accession_numbers_are_pubmed_numbers_only_from_pubmed(lines: str, pmid: str) -> None:
    assert read_text(f"TY  - JOUR\nTI  - A\n{lines}\n", "a.ris").records[0].pmid == pmid


_RIS_VALUE = st.text(
    st.characters(
        categories=["L", "N"], include_characters=" .,:;'()", exclude_characters="ÃÂÐÑÅÄ"
    ),  # with which text in a wrong encoding begins
    min_size=1,
    max_size=30,
).filter(str.strip)


@given(st.lists(st.tuples(_RIS_VALUE, st.lists(_RIS_VALUE, max_size=3)), min_size=1, max_size=5))
def test_ris_agrees_with_rispy_where_the_file_is_as_it_should_be(
    works: list[tuple[str, list[str]]],
) -> None:
    text = "".join(
        "TY  - JOUR\nTI  - "
        + title
        + "\n"
        + "".join(f"AU  - {name}\n" for name in names)
        + "ER  - \n\n"
        for title, names in works
    )
    judge = rispy.loads(text)
    ours = read_text(text, "a.ris").records
    assert [r.raw["TI"] for r in ours] == [entry["title"] for entry in judge]
    for record, entry in zip(ours, judge, strict=True):
        held = record.raw.get("AU", [])
        assert ([held] if isinstance(held, str) else held) == entry.get("authors", [])


# BibTeX


def test_bibtex_keeps_repeated_keys_and_fields() -> None:
    text = "@article{a, title={One}, title={Uno}}\n@article{a, title={Two}}\n@ARTICLE{A, title={Three}}"
    reading = read_text(text, "a.bib")
    assert titles(reading) == ["One", "Two", "Three"]
    assert reading.records[0].raw["title"] == ["One", "Uno"]


def test_bibtex_goes_on_at_the_next_entry() -> None:
    text = (
        "@article{a,\n  title = {One {two},\n  year = 2001\n}\n\n"
        "@article{b, title={Sound}}\n\n"
        '@article{c, title="open, year=2}\n\n'
        "@article{d, title={Also sound}}\n"
        "@article{e,\n  title={No comma}\n  year={2001}\n}\n"
        "@article{f,\n  title {No equals sign}\n}\n"
    )
    reading = read_text(text, "a.bib")
    assert titles(reading) == ["Sound", "Also sound", "No comma"]
    assert reading.records[2].year == 2001
    assert [r.line for r in reading.rejected] == [1, 8, 15]
    assert reading.rejected[0].raw == "@article{a,\n  title = {One {two},\n  year = 2001\n}"
    assert reading.rejected[2].raw == "@article{f,\n  title {No equals sign}\n}"


def test_bibtex_entries_with_slips_are_read() -> None:
    text = (
        "@article\n{\n  a, title={Brace below}}\n@book{title={No key}, year=2001}\n"
        "@misc(b, title = {Round}) @misc{c, title={Same line}}"
    )
    assert titles(read_text(text, "a.bib")) == ["Brace below", "No key", "Round", "Same line"]


def test_bibtex_comments_and_definitions_are_no_records() -> None:
    text = (
        '% a comment\n@comment{@x}\n@preamble{"\\newcommand{\\x}{y}"}\n'
        '@string{jan1 = "January"}\n@string(p = {Press})\n'
        '@book{a, title = {T} # " of " # p, publisher = p, month = jan1}\n'
    )
    reading = read_text(text, "a.bib")
    assert (reading.total, titles(reading)) == (1, ["T of Press"])
    assert reading.records[0].publisher == "Press"


def test_a_bibtex_comment_that_is_never_closed_ends_with_its_line() -> None:
    text = "@comment{never closed\n  year = {2001},\n@book{a, title={A}}\n@book{b, title={B}}"
    reading = read_text(text, "a.bib")
    assert titles(reading) == ["A", "B"]
    assert [rejected.raw.strip() for rejected in reading.rejected] == ["year = {2001},"]


def test_bibtex_text_lost_between_entries_is_set_aside() -> None:
    reading = read_text("@book{a, title={A}}, year={2000}}\n@book{b, title={B}}", "a.bib")
    assert titles(reading) == ["A", "B"]
    assert "2000" in reading.rejected[0].raw


@pytest.mark.parametrize(
    ("names", "read"),
    [
        ("Doe, Ann and Li, Bo", ["Doe, Ann", "Li, Bo"]),
        ("Ann Doe AND Bo Li", ["Doe, Ann", "Li, Bo"]),
        ("{Home Office and Others} and others", ["Home Office and Others"]),
        ("Ludwig van Beethoven", ["van Beethoven, Ludwig"]),
        ("Maria fon Trapp", ["fon Trapp, Maria"]),
        ("Ana Lúcia dos Anjos Pinto", ["dos Anjos Pinto, Ana Lúcia"]),
        ("King, Jr., Martin Luther", ["King, Martin Luther, Jr."]),
        ("Smith, J., Doe, A., Li, B.", ["Smith, J.", "Doe, A.", "Li, B."]),
        ("Smith, J.; Doe, A.", ["Smith, J.", "Doe, A."]),
        (r"{\L}uk{\'a}{\v s}, J{\o}rn", ["Łukáš, Jørn"]),
        ("family=Berg, given=Bo, prefix=van der", ["van der Berg, Bo"]),
        ("Hans {Meier Schmidt}", ["Meier Schmidt, Hans"]),
    ],
)
def test_bibtex_names(names: str, read: list[str]) -> None:
    record = read_text(f"@book{{a, title={{T}}, author={{{names}}}}}", "a.bib").records[0]
    assert [str(p) for p in record.authors] == read


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"{\"U}ber \'Etudes", "Über Études"),
        ("Saving 50% of $5 & more", "Saving 50% of $5 & more"),
        (r"100\% \& {\em all} \textit{of} it", "100% & all of it"),
        (r"\url{https://a.org/x_y%20z}", "https://a.org/x_y%20z"),
        ("a~b -- c---d ``e''", "a b – c—d “e”"),
        (r"\input{/etc/passwd}x", "x"),
        (r"$\alpha$-level", "α-level"),
        (r"{\textless}i{\textgreater}Homo{\textless}/i{\textgreater}", "Homo"),
        ("{" * 60 + r"\'e" + "}" * 60, "'e"),  # too deep to parse: stripped
    ],
)
def test_latex_as_it_stands_in_bib_files(latex: str, text: str) -> None:
    assert read_text(f"@book{{a, title={{{latex}}}}}", "a.bib").records[0].title == text


def test_bibtex_definitions_cannot_blow_a_file_up() -> None:
    doubled = "".join(f"@string{{s{i + 1} = s{i} # s{i}}}\n" for i in range(60))
    text = "@string{s0 = {" + "x" * 1000 + "}}\n" + doubled + "@book{a, title=s60, author={D}}\n"
    assert len(read_text(text, "a.bib").records[0].title) < 100_000


# PubMed, CSL-JSON, OpenAlex


def test_nbib_wrapped_lines_are_joined() -> None:
    record = read_text("PMID- 7\nTI  - One\n      two - three\nAB  - A\n", "a.nbib").records[0]
    assert (record.title, record.abstract, record.pmid) == ("One two - three", "A", "7")


def csl(**fields: object) -> Record:
    return read_text(json.dumps([{"type": "book", "title": "T", **fields}]), "a").records[0]


@pytest.mark.parametrize(
    ("issued", "year", "text"),
    [
        ({"date-parts": [[2014, 6, 1]]}, 2014, "2014-06-01"),
        ({"date-parts": [["2014"], ["2015"]]}, 2014, "2014/2015"),
        ({"literal": "spring 1998"}, 1998, "spring 1998"),
        ({"raw": "in press"}, None, "in press"),
        ({"date-parts": [[None]]}, None, ""),
        ({"date-parts": None, "season": "2"}, None, ""),
        ("2014-06", 2014, "2014-06"),
        (None, None, ""),
        ([], None, ""),
        (7, None, "7"),
    ],
)
def test_csl_dates(issued: object, year: int | None, text: str) -> None:
    record = csl(issued=issued)
    assert (record.year, record.year_text) == (year, text)


def test_csl_crossref_lists_and_wrapper() -> None:
    item = {
        "type": "book-chapter",
        "title": ["T"],
        "container-title": ["B"],
        "ISBN": ["0306406152"],
    }
    wrapped = json.dumps({"status": "ok", "message": {"total-results": 1, "items": [item]}})
    record = read_text(wrapped, "a").records[0]
    assert (record.kind, record.title, record.container) == ("chapter", "T", "B")
    assert record.isbn == ("0306406152",)


@pytest.mark.parametrize("value", [None, [], {}, "", 0, True, [None], [{}], [[]], {"a": None}])
def test_json_fields_of_the_wrong_shape_harm_nothing(value: object) -> None:
    names = ("author", "editor", "issued", "page", "DOI", "ISSN", "container-title", "note")
    assert csl(**dict.fromkeys(names, value)).title == "T"
    fields = ("authorships", "biblio", "ids", "primary_location", "abstract_inverted_index", "doi")
    work = {"id": "https://openalex.org/W1", "title": "T", **dict.fromkeys(fields, value)}
    assert titles(read_text(json.dumps(work), "a")) == ["T"]


def test_json_broken_items_cost_themselves_alone() -> None:
    sound = '{"type": "book", "title": "%s"}'
    pretty = (
        "[\n  " + sound % "A" + ',\n  {\n  "type": "book",\n  "title": oops\n  },\n  '
        + sound % "B" + ',\n  7,\n  ' + sound % "C" + "\n]"
    )  # fmt: skip
    for text in (pretty, "[" + sound % "A" + ',{"title": oops},7,' + sound % "B" + ","
                 + sound % "C" + "]"):  # fmt: skip
        reading = read_text(text, "a.json")
        assert titles(reading) == ["A", "B", "C"]
        assert len(reading.rejected) == 2
        assert "oops" in reading.rejected[0].raw


def test_json_lines_with_a_broken_line() -> None:
    line = '{"id": "https://openalex.org/W%d", "title": "T%d"}'
    text = "\n".join([line % (1, 1), '{"id": "https://openalex.org/W2", "ti', line % (3, 3)])
    reading = read_text(text, "a.jsonl")
    assert titles(reading) == ["T1", "T3"]
    assert reading.rejected[0].line == 2


def test_json_odd_numbers_and_characters() -> None:
    text = (
        '[{"type": "book", "title": "T\\ud800\\u0000", "volume": NaN, "page": -Infinity, '
        '"issue": 1e999, "number": ' + "9" * 5000 + "}]"
    )
    record = read_text(text, "a").records[0]
    assert record.title == "T"
    json.dumps(dict(record.raw), ensure_ascii=False).encode("utf-8")  # can be written to a file


def test_json_nested_beyond_reason_is_set_aside() -> None:
    text = '[{"type": "book", "title": "A"}, {"a": ' + "[" * 100_000 + "]" * 100_000 + "}]"
    reading = read_text(text, "a")
    assert titles(reading) == ["A"]
    assert "nested too deeply" in reading.rejected[0].reason


def test_json_of_zotero_itself() -> None:
    creators = [
        {"creatorType": "author", "firstName": "Ann", "lastName": "Doe"},
        {"creatorType": "editor", "firstName": "Bo", "lastName": "Li"},
        {"creatorType": "author", "name": "Home Affairs"},
    ]
    item = {"itemType": "bookSection", "title": "T", "creators": creators, "bookTitle": "B"}
    for text in (json.dumps({"items": [item]}), json.dumps([{"key": "K", "data": item}])):
        record = read_text(text, "a").records[0]
        assert record.authors == (Person("Doe", "Ann"), Person("Home Affairs", corporate=True))
        assert record.editors == (Person("Li", "Bo"),)
        assert (record.kind, record.container) == ("chapter", "B")


# EndNote XML


def test_xml_broken_records_cost_themselves_alone() -> None:
    title = "<record><titles><title>%s</title></titles></record>"
    text = (
        "<xml><records>" + title % "A" + "<record><titles><title>open</titles></record>"
        + title % "B & C &nbsp; d" + "<record><titles>" + title % "E\x0b" + "</records></xml>"
    )  # fmt: skip
    reading = read_text(text, "a.xml")
    assert titles(reading) == ["A", "B & C d", "E"]
    assert [r.position for r in reading.rejected] == [2, 4]
    assert "mismatched tag" in reading.rejected[0].reason


LAUGHS = (
    '<!DOCTYPE xml [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{"&" + chr(97 + i) + ";" :s}{"&" + chr(97 + i) + ";"}">'
              for i in range(20))
    + "]>"
)  # fmt: skip


@pytest.mark.parametrize(
    "prologue", [LAUGHS, '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]>']
)
def test_xml_entities_are_refused(prologue: str) -> None:
    text = f"{prologue}<xml><records><record><titles><title>&x;</title></titles></record></records>"
    with pytest.raises(UnreadableExport, match="entities"):
        read_text(text, "a.xml")


def test_xml_entity_inside_a_record_stays_text() -> None:
    text = (
        "<xml><records><record><!DOCTYPE x [<!ENTITY x 'y'>]><titles><title>&x;</title></titles>"
        "</record><record><titles><title>T</title></titles></record></records></xml>"
    )
    reading = read_text(text, "a.xml")
    assert titles(reading) == ["T"]
    assert len(reading.rejected) == 1


# Spreadsheets


@pytest.mark.parametrize(
    ("headers", "mapping"),
    [
        (["Authors", "Title", "Year", "Source title", "Page start", "Page end", "Link", "Source"],
         {"Authors": "authors", "Title": "title", "Year": "year", "Source title": "container",
          "Page start": "first_page", "Page end": "last_page", "Link": "url"}),
        (["Key", "Item Type", "Publication Year", "Author", "Title", "Publication Title", "ISBN",
          "ISSN", "Abstract Note"],
         {"Item Type": "kind", "Publication Year": "year", "Author": "authors", "Title": "title",
          "Publication Title": "container", "ISBN": "isbn", "ISSN": "issn",
          "Abstract Note": "abstract"}),
        (["id", "display_name", "authorships.author.display_name", "biblio.volume"],
         {"display_name": "title", "authorships.author.display_name": "authors",
          "biblio.volume": "volume"}),
        (["Cites", "Authors", "Title", "Year", "Source", "ArticleURL"],
         {"Authors": "authors", "Title": "title", "Year": "year", "Source": "container",
          "ArticleURL": "url"}),
        (["Autoren", "Titel", "Jahr", "Année"],
         {"Autoren": "authors", "Titel": "title", "Jahr": "year"}),
        (["Title of the included study", "Who"], {"Title of the included study": "title"}),
        (["Journal title", "Short title"], {"Journal title": "container"}),
    ],
    ids=["scopus", "zotero", "openalex", "publish-or-perish", "german", "by-hand", "no-title"],
)  # fmt: skip
def test_mapping_is_suggested(headers: list[str], mapping: dict[str, str]) -> None:
    assert suggest_mapping(headers) == mapping


def test_mapping_is_a_persons_to_overrule() -> None:
    text = "Name,Title,Jahr\nTrust,Dr,2014\n"
    by_hand = {"Name": "title", "Title": ""}
    reading = read_text(text, "a.csv", mapping=by_hand)
    assert (reading.records[0].title, reading.records[0].year) == ("Trust", 2014)
    assert reading.mapping == {"Name": "title", "Jahr": "year"}


@pytest.mark.parametrize("mapping", [{"Nom": "title"}, {"Title": "heading"}])
def test_mapping_that_fits_nothing_is_refused(mapping: dict[str, str]) -> None:
    with pytest.raises(UnreadableExport, match=r"Nom|heading"):
        read_text("Title,Year\nTrust,2014\n", "a.csv", mapping=mapping)


def test_a_record_that_reads_like_a_header_cuts_off_none_above_it() -> None:
    rows = "doi,id,method\nhttps://doi.org/10.1/a,1,snowballing\nhttps://doi.org/10.1/b,2,title\n"
    with pytest.raises(UnreadableExport, match="column for the title"):
        read_text(rows, "ids.csv")
    rows = "title,year,found by\nTrust,2014,\nTime,2015,author\nTitle,Year,abstract\nCare,2016,\n"
    assert titles(read_text(rows, "a.csv")) == ["Trust", "Time", "Care"]  # a second header


def test_csv_rows_that_go_wrong_swallow_no_others() -> None:
    text = (
        "title,year,note\n"
        "A,2001,x\n"
        'B,2002,"open\n'
        "C,2003,x\n"
        'D,2004,"two\nlines"\n'
        "E,2005\n"
        "\n"
        "F,with,comma,2006\n"
        "title,year,note\n"
        'G,2007,5" pipe\n'
        'H,2008,"open to the end\n'
    )
    reading = read_text(text, "a.csv")
    assert titles(reading) == ["A", "C", "D", "E", "G"]
    assert [(r.line, r.raw.split(",")[0]) for r in reading.rejected] == [
        (3, "B"),
        (9, "F"),
        (12, "H"),
    ]
    assert reading.records[2].raw["note"] == "two\nlines"
    assert "header" in reading.notes[0]


def test_csv_tabs_leave_quotation_marks_alone() -> None:
    text = 'TI\tAU\n"Trust" is a word\tDoe, A\nHe said "no\tLi, B\n'
    assert titles(read_text(text, "a.tsv")) == ['"Trust" is a word', 'He said "no']


def test_csv_excel_separator_line_and_single_column() -> None:
    assert titles(read_text("sep=;\nTitle;Year\nA, b;2000\n", "a.csv")) == ["A, b"]
    assert titles(read_text("title\nTrust\nTime\n", "a.csv")) == ["Trust", "Time"]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Included"
    sheet.append(["Studies found in May"])
    sheet.merge_cells("A1:C1")
    sheet.append([])
    sheet.append(["Title", "Published", "Pages", "Volume", "Checked"])
    sheet.append(["Trust", datetime.datetime(2014, 5, 3), "3-7", 12.0, "=1+1"])
    sheet.append(["Time", 2015.0, datetime.datetime(2026, 3, 7), None, True])
    sheet.append([None, None, None])
    sheet.append([None, "n.d.", None])
    book.create_sheet("Excluded").append(["Reference title", "Why"])
    book["Excluded"].append(["Care", "setting"])
    book.create_sheet("Codes").append(["A", "B"])
    path = tmp_path / "review.xlsx"
    book.save(path)
    return path


def test_workbook_sheets_dates_and_numbers(workbook: Path) -> None:
    reading = read_export(workbook)
    assert titles(reading) == ["Trust", "Time", "Care"]
    assert [r.year for r in reading.records] == [2014, 2015, None]
    assert reading.records[0].year_text == "2014-05-03"
    assert reading.records[0].volume == "12"
    assert "Checked" not in reading.records[0].raw  # the formula has no stored value
    assert [r.line for r in reading.records] == [4, 5, 2]
    assert [r.line for r in reading.rejected] == [7]
    assert any("Codes" in note for note in reading.notes)
    assert any("Excluded" in note and "3 to 4" not in note for note in reading.notes)


def test_workbook_of_the_collection_is_recognised(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "studies"
    book.create_sheet("frameworks")
    book.save(tmp_path / "ours.xlsx")
    with pytest.raises(CollectionWorkbook, match="relnotes merge"):
        read_export(tmp_path / "ours.xlsx")


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def repacked(workbook: Path, part: str, content: bytes) -> Path:
    with zipfile.ZipFile(workbook) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert part in parts
    return packed(workbook, parts | {part: content})


def test_workbook_bomb_is_refused_unread(tmp_path: Path) -> None:
    bomb = packed(
        tmp_path / "b.xlsx",
        {"xl/workbook.xml": b"<x/>", "xl/worksheets/sheet1.xml": b" " * (300 * 1024**2)},
    )
    assert bomb.stat().st_size < 1024**2
    with pytest.raises(UnreadableExport, match="unfolds to 314,"):
        read_export(bomb)


def test_workbook_that_lies_about_its_size_is_refused(workbook: Path) -> None:
    big = repacked(workbook, "xl/worksheets/sheet1.xml", b"<!-- -->" * 1_000_000)
    content = big.read_bytes()
    declared = (8_000_000).to_bytes(4, "little")
    assert content.count(declared) == 2
    big.write_bytes(content.replace(declared, (100).to_bytes(4, "little")))
    with pytest.raises(UnreadableExport, match="damaged"):
        read_export(big)


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</worksheet>'
)


@pytest.mark.parametrize(
    "sheet",
    [
        LAUGHS + SHEET % '<sheetData><row r="1"><c t="inlineStr"><is><t>&s;</t></is></c></row></sheetData>',
        SHEET
        % '<sheetData><row r="1"><c t="inlineStr"><is><t>Title</t></is></c></row>'
        '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData>',
        SHEET % "<sheetData><row><c>",
    ],
    ids=["entities", "endless-rows", "cut-off"],
)  # fmt: skip
def test_workbook_with_a_hostile_sheet_is_refused(workbook: Path, sheet: str) -> None:
    with pytest.raises(UnreadableExport):
        read_export(repacked(workbook, "xl/worksheets/sheet1.xml", sheet.encode()))


def test_workbook_that_declares_a_vast_sheet_is_read(workbook: Path) -> None:
    rows = (
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1" t="inlineStr"><is>'
        '<t>Title</t></is></c></row><row r="2"><c r="A2" t="inlineStr"><is><t>Trust</t></is></c>'
        "</row></sheetData>"
    )
    path = repacked(workbook, "xl/worksheets/sheet1.xml", (SHEET % rows).encode())
    assert titles(read_export(path)) == ["Trust", "Care"]


# What is no export


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\n", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        (b"Dear all,\nplease find attached.", "not in a format"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"<PubmedArticleSet></PubmedArticleSet>", "PubMed's XML"),
        (b"<mods></mods>", "it is MODS"),
        (b"<svg></svg>", "XML, but not EndNote"),
        (b'{"hello": "world"}', "JSON"),
        (b"[1, 2, 3]", "JSON"),
        (b'[{"type": "book", "title": "cut', "not valid JSON"),
        (b"PK\x03\x04rest", "damaged"),
        (bytes(range(256)) * 50, "not in a format"),
        (b"name,age\nAnn,7\n", "column for the title"),
    ],
)
def test_other_files_are_refused_in_words(content: bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableExport, match=words) as refusal:
        read_export(write(tmp_path, "export.ris", content))
    assert str(refusal.value).startswith("export.ris: ")
    assert refusal.value.mend.endswith(".")


def test_missing_files_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExport, match="no such file"):
        read_export(tmp_path / "gone.ris")
    with pytest.raises(UnreadableExport, match="no plain file"):
        read_export(tmp_path)


def test_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableExport, match="Unpack it"):
        read_export(packed(tmp_path / "a.zip", {"a.ris": b"TY  - JOUR"}))


def test_a_file_beyond_the_limit_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_module, "LARGEST", 3 * 1024**2)
    path = write(tmp_path, "a.ris", b"TY  - JOUR\nTI  - " + b"x" * 4 * 1024**2)
    with pytest.raises(UnreadableExport, match="4 MB; 3 MB are the most"):
        read_export(path)


LONG = "x" * (MOST_TEXT + 1)


@pytest.mark.parametrize(
    "text",
    [
        f"TY  - JOUR\nTI  - {LONG}\nER  - \nTY  - BOOK\nTI  - Sound\n",
        f"PMID- 1\nTI  - {LONG}\nPMID- 2\nTI  - Sound\n",
        f"@book{{a, title={{{LONG}}}}}\n@book{{b, title={{Sound}}}}\n",
        f'[{{"type": "book", "title": "{LONG}"}}, {{"type": "book", "title": "Sound"}}]',
        f"title,year\n{LONG},2000\nSound,2001\n",
        f"<xml><records><record><titles><title>{LONG}</title></titles></record>"
        "<record><titles><title>Sound</title></titles></record></records></xml>",
        "TY  - JOUR\nTI  - x\n" + "KW  - k\n" * (MOST_VALUES + 1) + "TY  - BOOK\nTI  - Sound\n",
        "@book{a, title={x}" + ", a=1" * (MOST_VALUES + 1) + "}\n@book{b, title={Sound}}",
    ],
    ids=["ris", "nbib", "bibtex", "json", "csv", "xml", "ris-fields", "bibtex-fields"],
)
def test_a_record_beyond_the_limits_is_set_aside_alone(text: str) -> None:
    reading = read_text(text, "a")
    assert titles(reading) == ["Sound"]
    assert "the most a record may have" in reading.rejected[0].reason
    assert len(reading.rejected[0].raw) <= 100_000


def test_nothing_of_the_content_reaches_the_file_name(tmp_path: Path) -> None:
    text = "TY  - JOUR\nTI  - A\nL1  - ../../etc/passwd\nER  - \nTY  - X\n"
    reading = read_export(write(tmp_path, "safe.ris", text))
    assert {r.source for r in (*reading.records, *reading.rejected)} == {"safe.ris"}


def test_importing_the_readers_loads_no_heavy_library() -> None:
    heavy = "{'pandas', 'openpyxl', 'bibtexparser', 'pylatexenc', 'rispy', 'defusedxml'}"
    code = f"import sys, relnotes.desk.formats.exports; print({heavy} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() in ("set()", "{'pandas'}")  # the package itself may load pandas


# Fuzzing

SEEDS = [(EXPORTS / name).read_bytes() for name in FORMATS if not name.startswith("colleague.tsv")]
PIECES = [b"@", b"{", b"}", b'"', b"\n", b"\r", b"TY  - ", b"ER  - ", b"PMID- ", b"\\", b"$", b"#",
          b"<record>", b"</record>", b"<", b"&", b";", b",", b"\t", b"[", b"]", b":", b"\x00",
          b"\xff", b"\xed\xa0\x80", codecs.BOM_UTF16_LE, b"1e999", b"\\ud800", b"PT J", b"- "]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """An export with pieces cut out, doubled, moved and thrown in."""
    content = draw(st.sampled_from(SEEDS))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        to = min(len(content), at + draw(st.integers(0, 200)))
        action = draw(st.integers(0, 3))
        if action == 0:
            content = content[:at] + content[to:]
        elif action == 1:
            content = content[:to] + content[at:]
        elif action == 2:
            content = content[:at] + draw(st.sampled_from(PIECES)) + content[at:]
        else:
            content = content[:at] + draw(st.binary(max_size=8)) + content[at:]
    return content


def check_any_file(path: Path) -> None:
    """Whatever the file: an account that adds up and can be written, or a refusal in words."""
    try:
        reading = read_export(path)
    except UnreadableExport as refusal:
        assert refusal.mend
        return
    places = sorted(r.position for r in (*reading.records, *reading.rejected))
    assert places == list(range(1, reading.total + 1))
    for record in reading.records:
        json.dumps(dict(record.raw), ensure_ascii=False).encode("utf-8")
        f"{record}".encode()
        assert record.title == " ".join(record.title.split())
    for rejected in reading.rejected:
        assert "please report" not in rejected.reason, rejected
        rejected.raw.encode("utf-8")


@settings(max_examples=300, deadline=None)
@given(content=damaged())
def test_damaged_exports(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    check_any_file(write(tmp_path_factory.getbasetemp(), "damaged", content))


@settings(max_examples=100, deadline=None)
@given(
    content=st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=40).map(b"".join)
)
def test_random_bytes(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    check_any_file(write(tmp_path_factory.getbasetemp(), "random", content))
