"""Compare ways to find the article on a saved page: `python -m benchmarks.pages_extraction [--each 6] [--shown]`.

The pages are those of `tests/support/page_designs.py`: designs of our own around stories of our own, with every
sentence and title that is not the article's known. `body` is F1 over characters against the story, `whole` the share
of pages whose body has .95, `clean` the share without a foreign sentence or title, `ms` CPU time a page. readability-lxml is
measured if it is installed (`pip install readability-lxml`), the others come with us. The last table is what a build
makes of the pages: title, date, author and publisher right, or empty.
"""

import argparse
import importlib.util
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from statistics import mean
from typing import Any

import justext
import trafilatura
from lxml import html

from rag.errors import IngestError
from rag.ingest.articles import read_articles
from rag.ingest.converters.html_page import read_html
from rag.records import Article, BlockKind
from rag.text.characters import squeeze
from tests.support.page_designs import Design, designs

__all__ = ["body_f1", "body_text", "clean_of", "fields_right", "read_page"]

# A foreign text is told by so many of its first characters.
TOLD = 18
KINDS = (BlockKind.BODY, BlockKind.HEADING, BlockKind.CAPTION, BlockKind.SUBTITLE)


def ours(page: str) -> str:
    """Read with our own rule."""
    try:
        return read_html(Path("a.html"), page.encode()).text
    except IngestError:
        return ""


def with_trafilatura(page: str) -> str:
    """Read as trafilatura does, without comments."""
    found: Any = trafilatura.bare_extraction(page, include_comments=False, with_metadata=False)
    return (found.text or "") if found else ""


def with_justext(page: str) -> str:
    """Read as jusText does, without stop words and with lengths for Chinese: a third of its own."""
    found = justext.justext(
        page, frozenset(), stopwords_low=0, stopwords_high=0, length_low=20, length_high=60
    )
    return "\n".join(part.text for part in found if not part.is_boilerplate)


def with_readability(page: str) -> str:
    """Read as readability-lxml does."""
    import readability

    return str(html.fromstring(readability.Document(page).summary()).text_content())


def ways() -> Iterator[tuple[str, Callable[[str], str]]]:
    """Yield the ways that are installed."""
    yield "our own", ours
    yield "trafilatura", with_trafilatura
    yield "jusText", with_justext
    if importlib.util.find_spec("readability"):
        yield "readability-lxml", with_readability


def body_f1(text: str, design: Design) -> float:
    """Return the F1 over characters of a text against the story's paragraphs; a headline in it costs nothing."""
    found = Counter(squeeze(text.replace(design.title, "", 1)))
    story = Counter(squeeze("".join(design.body)))
    return 2 * (found & story).total() / max(found.total() + story.total(), 1)


def clean_of(text: str, design: Design) -> bool:
    """Say whether nothing foreign is in a text."""
    plain = squeeze(text)
    return not any(squeeze(words)[:TOLD] in plain for words in design.foreign)


def read_page(design: Design, folder: Path) -> Article | None:
    """Build an article from a page, None where it is refused."""
    path = folder / "page.html"
    path.write_bytes(design.html.encode(design.charset))
    try:
        (entry,) = read_articles(path)
    except IngestError:
        return None
    return entry[1] if isinstance(entry, tuple) else None


def fields_right(article: Article, design: Design) -> Mapping[str, bool]:
    """Say which fields are right; an author or publisher may also be missing."""
    return {
        "title": article.title == design.title,
        "date": article.published == design.published,
        "author": article.author in ("", design.author),
        "author said": article.author == design.author,
        "publisher": article.publisher in ("", design.publisher),
        "publisher said": article.publisher == design.publisher,
    }


def body_text(article: Article) -> str:
    """Return the words of an article that are quoted."""
    return "\n".join(article.text[one.start : one.end] for one in article.blocks if one.kind in KINDS)


def main(each: int, shown: bool) -> None:
    """Print the tables."""
    pages = designs(each)
    print(
        f"{len(pages)} pages of {len(pages) // each} designs\n\n| way | body | whole | clean | ms |\n|---|---|---|---|---|"
    )
    for name, read in ways():
        read(next(iter(pages.values())).html)
        began = time.process_time()
        texts = {key: read(page.html) for key, page in pages.items()}
        spent = 1000 * (time.process_time() - began) / len(pages)
        scores = [body_f1(texts[key], page) for key, page in pages.items()]
        clean = mean(clean_of(texts[key], page) for key, page in pages.items())
        print(
            f"| {name} | {mean(scores):.3f} | {mean(s >= 0.95 for s in scores):.1%} | {clean:.1%} | {spent:.1f} |"
        )
    rows: list[Mapping[str, bool]] = []
    with tempfile.TemporaryDirectory() as folder:
        for key, page in pages.items():
            article = read_page(page, Path(folder))
            found = fields_right(article, page) if article else {}
            text = body_text(article) if article else ""
            rows.append(
                {
                    "read": article is not None,
                    "body": body_f1(text, page) >= 0.95,
                    "clean": clean_of(text, page),
                    **found,
                }
            )
            if shown and (
                wrong := [name for name, right in rows[-1].items() if not right and "said" not in name]
            ):
                print(
                    key,
                    wrong,
                    article and (article.title, article.published, article.author, article.publisher),
                )
    names = dict.fromkeys(name for row in rows for name in row)
    print("\n| " + " | ".join(names) + " |\n|" + "---|" * len(names))
    print("| " + " | ".join(f"{mean(row.get(name, False) for row in rows):.1%}" for name in names) + " |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=str(__doc__).split("\n", 1)[0])
    parser.add_argument("--each", type=int, default=6, help="pages of each design")
    parser.add_argument("--shown", action="store_true", help="name the pages that were read wrongly")
    given = parser.parse_args()
    main(given.each, given.shown)
