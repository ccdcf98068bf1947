import json
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from rag.evaluation.lost import STAGES
from rag.evaluation.metrics import METRICS
from rag.evaluation.report.curves import hit_bars, reliability, risk_coverage, wilson
from rag.evaluation.report.failures import JsonRow, failure_html, failures, options_html
from rag.evaluation.report.page import report_html
from rag.evaluation.report.plots import Bar, Point, hits_svg, percent, reliability_svg, risk_coverage_svg
from rag.evaluation.report.strings import lost_label, metric, shown
from rag.records import Answer
from tests.support.browser import chromium
from tests.support.sample import answered, refused

EVIL = '<script>window.caught=1</script><img src="http://evil.example/x.png" onerror="window.caught=1">'


def row(
    ident: str = "q1",
    result: Answer | None = None,
    *,
    lost_at: str = "",
    right: int = 0,
    question: str = "",
    answers: Sequence[str] = ("三十一座",),
    answerable: bool = True,
    kind: str = "span",
    **more: Any,
) -> JsonRow:
    """Return a line of `eval --json`, as it is read from the file."""
    line = {
        "id": ident,
        "question": question or (result.question if result else "问题"),
        "answers": list(answers),
        "answerable": answerable,
        "result": None if result is None else result.to_json(),
        "scores": {"right": right},
        "lost_at": lost_at,
        "type": kind,
        **more,
    }
    read: JsonRow = json.loads(json.dumps(line))
    return read


WRONG = row("wrong", answered(), lost_at="reader_chose_another")
MISSED = row("missed", refused(), lost_at="refused:no_evidence", answers=["九座", "9座"])
SAID = row("said", answered("港口吞吐量是多少？"), lost_at="false_answer", answerable=False, kind="near")
CRASHED = row("crashed", lost_at="crashed", error="RuntimeError: 爆")
RIGHT = row("right", answered("好的问题？"), right=1)
ROWS = [WRONG, MISSED, SAID, CRASHED, RIGHT]


def score(value: float | None, n: int = 5, of: str = "answerable", **more: float) -> Mapping[str, Any]:
    low, high = (None, None) if value is None else (max(0.0, value - 0.1), min(1.0, value + 0.1))
    return {"value": value, "low": low, "high": high, "n": n, "of": of, **more}


SUMMARY = {
    "right": score(0.25, 4),
    "hit@1": score(0.4),
    "hit@5": score(0.8),
    "mrr": score(0.6123),
    "false_answer_rate": score(1.0, 1, "unanswerable"),
    "qualifiers": score(None, 0),
    "answered_rate": score(0.6, 5, "all"),
    "latency_ms": {"value": 41.2, "low": None, "high": None, "n": 4, "of": "all", "p95": 90.0},
    "latency_ms/read": {"value": 31.0, "low": None, "high": None, "n": 4, "of": "all", "p95": 80.0},
}
META = {
    "files": ["<题>.jsonl"],
    "mode": "end-to-end",
    "date": "2026-11-22T03:13:54+00:00",
    "partial": False,
    "asked": 5,
    "bad_rows": [{"file": "题.csv", "line": 7, "reason": "没有 question 一列"}],
    "index": {"generation": 1, "articles": 2},
    "by": {
        "lost_at": {"": 1, "reader_chose_another": 1, "refused:no_evidence": 1},
        "reason": {"no_evidence": {"right": 3, "false": 1}},
        "type": {"span": {"right": score(0.25, 4), "hit@5": score(None, 0)}, "": {"right": score(None, 0)}},
    },
    "curves": {
        "risk_coverage": [[0.2, 0.0, 0.95], [0.4, 0.5, 0.9], [0.6, 0.6667, 0.7]],
        "calibration": [
            {"confidence": 0.93, "right": 0.3333, "n": 3},
            {"confidence": 0.0, "right": 0.0, "n": 0},
        ],
        "hit": [[1, 0.4], [2, 0.6], [5, 0.8]],
    },
}


def page_of(rows: Sequence[JsonRow] = ROWS) -> str:
    return report_html(rows, SUMMARY, META)


# --- Curves and plots ------------------------------------------------------------------------------------------


def test_wilsons_interval_is_that_of_the_textbook() -> None:
    low, high = wilson(0.8, 20)  # 16 of 20: [0.584, 0.919]
    assert math.isclose(low, 0.584, abs_tol=5e-4)
    assert math.isclose(high, 0.919, abs_tol=5e-4)
    assert wilson(1.0, 3)[1] == pytest.approx(1.0)


def test_where_we_stand_is_the_point_with_our_share_of_answers() -> None:
    points, here = risk_coverage([[0.2, 0.0, 0.9], [0.4, 0.5, 0.8], [1.0, 0.6, 0.1]], 0.41)
    assert [point.x for point in points] == [0.2, 0.4, 1.0]
    assert here is not None
    assert (here.x, here.y) == (0.4, 0.5)
    assert risk_coverage([], 0.5) == ([], None)
    assert risk_coverage([[1.0, 0.6, 0.1]], None)[1] is None


def test_an_empty_bin_is_no_point() -> None:
    points = reliability(
        [{"confidence": 0.1, "right": 0.0, "n": 0}, {"confidence": 0.9, "right": 0.5, "n": 2}]
    )
    assert [(point.x, point.y, point.n) for point in points] == [(0.9, 0.5, 2)]
    assert points[0].low < 0.5 < points[0].high


def test_a_bar_has_the_interval_of_the_summary_or_none() -> None:
    first, second = hit_bars([(1, 0.4), (2, 0.6)], {"hit@1": {"low": 0.3, "high": 0.5}})
    assert first == Bar("1", 0.4, 0.3, 0.5)
    assert (second.low, second.high) == (0.6, 0.6)


def drawn(svg: str) -> ElementTree.Element:
    """Parse a plot: it has to be XML."""
    return ElementTree.fromstring(svg)


@pytest.mark.parametrize(
    ("svg", "title"),
    [
        (risk_coverage_svg([Point(0.5, 0.1), Point(1, 0.3)], Point(1, 0.3, words="这里")), "风险—覆盖曲线"),
        (reliability_svg([Point(0.9, 0.8, 0.7, 0.9, 30, "三十题")]), "校准图"),
        (hits_svg([Bar("1", 0.4, 0.3, 0.5)]), "检索命中率"),
    ],
)
def test_a_plot_says_what_it_shows_and_names_its_axes(svg: str, title: str) -> None:
    plot = drawn(svg)
    assert plot.get("role") == "img"
    assert plot[0].tag == "title"
    assert plot[0].text == title
    assert "%" in (plot.findtext("desc") or "")
    labels = [text.text for text in plot.iter("text") if text.get("class") == "label"]
    assert len([label for label in labels if label]) == 2


def test_marks_stand_where_their_numbers_are() -> None:
    svg = risk_coverage_svg([Point(0.0, 0.0), Point(1.0, 0.25)], None)
    places = re.search(r'points="([\d.]+),([\d.]+) ([\d.]+),([\d.]+)"', svg)
    assert places is not None
    left, bottom, right, top = map(float, places.groups())
    axis = next(line for line in drawn(svg).iter("line") if line.get("class") == "axis")
    assert (left, bottom, right) == (*(float(axis.get(a, "")) for a in ("x1", "y1", "x2")),)
    ceiling = min(float(line.get("y1", "")) for line in drawn(svg).iter("line"))
    assert (bottom - top) / (bottom - ceiling) == pytest.approx(0.25 / 0.3, abs=0.01)  # the axis ends at 30 %


def test_a_long_curve_is_thinned_and_keeps_its_end() -> None:
    svg = risk_coverage_svg([Point(i / 10_000, 0.1) for i in range(1, 10_001)], None)
    places = re.findall(r"[\d.]+,[\d.]+", svg)
    assert 300 < len(places) <= 402
    assert places[-1].startswith("404.0,")


def test_percent() -> None:
    assert (percent(0.125), percent(1.0, 0)) == ("12.5%", "100%")


# --- Names and failures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("hit@5", 0.125, "12.5%"),
        ("mrr", 0.61234, "0.612"),
        ("quote_chars", 48.4, "48字"),
        ("latency_ms/read", 112.4, "112 ms"),
        ("em", None, "–"),
        ("a new metric", 0.5, "0.500"),
    ],
)
def test_a_number_is_written_as_its_metric_is(name: str, value: float | None, expected: str) -> None:
    assert shown(name, value) == expected


def test_parts_of_a_metric_are_named() -> None:
    assert metric("latency_ms/read").label == "用时（中位） · 阅读"
    assert metric("false_refusal_rate/no_evidence").label == "误拒率 · 没有依据"
    assert metric("later").label == "later"
    assert lost_label("refused:constraint_not_met") == "拒答：条件不合"
    assert lost_label("unheard_of") == "unheard_of"


def test_every_metric_and_stage_of_an_evaluation_has_a_chinese_name() -> None:
    for name in [*(one.name for one in METRICS), "aurc", "ece", "latency_ms", "right_refusal_rate/empty"]:
        assert re.search(r"[一-鿿]|MRR|nDCG", metric(name).label), name
        assert metric(name).meaning, name
    for stage in STAGES:
        assert lost_label(stage) != stage


def test_rows_that_no_stage_lost_are_no_failures() -> None:
    assert [(f.row["id"], f.kind) for f in failures(ROWS)] == [
        ("wrong", "wrong"),
        ("missed", "false_refusal"),
        ("said", "false_answer"),
        ("crashed", "crashed"),
    ]


def test_right_words_in_too_long_a_quote_are_a_kind_of_their_own() -> None:
    assert failures([row("long", answered(), lost_at="quote_too_long", right=1)])[0].kind == "unquoted"


def test_a_failure_shows_what_was_expected_and_given_with_the_quote_in_place() -> None:
    html = failure_html(failures([WRONG])[0])
    assert "三十一座" in html
    assert "<strong>31座</strong>" in html
    assert "口袋公园达到<mark>31座</mark>，覆盖" in html
    assert '<span class="yj-context">截至2023年底，' in html
    assert "阅读：选了别处" in html


def test_a_refusal_shows_its_message_and_the_closest_passage() -> None:
    html = failure_html(failures([MISSED])[0])
    assert "九座 <i>或</i> 9座" in html
    assert "没有说到滨江新区有多少座体育馆" in html
    assert "可能相关：《滨江新区" in html


def test_each_group_of_answers_is_asked_for() -> None:
    html = failure_html(
        failures([row("g", answered(), lost_at="ledger", answer_groups=[["甲", "乙"], ["丙"]])])[0]
    )
    assert "甲 <i>或</i> 乙 <i>并且</i> 丙" in html


def test_a_crash_is_told_without_an_answer() -> None:
    assert "RuntimeError: 爆" in failure_html(failures([CRASHED])[0])


def test_choices_are_counted_and_the_most_frequent_come_first() -> None:
    html = options_html(failures([*ROWS, MISSED]), "kind")
    assert re.findall(r'value="(\w+)">(\w+)（(\d)）', html)[:2] == [
        ("false_refusal", "该答未答", "2"),
        ("wrong", "答错", "1"),
    ]


# --- The page --------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    """Collects the tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_headlines_come_with_interval_and_denominator() -> None:
    html = page_of()
    headline = next(part for part in html.split('<li class="headline"') if ">答对<" in part)
    for words in ("25.0%", "[15.0%, 35.0%]", "可答的题 4"):
        assert words in headline
    assert html.count('class="headline"') == 3  # one without a value is left out


def test_tables_name_stages_reasons_types_and_lines_left_out() -> None:
    html = page_of()
    for words in ("失分环节", "拒得对", "（未注明）", "p95 90 ms", "没有 question 一列", "合计"):
        assert words in html
    assert "&lt;题&gt;.jsonl" in html
    assert "<dd>2026-11-22 03:13</dd>" in html


def test_the_page_points_nowhere_outside() -> None:
    for tag, attributes in Tags(page_of()).found:
        assert tag not in ("img", "iframe", "object", "embed"), tag
        assert not attributes.get("src"), tag
        assert (attributes.get("href") or "#").startswith(("#", "data:")), tag
    assert "url(" not in page_of()
    assert "@import" not in page_of()


def test_an_evaluation_of_nothing_is_still_a_page() -> None:
    html = report_html([], {}, {"mode": "reading"})
    assert "只测阅读" in html
    assert "<svg" not in html


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def opened(browser: Browser, folder: Path, rows: Sequence[JsonRow], **options: Any) -> tuple[Page, list[str]]:
    """Open a report from its file; also return every address that was asked for and every error."""
    file = folder / "报告.html"
    file.write_text(page_of(rows), encoding="utf-8")
    page = browser.new_context(locale="zh-CN", **options).new_page()
    said: list[str] = []
    page.on("request", lambda request: said.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri())
    return page, said


@pytest.mark.browser
def test_a_report_opened_from_its_file_draws_and_filters_and_asks_for_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    page, said = opened(browser, tmp_path, ROWS)
    expect(page.locator("svg.plot")).to_have_count(3)
    assert page.locator("svg .curve").bounding_box() is not None
    items = page.locator(".failure:visible")
    expect(items).to_have_count(4)
    page.select_option("#kind", "false_refusal")
    expect(items).to_have_count(1)
    expect(items).to_contain_text("体育馆")
    page.select_option("#kind", "")
    page.select_option("#stage", "false_answer")
    expect(items).to_have_count(1)
    page.select_option("#stage", "")
    page.fill("#words", "吞吐 31座")
    expect(items).to_have_count(1)
    expect(page.locator("#count")).to_have_text("1题")
    page.fill("#words", "没有这样的词")
    expect(page.locator(".empty")).to_be_visible()
    page.fill("#words", "")
    page.select_option("#type", "near")
    expect(items).to_have_count(1)
    assert said == [page.url]


@pytest.mark.browser
def test_nothing_from_an_article_runs_or_is_fetched(browser: Browser, tmp_path: Path) -> None:
    bad = replace(answered(EVIL), answer=EVIL, text=EVIL)
    bad = replace(
        bad, citations=(replace(bad.citations[0], title=EVIL, quote=EVIL, answer_start=None, context=()),)
    )
    rows = [row(EVIL, bad, lost_at="reader_chose_another", answers=[EVIL], kind=EVIL)]
    page, said = opened(browser, tmp_path, rows)
    expect(page.locator(".failure")).to_contain_text("evil.example")
    assert page.evaluate("window.caught") is None
    assert page.locator(".failure img, .failure script").count() == 0
    assert said == [page.url]


@pytest.mark.browser
def test_thousands_of_failures_are_shown_a_page_at_a_time(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, tmp_path, [WRONG] * 3000 + [MISSED] * 60)
    items = page.locator(".failure:visible")
    expect(items).to_have_count(50)
    page.click("#more")
    expect(items).to_have_count(100)
    page.fill("#words", "体育馆")
    expect(items).to_have_count(50)
    expect(page.locator("#more")).to_have_text("再看一些（还有10题）")
    page.click("#more")
    expect(items).to_have_count(60)
    expect(page.locator("#more")).to_be_hidden()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_report_fits_a_phone_by_day_and_by_night(browser: Browser, tmp_path: Path, scheme: Any) -> None:
    page, _ = opened(browser, tmp_path, ROWS, color_scheme=scheme, viewport={"width": 360, "height": 780})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", paper)[:3])) < 300) is (scheme == "dark")


@pytest.mark.browser
def test_on_paper_it_is_black_on_white_without_the_filters(browser: Browser, tmp_path: Path) -> None:
    page, _ = opened(browser, tmp_path, ROWS, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    expect(page.locator(".filters")).to_be_hidden()
