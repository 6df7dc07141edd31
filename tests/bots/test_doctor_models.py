"""The doctor asks each model for a few tokens, and says in words why none came."""

from pathlib import Path

import pytest

from bots.doctor import Finding, Level, examine
from bots.doctor.models import examine_models
from bots.settings import load_settings
from tests.fakes.model import Received, ScriptedEndpoint
from tests.fakes.replies import Hang, Raw, Refuse, Reply, Say

OK = Say(text="ok")


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


async def findings(folder: Path, **settings: object) -> dict[str, Finding]:
    (folder / ".env").write_text("".join(f"MALLARD_MODEL_{name}={value}\n" for name, value in settings.items()))
    return {finding.part: finding for finding in await examine_models(load_settings(folder))}


async def test_roles_without_a_model_are_named_before_a_run_fails_for_want_of_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MALLARD_MODEL_ACTION_BASE_URL=http://h/v1\nMALLARD_MODEL_ACTION_NAME=small\n")
    (found,) = [finding async for finding in examine(tmp_path)]
    assert (found.part, found.level) == ("settings", Level.FAIL)
    assert "thinker, memory and critic have none" in found.words


async def test_a_model_that_answers_is_well_and_was_asked_once_for_a_few_tokens(tmp_path: Path) -> None:
    async with ScriptedEndpoint([OK], models=["big"]) as there:
        found = await findings(tmp_path, BASE_URL=there.base_url, NAME="big", API_KEY="hunter2")
    assert (found["model"].level, found["model"].words) == (Level.OK, f"big at {there.base_url}")
    (asked,) = there.received
    assert (asked.model, asked.authorization) == ("big", "Bearer hunter2")
    assert asked.body["max_tokens"] < 20


async def test_a_thought_that_used_up_the_few_tokens_is_an_answer(tmp_path: Path) -> None:
    async with ScriptedEndpoint([Say(text="", thinking="hm")], models=["big"]) as there:
        found = await findings(tmp_path, BASE_URL=there.base_url, NAME="big")
    assert found["model"].level is Level.OK


async def test_a_model_that_takes_no_such_limit_is_asked_without_one(tmp_path: Path) -> None:
    async with ScriptedEndpoint([OK], models=["big"], refuses=["max_tokens"]) as there:
        found = await findings(tmp_path, BASE_URL=there.base_url, NAME="big")
    assert found["model"].level is Level.OK
    assert ["max_tokens" in asked.body for asked in there.received] == [True, False]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (Refuse(status=401, message="no such key"), "did not accept the key: set MALLARD_MODEL_API_KEY: no such key"),
        (Refuse(status=403), "does not allow this with this key: check MALLARD_MODEL_API_KEY and what it may use"),
        (
            Refuse(status=404),
            "does not exist: check MALLARD_MODEL_NAME, and that MALLARD_MODEL_BASE_URL ends as the server",
        ),
        (Refuse(status=503, message="cold"), "gave no answer: it answered 503: cold"),
        (Raw(body=b"{}"), "gave no answer: its answer was no chat completion"),
    ],
)
async def test_a_model_that_is_listed_for_everybody_and_refuses_is_not_well(
    tmp_path: Path, reply: Reply, words: str
) -> None:
    async with ScriptedEndpoint([reply], models=["big"]) as there:
        found = await findings(tmp_path, BASE_URL=there.base_url, NAME="big", API_KEY="hunter2")
    assert found["model"].level is Level.FAIL
    assert words in found["model"].words
    assert "hunter2" not in str(found)


async def test_a_model_that_is_slow_is_not_waited_for(tmp_path: Path) -> None:
    async with ScriptedEndpoint([Hang()], models=["big"]) as there:
        found = await findings(tmp_path, BASE_URL=there.base_url, NAME="big", TIMEOUT_S="0.05")
    assert found["model"].level is Level.WARN
    assert "gave no answer within 0.05 seconds" in found["model"].words
    assert "still loading the model" in found["model"].advice


async def test_a_model_that_the_endpoint_does_not_have_is_named_with_those_it_has(tmp_path: Path) -> None:
    async with ScriptedEndpoint([Refuse(status=404)], models=["small"]) as there:
        found = await findings(tmp_path, BASE_URL=there.base_url, NAME="big")
    assert found["model"].level is Level.FAIL
    assert "it lists no model 'big'" in found["model"].words
    assert found["model"].advice == "It has: small."


async def test_a_model_that_answers_to_a_name_that_is_not_listed_is_worth_a_look(tmp_path: Path) -> None:
    async with ScriptedEndpoint([OK, OK], models=["small", "tiny:latest"]) as there:
        found = await findings(tmp_path, BASE_URL=there.base_url, NAME="big", CRITIC_NAME="tiny")
    assert found["model (action, thinker, memory)"].level is Level.WARN
    assert found["model (critic)"].level is Level.OK


async def test_a_key_that_cannot_be_sent_is_named(tmp_path: Path) -> None:
    found = await findings(tmp_path, BASE_URL="http://127.0.0.1:1/v1", NAME="big", API_KEY='"hunter 2"')
    assert found["model"].level is Level.FAIL
    assert "MALLARD_MODEL_API_KEY" in found["model"].words
    assert "hunter" not in str(found)


async def test_an_endpoint_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with ScriptedEndpoint([]) as there:
        pass
    found = await findings(tmp_path, BASE_URL=there.base_url, NAME="big")
    assert found["model"].level is Level.FAIL
    assert "does not answer" in found["model"].words
    assert found["model"].advice == "Start the model server, or correct MALLARD_MODEL_BASE_URL."


async def test_roles_with_models_or_keys_of_their_own_are_asked_one_by_one_and_named_by_their_settings(
    tmp_path: Path,
) -> None:
    def answer(received: Received) -> Reply:
        return OK if received.authorization == "Bearer right" else Refuse(status=401)

    async with ScriptedEndpoint(answer, models=["big", "odd"]) as there:
        found = await findings(
            tmp_path, BASE_URL=there.base_url, NAME="big", API_KEY="right", CRITIC_NAME="odd", MEMORY_API_KEY="wrong"
        )
    assert found["model (action, thinker)"].level is found["model (critic)"].level is Level.OK
    assert "set MALLARD_MODEL_MEMORY_API_KEY" in found["model (memory)"].words
    assert len(there.received) == 3
