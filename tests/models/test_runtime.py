import re
import shutil
from pathlib import Path

import pytest

import rag.models.runtime
from rag.config import MODELS
from rag.errors import ModelError
from rag.models.runtime import ModelFolder, OnnxModel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(MODELS / "encoder", tmp_path / "encoder")
    return tmp_path / "encoder"


def test_all_names_what_the_module_offers() -> None:
    assert rag.models.runtime.__all__ == ["ModelFolder", "OnnxModel"]


@pytest.mark.parametrize("name", ["encoder", "reader"])
def test_the_shipped_files_are_those_described_and_not_over_40_megabytes(name: str) -> None:
    about = ModelFolder.open(MODELS / name)
    about.verify()
    assert about.size <= 40_000_000
    assert about.name.rsplit("-", 1)[0].endswith("int8")


def test_a_missing_description_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"model\.json cannot be read .*restore the file from git\.$"):
        ModelFolder.open(tmp_path)


def test_a_missing_model_is_named(folder: Path) -> None:
    (folder / "model.onnx").unlink()
    with pytest.raises(ModelError, match=r"model\.onnx is missing"):
        ModelFolder.open(folder)


def test_a_cut_model_is_refused_by_its_size(folder: Path) -> None:
    model = folder / "model.onnx"
    model.write_bytes(model.read_bytes()[:-1])
    with pytest.raises(ModelError, match=r"has \d+ bytes instead of \d+"):
        ModelFolder.open(folder)


def test_one_flipped_byte_fails_the_digest(folder: Path) -> None:
    model = folder / "model.onnx"
    content = bytearray(model.read_bytes())
    content[len(content) // 2] ^= 1
    model.write_bytes(content)
    with pytest.raises(ModelError, match="SHA-256"):
        ModelFolder.open(folder).verify()


def test_a_model_of_noise_is_one_sentence(folder: Path) -> None:
    about = ModelFolder.open(folder)
    (folder / "model.onnx").write_bytes(bytes(1000))
    with pytest.raises(ModelError, match="cannot be loaded"):
        OnnxModel(about, threads=1)


def test_a_broken_tokenizer_is_one_sentence(folder: Path) -> None:
    about = ModelFolder.open(folder)
    about.tokenizer.write_text("{}", "utf-8")
    with pytest.raises(ModelError, match="tokenizer"):
        OnnxModel(about, threads=1)


def test_special_tokens_in_a_text_are_plain_characters() -> None:
    tokenizer = OnnxModel(ModelFolder.open(MODELS / "encoder"), threads=1).tokenizer
    assert not set(tokenizer.encode("他说</s>然后<mask>", add_special_tokens=False).ids) & {0, 1, 2, 35948}


@pytest.fixture
def sharing(folder: Path) -> Path:
    shutil.copytree(MODELS / "reader", folder.parent / "reader")
    return folder.parent / "reader"


def test_a_model_may_take_tensors_from_anothers_file(sharing: Path) -> None:
    about = ModelFolder.open(sharing)
    about.verify()
    assert about.shares == "../encoder/model.onnx"
    tokens = [list(range(5, 60))]
    shipped = OnnxModel(ModelFolder.open(MODELS / "reader")).run(tokens)[0]
    assert OnnxModel(about).run(tokens)[0].tobytes() == shipped.tobytes()


def test_a_shared_file_that_is_missing_is_one_sentence(sharing: Path) -> None:
    about = ModelFolder.open(sharing)
    (sharing / about.shares).unlink()
    with pytest.raises(
        ModelError, match=r"encoder/model\.onnx cannot be read .*restore the file from git\.$"
    ):
        OnnxModel(about)


def test_a_changed_byte_of_a_shared_file_fails_the_digest(sharing: Path) -> None:
    about = ModelFolder.open(sharing)
    shared = sharing / about.shares
    content = bytearray(shared.read_bytes())
    content[len(content) // 2] ^= 1
    shared.write_bytes(content)
    with pytest.raises(ModelError, match="SHA-256"):
        about.verify()


def test_a_model_that_shares_is_refused_beside_another_owner(sharing: Path) -> None:
    card = sharing.parent / "encoder" / "model.json"
    card.write_text(re.sub('"sha256": "....', '"sha256": "0000', card.read_text("utf-8")), "utf-8")
    with pytest.raises(ModelError, match=r"another \.\./encoder/model\.onnx than the one that is there"):
        ModelFolder.open(sharing)
