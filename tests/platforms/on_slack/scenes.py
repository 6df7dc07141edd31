"""A card that stands in a channel, and people who look at it."""

from bots.slack import SlackPlatform
from runtime.contents import Card
from runtime.records import ConversationRef
from tests.fakes.slack import Channel, Message, Person, Slack
from tests.platforms.recording import RecordingDoor
from tests.platforms.samples import card


class Scene:
    """A card that stands in a channel."""

    def __init__(self, slack: Slack, platform: SlackPlatform, door: RecordingDoor) -> None:
        self.slack, self.platform, self.door = slack, platform, door
        self.alice, self.bob = slack.person("UALICE"), slack.person("UBOB")
        self.pond: Channel = slack.channel("pond", members=[self.alice, self.bob])

    async def card(self, shown: Card | None = None) -> Message:
        shown = shown or card()
        asked = await self.alice.mentions(self.pond, "please")
        where = ConversationRef(platform="slack", space="T1", channel=self.pond.id, thread=asked.ts)
        for button in shown.buttons:
            self.door.cards[button.token] = shown
        posted = await self.platform.post(where, shown, key="card-7")
        return next(message for message in self.slack.messages(self.pond) if message.ts == posted.id)

    async def told(self, person: Person, containing: str = "") -> Message:
        return await self.slack.until(lambda: next((m for m in person.ephemerals if containing in m.text), None))
