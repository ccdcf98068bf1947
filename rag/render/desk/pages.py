"""The editor's desk as HTML: files that wait with what was found in them, jobs, what was added and withdrawn."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote as url_quote

from rag.editing.drafts import MAX_FILE, Draft
from rag.editing.inspection import FIELDS, Inspection, Seen
from rag.editing.jobs import Job
from rag.editing.withdrawn import Told, Withdrawal
from rag.index.catalogue import ArticleRow
from rag.ingest.articles import SUFFIXES
from rag.render.citation_html import source_facts
from rag.render.desk.strings import desk_words
from rag.render.escape import attribute, escape
from rag.render.ingest_reasons import reason_zh
from rag.render.pages import page_html
from rag.render.strings import Lang

__all__ = ["DeskView", "desk_page", "desk_parts"]

MB = 1_000_000
LONGEST_FIELD = 300

Say = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeskView:
    """What the desk shows: drafts, jobs, added files with their articles, withdrawals, folders that cannot be written."""

    drafts: Sequence[Draft]
    jobs: Sequence[Job]
    files: Sequence[tuple[str, Sequence[Told]]]
    withdrawn: Sequence[Withdrawal]
    hindrances: Sequence[str] = ()
    undoable: frozenset[str] = frozenset()
    """The jobs that can still be undone."""


def desk_page(view: DeskView, sought: str, rows: Sequence[ArticleRow], base: str, lang: Lang = "zh") -> str:
    """Return the page; `rows` are articles of the library whose titles have `sought`."""
    say, parts = desk_words(lang), desk_parts(view, base, lang)
    links = f'<a href="{attribute(base)}/">← {say["back"]}</a> <a href="{attribute(base)}/library">{say["library"]}</a> <a href="{attribute(base)}/desk/inbox">{say["inbox"]}</a>'
    lists = "".join(
        f'<section aria-labelledby="yj-{name}-h"><h2 id="yj-{name}-h" tabindex="-1">{say[name]}</h2>'
        f'<div id="yj-{name}">{parts[name]}</div></section>'
        for name in ("drafts", "jobs", "added", "withdrawn")
    )
    before, after = lists.split('<section aria-labelledby="yj-added-h">')
    body = (
        f"<header><p>{links}</p><h1>{say['desk']}</h1><p>{say['desk_lead']}</p></header>"
        f'<noscript><p role="alert">{say["no_script"]}</p></noscript>'
        f'<div id="yj-hindrances">{parts["hindrances"]}</div>'
        f'<p id="yj-said" role="status"></p><p id="yj-alert" role="alert"></p>{_adding(say)}{before}'
        f'{_withdrawing(sought, rows, base, say)}<section aria-labelledby="yj-added-h">{after}'
    )
    told = attribute(json.dumps({name: say[name] for name in _SCRIPT}, ensure_ascii=False))
    script = f'<script type="module" src="{attribute(base)}/web/desk.js"></script>'
    main = f'<main class="yj-desk" data-base="{attribute(base)}" data-say="{told}" data-most="{MAX_FILE}">{body}</main>'
    return page_html("desk", say["desk"], main + script, base, lang)


_SCRIPT = ("too_large", "sending", "sent", "unreachable", "began", "ended", "dropped", "paste")


def desk_parts(view: DeskView, base: str, lang: Lang = "zh") -> dict[str, str]:
    """Return what changes while the page is open, by the name of its place; each item says in `data-stamp` what it shows."""
    say = desk_words(lang)
    ready = [one for one in view.drafts if one.inspection and one.inspection.articles]
    every = say["accept_all"].format(n=len(ready))
    at_once = f'<p><button type="button" id="yj-accept-all">{every}</button></p>' if len(ready) > 1 else ""
    return {
        "drafts": _list([_draft(one, base, lang) for one in view.drafts], say["drafts_none"]) + at_once,
        "jobs": _list([_job(one, one.ident in view.undoable, base, lang) for one in view.jobs], ""),
        "added": _list([_file(name, told, base, say) for name, told in view.files], say["added_none"]),
        "withdrawn": _list([_withdrawal(one, say) for one in view.withdrawn], say["withdrawn_none"]),
        "hindrances": "".join(_hindrance(name, say) for name in view.hindrances),
    }


def _adding(say: Say) -> str:
    kinds = say["kinds"].format(kinds="、".join(one[1:] for one in SUFFIXES), most=MAX_FILE // MB)
    return (
        f'<section aria-labelledby="yj-add-h"><h2 id="yj-add-h">{say["add"]}</h2>'
        f'<label id="yj-drop"><span>{say["drop_here"]}</span>'
        f'<input type="file" id="yj-files" multiple accept="{",".join(SUFFIXES)}" aria-describedby="yj-kinds"></label>'
        f'<p class="yj-note" id="yj-kinds">{kinds}</p>'
        f'<details><summary>{say["paste"]}</summary><form id="yj-paste">'
        f'<label>{say["paste_hint"]}<textarea rows="8" required></textarea></label>'
        f"<button>{say['paste_do']}</button></form></details></section>"
    )


def _withdrawing(sought: str, rows: Sequence[ArticleRow], base: str, say: Say) -> str:
    found = [Told(row.article_id, row.title, row.publisher, row.published) for row in rows]
    items = [
        _item(
            f"row-{one.ident}",
            "",
            f"{_titles([one], base, say)}{_withdraw(one.title, say, article=one.ident)}",
        )
        for one in found
    ]
    listed = _list(items, say["none_found"]) if sought else ""
    return (
        f'<section aria-labelledby="yj-withdraw-h"><h2 id="yj-withdraw-h">{say["withdraw"]}</h2>'
        f'<p class="yj-note">{say["withdraw_lead"]}</p><form role="search" class="yj-line"><input type="search" name="q" maxlength="200" '
        f'value="{attribute(sought)}" aria-label="{say["withdraw_find"]}" placeholder="{say["withdraw_find"]}">'
        f'<button>{say["find"]}</button></form><div id="yj-rows">{listed}</div></section>'
    )


def _draft(draft: Draft, base: str, lang: Lang) -> str:
    say, found = desk_words(lang), draft.inspection
    head = f'<h3><bdi>{escape(draft.name)}</bdi> <span class="yj-note">{_size(draft.size)}</span></h3>'
    drop = _button(say["discard"], {"do": "drop", "draft": draft.ident}, f"{say['discard']}：{draft.name}")
    if found is None:
        body = f'<p class="yj-note">{say["looking"]}</p><progress aria-label="{say["looking"]}"></progress><p>{drop}</p>'
        return _item(f"draft-{draft.ident}", "looking", head + body)
    body = _facts(found, say) + _warnings(found, base, lang)
    if found.articles == 1:
        body += _form(draft, found.seen[0], drop, say)
    else:
        body += _several(found, say) if found.articles else ""
        accept = _button(
            say["accept"], {"do": "accept"}, f"{say['accept']}：{draft.name}", draft.ident, "yj-main"
        )
        body += f'<p class="yj-do">{accept if found.articles else ""}{drop}</p>'
    return _item(f"draft-{draft.ident}", "looked", head + body)


def _facts(found: Inspection, say: Say) -> str:
    count = say[{0: "holds_0", 1: "holds_1"}.get(found.articles, "holds_n")]
    characters = f"{found.seen[0].characters:,}" if found.seen else ""
    parts = [count.format(n=f"{found.articles:,}", characters=characters)]
    if found.encoding:
        parts.append(say["encoded"].format(encoding=escape(found.encoding), sure=f"{found.confidence:.0%}"))
    parts += [_layout(found.layout, say)] if found.layout else []
    return f'<p class="yj-facts">{" · ".join(parts)}</p>'


def _layout(said: str, say: Say) -> str:
    """Return how the lines of a text lie; what `doctor` says of other files stays in its words."""
    if said == "lines are paragraphs":
        return say["layout_lines"]
    if wrapped := re.fullmatch(r"wrapped at (\d+) [a-z ]+", said):
        return say["layout_wrapped"].format(n=wrapped[1])
    return f'<span lang="en">{escape(said)}</span>'


def _warnings(found: Inspection, base: str, lang: Lang) -> str:
    say = desk_words(lang)
    known = {one.known for one in found.seen} - {""}
    told = [say[name] for name in ("held", "removed") if name in known]
    if found.suspicious:
        marks = [f"{say['odd_' + name.partition(' ')[0]]} {n}" for name, n in found.suspicious.items()]
        told.append(say["odd"].format(marks="、".join(marks)))
    reasons = [reason_zh(one) if lang == "zh" else one for one in found.refused]
    told += [f"{say['not_read']}{escape(one)}" for one in reasons]
    return f'<ul class="yj-warn">{"".join(f"<li>{one}</li>" for one in told)}</ul>' if told else ""


def _form(draft: Draft, seen: Seen, drop: str, say: Say) -> str:
    rows = []
    for name in FIELDS:
        kind = "date" if name == "published" else "text"
        found = seen.rules.get(name, "")
        told = escape(say.get(f"rule_{found.replace(' ', '_')}", found))
        rule = f'<span class="yj-note">{say["found_as"].format(rule=told)}</span>' if found else ""
        rows.append(
            f'<label>{say[f"field_{name}"]}<input type="{kind}" name="{name}" maxlength="{LONGEST_FIELD}" '
            f'value="{attribute(seen.fields[name][:LONGEST_FIELD])}">{rule}</label>'
        )
    excerpt = f'<details><summary>{say["begins"]}</summary><p class="yj-excerpt">{escape(seen.excerpt)}</p></details>'
    return (
        f'<form class="yj-fields" data-draft="{draft.ident}">{"".join(rows)}<p class="yj-note">{say["field_hint"]}</p>'
        f'{excerpt}<p class="yj-do"><button class="yj-main" aria-label="{say["accept"]}：{attribute(draft.name)}">{say["accept"]}</button>{drop}</p></form>'
    )


def _several(found: Inspection, say: Say) -> str:
    items = "".join(
        f"<li><bdi>{escape(one.fields['title'] or say['untitled'])}</bdi> "
        f"{source_facts([one.fields['publisher'], one.fields['published']])}</li>"
        for one in found.seen
    )
    more = (
        f"<p>{say['and_more'].format(n=f'{found.articles:,}')}</p>"
        if found.articles > len(found.seen)
        else ""
    )
    return f'<p class="yj-note">{say["several"]}</p><ul>{items}</ul>{more}'


def _job(job: Job, undoable: bool, base: str, lang: Lang) -> str:
    say = desk_words(lang)
    label = f"<p><strong>{say[f'job_{job.kind}']}</strong> <bdi>{escape(job.label)}</bdi></p>"
    state = say[f"state_{job.state}"]
    if job.state == "failed":
        state += escape(job.message if lang == "zh" else job.error)
    if job.state == "working" and job.stage:
        state = f"{say[f'stage_{job.stage}']} {job.done:,} / {job.total:,}"
    value = f' max="{job.total}" value="{job.done}"' if job.state == "working" and job.total else ""
    bar = "" if job.ended else f'<progress aria-label="{attribute(job.label)}"{value}></progress>'
    told = _titles(job.articles, base, say) if job.kind != "withdraw" else ""
    undo = {"add": {"do": "withdraw", "files": job.undo}, "withdraw": {"do": "restore", "entries": job.undo}}
    back = _button(say["undo"], undo[job.kind], f"{say['undo']}：{job.label}") if undoable else ""
    body = f'{label}<p class="yj-state yj-{job.state}">{state}</p>{bar}{told}{back}'
    return _item(f"job-{job.ident}", f"{job.state} {job.stage} {job.done} {undoable}", body)


def _file(name: str, told: Sequence[Told], base: str, say: Say) -> str:
    body = f'{_titles(told, base, say)}<p class="yj-note"><bdi>{escape(name)}</bdi></p>{_withdraw(name, say, files=[name])}'
    return _item(f"file-{url_quote(name, safe='')}", str(len(told)), body)


def _withdrawal(entry: Withdrawal, say: Say) -> str:
    titles = "".join(f"<li>{_told(one, say)}{_facts_of(one)}</li>" for one in entry.articles)
    names = f"<ul>{titles}</ul>" if titles else f"<p><bdi>{escape(entry.file)}</bdi></p>"
    when = say["by"].format(by=escape(entry.by), at=escape(entry.at[:16].replace("T", " ")))
    how = say["with_file" if entry.file else "without_file"]
    label = entry.articles[0].title if entry.articles else entry.file
    back = _button(say["restore"], {"do": "restore", "entries": [entry.ident]}, f"{say['restore']}：{label}")
    return _item(f"entry-{entry.ident}", "", f'{names}<p class="yj-note">{when} · {how}</p>{back}')


def _titles(told: Sequence[Told], base: str, say: Say) -> str:
    items = "".join(
        f'<li><a href="{attribute(base)}/articles/{url_quote(one.ident, safe="")}">{_told(one, say)}</a>{_facts_of(one)}</li>'
        for one in told
    )
    return f"<ul>{items}</ul>" if items else ""


def _told(one: Told, say: Say) -> str:
    return f'<bdi class="yj-title">{escape(one.title or say["untitled"])}</bdi>'


def _facts_of(one: Told) -> str:
    return f" {source_facts([one.publisher, one.published])}"


def _withdraw(label: str, say: Say, **what: object) -> str:
    return _button(say["withdraw"], {"do": "withdraw", **what}, f"{say['withdraw']}：{label}")


def _hindrance(name: str, say: Say) -> str:
    said = say["not_writable"].format(name=say[f"folder_{name}"], setting=f"RAG_{name.upper()}")
    return f'<p role="alert">{said}</p>'


def _button(words: str, does: Mapping[str, object], label: str, draft: str = "", kind: str = "") -> str:
    told = attribute(json.dumps(does, ensure_ascii=False))
    of = f' data-draft="{draft}"' if draft else ""
    return f'<button type="button" class="{kind}" data-do="{told}"{of} aria-label="{attribute(label)}">{words}</button>'


def _item(ident: str, stamp: str, body: str) -> str:
    return f'<li id="{attribute(ident)}" data-stamp="{attribute(stamp)}">{body}</li>'


def _list(items: Sequence[str], none: str) -> str:
    return (
        f'<ul class="yj-items">{"".join(items)}</ul>'
        if items
        else f'<p class="yj-note">{none}</p>' * bool(none)
    )


def _size(size: int) -> str:
    return f"{size / MB:.1f} MB" if size >= MB else f"{max(1, size // 1000)} kB"
