"""A wrong setting is said in one line of words: where it stands, what it says there, and what would be right."""

from pathlib import Path

import pytest

from bots.settings import Settings
from runtime.errors import SettingsError
from tests.bots.settings_of import load

pytestmark = pytest.mark.usefixtures("no_settings")


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
        ("", '[[workspaces]]\nname="a"\npath="x"\nconversations="*"', "→ conversations is '*'. Right would be a list."),
        ("", "workspaces = [1]", "workspaces in mallard.toml → 0 is '1'. Right would be a table."),
        (
            "",
            '[[mcp]]\nname="a"\ncommand="x y"',
            "[[mcp]] 'a' in mallard.toml → command is wrong. Right would be a list.",
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
        ("MALLARD_APPROVAL_HOURS=-1", "", "Right would be a number of hours above 0 and up to ten years, or never"),
        ("MALLARD_APPROVAL_HOURS=1e99", "", "Right would be a number of hours above 0 and up to ten years, or never"),
        ("MALLARD_APPROVAL_HOURS=nan", "", "Right would be a number of hours above 0 and up to ten years, or never"),
        ("", "approval_hours = true", "Right would be a number of hours above 0 and up to ten years, or never"),
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
