"""A media instance of a test's own: attached to control as the API allows anybody, with grpcurl."""

import json
import subprocess

from .grpc_calls import call
from .waiting import wait_for


class AttachedInstance:
    """Says hello and nothing more; attached from its construction until `close`."""

    def __init__(self, control_address: str, instance_id: str):
        self.instance_id = instance_id
        self.incarnation = "0123456789abcdef0123456789abcdef"
        self._line = subprocess.Popen(
            ["grpcurl", "-plaintext", "-d", "@", control_address]
            + ["weir.v1.InstanceService/Attach"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        identity = {"instance_id": instance_id, "incarnation": self.incarnation}
        for message in ({"hello": identity}, {"held": {"last": True}}):
            self._line.stdin.write(json.dumps(message))
        self._line.stdin.flush()

        def known():
            listed = call(control_address, "InstanceService/ListInstances").get("instances", [])
            return any(each["instance_id"] == instance_id for each in listed)

        wait_for(f"{instance_id} is attached", known)

    def close(self) -> None:
        self._line.stdin.close()
        self._line.wait()
