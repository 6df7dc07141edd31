"""Commands are told to Discord when they changed, and only then: it takes few changes a day."""

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from discord import app_commands
    from discord.abc import Snowflake

log = logging.getLogger(__name__)

Json = Mapping[str, Any]
_COMPARED = ("name", "description", "options")
_WHERE = ("contexts", "integration_types")  # which Discord says of global commands only


def covers(ours: Sequence[Json], theirs: Sequence[Json]) -> bool:
    """Whether Discord knows exactly our commands."""
    known = {_name(command): command for command in theirs}
    return {_name(command) for command in ours} == set(known) and all(_same(each, known[_name(each)]) for each in ours)


async def synchronise(tree: "app_commands.CommandTree[Any]", scope: "Snowflake | None") -> bool:
    """Tell Discord our commands unless it knows them: for everybody, or for the one guild `scope`. True: told."""
    ours = [command.to_dict(tree) for command in tree.get_commands(guild=scope)]
    if covers(ours, await _known(tree, scope)):
        return False
    await tree.sync(guild=scope)
    log.info("Discord: the commands were registered anew")
    return True


async def _known(tree: "app_commands.CommandTree[Any]", scope: "Snowflake | None") -> Sequence[Json]:
    """As Discord says it: discord.py 2.7.1 reads `contexts` wrongly, so that they would never be the same."""
    http, app = tree.client.http, tree.client.application_id
    assert app is not None  # noqa: S101  it is known once somebody has logged in
    known: Sequence[Json]
    known = await (http.get_global_commands(app) if scope is None else http.get_guild_commands(app, scope.id))
    return known


def _name(command: Json) -> tuple[int, str]:
    return int(command.get("type") or 1), str(command["name"])


def _same(ours: Json, theirs: Json) -> bool:
    compared = [*_COMPARED, *(key for key in _WHERE if theirs.get(key) is not None)]
    return all(_plain(ours.get(key)) == _plain(theirs.get(key)) for key in compared)


def _plain(value: Any) -> Any:
    """Without what says nothing: Discord leaves such fields out, or fills them in."""
    if isinstance(value, Mapping):
        return {key: plain for key, each in value.items() if (plain := _plain(each))}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value] or None
    return value or None
