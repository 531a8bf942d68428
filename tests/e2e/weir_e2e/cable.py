"""What joins two processes, and can be cut and mended: a TCP proxy that loses nobody's bytes."""

import socket
import threading


class Cable:
    """Carries bytes from its construction until `close`.

    Cut, it is as silent as a broken network: nothing passes, nobody is told, new connections hear
    nothing. Mended, all goes on as TCP does.
    """

    def __init__(self, target: str):
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self._whole = threading.Event()
        self._whole.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        self._whole.clear()

    def mend(self) -> None:
        self._whole.set()

    def close(self) -> None:
        self._listener.close()
        self.mend()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._whole.wait()
        with near:
            try:
                far = socket.create_connection(self._target)
            except OSError:
                return
            with far:
                back = threading.Thread(target=self._carry, args=(far, near), daemon=True)
                back.start()
                self._carry(near, far)
                back.join()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(65536):
                self._whole.wait()
                sink.sendall(piece)
            self._whole.wait()
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            # Whoever is left must not wait for the other.
            for end in (source, sink):
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
