"""What OpenAI's clients and the chat programs built on them rely on: usage, errors, structured output, chores."""

import json
import re
from collections.abc import Iterator
from typing import Any, Literal

import openai
import pytest
from pydantic import BaseModel

from rag.config import read_settings
from rag.errors import AskError, Unsupported
from rag.render.escape import escape_markdown
from rag.server.api.chat_chores import chore_reply
from rag.server.api.openai_chat import read_chat
from rag.server.api.structured import read_format
from rag.server.app import create_app
from tests.support.sample import FakeBot, answered, refused
from tests.support.served import served

QUESTION = "滨江新区有多少座口袋公园？"
SETTINGS = read_settings({})


@pytest.fixture(scope="module")
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture(scope="module")
def chat(bot: FakeBot) -> Iterator[openai.OpenAI]:
    with (
        served(create_app(bot, SETTINGS)) as address,
        openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as opened,
    ):
        yield opened


def asked(chat: openai.OpenAI, question: str, **more: Any) -> Any:
    return chat.chat.completions.create(
        model="youju", messages=[{"role": "user", "content": question}], **more
    )


class Quoted(BaseModel):
    title: str
    quote: str
    page: int | None


class Told(BaseModel):
    refused: bool
    answer: str
    confidence: float
    certainty: Literal["sure", "likely", ""]
    citations: list[Quoted]


def test_usage_counts_what_was_asked_and_said(chat: openai.OpenAI) -> None:
    reply = asked(chat, QUESTION)
    assert reply.usage.prompt_tokens == len(QUESTION)
    assert reply.usage.completion_tokens == len(reply.choices[0].message.content)
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens


def test_usage_ends_a_stream_where_it_is_asked_for(chat: openai.OpenAI) -> None:
    whole = asked(chat, QUESTION)
    chunks = list(asked(chat, QUESTION, stream=True, stream_options={"include_usage": True}))
    assert (chunks[-1].choices, chunks[-1].usage) == ([], whole.usage)
    assert all(chunk.usage is None and chunk.choices for chunk in chunks[:-1])
    assert not [chunk for chunk in asked(chat, QUESTION, stream=True) if not chunk.choices]


def test_the_answer_is_parsed_into_the_class_that_a_client_names(chat: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": QUESTION}]
    reply = chat.chat.completions.parse(model="youju", messages=messages, response_format=Told)
    told, answer = reply.choices[0].message.parsed, answered(QUESTION)
    assert told is not None
    assert (told.answer, told.refused, told.certainty) == (answer.answer, False, "sure")
    assert [one.quote for one in told.citations] == [one.quote for one in answer.citations]


def test_a_refusal_has_the_shape_too(chat: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "滨江新区有多少座体育馆？"}]
    reply = chat.chat.completions.parse(model="youju", messages=messages, response_format=Told)
    assert reply.choices[0].message.parsed == Told(
        refused=True, answer="", confidence=answered().confidence, certainty="", citations=[]
    )


def test_a_json_object_is_the_whole_answer_and_a_stream_adds_up_to_it(chat: openai.OpenAI) -> None:
    form: Any = {"type": "json_object"}
    whole = asked(chat, QUESTION, response_format=form).choices[0].message.content
    assert json.loads(whole) == json.loads(json.dumps(answered(QUESTION).to_json()))
    parts = asked(chat, QUESTION, response_format=form, stream=True)
    assert "".join(part.choices[0].delta.content or "" for part in parts) == whole


def schema(properties: Any, **more: Any) -> dict[str, Any]:
    told = {"type": "object", "properties": properties, **more}
    return {"type": "json_schema", "json_schema": {"name": "x", "schema": told}}


NODE: dict[str, Any] = {"type": "object", "properties": {"answer": {"type": "string"}, "parts": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        schema({"value": {"anyOf": [{"type": "null"}, {"type": "object", "properties": {"number": {"type": "number"}}}]}}),
        schema({"parts": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}, **{"$defs": {"Node": NODE}}),
        schema({"confidence": {"type": ["number", "null"]}, "answer": {}}, required=["answer"], additionalProperties=False),
        {"type": "text"},
        None,
    ],
)  # fmt: skip
def test_what_the_answer_has_is_promised(form: Any) -> None:
    shape = read_format(form)
    for answer in (answered(), refused()):
        told = json.loads(shape.write(answer.to_json())) if shape else {}
        wanted = form["json_schema"]["schema"]["properties"] if shape else {}
        assert set(told) == set(wanted)


@pytest.mark.parametrize(
    ("form", "named"),
    [
        (schema({"mood": {"type": "string"}}), "mood"),
        (schema({"answer": {"type": "number"}}), "answer"),
        (schema({"answer": {"type": "string", "enum": ["是", "否"]}}), "answer"),
        (schema({"answer": {"type": "string", "maxLength": 5}}), "maxLength"),
        (schema({"value": {"type": "object"}}), "value"),  # it may be null
        (schema({"value": {"type": "object", "properties": {"number": {"type": "integer"}}}}), "value"),
        (schema({"citations": {"type": "array", "items": {"type": "string"}}}), "citations[]"),
        (schema({}, required=["mood"]), "mood"),
        (schema({"answer": {"$ref": "#/$defs/None"}}), "answer"),
        (schema({"answer": {"anyOf": [{"type": "number"}, {"type": "null"}]}}), "answer"),
        ({"type": "json_schema", "json_schema": {"schema": {"type": "array"}}}, "array"),
    ],
)
def test_what_the_answer_may_not_have_is_refused_by_name(form: Any, named: str) -> None:
    with pytest.raises(Unsupported, match=re.escape(named)) as raised:
        read_format(form)
    assert raised.value.field == "response_format"


def test_a_schema_without_end_ends() -> None:
    deep: dict[str, Any] = {}
    for _ in range(400):
        deep = {"anyOf": [deep, deep]}
    with pytest.raises(Unsupported):
        read_format(schema({"answer": deep}))


@pytest.mark.parametrize("form", ["text", {"type": "xml"}, {}, {"type": "json_schema"}, 5])
def test_a_format_that_is_none_is_refused(form: Any) -> None:
    with pytest.raises(AskError):
        read_format(form)


TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}


@pytest.mark.parametrize(
    ("more", "field"),
    [({"n": 2}, "n"), ({"tools": [TOOL]}, "tools"), ({"logprobs": True}, "logprobs"), ({"modalities": ["audio"]}, "modalities")],
)  # fmt: skip
def test_what_is_not_made_here_is_a_bad_request_that_names_it(
    chat: openai.OpenAI, more: dict[str, Any], field: str
) -> None:
    with pytest.raises(openai.BadRequestError) as raised:
        asked(chat, QUESTION, **more)
    error = raised.value
    assert (error.code, error.param, error.type) == ("unsupported", field, "invalid_request_error")


@pytest.mark.parametrize("more", [{"n": 1}, {"tools": []}, {"tools": [TOOL], "tool_choice": "none"}, {"temperature": 0.2}, {"seed": 1}])  # fmt: skip
def test_what_changes_nothing_is_taken(chat: openai.OpenAI, more: dict[str, Any]) -> None:
    assert asked(chat, QUESTION, **more).choices[0].message.content


def test_an_error_says_its_type_and_field(chat: openai.OpenAI) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as raised:
        asked(chat, QUESTION, extra_body={"since": "昨天"})
    assert (raised.value.type, raised.value.param) == ("invalid_request_error", "since")
    with pytest.raises(openai.NotFoundError) as missing:
        chat.models.retrieve("gpt-9")
    assert missing.value.type == "invalid_request_error"


def test_the_content_reads_well_where_markdown_is_not_rendered(chat: openai.OpenAI) -> None:
    content = asked(chat, QUESTION).choices[0].message.content
    assert "\\." not in content
    assert "\\[" not in content
    assert "> [1] " in content


@pytest.mark.parametrize(
    ("text", "written"),
    [("8.1%", "8.1%"), ("1. 一", r"1\. 一"), ("1.", r"1\."), ("-9℃", "-9℃"), ("- 一", r"\- 一"), ("===", r"\==="), ("2.5万，1.5万", "2.5万，1.5万")],
)  # fmt: skip
def test_only_what_would_begin_a_list_or_underline_a_heading_is_escaped(text: str, written: str) -> None:
    assert escape_markdown(text) == written


# Prompts of chat programs, retold: each asks for something about the conversation.
HISTORY = "USER: 成都有多少5G基站？谢谢\nASSISTANT: 超8万个"
OPEN_WEBUI = f"""### Task:
Generate a concise, 3-5 word title with an emoji summarizing the chat history.
### Output:
JSON format: {{ "title": "your concise title here" }}
### Chat History:
<chat_history>
{HISTORY}
</chat_history>"""
TAGS = OPEN_WEBUI.replace("a concise, 3-5 word title with an emoji", "1-3 broad tags").replace(
    '"title": "your concise title here"', '"tags": ["tag1", "tag2"]'
)
FOLLOW_UPS = TAGS.replace("1-3 broad tags", "3-5 follow-up questions").replace('"tags"', '"follow_ups"')


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ([("user", OPEN_WEBUI)], '{"title": "成都有多少5G基站？谢谢"}'),
        ([("user", TAGS)], '{"tags": []}'),
        ([("user", FOLLOW_UPS)], '{"follow_ups": []}'),
        (
            [("user", QUESTION), ("assistant", "31座"), ("user", "使用四到五个字直接返回这句话的简要主题，不要解释、不要标点。")],
            QUESTION,
        ),
        (
            [("user", QUESTION), ("assistant", "31座"), ("user", "Provide a concise, 5-word-or-less title for the conversation. Only return the title itself.")],
            QUESTION,
        ),
        (
            [("system", "你是一名擅长会话的助理，你需要将用户的会话总结为 10 个字以内的标题"), ("user", f"user: {QUESTION}\nassistant: 31座")],
            QUESTION,
        ),
    ],
)  # fmt: skip
def test_a_prompt_about_the_conversation_is_answered_from_it(said: Any, told: str) -> None:
    assert chore_reply(said) == told


@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        "这次中欧高级别对话的主题是什么？",
        "概括一下中欧高级别对话的主题",
        "这篇报道的标题是什么？",
        "总结一下今年的经济形势",
        "给出三个5G应用的名称",
        "数字中国建设峰会的主题是什么，会上有几场对话？",
        "What is the title of the report on 5G?",
        "国务院会议提出的标题为“稳就业”的措施有几条？",
    ],
)
def test_a_question_is_none(question: str) -> None:
    assert chore_reply([("user", question)]) is None
    assert chore_reply([("user", QUESTION), ("assistant", "31座"), ("user", question)]) is None


def test_a_chore_asks_the_articles_nothing(chat: openai.OpenAI, bot: FakeBot) -> None:
    before = len(bot.asked)
    reply = asked(chat, OPEN_WEBUI + "。" * 2_000)
    assert json.loads(reply.choices[0].message.content) == {"title": "成都有多少5G基站？谢谢"}
    chunks = list(asked(chat, OPEN_WEBUI, stream=True, stream_options={"include_usage": True}))
    assert (
        "".join(one.choices[0].delta.content or "" for one in chunks[:-1]) == reply.choices[0].message.content
    )
    assert len(bot.asked) == before


def test_a_request_as_open_webui_sends_it_is_answered() -> None:
    said = {
        "model": "youju",
        "messages": [{"role": "system", "content": "You are helpful."}, {"role": "user", "content": QUESTION}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "session_id": "x", "chat_id": "y", "id": "z", "background_tasks": {"title_generation": True},
        "features": {"web_search": False}, "variables": {}, "metadata": {}, "params": {}, "tool_servers": [], "tools": [],
        "max_tokens": 1024, "temperature": 0.7, "top_p": 1, "stop": None, "files": None,
    }  # fmt: skip
    found = read_chat(said)
    assert (found.request.question, found.stream, found.usage) == (QUESTION, True, True)
