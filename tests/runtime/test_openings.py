"""A request that left no message: one of ours begins its thread, and there it is received, once, whatever happens."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.contents import Content
from runtime.courier import Courier
from runtime.envelopes import Envelopes
from runtime.errors import DatabaseUnusable, PlatformError, PlatformRefused, PlatformUnavailable, PlatformUnclear
from runtime.openings import Announcement
from runtime.policy import Roles
from runtime.records import ConversationRef, IncomingMessage, Reasoning, RunId, UserRef
from runtime.states import RunStatus
from tests.runtime.papers import ALICE, BOB
from tests.runtime.stage import NOON, POND, Stage, at_work, open_stage

CHANNEL = replace(POND, thread="")
BOTH = Roles(users=frozenset({ALICE, BOB}))


async def asks(
    stage: Stage, text: str, *, by: UserRef = ALICE, key: str = "1.2.3", shown: Announcement | None = None
) -> None:
    await stage.door.ask(text, by=by, by_name=by.id.lower(), key=key, shown=shown)


def announced(*, in_channel: ConversationRef) -> Announcement:
    return Announcement(
        where=in_channel, direct=False, begins_thread=True, markdown="**alice** asks: …", sent_at=NOON,
        reasoning=Reasoning.ON, debug=False, reflect=False,
    )  # fmt: skip


@pytest.mark.promise(24)
async def test_it_is_answered_in_the_thread_of_a_message_to_the_person_alone(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, "how large is the pond?")

        run = await stage.run(1, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)

    assert stage.wall.texts("D-UALICE") == ["You asked: how large is the pond?", "Done."]
    assert run.where == ConversationRef(platform="slack", space="T1", channel="D-UALICE", thread="1")
    assert (run.asked_by, run.author_name, run.request, run.direct) == (ALICE, "ualice", "how large is the pond?", True)


@pytest.mark.mistake(1)
async def test_what_comes_twice_is_asked_once(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        for key in ("1.2.3", "1.2.3", "4.5.6"):
            await asks(stage, "how large is the pond?", key=key)

        await stage.run(2, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)

    assert stage.wall.texts("D-UALICE").count("You asked: how large is the pond?") == 2


@pytest.mark.mistake(2)
@pytest.mark.mistake(8)
async def test_a_message_that_stands_unnoticed_is_found_and_its_request_received_once(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):

        async def unanswered(*about: object) -> None:
            del stage.wall.hooks["posted"]
            raise PlatformUnclear("the connection broke after the request was sent")

        stage.wall.hooks["posted"] = unanswered
        await asks(stage, "how large is the pond?")

        await stage.run(1, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)

    assert stage.wall.texts("D-UALICE") == ["You asked: how large is the pond?", "Done."]


@pytest.mark.mistake(2)
async def test_a_request_that_was_received_before_its_delivery_could_be_settled_is_received_once(
    tmp_path: Path,
) -> None:
    async with open_stage(tmp_path) as stage:
        received: list[IncomingMessage] = []

        async def hears(message: IncomingMessage) -> None:
            await stage.door.receive(message)
            received.append(message)
            if len(received) == 1:
                raise DatabaseUnusable("the disk is full")

        stage.courier = Courier(
            record=stage.store, clock=stage.clock, signals=stage.signals, platforms={"slack": stage.wall},
            envelopes=Envelopes(record=stage.store), roles=stage.roles, hear=hears, back_off=lambda attempts: timedelta(0),
        )  # fmt: skip
        async with at_work(stage):
            await asks(stage, "how large is the pond?")
            await stage.run(1, RunStatus.COMPLETED)
            await stage.until(lambda: len(received) == 2 and stage.is_delivered())

        assert received[0] == received[1]
        assert stage.wall.texts("D-UALICE") == ["You asked: how large is the pond?", "Done."]


@pytest.mark.promise(24)
async def test_it_is_shown_where_it_was_made_and_answered_in_a_thread_of_its_own(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, "how *large* is the pond?", shown=announced(in_channel=CHANNEL))

        run = await stage.run(1, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)

    assert stage.wall.texts("C1") == ["**alice** asks: …", "Done."]
    assert run.where == replace(CHANNEL, thread="1")
    assert (run.request, run.direct) == ("how *large* is the pond?", False)
    assert (run.reasoning, run.debug, run.reflect) == (Reasoning.ON, False, False)


async def test_what_begins_no_thread_is_answered_where_it_was_made(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, "how large is the pond?", shown=replace(announced(in_channel=POND), begins_thread=False))

        run = await stage.run(1, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)

    assert run.where == POND


@pytest.mark.parametrize("begins_thread", [False, True])
async def test_where_it_may_not_be_shown_it_is_answered_to_the_person_alone(
    tmp_path: Path, begins_thread: bool
) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):

        async def mute(where: ConversationRef, content: Content) -> None:
            if where.channel == CHANNEL.channel:
                raise PlatformRefused("we may not write there")

        stage.wall.hooks["post"] = mute
        shown = replace(announced(in_channel=CHANNEL), begins_thread=begins_thread)
        await asks(stage, "how large is the pond?", shown=shown)

        run = await stage.run(1, RunStatus.COMPLETED)
        await stage.until(stage.is_delivered)

    assert stage.wall.texts() == ["**alice** asks: …", "Done."]
    assert (run.where.channel, run.where.thread, run.direct) == ("D-UALICE", "1", True)


async def test_a_decision_is_obeyed_there_like_any_other_word_to_the_door(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        await asks(stage, "approve 4")

        await stage.until(lambda: stage.wall.pages() and stage.is_delivered())
        assert stage.store.find_conversation(
            ConversationRef(platform="slack", space="T1", channel="D-UALICE", thread="1")
        )
    assert stage.wall.texts("D-UALICE") == ["You asked: approve 4"]


@pytest.mark.mistake(25)
async def test_an_administrator_hears_of_a_request_whose_author_cannot_be_written_to(tmp_path: Path) -> None:
    async with (
        open_stage(tmp_path, roles=Roles(users=frozenset({ALICE}), admins=frozenset({BOB}))) as stage,
        at_work(stage),
    ):

        async def cannot(*about: object) -> None:
            if about[0] == ALICE:
                raise PlatformRefused("cannot_dm_bot")

        stage.wall.hooks["direct_message"] = cannot
        await asks(stage, "how large is the pond?")

        (words,) = await stage.until(lambda: stage.wall.texts("D-UBOB"))

    assert "slack:T1/UALICE asked for something" in words
    assert "cannot_dm_bot" in words


async def test_whoever_cannot_be_found_yet_holds_up_nobody_else(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=BOTH) as stage, at_work(stage):
        found = asyncio.Event()

        async def slow(user: UserRef) -> None:
            if user == ALICE:
                await found.wait()

        stage.wall.hooks["direct_message"] = slow
        await asks(stage, "how large is the pond?", by=ALICE)
        await asks(stage, "how deep is the pond?", by=BOB, key="4.5.6")

        await stage.until(lambda: "Done." in stage.wall.texts("D-UBOB"))
        assert not stage.wall.texts("D-UALICE")
        found.set()
        await stage.until(lambda: "Done." in stage.wall.texts("D-UALICE"))


@pytest.mark.promise(23)
@pytest.mark.parametrize("how", [PlatformUnavailable, PlatformRefused])
async def test_a_request_that_was_received_is_not_received_again_elsewhere_where_nobody_can_look(
    tmp_path: Path, how: type[PlatformError]
) -> None:
    async with open_stage(tmp_path) as stage:
        received = list[IncomingMessage]()

        async def hears(message: IncomingMessage) -> None:
            await stage.door.receive(message)
            received.append(message)
            if len(received) == 1:
                raise DatabaseUnusable("the disk is full")  # before it is settled

        async def is_blind(*about: object) -> None:
            raise how("nobody can look")

        stage.wall.hooks["find_posted"] = is_blind
        stage.courier = Courier(
            record=stage.store, clock=stage.clock, signals=stage.signals, platforms={"slack": stage.wall},
            envelopes=Envelopes(record=stage.store), roles=stage.roles, hear=hears, back_off=lambda attempts: timedelta(0),
        )  # fmt: skip
        async with at_work(stage):
            await asks(stage, "how large is the pond?", shown=announced(in_channel=CHANNEL))
            await stage.run(1, RunStatus.COMPLETED)
            await stage.until(lambda: len(received) > 1 and stage.is_delivered())

        assert {message.id for message in received} == {received[0].id}
        assert stage.store.find_run(RunId(2)) is None
