"""The computer: one thread, and a name for everything that can change the last bits of a result."""

import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path

import threadpoolctl
import torch

VERSIONS_OF = ("numpy", "scipy", "scikit-learn", "torch", "pyod")


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread, since the last bits of a sum depend on the number of threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpoolctl.threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(threads)


@cache
def fingerprint() -> str:
    """Return the platform, the processor and the versions that can change the last bits of a result."""
    kernels = sorted(
        {str(pool.get("architecture")) for pool in threadpoolctl.threadpool_info() if pool.get("architecture")}
    )
    return " ".join(
        [
            platform.system(),
            platform.machine(),
            processor(),
            torch.backends.cpu.get_cpu_capability(),
            *kernels,
            *(f"{name} {metadata.version(name)}" for name in VERSIONS_OF),
        ]
    )


def processor() -> str:
    """Return the processor's name, family, model and stepping, if the system reports them."""
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        return platform.processor() or "unknown"
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
    return (
        "/".join(fields[key] for key in ("model name", "cpu family", "model", "stepping") if key in fields)
        or platform.machine()
    )
