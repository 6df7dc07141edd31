"""The masker: what it is given comes back with every secret in it replaced by a mark. Pure."""

from collections.abc import Iterable, Mapping
from hashlib import blake2b
from types import NoneType
from typing import Any

import orjson

from runtime.masking.marks import DOTS, mark_of, mark_of_setting, marks_in, setting_of, with_marks_replaced
from runtime.masking.own import Found, OwnValues
from runtime.masking.shapes import LITERALS, SHORTEST_WORD, SPACED_LITERALS, find_shapes

_NO_TEXT = (int, float, NoneType)
_MOST_WORDS = 4096
_LONGEST_KEPT = 256
_LONG = 4_096
_MOST_LONG_TEXTS = 8
_DIGEST_SIZE = 16


class Masker:
    """Knows the values of our own settings (by the settings' names), and the shapes of everybody's secrets.

    What is masked once is masked twice: marks hold no secrets. An ordinary text costs about a microsecond, since words
    are short, and long ones (names, digests) come again and again. The last few long texts that held no secret are known
    again by their digests, for each is asked about at every step of its way to a card; none is kept.
    """

    def __init__(self, ours: Mapping[str, str] | None = None) -> None:
        self._ours = OwnValues(ours or {})
        self._key = self._ours.key
        self._literals = (*self._ours.literals, *LITERALS)
        self.spaced = self._ours.spaced  # values of ours that white space is part of
        self._spaced = (*self.spaced, *SPACED_LITERALS)
        self._shortest = min((SHORTEST_WORD, *map(len, self._ours.literals)))
        self._known_words = dict[str, bool]()
        self._innocent: tuple[bytes, ...] = ()

    def mask(self, text: str) -> str:
        """The text without secrets."""
        return self._with_marks(text, self.find(text)) if self.suspects(text) else text

    def mask_ours(self, text: str) -> str:
        """The text without the values of our own settings, for who may see what else is secret in it."""
        return self._with_marks(text, _joined(self._ours.find(text)))

    def mask_value(self, value: Any) -> Any:
        """A JSON value without secrets in any of its texts and names."""
        return _each(value, self.mask)

    def mask_value_of_ours(self, value: Any) -> Any:
        return _each(value, self.mask_ours)

    def write_json(self, body: Mapping[str, Any]) -> bytes:
        """A JSON object without secrets, written."""
        for value in body.values():
            if isinstance(value, str):
                if self.suspects(value):
                    break
            elif not isinstance(value, _NO_TEXT) and any(map(self.suspects, _texts(value))):
                break
        else:
            return orjson.dumps(body)
        return orjson.dumps(self.mask_value(body))

    def suspects(self, text: str) -> bool:
        """Whether a text could hold a secret; False is certain."""
        if len(text) < self._shortest:
            return False
        if len(text) < _LONG:
            return self._is_suspicious(text)
        digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_SIZE).digest()
        if digest in self._innocent:
            return False
        if self._is_suspicious(text):
            return True
        self._innocent = (digest, *self._innocent[: _MOST_LONG_TEXTS - 1])
        return False

    def _is_suspicious(self, text: str) -> bool:
        shortest, known = self._shortest, self._known_words
        for word in text.split():  # a plain loop: this is asked of everything that is ever written
            if len(word) >= shortest:
                suspect = known.get(word)
                if suspect or (suspect is None and self._is_suspect(word)):
                    return True
        for literal in self._spaced:  # noqa: SIM110  as above
            if literal in text:
                return True
        return False

    def _is_suspect(self, word: str) -> bool:
        suspect = any(literal in word for literal in self._literals)
        if len(word) <= _LONGEST_KEPT:
            if len(self._known_words) >= _MOST_WORDS:
                self._known_words.clear()
            self._known_words[word] = suspect
        return suspect

    def find(self, text: str) -> tuple[Found, ...]:
        """Where secrets stand, in order and apart from each other."""
        return _joined((*self._ours.find(text), *(Found(start, end) for start, end in find_shapes(text))))

    def mark(self, text: str, found: Found) -> str:
        """What stands in the place of a secret that was found in a text."""
        if found.setting:
            return mark_of_setting(found.setting)
        return mark_of(text[found.start : found.end], self._key)

    def find_ours(self, value: Any) -> str:
        """The name of a setting whose value, or the mark of whose value, is somewhere in a JSON value; "" for none."""
        for text in _texts(value):
            for found in self._ours.find(text) if self.suspects(text) else ():
                return found.setting
            for mark in marks_in(text) if DOTS in text else ():
                if setting := setting_of(mark):
                    return setting
        return ""

    def restore(self, value: Any, sources: Iterable[str]) -> tuple[Any, bool]:
        """A JSON value whose marks are replaced by the secrets that they stand for, as far as these are in the
        sources and are none of our own; and whether there were any."""
        marks = {mark for text in _texts(value) if DOTS in text for mark in marks_in(text)}
        if not marks:
            return value, False
        known = {
            self.mark(source, found): source[found.start : found.end]
            for source in sources
            if self.suspects(source)
            for found in self.find(source)
            if not found.setting
        }
        if not marks & known.keys():
            return value, False
        return _each(value, lambda text: with_marks_replaced(text, known) if DOTS in text else text), True

    def _with_marks(self, text: str, spans: tuple[Found, ...]) -> str:
        parts, end = list[str](), 0
        for found in spans:
            parts += (text[end : found.start], self.mark(text, found))
            end = found.end
        return "".join((*parts, text[end:])) if parts else text


def holds_marks(value: Any) -> bool:
    """Whether a mark is somewhere in a JSON value: whoever wrote it never saw the secret behind it."""
    return any(DOTS in text and any(True for _ in marks_in(text)) for text in _texts(value))


def _joined(spans: Iterable[Found]) -> tuple[Found, ...]:
    """The same places, those that overlap as one; it is ours where any of them is."""
    joined: list[Found] = []
    for found in sorted(spans, key=lambda each: (each.start, each.end)):
        last = joined[-1] if joined else None
        if last is None or found.start >= last.end:
            joined.append(found)
        else:
            joined[-1] = Found(last.start, max(last.end, found.end), last.setting or found.setting)
    return tuple(joined)


def _each(value: Any, change: Any) -> Any:
    match value:
        case str():
            return change(value)
        case Mapping():
            return {
                change(name) if isinstance(name, str) else name: _each(each, change) for name, each in value.items()
            }
        case list() | tuple():
            return [_each(each, change) for each in value]
        case _:
            return value


def _texts(value: Any) -> list[str]:
    """Every text and name in a JSON value, in order."""
    found: list[str] = []
    _gather(value, found)
    return found


def _gather(value: Any, found: list[str]) -> None:
    match value:
        case str():
            found.append(value)
        case dict() | Mapping():  # asking for a dict first is quick, for anything that is a mapping is not
            for name, each in value.items():
                found.append(str(name))
                _gather(each, found)
        case list() | tuple():
            for each in value:
                _gather(each, found)
        case _:
            pass


NOTHING_OF_OURS = Masker()
