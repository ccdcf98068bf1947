import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag.text.characters
from rag.text.characters import fold, is_cjk, squeeze
from rag.text.sentences import clauses, sentences
from rag.text.words import _cache_file, _load_dictionary, bigrams, content_words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("臺灣５Ｇ基站", "台湾5g基站"),
        ("後來，Ａ＆Ｂ（１）％", "后来,a&b(1)%"),
        ("İstanbul ß", "İstanbul ß"),  # both would grow in lower case or case folding
        ("全角\u3000空格", "全角 空格"),
        ("⼀⼆", "一二"),  # radicals that a PDF puts in place of the characters
        ("ＡＢＣ", "abc"),
        ("一\u2028二", "一\u2028二"),
        ("①㎡…", "①㎡…"),
        ("", ""),
    ],
)
def test_fold_makes_one_form_of_many(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_fold_keeps_the_length_of_every_character() -> None:
    # Every code point of the first two planes; of the others, where little is assigned, one in 97.
    codes = [*range(0x20000), *range(0x20000, 0x110000, 97)]
    characters = "".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000)
    assert len(fold(characters)) == len(characters)


@given(st.text(), st.text())
def test_fold_looks_at_one_character_at_a_time(a: str, b: str) -> None:
    assert len(fold(a)) == len(a)
    assert fold(a) + fold(b) == fold(a + b)
    assert fold(fold(a)) == fold(a)


def test_the_table_of_simplified_characters_is_one_to_one() -> None:
    traditional, simplified, rest = (
        (Path(rag.text.characters.__file__).parent / "t2s.txt").read_text(encoding="utf-8").split("\n")
    )
    assert len(traditional) == len(simplified) == len(set(traditional)) > 4000
    assert not set(traditional) & set(simplified)
    assert rest == ""


def test_squeeze_leaves_no_white_space() -> None:
    assert squeeze(" 中 心\u30009\n个\u2028") == "中心9个"


def test_is_cjk_means_a_chinese_character() -> None:
    assert [is_cjk(char) for char in "中〇々𠀀aＡ9，あ"] == [True] * 4 + [False] * 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("他说：“好。”随后离开。", ["他说：“好。”", "随后离开。"]),
        ("他说：「好。」隨後離開。", ["他说：「好。」", "隨後離開。"]),
        ("涨了5.2万个。又涨", ["涨了5.2万个。", "又涨"]),
        ("《谁是英雄？》上映。", ["《谁是英雄？》上映。"]),
        ("高喊“加油！”的口号。", ["高喊“加油！”的口号。"]),
        ("他问：“谁？你？”没人答。", ["他问：“谁？你？”", "没人答。"]),
        ("真的吗？！是。", ["真的吗？！", "是。"]),
        ("红烧肉、辣子鸡……一道道菜上桌。", ["红烧肉、辣子鸡……一道道菜上桌。"]),
        ("他走了……\n天黑了。", ["他走了……", "天黑了。"]),
        ("利润增长（见第3页。注意！）一成。", ["利润增长（见第3页。注意！）一成。"]),
        ("完成了。（本报记者。）明天见。", ["完成了。", "（本报记者。）", "明天见。"]),
        ("（没有关上。下一句。", ["（没有关上。", "下一句。"]),
        ("见http://a.cn/?id=1。好", ["见http://a.cn/?id=1。", "好"]),
        ("标题\n\n  正文。 \u2028又一行", ["标题", "正文。", "又一行"]),
        ("一；二。", ["一；二。"]),
        ("结尾”。", ["结尾”。"]),
        (" \n ", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text)] == expected


def test_a_long_speech_is_cut_at_its_sentences() -> None:
    speech = "我们要做好这件事情，把它办得又快又好。" * 3
    assert len(sentences(f"他说：“{speech}”随后离开。")) == 4


@given(st.text(alphabet=st.sampled_from('天地。！？!?…；，,“”‘’（）《》「」[]\n\u2028 \t1a"的')))
def test_sentences_hold_every_character_once_and_in_order(text: str) -> None:
    spans = sentences(text)
    assert squeeze("".join(text[start:end] for start, end in spans)) == squeeze(text)
    assert all(text[start:end].strip() == text[start:end] != "" for start, end in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))


@pytest.mark.parametrize("piece", ["（》", "（", "“", "。", "…", "！”", "，", "（）", "1,"])
def test_a_very_long_line_is_no_trouble(piece: str) -> None:
    text = piece * 20_000  # what is quadratic takes minutes
    assert squeeze("".join(text[start:end] for start, end in sentences(text))) == text
    assert squeeze("".join(text[start:end] for start, end in clauses(text))) == text


@pytest.mark.parametrize(
    ("text", "marks", "expected"),
    [
        ("一是甲；二是乙（丙；丁）；三是戊", "；;", ["一是甲；", "二是乙（丙；丁）；", "三是戊"]),
        ("共1,000个,好，行", "，,", ["共1,000个,", "好，", "行"]),
        ("没有", "；;", ["没有"]),
        ("", "；;", []),
    ],
)
def test_clauses(text: str, marks: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in clauses(text, marks)] == expected


@given(st.text(alphabet=st.sampled_from("天地；;，,（）()《》 \n1")))
def test_clauses_hold_every_character(text: str) -> None:
    assert squeeze("".join(text[start:end] for start, end in clauses(text))) == squeeze(text)


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
