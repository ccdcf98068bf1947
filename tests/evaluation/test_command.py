"""The eval command over the seeds: what it writes, how it stops, and the gate."""

import csv
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

import ir_measures
import numpy as np
import pytest
from ir_measures import RR, Success, nDCG
from typer.testing import CliRunner

from rag.bot import Bot
from rag.cli.app import app
from rag.config import read_settings
from rag.errors import EvalError, RagError
from rag.evaluation.command import Options
from rag.evaluation.command import run as run_evaluation
from rag.evaluation.corpus import articles_digest, context_articles, open_corpus, open_reading
from rag.evaluation.gate import read_floors
from rag.evaluation.gold import Gold
from rag.evaluation.lost import STAGES, lost_at
from rag.evaluation.match import f1
from rag.evaluation.questions import Question, read_questions
from rag.evaluation.rows import read_run, row_json
from rag.evaluation.run import evaluate
from rag.evaluation.scores import score
from rag.pipeline import Run
from rag.records import Answer, Context, Hit, Refusal, Turn
from rag.request import Request
from tests.support.hand import hit, make, passages
from tests.support.paths import ROOT
from tests.support.sample import answered, refused
from tests.support.sample import citation as cite

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("remembered")]

TODAY = date(2024, 12, 1)
SEED = "000_259af730f4f849ae.txt"
ASKED = (
    {"id": "5g", "question": "成都有多少5G基站", "answers": ["超8万个"], "articles": [SEED], "qualifiers": ["截至2023年底"]},
    {"id": "4g", "question": "成都4G基站有多少个？", "answers": ["7.8万个"], "articles": [SEED]},
    {"id": "all", "question": "成都共建成多少移动通信基站？", "answers": ["15.96万个"], "articles": [SEED]},
    {"id": "no", "question": "上海有多少5G基站？", "answers": [], "answerable": False},
)  # fmt: skip
ROW_KEYS = {
    *("id", "question", "answers", "answerable", "result", "scores", "lost_at"),
    *(
        "answer_groups",
        "article_ids",
        "type",
        "silver",
        "qualifiers",
        "cluster",
        "rank",
        "error",
        "ranked",
        "gold",
    ),
}


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in ASKED))
    return path


@pytest.fixture
def bot(seeds_bot: Bot, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """Return the shared bot, which the command opens in place of its own."""
    monkeypatch.setattr("rag.evaluation.command._open", lambda *_: nullcontext(seeds_bot))
    return seeds_bot


@dataclass(frozen=True)
class Said:
    """What the command left behind."""

    code: int
    out: str
    err: str


def youju(*arguments: str | Path) -> Said:
    """Run `eval` in this process; an error of ours is one sentence, as `main` says it."""
    result = CliRunner().invoke(app, ["eval", *map(str, arguments), "--today", TODAY.isoformat()])
    if isinstance(result.exception, RagError):
        return Said(1, result.stdout, f"{result.stderr}youju: {result.exception}")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def failing(bot: Bot, monkeypatch: pytest.MonkeyPatch, word: str, error: BaseException) -> Callable[..., Run]:
    """Let the bot raise `error` at questions with `word` in them."""
    own = bot.run

    def run(request: Request, **more: Any) -> Run:
        if word in request.question:
            raise error
        return own(request, **more)

    monkeypatch.setattr(bot, "run", run)
    return run


# --- rows and summary


def test_a_row_for_each_question_and_then_the_summary(bot: Bot, questions: Path, tmp_path: Path) -> None:
    said = youju(questions, "--json", tmp_path / "out.jsonl")
    assert said.code == 0
    found = read_run(tmp_path / "out.jsonl")
    assert [row["id"] for row in found.rows] == ["5g", "4g", "all", "no"]
    assert all(row.keys() == ROW_KEYS for row in found.rows)
    assert found.rows[0]["result"]["answer"] == "超8万个"
    assert found.rows[0]["scores"]["answer_in_quote"] == found.rows[0]["scores"]["qualifiers"] == 1
    assert found.rows[0]["rank"] == 1
    assert found.rows[3]["scores"]["false_answer"] == 0
    assert found.last.keys() == {"summary", "by", "curves", "meta"}
    assert found.last["summary"]["answer_in_quote"]["value"] == 1
    assert found.last["summary"]["false_answer_rate"]["value"] == 0
    assert found.last["meta"]["asked"] == 4
    assert found.last["meta"]["today"] == "2024-12-01"
    assert "answer_in_quote" in said.out


def test_the_files_for_trec_give_the_scores_of_the_summary(bot: Bot, questions: Path, tmp_path: Path) -> None:
    spaced = {"id": "5g 又", "question": "成都有多少5G基站", "answers": ["超8万个"], "articles": [SEED]}
    questions.write_bytes(questions.read_bytes() + json.dumps(spaced).encode() + b"\n")
    said = youju(questions, "--trec", tmp_path / "trec", "--json", tmp_path / "out.jsonl")
    assert said.code == 0
    assert "run.txt: 4 questions, qrels.txt: 4" in said.err
    files: Any = ir_measures  # its readers have no types
    qrels = list(files.read_trec_qrels(str(tmp_path / "trec" / "qrels.txt")))
    run = list(files.read_trec_run(str(tmp_path / "trec" / "run.txt")))
    assert {unquote(one.query_id) for one in qrels} == {"5g", "4g", "all", "5g 又"}
    measures = {nDCG @ 10: "ndcg@10", RR: "mrr", Success @ 1: "hit@1"}
    told = read_run(tmp_path / "out.jsonl").last["summary"]
    for measure, value in ir_measures.calc_aggregate([*measures], qrels, run).items():
        assert value == pytest.approx(told[measures[measure]]["value"], abs=1e-4)


def test_where_nothing_was_ranked_trec_says_so(bot: Bot, tmp_path: Path) -> None:
    path = tmp_path / "no.jsonl"
    path.write_text(json.dumps(ASKED[3]) + "\n", encoding="utf-8")
    said = youju(path, "--trec", tmp_path / "trec")
    assert (said.code, "no question was searched for" in said.err) == (1, True)
    assert not (tmp_path / "trec").exists()


def test_json_on_stdout_is_all_there_is_on_stdout(bot: Bot, questions: Path) -> None:
    said = youju(questions, "--json", "-", "--limit", "1")
    lines = [json.loads(line) for line in said.out.split("\n") if line]
    assert [set(line) for line in lines] == [ROW_KEYS, {"summary", "by", "curves", "meta"}]


@pytest.mark.usefixtures("anew")
def test_the_same_run_twice_gives_the_same_rows_but_for_the_time(
    bot: Bot, questions: Path, tmp_path: Path
) -> None:
    runs = []
    for name in ("a", "b"):
        youju(questions, "--json", tmp_path / name)
        runs.append(read_run(tmp_path / name).rows)
    for row in (row for rows in runs for row in rows):
        row["result"].pop("timings_ms")
    assert runs[0] == runs[1]


def test_bad_rows_and_missing_articles_are_named_once(bot: Bot, tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    with path.open("w", encoding="gbk", newline="") as file:
        table = csv.writer(file)
        table.writerow(["id", "question", "answers", "articles"])
        table.writerow(["1", "成都有多少5G基站", "超8万个", "gone.txt"])
        table.writerow(["1", "成都有多少4G基站", "7.8万个", "gone.txt"])
    said = youju(path, "--json", tmp_path / "out.jsonl")
    assert "not asked: q.csv, line 3: has the id '1' of line 2" in said.err
    assert said.err.count("gone.txt") == 1
    line = read_run(tmp_path / "out.jsonl").last
    assert line["meta"]["bad_rows"] == [{"file": "q.csv", "line": 3, "reason": "has the id '1' of line 2"}]
    assert line["summary"]["hit@10"]["value"] == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.jsonl"], "none.jsonl cannot be read"),
        (["none.doc"], "is no question file"),
        (["q.csv", "--articles", "none.txt"], "There are no articles in none.txt"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("q.csv").write_text("question,answers\n问什么,答\n", encoding="utf-8")
    said = youju(*arguments)
    assert (said.code, said.out) == (1, "")
    assert sentence in said.err
    assert said.err.count("youju: ") == said.err.count("\n") + 1


# --- crashes and stops


def test_a_question_that_crashes_is_wrong_and_named_once(
    bot: Bot, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(bot, monkeypatch, "4G", KeyError("损坏"))
    said = youju(questions, "--json", tmp_path / "out.jsonl")
    assert said.code == 0
    found = read_run(tmp_path / "out.jsonl")
    row = found.rows[1]
    assert (row["result"], row["lost_at"], row["error"]) == (None, "crashed", "KeyError: '损坏'")
    assert row["scores"]["right"] == row["scores"]["hit@1"] == 0
    assert found.last["summary"]["right"]["value"] == pytest.approx(2 / 3, abs=1e-4)
    assert said.err.count("crashed: 4g: KeyError") == 1
    assert found.last["meta"]["crashed"] == [{"id": "4g", "error": "KeyError: '损坏'"}]


def test_ctrl_c_keeps_what_was_scored(
    bot: Bot, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(bot, monkeypatch, "移动通信", KeyboardInterrupt())
    said = youju(questions, "--json", tmp_path / "out.jsonl")
    assert said.code == 130
    found = read_run(tmp_path / "out.jsonl")
    assert [row["id"] for row in found.rows] == ["5g", "4g"]
    assert found.last["meta"]["partial"]
    assert found.last["summary"]["right"]["n"] == 2


def test_a_stopped_run_goes_on_where_it_was(
    bot: Bot, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.jsonl"
    with monkeypatch.context() as patch:
        failing(bot, patch, "移动通信", KeyboardInterrupt())
        youju(questions, "--json", out)
    failing(bot, monkeypatch, "4G", AssertionError("asked again"))
    assert youju(questions, "--json", out, "--resume").code == 0
    found = read_run(out)
    assert sorted(row["id"] for row in found.rows) == ["4g", "5g", "all", "no"]
    assert found.last["meta"]["crashed"] == []
    assert not found.last["meta"]["partial"]


# --- how it asks


def test_a_dialogue_is_asked_turn_by_turn_and_its_last_question_scored(
    seeds_bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Sequence[Turn], date | None]] = []
    own = seeds_bot.run

    def run(request: Request, **more: Any) -> Run:
        asked.append((request.question, request.history, request.today))
        return own(request, **more)

    monkeypatch.setattr(seeds_bot, "run", run)
    question = Question(
        "1", "那4G呢？", ("7.8万个",), turns=("成都有多少5G基站",), question_date="2024-11-20"
    )
    [row] = evaluate(seeds_bot, [question], today=TODAY)
    day = date(2024, 11, 20)
    assert asked == [
        ("成都有多少5G基站", (), day),
        ("那4G呢？", (Turn("成都有多少5G基站", "超8万个"),), day),
    ]
    assert row.scores["right"] == 1
    assert row.rank is not None


def test_a_question_is_embedded_once(seeds_bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    embedded: list[list[str]] = []
    own = seeds_bot.retriever.embedder

    class Counting:
        name, dim = own.name, own.dim

        def embed(self, texts: Sequence[str], *, kind: Any) -> Any:
            embedded.append(list(texts))
            return own.embed(texts, kind=kind)

    monkeypatch.setattr(seeds_bot.retriever, "embedder", Counting())
    monkeypatch.setattr(seeds_bot.retriever, "_kept", OrderedDict())
    list(evaluate(seeds_bot, [Question("1", "成都有多少5G基站", ("超8万个",))], today=TODAY))
    assert len(embedded) == 1


def test_reading_shows_the_gold_article_alone(seeds_bot: Bot) -> None:
    questions = [
        Question("1", "成都有多少5G基站", ("超8万个",), article_ids=(SEED,)),
        Question("2", "成都有多少5G基站", ("超8万个",), article_ids=("none",)),
    ]
    here, nowhere = evaluate(seeds_bot, questions, mode="reading", today=TODAY)
    assert here.result is not None
    assert here.scores["right"] == 1
    texts = [
        p.text
        for p in seeds_bot.store.passages(seeds_bot.store.passage_ids_of(here.result.citations[0].article_id))
    ]
    spans = [
        (span.margin, text[span.start : span.end])
        for text, found in zip(texts, seeds_bot.reader.read("成都有多少5G基站", texts), strict=True)
        for span in found
    ]
    assert here.scores["reader_f1"] == pytest.approx(f1(max(spans)[1], ["超8万个"]))
    assert here.scores["hit@1"] is None
    assert {one.source.split("/")[-1] for one in here.result.citations} == {SEED}
    assert (nowhere.scores["right"], nowhere.lost_at) == (0, "in_no_passage")


# --- articles of its own

HALL = "江北图书馆开馆\n\n5月4日，江北图书馆正式开馆，馆藏图书52万册。\n"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "图书馆.txt"
    path.write_text(HALL, encoding="utf-8")
    return path


def contents(folder: Path) -> Mapping[str, float]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}


def test_an_index_of_articles_is_kept_by_what_it_was_made_from(library: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    settings = read_settings({})
    with open_corpus([library], settings, cache) as bot:
        before, files = articles_digest(bot.store), contents(cache)
        [row] = evaluate(
            bot, [Question("1", "江北图书馆馆藏图书多少册？", ("52万册",), article_ids=("图书馆.txt",))]
        )
        assert row.scores["answer_in_quote"] == 1
    with open_corpus([library], settings, cache) as bot:
        assert articles_digest(bot.store) == before
    done = [path for path in files if path.endswith("complete")]
    assert [contents(cache)[path] for path in done] == [files[path] for path in done]
    library.write_text(HALL.replace("52", "53"), encoding="utf-8")
    with open_corpus([library], settings, cache) as bot:
        assert articles_digest(bot.store) != before
    assert len(list(cache.glob("*/complete"))) == 2


def test_squad_questions_are_read_in_the_articles_they_bring(tmp_path: Path) -> None:
    rows = [
        {
            "id": "q1",
            "question": "江北图书馆馆藏图书多少册？",
            "answers": [{"text": "52万册", "answer_start": 0}],
        }
    ]
    story = {"title": "江北图书馆开馆", "paragraphs": [{"id": "p1", "context": HALL, "qas": rows}]}
    path = tmp_path / "dev.json"
    path.write_text(json.dumps({"data": [story]}), encoding="utf-8")
    out = tmp_path / "out.jsonl"
    said = youju(path, "--mode", "reading", "--cache", tmp_path / "cache", "--json", out)
    assert said.code == 0
    [row] = read_run(out).rows
    assert row["scores"]["em"] == row["scores"]["reader_em"] == row["scores"]["verified"] == 1
    assert row["result"]["citations"][0]["external_id"] == "p1"


def test_articles_take_every_name_up_to_the_next_option(library: Path, tmp_path: Path) -> None:
    other = tmp_path / "车站.txt"
    other.write_text("城东车站启用\n\n城东车站设站台12座，5月6日启用。\n", encoding="utf-8")
    asked = tmp_path / "q.csv"
    asked.write_text("question,answers\n城东车站有多少座站台？,12座\n", encoding="utf-8")
    out = tmp_path / "out.jsonl"
    assert youju(asked, "--articles", library, other, "--cache", tmp_path / "c", "--json", out).code == 0
    assert read_run(out).last["meta"]["index"]["articles"] == 2


def test_questions_without_articles_of_their_own_bring_none() -> None:
    assert context_articles([Question("1", "问", ("答",), article_ids=("a",))]) is None


def test_reading_needs_no_vectors(library: Path, tmp_path: Path) -> None:
    with open_reading([library], read_settings({}), tmp_path / "cache") as bot:
        assert bot.store.embedder_name == "none"


# --- the gate


@pytest.fixture
def floors(bot: Bot, questions: Path, tmp_path: Path) -> Path:
    path = tmp_path / "floors.json"
    assert youju(questions, "--gate", path, "--update").code == 0
    return path


def worsen(monkeypatch: pytest.MonkeyPatch, bot: Bot) -> None:
    """Turn every ranked list upside down."""
    monkeypatch.setattr(
        "rag.retrieval.retriever.ranked",
        lambda found, scores, k: np.argsort(scores, kind="stable")[:k].tolist(),
    )
    monkeypatch.setattr(bot.retriever, "_kept", OrderedDict())


def test_an_unchanged_retriever_passes_its_floors(bot: Bot, questions: Path, floors: Path) -> None:
    assert read_floors(floors).floors["answer_in_quote"] == pytest.approx(2 / 3, abs=1e-4)
    assert youju(questions, "--gate", floors).code == 0


def test_a_worse_retriever_fails_with_metric_value_and_floor(
    bot: Bot, questions: Path, floors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worsen(monkeypatch, bot)
    said = youju(questions, "--gate", floors)
    assert said.code == 3
    assert "gate: answer_in_quote: 0.0, floor 0.6667" in said.err


def test_floors_are_not_lowered_by_an_update(
    bot: Bot, questions: Path, floors: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = floors.read_bytes()
    worsen(monkeypatch, bot)
    said = youju(questions, "--gate", floors, "--update")
    assert said.code == 1
    assert "The floors would go down (" in said.err
    assert floors.read_bytes() == before
    assert youju(questions, "--gate", floors, "--update", "--allow-regression").code == 0
    assert floors.read_bytes() != before


def test_other_questions_fail_the_gate(bot: Bot, questions: Path, floors: Path) -> None:
    said = youju(questions, "--gate", floors, "--limit", "3")
    assert said.code == 3
    assert "gate: questions_digest: " in said.err


def test_a_gate_without_floors_says_how_to_make_them(bot: Bot, questions: Path, tmp_path: Path) -> None:
    said = youju(questions, "--gate", tmp_path / "none.json")
    assert said.code == 1
    assert "--update writes them" in said.err


# --- comparing and the page


def test_two_results_are_compared(
    bot: Bot, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = tmp_path / "a.jsonl", tmp_path / "b.jsonl"
    youju(questions, "--json", a)
    worsen(monkeypatch, bot)
    youju(questions, "--json", b)
    said = youju("--compare", a, b)
    assert said.code == 0
    assert "worse in B: " in said.out
    found = json.loads(youju("--compare", a, b, "--json", "-").out)
    assert {flip["better"] for flip in found["flips"]} == {False}
    assert youju("--compare", a).code == 2


def test_the_page_holds_the_questions(bot: Bot, questions: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    assert youju(questions, "--html", page).code == 0
    assert page.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")


def test_the_day_must_be_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["eval", "q.jsonl", "--today", "heute"])
    assert isinstance(result.exception, EvalError)


# --- the stage that lost an answer


class Shelf:
    """A store of one article, as far as gold needs one."""

    def __init__(self, *texts: str) -> None:
        self.article = replace(make(*texts), id="gold")

    @property
    def catalogue(self) -> Self:
        return self

    def find(self, name: str) -> list[str]:
        return ["gold"]

    def reprints(self, ident: str) -> list[str]:
        return []

    def passage_ids_of(self, ident: str) -> list[int]:
        return list(range(len(passages(self.article))))

    def passage_texts(self, ids: Sequence[int]) -> list[Any]:
        return [passages(self.article)[i] for i in ids]


STORY = Shelf("新区建成公园31座。", "新区建成学校9所。")
PARK_HIT, SCHOOL_HIT = (hit(passage, number=n) for n, passage in enumerate(passages(STORY.article)))
DUE = Question("1", "新区有多少公园？", ("31座",), article_ids=("gold",))


def stage(question: Question, answer: Answer, hits: Sequence[Hit], k: int = 1) -> str:
    gold = Gold(STORY)  # type: ignore[arg-type]
    read = {one.passage_id for one in hits[:k]}
    return lost_at(question, answer, score(question, answer, gold), hits, read, gold)


def wrong(words: str = "9所") -> Answer:
    return replace(answered(), answer=words, citations=(cite(STORY.article, "新区建成学校9所。", "9所"),))


def good(*context: Context) -> Answer:
    one = replace(cite(STORY.article, "新区建成公园31座。", "31座"), context=context)
    return replace(answered(), answer="31座", citations=(one,))


def test_the_stage_is_the_first_after_which_the_answer_is_gone() -> None:
    both = (PARK_HIT, SCHOOL_HIT)
    assert stage(DUE, good(), both) == ""
    assert stage(replace(DUE, answers=("77座",)), wrong(), both) == "in_no_passage"
    assert stage(DUE, wrong(), (SCHOOL_HIT,)) == "both_legs_missed"
    assert stage(DUE, wrong(), (SCHOOL_HIT, PARK_HIT)) == "fused_out"
    assert stage(DUE, wrong(), (SCHOOL_HIT, PARK_HIT), k=2) == "reader_chose_another"
    assert stage(DUE, refused(), both) == f"refused:{refused().refusal.reason}"  # type: ignore[union-attr]
    assert stage(DUE, good(Context(0, 0, "字" * 160)), both) == "quote_too_long"


def test_an_answer_that_the_ledger_withheld_is_lost_there() -> None:
    withheld = replace(refused(), refusal=Refusal("no_evidence", "ledger: 31", "核对未通过"))
    assert stage(DUE, withheld, (PARK_HIT,)) == "ledger"


def test_what_has_no_answer_is_lost_only_when_it_is_answered() -> None:
    undue = Question("1", "新区有多少机场？", answerable=False)
    assert stage(undue, refused(), ()) == ""
    assert stage(undue, wrong(), ()) == "false_answer"


def test_every_stage_is_described() -> None:
    assert {"in_no_passage", "both_legs_missed", "fused_out", "refused", "ledger"} < STAGES.keys()


# --- the sample in the documentation


def test_the_sample_questions_run_as_they_are(seeds_bot: Bot) -> None:
    found = read_questions([ROOT / "benchmarks/questions.csv"])
    assert not found.bad
    rows = [row_json(row) for row in evaluate(seeds_bot, found.questions, today=TODAY)]
    assert {row["lost_at"] for row in rows} == {""}
    assert any(row["qualifiers"] for row in rows)
    assert any(not row["answerable"] for row in rows)


def test_rows_come_one_by_one(seeds_bot: Bot) -> None:
    def endless() -> Iterator[Question]:
        yield Question("1", "成都有多少5G基站", ("超8万个",))
        raise AssertionError("asked for more than was wanted")

    assert next(evaluate(seeds_bot, endless(), today=TODAY)).scores["right"] == 1


def test_options_without_files_have_nothing_to_ask() -> None:
    with pytest.raises(EvalError, match="nothing to ask"):
        run_evaluation(Options((), read_settings({})), lambda _: None, lambda _: None)
