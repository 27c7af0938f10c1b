"""The word each format has for a sort of publication, and the house's kind for it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from relnotes.desk.formats.records import Kind

_WORDS: dict[Kind, str] = {
    "article": """
        article|article-journal|article-magazine|article-newspaper|journal-article|journal|jour|
        ejour|electronic article|mgzn|magazine article|news|newspaper article|newspaper|magazine|
        inpr|in press|abst|abstract|jfull|suppperiodical|periodical|article in press|
        review|review article|editorial|letter|comment|note|erratum|retraction|short survey|
        post|research article|clinical trial|randomized controlled trial|case reports|
        meta-analysis|systematic review|review-book|book review|j|early access|correction|
        original article|editorial material|periodical article|published erratum|peer-review""",
    "book": """
        book|ebook|electronic book|edbook|edited book|edited-book|mvbook|collection|mvcollection|
        reference|mvreference|booklet|monograph|whole book|whole book edited|entire-book|ency|
        book whole|edited volume|manual|b|proceedings|mvproceedings|reference-book|
        classic|clswk|book set|book-set|encyclopedia|encyc|dictionary|dict""",
    "chapter": """
        chapter|chap|echap|book section|electronic book section|book-section|inbook|
        incollection|bookinbook|suppbook|suppcollection|inreference|book-chapter|book chapter|
        book part|book-part|entry|entry-dictionary|entry-encyclopedia|reference-entry|
        dictionary entry|encyclopedia article|book item""",
    "report": """
        report|rprt|techreport|govdoc|government document|report-component|report-series|
        technical report|government report or document|report section|standard|stand|
        pamp|pamphlet|working paper|grey literature|reports descriptive""",
    "thesis": """
        thesis|thes|phdthesis|mastersthesis|bathesis|candthesis|dissertation|
        doctoral dissertation|thesis/dissertation|dissertation/thesis|
        master's thesis|masters thesis|phd thesis""",
    "conference": """
        conference|conf|cpaper|conference paper|conference proceeding|conference proceedings|
        inproceedings|paper-conference|proceedings-article|proceedings article|
        proceedings paper|conference abstract|conference review|meeting abstract|meeting|c|
        conference-paper|conference-abstract|conference article|speech|presentation|s|
        proceedings-series|congress|congresses""",
    "online": """
        online|forum post|podcast|www|electronic|elec|webpage|web page|blog|blog post|post-weblog|
        icomm|internet communication|forumpost|website|web site|web|online database|
        online multimedia|multi|blog-post|electronic source|posted-content|preprint|eprint""",
}  # fmt: skip


def _plain(word: str) -> str:
    """Return a word in lower case, its parts apart: "journalArticle" is "journal article"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word.strip()[:100])
    return re.sub(r"[\s_-]+", " ", apart).lower()


_KIND_OF: dict[str, Kind] = {
    _plain(word): kind for kind, words in _WORDS.items() for word in words.split("|")
}


def kind_of(words: Iterable[str]) -> Kind:
    """Return the house's kind for the first word known; "other" where none is.

    Parameters
    ----------
    words : iterable of str
        RIS codes, BibTeX, CSL, OpenAlex or EndNote types, PubMed publication types.

    Examples
    --------
    >>> [kind_of([w]) for w in ("JOUR", "bookSection", "paper-conference", "Patent")]
    ['article', 'chapter', 'conference', 'other']
    """
    for word in words:
        kind = _KIND_OF.get(_plain(word))
        if kind:
            return kind
    return "other"
