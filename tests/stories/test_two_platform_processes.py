"""A process for each platform on one database, killed and stopped at bad moments: what one misses the other decides, and
each answer is brought by whoever owns its platform.

`here` is the platform that was asked on, `there` the other one; every story is told both ways round.
"""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.capture import capture_for
from tests.stories.books import Books
from tests.stories.city import City, open_city
from tests.stories.sides.side import SIDES, Side, SideName

pytestmark = pytest.mark.timeout(300)

NOTE = "run: echo done >> log.txt"


@pytest.fixture
async def city(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[City]:
    async with open_city(tmp_path, {}, capture_for=partial(capture_for, request.config)) as opened:
        yield opened
        opened.check_clean()


@pytest.fixture(params=SIDES)
def here(request: pytest.FixtureRequest, city: City) -> Side:
    name: SideName = request.param
    return city.sides[name]


@pytest.fixture
def there(city: City, here: Side) -> Side:
    return city.other(here)


@pytest.mark.promise(2)
@pytest.mark.promise(19)
@pytest.mark.promise(34)
@pytest.mark.promise(31)
async def test_while_the_process_that_asked_is_dead_the_other_decides_and_it_answers_once_it_is_back(
    city: City, here: Side, there: Side
) -> None:
    await city.start(*SIDES)
    said = await here.asks(NOTE)
    card = await here.card(1)
    await city.kill(here.name)

    note = await there.tells("bob", "approve 1")
    await there.hears("bob", note, "Approved by")
    assert here.find_card(1) is not None
    assert here.open_cards(), "nobody but its owner speaks on a platform"
    assert city.lines("log.txt") == [], "a run's tools act as the process that owns it"

    await city.start(here.name)
    await here.answer(said, "exit status 0")
    await here.closed(1, saying="Approved by")
    assert await here.click("carol", card, "Approve")
    assert city.lines("log.txt") == ["done"]
    assert len(here.answers(said)) == 1
    assert there.cards() == []


@pytest.mark.promise(33)
@pytest.mark.promise(34)
async def test_asked_to_end_in_mid_call_one_finishes_and_the_other_goes_on_deciding_and_answering(
    city: City, here: Side, there: Side
) -> None:
    await city.start(*SIDES)
    said = await here.asks("run: echo begun >> log.txt; sleep 1; echo done >> log.txt")
    await here.card(1)
    await there.tells("bob", "approve 1")
    await city.until(lambda: city.lines("log.txt"))

    ending = asyncio.create_task(city.stop(here.name))
    other = await there.asks("run: echo other >> other.txt")
    await there.click("bob", await there.card(2), "Approve")
    await there.answer(other, "exit status 0")
    await ending

    assert city.lines("log.txt") == ["begun", "done"]
    assert city.lines("other.txt") == ["other"]
    await city.start(here.name)
    await here.answer(said, "exit status 0")
    await here.closed(1, saying="Approved by")
    assert city.lines("log.txt") == ["begun", "done"]
    assert len(here.answers(said)) == 1


@pytest.mark.promise(22)
@pytest.mark.promise(34)
async def test_decided_in_both_processes_and_at_the_terminal_at_once_each_call_runs_once(
    city: City, here: Side, there: Side
) -> None:
    await city.start(*SIDES)
    said = [await here.asks(f"run: echo {number} >> log.txt") for number in (1, 2, 3)]
    for number in (1, 2, 3):
        card = await here.card(number)
        await asyncio.gather(
            here.click("bob", card, "Approve"),
            here.click("carol", card, "Approve"),
            there.tells("bob", f"approve {number}"),
            there.tells("carol", f"approve {number}"),
            city.terminal("approvals", "approve", str(number)),
        )

    for asked in said:
        await here.answer(asked, "exit status 0")
    for number in (1, 2, 3):
        await here.closed(number, saying="Approved by")
    assert sorted(city.lines("log.txt")) == ["1", "2", "3"]
    page = Books(city.folder / "data" / "mallard.db").read(whole=True)
    assert [each.verdict for each in page.approvals] == ["approve"] * 3
    assert (page.decided, page.faults_of_trail) == (3, [])


@pytest.mark.promise(23)
@pytest.mark.promise(24)
@pytest.mark.promise(31)
async def test_what_was_said_on_both_while_both_were_dead_is_answered_once_by_each(
    city: City, here: Side, there: Side
) -> None:
    await city.start(*SIDES)
    for side in (here, there):
        await side.answer(await side.asks("list files"), "workspace")
        await city.kill(side.name)

    missed = [(side, await side.asks("list files")) for side in (here, there, here)]
    await city.start(there.name, here.name)

    for side, said in missed:
        await side.answer(said, "workspace")
        assert len(side.answers(said)) == 1
