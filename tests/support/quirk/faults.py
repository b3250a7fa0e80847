"""What shall go wrong, and when.

A fault says what it does (`do`), at which requests (operation, bucket, key, part, or its number in the log), and how
often: at the `nth` of them that match, `times` in a row (0 = for ever), or at each `every`-th for ever. README.md has
the table.
"""

import fnmatch
import threading

from .log import is_reserved

ACTIONS = {
    # name -> the members that it reads besides those that say when
    "refuse": (),  # the listener closes, and this connection with RST; Server.open_listener() ends it
    "reset": ("side", "bytes"),
    "stall": ("side", "bytes"),
    "drip": ("side", "interval", "step"),
    "swallow": (),
    "truncate": ("bytes", "length"),
    "flip": ("side", "bytes"),
    "status": ("status", "code", "message", "headers", "extra", "after", "early"),
    "error_200": ("code", "message", "after"),
    "body": ("kind", "status", "after"),
    "oddity": ("kind",),
    "signal": ("pid", "signal", "after"),
    "hook": ("hook", "after"),
    "hold": ("name", "after"),
    "replace": ("bytes_before", "bytes_after"),  # in the answer's body
}
DEFAULTS = {
    "operation": None, "bucket": None, "key": None, "part": None, "method": None, "number": None,
    "nth": 1, "times": 1, "every": 0,
    "side": "response", "bytes": 0, "interval": 0.05, "step": 1, "length": True,
    "status": None, "code": "InternalError", "message": "We encountered an internal error. Please try again.",
    "headers": {}, "extra": {}, "after": False, "early": False, "kind": None, "pid": None, "signal": 15, "hook": None,
    "name": "hold", "bytes_before": b"", "bytes_after": b"", "reserved": False,
}
WHEN = ("operation", "bucket", "key", "part", "method", "number", "nth", "times", "every", "reserved")


class Fault:
    """`key` and `bucket` may hold * and ?. `bytes` counts from the start of the body (of the whole answer for a reset,
    stall or swallow); a number between 0 and 1 is a share of it. `after`: the operation is carried out first."""

    def __init__(self, do, **given):
        if do not in ACTIONS:
            raise ValueError(f"there is no fault {do!r}")
        allowed = set(ACTIONS[do]) | set(WHEN)
        if unknown := set(given) - allowed:
            raise ValueError(f"a fault {do!r} has no {sorted(unknown)}")
        self.do = do
        self.__dict__.update(DEFAULTS)
        self.__dict__.update(given)
        if self.side not in ("request", "response"):
            raise ValueError(f"side is request or response, not {self.side!r}")
        self.seen = 0  # requests that match
        self.hits = 0  # of those, where it did what it does

    def matches(self, entry):
        # What deployflow keeps for itself (locks, releases) is met only by a fault that means it.
        if is_reserved(entry.key) and not (self.reserved or self.key or self.number):
            return False
        return (
            self.operation in (None, entry.operation)
            and self.method in (None, entry.method)
            and self.part in (None, entry.part)
            and self.number in (None, entry.number)
            and (self.bucket is None or fnmatch.fnmatchcase(entry.bucket, self.bucket))
            and (self.key is None or self.key == entry.key or fnmatch.fnmatchcase(entry.key, self.key))
        )

    def is_due(self):
        """After `seen` has been counted up."""
        if self.every:
            return self.seen % self.every == 0
        return self.seen >= self.nth and (self.times == 0 or self.seen < self.nth + self.times)

    def at(self, size):
        """Where in `size` bytes."""
        if isinstance(self.bytes, float) and 0 <= self.bytes <= 1:
            return int(self.bytes * size)
        return max(0, min(size, int(self.bytes) if self.bytes >= 0 else size + int(self.bytes)))

    def to_json(self):
        out = {name: value for name, value in self.__dict__.items() if name in ("do", "seen", "hits") or value != DEFAULTS[name]}
        return {name: value for name, value in out.items() if isinstance(value, (str, int, float, dict, bool))}


class Faults:
    """Thread-safe."""

    def __init__(self):
        self._lock = threading.Lock()
        self._faults = []
        self._holds = {}

    def add(self, do, **given):
        """The Fault; its `hits` tell later whether it was met."""
        fault = do if isinstance(do, Fault) else Fault(do, **given)
        with self._lock:
            self._faults.append(fault)
        return fault

    def clear(self):
        with self._lock:
            self._faults = []
            holds = list(self._holds.values())
        for _, released in holds:
            released.set()
        self._holds = {}

    def due(self, entry):
        """Those that this request meets, in the order in which they were added."""
        met = []
        with self._lock:
            for fault in self._faults:
                if fault.matches(entry):
                    fault.seen += 1
                    if fault.is_due():
                        fault.hits += 1
                        met.append(fault)
        entry.faults = [fault.do for fault in met]
        return met

    def to_json(self):
        with self._lock:
            return [fault.to_json() for fault in self._faults]

    # ---- holds: a request waits until the test says go ----

    def _hold(self, name):
        with self._lock:
            return self._holds.setdefault(name, (threading.Event(), threading.Event()))

    def hold(self, name, timeout=60):
        reached, released = self._hold(name)
        reached.set()
        released.wait(timeout)

    def wait_held(self, name="hold", timeout=30):
        """True once a request waits at the hold of that name."""
        return self._hold(name)[0].wait(timeout)

    def release(self, name="hold"):
        self._hold(name)[1].set()
