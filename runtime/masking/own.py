"""The values of our own settings, in every form that they may come along in."""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

from msgspec import Struct

_SHORTEST = 8
_SURELY = 16  # a shorter value is looked for only where it mixes letters and digits: "ollama" is a word, not a key
_PROBE = 12


class Found(Struct, frozen=True):
    """Where a secret stands in a text. `setting` is "" for one that is none of ours."""

    start: int
    end: int
    setting: str = ""


def is_worth_masking(value: str) -> bool:
    """Whether a value can be told from an ordinary word."""
    if len(value) < _SHORTEST or not value.strip():
        return False
    return len(value) >= _SURELY or (any(map(str.isdigit, value)) and any(map(str.isalpha, value)))


class _Value(Struct, frozen=True):
    """A value as it is. Its ends are looked for, since texts are cut anywhere."""

    setting: str
    text: str

    @property
    def probes(self) -> tuple[str, str]:
        return self.text[:_PROBE], self.text[-_PROBE:]

    def find(self, text: str) -> Iterator[Found]:
        """Wherever it begins or ends, as much of it as is there."""
        (head, tail), size = self.probes, len(self.text)
        at = text.find(head)
        while at >= 0:
            end = at + _same_beginning(self.text, text[at : at + size])
            yield Found(at, end, self.setting)
            at = text.find(head, end)
        at = text.find(tail)
        while at >= 0:
            end = at + len(tail)
            yield Found(end - _same_beginning(self.text[::-1], text[max(0, end - size) : end][::-1]), end, self.setting)
            at = text.find(tail, end)


class OwnValues:
    """Values of settings by the settings' names. What is too short or too plain to be a secret is left out."""

    def __init__(self, by_setting: Mapping[str, str]) -> None:
        kept = {name: value for name, value in by_setting.items() if is_worth_masking(value)}
        self._values = tuple(_Value(name, value) for name, value in kept.items())
        self._forms = tuple((name, form) for name, value in kept.items() for form in sorted(_forms_of(value)))
        probes = [probe for value in self._values for probe in value.probes]
        self.literals = tuple(dict.fromkeys((*probes, *(form for _, form in self._forms))))

    def find(self, text: str) -> Iterator[Found]:
        for value in self._values:
            yield from value.find(text)
        for setting, form in self._forms:
            yield from _every(form, text, setting)

    @property
    def spaced(self) -> tuple[str, ...]:
        """Those forms that white space is part of: they are no words, and a stream cannot tell them from some at once."""
        forms = (*(value.text for value in self._values), *(form for _, form in self._forms))
        return tuple(form for form in forms if any(map(str.isspace, form)))

    @property
    def key(self) -> bytes:
        """Something that only this installation knows; empty where it has no secrets."""
        values = "\0".join(sorted(value.text for value in self._values))
        return _digest(values) if values else b""


def _same_beginning(one: str, other: str) -> int:
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _every(needle: str, text: str, setting: str) -> Iterator[Found]:
    start = text.find(needle)
    while start >= 0:
        yield Found(start, start + len(needle), setting)
        start = text.find(needle, start + len(needle))


def _forms_of(value: str) -> set[str]:
    """How a value looks in an address, in JSON, in hexadecimal and inside of base64, beside as it is."""
    raw = value.encode("utf-8", "surrogatepass")
    quoted = (quote(raw, safe=""), quote_plus(raw), quote(raw))
    escaped = (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    forms = {*quoted, *(_lower_escapes(form) for form in quoted), *escaped, raw.hex(), raw.hex().upper()}
    forms |= {form.replace("/", "\\/") for form in escaped}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms |= {_inside(encode(bytes(shift) + raw).decode(), shift, len(raw)) for shift in range(3)}
    return forms - {value}


def _inside(encoded: str, shift: int, length: int) -> str:
    """What of a base64 text depends on the value alone, when `shift` bytes come before it in a group of three."""
    return encoded[(shift * 8 + 5) // 6 : (shift + length) * 8 // 6]


def _lower_escapes(quoted: str) -> str:
    first, *rest = quoted.split("%")
    return first + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
