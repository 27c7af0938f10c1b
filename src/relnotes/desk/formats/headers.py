"""Which column of a stranger's spreadsheet holds what, suggested from its header."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from relnotes.desk.formats.tagged import WOS

FIELDS: dict[str, str] = {
    "title": """
        title|article title|document title|primary title|publication title full|display name|
        study title|paper title|ti|work title|reference title|book title or article title|
        title of article|article|item title|full title|name of study|titel|titre|titulo|titolo|
        title primary|paper|study name""",
    "authors": """
        authors|author|author s|author full names|author names|author full name|full authors|
        authors full names|au|af|authorships author display name|author names display|
        first authors|creators|creator|primary authors|authors primary|author s full name|
        authorships|contributors|author string|autoren|autor en|verfasser|
        auteurs|auteur|autores|autor|autori|first author""",
    "year": """
        year|publication year|pub year|year of publication|py|date year|published year|yr|
        published|date published|publication date|pubdate|date|date of publication|
        year published|jahr|annee|ano|anno|issued|cover date|publication date published|
        publicationdateyear""",
    "container": """
        journal|journal name|journal title|publication title|source title|source|container title|
        journal book|so|publication name|publication|secondary title|journal name full|
        primary location source display name|host venue display name|venue|periodical|
        t2|jt|pubtitle|full journal name|periodical full|periodical abbrev|
        zeitschrift|revue|revista|rivista|journal full""",
    "book_title": """
        book title|booktitle|proceedings title|encyclopedia title|dictionary title|website title|
        blog title|conference name|conference title""",
    "volume": "volume|vol|vl|biblio volume|journal volume|band",
    "issue": "issue|number|journal issue|issue number|is|no|biblio issue|num|heft|part number",
    "pages": "pages|page|page numbers|pagination|page range|pp|pg|page s|article pages|seiten",
    "first_page": """
        start page|first page|page start|beginning page|bp|sp|biblio first page|art no|
        article number|startpage""",
    "last_page": "end page|last page|page end|ending page|ep|other pages|biblio last page|endpage",
    "doi": """
        doi|digital object identifier|doi number|doi link|di|do|electronic resource num|
        electronic resource number|ids doi|doi url|article doi|item doi""",
    "isbn": "isbn|isbns|bn|isbn 13|isbn 10|print isbn|isbn issn|e isbn|eisbn",
    "issn": """
        issn|issns|sn|ei|eissn|e issn|issn l|issn print|print issn|online issn|
        primary location source issn|primary location source issn l|issn isbn|electronic issn""",
    "pmid": "pmid|pubmed id|pubmedid|pm|pubmed|pubmed number|ids pmid|pubmed pmid",
    "url": """
        url|urls|link|links|article url|articleurl|source url|web link|
        primary location landing page url|
        external url|pdf link|full text link|landing page url|source linkout|openalex id|
        item url""",
    "abstract": """
        abstract|abstract note|abstracts|ab|summary|description|abstract text|notes abstract|
        zusammenfassung|resume|resumen""",
    "language": """
        language|la|lang|language of original document|langue|sprache|publication language""",
    "publisher": "publisher|pu|pb|publishers|editeur|verlag|editorial|publisher name|institution",
    "edition": "edition|ed|auflage",
    "editors": "editors|editor|authors secondary|book editors|be|editor s|herausgeber",
    "kind": """
        item type|document type|publication type|dt|type|reference type|type of reference|
        source type|ty|pubtype|type of publication|material type|genre|pt|itemtype|doc type""",
}  # fmt: skip
"""Field of a record to the headers that name it, the likeliest first."""

_SEVERAL = frozenset({"isbn", "issn", "bodies"})
_NAMED = {
    field: [re.sub(r"\s+", " ", name.strip()) for name in names.split("|")]
    for field, names in FIELDS.items()
}


def suggest_mapping(headers: Sequence[str]) -> dict[str, str]:
    """Suggest which field of a record each header names.

    Parameters
    ----------
    headers : sequence of str
        The header row as it stands.

    Returns
    -------
    dict of str to str
        Header to field (a key of `FIELDS`), for the headers that are known.
        Each field is given once, ISBN and ISSN perhaps more often.

    Examples
    --------
    >>> suggest_mapping(["Authors", "Article Title", "Source Title", "Publication Year", "Notes"])
    {'Authors': 'authors', 'Article Title': 'title', 'Source Title': 'container', \
'Publication Year': 'year'}
    """
    if frozenset({"PT", "AU", "TI", "SO"}).issubset(headers):
        return _of_tags(headers)
    plain = {header: _plain(header) for header in headers}
    numbered = [h for h, name in plain.items() if re.fullmatch(r"author ?\d+", name)]
    first = [h for h, name in plain.items() if name in ("author", "first author")]
    chosen = dict.fromkeys([*first, *numbered] if numbered else [], "authors")
    for field, names in _NAMED.items():
        if field in chosen.values():
            continue
        ranked = sorted(
            (names.index(name), place, header)
            for place, (header, name) in enumerate(plain.items())
            if name in names and header not in chosen
        )
        for _, _, header in ranked if field in _SEVERAL else ranked[:1]:
            chosen[header] = field
    if "title" not in chosen.values() and len(headers) > 1:
        likely = [h for h, name in plain.items() if _TITLE.search(name) and h not in chosen]
        if len(likely) == 1:
            chosen[likely[0]] = "title"
    return {header: chosen[header] for header in headers if header in chosen}


def _of_tags(headers: Sequence[str]) -> dict[str, str]:
    """Return what Web of Science's columns hold: they are the tags of its tagged format."""
    held = frozenset(headers)
    ways = {field: next((way for way in ways if way & held), frozenset())
            for field, ways in WOS.fields.ways.items()}  # fmt: skip
    return {header: field for header in headers for field, way in ways.items() if header in way}


_TITLE = re.compile(r"^(?!.*\b(?:journal|source|series|book|short|job|host|publication)\b)"
                    r".{0,40}\b(?:title|titel|titre|titulo)\b.{0,40}$")  # fmt: skip


def _plain(header: str) -> str:
    """Return a header without case, accents or punctuation: "Pub. Année" is "pub annee"."""
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header[:200])
    bare = unicodedata.normalize("NFKD", split).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", " ", bare.lower()).strip()
