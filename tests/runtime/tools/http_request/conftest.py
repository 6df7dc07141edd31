"""A website on the internet, one inside the house, and the tool that must tell them apart."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from runtime.tools.http_request import HttpRequest
from tests.fakes.website import Website
from tests.runtime.tools.doubles import Bench, workspace_at
from tests.runtime.tools.http_request.names import INNER, Names, is_public


@pytest.fixture
async def site() -> AsyncIterator[Website]:
    async with Website() as site:
        yield site


@pytest.fixture
async def inner(site: Website) -> AsyncIterator[Website]:
    """What must never be reached: at the same port, so that names alone would lead to it."""
    async with Website(host=INNER, port=site.port) as inner:
        yield inner
        assert inner.asked == [], "something inside the house was asked"


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def bench(tmp_path: Path, names: Names) -> Bench:
    return Bench(tool=HttpRequest(resolve=names, is_public=is_public), workspace=workspace_at(tmp_path))
