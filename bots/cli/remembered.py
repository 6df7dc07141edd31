"""`mallard memory`: its commands, each with its words for `--help`."""

from typing import Annotated

import typer

from bots.cli.options import Json

memory = typer.Typer(help="What is remembered, for whom.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(min=1, help="Its number, as in `mallard memory list`.")]


@memory.command("list")
def memory_list(
    everything: Annotated[bool, typer.Option("--all", help="Also what was superseded or retired.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most this many, the newest.")] = 50,
    as_json: Json = False,
) -> None:
    """What is remembered, for everybody, newest first."""
    from bots.cli import remembering

    remembering.list_memories(everything=everything, limit=limit, as_json=as_json)


@memory.command("search")
def memory_search(
    words: Annotated[str, typer.Argument(help="What it is about.")],
    limit: Annotated[int, typer.Option(min=1, max=100, help="At most this many, the best.")] = 10,
    as_json: Json = False,
) -> None:
    """What is remembered about something, best first."""
    from bots.cli import remembering

    remembering.search(words, limit=limit, as_json=as_json)


@memory.command("forget")
def memory_forget(number: Number, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Forget a memory, and what it superseded, for good."""
    from bots.cli import remembering

    remembering.forget(number, yes=yes)


@memory.command("export")
def memory_export(to: Annotated[str, typer.Option(help="A new file; - is here.")] = "-") -> None:
    """Every memory as JSON lines, oldest first, history included."""
    from bots.cli import remembering

    remembering.export(to)
