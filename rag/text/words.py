"""Words, character bigrams, and what the dictionary knows of a word.

>>> bigrams("5G基站超8万个")
['5g', '基站', '站超', '8', '万个']
"""

import marshal
import os
import re
import sys
import zlib
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from rag.text.characters import HAN, fold, is_cjk
from rag.text.word_lists import read_words

__all__ = ["bigrams", "commonness", "content_words", "cut", "is_name", "is_noun", "load_words", "words"]

# Tags of jieba's dictionary: nouns and names, Latin words, abbreviations, set phrases, places.
NOUNS = ("n", "eng", "j", "l", "i", "s")
# Of them those of people, places, organisations, products and short forms of such.
NAMES = ("nr", "ns", "nt", "nz", "j")
_tokens = re.compile(f"[{HAN}]+|[^\\W_{HAN}]+(?:(?<=\\d)\\.(?=\\d)[^\\W_{HAN}]+)*")
_Dictionary = tuple[dict[str, int], int, frozenset[str], frozenset[str]]


def bigrams(text: str) -> list[str]:
    """Return the pairs of neighbouring Chinese characters, and Latin words and numbers whole, folded, in order.

    A Chinese character that stands alone is kept as it is.
    """
    found: list[str] = []
    for run in _tokens.findall(fold(text)):
        if len(run) < 2 or not is_cjk(run[0]):
            found.append(run)
        else:
            found.extend([run[i : i + 2] for i in range(len(run) - 1)])
    return found


def words(text: str) -> list[str]:
    """Return the words of `text` as a search engine wants them: long words and the shorter ones in them, folded."""
    return [word for word in _jieba().cut_for_search(fold(text)) if any(map(str.isalnum, word))]


def cut(text: str) -> list[str]:
    """Return the pieces that `text` is cut into, joined they are the folded text."""
    return list(_jieba().cut(fold(text)))


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


def load_words() -> None:
    """Load the dictionary now (0.2 s), not when the first text is cut."""
    _jieba()


@cache
def _stopwords() -> frozenset[str]:
    return read_words(Path(__file__).parent / "stopwords.txt")


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
