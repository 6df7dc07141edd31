"""Bash's grammar, as a tree."""

from functools import cache

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

__all__ = ["Node", "parse", "text_of"]


def parse(command: str) -> Node:
    """The tree of a command. What does not fit the grammar is in it too: ask `has_error`."""
    return Parser(_language()).parse(command.encode("utf-8", "replace")).root_node


def text_of(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


@cache
def _language() -> Language:
    return Language(tree_sitter_bash.language())
