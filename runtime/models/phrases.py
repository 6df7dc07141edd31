"""The command language of the embedded default. What is written here is the parser and the documentation at once."""

import re
from functools import cache

from msgspec import Struct

from runtime.records import JsonObject

_QUOTED = r'"[^"\n]+"|`[^`\n]+`'
_PLACEHOLDERS = {
    "FOLDER": rf'(?P<path>{_QUOTED}|[^\s"`]+)',
    "FILE": rf'(?P<path>{_QUOTED}|[^\s":`]+)',
    "TEXT": rf'(?P<text>{_QUOTED}|[^\s"`].*?)',
    "WORDS": r"(?P<content>(?s:.*))",
    "COMMAND": r"(?P<command>(?s:.+))",
    "ADDRESS": r"<?(?P<url>https?://[^\s<>|]+)>?",
}
_BEFORE = re.compile(
    r"(?:(?:<@\w+>|@?mallard)[,:]?\s+)?(?:(?:hi|hello|hey|ok|okay)[,!]?\s+)?"
    r"(?:please,?\s+)?(?:(?:can|could|would|will) you\s+)?(?:please\s+)?",
    re.IGNORECASE,
)
_BEHIND = ("please", "thank you", "thanks")
_LONGEST_PLAIN = 2_000
_CAPITALS = re.compile(r"\b(FOLDER|FILE|TEXT|WORDS|COMMAND|ADDRESS)\b")
_COLON = r":[ \t]?(?:\r?\n)?"
_FENCED = re.compile(r"\s*```[^\n`]*\n(?P<inside>(?s:.*?))\n?```\s*\Z")


class Form(Struct, frozen=True, kw_only=True):
    """A tool and the phrases that ask for it, the first one as `help` shows it; capitals stand for the person's words.

    `verbatim` phrases end in words that are taken exactly as they are written.
    """

    tool: str
    phrases: tuple[str, ...]
    does: str
    reason: str
    verbatim: bool = False


class Command(Struct, frozen=True, kw_only=True):
    """What a person asked for. `reason` is fixed words for the card."""

    tool: str
    arguments: JsonObject
    reason: str


FORMS = (
    Form(
        tool="write_file",
        phrases=("write FILE: WORDS", "write to FILE: WORDS", "save FILE: WORDS", "create FILE: WORDS"),
        does="Writes a file, all of it, with everything that follows the colon, also over several lines.",
        reason="The person wrote what the file should say.",
        verbatim=True,
    ),
    Form(
        tool="shell_exec_safe",
        phrases=("run: COMMAND", "execute: COMMAND", "$ COMMAND"),
        does="Runs a shell command in the workspace.",
        reason="The person wrote this command.",
        verbatim=True,
    ),
    Form(
        tool="list_files",
        phrases=(
            "list files",
            "list files in FOLDER",
            "list the files",
            "list the files in FOLDER",
            "list FOLDER",
            "ls",
            "ls FOLDER",
            "show files",
            "show files in FOLDER",
            "show the files",
            "show me the files",
            "what files are there",
            "what files are in FOLDER",
            "which files are there",
        ),
        does="Lists the workspace, or a folder of it.",
        reason="The person asked what files there are.",
    ),
    Form(
        tool="read_file",
        phrases=(
            "read FILE",
            "read the file FILE",
            "show FILE",
            "show me FILE",
            "open FILE",
            "cat FILE",
            "what is in FILE",
            "what's in FILE",
            "what’s in FILE",
            "what does FILE say",
        ),
        does="Shows what a text file says.",
        reason="The person asked to see this file.",
    ),
    Form(
        tool="search_files",
        phrases=(
            "search for TEXT",
            "search for TEXT in FOLDER",
            "look for TEXT",
            "look for TEXT in FOLDER",
            "find TEXT",
            "find TEXT in FOLDER",
            "grep TEXT",
            "grep TEXT in FOLDER",
        ),
        does="Finds a text in the files, word for word.",
        reason="The person asked where this text stands.",
    ),
    Form(
        tool="http_request",
        phrases=("fetch ADDRESS", "get ADDRESS", "read ADDRESS"),
        does="Shows what a page of the web says.",
        reason="The person asked what this page says.",
    ),
)


def understand(text: str) -> Command | None:
    """The one command that a text is, or None. Nothing is guessed: the whole text must be the command."""
    said = _BEFORE.sub("", text.lstrip(), count=1)
    plain = _without_thanks(said) if len(said) <= _LONGEST_PLAIN else ""
    for form, pattern in _patterns():
        found = pattern.fullmatch(said if form.verbatim else plain)
        if found:
            return Command(tool=form.tool, arguments=_arguments(found.groupdict()), reason=form.reason)
    return None


def _without_thanks(said: str) -> str:
    plain = said.rstrip(" \t\r\n?!")
    for words in _BEHIND:
        if plain.lower().endswith(f" {words}"):
            plain = plain[: -len(words)].rstrip(" ,?!")
    return plain


@cache
def _patterns() -> tuple[tuple[Form, re.Pattern[str]], ...]:
    """Those that say more come first: "search for a in b" is a search in b, "show files" is no file."""
    found = [(form, phrase) for form in FORMS for phrase in form.phrases]
    found.sort(key=lambda each: (not each[0].verbatim, -len(each[1].split()), len(_CAPITALS.findall(each[1]))))
    return tuple((form, re.compile(_pattern(phrase), re.IGNORECASE)) for form, phrase in found)


def _pattern(phrase: str) -> str:
    parts = (_PLACEHOLDERS.get(part) or re.escape(part) for part in _CAPITALS.split(phrase))
    return "".join(parts).replace(":\\ ", _COLON).replace("\\ ", r"[ \t]+")


def _arguments(groups: dict[str, str]) -> dict[str, str]:
    arguments = dict(groups)
    for name in ("path", "text"):
        if name in arguments:
            arguments[name] = _unquoted(arguments[name])
    for name in ("content", "command"):
        if name in arguments:
            arguments[name] = _written(arguments[name])
    if arguments.get("content", "\n")[-1:] not in ("", "\n"):
        arguments["content"] += "\n"
    return arguments


def _unquoted(words: str) -> str:
    return words[1:-1] if len(words) > 2 and words[0] == words[-1] and words[0] in '"`' else words


def _written(words: str) -> str:
    """What stands in a code block, where that is all there is; else everything."""
    found = _FENCED.match(words)
    if found:
        return found["inside"]
    return words[1:-1] if re.fullmatch(r"`[^`]+`", words) else words
