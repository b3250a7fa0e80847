"""What was asked, in the order in which it arrived. Operation numbers begin with 1."""

import threading
import time


def is_reserved(key):
    """Is it what deployflow keeps for itself (locks, releases, contents), in the bucket or below a target's prefix?"""
    return key.startswith(".deployflow/") or "/.deployflow/" in key


class Entry:
    """One request. `status` None: no answer was sent (yet, or ever)."""

    def __init__(self, number, connection, request, call):
        self.number, self.connection = number, connection
        self.time = time.time()
        self.method, self.target = request.method, request.target
        self.headers = [(name.lower(), value.strip()) for name, value in request.headers]
        self.operation, self.bucket, self.key = call.operation, call.bucket, call.key
        self.part, self.upload_id = call.part, call.upload_id
        self.status, self.error = None, ""
        self.bytes_in = self.bytes_out = 0
        self.faults = []  # names of those that were met here
        self.ended = False

    def header(self, name):
        return next((value for key, value in self.headers if key == name), None)

    def identity(self):
        """Names the same operation in another run of the same deployment, the n-th of its kind aside."""
        return (self.bucket, self.operation, self.key, self.part)

    def to_json(self):
        return dict(self.__dict__)

    def __repr__(self):
        return f"#{self.number} {self.operation} {self.bucket}/{self.key} -> {self.status} {self.error}"


class Log:
    """Thread-safe."""

    def __init__(self):
        self._changed = threading.Condition()
        self._entries = []
        self._next = 1

    def open(self, connection, request, call):
        with self._changed:
            entry = Entry(self._next, connection, request, call)
            self._next += 1
            self._entries.append(entry)
            self._changed.notify_all()
            return entry

    def close(self, entry):
        with self._changed:
            entry.ended = True
            self._changed.notify_all()

    def entries(self, operation=None, key=None):
        with self._changed:
            return [
                e for e in self._entries
                if (operation is None or e.operation == operation) and (key is None or e.key == key)
            ]

    def of_site(self, operation=None, key=None):
        """Those entries, without what deployflow keeps for itself."""
        return [e for e in self.entries(operation, key) if not is_reserved(e.key)]

    def count(self, operation=None, key=None):
        return len(self.entries(operation, key))

    def operations(self, reserved=False):
        """How often each was asked: name -> count. Without what deployflow keeps for itself (locks, releases), unless told."""
        counts = {}
        for entry in self.entries():
            if is_reserved(entry.key) and not reserved:
                continue
            counts[entry.operation] = counts.get(entry.operation, 0) + 1
        return counts

    def clear(self):
        """Numbers begin with 1 again."""
        with self._changed:
            self._entries, self._next = [], 1

    def wait_for(self, condition, timeout=30):
        """Until condition(entries) holds; it is asked again whenever a request came or ended. False: it never did."""
        with self._changed:
            return self._changed.wait_for(lambda: condition(list(self._entries)), timeout)
