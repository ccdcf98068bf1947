from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

import pytest

from rag.answering.answer import Reply
from rag.answering.ranking import choose, limits, weights
from rag.explain import explain
from rag.index.store import Store
from rag.pipeline import Reading, Run, Search, Trial
from rag.query.analysis import Query
from rag.records import Candidate, Hit
from rag.render.explain_text import explain_text
from rag.request import Request
from rag.retrieval.retriever import Found, Ranking
from tests.support.hand import candidate, make, passages, query
from tests.support.sample import answered

STORY = make(
    "截至2023年底，滨江新区建成口袋公园36座，比上年多8座。", "河东新区有公园9座。", title="滨江新区公园"
)
FEATURES = {"bigrams": 0.5, "coverage": 0.8, "dense": 0.9, "asking": 0.0, "names": 1.0}


def run_of(
    asked: Query,
    hits: Sequence[Hit],
    legs: Mapping[str, Found],
    found: Sequence[Candidate],
    least: float | None,
) -> Run:
    """Return a run that found these hits and possible answers."""
    ranking = Ranking(cast(Store, None), legs=dict(legs))
    search = Search(Request(asked.text), Reading(asked, asked.text), ranking, tuple(hits))
    choices = tuple(choose(asked, found))
    return Run(search, (), tuple(found), choices, limits(least), Reply(None, 0.0), answered())


def explained(question: str, *said: str, least: float | None = 0.5) -> Any:
    hits = [
        Hit(passage, number, 2.0 - number / 10, FEATURES) for number, passage in enumerate(passages(STORY), 1)
    ]
    # The reader likes them less and less.
    found = [candidate(STORY, words, 5.0 - place) for place, words in enumerate(said)]
    legs: Mapping[str, Found] = {"lexical": [(2, 7.5), (1, 3.25)], "dense": [(1, 0.9)]}
    return explain(run_of(query(question), hits, legs, found, least))


def test_a_hit_says_what_each_feature_adds_and_which_search_found_it() -> None:
    first, second = explained("滨江新区有多少座公园？")["hits"]
    assert (first["rank"], first["passage_id"], first["start"]) == (1, 1, passages(STORY)[0].start)
    assert first["legs"] == {"lexical": {"rank": 2, "score": 3.25}, "dense": {"rank": 1, "score": 0.9}}
    assert second["legs"]["dense"] is None
    for feature in first["features"].values():
        assert round(feature["value"] * feature["weight"], 3) == round(feature["adds"], 3)


def test_the_choices_are_in_order_with_what_they_lack() -> None:
    said = explained("滨江新区有多少座公园？", "36座", "9座", least=0.0)
    best, second = said["choices"]
    assert (best["text"], best["unmet"], best["refused_for"]) == ("36座", [], [])
    assert best["score"] > second["score"]
    difference = best["score"] - second["score"]
    assert sum(said["decided_by"].values()) == pytest.approx(difference, abs=0.01)
    assert list(map(abs, said["decided_by"].values())) == sorted(
        map(abs, said["decided_by"].values()), reverse=True
    )


def test_a_refusal_says_which_demand_nothing_meets() -> None:
    (only,) = explained("第三批名单有多少座公园？", "36座", least=0.0)["choices"]
    assert {"kind": "ordinal", "asked": "第三批", "found": ""} in only["unmet"]
    assert only["refused_for"] == []  # it costs, but proves nothing
    assert "第三批" in explain_text(explained("第三批名单有多少座公园？", "36座"))
    (only,) = explained("2021年底滨江新区有多少座口袋公园？", "36座", least=0.0)["choices"]
    assert {"kind": "time", "asked": "2021年底", "found": "截至2023年底"} in only["unmet"]
    assert only["refused_for"] == ["unmet"]


def test_confidence_is_measured_against_what_is_needed() -> None:
    assert explained("滨江新区有多少座公园？", "36座", least=1.0)["choices"][0]["refused_for"] == [
        "confidence"
    ]
    assert explained("滨江新区有多少座公园？", "36座", least=None)["least"] == weights()["limits"]["likely"]


def test_nothing_found_is_explained_too() -> None:
    said = explain(run_of(query("滨江新区有多少座公园？"), [], {"lexical": [], "dense": []}, [], None))
    assert (said["hits"], said["choices"], said["decided_by"]) == ([], [], {})
    assert "滨江新区有多少座公园？" in explain_text(said)


def test_the_tables_show_every_number_that_counts() -> None:
    text = explain_text(explained("2023年滨江新区有多少座口袋公园？", "36座", "8座"))
    for words in ("type=number", "period=2023年", "词#2 义#1", "coverage 0.80×", "第一与第二之差"):
        assert words in text
    assert "title 0.00" not in text


def test_article_text_cannot_drive_the_terminal() -> None:
    story = make("园区有\x1b[31m9座\x1b[0m公园。", title="\x1b]0;标题\x07")
    hits = [Hit(passage, 1, 1.0, FEATURES) for passage in passages(story)]
    said = explain(run_of(query("园区有多少座公园？"), hits, {}, [candidate(story, "\x1b[31m9座")], None))
    assert "\x1b" not in explain_text(said)


def test_the_readings_of_a_follow_up_are_shown_with_their_certainty() -> None:
    hits = [Hit(passage, number, 2.0, FEATURES) for number, passage in enumerate(passages(STORY), 1)]
    run = run_of(query("滨江新区有多少座公园？"), hits, {}, [candidate(STORY, "36座")], 0.5)
    trial = Trial(run.search, (), run.candidates, run.choices)
    said = explain(replace(run, tried=(trial,)))
    assert "readings" not in explain(run)
    assert [(one["text"], one["answer"], one["chosen"]) for one in said["readings"]] == [
        ("滨江新区有多少座公园？", "36座", True)
    ]
    assert "试过的读法" in explain_text(said)
