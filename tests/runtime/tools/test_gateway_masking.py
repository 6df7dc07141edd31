"""What tools are given and what they give back: no secret of ours goes in, and none at all comes out."""

from pathlib import Path
from typing import Any

import pytest

from runtime.masking import Masker
from runtime.records import Observation, Workspace
from runtime.tools.gateway import Gateway, Stale
from runtime.tools.port import ToolScope
from runtime.tools.registry import Registry
from tests.runtime.masking.samples import SECRETS
from tests.runtime.tools.doubles import Echo, EchoArguments, ignore, recorded, workspace_at

NAME, OURS, TOKEN = "MALLARD_DISCORD_TOKEN", "house-key-0042-zx91kq7vb3", SECRETS["Stripe"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return workspace_at(tmp_path)


def gateway(tool: Echo) -> Gateway:
    return Gateway(Registry([tool]), Masker({NAME: OURS}))


async def run(tool: Echo, workspace: Workspace, shown: list[str], **arguments: Any) -> Observation | Stale:
    one = gateway(tool)
    call = recorded(await one.review("echo", arguments, workspace))

    async def show(text: str) -> None:
        shown.append(text)

    return await one.run(call, workspace, key="1", approved=True, on_output=show, audit=ignore)


async def test_what_a_tool_returns_is_masked_before_anybody_has_it(workspace: Workspace) -> None:
    async def tells(arguments: EchoArguments, scope: ToolScope) -> Observation:
        return Observation(ok=True, text=f"it is {TOKEN}", metadata={"lines": [{"one": OURS}]})

    found = await run(Echo(does=tells), workspace, [], text="x")

    assert isinstance(found, Observation)
    assert TOKEN not in found.text
    assert found.metadata == {"lines": [{"one": f"••••••• value of {NAME}"}]}


async def test_a_secret_at_the_cap_is_masked_before_it_is_cut(workspace: Workspace) -> None:
    async def tells(arguments: EchoArguments, scope: ToolScope) -> Observation:
        return Observation(ok=True, text=f"{'x ' * 295}{TOKEN} {'y ' * 4_000}")

    found = await run(Echo(does=tells, output_cap=1_000), workspace, [], text="x")

    assert isinstance(found, Observation)
    assert TOKEN[:12] not in found.text


async def test_what_a_tool_fails_with_is_masked(workspace: Workspace) -> None:
    async def fails(arguments: EchoArguments, scope: ToolScope) -> Observation:
        raise OSError(2, f"no such host: {OURS}")

    found = await run(Echo(does=fails), workspace, [], text="x")

    assert isinstance(found, Observation)
    assert OURS not in found.text


async def test_output_that_is_shown_while_it_comes_never_shows_half_a_secret(workspace: Workspace) -> None:
    async def tells(arguments: EchoArguments, scope: ToolScope) -> Observation:
        for piece in ("one\n", f"key {TOKEN[:15]}", f"{TOKEN[15:]} and {OURS[:9]}", OURS[9:]):
            await scope.on_output(piece)
        return Observation(ok=True, text="")

    shown: list[str] = []
    await run(Echo(does=tells), workspace, shown, text="x")

    assert "".join(shown).startswith("one\nkey •••••••")
    assert "".join(shown).endswith(f" and ••••••• value of {NAME}")
    assert not any(part in "".join(shown) for part in (TOKEN[:12], TOKEN[12:], OURS[:9], OURS[9:]))


async def test_a_call_with_a_secret_of_ours_is_refused_and_kept_without_it(workspace: Workspace) -> None:
    reviewed = await gateway(Echo()).review("echo", {"text": f"a {OURS} b"}, workspace)

    assert f"the value of {NAME}" in reviewed.assessment.refusal
    assert reviewed.arguments["text"] == f"a ••••••• value of {NAME} b"


@pytest.mark.parametrize("wrong", [{"text": OURS, "times": 99}, {OURS: 1}, {"text": [OURS]}, f"say {OURS}"])
async def test_a_call_that_is_wrong_as_well_says_so_without_the_secret(workspace: Workspace, wrong: Any) -> None:
    reviewed = await gateway(Echo()).review("echo", wrong, workspace)

    assert reviewed.assessment.refusal
    assert OURS not in repr(reviewed)


async def test_a_tool_whose_name_is_a_secret_is_not_told_of(workspace: Workspace) -> None:
    reviewed = await gateway(Echo()).review(OURS, {}, workspace)

    assert reviewed.assessment.refusal
    assert OURS not in repr(reviewed)


async def test_a_secret_of_somebody_elses_goes_in_as_it_is(workspace: Workspace) -> None:
    tool = Echo()
    reviewed = await gateway(tool).review("echo", {"text": TOKEN}, workspace)

    assert reviewed.assessment.refusal == ""
    assert reviewed.arguments["text"] == TOKEN
    assert reviewed.digest == (await Gateway(Registry([tool])).review("echo", {"text": TOKEN}, workspace)).digest


async def test_what_became_a_secret_of_ours_since_it_was_approved_does_not_run(workspace: Workspace) -> None:
    tool = Echo()
    call = recorded(await Gateway(Registry([tool])).review("echo", {"text": OURS}, workspace))

    found = await gateway(tool).run(call, workspace, key="1", approved=True, on_output=ignore, audit=ignore)

    assert isinstance(found, Observation)
    assert found.error == "refused"
    assert OURS not in found.text
    assert tool.runs == 0


async def test_a_file_that_comes_beside_an_observation_holds_no_secret(workspace: Workspace) -> None:
    async def attaches(arguments: EchoArguments, scope: ToolScope) -> Observation:
        scope.attach(f"{TOKEN}.txt", f"it is {TOKEN}, and ours is {OURS}")
        return Observation(ok=True, text="see the file")

    one, files = gateway(Echo(does=attaches)), list[tuple[str, str]]()
    call = recorded(await one.review("echo", {"text": "x"}, workspace))
    await one.run(
        call, workspace, key="1", approved=True, on_output=ignore, audit=ignore,
        attach=lambda name, text: files.append((name, text)),
    )  # fmt: skip

    ((name, text),) = files
    assert TOKEN not in name + text
    assert text.endswith(f"and ours is ••••••• value of {NAME}")
