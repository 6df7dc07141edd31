"""YAML that says the same to everybody: mappings, lists and texts, with nothing that refers, repeats or converts."""

from typing import Any, TypeAlias, Union

import yaml  # type: ignore[import-untyped]  # all that leaves this file is typed

Value: TypeAlias = Union[str, list["Value"], dict[str, "Value"]]  # noqa: UP007 -- a name in quotes cannot stand beside |

_DEEPEST = 4


class BadYaml(Exception):
    """This cannot be read; the message says why and in which line, counted from the text's own first as 1."""


def read_mapping(text: str) -> dict[str, Value]:
    """A mapping whose every scalar is text as it is written: `1.0`, `yes` and `null` are words. Raises BadYaml.

    Anchors, aliases and tags are refused, and so are keys that stand there twice: what a person reads is all there is.
    """
    try:
        _check_plain(text)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise BadYaml(_words(error)) from None
    if not isinstance(node, yaml.MappingNode):
        raise BadYaml("It is not a list of fields, each as `field: value`.")
    return _mapping(node)


def _check_plain(text: str) -> None:
    """Looked at event by event: nothing is built of a text before it is known to be small and flat."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise BadYaml(f"Line {_line(event)}: anchors (&) and aliases (*) are not taken. Write the text out.")
        if getattr(event, "tag", None):
            raise BadYaml(f"Line {_line(event)}: tags (!) are not taken. Leave it out, or put the text in quotes.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise BadYaml(f"Line {_line(event)}: it is nested too deeply.")


def _mapping(node: Any) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise BadYaml(f"Line {_line(key)}: a field's name must be a word.")
        if key.value in found:
            raise BadYaml(f"Line {_line(key)}: `{key.value}` stands there twice.")
        found[key.value] = _value(value)
    return found


def _value(node: Any) -> Value:
    match node:
        case yaml.MappingNode():
            return _mapping(node)
        case yaml.SequenceNode():
            return [_value(each) for each in node.value]
        case _:
            return str(node.value)


def _line(marked: Any) -> int:
    return int(marked.start_mark.line) + 1


def _words(error: Any) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"Line {mark.line + 1}: " if mark is not None else ""
    return (
        f"{where}this is not YAML ({getattr(error, 'problem', None) or getattr(error, 'reason', 'it cannot be read')})."
    )
