"""One request from its head to its answer, with the faults that it meets on its way.

The order is that of a real exchange: refuse and hold · the body, in which a reset, a stall or a drip may come · its
bytes flipped · the head's checks, the body's checks, the operation · the answer changed · the answer sent, in which
again a reset, a stall or a drip may come.
"""

import os

from . import hostile
from .context import http_date
from .errors import Refusal, error_xml
from .names import call_of
from .wire import Gone, Malformed, Request, Response

READ_PIECE = 64 * 1024


class Exchange:
    """`server`: the Server, whose store, quirks, faults and log these are."""

    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.request = self.entry = self.call = None
        self.faults = []

    def run(self, head):
        """True if the connection may carry another request."""
        try:
            self.request = Request(head)
            self.call = call_of(self.request, self.server.hosts)
        except (Malformed, UnicodeDecodeError):
            self.connection.send(Response(400, [("Connection", "close")]).head())
            return False
        self.entry = self.server.log.open(self.connection.number, self.request, self.call)
        try:
            return self._run()
        finally:
            self.server.log.close(self.entry)

    def _of(self, *names, **having):
        return [f for f in self.faults if f.do in names and all(getattr(f, n) == v for n, v in having.items())]

    def _run(self):
        self.faults = self.server.faults.due(self.entry)
        now = self.server.now()
        if self._of("refuse"):
            self.server.close_listener()
            self.connection.reset()
        for fault in self._of("status", early=True):  # without having read the body, so no other request can follow
            self._send(self._made_up(fault))
            return False
        self._events(after=False)
        identity, refusal = None, None
        try:
            identity = self.server.service.check_head(self.request, now)
        except Refusal as found:
            refusal = found
        if not self._continue(refusal):
            return False
        self._read_body()
        response = self._perform(identity, refusal, now)
        self._events(after=True)
        response = self._changed(response)
        return self._send(response)

    # ---- before ----

    def _events(self, after):
        for fault in self._of("signal", "hook", "hold", after=after):
            if fault.do == "signal":
                os.kill(fault.pid, fault.signal)
            elif fault.do == "hook":
                fault.hook(self)
            else:
                self.server.faults.hold(fault.name)

    def _continue(self, refusal):
        """The answer to Expect: 100-continue; False if there is nothing more to say."""
        if not self.request.wants_continue():
            return True
        way = self.server.quirks.expect
        if way == "refused":
            self._send(Response(417, [("Connection", "close")]))
            return False
        if refusal is not None:
            self._send(self._refused(refusal))
            return False
        if way == "ok":
            self.connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _read_body(self):
        request, connection = self.request, self.connection
        if request.is_chunked():
            request.body = connection.read_chunked()
        else:
            size = request.length() or 0
            breaking = self._of("reset", "stall", side="request")
            if breaking:
                connection.read(breaking[0].at(size))
                self._break(breaking[0])
            drips = self._of("drip", side="request")
            request.body = self._drip_in(drips[0], size) if drips else connection.read(size)
        self.entry.bytes_in = len(request.body)
        for fault in self._of("flip", side="request"):
            request.body = flipped(request.body, fault)

    def _drip_in(self, fault, size):
        body = b""
        while len(body) < size:
            body += self.connection.read(min(fault.step, size - len(body)))
            self._pause(fault.interval)
        return body

    def _pause(self, seconds):
        if self.server.stopping.wait(seconds):
            raise Gone("the server stops")

    def _break(self, fault):
        if fault.do == "reset":
            self.connection.reset()
        self.connection.wait_until_gone()

    # ---- the operation ----

    def _perform(self, identity, refusal, now):
        instead = self._of("status", "error_200", "body", after=False)
        if instead:
            return self._made_up(instead[0])
        quirks = self.server.quirks
        if quirks.slow_down_every and self.entry.number % quirks.slow_down_every == 0:
            more = quirks.slow_down_retry_after
            return self._refused(Refusal(
                int(quirks.slow_down_status), "SlowDown", "Please reduce your request rate.",
                [("Retry-After", more)] if more is not None else [],
            ))
        try:
            if refusal is not None:
                raise refusal
            self.server.service.check_body(self.request, identity)
            response = self.server.service.answer(self.request, self.call, now)
        except Refusal as found:
            response = self._refused(found)
        for fault in self._of("status", "error_200", "body", after=True):
            response = self._made_up(fault)
        return response

    def _refused(self, refusal):
        self.entry.error = refusal.code
        headers = [("Content-Type", "application/xml"), *refusal.headers]
        body = refusal.xml(self.request.raw_path, self._id()) if refusal.code and refusal.status != 304 else b""
        return Response(refusal.status, headers, body)

    def _made_up(self, fault):
        self.entry.error = fault.code if fault.do != "body" else fault.kind
        if fault.do == "body":
            return Response(fault.status or 200, [("Content-Type", "application/xml")], hostile.BODIES[fault.kind](self.call))
        status = 200 if fault.do == "error_200" else fault.status or 500
        body = error_xml(fault.code, fault.message, list(fault.extra.items())) if fault.code else b""
        return Response(status, [("Content-Type", "application/xml"), *fault.headers.items()], body)

    # ---- after ----

    def _changed(self, response):
        for fault in self._of("replace"):
            response.body = response.body.replace(as_bytes(fault.bytes_before), as_bytes(fault.bytes_after))
        for fault in self._of("flip", side="response"):
            response.body = flipped(response.body, fault)
        return response

    def _id(self):
        return f"{self.entry.number:016X}"

    def _complete(self, response):
        names = {name.lower() for name, _ in response.headers}
        if "date" not in names:
            response.headers.append(("Date", http_date(self.server.now())))
        response.headers += [("Server", "quirk"), ("x-amz-request-id", self._id())]
        if self.request.method == "HEAD":
            response.length = len(response.body) if response.length is None else response.length
            response.body = b""
        return response

    def _send(self, response):
        response = self._complete(response)
        self.entry.status = response.status
        if self._of("swallow"):
            self.entry.status = None
            return False
        stays = self.request.keeps_alive()
        for fault in self._of("truncate"):
            whole = len(response.body)
            response.length = whole if fault.length else False
            head, body = response.head(), response.body[: fault.at(whole)]
            self._count(head + body)
            self.connection.send(head + body)
            return False
        head, body = response.head(), response.body
        for fault in self._of("oddity"):
            return bool(hostile.ODDITIES[fault.kind](self.connection, head, body)) and stays
        for fault in self._of("reset", "stall", side="response"):
            self.entry.status = None
            self.connection.send((head + body)[: fault.at(len(head + body))])
            self._break(fault)
        self._count(body)
        drips = self._of("drip", side="response")
        if drips:
            self._drip_out(drips[0], head + body)
        elif len(body) < READ_PIECE:
            self.connection.send(head + body)
        else:
            self.connection.send(head)
            self.connection.send(body)
        return stays and response.length is not False

    def _count(self, data):
        self.entry.bytes_out = len(data)

    def _drip_out(self, fault, data):
        for at in range(0, len(data), fault.step):
            self.connection.send(data[at : at + fault.step])
            self._pause(fault.interval)


def flipped(body, fault):
    if not body:
        return body
    at = min(fault.at(len(body)), len(body) - 1)
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def as_bytes(value):
    return value.encode() if isinstance(value, str) else value
