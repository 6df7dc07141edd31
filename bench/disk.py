"""The disk that everybody is measured on: memory, with a fixed price for each flush."""

import mmap
import os
import shutil
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FLUSH_US = 1_000
METER = "FSYNC_SHIM_FILE"
_SOURCE = Path(__file__).with_name("fsync_shim.c")


def build_shim(out: Path) -> Path:
    """Compile the shim. Raises SystemExit where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        raise SystemExit("make bench compiles one small C file and found no compiler (cc, gcc or clang): install one.")
    out.mkdir(parents=True, exist_ok=True)
    shim = out / "fsync_shim.so"
    subprocess.run([compiler, "-O2", "-Wall", "-shared", "-fPIC", "-o", shim, _SOURCE, "-ldl"], check=True)
    return shim


@contextmanager
def folder() -> Iterator[Path]:
    """A folder in memory where there is one, removed afterwards."""
    memory = Path("/dev/shm")
    root = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="mallard-bench-", dir=root) as name:
        yield Path(name)


def environment(shim: Path, meter: Path) -> dict[str, str]:
    """The environment of a process whose flushes are counted in `meter`."""
    meter.write_bytes(struct.pack("QQ", 0, FLUSH_US))
    return {**os.environ, "LD_PRELOAD": str(shim), METER: str(meter)}


class Disk:
    """The disk as a measured process sees it."""

    def __init__(self) -> None:
        path = os.environ.get(METER)
        self._map: mmap.mmap | None = None
        if path is not None:
            with open(path, "r+b") as file:
                self._map = mmap.mmap(file.fileno(), 16)

    @property
    def flushes(self) -> int:
        return struct.unpack_from("Q", self._map, 0)[0] if self._map is not None else 0

    @contextmanager
    def free(self) -> Iterator[None]:
        """Flushes cost nothing inside the block: for filling, and for looking at the processor alone."""
        self._price(0)
        try:
            yield
        finally:
            self._price(FLUSH_US)

    def _price(self, microseconds: int) -> None:
        if self._map is not None:
            struct.pack_into("Q", self._map, 8, microseconds)
