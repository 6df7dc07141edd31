"""Faults and rate limits of the loopback Discord as the real discord.py meets them."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import discord
import pytest

from tests.fakes.capture import capture_for, capture_to, without_secrets
from tests.fakes.discord import DISCORDS_WINDOW
from tests.fakes.discord.botapp import Pond, Shown, code_of, pond_with_bot
from tests.fakes.discord.rawclient import Raw, raw_client

SEND = "POST /channels/{channel}/messages"
TEXT: dict[str, Any] = {"type": 10, "content": "quack"}
SILENT: dict[str, Any] = {"allowed_mentions": {"parse": []}}


@pytest.fixture
async def pond(request: pytest.FixtureRequest) -> AsyncIterator[Pond]:
    async with pond_with_bot(capture=capture_for(request.config, "discord")) as pond:
        yield pond


async def test_the_library_waits_out_a_rate_limit(pond: Pond) -> None:
    pond.discord.rate_limit(SEND, retry_after=0.02, times=2)
    await pond.bot.at(pond.channel).send("quack")
    assert len(pond.discord.record.calls_of(SEND)) == 3
    assert len(pond.discord.messages(pond.channel)) == 1
    pond.discord.check_clean()


async def test_a_rate_limit_for_everything_is_waited_out_too(pond: Pond) -> None:
    pond.discord.rate_limit(SEND, retry_after=0.02, is_global=True)
    await pond.bot.at(pond.channel).send("quack")
    assert len(pond.discord.record.calls_of(SEND)) == 2


async def test_a_long_rate_limit_is_told_to_the_caller(pond: Pond) -> None:
    pond.discord.rate_limit(SEND, retry_after=40)
    with pytest.raises(discord.RateLimited) as caught:
        await pond.bot.at(pond.channel).send("quack")
    assert caught.value.retry_after == 40
    assert pond.discord.messages(pond.channel) == []


async def test_without_via_it_looks_like_a_ban_and_nothing_is_repeated(pond: Pond) -> None:
    pond.discord.rate_limit(SEND, retry_after=0.02, via=False)
    with pytest.raises(discord.HTTPException) as caught:
        await pond.bot.at(pond.channel).send("quack")
    assert caught.value.status == 429
    assert len(pond.discord.record.calls_of(SEND)) == 1


async def test_a_bucket_is_emptied_and_the_library_waits_for_it(pond: Pond) -> None:
    pond.discord.buckets.window = 0.3
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(6):
        await pond.bot.at(pond.channel).send(f"{number}")
    assert loop.time() - began >= 0.3
    assert pond.discord.buckets.exceeded == []
    pond.discord.check_clean()


async def test_channels_and_routes_have_buckets_of_their_own(pond: Pond) -> None:
    pond.discord.buckets.window = DISCORDS_WINDOW
    lake = pond.discord.channel("lake")
    async with raw_client(pond.discord) as raw:
        for place in (pond.channel, lake):
            for _ in range(5):
                status, sent = await raw.call("POST", f"/channels/{place.id}/messages", {"content": "a", **SILENT})
                assert status == 200
            there = f"/channels/{place.id}/messages/{sent['id']}"
            assert (await raw.call("PATCH", there, {"content": "b", **SILENT}))[0] == 200
    pond.discord.check_clean()


async def test_whoever_overlooks_an_empty_bucket_is_told_and_noted(pond: Pond) -> None:
    pond.discord.buckets.window = DISCORDS_WINDOW
    async with raw_client(pond.discord) as raw:
        statuses = [await _say(raw, pond) for _ in range(6)]
    assert [status for status, _ in statuses] == [200] * 5 + [429]
    told = statuses[-1][1]
    assert 0 < told["retry_after"] <= DISCORDS_WINDOW
    assert (told["global"], pond.discord.buckets.exceeded) == (False, [SEND])
    assert pond.discord.lapses == [f"{SEND}: called though its bucket was known to be empty"]
    assert len(pond.discord.messages(pond.channel)) == 5


async def test_a_new_process_could_not_know_of_an_empty_bucket(pond: Pond) -> None:
    pond.discord.buckets.window = DISCORDS_WINDOW
    async with raw_client(pond.discord) as raw:
        for _ in range(5):
            await _say(raw, pond)
        pond.discord.gateway.on_identify()
        assert (await _say(raw, pond))[0] == 429
    pond.discord.check_clean()


async def test_fifty_calls_a_second_are_enough(pond: Pond) -> None:
    async with raw_client(pond.discord) as raw:
        pond.discord.buckets.most_in_a_second = 3
        answers = [await raw.call("GET", "/users/@me") for _ in range(20)]
        callback = await raw.call("GET", "/gateway", headers={"Authorization": ""})
    limited = [body for status, body in answers if status == 429]
    assert limited
    assert limited[0]["global"] is True
    assert callback[0] == 200  # what needs no token does not count
    pond.discord.check_clean()


async def _say(raw: Raw, pond: Pond) -> tuple[int, Any]:
    return await raw.call("POST", f"/channels/{pond.channel.id}/messages", {"content": "a", **SILENT})


async def test_every_answer_says_how_its_bucket_stands(pond: Pond) -> None:
    headers = {"Authorization": f"Bot {pond.discord.token}", "User-Agent": "DiscordBot (https://x.y, 1)"}
    url = f"{pond.discord.api_url}/channels/{pond.channel.id}"
    async with aiohttp.ClientSession() as session, session.get(url, headers=headers) as answer:
        found = {name: answer.headers[f"X-RateLimit-{name}"] for name in ("Limit", "Remaining", "Bucket")}
        assert (found["Limit"], found["Remaining"]) == ("10", "9")
        assert answer.headers["Content-Type"] == "application/json"
        assert "Via" in answer.headers


@pytest.mark.parametrize("processed", [True, False])
async def test_a_503_may_hide_either(pond: Pond, processed: bool) -> None:
    pond.discord.fail(SEND, status=503, processed=processed)
    with pytest.raises(discord.DiscordServerError):
        await pond.bot.at(pond.channel).send("quack")
    assert len(pond.discord.messages(pond.channel)) == processed


async def test_a_502_after_the_work_is_repeated_by_the_library_under_the_same_nonce(pond: Pond) -> None:
    pond.discord.fail(SEND, status=502, processed=True)
    await pond.bot.at(pond.channel).send("quack")
    assert len(pond.discord.record.calls_of(SEND)) == 2
    assert len(pond.discord.messages(pond.channel)) == 1


@pytest.mark.parametrize("processed", [True, False])
async def test_a_dropped_connection_may_hide_either(pond: Pond, processed: bool) -> None:
    pond.discord.drop(SEND, processed=processed)
    with pytest.raises(aiohttp.ClientError):
        await pond.bot.at(pond.channel).send("quack")
    assert len(pond.discord.messages(pond.channel)) == processed


@pytest.mark.parametrize(("code", "error"), [(50013, discord.Forbidden), (10003, discord.NotFound)])
async def test_a_failure_hits_only_what_it_is_for(pond: Pond, code: int, error: type[discord.HTTPException]) -> None:
    pond.discord.fail("*", code, times=None, when=lambda call: call.get("content") == "duck")
    with pytest.raises(error) as caught:
        await pond.bot.at(pond.channel).send("duck")
    assert caught.value.code == code
    await pond.bot.at(pond.channel).send("goose")
    assert [message.text for message in pond.discord.messages(pond.channel)] == ["goose"]


@pytest.mark.parametrize("processed", [True, False])
async def test_a_held_call_waits_for_its_release(pond: Pond, processed: bool) -> None:
    gate = pond.discord.hold(SEND, processed=processed)
    posting = asyncio.ensure_future(pond.bot.at(pond.channel).send("quack"))
    call = await gate.arrived()
    assert (call["content"], call["channel"]) == ("quack", pond.channel.id)
    await pond.discord.until(lambda: len(pond.discord.messages(pond.channel)) == processed)
    assert not posting.done()
    gate.release()
    await posting
    assert len(pond.discord.messages(pond.channel)) == 1


async def test_a_discarded_call_was_never_there(pond: Pond) -> None:
    gate = pond.discord.hold(SEND)
    posting = asyncio.ensure_future(pond.bot.at(pond.channel).send("quack"))
    await gate.arrived()
    gate.discard()
    with pytest.raises(aiohttp.ClientError):
        await posting
    assert pond.discord.messages(pond.channel) == []


async def test_a_token_may_be_worth_nothing_any_more(pond: Pond) -> None:
    fault = pond.discord.fail("*", status=401, times=None)
    assert await code_of(pond.bot.at(pond.channel).send("quack")) == 401
    fault.lift()
    await pond.bot.at(pond.channel).send("quack")


async def test_the_cdn_has_trouble_too_and_takes_no_token(pond: Pond) -> None:
    await pond.alice.says(pond.channel, "read", files={"a.txt": b"ducks"})
    [message] = await pond.heard()
    pond.discord.fail("GET /cdn", status=500)
    with pytest.raises(discord.HTTPException):
        await message.attachments[0].read()
    pond.discord.check_clean()
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {pond.discord.token}"}) as session:
        await session.get(message.attachments[0].url)
        async with session.get(message.attachments[0].url.replace("a.txt", "b.txt")) as answer:
            assert answer.status == 404
    assert {violation.error for violation in pond.discord.record.violations} == {"token"}


async def test_everything_can_be_captured_without_secrets(tmp_path: Path) -> None:
    file = tmp_path / "traffic.jsonl"

    async def deferred(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.defer()

    async with pond_with_bot(capture=capture_to(file, "discord")) as pond:
        pond.bot.asked = deferred
        button = {"type": 2, "style": 1, "label": "Yes", "custom_id": "yes"}
        await pond.bot.at(pond.channel).send(view=Shown(TEXT, {"type": 1, "components": [button]}))
        await pond.alice.clicks(pond.discord.messages(pond.channel)[0], "Yes")
        token, secret = pond.discord.token, pond.discord.interactions.all[-1].token
    text = file.read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert {line["platform"] for line in lines} == {"discord"}
    seen = {(line["direction"], line["method"]) for line in lines}
    callback = "POST /interactions/{interaction}/{token}/callback"
    assert {("in", "IDENTIFY"), ("out", "READY"), ("in", SEND), ("out", SEND), ("in", callback)} <= seen
    [click] = [line["body"] for line in lines if line["method"] == "INTERACTION_CREATE"]
    [sent] = [line["body"] for line in lines if (line["direction"], line["method"]) == ("in", SEND)]
    assert (click["data"]["custom_id"], sent["components"][0]) == ("yes", TEXT)
    assert token not in text
    assert secret not in text
    assert without_secrets({"text": f"not {token} nor /webhooks/1/{secret}!"}) == {
        "text": "not redacted nor /webhooks/1/redacted!"
    }
