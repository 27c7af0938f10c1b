"""How many publications stand behind a count that are independent of one another."""

from __future__ import annotations

from typing import Final

import pandas as pd

from relnotes.evidence.schema import NOT_CODED

ALONE: Final = "not_applicable"
"""The word in ``family`` for a set that stands alone."""


def count_independent(families: pd.Series[str]) -> int | None:
    """Count the frameworks that are independent of one another.

    Parameters
    ----------
    families : Series of str
        The family of each framework; ``not_applicable`` where it stands alone.

    Returns
    -------
    int or None
        None where a family is not coded: then nobody knows.

    Examples
    --------
    >>> count_independent(pd.Series(["alliance", "alliance", "not_applicable"]))
    2
    """
    if families.isin([NOT_CODED, ""]).any():
        return None
    alone = families == ALONE
    return int(alone.sum()) + int(families[~alone].nunique())
