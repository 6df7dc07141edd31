"""The terminal as a chat platform: the smallest one, through the same port and with the same promises."""
