"""The tools that an agent has, by name."""

from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar

from msgspec import Struct
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError
from pydantic_core import ErrorDetails

from runtime.complaints import brief
from runtime.depth import MOST_LEVELS, is_deeper_than
from runtime.records import JsonObject
from runtime.tools.given_schema import GivenSchema
from runtime.tools.port import Tool, ToolSource


class ToolArguments(BaseModel):
    """The base of every tool's arguments: what is not named is refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)  # most are not asked for in a process


class GivenArguments(RootModel[dict[str, Any]]):
    """The base of arguments that somebody else's JSON Schema describes: `given` checks them in the place of fields."""

    model_config = ConfigDict(frozen=True)
    given: ClassVar[GivenSchema]


class ToolDescription(Struct, frozen=True, kw_only=True):
    """What a planner must know to ask for a tool. `schema` is the JSON Schema of its arguments."""

    name: str
    description: str
    schema: JsonObject


class Registry:
    """Tools in the order given, then those of the sources, as they come and go. A source's tool never takes the name of
    another. Raises ValueError for two of one name, and for arguments that let unknown fields in."""

    def __init__(self, tools: Iterable[Tool], sources: Iterable[ToolSource] = ()) -> None:
        self._own: dict[str, Tool] = {}
        for tool in tools:
            if tool.name in self._own:
                raise ValueError(f"two tools are called {tool.name}: rename one")
            if tool.arguments.model_config.get("extra") != "forbid":
                raise ValueError(f"the arguments of {tool.name} must forbid unknown fields: build on ToolArguments")
            self._own[tool.name] = tool
        self._sources = tuple(sources)
        self._come = tuple(source.tools() for source in self._sources)
        self._descriptions: tuple[ToolDescription, ...] | None = None
        self._take_stock()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._present())

    def find(self, name: str) -> Tool | None:
        return self._present().get(name)

    def describe(self) -> tuple[ToolDescription, ...]:
        """The same tuple until a tool comes or goes."""
        tools = self._present()
        if self._descriptions is None:
            self._descriptions = tuple(_describe(tool) for tool in tools.values())
        return self._descriptions

    async def settle(self, name: str = "") -> None:
        """Wait, but not for long, for sources that cannot say yet whether they have such a tool (or any at all)."""
        for source in self._sources:
            await source.settle(name)

    def why_absent(self, name: str) -> str:
        """Words of the source that a missing tool would come from; "" where there is none."""
        return next((words for source in self._sources if (words := source.why_absent(name))), "")

    def _present(self) -> dict[str, Tool]:
        if not self._sources:
            return self._tools
        come = tuple(source.tools() for source in self._sources)
        if any(new is not known for new, known in zip(come, self._come, strict=True)):
            self._come = come
            self._take_stock()
        return self._tools

    def _take_stock(self) -> None:
        come = {tool.name: tool for tools in reversed(self._come) for tool in reversed(tools)}
        self._tools = self._own | {name: tool for name, tool in reversed(come.items()) if name not in self._own}
        self._descriptions = None

    def parse(self, name: str, arguments: Any) -> BaseModel | tuple[str, ...]:
        """The arguments as the tool's own model, or a few short sentences that say what is wrong and what would be right."""
        tool = self.find(name)
        if tool is None:
            known = ", ".join(self.names) or "none"
            absent = self.why_absent(name)
            return brief([absent or f"There is no tool called {_shown(name)}. The tools are: {known}."])
        if not isinstance(arguments, dict):
            return (f"The arguments of {name} must be a JSON object.",)
        if is_deeper_than(MOST_LEVELS, arguments):
            return (f"The arguments of {name} are nested more than {MOST_LEVELS} levels deep: write them flatter.",)
        given = _given_schema(tool)
        if given is not None and (faults := given.list_faults(arguments)):
            return brief(faults)
        try:
            return tool.arguments.model_validate(arguments)
        except ValidationError as error:
            return brief(_sentence(tool, detail) for detail in error.errors(include_url=False))


def _given_schema(tool: Tool) -> GivenSchema | None:
    return tool.arguments.given if issubclass(tool.arguments, GivenArguments) else None


def _describe(tool: Tool) -> ToolDescription:
    given = _given_schema(tool)
    if given is not None:
        return ToolDescription(name=tool.name, description=tool.description, schema=given.shown)
    return ToolDescription(name=tool.name, description=tool.description, schema=_schema_of(tool.arguments))


@cache
def _schema_of(arguments: type[BaseModel]) -> JsonObject:
    schema: dict[str, Any] = _without_titles(arguments.model_json_schema())
    schema.pop("description", None)
    return schema


def _without_titles(node: Any) -> Any:
    """The schema without pydantic's titles, which cost tokens and tell a planner nothing."""
    if isinstance(node, dict):
        return {
            key: _without_titles(value)
            for key, value in node.items()
            if not (key == "title" and isinstance(value, str))
        }
    if isinstance(node, list):
        return [_without_titles(value) for value in node]
    return node


def _sentence(tool: Tool, detail: ErrorDetails) -> str:
    place = ".".join(str(part) for part in detail["loc"]) or "arguments"
    match detail["type"]:
        case "missing":
            return f"`{place}` is missing."
        case "extra_forbidden":
            takes = ", ".join(f"`{name}`" for name in tool.arguments.model_fields) or "no arguments"
            return f"`{place}` is not an argument of {tool.name}; it takes {takes}."
        case _:
            return f"`{place}` is wrong: {_lowered(detail['msg'])} (it was {_shown(detail['input'])})."


def _lowered(message: str) -> str:
    return message[:1].lower() + message[1:]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
