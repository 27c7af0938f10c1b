"""How long checking a large crosswalk takes, against peers doing the same tests.

    python benchmarks/check_rows.py                    100,000 and 1,000,000 rows
    python benchmarks/check_rows.py --rows 10000       another size
    pip install pandera frictionless                   to time these two as well

All read the same CSV files and make the same tests of the crosswalk: cells filled, declared
values, form of the coder, unique key, two foreign keys, two labels that guard them, no stray
space, printable and composed text, no spreadsheet damage, an explicit basis that stands in the
wording, and rows in order. pandera and frictionless make those of the tests that they can
declare. `relnotes check` also reads and tests every other table. Each runs in turn within one
process; medians are quoted. The goal: at most 1.3 times plain pandas, faster than pandera, ten
times faster than frictionless.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules import all_rules, check_evidence
from relnotes.evidence.rules.sample import SAMPLE

CONCEPTS = 200
PER_ELEMENT = 50
RELATIONS = ["exact", "close", "narrower", "broader", "related"]
EMPTY = ["", "not_reported", "not_applicable", "not_coded"]
DAMAGE = re.compile(
    r"#(?:REF|NAME\?|VALUE|DIV/0|N/A|NUM|NULL|SPILL)!?|â€|Ã©|\N{REPLACEMENT CHARACTER}"
)


def write_collection(folder: Path, rows: int) -> None:
    """Write a sound collection whose crosswalk has about `rows` rows."""
    for name, text in SAMPLE.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")

    def table(name: str, lines: list[str]) -> None:
        header = SAMPLE[name].split("\n")[0]
        (folder / name).write_text(
            "\n".join([header, *lines]) + "\n", encoding="utf-8", newline="\n"
        )

    for name in ("claims.csv", "claim_concepts.csv", "retired.csv", "waivers.csv"):
        table(name, [])
    frameworks = max(rows // (PER_ELEMENT * 10), 1)
    table(
        "concepts.csv",
        [
            f"c{i:04d},Concept {i},Theme,Def.,In.,Ex.,term{i:04d},not_applicable,not_coded,not_coded,note"
            for i in range(CONCEPTS)
        ],
    )
    table(
        "frameworks.csv",
        [
            f"f{i:06d},Framework {i},F{i},model,probation,Utopia,adults,not_reported,not_reported,"
            "complete,doe-2001[p. 1],verified,"
            for i in range(frameworks)
        ],
    )
    elements = [(i, j, (i * 7 + j) % CONCEPTS) for i in range(frameworks) for j in range(1, 11)]
    table(
        "elements.csv",
        [
            f"f{i:06d}-{j:02d},f{i:06d},F{i},{j},not_applicable,words {i} with term{w:04d} here,Gloss {j}.,"
            "doe-2001[p. 3],verified,"
            for i, j, w in elements
        ],
    )
    table("crosswalk.csv", sorted(
        f"f{i:06d}-{j:02d},words {i} with term{w:04d} here,c{c:04d},Concept {c},"
        f"{'exact' if c == w else 'related'},{'explicit' if c == w else 'interpreted'},"
        f"A reason of some length number {k}.,reading"
        for i, j, w in elements
        for k in range(PER_ELEMENT)
        for c in [(w + k) % CONCEPTS]
    ))  # fmt: skip


def ours(folder: Path) -> int:
    """Read and check the whole collection with every rule."""
    return len(check_evidence(Evidence.read(folder)))


def plain_pandas(folder: Path) -> int:
    """Make the same tests of the crosswalk with pandas alone."""
    read = {"dtype": "str", "keep_default_na": False, "na_filter": False}
    frame = pd.read_csv(folder / "crosswalk.csv", **read)
    concepts = pd.read_csv(folder / "concepts.csv", **read).set_index("concept_id")
    elements = pd.read_csv(folder / "elements.csv", **read).set_index("element_id")
    wrong = 0
    for name in frame:
        cells = frame[name]
        wrong += int(cells.isin(EMPTY).sum())
        values = pd.Series(cells.unique())
        wrong += int(
            (values != values.str.strip()).sum() + values.str.contains("  ", regex=False).sum()
        )
        wrong += sum(not v.isprintable() or not unicodedata.is_normalized("NFC", v) for v in values)
        wrong += int(values.str.contains(DAMAGE).sum())
    wrong += int((~frame["relation"].isin(RELATIONS)).sum())
    wrong += int((~frame["basis"].isin(["explicit", "interpreted"])).sum())
    wrong += int(
        (~pd.Series(frame["coder"].unique()).str.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*")).sum()
    )
    key = ["element_id", "concept_id", "coder"]
    wrong += int(frame.duplicated(key).sum())
    wrong += int((~frame["element_id"].isin(elements.index)).sum())
    wrong += int((~frame["concept_id"].isin(concepts.index)).sum())
    wrong += int((frame["element_id"].map(elements["wording"]) != frame["element_wording"]).sum())
    wrong += int((frame["concept_id"].map(concepts["label"]) != frame["concept_label"]).sum())
    wrong += int((~elements.index.isin(frame["element_id"])).sum())
    explicit = frame[frame["basis"] == "explicit"][
        ["element_wording", "concept_id"]
    ].drop_duplicates()
    terms = explicit["concept_id"].map(concepts["terms"])
    wrong += sum(
        not re.search(rf"\b(?:{t.replace(';', '|')})\b", w)
        for t, w in zip(terms, explicit["element_wording"], strict=True)
    )
    before, now = frame[key].iloc[:-1], frame[key].iloc[1:]
    less = pd.Series(False, index=range(len(now)))
    for name in reversed(key):
        a, b = now[name].to_numpy(dtype=object), before[name].to_numpy(dtype=object)
        less = (a < b) | ((a == b) & less)
    return wrong + int(less.sum())


def with_pandera(folder: Path) -> int:
    """Make the tests that pandera can declare."""
    import pandera.pandas as pa

    read = {"dtype": "str", "keep_default_na": False, "na_filter": False}
    frame = pd.read_csv(folder / "crosswalk.csv", **read)
    concepts = pd.read_csv(folder / "concepts.csv", **read).set_index("concept_id")
    elements = pd.read_csv(folder / "elements.csv", **read).set_index("element_id")
    filled = pa.Check(lambda s: ~s.isin(EMPTY))
    tidy = pa.Check(lambda s: s == s.str.strip())
    printable = pa.Check(str.isprintable, element_wise=True)
    undamaged = pa.Check(lambda s: ~s.str.contains(DAMAGE))
    every = [filled, tidy, printable, undamaged]
    schema = pa.DataFrameSchema(
        {
            "element_id": pa.Column(str, [*every, pa.Check.isin(list(elements.index))]),
            "element_wording": pa.Column(str, every),
            "concept_id": pa.Column(str, [*every, pa.Check.isin(list(concepts.index))]),
            "concept_label": pa.Column(str, every),
            "relation": pa.Column(str, [*every, pa.Check.isin(RELATIONS)]),
            "basis": pa.Column(str, [*every, pa.Check.isin(["explicit", "interpreted"])]),
            "reason": pa.Column(str, every),
            "coder": pa.Column(str, [*every, pa.Check.str_matches(r"^[a-z0-9]+(-[a-z0-9]+)*$")]),
        },
        checks=[
            pa.Check(lambda f: f["element_id"].map(elements["wording"]) == f["element_wording"]),
            pa.Check(lambda f: f["concept_id"].map(concepts["label"]) == f["concept_label"]),
        ],
        unique=["element_id", "concept_id", "coder"],
    )
    schema.validate(frame, lazy=True)
    return 0


def with_frictionless(folder: Path) -> int:
    """Make the tests that a table schema declares."""
    import json

    from frictionless import Package

    from relnotes.evidence.schema import house_schema

    content = json.loads(
        (Path(__file__).parents[1] / "data/datapackage.json").read_text(encoding="utf-8")
    )
    wanted = {"crosswalk", "elements", "concepts", "frameworks"}
    content["resources"] = [r for r in content["resources"] if r["name"] in wanted]
    for resource in content["resources"]:
        header = (folder / resource["path"]).open(encoding="utf-8").readline().strip().split(",")
        fields = {f["name"]: f for f in resource["schema"]["fields"]}
        resource["schema"]["fields"] = [fields[name] for name in header]
    assert house_schema().tables
    report = Package(content, basepath=str(folder)).validate()
    return sum(task.stats.get("errors", 0) for task in report.tasks)


def seconds(run: Callable[[Path], int], folder: Path) -> float:
    started = time.perf_counter()
    found = run(folder)
    taken = time.perf_counter() - started
    assert found == 0, f"{run.__name__} found {found} faults in a sound collection"
    return taken


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000])
    arguments.add_argument("--runs", type=int, default=5)
    chosen = arguments.parse_args()
    all_rules()
    for rows in chosen.rows:
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            write_collection(folder, rows)
            fast = [
                (seconds(ours, folder), seconds(plain_pandas, folder)) for _ in range(chosen.runs)
            ]
            mine = statistics.median(a for a, _ in fast)
            print(f"{rows:>10,} rows: ours {mine:7.2f} s", flush=True)
            print(f"{'':>10}  pandas {statistics.median(b for _, b in fast):5.2f} s, "
                  f"ours takes {statistics.median(a / b for a, b in fast):.2f} of it", flush=True)  # fmt: skip
            for peer in (with_pandera, with_frictionless):
                try:
                    taken = seconds(peer, folder)
                except ImportError as error:
                    print(f"{'':>10}  {peer.__name__}: not installed ({error.name})")
                    continue
                print(
                    f"{'':>10}  {peer.__name__} {taken:.2f} s, {taken / mine:.1f} times ours",
                    flush=True,
                )


if __name__ == "__main__":
    main()
