"""A run's live presence on Slack: its status line and session above, the answer being written below."""

from functools import partial

from bots.slack.answering import Airtime, Answer
from bots.slack.clients import Clients
from bots.slack.ledger import StreamLedger
from bots.slack.posting import Posting
from bots.slack.presence import Presence, Signs
from bots.slack.settings import SlackSettings
from runtime.chores import Chores
from runtime.ports import StreamRequest
from runtime.streaming import LiveStream


class Studio:
    """Opens streams, and holds what they share."""

    def __init__(
        self, clients: Clients, posting: Posting, settings: SlackSettings, chores: Chores, ledger: StreamLedger
    ) -> None:
        self._clients = clients
        self._posting = posting
        self._settings = settings
        self._chores = chores
        self._ledger = ledger
        self._signs = Signs()
        self._airtime = Airtime(settings)

    def open(self, request: StreamRequest) -> LiveStream:
        return LiveStream(
            answer_of=partial(
                Answer,
                request,
                clients=self._clients,
                posting=self._posting,
                ledger=self._ledger,
                airtime=self._airtime,
            ),
            sign=Presence(request, self._clients, self._settings, self._chores, self._signs),
            chores=self._chores,
            flush_interval=self._settings.flush_interval,
        )
