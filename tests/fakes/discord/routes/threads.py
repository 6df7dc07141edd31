"""Threads: opened from messages, whose id they then have; found, joined, changed."""

from typing import Any

from tests.fakes.discord import news
from tests.fakes.discord.content import Content
from tests.fakes.discord.messages import HAS_THREAD, THREAD_STARTER, Message
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.places import ANNOUNCEMENT, ANNOUNCEMENT_THREAD, PUBLIC_THREAD, WITH_THREADS, Channel
from tests.fakes.discord.refusals import Refusal
from tests.fakes.discord.signatures import EDIT_CHANNEL, START_THREAD
from tests.fakes.discord.stage import Asked, Route, Routes, Stage
from tests.fakes.discord.wire import channel_json, thread_member_json

Json = dict[str, Any]


def start(stage: Stage, asked: Asked) -> Json:
    """From a message; the thread's id is the message's."""
    state = stage.state
    message = state.message(asked["channel"], asked["message"])
    parent = state.channels[message.channel]
    if parent.type not in WITH_THREADS:
        raise Refusal(50024, "no threads here")
    state.require(parent, Permission.CREATE_PUBLIC_THREADS)
    if message.flags & HAS_THREAD:
        raise Refusal(160004)
    if sum(1 for _ in state.threads_of(parent.guild or "")) >= state.most_active_threads:
        raise Refusal(160006)
    thread = opened(stage, message, name=asked.body["name"], by=state.bot.id)
    return channel_json(state, thread)


def opened(stage: Stage, message: Message, *, name: str, by: str) -> Channel:
    """A thread below the message, with the note at its head that Discord puts there."""
    state, parent = stage.state, stage.state.channels[message.channel]
    thread = Channel(
        id=message.id,
        type=ANNOUNCEMENT_THREAD if parent.type == ANNOUNCEMENT else PUBLIC_THREAD,
        name=name,
        guild=parent.guild,
        parent=parent.id,
        owner=by,
        members={by},
    )
    state.channels[thread.id] = thread
    message.flags |= HAS_THREAD
    stage.gateway.tell(news.channel_changed(stage, "THREAD_CREATE", thread, newly_created=True))
    stage.gateway.tell(news.message_changed(stage, message))
    head = Message(
        id=state.ids.new(),
        channel=thread.id,
        author=by,
        content=Content(),
        type=THREAD_STARTER,
        reference={"type": 0, "message_id": message.id, "channel_id": parent.id, "guild_id": parent.guild},
    )
    stage.gateway.tell(news.message_created(stage, state.add_message(head)))
    return thread


def change(stage: Stage, asked: Asked) -> Json:
    """Of a thread; the bot may change its own, others with Manage Threads. Channels it leaves alone."""
    channel = stage.state.channel(asked["channel"])
    if not channel.is_thread:
        raise Refusal(50013, "MANAGE_CHANNELS")
    if channel.owner != stage.state.bot.id or "locked" in asked.body:
        stage.state.require(channel, Permission.MANAGE_THREADS)
    channel.name = asked.body.get("name", channel.name)
    channel.archived = asked.body.get("archived", channel.archived)
    channel.locked = asked.body.get("locked", channel.locked)
    stage.gateway.tell(news.channel_changed(stage, "THREAD_UPDATE", channel))
    return channel_json(stage.state, channel)


def member(stage: Stage, asked: Asked) -> Json:
    thread = _thread(stage, asked)
    user = stage.state.bot.id if asked["user"] == "@me" else asked["user"]
    if user not in thread.members:
        raise Refusal(10007)
    return thread_member_json(thread, user)


def join(stage: Stage, asked: Asked) -> None:
    _thread(stage, asked).members.add(stage.state.bot.id)


def _thread(stage: Stage, asked: Asked) -> Channel:
    channel = stage.state.channel(asked["channel"])
    if not channel.is_thread:
        raise Refusal(50024, "that is no thread")
    return channel


ROUTES: Routes = {
    "POST /channels/{channel}/messages/{message}/threads": Route(run=start, body=START_THREAD, bucket="thread"),
    "PATCH /channels/{channel}": Route(run=change, body=EDIT_CHANNEL, bucket="channel"),
    "GET /channels/{channel}/thread-members/{user}": Route(
        run=member, query={"with_member": lambda value: value in ("true", "false")}, bucket="thread-members"
    ),
    "PUT /channels/{channel}/thread-members/@me": Route(run=join, bucket="thread-members"),
}
