"""A collection of 0.1.0 opens: its descriptor and tables know nothing of what came later."""

import json
from pathlib import Path

from relnotes.evidence.collection import check_collection, open_collection
from relnotes.evidence.rules.sample import SAMPLE
from relnotes.evidence.schema import house_schema

LATER = {
    "studies": ["publisher", "report_of", "overlaps_with"],
    "findings": ["outcome_definition", "follow_up", "value", "comparison_value", "appraisal"],
}


def without(text: str, columns: list[str]) -> str:
    header, *rows = [line.split(",") for line in text.splitlines()]
    kept = [i for i, name in enumerate(header) if name not in columns]
    return "\n".join(",".join(row[i] for i in kept) for row in [header, *rows]) + "\n"


def old_folder(folder: Path) -> Path:
    """Write the sample as 0.1.0 would have declared it."""
    declared = json.loads(
        (Path(__file__).parents[1] / "data" / "datapackage.json").read_text(encoding="utf-8")
    )
    declared.pop("coding")
    declared["page"] = "page-nd-sample"
    declared["resources"] = [r for r in declared["resources"] if r["name"] != "vocabularies"]
    for resource in declared["resources"]:
        later = LATER.get(resource["name"], [])
        fields = [f for f in resource["schema"]["fields"] if f["name"] not in later]
        for field in fields:
            field.pop("vocabulary", None)
            if field["name"] == "measure":
                field["constraints"]["enum"] = ["r", "odds_ratio", "count", "direction_only"]
        resource["schema"]["fields"] = fields
    (folder / "datapackage.json").write_text(json.dumps(declared), encoding="utf-8")
    for name, text in SAMPLE.items():
        later = LATER.get(name.removesuffix(".csv"))
        if name != "vocabularies.csv":
            (folder / name).write_text(without(text, later) if later else text, encoding="utf-8")
    return folder


def test_an_older_collection_opens_checks_and_reads_empty_where_nobody_could_look(tmp_path):
    folder = old_folder(tmp_path)
    assert [f for f in check_collection(folder) if f.severity == "error"] == []
    collection = open_collection(folder)
    assert set(collection.studies["publisher"]) == {"not_coded"}
    assert collection.vocabularies.empty
    assert collection.schema.table("studies").field("setting").vocabulary == "setting"
    assert "smd" in collection.measures


def test_its_descriptor_does_not_shut_out_the_measures_of_today(tmp_path):
    folder = old_folder(tmp_path)
    path = folder / "findings.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",r,", ",smd,"), encoding="utf-8")
    assert [f for f in check_collection(folder) if f.severity == "error"] == []


def test_the_house_declares_what_is_new_as_optional():
    for table, columns in LATER.items():
        for column in columns:
            assert house_schema().table(table).field(column).optional
    assert not house_schema().table("vocabularies").core
