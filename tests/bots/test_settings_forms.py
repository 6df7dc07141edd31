"""People, conversations and platforms that cannot be are refused: nobody would match them, and nobody would notice."""

from pathlib import Path

import pytest

from runtime.errors import SettingsError
from tests.bots.settings_of import load

pytestmark = pytest.mark.usefixtures("no_settings")


@pytest.mark.parametrize(
    ("person", "right"),
    [
        ("slack:U1", "slack:TEAM/USER with the ids that Slack gives them, such as slack:T012/U034"),
        ("slack:T1/@bob", "slack:TEAM/USER"),
        ("slack:T1/bob", "slack:TEAM/USER"),
        ("slack:pond/U1", "slack:TEAM/USER"),
        ("slack:T1/C1", "slack:TEAM/USER"),
        ("slak:T1/U1", "a person on one of the platforms that there are, which are slack, discord, terminal"),
        ("discord:bob", "discord: and the number of the account"),
        ("discord:1/2", "discord: and the number of the account"),
        ("terminal:home/ann", "terminal: and the name of an account of this machine"),
    ],
)
def test_who_can_be_nobody_is_refused_wherever_people_are_named(tmp_path: Path, person: str, right: str) -> None:
    for setting in ("USERS", "APPROVERS", "ADMINS"):
        with pytest.raises(SettingsError) as caught:
            load(tmp_path, env=f"MALLARD_{setting}=slack:T1/U1,{person}")
        assert str(caught.value).startswith(
            f"MALLARD_{setting} in .env, line 1 → 1 is {person!r}. Right would be {right}"
        )
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, toml=f'[[rules]]\nthen = "deny"\nperson = ["admins", "{person}"]')
    assert f"Right would be {right}" in str(caught.value)


def test_whoever_can_be_somebody_is_taken(tmp_path: Path) -> None:
    people = "slack:T012/U034, slack:T1/W1, slack:E1/W1, discord:42, terminal:ann, terminal:ann.b-c_d"
    assert len(load(tmp_path, env=f"MALLARD_APPROVERS={people}").approvers) == 6


@pytest.mark.parametrize(
    ("conversation", "right"),
    [
        ("foo", "a conversation on one of the platforms that there are, which are slack, discord, terminal"),
        ("foo*", "a conversation on one of the platforms"),
        ("irc:T1/*", "a conversation on one of the platforms"),
        ("slack:T1", "slack:TEAM/CHANNEL with Slack's ids, such as slack:T012/C034, or slack:T012/* for a whole team"),
        ("slack:#pond", "slack:TEAM/CHANNEL"),
        ("slack:#*", "slack:TEAM/CHANNEL"),
        ("slack:T1/U1", "slack:TEAM/CHANNEL"),
        ("discord:pond/general", "discord:SERVER/CHANNEL"),
        ("discord:1/2/*", "discord:SERVER/CHANNEL"),
        ("terminal:", "terminal: and the name of a conversation there"),
    ],
)
def test_a_conversation_that_cannot_be_is_refused_wherever_one_is_named(
    tmp_path: Path, conversation: str, right: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(
            tmp_path, toml=f'[[workspaces]]\nname = "a"\npath = "a"\nconversations = ["slack:T1/C1", "{conversation}"]'
        )
    where = "workspaces in mallard.toml → 0 → conversations → 1"
    assert str(caught.value).startswith(f"{where} is {conversation!r}. Right would be {right}")
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, toml=f'[[rules]]\nthen = "deny"\nconversation = "{conversation}"')
    assert f"is {conversation!r}. Right would be {right}" in str(caught.value)


def test_a_conversation_that_can_be_is_taken_with_a_star_for_any_part(tmp_path: Path) -> None:
    named = [
        "slack:T012/C034", "slack:T1/G1", "slack:T1/D1", "discord:42/43", "discord:42", "terminal:local", "terminal:my work",
        "*", "*/C034", "s*", "slack:*", "slack:T1/*", "slack:T*/C1", "slack:T?/C[12]", "discord:42/*", "terminal:*",
    ]  # fmt: skip
    settings = load(tmp_path, toml=f'[[workspaces]]\nname = "a"\npath = "a"\nconversations = {named}')
    assert settings.workspaces[0].conversations == tuple(named)


def test_only_platforms_that_there_are_can_be_worked_for(tmp_path: Path) -> None:
    assert load(tmp_path, env="MALLARD_WORK_FOR=slack,discord").work_for == ("slack", "discord")
    with pytest.raises(
        SettingsError, match=r"is 'irc'\. Right would be a list of platforms, of which there are slack, d"
    ):
        load(tmp_path, env="MALLARD_WORK_FOR=slack,irc")
