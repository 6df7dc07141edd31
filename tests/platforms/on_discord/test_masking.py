"""What a person asks for may hold a secret: what Mallard says of it in its own name does not."""

import pytest

from bots.discord import DiscordPlatform
from runtime.contents import Text
from runtime.masking import Masker
from tests.fakes.discord import Channel, Discord, Message, Person
from tests.platforms.on_discord.conftest import place
from tests.platforms.recording import RecordingDoor
from tests.runtime.masking.samples import SECRETS

OURS = "house-key-0042-zx91kq7vb3"
secrets = pytest.mark.parametrize("secret", [SECRETS["GitHub"], OURS], ids=["shape", "ours"])


@pytest.fixture
def door() -> RecordingDoor:
    return RecordingDoor(masker=Masker({"MALLARD_KEY": OURS}))


def named(discord: Discord, message: Message) -> str:
    thread = discord.thread_of(message)
    assert thread is not None
    return thread.name


def hides(shown: str, secret: str) -> bool:
    return "•••••••" in shown and secret[:6] not in shown and secret[-6:] not in shown


@secrets
async def test_ask_shows_a_request_without_its_secrets_and_hands_it_on_with_them(
    discord: Discord, platform: DiscordPlatform, alice: Person, pond: Channel, door: RecordingDoor, secret: str
) -> None:
    await discord.until(lambda: discord.state.commands.get(None))

    await alice.slash("ask", pond, request=f"keep {secret} for me")
    (asked,) = door.requests
    assert asked.shown is not None
    root = await platform.post(asked.shown.where, Text(markdown=asked.shown.markdown), key="k0")
    await platform.post(platform.thread_on(root, asked.text), Text(markdown="kept"), key="k1")

    (request,) = discord.answers(pond)
    assert asked.text == f"keep {secret} for me"
    assert hides(request.text, secret)
    assert hides(named(discord, request), secret)


@secrets
@pytest.mark.parametrize("space", [1, 370, 385, 395])
async def test_a_thread_is_called_after_no_secret_wherever_it_stands_in_the_request(
    discord: Discord,
    platform: DiscordPlatform,
    alice: Person,
    pond: Channel,
    door: RecordingDoor,
    secret: str,
    space: int,
) -> None:
    asked = await alice.mentions(pond, f"keep{' ' * space}{secret}")
    await door.heard()

    await platform.post(place(discord, pond, asked), Text(markdown="kept"), key="k1")

    assert hides(named(discord, asked), secret)
