"""The groups of the reader's second round: news sentences with rivals, made texts, and the recovered weights."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest

from rag.text.characters import fold
from training.contrasts import contrasts, homophones, lacking, mistyped, other_office
from training.events import ask, events
from training.parallel_texts import made
from training.parallels import Fact, facts
from training.second_round import NewsData, SecondRound
from training.value_questions import question

LINE = "8月，全国期货市场成交量为9.49亿手，成交额为60.67万亿元，同比分别增长47.76%和23.49%。"


def values(line: str) -> dict[tuple[str, str], str]:
    return {(fact.subject, fact.kind): fact.value(line) for fact in facts(line)}


def test_each_value_of_a_sentence_belongs_to_its_own_subject() -> None:
    found = values(LINE)
    assert found["期货市场成交量", "level"] == "9.49亿手"
    assert found["成交额", "level"] == "60.67万亿元"
    assert found["期货市场成交量", "change"] == "47.76%"
    assert found["成交额", "change"] == "23.49%"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("新能源汽车产销量分别完成87.9万辆和90.4万辆。", {("新能源汽车产量", "level"): "87.9万辆", ("新能源汽车销量", "level"): "90.4万辆"}),
        ("浙江、广东、北京销售收入同比分别增长7.3%、6.6%和5.4%。", {("广东销售收入", "change"): "6.6%"}),
        ("离境退税起退点从500元下调至200元。", {("离境退税起退点", "old"): "500元", ("离境退税起退点", "new"): "200元"}),
        ("公路投资完成20573亿元，同比增长10.0%。", {("公路投资", "level"): "20573亿元", ("公路投资", "change"): "10.0%"}),
    ],
)  # fmt: skip
def test_values_are_told_apart(line: str, expected: dict[tuple[str, str], str]) -> None:
    assert expected.items() <= values(line).items()


@pytest.mark.parametrize(
    "line", ["同比增长9.8%。", "男子200米蛙泳决赛今天举行。", "坚持一个中国原则。", "共建设52个。"]
)
def test_a_value_without_a_clear_subject_is_not_asked_for(line: str) -> None:
    assert not [fact for fact in facts(line) if fact.subject in ("", "男子", "坚持")]


def test_a_question_asks_in_many_forms_and_never_says_the_value() -> None:
    fact = next(fact for fact in facts(LINE) if fact.subject == "成交额" and fact.kind == "level")
    said = {question(fact, False, "2023年", Random(seed)) for seed in range(80)}
    assert len(said) > 25
    assert all("成交额" in one and "60.67" not in one for one in said)
    assert any("8月" in one for one in said)
    assert any(one.rstrip("？?") == "成交额" for one in said)


def test_offices_days_places_and_reasons_are_found() -> None:
    line = "5月20日，第三届中国博览会在浙江宁波闭幕。德国外长贝尔伯克出席。由于道路受阻，救援人员只能徒步赶往村庄。"
    found = {event.kind: line[event.start : event.end] for event in events(line)}
    assert found["who"] == "贝尔伯克"
    assert found["why"] == "道路受阻"
    assert {"浙江宁波", "5月20日"} & set(found.values())
    assert all(ask(event, Random(1)) for event in events(line))


def test_a_contrast_is_with_what_the_passage_says_and_lacks() -> None:
    text = "前三季度，全市出口额同比增长5%。"
    edits = contrasts("前三季度出口额同比增长多少", text, Random(1))
    assert {edit.old for edit in edits} == {"前三季度", "出口", "同比"}
    assert all(fold(edit.said) not in fold(text) for edit in edits)
    assert contrasts("产量多少", "产量3万吨，销量2万吨。", Random(1)) == []


def test_what_a_passage_may_answer_is_not_called_lacking() -> None:
    said = {lacking("产量", "产量为3万吨。", Random(seed)) for seed in range(40)}
    assert "去年产量是多少" in said
    assert not any(
        "去年" in str(lacking("产量", "产量为3万吨，去年为2万吨。", Random(seed))) for seed in range(40)
    )


def test_an_office_is_turned_into_its_deputy_or_another() -> None:
    said = {other_office("德国外长", "德国外长贝尔伯克", Random(seed)) for seed in range(30)}
    assert "德国副外长" in said
    assert "德国外长" not in said


def test_a_slip_changes_one_character_for_one_of_the_same_sound() -> None:
    alike = homophones(["# a comment", "shi 是事市", "du 度都"])
    assert mistyped("成都市", alike, Random(3)) in ("成度市", "成都是", "成都事")
    assert mistyped("abc", alike, Random(3)) == "abc"


def test_made_texts_answer_their_questions_or_none() -> None:
    for seed in range(400):
        text = made(Random(seed), ["武汉", "宜昌"], unanswerable=False)
        assert text.answers, text
        assert "{" not in text.text + text.question + text.title
        none = made(Random(seed), ["武汉", "宜昌"], unanswerable=True)
        assert not none.answers


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("news")
    han = "山水云海河江湖川"
    rows = [
        {"id": f"n{n}", "title": f"第{n}期快讯", "text": f"外贸数据公布\n今年{n + 1}月，东{han[n]}口岸出口额为{n + 31}亿元，进口额为{n + 71}亿元。\n有关情况良好。\n{LINE}", "date": "2023-09-01"}
        for n in range(8)
    ]  # fmt: skip
    for name in ("xinwenlianbo", "fewfc", "cmrc2018", "drcd", "chronoqa"):
        (root / name).mkdir()
    write(root / "xinwenlianbo" / "articles.jsonl", rows)
    context = "甲公司于2019年质押2000万股,占总股本的2.15%。"
    event = {
        "question": "甲公司质押了多少股份？",
        "context": context,
        "answers": ["2000万"],
        "answer_spans": [[12, 17]],
    }
    flags = {"answerable": True, "type": "质押", "self_contained": True, "one_answer": True}
    write(root / "fewfc" / "qa.jsonl", [event | flags])
    for name in ("cmrc2018", "drcd", "chronoqa"):
        texts = [
            {"id": f"{name}{n}", "title": "桥", "text": f"{2001 + n}年成都建成了{n + 20}座大桥。"}
            for n in range(9)
        ]
        write(root / name / "articles.jsonl", texts)
        asked = [{"id": f"q{n}", "question": f"{2001 + n}年成都建成多少座大桥？", "answers": [f"{n + 20}座"], "article_ids": [f"{name}{n}"]} for n in range(9)]  # fmt: skip
        write(root / name / "qa.jsonl", asked)
    return root


def write(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def test_a_group_about_news_marks_the_value_and_no_rival(news: Path) -> None:
    data = NewsData(news, ["武汉"])
    about = [
        item for item in data.items if isinstance(item.about, Fact) and item.about.subject.endswith("出口额")
    ]
    assert about
    without = 0
    for seed in range(60):
        item = about[seed % len(about)]
        group = data.make(item, Random(seed))
        marked = [window.text[a:b] for window in group.windows for a, b in window.answers]
        assert set(marked) <= {item.about.value(item.line)}  # type: ignore[union-attr]
        without += not marked
    assert 8 < without < 40


def test_the_second_round_is_the_same_at_every_run_and_mixes_all_sources(news: Path) -> None:
    one, again = SecondRound(news, 1), SecondRound(news, 1)
    groups = [one.group(number) for number in range(200)]
    assert [again.group(number) for number in (150, 3)] == [groups[150], groups[3]]
    asked = " ".join(group.question for group in groups)
    assert "质押" in asked
    assert "大桥" in asked
    assert "成交额" in asked
    none = sum(not any(window.answers for window in group.windows) for group in groups) / len(groups)
    assert 0.2 < none < 0.5
    assert all(0 <= a < b <= len(w.text) for group in groups for w in group.windows for a, b in w.answers)


def test_imported_weights_give_the_shipped_integers_again() -> None:
    pytest.importorskip("onnx", reason="needs the extra `training`")
    from rag.config import MODELS
    from training.import_reader import constants, recovered
    from training.shared_tensors import open_graph

    stored = constants(open_graph(MODELS / "reader"))
    found = recovered(stored)
    name = "encoder.layer.11.intermediate.dense"
    matrix = found[f"{name}.weight"].T
    steps = np.abs(matrix).max(0) / 64
    np.testing.assert_array_equal(np.rint(matrix / steps), stored[f"{name}.levels"])
    assert len([one for one in found if one.endswith("self.key.weight")]) == 12
