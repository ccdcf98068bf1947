"""Whole conversations of our own, asked of the real bot: how many turns are answered right, and from which article.

The articles and every fact in them are invented.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from benchmarks.conversations import ARTICLES, FLOORS, SETS, Asked, converse, shares
from rag.config import read_settings
from rag.evaluation.corpus import open_corpus
from rag.evaluation.questions import read_questions
from rag.pipeline import Run
from rag.query.follow_up.leaning import names_itself
from rag.text.characters import fold, squeeze
from tests.support.paths import DATA

TURNS = DATA / "conversations"


@pytest.fixture(scope="module")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[Asked]]:
    """Return the turns of each set as the bot answered them."""
    with open_corpus([ARTICLES], read_settings({}), tmp_path_factory.mktemp("index")) as bot:
        return {name: list(converse(bot, name)) for name in SETS}


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_as_many_turns_are_answered_right_as_were_before(
    name: str, conversations: Mapping[str, Sequence[Asked]]
) -> None:
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))[name]
    reached = shares(conversations[name])
    assert all(reached[key] >= least for key, least in floors.items()), reached


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.parametrize("name", SETS)
def test_an_answer_from_another_article_is_labelled_or_the_question_names_its_subject(
    name: str, conversations: Mapping[str, Sequence[Asked]]
) -> None:
    followed = [one for one in conversations[name] if one.before and one.before.answer.citations]
    other = [
        one for one in followed if one.run.answer.citations and _article(one.run) != _article(one.before)
    ]
    plain = [one for one in other if one.run.answer.understood_as == one.question.question]
    assert not [one.question.id for one in plain if not names_itself(one.question.question)]
    leaning = [one for one in other if one.run.search.reading.article_id]
    assert not [one.question.id for one in leaning if one in plain or one.run.search.reading.bound]


def _article(run: Run | None) -> str:
    return run.answer.citations[0].article_id if run and run.answer.citations else ""


def test_every_answer_stands_in_an_article_and_every_turn_after_the_first_follows_one() -> None:
    texts = squeeze(fold(ARTICLES.read_text(encoding="utf-8")))
    for path in sorted(Path(TURNS).glob("dialogues_*.jsonl")):
        known: set[tuple[str, ...]] = set()
        for question in read_questions([path]).questions:
            assert all(squeeze(fold(answer)) in texts for answer in question.answers), question.id
            assert not question.turns or question.turns in known, question.id
            known.add((*question.turns, question.question))
