"""Somebody who looks at Slack: what they can see, and nothing of what they cannot."""

from tests.fakes.pulse import Pulse
from tests.fakes.slack.messages import Message, Snapshot
from tests.fakes.slack.places import Channel, User
from tests.fakes.slack.stage import Stage
from tests.fakes.slack.views import View

Place = Channel | str
Thread = Message | Snapshot | str | None


def thread_ts(thread: Thread) -> str | None:
    match thread:
        case Message():
            return thread.thread
        case Snapshot():
            return thread.thread_ts or thread.ts
        case _:
            return thread


class Onlooker:
    def __init__(self, stage: Stage, pulse: Pulse, user: User) -> None:
        self._stage = stage
        self._state = stage.state
        self._pulse = pulse
        self.user = user

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    @property
    def dm(self) -> Channel:
        """The direct channel with the bot."""
        return self._state.direct_channel(self.id)

    def sees(self, where: Place, *, thread: Thread = None) -> list[Message]:
        """The messages of a channel or thread, with the ephemeral ones that are for this person."""
        root = thread_ts(thread)
        channel = self._channel(where)
        return [m for m in self._state.visible(channel.id, to=self.id) if root is None or m.thread == root]

    @property
    def ephemerals(self) -> list[Message]:
        return [m for m in self._state.messages if m.seen_only_by == self.id and not m.deleted]

    @property
    def modal(self) -> View | None:
        stack = self._state.modals.get(self.id)
        return stack[-1] if stack else None

    @property
    def home(self) -> View | None:
        return self._state.homes.get(self.id)

    def _open_modal(self) -> View:
        assert self.modal is not None, f"{self.user.name} has no modal open"
        return self.modal

    def _channel(self, where: Place) -> Channel:
        return where if isinstance(where, Channel) else self._state.channels[where]
