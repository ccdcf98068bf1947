"""What is promised of every sentence (design, invariants 4 and 9), tried on thousands: made ones and real ones."""

import json
import re
from collections.abc import Iterator
from functools import cache
from random import Random

from rag.answering.refusal import reason
from rag.answering.statement import statement
from rag.query.analysis import AnswerType
from rag.text.annotation import annotate
from rag.text.characters import fold
from tests.support.hand import hit, make, passages, query
from tests.support.paths import ROOT

SENTENCES = 5000
GATE = ROOT / "tests" / "gate"

# --- nothing is cut


def _expressions(draws: Random) -> Iterator[str]:
    """Yield expressions that are one: quantities with sign and unit, ranges, dates with hours, times, scores, offices."""
    n, m, d = draws.randint(2, 9), draws.randint(10, 59), draws.randint(11, 28)
    yield f"-{n}℃"
    yield f"零下{d}℃"
    yield f"{n}小时{m}分{d}秒"
    yield f"{n}萬{d % 9 + 1}千名"
    yield f"{n}.{d}万IPS"
    yield f"{m}%-{m + 7}%"
    yield f"{n}至{n + 3}年"
    yield f"{d}～{d + 9}℃"
    yield f"超{n},{m * 10}.5万元"
    yield f"近{m}.{n}亿人次"
    yield f"10月{d}日{n}时至10月{d + 1}日20时"
    yield f"2024年{n}月{d}日"
    yield f"{n}时{m}分"
    yield f"{d}:{m}"
    yield f"{n}比{n - 2}"
    yield f"百分之{m}"
    yield f"{n}年零{n}个月"
    yield f"第{m}届"
    yield f"数{('十', '百', '千')[n % 3]}家"
    yield f"每小时{m}公里"
    yield f"副市长林晓{'岚晴舟'[n % 3]}"


BEFORE = ("滨江新区报送", "据通报", "记者获悉，码头", "馆内现有", "气温降到", "选手用时", "会期为", "双方")
AFTER = ("。", "，比上年多。", "的记录被刷新。", "，现场气氛热烈。", "；其余未计。", "左近的店铺照常。")


def test_no_span_of_an_answer_cuts_an_expression() -> None:
    draws, tried, failed = Random(9), 0, []
    while tried < SENTENCES:
        for said in _expressions(draws):
            before, after = draws.choice(BEFORE), draws.choice(AFTER)
            text, start = before + said + after, len(before)
            end = start + len(said)
            cut = draws.randint(start + 1, end - 1)
            office = said.startswith("副")  # only its beginning makes it one
            span = (start + 1, end) if office else (cut, end) if draws.random() < 0.5 else (start, cut)
            first, last = annotate(text).whole(*span)
            tried += 1
            if first > start or last < end:
                failed.append((text, text[slice(*span)], text[first:last]))
    assert failed == []


# --- no refusal names a word as missing that an article shown has


@cache
def _stories() -> list[tuple[str, str]]:
    files = [
        ROOT / "tests" / "data" / "articles" / "news.jsonl",
        ROOT / "tests" / "data" / "conversations" / "articles.jsonl",
    ]
    rows = [json.loads(line) for file in files for line in file.read_bytes().split(b"\n") if line.strip()]
    seeds = [("", path.read_text("utf-8")) for path in sorted((ROOT / "seeds").glob("*.txt"))]
    return [(row.get("title", ""), row["text"]) for row in rows] + seeds


@cache
def _questions() -> list[str]:
    names = ("questions.jsonl", "paraphrases.jsonl", "near_miss_pairs.jsonl")
    rows = [
        json.loads(line) for name in names for line in (GATE / name).read_bytes().split(b"\n") if line.strip()
    ]
    return [row["question"] for row in rows]


def test_no_word_is_named_as_missing_that_a_shown_article_has() -> None:
    draws = Random(4)
    shelves = []
    for title, text in _stories():
        story = make(*filter(None, text.split("\n")), title=title)
        shelves.append((story, [hit(passage) for passage in passages(story)[:1]]))
    named = 0
    for _ in range(SENTENCES):
        question = draws.choice(_questions())
        shown = draws.sample(shelves, draws.choice((1, 2)))
        message = reason(query(question), [one for _, hits in shown for one in hits], [], 0.5)[0].message
        plain = "".join(fold(story.title + story.text) for story, _ in shown)
        missing = re.findall("“([^”]+)”", message)
        named += len(missing)
        assert not [word for word in missing if fold(word) in plain], (question, message)
        assert all(word in question for word in missing)
    assert named > SENTENCES / 5  # the reason is given, not left out


# --- no sentence repeats a word at a seam, or leaves a fragment there


@cache
def _answers() -> dict[AnswerType, list[str]]:
    found: dict[AnswerType, list[str]] = {}
    rows = [json.loads(line) for line in (GATE / "questions.jsonl").read_bytes().split(b"\n") if line.strip()]
    for row in rows:
        if row["answerable"]:
            found.setdefault(query(row["question"]).type, []).extend(row["answers"][:1])
    return found


def test_no_said_sentence_repeats_or_leaves_a_fragment_at_its_seams() -> None:
    draws, said = Random(11), 0
    for _ in range(SENTENCES):
        asked = query(draws.choice(_questions()))
        answers = _answers().get(asked.type)
        if not answers:
            continue
        answer = draws.choice(answers)
        quoted = f"{asked.text}。{answer}"
        whole = statement(asked, answer, "", quoted, "原文如此", "")
        if whole.startswith("“"):
            continue
        said += 1
        before, found, after = whole.partition(answer)
        assert found, (asked.text, answer, whole)
        for size in (2, 3, 4):
            assert before[-size:] != answer[:size] or len(before) < size, whole
            assert answer[-size:] != after[:size] or len(after) < size, whole
        assert not re.search("什么|多少|哪|谁|几(?![乎何内])|[？?。；]|[，、]{2}", before + after), whole
        assert not re.match("[的了是吗呢，、]", whole), whole
        assert not re.search("[，、：]$", whole), whole
    assert said > SENTENCES / 4
