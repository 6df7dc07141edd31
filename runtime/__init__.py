"""The agent: what it knows, what it does next, and what it needs from others."""
