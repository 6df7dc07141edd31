"""A single look at a server, for somebody who wants to know how it is."""

import asyncio
import importlib

from msgspec import Struct, field

from runtime.mcp.course import Course
from runtime.mcp.faults import check_not_cancelled, words_of
from runtime.mcp.listing import Listing
from runtime.mcp.murmur import Murmur
from runtime.mcp.spec import ServerSpec


class Sight(Struct, frozen=True, kw_only=True):
    """What was seen: `why_away` is "" where it answered."""

    introduction: str = ""
    listing: Listing = field(default_factory=Listing)
    why_away: str = ""


async def look_at(spec: ServerSpec) -> Sight:
    """Start it, ask what it offers, and end it. Never raises for what the server does."""
    course, murmur = Course(), Murmur(spec.name, spec.secrets)
    try:
        await asyncio.to_thread(importlib.import_module, "mcp")
        from runtime.mcp.connection import connect

        async with connect(spec, course, murmur) as connection:
            listing = await connection.list_offers(spec.start_timeout)
            return Sight(introduction=connection.introduction, listing=listing)
    except Exception as error:
        check_not_cancelled()
        return Sight(why_away=murmur.told(course.explain(words_of(error))))
