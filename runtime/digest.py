"""The digest that binds an approval to exactly one call."""

import hashlib
import os
from collections.abc import Mapping
from typing import Any

import rfc8785

from runtime.records import JsonObject, Workspace


def digest_of(tool: str, version: str, arguments: JsonObject, workspace: Workspace) -> str:
    """Hex SHA-256 over the RFC 8785 form of the call, with the workspace's real path as it is at this moment.

    Raises ValueError for arguments that this form cannot carry exactly: NaN, infinities, whole numbers from 2**53 on,
    lone surrogates, and what is not JSON.
    """
    # Finding the real path is a handful of lstat calls: cheaper in line than a hop to a thread.
    place = {"id": workspace.id, "path": os.path.realpath(workspace.path)}
    call = {"tool": tool, "version": version, "arguments": _plain(arguments), "workspace": place}
    try:
        canonical = rfc8785.dumps(call)
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"the arguments of {tool} have no exact canonical form: {error}") from error
    return hashlib.sha256(canonical).hexdigest()


def _plain(value: Any) -> Any:
    """The same value in the containers that rfc8785 knows."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
