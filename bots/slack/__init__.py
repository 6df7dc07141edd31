"""Slack, and nothing that another platform would need. Importing it loads none of Slack's libraries."""

from bots.slack.manifest import manifest
from bots.slack.platform import SlackPlatform
from bots.slack.settings import SlackSettings

__all__ = ["SlackPlatform", "SlackSettings", "manifest"]
