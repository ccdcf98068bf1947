"""Web pages as a browser saves them: stories among menus, related links, comments and advertisements.

Each page is a shell around a story, as sites of newspapers, portals, governments and blogs have them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

MENU = (
    "首页",
    "要闻",
    "时政",
    "财经",
    "社会",
    "体育",
    "文化",
    "视频",
    "图片",
    "评论",
    "数字报",
    "客户端下载",
)
RELATED = (
    "白云区启动老旧小区电梯加装补贴申报",
    "东湖大桥通车首日通行车辆超四万辆次",
    "南岭县出台人才公寓管理办法（全文）",
    "北川机场新增三条国际航线 本月起售票",
    "石桥镇举办第五届稻田音乐节",
)
COMMENTS = (
    "支持！希望早日开到我们这边来。",
    "上周去看过，人确实很多，停车不太方便。",
    "沙发，楼下记得排队。",
)
ADVERT = "限时优惠：江景三房首付二十万起，致电售楼处即可预约看房，送全屋家电。"


@dataclass(frozen=True)
class Page:
    """A page and what should be read from it."""

    html: str
    title: str
    published: str
    publisher: str
    body: Sequence[str]
    charset: str = "utf-8"


def story(number: int) -> tuple[str, list[str]]:
    """Return a headline and its paragraphs, different for each number."""
    places = ("青山", "临江", "白云", "东湖", "石桥", "南岭", "北川", "西塘")
    things = ("图书馆", "湿地公园", "地铁支线", "养老服务中心", "污水处理厂")
    place, thing = places[number % 8], things[number % 5]
    title = f"{place}市新{thing}正式启用 首日接待群众{1200 + 37 * number}人次"
    return title, [
        f"{place}市第{number + 3}座{thing}3日正式启用。项目位于城东新区，占地约{20 + number}亩，总投资{3 + number}.2亿元，由市属企业承建，历时{14 + number}个月完工。",
        f"上午9时许，首批市民走进{thing}。家住附近的刘女士说，过去办事要坐{number + 20}分钟公交，“现在走路十分钟就到，方便多了”。",
        f"据项目负责人介绍，{thing}设有无障碍通道{number + 4}处，每天开放{8 + number % 5}小时，节假日不休息；运营初期将根据客流情况调整班次，并安排{number + 30}名志愿者现场引导。",
        f"市住建局表示，今年全市计划完成同类项目{number + 6}个，目前已开工{number + 2}个，其余项目将在第四季度陆续开工，确保明年上半年全部投入使用。",
        f"下一步，{place}市将公开征集市民对周边配套设施的意见，重点解决停车、接驳和夜间照明等问题。",
    ]


def _menu(tag: str = "div", css: str = "nav") -> str:
    items = "".join(f'<li><a href="/{i}">{word}</a></li>' for i, word in enumerate(MENU))
    return f'<{tag} class="{css}"><ul>{items}</ul></{tag}>'


def _related(css: str = "related", title: str = "相关新闻") -> str:
    items = "".join(f'<li><a href="/n/{i}.html">{words}</a></li>' for i, words in enumerate(RELATED))
    return f'<div class="{css}"><h3>{title}</h3><ul>{items}</ul></div>'


def _comments() -> str:
    items = "".join(
        f'<div class="comment-item"><span class="user">网友{i}</span><p>{words}</p></div>'
        for i, words in enumerate(COMMENTS)
    )
    return f'<div id="comments" class="comment-list"><h4>网友评论（{len(COMMENTS)}）</h4>{items}</div>'


def _advert() -> str:
    return f'<div class="ad-banner ad"><a href="http://ad.example/x">{ADVERT}</a></div>'


def _footer() -> str:
    return '<div class="footer"><p>关于我们 | 联系我们 | 版权声明 | 招聘信息</p><p>蜀ICP备00000000号 未经授权不得转载</p></div>'


def _paragraphs(body: Sequence[str], tag: str = "p") -> str:
    return "".join(f"<{tag}>　　{escape(text)}</{tag}>\n" for text in body)


def _page(head: str, body: str, charset: str = "utf-8") -> str:
    return (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="{charset}">{head}'
        "<style>.a{color:red}</style><script>var x='不是正文，是脚本。';</script></head>"
        f"<body>{body}</body></html>"
    )


def party_paper(n: int) -> Page:
    """The site of a daily: breadcrumbs, date and source in one line, an editor's line at the end."""
    title, body = story(n)
    html = _page(
        f"<title>{title}--时政--临江新闻网</title><meta name='publishdate' content='2024-03-{n + 1:02d}'>",
        f"{_menu()}<div class='crumb'><a href='/'>临江新闻网</a> &gt; <a href='/sz'>时政</a> &gt; 正文</div>"
        f"<div class='main'><h1>{title}</h1><div class='info'>2024年03月{n + 1:02d}日08:15　来源：临江日报</div>"
        f"<div class='rm_txt_con'>{_paragraphs(body)}<p class='edit'>(责编：王敏、李强)</p></div></div>"
        f"{_related()}{_comments()}{_footer()}",
    )
    return Page(html, title, f"2024-03-{n + 1:02d}", "临江日报", body)


def portal(n: int) -> Page:
    """A portal: metadata for social networks, an advertisement between the paragraphs."""
    title, body = story(n)
    halves = _paragraphs(body[:2]) + _advert() + _paragraphs(body[2:])
    html = _page(
        f"<title>{title}_东湖网</title><meta property='og:title' content='{title}'><meta property='og:site_name' content='东湖网'>"
        f"<meta property='article:published_time' content='2024-05-{n + 1:02d}T09:30:00+08:00'>",
        f"<header>{_menu('nav')}</header><article class='article'><h1 class='main-title'>{title}</h1>"
        f"<div class='date-source'><span class='date'>2024年05月{n + 1:02d}日 09:30</span></div>{halves}</article>"
        f"<aside>{_related('hot', '热门推荐')}</aside>{_comments()}<footer>{_footer()}</footer>",
    )
    return Page(html, title, f"2024-05-{n + 1:02d}", "东湖网", body)


def with_breaks(n: int) -> Page:
    """An old site: tables, text broken by <br>, no heading element, GBK."""
    title, body = story(n)
    text = "<br><br>".join("　　" + words for words in body)
    menu = "".join(f"<td><a href='/{i}'>{word}</a></td>" for i, word in enumerate(MENU))
    links = "<br>".join(f"<a href='/{i}'>·{words}</a>" for i, words in enumerate(RELATED))
    html = _page(
        f"<title>{title}</title>",
        f"<table width=900><tr>{menu}</tr></table><table><tr><td width=200>{links}</td><td>"
        f"<div align=center><font size=5><b>{title}</b></font></div>"
        f"<div align=center>发布时间：2023-11-{n + 1:02d} 10:20 来源：石桥晚报 作者：张华</div><div id=zoom>{text}</div></td></tr></table>"
        f"<table><tr><td align=center>版权所有 石桥在线</td></tr></table>",
        "gb2312",
    )
    return Page(html, title, f"2023-11-{n + 1:02d}", "石桥晚报", body, "gb18030")


def blocks(n: int) -> Page:
    """A modern site: paragraphs are nested sections and spans, the date is a <time>."""
    title, body = story(n)
    text = "".join(
        f'<section><span style="font-size:16px">{escape(words)}</span></section>' for words in body
    )
    html = _page(
        f"<title>{title}</title><meta name='author' content='陈静'>",
        f"<div id='top'>{_menu()}</div><div id='js_article'><h1>{title}</h1><p class='meta'><time datetime='2024-08-{n + 1:02d}'>8月{n + 1}日</time></p>"
        f"<div id='js_content' class='rich_media_content'>{text}</div></div>{_related('rec', '猜你喜欢')}{_footer()}",
    )
    return Page(html, title, f"2024-08-{n + 1:02d}", "", body)


def government(n: int) -> Page:
    """A government's site: a table of metadata, share buttons, print and close links."""
    title, body = story(n)
    html = _page(
        f"<title>{title}_北川市人民政府门户网站</title><meta name='ArticleTitle' content='{title}'>"
        f"<meta name='PubDate' content='2024-06-{n + 1:02d} 16:40'><meta name='ContentSource' content='北川日报'>",
        f"{_menu()}<div class='position'>当前位置：<a href='/'>首页</a> &gt; <a href='/zw'>政务动态</a></div>"
        f"<div class='xl'><h2 class='title'>{title}</h2><div class='fx'>发布日期：2024-06-{n + 1:02d} 16:40 信息来源：北川日报 字体：【大 中 小】 分享：微信 微博</div>"
        f"<div class='TRS_Editor'>{_paragraphs(body)}</div><div class='btn'><a href='#'>打印本页</a> <a href='#'>关闭窗口</a></div></div>{_related()}{_footer()}",
    )
    return Page(html, title, f"2024-06-{n + 1:02d}", "北川日报", body)


KINDS: tuple[Callable[[int], Page], ...] = (party_paper, portal, with_breaks, blocks, government)
PAGES = {f"{kind.__name__}-{n}": kind(4 * at + n) for at, kind in enumerate(KINDS) for n in range(4)}
