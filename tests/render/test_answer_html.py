from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

from rag.records import (
    Answer,
    BlockKind,
    Citation,
    Passage,
    Refusal,
    Span,
    TimePoint,
    Variant,
    VariantValue,
    Verified,
)
from rag.render.answer_html import answer_html, error_html
from rag.render.answer_text import answer_gbt7714, answer_markdown, answer_plain, answer_text
from rag.render.article_html import Place, Provenance, article_html, panel_html
from rag.render.citation_html import article_path, quote_runs
from rag.render.escape import escape, escape_markdown, visible
from rag.render.trace_html import trace_html
from rag.request import read_request
from rag.tracing import Considered, Found, Trace
from tests.support.sample import (
    PARKS,
    FakeBot,
    answered,
    article,
    citation,
    corrected,
    differing,
    found,
    likely,
    refused,
)

HOSTILE = [
    "<script>alert(1)</script>",
    "<form action=//evil><input name=x></form>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "**粗体** [链接](javascript:alert(1)) `码` $$x$$",
    "正常\u202e反转\u2066隔离\u200f",
    "铃\x07换\x1b[31m红\x00零",
    "一行\n\n\n# 不是标题",
    "&lt;b&gt; &amp;amp;",
    "半个代理 \ud83d 字符",
]


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marked: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "mark":
            self.marked.append("")
        if tag not in ("br", "input", "link", "meta"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data
        if "mark" in self._open:
            self.marked[-1] += data

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]

    def ids(self) -> list[str]:
        return [str(attributes["id"]) for _, attributes in self.tags if "id" in attributes]


def test_the_value_stands_first_with_its_time_then_the_sentence_then_the_quote() -> None:
    html = answer_html(answered())
    order = [
        "有把握",
        "31座</strong>",
        "截至2023年底",
        'class="yj-ref"',
        "滨江新区口袋公园达到31座。",
        "<blockquote",
    ]
    assert [html.index(part) for part in order] == sorted(html.index(part) for part in order)


def test_a_likely_answer_says_so_sets_nothing_in_bold_and_names_the_next_best() -> None:
    html = answer_html(likely())
    page = Page(html)
    assert html.startswith('<div class="yj yj-likely">')
    assert page.text.startswith("可能 31座 截至2023年底 [1]")
    assert "也可能：12座 [2]" in page.text
    assert "<strong>" not in html
    assert [a["href"] for a in page.all("a") if a["class"] == "yj-ref"] == [
        f"#{ident}" for ident in page.ids()
    ]
    assert "yj-likely" not in answer_html(answered())
    for text in (answer_text(likely()), answer_plain(likely()), answer_markdown(likely())):
        assert text.startswith("可能：")


def test_the_place_that_the_quote_names_stands_beside_the_value() -> None:
    def shown(quote: str, question: str) -> str:
        one = citation(replace(PARKS, text=quote), quote, "31座")
        html = answer_html(
            replace(answered(), question=question, understood_as="", citations=(one,), variants=())
        )
        return Page(html.partition('<p class="yj-sentence"')[0]).text

    assert shown("成都市建成公园31座。", "成都有多少公园") == "有把握 31座 截至2023年底 成都市 [1]"
    assert "成都市" in shown("成都市建成公园31座。", "有多少公园")
    assert "成都" not in shown("成都银行建成公园31座。", "有多少公园")
    assert "市" not in shown("成都市和重庆市建成公园31座。", "有多少公园")
    assert "重庆市" in shown("成都市没有，重庆市建成公园31座。", "重庆有多少公园")
    assert "武侯区" in shown("四川省成都市武侯区建成公园31座。", "有多少公园")


def test_the_newest_articles_are_listed_by_headlines_that_stand_once() -> None:
    headline = replace(citation(PARKS, PARKS.title, ""), kind=BlockKind.TITLE)
    told = replace(refused(), refusal=Refusal("overview", "", "库中最新的报道如下。"), closest=(headline,))
    html = answer_html(told, lang="zh")
    assert Page(html).text.count(PARKS.title) == 1
    assert "要点" not in html
    assert 'class="yj-newest"' in html


def test_where_nothing_is_answered_passages_with_the_words_stand_before_what_is_only_near() -> None:
    html = answer_html(refused(), found="<p>原文中的字</p>")
    assert html.index("未作答") < html.index("原文中的字") < html.index("<details") < html.index("可能相关")
    assert answer_html(answered(), found="<p>原文中的字</p>").endswith("<p>原文中的字</p></div>")


def test_sure_likely_and_refused_are_told_apart_in_words() -> None:
    said = [Page(answer_html(one)).text[:3] for one in (answered(), likely(), refused())]
    assert said == ["有把握", "可能 ", "未作答"]
    assert [Page(answer_html(one, lang="en")).text[:9] for one in (answered(), likely(), refused())] == [
        "Confident",
        "Likely 31",
        "Not answe",
    ]


def test_a_quote_that_is_the_answer_stands_once_and_nothing_in_it_is_marked() -> None:
    quote = "其中，口袋公园达到31座，覆盖全部街道"
    whole = citation(PARKS, f"{quote}。", quote)
    page = Page(
        answer_html(
            replace(answered(), answer=quote, text=f"“{quote}” [1]", statement="", citations=(whole,))
        )
    )
    assert page.text.count(quote) == 1
    assert page.marked == []


def test_further_sources_that_agree_are_folded_under_their_number() -> None:
    first, second = answered().citations
    same = Variant("equal", (VariantValue("31座", 1), VariantValue("31座", 2), VariantValue("31座", 3)))
    cited = (first, replace(second, outlook=""), replace(second, number=3, outlook=""))
    html = answer_html(replace(answered(), citations=cited, variants=(same,)))
    head, folded = html.split("<details")
    assert head.count("<blockquote") == 1
    assert "<summary>另有2篇说法一致</summary>" in folded
    assert folded.count("<blockquote") == 2
    assert Page(head.partition("<ol")[0]).text.endswith("[1][2][3]截至2023年底，滨江新区口袋公园达到31座。")


def test_an_answer_to_several_questions_has_a_block_for_each_and_the_conclusion_first() -> None:
    one = replace(answered("甲？"), citations=answered().citations[:1])
    shared = answered().citations[0]
    other = replace(one, question="乙？", answer="86座", statement="")
    unknown = refused("丙？")
    both = replace(
        one,
        parts=(one, other, unknown),
        statement="相比之下，乙更多。",
        citations=(replace(shared, number=1),),
    )
    page = Page(answer_html(both))
    assert page.text.startswith("有把握 相比之下，乙更多。甲？有把握 31座")
    assert [page.text.index(asked) for asked in ("甲？", "乙？", "丙？")] == sorted(
        map(page.text.index, ("甲？", "乙？", "丙？"))
    )
    assert "丙？未作答" in page.text
    assert len(page.all("blockquote")) == 1  # both rest on it


def test_what_period_is_not_covered_is_said_after_the_answer() -> None:
    told = replace(answered(), period_shift=True, notice="库中没有找到2026年的报道")
    page = Page(answer_html(told))
    assert page.text.endswith("库中没有找到2026年的报道，以上是最近的。")
    assert page.text.count("2026年的报道") == 1


def test_courtesy_is_shown_as_no_refusal() -> None:
    hello = replace(refused("你好"), refusal=Refusal("courtesy", "", "您好！"), text="您好！", closest=())
    html = answer_html(hello)
    assert "您好！" in html
    assert "yj-reason" not in html
    assert "yj-reason" in answer_html(refused())


def test_a_marker_leads_to_the_card_of_its_number() -> None:
    page = Page(answer_html(answered(), uid="a"))
    marker = next(a for a in page.all("a") if a["class"] == "yj-ref")
    assert marker["href"] == "#yja-1"
    assert page.ids() == ["yja-1", "yja-2"]


def test_two_answers_on_one_page_share_no_id() -> None:
    one, other = Page(answer_html(answered(), uid="a")), Page(answer_html(answered(), uid="b"))
    assert not set(one.ids()) & set(other.ids())


def test_a_bracketed_number_without_a_citation_is_only_text() -> None:
    page = Page(answer_html(replace(answered(), statement="文中写作31座 [7]")))
    assert [a["href"] for a in page.all("a") if a["class"] == "yj-ref"] == [f"#{page.ids()[0]}"]
    assert "[7]" in page.text


def test_only_the_answer_is_marked_and_its_context_is_grey_before_it() -> None:
    html = answer_html(answered())
    assert Page(html).marked == ["31座", "12座"]
    grey = '<span class="yj-context">截至2023年底，新区已建成各类公园超86座。</span>'
    assert f"{grey}其中，口袋公园达到<mark>31座</mark>，覆盖全部街道。" in html


def test_words_left_out_between_context_and_quote_show_as_dots() -> None:
    far = citation(
        PARKS, "下一步，新区计划在2026年前再建12座口袋公园。", context=["记者从滨江新区管委会获悉，"]
    )
    assert [own for _, own in quote_runs(far)] == [False, False, True]
    assert "".join(words for words, _ in quote_runs(far)).startswith("记者从滨江新区管委会获悉，……下一步")


def test_context_after_the_quote_stays_after_it() -> None:
    later = citation(PARKS, "新区已建成各类公园超86座。", context=["其中，口袋公园达到31座，覆盖全部街道。"])
    assert next(words for words, _ in quote_runs(later)).startswith("新区已建成")


def test_a_card_names_title_publisher_date_and_how_old_the_figure_is() -> None:
    text = Page(answer_html(answered())).text
    for part in ("《滨江新区今年再添十二座口袋公园》", "滨江日报", "2024-03-12", "数据时间：截至2023年底"):
        assert part in text


def test_each_quote_has_the_time_of_its_own_answer() -> None:
    page = Page(answer_html(answered()))
    assert page.text.count("数据时间：") == 2
    assert "数据时间：截至2023年底" in page.text
    assert "数据时间：2026年前计划" in page.text


def test_a_card_opens_the_article_at_the_quote_in_a_new_tab() -> None:
    found = answered().citations[0]
    link = Page(answer_html(answered(), lambda c: article_path(c, "/news"))).all("a")[1]
    assert (
        link["href"]
        == f"/news/articles/{PARKS.id}?s={found.start}&e={found.end}&a={found.answer_start}&b={found.answer_end}#quote"
    )
    assert (link["target"], link["rel"]) == ("_blank", "noopener")


@pytest.mark.parametrize(
    ("verified", "shown"),
    [("verified", "✓ 已核对"), ("source_changed", "⚠ 来源已变动"), ("source_missing", "⚠ 来源已不在")],
)
def test_a_card_says_whether_its_quote_was_checked(verified: Verified, shown: str) -> None:
    one = replace(answered().citations[0], verified=verified)
    html = answer_html(replace(answered(), citations=(one,)))
    assert shown in html
    assert ("引文与来源文件逐字核对一致" in html) == (verified == "verified")


def test_reprints_fold_into_one_card() -> None:
    one = replace(answered().citations[0], reprints=("江畔晚报.txt", "<b>.txt"))
    page = Page(answer_html(replace(answered(), citations=(one,))))
    assert "另有2处转载江畔晚报.txt、<b>.txt" in page.text
    assert len(page.all("li")) == 1
    page = Page(answer_html(replace(answered(), citations=(replace(one, reprints=("江畔晚报.txt",)),))))
    assert "另见：江畔晚报.txt" in page.text


def test_a_corrected_quote_carries_its_correction_everywhere() -> None:
    page = Page(answer_html(corrected()))
    assert "更正：“31座” → “33座”：《勘误》" in page.text
    assert page.text.index("更正：") < page.text.index("其中，口袋公园达到")  # a banner over the quote
    assert any("/articles/nnnnnnnnnnnn?s=0&e=9&a=0&b=3" in str(a["href"]) for a in page.all("a"))
    for text in (
        answer_text(corrected()),
        answer_plain(corrected()),
        answer_gbt7714(corrected(), date(2024, 6, 1)),
    ):
        assert "更正：“31座” → “33座”：《勘误》" in text
    assert "31座” → “33座" in answer_markdown(corrected())


@pytest.mark.parametrize("words", HOSTILE)
def test_a_correction_is_never_interpreted(words: str) -> None:
    tags = {tag for tag, _ in Page(answer_html(corrected(words))).tags}
    assert tags - {"br"} == {tag for tag, _ in Page(answer_html(corrected())).tags}


def test_sources_that_differ_stand_side_by_side_with_their_markers() -> None:
    page = Page(answer_html(differing(), uid="a"))
    assert page.text.startswith("说法不一 不同之处：所说的时间31座 [1]")
    assert "yj-said-value" not in answer_html(differing())  # none of them is set as the answer
    assert len(page.all("blockquote")) == 2
    assert not page.all("details")
    values = [a["href"] for a in page.all("a") if a["class"] == "yj-ref"]
    assert values == ["#yja-1", "#yja-2"]


def test_a_refusal_gives_its_reason_and_offers_what_is_close_as_no_answer() -> None:
    page = Page(answer_html(refused()))
    assert "库中的报道没有说到滨江新区有多少座体育馆。" in page.text
    assert "库中没有找到依据" in page.text
    assert page.text.startswith("未作答")
    assert "可能相关供参考，不是对问题的回答" in page.text
    assert page.marked == []
    assert not [a for a in page.all("a") if a["class"] == "yj-ref"]


def test_a_refusal_says_once_that_nothing_was_found_and_a_reader_of_english_reads_it_in_english() -> None:
    said = "筛选范围内没有找到足够可靠的依据，因此不作回答。"
    narrow = replace(refused(), refusal=Refusal("no_evidence", "", said), closest=())
    assert Page(answer_html(narrow)).text == f"未作答 {said}"
    page = Page(answer_html(narrow, lang="en"))
    assert (
        page.text
        == "Not answered Nothing reliable enough was found within the filters, so there is no answer."
    )
    unknown = replace(narrow, refusal=Refusal("no_evidence", "", "另一句话。"))
    page = Page(answer_html(unknown, lang="en"))
    assert page.text == "Not answered No evidence in the articles另一句话。"
    assert [tag["lang"] for tag in page.all("p") if "lang" in tag] == ["zh-CN"]


def test_a_question_understood_otherwise_is_said() -> None:
    page = Page(answer_html(replace(answered(), understood_as="滨江新区有多少公园")))
    assert "我理解为：滨江新区有多少公园" in page.text
    assert [button["class"] for button in page.all("button")] == ["yj-edit"]
    assert "我理解为" not in answer_html(answered())


def test_a_terminal_too_says_how_a_question_was_understood() -> None:
    said = answer_text(replace(answered(), understood_as="滨江新区有多少公园"))
    assert said.startswith("我理解为：滨江新区有多少公园\n")
    assert "我理解为" not in answer_text(answered())


def hostile_answer(words: str) -> Answer:
    """Return an answer in which every string that a page shows holds `words`."""
    story = article(((BlockKind.TITLE, words), (BlockKind.BODY, f"前{words}后。31座。")))
    cited = citation(story, f"前{words}后。", words)
    cited = replace(cited, publisher=words, published=words, reprints=(words,))
    return replace(
        answered(words),
        understood_as=f"问{words}",
        answer=words,
        as_of=words,
        statement=words,
        text=f"{words} [1]",
        citations=(cited,),
    )


ALLOWED = {
    "div",
    "p",
    "strong",
    "a",
    "ol",
    "li",
    "span",
    "blockquote",
    "mark",
    "bdi",
    "br",
    "button",
    "details",
    "summary",
}


@pytest.mark.parametrize("words", HOSTILE)
def test_hostile_text_is_shown_and_never_interpreted(words: str) -> None:
    html = answer_html(hostile_answer(words), uid="a")
    page = Page(html)
    assert {tag for tag, _ in page.tags} <= ALLOWED
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert html.count(escape(words)) >= 6
    html.encode()


@pytest.mark.parametrize("words", HOSTILE)
def test_an_answer_is_one_line_so_that_no_markdown_renderer_leaves_html(words: str) -> None:
    for html in (answer_html(hostile_answer(words)), error_html(words)):
        assert len(html.splitlines()) == 1
        assert html.startswith("<div")


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_article_is_shown_and_never_interpreted(words: str) -> None:
    story = replace(
        article(((BlockKind.TITLE, words), (BlockKind.HEADING, words), (BlockKind.CAPTION, words))),
        publisher=words,
        author=words,
        url="javascript:alert(1)",
    )
    place = Place.read(story, 0, len(story.text), 1, 3)
    html = article_html(story, place, Provenance((words,)))
    assert {tag for tag, _ in Page(html).tags} <= READ
    assert "javascript:" not in article_html(story, None).replace(escape(words), "")
    panel = panel_html(story, place, Provenance((words,), (words, "别处.txt")), "/articles/x?s=1")
    assert {tag for tag, _ in Page(panel).tags} <= READ | PANEL
    assert len(Page(panel).all("a")) == 1
    panel.encode()


READ = {"article", "h1", "h2", "p", "span", "mark", "strong", "bdi", "br"}
PANEL = {"div", "dl", "dt", "dd", "details", "summary", "ul", "li", "a"}


@pytest.mark.parametrize("words", HOSTILE)
def test_a_hostile_trace_is_shown_and_never_interpreted(words: str) -> None:
    story = article(((BlockKind.TITLE, words), (BlockKind.BODY, f"前{words}后。")))
    passage = Passage(story, 0, len(story.text))
    given = Trace(
        answer=replace(refused(words), understood_as=words, refusal=Refusal("no_evidence", words, words)),
        terms=(words,),
        hidden=True,
        found=1,
        passages=(Found(passage, 1, True),),
        considered=(Considered(words, words, 0.5, (words,)),),
        lost="refused",
        place=passage,
    )
    html = trace_html(given)
    assert {tag for tag, _ in Page(html).tags} <= {
        "div",
        "section",
        "h3",
        "p",
        "ol",
        "ul",
        "li",
        "strong",
        "span",
        "a",
        "bdi",
        "br",
    }
    assert not [name for _, attributes in Page(html).tags for name in attributes if name.startswith("on")]
    html.encode()


def test_a_trace_names_the_stage_that_lost_the_answer_and_shows_each_stage() -> None:
    page = Page(
        trace_html(FakeBot().trace(read_request({"question": "新区有多少座体育馆？"}), "31座"), "/news")
    )
    assert page.text.startswith("读到了含有这些字的段落，但依据不足，没有作答")
    for part in ("查找的词：新区、体育馆", "共找到 7 个段落", "31座 12% 不符：体育馆", "库中没有找到依据"):
        assert part in page.text
    assert str(page.all("a")[0]["href"]).startswith(f"/news/articles/{PARKS.id}?s=")


def test_bidirectional_controls_are_named() -> None:
    assert visible("正常\u202e反转") == "正常⟨U+202E⟩反转"
    assert escape("\u2067") == '<span class="yj-hidden">U+2067</span>'


def test_a_terminal_gets_no_escape_sequence() -> None:
    assert "\x1b" not in answer_text(hostile_answer("红\x1b[31m字"))


def test_terminal_text_sets_off_the_answer_and_names_the_source() -> None:
    lines = answer_text(answered()).splitlines()
    assert lines[0] == "截至2023年底，滨江新区口袋公园达到31座 [1]"
    assert (
        lines[2] == "[1] 截至2023年底，新区已建成各类公园超86座。其中，口袋公园达到【31座】，覆盖全部街道。"
    )
    assert (
        lines[3]
        == "    《滨江新区今年再添十二座口袋公园》，滨江日报，2024-03-12，数据时间：截至2023年底  ✓ 已核对"
    )
    assert lines[4] == "    seeds/parks.txt"


def test_a_refusal_in_a_terminal_offers_what_is_close() -> None:
    text = answer_text(refused())
    assert text.startswith("库中的报道没有说到")
    assert "可能相关（供参考，不是对问题的回答）：" in text


def test_markdown_quotes_the_words_and_interprets_none_of_them() -> None:
    text = answer_markdown(hostile_answer("*星* [a](b)"))
    assert r"> \[1\] 前**\*星\* \[a\](b)**后。" in text
    assert escape_markdown("1. 一") == r"1\. 一"
    assert escape_markdown("- 一") == r"\- 一"


def test_what_was_corrected_in_an_article_stands_at_its_top() -> None:
    mends = corrected().citations[0].corrections
    known = Provenance(corrections=mends, base="/news")
    for html in (article_html(PARKS, None, known), panel_html(PARKS, None, known, "/articles/x")):
        page = Page(html)
        assert page.text.index("更正：“31座” → “33座”") < page.text.index(PARKS.title)
        assert "/news/articles/n#quote" in [a["href"] for a in page.all("a")]


def run(start: int, end: int) -> list[str]:
    return Page(article_html(PARKS, Place.read(PARKS, start, end))).marked


def test_the_reading_page_shows_every_block_in_its_own_way() -> None:
    html = article_html(PARKS, known=Provenance(("seeds/parks.txt",)))
    assert '<h1 class="yj-b-title">滨江新区今年再添十二座口袋公园</h1>' in html
    assert '<h2 class="yj-b-heading">家门口的绿</h2>' in html
    assert '<p class="yj-b-caption">市民在新落成的口袋公园散步。周远 摄</p>' in html
    assert "来源文件：seeds/parks.txt" in html
    assert "<mark" not in html


def test_the_reading_page_marks_exactly_the_quote() -> None:
    one: Citation = answered().citations[0]
    assert run(one.start, one.end) == [one.quote]
    assert Page(article_html(PARKS, Place.read(PARKS, one.start, one.end))).ids() == ["quote"]


def test_the_other_quotes_of_an_answer_are_marked_in_another_way() -> None:
    one, other = (found(PARKS, words) for words in ("覆盖全部街道", "再建12座口袋公园"))
    place = Place.read(PARKS, *one, others=[Span(*other), Span(*one), Span(3, 2), Span(0, 10**6)])
    html = article_html(PARKS, place)
    assert '<mark id="quote" tabindex="-1">覆盖全部街道</mark>' in html
    assert html.count('<mark class="yj-other">再建12座口袋公园</mark>') == 1
    assert html.count("<mark") == 2
    before = article_html(PARKS, Place.read(PARKS, *other, others=[Span(*one)]))
    assert Page(before).ids() == ["quote"]
    assert '<mark id="quote" tabindex="-1">再建12座口袋公园</mark>' in before


def test_an_article_at_a_glance_quotes_its_sentences_with_their_figures_and_times() -> None:
    start, end = found(PARKS, "截至2023年底，新区已建成各类公园超86座。")
    html = panel_html(
        PARKS, None, Provenance(base="/news", gist=((Span(start, end), "截至2023年底"),)), "/articles/x"
    )
    assert "新区已建成各类公园<strong>超86座</strong>。" in html
    page = Page(html)
    assert f"/news/articles/{PARKS.id}?s={start}&e={end}#quote" in [a["href"] for a in page.all("a")]
    assert "速览" in page.text


def test_a_run_over_two_blocks_is_marked_in_both_with_one_anchor() -> None:
    start = PARKS.text.index("家门口的绿")
    end = PARKS.text.index("获悉")
    assert run(start, end) == ["家门口的绿", "记者从滨江新区管委会"]
    assert Page(article_html(PARKS, Place.read(PARKS, start, end))).ids() == ["quote"]


@pytest.mark.parametrize(("start", "end"), [(5, 5), (9, 3), (-1, 4), (0, 10**6), (None, 4), (3, None)])
def test_wrong_offsets_leave_the_page_without_a_mark(start: int | None, end: int | None) -> None:
    assert Place.read(PARKS, start, end) is None


def test_an_article_without_a_title_block_still_has_a_heading() -> None:
    story = replace(article(((BlockKind.BODY, "只有正文。"),)), title="")
    assert "<h1>（无标题）</h1>" in article_html(story)


def test_only_a_web_address_becomes_a_link() -> None:
    assert 'href="https://example.org/a?b=1&amp;c=2"' in article_html(
        replace(PARKS, url="https://example.org/a?b=1&c=2")
    )
    assert "<a " not in article_html(replace(PARKS, url="javascript:alert(1)"))


def test_the_answer_stands_out_in_the_marked_quote() -> None:
    one: Citation = answered().citations[0]
    html = article_html(PARKS, Place.read(PARKS, one.start, one.end, one.answer_start, one.answer_end))
    assert Page(html).marked == [one.quote]
    assert "口袋公园达到<strong>31座</strong>，覆盖" in html


def test_an_answer_outside_the_quote_is_not_marked() -> None:
    assert Place.read(PARKS, 5, 9, 3, 6) == Place(Span(5, 9))
    assert Place.read(PARKS, 5, 9, 8, 10) == Place(Span(5, 9))


def test_the_panel_says_where_the_quote_stands_and_whether_it_was_checked() -> None:
    one: Citation = answered().citations[0]
    place = Place.read(PARKS, one.start, one.end)
    page = Page(panel_html(PARKS, place, Provenance(("seeds/parks.txt",), ("江畔晚报.txt",)), "/articles/x"))
    for part in (
        "来源滨江日报",
        "作者林晓岚",
        "日期2024-03-12",
        "章节家门口的绿",
        "✓ 已核对 引文与来源文件逐字核对一致",
    ):
        assert part in page.text
    assert len(page.all("details")) == 1
    assert "另有 1 处收录同一篇报道" in page.text
    assert page.marked == [one.quote]


def test_the_panel_speaks_english_around_the_articles_own_words() -> None:
    text = Page(panel_html(PARKS, None, Provenance(), "/articles/x", "en")).text
    assert "Publisher滨江日报" in text
    assert "Section" not in text
    assert "✓ checked" in Page(answer_html(answered(), lang="en")).text


def test_what_is_copied_names_its_sources_and_leads_back_to_them() -> None:
    def link(cited: Citation) -> str:
        return f"http://news.intra/articles/{cited.article_id}"

    plain = answer_plain(answered(), link)
    assert plain.startswith("截至2023年底，滨江新区口袋公园达到31座 [1]。\n")
    assert "[1] “截至2023年底，新区已建成各类公园超86座。其中，口袋公园达到31座，覆盖全部街道。”" in plain
    assert (
        "—— 《滨江新区今年再添十二座口袋公园》，滨江日报，2024-03-12，数据时间：截至2023年底\n    http://news.intra/"
        in plain
    )
    listed = answer_gbt7714(answered(), date(2024, 6, 1), link)
    assert (
        f"[1] 林晓岚. 滨江新区今年再添十二座口袋公园[N/OL]. 滨江日报, 2024-03-12[2024-06-01]. "
        f"http://news.intra/articles/{PARKS.id}"
    ) in listed
    unsigned = replace(answered().citations[0], author="", publisher="")
    listed = answer_gbt7714(replace(answered(), citations=(unsigned,)), date(2024, 6, 1), link)
    assert "[1] 滨江新区今年再添十二座口袋公园[EB/OL]. (2024-03-12)[2024-06-01]. http" in listed


def test_what_was_said_over_time_stands_in_its_order() -> None:
    points = (TimePoint("2022年", "19座", 2), TimePoint("2023年底", "31座", 1))
    first, second = answered().citations
    cited = (first, replace(second, outlook="", role="other_time"))
    page = Page(answer_html(replace(answered(), timeline=points, citations=cited), uid="a"))
    assert page.text.count("其他时间的引文") == 1
    aim = Page(answer_html(replace(answered(), timeline=points), uid="a"))
    assert "计划2022年 19座 [2]现在2023年底 31座 [1]" in aim.text
    assert "各时期的数字早先2022年 19座 [2]现在2023年底 31座 [1]" in page.text
    assert "2022年：19座 [2] → 2023年底：31座 [1]" in answer_plain(replace(answered(), timeline=points))


def test_an_answer_to_several_questions_has_a_line_for_each() -> None:
    both = replace(answered(), text="有31座 [1]\n# 再建12座 [2]")
    assert answer_plain(both).split("\n")[:2] == ["有31座 [1]。", "# 再建12座 [2]。"]
    assert answer_markdown(both).split("\n")[:2] == ["有31座 \\[1\\]。  ", "\\# 再建12座 \\[2\\]。"]


def test_what_is_copied_says_that_the_sources_differ_and_numbers_the_quotes() -> None:
    said = "多篇报道，说法不一：31座 [1]；12座 [2]"
    assert said in answer_plain(differing())
    assert said in answer_gbt7714(differing(), date(2024, 6, 1))
    assert said.replace("[", "\\[").replace("]", "\\]") in answer_markdown(differing())
    assert "> \\[2\\] 下一步" in answer_markdown(differing())


def test_the_page_and_that_it_is_a_scan_are_said_with_the_quote() -> None:
    cited = replace(answered().citations[0], page=3, scanned=True)
    answer = replace(answered(), citations=(cited, *answered().citations[1:]))
    assert all(words in Page(answer_html(answer)).text for words in ("第3页", "识别自扫描件"))
    for said in (answer_text(answer), answer_plain(answer), answer_markdown(answer)):
        assert "第3页，识别自扫描件" in said
        assert said.count("第3页") == 1
    assert "page 3" in Page(answer_html(answer, lang="en")).text


def test_an_original_that_is_a_pdf_is_opened_at_the_page() -> None:
    block = PARKS.blocks[1]
    paged = replace(
        PARKS,
        url="https://paper.example/a.pdf?x=1#top",
        blocks=tuple(replace(b, page=4) for b in PARKS.blocks),
    )
    place = Place(Span(block.start, block.end))
    assert {"https://paper.example/a.pdf?x=1#page=4"} == {
        str(a["href"]) for a in Page(article_html(paged, place)).all("a")
    }
    assert "第4页" in Page(article_html(paged, place)).text
    assert "第4页" in Page(panel_html(paged, place, Provenance(), "/a")).text
    known = Provenance(("a.pdf",), original="/articles/a/original?t=1")
    shown = [str(a["href"]) for a in Page(panel_html(replace(paged, url=""), place, known, "/a")).all("a")]
    assert "/articles/a/original?t=1#page=4" in shown
    page = replace(paged, url="https://paper.example/a.html")
    assert Page(article_html(page, place)).all("a")[0]["href"] == "https://paper.example/a.html"
