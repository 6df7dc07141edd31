"""How single settings are written and read."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, HttpUrl, InstanceOf
from pydantic_core import PydanticCustomError
from pydantic_settings import NoDecode

from bots.settings.forms import FORMS, right_conversation, right_person
from runtime.records import UserRef
from runtime.shell import CommandPattern, read_pattern

EVERYONE = "*"
_HOSTS = (
    "a list of hosts in small letters, with a port where they need one and without http://: wiki.internal,10.0.0.5:8080"
)


def wanted(words: str) -> PydanticCustomError:
    """To be raised for a wrong value: `words` say what would be right, and are said as they are."""
    return PydanticCustomError("wanted", "{words}", {"words": words})


def soften(words: str) -> str:
    """What pydantic says, as the end of a sentence about what would be right."""
    for noise in ("Value error, ", "Input should be "):
        words = words.removeprefix(noise)
    for noise in (", unable to ", " or instance of "):
        words = words.partition(noise)[0]
    return words.replace("a valid tuple", "a list").replace("a valid dictionary", "a table")


def like(pattern: str, words: str) -> AfterValidator:
    """Takes texts that match, and says of others in words what would be right, where pydantic shows the pattern."""
    wanted_form = re.compile(pattern)

    def check(value: str) -> str:
        if not wanted_form.fullmatch(value):
            raise wanted(words)
        return value

    return AfterValidator(check)


def _without(end: str) -> AfterValidator:
    def check(url: HttpUrl) -> HttpUrl:
        written = str(url).rstrip("/")
        if written.endswith(end):
            raise wanted(f"the same with {end} left off, which is added to it: {written.removesuffix(end)}")
        return url

    return AfterValidator(check)


def json_list(table: str, example: str) -> BeforeValidator:
    """Takes a list, as the tables of TOML are one, or its JSON, as the environment has it."""

    def read(value: object) -> object:
        try:
            found: object = orjson.loads(value) if isinstance(value, str) else value
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, list | tuple):
            raise wanted(f"a JSON list such as {example}; [[{table}]] in mallard.toml is easier to write")
        return found

    return BeforeValidator(read)


def _split(value: object) -> object:
    """Commas between entries in the environment; in TOML a list may be one."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def read_person(value: object) -> object:
    if not isinstance(value, str):
        return value
    person = UserRef.parse(value)
    if right := right_person(person):
        raise wanted(right)
    return person


def _check_conversation(pattern: str) -> str:
    if right := right_conversation(pattern):
        raise wanted(right)
    return pattern


def _read_person_or_everyone(value: object) -> object:
    return value if value == EVERYONE else read_person(value)


def _read_hours(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("not a number")  # noqa: TRY004  pydantic takes this one for an error of the value
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


Person: TypeAlias = Annotated[InstanceOf[UserRef], BeforeValidator(read_person)]
PersonOrEveryone: TypeAlias = Annotated[InstanceOf[UserRef] | Literal["*"], BeforeValidator(_read_person_or_everyone)]
People: TypeAlias = Annotated[tuple[Person, ...], NoDecode, BeforeValidator(_split)]
PeopleOrEveryone: TypeAlias = Annotated[tuple[PersonOrEveryone, ...], NoDecode, BeforeValidator(_split)]
Snowflakes: TypeAlias = Annotated[
    tuple[Annotated[str, like(r"[0-9]{15,20}", "a list of server ids such as 81384788765712384")], ...],
    NoDecode,
    BeforeValidator(_split),
]
Conversation: TypeAlias = Annotated[str, AfterValidator(_check_conversation)]
Platforms: TypeAlias = Annotated[
    tuple[Annotated[str, like("|".join(FORMS), f"a list of platforms, of which there are {', '.join(FORMS)}")], ...],
    NoDecode,
    BeforeValidator(_split),
]
ModelUrl: TypeAlias = Annotated[HttpUrl, _without("/chat/completions")]
EmbeddingUrl: TypeAlias = Annotated[HttpUrl, _without("/embeddings")]
WholePath: TypeAlias = Annotated[Path, AfterValidator(_check_whole)]
Paths: TypeAlias = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_split)]
Hosts: TypeAlias = Annotated[
    tuple[Annotated[str, like(r"(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?", _HOSTS)], ...],
    NoDecode,
    BeforeValidator(_split),
]
_TEN_YEARS = 10 * 366 * 24  # in hours: what lies further off is never, and soon no date
HoursOrNever: TypeAlias = Annotated[
    Annotated[float, Field(gt=0, le=_TEN_YEARS)] | None, NoDecode, BeforeValidator(_read_hours)
]
CommandPatterns: TypeAlias = Annotated[
    tuple[Annotated[InstanceOf[CommandPattern], BeforeValidator(_read_pattern)], ...], NoDecode, BeforeValidator(_split)
]
JsonText: TypeAlias = Annotated[dict[str, Any] | None, NoDecode, BeforeValidator(_read_object)]
