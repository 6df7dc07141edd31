"""Commands: told all at once, everywhere or for one server."""

from typing import Any

from tests.fakes.discord.refusals import Refusal, check
from tests.fakes.discord.signing_up import COMMANDS, problems_in_commands
from tests.fakes.discord.stage import Asked, Route, Routes, Stage

Json = dict[str, Any]
CREATES_A_DAY = 200


def read(stage: Stage, asked: Asked) -> list[Json]:
    return stage.state.commands.get(_scope(stage, asked), [])


def write(stage: Stage, asked: Asked) -> list[Json]:
    """Replace all of that scope; a command of the same name and type keeps its id."""
    scope = _scope(stage, asked)
    check(problems_in_commands(asked.body))
    known = {(command["name"], command["type"]): command for command in stage.state.commands.get(scope, [])}
    stage.state.commands[scope] = [_registered(stage, scope, command, known) for command in asked.body]
    return stage.state.commands[scope]


def _registered(stage: Stage, scope: str | None, command: Json, known: dict[tuple[str, int], Json]) -> Json:
    kind = command.get("type", 1)
    before = known.get((command["name"], kind))
    if before is None:
        stage.state.commands_created += 1
        if stage.state.commands_created > CREATES_A_DAY:
            raise Refusal(30034)
    said = {name: value for name, value in command.items() if value is not None}
    body: Json = {
        "description": "",
        "nsfw": False,
        "default_member_permissions": None,
        "contexts": [0, 1] if scope is None else None,
        "integration_types": [0],
        **said,
        "id": before["id"] if before else stage.state.ids.new(),
        "type": kind,
        "application_id": stage.state.app,
        "version": before["version"] if before and _same(before, said) else stage.state.ids.new(),
        "name_localizations": None,
        "description_localizations": None,
    }
    return body | ({"guild_id": scope} if scope else {"dm_permission": said.get("dm_permission", True)})


def _same(before: Json, said: Json) -> bool:
    return all(before.get(name) == value for name, value in said.items())


def _scope(stage: Stage, asked: Asked) -> str | None:
    if asked["application"] != stage.state.app:
        raise Refusal(20012)
    return stage.state.guild(asked["guild"]).id if "guild" in asked.path else None


_READING = {"with_localizations": lambda value: value in ("true", "false", "1", "0")}

ROUTES: Routes = {
    "GET /applications/{application}/commands": Route(run=read, query=_READING, bucket="commands"),
    "PUT /applications/{application}/commands": Route(run=write, body=COMMANDS, bucket="commands"),
    "GET /applications/{application}/guilds/{guild}/commands": Route(run=read, query=_READING, bucket="commands"),
    "PUT /applications/{application}/guilds/{guild}/commands": Route(run=write, body=COMMANDS, bucket="commands"),
}
