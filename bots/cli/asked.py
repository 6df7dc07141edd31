"""The commands about what is asked and what is allowed, each with its words for `--help`."""

from collections.abc import Mapping
from typing import Annotated

import typer

from bots.cli.options import Json, Number

Ended = Annotated[bool, typer.Option("--all", help="Also ended ones.")]

approvals = typer.Typer(help="What waits for a decision.", invoke_without_command=True)
grants = typer.Typer(help="Standing approvals.", invoke_without_command=True)
policy = typer.Typer(help="What would be asked, and why.", no_args_is_help=True)


@approvals.callback()
def approvals_default(ctx: typer.Context, as_json: Json = False) -> None:
    if _is_alone(ctx, {"--json": as_json}):
        approvals_list(as_json=as_json)


@approvals.command("list")
def approvals_list(as_json: Json = False) -> None:
    """Everything that waits."""
    from bots.cli import deciding

    deciding.list_pending(as_json=as_json)


@approvals.command("show")
def approvals_show(number: Number) -> None:
    """One card, whole."""
    from bots.cli import deciding

    deciding.show(number)


@approvals.command("approve")
def approvals_approve(
    number: Number,
    always: Annotated[bool, typer.Option("--always", help="And never ask for exactly this again.")] = False,
    terms: Annotated[
        str,
        typer.Option(
            metavar="WORDS",
            help='With --always: as one writes them in a chat, "here", "prefix: git log", "tool for 8h".',
        ),
    ] = "",
) -> None:
    """Let the call run."""
    if terms and not always:
        raise typer.BadParameter("--terms say what --always allows: give both")
    if terms:
        from bots.cli import deciding

        raise typer.Exit(deciding.allow(number, terms))
    _decide(number, "always" if always else "approve")


@approvals.command("deny")
def approvals_deny(number: Number, reason: Annotated[str, typer.Option(help="What the agent is told.")] = "") -> None:
    """Do not let the call run."""
    _decide(number, "deny", reason)


@approvals.command("change")
def approvals_change(number: Number, words: Annotated[str, typer.Argument(help="What should be different.")]) -> None:
    """Let the agent propose something else."""
    _decide(number, "change", words)


@approvals.command("answer")
def approvals_answer(number: Number, words: Annotated[str, typer.Argument(help="What the agent is told.")]) -> None:
    """Answer a question of the agent."""
    _decide(number, "answer", words)


@approvals.command("mark-done")
def approvals_mark_done(number: Number, note: Annotated[str, typer.Option(help="What came of it.")] = "") -> None:
    """Nobody knows whether the call ran, and you found that it did."""
    _decide(number, "mark_done", note)


@approvals.command("mark-failed")
def approvals_mark_failed(number: Number, note: Annotated[str, typer.Option(help="What you found.")] = "") -> None:
    """Nobody knows whether the call ran, and you found that it did not."""
    _decide(number, "mark_failed", note)


@approvals.command("retry")
def approvals_retry(number: Number) -> None:
    """Nobody knows whether the call ran: run it (again)."""
    _decide(number, "retry")


@approvals.command("again")
def approvals_again(number: Number) -> None:
    """Ask anew for one that ran out of time."""
    _decide(number, "again")


@grants.callback()
def grants_default(ctx: typer.Context, everything: Ended = False, as_json: Json = False) -> None:
    if _is_alone(ctx, {"--all": everything, "--json": as_json}):
        grants_list(everything=everything, as_json=as_json)


@grants.command("list")
def grants_list(everything: Ended = False, as_json: Json = False) -> None:
    """What is allowed without asking."""
    from bots.cli import granting

    granting.list_grants(everything=everything, as_json=as_json)


@grants.command("revoke")
def grants_revoke(number: Annotated[int, typer.Argument(min=1, help="As in `mallard grants list`.")]) -> None:
    """From now on, ask again."""
    from bots.cli import granting

    granting.revoke(number)


@policy.command("explain")
def policy_explain(
    call: Annotated[
        str, typer.Argument(help='A shell command, or a tool with its arguments: read_file {"path": "a"}.')
    ],
    person: Annotated[str, typer.Option("--as", help="Who would ask, as in slack:TEAM/USER; you, without this.")] = "",
    where: Annotated[str, typer.Option("--in", help="Where, as in slack:TEAM/CHANNEL.")] = "",
    workspace: Annotated[str, typer.Option(help="In this workspace instead of that of the conversation.")] = "",
) -> None:
    """Say what would happen to a call and why, and run nothing."""
    from bots.cli import policing

    policing.explain_call(call, person=person, where=where, workspace=workspace)


def _is_alone(ctx: typer.Context, options: Mapping[str, bool]) -> bool:
    """Whether no command stands behind it, so that it lists. Raises BadParameter for an option that would be lost before one."""
    behind = ctx.invoked_subcommand
    if behind is not None and (lost := [option for option, given in options.items() if given]):
        raise typer.BadParameter(f"{' and '.join(lost)} would mean nothing before `{behind}`: write it behind")
    return behind is None


def _decide(number: int, verb: str, words: str = "") -> None:
    from bots.cli import deciding

    raise typer.Exit(deciding.decide(number, verb, words))
