"""An answer as text: for a terminal, and with its citations for taking along."""

from collections.abc import Callable, Iterator
from datetime import date

from rag.records import Answer, Citation
from rag.render.answer_html import ended
from rag.render.citation_html import article_path, page_facts, quote_runs
from rag.render.escape import escape_markdown, visible
from rag.render.strings import words

__all__ = ["answer_gbt7714", "answer_markdown", "answer_plain", "answer_text"]

Link = Callable[[Citation], str]


def answer_text(answer: Answer) -> str:
    """Return the answer for a terminal; 【】 set off the answer in its quote."""
    lines = [visible(answer.text), *_values(answer, visible), *_cards(answer.citations)]
    if answer.understood_as not in ("", answer.question):
        lines.insert(0, f"{words('zh')['understood']}{visible(answer.understood_as)}")
    if answer.closest:
        say, told = words("zh"), answer.refusal is not None and answer.refusal.reason == "overview"
        head, note = ("told", "told_note") if told else ("closest", "closest_note")
        lines += ["", f"{say[head]}（{say[note]}）：", *_cards(answer.closest)]
    return "\n".join(lines)


def answer_plain(answer: Answer, link: Link = article_path) -> str:
    """Return the answer with its citations as plain text: “quote” —— 《title》, publisher, date, address."""
    lines = [_said(answer, visible), *_values(answer, visible)]
    for citation in answer.citations:
        lines += ["", f"[{citation.number}] “{_quoted(citation, visible, '', '')}”"]
        lines += [f"    {line}" for line in _corrections(citation)]
        lines += [f"    —— {visible(_where(citation))}", f"    {link(citation)}"]
    return "\n".join(lines)


def answer_markdown(answer: Answer, link: Link = article_path) -> str:
    """Return the answer with its quotes as Markdown; article text stays text."""
    lines = [
        _said(answer, escape_markdown, "  \n"),
        *_values(answer, escape_markdown),
    ]  # two spaces break a line
    for citation in answer.citations:
        where = escape_markdown(_where(citation))
        number = escape_markdown(f"[{citation.number}]")
        lines += ["", f"> {number} {_quoted(citation, escape_markdown, '**', '**')}", ">"]
        for line in _corrections(citation):
            lines += [f"> {escape_markdown(line)}", ">"]
        lines += [f"> —— {where}（[原文]({link(citation)})）"]
    return "\n".join(lines)


def _said(answer: Answer, plain: Callable[[str], str], between: str = "\n") -> str:
    """Return what is said, a line for each sentence, each with the mark that ends it."""
    return between.join(plain(ended(line)) for line in answer.text.split("\n") if line)


def _values(answer: Answer, plain: Callable[[str], str]) -> Iterator[str]:
    """Yield what the sources differ in, and the values of one indicator at several times, oldest first."""
    for variant in answer.variants:
        if variant.relation != "equal":
            said = "；".join(f"{value.value} [{value.citation}]" for value in variant.values)
            yield plain(f"{words('zh')[variant.relation]}：{said}")
    points = (f"{point.as_of}：{point.value} [{point.citation}]" for point in answer.timeline)
    if answer.timeline:
        yield ""
        yield plain(" → ".join(points))


def answer_gbt7714(answer: Answer, today: date, link: Link = article_path) -> str:
    """Return the answer, its quotes and a list of references as GB/T 7714—2015 has them; cited on `today`.

    [1] 林晓岚. 滨江新区再添口袋公园[N/OL]. 滨江日报, 2024-03-12[2024-06-01]. http://…
    """
    quotes = [
        "\n".join([f"“{_quoted(c, visible, '', '')}”[{c.number}]", *_corrections(c)])
        for c in answer.citations
    ]
    references = [f"[{c.number}] {_reference(c, today, link(c))}" for c in answer.citations]
    return "\n".join(
        [_said(answer, visible), *_values(answer, visible), "", *quotes, "", "参考文献：", *references]
    )


def _reference(citation: Citation, today: date, address: str) -> str:
    """Return one reference: an article of a newspaper, or a page of the web where the publisher is not known."""
    author = f"{visible(citation.author)}. " if citation.author else ""
    title = visible(citation.title or words("zh")["untitled"]).replace("\n", " ")
    cited = f"[{today.isoformat()}]. {address}"
    if not citation.publisher:
        dated = f" ({citation.published})" if citation.published else " "
        return f"{author}{title}[EB/OL].{dated}{cited}"
    paper = ", ".join(filter(None, (visible(citation.publisher), citation.published)))
    return f"{author}{title}[N/OL]. {paper}{cited}"


def _cards(citations: tuple[Citation, ...]) -> Iterator[str]:
    say = words("zh")
    for citation in citations:
        yield ""
        yield f"[{citation.number}] {_quoted(citation, visible, '【', '】')}"
        yield f"    {visible(_where(citation))}  {say[citation.verified]}"
        yield f"    {visible(citation.source)}"
        yield from (f"    {line}" for line in _corrections(citation))
        if citation.reprints:
            yield f"    另见：{visible('、'.join(citation.reprints))}"


def _corrections(citation: Citation) -> Iterator[str]:
    """Yield a line for each correction of the quoted words, with the notice's own sentence."""
    for one in citation.corrections:
        where = "，".join(
            filter(None, (f"《{one.title}》" if one.title else "", one.publisher, one.published))
        )
        head = "辟谣" if one.denied else f"更正：“{one.was}” → “{one.now}”"
        yield visible(f"{head}：{one.quote} —— {where}").replace("\n", " ")


def _quoted(citation: Citation, plain: Callable[[str], str], left: str, right: str) -> str:
    """Return the quote with its context, the answer between `left` and `right`."""
    found = "".join(
        _marked(citation, plain, left, right) if own else plain(run) for run, own in quote_runs(citation)
    )
    return found.replace("\n", " ")


def _marked(citation: Citation, plain: Callable[[str], str], left: str, right: str) -> str:
    if citation.answer_start is None or citation.answer_end is None:
        return plain(citation.quote)
    start, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    quote = citation.quote
    return f"{plain(quote[:start])}{left}{plain(quote[start:end])}{right}{plain(quote[end:])}"


def _where(citation: Citation) -> str:
    say = words("zh")
    dated = f"{say['as_of']}{citation.as_of}" if citation.as_of else ""
    facts = (f"《{citation.title or say['untitled']}》", citation.publisher, citation.published, dated)
    return "，".join(filter(None, (*facts, *page_facts(citation.page, citation.scanned, say))))
