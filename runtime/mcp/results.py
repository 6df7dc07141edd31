"""What a tool answered, as an observation: text as text, everything else by its name."""

from typing import Any

import orjson
from mcp_types import (
    AudioContent,
    BlobResourceContents,
    CallToolResult,
    EmbeddedResource,
    ImageContent,
    ResourceLink,
    TextContent,
    TextResourceContents,
)

from runtime.records import Observation
from runtime.tools.given_schema import BadSchema, GivenSchema

_LONGEST_NAME = 200
_MOST_BLOCKS = 500


def observation_of(result: CallToolResult, output_schema: dict[str, Any] | None) -> Observation:
    """A result that does not fit the schema that its own server gave is a failure, and is told all the same."""
    parts = [_words(block) for block in result.content[:_MOST_BLOCKS]]
    if len(result.content) > _MOST_BLOCKS:
        parts.append(f"[{len(result.content) - _MOST_BLOCKS} more parts left out]")
    if result.structured_content is not None and not _is_said(result):
        parts.append(_written(result.structured_content))
    text = "\n".join(parts) or "[it answered nothing]"
    if result.is_error:
        return Observation(ok=False, text=text, error="tool_error")
    faults = _faults_in(result, output_schema)
    if faults:
        notice = f"[This does not fit what the server itself says of its answers: {' '.join(faults)}]"
        return Observation(ok=False, text=f"{notice}\n{text}", error="invalid_result")
    return Observation(ok=True, text=text)


def _words(block: object) -> str:
    match block:
        case TextContent(text=text):
            return text
        case ImageContent() | AudioContent():
            kind = "image" if isinstance(block, ImageContent) else "sound"
            return f"[{kind}, {_name(block.mime_type)}, {len(block.data) * 3 // 4:,} bytes: not shown]"
        case ResourceLink():
            return f"[resource {_name(block.name)}: {_name(block.uri)}]"
        case EmbeddedResource(resource=TextResourceContents() as resource):
            return f"[resource {_name(resource.uri)}, {len(resource.text):,} characters: not shown]"
        case EmbeddedResource(resource=BlobResourceContents() as resource):
            return f"[resource {_name(resource.uri)}, {len(resource.blob) * 3 // 4:,} bytes: not shown]"
        case _:
            return "[something of a kind that is not known]"


def _name(words: object) -> str:
    return " ".join(str(words).split())[:_LONGEST_NAME]


def _is_said(result: CallToolResult) -> bool:
    """Whether the structured content is what the text says already, as most servers have it."""
    texts = [block.text for block in result.content if isinstance(block, TextContent)]
    if len(texts) != 1:
        return False
    try:
        return bool(orjson.loads(texts[0]) == result.structured_content)
    except orjson.JSONDecodeError:
        found = result.structured_content
        return isinstance(found, dict) and list(found.values()) == texts


def _written(value: Any) -> str:
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONEncodeError:
        return "[structured content that cannot be written down]"


def _faults_in(result: CallToolResult, output_schema: dict[str, Any] | None) -> tuple[str, ...]:
    if output_schema is None:
        return ()
    if result.structured_content is None:
        return ("It has no structured content.",)
    try:
        return GivenSchema(output_schema).list_faults(result.structured_content)
    except BadSchema:
        return ()  # nothing to hold it against
