"""The running machine in; what a figure was taken on out: processor, cores, memory, load, versions."""

import importlib.metadata
import os
import platform
from pathlib import Path

import msgspec


class Machine(msgspec.Struct, frozen=True):
    """What a figure was taken on. `load` is the one-minute load average just before the run; zeros are unknown."""

    processor: str
    cores: int
    memory_mib: int
    load: float
    system: str
    python: str
    versions: dict[str, str]


def inspect(distributions: tuple[str, ...]) -> Machine:
    """This machine, with the versions of the `distributions` installed beside us."""
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_mib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        load=round(os.getloadavg()[0], 2),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        versions={name: _version(name) for name in distributions},
    )


def describe(machine: Machine) -> str:
    """One line for under a table."""
    versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
    return (
        f"{machine.processor}, {machine.cores} cores, {machine.memory_mib / 1024:.1f} GiB, {machine.system}, "
        f"Python {machine.python}, load {machine.load} before the run; {versions}"
    )


def busy_seconds() -> float:
    """Processor time that everything on this machine has used since it started; 0 where the system does not tell."""
    stat = Path("/proc/stat")
    if not stat.exists():
        return 0.0
    user, nice, system, _idle, _wait, irq, softirq, steal, *_ = stat.read_text(encoding="ascii").split()[1:]
    return sum(map(int, (user, nice, system, irq, softirq, steal))) / os.sysconf("SC_CLK_TCK")


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
