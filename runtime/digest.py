"""The digest that binds an approval to exactly one call."""

import hashlib
import os
from collections.abc import Mapping
from typing import Any

import orjson
import rfc8785

from runtime.records import JsonObject, Workspace


def digest_of(tool: str, version: str, arguments: JsonObject, workspace: Workspace) -> str:
    """Hex SHA-256 over the RFC 8785 form of the call, with the workspace's real path as it is at this moment.

    Raises ValueError for arguments that this form cannot carry exactly: NaN, infinities, whole numbers from 2**53 on,
    lone surrogates, and what is not JSON.
    """
    # A few system calls: cheaper in line than a hop to a thread.
    place = {"id": workspace.id, "path": real_path(workspace.path)}
    call = {"tool": tool, "version": version, "arguments": arguments, "workspace": place}
    try:
        canonical = canonical_form(call)
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"the arguments of {tool} have no exact canonical form: {error}") from error
    return hashlib.sha256(canonical).hexdigest()


def real_path(path: str) -> str:
    """What `os.path.realpath` finds, from the kernel where it knows: that costs the same however deep the folder is.

    Where names that differ in case are one folder, it is spelled as the kernel found it first.
    """
    return _path_in_kernel(path) or os.path.realpath(path)


def _path_in_kernel(path: str) -> str:
    """ "" for what is not there (any more), has no path, or where this is no Linux."""
    try:
        found = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (OSError, AttributeError):
        return ""
    try:
        known = os.readlink(f"/proc/self/fd/{found}")
    except OSError:
        return ""
    finally:
        os.close(found)
    return known if known.startswith("/") and not known.endswith(" (deleted)") else ""


def canonical_form(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value. Raises CanonicalizationError for one that has none.

    Where nothing in a value is written differently by a plain sorting encoder, that one writes it: it is ten times faster.
    """
    try:
        if _is_unambiguous(value):
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        pass  # half a surrogate, a name that is no text, or too deep: let the library say so
    return rfc8785.dumps(_plain(value))


_EXACT = 2**53 - 1


def _is_unambiguous(value: Any) -> bool:
    """No fraction, no number beyond the exact ones, no name whose place depends on how text is encoded."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return True
    if kind is int:
        return bool(-_EXACT <= value <= _EXACT)
    if kind is list:
        return all(map(_is_unambiguous, value))
    if kind is dict:
        return all(map(str.isascii, value)) and all(map(_is_unambiguous, value.values()))
    return False


def _plain(value: Any) -> Any:
    """The same value in the containers that rfc8785 knows."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
