"""Which article denies a rumour that another one told: told in the same rare words, and not long after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rag.ingest.denials import Rumour
from rag.records import Article, Span
from rag.text.annotation import annotate
from rag.text.lexicon import rarity

__all__ = ["Told", "denied_elsewhere"]

# Days after a rumour in which it is denied; the dates of two papers may differ by one.
DAYS = 30
EARLY = 1
# Of the rumour's words, by how much they tell, the denial has this share, and its two rarest.
SHARE = 0.5
RAREST = 2
# Words that are too few to tell a rumour by.
LEAST = 3


@dataclass(frozen=True, slots=True)
class Told:
    """A rumour with the article that tells it."""

    article: Article
    rumour: Rumour


def denied_elsewhere(one: Told, others: Sequence[Told]) -> Iterator[tuple[str, Span]]:
    """Yield the other articles that deny a rumour, with the sentence that does."""
    asked = _told(one.article.text[one.rumour.claim.start : one.rumour.claim.end])
    if len(asked) < LEAST:
        return
    rarest = sorted(asked, key=lambda word: (-rarity(word), word))[:RAREST]
    for other in others:
        denial = other.rumour.denial
        if denial is None or other.article.id == one.article.id or not _follows(one.article, other.article):
            continue
        claim = other.rumour.claim
        said = f"{other.article.title}\n{other.article.text[claim.start : max(claim.end, denial.end)]}"
        shared = asked & _words(said)
        enough = sum(map(rarity, shared)) >= SHARE * sum(map(rarity, asked))
        if enough and shared.issuperset(rarest):
            yield other.article.id, denial


def _told(claim: str) -> set[str]:
    """Return the words of a rumour; of the clauses without a number, if these say enough: a denial leaves details out."""
    plain = [claim[a:b] for a, b in annotate(claim).clauses("，,；;") if not any(map(str.isdigit, claim[a:b]))]
    found = _words("\n".join(plain))
    return found if len(found) >= LEAST else _words(claim)


def _words(text: str) -> set[str]:
    return {word for word in annotate(text).content_words if len(word) > 1 and not word.isdigit()}


def _follows(one: Article, other: Article) -> bool:
    """Tell whether an article came out in the weeks after another; of one without a date it may be so."""
    if not one.published or not other.published:
        return True
    days = (date.fromisoformat(other.published[:10]) - date.fromisoformat(one.published[:10])).days
    return -EARLY <= days <= DAYS
