"""The command `mallard`. Each command imports what it needs when it is run, so that help is quick."""

from bots.cli.app import app

__all__ = ["app"]
