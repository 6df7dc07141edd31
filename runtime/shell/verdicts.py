"""What the classifier says of a command."""

from dataclasses import dataclass
from enum import StrEnum

from runtime.records import Risk


class Verdict(StrEnum):
    """`auto`: provably reads only, inside the workspace, without network, secrets or code. `block`: it would destroy the
    machine or a disk, and nobody can allow it. `approve`: all else, and all that is not understood."""

    AUTO = "auto"
    APPROVE = "approve"
    BLOCK = "block"


class Action(StrEnum):
    """What kind of thing a command does, the gravest first where it does several."""

    DESTROY = "destroy"
    PRIVILEGE = "privilege"
    SECRETS = "secrets"
    NETWORK = "network"
    EXECUTE = "execute"
    SYSTEM = "system"
    WRITE = "write"
    READ_OUTSIDE = "read outside"
    UNKNOWN = "unknown"
    READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """A verdict with what a person needs to judge it. `reason` is plain words that name the part at fault, "" for `auto`.

    `paths`, `hosts` and `programs` are what it would touch as far as that can be read from the command; each once, in
    the order met. `needs_network` says that it was understood to want the network.
    """

    verdict: Verdict
    action: Action
    risk: Risk
    reason: str = ""
    paths: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    needs_network: bool = False
