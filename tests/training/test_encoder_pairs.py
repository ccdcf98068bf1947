import json
from pathlib import Path

import numpy as np
import pytest

from rag.records import FloatArray
from tests.support.fakes import FakeEmbedder

pytest.importorskip("onnx", reason="needs the extra `training`")

from training.encoder_pairs import Pair, Piece, cut, mine, neighbours, pairs_of
from training.measure_models import is_dev

TAUGHT = [f"a{n}" for n in range(40) if not is_dev(f"a{n}")]
HELD = next(f"a{n}" for n in range(40) if is_dev(f"a{n}"))


def lines(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", "utf-8")
    return path


def article(ident: str, text: str, title: str = "消息") -> dict[str, str]:
    return {"id": ident, "title": title, "text": text}


def asked(number: int, question: str, answers: list[str], *gold: str) -> dict[str, object]:
    return {
        "id": f"q{number}",
        "question": question,
        "answers": answers,
        "article_ids": list(gold),
        "answerable": True,
    }


def test_what_is_kept_for_measuring_is_neither_asked_nor_shown(tmp_path: Path) -> None:
    first, second = TAUGHT[:2]
    file = lines(
        tmp_path / "chronoqa/articles.jsonl",
        *(article(ident, f"{ident}号桥长三百米。") for ident in (first, HELD, second)),
    )
    lines(
        tmp_path / "chronoqa/qa.jsonl",
        asked(0, "桥多长？", ["三百米"], first),
        asked(1, "桥多长？", ["三百米"], HELD),
        asked(2, "哪座桥更长？", ["三百米"], second, HELD),
    )
    pieces = cut(file)
    assert {piece.article for piece in pieces} == {first, second}
    assert [pair.articles for pair in pairs_of("chronoqa", tmp_path, pieces)] == [(first,)]


def test_the_positive_is_the_passage_that_holds_the_answer(tmp_path: Path) -> None:
    paragraphs = [
        f"这座大桥的第{n}段由{firm}修建，全长八百米。{'沿线设有观景台。' * 20}"
        for n, firm in ((1, "甲局"), (2, "乙局"))
    ]
    file = lines(tmp_path / "cmrc2018/articles.jsonl", article(TAUGHT[0], "\n".join(paragraphs), "大桥"))
    lines(tmp_path / "cmrc2018/qa.jsonl", asked(0, "大桥的第1段以外由谁修建？", ["乙局"], TAUGHT[0]))
    (pair,) = pairs_of("cmrc2018", tmp_path, cut(file))
    assert pair.positive.startswith("大桥。这座大桥的第2段由乙局")


def test_traditional_characters_are_folded_every_other_time(tmp_path: Path) -> None:
    file = lines(
        tmp_path / "drcd/articles.jsonl", article(TAUGHT[0], "梵語的學術研究由德國學者開創。", "梵文")
    )
    question = asked(0, "梵語的學術研究由誰開創？", ["德國學者"], TAUGHT[0])
    lines(tmp_path / "drcd/qa.jsonl", question, question | {"id": "q1"})
    plain, folded = pairs_of("drcd", tmp_path, cut(file))
    assert (plain.question, folded.question) == ("梵語的學術研究由誰開創？", "梵语的学术研究由谁开创?")
    assert folded.positive == "梵文。梵语的学术研究由德国学者开创。"


def test_a_sentence_of_the_news_is_not_in_the_passage_it_asks_for(tmp_path: Path) -> None:
    text = "会议今天在北京开幕。来自三十个国家的代表参加了开幕式。会期三天。"
    rows = [article(ident, text, "国际会议今天在北京开幕了") for ident in TAUGHT[:2]]
    file = lines(tmp_path / "xinwenlianbo/articles.jsonl", *rows)
    title, sentence = pairs_of("xinwenlianbo", tmp_path, cut(file))
    assert (title.question, title.positive) == ("国际会议今天在北京开幕了", text)
    assert sentence.question == "来自三十个国家的代表参加了开幕式。"
    assert sentence.positive == "国际会议今天在北京开幕了。会议今天在北京开幕。会期三天。"


def test_only_titles_that_answer_are_learnt(tmp_path: Path) -> None:
    rows = [{"id": f"t{n}", "query": "桥", "title": f"题{n}", "relevance": n} for n in range(3)]
    lines(tmp_path / "qbqtc/relevance.jsonl", *rows)
    assert [pair.positive for pair in pairs_of("qbqtc", tmp_path, [])] == ["题2"]


class Angles(FakeEmbedder):
    """Embeds a text as the unit vector whose cosine with every question is the number it ends in."""

    def _vector(self, text: str) -> FloatArray:
        cosine = 1.0 if text.endswith("？") else float(text.rpartition(" ")[2])
        return np.array([cosine, (1 - cosine**2) ** 0.5], np.float32)


def test_a_negative_is_hard_but_not_too_near_and_of_another_article() -> None:
    pieces = [
        Piece("own", "大桥全长三百米 0.70"),
        Piece("near", "大桥全长四百米 0.79"),
        Piece("hard", "大桥宽二十米 0.72"),
        *(Piece(f"far{n}", f"天气晴 {n / 100:.2f}") for n in range(60)),
    ]
    pair = Pair("chronoqa", "大桥多长？", "大桥全长三百米 0.80", ("own",))
    drawn = {mine([pair], pieces, Angles(), seed)[0].negative for seed in range(40)}
    assert "大桥宽二十米 0.72" in drawn
    assert drawn == {"大桥宽二十米 0.72", *(f"天气晴 {n / 100:.2f}" for n in (59, 58, 57, 56))}
    assert mine([pair], pieces, Angles(), 3) == mine([pair], pieces, Angles(), 3)


def test_a_pair_without_a_fitting_negative_is_left_out() -> None:
    pair = Pair("chronoqa", "大桥多长？", "大桥全长三百米 0.80", ("own",))
    assert mine([pair], [Piece("own", "大桥长 0.10"), Piece("other", "大桥长 0.78")], Angles(), 0) == []


def test_neighbours_never_contradict_each_other() -> None:
    pairs = [Pair("qbqtc", f"问{n}", title, (str(n),)) for n, title in enumerate(("甲", "乙", "乙"))]
    assert [(one.question, one.negative) for one in neighbours(pairs)] == [("问0", "乙"), ("问2", "甲")]
