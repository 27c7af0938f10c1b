"""Damaged files are described, never guessed at and never crashed on."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relnotes.evidence.schema import house_schema
from relnotes.evidence.tables import MOST_REPORTED, read_table_bytes

RETIRED = house_schema().table("retired")
HEADER = b"table,id,reason,replacement\n"


def rules(content: bytes) -> set[str]:
    return {f.rule for f in read_table_bytes(content, RETIRED).faults}


@pytest.mark.parametrize(
    ("content", "rule", "line"),
    [
        (b"", "empty_file", 0),
        (b"\n\n  \n", "empty_file", 0),
        ("table,id".encode("utf-16"), "wrong_encoding", 0),
        (b"PK\x03\x04rest", "wrong_encoding", 0),
        (HEADER + b"a,b,c,d\na,caf\xe9,c,d\n", "wrong_encoding", 3),
        (HEADER + b"a,b,c,d\na,b\0,c,d\n", "nul_byte", 3),
        (HEADER + b"a,b," + b"x" * 1_000_001 + b",d\n", "line_too_long", 2),
        (b"table\tid\treason\treplacement\n", "wrong_separator", 1),
        (b"table,id,reason\n", "missing_column", 1),
        (b'"table,id,reason,replacement\n', "stray_quote", 1),
        (HEADER + b"a,b,c\n", "ragged_row", 2),
        (HEADER + b"a,b,c,d,e\n", "ragged_row", 2),
        (HEADER + b"a,b,c,d\n\na,b,c,d\n", "blank_row", 3),
        (HEADER + b'a,"b,c,d\n', "stray_quote", 2),
        (HEADER + b'a,b"c,c,d\n', "stray_quote", 2),
        (HEADER + b'a,"b"c,c,d\n', "stray_quote", 2),
        (HEADER + b'a,"two\nlines",c,d\n', "stray_quote", 2),
    ],
)
def test_damage_is_named_with_its_line(content, rule, line):
    found = [f for f in read_table_bytes(content, RETIRED).faults if f.rule == rule]
    assert found
    assert found[0].line == line


def test_one_stray_quote_does_not_swallow_the_rows_after_it():
    found = read_table_bytes(HEADER + b'a,"b,c,d\ne,f,g,h\ni,j,k,"l"\n', RETIRED)
    assert [f.line for f in found.faults] == [2]
    assert found.frame is not None
    assert found.frame["replacement"].to_dict() == {3: "h", 4: "l"}


def test_many_damaged_rows_are_counted_not_listed():
    found = read_table_bytes(HEADER + b"a,b\n" * 5000, RETIRED)
    assert len(found.faults) == MOST_REPORTED + 1
    assert "4,800 more rows" in found.faults[-1].message


def test_byte_order_mark_and_windows_line_ends_are_read():
    found = read_table_bytes(
        b"\xef\xbb\xbf" + HEADER.replace(b"\n", b"\r\n") + b"a,b,c,d\r\n", RETIRED
    )
    assert not found.faults
    assert found.frame is not None
    assert found.frame.loc[2].tolist() == ["a", "b", "c", "d"]


cell = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), max_size=12)


@given(st.lists(st.lists(cell, min_size=4, max_size=4), max_size=8))
def test_whatever_a_csv_writer_writes_is_read_back(rows):
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(RETIRED.columns)
    writer.writerows(rows)
    found = read_table_bytes(buffer.getvalue().encode("utf-8"), RETIRED)
    assert not found.faults
    assert found.frame is not None
    assert found.frame.to_numpy().tolist() == rows


@given(st.binary(max_size=300))
def test_any_bytes_are_described_or_read(content):
    found = read_table_bytes(content, RETIRED)
    assert found.frame is not None or found.faults


@given(st.binary(max_size=120))
def test_no_line_is_both_read_and_reported(content):
    found = read_table_bytes(HEADER + content, RETIRED)
    if found.frame is not None:
        assert not {f.line for f in found.faults} & set(found.frame.index)


@given(st.lists(st.sampled_from(["a,b,c,d", "a,b", '"a,b,c,d', "a,b,c,d,e", ""]), max_size=9))
def test_every_line_is_read_or_reported(lines):
    content = HEADER + "".join(f"{line}\n" for line in lines).encode()
    found = read_table_bytes(content, RETIRED)
    assert found.frame is not None
    reported = {f.line for f in found.faults}
    assert reported | set(found.frame.index) == set(range(2, len(lines) + 2))


def test_an_absent_optional_column_reads_as_not_coded():
    concepts = house_schema().table("concepts")
    header = [c for c in concepts.columns if not concepts.field(c).optional]
    found = read_table_bytes(
        (",".join(header) + "\n" + ",".join("x" for _ in header)).encode(), concepts
    )
    assert not found.faults
    assert found.frame is not None
    assert found.frame.loc[2, ["example", "borderline", "note"]].tolist() == [
        "not_coded",
        "not_coded",
        "",
    ]
