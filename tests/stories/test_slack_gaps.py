"""The connection to Slack is away for longer than Slack tries again: what was said meanwhile is heard afterwards, each once."""

import pytest

from runtime.records import RunId
from runtime.states import RunStatus
from tests.fakes.scripted import plans
from tests.fakes.slack import Message
from tests.stories.world import World


@pytest.mark.promise(23)
@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_what_was_said_during_an_outage_is_answered_once_it_is_over(world: World) -> None:
    first = await _asked_before(world)
    await _away(world)
    await world.alice.mentions(world.pond, "in the pond")
    await world.alice.says(world.pond, "in the thread", thread=first)
    await world.alice.dms("directly")

    await world.slack.connected(timeout=20)

    await _answered(world, 4)
    assert sorted(_requests(world)) == ["before", "directly", "in the pond", "in the thread"]


@pytest.mark.promise(24)
@pytest.mark.mistake(23)
async def test_what_is_said_right_after_an_outage_does_not_hide_what_was_said_during_it(world: World) -> None:
    """Not even from the next start, when the process dies before it has read the gap."""
    await _asked_before(world)
    await _away(world)
    await world.alice.mentions(world.pond, "during the outage")
    await world.alice.dms("for the first time")
    reading = world.slack.hold("conversations.history", times=None)
    await world.slack.connected(timeout=20)
    await reading.arrived(timeout=20)
    await world.alice.mentions(world.pond, "right after it")
    await _answered(world, 2)
    assert _requests(world) == ["before", "right after it"]

    await world.close()
    reading.lift()
    await world.open()

    await _answered(world, 4)
    assert sorted(_requests(world)[2:]) == ["during the outage", "for the first time"]


@pytest.mark.promise(24)
async def test_a_crash_between_two_places_of_a_gap_loses_neither(world: World) -> None:
    await _asked_before(world)
    lake = world.slack.channel("lake", members=[world.alice])
    await _away(world)
    await world.alice.dms("directly, for the first time")
    await world.alice.mentions(lake, "in the lake, for the first time")
    await world.alice.mentions(world.pond, "in the pond")
    places = [world.alice.dm.id, lake.id]
    reading = world.slack.hold("conversations.history", times=None, when=lambda call: call["channel"] in places)
    await world.slack.connected(timeout=20)
    await reading.arrived(timeout=20)
    await _answered(world, 2)
    assert _requests(world) == ["before", "in the pond"]

    await world.close()
    reading.lift()
    await world.open()

    await _answered(world, 4)
    assert len(set(_requests(world))) == 4


@pytest.mark.promise(24)
async def test_a_loss_that_nobody_noticed_before_a_crash_loses_nothing(world: World) -> None:
    """What the start was still reading then is newer, and on record."""
    lake = world.slack.channel("lake", members=[world.alice])
    world.model_says(plans(answer="Answered."))
    await world.alice.mentions(lake, "before")
    await world.run(1, RunStatus.COMPLETED)
    await world.close()
    reading = world.slack.hold("conversations.history", times=None, when=lambda call: call["channel"] == lake.id)
    await world.open()
    await reading.arrived(timeout=20)
    world.slack.events.hold()
    await world.alice.mentions(world.pond, "in the pond, for the first time")
    await world.alice.mentions(lake, "in the lake")
    world.slack.events.lose()
    reading.lift()
    await _answered(world, 2)
    assert _requests(world) == ["before", "in the lake"]

    await world.restart()

    await _answered(world, 3)
    assert _requests(world) == ["before", "in the lake", "in the pond, for the first time"]


@pytest.mark.promise(24)
async def test_what_slack_was_still_trying_to_tell_when_mallard_ended_is_heard(world: World) -> None:
    """A later message had been heard by then."""
    first = await _tried_in_vain(world)
    await world.alice.says(world.pond, "heard at once as well", thread=first)
    await _answered(world, 3)

    await world.restart()

    await _answered(world, 5)
    heard = ["heard at once", "heard at once as well", "tried in vain", "tried in vain as well"]
    assert sorted(_requests(world)) == ["before", *heard]


@pytest.mark.promise(24)
async def test_one_outage_after_another_is_filled_and_one_that_begins_while_the_last_is_read(world: World) -> None:
    await _asked_before(world)
    await _away(world)
    await world.alice.mentions(world.pond, "in the first")
    reading = world.slack.hold("conversations.history")
    await world.slack.connected(timeout=20)
    await reading.arrived(timeout=20)
    await _away(world)
    await world.alice.mentions(world.pond, "in the second")
    reading.release()
    await world.slack.connected(timeout=20)
    await _answered(world, 3)
    await _away(world)
    await world.alice.mentions(world.pond, "in the third")

    await world.slack.connected(timeout=20)

    await _answered(world, 4)
    assert _requests(world) == ["before", "in the first", "in the second", "in the third"]


@pytest.mark.promise(24)
async def test_what_slack_was_still_trying_to_tell_when_the_connection_was_lost_is_heard(world: World) -> None:
    """A later message had been heard by then."""
    await _tried_in_vain(world)
    await _answered(world, 2)
    await _away(world)

    await world.slack.connected(timeout=20)

    await _answered(world, 4)
    assert _requests(world) == ["before", "heard at once", "tried in vain", "tried in vain as well"]


@pytest.mark.promise(23)
@pytest.mark.mistake(1)
async def test_what_slack_sends_again_after_a_short_outage_and_is_read_as_well_is_answered_once(world: World) -> None:
    await _asked_before(world)
    world.slack.socket.drop()
    await world.slack.until(lambda: not world.slack.socket.connected)
    await world.alice.mentions(world.pond, "in between")
    await world.alice.mentions(world.pond, "help")
    reads = len(world.slack.record.calls_of("conversations.history", channel=world.pond.id))

    await world.slack.connected(timeout=20)
    await world.slack.called("conversations.history", times=reads + 1, timeout=20, channel=world.pond.id)
    await _answered(world, 2)
    await world.alice.mentions(world.pond, "afterwards")
    await _answered(world, 3)

    assert _requests(world) == ["before", "in between", "afterwards"]
    await world.slack.message(world.pond, contains="What you can say to me")
    assert sum("What you can say to me" in each.text for each in world.slack.messages(world.pond)) == 1


async def _asked_before(world: World) -> Message:
    world.model_says(plans(answer="Answered."))
    asked = await world.alice.mentions(world.pond, "before")
    await world.run(1, RunStatus.COMPLETED)
    return asked


async def _tried_in_vain(world: World) -> Message:
    """Slack gave up on two messages, and a third was heard; the first request, whose thread one of them continues."""
    first = await _asked_before(world)
    world.slack.events.hold()
    await world.alice.mentions(world.pond, "tried in vain")
    await world.alice.says(world.pond, "tried in vain as well", thread=first)
    world.slack.events.lose()
    await world.slack.events.release()
    await world.alice.mentions(world.pond, "heard at once")
    return first


async def _away(world: World) -> None:
    """Nobody can be reached, for longer than Slack tries."""
    world.slack.events.when_away = "lose"
    world.slack.socket.refuse_handshakes(3)
    world.slack.socket.drop()
    await world.slack.until(lambda: not world.slack.socket.connected)
    await world.time_passes(minutes=10)


async def _answered(world: World, number: int) -> None:
    for each in range(1, number + 1):
        await world.run(each, RunStatus.COMPLETED)


def _requests(world: World) -> list[str]:
    return [world.store.load_run(RunId(number)).request for number in range(1, world.runs() + 1)]
