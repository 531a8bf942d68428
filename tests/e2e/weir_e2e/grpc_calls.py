"""Calls of control's API as its users make them: with grpcurl and reflection."""

import json
import shutil
import subprocess

_GRPCURL = shutil.which("grpcurl")


class CallFailed(Exception):
    """A status other than OK, with its details as grpcurl prints them."""

    def __init__(self, code: str, message: str, text: str):
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.text = text


def call(address: str, method: str, **request) -> dict:
    """`call(address, "SessionService/ListSessions", user_id="alice")`; fields as in the proto."""
    assert _GRPCURL, "grpcurl is not on PATH; run ./weir deps"
    done = subprocess.run(
        [_GRPCURL, "-plaintext", "-max-time", "20", "-format-error", "-d", json.dumps(request)]
        + [address, f"weir.v1.{method}"],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    if done.returncode == 0:
        return json.loads(done.stdout)
    try:
        status = json.loads(done.stderr)
    except json.JSONDecodeError:
        raise CallFailed("UNAVAILABLE", done.stderr.strip(), done.stderr) from None
    raise CallFailed(_CODES[status["code"]], status.get("message", ""), done.stderr)


def sessions(address: str, **filters) -> list[dict]:
    return call(address, "SessionService/ListSessions", **filters).get("sessions", [])


_CODES = {
    1: "CANCELLED",
    2: "UNKNOWN",
    3: "INVALID_ARGUMENT",
    4: "DEADLINE_EXCEEDED",
    5: "NOT_FOUND",
    6: "ALREADY_EXISTS",
    7: "PERMISSION_DENIED",
    8: "RESOURCE_EXHAUSTED",
    9: "FAILED_PRECONDITION",
    10: "ABORTED",
    11: "OUT_OF_RANGE",
    12: "UNIMPLEMENTED",
    13: "INTERNAL",
    14: "UNAVAILABLE",
    16: "UNAUTHENTICATED",
}
