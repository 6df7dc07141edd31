"""reactions.* and blocks.*: small things."""

import re

from tests.fakes.slack.arguments import LIST, OBJECT, STRING, TS, Signature
from tests.fakes.slack.blockkit.check import problems_in_blocks, problems_in_view
from tests.fakes.slack.refusals import Breach, Refusal
from tests.fakes.slack.stage import Json, Method, Methods, Stage
from tests.fakes.slack.state import BOT


def add_reaction(stage: Stage, given: Json) -> Json:
    users = _reacted(stage, given)
    if BOT.id in users:
        raise Refusal("already_reacted", given["name"])
    users.append(BOT.id)
    return {}


def remove_reaction(stage: Stage, given: Json) -> Json:
    users = _reacted(stage, given)
    if BOT.id not in users:
        raise Refusal("no_reaction", given["name"])
    users.remove(BOT.id)
    return {}


def _reacted(stage: Stage, given: Json) -> list[str]:
    if not re.fullmatch(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?", given["name"]):
        raise Breach("invalid_name", f"{given['name']!r} is no emoji name")
    channel = stage.state.channel(given["channel"])
    if channel.is_archived:
        raise Refusal("is_archived", channel.id)
    return stage.state.message(channel.id, given["timestamp"]).reactions.setdefault(given["name"], [])


def validate(stage: Stage, given: Json) -> Json:
    """The same checks as when posting; what is wrong is the answer, not a breach."""
    match given:
        case {"blocks": blocks, **rest} if not rest:
            problems = problems_in_blocks(blocks, "message")
        case {"message": message, **rest} if not rest:
            problems = problems_in_blocks(message.get("blocks", []), "message", at="/message/blocks")
        case {"view": view, **rest} if not rest:
            problems = problems_in_view(view)
        case _:
            raise Breach("invalid_arguments", "exactly one of blocks, message and view is required")
    if problems:
        texts = [str(problem) for problem in problems]
        raise Refusal("invalid_blocks", "; ".join(texts), errors=texts, response_metadata={"messages": texts})
    return {}


_MARK = Signature({"channel": STRING, "name": STRING, "timestamp": TS})
METHODS: Methods = {
    "reactions.add": Method(add_reaction, _MARK, "reactions:write"),
    "reactions.remove": Method(remove_reaction, _MARK, "reactions:write"),
    "blocks.validate": Method(validate, Signature({}, {"blocks": LIST, "message": OBJECT, "view": OBJECT})),
}
