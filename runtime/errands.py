"""The words of the door, typed where only one person reads the answer: a slash command, for instance."""

from runtime.commands import Decide, ShowOptions, Stop, decides, read_command
from runtime.contents import Page
from runtime.door import Door
from runtime.records import ConversationRef, UserRef


def goes_as_message(words: str) -> bool:
    """Whether they are a request, or decide something: a decision has to leave a message behind."""
    match read_command(words):
        case Stop() | Decide(number=None):
            return False
        case None:
            return True
        case said:
            return decides(said)


async def answer_words(door: Door, words: str, *, by: UserRef, where: ConversationRef) -> Page | None:
    """The page that answers these words in private; None where they go the way that messages go."""
    if goes_as_message(words):
        return None
    match read_command(words):
        case ShowOptions(name=name, value=value) if name:
            return await door.set_option(where, name, value, by=by, direct=True)
        case Stop():
            return await door.stop(where, by=by, direct=True)
        case Decide(number=None):
            return await door.read_page("pending", by=by, where=where, direct=True)
        case _:
            return await door.read_page(words.lower(), by=by, where=where, direct=True)
