"""Entries of [[mcp]] are taken as they are meant, and a wrong one is named without a word of its secrets."""

from pathlib import Path

import pytest

from bots.rules import servers_of
from bots.settings import Settings, load_settings
from runtime.errors import SettingsError
from runtime.mcp.spec import ServerSpec, Trust
from runtime.records import Risk


def load(folder: Path, toml: str, *, env: str = "") -> Settings:
    (folder / ".env").write_text(env)
    (folder / "mallard.toml").write_text(toml)
    return load_settings(folder)


def test_entries_become_what_the_runtime_knows_of_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FILES_KEY", "from-the-environment")
    toml = """
        [[mcp]]
        name = "files"
        command = ["npx", "-y", "files", "/srv"]
        env = { KEY = "$FILES_KEY", PRICE = "5 $$", PLAIN = "as it is" }
        tools = ["read", "write"]
        read_only = ["read"]
        risk = { write = "medium" }
        timeout_s = 5
        local_only = true

        [[mcp]]
        name = "tickets"
        url = "https://tickets.example/mcp"
        headers = { Authorization = "Bearer ${TICKETS_KEY}" }
        trust = "hints"
    """
    files, tickets = servers_of(load(tmp_path, toml, env="TICKETS_KEY=from-the-file\nFILES_KEY=not-this\n"))

    assert files == ServerSpec(
        name="files",
        command=("npx", "-y", "files", "/srv"),
        env={"KEY": "from-the-environment", "PRICE": "5 $", "PLAIN": "as it is"},
        tools=frozenset({"read", "write"}),
        read_only=frozenset({"read"}),
        risks={"write": Risk.MEDIUM},
        timeout=5,
        local_only=True,
    )
    assert tickets == ServerSpec(
        name="tickets",
        url="https://tickets.example/mcp",
        headers={"Authorization": "Bearer from-the-file"},
        trust=Trust.HINTS,
    )


def test_none_is_the_default(tmp_path: Path) -> None:
    assert load_settings(tmp_path).mcp == ()


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ('name = "Files"\ncommand = ["x"]', "[[mcp]] 'Files' in mallard.toml → name is wrong."),
        ('command = ["x"]', "[[mcp]] number 1 in mallard.toml → name is wrong."),
        ('name = "files"', "[[mcp]] 'files' in mallard.toml is wrong. Right would be either a command"),
        ('name = "files"\ncommand = "npx files"', "[[mcp]] 'files' in mallard.toml → command is wrong."),
        (
            'name = "files"\ncommand = ["x"]\nurl = "http://a/"',
            "'files' in mallard.toml is wrong. Right would be either",
        ),
        ('name = "files"\nurl = "ftp://a/"', "'files' in mallard.toml → url is wrong."),
        ('name = "files"\nurl = "https://me:sesame@a/"', "Right would be an address without a name and password in it"),
        ('name = "files"\ncommand = ["x"]\ntimeout_s = 0', "'files' in mallard.toml → timeout_s is wrong."),
        ('name = "files"\ncommand = ["x"]\nrisk = { read = "tiny" }', "'files' in mallard.toml → risk is wrong."),
        ('name = "files"\ncommand = ["x"]\ntrust = "all"', "'files' in mallard.toml → trust is wrong."),
        ('name = "files"\ncommand = ["x"]\ncolour = "red"', "'files' in mallard.toml is wrong. Right would be"),
        (
            'name = "files"\ncommand = ["x"]\nenv = { A = "sesame", B = "$NOWHERE" }',
            "[[mcp]] 'files' → env → B needs NOWHERE, which is neither in the environment nor in .env.",
        ),
        ('name = "files"\ncommand = ["x"]\nenv = { A = "sesame $" }', "'files' → env → A has a $ that begins no name."),
        ('name = "files"\nurl = "http://a/"\nheaders = { A = "sesame\\nB: 1" }', "'files' in mallard.toml → headers"),
        ('name = "f"\ncommand = ["x"]\n[[mcp]]\nname = "f"\ncommand = ["y"]', "[[mcp]] has the name 'f' twice."),
        (
            'name = "f"\ncommand = ["x"]\nread_only = ["a"]\nrisk = { a = "low" }',
            "'f' in mallard.toml is wrong. Right would be either read_only or risk for a, and not both.",
        ),
    ],
)
def test_a_wrong_entry_is_named_and_its_secrets_are_not(tmp_path: Path, toml: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, f"[[mcp]]\n{toml}")

    assert words in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_what_is_known_is_not_shown(tmp_path: Path) -> None:
    settings = load(tmp_path, '[[mcp]]\nname = "files"\ncommand = ["x"]\nenv = { A = "sesame" }')

    assert "sesame" not in repr(settings)
    assert "sesame" not in repr(servers_of(settings))
