"""What a server's tools are here: its words are doubted, its changes noticed, and its answers no more than text."""

import json
import logging
from pathlib import Path

import pytest

from runtime.records import Effect, Risk
from tests.runtime.mcp.office import rude, tool, until


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
