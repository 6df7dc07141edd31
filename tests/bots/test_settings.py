"""Settings are read from three places, in one order, and a wrong one is named with its place and what is right."""

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from bots.settings import Settings, load_settings
from runtime.errors import SettingsError
from runtime.models.port import Role
from runtime.records import Reasoning, Requirement, UserRef

ANNA = UserRef(platform="slack", space="T1", id="U1")


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MALLARD_")]:
        monkeypatch.delenv(name)


def load(folder: Path, *, env: str = "", toml: str = "") -> Settings:
    (folder / ".env").write_text(env)
    (folder / "mallard.toml").write_text(toml)
    return load_settings(folder)


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


@pytest.mark.parametrize(
    ("env", "toml", "words"),
    [
        ("\nMALLARD_MAX_STEPS=many", "", "MALLARD_MAX_STEPS in .env, line 2 is 'many'. Right would be a valid integer"),
        ("MALLARD_MAX_STEPS=0", "", "is '0'. Right would be greater than or equal to 1"),
        ("", "[web]\nport = 99999", "web.port in mallard.toml is '99999'. Right would be a port number from 1 to"),
        ("MALLARD_APPROVER=slack:T1/U1", "", "line 1 is not a setting of Mallard. Did you mean MALLARD_APPROVERS?"),
        ("", "[slack]\nbot_tokn = 1", "slack.bot_tokn in mallard.toml is not a setting of Mallard. Did you mean"),
        ("", "zebra_crossing = 1", "zebra_crossing in mallard.toml is not a setting of Mallard. .env.example lists"),
        ("MALLARD_USERS=U1", "", "MALLARD_USERS in .env, line 1 → 0 is 'U1'. Right would be a list of people such as"),
        ("MALLARD_WORKSPACE=.", "", "and that folder holds the settings and their secrets"),
        ("MALLARD_WORKSPACE=..", "", "and that folder holds the settings and their secrets"),
        ("MALLARD_WORKSPACE=data", "", "and that folder holds the database"),
        ("MALLARD_DATABASE=workspace/db/m.db", "", "and that folder holds the database"),
        ("", '[[workspaces]]\nname="a"\npath="data"', "the path of workspace 'a' in mallard.toml is"),
        ("", '[[workspaces]]\nname="a"\npath="x"\n[[workspaces]]\nname="a"\npath="y"', "has the name 'a' twice"),
        ("", '[[workspaces]]\nname="a"', "workspaces in mallard.toml → 0 → path is missing."),
        (
            "",
            '[[workspaces]]\nname="a"\npath="x"\nspeed=1',
            "workspaces in mallard.toml → 0 has the key 'speed', which",
        ),
        (
            "",
            '[shell]\nallow = ["npm ** x"]',
            "shell.allow in mallard.toml → 0: 'npm ** x' holds ** in the middle; it can",
        ),
        (
            "MALLARD_SHELL_DENY=ls,* x",
            "",
            "MALLARD_SHELL_DENY in .env, line 1 → 1: '* x' begins with '*'; begin with a",
        ),
        ("", "what is this", "mallard.toml is not valid TOML"),
        (
            "\nMALLARD_WORKSPACES=what",
            "",
            'MALLARD_WORKSPACES in .env, line 2 is \'what\'. Right would be a JSON list such as [{"name": "site"',
        ),
        ("MALLARD_RULES=what", "", "MALLARD_RULES in .env, line 1 is 'what'. Right would be a JSON list such as [{"),
        ('MALLARD_RULES={"then": "deny"}', "", "Right would be a JSON list such as [{"),
        ("MALLARD_MCP=what", "", "MALLARD_MCP in .env, line 1 is wrong. Right would be a JSON list such as [{"),
        (
            'MALLARD_MCP=[{"name": "A"}]',
            "",
            "MALLARD_MCP in .env, line 1 → 0 → name is wrong. Right would be a word of",
        ),
        ("", 'workspaces = "what"', "workspaces in mallard.toml is 'what'. Right would be a JSON list such as"),
        (
            "",
            '[[workspaces]]\nname="A"\npath="x"',
            "workspaces in mallard.toml → 0 → name is 'A'. Right would be a word",
        ),
        (
            "MALLARD_HTTP_ALLOW_HOSTS=wiki.internal,http://other.internal",
            "",
            "→ 1 is 'http://other.internal'. Right would be a list of hosts in small letters",
        ),
        ("MALLARD_DISCORD_GUILDS=pond", "", "is 'pond'. Right would be a list of server ids"),
        ("MALLARD_DISCORD_COMMANDS=pond", "", "is 'pond'. Right would be global, or the id of one server"),
        ("MALLARD_MODEL_NAME=x", "", "MALLARD_MODEL_BASE_URL is missing: MALLARD_MODEL_NAME is set"),
        ("MALLARD_MODEL_BASE_URL=http://h/v1", "", "MALLARD_MODEL_NAME is missing: MALLARD_MODEL_BASE_URL is set"),
        ("MALLARD_MODEL_BASE_URL=h", "", "Right would be an address such as http://127.0.0.1:11434/v1"),
        (
            "MALLARD_MODEL_BASE_URL=http://h/v1/chat/completions",
            "",
            "Right would be the same with /chat/completions left off, which is added to it: http://h/v1.",
        ),
        (
            "MALLARD_MODEL_CRITIC_BASE_URL=http://h/v1/chat/completions/",
            "",
            "MALLARD_MODEL_CRITIC_BASE_URL in .env, line 1 is",
        ),
        ("MALLARD_EMBEDDING_BASE_URL=http://h/v1/embeddings", "", "Right would be the same with /embeddings left off"),
        ("MALLARD_MODEL_EXTRA_PARAMETERS=[1]", "", "Right would be a JSON object such as"),
        ("MALLARD_SLACK_BOT_TOKEN=xoxb-1", "", "MALLARD_SLACK_APP_TOKEN is missing: it is an app-level token"),
        ("MALLARD_SLACK_APP_TOKEN=xapp-1", "", "MALLARD_SLACK_BOT_TOKEN is missing"),
        ("MALLARD_SLACK_BOT_TOKEN=xoxb-1\nMALLARD_SLACK_MODE=http", "", "MALLARD_SLACK_SIGNING_SECRET is missing"),
        ("MALLARD_SLACK_BOT_TOKEN=xapp-1", "", "line 1 is wrong. Right would be the Bot User OAuth Token"),
        ("MALLARD_DEBUG=perhaps", "", "is 'perhaps'. Right would be true or false."),
        ("MALLARD_SLACK_API_URL=slack", "", "is 'slack'. Right would be an address such as https://slack.com/api/."),
        ("MALLARD_APPROVAL_HOURS=-1", "", "Right would be a number of hours above 0, or never"),
        ("MALLARD_SYNCHRONOUS=OFF", "", "Right would be 'FULL' or 'NORMAL'"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place_and_what_is_right(
    tmp_path: Path, env: str, toml: str, words: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, env=env, toml=toml)
    assert words in str(caught.value)


def test_a_wrong_variable_is_named_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLARD_LOG_LEVL", "debug")
    with pytest.raises(SettingsError, match=r"^MALLARD_LOG_LEVL in the environment .* Did you mean MALLARD_LOG_LEVEL"):
        load(tmp_path)


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, env="MALLARD_MAX_STEPS=x\nMALLARD_CONCURRENCY=y")
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize("setting", Settings.model_fields)
def test_every_wrong_setting_is_said_in_one_line_of_words_that_begins_with_where_it_stands(
    tmp_path: Path, setting: str
) -> None:
    name = f"MALLARD_{setting.upper()}"
    try:
        load(tmp_path, env=f"\n{name}=?! [")
    except SettingsError as error:
        (said,) = str(error).splitlines()
        assert said.startswith(f"{name} in .env, line 2") or " is missing" in said
        assert not [word for word in ("pattern", "Source", "field", "^", "instance") if word in said]


@pytest.mark.parametrize(
    ("env", "words"),
    [
        (
            "# who\n\n\nMALLARD_APPROVERS slack:T1/U1",
            ".env, line 4 has no = in it. Right would be MALLARD_APPROVERS=value",
        ),
        ("MALLARD_APPROVERS: slack:T1/U1", ".env, line 1 has no = in it. Right would be MALLARD_APPROVERS=value"),
        ("export MALLARD_DEBUG", ".env, line 1 has no = in it. Right would be MALLARD_DEBUG=value"),
        ("MALLARD_DEBUG=true\nhunter2", ".env, line 2 has no = in it. Right would be NAME=value"),
        ('MALLARD_SLACK_BOT_TOKEN="xoxb-hunter2\n', ".env, line 1 cannot be read: a quotation mark is not closed"),
        ('A="x\ny"\n  MALLARD_DATABASE="a" hunter2', ".env, line 3 cannot be read: a quotation mark is not closed, or"),
    ],
)
def test_a_line_of_env_that_sets_nothing_is_refused_with_its_number_and_without_what_may_be_secret(
    tmp_path: Path, env: str, words: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, env=env)
    (said,) = str(caught.value).splitlines()
    assert said.startswith(words)
    assert "hunter2" not in said


def test_comments_empty_lines_and_values_of_several_lines_are_fine_in_env(tmp_path: Path) -> None:
    env = '\n# MALLARD_DEBUG true\n\nexport MALLARD_DEBUG=true # yes\nOTHER="a\nMALLARD_DEBUG false\n"\nMALLARD_MAX_STEPS=x\n'
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, env=env)
    assert str(caught.value).startswith("MALLARD_MAX_STEPS in .env, line 8 is 'x'.")
    assert load(tmp_path, env=env.replace("=x", "=3")).debug


def test_one_wrong_entry_of_a_long_list_is_what_is_shown(tmp_path: Path) -> None:
    people = [f"slack:T0123456789/U{number:010}" for number in range(12)]
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, toml=f"approvers = {[*people, 'anna']}")
    assert str(caught.value).startswith("approvers in mallard.toml → 12 is 'anna'. Right would be a list of people")


def test_what_is_shown_of_a_long_value_says_that_there_is_more(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"is '{'x' * 80}…'"):
        load(tmp_path, env=f"MALLARD_MAX_STEPS={'x' * 81}")


def test_a_setting_that_may_be_one_of_many_words_is_explained_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, env="MALLARD_ASK_LOW=x")
    assert str(caught.value) == (
        "MALLARD_ASK_LOW in .env, line 1 is 'x'. Right would be nobody, requester, approvers or other_approver."
    )


def test_a_secret_is_never_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, env="MALLARD_SLACK_BOT_TOKEN=hunter2")
    assert "hunter2" not in str(caught.value)
    settings = load(tmp_path, env="MALLARD_SLACK_BOT_TOKEN=xoxb-hunter2\nMALLARD_SLACK_APP_TOKEN=xapp-hunter2")
    assert "hunter2" not in repr(settings)


def test_a_link_does_not_hide_where_a_workspace_is(tmp_path: Path) -> None:
    (tmp_path / "innocent").symlink_to(tmp_path)
    with pytest.raises(SettingsError, match="holds the settings"):
        load(tmp_path, env="MALLARD_WORKSPACE=innocent")
