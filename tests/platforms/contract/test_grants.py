"""Promise 15: "always allow" covers exactly these arguments in this workspace, is listed, and can be revoked."""

import pytest

from runtime.records import Grant
from runtime.states import ApprovalStatus, RunStatus
from tests.fakes.scripted import call, directive
from tests.platforms.contract.scene import OpenScene, Scene
from tests.stories.plots import for_each, notes

PLANS = {"feed the ducks": directive(notes("bread")), "feed the geese": directive(notes("corn"))}


async def always_allowed(scene: Scene) -> Grant:
    """The asker may feed the ducks from now on: the approver said so on the first card."""
    scene.model_says(for_each(PLANS))
    await scene.says("feed the ducks")
    await scene.clicks(await scene.card(), "Always allow")
    await scene.answer()
    (grant,) = await scene.store.list_grants()
    return grant


@pytest.mark.promise(15)
async def test_what_is_always_allowed_is_not_asked_again(scene: Scene) -> None:
    grant = await always_allowed(scene)

    await scene.says("feed the ducks")

    assert await scene.answer(2) == "Done. (feed the ducks)"
    assert scene.lines() == ["bread", "bread"]
    assert scene.events_of("tool_approval_requested", 2) == ()
    assert (grant.scope, grant.subject) == ("person", str(scene.asker.ref))
    assert grant.created_by == scene.approver.ref
    assert (await scene.store.list_grants())[0].uses == 1


@pytest.mark.promise(15)
async def test_the_card_says_that_it_was_allowed_for_good(scene: Scene) -> None:
    scene.model_says(for_each(PLANS))
    await scene.says("feed the ducks")
    card = await scene.card()

    await scene.clicks(card, "Always allow")

    await scene.closed(card, saying=f"Approved, always for this person by {scene.approver.name}")
    (decided,) = scene.events_of("approval_decided")
    assert decided.body is not None
    assert decided.body["grant"] == "person"


@pytest.mark.promise(15)
async def test_it_survives_a_restart(scene: Scene) -> None:
    await always_allowed(scene)

    await scene.restart()
    await scene.says("feed the ducks")

    assert await scene.answer(2) == "Done. (feed the ducks)"


@pytest.mark.promise(15)
async def test_other_arguments_are_asked(scene: Scene) -> None:
    await always_allowed(scene)

    await scene.says("feed the geese")

    assert "Approve" in (await scene.card(2)).labels
    assert (await scene.run(2)).status is RunStatus.WAITING
    assert scene.lines() == ["bread"]


@pytest.mark.promise(15)
async def test_the_same_call_in_another_workspace_is_asked(scene: Scene) -> None:
    await always_allowed(scene)
    await scene.close()
    scene.files = scene.folder / "elsewhere"

    await scene.open()
    await scene.says("feed the ducks")

    assert "Approve" in (await scene.card(2)).labels
    assert scene.lines() == []


@pytest.mark.promise(15)
async def test_a_revoked_one_is_asked_again(scene: Scene) -> None:
    grant = await always_allowed(scene)

    assert await scene.store.revoke_grant(grant.id, scene.clock.now(), by=scene.approver.ref)
    await scene.says("feed the ducks")

    assert "Approve" in (await scene.card(2)).labels
    assert scene.lines() == ["bread"]


@pytest.mark.promise(15)
async def test_what_would_still_ask_says_so_and_nothing_is_decided(scene_with: OpenScene) -> None:
    async with scene_with(MALLARD_ASK_HIGH="other_approver") as scene:
        scene.model_says(for_each(PLANS))
        await scene.says("feed the ducks")
        card = await scene.card()
        assert "Always allow" not in card.labels

        said = await scene.says_in_private("always 1", by=scene.colleague)

        assert "is asked each time: “always” would change nothing" in said
        assert scene.approval().status is ApprovalStatus.PENDING
        assert await scene.store.list_grants() == ()
        assert scene.lines() == []


@pytest.mark.promise(15)
async def test_a_broader_one_is_shown_in_plain_words_before_it_counts(scene: Scene) -> None:
    touches = {name: directive(call("shell_exec_safe", command=f"touch {name}.txt")) for name in ("one", "two")}
    scene.model_says(
        for_each({**touches, "more": directive(call("shell_exec_safe", command="touch a.txt; touch b.txt"))})
    )
    await scene.says("one")
    await scene.card()

    said = await scene.says_in_private("always 1 prefix: touch", by=scene.approver)
    assert "every command that begins with the words" in said
    assert "whatever follows" in said
    assert "always 1 prefix yes: touch" in said
    assert await scene.store.list_grants() == ()
    await scene.says_in_private("always 1 prefix yes: touch", by=scene.approver)
    await scene.answer()

    await scene.says("two")
    assert await scene.answer(2) == "Done. (two)"
    await scene.says("more")
    assert "Approve" in (await scene.card(2)).labels
    assert sorted(path.name for path in scene.files.iterdir()) == ["one.txt", "two.txt"]
