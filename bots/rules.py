"""The settings, as the runtime's own values."""

from collections.abc import Iterator
from datetime import timedelta
from fnmatch import fnmatchcase

from bots.settings import Settings, WorkspaceChoice
from bots.settings.rules import RuleChoice
from runtime.mcp.spec import ServerSpec, Trust
from runtime.options import Defaults, Options
from runtime.persons import UNLINKED, Persons
from runtime.policy import Policy, Roles
from runtime.records import ConversationRef, Requirement, Risk, Workspace
from runtime.rules import Rule

DEFAULT_WORKSPACE = "default"


def roles_of(settings: Settings, persons: Persons = UNLINKED) -> Roles:
    return Roles(
        persons=persons,
        users=None if settings.anybody_may_talk else frozenset(settings.named_users),
        approvers=frozenset(settings.approvers),
        admins=frozenset(settings.admins),
    )


def policy_of(settings: Settings, roles: Roles) -> Policy:
    asks = {
        Risk.LOW: settings.ask_low,
        Risk.MEDIUM: settings.ask_medium,
        Risk.HIGH: settings.ask_high,
        Risk.CRITICAL: settings.ask_critical,
    }
    requirements = {risk: None if ask == "nobody" else Requirement(ask) for risk, ask in asks.items()}
    return Policy(
        roles=roles,
        requirements={Risk.NONE: None, **requirements},
        expiry=None if settings.approval_hours is None else timedelta(hours=settings.approval_hours),
        rules=tuple(_rule_of(choice) for choice in settings.rules),
    )


def about_no_tool(policy: Policy, tools: tuple[str, ...]) -> Iterator[str]:
    """A sentence for each tool that a rule names and that is not there: a rule with a misspelt name guards nothing."""
    for rule in policy.rules:
        for named in rule.tools:
            if not any(fnmatchcase(tool, named) for tool in tools):
                yield f"{rule.place}: no tool is called {named!r} now, so this rule is about nothing."


def _rule_of(choice: RuleChoice) -> Rule:
    return Rule(
        then=choice.then,
        tools=choice.tool,
        risk=choice.risk,
        workspaces=choice.workspace,
        conversations=choice.conversation,
        persons=choice.person,
        why=choice.why,
        place=choice.place,
    )


def defaults_of(settings: Settings) -> Defaults:
    """What holds in a conversation before anybody sets anything in it. The first workspace that names it wins."""

    def defaults(where: ConversationRef) -> Options:
        choice = _find_workspace(settings.workspaces, where)
        if choice is None:
            return Options(
                workspace=Workspace(id=DEFAULT_WORKSPACE, path=str(settings.workspace)),
                reasoning=settings.reasoning,
                debug=settings.debug,
                reflect=settings.reflect,
            )
        return Options(
            workspace=Workspace(id=choice.name, path=str(choice.path)),
            reasoning=choice.reasoning or settings.reasoning,
            debug=settings.debug if choice.debug is None else choice.debug,
            reflect=settings.reflect if choice.reflect is None else choice.reflect,
        )

    return defaults


def _find_workspace(choices: tuple[WorkspaceChoice, ...], where: ConversationRef) -> WorkspaceChoice | None:
    written = where.written_channel
    return next(
        (choice for choice in choices if any(fnmatchcase(written, pattern) for pattern in choice.conversations)), None
    )


def servers_of(settings: Settings) -> tuple[ServerSpec, ...]:
    """The servers of tools, with what is known of each."""
    return tuple(
        ServerSpec(
            name=choice.name,
            command=choice.command,
            url=str(choice.url) if choice.url else "",
            env={name: value.get_secret_value() for name, value in choice.env.items()},
            headers={name: value.get_secret_value() for name, value in choice.headers.items()},
            folder=str(choice.folder),
            timeout=choice.timeout_s,
            start_timeout=choice.start_timeout_s,
            tools=None if choice.tools is None else frozenset(choice.tools),
            read_only=frozenset(choice.read_only),
            risks=choice.risk,
            trust=Trust(choice.trust),
            local_only=choice.local_only,
        )
        for choice in settings.mcp
    )
