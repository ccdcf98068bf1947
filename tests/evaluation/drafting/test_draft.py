"""Drafts of questions: what is asked of a clause, what is left alone, and that nobody takes them for read ones."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rag.cli.app import app
from rag.errors import EvalError
from rag.evaluation.drafting.clauses import ask_of, swap_place
from rag.evaluation.drafting.draft import draft_json, drafts, write_drafts
from rag.evaluation.gate import Floors, raised
from rag.evaluation.questions import questions_digest, read_questions
from rag.index.build.builder import build
from rag.index.store import Store
from rag.text.characters import fold
from tests.support.fakes import FakeEmbedder
from tests.support.paths import ROOT

ARTICLES = ROOT / "tests" / "data" / "articles"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("drafts")
    build([ARTICLES], folder, FakeEmbedder())
    with Store.open(folder, "fake", 64) as opened:
        yield opened


@pytest.mark.parametrize(
    ("clause", "question", "answers"),
    [
        ("北海港共有集装箱航线30条。", "北海港共有集装箱航线多少条？", ("30条",)),
        ("合肥市共建成充电桩约2.3万个", "合肥市共建成充电桩多少个？", ("约2.3万个", "2.3万个")),
        ("北海港集团8月28日召开股东大会", "北海港集团什么时候召开股东大会？", ("8月28日",)),
        ("成都自然博物馆于5月6日开馆迎客", "成都自然博物馆什么时候开馆迎客？", ("5月6日",)),
        ("成都自然博物馆将于5月6日开馆", "成都自然博物馆将于什么时候开馆？", ("5月6日",)),
    ],
)
def test_a_clause_is_asked_for_what_it_states(clause: str, question: str, answers: tuple[str, ...]) -> None:
    [asked] = ask_of(clause)
    assert (asked.question, asked.answers) == (question, answers)


@pytest.mark.parametrize(
    "clause",
    [
        "日均发送旅客3.04万人次",  # of whom, only the article says
        "其中女子组有8支球队参加",
        "陇原大学2024级新生报到",
        "北海港集团7月10日发布消息",  # when it was told, not when it was
        "成都有5座公园和3个湖泊",  # two numbers: which one is asked for?
        "他说：“成都有5座公园”",
        "成都",
    ],
)
def test_what_leans_on_its_article_or_asks_nothing_is_left_alone(clause: str) -> None:
    assert not ask_of(clause)


def test_another_place_is_asked_for_in_the_same_words() -> None:
    swapped = swap_place("合肥市共建成充电桩多少个？", "兰州")
    assert swapped is not None
    assert swapped.question == "兰州共建成充电桩多少个？"
    assert swapped.looked_for == "兰州 充电"
    assert swap_place("合肥市共建成充电桩多少个？", "合肥") is None
    assert swap_place("共建成充电桩多少个？", "兰州") is None


def test_drafts_are_of_many_articles_and_say_what_their_text_says(store: Store) -> None:
    found = drafts(store, 24)
    assert len({one.question for one in found}) == len(found) == 24
    answered = [one for one in found if one.answers]
    assert len({one.article for one in answered}) >= 12
    assert len(found) - len(answered) >= 3
    for one in answered:
        text = store.article(one.article).text
        assert one.quote in text
        assert all(fold(answer) in fold(one.quote) for answer in one.answers)


def test_the_same_seed_draws_the_same_and_another_others(store: Store) -> None:
    first, second = drafts(store, 8, seed=1), drafts(store, 8, seed=1)
    assert first == second
    assert first != drafts(store, 8, seed=2)


def test_an_index_that_states_nothing_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("春风\n春风又绿江南岸，明月何时照我还。\n", encoding="utf-8")
    build([tmp_path / "a.txt"], tmp_path / "index", FakeEmbedder())
    with Store.open(tmp_path / "index", "fake", 64) as store, pytest.raises(EvalError, match="No article"):
        drafts(store, 3)


def test_a_file_of_drafts_is_read_as_questions_that_are_marked(store: Store, tmp_path: Path) -> None:
    found = drafts(store, 12)
    write_drafts(tmp_path / "a.csv", found)
    rows = b"".join(json.dumps(draft_json(one)).encode() + b"\n" for one in found)
    (tmp_path / "a.jsonl").write_bytes(rows)
    for name in ("a.csv", "a.jsonl"):
        read = read_questions([tmp_path / name])
        assert not read.bad
        assert [(one.question, one.answers, one.draft) for one in read.questions] == [
            (one.question, one.answers, True) for one in found
        ]
    with pytest.raises(EvalError, match="is there already"):
        write_drafts(tmp_path / "a.csv", found)  # somebody may have mended it
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        table = list(csv.DictReader(file))
    assert {row["draft"] for row in table} == {"true"}
    assert all(row["quote"] for row in table)


def test_reading_a_draft_changes_nothing_of_what_is_asked(tmp_path: Path) -> None:
    digests = []
    for mark in ("是", "否", ""):
        path = tmp_path / "a.csv"
        path.write_text(f"问题,答案,草稿\n成都有多少公园？,5座,{mark}\n", encoding="utf-8")
        [question] = read_questions([path]).questions
        assert question.draft is (mark == "是")
        digests.append(questions_digest([question]))
    assert len(set(digests)) == 1


def test_no_floor_is_taken_from_drafts() -> None:
    meta = {
        "questions_digest": "q",
        "articles_digest": "a",
        "mode": "end-to-end",
        "partial": False,
        "drafts": 3,
    }
    with pytest.raises(EvalError, match="3 questions are drafts"):
        raised({"summary": {}, "meta": meta}, Floors(), allow_regression=True)


@pytest.mark.model
def test_the_command_drafts_and_eval_says_what_they_are(seeds_index: Path, tmp_path: Path) -> None:
    table = tmp_path / "drafts.csv"
    made = CliRunner().invoke(
        app, ["eval", "draft", "-n", "3", "--index", str(seeds_index), "--out", str(table)]
    )
    assert made.exit_code == 0, made.stderr
    assert "3 drafts: read each" in made.stderr
    lines = CliRunner().invoke(app, ["eval", "draft", "-n", "3", "--index", str(seeds_index)])
    assert all(json.loads(line)["draft"] is True for line in lines.stdout.splitlines())
    asked = CliRunner().invoke(app, ["eval", str(table), "--index", str(seeds_index)])
    assert asked.exit_code == 0, asked.stderr
    assert "3 of 3 questions are drafts that nobody has read" in asked.stderr
