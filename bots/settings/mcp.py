"""The servers of tools that the settings name, and what is said where an entry is wrong."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    StringConstraints,
    model_validator,
)
from pydantic_core import ErrorDetails

from bots.settings.values import like, soften
from runtime.records import Risk

_Word = Annotated[str, StringConstraints(min_length=1)]
_Named = Annotated[
    str, like(r"[^@\s]+(@[0-9a-f]{8,32})?", "a tool's name, with @ and its version where that is vouched for")
]
_Seconds = Annotated[float, Field(gt=0, le=3_600)]
_Variable = Annotated[str, like(r"[A-Za-z_][A-Za-z0-9_]*", "the name of a variable, of letters, digits and _")]
_FILE = "mallard.toml"
_FREE_OF_BREAKS = r"^[^\r\n\x00]*$"


def _is_header(value: SecretStr) -> SecretStr:
    if not re.fullmatch(_FREE_OF_BREAKS, value.get_secret_value()):
        raise ValueError("a header's value on one line")
    return value


def _has_no_password(value: HttpUrl) -> HttpUrl:
    if value.username or value.password:
        raise ValueError("an address without a name and password in it: those belong into headers")
    return value


class McpChoice(BaseModel):
    """One entry of `[[mcp]]`: docs/mcp.md explains each of its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)

    name: Annotated[str, like(r"[a-z0-9][a-z0-9_-]{0,31}", "a word of small letters, digits, - and _, of up to 32")]
    command: tuple[_Word, ...] = ()
    url: Annotated[HttpUrl, AfterValidator(_has_no_password)] | None = None
    env: Mapping[_Variable, SecretStr] = Field(default_factory=dict)
    headers: Mapping[_Word, Annotated[SecretStr, AfterValidator(_is_header)]] = Field(default_factory=dict)
    folder: Path = Path("/")
    timeout_s: _Seconds = 60.0
    start_timeout_s: _Seconds = 60.0
    tools: tuple[_Word, ...] | None = None
    read_only: tuple[_Named, ...] = ()
    risk: Mapping[_Named, Risk] = Field(default_factory=dict)
    trust: Literal["none", "hints"] = "none"
    local_only: bool = False

    @model_validator(mode="after")
    def _is_one_of_both(self) -> Self:
        if bool(self.command) is (self.url is not None):
            raise ValueError("either a command (a list of words) or a url, and not both")
        if self.env and self.url is not None:
            raise ValueError("headers for a url: env is for a command")
        if self.headers and self.command:
            raise ValueError("env for a command: headers are for a url")
        if twice := sorted(set(self.read_only) & self.risk.keys()):
            raise ValueError(f"either read_only or risk for {', '.join(twice)}, and not both")
        return self


def explain_mcp(detail: ErrorDetails, value: Any, where: str) -> str:
    """What is wrong with which entry of `value`, which stands there. Never what it says: entries hold secrets."""
    _, *within = detail["loc"]
    number, keys = (within[0], within[1:]) if within and isinstance(within[0], int) else (None, within)
    path = "".join(f" → {key}" for key in keys if str(key) in McpChoice.model_fields or str(key).isdigit())
    return f"{_entry(value, number, where)}{path} is wrong. Right would be {soften(detail['msg'])}."


def _entry(entries: Any, number: int | None, where: str) -> str:
    if number is None:
        return where
    if not isinstance(entries, list) or not isinstance(entries[number], Mapping):
        return f"{where} → {number}"
    name = entries[number].get("name")
    return f"[[mcp]] {name!r} in {_FILE}" if isinstance(name, str) else f"[[mcp]] number {number + 1} in {_FILE}"


def fill_in(choices: tuple[McpChoice, ...], known: Mapping[str, str]) -> tuple[tuple[McpChoice, ...], tuple[str, ...]]:
    """The entries with $NAME in env and headers replaced by what `known` has for it; and what is wrong with them."""
    filled, faults = [], list(_name_doubles(choices))
    for choice in choices:
        found: dict[str, dict[str, SecretStr]] = {}
        for part in ("env", "headers"):
            values: Mapping[str, SecretStr] = getattr(choice, part)
            found[part] = {}
            for key, value in values.items():
                try:
                    found[part][key] = SecretStr(Template(value.get_secret_value()).substitute(known))
                except KeyError as error:
                    faults.append(
                        f"[[mcp]] {choice.name!r} → {part} → {key} needs {error.args[0]}, which is neither in the "
                        "environment nor in .env."
                    )
                except ValueError:
                    faults.append(
                        f"[[mcp]] {choice.name!r} → {part} → {key} has a $ that begins no name. A dollar itself is $$."
                    )
        filled.append(choice.model_copy(update=found))
    return tuple(filled), tuple(faults)


def _name_doubles(choices: tuple[McpChoice, ...]) -> Iterator[str]:
    names = [choice.name for choice in choices]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"[[mcp]] has the name {name!r} twice. Give each server its own name."
