"""What must not come out of a log: the bot's token, and those that answer interactions."""

import re

SECRETS = re.compile(r"[\w-]{23,}\.[\w-]{6}\.[\w-]{27,}|(?<=/webhooks/)\d+/[\w-]+|(?<=/interactions/)\d+/[\w-]+")
