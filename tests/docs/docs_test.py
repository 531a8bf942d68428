"""The check of the pages that are written by hand: content with them, and with nothing less."""

import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import reference

# A row of each list, without which the page is not whole.
ROWS = (
    ("docs/logs.md", "| `control.ready` |", "control.ready"),
    ("docs/logs.md", "| `store.unavailable` |", "store.unavailable"),
    ("docs/log-lines.md", "| `connection.closed` |", "connection.closed"),
    ("docs/troubleshooting.md", "| `RATE_LIMITED` |", "RATE_LIMITED"),
    ("docs/troubleshooting.md", "| `NetStream.Play.StreamNotFound` |", "nobody publishes it"),
    ("docs/troubleshooting.md", "| | `output_bytes` |", "output_bytes"),
    ("docs/troubleshooting.md", "| WeirStoreDown |", "WeirStoreDown"),
)
# The first cell of a row too many for each list, and the row that it is put before.
STRANGERS = (
    ("docs/logs.md", "| `control.ready` |", "`control.steady`", "control.steady"),
    ("docs/troubleshooting.md", "| `RATE_LIMITED` |", "`RATE_UNLIMITED`", "RATE_UNLIMITED"),
    ("docs/troubleshooting.md", "| `NetStream.Play.StreamNotFound` |", "`NetStream.Gone`", "NetStream.Gone"),
    ("docs/troubleshooting.md", "| WeirStoreDown |", "WeirStoreUp", "WeirStoreUp"),
)


def page(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def complaints(path: str, text: str) -> list[str]:
    """With one page as given, and the others as they are."""
    return list(reference.complaints(lambda asked: text if asked == path else page(asked)))


def with_rows(path: str, start: str, replaced) -> str:
    """The page with other rows in the place of the one that begins so."""
    rows = page(path).splitlines()
    [at] = [number for number, row in enumerate(rows) if row.startswith(start)]
    return "\n".join([*rows[:at], *replaced(rows[at]), *rows[at + 1 :]])


class PagesTest(unittest.TestCase):
    def test_they_are_whole(self):
        self.assertEqual(list(reference.complaints(page)), [])

    def test_there_is_something_to_name(self):
        for names, least in (
            (reference.events, 60),
            (reference.reasons, 20),
            (reference.refusals, 40),
            (reference.alerts, 15),
        ):
            self.assertGreater(len(names()), least, names.__name__)

    def test_a_row_that_is_missing_is_seen(self):
        for path, start, name in ROWS:
            with self.subTest(name):
                found = complaints(path, with_rows(path, start, lambda row: []))
                self.assertTrue(any(f"does not name {name}," in each for each in found), found)

    def test_a_row_too_many_is_seen(self):
        for path, start, cell, name in STRANGERS:
            with self.subTest(name):
                stranger = f"| {cell} | | |"
                text = with_rows(path, start, lambda row, stranger=stranger: [stranger, row])
                found = complaints(path, text)
                self.assertEqual(len(found), 1, found)
                self.assertIn(f"names {name}, which is none", found[0])

    def test_a_wrong_level_is_seen(self):
        for start, was, given, name in (
            ("| `control.ready` |", "| info |", "| warn |", "control.ready"),
            ("| `control.connected`, `control.lost` |", "info, warn", "warn, warn", "control.connected"),
        ):
            with self.subTest(name):
                text = with_rows(
                    "docs/logs.md", start, lambda row, was=was, given=given: [row.replace(was, given)]
                )
                self.assertEqual(
                    complaints("docs/logs.md", text), [f"docs/logs.md has another level for {name}"]
                )

    def test_a_refusal_that_the_contract_lacks_or_has_too_many_is_seen(self):
        path = "proto/weir/v1/event_service.proto"
        for was, given, complaint in (
            ("RESUME_TOKEN_EXPIRED", "TOKEN_EXPIRED", "does not list RESUME_TOKEN_EXPIRED"),
            ("RESUME_TOKEN_EXPIRED", "TOKEN_EXPIRED", "lists OUT_OF_RANGE TOKEN_EXPIRED"),
            ("UNAVAILABLE       STOPPING", "ABORTED  STOPPING", "lists ABORTED STOPPING"),
        ):
            with self.subTest(complaint):
                found = complaints(path, page(path).replace(was, given))
                self.assertTrue(any(complaint in each for each in found), found)


if __name__ == "__main__":
    unittest.main(verbosity=2, argv=sys.argv)
