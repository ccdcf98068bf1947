from pathlib import Path

import pytest
from pydantic import ValidationError

from rag.config import Settings, read_settings
from rag.errors import SettingError


def test_without_variables_the_defaults_hold() -> None:
    settings = read_settings({})
    assert (settings.index, settings.host, settings.port) == (Path("index"), "127.0.0.1", 7860)
    assert settings.min_confidence is None


def test_variables_are_cast_and_arguments_come_first() -> None:
    environ = {"RAG_PORT": "80", "RAG_INDEX": "甲", "RAG_MIN_CONFIDENCE": "0.7", "HOME": "/"}
    settings = read_settings(environ, index=Path("乙"), host=None)
    assert (settings.port, settings.index, settings.min_confidence) == (80, Path("乙"), 0.7)


def test_an_empty_variable_sets_nothing() -> None:
    assert read_settings({"RAG_PORT": "", "RAG_HOST": ""}) == read_settings({})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RAG_PORT", "八十"),
        ("RAG_PORT", "70000"),
        ("RAG_THREADS", "-1"),
        ("RAG_MIN_CONFIDENCE", "1.5"),
        ("RAG_ALLOWED_ORIGINS", "*"),
        ("RAG_ALLOWED_ORIGINS", "https://a.example/path"),
        ("RAG_ALLOWED_ORIGINS", "a.example"),
        ("RAG_ACCESS", "password"),
        ("RAG_ACCESS", "proxy"),
        ("RAG_TRUSTED_PROXIES", "proxy.intra"),
        ("RAG_RATE", "many"),
        ("RAG_RATE", "0/minute"),
        ("RAG_USER_HEADER", "X Y"),
    ],
)
def test_a_bad_value_is_refused_with_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name) as raised:
        read_settings({name: value})
    assert value in str(raised.value)
    assert "\n" not in str(raised.value)


def test_lists_are_split_at_commas_and_spaces() -> None:
    settings = read_settings({"RAG_ALLOWED_ORIGINS": "https://a.example, http://b.example:8080"})
    assert settings.allowed_origins == ("https://a.example", "http://b.example:8080")


def test_settings_do_not_change_and_know_no_others() -> None:
    with pytest.raises(ValidationError):
        read_settings({}).port = 1
    with pytest.raises(ValidationError):
        Settings(prot=1)  # type: ignore[call-arg]
