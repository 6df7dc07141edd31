"""What a person asks for may hold a secret: what Mallard says of it in its own name does not."""

import pytest

from bots.slack import SlackPlatform
from runtime.masking import Masker
from tests.fakes.slack import Slack
from tests.platforms.recording import RecordingDoor
from tests.runtime.masking.samples import SECRETS

OURS = "house-key-0042-zx91kq7vb3"


@pytest.mark.parametrize("secret", [SECRETS["GitHub"], OURS], ids=["shape", "ours"])
async def test_a_request_after_the_slash_command_is_shown_without_its_secrets_and_handed_on_with_them(
    slack: Slack, platform: SlackPlatform, door: RecordingDoor, secret: str
) -> None:
    door.masker = Masker({"MALLARD_KEY": OURS})
    alice = slack.person("UALICE")

    await alice.slash("/mallard", f"keep {secret} for me", where=slack.channel("pond", members=[alice]))
    heard = await door.heard()

    shown = slack.answers(alice.dm)[0].text
    assert heard.text == f"keep {secret} for me"
    assert "•••••••" in shown
    assert secret not in shown
    await slack.until(lambda: alice.ephemerals)
