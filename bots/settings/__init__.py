"""Settings: what an operator may choose, where it is read from, and what is said when a choice is wrong."""

from bots.settings.choices import Settings, WorkspaceChoice
from bots.settings.loading import load_settings
from bots.settings.models import ModelChoice

__all__ = ["ModelChoice", "Settings", "WorkspaceChoice", "load_settings"]
