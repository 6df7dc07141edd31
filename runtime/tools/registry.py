"""The tools that an agent has, by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from runtime.records import JsonObject
from runtime.tools.port import Tool


class ToolArguments(BaseModel):
    """The base of every tool's arguments: what is not named is refused, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolDescription:
    """What a planner must know to ask for a tool. `schema` is the JSON Schema of its arguments."""

    name: str
    description: str
    schema: JsonObject


class Registry:
    """Tools in the order given. Raises ValueError for two of one name, and for arguments that let unknown fields in."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._tools: dict[str, Tool] = {}
        for tool in tools:
            if tool.name in self._tools:
                raise ValueError(f"two tools are called {tool.name}: rename one")
            if tool.arguments.model_config.get("extra") != "forbid":
                raise ValueError(f"the arguments of {tool.name} must forbid unknown fields: build on ToolArguments")
            self._tools[tool.name] = tool
        self._descriptions = tuple(_describe(tool) for tool in self._tools.values())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._tools)

    def find(self, name: str) -> Tool | None:
        return self._tools.get(name)

    def describe(self) -> tuple[ToolDescription, ...]:
        return self._descriptions

    def parse(self, name: str, arguments: Any) -> BaseModel | tuple[str, ...]:
        """The arguments as the tool's own model, or sentences that say what is wrong and what would be right."""
        tool = self.find(name)
        if tool is None:
            known = ", ".join(self.names) or "none"
            return (f"There is no tool called {name!r}. The tools are: {known}.",)
        if not isinstance(arguments, dict):
            return (f"The arguments of {name} must be a JSON object.",)
        try:
            return tool.arguments.model_validate(arguments)
        except ValidationError as error:
            return tuple(_sentence(tool, detail) for detail in error.errors(include_url=False))


def _describe(tool: Tool) -> ToolDescription:
    schema = _without_titles(tool.arguments.model_json_schema())
    schema.pop("description", None)
    return ToolDescription(name=tool.name, description=tool.description, schema=schema)


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
