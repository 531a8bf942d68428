"""A TCP balancer as orchestrators have one: new connections go to an instance that says it is ready."""

import socket
import threading


class Balancer:
    """Forwards bytes; serves from its construction until `close`."""

    def __init__(self, instances):
        self._instances = instances
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def url(self, name: str, user: str) -> str:
        return f"rtmp://{self.address}/live/{name}?user={user}"

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client:
            ready = [each for each in self._instances if _is_ready(each)]
            if not ready:
                return
            with socket.create_connection(("127.0.0.1", ready[0].rtmp_port)) as server:
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join()


def _is_ready(instance) -> bool:
    try:
        return instance.running and instance.get("/readyz")[0] == 200
    except OSError:
        return False


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # Whoever is left must not wait for the other.
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
