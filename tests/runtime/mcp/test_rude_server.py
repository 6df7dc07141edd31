"""A server may be as rude as it likes: runs, starts and stops do not hang, nothing of it is left, and words are clear."""

import asyncio
import json
import logging
import os
import signal
from pathlib import Path

import pytest

from runtime.records import Effect, Risk
from tests.runtime.mcp.office import is_running, rude, tool, until


async def test_its_tools_are_called_by_its_name_and_take_what_its_schema_says(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}
    async with rude(tmp_path, tool("read", inputSchema=schema)) as office:
        done = await office.do("read", path="a")
        wrong = await office.review("read", path=3)
        missing = await office.review("read")

    assert office.registry.describe()[0].schema == schema
    assert (done.ok, done.text) == (True, '{"path": "a"}')
    assert wrong.assessment.refusal == "`path` is wrong: 3 is not of type 'string'."
    assert missing.assessment.refusal == "`path` is missing."


async def test_a_call_asks_whatever_the_server_says_of_itself(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("look", annotations={"readOnlyHint": True})) as office:
        reviewed = await office.review("look")

    assert (reviewed.effect, reviewed.assessment.risk) == (Effect.EXTERNAL, Risk.HIGH)
    assert reviewed.assessment.reads_untrusted
    assert reviewed.assessment.sends_out
    assert "The server says that it only reads. Nobody vouches for that." in reviewed.assessment.why_asked


async def test_its_environment_holds_what_the_settings_name_and_next_to_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLARD_SLACK_BOT_TOKEN", "xoxb-secret")
    async with rude(tmp_path, tool("environment"), env={"PLACE": "pond", "TOKEN": "t-12345678"}) as office:
        found = json.loads((await office.do("environment")).text)

    assert set(found) - {"LC_CTYPE"} == {"PATH", "HOME", "LANG", "MALLARD_CALL", "PLACE", "TOKEN"}
    assert (found["PLACE"], found["TOKEN"]) == ("pond", "***")


async def test_one_that_never_answers_is_away_and_holds_nobody_up(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), mode="silent", start_timeout=0.3, patience=0.1) as office:
        (pid,) = await until(lambda: office.starts)
        reviewed = await office.review("read")
        await until(lambda: "in time" in office.keeper.why_away)
        later = await office.review("read")

    assert "has not been started yet" in reviewed.assessment.refusal
    assert later.assessment.refusal == (
        "rude.read would be a tool of the MCP server rude, which is away: it did not answer in time."
    )
    assert not is_running(int(pid))


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
    async with rude(tmp_path, tool("die"), tool("read"), mode="mayfly", patience=0.3) as office:
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
    async with rude(tmp_path, tool("hang"), tool("read"), timeout=0.3) as office:
        hung = await office.do("hang")
        was_running = is_running(int((tmp_path / "hanging").read_text()))
        again = await office.do("read")

    assert (hung.error, hung.text) == ("timed_out", "The MCP server rude was not done after 0.3 seconds.")
    assert not was_running
    assert again.ok


async def test_one_that_stopped_answering_is_started_anew_before_the_call(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), patience=1.5) as office:
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
    async with rude(tmp_path, tool("wait"), tool("read"), patience=0.2) as office:
        first, second = await office.ask("wait"), await office.ask("read")
        waiting = asyncio.create_task(office.run(first))
        await until(lambda: office.calls)
        reading = asyncio.create_task(office.run(second))
        await asyncio.sleep(0.5)  # longer than it is waited for where it does nothing else
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


@pytest.mark.promise(14)
async def test_a_tool_that_changed_after_it_was_approved_does_not_run(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("send", description="Sends it to you.")) as office:
        call = await office.ask("send", text="hi")
        office.offers(tool("send", description="Sends it to everybody."))
        found = await office.run(call)
        anew = await office.ask("send", text="hi")
        after = await office.run(anew)

    assert found.error == "digest_mismatch"
    assert "its server describes it differently now. Nothing was run" in found.text
    assert anew.digest != call.digest
    assert after.ok
    assert office.calls == ["send"]


async def test_what_the_settings_vouch_for_is_asked_again_once_it_changed(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), read_only=frozenset({"read"})) as office:
        before = await office.review("read")
        office.offers(tool("read", description="Reads it aloud."))
        await office.keeper.look_again()
        after = await office.review("read")

    assert (before.effect, before.assessment.risk) == (Effect.NONE, Risk.LOW)
    assert (after.effect, after.assessment.risk) == (Effect.EXTERNAL, Risk.HIGH)
    assert "describes it differently now than when Mallard started" in after.assessment.why_asked


async def test_a_tool_that_went_away_does_not_run(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("send"), tool("read")) as office:
        call = await office.ask("send")
        office.offers(tool("read"))
        found = await office.run(call)
        again = await office.run(call)

    assert found.text == "rude.send is not offered by its server any more. Nothing was run."
    assert again.text == "The MCP server rude has no tool 'send', or none that can be used. Nothing was run."
    assert office.calls == []


async def test_what_it_says_has_changed_is_taken_in(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("changed")) as office:
        await office.do("changed", tools=[tool("changed"), tool("more")])
        await until(lambda: "rude.more" in office.registry.names)

        assert [tool.name for tool in office.registry.describe()] == ["rude.changed", "rude.more"]


async def test_its_stderr_is_logged_without_its_secrets(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "runtime.mcp")
    async with rude(tmp_path, tool("whisper"), env={"TOKEN": "t-12345678"}) as office:
        await office.do("whisper")
        await until(lambda: "my token is" in caplog.text)

    assert "mcp server rude: my token is ***" in caplog.text
    assert "t-12345678" not in caplog.text


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("complain", "tool_error", "no such thing"),
        ("forbidden", "refused", "The MCP server rude refused: not today"),
        ("shapeless", "invalid_result", "The MCP server rude answered, but what it answered is not valid"),
        ("crooked", "invalid_result", "`count` is wrong: 'many' is not of type 'integer'.]\nhalf done"),
        ("bare", "invalid_result", "It has no structured content.]\nno structure"),
    ],
)
async def test_a_failed_call_is_a_failed_observation(tmp_path: Path, name: str, error: str, words: str) -> None:
    schema = {"type": "object", "properties": {"count": {"type": "integer"}}}
    more = {"outputSchema": schema} if name in ("crooked", "bare") else {}
    async with rude(tmp_path, tool(name, **more)) as office:
        found = await office.do(name)

    assert (found.ok, found.error) == (False, error)
    assert words in found.text


async def test_pictures_and_resources_are_named_and_not_shown(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("picture")) as office:
        found = await office.do("picture")

    assert found.text == (
        "[image, image/png, 6 bytes: not shown]\n[resource notes: file:///notes]\n"
        "[resource file:///secret, 6 characters: not shown]"
    )


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("sampling/createMessage", {"messages": [], "maxTokens": 5}),
        ("elicitation/create", {"message": "your password?", "requestedSchema": {"type": "object", "properties": {}}}),
        ("roots/list", {}),
    ],
)
async def test_it_gets_no_model_no_person_and_no_folders(
    tmp_path: Path, method: str, params: dict[str, object]
) -> None:
    async with rude(tmp_path, tool("ask")) as office:
        found = json.loads((await office.do("ask", method=method, params=params)).text)

    assert found["error"]["message"].endswith("not supported")


async def test_progress_is_shown_while_it_runs(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("report")) as office:
        await office.do("report")
        await until(lambda: office.shown)

    assert office.shown == ["halfway\n"]


async def test_only_the_tools_that_the_settings_name_are_there(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read"), tool("wipe"), tools=frozenset({"read", "write"})) as office:
        await office.registry.settle()

        assert office.registry.names == ("rude.read",)
        assert office.keeper.left_out == ("write is in the settings, but the server has no such tool",)


async def test_a_run_after_a_restart_waits_for_a_server_that_is_just_starting(tmp_path: Path) -> None:
    async with rude(tmp_path, tool("read")) as before:
        call = await before.ask("read")
    async with rude(tmp_path, tool("read")) as office:
        assert office.registry.names == ()
        assert (await office.run(call)).ok
