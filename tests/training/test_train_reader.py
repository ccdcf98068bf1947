import json
import math
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer
from torch import Tensor

from rag.config import MODELS
from rag.text.characters import fold
from training.bert import logits, trained_names
from training.excerpt import excerpts
from training.reader_data import Group, ReaderData, Window, is_dev, mine, passages
from training.rewording import Bank, constraints, in_other_words, other_script, restyled, simplified
from training.train_reader import (
    BATCH,
    MAX_TOKENS,
    Plan,
    Row,
    Training,
    batch_rows,
    encode,
    gradients,
    loss_of,
    train,
)

WIDTH = 24
BANK = Bank(["基站", "地铁", "机场", "大桥", "学校"], ["北京", "广州", "武汉", "沈阳", "西安市"] * 8)
FACTS = (
    "截至2023年底，成都建成5G基站超8万个。全市地铁里程达558公里。第三届车展由市政府举办，最大的展馆在城南。"
)


def weights() -> dict[str, Tensor]:
    """Return a model of two layers that nobody trained, the same at every call."""
    torch.manual_seed(1)
    named: dict[str, tuple[int, ...]] = {"embeddings.word_embeddings.weight": (35949, WIDTH)}
    named |= {"embeddings.position_embeddings.weight": (512, WIDTH)}
    named |= {"embeddings.token_type_embeddings.weight": (2, WIDTH), "o.weight": (2, WIDTH), "o.bias": (2,)}
    shapes: dict[str, tuple[int, ...]] = {
        "attention.self.query": (WIDTH, WIDTH),
        "attention.self.key": (WIDTH, WIDTH),
    }
    shapes |= {"attention.self.value": (WIDTH, WIDTH), "attention.output.dense": (WIDTH, WIDTH)}
    shapes |= {"intermediate.dense": (48, WIDTH), "output.dense": (WIDTH, 48)}
    for layer in ("encoder.layer.0.", "encoder.layer.1."):
        for name, shape in shapes.items():
            named |= {f"{layer}{name}.weight": shape, f"{layer}{name}.bias": shape[:1]}
    found = {name: torch.randn(shape) * 0.2 for name, shape in named.items()}
    norms = ["embeddings.LayerNorm"]
    norms += [
        f"encoder.layer.{n}.{part}.LayerNorm" for n in (0, 1) for part in ("attention.output", "output")
    ]
    for norm in norms:
        found |= {f"{norm}.weight": torch.ones(WIDTH), f"{norm}.bias": torch.zeros(WIDTH)}
    return found


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(MODELS / "encoder" / "tokenizer.json"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the three training sets, twelve short articles each."""
    root = tmp_path_factory.mktemp("data")
    for name in ("cmrc2018", "drcd", "chronoqa"):
        (root / name).mkdir()
        articles: list[dict[str, object]] = []
        questions: list[dict[str, object]] = []
        for number in range(12):
            key = f"{name}-{number}"
            text = (
                f"{key}报，{2001 + number}年，第{number + 1}座機場在成都建成，共有{number + 20}座大桥。"
                + "那里风景很好。" * number
            )
            articles.append({"id": key, "title": f"機場{number}", "text": text})
            asked = {"question": f"{2001 + number}年成都建成了什么？", "answers": [f"第{number + 1}座機場"]}
            questions.append({"id": f"q{number}", "article_ids": [key], **asked})
            old = {"question": "去年建成了什么？", "answers": ["大桥"], "question_date": "2024-01-01"}
            questions.append({"id": f"r{number}", "article_ids": [key], **old})
        write(root / name / "articles.jsonl", articles)
        write(root / name / "qa.jsonl", questions)
    return root


def write(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


@pytest.fixture(scope="module")
def data(folder: Path) -> ReaderData:
    return ReaderData(folder, seed=3)


def groups(data: ReaderData, many: int = 300) -> Iterator[Group]:
    return (data.group(number) for number in range(many))


def test_torch_reads_as_the_exported_graph_does() -> None:
    onnx = pytest.importorskip("onnx", reason="needs the extra `training`")
    import onnxruntime

    from training.graph import reading_model

    model = weights()
    rows = [[0, 5, 900, 2, 7, 8, 2], [0, 5, 2, 1000, 2]]
    graph = reading_model({name: value.numpy() for name, value in model.items()}, quantised=False)
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    assert onnx.__version__
    with torch.no_grad():
        for row, found in zip(rows, logits(model, rows), strict=True):
            expected = session.run(None, {"input_ids": np.array([row])})[0][0]
            np.testing.assert_allclose(found.numpy(), expected, atol=1e-3)


def test_only_the_upper_layers_and_the_head_are_trained() -> None:
    names = trained_names(weights(), frozen=1)
    assert {"o.weight", "o.bias"} < set(names)
    assert {name.split(".")[2] for name in names if name.startswith("encoder")} == {"1"}


def test_the_loss_of_a_group_is_that_of_the_formula() -> None:
    gold = Row([0, 9, 2, 7, 8, 2], 3, [1], [1])
    other = Row([0, 9, 2, 7, 2], 3, [], [])
    scores = [torch.tensor([[1.0, 0.0]] * 4 + [[3.0, 0.0]] + [[9.0, 9.0]]), torch.tensor([[0.0, 0.0]] * 5)]
    # Margins to position 0: starts (0, 2) and (0), ends (0, 0) and (0); the last token, </s>, never counts.
    joint = -math.log(math.exp(2) / (1 + 1 + math.exp(2) + 1)) - math.log(1 / 4)
    alone = (-math.log(math.exp(2) / (2 + math.exp(2))) - math.log(1 / 2)) / 2
    alone += (-math.log(1 / 3) - math.log(1 / 2)) / 2
    assert float(loss_of([gold, other], scores, 0.5)) == pytest.approx(0.5 * joint + 0.5 * alone)


def test_without_an_answer_every_span_is_pushed_below_not_here() -> None:
    row = Row([0, 9, 2, 7, 8, 2], 3, [], [])
    low, high = torch.zeros(6, 2), torch.zeros(6, 2)
    low[3:5], high[3:5] = -5, 5
    assert float(loss_of([row], [low], 0.5)) < float(loss_of([row], [high], 0.5))


def test_the_tokens_of_an_answer_are_its_characters(tokenizer: Tokenizer) -> None:
    window = Window("蓉城", FACTS, ((16, 20),))
    row = encode(Group("成都有多少5G基站？", (window,)), tokenizer)[0]
    passage = tokenizer.encode(FACTS, add_special_tokens=False)
    assert row.ids[row.skip : -1] == passage.ids
    start, end = passage.offsets[row.starts[0]][0], passage.offsets[row.ends[0]][1]
    assert FACTS[16:20] in FACTS[start:end]
    assert row.ids.count(2) == 3  # after the question, the title and the text


def test_a_sentence_longer_than_the_model_is_cut(tokenizer: Tokenizer) -> None:
    text = "成都建成基站，" * 150 + "共有八万个"
    row = encode(Group("有多少？", (Window("", text, ((0, 2), (len(text) - 3, len(text)))),)), tokenizer)[0]
    assert len(row.ids) == MAX_TOKENS
    assert len(row.starts) == len(row.ends) == 1


def test_a_passage_of_the_held_out_side_is_never_seen(data: ReaderData) -> None:
    keys = [f"{name}-{number}" for name in ("cmrc2018", "drcd", "chronoqa") for number in range(12)]
    held = {key for key in keys if is_dev(key)}
    assert held
    seen = {key for key in keys if any(passage.startswith(f"{key}报") for _, passage in data.passages)}
    assert seen == set(keys) - held


def test_a_question_that_leans_on_its_day_is_left_out(data: ReaderData) -> None:
    assert not any("去年" in item.question for item in data.items)


def test_a_group_depends_on_its_number_alone(data: ReaderData, folder: Path) -> None:
    again = ReaderData(folder, seed=3)
    assert [again.group(number) for number in (7, 2)] == [data.group(number) for number in (7, 2)]
    assert list(groups(ReaderData(folder, seed=4), 20)) != list(groups(data, 20))


def test_some_groups_have_no_answer_and_no_window_marks_other_words(data: ReaderData) -> None:
    found = list(groups(data))
    without = sum(not any(window.answers for window in group.windows) for group in found) / len(found)
    assert 0.15 < without < 0.4
    known = {fold(simplified(answer)) for item in data.items for answer in item.answers}
    plain = str.maketrans("０１２３４５６７８９", "0123456789")
    for group in found:
        for window in group.windows:
            for start, end in window.answers:
                assert fold(simplified(window.text[start:end])).translate(plain) in known


def test_every_question_comes_once_before_any_comes_again(data: ReaderData) -> None:
    order = np.random.default_rng([data.seed, 0]).permutation(len(data.items))
    assert sorted(order) == list(range(len(data.items)))


def test_a_batch_is_the_same_however_many_share_it(data: ReaderData, tokenizer: Tokenizer) -> None:
    whole = batch_rows(data, tokenizer, 4, 0, 1)
    halves = [rows for rank in (0, 1) for rows in batch_rows(data, tokenizer, 4, rank, 2)]
    assert len(whole) == BATCH
    assert sorted(map(str, whole)) == sorted(map(str, halves))


def test_two_halves_of_a_batch_add_up_to_its_gradient(data: ReaderData, tokenizer: Tokenizer) -> None:
    grads = []
    for world in (1, 2):
        model = weights()
        for value in model.values():
            value.requires_grad_(True)
        for rank in range(world):
            gradients(model, batch_rows(data, tokenizer, 0, rank, world), Plan())
        grads.append(model["encoder.layer.1.output.dense.weight"].grad)
    assert grads[0] is not None
    assert float(grads[0].abs().max()) > 0
    torch.testing.assert_close(grads[0], grads[1], atol=1e-5, rtol=1e-4)


def test_a_run_that_was_stopped_goes_on_as_if_it_had_not_been(
    data: ReaderData, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    plan = Plan(steps=4, frozen=1)
    said: list[str] = []
    whole = Training(plan, weights(), tmp_path / "whole.pt")
    train(whole, data, tokenizer, 4, said.append)
    train(Training(plan, weights(), tmp_path / "part.pt"), data, tokenizer, 2, said.append)
    rest = Training(plan, weights(), tmp_path / "part.pt")
    assert rest.step == 2
    train(rest, data, tokenizer, 4, said.append)
    assert len(said) == 8
    assert all(torch.equal(rest.weights[name], whole.weights[name]) for name in whole.names)
    assert not torch.equal(whole.weights["o.weight"], weights()["o.weight"])


def test_a_new_plan_is_written_down(tmp_path: Path) -> None:
    Training(Plan(steps=4, frozen=1), weights(), tmp_path / "c.pt").save()
    again = Training(Plan(steps=9, frozen=1), weights(), tmp_path / "c.pt")
    assert [part["plan"]["steps"] for part in again.plans] == [4, 9]


def test_the_rate_rises_and_falls_to_nothing() -> None:
    plan = Plan(steps=200)
    shares = [plan.share(step) for step in range(201)]
    assert shares[0] < shares[20] < max(shares) <= 1
    assert shares[120] > shares[199] > shares[200] == 0


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("成都建成了多少5G基站？", "place"),
        ("2023年建成了多少5G基站？", "year"),
        ("第三届车展由谁举办？", "ordinal"),
        ("最大的展馆在哪里？", "qualifier"),
        ("地铁里程达多少公里？", "unit"),
        ("车展由谁举办？", "object"),
    ],
)
def test_a_swapped_constraint_is_nowhere_in_the_passage(question: str, kind: str) -> None:
    edits = constraints(question, FACTS, BANK, ["画展", "机场"], Random(2))
    assert kind in {edit.kind for edit in edits}
    for edit in edits:
        assert edit.old in question
        assert fold(edit.said) not in fold(FACTS)


def test_other_words_keep_what_was_asked_for() -> None:
    said = {in_other_words("2023年成都有多少人？", Random(seed)) for seed in range(60)}
    assert len(said) > 10
    assert any("蓉城" in one for one in said)
    assert any("二〇二三年" in one or "２０２３年" in one for one in said)
    assert all("武汉" not in one and "2022" not in one for one in said)


@pytest.mark.parametrize("text", ["成都的头发和发展", "臺灣的機場", "abc 123"])
def test_another_script_has_as_many_characters(text: str) -> None:
    assert len(other_script(text)) == len(text)
    assert simplified(other_script(text)) == simplified(text)


def test_restyled_digits_stay_where_they_are() -> None:
    for seed in range(6):
        said = restyled("2023年有8万个", Random(seed))
        assert len(said) == 9
        assert said in ("２０２３年有８万个", "二〇二三年有8万个")


def test_the_excerpt_that_says_most_comes_first() -> None:
    text = "今天晴。" * 5 + "成都建成基站8万个。" + "明天雨。" * 5
    first = excerpts("成都建成多少基站？", text, 14)[0]
    assert "8万" in text[first.start : first.end]
    assert all(span.end - span.start <= 14 for span in excerpts("成都？", text, 14))
    assert excerpts("成都？", " ", 14) == []


def test_passages_hold_whole_sentences() -> None:
    text = "成都建成基站8万个。" * 40
    found = passages(text)
    assert "".join(found) == text
    assert all(len(passage) <= 240 and passage.endswith("。") for passage in found)


def test_what_shares_rare_words_is_mined_first() -> None:
    texts = ["成都建成基站。", "上海举办车展。", "北京召开会议。"] + ["市民在公园喝茶。"] * 6
    assert [int(row[0]) for row in mine(["上海的车展？", "在北京开会？"], texts, depth=2)] == [1, 2]
