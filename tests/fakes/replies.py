"""What a model endpoint replies with, from a plain answer to all that can go wrong with one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, kw_only=True)
class Say:
    """A reply. `thinking` goes into the field `thinking_in`; `inline` puts it before the text, in think tags."""

    text: str
    thinking: str = ""
    thinking_in: str = "reasoning_content"
    inline: bool = False
    usage: Mapping[str, int] | None = field(default_factory=lambda: {"prompt_tokens": 120, "completion_tokens": 40})
    piece: int = 7


@dataclass(frozen=True, kw_only=True)
class Refuse:
    """An error status. `retry_after` is the header, as it is."""

    status: int
    message: str = "scripted"
    retry_after: str | None = None
    body: str | None = None


@dataclass(frozen=True, kw_only=True)
class Torn:
    """The connection drops after `text`; in a stream, after the chunks that carry it."""

    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Raw:
    """Whatever bytes, with status 200."""

    body: bytes
    content_type: str = "application/json"


@dataclass(frozen=True, kw_only=True)
class Hang:
    """Nothing until `ScriptedEndpoint.release`, then `reply`."""

    reply: Say = field(default_factory=lambda: Say(text="at last"))


@dataclass(frozen=True, kw_only=True)
class Drip:
    """The same bytes every few milliseconds, without an end, until `ScriptedEndpoint.release`."""

    part: bytes
    content_type: str = "application/json"


Reply: TypeAlias = Say | Refuse | Torn | Raw | Hang | Drip
