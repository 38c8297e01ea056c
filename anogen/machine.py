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
def threads(count: int) -> Iterator[None]:
    """Let PyTorch and the linear algebra of NumPy and SciPy use `count` threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with threadpoolctl.threadpool_limits(count):
            yield
    finally:
        torch.set_num_threads(before)


@cache
def fingerprint() -> str:
    """Return the platform, the processor and the versions that can change the last bits of a result."""
    kernels = {str(pool["architecture"]) for pool in threadpoolctl.threadpool_info() if pool.get("architecture")}
    versions = [f"{name} {metadata.version(name)}" for name in VERSIONS_OF]
    system = [platform.system(), platform.machine(), processor(), torch.backends.cpu.get_cpu_capability()]
    return " ".join([*system, *sorted(kernels), *versions])


def processor() -> str:
    """Return the processor's name, family, model and stepping, if the system reports them."""
    try:
        first = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
    except OSError:
        return platform.processor() or "unknown"
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
    known = [fields[key] for key in ("model name", "cpu family", "model", "stepping") if key in fields]
    return "/".join(known) or platform.machine()
