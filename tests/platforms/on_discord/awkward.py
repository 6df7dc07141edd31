"""What is awkward on Discord above all."""

from tests.platforms.awkward import awkward, awkward_cards, awkward_pages

AWKWARD = awkward(
    "@everyone @here <@42> <@&43> <#44> </ask:45> <:duck:46> <t:1:R>",
    "``` `code` ``` **bold** _it_ ~~no~~ ||spoiler|| > quote",
    "# heading\n-# small\n- list\n1. list\n>>> quote",
    "[click](https://evil.example) https://evil.example <https://evil.example>",
    "`" * 9_000,
    "*" * 9_000,
)
CARDS = awkward_cards(AWKWARD, longest_token=92, unique_by=lambda button: button.token)
PAGES = awkward_pages(AWKWARD)
