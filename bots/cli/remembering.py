"""What `mallard memory` does: whoever sits at the machine looks after all of it."""

import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any, TextIO

import typer

from bots.cli.indoors import in_house
from bots.cli.printing import print_json, print_table, write_age
from bots.house import House
from bots.terminal.platform import local_user
from runtime.errors import MallardError
from runtime.memory.desk import words_on_forgetting
from runtime.memory.records import Forgotten, Memory, MemoryId, MemoryQuery
from runtime.showing import shortened

_BATCH = 500


def list_memories(*, everything: bool, limit: int, as_json: bool) -> None:
    async def read(house: House) -> tuple[Memory, ...]:
        places = await house.store.list_places()
        return await house.store.list_memories(places, house.clock.now(), retired=everything, limit=limit)

    _show(in_house(read), as_json=as_json, empty="Nothing is remembered yet.")


def search(words: str, *, limit: int, as_json: bool) -> None:
    async def read(house: House) -> tuple[Memory, ...]:
        query = MemoryQuery(text=words, places=await house.store.list_places(), limit=limit)
        return tuple(found.memory for found in await house.store.search_memories(query, house.clock.now()))

    _show(in_house(read), as_json=as_json, empty="Nothing is remembered about that.")


def forget(number: int, *, yes: bool) -> None:
    """Forget a memory, after asking. Raises MallardError where there is none of that number."""
    memory_id = MemoryId(number)

    async def find(house: House) -> Memory | None:
        return house.store.find_memory(memory_id)

    memory = in_house(find)
    if memory is None:
        raise MallardError(f"There is no memory {number}. `mallard memory list --all` shows all.")
    if not yes:
        typer.confirm(f"Forget “{shortened(memory.text, 200)}” ({_whose(memory)}), for good?", abort=True)

    async def go(house: House) -> Forgotten:
        return await house.store.forget((memory_id,), house.clock.now(), by=local_user())

    gone = in_house(go)
    if gone.runs_in_the_way:
        raise MallardError(words_on_forgetting(memory_id, gone))
    print(words_on_forgetting(memory_id, gone))


def export(to: str) -> None:
    """Write every memory as a line of JSON. Existing files are never overwritten."""
    if to == "-":
        in_house(lambda house: _write(house, sys.stdout))
        return
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        written = in_house(lambda house: _write(house, out))
    print(f"{written} memories stand in {to}.")


async def _write(house: House, out: TextIO) -> int:
    lines = [_as_json(memory) async for memory in _every(house)]
    for line in reversed(lines):
        out.write(house.masker.write_json(line).decode() + "\n")
    return len(lines)


async def _every(house: House) -> AsyncIterator[Memory]:
    places, before = await house.store.list_places(), None
    while batch := await house.store.list_memories(
        places, house.clock.now(), retired=True, before=before, limit=_BATCH
    ):
        for memory in batch:
            yield memory
        before = batch[-1].id


def _show(found: tuple[Memory, ...], *, as_json: bool, empty: str) -> None:
    if as_json:
        print_json(_as_json(memory) for memory in found)
        return
    now = datetime.now(UTC)
    print_table(
        ("memory", "says", "for", "type", "said by", "since", "used", "state"),
        (
            (
                str(memory.id), shortened(memory.text, 120), _whose(memory), memory.type, str(memory.said_by),
                write_age(memory.created_at), str(memory.uses), _state(memory, now),
            )
            for memory in found
        ),
        empty=empty,
    )  # fmt: skip


def _whose(memory: Memory) -> str:
    return f"{memory.place.scope} {memory.place.subject}".strip()


def _state(memory: Memory, now: datetime) -> str:
    if memory.superseded_by is not None:
        return f"superseded by {memory.superseded_by}"
    if memory.retired_at is not None:
        return "retired"
    if memory.expires_at is not None:
        return "expired" if memory.expires_at <= now else f"until {memory.expires_at:%Y-%m-%d}"
    return "pinned" if memory.pinned else ""


def _as_json(memory: Memory) -> dict[str, Any]:
    return {
        "id": memory.id,
        "text": memory.text,
        "scope": memory.place.scope,
        "subject": memory.place.subject,
        "type": memory.type,
        "importance": memory.importance,
        "said_by": str(memory.said_by),
        "run": memory.run_id,
        "metadata": memory.metadata,
        "created_at": memory.created_at,
        "used_at": memory.used_at,
        "uses": memory.uses,
        "helped": memory.helped,
        "misled": memory.misled,
        "pinned": memory.pinned,
        "expires_at": memory.expires_at,
        "retired_at": memory.retired_at,
        "superseded_by": memory.superseded_by,
    }
