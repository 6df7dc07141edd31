"""A loopback Slack: strict where Slack is strict, and stricter where Slack is silent."""

from tests.fakes.faults import Fault
from tests.fakes.record import Call, Violation
from tests.fakes.slack.clock import Clock
from tests.fakes.slack.content import Content, Control
from tests.fakes.slack.envelopes import Envelope, Receipt
from tests.fakes.slack.httpmode import SIGNING_SECRET, HttpMode
from tests.fakes.slack.loopback import Slack
from tests.fakes.slack.messages import Message, Snapshot, render
from tests.fakes.slack.person import Person
from tests.fakes.slack.places import Channel, User
from tests.fakes.slack.state import BOT
from tests.fakes.slack.views import View

__all__ = [
    "BOT",
    "SIGNING_SECRET",
    "Call",
    "Channel",
    "Clock",
    "Content",
    "Control",
    "Envelope",
    "Fault",
    "HttpMode",
    "Message",
    "Person",
    "Receipt",
    "Slack",
    "Snapshot",
    "User",
    "View",
    "Violation",
    "render",
]
