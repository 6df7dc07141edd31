"""Options that several commands take."""

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON lines for programs.")]
Number = Annotated[int, typer.Argument(min=1, help="Its number, as in `mallard approvals`.")]
