"""Gradio's page: components, events and look.

The conversation is drawn by the page's own script (`rag/server/static/talk.js`) from the same HTML as the API's: Gradio's
Chatbot sends and draws every message anew with each reply and strips what the source panel needs.
"""

import gradio as gr
from fastapi import FastAPI

from rag.render.escape import attribute
from rag.server.page.frame import BARS, LABELS, LOG, SIDE, TOP
from rag.server.service import Server
from rag.server.static_files import WEB

__all__ = ["mount_page"]

HEAD = """
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="{base}/web/answer.css">
<link rel="stylesheet" href="{base}/web/page.css">
<link rel="stylesheet" href="{base}/web/side.css">
<script type="module" src="{base}/web/page.js"></script>
"""
# What the page's script makes of a question. It asks the server by itself (`/page/ask`): Gradio's queue ends the
# stream of one question by what it noticed late of the one before, and then tells the reader in English to wait.
SEND = "(question) => { window.youju.send(question); }"


def mount_page(app: FastAPI) -> FastAPI:
    """Put the chat at / of an application made by `create_app`."""
    server: Server = app.state.server
    sans = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "system-ui", "sans-serif"]
    theme = gr.themes.Base(
        primary_hue="stone", neutral_hue="stone", radius_size="sm", font=sans, font_mono=sans
    )
    labels = gr.I18n(**LABELS)
    mounted: FastAPI = gr.mount_gradio_app(
        app,
        _page(attribute(server.base), labels),
        path="/",
        theme=theme,
        head=HEAD.format(base=attribute(server.base)),
        favicon_path=str(WEB / "icon.svg"),
        footer_links=[],
        run_history=False,
        i18n=labels,
        ssr_mode=False,
        show_error=False,
        pwa=False,
        mcp_server=False,
        enable_monitoring=False,
    )
    return mounted


def _page(base: str, say: gr.I18n) -> gr.Blocks:
    page: gr.Blocks
    with gr.Blocks(title="有据 · 新闻问答", analytics_enabled=False, fill_height=True) as page:
        gr.HTML(TOP.replace("{base}", base), elem_id="yj-top")
        gr.HTML(LOG, elem_id="yj-talk")
        gr.HTML(SIDE, elem_id="yj-aside")
        with gr.Column(elem_id="yj-foot"):
            gr.HTML(BARS, elem_id="yj-bars")
            with gr.Row(elem_id="yj-bar"):
                box = gr.Textbox(
                    elem_id="yj-question",
                    label=say("question"),
                    show_label=False,
                    container=False,
                    placeholder=say("placeholder"),
                    lines=1,
                    max_lines=6,
                    autofocus=True,
                    scale=1,
                )
                send = gr.Button(say("ask"), variant="primary", scale=0, min_width=88, elem_id="yj-send")
        gr.on([box.submit, send.click], None, [box], None, js=SEND, api_visibility="private")
    return page
