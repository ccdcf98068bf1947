import errno
import math
import shutil
from pathlib import Path

import pytest

from rag.errors import StoreError
from rag.index.lexical import LexicalIndex, Terms, Weights, grow

WORDS_ONLY = Weights(words=1, bigrams=0, title=0, heading=0)


def terms(number: int, words: str, bigrams: str = "", title: str = "", heading: str = "") -> Terms:
    return Terms(number, words, bigrams, title, heading)


PASSAGES = [
    terms(1, "成都 5g 基站 8 万个"),
    terms(2, "成都 工业 精品 91 个 成都"),
    terms(3, "绵阳 科技城", title="成都 都新"),
    terms(4, "德阳 重装 基地 今年 投产 产值 增长 一成"),
]


def test_scores_are_bm25_computed_by_hand() -> None:
    hits = LexicalIndex.in_memory(PASSAGES).search(["基站"], [], 5, WORDS_ONLY)
    lengths = [len(passage.words.split()) for passage in PASSAGES]
    idf = math.log(1 + (4 - 1 + 0.5) / (1 + 0.5))
    norm = 1.2 * (1 - 0.75 + 0.75 * lengths[0] / (sum(lengths) / 4))
    ((number, score),) = hits
    assert number == 1
    assert score == pytest.approx(idf * 2.2 / (1 + norm), rel=1e-4)


def test_the_sum_is_weighted_by_field() -> None:
    index = LexicalIndex.in_memory(PASSAGES)
    (title,) = index.search([], ["都新"], 5, Weights(0, 0, 1, 0))
    (half,) = index.search([], ["都新"], 5, Weights(0, 0, 0.5, 0))
    assert title[0] == half[0] == 3
    assert half[1] == pytest.approx(title[1] / 2)


def test_a_term_asked_twice_counts_once() -> None:
    index = LexicalIndex.in_memory(PASSAGES)
    assert index.search(["成都"] * 9, [], 5, WORDS_ONLY) == index.search(["成都"], [], 5, WORDS_ONLY)


@pytest.mark.parametrize(
    "term", ["AND", "words:成都", "(", '"', "*", "a b", "", "[TO]", "\\", "成都~2", "^9", "'", "\u3000"]
)
def test_nothing_a_user_types_is_a_syntax_error(term: str) -> None:
    assert LexicalIndex.in_memory(PASSAGES).search([term], [term], 5, Weights()) == []


def test_very_many_terms_are_answered() -> None:
    assert LexicalIndex.in_memory(PASSAGES).search(["成都", *map(str, range(10_000))], [], 5, WORDS_ONLY)


def test_no_terms_find_nothing() -> None:
    index = LexicalIndex.in_memory(PASSAGES)
    assert index.search([], [], 5, Weights()) == []
    assert index.search(["成都"], [], 0, Weights()) == []


def test_document_frequency_counts_passages() -> None:
    index = LexicalIndex.in_memory(PASSAGES)
    assert index.document_frequency("words", ["成都", "北京"]) == {"成都": 2, "北京": 0}
    assert index.document_frequency("title", ["都新"]) == {"都新": 1}


def test_a_folder_grows_and_the_old_one_stays(tmp_path: Path) -> None:
    one, two = tmp_path / "索引" / "1", tmp_path / "索引" / "2"
    grow(one, None, PASSAGES, ())
    before = LexicalIndex.open(one)
    grow(two, one, [terms(5, "宜宾 动力 电池")], [1])
    after = LexicalIndex.open(two)
    assert (len(before), len(after), len(LexicalIndex.open(one))) == (4, 4, 4)
    assert before.search(["基站"], [], 5, WORDS_ONLY)
    assert after.search(["基站"], [], 5, WORDS_ONLY) == []
    assert [number for number, _ in after.search(["电池"], [], 5, WORDS_ONLY)] == [5]


def test_a_folder_outlives_the_one_it_grew_from(tmp_path: Path) -> None:
    grow(tmp_path / "1", None, PASSAGES, ())
    grow(tmp_path / "2", tmp_path / "1", [terms(5, "宜宾")], [])
    shutil.rmtree(tmp_path / "1")
    assert len(LexicalIndex.open(tmp_path / "2")) == 5


def test_where_no_lock_file_can_be_made_links_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "1"
    grow(folder, None, PASSAGES, ())
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    index = LexicalIndex._open_elsewhere(folder)
    assert len(index) == 4
    assert len(list(tmp_path.glob("youju-*"))) == 1
    del index
    assert not list(tmp_path.glob("youju-*"))


def test_a_damaged_folder_is_one_sentence(tmp_path: Path) -> None:
    grow(tmp_path / "1", None, PASSAGES, ())
    (tmp_path / "1" / "meta.json").write_bytes(b"{")
    with pytest.raises(StoreError, match="cannot be read"):
        LexicalIndex.open(tmp_path / "1")


def test_a_full_disk_is_an_error_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*given: object) -> None:
        raise ValueError("An IO error occurred: 'No space left on device (os error 28) at path \"/a\"'")

    monkeypatch.setattr("rag.index.lexical._write", full)
    with pytest.raises(OSError, match="No space left") as caught:
        grow(tmp_path / "1", None, PASSAGES, ())
    assert caught.value.errno == errno.ENOSPC
