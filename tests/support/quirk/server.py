"""The server: a listener on loopback, a thread for each connection, and what tests hold on to."""

import socket
import ssl
import threading
import time

from .exchange import Exchange
from .faults import Faults
from .log import Log
from .bucket import Store
from .quirks import Quirks
from .service import Service
from .sigv4 import Verifier
from .wire import Connection, Gone, Malformed, Response

HOSTS = ("127.0.0.1", "localhost")
BACKLOG = 1024


class Server:
    """One S3 endpoint. `with Server() as s3:` starts and stops it; it may be started again.

    `keys`: access key -> secret, or (secret, session token). `tls`: a tls.Identity, or None for plain HTTP.
    `s3.quirks`, `s3.faults`, `s3.log` and `s3.store` may be used from any thread, at any time.
    """

    def __init__(self, keys=None, buckets=(), tls=None, port=0, **quirks):
        self.keys = dict(keys or {"QUIRKACCESS": "quirk/secret+key"})
        self.quirks, self.faults, self.log, self.store = Quirks(**quirks), Faults(), Log(), Store()
        self.service = Service(self.store, self.quirks, Verifier(self.keys))
        self.hosts = HOSTS
        self.tls, self.port = tls, port
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._listener, self._connections, self._threads, self._accepted = None, {}, set(), 0
        for name in buckets:
            self.store.create(name)

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def access(self):
        return next(iter(self.keys))

    @property
    def secret(self):
        held = self.keys[self.access]
        return held if isinstance(held, str) else held[0]

    @property
    def connections(self):
        """How many were accepted so far."""
        return self._accepted

    def now(self):
        return time.time() + self.quirks.clock_offset

    def add_key(self, access, secret, token=None):
        """From this request on, that key is known too."""
        self.keys[access] = self.service.verifier.keys[access] = secret if token is None else (secret, token)
        self.service.verifier.forget(access)

    # ---- life ----

    def start(self):
        self.stopping.clear()
        self.open_listener()
        return self

    def stop(self):
        self.stopping.set()
        self.faults.clear()
        self.close_listener()
        with self._lock:
            open_ones, threads = list(self._connections.values()), list(self._threads)
        for connection in open_ones:
            connection.shut()
        for thread in threads:
            thread.join(10)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def open_listener(self):
        """On the port that it had before, if it had one."""
        with self._lock:
            if self._listener is not None:
                return
            listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen(BACKLOG)
            self.port = listener.getsockname()[1]
            self._listener = listener
            self._run(self._accept, listener)

    def close_listener(self):
        """New connections are refused; those that are open go on."""
        with self._lock:
            listener, self._listener = self._listener, None
        if listener is not None:
            try:
                listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            except OSError:
                pass
            listener.close()

    def _run(self, function, *arguments):
        thread = threading.Thread(target=self._forget_after, args=(function, *arguments), daemon=True)
        self._threads.add(thread)
        thread.start()

    def _forget_after(self, function, *arguments):
        try:
            function(*arguments)
        finally:
            self._threads.discard(threading.current_thread())

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._accepted += 1
                self._run(self._serve, sock, self._accepted)

    # ---- a connection ----

    def _serve(self, sock, number):
        try:
            connection = Connection(self.tls.wrap(sock) if self.tls else sock, number)
        except (OSError, ssl.SSLError):
            sock.close()
            return
        with self._lock:
            self._connections[number] = connection
        if self.stopping.is_set():
            connection.shut()
        try:
            while (head := connection.read_head()) is not None:
                if not Exchange(self, connection).run(head):
                    break
        except Malformed:
            self._say_bad_request(connection)
        except Gone:
            pass
        finally:
            with self._lock:
                del self._connections[number]
            connection.close()

    @staticmethod
    def _say_bad_request(connection):
        try:
            connection.send(Response(400, [("Connection", "close")]).head())
        except Gone:
            pass
