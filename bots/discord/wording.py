"""Texts on their way to Discord and back: what must not be read as markup, and what a person meant.

Pure functions. `escaped` is for what others wrote, `spoken` for lines of our own, `fenced` and `quoted_code` for what
a person has to judge by its looks.
"""

import re
from collections.abc import Iterator, Mapping

from bots.discord.places import PLATFORM
from bots.discord.settings import Identity
from runtime.showing import shortened, times_in, visible

WORD_JOINER = "\N{WORD JOINER}"
LONGEST_NAME = 100

_ASKS = "** asks:\n"
_SHOWN_REQUEST = 3_000
_ESCAPED = re.compile(r"\\([^0-9A-Za-z\s])")
_MARKUP = re.compile(
    r"(?P<any>[\\`*_~|<>\[\]@]"  # emphasis, code, spoilers, links, mentions
    r"|:(?=\S))"  # addresses that become links, emoji
    r"|^(?P<before>[ \t]*)(?P<sign>[#+-](?=[ #+-]|$)|\d{1,9}(?=[.)]))",  # headings, lists, small print
    re.MULTILINE,
)
_PERSON = re.compile(rf"(?<![\w/`]){PLATFORM}:(\d{{5,20}})(?!\w)")
_CODE = re.compile(r"```[\s\S]*?```|`[^`\n]+`")
_FENCE = re.compile(r"`{3,}")
_MENTION = re.compile(
    r"<(?P<kind>@!?|@&|#)(?P<id>\d{1,20})>"
    r"|<a?(?P<emoji>:\w{1,64}:)\d{1,20}>"
    r"|<(?P<command>/[^<>:\n]{1,100}):\d{1,20}>"
)


def escaped(text: str) -> str:
    """The same words, with nothing in them that Discord reads as more than words."""
    return _MARKUP.sub(_as_words, text)


def spoken(text: str) -> str:
    """A line of our own: code in it stays code, times stand in the reader's zone, people bear their names."""
    return "".join(_spoken(text))


def quoted_code(text: str) -> str:
    """A short text as code in a line. Only for one that has no line ends and no backticks."""
    return f"`{text}`"


def fenced(text: str) -> str:
    """A block of code that looks like the text, and that nothing in the text can leave."""
    kept = _FENCE.sub(lambda found: WORD_JOINER.join(found.group()), text)
    if kept.startswith("\n") or not kept.strip():  # Discord drops blank lines at both ends
        kept = WORD_JOINER + kept
    if kept.endswith("\n"):
        kept += WORD_JOINER
    return f"```\n{kept}\n```"


def mended(text: str) -> str:
    """A text that ends too early, with its code closed: Discord shows a block as code only once it has an end."""
    if text.count("```") % 2 == 0:
        return text
    return text.removesuffix("```") if text.endswith("```") else f"{text}\n```"


def announced(name: str, request: str) -> str:
    """Somebody's request for all to see, in their words. It must hold no secret."""
    return f"**{escaped(name)}{_ASKS}{shortened(escaped(request), _SHOWN_REQUEST)}"


def request_in(said: str) -> str:
    """What is asked for in a message that says `announced`; any other text as it is."""
    head, _, request = said.partition(_ASKS)
    return _ESCAPED.sub(r"\1", request) if request and head.startswith("**") and "\n" not in head else said


def thread_name(request: str) -> str:
    """What a thread is called after the request that it is opened for. Names stay, and spread: it must hold no secret."""
    return shortened(visible(request), LONGEST_NAME) or "A request"


def plain(text: str, me: Identity, names: Mapping[str, str] | None = None) -> str:
    """What a person meant by a message's text: our own name left out, other mentions as words. `names` are those of
    people, roles and channels by their ids, and "" for what is ours, as a role of the bot."""
    known = names or {}
    without_us = re.sub(rf"\s*<@!?{me.user}>[:,]?\s*", " ", text)
    return _MENTION.sub(lambda found: _in_words(found, known), without_us).strip()


def _as_words(found: re.Match[str]) -> str:
    if found["any"]:
        return "\\" + found["any"]
    sign = found["sign"]
    return found["before"] + (f"{sign}\\" if sign.isdecimal() else f"\\{sign}")


def _spoken(text: str) -> Iterator[str]:
    end = 0
    for code in _CODE.finditer(text):
        yield from _timed(text[end : code.start()])
        yield code.group()
        end = code.end()
    yield from _timed(text[end:])


def _timed(text: str) -> Iterator[str]:
    for before, at, words in times_in(text):
        yield from _named(before)
        if words:  # no form of Discord's says the date and the second
            yield f"<t:{at}:d> <t:{at}:T>" if words.count(":") > 1 else f"<t:{at}:f>"


def _named(text: str) -> Iterator[str]:
    end = 0
    for person in _PERSON.finditer(text):
        yield escaped(text[end : person.start()])
        yield f"<@{person[1]}>"
        end = person.end()
    yield escaped(text[end:])


def _in_words(found: re.Match[str], names: Mapping[str, str]) -> str:
    if found["emoji"] or found["command"]:
        return found["emoji"] or found["command"]
    name = names.get(found["id"], found["id"])
    sign = found["kind"][0]
    return sign + name.removeprefix(sign) if name else ""
