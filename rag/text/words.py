"""Chinese text: forms that match, sentences, words and character bigrams; no offset ever moves.

>>> fold("臺灣５Ｇ基站")
'台湾5g基站'
>>> bigrams("5G基站超8万个")
['5g', '基站', '站超', '8', '万个']
"""

import marshal
import os
import re
import sys
import unicodedata
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

__all__ = [
    "LONGEST_KEPT",
    "bigrams",
    "clauses",
    "commonness",
    "content_words",
    "cut",
    "fold",
    "is_cjk",
    "is_name",
    "is_noun",
    "load_words",
    "sentences",
    "squeeze",
    "words",
]

HERE = Path(__file__).resolve().parent

# Ideographs of all planes, with 々 and 〇, which stand between ideographs as if they were some.
HAN = "々〇㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff"
LINE_ENDS = "\n\r\v\f\x1c-\x1e\x85\u2028\u2029"
ENDERS = "。！？!?｡"
BRACKETS = {"（": "）", "(": ")", "《": "》", "〈": "〉", "【": "】", "[": "]", "〔": "〕"}
QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』"}
# After a quotation that ends in ！ or 。 these show that the sentence around it goes on: “加油！”的口号.
GOES_ON = frozenset("，、；：,;:的和与及或")
# Enders inside a shorter quotation end nothing: “什么？你！”他说. A longer one is a speech of several sentences.
SHORT_QUOTATION = 40
# Tags of jieba's dictionary: nouns and names, Latin words, abbreviations, set phrases, places.
NOUNS = ("n", "eng", "j", "l", "i", "s")
# Of them those of people, places, organisations, products and short forms of such.
NAMES = ("nr", "ns", "nt", "nz", "j")
# Texts cut lately: all possible answers of a question stand in the same few sentences.
KEPT = 1024
# Longer texts are not kept, so that what is kept stays small.
LONGEST_KEPT = 8192
# The two opposite dangers: a bracket never closed swallowing a paragraph, and a long aside cut in two.
LONGEST_ASIDE = 200

_han = re.compile(f"[{HAN}]")
_tokens = re.compile(f"[{HAN}]+|[^\\W_{HAN}]+(?:(?<=\\d)\\.(?=\\d)[^\\W_{HAN}]+)*")
_closers = "".join([*BRACKETS.values(), *QUOTES.values()])
_marks = re.compile(f"[{LINE_ENDS}]|[{ENDERS}…]+|[{re.escape(''.join([*BRACKETS, *QUOTES]) + _closers)}]")


_Dictionary = tuple[dict[str, int], int, frozenset[str], frozenset[str]]


class _FoldTable(dict[int, int]):
    """Code point → folded code point, filled as characters are met: nothing is computed at import."""

    def __missing__(self, code: int) -> int:
        self[code] = folded = ord(_fold_char(chr(code)))
        return folded


@cache
def _simplified() -> dict[str, str]:
    traditional, simplified, _ = (HERE / "t2s.txt").read_text(encoding="utf-8").split("\n")
    return dict(zip(traditional, simplified, strict=True))


def _fold_char(char: str) -> str:
    """Return the one character that stands for `char`: a form that would be longer is not taken."""
    form = unicodedata.decomposition(char)
    if form.startswith(("<wide>", "<narrow>")) or "\u2e80" <= char <= "\u2fdf" or "豈" <= char <= "\ufaff":
        plain = unicodedata.normalize("NFKC", char)
        char = plain if len(plain) == 1 else char
    if char.isspace():
        return char if char.isascii() or char in "\x85\u2028\u2029" else " "
    lower = char.lower()
    char = lower if len(lower) == 1 else char
    return _simplified().get(char, char) if char > "\u3400" else char


_fold_table = _FoldTable()


def fold(text: str) -> str:
    """Return `text` in the form that is compared: half width, lower case, simplified; the length never changes."""
    if text.isascii():
        return text.lower()
    return _folded(text) if len(text) <= LONGEST_KEPT else text.translate(_fold_table)


# The possible answers of a question stand in the same few sentences and articles.
@lru_cache(2 * KEPT)
def _folded(text: str) -> str:
    return text.translate(_fold_table)


def squeeze(text: str) -> str:
    """Return `text` without white space."""
    return "".join(text.split())


def is_cjk(char: str) -> bool:
    """Say whether `char` is a Chinese character."""
    return _han.fullmatch(char) is not None


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences in order; together they hold every character that is not white space.

    A sentence ends at 。！？ with the quotes and brackets that close there, and at a line's end. Nothing ends inside
    brackets or a short quotation, nor at a quotation that the sentence goes on after (“加油！”的口号). An ellipsis ends
    only before a line's end, white space, or an opening quote.
    """
    return list(_sentences(text) if len(text) <= LONGEST_KEPT else _cut_sentences(text))


@lru_cache(KEPT)
def _sentences(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(_cut_sentences(text))


def _cut_sentences(text: str) -> Iterator[tuple[int, int]]:
    ends = [*_sentence_ends(text), len(text)]
    for start, end in zip([0, *ends[:-1]], ends, strict=True):
        if span := _trim(text, start, end):
            yield span


def clauses(text: str, marks: str = "；;") -> list[tuple[int, int]]:
    """Return the spans of the pieces that end at one of `marks`; inside brackets and numbers nothing is cut."""
    closed_by = _pairs(text, BRACKETS)
    found = re.compile(f"[{re.escape(marks)}]|[{re.escape(''.join(BRACKETS))}]")
    cuts, position = [0], 0
    while match := found.search(text, position):
        at = match.start()
        position = closed_by.get(at, at) + 1
        if text[at] in marks and not _in_number(text, at):
            cuts.append(position)
    return [
        span
        for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)
        if (span := _trim(text, start, end))
    ]


def bigrams(text: str) -> list[str]:
    """Return the pairs of neighbouring Chinese characters, and Latin words and numbers whole, folded, in order.

    A Chinese character that stands alone is kept as it is.
    """
    found: list[str] = []
    for run in _tokens.findall(fold(text)):
        if len(run) < 2 or not _han.match(run):
            found.append(run)
        else:
            found.extend([run[i : i + 2] for i in range(len(run) - 1)])
    return found


def words(text: str) -> list[str]:
    """Return the words of `text` as a search engine wants them: long words and the shorter ones in them, folded."""
    return list(_words(text))


def cut(text: str) -> list[str]:
    """Return the pieces that `text` is cut into, joined they are the folded text."""
    return list(_pieces(text))


@lru_cache(KEPT)
def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in _jieba().cut_for_search(fold(text)) if any(map(str.isalnum, word)))


@lru_cache(KEPT)
def _pieces(text: str) -> tuple[str, ...]:
    return tuple(_jieba().cut(fold(text)))


def content_words(text: str) -> list[str]:
    """Return the words of `text` that say what it is about: no particles, question words or ways to ask."""
    return [word for word in words(text) if word not in _stopwords()]


def commonness(word: str) -> float:
    """Return the relative frequency (0..1) of a word in general Chinese, as jieba's dictionary counts it.

    A word it does not have is as rare as its rarest.
    """
    tokenizer = _jieba()
    return float(max(tokenizer.FREQ.get(fold(word), 0), 1) / tokenizer.total)


def is_noun(word: str) -> bool:
    """Tell whether a word is a noun, or one the dictionary does not have: those are mostly names."""
    return word not in _jieba().others


def is_name(word: str) -> bool:
    """Tell whether a word names one thing (a person, place, organisation or product): by its tag, or as it is unknown.

    Two characters that the dictionary does not have are taken for a wrong cut.
    """
    tokenizer = _jieba()
    unknown = not tokenizer.FREQ.get(word, 0) and len(word) > 2 and all(map(is_cjk, word))
    return unknown or word in tokenizer.names


def _trim(text: str, start: int, end: int) -> tuple[int, int] | None:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _in_number(text: str, at: int) -> bool:
    return text[at - 1 : at].isdecimal() and text[at + 1 : at + 2].isdecimal()


def _pairs(text: str, kinds: dict[str, str]) -> dict[int, int]:
    """Return where each opening mark is closed; marks never closed on their line or soon enough are left out."""
    marks = re.compile(f"[{LINE_ENDS}{re.escape(''.join([*kinds, *kinds.values()]))}]")
    pairs: dict[int, int] = {}
    stack: list[int] = []
    for match in marks.finditer(text):
        at, char = match.start(), match[0]
        if char in kinds:
            stack.append(at)
        elif char not in kinds.values():
            stack.clear()
        else:
            near = range(bisect_left(stack, at - LONGEST_ASIDE), len(stack))
            opened = next((i for i in reversed(near) if kinds[text[stack[i]]] == char), None)
            if opened is not None:
                pairs[stack[opened]] = at
                del stack[opened:]
    return pairs


def _sentence_ends(text: str) -> Iterator[int]:
    asides = _pairs(text, BRACKETS) | {
        start: end for start, end in _pairs(text, QUOTES).items() if end - start <= SHORT_QUOTATION
    }
    position = begin = 0
    while match := _marks.search(text, position):
        at, position = match.start(), match.end()
        end = _after_aside(text, begin, asides[at]) if at in asides else _after_mark(text, match)
        if at in asides:
            position = asides[at] + 1
        if end:
            yield end
            position = begin = end


def _after_mark(text: str, match: re.Match[str]) -> int:
    """Return where the sentence ends that has this mark, 0 if the mark ends none."""
    marks, end = match[0], match.end()
    if marks in BRACKETS or marks in QUOTES or marks in _closers:
        return 0
    following = text[end : end + 1]
    if not set(marks) - {"…"}:
        return end if not following or following.isspace() or following in "“「『" else _closed(text, end, 0)
    if marks[-1] in "!?" and following.isascii() and following.isalnum():
        return 0  # an address: http://…?id=1
    return _closed(text, end, end)


def _closed(text: str, end: int, otherwise: int) -> int:
    """Return the end behind the quotes that close at `end`: 0 if the sentence goes on, `otherwise` without quotes."""
    after = end
    while after < len(text) and text[after] in _closers + '"':
        after += 1
    if after == end:
        return otherwise
    return 0 if text[after : after + 1] in GOES_ON and after < len(text) else after


def _after_aside(text: str, begin: int, close: int) -> int:
    """Return where a sentence ends that ends inside brackets or quotation closing at `close`, else 0."""
    if text[close - 1] not in ENDERS + "…":
        return 0
    if text[close] in QUOTES.values():
        return _closed(text, close, 0)
    if text[close] in "》〉":
        return 0  # a title that asks: 《谁是英雄？》上映
    opened_first = not text[begin : text.rfind(_opening(text[close]), 0, close)].strip()
    return close + 1 if opened_first else 0


def _opening(closer: str) -> str:
    return next(start for start, end in BRACKETS.items() if end == closer)


def load_words() -> None:
    """Load the dictionary now (0.2 s), not when the first text is cut."""
    _jieba()


@cache
def _stopwords() -> frozenset[str]:
    lines = (HERE / "stopwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def _jieba() -> Any:
    """Return a tokenizer of our own: jieba's shared one keeps its dictionary in a file anyone may have written."""
    import jieba

    tokenizer = jieba.Tokenizer()
    loaded = _load_dictionary(tokenizer, _cache_file(jieba.__version__))
    tokenizer.FREQ, tokenizer.total, tokenizer.others, tokenizer.names = loaded
    tokenizer.initialized = True
    return tokenizer


def _load_dictionary(tokenizer: Any, cached: Path | None) -> _Dictionary:
    """Return jieba's prefix dictionary, its words that are no nouns, and its names: a whole cached file (0.2 s) or anew (1 s)."""
    if cached is not None:
        with suppress(OSError, ValueError, EOFError, TypeError):
            content = cached.read_bytes()
            if zlib.crc32(content[4:]) == int.from_bytes(content[:4], "big"):
                counts, total, others, names = marshal.loads(content[4:])
                return counts, total, others, names
    counts, total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tags = {word: tag for word, _, tag in (line.decode().split() for line in tokenizer.get_dict_file())}
    # The words of both sets are the same objects as the keys of `counts`: as strings of their own they would take 15 MB.
    others = frozenset(word for word in counts if word in tags and not tags[word].startswith(NOUNS))
    names = frozenset(word for word in counts if word in tags and tags[word].startswith(NAMES))
    made = (counts, total, others, names)
    if cached is not None:
        with suppress(OSError):
            _write(cached, marshal.dumps(made))
    return made


def _write(path: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(zlib.crc32(content).to_bytes(4, "big") + content)
    Path(file.name).replace(path)


def _cache_file(version: str) -> Path | None:
    """Return a file in a folder that only we can write, None if there is none: then nothing is cached."""
    folder = _cache_home() / "youju"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        state = folder.stat()
    except (OSError, RuntimeError):
        return None
    if hasattr(os, "getuid") and (state.st_uid != os.getuid() or state.st_mode & 0o022):
        return None
    return folder / f"jieba-{version}-{sys.implementation.cache_tag}-5"


def _cache_home() -> Path:
    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(named) if named else Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111 - never raises
