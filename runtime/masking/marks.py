"""What stands in the place of a secret: dots, with its length and a short hash, or with the setting that it belongs to."""

import hashlib
import re
from collections.abc import Iterator

DOTS = "•" * 7
_MARK = re.compile(DOTS + r" (?:\d+ characters, [0-9a-f]{6}|value of (?P<setting>[\w.:/-]+))")


def mark_of(secret: str, key: bytes) -> str:
    """The mark of a secret: the same for the same secret, so that people can tell two apart.

    `key` is known to this installation alone: nobody else can try passwords against the hash.
    """
    hashed = hashlib.blake2b(secret.encode("utf-8", "surrogatepass"), key=key, digest_size=3).hexdigest()
    return f"{DOTS} {len(secret)} characters, {hashed}"


def mark_of_setting(name: str) -> str:
    return f"{DOTS} value of {name}"


def marks_in(text: str) -> Iterator[str]:
    return (found.group() for found in _MARK.finditer(text))


def setting_of(mark: str) -> str | None:
    """The setting whose value a mark stands for; None where it is no setting's."""
    found = _MARK.fullmatch(mark)
    return found["setting"] if found else None


def with_marks_replaced(text: str, known: dict[str, str]) -> str:
    """The text with the secrets that are `known` by their marks in the places of these."""
    return _MARK.sub(lambda found: known.get(found.group(), found.group()), text)
