"""Making a message of a body: the rules beyond shape, the files, whom it notifies."""

import mimetypes
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from tests.fakes.discord.content import Content, with_ids
from tests.fakes.discord.layout.check import attachments_named, problems_in_components
from tests.fakes.discord.mentions import Mentions, mentions_in
from tests.fakes.discord.messages import COMPONENTS_V2, Attachment, Message
from tests.fakes.discord.places import Channel
from tests.fakes.discord.refusals import Breach, Refusal, check
from tests.fakes.discord.shapes import Problem
from tests.fakes.discord.signatures import SUPPRESS_EMBEDS
from tests.fakes.discord.stage import LARGEST_FILE, Asked, Stage, Upload

Json = dict[str, Any]
LONGEST_EMBEDS = 6000


class Draft(Struct, frozen=True, kw_only=True):
    """A message that Discord would take."""

    content: Content
    mentions: Mentions
    embeds: list[Json]
    attachments: list[Attachment]
    flags: int


def composed(
    stage: Stage,
    channel: Channel,
    asked: Asked,
    *,
    body: Json | None = None,
    before: Message | None = None,
    at: str = "",
) -> Draft:
    """`body` is the message where the request is more than that, at the pointer `at`; `before`: what is edited."""
    said = asked.body if body is None else body
    check(_quarrels(said, before, at))
    attachments = _attachments(stage, channel, said, asked.files, before, at)
    flags = said.get("flags")
    old_flags = before.flags if before else 0
    draft_flags = old_flags if flags is None else flags | (old_flags & ~SUPPRESS_EMBEDS)
    words = _kept(said, "content", before.content.words if before else "") or ""
    components = _kept(said, "components", before.components if before else ()) or ()
    embeds = list(_kept(said, "embeds", before.embeds if before else []) or [])
    check(_unreferenced(said, components, attachments, is_v2=bool(draft_flags & COMPONENTS_V2), at=at))
    if not (words.strip() or components or embeds or attachments or said.get("sticker_ids") or said.get("poll")):
        raise Breach(Problem(at, "Cannot send an empty message"), code=50006)
    mentions = mentions_in(stage.state, channel, words, components, said.get("allowed_mentions"), _replied(stage, said))
    names = tuple(file.filename for file in attachments)
    content = Content(words, with_ids(components), names, mentions.pings)
    return Draft(content=content, mentions=mentions, embeds=embeds, attachments=attachments, flags=draft_flags)


def _quarrels(said: Json, before: Message | None, at: str) -> Iterator[Problem]:
    flags, was_v2 = said.get("flags"), before is not None and before.is_v2
    v2 = was_v2 or bool((flags or 0) & COMPONENTS_V2)
    if was_v2 and flags is not None and not flags & COMPONENTS_V2:
        yield Problem(f"{at}/flags", "IS_COMPONENTS_V2 cannot be removed")
    if v2:
        for name in ("content", "embeds", "poll", "sticker_ids"):
            if said.get(name):
                yield Problem(f"{at}/{name}", f"a message with IS_COMPONENTS_V2 cannot have {name}")
        stood = {"content": before.content.words, "embeds": before.embeds} if before else {}
        for name in stood:
            if stood[name] and name not in said:
                yield Problem(f"{at}/{name}", f"{name} must be null where the message becomes V2")
        if not said.get("components") and (before is None or "components" in said):
            yield Problem(f"{at}/components", "a message with IS_COMPONENTS_V2 needs components")
    if said.get("components"):
        yield from problems_in_components(said["components"], v2=v2, at=f"{at}/components")
    if (length := sum(map(_length, said.get("embeds") or ()))) > LONGEST_EMBEDS:
        yield Problem(f"{at}/embeds", f"{length} characters in all embeds; {LONGEST_EMBEDS} are allowed")
    mentions = said.get("allowed_mentions") or {}
    for kind in ("users", "roles"):
        if mentions.get(kind) and kind in mentions.get("parse", ()):
            yield Problem(f"{at}/allowed_mentions", f"parse:[{kind!r}] and {kind}: [ids...] are mutually exclusive")
    if said.get("enforce_nonce") and said.get("nonce") in (None, ""):
        yield Problem(f"{at}/enforce_nonce", "enforce_nonce without a nonce does nothing")


def _length(embed: Json) -> int:
    fields = sum(len(field["name"]) + len(field["value"]) for field in embed.get("fields") or ())
    texts = [embed.get("title"), embed.get("description"), embed.get("footer", {}).get("text")]
    return fields + sum(len(text) for text in [*texts, embed.get("author", {}).get("name")] if text)


def _kept(said: Json, name: str, before: Any) -> Any:
    """A field of the body, or what stood there before; null empties it."""
    return said.get(name) if name in said else before


def _attachments(
    stage: Stage, channel: Channel, said: Json, files: Sequence[Upload], before: Message | None, at: str
) -> list[Attachment]:
    """Those that stay, and those that come."""
    old = {file.id: file for file in (before.attachments if before else ())}
    if "attachments" not in said or said["attachments"] is None:
        if files:
            raise Breach(Problem(f"{at}/attachments", f"{len(files)} files came that attachments does not name"))
        return list(old.values())
    new = {file.number: file for file in files}
    named = {str(entry["id"]): entry for entry in said["attachments"]}
    check(_unnamed(named, new, old, at))
    if any(len(file.content) > LARGEST_FILE for file in files):
        raise Refusal(40005)
    return [old[number] if number in old else _stored(stage, channel, new[number], named[number]) for number in named]


def _unnamed(named: Json, new: Json, old: Json, at: str) -> Iterator[Problem]:
    for number in named.keys() - new.keys() - old.keys():
        yield Problem(f"{at}/attachments", f"there is no file {number}")
    for number in new.keys() - named.keys():
        yield Problem(f"{at}/attachments", f"file {number} is not named")


def _stored(stage: Stage, channel: Channel, file: Upload, entry: Json) -> Attachment:
    name = str(entry.get("filename") or file.filename)
    kind = mimetypes.guess_type(name)[0]
    attachment = Attachment(
        id=stage.state.ids.new(),
        filename=name,
        content=file.content,
        channel=channel.id,
        content_type=f"{kind}; charset=utf-8" if kind and kind.startswith("text/") else kind,
        description=entry.get("description"),
    )
    stage.state.attachments[attachment.id] = attachment
    return attachment


def _unreferenced(
    said: Json, components: Any, attachments: list[Attachment], *, is_v2: bool, at: str
) -> Iterator[Problem]:
    there = {file.filename for file in attachments}
    shown = set(attachments_named(components))
    for name in sorted(shown - there):
        yield Problem(f"{at}/components", f"attachment://{name} is not among the files")
    stays = {file.id for file in attachments}
    new = {str(entry.get("filename")) for entry in said.get("attachments") or () if str(entry["id"]) not in stays}
    if is_v2:
        for name in sorted(new - shown):
            yield Problem(f"{at}/attachments", f"{name} is shown by no component, so nobody would see it")


def _replied(stage: Stage, said: Json) -> str:
    reference = said.get("message_reference")
    original = stage.state.find_message(str(reference["message_id"])) if reference else None
    return original.author if original else ""
