"""Every setting there is, with its default. `.env.example` explains each of them to the operator."""

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, HttpUrl, SecretStr
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from bots.settings.embedding import EmbeddingChoices
from bots.settings.mcp import McpChoice
from bots.settings.models import ModelChoices
from bots.settings.rules import RuleChoice
from bots.settings.values import (
    EVERYONE,
    CommandPatterns,
    Conversation,
    Hosts,
    HoursOrNever,
    Paths,
    People,
    PeopleOrEveryone,
    Platforms,
    Snowflakes,
    WholePath,
    json_list,
    like,
)
from runtime.records import Reasoning, Requirement, UserRef
from runtime.shell import CommandRules

PREFIX = "MALLARD_"
DEFAULT_HTTP_PORT = 3000

_A_WORKSPACE = '[{"name": "site", "path": "/srv/site", "conversations": ["slack:T012/C034"]}]'
_A_RULE = '[{"tool": "write_file", "then": "ask approvers"}]'
_A_SERVER = '[{"name": "files", "command": ["npx", "-y", "@modelcontextprotocol/server-filesystem", "/srv/site"]}]'

Asks: TypeAlias = Requirement | Literal["nobody"]
Port: TypeAlias = Annotated[int, Field(ge=1, le=65535)]
Word: TypeAlias = Annotated[str, like(r"[a-z0-9][a-z0-9_-]*", "a word of small letters, digits, - and _")]


def _begins_with(start: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(start):
            raise ValueError(f"this does not begin with {start}")
        return value

    return AfterValidator(check)


def _says_something(source: PydanticBaseSettingsSource) -> bool:
    """Whether anything of ours is there: each setting is looked for, which took half of a reading of the settings."""
    return not isinstance(source, EnvSettingsSource) or any(map(_is_ours, source.env_vars))


def _is_ours(variable: str) -> bool:
    return variable.upper().startswith(PREFIX)


class WorkspaceChoice(BaseModel):
    """A named folder for some conversations. A pattern is a conversation as it is written, with * for any part."""

    # Not built alone: it is checked as a part of the settings.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: Word
    path: Path
    conversations: tuple[Conversation, ...] = ()
    reasoning: Reasoning | None = None
    debug: bool | None = None
    reflect: bool | None = None


class Settings(BaseSettings, ModelChoices, EmbeddingChoices):
    """What the operator chose. Made by `load_settings`, which explains what is wrong where pydantic only reports."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_ignore_empty=True,
        dotenv_filtering="only_existing",  # otherwise each line of `.env` is held against each setting
        extra="ignore",  # unknown names are refused in `loading`, with their place
        frozen=True,
        protected_namespaces=(),
        hide_input_in_errors=True,
    )

    # where things stand
    database: Path = Path("data/mallard.db")
    workspace: Path = Path("workspace")
    workspaces: Annotated[tuple[WorkspaceChoice, ...], NoDecode, json_list("workspaces", _A_WORKSPACE)] = ()
    skill_folders: Paths = ()
    rules: Annotated[tuple[RuleChoice, ...], NoDecode, json_list("rules", _A_RULE)] = ()

    # who may do what
    users: PeopleOrEveryone = ()
    approvers: People = ()
    admins: People = ()
    ask_low: Asks = "nobody"
    ask_medium: Asks = Requirement.REQUESTER
    ask_high: Asks = Requirement.APPROVERS
    ask_critical: Asks = Requirement.OTHER_APPROVER
    approval_hours: HoursOrNever = 72.0

    # which commands of the shell run at once, or never, and what they are let do
    shell_allow: CommandPatterns = ()
    shell_deny: CommandPatterns = ()
    shell_sudo: WholePath | None = None
    outside_sandbox: Literal["never", "ask"] = "never"
    sandbox_readable: Paths = ()

    # how runs are worked
    reasoning: Reasoning = Reasoning.AUTO
    debug: bool = False
    reflect: bool = True
    max_steps: Annotated[int, Field(ge=1, le=200)] = 12
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 8
    token_budget: Annotated[int, Field(ge=1000)] = 24_000
    work_for: Platforms = ()
    http_allow_hosts: Hosts = ()
    synchronous: Literal["FULL", "NORMAL"] = "FULL"

    # servers of tools
    mcp: Annotated[tuple[McpChoice, ...], NoDecode, json_list("mcp", _A_SERVER)] = ()

    # Slack
    slack_bot_token: Annotated[SecretStr, _begins_with("xoxb-")] | None = None
    slack_app_token: Annotated[SecretStr, _begins_with("xapp-")] | None = None
    slack_signing_secret: SecretStr | None = None
    slack_mode: Literal["socket", "http"] = "socket"
    slack_api_url: HttpUrl = HttpUrl("https://slack.com/api/")

    # Discord
    discord_token: SecretStr | None = None
    discord_guilds: Snowflakes = ()
    discord_message_content: bool = True
    discord_commands: Annotated[str, like(r"global|[0-9]{15,20}", "global, or the id of one server")] = "global"
    discord_api_url: HttpUrl = HttpUrl("https://discord.com/api/v10")

    # web server and log
    web_host: str = "127.0.0.1"
    web_port: Port | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment before `.env` before what they are made with, which is what `mallard.toml` says."""
        return (*filter(_says_something, (env_settings, dotenv_settings)), init_settings)

    @property
    def anybody_may_talk(self) -> bool:
        return EVERYONE in self.users

    @property
    def named_users(self) -> tuple[UserRef, ...]:
        return tuple(user for user in self.users if isinstance(user, UserRef))

    @property
    def command_rules(self) -> CommandRules:
        """What administrators decided about commands of the shell."""
        return CommandRules(allow=self.shell_allow, deny=self.shell_deny)

    @property
    def uses_slack(self) -> bool:
        return self.slack_bot_token is not None

    @property
    def uses_discord(self) -> bool:
        return self.discord_token is not None

    @property
    def chat_platforms(self) -> tuple[str, ...]:
        """The platforms that are configured, beside the terminal."""
        return (*(("slack",) if self.uses_slack else ()), *(("discord",) if self.uses_discord else ()))

    @property
    def listening_port(self) -> int | None:
        """Where the web server listens; None where there is none."""
        if self.web_port is None and self.uses_slack and self.slack_mode == "http":
            return DEFAULT_HTTP_PORT
        return self.web_port
