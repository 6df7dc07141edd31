"""The doctor: looks at everything an installation depends on, and says of each what to do about it."""

from bots.doctor.examination import Finding, Level, examine

__all__ = ["Finding", "Level", "examine"]
