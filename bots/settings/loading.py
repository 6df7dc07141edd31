"""Reading the settings, and saying in one sentence each what is wrong with them."""

import difflib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bots.settings.choices import Settings
from bots.settings.explaining import WANTED, explain, written
from bots.settings.mcp import fill_in
from bots.settings.rules import check_rules, find_lines
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
        raise SettingsError("\n".join(explain(error.errors(), places, lines))) from None
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
        yield f"{written('slack_bot_token')} is missing beside Slack's other settings: {WANTED['slack_bot_token']}."
    if settings.discord_token is None and (settings.discord_guilds or settings.discord_commands != "global"):
        yield f"{written('discord_token')} is missing beside Discord's other settings: it is {WANTED['discord_token']}."
    if bot and settings.slack_mode == "socket" and not app:
        yield (
            f"{written('slack_app_token')} is missing: it is {WANTED['slack_app_token']}. "
            f"Socket Mode needs it beside {written('slack_bot_token')}."
        )
    if bot and settings.slack_mode == "http" and not secret:
        yield (
            f"{written('slack_signing_secret')} is missing: with {written('slack_mode')}=http, Slack's requests "
            "are checked with it. It stands under Basic Information of your app."
        )
