"""The door: what adapters, the terminal and the command line call. It writes facts and returns; it runs nothing."""

from dataclasses import dataclass
from enum import StrEnum

from runtime.contents import Card, Page
from runtime.records import ApprovalId, ConversationRef, IncomingMessage, UserRef


class Outcome(StrEnum):
    DECIDED = "decided"
    ALREADY_DECIDED = "already_decided"
    EXPIRED = "expired"
    ASKED_AGAIN = "asked_again"
    NOT_ALLOWED = "not_allowed"
    NOT_POSSIBLE = "not_possible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What became of one click. `words` is one sentence for the person who clicked, never an error text.

    `card` is the card as it stands after the commit, None where the person may not see it or there is none.
    """

    outcome: Outcome
    words: str
    approval_id: ApprovalId | None = None
    card: Card | None = None


class Door:
    """Where people come in. Everything it says about a run, it says to those only who may see it."""

    async def receive(self, message: IncomingMessage) -> None:
        """Commit a message, then return: as a run, or as the command of the door that it is (`stop`, `help` …).

        Receiving a message twice is receiving it once. Whatever is to be said comes as a delivery.
        """
        raise NotImplementedError

    async def click(
        self, token: str, *, by: UserRef, by_name: str, where: ConversationRef, comment: str = ""
    ) -> Settlement:
        """Take a button's token and do what its verb says: approve, always, deny, change, mark_done, mark_failed,
        retry, again. A refused click is recorded. `show` is not for here: see `read_card`."""
        raise NotImplementedError

    async def read_card(self, token: str, *, by: UserRef) -> Card | None:
        """The whole card behind a token, for "show everything" and for modals; None where the person may not see it."""
        raise NotImplementedError

    async def stop(self, where: ConversationRef, *, by: UserRef) -> Page:
        """Stop what runs in this conversation; say what was stopped, or what was not and why."""
        raise NotImplementedError

    async def read_page(self, token: str, *, by: UserRef, where: ConversationRef, direct: bool) -> Page:
        """A page by the token of an entry or neighbour, or by a command: `history`, `pending`, `run 42`, `options`, `help`.

        `direct` says that only `by` will read the answer (a DM, an ephemeral, the terminal, App Home).
        """
        raise NotImplementedError

    async def set_option(self, where: ConversationRef, name: str, value: str, *, by: UserRef) -> Page:
        """Change an option of the conversation; the page says what holds now, or what was wrong."""
        raise NotImplementedError
