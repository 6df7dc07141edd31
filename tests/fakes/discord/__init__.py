"""A loopback Discord: strict where Discord is strict, and stricter where Discord is silent."""

from tests.fakes.clock import Clock
from tests.fakes.discord.buckets import DISCORDS_WINDOW
from tests.fakes.discord.content import Content, Control
from tests.fakes.discord.interactions import Interaction, Receipt
from tests.fakes.discord.loopback import Discord
from tests.fakes.discord.messages import Attachment, Message, Snapshot, render
from tests.fakes.discord.modals import Modal
from tests.fakes.discord.permissions import Permission
from tests.fakes.discord.person import Person
from tests.fakes.discord.places import Channel, Guild, Role, User
from tests.fakes.faults import Fault
from tests.fakes.record import Call, Violation

__all__ = [
    "DISCORDS_WINDOW",
    "Attachment",
    "Call",
    "Channel",
    "Clock",
    "Content",
    "Control",
    "Discord",
    "Fault",
    "Guild",
    "Interaction",
    "Message",
    "Modal",
    "Permission",
    "Person",
    "Receipt",
    "Role",
    "Snapshot",
    "User",
    "Violation",
    "render",
]
