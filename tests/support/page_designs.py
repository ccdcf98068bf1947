"""Thirty-odd designs of news pages, each around a story of our own: what is the article on them, and what is not.

A design is a function of a number (another story, other neighbours) to a `Design`. `foreign` are the sentences and
titles on the page that are none of the article's: comments, digests, rankings, advertisements, notices of the site.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

__all__ = ["DESIGNS", "Design", "designs", "tale"]


@dataclass(frozen=True)
class Design:
    """A page and what should be read from it; "" for a field that the page does not say."""

    html: str
    title: str
    published: str
    body: Sequence[str]
    foreign: Sequence[str]
    publisher: str = ""
    author: str = ""
    charset: str = "utf-8"


PLACES = (
    "青山市",
    "临江县",
    "白云区",
    "东湖区",
    "石桥镇",
    "南岭县",
    "北川市",
    "西塘区",
    "清溪县",
    "柳河市",
    "云台县",
    "凤鸣区",
)
THINGS = (
    "图书馆",
    "湿地公园",
    "轨道交通支线",
    "养老服务中心",
    "污水处理厂",
    "冷链物流园",
    "智慧灌溉工程",
    "职业技术学校",
    "社区医院",
    "跨江大桥",
)
NAMES = ("王敏", "李志强", "陈晓东", "刘芳", "赵文杰", "周静", "吴建国", "郑雪")
PAPERS = ("临江日报", "青山晚报", "东湖新闻网", "北川发布", "石桥时报", "云台融媒", "南岭电视台", "柳河网")
CLAUSES = (
    "{place}{thing}日前通过竣工验收，{n}日起面向公众开放。",
    "项目总投资{n}.6亿元，占地{m}亩，由市属企业承建，历时{k}个月完工。",
    "据{place}住建部门负责人介绍，{thing}设有无障碍通道{k}处，每天开放{h}小时，节假日不休息。",
    "“过去办事要坐半个多小时公交，现在走路十分钟就到。”家住附近的居民{name}说。",
    "截至目前，已有{m}户居民报名参加首批体验活动，现场秩序井然；志愿者每天安排{k}人次。",
    "记者在现场看到，{thing}内划分出{k}个功能区，既有常设展陈，也有互动体验项目，吸引了不少家庭前来参观。",
    "统计显示，今年前三季度，{place}完成同类投资{m}.3亿元，同比增长{h}.7%，高于全省平均水平。",
    "下一步，{place}将公开征集群众意见，重点解决停车、接驳和夜间照明等问题，力争明年{h}月底前完成配套改造。",
    "专家认为，这类项目投入大、周期长，关键在于建成之后管得好、用得上。",
    "“我们测算过，全部投用后每年可节水{m}万吨。”项目负责人{name}介绍。",
)
SHORT = ("群众满意。", "这一问题如何破解？", "改变正在发生。", "好消息接连传来。")
ELSEWHERE = ("汉源州", "沧浪县", "赤水镇", "云顶市", "麻江区", "泸定县", "锦屏市", "阳朔镇")
HEADLINES = (
    "{place}一女子买彩票中奖{n}万元",
    "{place}机场新增{n}条国际航线 本月起售票",
    "明天起降温！{place}最低{n}℃",
    "揭秘{place}百年老街：{n}家店铺的故事",
    "{place}男子酒后驾车被罚{n}元 网友评论亮了",
    "{place}高考成绩公布 一本线{n}分",
)
LEADS = (
    "昨日下午，{place}气象台发布预报，受强冷空气影响，全州气温将下降{n}度左右。",
    "近日，{place}的张女士在一家便利店随手买了一张彩票，没想到竟然中了{n}万元大奖。",
    "据航空公司消息，{place}机场冬春航季将新增{n}条国际航线，机票本月起开售。",
    "这条老街有{n}家店铺，最老的一家开了三代人，如今靠直播卖货，又火了起来。",
)
COMMENTS = (
    "支持一下，希望我们这边也早点建起来，别总是只说不做。",
    "上周末带孩子去过，人确实很多，停车太不方便了。",
    "沙发！楼下的记得排队，小编辛苦。",
    "说得好听，去年承诺的{n}个车位到现在一个都没看到。",
    "我是本地人，亲测从地铁站走过去要二十分钟，差评。",
    "转给我妈看看，她天天念叨这个，终于可以去了。",
)
ADVERTS = (
    "限时优惠：江景三房首付{n}万起，致电售楼处即可预约看房，送全屋家电。",
    "点击下载客户端，新用户立得{n}元红包，每天签到还能抽大奖。",
    "专业祛斑三十年，一次见效，无效退款，添加微信立减{n}元。",
)
NOTICES = (
    "免责声明：本文仅代表作者个人观点，与本站无关，请读者仅作参考，并自行核实相关内容。",
    "版权声明：凡本网注明来源的作品，未经授权不得转载、摘编或以其他方式使用，违者必究。",
    "声明：转载此文是出于传递更多信息之目的，若有来源标注错误或侵犯了您的合法权益，请与本网联系，我们将及时更正、删除。",
)
MENU = ("首页", "要闻", "时政", "财经", "社会", "体育", "文化", "视频", "图片", "评论", "数字报", "客户端")
FOOT = "关于我们 | 联系方式 | 版权声明 | 招聘信息"


def _fill(text: str, rng: Random, place: str, thing: str) -> str:
    return text.format(
        place=place,
        thing=thing,
        name=rng.choice(NAMES),
        n=rng.randrange(2, 28),
        m=rng.randrange(40, 980),
        k=rng.randrange(3, 36),
        h=rng.randrange(4, 12),
    )


def tale(number: int) -> tuple[str, list[str]]:
    """Return a headline and three to nine paragraphs, different for each number."""
    rng = Random(number)
    place, thing = rng.choice(PLACES), rng.choice(THINGS)
    title = rng.choice(
        [
            f"{place}新{thing}正式启用 首日接待{rng.randrange(300, 9000)}人次",
            f"{place}：{thing}建成记",
            f"总投资{rng.randrange(2, 60)}亿元！{place}{thing}开工",
            f"{place}{thing}为何“一位难求”？",
        ]
    )
    order = rng.sample(CLAUSES, len(CLAUSES))
    body: list[str] = []
    while order:
        some = [order.pop() for _ in range(min(len(order), rng.choice([1, 1, 2, 2, 3])))]
        body.append("".join(_fill(text, rng, place, thing) for text in some))
        if rng.random() < 0.15:
            body.append(rng.choice(SHORT))
    return title, body[: rng.randrange(3, 10)]


class Page:
    """The parts of a page around story `number`, and what of them is foreign."""

    def __init__(self, number: int) -> None:
        self.rng = Random(1000 + number)
        self.title, self.body = tale(number)
        self.foreign: list[str] = []
        self.paper = self.rng.choice(PAPERS)
        self.name = self.rng.choice(NAMES)
        self.month, self.day = self.rng.randrange(1, 13), self.rng.randrange(1, 29)
        self.year = self.rng.randrange(2012, 2026)
        self._number = number

    @property
    def date(self) -> str:
        return f"{self.year}-{self.month:02d}-{self.day:02d}"

    @property
    def chinese(self) -> str:
        return f"{self.year}年{self.month}月{self.day}日"

    def clock(self) -> str:
        return f"{self.rng.randrange(6, 23):02d}:{self.rng.randrange(60):02d}"

    def others(self, count: int, start: int = 0) -> list[tuple[str, str]]:
        """Return titles and leads of other stories, all foreign."""
        found = []
        for i in range(count):
            rng = Random(7000 + 50 * self._number + start + i)
            place, number = rng.choice(ELSEWHERE), rng.randrange(11, 700)
            title = rng.choice(HEADLINES).format(place=place, n=number)
            lead = rng.choice(LEADS).format(place=place, n=number).rstrip("。") + rng.choice(
                ["。", "……", "..."]
            )
            self.foreign += [title, lead]
            found.append((title, lead))
        return found

    def titles(self, count: int, start: int = 0) -> list[str]:
        return [title for title, _ in self.others(count, start)]

    def comments(self, count: int) -> list[str]:
        said = [text.format(n=self.rng.randrange(20, 900)) for text in self.rng.sample(COMMENTS, count)]
        self.foreign += said
        return said

    def advert(self) -> str:
        text = self.rng.choice(ADVERTS).format(n=self.rng.randrange(10, 99))
        self.foreign.append(text)
        return text

    def notice(self) -> str:
        text = self.rng.choice(NOTICES)
        self.foreign.append(text)
        return text

    def links(
        self, count: int, start: int = 0, item: str = "<li><a href='/a/{i}.html'>{title}</a></li>"
    ) -> str:
        return "".join(item.format(i=i, title=title) for i, title in enumerate(self.titles(count, start)))

    def menu(self, extra: int = 0) -> str:
        words = [*MENU, *(f"频道{i}" for i in range(extra))]
        return "".join(f"<a href='/{i}/'>{word}</a> " for i, word in enumerate(words))

    def paragraphs(self, form: str = "<p>　　{}</p>\n") -> str:
        return "".join(form.format(text) for text in self.body)

    def made(self, html: str, **fields: str) -> Design:
        charset = fields.pop("charset", "utf-8")
        said = {"published": self.date, **fields}
        return Design(html, self.title, body=self.body, foreign=self.foreign, charset=charset, **said)


def _whole(page: Page, body: str, site: str = "", head: str = "", charset: str = "utf-8") -> str:
    title = f"{page.title}{site}"
    return f"<!DOCTYPE html><html><head><meta charset='{charset}'><title>{title}</title>{head}<script>var a='脚本里的话，不算。';</script></head><body>{body}</body></html>"


def portal(n: int) -> Design:
    p = Page(n)
    cards = "".join(
        f"<div class='card'><h3><a href='/{i}'>{title}</a></h3><span>{p.date}</span><span>APP专享</span></div>"
        for i, title in enumerate(p.titles(4))
    )
    body = f"""<div class="top-nav">{p.menu(20)}</div><div class="path"><a>新闻中心</a> &gt; <a>国内新闻</a> &gt; 正文</div>
    <h1 class="main-title">{p.title}</h1><div class="date-source"><span class="date">{p.chinese} {p.clock()}</span> <a class="source">{p.paper}</a></div>
    <div class="article" id="artibody"><p>　　原标题：{p.title}</p>{p.paragraphs()}<p class="show_author">责任编辑：{p.name} </p></div>
    <div class="keywords">关键字 : <a>民生</a> <a>建设</a></div><div class="qr">更多猛料！欢迎扫描左方二维码关注官方微信，每日推送。</div>
    <div class="hot-recommend"><h2>热门推荐</h2>{cards}</div><div class="footer">{FOOT}</div>"""
    head = f"<meta property='og:title' content='{p.title}'><meta property='article:published_time' content='{p.date}T09:00:00+08:00'><meta name='mediaid' content='{p.paper}'>"
    p.foreign.append("更多猛料！欢迎扫描左方二维码关注官方微信，每日推送。")
    return p.made(_whole(p, body, f"|{p.name}_新闻中心_门户网", head), publisher=p.paper)


def portal_with_comments(n: int) -> Design:
    p = Page(n)
    posts = "".join(
        f"<div class='post'><div class='user'><a href='/u'>有态度网友{i}</a> 2小时前</div><p class='words'>{words}</p><a>顶[{i}]</a> <a>回复</a></div>"
        for i, words in enumerate(p.comments(4))
    )
    body = f"""<div>{p.menu(40)}</div><div class="post_content_main"><h1>{p.title}</h1><div class="post_time_source">{p.date} {p.clock()}:10　来源: <a>{p.paper}</a></div>
    <div class="post_body"><div id="endText"><p class="otitle">（原标题：{p.title}）</p>{p.paragraphs("<p>{}</p>")}<div class="ep-source"><span>本文来源：{p.paper}</span> 责任编辑：{p.name}_NN23</div></div></div>
    <div class="tie-areas"><h3>跟贴 357</h3><div class="notice">网友评论仅供其表达个人看法，并不表明本网立场。</div>{posts}</div></div>
    <div class="news_list"><h3>为您推荐</h3><ul>{p.links(8)}</ul></div><div class="footer">{FOOT}</div>"""
    head = "<meta name='author' content='门户网'><meta name='copyright' content='门户网版权所有'>"
    p.foreign.append("网友评论仅供其表达个人看法，并不表明本网立场。")
    return p.made(_whole(p, body, "_门户新闻", head), publisher=p.paper)


def party_paper(n: int) -> Design:
    p = Page(n)
    columns = "".join(
        f"<li><h3><a href='/{i}'>{t}</a></h3><p>{lead}</p></li>"
        for i, (t, lead) in enumerate(p.others(3, 20))
    )
    body = f"""<div class="w1000 path"><a>人民网</a> &gt;&gt; <a>地方</a></div><div class="clearfix text_title"><h1>{p.title}</h1><p class="author">{p.name}</p>
    <div class="box01"><div class="fl">{p.chinese}{p.clock()}　　来源：<a href="#">{p.paper}</a></div></div></div>
    <div class="text_con"><div class="fl text_con_left"><div class="box_con">{p.paragraphs()}<div class="edit">(责编：{p.name}、丁涛)</div></div>
    <div class="box_news"><h2>相关新闻</h2><ul>{p.links(6)}</ul></div></div><div class="fr text_con_right"><h2>最新图文</h2><ul>{columns}</ul></div></div><div class="copyright">{FOOT}</div>"""
    head = f"<meta name='publishdate' content='{p.date}'><meta name='author' content='104363'><meta name='source' content='来源：{p.paper}'>"
    return p.made(_whole(p, body, "--地方--人民网", head), publisher=p.paper, author=p.name)


def agency_tables(n: int) -> Design:
    p = Page(n)
    rows = "".join(f"<tr><td>·</td><td><a href='/{i}'>{t}</a></td></tr>" for i, t in enumerate(p.titles(10)))
    body = f"""<table width=980 align=center><tr><td>{p.menu()}</td></tr></table><table width=980><tr><td width=660 valign=top>
    <table width=100%><tr><td align=center class=title>{p.title}</td></tr><tr><td align=center>{p.chinese} {p.clock()}:01　来源： {p.paper}</td></tr><tr><td class=content>{p.paragraphs()}</td></tr><tr><td align=right>【纠错】 责任编辑： {p.name}</td></tr></table>
    </td><td width=300 valign=top><table><tr><td>图片新闻</td></tr>{rows}</table></td></tr></table><table width=980><tr><td align=center>{FOOT}<br>Copyright © 2000-2019 All Rights Reserved. 版权所有 制作单位：新闻中心</td></tr></table>"""
    return p.made(_whole(p, body, "-新华网"), publisher=p.paper)


def government(n: int) -> Design:
    p = Page(n)
    body = f"""<div class="header"><div class="logo">北川市人民政府</div>{p.menu()}</div><div class="position">当前位置：<a>首页</a> &gt; <a>政务公开</a> &gt; 公告</div>
    <div class="xl"><table class="bt"><tr><td>索 引 号：</td><td>BC-2020-{n:04d}</td><td>主题分类：</td><td>城乡建设</td></tr><tr><td>发文机关：</td><td>北川市住建局</td><td>成文日期：</td><td>{p.chinese}</td></tr></table>
    <h2>{p.title}</h2><div class="fx">发布日期：{p.date} {p.clock()}　信息来源：{p.paper}　浏览次数：<span id="hits">2168</span>　字体：【大 中 小】</div>
    <div id="zoom" class="TRS_Editor">{p.paragraphs()}</div><div class="fujian">附件：<a href="a.doc">1. 项目清单.doc</a></div><div class="print"><a>【打印本页】</a> <a>【关闭窗口】</a></div></div>
    <div class="foot">主办：北川市人民政府办公室　网站标识码：5107000001　ICP备案号：蜀ICP备05000000号</div>"""
    head = f"<meta name='SiteName' content='北川市人民政府'><meta name='ContentSource' content='{p.paper}'><meta name='PubDate' content='{p.date} 10:00'><meta name='Author' content='管理员'>"
    return p.made(_whole(p, body, "-北川市人民政府", head), publisher=p.paper)


def government_tables(n: int) -> Design:
    p = Page(n)
    text = "<br>".join("　　" + words for words in p.body)
    body = f"""<table><tr><td><a href=/>首页</a></td><td>|</td><td><a>收藏本站</a></td></tr></table><table><tr><td>现在位置：首页 &gt;&gt; 工作动态</td></tr></table>
    <table><tr><td>{p.title}</td></tr><tr><td>来源：  发布时间：{p.date} 浏览次数：{2000 + n}</td></tr><tr><td>{text}</td></tr></table><table><tr><td>【打印】【关闭】</td></tr></table><table><tr><td>主办单位：东湖区人民政府 地址：东湖大道8号 邮编：430000</td></tr></table>"""
    return p.made(_whole(p, body, "-东湖区政府", charset="gb2312"), charset="gb18030")


def nineties(n: int) -> Design:
    p = Page(n)
    text = "<p>\n".join("&nbsp;&nbsp;&nbsp;&nbsp;" + words for words in p.body)
    links = "<br>\n".join(f"<a href=n{i}.htm>{t}</a>" for i, t in enumerate(p.titles(6)))
    body = f"""<body bgcolor=#FFFFFF><center><img src=logo.gif><br><font size=2>[<a href=/>首页</a>] [<a href=gn>国内</a>] [<a href=gj>国际</a>]</font></center><hr>
    <center><font size=5 color=red><b>{p.title}</b></font><br><font size=2>{p.paper}　{p.chinese}</font></center><hr width=80%>
    <font size=3>{text}</font><hr><font size=2>【<a href=/>返回首页</a>】<p>相关报道：<br>{links}<p align=center>本站建议使用800×600分辨率浏览<br>E-mail: webmaster@news.example</font>"""
    html = f"<html><head><title>{p.title}</title><meta http-equiv=Content-Type content='text/html; charset=gb2312'></head>{body}</html>"
    return p.made(html, publisher=p.paper, charset="gb18030")


def wechat(n: int) -> Design:
    p = Page(n)
    parts = "".join(
        f"<section style='margin:8px'><section><span style='font-size:16px'>{words}</span></section></section><p><br></p>"
        for words in p.body
    )
    more = "".join(f"<p><span>{t}</span></p>" for t in p.titles(3))
    body = f"""<div id="js_article" class="rich_media"><div id="img-content"><h1 class="rich_media_title" id="activity-name">{p.title}</h1><div id="meta_content"><span class="rich_media_meta rich_media_meta_text">{p.name}</span>
    <span class="rich_media_meta_nickname" id="profileBt"><a id="js_name"> {p.paper} </a></span><em id="publish_time" class="rich_media_meta"></em></div>
    <div class="rich_media_content" id="js_content" style="visibility: hidden; opacity: 0;"><p>点击上方“{p.paper}”关注我们</p>{parts}<p>往期推荐</p>{more}</div></div></div>
    <div id="js_pc_qr_code"><p>预览时标签不可点</p><p>微信扫一扫 关注该公众号</p></div><script>var nickname = htmlDecode("{p.paper}"); var ct = "{_seconds(p)}"; var msg_title = '{p.title}'.html(false);</script>"""
    head = f"<meta property='og:title' content='{p.title}'><meta property='og:site_name' content='微信公众平台'><meta name='author' content='{p.name}'>"
    html = f"<!DOCTYPE html><html><head><meta charset=utf-8><title></title>{head}</head><body>{body}</body></html>"
    return p.made(html, publisher=p.paper, author=p.name)


def _seconds(p: Page) -> int:
    from datetime import UTC, datetime

    return int(datetime(p.year, p.month, p.day, 4, tzinfo=UTC).timestamp())


def wechat_pictures(n: int) -> Design:
    p = Page(n)
    words = "\\x0a\\x0a".join(p.body)
    body = f"""<div id="js_article" class="share_content_page"><div>已关注 关注 重播 分享 赞</div></div><div>预览时标签不可点</div><script>window.cgiDataNew = {{ nick_name: JsDecode('{p.paper}'), title: JsDecode('{p.title}'), desc: JsDecode('{words}'),
    content_noencode: JsDecode('{words}'), create_time: JsDecode('{p.date} 10:00'), ori_create_time: '{_seconds(p)}' * 1, author: JsDecode('') }};</script>"""
    head = (
        f"<meta property='og:title' content='{p.title}'><meta property='og:site_name' content='微信公众平台'>"
    )
    html = f"<!DOCTYPE html><html><head><meta charset=utf-8><title></title>{head}</head><body>{body}</body></html>"
    return p.made(html, publisher=p.paper)


def mobile(n: int) -> Design:
    p = Page(n)
    cards = "".join(
        f"<a class='item' href='/{i}'><div class='tt'>{t}</div><div class='desc'>{lead}</div></a>"
        for i, (t, lead) in enumerate(p.others(4))
    )
    says = "".join(
        f"<div class='cmt-item'><span>手机用户{i}</span><span>{i + 1}小时前</span><div>{words}</div></div>"
        for i, words in enumerate(p.comments(3))
    )
    body = f"""<div class="m-header">{p.menu()}</div><section class="art"><h1>{p.title}</h1><p class="info"><span>{p.paper}</span> <span>{p.month:02d}-{p.day:02d}</span> <time>{p.date} {p.clock()}</time></p>
    {p.paragraphs("<p>{}</p>")}<div class="unfold">展开全文</div><div class="app">打开APP，阅读体验更佳，还能参与评论互动。</div></section><section class="m-comment"><h3>热门评论</h3>{says}</section><section class="feed">{cards}</section>"""
    p.foreign.append("打开APP，阅读体验更佳，还能参与评论互动。")
    return p.made(_whole(p, body, "_手机东湖网"), publisher=p.paper)


def amp(n: int) -> Design:
    p = Page(n)
    data = f'{{"@type":"NewsArticle","headline":"{p.title}","datePublished":"{p.date}T08:00:00+08:00"}}'
    body = f"""<header><a href="/">云台网</a></header><main><article><h1>{p.title}</h1><p class="byline">作者：{p.name}</p><amp-img src="a.jpg" alt="图"></amp-img>{p.paragraphs("<p>{}</p>")}
    <amp-ad type="x"><div fallback>{p.advert()}</div></amp-ad></article><section class="related-posts"><h2>更多文章</h2><ul>{p.links(5)}</ul></section></main><footer><p>{p.notice()}</p></footer>"""
    return p.made(
        _whole(p, body, " | 云台网", f"<script type='application/ld+json'>{data}</script>"), author=p.name
    )


def wordpress(n: int) -> Design:
    p = Page(n)
    says = "".join(
        f"<li class='comment'><div class='comment-author'>路人{i} 说道：</div><div class='comment-meta'>{p.date} {p.clock()}</div><p>{words}</p></li>"
        for i, words in enumerate(p.comments(3))
    )
    body = f"""<div id="masthead">{p.menu()}</div><div id="primary"><article class="post"><header class="entry-header"><h1 class="entry-title">{p.title}</h1><div class="entry-meta">发布于 <time datetime="{p.date}T10:00:00+08:00">{p.chinese}</time> 由 <span class="author vcard">{p.name}</span></div></header>
    <div class="entry-content">{p.paragraphs("<p>{}</p>")}<div class="sharedaddy">分享到： 微博 微信</div><div class="jp-relatedposts"><h3>相关文章</h3>{p.links(3)}</div></div></article>
    <div id="comments"><h2>《{p.title}》有3条评论</h2><ol class="commentlist">{says}</ol></div></div><div id="secondary" class="widget-area"><h2>近期文章</h2><ul>{p.links(5, 10)}</ul></div>"""
    return p.made(_whole(p, body, " – 清溪札记"), author=p.name)


def static_blog(n: int) -> Design:
    p = Page(n)
    body = f"""<div class="sidebar-toggle"></div><main class="main"><div class="post-block"><h1 class="post-title">{p.title}</h1><div class="post-meta"><span>发表于 <time datetime="{p.date}">{p.date}</time></span> <span>本文字数： 1.2k</span> <span>阅读时长 ≈ 3 分钟</span></div>
    <div class="post-body">{p.paragraphs("<p>{}</p>")}</div><ul class="post-copyright"><li>本文作者： {p.name}</li><li>{p.notice()}</li></ul><div class="post-nav"><a>{p.titles(1)[0]}</a><a>{p.titles(1, 3)[0]}</a></div></div></main><footer>由 Hexo 强力驱动</footer>"""
    return p.made(_whole(p, body, " | 凤鸣的小站"), author=p.name)


def forum(n: int) -> Design:
    p = Page(n)
    replies = "".join(
        f"""<div id="post_{i}"><table><tr><td class="pls"><a>会员{i}</a><p>积分 {i * 30}</p></td><td class="plc"><div class="authi">发表于 {p.date} {p.clock()} | 只看该作者</div><div class="t_fsz"><table><tr><td class="t_f" id="postmessage_{i}">{words}</td></tr></table></div><a>回复</a> <a>举报</a></td></tr></table></div>"""
        for i, words in enumerate(p.comments(5), 2)
    )
    text = "<br>\n".join(p.body)
    body = f"""<div id="nv">{p.menu()}</div><div id="pt"><a>论坛</a> › <a>本地资讯</a></div><h1 class="ts"><a href="#" id="thread_subject">{p.title}</a></h1><div id="postlist"><div id="post_1"><table><tr><td class="pls"><a>小编</a><p>积分 9999</p></td><td class="plc"><div class="authi">发表于 {p.date} {p.clock()} | 只看该作者</div>
    <div class="t_fsz"><table><tr><td class="t_f" id="postmessage_1">{text}</td></tr></table></div><a>回复</a> <a>举报</a></td></tr></table></div>{replies}</div><div id="f_pst">您需要登录后才可以回帖 登录 | 立即注册</div><div id="ft">Powered by Discuz! X3.4</div>"""
    return p.made(_whole(p, body, " - 本地资讯 - 临江论坛 - Powered by Discuz!"))


def old_board(n: int) -> Design:
    p = Page(n)
    replies = "".join(
        f"<table width=90% border=1><tr><td>作者：网友{i}　回复日期：{p.date} {p.clock()}:00</td></tr><tr><td>　　{words}</td></tr></table>"
        for i, words in enumerate(p.comments(4))
    )
    text = "<br>".join("　　" + words for words in p.body)
    body = f"""<table width=90%><tr><td>{p.menu()}</td></tr></table><table width=90%><tr><td><font size=4>{p.title}</font></td></tr><tr><td>作者：{p.name}　提交日期：{p.date} {p.clock()}:00　访问：1201　回复：4</td></tr><tr><td>{text}</td></tr></table>{replies}<table><tr><td>[回复此贴]　[关闭窗口]</td></tr></table>"""
    return p.made(_whole(p, body, "_青山杂谈"), author=p.name)


def flat(n: int) -> Design:
    p = Page(n)
    links = "".join(
        f"<li><a href='/n{i}'>频道导航栏目名称第{i}号，欢迎点击浏览更多内容</a></li>" for i in range(400)
    )
    body = f"""<div class="nav"><ul>{links}</ul></div><div>{p.title}</div><div>{p.date} {p.clock()}:00　来源：{p.paper}</div>{p.paragraphs("<div>{}</div>")}<div>编辑：{p.name}</div>"""
    return p.made(_whole(p, body, "_新闻网"), publisher=p.paper)


def nested(n: int) -> Design:
    p = Page(n)
    parts = [f"<div class='x'><div><span>{words}</span></div></div>" for words in p.body]
    parts.insert(2, f"<div class='x'><div><a href='http://ad.example'>{p.advert()}</a></div></div>")
    body = f"""<div class="k1">{p.menu(60)}</div><div class="k2"><div class="k3"><div class="k4">{p.title}</div><div class="k5"><span>{p.chinese}</span><span>{p.paper}</span></div>{"".join(parts)}</div><div class="k6">{p.links(20)}</div></div>"""
    return p.made(_whole(p, body, "_柳河在线"), publisher=p.paper)


def feed(n: int) -> Design:
    p = Page(n)
    says = "".join(
        f"<li><div class='a1'><a>用户{i}</a></div><p class='a2'>{words}</p><div class='a3'>{p.rng.randrange(2, 50)}分钟前 · 回复 · <i>{i}</i></div></li>"
        for i, words in enumerate(p.comments(5))
    )
    cards = "".join(
        f"<div class='f1'><a href='/{i}'>{t}</a><p>{lead}</p><span>{i + 1}小时前</span></div>"
        for i, (t, lead) in enumerate(p.others(6))
    )
    body = f"""<div class="left">分享 收藏 评论 5</div><div class="article-content"><h1>{p.title}</h1><div class="article-meta"><span>{p.date} {p.clock()}</span><span>·</span><a>{p.paper}</a></div><article>{p.paragraphs("<p>{}</p>")}</article></div>
    <div class="detail-like">赞 12 踩</div><div class="a0"><div>评论 5</div><ul>{says}</ul></div><div class="right-sidebar"><div>相关推荐</div>{cards}</div>"""
    return p.made(_whole(p, body, " - 今日看点"), publisher=p.paper)


def hashed(n: int) -> Design:
    p = Page(n)
    cards = "".join(
        f"<div class='_3xQz'><a href='/{i}'><span>{t}</span></a></div>" for i, t in enumerate(p.titles(5))
    )
    says = "".join(
        f"<div class='_9kLm'><div class='_1a'>匿名网友{i}</div><div class='_1b'>{p.date} {p.clock()}</div><div class='_1c'>{words}</div></div>"
        for i, words in enumerate(p.comments(4))
    )
    body = f"""<div class="_2a"><div class="_2b">{p.title}</div><div class="_2c"><span>{p.paper}</span><span>发布时间: {p.date} {p.clock()}</span></div><div class="_2d">{p.paragraphs("<div class='_7p'><span class='_7s'>{}</span></div>")}</div><div class="_2e">举报/反馈</div></div><div class="_5c">{says}</div><div class="_6r"><div>大家都在看</div>{cards}</div>"""
    return p.made(_whole(p, body), publisher=p.paper)


def media_account(n: int) -> Design:
    p = Page(n)
    body = f"""<div class="area"><div class="left sidebar"><h4><a>{p.paper}</a></h4><dl>文章 2万+ 总阅读 9亿</dl></div><div class="left main"><div class="text"><div class="text-title"><h1>{p.title}</h1><div class="article-info"><span class="time">{p.date} {p.clock()}</span> 来源: {p.paper}</div></div>
    <article class="article" id="mp-editor">{p.paragraphs("<p><span>{}</span></p>")}<p>返回搜狐，查看更多</p><p>责任编辑：</p></article></div><div class="statement">{p.notice()}</div><div class="article-oper">阅读 (1024) 不感兴趣 投诉</div></div><div class="right sidebar"><h3>24小时热文</h3>{p.links(8)}</div></div>"""
    return p.made(_whole(p, body, "_" + p.paper), publisher=p.paper)


def digital_paper(n: int) -> Design:
    p = Page(n)
    body = f"""<div class="list"><ul><li>第A0{n % 8 + 1}版：要闻</li>{p.links(7)}</ul></div><div class="detail"><div class="pages"><a>上一篇</a> <a>下一篇</a> 放大+ 缩小- 默认o</div><founder-title><h2 id="title">{p.title}</h2></founder-title>
    <div class="date">{p.paper} {p.chinese} 星期三</div><div id="ozoom"><founder-content>{p.paragraphs("<P>{}</P>")}</founder-content></div></div><div class="bq">版权所有 {p.paper}社 未经许可不得转载</div>"""
    return p.made(_whole(p, body, f"-{p.paper}"), publisher=p.paper)


def television(n: int) -> Design:
    p = Page(n)
    cards = "".join(
        f"<li><a href='/{i}'>{t}</a><span>00:0{i}:31</span></li>" for i, t in enumerate(p.titles(9))
    )
    body = f"""<div class="nav_bar">{p.menu()}</div><div class="player"><p>您的浏览器版本过低，请升级后观看视频。</p></div><div class="tit"><h1>{p.title}</h1><div class="tit_info">来源：{p.paper} {p.chinese} {p.clock()}</div></div><div class="video_txt"><p>央视网消息：{p.body[0]}</p>{"".join(f"<p>{t}</p>" for t in p.body[1:])}<p>编辑：{p.name} 责任编辑：刘亮</p></div><div class="playlist"><h3>选集</h3><ul>{cards}</ul></div>"""
    p.foreign.append("您的浏览器版本过低，请升级后观看视频。")
    return p.made(_whole(p, body, "_新闻频道_央视网"), publisher=p.paper)


def gallery(n: int) -> Design:
    p = Page(n)
    slides = "".join(f"<li><img src='{i}.jpg'><p>{words}</p></li>" for i, words in enumerate(p.body))
    body = f"""<div class="hd">{p.menu()}</div><h1>{p.title}</h1><div class="sub">{p.chinese} {p.clock()} 来源：{p.paper}</div><ul class="slides">{slides}</ul><div class="more"><h3>更多图集</h3><ul>{p.links(6)}</ul></div><div class="ft">{FOOT}</div>"""
    return p.made(_whole(p, body, "_图片频道"), publisher=p.paper)


def sidebar_first(n: int) -> Design:
    p = Page(n)
    cards = "".join(
        f"<div class='b3'><div class='b4'><a href='/{i}'>{t}</a></div><div class='b5'>{lead}</div></div>"
        for i, (t, lead) in enumerate(p.others(5))
    )
    body = f"""<div class="a1">{p.menu(10)}</div><div class="b1"><div class="b2">今日导读</div>{cards}</div><div class="c1"><h2>{p.title}</h2><div>{p.paper}　{p.chinese}　记者 {p.name}</div>{p.paragraphs("<p>{}</p>")}</div><div class="d1">{FOOT}<br>地址：临江路18号，邮编610000。</div>"""
    p.foreign.append("地址：临江路18号，邮编610000。")
    return p.made(_whole(p, body, "-临江在线"), publisher=p.paper, author=p.name)


def finance(n: int) -> Design:
    p = Page(n)
    p.body[0] = f"{p.body[0]}受此影响，临江股份（600000）上涨3.2%。"
    first = p.body[0].replace("临江股份", "<a href='/q/600000'>临江股份</a>")
    body = f"""<div class="topnav">{p.menu(30)}</div><div class="quote-bar">上证指数 3021.55 +0.32%</div><div class="newsContent"><h1>{p.title}</h1><div class="time-source">{p.chinese} {p.clock()} <a>{p.paper}</a> <span>作者：{p.name}</span></div><div id="ContentBody"><div class="abstract"></div><p>　　{first}</p>{"".join(f"<p>　　{t}</p>" for t in p.body[1:])}<p class="em_media">（文章来源：{p.paper}）</p></div>
    <p class="res-edit">责任编辑：DF353</p><p class="sm">{p.notice()}</p></div><div class="rank"><h3>点击排行</h3><ol>{p.links(10)}</ol></div>"""
    return p.made(_whole(p, body, " _ 财富网"), publisher=p.paper, author=p.name)


def site_builder(n: int) -> Design:
    p = Page(n)
    text = p.paragraphs("<div role='presentation'><div><p><span><span>{}</span></span></p></div></div>")
    body = f"""<div role="banner"><div><div>{p.menu()}</div></div></div><div role="main"><div><div><div><div><h2>{p.title}</h2></div></div><div><div><span>日期：{p.date}</span><span>来源：{p.paper}</span></div></div><div><div>{text}</div></div></div><div><div><p>上一篇：<a>{p.titles(1)[0]}</a></p><p>下一篇：<a>{p.titles(1, 2)[0]}</a></p></div></div></div></div><div role="contentinfo"><p>联系电话：028-88888888，欢迎来电垂询。</p></div>"""
    p.foreign.append("联系电话：028-88888888，欢迎来电垂询。")
    return p.made(_whole(p, body, "-云台县融媒体中心"), publisher=p.paper)


def university(n: int) -> Design:
    p = Page(n)
    body = f"""<table width=1000><tr><td>{p.menu()}</td></tr></table><table width=1000><tr><td width=240><ul>{p.links(6)}</ul></td><td><form name="_newscontent_fromname"><div align=center><h3>{p.title}</h3></div><div align=center>{p.date} {p.clock()}　{p.name}　(点击: <span>106</span>)</div><div id="vsb_content"><div class="v_news_content">{p.paragraphs()}<p style="text-align:right">（供稿：宣传部 审核：{p.name}）</p></div></div><div align=right>【<a>关闭窗口</a>】</div></form></td></tr></table><table><tr><td>版权所有©临江学院　地址：学府路1号　邮编：610000</td></tr></table>"""
    return p.made(_whole(p, body, "-临江学院"))


def flash(n: int) -> Design:
    p = Page(n)
    p.body = p.body[:1]
    links = "".join(f"<li><a href='/{i}'>{t}</a></li>" for i, t in enumerate(p.titles(40)))
    body = f"""<div>{p.menu(50)}</div><div class="detail"><h1>{p.title}</h1><div>{p.date} {p.clock()}　{p.paper}</div><div class="txt">{p.body[0]}</div></div><div><ul>{links}</ul></div>"""
    return p.made(_whole(p, body, "_快讯"), publisher=p.paper)


def interview(n: int) -> Design:
    p = Page(n)
    pairs = [
        (f"记者：{'这项工作有什么考虑' if i % 2 else '目前进展如何'}？", words)
        for i, words in enumerate(p.body)
    ]
    text = "".join(f"<p><strong>{q}</strong></p><p>{a}</p>" for q, a in pairs)
    p.body = [line for pair in pairs for line in pair]
    body = f"""<div class="nav">{p.menu()}</div><div class="content"><h1>{p.title}</h1><div class="msg">{p.chinese} {p.clock()} 来源：{p.paper} 作者：{p.name}</div><div class="summary">{p.name}</div><div class="article-text">{text}</div><div class="share">分享到：</div></div><div class="aside"><h4>编辑推荐</h4>{p.links(5)}</div>"""
    return p.made(_whole(p, body, "_理论频道"), publisher=p.paper, author=p.name)


def traditional(n: int) -> Design:
    p = Page(n)
    p.title = f"臺北{n + 3}號線今通車 首日湧入{n + 2}萬人"
    p.body = [
        f"臺北捷運公司今（3日）表示，第{n + 3}號線全線通車，首日湧入{n + 2}萬人次搭乘，比原先預估多出三成。",
        "「以前要轉兩班公車，現在十五分鐘就到。」家住新店的陳小姐受訪時說，票價也比想像中便宜。",
        f"捷運公司指出，全線共設{n + 11}站，尖峰時段每3分鐘一班，離峰時段每6分鐘一班，歡迎民眾多加利用。",
        "市府交通局則說，將視人潮狀況調整接駁公車班次，並加派人手疏導。",
    ]
    more = ["獨家／巷弄美食爆紅，排隊人龍長達百米", "颱風動態曝光！專家示警這幾天最關鍵"]
    p.foreign += more
    links = "".join(f"<p><a href='/{i}'>{t}</a></p>" for i, t in enumerate(more))
    body = f"""<nav>{p.menu()}</nav><article><h1>{p.title}</h1><time>{p.date.replace("-", "/")} {p.clock()}</time><span>記者{p.name}／臺北報導</span><div class="story">{p.paragraphs("<p>{}</p>")}</div><div class="box"><h4>延伸閱讀</h4>{links}</div></article><div class="bottom"><p>※ 提醒您：請勿開啟來路不明的連結。</p></div>"""
    p.foreign.append("※ 提醒您：請勿開啟來路不明的連結。")
    return p.made(_whole(p, body, " | 生活 | 臺北新聞網"))


def hospital(n: int) -> Design:
    p = Page(n)
    body = f"""<table width="1000"><tr><td>{p.menu()}</td></tr></table><table width="1000"><tr><td>位置：首页 &gt; 新闻动态</td></tr><tr><td align="center"><b>{p.title}</b></td></tr><tr><td align="center">来源：本站原创　作者：宣传科　时间：{p.chinese} {p.clock()}　浏览：33</td></tr><tr><td>{p.paragraphs()}</td></tr></table>
    <table width="1000"><tr><td>版权所有 临江市中医院 Copyright © 2018 All rights reserved. 湘ICP备14002927号</td></tr><tr><td>医院地址：临江市麓山路58号，24小时急救电话：0731-88866120。</td></tr></table>"""
    p.foreign.append("医院地址：临江市麓山路58号，24小时急救电话：0731-88866120。")
    return p.made(_whole(p, body, " 临江市中医院"))


def box_inside(n: int) -> Design:
    p = Page(n)
    title, lead = p.others(1)[0]
    box = f"<div class='inner-box'><h5>相关阅读</h5><a href='/1'>{title}</a><p>{lead}</p></div>"
    parts = [f"<p>{words}</p>" for words in p.body]
    body = f"""<div class="bar">{p.menu()}</div><div class="page"><h1>{p.title}</h1><div class="byline">{p.name} · {p.chinese}</div><div class="rich">{parts[0]}{parts[1]}{box}{"".join(parts[2:])}</div></div><div class="newsletter"><p>订阅我们的邮件，每天早上八点收到最新消息。</p></div>"""
    p.foreign.append("订阅我们的邮件，每天早上八点收到最新消息。")
    return p.made(_whole(p, body, "｜深度"), author=p.name)


def client(n: int) -> Design:
    p = Page(n)
    cards = "".join(
        f"<div class='ant-card'><a href='/{i}'><h3>{t}</h3></a><p>{lead}</p></div>"
        for i, (t, lead) in enumerate(p.others(4))
    )
    says = "".join(
        f"<div class='ant-comment'><span>网友{i} {p.date}</span><div>{words}</div></div>"
        for i, words in enumerate(p.comments(3))
    )
    body = f"""<div class="index_header">{p.menu()}</div><div class="index_leftcontent"><h1 class="index_title">{p.title}</h1><div class="index_left"><div>{p.paper}记者 {p.name}</div><div><span>{p.date} {p.clock()}</span><span>来源：{p.paper}</span></div></div><div class="index_cententWrap">{p.paragraphs("<p>{}</p>")}</div><div class="end">责任编辑：{p.name}</div><div>图片编辑：无</div><div>校对：刘威</div><div class="bq">{p.paper}报料：400-000-0000　{p.paper}新闻，未经授权不得转载</div>
    <div class="index_comment"><h2>评论（3）</h2>{says}</div></div><div class="index_right">热新闻{cards}</div>"""
    return p.made(_whole(p, body, "_媒体-客户端"), publisher=p.paper, author=p.name)


DESIGNS: tuple[Callable[[int], Design], ...] = (
    portal,
    portal_with_comments,
    party_paper,
    agency_tables,
    government,
    government_tables,
    nineties,
    wechat,
    wechat_pictures,
    mobile,
    amp,
    wordpress,
    static_blog,
    forum,
    old_board,
    flat,
    nested,
    feed,
    hashed,
    media_account,
    digital_paper,
    television,
    gallery,
    sidebar_first,
    finance,
    site_builder,
    university,
    flash,
    interview,
    traditional,
    hospital,
    box_inside,
    client,
)


def designs(each: int, start: int = 0) -> dict[str, Design]:
    """Return so many pages of every design, by name."""
    return {
        f"{make.__name__}-{n}": make(37 * at + n)
        for at, make in enumerate(DESIGNS)
        for n in range(start, start + each)
    }
