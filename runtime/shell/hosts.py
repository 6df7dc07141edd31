"""Hosts that words name."""

import re
from collections.abc import Iterable, Iterator

from runtime.shell.words import Word

_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/@\s]*@)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])")
_LOGIN = re.compile(r"(?:[\w.-]+@)([\w.-]+)(?::|\Z)")
_REMOTE_PATH = re.compile(r"([A-Za-z][\w-]*(?:\.[\w-]+)+):")
_BARE = re.compile(r"((?:[\w-]+\.)+[A-Za-z]{2,}|localhost|\d{1,3}(?:\.\d{1,3}){3})(?::\d+)?(?:/|\Z)")


def hosts_in(words: Iterable[Word], *, bare: bool = False) -> Iterator[str]:
    """As in https://host/x, user@host:x and host.example:x; with `bare`, as in host.example too."""
    for word in words:
        patterns = (_ADDRESS, _LOGIN, _REMOTE_PATH, *((_BARE,) if bare else ()))
        found = next((found for pattern in patterns if (found := pattern.match(word.text))), None)
        if found and found[1] in str(word):  # not one that a stand-in makes up
            yield found[1]
