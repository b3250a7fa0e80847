"""HTTP/1.1 over raw sockets: what the client really put on the wire, and exactly what we put there.

No parsing is friendlier than it must be: a path, a query and a header keep the bytes they came with, for the
signature is checked over those.
"""

import select
import socket
import struct

LONGEST_HEAD = 1 << 20
PIECE = 256 * 1024
REASONS = {
    100: "Continue", 200: "OK", 204: "No Content", 206: "Partial Content", 301: "Moved Permanently", 304: "Not Modified",
    307: "Temporary Redirect", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    409: "Conflict", 411: "Length Required", 412: "Precondition Failed", 416: "Requested Range Not Satisfiable",
    417: "Expectation Failed", 429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented",
    503: "Slow Down",
}


class Gone(Exception):
    """The client closed the connection, or the server stops."""


class Malformed(Exception):
    """What came is no HTTP/1.1 request."""


class Request:
    """One request as received. Text is latin-1, so every byte is one character."""

    def __init__(self, head):
        self.head = head
        lines = head.decode("latin-1").split("\r\n")
        try:
            self.method, self.target, self.version = lines[0].split(" ")
        except ValueError:
            raise Malformed(lines[0]) from None
        if not self.version.startswith("HTTP/1.") or not self.target.startswith("/"):
            raise Malformed(lines[0])
        self.headers = []
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise Malformed(line)
            self.headers.append((name, value))
        self.raw_path, mark, query = self.target.partition("?")
        self.raw_query = query if mark else ""
        self.body = b""

    def get(self, name, default=None):
        """The first header of that name, without the blanks around it."""
        for key, value in self.headers:
            if key.lower() == name:
                return value.strip()
        return default

    def has(self, name):
        return self.get(name) is not None

    def length(self):
        text = self.get("content-length")
        if text is None:
            return None
        if not text.isdigit():
            raise Malformed(f"Content-Length: {text}")
        return int(text)

    def is_chunked(self):
        return "chunked" in (self.get("transfer-encoding") or "").lower()

    def wants_continue(self):
        return (self.get("expect") or "").lower() == "100-continue"

    def keeps_alive(self):
        return self.version != "HTTP/1.0" and (self.get("connection") or "").lower() != "close"


class Response:
    """`length` None: that of the body. False: no Content-Length, the end of the connection ends the body."""

    def __init__(self, status=200, headers=(), body=b"", length=None):
        self.status, self.headers, self.body, self.length = status, list(headers), body, length

    def head(self):
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        has_no_body = self.status in (204, 304)
        if self.length is False:
            lines.append("Connection: close")
        elif not has_no_body:
            lines.append(f"Content-Length: {len(self.body) if self.length is None else self.length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


class Connection:
    """One accepted connection; of one thread, but reset() and shut() may come from another."""

    def __init__(self, sock, number):
        self.sock, self.number = sock, number
        self.buffer = b""
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _more(self):
        try:
            data = self.sock.recv(PIECE)
        except OSError as problem:
            raise Gone(str(problem)) from None
        if not data:
            raise Gone("closed by the client")
        return data

    def read_head(self):
        """The bytes of the next head without its blank line; None if the client closed between requests."""
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            if len(self.buffer) > LONGEST_HEAD:
                raise Malformed("a head without end")
            if self.buffer and not self.buffer[:1].isalpha():
                raise Malformed("no method")  # TLS, most likely
            try:
                self.buffer += self._more()
            except Gone:
                return None
        head, self.buffer = self.buffer[:end], self.buffer[end + 4 :]
        return head

    def read(self, size):
        """Exactly `size` bytes."""
        if len(self.buffer) >= size:
            data, self.buffer = self.buffer[:size], self.buffer[size:]
            return data
        out = bytearray(size)
        have = len(self.buffer)
        out[:have] = self.buffer
        self.buffer = b""
        view = memoryview(out)
        while have < size:
            try:
                got = self.sock.recv_into(view[have:], min(size - have, 1 << 20))
            except OSError as problem:
                raise Gone(str(problem)) from None
            if got == 0:
                raise Gone("closed by the client")
            have += got
        return bytes(out)

    def read_line(self):
        while (end := self.buffer.find(b"\r\n")) < 0:
            if len(self.buffer) > LONGEST_HEAD:
                raise Malformed("a line without end")
            self.buffer += self._more()
        line, self.buffer = self.buffer[:end], self.buffer[end + 2 :]
        return line

    def read_chunked(self):
        """A body with Transfer-Encoding: chunked."""
        pieces = []
        while True:
            try:
                size = int(self.read_line().split(b";")[0], 16)
            except ValueError:
                raise Malformed("a chunk without size") from None
            if size == 0:
                while self.read_line():
                    pass
                return b"".join(pieces)
            pieces.append(self.read(size))
            self.read(2)

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError as problem:
            raise Gone(str(problem)) from None

    def reset(self):
        """RST, and nothing else, to the client."""
        try:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.sock.close()
        except OSError:
            pass
        raise Gone("reset by a fault")

    def wait_until_gone(self):
        """Read nothing, write nothing, until the client gives up or the server stops."""
        poll = select.poll()
        poll.register(self.sock, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        poll.poll()
        raise Gone("given up by the client")

    def shut(self):
        """From the server's thread: wakes whatever waits here."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        try:
            self.sock.close()
        except OSError:
            pass
