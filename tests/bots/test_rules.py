"""What the operator chose, as the runtime understands it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bots.rules import about_no_tool, defaults_of, policy_of, roles_of
from bots.settings import Settings
from runtime.policy import DEFAULT_REQUIREMENTS
from runtime.records import ConversationRef, Reasoning, Requirement, Risk, UserRef

SITE = {
    "name": "site",
    "path": "/srv/site",
    "conversations": ("slack:T1/C1", "slack:T2/*", "terminal:w*"),
    "debug": True,
}
REST = {"name": "rest", "path": "/srv/rest", "conversations": ("slack:*",), "reasoning": "on", "reflect": False}


def chosen(**choices: Any) -> Settings:
    return Settings(_env_file=None, **choices)


@pytest.mark.parametrize(
    ("where", "workspace"),
    [
        (ConversationRef(platform="slack", space="T1", channel="C1"), "site"),
        (ConversationRef(platform="slack", space="T1", channel="C1", thread="1.2"), "site"),
        (ConversationRef(platform="slack", space="T2", channel="C9"), "site"),
        (ConversationRef(platform="slack", space="T1", channel="C11"), "rest"),
        (ConversationRef(platform="terminal", channel="work"), "site"),
        (ConversationRef(platform="terminal", channel="local"), "default"),
        (ConversationRef(platform="discord", space="1", channel="C1"), "default"),
    ],
)
def test_the_first_workspace_that_names_a_conversation_is_its_own(where: ConversationRef, workspace: str) -> None:
    defaults = defaults_of(chosen(workspaces=(SITE, REST), workspace=Path("/srv/default")))
    assert defaults(where).workspace.id == workspace
    assert defaults(where).workspace.path == f"/srv/{workspace}"


def test_a_workspace_says_only_what_differs() -> None:
    defaults = defaults_of(chosen(workspaces=(SITE, REST), reasoning="off", reflect=True))
    site = defaults(ConversationRef(platform="slack", space="T1", channel="C1"))
    rest = defaults(ConversationRef(platform="slack", space="T3", channel="C1"))
    assert (site.reasoning, site.debug, site.reflect) == (Reasoning.OFF, True, True)
    assert (rest.reasoning, rest.debug, rest.reflect) == (Reasoning.ON, False, False)


def test_what_is_asked_by_default_is_what_the_policy_says_by_default() -> None:
    settings = chosen()
    assert dict(policy_of(settings, roles_of(settings)).requirements) == dict(DEFAULT_REQUIREMENTS)


def test_whom_to_ask_and_for_how_long_is_a_setting() -> None:
    settings = chosen(ask_low="requester", ask_high="nobody", approval_hours="never")
    policy = policy_of(settings, roles_of(settings))
    assert policy.requirements[Risk.LOW] is Requirement.REQUESTER
    assert policy.requirements[Risk.HIGH] is None
    assert policy.expiry is None
    assert policy_of(chosen(approval_hours=2), roles_of(settings)).expiry == timedelta(hours=2)


def test_a_rule_about_a_tool_that_is_not_there_is_named() -> None:
    rules = ({"then": "deny", "tool": ("shell_exec_safe", "web_*")}, {"then": "deny", "tool": "reed_file"})
    settings = chosen(rules=rules)
    said = list(about_no_tool(policy_of(settings, roles_of(settings)), ("shell_exec_safe", "read_file", "web_get")))
    assert len(said) == 1
    assert "'reed_file'" in said[0]


def test_everybody_may_talk_only_where_the_operator_says_so() -> None:
    stranger = UserRef(platform="slack", space="T1", id="U9")
    assert not roles_of(chosen()).may_talk(stranger)
    assert not roles_of(chosen(users="slack:T1/U1")).may_talk(stranger)
    assert roles_of(chosen(users="*")).may_talk(stranger)
    assert not roles_of(chosen(users="*")).is_approver(stranger)
