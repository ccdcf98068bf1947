"""What each stage gave, and that it is what was used."""

from collections.abc import Sequence

import pytest

from rag.bot import Bot
from rag.pipeline import Stopwatch, _chosen
from rag.records import Hit, Reader, Reading
from rag.request import Request
from rag.retrieval.retriever import Ranking
from tests.support.hand import hit, make, passages

ASKED = "成都有多少5G基站"


def test_a_stopwatch_names_its_laps_in_order_and_their_total() -> None:
    clock = Stopwatch()
    clock.lap("read")
    clock.lap("answer")
    laps = clock.laps()
    assert list(laps) == ["read", "answer", "total"]
    assert laps["total"] == pytest.approx(laps["read"] + laps["answer"], abs=0.02)


class Ranked(Ranking):
    """Hits in a given order."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        object.__setattr__(self, "kept", list(hits))

    kept: list[Hit]

    def hits(self, start: int, stop: int) -> list[Hit]:
        return self.kept[start:stop]


def test_where_all_hits_are_of_one_article_others_are_read_too() -> None:
    one, other = make("甲一。", "甲二。", "甲三。"), make("乙一。")
    ranking = Ranked([hit(passage, number=n) for n, passage in enumerate([*passages(one), *passages(other)])])
    assert [found.passage_id for found in _chosen(ranking, 1)] == [0, 3]
    assert [found.passage_id for found in _chosen(ranking, 4)] == [0, 1, 2, 3]


def test_short_passages_leave_room_for_others() -> None:
    lines = make(
        *(f"{name}{'说' * length}。" for name, length in zip("甲乙丙丁", (20, 20, 20, 300), strict=True))
    )
    ranking = Ranked([hit(passage, number=n) for n, passage in enumerate(passages(lines))])
    assert [found.passage_id for found in _chosen(ranking, 1)] == [0]
    assert [found.passage_id for found in _chosen(ranking, 2)] == [0, 1, 2]
    assert [found.passage_id for found in _chosen(ranking, 4)] == [0, 1, 2, 3]


class Keeping:
    """A reader that keeps what it was shown."""

    def __init__(self, reader: Reader) -> None:
        self.reader, self.name = reader, reader.name
        self.texts: list[str] = []

    def read(
        self, question: str, texts: Sequence[str], *, best: int = 3, titles: Sequence[str] = ()
    ) -> list[list[Reading]]:
        self.texts += texts
        return self.reader.read(question, texts, best=best, titles=titles)


@pytest.mark.model
@pytest.mark.parametrize("k", [1, 2, 5, 20])
def test_a_run_has_the_hits_that_were_read(seeds_bot: Bot, monkeypatch: pytest.MonkeyPatch, k: int) -> None:
    keeping = Keeping(seeds_bot.reader)
    monkeypatch.setattr(seeds_bot, "reader", keeping)
    run = seeds_bot.run(Request(ASKED, k=k))
    # Each is read twice, without its headline and with it; the best first, others where those leave doubt.
    assert sorted([one.hit.passage.text for one in run.reads] * 2) == sorted(keeping.texts)
    assert [one.hit for one in run.reads] == [hit for hit in run.hits if hit.passage_id in run.read_ids]
    assert {one.hit.passage_id for one in run.reads} <= {one.passage_id for one in run.hits}
    assert {choice.candidate.hit.passage_id for choice in run.choices} <= run.read_ids
    assert run.choices[0].candidate.text == run.answer.answer
    assert list(run.hits[:k]) == run.search.ranking.hits(0, k)


@pytest.mark.model
@pytest.mark.parametrize("k", [1, 2, 5, 20])
def test_a_trace_shows_every_passage_that_was_read(
    seeds_bot: Bot, monkeypatch: pytest.MonkeyPatch, k: int
) -> None:
    keeping = Keeping(seeds_bot.reader)
    monkeypatch.setattr(seeds_bot, "reader", keeping)
    trace = seeds_bot.trace(Request(ASKED, k=k))
    read = [one.passage.text for one in trace.passages if one.read]
    assert sorted(read * 2) == sorted(keeping.texts)  # without its headline and with it


@pytest.mark.model
def test_a_search_is_a_run_as_far_as_retrieval(seeds_bot: Bot) -> None:
    request = Request(ASKED, k=3)
    found, run = seeds_bot.search(request), seeds_bot.run(request)
    assert (found.query, found.hits) == (run.query, run.hits)
    assert found.ranking is run.search.ranking


@pytest.mark.model
def test_what_is_shown_is_read_in_place_of_what_would_be_found(seeds_bot: Bot) -> None:
    last = seeds_bot.search(Request(ASKED)).ranking.hits(8, 9)
    run = seeds_bot.run(Request(ASKED), shown=last)
    assert run.hits == tuple(last)
    assert len(run.search.ranking) == 0


@pytest.mark.model
def test_an_explanation_searches_nothing_again(seeds_bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[object] = []
    own = seeds_bot.store.search_lexical

    def search(*given: object, **more: object) -> object:
        searched.append(given)
        return own(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(seeds_bot.store, "search_lexical", search)
    monkeypatch.setattr(seeds_bot.retriever, "_kept", type(seeds_bot.retriever._kept)())
    explained = seeds_bot.ask(ASKED, explain=True).explain
    assert explained is not None
    assert explained["hits"][0]["legs"]["lexical"]["rank"] >= 1
    once = len(searched)
    seeds_bot.ask(ASKED)
    assert len(searched) < 2 * once
