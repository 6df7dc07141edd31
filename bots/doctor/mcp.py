"""The servers of tools: whether each starts, who it says it is, and what it offers in which version."""

import asyncio
from collections.abc import AsyncIterator

from bots.doctor.findings import Finding, fail, ok, warn
from bots.rules import servers_of
from bots.settings import Settings
from runtime.mcp.look import Sight, look_at
from runtime.mcp.spec import ServerSpec

_MOST_NAMED = 40


async def examine_mcp(settings: Settings) -> AsyncIterator[Finding]:
    """Starts every server, all at once, and ends it again."""
    specs = servers_of(settings)
    for spec, sight in zip(specs, await asyncio.gather(*map(look_at, specs)), strict=True):
        for finding in _findings(spec, sight):
            yield finding


def _findings(spec: ServerSpec, sight: Sight) -> list[Finding]:
    part = f"mcp {spec.name}"
    if sight.why_away:
        how = "Run its command by hand and see" if spec.command else "Look whether its address is right"
        return [fail(part, f"{spec.place}: {sight.why_away}", f"{how}; docs/mcp.md names what it can be.")]
    named = ", ".join(f"{offer.name} ({offer.shown_version})" for offer in sight.listing.offers[:_MOST_NAMED])
    more = len(sight.listing.offers) - _MOST_NAMED
    words = f"{sight.introduction}; {len(sight.listing.offers)} tools: {named}{f' and {more} more' if more > 0 else ''}"
    advice = "Name the tools that you want in its `tools`, or ask whoever makes the server."
    return [ok(part, words), *(warn(part, f"left out: {words}", advice) for words in sight.listing.left_out)]
