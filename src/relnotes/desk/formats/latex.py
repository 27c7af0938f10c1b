"""LaTeX in the values of a .bib file, made plain text."""

from __future__ import annotations

import functools
import re
from typing import Any

from relnotes.desk.formats.values import RAISED, tidy

LONGEST = 20_000
"""Characters beyond which a value is stripped of its markup rather than parsed."""

DEEPEST = 40
"""Nested braces beyond which a value is stripped rather than parsed."""

_MARKUP = re.compile(r"[\\{}$~]|--|``|''")
_MATH = re.compile(r"(?<!\\)\$([^$]{0,500})(?<!\\)\$")


def from_latex(value: str) -> str:
    r"""Return a value as a reader sees it: accents made, braces gone, on one line.

    Unlike in a LaTeX document, ``%`` and ``&`` stand for themselves in most
    .bib files, and ``$`` more often for dollars than for mathematics.

    Examples
    --------
    >>> from_latex(r"{\'E}tude of 50% of {NPS} staff \& people -- caf\'{e}")
    'Étude of 50% of NPS staff & people – café'
    >>> from_latex(r"Costs of $5 to $10, H$_2$O and $\beta$")
    'Costs of $5 to $10, H2O and β'
    """
    if not _MARKUP.search(value):
        return tidy(value)
    value = RAISED.sub(r"\1", value)
    if "\\" in value or "$" in value:
        if len(value) > LONGEST or _depth(value) > DEEPEST:
            value = re.sub(r"\\[A-Za-z]+\s*|\\(.)", r"\1", value)
        else:
            value = _remembered(value) if len(value) < 100 else _parsed(value)
    value = value.replace("{", "").replace("}", "").replace("~", " ")
    value = value.replace("``", "“").replace("''", "”").replace("---", "—").replace("--", "–")
    return tidy(value)


@functools.lru_cache(maxsize=20_000)
def _remembered(value: str) -> str:
    """Names and journals come again and again; parsing them is what takes the time."""
    return _parsed(value)


def _parsed(value: str) -> str:
    value = re.sub(r"\\\\(?=[\w'`^\"~=.])", r"\\", value)  # escaped once more by some program
    value = re.sub(r"(?<!\\)([%&#])", r"\\\1", value)
    value = _MATH.sub(lambda m: m[0] if _mathematics(m[1]) else rf"\${m[1]}\$", value)
    if len(re.findall(r"(?<!\\)\$", value)) % 2:
        value = re.sub(r"(?<!\\)\$", r"\\$", value)
    try:
        return str(_decoder().latex_to_text(value))
    except Exception:  # a value that is no LaTeX stays as it is
        return value


def _mathematics(text: str) -> bool:
    return bool(re.search(r"[\\^_=<>]", text)) or len(text) == 1


def _depth(value: str) -> int:
    depth = deepest = 0
    for brace in re.findall(r"[{}]", value):
        depth += 1 if brace == "{" else -1
        deepest = max(deepest, depth)
    return deepest


@functools.cache
def _decoder() -> Any:
    from pylatexenc.latex2text import (  # noqa: PLC0415
        LatexNodes2Text,
        MacroTextSpec,
        get_default_latex_context_db,
    )

    context = get_default_latex_context_db()
    context.add_context_category(
        "values of a .bib file",
        prepend=True,
        macros=[
            MacroTextSpec("url", simplify_repl="%s"),
            MacroTextSpec("TeX", simplify_repl="TeX"),
            MacroTextSpec("LaTeX", simplify_repl="LaTeX"),
            MacroTextSpec("textless", simplify_repl="<"),
            MacroTextSpec("textgreater", simplify_repl=">"),
            MacroTextSpec("href", simplify_repl="%s %s"),
            MacroTextSpec("input", simplify_repl=""),  # a stranger's file names no file of ours
            MacroTextSpec("include", simplify_repl=""),
        ],
    )
    return LatexNodes2Text(latex_context=context, math_mode="text", keep_braced_groups=False)
