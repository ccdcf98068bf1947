"""Programs of others as they are: LangChain's chat model, and requests of the shape that Open WebUI sends."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pydantic import BaseModel, SecretStr

from rag.config import read_settings
from rag.server.app import create_app
from tests.support.sample import FakeBot, answered
from tests.support.served import served

langchain_openai = pytest.importorskip(
    "langchain_openai", reason="the package langchain-openai is not installed"
)
messages = pytest.importorskip("langchain_core.messages")

QUESTION = "滨江新区有多少座口袋公园？"
UNKNOWN = "滨江新区有多少座体育馆？"


@pytest.fixture(scope="module")
def bot() -> FakeBot:
    return FakeBot()


@pytest.fixture(scope="module")
def address(bot: FakeBot) -> Iterator[str]:
    with served(create_app(bot, read_settings({}))) as found:
        yield found


# LangChain


@pytest.fixture
def chat(address: str) -> Any:
    return langchain_openai.ChatOpenAI(
        base_url=f"{address}/v1", api_key=SecretStr("none"), model="youju", temperature=0, max_retries=0
    )


class Told(BaseModel):
    """What LangChain's program wants to know."""

    answer: str
    refused: bool
    confidence: float


def test_langchain_gets_the_answer_with_its_usage(chat: Any) -> None:
    reply = chat.invoke(QUESTION)
    assert reply.content.startswith(answered(QUESTION).text)
    assert reply.usage_metadata["input_tokens"] == len(QUESTION)
    assert reply.response_metadata["finish_reason"] == "stop"


def test_langchain_streams_the_same(chat: Any) -> None:
    parts = list(chat.stream(QUESTION, stream_usage=True))
    assert "".join(part.content for part in parts) == chat.invoke(QUESTION).content
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part
    assert whole.usage_metadata["output_tokens"] == len(whole.content)


@pytest.mark.parametrize("method", ["json_schema", "json_mode"])
def test_langchain_gets_structured_output(chat: Any, method: str) -> None:
    told = chat.with_structured_output(Told, method=method).invoke(QUESTION)
    answer = answered(QUESTION)
    assert (told.answer, told.refused, told.confidence) == (answer.answer, False, answer.confidence)


def test_langchain_is_told_that_tools_are_not_called(chat: Any) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
    with pytest.raises(Exception, match="tools") as raised:
        chat.bind_tools([tool]).invoke(QUESTION)
    assert getattr(raised.value, "status_code", 0) == 400


def test_a_conversation_of_langchain_is_the_history(chat: Any, bot: FakeBot) -> None:
    said = [
        messages.SystemMessage("你是新闻助手。"),
        messages.HumanMessage("新区有多少座口袋公园？"),
        messages.AIMessage("31座 [1]"),
        messages.HumanMessage(QUESTION),
    ]
    assert answered(QUESTION).answer in chat.invoke(said).content.replace("**", "")
    assert [turn.question for turn in bot.asked[-1][1]] == ["新区有多少座口袋公园？"]


def test_a_refusal_is_no_error_to_langchain(chat: Any) -> None:
    assert chat.invoke(UNKNOWN).content


# Open WebUI: it lists the models, then sends the conversation with fields of its own beside OpenAI's, and streams.


def ask_as_open_webui(address: str, **more: Any) -> httpx.Response:
    body = {
        "stream": True,
        "model": "youju",
        "messages": [{"role": "user", "content": QUESTION}],
        "params": {},
        "tool_servers": [],
        "features": {"image_generation": False, "code_interpreter": False, "web_search": False},
        "variables": {"{{USER_NAME}}": "张三", "{{CURRENT_DATE}}": "2024-12-01"},
        "model_item": {"id": "youju", "object": "model", "owned_by": "openai", "urlIdx": 0},
        "session_id": "bQ3nS9y",
        "chat_id": "0c9c0a36-9c0f-4b7c-8a7c-4f5a3f5d7a10",
        "id": "4d1e1f0e-42a8-4c39-9a68-0a9b0c1d2e3f",
        "background_tasks": {"title_generation": True, "tags_generation": True},
        "stream_options": {"include_usage": True},
        **more,
    }
    headers = {
        "authorization": "Bearer none",
        "x-openwebui-user-name": "%E5%BC%A0%E4%B8%89",
        "x-openwebui-chat-id": "0c9c0a36",
    }
    return httpx.post(f"{address}/v1/chat/completions", json=body, headers=headers, timeout=60)


def chunks(reply: httpx.Response) -> list[Any]:
    """Read the stream as Open WebUI does: what does not begin with data: is passed over."""
    lines = [line.removeprefix("data: ") for line in reply.text.splitlines() if line.startswith("data:")]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def test_open_webui_finds_the_model(address: str) -> None:
    told = httpx.get(f"{address}/v1/models", headers={"authorization": "Bearer none"}).json()
    assert [(model["id"], model["object"]) for model in told["data"]] == [("youju", "model")]


def test_open_webui_streams_an_answer_with_its_usage(address: str) -> None:
    reply = ask_as_open_webui(address)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/event-stream")
    parts = chunks(reply)
    content = "".join(part["choices"][0]["delta"].get("content") or "" for part in parts if part["choices"])
    assert content.startswith(answered(QUESTION).text)
    assert parts[-1]["usage"]["total_tokens"] == len(QUESTION) + len(content)


@pytest.mark.parametrize(
    ("task", "wanted"),
    [
        ('Generate a concise, 3-5 word title with an emoji summarizing the chat history.\n### Output:\nJSON format: { "title": "your concise title here" }', {"title": QUESTION}),
        ('Generate 1-3 broad tags categorizing the main themes of the chat history.\n### Output:\nJSON format: { "tags": ["tag1", "tag2", "tag3"] }', {"tags": []}),
        ('Suggest 3-5 relevant follow-up questions or prompts that the user might naturally ask next in this conversation.\n### Output:\nJSON format: { "follow_ups": ["Question 1?", "Question 2?"] }', {"follow_ups": []}),
        ('Analyze the chat history to determine the necessity of generating search queries, in the given language. Generate 1-3 search queries.\n### Output:\nJSON format: { "queries": ["query1", "query2"] }', {"queries": []}),
    ],
)  # fmt: skip
def test_the_chores_of_open_webui_are_answered_harmlessly(
    address: str, bot: FakeBot, task: str, wanted: dict[str, Any]
) -> None:
    asked = len(bot.asked)
    prompt = f"### Task:\n{task}\n### Chat History:\n<chat_history>\nUSER: {QUESTION}\nASSISTANT: 31座\n</chat_history>"
    body = {"messages": [{"role": "user", "content": prompt}], "stream": False, "stream_options": None}
    reply = ask_as_open_webui(address, **body, max_completion_tokens=50)
    assert reply.status_code == 200, reply.text
    assert json.loads(reply.json()["choices"][0]["message"]["content"]) == wanted
    assert len(bot.asked) == asked  # no article was searched for it


def test_a_picture_or_a_file_that_open_webui_sends_along_is_left_aside(address: str) -> None:
    content = [{"type": "text", "text": QUESTION}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}]  # fmt: skip
    reply = ask_as_open_webui(address, messages=[{"role": "user", "content": content}], stream=False)
    assert reply.json()["choices"][0]["message"]["content"].startswith(answered(QUESTION).text)


def test_an_error_reaches_open_webui_as_its_detail(address: str) -> None:
    reply = ask_as_open_webui(address, messages=[{"role": "user", "content": "  "}])
    assert reply.status_code == 422
    assert reply.json()["error"]["message"]
