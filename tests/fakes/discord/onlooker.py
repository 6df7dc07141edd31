"""Somebody who looks at Discord: what they can see, and nothing of what they cannot."""

from tests.fakes.discord.messages import Message, Snapshot
from tests.fakes.discord.modals import Modal
from tests.fakes.discord.places import Channel, User
from tests.fakes.discord.stage import Stage

Place = Channel | str
Thread = Message | Snapshot | Channel | str | None


def thread_id(thread: Thread) -> str | None:
    """A thread that was opened from a message has its id."""
    return thread if thread is None or isinstance(thread, str) else thread.id


class Onlooker:
    def __init__(self, stage: Stage, user: User) -> None:
        self._stage = stage
        self._state = stage.state
        self.user = user

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def mention(self) -> str:
        return self.user.mention

    @property
    def dm(self) -> Channel:
        """The direct channel with the bot."""
        return self._state.direct_channel(self.id)

    def sees(self, where: Place, *, thread: Thread = None) -> list[Message]:
        """The messages of a channel or thread, with the ephemeral ones that are for this person."""
        channel = self._channel(where, thread)
        if not self._state.sees(channel, self.id):
            return []
        return list(self._state.visible(channel.id, to=self.id))

    @property
    def ephemerals(self) -> list[Message]:
        return [m for m in self._state.messages if m.seen_only_by == self.id and not m.deleted]

    @property
    def modal(self) -> Modal | None:
        opened = self._state.modals.get(self.id)
        return None if opened is None or opened.closed else opened

    def _open_modal(self) -> Modal:
        assert self.modal is not None, f"{self.name} has no modal open"
        return self.modal

    def _channel(self, where: Place, thread: Thread = None) -> Channel:
        wanted = thread_id(thread) or (where if isinstance(where, str) else where.id)
        channel = self._state.find_channel(wanted)
        assert channel is not None, f"there is no channel or thread {wanted}"
        return channel
