from collections import Counter
from pathlib import Path

import pytest
from lxml import html

from benchmarks.pages_extraction import body_f1, body_text, clean_of, fields_right, read_page
from rag.errors import IngestError
from rag.ingest.articles import read_articles
from rag.records import Article, BlockKind
from rag.text.characters import squeeze
from tests.support.page_designs import Design, designs
from tests.support.saved_pages import ADVERT, COMMENTS, MENU, PAGES, RELATED, Page, story


def read(path: Path, content: bytes) -> Article:
    path.write_bytes(content)
    (entry,) = read_articles(path)
    assert isinstance(entry, tuple)
    return entry[1]


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_saved_page_gives_its_story_and_nothing_around_it(tmp_path: Path, page: Page) -> None:
    article = read(tmp_path / "a.html", page.html.encode(page.charset))
    assert (article.title, article.published) == (page.title, page.published)
    assert article.publisher == page.publisher
    kinds = (BlockKind.BODY, BlockKind.HEADING)
    body = squeeze("".join(article.text[one.start : one.end] for one in article.blocks if one.kind in kinds))
    text = squeeze("".join(page.body))
    assert 2 * (Counter(body) & Counter(text)).total() / (len(body) + len(text)) >= 0.95
    assert not [words for words in (*RELATED, *COMMENTS, ADVERT, "".join(MENU[:3])) if words in article.text]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("gb2312", "gb18030"), ("big5", "big5"), ("utf-8", "utf-16"), ("utf-8", "gb18030"), ("gbk", "utf-8")],
)
def test_a_page_is_decoded_also_when_it_names_the_wrong_encoding(
    tmp_path: Path, charset: str, encoding: str
) -> None:
    title, body = story(3)
    if encoding == "big5":
        title, body = (
            "臺北捷運新路線通車",
            ["臺北捷運今天宣布，新路線將於明年通車，預計每日運量達五萬人次。"] * 3,
        )
    words = "".join(f"<p>{text}</p>" for text in body)
    page = f"<html><head><meta charset={charset}><title>{title}</title></head><body><h1>{title}</h1><div>{words}</div></body></html>"
    article = read(tmp_path / "a.html", page.encode(encoding))
    assert article.title == title
    assert body[0] in article.text


def test_a_page_nested_without_end_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="nested"):
        read(tmp_path / "a.html", b"<div>" * 50_000 + "新闻。".encode() + b"</div>" * 50_000)


def test_a_short_headline_is_one_where_the_title_of_the_page_begins_with_it(tmp_path: Path) -> None:
    _, body = story(2)
    words = "".join(f"<p>{text}</p>" for text in body)
    page = (
        f"<html><head><title>松河建站-松河新闻网</title></head><body><h1>松河建站</h1>{words}</body></html>"
    )
    assert read(tmp_path / "a.html", page.encode()).title == "松河建站"


def test_a_date_in_the_address_is_found(tmp_path: Path) -> None:
    title, body = story(2)
    words = "".join(f"<p>{text}</p>" for text in body)
    page = f"<html><head><title>{title}</title><link rel=canonical href='http://news.example/2024/0317/c12.html'></head><body><h1>{title}</h1>{words}</body></html>"
    article = read(tmp_path / "a.html", page.encode())
    assert (article.published, article.found_by["published"]) == ("2024-03-17", "address")


def dated(tmp_path: Path, around: str, head: str = "") -> tuple[str, str]:
    title, body = story(2)
    words = "".join(f"<p>{text}</p>" for text in body)
    menu = "".join(f"<div>{word}</div>" for word in MENU * 2)
    page = f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{menu}{around.format(words=words, title=title)}</body></html>"
    article = read(tmp_path / "a.html", page.encode())
    return article.published, article.found_by.get("published", "")


def test_the_line_below_the_headline_may_be_far_below_the_title(tmp_path: Path) -> None:
    around = "<h3>{title}</h3><div><span>2024-09-07 15:10:53</span> 字号：A- A A+</div>{words}"
    assert dated(tmp_path, around) == ("2024-09-07", "line below the headline")


def test_a_date_below_the_story_is_found(tmp_path: Path) -> None:
    around = "{words}<div>发布时间: 2024-05-17 | 浏览次数: 12</div>"
    assert dated(tmp_path, around) == ("2024-05-17", "line below the headline")


@pytest.mark.parametrize(
    ("around", "head", "expected"),
    [
        ("{words}", '<meta itemprop="dateUpdate" content="2024-01-14 17:58:59">', "2024-01-14"),
        ("{words}", '<script>var a = {{"pubtime": "2024-09-07 19:02:26"}}</script>', "2024-09-07"),
    ],
)
def test_a_date_elsewhere_on_the_page_is_found_by_htmldate(
    tmp_path: Path, around: str, head: str, expected: str
) -> None:
    assert dated(tmp_path, around, head.replace("{{", "{").replace("}}", "}")) == (expected, "htmldate")


@pytest.mark.parametrize(
    "around",
    [
        "{words}<footer>Copyright © 2019-2024 临江日报 版权所有 2024-01-02</footer>",
        "<h3>{title}</h3>{words}<div>许可证 浙B2-20181004 浙ICP备17005035号-1</div>",
        "{words}<ul><li>会议2023年3月5日召开。</li></ul>",
        "{words}<div><img src='/upload/2023/05/06/20230506.jpg'><a href='/2023-05-06/a.html'>旧闻</a></div>",
        "{words}<div>2024年</div>",
        "{words}<div>活动时间：2024年5月1日</div>",
    ],
)
def test_dates_of_other_things_are_not_the_page_s(tmp_path: Path, around: str) -> None:
    assert dated(tmp_path, around) == ("", "")


def test_a_page_of_hundreds_of_thousands_of_tags_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="400000 tags"):
        read(tmp_path / "a.html", "<p>新闻，今天。</p>".encode() * 200_000)


def refusal(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(IngestError) as refused:
        list(read_articles(path))
    return str(refused.value)


def paragraphs(number: int) -> str:
    return "".join(f"<div>{text}</div>" for text in story(number)[1])


def test_paragraphs_in_divs_of_their_own_beside_hundreds_of_links_all_survive(tmp_path: Path) -> None:
    title, body = story(1)
    links = "".join(f"<li><a href='/{i}'>本地频道的第{i}个栏目，点击查看更多</a></li>" for i in range(400))
    page = (
        f"<title>{title}_临江在线</title><div class=nav><ul>{links}</ul></div><h1>{title}</h1>{paragraphs(1)}"
    )
    article = read(tmp_path / "a.html", page.encode())
    assert article.text.split("\n") == [title, *body]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (
            "<title>404 找不到页面</title><h1>抱歉，您要找的页面不存在</h1><p>请返回首页，或稍后再试。</p>",
            "404",
        ),
        (
            "<title>提示信息</title><p>抱歉，指定的主题不存在或已被删除或正在被审核</p><a href=/>返回</a>",
            "不存在",
        ),
        (
            "<title></title><div class=weui-msg><div class='weui-msg__title warn'>该内容已被发布者删除</div></div>",
            "该内容已被发布者删除",
        ),
        (
            "<title></title><div class=weui-msg><h2 class=weui-msg__title>环境异常</h2><p>完成验证后即可继续访问。</p></div>",
            "环境异常",
        ),
    ],
)
def test_a_notice_in_the_place_of_an_article_is_refused_with_its_words(
    tmp_path: Path, page: str, words: str
) -> None:
    reason = refusal(tmp_path / "a.html", f"<meta charset=utf-8>{page}")
    assert "a notice in its place" in reason
    assert words in reason


def test_an_article_about_deleted_pages_is_an_article(tmp_path: Path) -> None:
    page = f"<meta charset=utf-8><title>该内容已被删除，平台回应</title><h1>该内容已被删除，平台回应</h1>{paragraphs(2) * 2}"
    assert read(tmp_path / "a.html", page.encode()).title == "该内容已被删除，平台回应"


@pytest.mark.parametrize(
    "item",
    [
        "<li><a href=/{i}>{title}</a><span>2024-03-0{i}</span></li>",
        "<div class=item><h3><a href=/{i}>{title}</a></h3><p>{lead}</p><span>3月{i}日</span></div>",
    ],
)
def test_a_list_of_articles_is_refused_as_one(tmp_path: Path, item: str) -> None:
    stories = [(i, *story(i)) for i in range(1, 10)]
    items = "".join(item.format(i=i, title=title, lead=body[0][:60]) for i, title, body in stories)
    page = f"<meta charset=utf-8><title>要闻_临江在线</title><div class=nav>首页</div><h2>要闻</h2><ul>{items}</ul>"
    assert "a list of 9 links" in refusal(tmp_path / "a.html", page)


DESIGNS = designs(2)
FEW = 0.95
"""Of the designs: body F1 at least this, and this share without a foreign sentence and with each field right."""


def read_all(folder: Path) -> dict[str, Article | None]:
    return {name: read_page(design, folder) for name, design in DESIGNS.items()}


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Article | None]:
    return read_all(tmp_path_factory.mktemp("designs"))


def test_every_design_is_read_whole_and_clean(articles: dict[str, Article | None]) -> None:
    texts = {name: body_text(article) if article else "" for name, article in articles.items()}
    scores = [body_f1(texts[name], design) for name, design in DESIGNS.items()]
    clean = [clean_of(texts[name], design) for name, design in DESIGNS.items()]
    assert len(scores) >= 2 * 25
    assert sum(scores) / len(scores) >= FEW
    assert sum(clean) / len(clean) >= FEW


@pytest.mark.parametrize("field", ["title", "date", "author", "publisher"])
def test_what_a_design_says_of_itself_is_right_or_empty(
    articles: dict[str, Article | None], field: str
) -> None:
    right = [
        article is not None and fields_right(article, design)[field]
        for article, design in zip(articles.values(), DESIGNS.values(), strict=True)
    ]
    assert sum(right) / len(right) >= FEW


@pytest.mark.parametrize("design", [one for name, one in DESIGNS.items() if name.endswith("0")])
def test_every_character_of_a_page_is_kept_or_listed(tmp_path: Path, design: Design) -> None:
    article = read_page(design, tmp_path)
    assert article is not None
    page = html.document_fromstring(design.html)
    for unseen in page.xpath("//head | //script"):
        unseen.drop_tree()
    shown = Counter(squeeze(page.text_content()))
    kept = Counter(squeeze(article.text))
    left = Counter(squeeze("".join(drop.text for drop in article.drops)))
    # The title stands once in the article, though it may be on the page more often or only in its head.
    assert not shown - kept - left
    assert all(drop.rule for drop in article.drops)


WECHAT = (
    "<!DOCTYPE html><html><head><meta charset=utf-8><meta property='og:site_name' content='微信公众平台'>"
    "<meta property='og:title' content='{title}'><title></title></head><body id='activity-detail'>{body}</body></html>"
)


def test_a_page_of_wechat_names_account_and_day_in_its_scripts(tmp_path: Path) -> None:
    body = """<h1 id="activity-name">梯田丰收节开幕 <span>已付费</span></h1><a id="js_name"> 云梯发布 </a><em id="publish_time">昨天</em>
        <div id="js_content" style="visibility: hidden;"><section><p>9月20日，梯田丰收节开幕，<span>首日</span><strong>接待游客3.1万人次</strong>。</p>
        <section><section><p>新增停车位<br>820个</p></section></section><p>往期推荐</p><p>去年接待游客190万人次</p><p>长按识别二维码关注我们</p></section></div>
        <div id="js_pc_qr_code">微信扫一扫</div><script>var ct = "1726804800"; var nickname = htmlDecode("云梯发布");</script>"""
    article = read(tmp_path / "a.html", WECHAT.format(title="梯田丰收节开幕", body=body).encode())
    assert (article.title, article.publisher, article.published) == (
        "梯田丰收节开幕",
        "云梯发布",
        "2024-09-20",
    )
    assert "接待游客3.1万人次" in article.text
    assert "新增停车位\n820个" in article.text
    assert {"去年接待游客190万人次", "微信扫一扫"} <= {
        line for drop in article.drops for line in drop.text.split("\n")
    }


@pytest.mark.parametrize("name", ["desc", "content_noencode"])
def test_the_text_of_a_share_is_read_from_its_script(tmp_path: Path, name: str) -> None:
    script = (
        "window.cgiDataNew = { nick_name: JsDecode('云梯发布'), title: JsDecode('三张图看懂\\x26quot;丰收\\x26quot;'), "
        + f"{name}: JsDecode('今年\\x0a亩产达到612公斤，增长3.4%。'), ori_create_time: '1726804800' * 1 }};"
    )
    body = f"<div id=js_article>分享 收藏</div><script>{script}</script>"
    article = read(tmp_path / "a.html", WECHAT.format(title="三张图", body=body).encode())
    assert (article.title, article.publisher, article.published) == (
        '三张图看懂"丰收"',
        "云梯发布",
        "2024-09-20",
    )
    assert article.text.split("\n")[1:] == ["今年", "亩产达到612公斤，增长3.4%。"]


@pytest.mark.parametrize(
    ("head", "line", "publisher", "author"),
    [
        ("<meta name=author content=网易>", "来源：  发布时间：2024-03-01 浏览次数：21", "", ""),
        ("<meta name=author content=104363>", "来源：\\ 作者：未知", "", ""),
        ("<meta name=copyright content=网易版权所有>", "来源：云港日报作者：李在山", "云港日报", "李在山"),
        ("<meta name=source content='来源：云港日报'>", "2024-03-01", "云港日报", ""),
        ("<meta name=author content=管理员>", "作者：宣传科 稿源：云港发布 浏览次数：3", "云港发布", ""),
    ],
)
def test_labels_sites_and_numbers_are_neither_author_nor_publisher(
    tmp_path: Path, head: str, line: str, publisher: str, author: str
) -> None:
    title, _ = story(3)
    page = f"<meta charset=utf-8>{head}<title>{title}</title><h1>{title}</h1><div>{line}</div>{paragraphs(3)}"
    article = read(tmp_path / "a.html", page.encode())
    assert (article.publisher, article.author) == (publisher, author)


@pytest.mark.parametrize(
    "form",
    ["{}-云港网", "{} - 云港新闻网", "{}_要闻_云港网", "{}&amp;nbsp;| |", "{}--要闻--云港网", "| {} |"],
)
@pytest.mark.parametrize("shown", ["<div class=t>{}</div>", ""])
def test_the_title_is_without_the_site_s_name(tmp_path: Path, form: str, shown: str) -> None:
    title, _ = story(2)
    page = f"<meta charset=utf-8><title>{form.format(title)}</title>{shown.format(title)}{paragraphs(2)}"
    assert read(tmp_path / "a.html", page.encode()).title == title


ASIDE = (
    '<svg width="9"><text>图表：东城9座</text></svg><iframe src="b.html">不支持框架</iframe><object><p>不支持插件</p></object>'
    "<noscript><p>请打开脚本</p></noscript><canvas>画布</canvas><video src=a.mp4>不支持视频</video>"
    "<math><mfrac><mi>26</mi><mi>40</mi></mfrac><annotation>26/40</annotation></math>"
    "<select><option>选择城市</option></select><textarea>说两句</textarea><template><p>模板</p></template>"
)


@pytest.mark.parametrize("name", designs(1))
def test_no_words_of_a_page_are_lost(tmp_path: Path, name: str) -> None:
    design = designs(1)[name]
    page = design.html.replace("</body>", f"<div>{ASIDE}</div></body>")
    article = read(tmp_path / "a.html", page.encode(design.charset))
    tree = html.document_fromstring(page.encode(), parser=html.HTMLParser(encoding="utf-8"))
    said = tree.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::annotation)]")
    kept = Counter(squeeze(article.text)) + Counter(squeeze("".join(drop.text for drop in article.drops)))
    assert not Counter(squeeze("".join(said))) - kept


def test_what_is_no_line_of_a_page_is_listed_with_its_element(tmp_path: Path) -> None:
    title, body = story(3)
    words = "".join(f"<p>{text}</p>" for text in body)
    page = f"<html><body><h1>{title}</h1><div>{words}{ASIDE}</div></body></html>"
    rules = {
        drop.rule: drop.text for drop in read(tmp_path / "a.html", page.encode()).drops if "<" in drop.rule
    }
    assert rules == {
        "words in <svg>": "图表：东城9座",
        "words in <iframe>": "不支持框架",
        "words in <object>": "不支持插件",
        "words in <noscript>": "请打开脚本",
        "words in <canvas>": "画布",
        "words in <video>": "不支持视频",
        "words in <template>": "模板",
    }
