"""What chat programs ask beside the conversation: to name it, to tag it, to go on. It is no question to the articles.

Such a prompt is told from a question by three things that it says together: what is to be made (a title, tags, questions to
search with or to go on with), out of the conversation, and in which form. The answer is in the conversation itself: a title is how its first question begins.
"""

import json
import re
from collections.abc import Sequence

__all__ = ["chore_reply"]

LONGEST_TITLE = 20
READ = 20_000
"""Characters of a prompt that are looked at."""
_made = re.compile(
    r"(?:generate|create|write|give|suggest|summari[sz]e|provide|生成|总结|概括|提炼|归纳|起一个|起个|取一个|取个|拟一个|拟定|返回|给出|命名)"
    r".{0,160}?(title|标题|题目|主题|名称|(?<!user)name\b|\btags?\b|标签|follow[- _]?ups?\b|追问|quer(?:y|ies)\b|topic)",
    re.IGNORECASE | re.DOTALL,
)
_about = re.compile(
    r"conversation|chat[ _]?(?:history|log|messages)|dialog(?:ue)?|<chat_history>|对话|会话|聊天|这句话|上述内容|以上内容|this (?:message|text)",
    re.IGNORECASE,
)
_form = re.compile(
    r"\bjson\b|\d\s*(?:[-–~至到]\s*\d+\s*)?[- ]?(?:words?|characters|个?字)|字以内|个字|不超过|直接返回|不要(?:解释|标点)|只(?:返回|输出)"
    r"|\bonly (?:return|respond|output|the)\b|\bno (?:explanation|quotes|punctuation)\b|without (?:quotes|punctuation)",
    re.IGNORECASE,
)
_keys = re.compile(r"[{]\s*\"(\w{1,40})\"\s*:\s*(\[?)")
_history = re.compile(r"<chat_history>(.{0,8000}?)</chat_history>", re.DOTALL)
_user = re.compile(
    r"^[ \t]{0,20}(?:USER|Human|用户)[ \t]{0,5}[:：][ \t]{0,20}(\S[^\n]{0,400})", re.MULTILINE | re.IGNORECASE
)


def chore_reply(said: Sequence[tuple[str, str]]) -> str | None:
    """Return what answers a prompt about the conversation, None for a question; `said` is the role and text of each message."""
    asked = said[-1][1][:READ]
    system = " ".join(text for role, text in said if role in ("system", "developer"))[:READ]
    wanted = _wanted(asked) or (_wanted(system) if len(said) > 1 else None)
    if wanted is None:
        return None
    title = _title([*said[:-1], ("user", "" if _wanted(asked) else asked)], asked)
    if keys := _keys.search(asked):
        return json.dumps({keys[1]: [] if keys[2] else title}, ensure_ascii=False)
    return title if wanted == "title" else ""


def _wanted(prompt: str) -> str | None:
    """Return what is to be made of the conversation: a title, or anything else."""
    found = _made.search(prompt)
    if found is None or not (_about.search(prompt) and _form.search(prompt)):
        return None
    word = found[1].lower()
    return "title" if word in ("title", "name", "topic", "标题", "题目", "主题", "名称") else "other"


def _title(said: Sequence[tuple[str, str]], prompt: str) -> str:
    """Return how the first question begins: of the messages, or of those that the prompt quotes."""
    quoted = _history.search(prompt)
    found = _user.search(quoted[1] if quoted else prompt)
    asked = [text for role, text in said if role == "user" and text.strip()]
    first = found[1] if found else asked[0] if asked else ""
    plain = " ".join(first.split())
    return plain[:LONGEST_TITLE] or "新闻问答"
