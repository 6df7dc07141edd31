"""The words of the door, typed where only one person reads the answer: a slash command, for instance."""

from runtime.commands import Decide, ShowOptions, Stop, decides, read_command
from runtime.contents import Page
from runtime.door import Door
from runtime.records import ConversationRef, UserRef


async def answer_words(door: Door, words: str, *, by: UserRef, where: ConversationRef) -> Page | None:
    """The page that answers these words in private; None where they are a request, or decide something.

    A decision has to leave a message behind, so it goes the way that messages go.
    """
    match read_command(words):
        case ShowOptions(name=name, value=value) if name:
            return await door.set_option(where, name, value, by=by, direct=True)
        case Stop():
            return await door.stop(where, by=by, direct=True)
        case Decide(number=None):
            return await door.read_page("pending", by=by, where=where, direct=True)
        case None:
            return None
        case said if decides(said):
            return None
        case _:
            return await door.read_page(words.lower(), by=by, where=where, direct=True)
