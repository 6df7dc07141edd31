"""What is said of a setting that is wrong: where it stands, what it says there, and what would be right."""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from bots.settings.choices import PREFIX, Settings, WorkspaceChoice
from bots.settings.mcp import explain_mcp
from bots.settings.rules import RuleChoice, explain_rule
from bots.settings.sources import TOML_NAME, Place
from bots.settings.values import soften

WANTED = {
    "users": "a list of people such as slack:T012/U034,discord:42, or * for everybody",
    "approvers": "a list of people such as slack:T012/U034,discord:42",
    "admins": "a list of people such as slack:T012/U034,discord:42",
    "ask_low": "nobody, requester, approvers or other_approver",
    "ask_medium": "nobody, requester, approvers or other_approver",
    "ask_high": "nobody, requester, approvers or other_approver",
    "ask_critical": "nobody, requester, approvers or other_approver",
    "shell_sudo": "the whole path of the program, for example /usr/bin/sudo",
    "approval_hours": "a number of hours above 0 and up to ten years, or never",
    "slack_bot_token": "the Bot User OAuth Token of your app; it begins with xoxb-",
    "slack_app_token": "an app-level token with connections:write; it begins with xapp-",
    "discord_token": "the bot token of your application, from its Bot page",
    "extra_parameters": 'a JSON object such as {"temperature": 0.2}',
    "base_url": "an address such as http://127.0.0.1:11434/v1",
    "slack_api_url": "an address such as https://slack.com/api/",
    "discord_api_url": "an address such as https://discord.com/api/v10",
    "port": "a port number from 1 to 65535",
}
_SAYS_WHAT_IS_WRONG = frozenset({"shell_allow", "shell_deny"})
_WRITTEN_KEYS = WorkspaceChoice.model_fields.keys() | RuleChoice.model_fields.keys()
_LONGEST = 80


def written(setting: str) -> str:
    """How the setting is written in the environment."""
    return PREFIX + setting.upper()


def explain(details: Iterable[ErrorDetails], places: Sequence[Place], lines: Sequence[dict[str, int]]) -> list[str]:
    """A sentence for each fault, and not one for each way in which pydantic could have been content."""
    return list(dict.fromkeys(_explain(detail, places, lines) for detail in details))


def _explain(detail: ErrorDetails, places: Sequence[Place], lines: Sequence[dict[str, int]]) -> str:
    setting, *within = (str(part) for part in detail["loc"])
    if setting == "rules" and within and lines:
        return explain_rule(detail, lines[int(within[0])], within[1:], TOML_NAME)
    place = next((place for place in places if place.setting == setting), None)
    where = place.text if place else written(setting)
    if setting == "mcp":
        return explain_mcp(detail, place.value if place else None, where)
    # Only what a person wrote: positions and names of keys, not the branches of pydantic's unions.
    where += "".join(f" → {part}" for part in within if part.isdigit() or part in _WRITTEN_KEYS)
    if detail["type"] == "extra_forbidden":
        return f"{where} has the key {within[-1]!r}, which means nothing. There are: {', '.join(WorkspaceChoice.model_fields)}."
    if setting in _SAYS_WHAT_IS_WRONG:
        return f"{where}: {soften(detail['msg'])}."
    if detail["type"] == "missing":
        return f"{where} is missing."
    if place is None or _is_secret(setting):
        return f"{where} is wrong. Right would be {_wanted(setting, detail)}."
    return (
        f"{where} is {_shown(detail['input'] if within else place.value)}. Right would be {_wanted(setting, detail)}."
    )


def _shown(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


def _wanted(setting: str, detail: ErrorDetails) -> str:
    if detail["type"] != "wanted":
        for ending, words in WANTED.items():
            if setting.endswith(ending):
                return words
    return "true or false" if detail["type"].startswith("bool_") else soften(detail["msg"])


def _is_secret(setting: str) -> bool:
    info = Settings.model_fields.get(setting)
    return info is None or "SecretStr" in repr(info.annotation)
