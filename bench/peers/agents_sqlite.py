"""The OpenAI Agents SDK with its SQLite session; a run that waits is its RunState, as text in a table of ours.

The session is the conversation. Where a person is asked, the SDK hands out the state, and its documentation leaves the
storing of it to the application: one row, committed before the run counts as waiting.
"""

import itertools
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from agents import (  # type: ignore[import-not-found]
    Agent,
    ModelResponse,
    Runner,
    RunState,
    SQLiteSession,
    Usage,
    function_tool,
    set_tracing_disabled,
)
from agents.models.interface import Model  # type: ignore[import-not-found]
from openai.types.responses import (  # type: ignore[import-not-found]
    ResponseFunctionToolCall,
    ResponseOutputMessage,
    ResponseOutputText,
)

from bench.subject import ANSWER, ITEM, REQUEST, RISKY, RISKY_REQUEST, SAFE, Setting, act

_NUMBERS = itertools.count()


async def add_note(text: str) -> str:
    """Store a note."""
    return await act(text)


async def send_money(text: str) -> str:
    """Send money to somebody."""
    return await act(text)


class ImmediateModel(Model):  # type: ignore[misc]  # its base is not installed where this is checked
    async def get_response(self, system_instructions: Any, input: Any, *_: Any, **__: Any) -> Any:
        last = input[-1] if isinstance(input, list) else {"role": "user", "content": input}
        if last.get("type") == "function_call_output":
            text = ResponseOutputText(type="output_text", text=ANSWER, annotations=[])
            said: Any = ResponseOutputMessage(
                id=f"msg_{next(_NUMBERS)}", type="message", role="assistant", status="completed", content=[text]
            )
        else:
            number = next(_NUMBERS)
            said = ResponseFunctionToolCall(
                id=f"fc_{number}", call_id=f"call_{number}", type="function_call",
                name=RISKY if last.get("content") == RISKY_REQUEST else SAFE, arguments=json.dumps({"text": ITEM}),
            )  # fmt: skip
        return ModelResponse(output=[said], usage=Usage(), response_id=None)

    def stream_response(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("the workloads never stream")


def _agent(model_url: str) -> Any:
    set_tracing_disabled(True)
    model: Any = ImmediateModel()
    if model_url:
        from agents import OpenAIChatCompletionsModel
        from openai import AsyncOpenAI  # type: ignore[import-not-found]

        model = OpenAIChatCompletionsModel("fake", AsyncOpenAI(base_url=model_url, api_key="none"))
    tools = [function_tool(add_note), function_tool(send_money, needs_approval=True)]
    return Agent(name="bench", instructions="Do what you are asked.", model=model, tools=tools)


class OpenAIAgents:
    commits = None

    def __init__(self, path: Path, agent: Any, states: sqlite3.Connection) -> None:
        self._path, self._agent, self._states = path, agent, states

    async def message(self, conversation: str) -> str:
        session = SQLiteSession(conversation, self._path)
        try:
            return str((await Runner.run(self._agent, REQUEST, session=session)).final_output)
        finally:
            session.close()

    async def suspend(self, conversation: str) -> str:
        session = SQLiteSession(conversation, self._path)
        try:
            found = await Runner.run(self._agent, RISKY_REQUEST, session=session)
        finally:
            session.close()
        assert found.interruptions
        with self._states:
            row = (conversation, found.to_state().to_string())
            number = self._states.execute("INSERT INTO states (conversation, state) VALUES (?, ?)", row).lastrowid
        return str(number)

    async def decide(self, ticket: str) -> str:
        row = self._states.execute("SELECT conversation, state FROM states WHERE id = ?", (int(ticket),)).fetchone()
        state = await RunState.from_string(self._agent, row[1])
        for interruption in state.get_interruptions():
            state.approve(interruption)
        session = SQLiteSession(row[0], self._path)
        try:
            found = await Runner.run(self._agent, state, session=session)
        finally:
            session.close()
        with self._states:
            self._states.execute("DELETE FROM states WHERE id = ?", (int(ticket),))
        return str(found.final_output)


@asynccontextmanager
async def open_agents(setting: Setting) -> AsyncIterator[OpenAIAgents]:
    # In the sessions' own file: while this connection is open, closing a session costs the SDK no checkpoint.
    path = setting.folder / "sessions.db"
    states = sqlite3.connect(path)
    states.execute("PRAGMA journal_mode = WAL")
    states.execute("PRAGMA synchronous = FULL")
    states.execute("CREATE TABLE IF NOT EXISTS states (id INTEGER PRIMARY KEY, conversation TEXT, state TEXT)")
    try:
        yield OpenAIAgents(path, _agent(setting.model_url), states)
    finally:
        states.close()
