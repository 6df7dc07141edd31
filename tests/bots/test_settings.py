"""Settings are read from three places, in one order, and what they say holds together."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from bots.settings import load_settings
from runtime.errors import SettingsError
from runtime.models.port import Role
from runtime.records import Reasoning, Requirement, UserRef
from tests.bots.settings_of import load

pytestmark = pytest.mark.usefixtures("no_settings")


ANNA = UserRef(platform="slack", space="T1", id="U1")


def test_an_empty_folder_gives_a_working_installation(tmp_path: Path) -> None:
    settings = load_settings(tmp_path)
    assert settings.workspace == tmp_path / "workspace"
    assert settings.database == tmp_path / "data" / "mallard.db"
    assert not settings.uses_slack
    assert settings.listening_port is None
    assert settings.find_model(Role.ACTION) is None
    assert settings.users == settings.approvers == settings.admins == ()
    assert list(tmp_path.iterdir()) == []


def test_the_environment_wins_over_env_and_env_over_toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml = "max_steps = 1\nconcurrency = 1\ntoken_budget = 1001\n"
    monkeypatch.setenv("MALLARD_MAX_STEPS", "3")
    settings = load(tmp_path, env="MALLARD_MAX_STEPS=2\nMALLARD_CONCURRENCY=2\n", toml=toml)
    assert (settings.max_steps, settings.concurrency, settings.token_budget) == (3, 2, 1001)


def test_an_empty_line_in_env_is_as_good_as_none(tmp_path: Path) -> None:
    assert load(tmp_path, env="MALLARD_MAX_STEPS=\n", toml="max_steps = 7").max_steps == 7


def test_people_are_lists_in_toml_and_comma_separated_elsewhere(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        env="MALLARD_USERS=slack:T1/U1, discord:42",
        toml='approvers = ["slack:T1/U1"]\nadmins = "slack:T1/U1"',
    )
    assert settings.named_users == (ANNA, UserRef(platform="discord", id="42"))
    assert settings.approvers == settings.admins == (ANNA,)
    assert not settings.anybody_may_talk


def test_everybody_may_be_allowed_to_talk_and_never_to_decide(tmp_path: Path) -> None:
    settings = load(tmp_path, env="MALLARD_USERS=*,slack:T1/U1")
    assert settings.anybody_may_talk
    assert settings.named_users == (ANNA,)
    with pytest.raises(SettingsError, match=r"MALLARD_APPROVERS in \.env, line 1 → 0 is '\*'\. Right would be a list"):
        load(tmp_path, env="MALLARD_APPROVERS=*")


def test_a_role_takes_from_the_default_what_it_leaves_open(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        env="MALLARD_MODEL_BASE_URL=http://127.0.0.1:1/v1/\nMALLARD_MODEL_NAME=big\nMALLARD_MODEL_API_KEY=k\n"
        "MALLARD_MODEL_ACTION_NAME=small\nMALLARD_MODEL_ACTION_REASONING=off\n"
        'MALLARD_MODEL_ACTION_EXTRA_PARAMETERS={"temperature": 0}\n',
    )
    thinker, action = settings.find_model(Role.THINKER), settings.find_model(Role.ACTION)
    assert thinker is not None
    assert action is not None
    assert (thinker.base_url, thinker.name, thinker.reasoning) == ("http://127.0.0.1:1/v1", "big", Reasoning.AUTO)
    assert (action.base_url, action.name, action.reasoning) == ("http://127.0.0.1:1/v1", "small", Reasoning.OFF)
    assert action.api_key == SecretStr("k")
    assert action.extra == {"temperature": 0}


def test_the_default_key_is_never_sent_to_the_endpoint_of_a_role(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        toml='[model]\nbase_url = "http://127.0.0.1:1/v1"\nname = "big"\napi_key = "k"\n'
        '[model.critic]\nbase_url = "http://elsewhere.test/v1"\n',
    )
    critic = settings.find_model(Role.CRITIC)
    assert critic is not None
    assert critic.base_url == "http://elsewhere.test/v1"
    assert critic.api_key is None


OWN = "MALLARD_MODEL_{0}_BASE_URL=http://127.0.0.1:1/v1\nMALLARD_MODEL_{0}_NAME=small\n"


def test_once_a_role_has_a_model_memory_and_critic_need_one_too_as_nothing_else_can_think_for_them(
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, env=OWN.format("ACTION"))
    (said,) = str(caught.value).splitlines()
    assert said.startswith(
        "MALLARD_MODEL_BASE_URL and MALLARD_MODEL_NAME are missing: only action has a model, "
        "and thinker, memory and critic have none."
    )
    with pytest.raises(SettingsError, match="only action and thinker have a model, and memory and critic have none"):
        load(tmp_path, env=OWN.format("ACTION") + OWN.format("THINKER") + "MALLARD_REFLECT=false")
    with pytest.raises(SettingsError, match="only action, thinker and memory have a model, and critic has none"):
        load(tmp_path, env="".join(map(OWN.format, ("ACTION", "THINKER", "MEMORY"))))


def test_roles_that_each_have_a_model_need_no_default(tmp_path: Path) -> None:
    settings = load(tmp_path, env="".join(OWN.format(role.upper()) for role in Role))
    assert settings.roles_with_model == tuple(Role)
    assert load(tmp_path).roles_with_model == ()


def test_workspaces_are_tables_of_toml(tmp_path: Path) -> None:
    settings = load(
        tmp_path,
        toml='[[workspaces]]\nname = "site"\npath = "site"\nconversations = ["slack:T1/C1"]\nreasoning = "on"\n',
    )
    (site,) = settings.workspaces
    assert (site.name, site.path, site.conversations) == ("site", tmp_path / "site", ("slack:T1/C1",))
    assert (site.reasoning, site.debug, site.reflect) == (Reasoning.ON, None, None)


def test_an_approval_may_never_expire(tmp_path: Path) -> None:
    assert load(tmp_path, env="MALLARD_APPROVAL_HOURS=never").approval_hours is None
    assert load(tmp_path, env="MALLARD_APPROVAL_HOURS=0.5").approval_hours == 0.5
    assert load(tmp_path, toml='approval_hours = "never"').approval_hours is None


def test_who_is_asked_follows_the_risk(tmp_path: Path) -> None:
    settings = load(tmp_path, toml='[ask]\nlow = "requester"\nhigh = "other_approver"')
    assert (settings.ask_low, settings.ask_high) == (Requirement.REQUESTER, Requirement.OTHER_APPROVER)


def test_commands_of_the_shell_are_allowed_and_denied_by_patterns(tmp_path: Path) -> None:
    rules = load(tmp_path, toml='[shell]\nallow = ["npm test", "make **"]\ndeny = ["git push **"]').command_rules
    assert rules.find_allowance(["make", "-j4"]) == "make **"
    assert rules.find_denial(["git", "push", "-f"]) == "git push **"
    assert load(tmp_path, env="MALLARD_SHELL_ALLOW=npm test, make **").command_rules.allow == rules.allow


def test_the_web_server_is_off_unless_slack_or_the_operator_needs_it(tmp_path: Path) -> None:
    http = "MALLARD_SLACK_BOT_TOKEN=xoxb-1\nMALLARD_SLACK_MODE=http\nMALLARD_SLACK_SIGNING_SECRET=s\n"
    assert load(tmp_path, env=http).listening_port == 3000
    assert load(tmp_path, env=http + "MALLARD_WEB_PORT=8080").listening_port == 8080
    assert load(tmp_path, env="MALLARD_WEB_PORT=8080").listening_port == 8080
    assert load(tmp_path).web_host == "127.0.0.1"


def test_a_link_does_not_hide_where_a_workspace_is(tmp_path: Path) -> None:
    (tmp_path / "innocent").symlink_to(tmp_path)
    with pytest.raises(SettingsError, match="holds the settings"):
        load(tmp_path, env="MALLARD_WORKSPACE=innocent")
