"""Block Kit as rules: what Slack takes, and on which surface."""
