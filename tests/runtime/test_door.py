"""The door: who is worked for, who sees what, and what is written down when somebody may not."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from runtime.errors import PlatformUnavailable
from runtime.facts import EventType
from runtime.policy import Roles
from runtime.records import ConversationRef, GrantId, UserRef
from runtime.states import RunStatus
from tests.fakes.scripted import call, directive, plans
from tests.runtime.stage import ALICE, BOB, MALLORY, POND, at_work, open_stage

ROOM = ConversationRef(platform="slack", space="T1", channel="D-UALICE")
WRITE = directive(call("write_file", path="a.txt", content="hi"))


@pytest.mark.promise(25)
@pytest.mark.parametrize("first", [{"by": MALLORY, "text": "hello"}, {"text": "help"}], ids=["stranger", "command"])
async def test_a_thread_where_nobody_was_worked_for_is_left_to_the_people_in_it(
    tmp_path: Path, first: dict[str, object]
) -> None:
    async with open_stage(tmp_path) as stage:
        await stage.says_to_mallard(**first)  # type: ignore[arg-type]  # the words of a message

        await stage.says_to_mallard("did you see that?", addressed=False)
        assert stage.store.find_run(1) is None  # type: ignore[arg-type]  # a number is what tests count by

        await stage.says_to_mallard("please look")
        await stage.says_to_mallard("and there", addressed=False)
        assert stage.run_now(2).request == "and there"


async def test_text_that_is_not_unicode_is_received_all_the_same(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = plans(WRITE)
        await stage.says_to_mallard("half a duck \ud83e, a whole one \ud83e\udd86, \x00", author_name="\udc00")
        assert (await stage.run(1)).request == "half a duck \ufffd, a whole one \U0001f986, \x00"

        token = stage.door.token_of(1, "deny")  # type: ignore[arg-type]  # as above
        await stage.door.click(token, by=BOB, by_name="bob\ud800", where=POND, comment="no \ud800")

        assert (await stage.run(1, RunStatus.COMPLETED)).answer == "Done."


@pytest.mark.promise(37)
async def test_who_may_not_grant_is_refused_on_record(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = plans(WRITE)
        await stage.says_to_mallard("write it")
        await stage.run(1)

        await stage.says_to_mallard("always 1 workspace")

        await stage.until(lambda: stage.events_of(1, EventType.APPROVAL_REFUSED))
        (refused,) = stage.events_of(1, EventType.APPROVAL_REFUSED)
        assert refused.body is not None
        assert (refused.body["by"], refused.body["where"]) == (str(ALICE), "slack:T1/C1")
        assert refused.body["digest"] == stage.run_now(1).steps[0].calls[0].digest


@pytest.mark.promise(15)
async def test_a_grant_that_was_taken_back_after_the_plan_no_longer_lets_the_call_run(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage, at_work(stage):
        stage.says = plans(WRITE)
        await stage.says_to_mallard("write it")
        await stage.run(1)
        await stage.press("always")
        await stage.run(1, RunStatus.COMPLETED)
        (stage.folder / "a.txt").unlink()

        async def revoke(text: str) -> None:
            if "write_file" in text:  # reviewed and recorded, about to run
                await stage.store.revoke_grant(GrantId(1), stage.clock.now(), by=BOB)

        stage.wall.hooks["status"] = revoke
        await stage.says_to_mallard("write it")
        run = await stage.run(2, RunStatus.COMPLETED)

        observation = run.steps[0].calls[0].observation
        assert observation is not None
        assert observation.error == "not_approved"
        assert not (stage.folder / "a.txt").exists()


@pytest.mark.promise(30)
async def test_a_history_behind_many_runs_of_others_can_be_reached(tmp_path: Path) -> None:
    roles = Roles(users=frozenset({ALICE, BOB}))
    async with open_stage(tmp_path, roles=roles) as stage:
        await stage.says_to_mallard("my own", where=ROOM, direct=True)
        theirs = replace(POND, channel="D-UBOB")
        for _ in range(650):
            await stage.says_to_mallard("theirs", by=BOB, where=theirs, direct=True)

        page = await stage.door.read_page("history", by=ALICE, where=ROOM, direct=True)
        assert page.entries == ()
        page = await stage.door.read_page(page.older, by=ALICE, where=ROOM, direct=True)

        assert [entry.token for entry in page.entries] == ["run 1"]
        assert page.older == ""


async def test_a_platform_that_does_not_answer_is_not_asked_for_every_line(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=Roles(users=frozenset({ALICE, BOB}))) as stage:
        for _ in range(30):
            await stage.says_to_mallard("theirs", by=BOB)

        async def away(user: UserRef, where: ConversationRef) -> None:
            raise PlatformUnavailable("Slack cannot be reached")

        stage.wall.hooks["is_member"] = away
        page = await stage.door.read_page("history", by=ALICE, where=ROOM, direct=True)

        assert page.entries == ()
        assert stage.wall.asked_for_members == 1


async def test_a_person_finds_their_own_pending_approval_behind_many_others(tmp_path: Path) -> None:
    roles = Roles(users=frozenset({ALICE, BOB}))
    async with open_stage(tmp_path, roles=roles, concurrency=16) as stage, at_work(stage):
        stage.says = plans(WRITE)
        for number in range(66):
            await stage.says_to_mallard("write it", by=BOB, where=replace(POND, thread=f"{number}.0"))
        await stage.until(lambda: len(stage.store.list_pending()) == 64)
        await stage.run(66, RunStatus.WAITING)
        await stage.says_to_mallard("write it")
        await stage.run(67, RunStatus.WAITING)

        page = await stage.door.read_page("pending", by=ALICE, where=ROOM, direct=True)

        assert len(page.entries) == 1
        assert "approval 67" in page.entries[0].text


async def test_a_long_list_of_what_waits_says_how_much_it_leaves_out(tmp_path: Path) -> None:
    async with open_stage(tmp_path, roles=Roles(users=frozenset({ALICE}), approvers=frozenset({BOB}))) as stage:
        async with at_work(stage):
            stage.says = plans(WRITE)
            for number in range(1, 71):
                await stage.says_to_mallard("write it", where=replace(POND, thread=f"{number}.0"))
                await stage.run(number, RunStatus.WAITING)

        page = await stage.door.read_page("pending", by=BOB, where=ROOM, direct=True)

        assert [entry.text.split(" · ")[0] for entry in page.entries] == [f"approval {n}" for n in range(1, 21)]
        assert "50 more wait" in page.note


@pytest.mark.promise(30)
async def test_an_option_that_was_set_in_private_makes_no_channel_private(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        channel = replace(POND, thread="")
        await stage.door.set_option(channel, "debug", "on", by=ALICE, direct=True)

        await stage.says_to_mallard("hello", where=channel)

        assert (stage.run_now(1).direct, stage.run_now(1).debug) == (False, True)


async def test_whether_somebody_may_talk_can_be_asked_before_anything_is_said_in_public(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        assert stage.door.may_talk(ALICE, POND)
        assert not stage.door.may_talk(MALLORY, POND)


@pytest.mark.promise(24)
async def test_live_messages_move_the_bound_once_all_that_catches_up_has_ended(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        for _ in range(2):
            stage.door.begin_catching_up("slack")
        await stage.says_to_mallard("first")
        await stage.door.end_catching_up("slack")
        await stage.says_to_mallard("second")
        assert not stage.store.list_seen("slack")

        await stage.door.end_catching_up("slack")
        await stage.says_to_mallard("third")
        assert stage.store.list_seen("slack")


@pytest.mark.promise(23)
@pytest.mark.mistake(1)
async def test_a_command_that_is_heard_live_and_caught_up_at_once_is_obeyed_once(tmp_path: Path) -> None:
    async with open_stage(tmp_path) as stage:
        await asyncio.gather(*(stage.says_to_mallard("link slack:T1/UBOB", id="1", direct=True) for _ in range(3)))

        rows = stage.store.database.read_rows("SELECT type FROM link_events LIMIT 8")
        assert rows == [("attempt_refused",)]
