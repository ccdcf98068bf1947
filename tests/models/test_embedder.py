import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rag.models.embedder
from rag.config import MODELS, read_settings
from rag.errors import ModelError
from rag.models.embedder import OnnxEncoder, load_embedder
from rag.records import Embedder

WORDS = [
    "成都",
    "建成",
    "５Ｇ",
    "基站",
    "超",
    "8万",
    "个",
    "。",
    "截至",
    "2023年底",
    "，",
    "重庆",
    "GDP",
    "增长",
    "6.1%",
    "「",
    "轨道",
    "」",
    "运营",
    "里程",
    "突破",
    "千",
    "公里",
]


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder(threads=2)


def made_up(seed: int, count: int) -> list[str]:
    """Return texts of 1 to 120 words, several of them of one length."""
    source = random.Random(seed)
    return ["".join(source.choices(WORDS, k=source.choice((1, 2, 2, 9, 30, 120)))) for _ in range(count)]


def test_all_names_what_the_module_offers() -> None:
    assert rag.models.embedder.__all__ == ["OnnxEncoder", "load_embedder"]


def test_the_bundled_encoder_is_an_embedder(encoder: OnnxEncoder) -> None:
    embedder: Embedder = encoder
    assert embedder.dim == 384
    assert embedder.name.startswith("e5-small-zh-int8-")


def test_vectors_have_length_one_and_keep_the_order_of_the_texts(encoder: OnnxEncoder) -> None:
    texts = made_up(0, 8)
    vectors = encoder.embed(texts, kind="passage")
    assert vectors.dtype == np.float32
    assert vectors.shape == (8, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    backwards = encoder.embed(texts[::-1], kind="passage")
    np.testing.assert_array_equal(backwards[::-1], vectors)


@pytest.mark.parametrize("seed", range(2))
def test_a_vector_is_the_same_alone_and_in_a_batch_of_32(encoder: OnnxEncoder, seed: int) -> None:
    texts = made_up(seed, 32)
    together = encoder.embed(texts, kind="passage")
    row = seed * 7
    alone = encoder.embed([texts[row]], kind="passage")[0]
    beside_a_long_one = encoder.embed([texts[row], "长" * 900], kind="passage")[0]
    assert together[row] @ alone >= 0.99999
    np.testing.assert_array_equal(together[row], alone)
    np.testing.assert_array_equal(beside_a_long_one, alone)


def test_the_number_of_threads_changes_no_bit(encoder: OnnxEncoder) -> None:
    texts = made_up(5, 6)
    one, two = (OnnxEncoder(threads=threads).embed(texts, kind="query") for threads in (1, 2))
    assert (one == two).all()
    assert (one == encoder.embed(texts, kind="query")).all()
    assert len(np.unique(one, axis=0)) == len(set(texts))


def test_nothing_to_embed_gives_no_rows(encoder: OnnxEncoder) -> None:
    assert encoder.embed([], kind="passage").shape == (0, 384)


def test_an_empty_text_has_a_vector(encoder: OnnxEncoder) -> None:
    vectors = encoder.embed(["", "成都"], kind="passage")
    assert np.isfinite(vectors).all()
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-5)


def test_a_question_and_a_passage_of_the_same_words_differ(encoder: OnnxEncoder) -> None:
    words = ["成都有多少5G基站"]
    asked, told = encoder.embed(words, kind="query")[0], encoder.embed(words, kind="passage")[0]
    assert 0.8 < asked @ told < 0.999


def test_a_question_is_nearest_to_the_passage_that_answers_it(encoder: OnnxEncoder) -> None:
    passages = [
        "截至去年底，蓉城已建成移动通信5G基站超8万个。",
        "周末，市民在公园里放风筝、喝茶。",
        "剧团将于下周上演新编川剧《望江亭》。",
    ]
    vectors = encoder.embed(passages, kind="passage")
    asked = encoder.embed(["成都建了多少个5G基站？", "哪出戏要上演？"], kind="query")
    assert (asked @ vectors.T).argmax(axis=1).tolist() == [0, 2]


def test_only_the_first_512_tokens_count(encoder: OnnxEncoder) -> None:
    body = "成都的天气很好，" * 200
    ids = encoder.token_ids([body, body + "完全不同的结尾"])
    assert [len(tokens) for tokens in ids] == [512, 512]
    same = encoder.embed([body, body + "完全不同的结尾"], kind="passage")
    np.testing.assert_array_equal(same[0], same[1])


def test_five_megabytes_are_cut_before_they_are_tokenised(encoder: OnnxEncoder) -> None:
    assert len(encoder.token_ids(["新闻" * 2_500_000])[0]) == 512


def test_full_width_and_half_width_are_one_text(encoder: OnnxEncoder) -> None:
    wide, narrow, other = encoder.embed(["５Ｇ基站８万个", "5G基站8万个", "5G基站9万个"], kind="query")
    assert (wide == narrow).all()
    assert (wide != other).any()


def test_another_model_that_is_not_here_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"missing|cannot be read"):
        OnnxEncoder(tmp_path)


def test_torch_is_never_imported_for_the_bundled_models() -> None:
    program = """
import sys
from rag.config import read_settings
from rag.models.embedder import load_embedder
from rag.models.span_reader import load_reader
load_embedder(read_settings({})).embed(["成都"], kind="query")
load_reader(read_settings({})).read("哪里？", ["在成都。"])
print([name for name in ("torch", "transformers", "sentence_transformers", "onnx") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_product_of_two_neighbours_leaves_sixteen_bits() -> None:
    """Without VNNI two products u8 × s8 are added in 16 bits: levels over 64 would saturate there."""
    onnx = pytest.importorskip("onnx", reason="needs the extra `training`")
    from training.shared_tensors import open_graph

    for name in ("encoder", "reader"):
        graph = open_graph(MODELS / name).graph
        levels = [entry for entry in graph.initializer if entry.name.endswith(".levels")]
        assert len(levels) == 12 * 4
        for entry in levels:
            weights = onnx.numpy_helper.to_array(entry).astype(np.int32)
            pairs = np.abs(weights[0::2]) + np.abs(weights[1::2])
            assert 255 * pairs.max() <= np.iinfo(np.int16).max


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_sentence_transformers_gives_the_same_vectors(encoder: OnnxEncoder) -> None:
    from rag.models.sentence_transformer import sentence_transformer

    texts = [*made_up(9, 12), ""]
    model = sentence_transformer(encoder)
    asked = (model.encode_query(texts, convert_to_numpy=True) * encoder.embed(texts, kind="query")).sum(
        axis=1
    )
    told = (model.encode_document(texts, convert_to_numpy=True) * encoder.embed(texts, kind="passage")).sum(
        axis=1
    )
    assert min(asked.min(), told.min()) >= 0.99999


@pytest.mark.model
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_model_that_is_not_on_this_machine_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="neither a sentence-transformers folder nor in the local cache"):
        load_embedder(read_settings({}, embedder=str(tmp_path / "no-model")))
