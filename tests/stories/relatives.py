"""People of the stories with a second account: alice and bob on Slack once more, and whoever keeps the machine."""

from runtime.records import ConversationRef, IncomingMessage, UserRef
from tests.fakes.slack import Message, Person
from tests.stories.shell import KEEPER
from tests.stories.world import TEAM, World

MACHINE = UserRef(platform="terminal", id=KEEPER)


def second(world: World, name: str) -> Person:
    """Another account of the same Slack, whose name says whose it is; it is in the pond."""
    person = world.slack.person(f"U{name.upper()}2", name=f"{name}-2")
    world.pond.members.add(person.id)
    return person


def ref(person: Person | UserRef) -> UserRef:
    return person if isinstance(person, UserRef) else UserRef(platform="slack", space=TEAM, id=person.id)


async def at_the_machine(world: World, words: str) -> None:
    """Whoever keeps the machine says so in a chat there."""
    message = IncomingMessage(
        id=words,
        where=ConversationRef(platform=MACHINE.platform, channel="local"),
        author=MACHINE,
        author_name=KEEPER,
        text=words,
        sent_at=world.clock.now(),
        direct=True,
    )
    await world.house.door.receive(message)


async def are_linked(world: World, one: Person | UserRef, other: Person | UserRef) -> None:
    await at_the_machine(world, f"link {ref(one)} {ref(other)}")


async def are_parted(world: World, account: Person | UserRef) -> None:
    await at_the_machine(world, f"unlink {ref(account)}")


async def hears(world: World, person: Person, words: str) -> str:
    """What Mallard says to these words of theirs, in private."""
    asked = await person.dms(words)
    pages = await world.slack.until(lambda: world.slack.answers(person.dm, asked))
    return pages[-1].text


async def is_told(world: World, person: Person, words: str) -> Message:
    """What Mallard says to them unasked."""
    return await world.slack.message(person.dm, contains=words)
