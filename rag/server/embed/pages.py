"""The pages for frames: the chat that other sites show, and the doctor that tells what keeps them from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from rag.render.desk.strings import desk_words
from rag.render.escape import attribute, escape
from rag.render.pages import LANGUAGES
from rag.render.strings import Lang, words
from rag.server.embed.framing import Finding

__all__ = ["EmbedOptions", "doctor_page", "embed_page"]

HERE = Path(__file__).resolve().parent
THEMES = ("light", "dark")
EXAMPLES = 3
"""Example questions in a frame: what fits above the fold of a phone."""


@cache
def _template(name: str) -> Template:
    return Template((HERE / name).read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class EmbedOptions:
    """What a page for frames is asked for: theme is light, dark or anything else for what the reader's system prefers.

    `question` is asked at once; `origins` may talk to the page by messages.
    """

    theme: str = ""
    lang: Lang = "zh"
    publisher: str = ""
    since: str = ""
    question: str = ""
    questions: Sequence[str] = ()
    """What is offered in place of questions from the articles."""
    greeting: str = ""
    color: str = ""
    """Of buttons, as CSS writes it; the script of the page looks whether it is one."""
    keep: bool = False
    """Whether the conversation outlives the page, in the storage of its tab."""
    heading: bool = True
    origins: Sequence[str] = ()
    keeps: bool = False
    """Whether questions that get no answer are kept, which the page then says."""


def embed_page(options: EmbedOptions, base: str, examples: Sequence[str]) -> str:
    """Return the page for frames."""
    say = words(options.lang)
    buttons = "".join(
        f'<li><button type="button" class="yj-example">{escape(example)}</button></li>'
        for example in options.questions or examples[:EXAMPLES]
    )
    chip = f'<span class="yj-from">{say["publisher"]} <bdi>{escape(options.publisher)}</bdi></span>'
    return _template("embed.html").substitute(
        {name: attribute(text) for name, text in say.items() if name.startswith("embed_")},
        theme=options.theme if options.theme in THEMES else "auto",
        lang=LANGUAGES[options.lang],
        short=options.lang,
        base=attribute(base),
        examples=buttons,
        keeps=f"<p>{desk_words(options.lang)['keeps_questions']}</p>" if options.keeps else "",
        heading=int(options.heading),
        publisher=attribute(options.publisher),
        since=attribute(options.since),
        color=attribute(options.color),
        keep="1" if options.keep else "",
        greeting=escape(options.greeting) or attribute(say["embed_lead"]),
        chip=chip if options.publisher else "",
        question=attribute(options.question),
        origins=attribute(" ".join(options.origins)),
    )


def doctor_page(
    findings: Sequence[Finding], told: Mapping[str, str], address: str, base: str, lang: Lang
) -> str:
    """Return the page that tells web masters what keeps their pages from embedding."""
    say = words(lang)
    rows = "".join(
        f'<li class="yj-{finding.state}" data-check="{finding.check}"><p>{escape(finding.said)}</p>'
        f"{f'<pre>{escape(finding.mend)}</pre>' * bool(finding.mend)}</li>"
        for finding in findings
    )
    return _template("doctor.html").substitute(
        {name: say[name] for name in say if name.startswith("doctor_")},
        lang=LANGUAGES[lang],
        rows=rows,
        base=attribute(base),
        address=escape(address),
        origin=attribute(told.get("origin", "")),
        headers=escape(told.get("headers", "")).replace("<br>", "&#10;"),
    )
