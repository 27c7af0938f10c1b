"""Names that nothing has, answered with those that come near."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from relnotes.evidence.faults import shortened

MOST_LISTED = 20
"""Names that are all listed where none comes near."""


class UnknownNameError(KeyError):
    """Nothing has the name that was asked for; the message says what comes near.

    Parameters
    ----------
    what : str
        What was looked for, as a sentence about the name begins: ``There is no figure``.
    asked : str
        The name as it was typed.
    known : iterable of str
        The names there are.

    Examples
    --------
    >>> print(UnknownNameError("There is no fruit", "Aple", ["apple", "pear"]))
    There is no fruit ‘Aple’. Did you mean ‘apple’?
    >>> print(UnknownNameError("There is no fruit", "fig", ["apple", "pear"]))
    There is no fruit ‘fig’. There are: apple, pear.
    """

    def __init__(self, what: str, asked: object, known: Iterable[str]) -> None:
        super().__init__(f"{what} ‘{shortened(str(asked))}’.{_hint(str(asked), list(known))}")

    def __str__(self) -> str:
        # A KeyError shows its message in quotes, as if it were the key.
        return str(self.args[0])


def near_names(asked: str, known: Iterable[str], most: int = 3, likeness: float = 0.6) -> list[str]:
    """Return the names that come nearest, whatever their case.

    Parameters
    ----------
    likeness : float
        How near they must come: twice the letters in common as a share of all letters.

    Examples
    --------
    >>> near_names("TRUSTS", ["Trust", "Hope", "trustee"])
    ['Trust', 'trustee']
    """
    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.casefold(), name)
    found = difflib.get_close_matches(asked.casefold(), list(folded), n=most, cutoff=likeness)
    return [folded[name] for name in found]


def _hint(asked: str, known: list[str]) -> str:
    near = near_names(asked, known)
    if near:
        return f" Did you mean {' or '.join(f'‘{shortened(name)}’' for name in near)}?"
    if not known:
        return ""
    if len(known) <= MOST_LISTED:
        return f" There are: {', '.join(shortened(name) for name in known)}."
    some = ", ".join(shortened(name) for name in known[:3])
    return f" There are {len(known):,}, such as {some}."
