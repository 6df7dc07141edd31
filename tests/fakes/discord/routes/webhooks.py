"""What follows an answer, with the interaction's token, for fifteen minutes."""

from typing import Any

from msgspec.structs import replace

from tests.fakes.discord import news
from tests.fakes.discord.composing import composed
from tests.fakes.discord.interactions import Interaction
from tests.fakes.discord.messages import EPHEMERAL, LOADING, Message
from tests.fakes.discord.refusals import Refusal
from tests.fakes.discord.routes.interactions import said_to
from tests.fakes.discord.routes.messages import note_loudness, rewritten
from tests.fakes.discord.signatures import EDIT_MESSAGE, FOLLOW_UP
from tests.fakes.discord.stage import Asked, Route, Routes, Stage
from tests.fakes.discord.writing import message_json

Json = dict[str, Any]


def follow(stage: Stage, asked: Asked) -> Json:
    """A further message; after a deferral the first one takes the place of the waiting."""
    interaction = _interaction(stage, asked)
    note_loudness(stage, "POST /webhooks/{application}/{token}", asked.body)
    waiting = interaction.original
    if waiting is not None and waiting.is_loading:
        return _shown(stage, _filled(stage, interaction, asked, waiting))
    message = said_to(stage, interaction, asked, asked.body, at="")
    if interaction.original is None:
        interaction.original = message
    return _shown(stage, message)


def edit(stage: Stage, asked: Asked) -> Json:
    interaction = _interaction(stage, asked)
    message = _message(stage, interaction, asked["message"])
    note_loudness(stage, "PATCH /webhooks/{application}/{token}/messages/{message}", asked.body)
    return _shown(stage, _filled(stage, interaction, asked, message))


def read(stage: Stage, asked: Asked) -> Json:
    return _shown(stage, _message(stage, _interaction(stage, asked), asked["message"]))


def delete(stage: Stage, asked: Asked) -> None:
    message = _message(stage, _interaction(stage, asked), asked["message"])
    message.deleted = True
    stage.gateway.tell(news.message_gone(stage, message))


def _interaction(stage: Stage, asked: Asked) -> Interaction:
    return stage.interactions.to_follow(stage.state.app, asked["application"], asked["token"])


def _filled(stage: Stage, interaction: Interaction, asked: Asked, message: Message) -> Message:
    """It says this from now on; whether it is ephemeral was decided with the first answer."""
    draft = composed(stage, interaction.channel, asked, before=None if message.is_loading else message)
    flags = draft.flags & ~(LOADING | EPHEMERAL) | (EPHEMERAL if message.is_ephemeral else 0)
    return rewritten(stage, message, replace(draft, flags=flags))


def _message(stage: Stage, interaction: Interaction, name: str) -> Message:
    """The first answer, or one that followed; none of another interaction's."""
    message = interaction.original if name == "@original" else stage.state.find_message(name)
    if message is None or message.deleted or message.channel != interaction.channel.id:
        raise Refusal(10008, name)
    if (
        name != "@original"
        and (message.asked_by or {}).get("id") != interaction.id
        and message is not interaction.message
    ):
        raise Refusal(10008, name)
    return message


def _shown(stage: Stage, message: Message) -> Json:
    return message_json(stage.state, message, origin=stage.origin)


_THREAD = {"thread_id": str.isdigit, "with_components": lambda value: value in ("true", "false", "1", "0")}

ROUTES: Routes = {
    "POST /webhooks/{application}/{token}": Route(
        run=follow,
        body=FOLLOW_UP,
        query={"wait": lambda value: value in ("true", "false", "1", "0"), **_THREAD},
        needs_token=False,
        bucket="follow-up",
    ),
    "GET /webhooks/{application}/{token}/messages/{message}": Route(
        run=read, query=_THREAD, needs_token=False, bucket="follow-up-read"
    ),
    "PATCH /webhooks/{application}/{token}/messages/{message}": Route(
        run=edit, body=EDIT_MESSAGE, query=_THREAD, needs_token=False, bucket="follow-up-edit"
    ),
    "DELETE /webhooks/{application}/{token}/messages/{message}": Route(
        run=delete, query=_THREAD, needs_token=False, bucket="follow-up-delete"
    ),
}
