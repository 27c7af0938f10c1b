"""Labels beside ids: filled by the program, and renewed when the label itself changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from relnotes.evidence.schema import ForeignKey, Schema

Frames = Mapping[str, pd.DataFrame]


def guards_of(schema: Schema) -> Iterator[tuple[str, str, ForeignKey]]:
    """Yield table, guarding column and the key that it guards."""
    for table in schema.tables.values():
        keys = {k.field: k for k in table.foreign_keys}
        for field in table.fields:
            if field.guard in keys:
                yield table.name, field.name, keys[field.guard]


def labels_for(frame: pd.DataFrame, guard: str, key: ForeignKey) -> pd.Series[str]:
    """Return the labels that a guard repeats, by id."""
    ending = guard.rpartition("_")[2]
    column = f"short_{ending}" if f"short_{ending}" in frame else ending
    return frame.drop_duplicates(key.target).set_index(key.target)[column]


def renewed_guards(schema: Schema, frames: Frames, was: Frames | None = None) -> Frames:
    """Return tables whose blank and outdated labels beside ids are the labels of those ids.

    A label is outdated where it was the id's label before. Without an earlier state it is so
    where it is nobody's label and the same beside that id everywhere in its table; a label that
    belongs to another id tells of a mistyped id, and stays.

    Parameters
    ----------
    schema : Schema
        The declarations.
    frames : mapping of str to DataFrame
        Table name to rows as text.
    was : mapping of str to DataFrame, optional
        The tables before.
    """
    new = dict(frames)
    for name, guard, key in guards_of(schema):
        if name not in frames or key.table not in frames:
            continue
        frame, ids = new[name], new[name][key.field]
        labels = labels_for(frames[key.table], guard, key)
        if was is not None:
            outdated = frame[guard] == ids.map(labels_for(was[key.table], guard, key))
        else:
            alike = frame.groupby(key.field)[guard].transform("nunique") == 1
            outdated = alike & ~frame[guard].isin(labels)
        label = ids.map(labels)
        renew = label.notna() & ((frame[guard] == "") | outdated)
        new[name] = frame.assign(**{guard: frame[guard].where(~renew, label)})
    return new
