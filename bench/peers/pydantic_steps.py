"""pydantic-ai with the history as rows of ours: new messages are saved before a tool runs and when a run ends.

It has no store of its own. Its documentation gives the parts: iterate over a run's nodes, take its new messages, and
let a risky tool defer, so that the history ends with the open call until a person has decided. This is the least
that gives the same durability as the others: a commit before the tool and one with the answer.
"""

import itertools
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pydantic_ai import (  # type: ignore[import-not-found]
    Agent,
    DeferredToolRequests,
    DeferredToolResults,
    ModelMessagesTypeAdapter,
)
from pydantic_ai.messages import (  # type: ignore[import-not-found]
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models.function import FunctionModel  # type: ignore[import-not-found]

from bench.subject import ANSWER, ITEM, REQUEST, RISKY, RISKY_REQUEST, SAFE, Setting, act

_NUMBERS = itertools.count()


async def add_note(text: str) -> str:
    """Store a note."""
    return await act(text)


async def send_money(text: str) -> str:
    """Send money to somebody."""
    return await act(text)


async def _immediate(messages: Any, _: Any) -> Any:
    last = messages[-1].parts[-1]
    if isinstance(last, ToolReturnPart):
        return ModelResponse(parts=[TextPart(ANSWER)])
    asked = next(part.content for part in reversed(messages[-1].parts) if isinstance(part, UserPromptPart))
    tool = RISKY if asked == RISKY_REQUEST else SAFE
    return ModelResponse(parts=[ToolCallPart(tool, {"text": ITEM}, tool_call_id=f"call_{next(_NUMBERS)}")])


def _agent(model_url: str) -> Any:
    model: Any = FunctionModel(_immediate)
    if model_url:
        from pydantic_ai.models.openai import OpenAIChatModel  # type: ignore[import-not-found]
        from pydantic_ai.providers.openai import OpenAIProvider  # type: ignore[import-not-found]

        model = OpenAIChatModel("fake", provider=OpenAIProvider(base_url=model_url, api_key="none"))
    agent: Any = Agent(model, output_type=[str, DeferredToolRequests], instructions="Do what you are asked.")
    agent.tool_plain(add_note)
    agent.tool_plain(requires_approval=True)(send_money)
    return agent


class PydanticAI:
    commits = None

    def __init__(self, agent: Any, connection: sqlite3.Connection) -> None:
        self._agent, self._connection = agent, connection

    async def message(self, conversation: str) -> str:
        return str(await self._run(conversation, REQUEST))

    async def suspend(self, conversation: str) -> str:
        found = await self._run(conversation, RISKY_REQUEST)
        assert isinstance(found, DeferredToolRequests)
        return conversation

    async def decide(self, ticket: str) -> str:
        history = self._load(ticket)
        approvals = {part.tool_call_id: True for part in history[-1].parts if isinstance(part, ToolCallPart)}
        results = DeferredToolResults(approvals=approvals)
        return str(await self._run(ticket, None, history=history, results=results))

    async def _run(self, conversation: str, prompt: str | None, *, history: Any = None, results: Any = None) -> Any:
        history = self._load(conversation) if history is None else history
        saved = 0
        async with self._agent.iter(prompt, message_history=history, deferred_tool_results=results) as run:
            async for node in run:
                if Agent.is_call_tools_node(node) and any(
                    isinstance(part, ToolCallPart) and part.tool_name == SAFE for part in node.model_response.parts
                ):
                    new = run.new_messages()
                    if node.model_response not in new:
                        new = [*new, node.model_response]
                    saved = self._save(conversation, new, saved)
            self._save(conversation, run.new_messages(), saved)
            return run.result.output

    def _load(self, conversation: str) -> list[Any]:
        rows = self._connection.execute(_LOAD, (conversation,))
        return [message for (text,) in rows for message in ModelMessagesTypeAdapter.validate_json(text)]

    def _save(self, conversation: str, messages: list[Any], saved: int) -> int:
        if messages[saved:]:
            text = ModelMessagesTypeAdapter.dump_json(messages[saved:])
            with self._connection:
                self._connection.execute(_SAVE, (conversation, text))
        return len(messages)


_LOAD = "SELECT messages FROM history WHERE conversation = ? ORDER BY id"
_SAVE = "INSERT INTO history (conversation, messages) VALUES (?, ?)"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS history (id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, messages BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS history_of ON history (conversation, id);
"""


@asynccontextmanager
async def open_pydantic_ai(setting: Setting) -> AsyncIterator[PydanticAI]:
    connection = sqlite3.connect(setting.folder / "pydantic.db")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.executescript(_SCHEMA)
    try:
        yield PydanticAI(_agent(setting.model_url), connection)
    finally:
        connection.close()
