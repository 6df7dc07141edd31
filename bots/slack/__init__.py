"""Slack, and nothing that another platform would need."""
