"""Why there is no answer, in English: the Answer keeps the Chinese sentence that scripts and logs have.

Words of the question and of the articles stay as they are.
"""

import re
from collections.abc import Mapping

__all__ = ["said_en", "worded"]

_WHERE = {"库中": "in the library", "筛选范围内": "within the filters"}
_IN = "(?P<where>库中|筛选范围内)"
# What a figure is said to be in the place of, where it is no word of the question or of an article.
_KINDS = {
    "数字": "a number",
    "时间": "a time",
    "人物": "a person",
    "地点": "a place",
    "名称": "a name",
    "增减": "a change",
    "总数": "a total",
}
# A question of several, before what is said to it.
_asked = re.compile("“(?P<asked>[^”]*)”：(?P<said>.+)")
# Each sentence that stands in the place of an answer or beside one; a test holds that none is missing.
_SENTENCES = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (f"{_IN}没有找到足够可靠的依据，因此不作回答。", "Nothing reliable enough was found {where}, so there is no answer."),
        (
            f"{_IN}没有找到可靠的依据；报道是中文的，请用中文提问。",
            "Nothing reliable was found {where}. The articles are in Chinese: please ask in Chinese.",
        ),
        (
            f"{_IN}没有找到可以引用的依据：相近的报道没有提到(?P<words>[^。]+)。",
            "Nothing was found {where} that could be quoted: the nearest articles do not mention {words}.",
        ),
        ("相近的报道说的是“(?P<found>[^”]+)”，与问到的相反。", "The nearest articles say “{found}”, the contrary of what was asked."),
        ("相近的报道说的是(?P<found>[^，]+)，不是(?P<asked>[^。]+)。", "The nearest articles speak of {found}, not of {asked}."),
        (
            "相近的报道以(?P<found>[^，]+)计，不是以(?P<asked>[^。]+)计。",
            "The nearest articles count in {found}, not in {asked}.",
        ),
        ("相近的报道给出的是(?P<found>[^，]+)，不是问到的(?P<asked>[^。]+)。", "The nearest articles give {found}, not {asked} as was asked."),
        ("相近的报道给出的(?P<found>[^。]{1,40}?)不是问到的(?P<asked>[^。]{1,40})。", "The nearest articles give {found}, not {asked} as was asked."),
        (
            "有据只能引用库中报道的原文来回答，这个问题没有可以引用的原文。",
            "Youju answers only by quoting its articles, and no quotation can answer this.",
        ),
        ("这样的问题没有单一的答案，相关报道的要点如下。", "There is no single answer to this: the key points of the articles, in their own words."),
        (f"{_IN}最新的报道如下。", "The newest articles {where}."),
        (f"{_IN}与“(?P<topic>[^”]*)”有关的报道，最新的如下。", "The newest articles {where} about “{topic}”."),
        (f"{_IN}没有注明(?P<day>[^，]+)的报道，最新的如下。", "No article {where} is dated {day}; these are the newest."),
        (f"{_IN}没有找到(?P<time>[^。]+)的报道", "No article of {time} was found {where}"),
        ("其余的问题请另外提问。", "Please ask the other questions separately."),
        ("您好！请直接提问，我会引用库中的报道来回答。", "Hello! Ask about the articles: every answer is made of their own words."),
        ("不客气！还有想查的，请接着问。", "You are welcome. Ask on whenever you like."),
        ("再见！", "Goodbye!"),
        (
            "我是“有据”：只引用库中的新闻报道来回答问题，每句引文都可以对照原文核实。",
            "This is Youju: it answers only by quoting news articles, and each quote can be checked against its source.",
        ),
    )
)  # fmt: skip


def said_en(message: str) -> str:
    """Return a sentence of the program in English, line by line; "" where it is none that is known.

    >>> said_en("库中没有找到可以引用的依据：相近的报道没有提到“上海”。")
    'Nothing was found in the library that could be quoted: the nearest articles do not mention “上海”.'
    """
    lines = [_line(line) for line in message.split("\n")]
    return "\n".join(lines) if all(lines) else ""


def worded(said: str, say: Mapping[str, str]) -> str:
    """Return a sentence of the program in the language of `say`, as it is where there is no other."""
    return said if say["lang"] == "zh-CN" else said_en(said) or said


def _line(line: str) -> str:
    if part := _asked.fullmatch(line):
        said = _line(part["said"])
        return said and f"“{part['asked']}”: {said}"
    for pattern, said in _SENTENCES:
        if found := pattern.fullmatch(line):
            words = {name: _KINDS.get(word, word) for name, word in found.groupdict().items()}
            words["where"] = _WHERE.get(words.get("where", ""), "")
            words["words"] = words.get("words", "").replace("、", " and ")
            told = said.format(**words)
            return told[:1].upper() + told[1:]
    return ""
