"""LangGraph with its SQLite saver: a checkpoint before each next step (`durability="sync"`), at synchronous=FULL.

The graph is the one of its documentation: a model node, a tool node that interrupts before a risky call, an edge back.
The thread is the conversation.
"""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiosqlite
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage  # type: ignore[import-not-found]
from langchain_core.runnables import RunnableConfig  # type: ignore[import-not-found]  # the graph looks for its name
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver  # type: ignore[import-not-found]
from langgraph.graph import END, START, MessagesState, StateGraph  # type: ignore[import-not-found]
from langgraph.types import Command, interrupt  # type: ignore[import-not-found]

from bench.subject import ANSWER, ITEM, REQUEST, RISKY, RISKY_REQUEST, SAFE, Setting, act

_NUMBERS = itertools.count()


def _immediate(messages: list[Any]) -> Any:
    last = messages[-1]
    if isinstance(last, ToolMessage):
        return AIMessage(ANSWER)
    tool = RISKY if last.content == RISKY_REQUEST else SAFE
    return AIMessage("", tool_calls=[{"name": tool, "args": {"text": ITEM}, "id": f"call_{next(_NUMBERS)}"}])


def _graph(model_url: str) -> Any:
    model = None
    if model_url:
        from langchain_core.tools import StructuredTool  # type: ignore[import-not-found]
        from langchain_openai import ChatOpenAI  # type: ignore[import-not-found]

        tools = [StructuredTool.from_function(coroutine=act, name=name, description="Act.") for name in (SAFE, RISKY)]
        model = ChatOpenAI(model="fake", base_url=model_url, api_key="none").bind_tools(tools)

    async def think(state: Any) -> dict[str, Any]:
        messages = state["messages"]
        return {"messages": [_immediate(messages) if model is None else await model.ainvoke(messages)]}

    async def use_tools(state: Any) -> dict[str, Any]:
        results = []
        for call in state["messages"][-1].tool_calls:
            if call["name"] == RISKY:
                interrupt({"call": call["id"], "arguments": call["args"]})
            results.append(ToolMessage(await act(call["args"]["text"]), tool_call_id=call["id"]))
        return {"messages": results}

    def where_next(state: Any) -> str:
        return "tools" if state["messages"][-1].tool_calls else END

    graph = StateGraph(MessagesState)
    graph.add_node("model", think)
    graph.add_node("tools", use_tools)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", where_next, ["tools", END])
    graph.add_edge("tools", "model")
    return graph


class LangGraph:
    commits = None

    def __init__(self, graph: Any) -> None:
        self._graph = graph

    async def message(self, conversation: str) -> str:
        return _answer(await self._invoke({"messages": [HumanMessage(REQUEST)]}, conversation))

    async def suspend(self, conversation: str) -> str:
        found = await self._invoke({"messages": [HumanMessage(RISKY_REQUEST)]}, conversation)
        assert found["__interrupt__"]
        return conversation

    async def decide(self, ticket: str) -> str:
        return _answer(await self._invoke(Command(resume=True), ticket))

    async def _invoke(self, given: Any, conversation: str) -> Any:
        config: RunnableConfig = {"configurable": {"thread_id": conversation}}
        return await self._graph.ainvoke(given, config, durability="sync")


def _answer(found: Any) -> str:
    return str(found["messages"][-1].content)


@asynccontextmanager
async def open_langgraph(setting: Setting) -> AsyncIterator[LangGraph]:
    async with aiosqlite.connect(setting.folder / "langgraph.db") as connection:
        await connection.execute("PRAGMA synchronous = FULL")
        saver = AsyncSqliteSaver(connection)
        await saver.setup()
        yield LangGraph(_graph(setting.model_url).compile(checkpointer=saver))
