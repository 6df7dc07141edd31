"""How each platform writes people and conversations. What is written otherwise matches nobody, and so would guard nothing."""

import re
from re import Pattern

from msgspec import Struct

from runtime.records import UserRef


class Form(Struct, frozen=True, kw_only=True):
    """What stands behind the colon. `begun` is how a conversation may begin, for patterns that end with a *."""

    person: Pattern[str]
    person_shown: str
    conversation: Pattern[str]
    begun: Pattern[str]
    conversation_shown: str


FORMS = {
    "slack": Form(
        person=re.compile(r"[TE][A-Z0-9]+/[UW][A-Z0-9]+"),
        person_shown="slack:TEAM/USER with the ids that Slack gives them, such as slack:T012/U034",
        conversation=re.compile(r"[TE][A-Z0-9]+/[CDG][A-Z0-9]+"),
        begun=re.compile(r"(?:[TE][A-Z0-9]*(?:/(?:[CDG][A-Z0-9]*)?)?)?"),
        conversation_shown="slack:TEAM/CHANNEL with Slack's ids, such as slack:T012/C034, or slack:T012/* for a whole team",
    ),
    "discord": Form(
        person=re.compile(r"[0-9]+"),
        person_shown="discord: and the number of the account, such as discord:81384788765712384",
        conversation=re.compile(r"(?:[0-9]+/)?[0-9]+"),
        begun=re.compile(r"[0-9]*(?:/[0-9]*)?"),
        conversation_shown="discord:SERVER/CHANNEL with their numbers, such as discord:42/43, or discord:42/* for a whole server",
    ),
    "terminal": Form(
        person=re.compile(r"[\w.-]+"),
        person_shown="terminal: and the name of an account of this machine, such as terminal:ann",
        conversation=re.compile(r".+"),
        begun=re.compile(r".*"),
        conversation_shown="terminal: and the name of a conversation there, such as terminal:local",
    ),
}
_OF_NO_PLATFORM = f"on one of the platforms that there are, which are {', '.join(FORMS)}"


def right_person(person: UserRef) -> str:
    """What would be right in the place of an account that nobody can have; "" where it is right."""
    form = FORMS.get(person.platform)
    if form is None:
        return f"a person {_OF_NO_PLATFORM}: slack:T012/U034, discord:42 or terminal:ann"
    return "" if form.person.fullmatch(str(person).partition(":")[2]) else form.person_shown


def right_conversation(pattern: str) -> str:
    """What would be right in the place of a pattern, with *, ? and [, that no conversation can match; "" where it is right."""
    plain, *rest = re.split(r"[*?\[]", pattern, maxsplit=1)
    platform, colon, begun = plain.partition(":")
    form = FORMS.get(platform)
    if rest and not colon and any(f"{name}:".startswith(plain) for name in FORMS):
        return ""
    if form is None or not colon:
        return (
            f"a conversation {_OF_NO_PLATFORM}: slack:T012/C034, discord:42/43 or terminal:local, with * for any part"
        )
    return "" if (form.begun if rest else form.conversation).fullmatch(begun) else form.conversation_shown
