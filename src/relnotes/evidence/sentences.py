"""Parts of the sentences that are computed: numbers with their nouns, lists, verbs."""

from __future__ import annotations

from collections.abc import Sequence


def counted(number: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun in the right form.

    Examples
    --------
    >>> counted(1, "framework"), counted(3, "framework"), counted(2, "study", "studies")
    ('1 framework', '3 frameworks', '2 studies')
    """
    noun = one if number == 1 else (many or f"{one}s")
    return f"{number:,} {noun}"


def listed(words: Sequence[str], most: int | None = None) -> str:
    """Return words as a person lists them, with the number left out where there are too many.

    Examples
    --------
    >>> listed(["trust"]), listed(["trust", "hope"]), listed(["trust", "hope", "time"])
    ('trust', 'trust and hope', 'trust, hope and time')
    >>> listed(["trust", "hope", "time", "care"], most=2)
    'trust, hope and 2 more'
    """
    shown = list(words)
    if most is not None and len(shown) > most:
        shown = [*shown[:most], f"{len(shown) - most:,} more"]
    if len(shown) < 2:
        return "".join(shown)
    return f"{', '.join(shown[:-1])} and {shown[-1]}"


def are(number: int) -> str:
    """Return *is* for one and *are* for any other number."""
    return "is" if number == 1 else "are"


def have(number: int) -> str:
    """Return *has* for one and *have* for any other number."""
    return "has" if number == 1 else "have"


def number(value: float, digits: int) -> str:
    """Return a number with a true minus, and no minus before what rounds to nothing.

    Examples
    --------
    >>> number(-0.004, 2), number(-0.25, 2)
    ('0.00', '−0.25')
    """
    rounded = round(value, digits) + 0.0
    return f"{rounded:.{digits}f}".replace("-", "−")
