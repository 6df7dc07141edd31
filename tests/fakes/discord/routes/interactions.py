"""Answers to interactions: one each, within three seconds."""

from typing import Any

from tests.fakes.discord import news
from tests.fakes.discord.composing import composed
from tests.fakes.discord.content import Content
from tests.fakes.discord.interactions import (
    ANSWER,
    AUTOCOMPLETE,
    CHOICES,
    COMMAND,
    DEFER,
    DEFER_UPDATE,
    MODAL,
    SUBMISSION,
    UPDATE,
    Interaction,
    Receipt,
)
from tests.fakes.discord.layout.check import problems_in_modal
from tests.fakes.discord.messages import CONTEXT, EPHEMERAL, LOADING, PLAIN, SLASH, Message
from tests.fakes.discord.modals import Modal
from tests.fakes.discord.refusals import breach, check
from tests.fakes.discord.routes.messages import note_loudness, rewritten, written
from tests.fakes.discord.signatures import CALLBACK, CALLBACK_DATA
from tests.fakes.discord.stage import Asked, Route, Routes, Stage
from tests.fakes.discord.wire import user_json
from tests.fakes.discord.writing import message_json

Json = dict[str, Any]
METHOD = "POST /interactions/{interaction}/{token}/callback"


def callback(stage: Stage, asked: Asked) -> Json | None:
    interaction = stage.interactions.to_answer(asked["interaction"], asked["token"])
    kind, said = asked.body["type"], asked.body.get("data")
    _check_fits(interaction, kind)
    check(CALLBACK_DATA[kind](said, "/data"))
    _answer(stage, asked, interaction, kind, said or {})
    interaction.answer = asked.body
    if interaction.took > stage.interactions.slow:
        stage.record.lapse(METHOD, f"answered after {interaction.took:.1f} s; people wait for it")
    interaction.settle(Receipt(took=interaction.took, body=asked.body))
    return _described(stage, interaction, kind) if asked.query.get("with_response") in ("1", "true") else None


def _check_fits(interaction: Interaction, kind: int) -> None:
    """Which answers an interaction of its kind can have."""
    if (kind == CHOICES) != (interaction.kind == AUTOCOMPLETE):
        raise breach("/type", f"an interaction of type {interaction.kind} cannot be answered with {kind}")
    if kind in (DEFER_UPDATE, UPDATE) and interaction.message is None:
        raise breach("/type", f"type {kind} changes the message of a component, and there is none")
    if kind == MODAL and interaction.kind == SUBMISSION:
        raise breach("/type", "a modal cannot be the answer to a modal")


def _answer(stage: Stage, asked: Asked, interaction: Interaction, kind: int, said: Json) -> None:
    match kind:
        case _ if kind == ANSWER:
            note_loudness(stage, METHOD, said)
            interaction.original = said_to(stage, interaction, asked, said)
        case _ if kind == DEFER:
            flags = LOADING | ((said.get("flags") or 0) & EPHEMERAL)
            interaction.original = _waiting(stage, interaction, flags)
        case _ if kind == DEFER_UPDATE:
            interaction.original = interaction.message
        case _ if kind == UPDATE and interaction.message is not None:
            note_loudness(stage, METHOD, said)
            draft = composed(stage, interaction.channel, asked, body=said, before=interaction.message, at="/data")
            interaction.original = rewritten(stage, interaction.message, draft)
        case _ if kind == MODAL:
            check(problems_in_modal(said))
            modal = Modal(payload=said, channel=interaction.channel, message=interaction.message)
            stage.state.modals[interaction.user.id] = modal


def said_to(stage: Stage, interaction: Interaction, asked: Asked, said: Json, *, at: str = "/data") -> Message:
    """A message that answers: an ephemeral one is for the asker alone, and leaves the token with them."""
    draft = composed(stage, interaction.channel, asked, body=said, at=at)
    return written(stage, interaction.channel, draft, **_marks(stage, interaction, draft.flags))


def _marks(stage: Stage, interaction: Interaction, flags: int) -> Json:
    first = interaction.kind == COMMAND and interaction.original is None
    kind = (CONTEXT if interaction.on_context else SLASH) if first else PLAIN
    asked_by = {
        "id": interaction.id,
        "type": interaction.kind,
        "user": user_json(interaction.user),
        "authorizing_integration_owners": {"0": interaction.channel.guild or "0"},
    }
    return {
        "type": kind,
        "webhook": stage.state.app,
        "asked_by": asked_by,
        "seen_only_by": interaction.user.id if flags & EPHEMERAL else None,
    }


def _waiting(stage: Stage, interaction: Interaction, flags: int) -> Message:
    """“Mallard is thinking…”"""
    message = Message(
        id=stage.state.ids.new(),
        channel=interaction.channel.id,
        author=stage.state.bot.id,
        content=Content(),
        flags=flags,
        **_marks(stage, interaction, flags),
    )
    stage.gateway.tell(news.message_created(stage, stage.state.add_message(message)))
    return message


def _described(stage: Stage, interaction: Interaction, kind: int) -> Json:
    original = interaction.original
    about: Json = {"id": interaction.id, "type": interaction.kind}
    if original is not None:
        about |= {
            "response_message_id": original.id,
            "response_message_loading": original.is_loading,
            "response_message_ephemeral": original.is_ephemeral,
        }
    body: Json = {"interaction": about}
    if kind in (ANSWER, DEFER, UPDATE) and original is not None:
        body["resource"] = {"type": kind, "message": message_json(stage.state, original, origin=stage.origin)}
    elif kind != CHOICES:
        body["resource"] = {"type": kind}
    return body


ROUTES: Routes = {
    METHOD: Route(
        run=callback,
        body=CALLBACK,
        query={"with_response": lambda value: value in ("0", "1", "true", "false")},
        needs_token=False,
    )
}
