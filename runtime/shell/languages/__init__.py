"""Small readers of the languages that commands bring along: sed, awk, jq, and the expressions of find."""
