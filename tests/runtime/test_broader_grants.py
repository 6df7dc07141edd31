"""Grants of more than one call: what they cover, how they come about, and what no such grant ever covers."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from runtime.grant_terms import EXACTLY, Terms
from runtime.grants import covers, grant_for, prefix_of, why_too_broad, words_of
from runtime.intents import Intent, planned
from runtime.records import Effect, Grant, GrantKind, GrantScope, Risk, Workspace
from runtime.states import CallState
from runtime.tools.gateway import Reviewed
from runtime.tools.port import Assessment
from tests.runtime.papers import ALICE, BOB, NOON, a_run
from tests.runtime.people import POLICY

SHELL = "shell_exec_safe"
RUN = a_run()


def reviewed(command: str, risk: Risk = Risk.HIGH, *, tool: str = SHELL, version: str = "1", **more: Any) -> Reviewed:
    return Reviewed(
        tool=tool, version=version, arguments={"command": command, "timeout_s": 60, **more}, digest=command.encode().hex(),
        effect=Effect.EXTERNAL, assessment=Assessment(risk=risk),
    )  # fmt: skip


def intent(command: str, risk: Risk = Risk.HIGH, **more: Any) -> Intent:
    return planned(reviewed(command, risk, **more), RUN)


def a_grant(kind: GrantKind, prefix: tuple[str, ...] = (), **changes: Any) -> Grant:
    made = grant_for(
        RUN, tool=SHELL, version="1", digest="ab" * 32, shown="", scope=GrantScope.CONVERSATION, by=BOB, at=NOON,
        prefix=prefix, others={"network": False} if prefix else {}, terms=Terms(kind=kind),
    )  # fmt: skip
    return replace(made, **changes)


GIT = a_grant(GrantKind.PREFIX, ("git", "status"))
COVERED = ["git status", "git status --short", "git  status -- a.txt", "git 'status' --short", 'git "status"']
UNCOVERED = [
    "git statusx", "git", "git -c core.pager=x status", "git --no-pager status", "git status; rm -rf x", "git status && rm x",
    "git status | sh", "git status $(rm x)", "git status `rm x`", "git status > x", "git status\nrm x", "status git",
    "/tmp/git status", "./git status", "env git status", "FOO=1 git status", "git $x", "git stat*", "git {status,x}",
    "GIT status", "git Status", "git status &", "git\u00a0status", "! git status", "(git status)", "git sta\\tus", "",
]  # fmt: skip


@pytest.mark.promise(15)
@pytest.mark.parametrize("command", COVERED)
def test_a_prefix_covers_what_begins_with_its_words(command: str) -> None:
    assert covers(GIT, intent(command, network=False), RUN)
    assert POLICY.spares(GIT, intent(command, network=False), RUN)


@pytest.mark.promise(15)
@pytest.mark.parametrize("command", UNCOVERED)
def test_a_prefix_covers_nothing_that_only_looks_alike(command: str) -> None:
    assert not covers(GIT, intent(command, network=False), RUN)


@pytest.mark.promise(15)
def test_what_else_a_command_is_given_must_be_the_same_but_for_its_time() -> None:
    assert covers(GIT, intent("git status", network=False, timeout_s=600), RUN)
    assert not covers(GIT, intent("git status", network=True), RUN)
    assert not covers(GIT, intent("git status"), RUN)
    assert not covers(GIT, intent("git status", network=False, user="root"), RUN)


@pytest.mark.promise(15)
@pytest.mark.parametrize("grant", [GIT, a_grant(GrantKind.TOOL)], ids=["prefix", "tool"])
def test_a_broader_grant_is_bound_to_tool_version_and_workspace(grant: Grant) -> None:
    assert covers(grant, intent("git status", network=False), RUN)
    assert not covers(grant, intent("git status", network=False, version="2"), RUN)
    assert not covers(grant, intent("git status", network=False, tool="shell"), RUN)
    elsewhere = a_run(workspace=Workspace(id="other", path="/srv/files"))
    assert not covers(grant, intent("git status", network=False), elsewhere)


@pytest.mark.promise(15)
@pytest.mark.parametrize("grant", [GIT, a_grant(GrantKind.TOOL)], ids=["prefix", "tool"])
def test_a_broader_grant_never_covers_what_is_critical_whatever_the_settings_ask(grant: Grant) -> None:
    critical = intent("git status", Risk.CRITICAL, network=False)
    lenient = replace(POLICY, requirements={**POLICY.requirements, Risk.CRITICAL: POLICY.requirements[Risk.HIGH]})
    for policy in (POLICY, lenient):
        assert not policy.spares(grant, critical, RUN)
    exact = replace(grant, kind=GrantKind.EXACT, digest=critical.digest)
    assert lenient.spares(exact, critical, RUN)
    assert not POLICY.spares(exact, critical, RUN)


@pytest.mark.promise(15)
def test_what_a_tool_refuses_is_refused_below_every_grant() -> None:
    blocked = replace(reviewed("git status", network=False), assessment=Assessment(risk=Risk.HIGH, refusal="never"))
    for grant in (GIT, a_grant(GrantKind.TOOL)):
        assert POLICY.rule(blocked, RUN, grant=grant, at=NOON).state is CallState.DENIED


@pytest.mark.promise(15)
def test_a_requesters_prefix_does_not_reach_what_needs_an_approver() -> None:
    own = replace(GIT, scope=GrantScope.PERSON, subject=str(ALICE), created_by=ALICE)
    assert POLICY.spares(own, intent("git status", Risk.MEDIUM, network=False), RUN)
    assert not POLICY.spares(own, intent("git status", Risk.HIGH, network=False), RUN)


@given(st.text(max_size=30))
def test_whatever_is_covered_is_one_command_that_begins_so(rest: str) -> None:
    command = f"git status{rest}"
    if covers(GIT, intent(command, network=False), RUN):
        assert not set("$`;|&<>(){}*?[]~#!\\\n") & set(rest.replace("'", '"').split('"')[0])


# how it is made

REFUSED = {
    "sudo git status": "depends on all that stands behind",
    "/usr/bin/env git status": "depends on all that stands behind",
    "bash -c ls": "depends on all that stands behind",
    "python3.11 x.py": "depends on all that stands behind",
    "rm -rf build": "depends on all that stands behind",
    "docker run x": "depends on all that stands behind",
    "kubectl exec x": "depends on all that stands behind",
    "npx eslint": "depends on all that stands behind",
    "make test": "depends on all that stands behind",
    "tar xf a.tar": "depends on all that stands behind",
    "git -c core.pager=less log": "behind an option",
    "git -C src log": "behind an option",
    "git --no-pager log": "behind an option",
    "git status; ls": "one program with plain words",
    "git $x": "one program with plain words",
}


@pytest.mark.promise(15)
@pytest.mark.parametrize("command", REFUSED)
def test_some_commands_have_no_first_words_that_could_be_allowed(command: str) -> None:
    found = prefix_of(SHELL, {"command": command}, "")
    assert isinstance(found, str)
    assert REFUSED[command] in found


def test_the_first_two_words_are_meant_unless_others_are_named() -> None:
    given = {"command": "git push origin main"}
    assert prefix_of(SHELL, given, "") == ("git", "push")
    assert prefix_of(SHELL, given, "git push origin") == ("git", "push", "origin")
    assert prefix_of(SHELL, {"command": "mkdir"}, "") == ("mkdir",)
    assert "behind an option" in prefix_of(SHELL, {"command": "git push -f"}, "git push -f")
    assert isinstance(prefix_of(SHELL, given, "git pull"), str)
    assert isinstance(prefix_of(SHELL, given, "git push origin main more"), str)
    assert isinstance(prefix_of("write_file", given, ""), str)


@pytest.mark.promise(15)
def test_a_whole_tool_is_for_one_conversation_and_never_a_shell() -> None:
    assert "never allowed as a whole" in why_too_broad(a_grant(GrantKind.TOOL))
    assert "one conversation only" in why_too_broad(a_grant(GrantKind.TOOL, tool="x", scope=GrantScope.WORKSPACE))
    assert why_too_broad(a_grant(GrantKind.TOOL, tool="x")) == ""
    assert why_too_broad(GIT) == ""


def test_what_it_would_let_through_is_said_in_plain_words() -> None:
    assert words_of(replace(GIT, most_uses=7, uses=2)) == (
        "every command that begins with the words `git status`, whatever follows, with network = False, whoever asks in "
        "slack:T1/C1, in the workspace default, 5 times more"
    )
    assert words_of(a_grant(GrantKind.TOOL, tool="write_file", expires_at=NOON + timedelta(hours=8))) == (
        "every call of `write_file`, whatever its arguments, whoever asks in slack:T1/C1, in the workspace default, "
        "until 2030-05-01 at 20:00 UTC"
    )
    exact = grant_for(
        RUN, tool="x", digest="ab" * 32, shown="", scope=GrantScope.PERSON, by=BOB, at=NOON, terms=EXACTLY
    )
    assert (
        words_of(exact) == "exactly this call, when slack:T1/UALICE asks, in the workspace default, until it is revoked"
    )
