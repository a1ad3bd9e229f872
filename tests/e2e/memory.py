"""A process in; the most memory it held out."""

from pathlib import Path


def peak_memory_mib(pid: int) -> int:
    """The most memory that this process held since it began, or since `forget_peak`."""
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) // 1024


def forget_peak(pid: int) -> None:
    """From now on the most it held is what it holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")
