"""A TCP balancer as orchestrators have one: new connections go to an instance that says it is ready."""

from .forwarder import Forwarder


class Balancer:
    """Forwards bytes; serves from its construction until `close`."""

    def __init__(self, instances):
        self._instances = instances
        self._forwarder = Forwarder(self._ready_instance)
        self.address = self._forwarder.address

    def close(self) -> None:
        self._forwarder.close()

    def url(self, name: str, user: str) -> str:
        return f"rtmp://{self.address}/live/{name}?user={user}"

    def _ready_instance(self) -> str | None:
        return next((each.rtmp_address for each in self._instances if _is_ready(each)), None)


def _is_ready(instance) -> bool:
    try:
        return instance.running and instance.get("/readyz")[0] == 200
    except OSError:
        return False
