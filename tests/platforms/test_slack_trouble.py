"""Faults of the loopback Slack as the real slack-sdk meets them."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.capture import capture_for
from tests.fakes.slack import Channel, Slack
from tests.fakes.slack.boltapp import error_of, web_client

QUIET: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False}


@pytest.fixture
async def slack(request: pytest.FixtureRequest) -> AsyncIterator[Slack]:
    async with Slack(capture=capture_for(request.config, "slack")) as slack:
        yield slack


@pytest.fixture
def client(slack: Slack) -> AsyncWebClient:
    return web_client(slack)


@pytest.fixture
def pond(slack: Slack) -> Channel:
    return slack.channel("pond", members=[slack.person("UALICE")])


async def test_a_rate_limit_says_when_to_come_back(slack: Slack, client: AsyncWebClient, pond: Channel) -> None:
    slack.rate_limit("chat.postMessage", retry_after=30)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=pond.id, text="quack", **QUIET)
    assert caught.value.response.headers["Retry-After"] == "30"
    assert slack.messages(pond) == []
    await client.chat_postMessage(channel=pond.id, text="quack", **QUIET)
    assert len(slack.messages(pond)) == 1


async def test_the_sdk_waits_out_a_rate_limit(slack: Slack, client: AsyncWebClient, pond: Channel) -> None:
    slack.rate_limit("chat.postMessage", retry_after=0, times=2)
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    await client.chat_postMessage(channel=pond.id, text="quack", **QUIET)
    assert len(slack.record.calls_of("chat.postMessage")) == 3
    assert len(slack.messages(pond)) == 1


async def test_a_dropped_connection_leaves_the_message_behind(
    slack: Slack, client: AsyncWebClient, pond: Channel
) -> None:
    slack.drop("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=pond.id, text="quack", **QUIET)
    assert [message.text for message in slack.messages(pond)] == ["quack"]


async def test_the_sdks_usual_retry_posts_twice(slack: Slack, client: AsyncWebClient, pond: Channel) -> None:
    client.retry_handlers.append(AsyncConnectionErrorRetryHandler(max_retry_count=1))
    slack.drop("chat.postMessage")
    await client.chat_postMessage(channel=pond.id, text="quack", **QUIET)
    assert len(slack.messages(pond)) == 2


@pytest.mark.parametrize("processed", [True, False])
async def test_a_503_may_hide_either(slack: Slack, client: AsyncWebClient, pond: Channel, processed: bool) -> None:
    slack.fail("chat.postMessage", status=503, processed=processed)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=pond.id, text="quack", **QUIET)
    assert caught.value.response.status_code == 503
    assert len(slack.messages(pond)) == processed


async def test_a_failure_hits_only_what_it_is_for(slack: Slack, client: AsyncWebClient, pond: Channel) -> None:
    slack.fail("*", "token_revoked", times=None, when=lambda call: call.get("text") == "duck")
    assert await error_of(client.chat_postMessage(channel=pond.id, text="duck", **QUIET)) == "token_revoked"
    await client.chat_postMessage(channel=pond.id, text="goose", **QUIET)
    assert [message.text for message in slack.messages(pond)] == ["goose"]


@pytest.mark.parametrize("processed", [True, False])
async def test_a_held_call_waits_for_its_release(
    slack: Slack, client: AsyncWebClient, pond: Channel, processed: bool
) -> None:
    gate = slack.hold("chat.postMessage", processed=processed)
    posting = asyncio.ensure_future(client.chat_postMessage(channel=pond.id, text="quack", **QUIET))
    call = await gate.arrived()
    assert call["text"] == "quack"
    await slack.until(lambda: len(slack.messages(pond)) == processed)
    assert not posting.done()
    gate.release()
    assert (await posting)["ok"]
    assert len(slack.messages(pond)) == 1


async def test_a_hanging_call_is_processed_though_its_caller_left(
    slack: Slack, client: AsyncWebClient, pond: Channel
) -> None:
    gate = slack.hold("chat.postMessage")
    posting = asyncio.ensure_future(client.chat_postMessage(channel=pond.id, text="quack", **QUIET))
    await gate.arrived()
    posting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await posting
    gate.release()
    await slack.message(pond, contains="quack")


async def test_a_discarded_call_never_happened(slack: Slack, client: AsyncWebClient, pond: Channel) -> None:
    gate = slack.hold("chat.postMessage")
    posting = asyncio.ensure_future(client.chat_postMessage(channel=pond.id, text="quack", **QUIET))
    await gate.arrived()
    gate.discard()
    with pytest.raises(aiohttp.ClientError):
        await posting
    assert slack.messages(pond) == []


async def test_waiting_in_vain_says_what_there_is(slack: Slack, client: AsyncWebClient, pond: Channel) -> None:
    await client.chat_postMessage(channel=pond.id, text="quack", **QUIET)
    with pytest.raises(AssertionError, match=r"(?s)not seen within 0\.01 s.*pond: U0BOT.*quack"):
        await slack.message(pond, contains="moo", timeout=0.01)


async def test_the_busiest_window_is_counted(slack: Slack, client: AsyncWebClient, pond: Channel) -> None:
    for text in ("a", "b", "c"):
        await client.chat_postMessage(channel=pond.id, text=text, **QUIET)
        slack.clock.advance(40)
    assert slack.record.busiest("chat.postMessage", seconds=60) == 2


async def test_an_uninstalled_app_can_do_nothing(slack: Slack, client: AsyncWebClient, pond: Channel) -> None:
    slack.state.subscriptions |= {"app_uninstalled", "tokens_revoked"}
    await slack.uninstall()
    assert await error_of(client.auth_test()) == "account_inactive"
    assert [envelope.about for envelope in slack.events.held] == ["tokens_revoked", "app_uninstalled"]
