"""Where decisions are made: whatever a person chose, by button or by typing, and the one sentence that they get."""

from msgspec import Struct
from msgspec.structs import replace

from runtime.agent import Agent, Continuation, Outcome
from runtime.cards import card_of
from runtime.closings import closing_in
from runtime.contents import Card
from runtime.grant_terms import EXACTLY, Terms
from runtime.masking import NOTHING_OF_OURS, Masker
from runtime.policy import DECIDERS, Policy
from runtime.ports import Clock
from runtime.questions import option_number, option_verb, options_of
from runtime.record_ports import Record
from runtime.records import (
    ApprovalId,
    ApprovalKind,
    ConversationRef,
    Decision,
    GrantKind,
    GrantScope,
    UserRef,
    Verdict,
)
from runtime.visibility import Visibility


class Settlement(Struct, frozen=True, kw_only=True):
    """What became of one click. `words` is one sentence for the person who clicked, never an error text.

    `card` is the card as it stands after the commit, None where the person may not see it or there is none.
    """

    outcome: Outcome
    words: str
    approval_id: ApprovalId | None = None
    card: Card | None = None


class Desk(Struct, frozen=True, kw_only=True):
    agent: Agent
    record: Record
    clock: Clock
    policy: Policy
    visibility: Visibility
    masker: Masker = NOTHING_OF_OURS

    async def decide(
        self,
        verb: str,
        approval_id: ApprovalId,
        *,
        by: UserRef,
        by_name: str,
        where: ConversationRef,
        comment: str,
        scope: GrantScope | None = None,
        terms: Terms = EXACTLY,
    ) -> Settlement:
        """Do what a verb says. `scope` is for whom "always" counts, for the requester where it is None; `terms` are for what
        and for how long."""
        place = where.written_channel
        if verb == "again":
            done = await self.agent.ask_again(approval_id, by, by_name, where=place)
        else:
            always = verb == "always"
            if option_number(verb):
                verb, comment = Verdict.ANSWER, self._option(approval_id, verb)
            if not always and verb not in tuple(Verdict):
                return Settlement(outcome=Outcome.UNKNOWN, words="I do not know this button.")
            decision = Decision(
                verdict=Verdict.APPROVE if always else Verdict(verb),
                by=by,
                by_name=by_name,
                grant=(scope or _USUAL_SCOPE[terms.kind]) if always else None,
                comment=comment,
                at=self.clock.now(),
                where=place,
            )
            done = await self.agent.continue_after_approval(approval_id, decision, terms=terms)
        card, closing = None, ""
        if done.approval is not None:
            card = await self.find_card(approval_id, by)
            closing = closing_in(done.approval, self.record.load_run(done.approval.run_id))
        words = self.masker.mask(_words(done, by, closing))
        return Settlement(outcome=done.outcome, words=words, approval_id=approval_id, card=card)

    def _option(self, approval_id: ApprovalId, verb: str) -> str:
        """The words of an option, as the record has them: no click says them. "" where there is no such option."""
        approval = self.record.find_approval(approval_id)
        if approval is None or approval.kind is not ApprovalKind.QUESTION:
            return ""
        call = self.record.load_run(approval.run_id).find_call(approval.call_id)
        offered = options_of(call) if call else ()
        return dict(zip(map(option_verb, range(1, len(offered) + 1)), offered, strict=True)).get(verb, "")

    async def find_card(self, approval_id: ApprovalId, by: UserRef, *, reveal: bool = False) -> Card | None:
        """The card as it stands, None where there is none that the person may see.

        `reveal` shows what is masked in it, to those who may decide: a card like that is for their eyes alone.
        """
        approval = self.record.find_approval(approval_id)
        if approval is None:
            return None
        run = self.record.load_run(approval.run_id)
        decides = self.policy.may_decide(approval.requirement, run.asked_by, by)
        if not decides and not await self.visibility.may_see(
            by, asked_by=run.asked_by, where=run.where, direct=run.direct
        ):
            return None
        call = run.find_call(approval.call_id)
        if call is None:
            return None
        installation = self.record.installation
        card = card_of(approval, run, call, installation=installation, masker=self.masker, reveal=reveal and decides)
        return replace(card, closing=self.masker.mask(closing_in(approval, run)))


_USUAL_SCOPE = {
    GrantKind.EXACT: GrantScope.PERSON,
    GrantKind.PREFIX: GrantScope.PERSON,
    GrantKind.TOOL: GrantScope.CONVERSATION,
}


def _words(done: Continuation, by: UserRef, closing: str) -> str:
    """One sentence for whoever decided. `closing` is how the approval ended."""
    match done.outcome:
        case Outcome.DECIDED if done.approval is not None:
            return closing if closing.endswith(".") else f"{closing}."
        case Outcome.ALREADY_DECIDED if done.approval is not None:
            return f"This was settled before you: {closing}"
        case Outcome.EXPIRED if done.approval is not None:
            return f"{closing} “Ask again” makes a new card."
        case Outcome.ASKED_AGAIN:
            return "Asked again: there is a new card."
        case Outcome.NOT_ALLOWED if done.approval is not None:
            late = f" It is settled already: {closing}" if closing else ""
            return f"Only {DECIDERS[done.approval.requirement]} can decide this; you are {by}.{late}"
        case _:
            return done.why or "I do not know this approval any more."
