from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.characters import squeeze
from rag.text.sentences import clauses, sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他说：“好。”随后离开。", ["他说：“好。”", "随后离开。"]),
        ("他说：「好。」隨後離開。", ["他说：「好。」", "隨後離開。"]),
        ("涨了5.2万个。又涨", ["涨了5.2万个。", "又涨"]),
        ("《谁是英雄？》上映。", ["《谁是英雄？》上映。"]),
        ("高喊“加油！”的口号。", ["高喊“加油！”的口号。"]),
        ("他问：“谁？你？”没人答。", ["他问：“谁？你？”", "没人答。"]),
        ("真的吗？！是。", ["真的吗？！", "是。"]),
        ("红烧肉、辣子鸡……一道道菜上桌。", ["红烧肉、辣子鸡……一道道菜上桌。"]),
        ("他走了……\n天黑了。", ["他走了……", "天黑了。"]),
        ("利润增长（见第3页。注意！）一成。", ["利润增长（见第3页。注意！）一成。"]),
        ("完成了。（本报记者。）明天见。", ["完成了。", "（本报记者。）", "明天见。"]),
        ("（没有关上。下一句。", ["（没有关上。", "下一句。"]),
        ("见http://a.cn/?id=1。好", ["见http://a.cn/?id=1。", "好"]),
        ("标题\n\n  正文。 \u2028又一行", ["标题", "正文。", "又一行"]),
        ("一；二。", ["一；二。"]),
        ("结尾”。", ["结尾”。"]),
        (" \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_a_long_speech_is_cut_at_its_sentences() -> None:
    speech = "我们要做好这件事情，把它办得又快又好。" * 3
    assert len(sentences(f"他说：“{speech}”随后离开。")) == 4


@given(st.text(alphabet=st.sampled_from('天地。！？!?…；，,“”‘’（）《》「」[]\n\u2028 \t1a"的')))
def test_sentences_hold_every_character_once_and_in_order(text: str) -> None:
    spans = sentences(text)
    assert squeeze("".join(text[start:end] for start, end in spans)) == squeeze(text)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize("piece", ["（》", "（", "“", "。", "…", "！”", "，", "（）", "1,"])
def test_a_very_long_line_is_no_trouble(piece: str) -> None:
    text = piece * 20_000  # what is quadratic takes minutes
    assert squeeze("".join(text[start:end] for start, end in sentences(text))) == text
    assert squeeze("".join(text[start:end] for start, end in clauses(text))) == text


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("一是甲；二是乙（丙；丁）；三是戊", "；;", ["一是甲；", "二是乙（丙；丁）；", "三是戊"]),
        ("共1,000个,好，行", "，,", ["共1,000个,", "好，", "行"]),
        ("没有", "；;", ["没有"]),
        ("", "；;", []),
    ],
)
def test_clauses(text: str, marks: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in clauses(text, marks)] == expected


@given(st.text(alphabet=st.sampled_from("天地；;，,（）()《》 \n1")))
def test_clauses_hold_every_character(text: str) -> None:
    assert squeeze("".join(text[start:end] for start, end in clauses(text))) == squeeze(text)
