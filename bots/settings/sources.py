"""The three places that settings are read from, and the question where a setting stands."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic_settings import DotEnvSettingsSource

from bots.settings.choices import PREFIX, Settings
from runtime.errors import SettingsError

if TYPE_CHECKING:
    from dotenv.parser import Binding

TOML_NAME = "mallard.toml"
ENV_NAME = ".env"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One spelling of one setting in one place."""

    setting: str  # the name in Settings, whether it exists there or not
    text: str  # for a person: what stands where
    value: Any = field(repr=False)


def read_toml(path: Path) -> Iterator[Place]:
    """Every setting of the file, if there is one. Raises SettingsError where it cannot be read."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path.name} is not valid TOML: {error}.") from error
    yield from _flatten(tables, (), path.name)


def _flatten(table: Mapping[str, Any], above: tuple[str, ...], file: str) -> Iterator[Place]:
    for key, value in table.items():
        keys = (*above, key)
        name = "_".join(keys)
        if isinstance(value, Mapping) and _is_table(name):
            yield from _flatten(value, keys, file)
        else:
            yield Place(setting=name, text=f"{'.'.join(keys)} in {file}", value=value)


def _is_table(name: str) -> bool:
    """Whether the settings of a table stand one by one; where a setting has its name too, the table is of those beside it."""
    return name not in Settings.model_fields or any(each.startswith(f"{name}_") for each in Settings.model_fields)


def read_env_file(path: Path) -> tuple[Place, ...]:
    """Every line of the file that sets one of ours. Raises SettingsError where it cannot be read, or a line of it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name} cannot be read: {error}.") from error
    from dotenv.parser import parse_stream

    bindings = tuple(parse_stream(StringIO(text)))
    unread = [each for each in bindings if each.error or (each.key is not None and each.value is None)]
    if unread:
        raise SettingsError("\n".join(_explain_line(f"{path.name}, line {_line_of(each)}", each) for each in unread))
    numbers = {each.key.upper(): _line_of(each) for each in bindings if each.key}
    values = DotEnvSettingsSource(Settings, env_file=path, env_ignore_empty=True).env_vars
    return tuple(
        Place(setting=setting, text=f"{name} in {path.name}, line {numbers.get(name, '?')}", value=value)
        for name, value in ((name.upper(), value) for name, value in values.items())
        if (setting := _own(name))
    )


def _line_of(binding: "Binding") -> int:
    """Where it begins: what dotenv counts from is the end of the one before, which may be some empty lines above."""
    written = binding.original.string
    return binding.original.line + written[: len(written) - len(written.lstrip())].count("\n")


def _explain_line(where: str, binding: "Binding") -> str:
    """What is wrong with a line. Of what it says only a name of ours: the rest may be a secret."""
    written = binding.original.string.strip()
    ours = re.match(rf"(?:export\s+)?({PREFIX}[A-Z0-9_]+)", written)
    name = ours[1] if ours else "NAME"
    if "=" not in written:
        return f"{where} has no = in it. Right would be {name}=value, or a # at its beginning where it sets nothing."
    return (
        f"{where} cannot be read: a quotation mark is not closed, or something stands behind the closing one. "
        f'Right would be {name}=value, or {name}="value with # or spaces".'
    )


def read_all_variables(env_file: Path) -> dict[str, str]:
    """What other settings may refer to: the environment, and where that is silent, any line of `.env`."""
    added = DotEnvSettingsSource(Settings, env_file=env_file, case_sensitive=True).env_vars
    return {name: value for name, value in added.items() if value is not None} | dict(os.environ)


def read_environment() -> tuple[Place, ...]:
    """Every environment variable that is ours by its name."""
    return tuple(
        Place(setting=setting, text=f"{name} in the environment", value=value)
        for name, value in os.environ.items()
        if value and (setting := _own(name.upper()))
    )


def _own(name: str) -> str:
    return name.removeprefix(PREFIX).lower() if name.startswith(PREFIX) else ""
