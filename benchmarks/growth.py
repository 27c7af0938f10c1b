"""Time readers and checks on inputs built to be slow, at 1, 2, 4 and 8 times a size.

    python benchmarks/growth.py [SIZE] [HEAD ...]

SIZE (12,500) is the number of characters of the smallest input; HEADs are the beginnings that are
tried, all by default. Printed is every input whose
largest takes over half a second or grows faster than its size; an exponent of 1 is linear.
"""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator

from relnotes.desk.formats import UnreadableExport
from relnotes.desk.formats.encoding import decode
from relnotes.desk.formats.exports import read_text

HEADS = {
    "ris": "TY  - JOUR\nTI  - Trust\nAU  - Doe, Jane\nPY  - 2014\n",
    "nbib": "PMID- 31452104\nTI  - Trust\nFAU - Doe, Jane\nDP  - 2014\n",
    "wos": "FN Clarivate\nVR 1.0\nPT J\nAU Doe, J\nTI Trust\nPY 2014\n",
    "ovid": "VN  - Ovid\nUI  - 1\nAU  - Doe J\nTI  - Trust\n",
    "refworks": "RT Journal Article\nSR Electronic(1)\nA1 Doe,Jane\nT1 Trust\n",
    "refer": "%0 Journal Article\n%A Doe, Jane\n%T Trust\n",
    "bibtex": "@article{a,\n title = {Trust},\n",
    "bibtex title": "@article{a,\n title = {",
    "bibtex author": "@article{a,\n title = {Trust}, author = {",
    "bibtex done": "@article{a,\n title = {Trust}}\n",
    "csv": "title,author,year\n",
    "csv semicolons": "title;author;year\n",
    "csv bars": "title|author|year\n",
    "tsv": "title\tauthor\tyear\n",
    "json": '[{"title": "Trust", "type": "book", "note": ',
    "json list": "[",
    "openalex": '[{"id": "https://openalex.org/W1", "title": "Trust", "abstract_inverted_index": ',
    "jsonl": '{"title": "Trust", "type": "book"}\n',
    "endnote": '<?xml version="1.0"?><xml><records><record><titles><title>',
    "endnote done": '<?xml version="1.0"?><xml><records><record><titles><title>A</title></titles></record>',
    "pubmed xml": "<PubmedArticleSet><PubmedArticle><ArticleTitle>",
    "nothing": "",
    "ris title": "TY  - JOUR\nTI  - ",
    "ris author": "TY  - JOUR\nTI  - Trust\nAU  - ",
    "nbib author": "PMID- 1\nTI  - Trust\nFAU - ",
    "wos author": "PT J\nTI Trust\nAU ",
    "ris author, two": "TY  - JOUR\nTI  - Trust\nAU  - Doe, J and Li, B ",
    "csv cell": 'title,author,year\n"Trust","',
}
"""How a file begins, by reader and place."""

REPEATED = [
    "a", " ", "\n", "\t", "a ", "a\n", " a\n", '"', '""', '","', '"\n', 'x"y,"z\n', "{", "}", "{}",
    "{a", "\\", "\\{", "\\textbf{", "\\'{e}", "\\emph{a} ", "$", "$x$ ", "(", "[", "[[", "[{", "]",
    '{"a":', '{"a":[', "[],", '"a",', ";", "; ", ",", ", ", "|", "&", "&amp;", "&lt;", "&#65;",
    "<a>", "<", ">", "</a>", "<i>", "<record>", "<title>", "<!--", "<![CDATA[", "<?", "@", "@a{", "@a{b,",
    "@string{a=b}\n", "@string{a=a#a}\n", "@comment{", "a = x\n", "a=", "a = {b},\n", "%", "% a\n",
    "#", "a # ", " and ", "Doe, J. and ", "Doe, Jane; ", "Doe J, ", "van der ", "Doe ", "D. ", ".",
    "and and ", "TY  - ", "TY  - JOUR\n", "TI  - a\n", "AU  - Doe, J\n", "AU - a\n", "ER  - \n",
    "PMID- 1\n", "PT J\n", "%0 Book\n", "%T a\n", "RT Book\n", "T1 a\n", "<1>\n", "ER\n", "-", "- ", "--", "1",
    "1-", "1 ", "10.1/", "https://", "http://a.b/ ", "é", "\u202e", "\u00a0", "罪", "Ã©", "ï»¿", "\x00", "\ufffd",
    "title,author,year\n", "title;", "title ", "title=", "title={", 'title = "', "\"title\": ", "Ã", "Ã¢â‚¬â„¢",
    "a,b,c\n", "a,b\n", ",,,,\n", "2014,", "2014 ", "\\\n", "TY-", "ty  - jour\n", "=", "\u2028", "\x85", "\x0b",
    "crossref={a},", "xdata={a,b},", "@book{a, crossref={a}}\n", "{\\", "a\\", "\\a", "\\\"", "~", "^", "_",
    "<sub>", "<jats:p>", "ab ", "abcdefghij", "A", "Aa", "aA ", "A.", "A.B. ", "(a) ", ": ", "Vol. ", "pp. ",
]  # fmt: skip
"""What is said again and again."""

_SLOW, _GROWS = 0.5, 1.35


def inputs(heads: list[str]) -> Iterator[tuple[str, Callable[[int], str]]]:
    for name, head in ((name, HEADS[name]) for name in heads or HEADS):
        for unit in REPEATED:
            yield (
                f"{name} + {unit!r}",
                lambda size, head=head, unit=unit: (head + unit * (1 + size // len(unit)))[:size],
            )


def seconds(run: Callable[[str], object], text: str) -> float:
    start = time.process_time()
    with contextlib.suppress(UnreadableExport):
        run(text)
    return time.process_time() - start


def read(text: str) -> None:
    read_text(decode(text.encode("utf-8", "replace")).text, "slow")


def main(size: int = 12_500, *heads: str) -> None:
    count = 0
    for name, made in inputs(list(heads)):
        count += 1
        first = seconds(read, made(8 * size))
        if first < 0.06:
            continue
        times = [min(seconds(read, made(n * size)) for _ in range(2)) for n in (1, 2, 4, 8)]
        exponent = math.log2(times[3] / times[1]) / 2
        if times[3] > 0.05 and (exponent > _GROWS or times[3] > _SLOW):
            shown = ", ".join(f"{t:.3f}" for t in times)
            print(f"{name}: {shown} s, exponent {exponent:.2f}", flush=True)
    print(f"{count:,} inputs of {8 * size:,} characters")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:])
