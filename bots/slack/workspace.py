"""One started workspace: everything put together, and taken apart again."""

from typing import Self

from bots.slack import credentials
from bots.slack.catchup import CatchUp
from bots.slack.clicks import Clicks
from bots.slack.clients import Clients
from bots.slack.commands import Commands
from bots.slack.connection import Connection
from bots.slack.home import HomeTab
from bots.slack.inbound import PLATFORM
from bots.slack.ledger import StreamLedger
from bots.slack.listeners import Listeners
from bots.slack.membership import Membership
from bots.slack.names import Names
from bots.slack.outages import Outages
from bots.slack.posting import Posting
from bots.slack.settings import Identity, SlackSettings
from bots.slack.streaming import Studio
from bots.slack.telling import Telling
from runtime.chores import Chores
from runtime.connection import ConnectionState
from runtime.door import Door
from runtime.gaps import Gaps
from runtime.ports import Clock


class Workspace:
    def __init__(
        self, settings: SlackSettings, clock: Clock, state: ConnectionState, door: Door, clients: Clients, me: Identity
    ) -> None:
        self._settings = settings
        self._chores = Chores(PLATFORM)
        ledger = StreamLedger()
        self.clients = clients
        names = Names(clients, self._chores, patience=settings.name_patience)
        self.posting = Posting(clients, me, ledger, names)
        self.membership = Membership(clients, me)
        self.studio = Studio(clients, self.posting, settings, self._chores, ledger)
        self.catch_up = CatchUp(clients, me, settings, clock)
        outages = Outages(
            Gaps(PLATFORM, door, self._chores),
            door,
            self.catch_up,
            self._chores,
            start=clock.now(),
            retry_pause=settings.retry_pause,
        )
        self.connection = Connection(settings, clients, me, state, self._chores, outages)
        telling = Telling(clients, self.membership, names)
        home = HomeTab(door, clients, me, names)
        listeners = Listeners(
            door=door,
            me=me,
            clients=clients,
            clicks=Clicks(door, clients, self.posting, self.membership, telling, home, names),
            commands=Commands(door, me, telling),
            home=home,
            names=names,
            outages=outages,
            telling=telling,
            chores=self._chores,
            state=state,
        )
        listeners.attach(self.connection.app)

    @classmethod
    async def enter(cls, settings: SlackSettings, clock: Clock, state: ConnectionState, door: Door) -> Self:
        """Check the credentials and connect. Raises SettingsError, and leaves nothing open then."""
        clients = Clients.open(settings)
        try:
            me = await credentials.identify(clients)
            workspace = cls(settings, clock, state, door, clients, me)
            try:
                await workspace.connection.open()
            except BaseException:
                await workspace.leave()
                raise
        except BaseException:
            await clients.close()
            raise
        return workspace

    async def leave(self) -> None:
        await self.connection.close()
        await self._chores.finish(self._settings.stop_patience)
        await self.clients.close()
