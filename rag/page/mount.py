"""Gradio's chat: components, events and look."""

from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
from fastapi import FastAPI

from rag.markup import attribute
from rag.page.talk import Talk, converse
from rag.serve import WEB, Server

__all__ = ["mount_page"]

EXAMPLES = 4
BRAND = """
<header class="yj-brand"><h1>有据</h1><p><span class="yj-wide">新闻问答 · </span>只用报道原文回答，每句话都有出处</p>
<button type="button" id="yj-theme" aria-label="切换深色与浅色" title="切换深色与浅色">◐</button></header>
"""
WELCOME = """
<div class="yj-welcome"><p class="yj-welcome-line">想从报道里知道什么？</p>
<p>回答由报道原文的引句构成，引句可点开核对；库中没有依据的问题，会说明原因而不作答。</p></div>
"""
HEAD = """
<link rel="stylesheet" href="{base}/web/answer.css">
<link rel="stylesheet" href="{base}/web/page.css">
<script src="{base}/web/page.js" defer></script>
"""
# What Gradio leaves in English on a Chinese page.
LABELS = {"zh-CN": {"chatbot.clear": "清除"}}


# A question may overtake the clearing before it on the way to the server: the page says what it shows.
IS_EMPTY = "(question, talk) => [question, talk, !document.querySelector('#yj-chat .user-row')]"


def mount_page(app: FastAPI) -> FastAPI:
    """Put the chat at / of an application made by `create_app`."""
    server: Server = app.state.server
    sans = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "system-ui", "sans-serif"]
    theme = gr.themes.Base(
        primary_hue="stone", neutral_hue="stone", radius_size="sm", font=sans, font_mono=sans
    )
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        _page(server),
        path="/",
        theme=theme,
        head=HEAD.format(base=attribute(server.base)),
        favicon_path=str(WEB / "icon.svg"),
        footer_links=[],
        run_history=False,
        i18n=gr.I18n(**LABELS),
        ssr_mode=False,
        show_error=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
    )
    return mounted


def _page(server: Server) -> gr.Blocks:
    page: gr.Blocks
    with gr.Blocks(title="有据 · 新闻问答", analytics_enabled=False, fill_height=True) as page:
        gr.HTML(BRAND, elem_id="yj-top")
        talk = gr.State(Talk())
        chat = _chat(list(server.bot.examples())[:EXAMPLES])
        with gr.Row(elem_id="yj-bar"):
            box = _box()
            send = gr.Button("提问", variant="primary", scale=0, min_width=88, elem_id="yj-send")
        fresh = gr.Checkbox(visible=False)
        _wire(server, talk, chat, box, send, fresh)
    page.queue(api_open=False)
    return page


def _chat(examples: list[str]) -> gr.Chatbot:
    return gr.Chatbot(
        elem_id="yj-chat",
        show_label=False,
        label="对话",
        container=False,
        scale=1,
        autoscroll=False,
        layout="bubble",
        buttons=[],
        feedback_options=None,
        latex_delimiters=[],
        group_consecutive_messages=False,
        placeholder=WELCOME,
        examples=[{"text": example} for example in examples],
    )


def _box() -> gr.Textbox:
    return gr.Textbox(
        elem_id="yj-question",
        label="问题",
        show_label=False,
        container=False,
        placeholder="输入问题，按回车发送",
        lines=1,
        max_lines=6,
        autofocus=True,
        scale=1,
    )


def _wire(
    server: Server, talk: gr.State, chat: gr.Chatbot, box: gr.Textbox, send: gr.Button, fresh: gr.Checkbox
) -> None:
    """Connect the components; every reply goes through the server's one line, so Gradio's own limit is lifted."""

    async def reply(question: str, said: Talk, empty: bool) -> AsyncIterator[tuple[Any, Talk, str]]:
        if question.strip():
            async for now in converse(server, Talk() if empty else said, question):
                yield now.messages(), now, ""

    async def reply_example(chosen: gr.SelectData, said: Talk) -> AsyncIterator[tuple[Any, Talk, str]]:
        async for now in converse(server, said, chosen.value["text"]):
            yield now.messages(), now, ""

    options: dict[str, Any] = {
        "outputs": [chat, talk, box],
        "concurrency_limit": None,
        "show_progress": "hidden",
        "api_visibility": "private",
    }
    gr.on([box.submit, send.click], reply, [box, talk, fresh], js=IS_EMPTY, **options)
    chat.example_select(reply_example, [talk], **options)
    # The box is left alone: whoever types while the clearing is on its way would lose the words.
    chat.clear(Talk, None, [talk], api_visibility="private")
