"""Who may talk and decide."""

from collections.abc import Iterator

from bots.doctor.findings import Finding, ok, warn
from bots.settings import Settings


def examine_people(settings: Settings) -> Iterator[Finding]:
    chat = " or ".join(platform.capitalize() for platform in settings.chat_platforms)
    if settings.anybody_may_talk:
        yield ok("users", "everybody who can reach it may talk")
    elif chat and not (settings.named_users or settings.approvers or settings.admins):
        yield warn(
            "users", f"nobody on {chat} may talk to it",
            "Set MALLARD_USERS; who writes to it is told their own id. * lets everybody talk.",
        )  # fmt: skip
    else:
        yield ok("users", f"{len(settings.named_users)} named, and the person at the terminal")
    if settings.approvers:
        yield ok("approvers", ", ".join(str(person) for person in settings.approvers))
    elif chat:
        yield warn(
            "approvers", f"nobody on {chat} may decide: risky calls are refused there",
            "Set MALLARD_APPROVERS; the refusal in the chat names the id to put there.",
        )  # fmt: skip
    else:
        yield ok("approvers", "the person at the terminal")
