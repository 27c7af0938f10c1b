"""Names of sets and items: given, checked, and made readable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import pandas as pd

from relnotes.evidence.near import near_names


def readable(ids: Iterable[Any], labels: pd.Series[Any] | None) -> tuple[str, ...]:
    """Labels that tell their things apart: the id where one is missing, beside it where it repeats.

    Examples
    --------
    >>> readable(["a", "b", "c"], pd.Series(["Care", "Care", ""]))
    ('Care (a)', 'Care (b)', 'c')
    """
    names = [str(name) for name in ids]
    if labels is None:
        return tuple(names)
    given = [
        name if is_missing(label) or not str(label).strip() else str(label)
        for name, label in zip(names, labels, strict=True)
    ]
    times = Counter(given)
    return tuple(
        f"{label} ({name})" if times[label] > 1 else label
        for name, label in zip(names, given, strict=True)
    )


def set_names(names: Iterable[Any]) -> tuple[str, ...]:
    """Read names of sets as text.

    Raises
    ------
    ValueError
        If a name is missing or stands for more than one set.
    """
    given = list(names)
    if any(map(is_missing, given)):
        place = next(place for place, name in enumerate(given) if is_missing(name))
        raise ValueError(f"set {place}: the name is missing")
    texts = tuple(map(str, given))
    check_unique("set", texts)
    return texts


def item_index(items: Sequence[Hashable]) -> pd.Index[Any]:
    """Index of items, named as they are given, when every item has a name of its own.

    Raises
    ------
    ValueError
        If a name is missing or stands for more than one item.
    """
    index: pd.Index[Any] = pd.Index(items, dtype=object, tupleize_cols=False)
    if index.hasnans:
        raise ValueError(f"item {int(index.isna().argmax())}: the name is missing")
    check_unique("item", index)
    return index


def check_unique(what: str, names: Iterable[Any]) -> None:
    """Raise a ValueError that shows the names given to more than one set or item."""
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        shown = ", ".join(repr(name) for name in repeated[:3])
        more = f" and {len(repeated) - 3} more" if len(repeated) > 3 else ""
        raise ValueError(f"the {what} name {shown}{more} stands for more than one {what}")


def unknown_name(what: str, name: Hashable, known: Iterable[Any]) -> str:
    """Say that there is nothing of a name, and what may have been meant.

    Examples
    --------
    >>> unknown_name("set", "IDEA", ["IDEAS", "Bordin"])
    "no set 'IDEA'; did you mean 'IDEAS'?"
    """
    names = [str(other) for other in known]
    near = near_names(str(name), names, most=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; there are: {', '.join(names[:10])}"
    return f"no {what} {name!r}{hint}"


def in_order(names: Iterable[Any]) -> list[Any]:
    """Sort names; names of several types are sorted by type first."""
    given = list(names)
    try:
        return sorted(given)
    except TypeError:  # names of several types, which have no order of their own
        return sorted(given, key=lambda name: (str(type(name)), str(name)))


def is_missing(value: object) -> bool:
    """Say whether a value stands for no value: None, NaN, NA or NaT."""
    return value is None or value is pd.NA or value is pd.NaT or value != value  # noqa: PLR0124
