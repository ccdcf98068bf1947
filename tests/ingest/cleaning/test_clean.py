from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest

from rag.ingest.cleaning.clean import Story, clean
from rag.ingest.cleaning.credits_and_captions import Credit, read_byline, read_dateline
from rag.ingest.cleaning.lines import unjustify
from rag.records import BlockKind
from rag.text.characters import squeeze
from tests.support.paths import ARTICLES as ARTICLE_FILES
from tests.support.paths import SEEDS as SEED_FILES
from tests.support.wraps import Layout, Printed, lay_out, random_layout

SEEDS = {path.name[:3]: path.read_text("utf-8") for path in SEED_FILES.glob("*.txt")}
ARTICLES = {path.stem: path.read_text("utf-8") for path in ARTICLE_FILES.glob("*.txt")}

STORY = Printed(
    "青山市新图书馆本周开放 藏书超80万册",
    [
        "青山市新图书馆12月3日正式开放。新馆位于城东新区，总建筑面积约4.6万平方米，藏书超80万册，阅览座位3200个，是目前全省面积最大的市级图书馆。",
        "市文化局负责人介绍，新馆2021年开工，总投资7.2亿元，其中社会捐赠约6000万元。“我们希望市民把这里当成自家的书房。”这位负责人说，今后每周至少举办两场公益讲座。",
        "与旧馆相比，新馆增加了儿童区、视障阅览室和24小时自助借还设备。读者凭身份证就可以办理借书手续，一次可借10本，期限30天；逾期每天收取0.1元。",
        "据了解，开放首日共接待读者1.8万人次，比预计多出三成。为此，图书馆临时增开了两条免费接驳线路，并把闭馆时间推迟到晚上10点。",
        "下一步，青山市计划到2026年建成社区阅览室120个，实现步行15分钟就能借到书。",
    ],
    headings=[(2, "服务更方便")],
    captions=["新图书馆的儿童区。李明远 摄", "开放首日的阅览大厅。图据青山市文化局"],
)


def blocks(story: Story, kind: BlockKind) -> list[str]:
    return [story.text[block.start : block.end] for block in story.blocks if block.kind is kind]


def assert_nothing_lost(source: str, story: Story) -> None:
    dropped = sum((Counter(squeeze(drop.text)) for drop in story.drops), Counter[str]())
    assert Counter(squeeze(story.text)) + dropped == Counter(squeeze(source))


@pytest.mark.parametrize("source", [*SEEDS.values(), *ARTICLES.values()], ids=[*SEEDS, *ARTICLES])
def test_every_character_of_an_article_is_kept_or_listed_as_dropped(source: str) -> None:
    assert_nothing_lost(source, clean(source))


def test_a_headline_at_the_end_of_the_page_is_found_with_its_shoulder() -> None:
    story = clean(SEEDS["000"])
    assert story.title == "成都新型工业化再添“智能”底色"
    assert story.subtitle == "入选2024年“5G+工业互联网”融合应用试点城市"
    assert (story.credit.publisher, story.credit.author) == ("华西都市报-封面新闻", "赵奕")


@pytest.mark.parametrize(
    ("lines", "title", "subtitle"),
    [
        (["富锦水稻收获过九成", "平均亩产预计达到581公斤"], "富锦水稻收获过九成", "平均亩产预计达到581公斤"),
        (["富锦水稻收获过九成平均亩", "产预计达到581公斤"], "富锦水稻收获过九成平均亩产预计达到581公斤", ""),
        (["富锦副市长：“今年的", "丰收已成定局”"], "富锦副市长：“今年的丰收已成定局”", ""),
        (["富锦今年水稻、大豆、", "玉米收获过九成"], "富锦今年水稻、大豆、玉米收获过九成", ""),
        (
            ["富锦市今年水稻收获已经超过九成半", "平均亩产预计达到581公斤"],
            "富锦市今年水稻收获已经超过九成半平均亩产预计达到581公斤",
            "",
        ),
        (
            ["黑龙江省富锦市今年水", "稻收获已经超过九成多", "亩产再创新高"],
            "黑龙江省富锦市今年水稻收获已经超过九成多亩产再创新高",
            "",
        ),
    ],
)
@pytest.mark.parametrize("masthead", [["黑土晚报 2024年10月15日", "记者 陆青禾", ""], [""]])
def test_a_headline_of_several_lines_is_joined_where_a_line_reads_on(
    lines: list[str], title: str, subtitle: str, masthead: list[str]
) -> None:
    body = ARTICLES["harvest_columns"].partition("记者 陆青禾\n\n")[2]
    page = "\n".join([*lines, *masthead, body])
    story = clean(page)
    assert (story.title, story.subtitle) == (title, subtitle)
    assert blocks(story, BlockKind.BODY)[0].startswith("金秋十月，走进黑龙江省富锦市，收割机")
    assert_nothing_lost(page, story)


def test_a_headline_in_the_first_line_is_kept_as_printed() -> None:
    story = clean(SEEDS["003"])
    assert story.title == "91个“成都工业精品”再上新 成都塑造新优势不断打造“爆款产品”"
    assert (story.credit.publisher, story.credit.author) == ("华西都市报·封面新闻", "杨芮雯")
    assert [drop.text for drop in story.drops] == [
        "成都发展 Chengdu Development",
        "助于推进“成都产品”向“成都品牌”的转变。",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("000", "构建起“4+10”工业电商平台体系"),
        ("000", "提升AI芯片创新优势"),
        ("000", "建成大型算力中心9个，算力总规模超8000P"),
        ("000", "中国计算机学会人工智能与模式识别专业委员会（CCF AI）"),
        ("003", "特变电工(德阳)电缆股份有限公司"),
        ("003", "近年来，越来越多链主企业选择将生产项目落地成都。"),
    ],
)
def test_a_word_broken_by_a_column_is_whole_again(name: str, words: str) -> None:
    assert any(words in text for text in blocks(clean(SEEDS[name]), BlockKind.BODY))


def test_every_paragraph_of_the_wrapped_seed_begins_and_ends_where_it_was_printed_so() -> None:
    paragraphs = blocks(clean(SEEDS["000"]), BlockKind.BODY)
    assert [text for text in paragraphs if text[-1] not in "。！？"] == []
    assert "“最强大脑”助力科技创新" in blocks(clean(SEEDS["000"]), BlockKind.HEADING)[-1]
    assert any(text.startswith("11月16日，“多智汇聚，共启未来”——2024") for text in paragraphs)


def test_section_headings_and_captions_are_blocks_of_their_own() -> None:
    story = clean(SEEDS["000"])
    assert blocks(story, BlockKind.HEADING)[1] == "有“实力” 成都人工智能产业规模 2024年前三季度突破800亿元"
    assert len(blocks(story, BlockKind.CAPTION)) == 3


@pytest.mark.parametrize("width", [8, 10, 13, 16, 20, 25, 30, 40])
def test_a_page_of_any_width_gives_its_story_back(width: int) -> None:
    """Seeded pages; the odd one that cannot be told from another story is allowed for."""
    whole = 0
    for seed in range(20):
        rng = Random(1000 * width + seed)
        page = lay_out(STORY, random_layout(rng, width, len(STORY.paragraphs)), rng)
        story = clean(page)
        assert_nothing_lost(page, story)
        body = squeeze("".join(blocks(story, BlockKind.BODY)))
        whole += body == squeeze("".join(STORY.paragraphs)) and squeeze(story.title) == squeeze(STORY.title)
    assert whole >= 19


def test_a_caption_inside_a_sentence_moves_below_its_paragraph_and_leaves_a_seam() -> None:
    page = lay_out(STORY, Layout(width=13, title_at=0), Random(1))
    story = clean(page)
    source = squeeze(page)
    assert sorted(blocks(story, BlockKind.CAPTION)) == sorted(STORY.captions)
    edges = [0, *story.seams, len(story.text)]
    pieces = [squeeze(story.text[start:end]) for start, end in pairwise(edges)]
    assert all(piece in source for piece in pieces)
    assert any(block.start < seam < block.end for seam in story.seams for block in story.blocks)


@pytest.mark.parametrize(
    "paragraph",
    [
        ["记者从青山市里了解到", "新馆周末也照常开放，读", "者可以提前预约。"],
        ["图书馆的管理员王丽和", "志愿者李敏每天八点到岗，", "先把新书摆好。"],
    ],
)
def test_the_first_line_of_a_paragraph_that_a_column_ends_below_is_no_heading(paragraph: list[str]) -> None:
    first, *rest = paragraph
    page = lay_out(STORY, Layout(width=10, column_height=11), Random(4))
    story = clean(page + "\n".join(["", first, "", *rest, ""]))
    assert blocks(story, BlockKind.BODY)[-1] == "".join(paragraph)


@pytest.mark.parametrize("width", [8, 10, 13, 16, 20, 25])
def test_a_caption_broken_over_lines_of_its_column_is_whole_and_no_text(width: int) -> None:
    """Seeded pages; the odd caption that a column's end cuts in two is allowed for."""
    whole = 0
    for seed in range(20):
        rng = Random(1000 * width + seed)
        layout = replace(random_layout(rng, width, len(STORY.paragraphs)), wrapped_captions=True)
        page = lay_out(STORY, layout, rng)
        story = clean(page)
        assert_nothing_lost(page, story)
        captions = sorted(map(squeeze, blocks(story, BlockKind.CAPTION)))
        body = squeeze("".join(blocks(story, BlockKind.BODY)))
        whole += captions == sorted(map(squeeze, STORY.captions)) and body == squeeze(
            "".join(STORY.paragraphs)
        )
    assert whole >= 17


def test_a_short_paragraph_that_names_a_photographer_is_no_caption() -> None:
    page = (
        lay_out(STORY, Layout(width=13), Random(3)) + "\n这张照片由李明远拍摄，后来得\n到不少读者的好评。\n"
    )
    assert blocks(clean(page), BlockKind.BODY)[-1].endswith("后来得到不少读者的好评。")


def test_text_that_is_not_wrapped_is_left_alone() -> None:
    text = "\n".join([STORY.title, *STORY.paragraphs])
    assert clean(text).text == text


def test_a_copy_from_the_web_has_its_date_and_source() -> None:
    story = clean(f"{STORY.title}\n2024-10-20 08:15 来源：新华社 作者：李明\n" + "\n".join(STORY.paragraphs))
    assert (story.credit.publisher, story.credit.author, story.credit.published) == (
        "新华社",
        "李明",
        "2024-10-20",
    )
    assert story.found_by == {
        "title": "first line",
        "publisher": "byline",
        "author": "byline",
        "published": "byline",
    }


@pytest.mark.parametrize(
    ("name", "publisher", "author", "published"),
    [
        ("harvest_columns", "黑土晚报", "陆青禾", "2024-10-15"),
        ("maritime_exhibition", "濠江晨報", "", "2024-06-09"),
        ("population_bulletin", "峡江日报", "林小禾", "2024-03-18"),
        ("railway_holiday", "梅江新报", "温晓棠", "2024-10-08"),
        ("football_final", "湘水晚报", "", ""),
    ],
)
def test_who_published_an_article_when_is_read_below_its_headline(
    name: str, publisher: str, author: str, published: str
) -> None:
    story = clean(ARTICLES[name])
    assert story.credit == Credit(publisher, author, published)
    assert not any(word and word in story.title + story.subtitle for word in (publisher, author))


@pytest.mark.parametrize(
    ("line", "credit"),
    [
        ("黑土晚报 2024年10月15日", Credit("黑土晚报", "", "2024-10-15")),
        ("《黑土晚报》　２０２４年１０月１５日　星期二", Credit("黑土晚报", "", "2024-10-15")),
        ("黑土晚报 2024-10-15 08:15 A03版", Credit("黑土晚报", "", "2024-10-15")),
        ("黑土晚报 10月15日 第3版", Credit("黑土晚报")),
        ("A03版：要闻", Credit()),
        ("2024-10-15 08:15", Credit("", "", "2024-10-15")),
        ("濠江晨報  2024年6月9日  記者 陳大文", Credit("濠江晨報", "陳大文", "2024-06-09")),
        ("來源：濠江晨報 記者：陳大文", Credit("濠江晨報", "陳大文")),
        ("本溪日报讯", Credit("本溪日报")),
        ("本报讯（记者 陆青禾）", Credit("", "陆青禾")),
        ("本報訊", Credit()),
        ("记者：陆青禾", Credit("", "陆青禾")),
        ("作者 李明", Credit("", "李明")),
    ],
)
def test_a_masthead_is_read_in_any_form(line: str, credit: Credit) -> None:
    assert read_byline(line) == credit
    story = clean("\n".join([STORY.title, line, *STORY.paragraphs]))
    assert (story.title, story.subtitle) == (STORY.title, "")
    assert blocks(story, BlockKind.BYLINE) == [" ".join(line.split())]


@pytest.mark.parametrize("width", [8, 10, 13, 16])
def test_a_masthead_is_no_part_of_a_headline_whose_column_it_fills(width: int) -> None:
    masthead = "青山晚报 2024年12月4日"
    title, *rest = lay_out(STORY, Layout(width=width), Random(2)).strip().split("\n")
    for headline in ([title], [title[:11], title[11:]]):
        story = clean("\n".join([*headline, masthead, "记者 李明远", *rest]))
        assert story.credit == Credit("青山晚报", "李明远", "2024-12-04")
        assert not {"青山晚报", "李明远"} & {story.title[-4:], story.subtitle[-3:], story.subtitle[:4]}


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("记者 杨芮雯", "杨芮雯"),
        ("本报记者 王明 通讯员 李红", "王明 李红"),
        ("（记者 王明）", "王明"),
        ("记者 傅晓萍 通讯员 洪斌", "傅晓萍 洪斌"),
        ("作者：李明", "李明"),
    ],
)
def test_a_byline_names_its_author(line: str, author: str) -> None:
    credit = read_byline(line)
    assert credit is not None
    assert credit.author == author


@pytest.mark.parametrize(
    "line",
    [
        "记者从会上",
        "记者了解到",
        "成都发展",
        "2024年前三季度突破800亿元",
        "据新华社报道",
        "情况通报 2024年10月15日",
        "10月15日",
        "人民日报",
        "2021年5月15",
        "（2024年1月10日",
    ],
)
def test_a_sentence_about_reporters_is_no_byline(line: str) -> None:
    assert read_byline(line) is None


def test_who_is_only_reported_is_no_publisher() -> None:
    assert read_dateline("据新华社北京8月16日电").publisher == ""
    assert read_dateline("新华社北京8月16日电（记者 王明）").publisher == "新华社"
    assert read_dateline("IT之家 8 月 16 日消息，").publisher == "IT之家"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中 心 9 个 ，算 力 总 规 模 超", "中心9个，算力总规模超"),
        ("再上新 成都塑造新优势", "再上新 成都塑造新优势"),
        ("the cat sat on it", "the cat sat on it"),
    ],
)
def test_only_spaces_that_fill_a_line_go(text: str, expected: str) -> None:
    assert unjustify(text) == expected


def test_many_identical_lines_are_all_kept() -> None:
    page = "今日要闻快报。\n" * 5000
    story = clean(page)
    assert_nothing_lost(page, story)
    assert len(story.blocks) == 5000


LEAD = "12月2日，云港市首届银杏文化节开幕，首日接待游客2.3万人次，其中外地游客占四成。"
REST = "活动持续至12月20日，共安排展演36场。"


@pytest.mark.parametrize(
    ("byline", "credit"),
    [
        ("四川在线 2025年12月3日", Credit("四川在线", "", "2025-12-03")),
        ("云港发布 | 2025-12-03", Credit("云港发布", "", "2025-12-03")),
        ("云港晚报 | 2025-12-03 | 记者 王敏", Credit("云港晚报", "王敏", "2025-12-03")),
        (
            "云港日报｜2025年12月3日 09:10｜记者 王敏 通讯员 李强",
            Credit("云港日报", "王敏 李强", "2025-12-03"),
        ),
        ("四川在线记者 李丽 2025年12月3日", Credit("四川在线", "李丽", "2025-12-03")),
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n　　"])
def test_outlet_day_and_author_below_the_headline_are_neither_title_nor_lead(
    byline: str, credit: Credit, gap: str
) -> None:
    story = clean(gap.join(["银杏文化节开幕迎客", byline, LEAD, REST]))
    assert story.title == "银杏文化节开幕迎客"
    assert story.credit == credit
    assert blocks(story, BlockKind.BODY) == [LEAD, REST]


@pytest.mark.parametrize("signature", ["云港市交警支队 2025年9月25日", "云港市交警支队\n2025年9月25日"])
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_the_signature_of_an_office_is_not_the_title(signature: str, gap: str) -> None:
    story = clean(gap.join(["国庆假期交通安全提示", LEAD, REST, signature]))
    assert (story.title, story.credit.published) == ("国庆假期交通安全提示", "2025-09-25")
    assert blocks(story, BlockKind.BODY) == [LEAD, REST]


@pytest.mark.parametrize("heading", ["云港马拉松 2025年10月26日", "招聘公告 2025年12月3日"])
def test_a_headline_with_a_day_stays_one(heading: str) -> None:
    assert read_byline(heading) is None


@pytest.mark.parametrize("marks", ["{}、", "（{}）", "{}. "])
def test_the_items_of_an_enumeration_are_paragraphs_though_none_is_finished(marks: str) -> None:
    numbers = "一二三" if marks == "（{}）" else "123"
    said = ["新建幼儿园6所，2024年9月", "改造老旧小区18个，2024年10月", "新增公交车30辆，2024年12月"]
    items = [marks.format(number) + words for number, words in zip(numbers, said, strict=True)]
    lead, end = "湖口县3月1日公布今年民生实事，下面是其中几件：", "各项实事由县政府督查室每月通报进展。"
    story = clean("\n".join(["湖口县民生实事清单", lead, *items, end]))
    assert story.text.split("\n")[1:] == [lead, *items, end]
    assert story.blocks[1].kind is BlockKind.BODY
