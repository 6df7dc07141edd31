"""A bare slack-bolt app on the loopback: what a test of the loopback itself talks with."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from msgspec import Struct
from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.record import Capture
from tests.fakes.slack.httpmode import SIGNING_SECRET
from tests.fakes.slack.loopback import Slack
from tests.fakes.slack.person import Person
from tests.fakes.slack.places import Channel
from tests.fakes.slack.state import BOT


class Pond(Struct, frozen=True, kw_only=True):
    """A loopback with an app connected to it, a channel, and a person in the channel."""

    slack: Slack
    app: AsyncApp
    client: AsyncWebClient
    handler: AsyncSocketModeHandler
    alice: Person
    channel: Channel


def web_client(slack: Slack) -> AsyncWebClient:
    """As the writing client of an app must be: nothing is sent twice by itself."""
    return AsyncWebClient(token=slack.bot_token, base_url=slack.base_url, retry_handlers=[])


async def error_of(call: Awaitable[Any]) -> str:
    """The error that Slack answered with; an AssertionError if it answered ok."""
    try:
        await call
    except SlackApiError as refusal:
        return str(refusal.response["error"])
    raise AssertionError("Slack took it")


def bolt_app(slack: Slack) -> AsyncApp:
    async def authorize(enterprise_id: str | None, team_id: str, user_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=slack.bot_token,
            bot_id=BOT.bot_id,
            bot_user_id=BOT.id,
        )

    app = AsyncApp(
        client=AsyncWebClient(base_url=slack.base_url, retry_handlers=[]),
        authorize=authorize,
        signing_secret=SIGNING_SECRET,
        raise_error_for_unhandled_request=True,
    )

    async def acknowledged(error: Exception) -> BoltResponse:
        return BoltResponse(status=200, body="")

    app.error(acknowledged)
    return app


@asynccontextmanager
async def pond_with_app(*, capture: Capture | None = None) -> AsyncIterator[Pond]:
    async with Slack(capture=capture) as slack:
        app = bolt_app(slack)
        handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.1)
        await handler.connect_async()
        await slack.connected()
        alice = slack.person("UALICE", name="alice")
        channel = slack.channel("pond", members=[alice])
        try:
            yield Pond(
                slack=slack,
                app=app,
                client=web_client(slack),
                handler=handler,
                alice=alice,
                channel=channel,
            )
        finally:
            await handler.close_async()
