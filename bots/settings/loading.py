"""Reading the settings, and saying in one sentence each what is wrong with them."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError as UnreadableValue

from bots.settings.choices import PREFIX, Settings
from bots.settings.mcp import explain_mcp, fill_in
from bots.settings.rules import RuleChoice, check_rules, find_lines
from bots.settings.sources import (
    ENV_NAME,
    TOML_NAME,
    Place,
    read_all_variables,
    read_env_file,
    read_environment,
    read_toml,
)
from runtime.errors import SettingsError
from runtime.models.port import Role
from runtime.rules import Then

_WANTED = {
    "users": "a list of people such as slack:T012/U034,discord:42, or * for everybody",
    "approvers": "a list of people such as slack:T012/U034,discord:42",
    "admins": "a list of people such as slack:T012/U034,discord:42",
    "shell_sudo": "the whole path of the program, for example /usr/bin/sudo",
    "approval_hours": "a number of hours above 0, or never",
    "slack_bot_token": "the Bot User OAuth Token of your app; it begins with xoxb-",
    "slack_app_token": "an app-level token with connections:write; it begins with xapp-",
    "discord_token": "the bot token of your application, from its Bot page",
    "discord_guilds": "a list of server ids such as 81384788765712384",
    "discord_commands": "global, or the id of one server",
    "extra_parameters": 'a JSON object such as {"temperature": 0.2}',
    "base_url": "an address such as http://127.0.0.1:11434/v1",
    "port": "a port number from 1 to 65535",
}


def load_settings(folder: Path) -> Settings:
    """The settings of an installation in `folder`: environment before `.env` before `mallard.toml` before defaults.

    Paths become absolute, relative ones starting at `folder`. Raises SettingsError that names every setting that is
    wrong, where it stands and what would be right. Makes nothing on disk.
    """
    folder = folder.resolve()
    env_file, toml_file = folder / ENV_NAME, folder / TOML_NAME
    from_toml = tuple(read_toml(toml_file))
    places = (*read_environment(), *read_env_file(env_file), *from_toml)
    lines = _lines_of_rules(toml_file, places)
    if faults := tuple(_name_unknown(places)):
        raise SettingsError("\n".join(faults))
    try:
        settings = Settings(_env_file=env_file, **{place.setting: place.value for place in from_toml})
    except ValidationError as error:
        raise SettingsError("\n".join(_explain(detail, places, lines) for detail in error.errors())) from None
    except UnreadableValue as error:
        raise SettingsError(f"{error}: this is not valid JSON.") from None
    servers, faults = fill_in(settings.mcp, read_all_variables(env_file) if settings.mcp else {})
    placed = _placed_rules(settings, places, lines)
    settings = settings.model_copy(update={**_resolve_paths(settings, folder), **placed, "mcp": servers})
    if faults := (
        *faults,
        *_check_folders(settings, folder),
        *_check_models(settings),
        *_check_pairs(settings),
        *_check_rules(settings),
    ):
        raise SettingsError("\n".join(faults))
    return settings


def written(setting: str) -> str:
    """How the setting is written in the environment."""
    return PREFIX + setting.upper()


def _name_unknown(places: tuple[Place, ...]) -> Iterator[str]:
    for place in places:
        if place.setting in Settings.model_fields:
            continue
        near = difflib.get_close_matches(place.setting, Settings.model_fields, n=1, cutoff=0.6)
        hint = f"Did you mean {written(near[0])}?" if near else ".env.example lists every setting."
        yield f"{place.text} is not a setting of Mallard. {hint}"


def _lines_of_rules(toml_file: Path, places: tuple[Place, ...]) -> tuple[dict[str, int], ...]:
    """Where each rule stands; nothing where the rules that count are not tables of the file."""
    first = next((place for place in places if place.setting == "rules"), None)
    if first is None or not isinstance(first.value, list):
        return ()
    lines = find_lines(toml_file.read_text(encoding="utf-8"), "rules")
    return lines if len(lines) == len(first.value) else ()


def _placed_rules(settings: Settings, places: tuple[Place, ...], lines: tuple[dict[str, int], ...]) -> dict[str, Any]:
    where = next((place.text for place in places if place.setting == "rules"), "rules")
    written_at = [f"{TOML_NAME}, line {each['']}" for each in lines] or [
        f"rule {number} of {where}" for number in range(1, len(settings.rules) + 1)
    ]
    placed = zip(settings.rules, written_at, strict=True)
    return {"rules": tuple(rule.model_copy(update={"place": place}) for rule, place in placed)}


def _check_rules(settings: Settings) -> Iterator[str]:
    asks = settings.ask_critical
    yield from check_rules(settings.rules, None if asks == "nobody" else asks)


def _explain(detail: ErrorDetails, places: tuple[Place, ...], lines: tuple[dict[str, int], ...] = ()) -> str:
    setting, *within = (str(part) for part in detail["loc"])
    if setting == "rules" and within and lines:
        return _explain_rule(detail, lines[int(within[0])], within[1:])
    place = next((place for place in places if place.setting == setting), None)
    if setting == "mcp":
        return explain_mcp(detail, place.value if place else None, TOML_NAME)
    where = place.text if place else written(setting)
    # Only what a person wrote: positions and names of keys, not the branches of pydantic's unions.
    where += "".join(f" → {part}" for part in within if part.isdigit() or part in _WRITTEN_KEYS)
    if setting in _SAYS_WHAT_IS_WRONG:
        return f"{where}: {_soften(detail['msg'])}."
    if place is None or _is_secret(setting):
        return f"{where} is wrong. Right would be {_wanted(setting, detail)}."
    return f"{where} is {str(place.value)[:80]!r}. Right would be {_wanted(setting, detail)}."


def _explain_rule(detail: ErrorDetails, lines: dict[str, int], within: list[str]) -> str:
    key = within[0] if within and within[0] in lines else ""
    where = f"{TOML_NAME}, line {lines[key]}"
    if detail["type"] == "missing":
        return f"{where}: this rule lacks `{'.'.join(within)}`. Right would be one of {', '.join(map(repr, map(str, Then)))}."
    said = f"{key} is {str(detail['input'])[:80]!r}" if key else "this rule is wrong"
    return f"{where}: {said}. Right would be {_WANTED_OF_RULES.get(key) or _soften(detail['msg'])}."


_WANTED_OF_RULES = {
    "person": "a list of people such as slack:T012/U034, or of the words approvers and admins",
    "then": f"one of {', '.join(map(repr, map(str, Then)))}",
}
_SAYS_WHAT_IS_WRONG = frozenset({"shell_allow", "shell_deny"})
_WORKSPACE_KEYS = frozenset({"name", "path", "conversations", "reasoning", "debug", "reflect"})
_WRITTEN_KEYS = _WORKSPACE_KEYS | RuleChoice.model_fields.keys()


def _wanted(setting: str, detail: ErrorDetails) -> str:
    for ending, words in _WANTED.items():
        if setting.endswith(ending):
            return words
    return _soften(detail["msg"])


def _soften(words: str) -> str:
    for noise in ("Value error, ", "Input should be "):
        words = words.removeprefix(noise)
    return words


def _is_secret(setting: str) -> bool:
    info = Settings.model_fields.get(setting)
    return info is None or "SecretStr" in repr(info.annotation)


def _resolve_paths(settings: Settings, folder: Path) -> dict[str, Any]:
    return {
        "database": (folder / settings.database.expanduser()).resolve(),
        "workspace": (folder / settings.workspace.expanduser()).resolve(),
        "skill_folders": tuple((folder / path.expanduser()).resolve() for path in settings.skill_folders),
        "sandbox_readable": tuple((folder / path.expanduser()).resolve() for path in settings.sandbox_readable),
        "workspaces": tuple(
            choice.model_copy(update={"path": (folder / choice.path.expanduser()).resolve()})
            for choice in settings.workspaces
        ),
    }


def _check_folders(settings: Settings, folder: Path) -> Iterator[str]:
    """A tool must not be able to read the tokens or to write the record, so neither may lie below a workspace."""
    kept = {folder: "the settings and their secrets", settings.database.parent: "the database"}
    named = [(written("workspace"), settings.workspace)]
    named += [(written("sandbox_readable"), path) for path in settings.sandbox_readable]
    named += [(written("skill_folders"), path) for path in settings.skill_folders]
    named += [(f"the path of workspace {choice.name!r} in {TOML_NAME}", choice.path) for choice in settings.workspaces]
    for name, path in named:
        for place, what in kept.items():
            if path == place or path in place.parents:
                yield (
                    f"{name} is {path}, and that folder holds {what}; tools must not reach them. "
                    f"Choose a folder of its own, for example {folder / 'workspace'}."
                )
                break
    names = [choice.name for choice in settings.workspaces]
    for name in sorted({name for name in names if names.count(name) > 1 or name == "default"}):
        yield f"workspaces in {TOML_NAME} has the name {name!r} twice (default is taken). Give each its own name."


def _check_models(settings: Settings) -> Iterator[str]:
    """Each role needs a model once one has it: none can be left out, and the built-in planner stands in for none of them."""
    if incomplete := settings.list_incomplete_models():
        for missing, beside in incomplete:
            yield f"{written(missing)} is missing: {written(beside)} is set, and a model needs both."
        return
    served = settings.roles_with_model
    without = [role for role in Role if role not in served]
    if served and without:
        own = ", ".join(written(f"model_{role}_…") for role in without)
        yield (
            f"{written('model_base_url')} and {written('model_name')} are missing: only {_listed(served)} "
            f"{'has' if len(served) == 1 else 'have'} a model, and {_listed(without)} "
            f"{'has' if len(without) == 1 else 'have'} none. Set them as the default, which serves every role that names "
            f"no other; or give each its own ({own})."
        )


def _listed(roles: Sequence[Role]) -> str:
    *most, last = map(str, roles)
    return f"{', '.join(most)} and {last}" if most else last


def _check_pairs(settings: Settings) -> Iterator[str]:
    if missing := settings.missing_of_embedding:
        yield f"{written(missing)} is missing: an endpoint for vectors needs an address and the name of a model."
    bot, app, secret = settings.slack_bot_token, settings.slack_app_token, settings.slack_signing_secret
    if bot is None and (app or secret):
        yield f"{written('slack_bot_token')} is missing beside Slack's other settings: {_WANTED['slack_bot_token']}."
    if settings.discord_token is None and (settings.discord_guilds or settings.discord_commands != "global"):
        yield f"{written('discord_token')} is missing beside Discord's other settings: it is {_WANTED['discord_token']}."
    if bot and settings.slack_mode == "socket" and not app:
        yield (
            f"{written('slack_app_token')} is missing: it is {_WANTED['slack_app_token']}. "
            f"Socket Mode needs it beside {written('slack_bot_token')}."
        )
    if bot and settings.slack_mode == "http" and not secret:
        yield (
            f"{written('slack_signing_secret')} is missing: with {written('slack_mode')}=http, Slack's requests "
            "are checked with it. It stands under Basic Information of your app."
        )
