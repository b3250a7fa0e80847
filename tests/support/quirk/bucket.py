"""Buckets, objects and uploads in memory. Knows nothing of HTTP."""

import bisect
import hashlib
import itertools
import threading
import time

from .errors import no_such_bucket, no_such_key, no_such_upload
from .log import is_reserved

ZEROS = bytes(1 << 16)


def as_bytes(key):
    return key.encode("utf-8", "surrogateescape")


class Object:
    """`body` None: only the size was kept, and reading gives NUL bytes."""

    def __init__(self, body, etag, headers=None, size=None, modified=None, parts=0):
        self.body, self.etag, self.parts = body, etag, parts
        self.size = len(body) if size is None else size
        self.headers = dict(headers or {})  # names in lower case
        self.modified = modified or time.time()

    def read(self, first, count):
        if self.body is not None:
            return self.body[first : first + count]
        return ZEROS * (count // len(ZEROS)) + ZEROS[: count % len(ZEROS)]

    def to_json(self):
        sha256 = hashlib.sha256(self.read(0, self.size)).hexdigest() if self.size < 1 << 30 else None
        return {"size": self.size, "etag": self.etag, "sha256": sha256, "headers": self.headers, "modified": self.modified, "parts": self.parts}


class Upload:
    def __init__(self, upload_id, key, headers):
        self.id, self.key, self.headers = upload_id, key, dict(headers)
        self.started = time.time()
        self.parts = {}  # number -> Object


class Bucket:
    def __init__(self, name):
        self.name, self.created = name, time.time()
        self.objects = {}
        self.uploads = {}  # id -> Upload
        self.configurations = {}  # "cors" -> the XML that was put
        self.watch = None  # a test's function of (key, Object or None), called at each change, before it is answered
        self._keys = None

    def put(self, key, thing):
        if key not in self.objects:
            self._keys = None
        self.objects[key] = thing
        if self.watch:
            self.watch(key, thing)

    def delete(self, key):
        if self.objects.pop(key, None) is not None:
            self._keys = None
            if self.watch:
                self.watch(key, None)

    def keys(self):
        """In the order of their UTF-8 bytes."""
        if self._keys is None:
            self._keys = sorted(self.objects, key=as_bytes)
            self._edges = [as_bytes(key) for key in self._keys]
        return self._keys

    def keys_behind(self, after):
        """Those that come after that name, which need not be one of them."""
        keys = self.keys()
        return itertools.islice(keys, bisect.bisect_right(self._edges, as_bytes(after)) if after else 0, None)

    def get(self, key):
        if key not in self.objects:
            raise no_such_key(key)
        return self.objects[key]

    def upload(self, upload_id, key):
        found = self.uploads.get(upload_id)
        if found is None or found.key != key:
            raise no_such_upload(upload_id or "")
        return found


class Store:
    """`lock` is held over every operation: one at a time, in the order of their numbers as good as may be."""

    def __init__(self):
        self.lock = threading.RLock()
        self.buckets = {}
        self._ids = itertools.count(1)

    def bucket(self, name):
        if name not in self.buckets:
            raise no_such_bucket(name)
        return self.buckets[name]

    def create(self, name):
        with self.lock:
            return self.buckets.setdefault(name, Bucket(name))

    def next_id(self):
        return next(self._ids)

    def clear(self):
        with self.lock:
            self.buckets = {}

    # ---- for tests ----

    def seed(self, bucket, key, body, media_type="binary/octet-stream", etag=None, modified=None, **headers):
        """An object that was there before. `headers` with _ for -."""
        body = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        thing = Object(body, etag or hashlib.md5(body).hexdigest(), {"content-type": media_type, **named}, modified=modified)
        with self.lock:
            self.create(bucket).put(key, thing)
        return thing

    def seed_upload(self, bucket, key, parts=()):
        """An upload that somebody began; its id. `parts`: their bytes, in order."""
        with self.lock:
            upload = Upload(f"upload-{self.next_id()}", key, {})
            for number, body in enumerate(parts, 1):
                upload.parts[number] = Object(body, hashlib.md5(body).hexdigest())
            self.create(bucket).uploads[upload.id] = upload
            return upload.id

    def contents(self, bucket, reserved=False):
        """key -> bytes of all objects; without what deployflow keeps for itself, unless told."""
        with self.lock:
            held = self.buckets.get(bucket)
            return {
                key: thing.read(0, thing.size)
                for key, thing in (held.objects.items() if held else ())
                if reserved or not is_reserved(key)
            }

    def unfinished(self, bucket):
        """Keys with an unfinished upload, as often as they have one."""
        with self.lock:
            held = self.buckets.get(bucket)
            return sorted(upload.key for upload in held.uploads.values()) if held else []

    def to_json(self):
        with self.lock:
            return {
                name: {
                    "objects": {key: bucket.objects[key].to_json() for key in bucket.keys()},
                    "uploads": [
                        {"key": u.key, "id": u.id, "parts": {n: part.size for n, part in u.parts.items()}}
                        for u in bucket.uploads.values()
                    ],
                }
                for name, bucket in self.buckets.items()
            }
