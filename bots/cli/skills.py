"""The commands about skills, each with its words for `--help`."""

from typing import Annotated

import typer

from bots.cli.options import Json

skills = typer.Typer(help="What the agent was taught.", no_args_is_help=True)


@skills.command("list")
def skills_list(as_json: Json = False) -> None:
    """Every skill: where it stands, who approved it, and whether it changed since."""
    from bots.cli import teaching

    teaching.list_skills(as_json=as_json)


@skills.command("check")
def skills_check(
    path: Annotated[str, typer.Argument(help="The folder of one skill; without it, all that the settings name.")] = "",
) -> None:
    """Say what breaks the rules of the format. Exit status 1 where something does."""
    from bots.cli import teaching

    raise typer.Exit(teaching.check(path))


@skills.command("add")
def skills_add(
    path: Annotated[str, typer.Argument(help="The folder of a skill.")],
    workspace: Annotated[str, typer.Option(help="The workspace that gets it.")] = "default",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Show a skill and approve it; one that stands elsewhere is copied into the workspace first."""
    from bots.cli import teaching

    raise typer.Exit(teaching.add(path, workspace=workspace, yes=yes))
