"""All commands, each with its words for `--help`; those about approvals, grants and the policy are in `asked.py`, those about
skills in `skills.py`."""

from typing import Annotated

import typer

from bots.cli.asked import approvals, grants, policy
from bots.cli.faults import Commands
from bots.cli.options import Json
from bots.cli.remembered import memory
from bots.cli.skills import skills

app = typer.Typer(
    name="mallard",
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A self-hosted agent for Slack and Discord that asks before it does anything risky.",
    epilog="Settings are read from the environment, .env and mallard.toml of the folder you are in.",
)
people = typer.Typer(help="Which accounts are one person's.", no_args_is_help=True)
audit = typer.Typer(help="The record of what happened and who allowed it.", no_args_is_help=True)
slack = typer.Typer(help="Setting Slack up.", no_args_is_help=True)
discord = typer.Typer(help="Setting Discord up.", no_args_is_help=True)
app.add_typer(approvals, name="approvals")
app.add_typer(grants, name="grants")
app.add_typer(policy, name="policy")
app.add_typer(people, name="people")
app.add_typer(memory, name="memory")
app.add_typer(skills, name="skills")
app.add_typer(audit, name="audit")
app.add_typer(slack, name="slack")
app.add_typer(discord, name="discord")

Account = Annotated[str, typer.Argument(help="slack:TEAM/USER, discord:NUMBER or terminal:NAME.")]


@app.command()
def up(
    platforms: Annotated[
        list[str] | None,
        typer.Argument(help="Only these: slack, discord, terminal. Otherwise all that are configured."),
    ] = None,
) -> None:
    """Start the agent on every platform that is configured; at a terminal, its chat as well."""
    from bots.cli import serving

    raise typer.Exit(serving.up(tuple(platforms or ())))


@app.command()
def chat(
    once: Annotated[
        str | None,
        typer.Option(
            help="Say this, print the answer, leave. Exit status: 0 answered, 1 failed, 3 waits for a decision, 4 denied."
        ),
    ] = None,
    conversation: Annotated[
        str | None, typer.Option(help="A name of your choice: each conversation remembers its own past.")
    ] = None,
) -> None:
    """Talk with the agent here. From a pipe, each line is taken once the one before it is done, and keys need a number (a 4)."""
    from bots.cli import serving

    raise typer.Exit(serving.chat(once, conversation))


@app.command()
def runs(
    everything: Annotated[bool, typer.Option("--all", help="Also those that ended.")] = False,
    status: Annotated[str | None, typer.Option(help="Only those that are queued, running, waiting, …")] = None,
    limit: Annotated[int, typer.Option(min=1, max=64, help="At most this many, the newest.")] = 20,
    as_json: Json = False,
) -> None:
    """What is being worked on; with --all, what was."""
    from bots.cli import looking

    looking.runs(everything=everything, status=status, limit=limit, as_json=as_json)


@app.command()
def run(
    number: Annotated[int, typer.Argument(min=1, help="Its number, as in `mallard runs`.")], as_json: Json = False
) -> None:
    """One run, step by step."""
    from bots.cli import looking

    looking.run(number, as_json=as_json)


@app.command()
def doctor() -> None:
    """Check settings, database, workspace, model, Slack and Discord, and say what to do about each."""
    from bots.cli import health

    raise typer.Exit(health.doctor())


@app.command()
def backup(path: Annotated[str, typer.Argument(help="A new file.")]) -> None:
    """Write a copy of the database, also while the agent runs."""
    from bots.cli import keeping

    keeping.backup(path)


@app.command()
def prune(
    older_than: Annotated[str, typer.Option(help="An age: 90d, 12w, 48h.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove runs that ended long ago, with everything they said."""
    from bots.cli import keeping

    keeping.prune(older_than, yes=yes)


@people.command("link")
def people_link(one: Account, other: Account) -> None:
    """From now on these are one person: rights, history, and who counts as somebody else. Both are told."""
    from bots.cli import acquainting

    raise typer.Exit(acquainting.link(one, other))


@people.command("unlink")
def people_unlink(account: Account) -> None:
    """From now on this account is a person of its own. Both are told."""
    from bots.cli import acquainting

    raise typer.Exit(acquainting.unlink(account))


@people.command("list")
def people_list(as_json: Json = False) -> None:
    """Everybody who has more than one account, with what they may do."""
    from bots.cli import acquainting

    acquainting.list_people(as_json=as_json)


@people.command("requests")
def people_requests(
    everything: Annotated[bool, typer.Option("--all", help="Also those that ended.")] = False, as_json: Json = False
) -> None:
    """What people asked to be linked with, and is not answered yet."""
    from bots.cli import acquainting

    acquainting.list_requests(everything=everything, as_json=as_json)


@audit.command("verify")
def audit_verify(
    expect: Annotated[
        str | None, typer.Option(metavar="HEAD", help="A head that an earlier check printed, and that you kept.")
    ] = None,
) -> None:
    """Check that nothing was changed or removed, and print the head to keep. Exit status 1 where something was."""
    from bots.cli import auditing

    raise typer.Exit(auditing.verify(expect))


@audit.command("export")
def audit_export(
    since: Annotated[str | None, typer.Option(help="A day (2026-01-31) or an age (7d).")] = None,
    to: Annotated[str, typer.Option(help="A new file; - is here.")] = "-",
) -> None:
    """Every event as JSON lines, oldest first."""
    from bots.cli import auditing

    auditing.export(since, to)


@slack.command("manifest")
def slack_manifest(
    url: Annotated[str, typer.Option(help="For HTTP mode: the public address, https://…/slack/events.")] = "",
) -> None:
    """Print the manifest to create the Slack app from."""
    from bots.cli import manifesting

    manifesting.print_manifest(url)


@discord.command("invite")
def discord_invite(
    guild: Annotated[str, typer.Option(help="The id of the server to bring it to; otherwise Discord asks.")] = "",
) -> None:
    """Print the link that brings the bot to a server, with the least permissions that it needs."""
    from bots.cli import inviting

    inviting.invite(guild)
