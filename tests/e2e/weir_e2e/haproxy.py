"""HAProxy, as a balancer that says whose connections it forwards."""

import socket
from pathlib import Path

from .process import Process, free_port
from .waiting import wait_for

_CONFIGURATION = """
defaults
  mode tcp
  timeout connect 30s
  timeout client 5m
  timeout server 5m
listen rtmp
  bind {front}
  server weir {back} source {source} {header}
"""


class Haproxy(Process):
    """Forwards to `back` from the address `source`; `header`: send-proxy or send-proxy-v2, if any."""

    def __init__(self, cwd: Path, back: str, source: str, header: str = "", host: str = "127.0.0.1"):
        port = free_port()
        self.address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        configuration = cwd / f"haproxy-{port}.cfg"
        configuration.write_text(
            _CONFIGURATION.format(front=self.address, back=back, source=source, header=header)
        )
        super().__init__("haproxy", ["haproxy", "-db", "-f", str(configuration)], cwd)
        wait_for("haproxy listens", lambda: _accepts(host, port))

    def url(self, name: str, user: str) -> str:
        return f"rtmp://{self.address}/live/{name}?user={user}"


def _accepts(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port)).close()
        return True
    except OSError:
        return False
