"""Links to files: good for a day, and then for nothing."""

from urllib.parse import parse_qs, urlsplit

LIFETIME = 24 * 3600


def signed(url: str, *, now: float) -> str:
    until = int(now) + LIFETIME
    return f"{url}?ex={until:x}&is={int(now):x}&hm={_seal(url, until)}&"


def is_good(url: str, *, now: float) -> bool:
    """Whether this very link was given out, and not too long ago."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    until = query.get("ex", ["0"])[0]
    bare = f"{parts.scheme}://{parts.netloc}{parts.path}"
    return query.get("hm", [""])[0] == _seal(bare, int(until, 16)) and now <= int(until, 16)


def _seal(url: str, until: int) -> str:
    return f"{sum(map(ord, url)) * 31 + until:016x}"
