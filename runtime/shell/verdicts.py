"""What the classifier says of a command."""

from enum import StrEnum

from msgspec import Struct

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


class Classification(Struct, frozen=True, kw_only=True):
    """A verdict with what a person needs to judge it. `reason` is plain words that name the part at fault, "" for `auto`.

    `risk` is LOW for what only reads; MEDIUM for changes that are understood and stay inside the workspace (`mkdir`,
    `cp`, `git add`); CRITICAL for other rights, package managers, services, disks, secrets, and for what is blocked;
    HIGH for everything else, above all for code, the network, deletion, and whatever is not understood.

    `paths`, `hosts` and `programs` are what it would touch as far as that can be read from the command; each once, in
    the order met. The programs of an `auto` command are all that it may start. `needs_network` says that it was
    understood to want the network. `allowed_by` is the administrator's pattern that lifted a question, "" without one.

    `auto` holds where the command runs as it was read: `bash --noprofile --norc -c` in the workspace's top folder, a
    fixed PATH, an environment with nothing of ours in it, git's own settings pinned, secret files masked.
    """

    verdict: Verdict
    action: Action
    risk: Risk
    reason: str = ""
    paths: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    needs_network: bool = False
    allowed_by: str = ""
