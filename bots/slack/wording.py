"""Texts on their way to Slack and back: what a person wrote, and what must not ping, unfurl or mislead.

Pure functions. `escaped` is for mrkdwn that we compose, `neutralised` for Markdown that a model wrote.
"""

import re

from runtime.showing import times_in

WORD_JOINER = "\N{WORD JOINER}"

# Slack reads these as mentions in mrkdwn. In Markdown it may or may not: they get a joint that it cannot read over.
_PING = re.compile(
    r"<(?=!(?:here|channel|everyone|group|subteam)\b|[@#][A-Za-z0-9])|(?<!\w)@(?=(?:here|channel|everyone)\b)",
    re.IGNORECASE,
)
_PICTURE = re.compile(r"!(?=\[[^\]\n]{0,300}\][(\[])")  # its address would be fetched, and can carry secrets away
_UNFINISHED = re.compile(r"(?:<[!@#]?\w{0,9}|@\w{0,8}|!(?:\[[^\]\n]{0,300}\]?)?)\Z")


def escaped(text: str) -> str:
    """For mrkdwn: nothing in it is a mention, a link or a date any more."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def neutralised(markdown: str) -> str:
    """Markdown that looks the same, notifies nobody and loads no picture."""
    return _PICTURE.sub("!" + WORD_JOINER, _PING.sub(lambda found: found.group() + WORD_JOINER, markdown))


def settled_length(text: str) -> int:
    """How much of a growing text can be neutralised now: what follows may still become a mention or a picture."""
    found = _UNFINISHED.search(text)
    return found.start() if found else len(text)


def date_format(words: str) -> str:
    """Slack's format for a time of these words."""
    return "{date_short_pretty} at {time_secs}" if words.count(":") > 1 else "{date_short_pretty} at {time}"


def localised(escaped_text: str) -> str:
    """Mrkdwn whose times stand in the reader's own zone."""
    return "".join(
        before + (f"<!date^{at}^{date_format(words)}|{words}>" if words else "")
        for before, at, words in times_in(escaped_text)
    )


_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")


def plain(text: str, *, own_id: str) -> str:
    """What a person meant by a message's text: our name left out, mentions and links as words, nothing escaped."""
    without_us = re.sub(rf"\s*<@{re.escape(own_id)}(?:\|[^>]*)?>[:,]?\s*", " ", text)
    words = _MARKUP.sub(_in_words, without_us)
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _in_words(found: re.Match[str]) -> str:
    kind, target, label = found.groups()
    match kind:
        case "@" | "#":
            return kind + (label or target).removeprefix(kind)
        case "!":
            name = label or target.split("^")[0]
            return name if name.startswith("@") or target.startswith("date") else f"@{name}"
        case _:
            address = target.removeprefix("mailto:").removeprefix("tel:")
            return address if not label or label in (target, address) else f"{label} ({address})"


def names(text: str, user_id: str) -> bool:
    """Whether a message's text mentions this user."""
    return re.search(rf"<@{re.escape(user_id)}(?:\||>)", text) is not None
