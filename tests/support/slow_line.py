"""A line to a server that takes so many bytes a second on the way there, all connections together, and some time for each.

    with SlowLine("http://127.0.0.1:9000", bytes_a_second=4 << 20, latency=0.01) as line:
        line.url    # what a client is given instead of the server's

What comes back takes the time alone: uploads are what a deployment waits for. Only bytes are passed on, so a request
reaches the server as it was signed.
"""

import asyncio
import threading
import time
import urllib.parse

PIECE = 16 << 10
PIECES_UNDER_WAY = 8  # of a connection: then its sender waits, as on a line with small buffers


class Way:
    """One direction of the line."""

    def __init__(self, bytes_a_second, latency):
        self.bytes_a_second, self.latency, self.free_at = bytes_a_second, latency, 0.0

    def arrival(self, count):
        """When so many bytes that are sent at this moment are at the other end."""
        self.free_at = max(time.monotonic(), self.free_at) + (count / self.bytes_a_second if self.bytes_a_second else 0)
        return self.free_at + self.latency

    async def carry(self, source, sink):
        pieces = asyncio.Queue(PIECES_UNDER_WAY)
        sending = asyncio.create_task(self._deliver(pieces, sink))
        try:
            while piece := await source.read(PIECE):
                await pieces.put((self.arrival(len(piece)), piece))
        except ConnectionError:
            pass
        await pieces.put((0, b""))
        await sending

    @staticmethod
    async def _deliver(pieces, sink):
        is_open = True
        while True:
            at, piece = await pieces.get()
            if not piece:
                break
            await asyncio.sleep(max(0, at - time.monotonic()))
            try:
                if is_open:
                    sink.write(piece)
                    await sink.drain()
            except ConnectionError:
                is_open = False  # the rest is read and thrown away
        try:
            if is_open and sink.can_write_eof():
                sink.write_eof()
        except OSError:
            pass


class SlowLine:
    def __init__(self, server, bytes_a_second, latency):
        parts = urllib.parse.urlsplit(server)
        self._server = (parts.hostname, parts.port)
        self._there, self._back = Way(bytes_a_second, latency), Way(None, latency)
        self._loop = asyncio.new_event_loop()
        listening = self._loop.run_until_complete(asyncio.start_server(self._connect, "127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    async def _connect(self, reader, writer):
        try:
            far_reader, far_writer = await asyncio.open_connection(*self._server)
        except OSError:
            writer.close()
            return
        await asyncio.gather(self._there.carry(reader, far_writer), self._back.carry(far_reader, writer))
        writer.close()
        far_writer.close()
