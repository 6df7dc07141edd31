"""Requests as they come over the wire: JSON or several parts, read and nothing more."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from aiohttp import BodyPartReader, web

from tests.fakes.discord.refusals import Breach, breach
from tests.fakes.discord.shapes import Problem
from tests.fakes.discord.stage import Upload

Json = dict[str, Any]
_PART = re.compile(r"files\[(\d+)\]")


def matching(method: str, path: str, names: Iterable[str]) -> tuple[str, dict[str, str]] | None:
    """The route's name and what stands in its braces; one with fewer braces goes first."""
    given = path.strip("/").split("/")
    for name in sorted(names, key=lambda name: name.count("{")):
        verb, _, template = name.partition(" ")
        wanted = template.strip("/").split("/")
        if verb == method and len(wanted) == len(given):
            pairs = list(zip(wanted, given, strict=True))
            if all(want == got or want.startswith("{") for want, got in pairs):
                return name, {want.strip("{}"): got for want, got in pairs if want.startswith("{")}
    return None


async def read(request: web.Request) -> tuple[Any, tuple[Upload, ...], Breach | None]:
    """The JSON, the files, and what was unreadable about them."""
    if request.content_type.startswith("multipart/"):
        return await _parts(request)
    text = await request.read()
    if not text:
        return None, (), None
    if request.content_type != "application/json":
        return None, (), breach("", f"Content-Type {request.content_type} with a body")
    return *_parsed(text), None if _is_json(text) else Breach(Problem("", "no JSON"), code=50109)


def _parsed(text: bytes) -> tuple[Any, tuple[Upload, ...]]:
    return (json.loads(text) if _is_json(text) else None), ()


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


async def _parts(request: web.Request) -> tuple[Any, tuple[Upload, ...], Breach | None]:
    body: Any = None
    files: list[Upload] = []
    strange: list[str] = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        content, numbered = bytes(await part.read()), _PART.fullmatch(part.name or "")
        if part.name == "payload_json" and _is_json(content):
            body = json.loads(content)
        elif numbered is not None:
            kind = part.headers.get("Content-Type")
            files.append(Upload(number=numbered[1], filename=part.filename or "", content=content, content_type=kind))
        else:
            strange.append(str(part.name))
    return body, tuple(files), breach("", f"unknown parts {strange}") if strange else None


def told(path: Mapping[str, str], query: Mapping[str, str], body: Any, files: Iterable[Upload]) -> Json:
    """One flat mapping of everything, for whoever looks at the record; tokens are left out."""
    said = dict(body) if isinstance(body, dict) else {} if body is None else {"body": body}
    names = [file.filename for file in files]
    shown = {name: value for name, value in path.items() if name != "token"}
    return {**said, **query, **shown, **({"files": names} if names else {})}
