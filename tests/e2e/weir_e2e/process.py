"""A child process whose output is kept, so that a failing test can show it."""

import os
import signal
import socket
import subprocess
import threading
from pathlib import Path

from .waiting import wait_for

_STOP_SECONDS = 30.0


def free_port() -> int:
    """For a program that must be told its port. Nobody is likely to take it meanwhile."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Process:
    """Started by its construction; its two outputs are read by threads of their own."""

    def __init__(self, name: str, arguments: list[str], cwd: Path, environment=None):
        self.name = name
        self.arguments = arguments
        self.stdout_lines: list[str] = []
        self.stderr_lines: list[str] = []
        self._child = subprocess.Popen(
            arguments,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self._readers = [
            self._reader(self._child.stdout, self.stdout_lines),
            self._reader(self._child.stderr, self.stderr_lines),
        ]

    @staticmethod
    def _reader(stream, lines: list[str]) -> threading.Thread:
        def read():
            with stream:
                for line in stream:
                    lines.append(line.rstrip("\n"))

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    def wait(self, limit: float = _STOP_SECONDS) -> int:
        """The exit code, once it ended by itself and its output is complete."""
        wait_for(f"{self.name} ends by itself", lambda: not self.running, limit)
        for reader in self._readers:
            reader.join()
        return self._child.returncode

    def terminate(self) -> int:
        """Asks it to end and returns its exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait()
        except AssertionError:
            self.kill()
            raise

    def kill(self) -> None:
        self.signal(signal.SIGKILL)
        self.wait()

    def signal(self, number: int) -> None:
        if self.running:
            self._child.send_signal(number)

    def report(self, last_lines: int = 60) -> str:
        """What a failing test shows."""
        state = "running" if self.running else f"exit code {self._child.returncode}"
        lines = [f"--- {self.name} ({state}): {' '.join(self.arguments)}"]
        lines += self.stdout_lines[-last_lines:]
        lines += [f"stderr: {line}" for line in self.stderr_lines[-last_lines:]]
        return "\n".join(lines)
