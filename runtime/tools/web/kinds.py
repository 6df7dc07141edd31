"""What a response says it is, and what of it is text. Pure."""

import re

from msgspec import Struct

_SNIFFED = 8_192
_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TEXTS = re.compile(
    r"text/.*|application/(?:.*\+)?(?:json|xml|javascript|ecmascript|yaml|toml|x-yaml|x-ndjson|jsonl|sql|graphql)|"
    r"application/(?:x-www-form-urlencoded|x-sh)|image/svg\+xml"
)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)


class Kind(Struct, frozen=True, kw_only=True):
    """What a response says it is. `charset` is "" where it does not say."""

    type: str
    charset: str

    @property
    def is_html(self) -> bool:
        return self.type in _HTML


def kind_of(content_type: str) -> Kind:
    found = _CHARSET.search(content_type)
    return Kind(type=content_type.partition(";")[0].strip().lower(), charset=found[1] if found else "")


def is_text(kind: Kind, content: bytes) -> bool:
    """Whether it can be read at all: by what it is called, and by having no NUL where texts have none."""
    called = not kind.type or _TEXTS.fullmatch(kind.type) is not None or kind.is_html
    wide = kind.charset.lower().startswith("utf-16") or kind.charset.lower().startswith("utf-32")
    return called and (wide or b"\x00" not in content[:_SNIFFED])


def read_plain(kind: Kind, content: bytes) -> str:
    try:
        return content.decode(kind.charset or "utf-8-sig", errors="replace")
    except LookupError:
        return content.decode(errors="replace")
