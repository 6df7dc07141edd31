"""Whose certificates are believed when something is fetched over TLS."""

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl


def trust() -> "ssl.SSLContext":
    """What httpx believes (`SSL_CERT_FILE`, `SSL_CERT_DIR`, else certifi's list), read once: reading it takes some 20 ms, and
    would hold up the loop for every page that is fetched. To be handed to a client or transport as `verify`."""
    return _read(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _read(_file: str | None, _folder: str | None) -> "ssl.SSLContext":
    import httpx  # slow to import, and a start needs no connection

    return httpx.create_ssl_context()
