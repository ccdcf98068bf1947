"""An answer as plain text for a terminal, and as Markdown for taking along."""

from collections.abc import Callable, Iterator

from rag.markup import escape_markdown, visible
from rag.records import Answer, Citation
from rag.render import VERIFIED, article_path, quote_runs

__all__ = ["answer_markdown", "answer_text"]


def answer_text(answer: Answer) -> str:
    """Return the answer for a terminal; 【】 set off the answer in its quote."""
    lines = [visible(answer.text), *_timeline(answer, visible), *_cards(answer.citations)]
    if answer.closest:
        lines += ["", "可能相关（供参考，不是对问题的回答）：", *_cards(answer.closest)]
    return "\n".join(lines)


def answer_markdown(answer: Answer, link: Callable[[Citation], str] = article_path) -> str:
    """Return the answer with its quotes as Markdown; article text stays text."""
    lines = [escape_markdown(answer.text), *_timeline(answer, escape_markdown)]
    for citation in answer.citations:
        where = escape_markdown(_where(citation))
        lines += ["", f"> {_quoted(citation, escape_markdown, '**', '**')}", ">"]
        lines += [f"> —— {where}（[原文]({link(citation)})）"]
    return "\n".join(lines)


def _timeline(answer: Answer, plain: Callable[[str], str]) -> Iterator[str]:
    """Yield the values of one indicator at several times, oldest first, with arrows between."""
    points = (f"{point.as_of}：{point.value} [{point.citation}]" for point in answer.timeline)
    if answer.timeline:
        yield ""
        yield plain(" → ".join(points))


def _cards(citations: tuple[Citation, ...]) -> Iterator[str]:
    for citation in citations:
        yield ""
        yield f"[{citation.number}] {_quoted(citation, visible, '【', '】')}"
        yield f"    {visible(_where(citation))}  {VERIFIED[citation.verified][1]}"
        yield f"    {visible(citation.source)}"
        if citation.reprints:
            yield f"    另见：{visible('、'.join(citation.reprints))}"


def _quoted(citation: Citation, plain: Callable[[str], str], left: str, right: str) -> str:
    """Return the quote with its context, the answer between `left` and `right`."""
    words = "".join(
        _marked(citation, plain, left, right) if own else plain(run) for run, own in quote_runs(citation)
    )
    return words.replace("\n", " ")


def _marked(citation: Citation, plain: Callable[[str], str], left: str, right: str) -> str:
    if citation.answer_start is None or citation.answer_end is None:
        return plain(citation.quote)
    start, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    quote = citation.quote
    return f"{plain(quote[:start])}{left}{plain(quote[start:end])}{right}{plain(quote[end:])}"


def _where(citation: Citation) -> str:
    facts = (f"《{citation.title or '（无标题）'}》", citation.publisher, citation.published)
    return "，".join(filter(None, facts))
