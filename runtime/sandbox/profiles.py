"""How much a command in a sandbox is let do."""

from msgspec import Struct

MB = 1 << 20


class Limits(Struct, frozen=True, kw_only=True):
    """Each process: seconds of processor, bytes of memory of its own and of one file, open files. Together: processes, and
    bytes under /tmp."""

    cpu_s: int
    memory: int
    file: int
    open_files: int
    processes: int
    tmp: int


class Profile(Struct, frozen=True, kw_only=True):
    """`writable` is the workspace. `masks_secrets`: files there that are likely to hold secrets read as empty.
    `traces` lets processes of the sandbox look into one another, as debuggers do."""

    name: str
    writable: bool
    network: bool
    masks_secrets: bool
    traces: bool
    limits: Limits


STRICT = Profile(
    name="strict",
    writable=False,
    network=False,
    masks_secrets=True,
    traces=False,
    limits=Limits(cpu_s=30, memory=1024 * MB, file=10 * MB, open_files=256, processes=128, tmp=64 * MB),
)


def approved(*, network: bool) -> Profile:
    """For a command that a person has read and allowed."""
    return Profile(
        name="approved",
        writable=True,
        network=network,
        masks_secrets=False,
        traces=True,
        limits=Limits(
            cpu_s=1200, memory=4096 * MB, file=2048 * MB, open_files=4096, processes=1024, tmp=1024 * MB,
        ),
    )  # fmt: skip
