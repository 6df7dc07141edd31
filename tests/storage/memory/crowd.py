"""People, channels and workspaces, and what each may find: said once more, in other words than the product's."""

from msgspec import Struct, field
from msgspec.structs import replace

from runtime.memory.records import MemoryId, MemoryScope, Place
from runtime.records import ConversationRef, Reasoning, Run, RunId, UserRef, Workspace
from runtime.states import RunStatus
from tests.storage.desk import DAWN

PEOPLE = (
    UserRef(platform="slack", space="T1", id="U1"),
    UserRef(platform="slack", space="T1", id="U10"),  # begins like another
    UserRef(platform="slack", space="T2", id="U1"),  # is called like another
    UserRef(platform="discord", space="", id="U1"),
)
CHANNELS = (
    ConversationRef(platform="slack", space="T1", channel="C1", thread="1.0"),
    ConversationRef(platform="slack", space="T1", channel="C1", thread="2.0"),
    ConversationRef(platform="slack", space="T1", channel="D1", thread=""),
    ConversationRef(platform="slack", space="T2", channel="C1", thread="1.0"),
    ConversationRef(platform="discord", space="T1", channel="C1", thread="1.0"),
)
WORKSPACES = ("default", "ops")


def run_of(person: UserRef, where: ConversationRef, workspace: str) -> Run:
    return Run(
        id=RunId(1), conversation_id=1, where=where, direct=False, message_id="m", asked_by=person, author_name="",
        request="", attachments=(), workspace=Workspace(id=workspace, path="/"), reasoning=Reasoning.AUTO, debug=False,
        reflect=False, status=RunStatus.RUNNING, created_at=DAWN,
    )  # fmt: skip


class Kept(Struct, frozen=True, kw_only=True):
    """What a memory is known to be. `owner`, `channel` and `workspace` are where it was said; its scope says which counts."""

    id: MemoryId
    text: str
    scope: MemoryScope
    owner: UserRef
    channel: tuple[str, str, str]
    workspace: str
    live: bool = True
    superseded_by: MemoryId | None = None

    def place(self) -> Place:
        match self.scope:
            case MemoryScope.PERSON:
                return Place(self.scope, str(self.owner))
            case MemoryScope.CONVERSATION:
                return Place(self.scope, "{}:{}/{}".format(*self.channel))
            case MemoryScope.WORKSPACE:
                return Place(self.scope, self.workspace)
            case MemoryScope.TEAM:
                return Place(self.scope)


def channel_of(where: ConversationRef) -> tuple[str, str, str]:
    return where.platform, where.space, where.channel


class Crowd(Struct):
    """What was remembered, by whom and where, and who is one person with whom."""

    kept: dict[MemoryId, Kept] = field(default_factory=dict)
    groups: list[set[UserRef]] = field(default_factory=lambda: [{each} for each in PEOPLE])

    def link(self, one: UserRef, other: UserRef) -> bool:
        mine, theirs = self._group(one), self._group(other)
        if mine is theirs:
            return False
        self.groups.remove(theirs)
        mine |= theirs
        return True

    def unlink(self, account: UserRef) -> bool:
        group = self._group(account)
        if len(group) == 1:
            return False
        group.remove(account)
        self.groups.append({account})
        return True

    def _group(self, account: UserRef) -> set[UserRef]:
        return next(group for group in self.groups if account in group)

    def may_find(self, person: UserRef, where: ConversationRef, workspace: str) -> set[MemoryId]:
        """The memories that a run of this person there may find: all of them, and no others."""
        return {
            each.id
            for each in self.kept.values()
            if each.live
            and (
                each.scope is MemoryScope.TEAM
                or (each.scope is MemoryScope.PERSON and self._group(each.owner) is self._group(person))
                or (each.scope is MemoryScope.CONVERSATION and each.channel == channel_of(where))
                or (each.scope is MemoryScope.WORKSPACE and each.workspace == workspace)
            )
        }

    def of_place(self, kept: Kept) -> list[Kept]:
        return [each for each in self.kept.values() if each.live and each.place() == kept.place()]

    def retire(self, memory_id: MemoryId, by: MemoryId) -> None:
        self.kept[memory_id] = replace(self.kept[memory_id], live=False, superseded_by=by)

    def forget(self, memory_id: MemoryId) -> set[MemoryId]:
        """With the versions that it superseded."""
        going, more = set[MemoryId](), {memory_id}
        while more:
            going |= more
            more = {each.id for each in self.kept.values() if each.superseded_by in more} - going
        for each in going:
            del self.kept[each]
        return going
