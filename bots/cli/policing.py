"""`mallard policy`."""

from datetime import UTC, datetime
from typing import Any

import orjson
from msgspec.structs import replace

from bots.cli.indoors import in_house
from bots.house import House
from bots.settings.forms import right_conversation, right_person
from bots.terminal.platform import local_user
from runtime.errors import MallardError
from runtime.explaining import explain, lines_of
from runtime.grants import SHELL, without_secrets
from runtime.options import options_for
from runtime.records import ConversationRef, Reasoning, Run, RunId, UserRef, Workspace
from runtime.states import RunStatus
from runtime.tools.gateway import Gateway
from runtime.tools.visible import make_visible


def explain_call(written: str, *, person: str, where: str, workspace: str) -> None:
    """Print what would happen to a command or call, and why. Raises MallardError for what cannot be read."""
    asked_by = _read_person(person)
    place = _read_place(where, asked_by)

    async def look(house: House) -> list[str]:
        if not house.policy.roles.may_talk(asked_by, place):
            return [f"{asked_by} may not talk to Mallard there: nothing would be planned for them (MALLARD_USERS)."]
        tool, arguments = _read_call(written, house.registry.names)
        run = _imagined(asked_by, place, _workspace_of(house, place, workspace))
        found = await explain(
            tool,
            arguments,
            run,
            gateway=Gateway(house.registry, house.masker),
            policy=house.policy,
            record=house.store,
            at=datetime.now(UTC),
        )
        if found.grant is not None:
            found = replace(found, grant=without_secrets(found.grant, house.masker))
        return [house.masker.mask(line) for line in lines_of(found, run, house.policy)]

    for line in in_house(look):
        print(make_visible(line))


def _read_call(written: str, tools: tuple[str, ...]) -> tuple[str, Any]:
    """A tool with its arguments as JSON behind it; anything else is a command of the shell."""
    name, _, rest = written.strip().partition(" ")
    if name in tools and (rest.strip().startswith("{") or not rest.strip()):
        try:
            return name, orjson.loads(rest or "{}")
        except orjson.JSONDecodeError as error:
            raise MallardError(f"The arguments of {name} are not JSON: {error}.") from None
    return SHELL, {"command": written}


def _read_person(person: str) -> UserRef:
    if not person:
        return local_user()
    try:
        found = UserRef.parse(person)
    except ValueError as error:
        raise MallardError(f"{error}.") from None
    if right := right_person(found):
        raise MallardError(f"{person!r} can be nobody. Right would be {right}.")
    return found


def _read_place(where: str, person: UserRef) -> ConversationRef:
    """A channel as it is written; without one, a conversation with that person alone, which no rule can name."""
    if not where:
        return ConversationRef.alone_with(person)
    if right := right_conversation(where):
        raise MallardError(f"{where!r} is not a conversation. Right would be {right}.")
    platform, _, rest = where.partition(":")
    space, _, channel = rest.rpartition("/")
    return ConversationRef(platform=platform, space=space, channel=channel)


def _workspace_of(house: House, place: ConversationRef, name: str) -> Workspace:
    if not name:
        return options_for(house.store, house.defaults, place).workspace
    known = {choice.name: str(choice.path) for choice in house.settings.workspaces}
    known["default"] = str(house.settings.workspace)
    if name not in known:
        raise MallardError(f"There is no workspace {name!r}. There are: {', '.join(sorted(known))}.")
    return Workspace(id=name, path=known[name])


def _imagined(person: UserRef, place: ConversationRef, workspace: Workspace) -> Run:
    """A run that nobody asked for: what the policy looks at, and nothing more."""
    return Run(
        id=RunId(0), conversation_id=0, where=place, direct=not place.channel, message_id="", asked_by=person, request="",
        workspace=workspace, reasoning=Reasoning.AUTO, debug=False, reflect=False, status=RunStatus.RUNNING,
        created_at=datetime.now(UTC),
    )  # fmt: skip
