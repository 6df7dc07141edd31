"""What stands behind `always 4`: how much is allowed, to whom, for how long, and how often. Strict. Pure."""

import re
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from runtime.records import GrantKind, GrantScope


class Terms(Struct, frozen=True, kw_only=True):
    """`prefix` are the words of the command that a person named, "" for the usual ones. `lasts` and `most_uses` are None
    where nothing ends it but revoking. `is_sure`: what a broader grant covers was shown, and is meant."""

    kind: GrantKind = GrantKind.EXACT
    prefix: str = ""
    lasts: timedelta | None = None
    most_uses: int | None = None
    is_sure: bool = False


EXACTLY = Terms()

_SCOPES = {"me": GrantScope.PERSON, "here": GrantScope.CONVERSATION, "workspace": GrantScope.WORKSPACE}
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TERM = re.compile(
    r"(?ai:(?P<scope>me|here|workspace)|(?P<kind>prefix|tool)|for\s+(?P<span>[1-9][0-9]{0,3})\s?(?P<unit>[mhdw])"
    r"|(?P<uses>[1-9][0-9]{0,3})\s+times|(?P<once>once)|(?P<sure>yes))(?:\s+|$)"
)


def read_terms(words: str) -> tuple[Terms, GrantScope | None] | None:
    """The terms and for whom (None where that was not said); None where a word is none of them, or says a thing twice."""
    terms, scope, said, at = EXACTLY, None, set[str](), 0
    while at < len(words):
        found = _TERM.match(words, at)
        if found is None:
            return None
        at = found.end()
        match {name: text.lower() for name, text in found.groupdict().items() if text is not None}:
            case {"scope": whose}:
                what, scope = "scope", _SCOPES[whose]
            case {"kind": kind}:
                what, terms = "kind", replace(terms, kind=GrantKind(kind))
            case {"span": span, "unit": unit}:
                what, terms = "span", replace(terms, lasts=timedelta(**{_UNITS[unit]: int(span)}))
            case {"uses": uses}:
                what, terms = "uses", replace(terms, most_uses=int(uses))
            case {"once": _}:
                what, terms = "uses", replace(terms, most_uses=1)
            case _:
                what, terms = "sure", replace(terms, is_sure=True)
        if what in said:
            return None
        said.add(what)
    return terms, scope


def write_terms(terms: Terms, scope: GrantScope) -> str:
    """The same words again, as a person would write them to mean it."""
    words = [] if terms.kind is GrantKind.EXACT else [terms.kind.value]
    words += [word for word, each in _SCOPES.items() if each is scope and scope is not GrantScope.PERSON]
    if terms.lasts is not None:
        words.append(f"for {_span(terms.lasts)}")
    if terms.most_uses is not None:
        words.append("once" if terms.most_uses == 1 else f"{terms.most_uses} times")
    return " ".join([*words, "yes"]) + (f": {terms.prefix}" if terms.prefix else "")


def _span(lasts: timedelta) -> str:
    minutes = int(lasts.total_seconds() // 60)
    for unit, each in (("w", 10_080), ("d", 1_440), ("h", 60)):
        if minutes % each == 0:
            return f"{minutes // each}{unit}"
    return f"{minutes}m"
