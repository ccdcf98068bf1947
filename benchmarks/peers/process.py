"""Run a command and measure it from outside."""

import os
import subprocess
import time
from collections.abc import Sequence

__all__ = ["measured"]


def measured(command: Sequence[object]) -> dict[str, float]:
    """Run a command; return its wall and processor seconds and the most memory it held, in megabytes."""
    began = time.perf_counter()
    process = subprocess.Popen([str(word) for word in command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    return {
        "wall": round(wall, 2),
        "cpu": round(used.ru_utime + used.ru_stime, 2),
        "peak_mb": round(used.ru_maxrss / 1e3),
    }
