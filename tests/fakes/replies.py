"""What a model endpoint replies with, from a plain answer to all that can go wrong with one."""

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct, field


class Say(Struct, frozen=True, kw_only=True):
    """A reply. `thinking` goes into the field `thinking_in`; `inline` puts it before the text, in think tags."""

    text: str
    thinking: str = ""
    thinking_in: str = "reasoning_content"
    inline: bool = False
    usage: Mapping[str, int] | None = field(default_factory=lambda: {"prompt_tokens": 120, "completion_tokens": 40})
    piece: int = 7


class Refuse(Struct, frozen=True, kw_only=True):
    """An error status. `retry_after` is the header, as it is."""

    status: int
    message: str = "scripted"
    retry_after: str | None = None
    body: str | None = None


class Torn(Struct, frozen=True, kw_only=True):
    """The connection drops after `text`; in a stream, after the chunks that carry it."""

    text: str = ""


class Raw(Struct, frozen=True, kw_only=True):
    """Whatever bytes, with status 200."""

    body: bytes
    content_type: str = "application/json"


class Hang(Struct, frozen=True, kw_only=True):
    """Nothing until `ScriptedEndpoint.release`, then `reply`."""

    reply: Say = field(default_factory=lambda: Say(text="at last"))


class Drip(Struct, frozen=True, kw_only=True):
    """The same bytes every few milliseconds, without an end, until `ScriptedEndpoint.release`."""

    part: bytes
    content_type: str = "application/json"


Reply: TypeAlias = Say | Refuse | Torn | Raw | Hang | Drip
