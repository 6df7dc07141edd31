"""Where Slack's envelopes meet the rest: one listener for each kind, and each of them acknowledges.

An event or a request is acknowledged when the door has committed it, so there is no moment at which only we know of it.
Where the door cannot commit, Slack sends an event again, and whoever used a command or a shortcut sees that it failed.
Clicks, and commands that only ask something of the door, are acknowledged first and answered then.
"""

import logging
import re
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.response import BoltResponse

from bots.slack import inbound, interactions
from bots.slack.clicks import Clicks
from bots.slack.clients import Clients
from bots.slack.commands import TROUBLE, Commands
from bots.slack.home import HomeTab
from bots.slack.manifest import COMMAND, SHORTCUT
from bots.slack.names import Names
from bots.slack.outages import Outages
from bots.slack.presence import set_session
from bots.slack.settings import Identity
from bots.slack.telling import Telling
from runtime.chores import Chores
from runtime.connection import ConnectionState
from runtime.door import Door
from runtime.errors import MallardError, PlatformError
from runtime.records import ConversationRef, UserRef

log = logging.getLogger(__name__)

Body = Mapping[str, Any]
_ANY = re.compile(r".*", re.DOTALL)


class Listeners:
    def __init__(
        self,
        *,
        door: Door,
        me: Identity,
        clients: Clients,
        clicks: Clicks,
        commands: Commands,
        home: HomeTab,
        names: Names,
        outages: Outages,
        telling: Telling,
        chores: Chores,
        state: ConnectionState,
    ) -> None:
        self._door = door
        self._me = me
        self._clients = clients
        self._clicks = clicks
        self._commands = commands
        self._home = home
        self._names = names
        self._outages = outages
        self._telling = telling
        self._chores = chores
        self._state = state

    def attach(self, app: AsyncApp) -> None:
        app.event("message")(self.heard)
        app.event("app_mention")(self.heard)
        app.event("app_home_opened")(self.home_opened)
        app.event("agent_session_stopped")(self.stopped)
        app.event("app_uninstalled")(self.sent_away)
        app.event("tokens_revoked")(self.sent_away)
        app.event(_ANY)(self.ignored)
        app.command(COMMAND)(self.commanded)
        app.shortcut(SHORTCUT)(self.handed_over)
        app.action(re.compile(r"^mallard:"))(self.clicked)
        app.view(re.compile(r"^mallard:"))(self.submitted)
        for anything in (app.action, app.command, app.shortcut, app.view, app.view_closed, app.options):
            anything(_ANY)(self.ignored)
        app.error(self.failed)

    async def heard(self, event: Body, body: Body) -> None:
        """The door's commit is the first thing that is waited for."""
        self._outages.heard(str(event.get("ts") or 0))
        message = self._read(event, body)
        if message is None:
            return
        await self._door.receive(message)
        self._names.look_up(message.author.id)

    async def clicked(self, ack: AsyncAck, body: Body) -> None:
        await ack()
        if click := interactions.read_click(body, self._me):
            self._names.learn(click.by.id, click.by_name)
            self._chores.spawn(self._clicks.clicked(click), f"click {click.verb}")

    async def submitted(self, ack: AsyncAck, body: Body) -> None:
        click = interactions.read_submission(body, self._me)
        await (ack(response_action="clear") if click and click.is_stacked else ack())
        if click:
            self._chores.spawn(self._clicks.submitted(click), f"form {click.verb}")

    async def commanded(self, ack: AsyncAck, body: Body) -> None:
        command = interactions.read_command(body, self._me)
        try:
            asked = await self._commands.written_down(command)
        except Exception:
            log.exception("what was asked for by a slash command could not be recorded")
            await ack(text=TROUBLE)  # in the acknowledgement itself: nothing can come between
            return
        await ack()
        self._chores.spawn(self._commands.answered(command, asked=asked), "slash command")

    async def handed_over(self, ack: AsyncAck, body: Body) -> None:
        words = await self._commands.hand_over(body)
        await ack()
        if words:
            self._chores.spawn(self._commands.say(words, body), "shortcut")

    async def home_opened(self, event: Body, body: Body) -> None:
        user = UserRef(platform=inbound.PLATFORM, space=self._team_of(event, body), id=str(event["user"]))
        if event.get("tab") == "home":
            self._chores.spawn(self._home.publish(user), "home tab")
        elif event.get("tab") == "messages":
            self._chores.spawn(self._home.suggest(str(event["channel"])), "suggested prompts")

    async def stopped(self, event: Body, body: Body) -> None:
        """Slack's own Stop button. Slack has ended the streams; the session is ours to move."""
        where = inbound.conversation(self._me, str(event["channel"]), str(event.get("thread_ts") or ""))
        by = UserRef(platform=inbound.PLATFORM, space=self._team_of(event, body), id=str(event["user"]))
        page = await self._door.stop(where, by=by)
        said = ". ".join(entry.text for entry in page.entries) or page.note or page.title
        self._chores.spawn(self._confirm_stop(where, by, said), "stop")

    async def sent_away(self, event: Body) -> None:
        tokens = event.get("tokens") or {}
        if event["type"] == "tokens_revoked" and self._me.user not in (tokens.get("bot") or ()):
            return
        words = (
            "the app was removed from the workspace" if event["type"] == "app_uninstalled" else "the token was revoked"
        )
        self._state.end(words)

    async def ignored(self, ack: AsyncAck, body: Body) -> None:
        """Nothing for us, and no reason for Slack to send it again."""
        log.debug("nothing to do for %s", (body.get("event") or {}).get("type") or body.get("type") or "a command")
        await ack()

    async def failed(self, error: Exception) -> BoltResponse:
        """What the door could not commit is sent again by Slack; everything else is acknowledged and logged."""
        if isinstance(error, BoltUnhandledRequestError):
            return BoltResponse(status=200, body="")
        log.error("an envelope could not be handled", exc_info=error)
        return BoltResponse(status=503 if isinstance(error, MallardError | OSError) else 200, body="")

    def _read(self, event: Body, body: Body) -> Any:
        teams = {str(one.get("team_id")) for one in body.get("authorizations") or ()} | {str(body.get("team_id"))}
        if self._me.team not in teams:
            log.warning("an event of another workspace was left alone")
            return None
        name = self._names.find(str(event.get("user", "")))
        return inbound.find_message(event, self._me, name=name, is_shared=inbound.is_shared(body))

    def _team_of(self, event: Body, body: Body) -> str:
        return inbound.team_of(event, self._me, is_shared=inbound.is_shared(body))

    async def _confirm_stop(self, where: ConversationRef, by: UserRef, words: str) -> None:
        try:
            await set_session(self._clients, where.channel, where.thread, "active")
        except PlatformError as error:
            log.info("the session could not be moved: %s", error)
        await self._telling.say(words, to=by, where=where)
