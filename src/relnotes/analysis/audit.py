"""The audit of the page's references: printed, cited, corrected and verified, work by work."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from relnotes.analysis.works import select_works

if TYPE_CHECKING:
    from relnotes.evidence.collection import Collection

LISTED, NAMED = "in the list", "named, not listed"
CITED, UNCITED, UNLOOKED = "named in the text", "never named in it", "not yet coded"
RIGHT, WRONG, UNPRINTED = "no error known", "printed wrongly", "no reference printed"

VERIFICATION_WORDS: Final = {
    "verified": "verified",
    "verified_in_part": "verified in part",
    "inferred": "inferred",
    "unverified": "unverified",
    "not_found": "not found",
}


@dataclass(frozen=True, eq=False)
class Audit:
    """What became of each reference of the source page.

    Attributes
    ----------
    works : DataFrame
        One row for each work that the page lists or names, the list first: ``key``, ``label``,
        ``place`` (in the list; named, not listed), ``text`` (named in the page's text or not),
        ``print`` (no error known, printed wrongly, no reference printed), ``verification`` in
        words, ``fields`` (what is printed wrongly), ``corrections`` (how many),
        ``other_words`` (how many of these, see :func:`puts_other_words`), ``row_ids``.
    lines : int or None
        Lines that the page prints in its list; None where its outline is not there.
    """

    works: pd.DataFrame
    lines: int | None

    @property
    def listed(self) -> pd.DataFrame:
        """The works of the page's list."""
        return self.works[self.works["place"] == LISTED]

    @property
    def listed_and_cited(self) -> pd.DataFrame:
        """Listed works that the text names."""
        return self.listed[self.listed["text"] == CITED]

    @property
    def listed_never_cited(self) -> pd.DataFrame:
        """Listed works that the text never names."""
        return self.listed[self.listed["text"] == UNCITED]

    @property
    def named_not_listed(self) -> pd.DataFrame:
        """Works that the text names and the list does not have."""
        return self.works[self.works["place"] == NAMED]

    @property
    def printed_wrongly(self) -> pd.DataFrame:
        """Listed works with at least one correction."""
        return self.works[self.works["print"] == WRONG]

    def table(self) -> pd.DataFrame:
        """Return the four answers of the audit as a table.

        Returns
        -------
        DataFrame
            ``what``, ``works`` (how many) and ``labels``.
        """
        parts = {
            "listed and named in the text": self.listed_and_cited,
            "listed but never named in the text": self.listed_never_cited,
            "named but not listed": self.named_not_listed,
            "printed wrongly": self.printed_wrongly,
        }
        rows = [(what, len(part), tuple(part["label"])) for what, part in parts.items()]
        return pd.DataFrame(rows, columns=["what", "works", "labels"])


def puts_other_words(corrections: pd.DataFrame) -> pd.Series[bool]:
    """Say of each correction whether it is more than form.

    Form is where the print has the same words and numbers with other marks, spaces or order, or
    leaves some out; otherwise it says what is not so.

    Examples
    --------
    >>> printed = pd.DataFrame({"printed": ["Roe J.", "Plans", "77(3)"],
    ...                         "corrected": ["Roe, J.", "Plans: a study", "77(2)"]})
    >>> puts_other_words(printed).tolist()
    [False, False, True]
    """
    printed, corrected = (
        [Counter(re.findall(r"\w+", text.casefold())) for text in corrections[column].astype("str")]
        for column in ("printed", "corrected")
    )
    other = [not was <= now for was, now in zip(printed, corrected, strict=True)]
    return pd.Series(other, index=corrections.index, dtype=bool)


def compute_audit(collection: Collection) -> Audit:
    """Follow every reference of the source page to its verified entry.

    Works that the collection added are no part of it.

    Examples
    --------
    >>> from relnotes.evidence.collection import Collection
    >>> studies = pd.DataFrame({"key": ["lee-2001"], "origin": "listed", "design": "survey",
    ...                         "named_in_text": "no", "verification": "not_found"})
    >>> compute_audit(Collection.of({"studies": studies})).table()[["what", "works"]]
                                     what  works
    0        listed and named in the text      0
    1  listed but never named in the text      1
    2                named but not listed      0
    3                     printed wrongly      0
    """
    works = select_works(collection)
    works = works[works["origin"].isin(["listed", "named"])].reset_index(drop=True)
    studies = collection.studies.drop_duplicates("key").set_index("key")
    wrong = dict(list(collection.corrections.groupby("key", sort=False)))
    row_ids = dict(
        zip(collection.row_ids("corrections"), collection.corrections["key"], strict=True)
    )
    records = []
    for work in works.to_dict("records"):
        key = work["key"]
        is_listed = work["origin"] == "listed"
        errors = wrong.get(key, collection.corrections.iloc[:0])
        records.append(
            {
                "key": key,
                "label": work["label"],
                "place": LISTED if is_listed else NAMED,
                "text": {"yes": CITED, "no": UNCITED}.get(studies["named_in_text"][key], UNLOOKED),
                "print": (WRONG if len(errors) else RIGHT) if is_listed else UNPRINTED,
                "verification": VERIFICATION_WORDS.get(work["verification"], "unverified"),
                "fields": tuple(dict.fromkeys(errors["field"])),
                "corrections": len(errors),
                "other_words": int(puts_other_words(errors).sum()),
                "row_ids": (
                    f"studies:{key}",
                    *(f"corrections:{row}" for row, of in row_ids.items() if of == key),
                ),
            }
        )
    columns = [
        "key", "label", "place", "text", "print", "verification", "fields", "corrections",
        "other_words", "row_ids",
    ]  # fmt: skip
    frame = pd.DataFrame(records, columns=columns)
    frame = frame.sort_values(["place", "key"], ignore_index=True)
    kinds = collection.passages["kind"]
    lines = int((kinds == "reference").sum()) if len(kinds) else None
    return Audit(frame, lines)
