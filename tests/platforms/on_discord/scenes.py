"""A card in a thread, and the people who click it."""

from bots.discord import DiscordPlatform
from runtime.contents import Card
from runtime.records import ConversationRef, MessageRef
from tests.fakes.discord import Channel, Discord, Message, Person
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card


class Scene:
    """A card that stands in the thread of a request."""

    def __init__(self, discord: Discord, platform: DiscordPlatform, door: RecordingDoor) -> None:
        self.discord, self.platform, self.door = discord, platform, door
        self.alice, self.bob = discord.person("alice"), discord.person("bob")
        self.pond: Channel = discord.channel("pond", members=[self.alice, self.bob])

    async def card(self, shown: Card | None = None) -> Message:
        return (await self.posted(shown))[0]

    async def posted(self, shown: Card | None = None) -> tuple[Message, MessageRef]:
        shown = shown or card()
        asked = await self.alice.mentions(self.pond, "please")
        where = ConversationRef(platform="discord", space=self.discord.home.id, channel=self.pond.id, thread=asked.id)
        for button in shown.buttons:
            self.door.cards[button.token] = shown
        posted = await self.platform.post(where, shown, key="card-7")
        return await self.discord.message(self.pond, thread=asked), posted

    async def told(self, person: Person, containing: str = "") -> Message:
        return await self.discord.ephemeral(person, contains=containing)
