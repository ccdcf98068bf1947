"""The tools of `python -m rag mcp`, called by the official client."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from rag.bot import Bot
from rag.server.api.mcp_tools import make_server
from tests.support.paths import ROOT

QUESTION = "成都有多少5G基站？"


def talk(server: Any, work: Callable[[Client], Awaitable[None]]) -> None:
    """Connect the client and let `work` call the tools."""

    async def run() -> None:
        async with Client(server) as client:
            await work(client)

    asyncio.run(run())


@pytest.mark.model
def test_the_command_answers_on_stdin_and_stdout(seeds_index: Path) -> None:
    async def work(client: Client) -> None:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == {"ask", "search", "article"}
        assert all(tool.description for tool in tools)
        reply = await client.call_tool("ask", {"question": QUESTION})
        assert not reply.is_error
        assert reply.structured_content is not None
        answer = reply.structured_content
        assert answer["answer"] == "超8万个"
        assert answer["citations"][0]["verified"] == "verified"
        assert answer["citations"][0]["quote"] in answer["text"]

    arguments = ["-m", "rag", "mcp", "--index", str(seeds_index)]
    talk(StdioServerParameters(command=sys.executable, args=arguments, cwd=ROOT), work)


def test_what_a_search_finds_can_be_read_whole(seeds_bot: Bot) -> None:
    async def work(client: Client) -> None:
        found = await client.call_tool("search", {"question": "成都 5G 基站", "limit": 2})
        assert found.structured_content is not None
        passages = found.structured_content["result"]
        assert len(passages) == 2
        assert "5G" in passages[0]["text"]
        whole = await client.call_tool("article", {"article_id": passages[0]["article_id"]})
        assert whole.structured_content is not None
        text = whole.structured_content["text"]
        assert text[passages[0]["start"] : passages[0]["end"]] == passages[0]["text"]

    talk(make_server(seeds_bot), work)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("ask", {"question": ""}, "请输入要问的内容"),
        ("ask", {"question": QUESTION, "since": "昨天"}, "YYYY-MM-DD"),
        ("search", {"question": QUESTION, "limit": 99}, "k 应为"),
        ("article", {"article_id": "ffffffffffff"}, "没有这篇报道"),
    ],
)
def test_a_wrong_call_is_told_in_one_sentence(
    seeds_bot: Bot, tool: str, arguments: dict[str, Any], said: str
) -> None:
    async def work(client: Client) -> None:
        reply = await client.call_tool(tool, arguments)
        assert reply.is_error
        assert said in str(reply.content)
        assert "Traceback" not in str(reply.content)

    talk(make_server(seeds_bot), work)
