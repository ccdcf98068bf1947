"""What stands around the conversation on Gradio's page: heading, log, filters, side panel, in both languages.

Both wordings are in the page; the style sheet shows the one of the reader's browser. Attributes are worded by the
page's script.
"""

__all__ = ["BARS", "LABELS", "LOG", "SIDE", "TOP"]


def _both(zh: str, en: str) -> str:
    return f'<span class="yj-l" lang="zh-CN">{zh}</span><span class="yj-l" lang="en">{en}</span>'


# Labels of Gradio's own components; what Gradio itself has no Chinese for is worded here too.
_ZH = {
    "question": "问题",
    "placeholder": "输入问题，按回车发送",
    "ask": "提问",
    "common.connection_lost": "与服务的连接断了，正在重新连接……",
    "common.reconnecting": "正在重新连接……",
    "errors.connection_error": "连不上服务，请稍后再试。",
}
_EN = {"question": "Question", "placeholder": "Ask a question and press Enter", "ask": "Ask"}
LABELS = {"zh-CN": _ZH, "zh-TW": _ZH, "zh": _ZH, "en": _EN}

TOP = f"""
<header class="yj-brand"><h1>有据</h1>
<p>{_both("只用报道原文回答，每句话都有出处", "Answers only by quoting the articles")}</p>
<nav id="yj-nav">
<button type="button" id="yj-new">{_both("新对话", "New")}</button>
<button type="button" id="yj-history" aria-haspopup="dialog">{_both("历史", "History")}</button>
<a href="{{base}}/search">{_both("查找", "Search")}</a>
<a href="{{base}}/library">{_both("报道库", "Articles")}</a>
<a href="{{base}}/desk" id="yj-desk" hidden>{_both("编辑台", "Desk")}</a>
<button type="button" id="yj-theme">◐</button>
</nav></header>
"""

LOG = f"""
<main id="yj-main">
<div id="yj-banner" role="status" hidden></div>
<section id="yj-welcome"><p class="yj-welcome-line">{
    _both("想从报道里知道什么？", "What would you like to know?")
}</p>
<p>{
    _both(
        "回答由报道原文的引句构成，引句可点开核对；库中没有依据的问题，会说明原因而不作答。",
        "Answers are quotes of the articles and can be checked with a click; what no article says is refused, with the reason.",
    )
}</p><ul id="yj-examples"></ul><div id="yj-holds"></div></section>
<div id="yj-log" role="log" aria-live="polite" tabindex="-1"></div>
</main>
"""

SIDE = """
<aside id="yj-side" role="dialog" aria-modal="false" aria-labelledby="yj-side-title" tabindex="-1" hidden>
<header><h2 id="yj-side-title"></h2>
<span id="yj-side-turn" hidden><button type="button" id="yj-side-back">‹</button><span id="yj-side-at"></span><button
 type="button" id="yj-side-on">›</button></span>
<button type="button" id="yj-side-close">✕</button></header>
<div id="yj-side-body" tabindex="0" role="region" aria-labelledby="yj-side-title"></div>
</aside>
"""

BARS = f"""
<details id="yj-filters"><summary>{_both("筛选", "Filters")}<span id="yj-filtered"></span></summary>
<div>
<label>{_both("起", "From")} <input type="date" id="yj-since"></label>
<label>{_both("止", "To")} <input type="date" id="yj-until"></label>
<label>{_both("来源", "Publisher")} <select id="yj-publisher"><option value="">－</option></select></label>
<button type="button" id="yj-unfilter">{_both("清除筛选", "Clear")}</button>
</div></details>
"""
