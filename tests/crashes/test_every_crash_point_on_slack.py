"""Promise 31 on Slack: each point once, over real sockets, with the card that stands there."""

from functools import partial
from pathlib import Path

import pytest

from tests.crashes.nursery import Nursery
from tests.crashes.on_chat import ChatEnumeration
from tests.crashes.on_slack import open_slack_pond
from tests.fakes.capture import capture_for


@pytest.mark.promise(31)
@pytest.mark.promise(2)
@pytest.mark.timeout(600)
async def test_a_kill_at_any_point_loses_nothing_on_slack(
    nursery: Nursery, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    runs = ChatEnumeration(
        nursery=nursery, folder=tmp_path, open_pond=partial(open_slack_pond, capture_for(request.config, "slack"))
    )
    points = await runs.points()
    for point in points:
        await runs.die_at(point)
    print(f"{len(points)} points on Slack:", *points, sep="\n  ")
    assert not runs.failures, "\n".join(runs.failures)
