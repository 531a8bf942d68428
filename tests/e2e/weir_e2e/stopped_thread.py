"""One thread of a child process that is kept from running, as a debugger does it."""

import ctypes
import os
from pathlib import Path

from .process import Process
from .waiting import wait_for

# <sys/ptrace.h>
_PTRACE_DETACH = 17
_PTRACE_SEIZE = 0x4206
_PTRACE_INTERRUPT = 0x4207
# <linux/wait.h>: threads, too.
_WALL = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request: int, thread: int) -> None:
    if _libc.ptrace(request, thread, None, None) != 0:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x}")


class StoppedThread:
    """Stopped from its construction until `resume`. All of it is for the thread that made it."""

    def __init__(self, process: Process, name: str):
        tasks = Path(f"/proc/{process.pid}/task")
        [self._thread] = [
            int(task.name) for task in tasks.iterdir() if (task / "comm").read_text() == f"{name}\n"
        ]
        _ptrace(_PTRACE_SEIZE, self._thread)
        _ptrace(_PTRACE_INTERRUPT, self._thread)
        wait_for(f"{name} is stopped", self._change)

    def resume(self) -> None:
        _ptrace(_PTRACE_DETACH, self._thread)

    def wait_for_death(self) -> None:
        """The end of the process is not seen before that of a thread that is stopped like this."""
        wait_for("the process takes its thread along", self._change)

    def _change(self) -> bool:
        """It stopped or died since the last time."""
        thread, _ = os.waitpid(self._thread, os.WNOHANG | _WALL)
        return thread != 0
