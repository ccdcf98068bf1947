"""The sentences that tell most of what an article says, for an overview that only quotes."""

from collections import Counter

from rag.answering.quotes import Quote
from rag.query.analysis import Query
from rag.records import Article, BlockKind, Span
from rag.text.annotation import annotate
from rag.text.dates import as_of
from rag.text.words import bigrams

__all__ = ["key_sentences"]

# Shorter ones are headings or cries, longer ones are not read at a glance.
SHORTEST, LONGEST = 12, 160
# What a figure, and each asked word, counts against the share of the article's own words.
FIGURE, ASKED = 0.15, 0.3
# What is said already counts so much less.
SAID = 0.7


def key_sentences(article: Article, query: Query, most: int) -> list[Quote]:
    """Return at most `most` sentences in the article's order: its lead, then those with most of its recurring words.

    A sentence with a figure or asked words goes before one without; what repeats a chosen one goes behind.
    """
    spans = _sentences(article)
    if not spans:
        return []
    pairs = {span: set(bigrams(article.text[span.start : span.end])) for span in spans}
    counts = Counter(pair for found in pairs.values() for pair in found)
    chosen = [spans[0]]
    said = set(pairs[spans[0]])
    while len(chosen) < min(most, len(spans)):
        rest = [span for span in spans if span not in chosen]
        best = max(rest, key=lambda span: _worth(article, query, span, pairs[span], counts, said))
        chosen.append(best)
        said |= pairs[best]
    return [_quote(article, span) for span in sorted(chosen, key=lambda span: span.start)]


def _sentences(article: Article) -> list[Span]:
    """Return the whole sentences of the paragraphs."""
    found = []
    for block in article.blocks:
        if block.kind is BlockKind.BODY:
            text = article.text[block.start : block.end]
            found += [Span(block.start + a, block.start + b) for a, b in annotate(text).sentences]
    return [
        span
        for span in found
        if SHORTEST <= len(span) <= LONGEST
        and article.text[span.start : span.end].rstrip("”’」』）)\n ")[-1:] in "。！？"
    ]


def _worth(
    article: Article, query: Query, span: Span, pairs: set[str], counts: Counter[str], said: set[str]
) -> float:
    """Return how much the sentence tells: the mean recurrence of its words, new ones more, figures and asked words besides."""
    words = annotate(article.text[span.start : span.end])
    new = sum((counts[pair] - 1) * (1 - SAID * (pair in said)) for pair in pairs)
    asked = [term for term in query.terms if words.has(term)]
    share = len(asked) / len(query.terms) if query.terms else 0.0
    return new / (len(pairs) + 10) + FIGURE * bool(words.quantities) + ASKED * share


def _quote(article: Article, span: Span) -> Quote:
    return Quote(article, span, (), None, as_of(article.text[span.start : span.end]), BlockKind.BODY)
