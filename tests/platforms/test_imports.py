"""What a process pays for platforms that it does not serve: nothing."""

import subprocess
import sys

import pytest

MADE = {
    "bots.slack": 'SlackPlatform(SlackSettings(bot_token="xoxb-1", app_token="xapp-1"), clock=None)',
    "bots.discord": 'DiscordPlatform(DiscordSettings(token="MTEx.Gx.yz"), clock=None)',
}
LIBRARIES = ("aiohttp", "discord", "pydantic", "runtime.door", "slack_bolt", "slack_sdk")


@pytest.mark.parametrize("package", MADE)
def test_neither_a_library_nor_the_agent_is_loaded_before_a_platform_is_started(package: str) -> None:
    code = f"import sys\nfrom {package} import *\n{MADE[package]}\nprint([m for m in {LIBRARIES} if m in sys.modules])"

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "[]"
