"""Pages that are no article: notices that one is gone, forms to pass, and lists of others."""

import re
from collections.abc import Iterator, Sequence

from rag.ingest.web.main_text import MainText
from rag.ingest.web.page_lines import PageLine

__all__ = ["list_links", "notice"]

# A notice has few words besides; an article about one has more.
MOST_WORDS = 200
LONGEST_NOTICE = 60
# So many links are a list, with as many digests below links of so many characters; a page of fewer characters of sentences has nothing else.
FEWEST_LINKS = 8
FEWEST_DIGESTS = 3
LEAST_LINK = 7
# Sentences between names, times and numbers are those of a list when they are fewer lines and a smaller share.
MOST_SCATTERED = 0.7
LEAST_PROSE = 60

_notice = re.compile(
    r"(?:该|此|本|这篇|您?访问的|您?请求的|您?查看的|您?要找的)?(?:内容|文章|页面|网页|帖子|帐号|账号|公众号|链接|主题)(?:已|可能已|因|不|被|暂时?|暂无|无法)[^。，]{0,20}"
    r"(?:删除|存在|违规|屏蔽|查看|访问|失效|过期|迁移|下线|找到|打开|停用|封)"
    r"|环境异常|完成验证后|请完成(?:安全)?验证|访问(?:过于频繁|受限|被拒绝)|拒绝访问|(?:抱歉|对不起|很遗憾)[^。]{0,20}(?:不存在|找不到|无法|没有找到|出错)"
    r"|(?:参数|系统|服务器)(?:内部)?错误|(?:找不到|未找到|没有找到)(?:该|此|您)?[^。，]{0,12}(?:页面|网页|内容|文章)"
    r"|^(?:Error )?(?:40[0-9]|50[0-9])\b|\b(?:404|403|502)\b.{0,12}(?:Not Found|Error|页面|错误|Forbidden|Bad Gateway)"
    r"|(?:page|content|file).{0,20}(?:not found|has been deleted|does not exist|unavailable)|not found$",
    re.IGNORECASE,
)


def notice(lines: Sequence[PageLine], title: str, main: MainText) -> str:
    """Return the words that say there is no article on the page, "" if there may be one."""
    chosen = [lines[at] for at in main.numbers]
    prose = sum(line.prose for line in chosen)
    said = chosen[:2] if prose > LONGEST_NOTICE else lines
    heads = [title, *(line.text for line in lines if line.heading), *(line.text for line in said)]
    told = [head for head in heads if head and len(head) <= LONGEST_NOTICE and _notice.search(head)]
    return told[0] if told and prose <= MOST_WORDS else ""


def list_links(lines: Sequence[PageLine], main: MainText) -> int:
    """Return how many links to other pages are all that a page has, with a digest of each at most; 0 for an article."""
    links = sum(line.mostly_linked for line in lines)
    if links < FEWEST_LINKS:
        return 0
    sentences = [at for at in main.numbers if lines[at].prose]
    prose = sum(lines[at].prose for at in sentences)
    digests = list(_digests(lines, sentences))
    listed = len(digests) >= FEWEST_DIGESTS and 2 * sum(lines[at].prose for at in digests) > prose
    if main.headline >= 0 and main.numbers:
        return links if listed else 0
    chars = sum(len(lines[at].text) for at in main.numbers)
    few = 3 * len(sentences) < len(main.numbers) and prose < MOST_SCATTERED * chars
    scattered = len(main.numbers) > FEWEST_LINKS and few
    return links if listed or scattered or prose < LEAST_PROSE else 0


def _digests(lines: Sequence[PageLine], sentences: Sequence[int]) -> Iterator[int]:
    """Yield the sentences that each stand beside a link of their own to what they are about."""
    taken: set[int] = set()
    for at in sentences:
        beside = (*range(at - 1, max(at - 3, -1), -1), *range(at + 1, min(at + 2, len(lines))))
        links = (i for i in beside if lines[i].mostly_linked and len(lines[i].text) >= LEAST_LINK)
        link = next((i for i in links if i not in taken), None)
        if link is not None:
            taken.add(link)
            yield at
