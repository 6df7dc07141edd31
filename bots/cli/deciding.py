"""`mallard approvals`: the same door that every click comes through, as the person at this machine."""

from bots.cli.holding import is_any_open
from bots.cli.indoors import in_house
from bots.cli.printing import print_json, print_table, write_age
from bots.house import House
from bots.terminal.platform import NAME, local_user
from bots.terminal.wording import in_local_time, write_card, write_time
from runtime.agent import Outcome
from runtime.commands import Decide, read_command
from runtime.contents import Card
from runtime.door import Settlement
from runtime.errors import MallardError
from runtime.records import ApprovalId, ConversationRef, Run
from runtime.showing import begun
from runtime.states import RunStatus
from runtime.tokens import Token

_HERE = ConversationRef(platform=NAME, channel="cli")
_DONE = frozenset({Outcome.DECIDED, Outcome.ASKED_AGAIN})


def list_pending(*, as_json: bool) -> None:
    async def read(house: House) -> list[Card]:
        return [house.envelopes.card(line.id) for line in await house.store.scan_pending()]

    cards = in_house(read)
    if as_json:
        print_json(_as_json(card) for card in cards)
        return
    print_table(
        ("approval", "run", "what", "risk", "asked by", "when", "expires"),
        (
            (
                str(card.approval_id), str(card.run_id), begun(_summary(card), 70), card.risk.value,
                card.requested_by, write_age(card.requested_at),
                write_time(card.expires_at) if card.expires_at else "never",
            )
            for card in cards
        ),
        empty="Nothing waits for a decision.",
    )  # fmt: skip
    if cards:
        print("1 approval waits for a decision." if len(cards) == 1 else f"{len(cards)} approvals wait for a decision.")


def show(number: int) -> None:
    """Print a card, whole: to whom may decide it, with what is masked in it. Raises NotFound where there is none."""

    async def read(house: House) -> Card:
        whole = await house.door.read_card(house.door.token_of(ApprovalId(number), "show"), by=local_user())
        return whole or house.envelopes.card(ApprovalId(number))

    print(write_card(in_house(read), whole=True, in_shell=True))


def decide(number: int, verb: str, words: str) -> int:
    """Settle an approval, and say what became of it. The exit status: 1 where nothing was decided by this."""

    async def click(house: House) -> int:
        token = Token(installation=house.store.installation, approval_id=ApprovalId(number), verb=verb)
        user = local_user()
        return _tell(house, await house.door.click(str(token), by=user, by_name=user.id, where=_HERE, comment=words))

    return in_house(click)


def allow(number: int, terms: str) -> int:
    """The same for "always", with what it allows. Raises MallardError for `terms` that are none."""
    said = read_command(f"always {number} {terms}")
    if not isinstance(said, Decide) or said.number is None:
        raise MallardError(
            f"{terms!r} are not terms: write them as `help` in a chat shows, for example `prefix for 8h`."
        )

    async def say(house: House) -> int:
        user = local_user()
        return _tell(house, await house.door.allow(said, by=user, by_name=user.id, where=_HERE))

    return in_house(say)


def _tell(house: House, settlement: Settlement) -> int:
    print(in_local_time(settlement.words))
    if settlement.outcome is Outcome.DECIDED and settlement.card is not None:
        print(_what_follows(house, house.store.load_run(settlement.card.run_id)))
    return 0 if settlement.outcome in _DONE else 1


def _what_follows(house: House, run: Run) -> str:
    """Who goes on with the run, as far as can be told: which platforms another process serves is on no record."""
    pending = house.store.list_pending(run_id=run.id) if run.status is RunStatus.WAITING else ()
    if pending:
        return f"Run {run.id} still waits: for approval {', '.join(map(str, pending))}."
    platform, start = run.where.platform, "mallard chat" if run.where.platform == NAME else "mallard up"
    served = is_any_open(house.settings.database) if platform == NAME else not house.store.is_alone
    if not served:
        return f"Run {run.id} goes on once a process serves {platform}: start `{start}`."
    unsure = "" if platform == NAME else f" Where none does, start `{start}`."
    return f"Run {run.id} goes on in the process that serves {platform}.{unsure}"


def _summary(card: Card) -> str:
    return f"{card.tool} " + ", ".join(f"{argument.name}={argument.text}" for argument in card.arguments)


def _as_json(card: Card) -> dict[str, object]:
    return {
        "id": card.approval_id,
        "run": card.run_id,
        "kind": card.kind,
        "tool": card.tool,
        "arguments": {argument.name: argument.text for argument in card.arguments},
        "risk": card.risk,
        "requirement": card.requirement,
        "asked_by": card.requested_by,
        "claim": card.claim,
        "digest": card.digest,
        "requested_at": card.requested_at,
        "expires_at": card.expires_at,
    }
