"""The masker of an installation: every secret setting, in logs and at the command line as well."""

import logging
from pathlib import Path
from typing import Literal

import pytest
from pydantic import SecretStr

from bots.logs import OUR_LOGS, set_up_logs
from bots.masking import masker_of
from bots.settings import Settings, load_settings
from tests.bots.conftest import Mallard
from tests.runtime.masking.samples import SECRETS

TOKEN = SECRETS["GitHub"]
OURS = "house-key-0042-zx91kq7vb3"
_BEGINNINGS = {"slack_bot_token": "xoxb-", "slack_app_token": "xapp-"}


def secret_settings() -> list[str]:
    return [name for name, field in Settings.model_fields.items() if "SecretStr" in repr(field.annotation)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path)


@pytest.mark.parametrize("name", secret_settings())
def test_every_setting_that_is_a_secret_is_masked_by_its_name(settings: Settings, name: str) -> None:
    value = f"{_BEGINNINGS.get(name, '')}{name}-0042-zx91"
    masker = masker_of(settings.model_copy(update={name: SecretStr(value)}))
    assert masker.mask(f"it is {value}!") == f"it is ••••••• value of MALLARD_{name.upper()}!"


def test_there_are_secret_settings() -> None:
    assert {"slack_bot_token", "slack_signing_secret", "discord_token", "model_api_key"} <= set(secret_settings())


@pytest.mark.parametrize("form", ["text", "sentences", "json"])
def test_no_line_of_the_log_holds_a_secret(
    settings: Settings, form: Literal["text", "sentences", "json"], capsys: pytest.CaptureFixture[str]
) -> None:
    before, levels = logging.root.handlers[:], {log: log.level for log in map(logging.getLogger, OUR_LOGS)}
    try:
        set_up_logs("info", form, masker_of(settings.model_copy(update={"model_api_key": SecretStr(OURS)})))
        log = logging.getLogger("runtime.somewhere")
        log.warning("the endpoint said %s", OURS)
        try:
            raise ValueError(f"bad token {TOKEN}")
        except ValueError:
            log.exception("it failed with %r", {"authorization": OURS})
    finally:
        logging.basicConfig(handlers=before, force=True)
        for log, level in levels.items():
            log.setLevel(level)

    told = capsys.readouterr().err
    assert "the endpoint said ••••••• value of MALLARD_MODEL_API_KEY" in told
    assert "bad token •••••••" in told
    assert OURS not in told
    assert TOKEN not in told
    assert ("Traceback" in told) == (form != "sentences")


@pytest.mark.promise(39)
def test_what_the_policy_says_of_a_call_holds_no_secret_and_refuses_our_own(mallard: Mallard, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"MALLARD_MODEL_API_KEY={OURS}\n")
    assert mallard("chat", "--once", "list files").returncode == 0

    ours = mallard("policy", "explain", f"echo {OURS}").stdout
    theirs = mallard("policy", "explain", f"cat {TOKEN}.txt > {TOKEN}").stdout

    assert "refuses this call" in ours
    assert "It holds the value of MALLARD_MODEL_API_KEY" in ours
    assert OURS not in ours
    assert TOKEN not in theirs


@pytest.mark.promise(39)
def test_a_call_that_uses_a_secret_is_never_allowed_for_good_and_nothing_says_the_secret(mallard: Mallard) -> None:
    command = f"deploy {TOKEN} site"
    assert mallard("chat", "--once", f"run: {command}").returncode == 3

    said = mallard("chat", stdin=f"always 1 prefix yes: deploy {TOKEN}\n")
    assert "asked each time" in said.stdout
    explained = mallard("policy", "explain", command)
    assert explained.returncode == 0, explained.stderr
    for shown in (said, explained):
        assert TOKEN not in shown.stdout
        assert TOKEN[:12] not in shown.stdout
    assert mallard("grants", "list").stdout == "Nothing is allowed without asking.\n"


@pytest.mark.promise(39)
def test_the_command_line_shows_no_secret_but_of_a_card_to_who_may_decide(mallard: Mallard) -> None:
    assert mallard("chat", "--once", f"run: sh -c 'echo {TOKEN}'").returncode == 3

    for command in (("runs", "--json"), ("run", "1"), ("run", "1", "--json"), ("approvals",), ("audit", "export")):
        shown = mallard(*command)
        assert shown.returncode == 0, shown.stderr
        assert TOKEN not in shown.stdout
        assert "•••••••" in shown.stdout or "\\u2022" in shown.stdout
    greeted = mallard("chat")
    assert "echo •••••••" in greeted.stdout
    assert TOKEN not in greeted.stdout
    assert f"echo {TOKEN}" in mallard("approvals", "show", "1").stdout
