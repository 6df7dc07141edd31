"""`mallard slack manifest`."""

import json
from urllib.parse import urlsplit

from bots.slack.manifest import manifest
from runtime.errors import MallardError


def print_manifest(url: str) -> None:
    """Print what Slack makes the app from. Raises MallardError for an address that Slack would not take."""
    if url and not _is_taken(url):
        raise MallardError(
            f"{url!r} is not a public https address, and Slack calls no other. Right would be the one by which Slack reaches "
            "this server: https://your.host/slack/events."
        )
    print(json.dumps(manifest(url=url), indent=2, ensure_ascii=False))


def _is_taken(url: str) -> bool:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 -- raises ValueError for one that is no number
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and url.isprintable() and " " not in url
