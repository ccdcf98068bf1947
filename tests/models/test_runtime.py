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
