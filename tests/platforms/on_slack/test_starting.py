"""Starting: what is looked at before the first connection, and how a refusal is told."""

import subprocess
import sys

import pytest

from bots.slack import SlackPlatform, SlackSettings
from runtime.errors import SettingsError
from tests.fakes.slack import Slack
from tests.platforms.on_slack.conftest import LoopbackClock, quick, started
from tests.platforms.recording import RecordingDoor


def test_importing_the_adapter_loads_none_of_slacks_libraries() -> None:
    code = (
        "import sys, bots.slack; from bots.slack import SlackPlatform; print([m for m in sys.modules if 'slack_' in m])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"bot_token": "xapp-1"}, "MALLARD_SLACK_BOT_TOKEN"),
        ({"app_token": None}, "MALLARD_SLACK_APP_TOKEN"),
        ({"app_token": "xoxb-1"}, "MALLARD_SLACK_APP_TOKEN"),
        ({"mode": "http"}, "MALLARD_SLACK_SIGNING_SECRET"),
    ],
)
def test_a_wrong_setting_is_named_before_anything_is_sent(slack: Slack, changes: dict[str, str], names: str) -> None:
    with pytest.raises(SettingsError, match=names):
        SlackPlatform(quick(slack, **changes), LoopbackClock(slack))


@pytest.mark.mistake(5)
@pytest.mark.parametrize("code", ["invalid_auth", "token_revoked", "account_inactive"])
async def test_a_bot_token_that_slack_refuses_stops_the_start_with_advice(
    slack: Slack, door: RecordingDoor, code: str
) -> None:
    slack.fail("auth.test", code)

    with pytest.raises(SettingsError, match=r"MALLARD_SLACK_BOT_TOKEN: .*OAuth & Permissions"):
        async with started(slack, door):
            pass

    assert not slack.socket.tickets


@pytest.mark.mistake(6)
@pytest.mark.parametrize(("code", "advice"), [("invalid_auth", "not one of Slack's"), ("link_disabled", "Socket Mode")])
async def test_an_app_token_that_slack_refuses_stops_the_start_with_advice(
    slack: Slack, door: RecordingDoor, code: str, advice: str
) -> None:
    slack.fail("apps.connections.open", code, times=None)

    with pytest.raises(SettingsError, match=f"MALLARD_SLACK_APP_TOKEN: .*{advice}"):
        async with started(slack, door):
            pass


@pytest.mark.mistake(5)
async def test_an_auth_test_that_fails_at_start_stops_it_with_one_clear_line(slack: Slack, door: RecordingDoor) -> None:
    slack.fail("auth.test", status=503, times=None)

    with pytest.raises(SettingsError, match="start again") as caught:
        async with started(slack, door):
            pass

    assert "\n" not in str(caught.value)


def test_the_settings_do_not_show_their_tokens() -> None:
    shown = repr(SlackSettings(bot_token="xoxb-secret", app_token="xapp-secret", signing_secret="sssh"))

    assert "secret" not in shown.replace("signing_secret", "")
    assert "sssh" not in shown
