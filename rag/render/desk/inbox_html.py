"""The editor's inbox as HTML: what readers said, what was not answered, and what became a row for an evaluation."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.render.desk.strings import desk_words
from rag.render.escape import attribute, escape
from rag.render.pages import page_html
from rag.render.strings import Lang

__all__ = ["InboxItem", "inbox_page"]

LONGEST = 500
SHOWN = 100
"""Items listed at once of each kind."""

Say = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InboxItem:
    """Something to look at: a question, what was said to it, what a reader says of that and thinks is right."""

    ident: str
    question: str
    said: str
    at: str
    count: int = 1
    verdict: str = ""
    comment: str = ""
    expected: str = ""
    refused: bool = False
    given: bool = True
    user: str = ""


def inbox_page(
    judged: Sequence[InboxItem],
    unanswered: Sequence[InboxItem],
    rows: Sequence[Mapping[str, Any]],
    *,
    kept: bool,
    base: str,
    lang: Lang = "zh",
) -> str:
    """Return the page; `kept` tells whether refused questions are kept at all."""
    say = desk_words(lang)
    links = (
        f'<a href="{attribute(base)}/">← {say["back"]}</a> <a href="{attribute(base)}/desk">{say["desk"]}</a>'
    )
    none = say["unanswered_none" if kept else "unanswered_off"]
    body = (
        f"<header><p>{links}</p><h1>{say['inbox']}</h1><p>{say['inbox_lead']}</p></header>"
        f'<p id="yj-said" role="status"></p><p id="yj-alert" role="alert"></p>'
        f"{_section('judged', judged, say['judged_none'], say)}{_section('unanswered', unanswered, none, say)}"
        f"{_rows(rows, base, say)}"
    )
    told = attribute(json.dumps({name: say[name] for name in ("unreachable", "noted")}, ensure_ascii=False))
    script = f'<script type="module" src="{attribute(base)}/web/inbox.js"></script>'
    main = f'<main class="yj-desk" data-base="{attribute(base)}" data-say="{told}">{body}</main>'
    return page_html("desk", say["inbox"], main + script, base, lang)


def _section(name: str, items: Sequence[InboxItem], none: str, say: Say) -> str:
    listed = "".join(_item(one, say) for one in items[:SHOWN])
    shown = f'<ul class="yj-items">{listed}</ul>' if items else f'<p class="yj-note">{none}</p>'
    head = f'<h2 id="yj-{name}-h" tabindex="-1">{say[name]}（{len(items)}）</h2>'
    more = f'<p class="yj-note">{say["first_of"].format(shown=SHOWN)}</p>' if len(items) > SHOWN else ""
    return f'<section aria-labelledby="yj-{name}-h">{head}{more}{shown}</section>'


def _item(one: InboxItem, say: Say) -> str:
    facts = [say[f"verdict_{one.verdict}"]] if one.verdict else [say["asked_n"].format(n=one.count)]
    facts += [one.at[:16].replace("T", " "), *filter(None, [one.user])] + (
        [] if one.given else [say["not_given"]]
    )
    comment = f"<p>{say['comment']}<q>{escape(one.comment)}</q></p>" if one.comment else ""
    checked = " checked" if one.refused and one.verdict == "accurate" else ""
    label = f"{attribute(one.question)}"
    form = (
        f'<form class="yj-fields" data-item="{attribute(one.ident)}"><label>{say["right_answer"]}<input name="answer" maxlength="{LONGEST}" '
        f'value="{attribute(one.expected[:LONGEST])}"></label><p><label class="yj-check"><input type="checkbox" name="unanswerable"{checked}> '
        f'{say["no_answer"]}</label></p><p class="yj-do"><button class="yj-main" aria-label="{say["to_row"]}：{label}">{say["to_row"]}</button>'
        f'<button type="button" data-dismiss="{attribute(one.ident)}" aria-label="{say["dismiss"]}：{label}">{say["dismiss"]}</button></p></form>'
    )
    return (
        f'<li id="item-{attribute(one.ident)}"><h3><bdi>{escape(one.question)}</bdi></h3><p class="yj-note">{" · ".join(map(escape, facts))}</p>'
        f'<p class="yj-excerpt">{escape(one.said)}</p>{comment}{form}</li>'
    )


def _rows(rows: Sequence[Mapping[str, Any]], base: str, say: Say) -> str:
    items = "".join(
        f"<li><bdi>{escape(str(row['question']))}</bdi><p>{escape('；'.join(map(str, row['answers'])) or say['no_answer'])}</p>"
        f'<button type="button" data-back="{attribute(str(row["id"]))}" aria-label="{say["take_back"]}：{attribute(str(row["question"]))}">'
        f"{say['take_back']}</button></li>"
        for row in rows
    )
    load = f'<p><a href="{attribute(base)}/desk/questions.jsonl" download>{say["download"]}</a> {say["download_how"]}</p>'
    body = (
        f'{load}<ul class="yj-items">{items}</ul>' if rows else f'<p class="yj-note">{say["rows_none"]}</p>'
    )
    head = f'<h2 id="yj-rows-h" tabindex="-1">{say["rows"]}（{len(rows)}）</h2>'
    return f'<section aria-labelledby="yj-rows-h">{head}{body}</section>'
