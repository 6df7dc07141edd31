"""However many answers are written at once, together they call Slack no oftener than it allows. Time is moved by hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bots.slack import SlackSettings, credentials
from bots.slack.answering import Airtime, Answer
from bots.slack.clients import Clients
from bots.slack.ledger import StreamLedger
from bots.slack.names import Names
from bots.slack.posting import Posting
from runtime.chores import Chores
from runtime.records import MessageRef
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import quick
from tests.platforms.on_slack.threads import Thread

ANSWERS, FLUSHES = 4, 5


class Watch:
    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@asynccontextmanager
async def desk(slack: Slack, watch: Watch, **budgets: int) -> AsyncIterator[Callable[[Thread], Answer]]:
    """Begins answers that share their airtime."""
    settings = quick(slack, **budgets)
    clients = Clients.open(settings)
    ledger, airtime = StreamLedger(), Airtime(settings, watch)
    posting = Posting(
        clients, await credentials.identify(clients), ledger, Names(clients, Chores("slack"), patience=1.0)
    )

    async def on_posted(message: MessageRef) -> None:
        """Nobody keeps it."""

    def begin(thread: Thread) -> Answer:
        return Answer(
            thread.request(), "answer-3", on_posted, clients=clients, posting=posting, ledger=ledger, airtime=airtime
        )

    try:
        yield begin
    finally:
        await clients.close()


@pytest.mark.mistake(21)
def test_the_defaults_stay_below_what_slack_allows() -> None:
    """Slack's pages of these methods: chat.update is Tier 3, 50 and more a minute; chat.appendStream Tier 4, 100 and more;
    chat.startStream and chat.stopStream Tier 2, 20 and more. Cards need some edits, and a message changes once a second."""
    defaults = SlackSettings(bot_token="xoxb-1", app_token="xapp-1")

    assert defaults.flush_interval >= 1.0
    assert 0 < defaults.edits <= 40
    assert 0 < defaults.stream_appends <= 100
    assert 0 < defaults.stream_starts <= 20


@pytest.mark.mistake(21)
@pytest.mark.parametrize(
    ("method", "budgets"),
    [
        ("chat.update", {"stream_starts": 0, "edits": 3}),
        ("chat.appendStream", {"stream_starts": ANSWERS, "stream_appends": 3}),
    ],
)
async def test_answers_that_grow_at_once_share_one_budget_and_lose_nothing(
    slack: Slack, thread: Thread, method: str, budgets: dict[str, int]
) -> None:
    alice, watch = slack.person("UALICE"), Watch()
    threads = [Thread(slack, thread.channel, await alice.says(thread.channel, str(n))) for n in range(ANSWERS)]
    async with desk(slack, watch, **budgets) as begin:
        answers = [begin(each) for each in threads]
        for number in range(1 + FLUSHES):
            for answer in answers:
                answer.add(f"word {number}. ")
                await answer.flush()
            watch.at += 1
        assert len(slack.record.calls_of(method)) == 3

        watch.at += 60
        for answer in answers:
            await answer.flush()
        assert len(slack.record.calls_of(method)) == 6

        whole = "".join(f"word {number}. " for number in range(1 + FLUSHES))
        for answer in answers:
            assert await answer.finish(whole)

    assert [[message.text for message in each.answers] for each in threads] == [[whole]] * ANSWERS
