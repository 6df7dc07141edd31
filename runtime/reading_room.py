"""Histories, pending approvals and timelines for one person: each sees what they may see, and no more."""

from msgspec import Struct
from msgspec.structs import replace

from runtime.archive import Archive
from runtime.contents import Page
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.pages import PAGE, history_page, pending_page, timeline_of
from runtime.policy import Policy
from runtime.proposals import PendingLine, RunLine, RunQuery
from runtime.records import Approval, ApprovalId, ConversationRef, Run, RunId, UserRef
from runtime.visibility import Visibility

_BATCH, _MOST = 60, 600  # runs looked at for one page: a page of a busy installation must not read all of it
MOST_PENDING = 20  # on one page


class Reader(Struct, frozen=True, kw_only=True):
    """Who looks, and from where. `direct`: nobody else reads the answer."""

    person: UserRef
    where: ConversationRef
    direct: bool


class ReadingRoom(Struct, frozen=True, kw_only=True):
    record: Archive
    policy: Policy
    visibility: Visibility
    masker: Masker = NOTHING_OF_OURS

    async def history(self, reader: Reader, *, before: int | None, after: int | None) -> Page:
        """In private what the person may see of everything, elsewhere the runs of that conversation alone."""
        found, looked_at = await self._visible(reader, before=before, after=after)
        shown = found[:PAGE] if after is None else found[-PAGE:]
        more = len(found) > PAGE
        page = history_page(
            shown,
            newer=before is not None or (after is not None and more),
            older=more if after is None else True,
            title="History" if reader.direct else "History of this conversation",
            masker=self.masker,
        )
        if looked_at is None or more:
            return page
        far = f"history {'before' if after is None else 'after'} {looked_at}"
        note = f"These are the ones that you may see among {_MOST} runs; there are more to look through."
        return replace(page, note=note, older=far) if after is None else replace(page, note=note, newer=far)

    async def _visible(
        self, reader: Reader, *, before: int | None, after: int | None
    ) -> tuple[list[RunLine], int | None]:
        """One more than a page, newest first; and the last run that was looked at, where there are more behind it."""
        conversation_id = None
        if not reader.direct:
            known = self.record.find_conversation(reader.where)
            if known is None:
                return [], None
            conversation_id = known.id
        found: list[RunLine] = []
        looked_at: int | None = None
        for _ in range(_MOST // _BATCH):
            query = RunQuery(conversation_id=conversation_id, before=before, after=after, limit=_BATCH)
            lines = self.record.list_runs(query)
            seen = [line for line in lines if await self._sees(reader, line)]
            found = [*found, *seen] if after is None else [*seen, *found]
            if len(found) > PAGE or len(lines) < _BATCH:
                looked_at = None
                break
            looked_at = lines[-1].id if after is None else lines[0].id
            before, after = (looked_at, None) if after is None else (None, looked_at)
        return (found[: PAGE + 1] if after is None else found[-PAGE - 1 :]), looked_at

    async def _sees(self, reader: Reader, run: RunLine | Run) -> bool:
        if not reader.direct and run.where != reader.where:
            return False
        return await self.visibility.may_see(reader.person, asked_by=run.asked_by, where=run.where, direct=run.direct)

    async def pending(self, reader: Reader) -> Page:
        """In private every approval that the person asked for or may decide, elsewhere those of the conversation."""
        conversation_id = None
        if not reader.direct:
            known = self.record.find_conversation(reader.where)
            conversation_id = known.id if known else -1
        lines = await self.record.scan_pending(conversation_id=conversation_id)
        concerning = [line for line in lines if not reader.direct or self._concerns(reader, line)]
        # A person's own are not hidden behind those of others.
        roles = self.policy.roles
        first = sorted(concerning, key=lambda line: not roles.are_same(line.asked_by, reader.person))[:MOST_PENDING]
        pairs = [self._pair(number) for number in sorted(line.id for line in first)]
        shown = [pair for pair in pairs if pair is not None]
        page = pending_page(shown, installation=self.record.installation, masker=self.masker)
        more = len(concerning) - len(first)
        return replace(page, note=f"{more} more wait that are not shown here. {page.note}") if more else page

    def _pair(self, approval_id: ApprovalId) -> tuple[Approval, Run] | None:
        approval = self.record.find_approval(approval_id)
        return None if approval is None else (approval, self.record.load_run(approval.run_id))

    def _concerns(self, reader: Reader, line: PendingLine) -> bool:
        roles = self.policy.roles
        if roles.are_same(line.asked_by, reader.person) or roles.is_admin(reader.person):
            return True
        return self.policy.may_decide(line.requirement, line.asked_by, reader.person)

    async def run(self, reader: Reader, number: int, *, after: int) -> Page:
        """A run's timeline. One that may not be seen, or does not exist, is told apart from neither."""
        run = self.record.find_run(RunId(number))
        if run is None or not await self._sees(reader, run):
            note = "There is no such run, or you may not see it here." + (
                "" if reader.direct else " Ask me in a direct message to see runs of other conversations."
            )
            return Page(title=f"Run {number}", entries=(), note=note)
        return timeline_of(self.record, run, after=after, masker=self.masker)
