"""A small sound collection; every rule shows itself by one change to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from relnotes.evidence.folder import Evidence
from relnotes.evidence.rules.register import Example
from relnotes.evidence.schema import Schema, house_schema

_FOLDER = Path(__file__).with_name("sample_tables")

SAMPLE: Mapping[str, str] = {
    file.name: file.read_text(encoding="utf-8") for file in sorted(_FOLDER.iterdir())
}
"""File name to content."""


def sample_with(example: Example) -> Evidence:
    """Return the sample collection with one change made to it.

    Raises
    ------
    ValueError
        If the text to change does not stand in the sample.
    """
    texts = dict(SAMPLE)
    if example.new is None:
        del texts[example.file]
    elif example.old:
        if example.old not in texts[example.file]:
            raise ValueError(f"{example.file} of the sample does not hold {example.old!r}")
        texts[example.file] = texts[example.file].replace(example.old, example.new, 1)
    else:
        texts[example.file] = example.new
    return Evidence.of_texts(texts, sample_schema())


def sample_schema() -> Schema:
    """Return the house schema with the sample's own source page and coding."""
    return replace(house_schema(), title="A sample", page="page-nd-sample", coding="reading")
