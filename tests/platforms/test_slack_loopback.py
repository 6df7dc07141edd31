"""The loopback Slack against the real slack-bolt and slack-sdk."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from slack_bolt import BoltResponse
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.slack import BOT, Channel, Person, Slack

QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


@dataclass
class Pond:
    """A loopback with an app connected to it, a channel and a person."""

    slack: Slack
    app: AsyncApp
    client: AsyncWebClient
    handler: AsyncSocketModeHandler
    alice: Person
    channel: Channel


def bolt_app(slack: Slack) -> AsyncApp:
    async def authorize(enterprise_id: str, team_id: str, user_id: str) -> AuthorizeResult:
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
        raise_error_for_unhandled_request=True,
    )

    @app.error
    async def on_error(error: Exception) -> BoltResponse:
        return BoltResponse(status=200, body="")

    return app


@pytest.fixture
async def pond() -> AsyncIterator[Pond]:
    async with Slack() as slack:
        app = bolt_app(slack)
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.base_url, retry_handlers=[])
        handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
        handler.client.web_client = AsyncWebClient(base_url=slack.base_url, retry_handlers=[])
        await handler.connect_async()
        await slack.connected()
        alice = slack.person("UALICE", name="alice")
        yield Pond(slack, app, client, handler, alice, slack.channel("pond", members=[alice]))
        await handler.close_async()


async def test_a_mention_is_answered_in_its_thread(pond: Pond) -> None:
    @pond.app.event("app_mention")
    async def answer(event: dict, client: AsyncWebClient) -> None:
        await client.chat_postMessage(channel=event["channel"], thread_ts=event["ts"], text="quack", **QUIET)

    asked = await pond.alice.mentions(pond.channel, "hello")
    answer_seen = await pond.slack.message(pond.channel, thread=asked, contains="quack")
    assert answer_seen.is_reply
    assert pond.alice.sees(pond.channel, thread=asked) == [asked, answer_seen]
    pond.slack.check_clean()
