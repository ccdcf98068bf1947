"""Article text made safe for HTML, Markdown and terminals: every character is shown, none is interpreted."""

import html
import re

__all__ = ["attribute", "escape", "escape_markdown", "visible"]

# Controls that change what a reader sees without being seen: C0 and C1 but tab and newline (ESC drives a terminal,
# NUL ends a text), the bidirectional marks, embeddings, overrides and isolates, and lone surrogates, which UTF-8
# cannot carry. Named instead of stripped: what is shown must stay the whole quote.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~$&]")
# What begins a list, underlines a heading or divides: 1. and - before a blank, not the point of 8.1%.
_LIST = re.compile(r"^(\s*\d*)([-+.)](?=\s|$)|[-=](?=[-=]*\s*$))")


def _name(found: re.Match[str]) -> str:
    return f"U+{ord(found[0]):04X}"


def visible(text: str) -> str:
    """Name the hidden controls in `text`: an override becomes ⟨U+202E⟩."""
    return _HIDDEN.sub(lambda found: f"⟨{_name(found)}⟩", text.replace("\r\n", "\n"))


def escape(text: str) -> str:
    """Return `text` as one line of HTML, fit for the content of an element.

    One line, because a Markdown renderer (Gradio's chat) passes HTML through untouched only up to a blank line.
    """
    escaped = html.escape(text.replace("\r\n", "\n"), quote=True)
    named = _HIDDEN.sub(lambda found: f'<span class="yj-hidden">{_name(found)}</span>', escaped)
    return named.replace("\n", "<br>")


def attribute(value: str) -> str:
    """Return `value` fit for a quoted attribute; hidden controls have no place in an address."""
    return html.escape(_HIDDEN.sub("", value), quote=True)


def escape_markdown(text: str) -> str:
    """Return `text` as Markdown that renders as itself, on one line."""
    line = _MARKDOWN.sub(r"\\\g<0>", visible(text).replace("\n", " "))
    return _LIST.sub(r"\1\\\2", line)
