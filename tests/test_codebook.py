"""The codebook and the manual say what the declarations, the tables and the rules say."""

import re
from pathlib import Path

import pandas as pd
import pytest

from relnotes import Collection, open_collection
from relnotes.evidence.rules import all_rules
from relnotes.evidence.schema import house_schema
from relnotes.show.codebook import codebook, rules_manual

TOP = Path(__file__).parents[1]


def small(**columns: list[str]) -> str:
    return codebook(Collection.of({"frameworks": pd.DataFrame(columns)}))


def line_of(text: str, column: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"| `{column}` |"))


def test_values_and_each_kind_of_empty_are_counted_apart():
    text = small(
        framework_id=["a", "b", "c", "d"],
        completeness=["complete", "complete", "partial", "partial"],
        setting=["probation", "not_coded", "not_coded", "not_reported"],
        year=["1999", "2004", "not_reported", "not_reported"],
        note=["", "Seen.", "", ""],
    )
    assert line_of(text, "completeness").endswith("| `complete` 2, `partial` 2, `named_only` 0 |")
    assert line_of(text, "setting").endswith("| `probation` 1, *not_reported* 1, *not_coded* 2 |")
    assert line_of(text, "year").endswith("| 1999 to 2004, *not_reported* 2 |")
    assert line_of(text, "note").endswith("| `Seen.` 1, *blank* 3 |")


def test_every_table_and_column_is_described():
    text = codebook(Collection.of({}))
    sections = re.split(r"^## ", text, flags=re.M)
    for table in house_schema().tables.values():
        section = next(s for s in sections if s.startswith(f"{table.title}\n"))
        for column in table.columns:
            assert f"| `{column}` |" in section
    for anchor in re.findall(r"\]\(#([^)]+)\)", text):
        assert any(s.split("\n")[0].lower().replace(" ", "-") == anchor for s in sections)


def test_a_hostile_value_stays_text():
    text = small(framework_id=["a"], setting=["<b>|[x](javascript:1)`"], kind=["a*b_c"])
    assert line_of(text, "setting").endswith("| `` <b>\\|[x](javascript:1)` `` 1 |")
    assert len(re.findall(r"(?<!\\)\|", line_of(text, "setting"))) == 5


def test_the_manual_shows_every_rule_with_what_breaks_it():
    text = rules_manual()
    assert re.findall(r"^### (\w+)$", text, flags=re.M) == [r.name for r in all_rules()]
    for section in re.split(r"^### ", text, flags=re.M)[1:]:
        name = section.split("\n")[0]
        assert re.search(r"^[-+] ", section, flags=re.M), name
        assert f"[{name}]" in section.replace("\\", ""), name
    assert all(c.isprintable() or c == "\n" for c in text)
    assert max(map(len, text.splitlines())) < 1000


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("data/README.md", lambda: codebook(open_collection(TOP / "data"))),
        ("docs/rules.md", rules_manual),
    ],
)
def test_the_committed_text_is_current(path, made):
    assert (TOP / path).read_text(encoding="utf-8") == made(), "run `relnotes codebook`"
