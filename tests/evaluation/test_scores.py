"""The scores of one question, each against a computation of another kind or by hand."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Self

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, Qrel, ScoredDoc, Success, nDCG

from rag.evaluation.gold import Gold, by_answer, rank_scores
from rag.evaluation.match import (
    contains,
    exact,
    expected,
    f1,
    holds,
    holds_answer,
    right,
    same_numerals,
    segments,
    states_answer,
)
from rag.evaluation.questions import Question
from rag.evaluation.ranking import first_rank, hit, ndcg, reciprocal_rank
from rag.evaluation.scores import crash_scores, in_quote, score
from rag.records import Answer, Citation, Context, Hit
from tests.support.hand import make, passages
from tests.support.sample import PARKS, answered, citation, refused

# --- words


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("超8万个", ["超", "8", "万", "个"]),
        ("2024年5G+工业互联网", ["2024", "年", "5g", "工", "业", "互", "联", "网"]),
        ("Octave Life-Sciences", ["octave", "lifesciences"]),
        ("《防控核心知识》，十条。", list("防控核心知识十条")),
        ("10.84亿元", ["10.84", "亿", "元"]),
        ("  ", []),
    ],
)
def test_segments_are_those_of_cmrc(text: str, parts: list[str]) -> None:
    assert segments(text) == parts


def naive_f1(given: str, answer: str) -> float:
    """Compute F1 with the longest common run found by trying every run."""
    a, b = segments(given), segments(answer)
    runs = [a[i:j] for i in range(len(a)) for j in range(i + 1, len(a) + 1)]
    inside = [len(run) for run in runs if any(b[k : k + len(run)] == run for k in range(len(b)))]
    common = max(inside, default=0)
    return 2 * common / (len(a) + len(b)) if common else 0.0


@given(st.text("超约8万个。 a", max_size=12), st.text("超约8万个。 a", max_size=12))
def test_f1_is_that_of_the_longest_common_run(a: str, b: str) -> None:
    assert f1(a, [b]) == pytest.approx(naive_f1(a, b))


def test_f1_takes_the_best_of_the_answers() -> None:
    assert f1("四川大学华西第二医院", ["华西第二医院", "四川大学"]) == pytest.approx(2 * 6 / 16)
    assert f1("", ["好"]) == f1("好", []) == 0


def test_a_run_is_not_a_subsequence() -> None:
    assert f1("成都市天府新区", ["成都天府新区"]) == pytest.approx(2 * 4 / 13)  # 天府新区, not 成都…天府新区


@pytest.mark.parametrize(
    ("said", "answers", "same"),
    [
        ("超8万个", ["8万个", "超8万个"], 1),
        ("“超 8万个”。", ["超8万个"], 1),
        ("8万个", ["超8万个"], 0),
        ("", ["。"], 0),
        ("NVIDIA", ["nvidia"], 1),
    ],
)
def test_exact_match_leaves_out_marks_and_space(said: str, answers: list[str], same: float) -> None:
    assert exact(said, answers) == same


@pytest.mark.parametrize(
    ("said", "answer", "same"),
    [
        ("5.2万", "52000", 1),
        ("五万二千", "5.2万", 1),
        ("10.84亿元", "108400万元", 1),
        ("超8万个", "8万个", 1),
        ("百分之三十五", "35%", 1),
        ("投资500万元", "500万元", 1),
        ("8万个", "7.8万个", 0),
        ("9个", "9个、3个", 0),
        ("9名护士", "9名工程师", 0),
        ("成都", "成都", 1),
        ("成都", "重庆", 0),
    ],
)
def test_numerals_are_compared_by_value(said: str, answer: str, same: float) -> None:
    assert same_numerals(said, [answer]) == same


@pytest.mark.parametrize(
    ("text", "answer", "found"),
    [
        ("建成18万个", "8万个", False),
        ("建成7.8万个", "8万个", False),
        ("建成8.5", "8", False),
        ("建成8.5和8。", "8", True),
        ("建成超８万个", "8万个", True),
        ("建成超 8 万个", "8万个", True),
        ("國家衛健委", "国家卫健委", True),
        ("5月14日", "5月1", False),
        ("无", "", False),
    ],
)
def test_an_answer_stands_in_a_text_only_with_its_whole_numbers(text: str, answer: str, found: bool) -> None:
    assert holds_answer([text], Question("1", "问", (answer,))) is found


@given(st.text("8万个超ab", max_size=20), st.text("万个超ab", min_size=1, max_size=3))
def test_where_no_number_is_cut_holding_is_being_a_part(text: str, answer: str) -> None:
    assert holds(text, answer) is (answer in text)


def test_of_groups_one_of_each_must_stand_in_the_texts_together() -> None:
    question = Question("1", "哪些地方？", ("雅安",), answer_groups=(("雅安",), ("达州", "达州市")))
    assert holds_answer(["接入雅安", "和达州市的算力"], question)
    assert not holds_answer(["接入雅安的算力"], question)
    assert contains("雅安、达州", question) == 1
    assert contains("雅安", question) == 0
    assert expected(question) == ("雅安、达州",)


@pytest.mark.parametrize(
    ("said", "answer", "good"),
    [
        ("超8万个", "8万个", 1),
        ("天主教河内总教区宗座署理", "1990年被擢升为天主教河内总教区宗座署理", 0),  # the year is lost
        ("天主教河内总教区宗座署理", "被擢升为天主教河内总教区宗座署理", 1),
        ("8.5万个", "7.8万个", 0),  # F1 .67, but another number
        ("2024年5月", "2023年5月", 0),
        ("华西第二医院", "四川大学华西第二医院", 1),
        ("医院", "四川大学华西第二医院", 0),
    ],
)
def test_an_answer_is_right_with_other_ends_but_not_with_other_numbers(
    said: str, answer: str, good: float
) -> None:
    assert right(said, Question("1", "问", (answer,))) == good


# --- ranked lists: ir-measures is the oracle


def lists(seed: int, count: int = 40) -> list[tuple[list[str], set[str]]]:
    """Return ranked lists of articles with the ones that are relevant, some of these not in the list."""
    random_ = random.Random(seed)
    names = [f"d{n:02d}" for n in range(30)]
    return [
        (random_.sample(names, random_.randint(1, 25)), set(random_.sample(names, random_.randint(1, 4))))
        for _ in range(count)
    ]


def oracle(runs: Sequence[tuple[list[str], set[str]]], measure: ir_measures.Measure) -> dict[str, float]:
    qrels = [Qrel(str(n), name, 1) for n, (_, gold) in enumerate(runs) for name in gold]
    run = [ScoredDoc(str(n), name, -r) for n, (ranked, _) in enumerate(runs) for r, name in enumerate(ranked)]
    return {found.query_id: found.value for found in ir_measures.iter_calc([measure], qrels, run)}


def test_rank_metrics_equal_those_of_ir_measures() -> None:
    runs = lists(seed=7)
    ours = [[name in gold for name in ranked] for ranked, gold in runs]
    for k in (1, 5, 10):
        theirs = oracle(runs, Success @ k)
        assert [hit(one, k) for one in ours] == [theirs[str(n)] for n in range(len(runs))]
    theirs = oracle(runs, RR)
    assert [reciprocal_rank(one) for one in ours] == pytest.approx([theirs[str(n)] for n in range(len(runs))])
    theirs = oracle(runs, nDCG @ 10)
    assert [ndcg(one, len(gold)) for one, (_, gold) in zip(ours, runs, strict=True)] == pytest.approx(
        [theirs[str(n)] for n in range(len(runs))]
    )


def test_an_empty_list_finds_nothing() -> None:
    assert (hit([], 5), reciprocal_rank([]), ndcg([], 2), ndcg([], 0), first_rank([])) == (0, 0, 0, 0, None)


class Shelf:
    """A store of a few articles, as far as gold needs one; `copies` are reprints."""

    def __init__(self, names: dict[str, str], copies: dict[str, str] | None = None) -> None:
        self.names = names
        self.copies = copies or {}

    @property
    def catalogue(self) -> Self:
        return self

    def find(self, name: str) -> list[str]:
        return [self.names[name]] if name in self.names else []

    def reprints(self, ident: str) -> list[str]:
        return [copy for copy, of in self.copies.items() if of == ident]


def gold(names: dict[str, str], copies: dict[str, str] | None = None) -> Gold:
    return Gold(Shelf(names, copies))  # type: ignore[arg-type]


def hits(*articles: str) -> list[Hit]:
    """Return a hit of each article's passage: a name is the article's id and title."""
    made = [replace(make(f"{name}的报道全文。"), id=name) for name in articles]
    return [Hit(passage, n, 1.0, {}) for n, one in enumerate(made) for passage in passages(one)]


def test_articles_are_ranked_at_their_best_passage_and_reprints_stand_for_the_gold_one() -> None:
    question = Question("1", "问", ("答",), article_ids=("a.txt", "b.txt"))
    shelf = gold({"a.txt": "a", "b.txt": "b"}, {"a2": "a"})
    scores, rank = rank_scores(question, hits("x", "x", "a2", "a", "y", "b"), shelf)
    ranked, wanted = ["x", "a", "y", "b"], {"a", "b"}
    assert rank == 2
    assert scores["mrr"] == oracle([(ranked, wanted)], RR)["0"]
    assert scores["ndcg@10"] == pytest.approx(oracle([(ranked, wanted)], nDCG @ 10)["0"])
    assert (scores["hit@1"], scores["hit@5"]) == (0, 1)


def test_silver_sets_are_ranked_by_the_answer_in_the_passage() -> None:
    question = Question("1", "问", ("y的报道",), article_ids=("a",), silver=True)
    assert by_answer(question)
    assert not by_answer(replace(question, silver=False))
    scores, rank = rank_scores(question, hits("a", "b", "y"), gold({"a": "a"}))
    assert rank == 3
    assert scores["ndcg@10"] == pytest.approx(1 / math.log2(4))


def test_a_gold_article_that_is_not_in_the_index_is_not_found() -> None:
    question = Question("1", "问", ("答",), article_ids=("gone.txt",))
    shelf = gold({})
    assert shelf.missing(question) == ["gone.txt"]
    assert rank_scores(question, hits("a"), shelf)[0] == {
        "hit@1": 0,
        "hit@5": 0,
        "hit@10": 0,
        "mrr": 0,
        "ndcg@10": 0,
    }


# --- citations

ASKED = Question("1", "口袋公园有多少？", ("31座",), article_ids=("parks",), qualifiers=("截至2023年底",))
IN_PARKS = gold({"parks": PARKS.id})
POCKET = "其中，口袋公园达到31座，覆盖全部街道。"
PLANNED = "下一步，新区计划在2026年前再建12座口袋公园。"
BEFORE = "截至2023年底，新区已建成各类公园超86座。"


def reply(*citations: Citation, answer: str = "31座") -> Answer:
    return replace(answered(), answer=answer, citations=citations, confidence=0.8, as_of="")


def cite(*context: str, quote: str = POCKET) -> Citation:
    return citation(PARKS, quote, "31座" if "31座" in quote else "", context=context)


def elsewhere(one: Citation) -> Citation:
    return replace(one, article_id="ffffffffffff")


def test_a_right_answer_scores_everywhere() -> None:
    scores = score(ASKED, reply(cite(BEFORE)), IN_PARKS)
    assert scores == {
        "em": 1,
        "f1": 1,
        "numeral_accuracy": 1,
        "contains": 1,
        "right": 1,
        "answer_in_quote": 1,
        "citation_precision": 1,
        "citation_recall": 1,
        "qualifiers": 1,
        "quote_chars": len(POCKET) + len(BEFORE),
        "verified": 1,
        "false_refusal": 0,
        "false_answer": None,
        "confidence": 0.8,
    }


def test_a_refusal_scores_nothing_where_an_answer_was_due() -> None:
    scores = score(ASKED, refused(), IN_PARKS)
    assert {scores[name] for name in ("em", "f1", "contains", "right", "answer_in_quote")} == {0}
    assert {scores[name] for name in ("citation_precision", "qualifiers", "quote_chars", "verified")} == {
        None
    }
    assert (scores["false_refusal"], scores["false_answer"]) == (1, None)


def test_an_unanswerable_question_is_only_asked_whether_it_was_answered() -> None:
    question = Question("1", "问", answerable=False)
    said, silent = score(question, reply(cite()), IN_PARKS), score(question, refused(), IN_PARKS)
    assert (said["false_answer"], said["right"], said["em"], said["false_refusal"]) == (1, 0, None, None)
    assert (silent["false_answer"], silent["right"], silent["em"]) == (0, None, None)


def test_a_question_without_expected_words_is_only_asked_for_its_refusal() -> None:
    scores = score(Question("1", "问"), reply(cite()), IN_PARKS)
    assert {scores[name] for name in ("em", "right", "answer_in_quote")} == {None}
    assert scores["false_refusal"] == 0


def test_only_the_first_two_citations_are_read_for_the_answer() -> None:
    other = cite(quote=PLANNED)
    assert in_quote(ASKED, (other, cite()), IN_PARKS)
    assert not in_quote(ASKED, (other, other, cite()), IN_PARKS)


def test_the_answer_may_stand_in_the_context() -> None:
    question = replace(ASKED, answers=("86座",))
    assert in_quote(question, (cite(BEFORE),), IN_PARKS)


def test_a_quote_that_is_too_long_with_its_context_does_not_count() -> None:
    one = cite(BEFORE)
    filler = Context(0, 0, "字" * (160 - len(POCKET) - len(BEFORE)))
    assert in_quote(ASKED, (replace(one, context=(*one.context, filler)),), IN_PARKS)
    longer = replace(filler, text=filler.text + "字")
    assert not in_quote(ASKED, (replace(one, context=(*one.context, longer)),), IN_PARKS)


def test_a_quote_counts_from_a_gold_article_alone_unless_these_are_guessed() -> None:
    other = elsewhere(cite())
    assert not in_quote(ASKED, (other,), IN_PARKS)
    assert in_quote(replace(ASKED, silver=True), (other,), IN_PARKS)
    assert in_quote(replace(ASKED, article_ids=()), (other,), IN_PARKS)


def test_citation_precision_and_recall_are_shares_of_cited_and_of_gold_articles() -> None:
    question = replace(ASKED, article_ids=("parks", "second"))
    shelf = gold({"parks": PARKS.id, "second": "222222222222"})
    other = elsewhere(cite(quote=PLANNED))
    for first, second, third in product((True, False), repeat=3):
        own = [cite() if good else other for good in (first, second, third)]
        scores = score(question, reply(*own), shelf)
        assert scores["citation_precision"] == pytest.approx((first + second + third) / 3)
        assert scores["citation_recall"] == (0.5 if first or second or third else 0)
    assert score(replace(question, silver=True), reply(cite()), shelf)["citation_precision"] is None


def test_a_right_answer_from_another_article_is_not_wrong() -> None:
    other = elsewhere(cite())
    scores = score(ASKED, reply(other), IN_PARKS)
    assert (scores["right"], scores["answer_in_quote"], scores["citation_precision"]) == (1, 1, 1)
    assert scores["citation_recall"] == 0  # which of the named articles are cited is another matter
    wrong = score(ASKED, replace(reply(other), answer="12座"), IN_PARKS)
    assert (wrong["right"], wrong["answer_in_quote"], wrong["citation_precision"]) == (0, 0, 0)


def test_of_a_list_from_other_articles_each_quote_counts_that_has_a_part_of_it() -> None:
    question = replace(ASKED, answers=(), answer_groups=(("31座", "三十一座"), ("86座",)))
    parts = [elsewhere(cite(quote=quote)) for quote in (POCKET, BEFORE, PLANNED)]
    scores = score(question, replace(reply(*parts), answer="31座、86座"), IN_PARKS)
    assert (scores["right"], scores["answer_in_quote"]) == (1, 1)
    assert scores["citation_precision"] == pytest.approx(2 / 3)


def test_every_qualifier_must_be_shown() -> None:
    assert score(ASKED, reply(cite()), IN_PARKS)["qualifiers"] == 0
    assert score(ASKED, replace(reply(cite()), as_of="截至2023年底"), IN_PARKS)["qualifiers"] == 1
    both = replace(ASKED, qualifiers=("截至2023年底", "新区管委会"))
    assert score(both, reply(cite(BEFORE)), IN_PARKS)["qualifiers"] == 0
    assert score(replace(ASKED, qualifiers=()), reply(cite()), IN_PARKS)["qualifiers"] is None


def test_verified_is_the_share_of_the_citations_that_are() -> None:
    changed = replace(cite(), verified="source_changed")
    assert score(ASKED, reply(cite(), changed), IN_PARKS)["verified"] == 0.5


def test_a_crash_is_always_the_mistake() -> None:
    due = crash_scores(ASKED)
    assert (due["right"], due["em"], due["false_refusal"], due["false_answer"]) == (0, 0, 1, None)
    undue = crash_scores(Question("1", "问", answerable=False))
    assert (undue["right"], undue["em"], undue["false_refusal"], undue["false_answer"]) == (0, None, None, 1)
    assert crash_scores(Question("1", "问"))["right"] is None


def test_every_score_of_a_crash_is_one_that_answers_have() -> None:
    assert crash_scores(ASKED).keys() == score(ASKED, refused(), IN_PARKS).keys()


# Answers as people write them


@pytest.mark.parametrize(
    ("answer", "text", "holds"),
    [
        ("52000", "全市共有5.2万个充电桩。", True),
        ("80000", "建成超8万个基站", True),
        ("52000", "全市共有5.3万个充电桩。", False),
        ("第31届", "第三十一届大运会开幕", True),
        ("第三十一届", "第31届大运会开幕", True),
        ("第31届", "第三十一次会议", False),
        ("第31届", "第三十二届大运会", False),
    ],
)
def test_a_number_or_an_ordinal_counts_by_its_value(answer: str, text: str, holds: bool) -> None:
    assert states_answer([text], Question("1", "？", (answer,))) == holds


def test_of_groups_every_one_is_needed() -> None:
    question = Question(
        "1", "哪两个市？", ("雅安", "雅安和达州"), answer_groups=(("雅安",), ("达州", "达州市"))
    )
    assert [right(given, question) for given in ("雅安", "达州市", "雅安、达州", "雅安和达州市")] == [
        0,
        0,
        1,
        1,
    ]
