"""It leaves with everything committed, and a process that was killed leaves nothing to stumble over."""

import asyncio
import os
import sys
import threading

import pytest

from bots.discord import DiscordPlatform
from runtime.errors import PlatformUnavailable
from runtime.records import UserRef
from tests.fakes.discord import Discord
from tests.platforms.on_discord.conftest import LoopbackClock, quick, started
from tests.platforms.recording import RecordingDoor


@pytest.mark.promise(33)
async def test_stopping_lets_what_is_being_committed_finish_and_leaves_nothing_running(
    discord: Discord, door: RecordingDoor
) -> None:
    async with started(discord, door) as platform:
        door.gate.clear()
        await discord.person("alice").dms("hello")
        await door.until(lambda: door.asked)
        stopping = asyncio.create_task(platform.stop())
        await asyncio.sleep(0)
        door.gate.set()
        await stopping
    assert [message.text for message in door.received] == ["hello"]
    await discord.until(lambda: not discord.gateway.sockets)
    await asyncio.sleep(0)

    ours = [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("discord")]
    assert ours == []
    await _no_thread_is_left()


@pytest.mark.promise(24)
async def test_what_arrives_while_it_stops_is_left_for_the_next_start(discord: Discord, door: RecordingDoor) -> None:
    alice = discord.person("alice")
    async with started(discord, door) as platform:
        door.gate.clear()
        await alice.dms("first")
        await door.until(lambda: door.asked)
        stopping = asyncio.create_task(platform.stop())
        await asyncio.sleep(0)  # its first step is to take nothing more
        second = await alice.dms("second")
        await asyncio.sleep(0.05)
        door.gate.set()
        await stopping

    assert [message.text for message in door.received] == ["first"]
    assert second.id not in {message.id for message in door.received}


@pytest.mark.promise(2)
@pytest.mark.mistake(13)
async def test_a_process_that_was_killed_leaves_nothing_for_the_next_one_to_stumble_over(
    discord: Discord, door: RecordingDoor
) -> None:
    alice = discord.person("alice")
    killed = await asyncio.create_subprocess_exec(
        sys.executable,
        "-W",
        "ignore",
        "-c",
        _ANOTHER_PROCESS,
        discord.api_url,
        discord.token,
        os.getcwd(),
        stdout=asyncio.subprocess.PIPE,
    )
    assert killed.stdout is not None
    assert await killed.stdout.readline() == b"connected\n"
    await alice.dms("before")
    assert await killed.stdout.readline() == b"before\n"
    killed.kill()
    await killed.wait()
    await discord.until(lambda: not discord.gateway.sockets)

    async with started(discord, door):
        await alice.dms("after")
        await door.heard()
        await alice.dms("and on")
        await door.heard(2)
        await discord.until(lambda: discord.state.commands.get(None))
        assert (await alice.slash("help")).acked

    assert [message.text for message in door.received] == ["after", "and on"]


_ANOTHER_PROCESS = """
import asyncio, sys
from datetime import UTC, datetime
sys.path.insert(0, sys.argv[3])
from bots.discord import DiscordPlatform, DiscordSettings
from tests.platforms.recording import RecordingDoor

class Clock:
    def now(self):
        return datetime.now(UTC)

async def main():
    door = RecordingDoor()
    settings = DiscordSettings(api_url=sys.argv[1], token=sys.argv[2], ready_timeout=0.02)
    await DiscordPlatform(settings, Clock()).start(door)
    print("connected", flush=True)
    print((await door.heard()).text, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_before_the_start_and_after_the_end_nothing_can_be_posted(discord: Discord, door: RecordingDoor) -> None:
    platform = DiscordPlatform(quick(discord), LoopbackClock(discord))
    alice = UserRef(platform="discord", id=discord.person("alice").id)

    assert not platform.health().ok
    with pytest.raises(PlatformUnavailable):
        await platform.direct_message(alice)
    await platform.start(door)
    await platform.direct_message(alice)
    await platform.stop()
    assert not platform.health().ok
    with pytest.raises(PlatformUnavailable):
        await platform.direct_message(alice)


@pytest.mark.promise(33)
async def test_a_stop_while_a_connection_begins_leaves_no_thread_behind(discord: Discord, door: RecordingDoor) -> None:
    """The library starts one with the first word of the gateway, and knows of it only once the connection stands."""
    async with started(discord, door):
        greeted = len(discord.gateway.sockets)
        discord.gateway.invalidate(resumable=False)
        await discord.until(lambda: not discord.gateway.sockets)
        await discord.until(lambda: len(discord.gateway.sockets) == greeted)

    await _no_thread_is_left()


async def _no_thread_is_left() -> None:
    for thread in threading.enumerate():
        if "keep-alive" in thread.name:
            await asyncio.to_thread(thread.join, 2)
            assert not thread.is_alive()
