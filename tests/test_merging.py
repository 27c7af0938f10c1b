"""An edited workbook brings back what a person edited, and nothing a spreadsheet did."""

import datetime
import io
import shutil
import subprocess
import zipfile

import openpyxl
import pandas as pd
import pytest
from openpyxl.utils import get_column_letter
from test_writing import contents, make_sample

from relnotes import Collection, open_collection
from relnotes.desk import sheets
from relnotes.desk.forms import form_bytes
from relnotes.desk.merging import RefusedFile, merge
from relnotes.desk.returning import read_sheets
from relnotes.desk.store import Draft, read_state, write
from relnotes.desk.workbooks import (
    BASE_HEADING,
    BASE_SHEET,
    packed_base,
    table_workbook,
    text_frame,
    workbook_bytes,
)
from relnotes.evidence.faults import CollectionError
from relnotes.evidence.rules.sample import SAMPLE
from relnotes.evidence.schema import house_schema


@pytest.fixture
def folder(tmp_path):
    return make_sample(tmp_path / "données" / "data")


@pytest.fixture(scope="module")
def as_exported(tmp_path_factory):
    sample = make_sample(tmp_path_factory.mktemp("merging") / "data")
    return workbook_bytes(open_collection(sample))


@pytest.fixture
def exported(as_exported, tmp_path):
    path = tmp_path / "colleague’s copy.xlsx"
    path.write_bytes(as_exported)
    return path


def edit(path, changes):
    """Write cells as a spreadsheet would: (sheet, address) to value."""
    book = openpyxl.load_workbook(path)
    for (sheet, address), value in changes.items():
        book[sheet][address] = value
    book.save(path)


def address_of(sheet, row_id, column):
    """Return where a cell of the sample stands in its sheet."""
    _, *lines = SAMPLE[f"{sheet}.csv"].splitlines()
    row = next(i for i, line in enumerate(lines, start=2) if line.startswith(f"{row_id},"))
    return f"{get_column_letter(house_schema().table(sheet).columns.index(column) + 1)}{row}"


def here_changes(folder, table, row_id, **values):
    state = read_state(folder)
    frame = state.frame(table)
    row = frame[frame.iloc[:, 0] == row_id].assign(**values)
    write(folder, Draft({table: row}))


def test_a_round_trip_without_edits_changes_no_byte(folder, exported):
    before = contents(folder)
    for _ in range(2):  # as exported, then as saved again by another program
        merged = merge(read_state(folder), exported)
        assert merged.draft.empty
        assert str(merged).endswith("0 cells changed, 0 rows added, 0 rows taken out, 0 conflicts.")
        write(folder, merged.draft)
        assert contents(folder) == before
        edit(exported, {})


def test_edits_additions_and_removals_come_back(folder, exported):
    cell = address_of("elements", "bond-01", "gloss")
    edit(exported, {("elements", cell): "Each can rely on the other."})
    book = openpyxl.load_workbook(exported)
    book["events"].append(["strategy-2009", 2009, "Strategy begun", "strategy", "Utopia",
                           "roe-2002[p. 2]", "verified"])  # fmt: skip
    book["events"].delete_rows(2)
    book.save(exported)
    merged = merge(read_state(folder), exported)
    assert merged.changed == ("elements:bond-01:gloss",)
    assert merged.added == ("events:strategy-2009",)
    assert merged.removed == ("events:rules-2003",)
    assert not merged.conflicts
    assert merged.faults == ()
    before = contents(folder)
    write(folder, merged.draft)
    after = contents(folder)
    assert {n for n in after if after[n] != before[n]} == {
        "elements.csv", "events.csv", "retired.csv",
    }  # fmt: skip
    assert (
        b"strategy-2009,2009,Strategy begun,strategy,Utopia,roe-2002[p. 2],verified,\n"
        in after["events.csv"]
    )


def test_what_changed_here_meanwhile_is_kept(folder, exported):
    here_changes(folder, "elements", "bond-02", gloss="Both want one end.")
    cell = address_of("elements", "bond-02", "source")
    edit(exported, {("elements", cell): "doe-2001[p. 4]"})
    merged = merge(read_state(folder), exported)
    assert merged.changed == ("elements:bond-02:source",)
    write(folder, merged.draft)
    row = open_collection(folder).row("elements", "bond-02")
    assert (row["gloss"], row["source"]) == ("Both want one end.", "doe-2001[p. 4]")


def test_the_same_cell_changed_in_two_ways_is_a_conflict_for_a_person(folder, exported):
    here_changes(folder, "elements", "bond-02", gloss="Both want one end.")
    cell = address_of("elements", "bond-02", "gloss")
    edit(exported, {("elements", cell): "They agree."})
    state = read_state(folder)
    merged = merge(state, exported)
    (conflict,) = merged.conflicts
    assert str(conflict) == (
        f"elements:bond-02:gloss (sheet elements, cell {cell}): it was ‘Both want the same end.’, "
        "here it is ‘Both want one end.’, there ‘They agree.’."
    )
    assert merged.draft.empty
    assert merge(state, exported, decisions={conflict.name: "ours"}).draft.empty
    taken = merge(state, exported, decisions={conflict.name: "theirs"})
    assert taken.changed == ("elements:bond-02:gloss",)
    assert not taken.conflicts


def test_a_row_taken_out_on_one_side_and_changed_on_the_other_is_a_conflict(folder, exported):
    here_changes(folder, "events", "rules-2003", label="Rules agreed")
    book = openpyxl.load_workbook(exported)
    book["events"].delete_rows(2)
    book.save(exported)
    merged = merge(read_state(folder), exported)
    assert [c.name for c in merged.conflicts] == ["events:rules-2003:"]
    assert merged.draft.empty
    write(folder, Draft(removed={"events": ["rules-2003"]}))
    exported.write_bytes(exported.read_bytes())
    assert merge(read_state(folder), exported).draft.empty


def test_wordings_bring_their_lexical_rows_with_them(folder, exported):
    edit(exported, {
        ("elements", address_of("elements", "plan-02", "wording")): "being trusting",
        ("crosswalk", address_of("crosswalk", "plan-02", "element_wording")):
            "being trusting",
    })  # fmt: skip
    merged = merge(read_state(folder), exported)
    assert merged.faults == ()
    write(folder, merged.draft)
    crosswalk = open_collection(folder).crosswalk
    coded = crosswalk[(crosswalk["element_id"] == "plan-02") & (crosswalk["coder"] == "lexical")]
    assert coded["reason"].tolist() == ["The wording holds the term ‘trusting’."]


@pytest.mark.parametrize(
    ("sheet", "column", "row_id", "value", "message"),
    [
        ("elements", "source", "bond-01", datetime.datetime(2026, 3, 1), "made a date"),
        ("elements", "gloss", "bond-01", datetime.time(1, 2), "made a date"),
        ("elements", "gloss", "bond-01", "=A1", "holds a formula"),
        ("elements", "gloss", "bond-01", True, "made TRUE or FALSE"),
        ("corrections", "printed", "doe-2001", 2011.5, "made a number of a text"),
        ("concepts", "terms", "goals", 1e20, "made a number of a text"),
        ("elements", "element_id", "bond-01", datetime.datetime(2026, 1, 2), "made a date"),
        ("elements", "element_id", "bond-01", "bond-9", "The id was bond-01; ids never change"),
        ("elements", "element_id", "bond-01", "bond-02", "The id stands twice"),
        ("elements", "gloss", "bond-01", "Two\nlines", "holds a line break"),
        ("elements", "gloss", "element_id", "Gloss!", "is not one of the table"),
        ("elements", "gloss", "element_id", None, "has no name"),
    ],
)
def test_what_a_spreadsheet_mangles_is_refused_with_sheet_and_cell(
    folder, exported, sheet, column, row_id, value, message
):
    cell = address_of(sheet, row_id, column) if row_id != "element_id" else "G1"
    edit(exported, {(sheet, cell): value})
    with pytest.raises(RefusedFile) as refusal:
        merge(read_state(folder), exported)
    fault = next(f for f in refusal.value.faults if message in f.message)
    second = "A3" if "twice" in message else cell
    assert fault.file == f"{exported.name}, sheet {sheet}, cell {second}"
    assert str(refusal.value).startswith("Nothing was merged")


def test_a_lost_zero_is_seen_by_what_stood_there(folder, tmp_path):
    here_changes(folder, "events", "rules-2003", note="007")
    path = tmp_path / "copy.xlsx"
    path.write_bytes(workbook_bytes(open_collection(folder)))
    edit(path, {("events", address_of("events", "rules-2003", "note")): 7})
    with pytest.raises(RefusedFile, match=r"made a number of a text\..* It was ‘007’"):
        merge(read_state(folder), path)


def test_numbers_keep_their_written_form_and_take_new_values(folder, exported):
    book = openpyxl.load_workbook(exported)
    row = [c.value for c in book["findings"][2]]
    assert [v for v in row if isinstance(v, float)] == [0.25, 0.1, 0.4]
    estimate = address_of("findings", "f001", "estimate")
    edit(exported, {("findings", estimate): 0.3, ("events", "B2"): 2004.0})
    merged = merge(read_state(folder), exported)
    assert merged.changed == ("findings:f001:estimate", "events:rules-2003:year")
    rows = merged.draft.rows["findings"]
    assert rows[["estimate", "ci_low"]].to_numpy().tolist() == [["0.3", "0.10"]]
    assert merged.draft.rows["events"]["year"].tolist() == ["2004"]


def test_what_a_rule_says_is_said_with_sheet_and_cell(folder, exported):
    cell = address_of("elements", "bond-01", "certainty")
    edit(exported, {("elements", cell): "sure"})
    merged = merge(read_state(folder), exported)
    (fault,) = [f for f in merged.faults if f.rule == "allowed_value"]
    assert fault.file == f"{exported.name}, sheet elements, cell {cell}"
    with pytest.raises(CollectionError):
        write(folder, merged.draft)


def test_mojibake_is_told_with_its_cell(folder, exported):
    cell = address_of("elements", "bond-01", "gloss")
    edit(exported, {("elements", cell): "Each relies on the otherâ€™s word."})
    merged = merge(read_state(folder), exported)
    assert [f.file for f in merged.faults if f.rule == "spreadsheet_damage"] == [
        f"{exported.name}, sheet elements, cell {cell}"
    ]


def test_columns_may_be_moved_and_sheets_left_out(folder, exported):
    book = openpyxl.load_workbook(exported)
    for name in book.sheetnames:
        if name not in ("events", BASE_SHEET):
            del book[name]
    sheet = book["events"]
    rows = [list(r)[::-1] for r in sheet.iter_rows(values_only=True)]
    sheet.delete_rows(1, 5)
    for row in rows:
        sheet.append(row)
    book.save(exported)
    merged = merge(read_state(folder), exported)
    assert merged.draft.empty
    assert "The sheet elements is gone; its table is left alone." in merged.notes


def test_a_form_brings_new_rows_only(folder, tmp_path):
    collection = open_collection(folder)
    blank = {"events": collection.events.iloc[:0].astype("str")}
    path = tmp_path / "form.xlsx"
    path.write_bytes(table_workbook(collection, blank, {}))
    book = openpyxl.load_workbook(path)
    book["events"].append(
        ["plan-2010", 2010, "Plan made", "plan", "Utopia", "roe-2002", "verified"]
    )
    book.save(path)
    merged = merge(read_state(folder), path)
    assert (merged.added, merged.removed, merged.changed) == (("events:plan-2010",), (), ())


# ------------------------------------------------------------------------------- CSV


def test_a_csv_without_a_version_takes_no_row_out(folder, tmp_path):
    path = tmp_path / "elements.csv"
    frame = read_state(folder).frame("elements").iloc[1:]
    path.write_text(frame.to_csv(index=False, lineterminator="\n"), encoding="utf-8", newline="\n")
    merged = merge(read_state(folder), path)
    assert merged.draft.empty
    assert "rows that it lacks were left" in merged.notes[0]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("events.csv", b"event_id,label\nx,caf\x81\n", "neither UTF-8 nor Windows-1252"),
        ("events.csv", b"event_id,label\nx\n", "The column year is missing"),
        ("wrong.csv", b"colour\n", "has the name or the columns of a table"),
        ("old.xls", b"\xd0\xcf\x11\xe0rest", r"old \.xls"),
        ("cut.xlsx", b"PK\x03\x04rest", "damaged"),
    ],
)
def test_files_that_cannot_be_read_are_named(folder, tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RefusedFile, match=message):
        merge(read_state(folder), tmp_path / name)


def test_a_csv_with_an_id_twice_is_refused(folder, tmp_path):
    frame = read_state(folder).frame("events")
    path = tmp_path / "events.csv"
    pd.concat([frame, frame]).to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    with pytest.raises(RefusedFile, match=r"line 3, column event_id: The id stands twice"):
        merge(read_state(folder), path)


def test_a_file_that_is_not_there_is_named(folder, tmp_path):
    with pytest.raises(RefusedFile, match="No such file"):
        merge(read_state(folder), tmp_path / "gone.xlsx")


# ---------------------------------------------------------------- strangers' workbooks


def repacked(path, changes):
    """Replace or add parts of a workbook."""
    with zipfile.ZipFile(path) as archive:
        parts = {i.filename: archive.read(i) for i in archive.infolist()}
    parts.update(changes(parts))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    path.write_bytes(buffer.getvalue())


def test_a_zip_bomb_stops_before_it_unfolds(folder, exported, monkeypatch):
    monkeypatch.setattr(sheets, "LARGEST_UNFOLDED", 2_000_000)
    repacked(exported, lambda _: {"xl/media/image.xml": b"\0" * 3_000_000})
    assert exported.stat().st_size < 200_000
    with pytest.raises(RefusedFile, match="unfolds to 3,"):
        merge(read_state(folder), exported)


def test_a_large_file_is_not_opened(folder, exported, monkeypatch):
    monkeypatch.setattr(sheets, "LARGEST_FILE", 100)
    with pytest.raises(RefusedFile, match="100 are the most"):
        merge(read_state(folder), exported)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(folder, exported, encoding):
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'

    def hostile(parts):
        text = parts["xl/sharedStrings.xml"].decode().split("?>", 1)[1]
        return {"xl/sharedStrings.xml": (f'<?xml version="1.0"?>{laughs}' + text).encode(encoding)}

    repacked(exported, hostile)
    with pytest.raises(RefusedFile, match="declares a document type"):
        merge(read_state(folder), exported)


def test_a_sheet_with_a_cell_at_its_far_end_is_read_at_once(folder, exported):
    edit(exported, {("events", "XFD1048576"): "far"})
    assert merge(read_state(folder), exported).draft.empty


def test_a_workbook_that_is_not_ours_says_so(folder, tmp_path):
    path = tmp_path / "plain.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "events"
    book.save(path)
    with pytest.raises(RefusedFile, match="which version it was made from"):
        merge(read_state(folder), path)


def test_a_damaged_base_is_refused(folder, exported):
    book = openpyxl.load_workbook(exported)
    book[BASE_SHEET]["A3"] = "AAAA"
    book.save(exported)
    with pytest.raises(RefusedFile, match="hidden sheet"):
        merge(read_state(folder), exported)


def test_dangerous_text_goes_out_and_comes_back_as_it_was(folder, tmp_path):
    values = ["=1+1", "+44", "-x", "@a", "_x0041_", "'quoted", "a  b ", "1e5", "0012", "1-2"]
    frame = pd.DataFrame({"event_id": [f"e-{i}" for i in range(len(values))], "note": values})
    base = read_state(folder)
    collection = Collection.of({"events": frame}, schema=base.schema)
    path = tmp_path / "copy.xlsx"
    path.write_bytes(table_workbook(collection, {"events": text_frame(collection, "events")}, {}))
    edit(path, {})
    assert read_sheets(path, base).frames["events"]["note"].tolist() == values


# ------------------------------------------------------------ what a person leaves to the program


def filled(folder, tmp_path, what, **rows):
    """Write a form with some rows filled in, by sheet and column."""
    path = tmp_path / f"{what}.xlsx"
    path.write_bytes(form_bytes(open_collection(folder), what))
    book = openpyxl.load_workbook(path)
    for name, cells_of_rows in rows.items():
        header = [c.value for c in book[name][1]]
        for number, cells in enumerate(cells_of_rows, start=2):
            for column, value in cells.items():
                book[name].cell(number, header.index(column) + 1).value = value
    book.save(path)
    return path


SET = {"label": "The Ærlig set", "short_label": "Ærlig", "kind": "model", "setting": "probation",
       "jurisdiction": "Utopia", "people": "adults", "year": 2004, "stated_count": 2,
       "completeness": "complete", "source": "roe-2002[p. 7]", "certainty": "verified"}  # fmt: skip
ELEMENTS = [{"number": n, "wording": wording, "gloss": "In our words.", "source": "roe-2002[p. 7]",
             "certainty": "verified"} for n, wording in ((1, "trust in care"), (2, "patience"))]  # fmt: skip


def test_blank_ids_labels_and_coders_are_filled(folder, tmp_path):
    judged = {"concept_id": "trust", "relation": "related", "reason": "It is near."}
    path = filled(
        folder, tmp_path, "framework", frameworks=[SET], elements=ELEMENTS,
        crosswalk=[{"element_id": f"aerlig-0{n}", **judged} for n in (1, 2)],
    )  # fmt: skip
    merged = merge(read_state(folder), path, coder="ann")
    assert [f for f in merged.faults if f.severity == "error"] == []
    write(folder, merged.draft)
    collection = open_collection(folder)
    assert collection.row("elements", "aerlig-02")["framework_label"] == "Ærlig"
    rows = collection.crosswalk[collection.crosswalk["coder"] == "ann"]
    assert rows[
        ["element_id", "element_wording", "concept_label", "basis"]
    ].to_numpy().tolist() == [
        ["aerlig-01", "trust in care", "Trust", "explicit"],
        ["aerlig-02", "patience", "Trust", "interpreted"],
    ]
    assert merge(read_state(folder), path, coder="ann").draft.empty
    with pytest.raises(RefusedFile, match="cell H3: Nobody is named who judged"):
        merge(read_state(folder), path)


def test_a_study_form_with_title_and_author_makes_the_entry(folder, tmp_path):
    rogers = {"title": "The necessary conditions", "authors": "Rogers, Carl R.", "year": 1957,
              "kind": "article", "container": "Journal of Consulting Psychology", "volume": 21,
              "issue": 2, "pages": "95-103", "design": "survey"}  # fmt: skip
    path = filled(folder, tmp_path, "study", studies=[rogers])
    merged = merge(read_state(folder), path)
    assert [f for f in merged.faults if f.severity == "error"] == []
    write(folder, merged.draft)
    collection = open_collection(folder)
    work = collection.bibliography["rogers-1957"]
    assert (work.title, work.authors[0].family) == ("The necessary conditions", "Rogers")
    row = collection.row("studies", "rogers-1957")
    assert row[["origin", "document_type", "design", "jurisdiction", "source"]].tolist() == [
        "added", "journal article", "survey", "not_coded", "rogers-1957",
    ]  # fmt: skip


def test_a_study_form_without_a_title_names_the_cell(folder, tmp_path):
    for said, message in (({"authors": "Rogers, Carl R."}, "Title: A value is needed"),
                          ({"title": "A", "year": "soon"}, "Year: Write it like 2022"),
                          ({"title": "A", "kind": "paper"}, "Kind: Choose one of")):  # fmt: skip
        path = filled(folder, tmp_path, "study", studies=[said])
        with pytest.raises(RefusedFile, match=rf"sheet studies, cell [A-Z]+2: {message}"):
            merge(read_state(folder), path)


def test_a_row_taken_out_retires_its_id_for_good(folder, exported):
    book = openpyxl.load_workbook(exported)
    book["events"].delete_rows(2)
    book.save(exported)
    write(folder, merge(read_state(folder), exported).draft)
    retired = read_state(folder).frame("retired")
    assert ["events", "rules-2003"] in retired[["table", "id"]].to_numpy().tolist()


def test_a_changed_label_renews_its_copies(folder, exported):
    edit(exported, {("concepts", address_of("concepts", "trust", "label")): "Trusting"})
    merged = merge(read_state(folder), exported)
    assert [f for f in merged.faults if f.severity == "error"] == []
    write(folder, merged.draft)
    crosswalk = read_state(folder).frame("crosswalk")
    assert set(crosswalk["concept_label"][crosswalk["concept_id"] == "trust"]) == {"Trusting"}


# --------------------------------------------------------------- what happens to whole columns


@pytest.fixture
def wide(folder, tmp_path):
    """Seven events and the workbook that was exported from them."""
    events = pd.DataFrame(
        [[f"rules-{y}", str(y), f"Label {c}", "rules", "Utopia", "roe-2002[p. 1]", "verified", ""]
         for y, c in zip(range(2010, 2017), "gfedcba", strict=True)],
        columns=house_schema().table("events").columns,
    )  # fmt: skip
    write(folder, Draft({"events": events}))
    path = tmp_path / "wide.xlsx"
    path.write_bytes(workbook_bytes(open_collection(folder)))
    return path


def sort_column(path, sheet, letter, fewest=2):
    book = openpyxl.load_workbook(path)
    cells = [book[sheet][f"{letter}{row}"] for row in range(fewest + 1, book[sheet].max_row + 1)
             if book[sheet][f"{letter}{row}"].value]  # fmt: skip
    for cell, value in zip(cells, sorted(c.value for c in cells), strict=True):
        cell.value = value
    book.save(path)


def test_a_column_sorted_alone_stops_by_name_unless_it_was_meant(folder, wide):
    sort_column(wide, "events", "C")
    with pytest.raises(RefusedFile, match=r"cells of the column label have changed places"):
        merge(read_state(folder), wide)
    assert len(merge(read_state(folder), wide, as_meant=True).changed) == 6


def shift_down(labels):
    return [None, *labels[:-1]]


def sort_with_an_edit(labels):
    return ["Another", *sorted(labels)[1:]]


@pytest.mark.parametrize("move", [shift_down, sort_with_an_edit])
def test_a_column_that_moved_is_seen_although_one_cell_is_another(folder, wide, move):
    book = openpyxl.load_workbook(wide)
    cells = [row[2] for row in book["events"].iter_rows(min_row=2)]
    for cell, value in zip(cells, move([c.value for c in cells]), strict=True):
        cell.value = value
    book.save(wide)
    with pytest.raises(RefusedFile, match=r"cells of the column label have changed places"):
        merge(read_state(folder), wide)


def test_many_cells_written_anew_are_no_column_that_moved(folder, wide):
    book = openpyxl.load_workbook(wide)
    for row in book["events"].iter_rows(min_row=2):
        row[2].value = f"Renamed {row[1].value}"
    book.save(wide)
    assert len(merge(read_state(folder), wide).changed) == book["events"].max_row - 1


def test_a_cell_beside_the_table_is_named_and_a_text_mark_is_no_edit(folder, exported):
    label = address_of("events", "rules-2003", "label")
    edit(exported, {("events", label): "'Rules adopted"})
    assert merge(read_state(folder), exported).draft.empty
    edit(exported, {("events", "K2"): "look again"})
    with pytest.raises(RefusedFile, match="sheet events, cell K2: The cell stands beside"):
        merge(read_state(folder), exported)


def test_rows_sorted_as_a_whole_change_nothing(folder, wide):
    book = openpyxl.load_workbook(wide)
    rows = sorted(book["events"].iter_rows(min_row=2, values_only=True), key=lambda r: str(r[2]))
    for number, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            book["events"].cell(number, place).value = value
    book.save(wide)
    assert merge(read_state(folder), wide).draft.empty


def test_an_edit_in_a_renamed_sheet_is_found(folder, exported):
    edit(exported, {("events", address_of("events", "rules-2003", "label")): "Rules agreed"})
    book = openpyxl.load_workbook(exported)
    book["events"].title = "Events 2026"
    book.save(exported)
    merged = merge(read_state(folder), exported)
    assert merged.changed == ("events:rules-2003:label",)
    assert "‘Events 2026’ was read as events" in merged.notes[0]


def test_a_second_sheet_of_a_table_is_refused(folder, exported):
    book = openpyxl.load_workbook(exported)
    book.copy_worksheet(book["events"]).title = "events of Ann"
    book.save(exported)
    with pytest.raises(RefusedFile, match="which another sheet holds already"):
        merge(read_state(folder), exported)


# ------------------------------------------------------------------------- other kinds of file


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("name", ["events.csv", "Mappe1.csv", "von Ann.txt"])
def test_delimited_text_comes_back_however_it_was_saved(
    folder, tmp_path, delimiter, encoding, name
):
    frame = read_state(folder).frame("events").assign(label="Rules agréed")
    path = tmp_path / name
    path.write_bytes(
        frame.to_csv(index=False, sep=delimiter, lineterminator="\r\n").encode(encoding)
    )
    assert merge(read_state(folder), path).changed == ("events:rules-2003:label",)


def test_decimal_commas_are_numbers(folder, tmp_path):
    frame = read_state(folder).frame("findings")
    frame["estimate"] = frame["estimate"].replace("0.25", "0,26")
    path = tmp_path / "Mappe1.csv"
    frame.to_csv(path, index=False, sep=";", encoding="cp1252")
    merged = merge(read_state(folder), path)
    assert merged.draft.rows["findings"]["estimate"].tolist() == ["0.26"]


def ods(path, sheets_of_rows):
    """Write an OpenDocument spreadsheet by hand, one XML string a cell."""
    names = {"office": "office", "table": "table", "text": "text"}
    spaces = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in names)
    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
        + '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        "</table:table>"
        for name, rows in sheets_of_rows.items()
    )
    content = (f'<?xml version="1.0"?><office:document-content {spaces}><office:body>'
               f"<office:spreadsheet>{tables}</office:spreadsheet></office:body>"
               "</office:document-content>")  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def said(text):
    return (f'<table:table-cell office:value-type="string"><office:annotation><text:p>A hint'
            f"</text:p></office:annotation><text:p>{text}</text:p></table:table-cell>")  # fmt: skip


def kept(base):
    """Return the rows of the hidden sheet that says what stood there at export."""
    return [[said(text)] for text in (BASE_HEADING, "made here", packed_base(base))]


def test_an_ods_brings_texts_numbers_and_repeated_cells(folder, tmp_path):
    columns = house_schema().table("events").columns
    number = '<table:table-cell office:value-type="float" office:value="2004"><text:p>2004</text:p></table:table-cell>'
    row = [said("new-2004"), number, said("Two<text:s/>words"), said("rules"), said("Utopia"),
           said("roe-2002"), said("verified"), '<table:table-cell table:number-columns-repeated="900"/>']  # fmt: skip
    base = {"events": read_state(folder).frame("events").head(0)}
    path = ods(tmp_path / "form.dat", {"events": [[said(c) for c in columns], row],
                                       BASE_SHEET: kept(base)})  # fmt: skip
    merged = merge(read_state(folder), path)
    assert merged.added == ("events:new-2004",)
    (added,) = merged.draft.rows["events"].to_dict("records")
    assert (added["year"], added["label"], added["note"]) == ("2004", "Two words", "")


@pytest.mark.parametrize(
    ("cell", "message"),
    [('office:value-type="date" office:date-value="2026-03-01"', "made a date"),
     ('office:value-type="boolean"', "made TRUE or FALSE"),
     ('table:formula="of:=1+1" office:value-type="float" office:value="2"', "holds a formula")],
)  # fmt: skip
def test_what_an_ods_mangles_is_refused_with_sheet_and_cell(folder, tmp_path, cell, message):
    frame = read_state(folder).frame("events")
    rows = [[said(c) for c in frame.columns], [said(v) for v in frame.iloc[0]]]
    rows[1][2] = f"<table:table-cell {cell}><text:p>x</text:p></table:table-cell>"
    with pytest.raises(RefusedFile, match=f"sheet events, cell C2: .*{message}"):
        merge(
            read_state(folder),
            ods(tmp_path / "a.ods", {"events": rows, BASE_SHEET: kept({"events": frame})}),
        )


def test_too_many_styles_are_refused_before_they_are_read(folder, exported):
    repacked(exported, lambda _: {"xl/styles.xml": b"<styleSheet>" + b"<xf/>" * 2_000_000})
    assert exported.stat().st_size < 200_000
    with pytest.raises(RefusedFile, match="more than 400,000 styles"):
        merge(read_state(folder), exported)


def test_a_damaged_stream_is_refused_in_words(folder, exported):
    content = bytearray(exported.read_bytes())
    with zipfile.ZipFile(exported) as archive:
        part = archive.getinfo("xl/worksheets/sheet2.xml")
    begin = part.header_offset + 60
    content[begin : begin + 200] = b"\xff" * 200
    exported.write_bytes(bytes(content))
    with pytest.raises(RefusedFile, match="damaged"):
        merge(read_state(folder), exported)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_libreoffice_saves_what_comes_back_unchanged(folder, exported, tmp_path, kind):
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/office", "--convert-to",
         kind, "--outdir", str(tmp_path / "out"), str(exported)],
        check=True, capture_output=True,
    )  # fmt: skip
    (saved,) = (tmp_path / "out").iterdir()
    before = contents(folder)
    merged = merge(read_state(folder), saved)
    assert (merged.changed, merged.added, merged.removed, merged.conflicts) == ((), (), (), ())
    write(folder, merged.draft)
    assert contents(folder) == before
