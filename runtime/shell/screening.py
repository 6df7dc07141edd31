"""What is refused before a command is parsed: characters that a person, a parser and bash would read differently."""

import re
import unicodedata

from runtime.unseen import is_unseen, joins_emoji

_MOST_CHARACTERS = 16_000
_PLAIN = re.compile(r"[\n\t -~]*\Z")
# Joined by bash to one word with what stands before it, while the grammar sees two: only between words is it harmless.
_JOINED_LINES = re.compile(r"(?<![ \t])\\\n|^\\\n")


def find_oddity(command: str) -> str:
    """Why the text itself cannot be trusted to mean what it seems to mean; "" for a plain one."""
    if len(command) > _MOST_CHARACTERS:
        return f"it is longer than {_MOST_CHARACTERS:,} characters, and nobody reads that through"
    if _JOINED_LINES.search(command):
        return "a backslash at the end of a line joins two halves of a word"
    if _PLAIN.match(command):
        return ""
    for at, character in enumerate(command):
        if unicodedata.category(character) == "Cn" or (is_unseen(character) and not joins_emoji(command, at)):
            name = unicodedata.name(character, "a control character").lower()
            return f"it holds a character that cannot be seen (U+{ord(character):04X}, {name})"
    return ""
