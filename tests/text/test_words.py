import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.text.words import _cache_file, _load_dictionary, bigrams, content_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5G基站超8万个", ["5g", "基站", "站超", "8", "万个"]),
        ("達8000Ｐ", ["达", "8000p"]),
        ("2023年15.96万", ["2023", "年", "15.96", "万"]),
        ("5G-A，GPT_4。", ["5g", "a", "gpt", "4"]),
        ("。，", []),
    ],
)
def test_bigrams(text: str, expected: list[str]) -> None:
    assert bigrams(text) == expected


def test_words_are_folded_and_hold_no_marks() -> None:
    found = words("成都建成５Ｇ基站，超8萬個！")
    assert {"成都", "建成", "5g", "基站", "8"} <= set(found)
    assert not {"，", ",", "！", "!", " "} & set(found)


def test_search_mode_gives_the_shorter_words_too() -> None:
    assert {"工业", "互联网", "工业互联网"} & set(words("工业互联网")) >= {"工业", "互联网"}


def test_content_words_leave_the_question_out() -> None:
    assert content_words("请问成都有多少5G基站？") == ["成都", "5g", "基站"]


class SmallTokenizer:
    """Stand for jieba's tokenizer with a dictionary of one word; count how often it is made."""

    made = 0

    def get_dict_file(self) -> list[bytes]:
        return ["基站 3 n".encode()]

    def gen_pfdict(self, lines: list[bytes]) -> tuple[dict[str, int], int]:
        self.made += 1
        word, count, _ = lines[0].decode().split()
        return {word: int(count)}, int(count)


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return where the dictionary is cached."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    path = _cache_file("1")
    assert path is not None
    return path


def test_the_dictionary_is_made_once_and_kept_where_only_we_can_write(cached: Path) -> None:
    tokenizer = SmallTokenizer()
    assert [_load_dictionary(tokenizer, cached)[0] for _ in range(2)] == [{"基站": 3}] * 2
    assert tokenizer.made == 1
    assert [file.name for file in cached.parent.iterdir()] == [cached.name]
    assert cached.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-3], lambda content: content[:8] + b"x" + content[9:], lambda _: b""]
)
def test_a_damaged_dictionary_is_made_again(cached: Path, damage: Callable[[bytes], bytes]) -> None:
    tokenizer = SmallTokenizer()
    _load_dictionary(tokenizer, cached)
    cached.write_bytes(damage(cached.read_bytes()))
    assert _load_dictionary(tokenizer, cached)[:2] == ({"基站": 3}, 3)
    assert tokenizer.made == 2


def test_a_folder_that_others_may_write_is_not_trusted(cached: Path) -> None:
    cached.parent.chmod(0o777)
    assert _cache_file("1") is None


def test_without_a_place_for_it_nothing_is_cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert _cache_file("1") is None
    assert _load_dictionary(SmallTokenizer(), None)[:2] == ({"基站": 3}, 3)


def in_a_new_process(code: str) -> str:
    """Return what the code says on stdout and stderr."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


def test_importing_loads_no_dictionary() -> None:
    assert in_a_new_process("import sys, rag.text.words; print('jieba' in sys.modules)").strip() == "False"


@pytest.mark.slow
def test_loading_the_dictionary_says_nothing() -> None:
    assert in_a_new_process("from rag.text.words import words; print(ascii(words('基站')))").strip() == ascii(
        ["基站"]
    )
