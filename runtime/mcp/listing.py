"""What a server offers, read with suspicion: bounded, without doubles, and pinned by a digest of all that it says."""

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from rfc8785 import CanonicalizationError

from runtime.digest import canonical_form
from runtime.mcp.spec import ServerSpec
from runtime.tools.given_schema import BadSchema, GivenSchema
from runtime.tools.visible import make_visible

if TYPE_CHECKING:
    from mcp_types import Tool as Described

MOST_TOOLS = 100
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]{0,99}")
_LONGEST_DESCRIPTION = 600
_SHOWN_DIGITS = 8


class Hints(Struct, frozen=True, kw_only=True):
    """What a server says of a tool's effects. Nobody vouches for it; None where it says nothing."""

    reads_only: bool | None = None
    destroys: bool | None = None
    repeatable: bool | None = None


class Offer(Struct, frozen=True, kw_only=True):
    """One tool. `version` changes with anything that the server says of it."""

    name: str
    version: str
    description: str
    schema: GivenSchema
    output_schema: dict[str, Any] | None
    hints: Hints

    @property
    def shown_version(self) -> str:
        return self.version[:_SHOWN_DIGITS]


class Listing(Struct, frozen=True, kw_only=True):
    """The tools that can be used, and a sentence for each that cannot."""

    offers: tuple[Offer, ...] = ()
    left_out: tuple[str, ...] = ()

    def find(self, name: str) -> Offer | None:
        return next((offer for offer in self.offers if offer.name == name), None)


def read_listing(spec: ServerSpec, described: "Sequence[Described]") -> Listing:
    offers: dict[str, Offer] = {}
    left_out: list[str] = []
    for tool in described:
        if spec.tools is not None and tool.name not in spec.tools:
            continue
        name = make_visible(tool.name)[:80]
        if not _NAME.fullmatch(tool.name):
            left_out.append(f"{name!r} is not a name that can be used")
        elif tool.execution is not None and tool.execution.task_support == "required":
            left_out.append(f"{name} runs only as a task of its own, which Mallard does not start")
        elif tool.name in offers:
            left_out.append(f"{name} is there twice; the first one counts")
        elif len(offers) >= MOST_TOOLS:
            left_out.append(f"{name} is beyond the {MOST_TOOLS} tools that one server may have")
        else:
            try:
                offers[tool.name] = _offer(spec, tool)
            except BadSchema as error:
                left_out.append(f"{name} has arguments that cannot be described: {error}")
    if spec.tools is not None:
        missing = spec.tools - {tool.name for tool in described}
        left_out += [f"{name} is in the settings, but the server has no such tool" for name in sorted(missing)]
    return Listing(offers=tuple(offers.values()), left_out=tuple(left_out))


def _offer(spec: ServerSpec, tool: "Described") -> Offer:
    said = tool.annotations
    return Offer(
        name=tool.name,
        version=_version(spec, tool),
        description=_description(spec, tool.description or tool.title or ""),
        schema=GivenSchema(tool.input_schema),
        output_schema=tool.output_schema,
        hints=Hints(
            reads_only=said.read_only_hint if said else None,
            destroys=said.destructive_hint if said else None,
            repeatable=said.idempotent_hint if said else None,
        ),
    )


def _version(spec: ServerSpec, tool: "Described") -> str:
    """A digest of where the tool is and of everything that is said of it, so that any change asks anew."""
    said = tool.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"icons", "meta"})
    try:
        pinned = canonical_form({"server": [spec.name, spec.url, *spec.command], "tool": said})
    except CanonicalizationError as error:
        raise BadSchema(f"it has no exact form ({error})") from None
    return hashlib.sha256(pinned).hexdigest()[:32]


def _description(spec: ServerSpec, words: str) -> str:
    """The server's words on one line and in quotation marks, so that nobody takes them for ours."""
    line = make_visible(" ".join(words.split())).replace("“", '"').replace("”", '"')
    short = line if len(line) <= _LONGEST_DESCRIPTION else f"{line[:_LONGEST_DESCRIPTION]}…"
    if not short:
        return f"A tool of the MCP server {spec.name}, which says nothing about it."
    return f"A tool of the MCP server {spec.name}, which says of it: “{short}”"
