"""What must not come out of a log: the bot's token, and those that answer interactions."""

import re

SECRETS = re.compile(
    r"[\w-]{23,}\.[\w-]{6}\.[\w-]{27,}"
    r"|(?<=/webhooks/)\d+/[\w-]+|(?<=/interactions/)\d+/[\w-]+"  # addresses
    r"|(?<='token': ')[^']+"  # whole events, which the library writes while it is debugged
)
