import io
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.cli.jsonl import error_json, json_line, read_line, read_lines, use_utf8
from rag.errors import AskError, BadJson


@given(st.dictionaries(st.text(), st.text()))
def test_an_object_is_one_line_for_every_reader(data: dict[str, str]) -> None:
    line = json_line(data)
    assert len(line.splitlines()) == 1
    assert json.loads(line) == data


def test_chinese_stays_readable_and_line_ends_are_escaped() -> None:
    assert json_line({"文": "好\u2028\u2029\x85"}) == '{"文": "好\\u2028\\u2029\\u0085"}'


def test_an_error_stands_in_the_place_of_an_answer() -> None:
    error = AskError("The question is empty.", "请输入问题。")
    assert error_json("？", error) == {
        "question": "？",
        "error": {"code": "bad_field", "message": "请输入问题。"},
    }


def test_lines_end_at_line_feeds_alone() -> None:
    stream = io.StringIO("\ufeff甲\u2028乙\r\n\n丙", newline="\n")
    assert list(read_lines(stream)) == ["甲\u2028乙", "", "丙"]


def test_a_line_is_a_question_with_the_options_of_the_command() -> None:
    request = read_line("有多少公园？", {"k": 3, "since": "2024-01-01"})
    assert (request.question, request.k, request.since) == ("有多少公园？", 3, "2024-01-01")


def test_what_a_body_says_comes_before_the_options() -> None:
    body: dict[str, Any] = {
        "question": "有多少公园？",
        "k": 7,
        "history": [{"question": "甲", "answer": "乙"}],
    }
    request = read_line(f" {json.dumps(body)}", {"k": 3, "publisher": "滨江日报"})
    assert (request.k, request.publisher, len(request.history)) == (7, "滨江日报", 1)


@pytest.mark.parametrize("line", ["", "  ", "{}", '{"question": 3}', '{"question": "好", "k": true}'])
def test_a_line_that_asks_nothing_is_an_error(line: str) -> None:
    with pytest.raises(AskError):
        read_line(line, {})


def test_a_line_that_is_no_json_is_an_error() -> None:
    with pytest.raises(BadJson):
        read_line("{question: 好}", {})


def test_streams_of_another_encoding_are_made_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    monkeypatch.setattr(
        sys, "stdin", io.TextIOWrapper(io.BytesIO("好\n".encode() + b"\xff"), encoding="ascii")
    )
    use_utf8()
    sys.stdout.write("好\ud800")
    sys.stdout.flush()
    assert raw.getvalue() == "好\\ud800".encode()
    assert sys.stdin.read() == "好\n\ufffd"
