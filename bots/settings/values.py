"""How single settings are written and read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf, StringConstraints
from pydantic_settings import NoDecode

from runtime.records import UserRef
from runtime.shell import CommandPattern, read_pattern

EVERYONE = "*"


def _split(value: object) -> object:
    """Commas between entries in the environment; in TOML a list may be one."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _read_person(value: object) -> object:
    return UserRef.parse(value) if isinstance(value, str) else value


def _read_person_or_everyone(value: object) -> object:
    return value if value == EVERYONE else _read_person(value)


def _read_hours(value: object) -> object:
    return None if isinstance(value, str) and value.strip().lower() == "never" else value


def _read_pattern(value: object) -> object:
    return read_pattern(value) if isinstance(value, str) else value


def _check_whole(path: Path) -> Path:
    if not path.is_absolute():
        raise ValueError("this does not begin with /")
    return path


def _read_object(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        found: object = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"this is not JSON ({error})") from error
    if not isinstance(found, Mapping):
        raise ValueError("this is JSON, but not an object")  # noqa: TRY004 -- pydantic reports ValueError only
    return found


Person: TypeAlias = Annotated[InstanceOf[UserRef], BeforeValidator(_read_person)]
PersonOrEveryone: TypeAlias = Annotated[InstanceOf[UserRef] | Literal["*"], BeforeValidator(_read_person_or_everyone)]
People: TypeAlias = Annotated[tuple[Person, ...], NoDecode, BeforeValidator(_split)]
PeopleOrEveryone: TypeAlias = Annotated[tuple[PersonOrEveryone, ...], NoDecode, BeforeValidator(_split)]
Snowflakes: TypeAlias = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{15,20}$")], ...], NoDecode, BeforeValidator(_split)
]
Names: TypeAlias = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
WholePath: TypeAlias = Annotated[Path, AfterValidator(_check_whole)]
Paths: TypeAlias = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split)]
Hosts: TypeAlias = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=r"^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?$")], ...],
    NoDecode,
    BeforeValidator(_split),
]
HoursOrNever: TypeAlias = Annotated[Annotated[float, Field(gt=0)] | None, NoDecode, BeforeValidator(_read_hours)]
CommandPatterns: TypeAlias = Annotated[
    tuple[Annotated[InstanceOf[CommandPattern], BeforeValidator(_read_pattern)], ...], NoDecode, BeforeValidator(_split)
]
JsonText: TypeAlias = Annotated[dict[str, Any] | None, NoDecode, BeforeValidator(_read_object)]
