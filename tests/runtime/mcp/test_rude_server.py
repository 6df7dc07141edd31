"""A server may be as rude as it likes: runs, starts and stops do not hang, nothing of it is left, and words are clear."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from tests.runtime.mcp.office import is_running, rude, tool, until


async def test_one_that_never_answers_is_away_and_holds_nobody_up(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), mode="silent", start_timeout=2.0, patience=0.1) as office:
        pid = await until(lambda: office.starts[:1])
        reviewed = await office.review("read")
        await until(lambda: "in time" in office.keeper.why_away)
        later = await office.review("read")

    assert "which is away" in reviewed.assessment.refusal
    assert later.assessment.refusal == (
        "rude.read would be a tool of the MCP server rude, which is away: it did not answer in time."
    )
    assert not is_running(int(pid[0]))


async def test_one_that_cannot_start_is_away_in_its_own_last_words_and_is_tried_again(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), mode="stillborn") as office:
        reviewed = await office.review("read")
        await until(lambda: len(office.starts) >= 3)

    assert "its process ended (exit status 7), saying: cannot find my configuration" in reviewed.assessment.refusal


async def test_a_command_that_does_not_exist_is_named(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), folder=str(tmp_path / "nowhere")) as office:
        reviewed = await office.review("read")

    assert f"there is no {tmp_path / 'nowhere'}" in reviewed.assessment.refusal


async def test_one_that_dies_in_mid_call_leaves_the_outcome_open_and_comes_back(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("die"), tool("read")) as office:
        died = await office.do("die")
        again = await office.do("read")

    assert died.error == "cut_off"
    assert "was cut off while this call ran: its process ended (exit status 3)" in died.text
    assert again.ok
    assert len(office.starts) == 2


async def test_one_that_went_away_keeps_its_tools_and_refuses_calls_in_clear_words(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("die"), tool("read"), mode="mayfly") as office:
        call = await office.ask("read")
        await office.do("die")
        await until(lambda: len(office.starts) > 1)
        reviewed, run = await office.review("read"), await office.run(call)

    words = "The MCP server rude is away: its process ended (exit status 7), saying: cannot find my configuration."
    assert office.registry.names == ("rude.die", "rude.read")
    assert reviewed.assessment.refusal == f"{words} Nothing was run."
    assert (run.error, run.text) == ("away", f"{words} Nothing was run.")
    assert office.calls == ["die"]


async def test_one_that_hangs_is_given_up_and_ended(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("hang"), tool("read"), timeout=1.5) as office:
        hung = await office.do("hang")
        was_running = is_running(int((tmp_path / "hanging").read_text()))
        again = await office.do("read")

    assert (hung.error, hung.text) == ("timed_out", "The MCP server rude was not done after 1.5 seconds.")
    assert not was_running
    assert again.ok


async def test_one_that_stopped_answering_is_started_anew_before_the_call(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), patience=3.0) as office:
        await office.ready()
        call = await office.ask("read")
        os.kill(int(office.starts[0]), signal.SIGSTOP)
        found = await office.run(call)

    assert found.ok
    assert office.calls == ["read"]
    assert len(office.starts) == 2


@pytest.mark.promise(29)
async def test_a_stopped_call_leaves_nothing_of_its_server_running(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("hang")) as office:
        running = asyncio.create_task(office.do("hang"))
        await until((tmp_path / "hanging").exists)
        running.cancel()
        await asyncio.wait({running})

        assert running.cancelled()
        assert not is_running(int((tmp_path / "hanging").read_text()))


async def test_a_stopped_call_does_not_take_its_neighbours_with_it(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("hang"), tool("wait"), mode="nimble") as office:
        stopped = asyncio.create_task(office.do("hang"))
        await until((tmp_path / "hanging").exists)
        neighbour = asyncio.create_task(office.do("wait"))
        await until(lambda: "wait" in office.calls)
        stopped.cancel()
        await asyncio.wait({stopped})
        (tmp_path / "enough").touch()
        found = await neighbour
        await until(lambda: not is_running(int((tmp_path / "hanging").read_text())))

    assert found.ok


async def test_one_that_does_a_single_thing_at_a_time_is_waited_for(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("wait"), tool("read"), patience=0.5) as office:
        await office.ready()
        first, second = await office.ask("wait"), await office.ask("read")
        waiting = asyncio.create_task(office.run(first))
        await until(lambda: office.calls)
        reading = asyncio.create_task(office.run(second))
        await asyncio.sleep(1.0)  # longer than it is waited for where it does nothing else
        (tmp_path / "enough").touch()
        found = await asyncio.gather(waiting, reading)

    assert [each.ok for each in found] == [True, True]
    assert len(office.starts) == 1


async def test_what_it_started_ends_with_it_also_outside_its_group(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("breed")) as office:
        await office.do("breed")
        child = int((tmp_path / "child").read_text())
        was_running = is_running(child)

    assert was_running
    assert not is_running(child)
    assert not any(is_running(int(pid)) for pid in office.starts)


async def test_long_answers_are_shortened_and_endless_ones_end_the_connection(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("huge")) as office:
        long = await office.do("huge", size=100_000)
        endless = await office.do("huge", size=6_000_000)

    assert len(long.text) <= 30_000
    assert long.metadata["left_out"] > 70_000
    assert endless.error == "cut_off"
    assert "it sent a message of more than 4 MB" in endless.text


async def test_a_line_without_end_is_not_waited_for(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), mode="endless line") as office:
        reviewed = await office.review("read")

    assert "it sent a message of more than 4 MB" in reviewed.assessment.refusal


async def test_a_flood_of_noise_ends_the_connection(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("babble")) as office:
        found = await office.do("babble")

    assert found.error == "cut_off"
    assert "it floods its output with what is not the protocol" in found.text


async def test_a_flood_of_messages_ends_the_connection(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("spam")) as office:
        found = await office.do("spam")

    assert found.error == "cut_off"
    assert "it floods us with messages" in found.text


async def test_a_little_noise_is_borne(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), mode="noisy") as office:
        assert (await office.do("read")).ok


async def test_a_list_of_tools_without_end_is_not_read(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), mode="endless") as office:
        reviewed = await office.review("read")

    assert "its list of tools has more than 50 pages" in reviewed.assessment.refusal


async def test_a_list_that_is_none_is_told_as_such(tmp_path: Path) -> None:
    async with rude(tmp_path, {"name": "read", "inputSchema": "anything"}) as office:
        reviewed = await office.review("read")

    assert "what it answered is not valid" in reviewed.assessment.refusal


async def test_a_run_after_a_restart_waits_for_a_server_that_is_just_starting(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read")) as before:
        call = await before.ask("read")
    async with rude(tmp_path, tool("read")) as office:
        assert office.registry.names == ()
        assert (await office.run(call)).ok
