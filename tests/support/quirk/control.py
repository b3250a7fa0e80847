"""The same that tests do in their own process, over HTTP and JSON for those that are in another: README.md has the table."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit


class Control:
    """On a port of its own, so no request to it is in the log. `with Control(server) as control: control.url`."""

    def __init__(self, server, port=0):
        handler = type("Handler", (Handler,), {"quirk": server})
        self._http = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def start(self):
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def stop(self):
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class Handler(BaseHTTPRequestHandler):
    quirk = None  # the Server
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._answer("GET")

    def do_PUT(self):
        self._answer("PUT")

    def do_POST(self):
        self._answer("POST")

    def do_DELETE(self):
        self._answer("DELETE")

    def _answer(self, method):
        parts = urlsplit(self.path)
        word, _, rest = parts.path[1:].partition("/")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        function = getattr(self, f"{method.lower()}_{word}", None)
        status, out = 404, {"error": f"there is no {method} /{word}"}
        if function is not None:
            try:
                status, out = 200, function(unquote(rest), parse_qs(parts.query), body)
            except Exception as problem:  # whatever was wrong with what was asked
                status, out = 400, {"error": f"{type(problem).__name__}: {problem}"}
        raw = out if isinstance(out, bytes) else json.dumps(out).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    # ---- words ----

    def get_state(self, rest, query, body):
        return self.quirk.store.to_json()

    def get_log(self, rest, query, body):
        return [entry.to_json() for entry in self.quirk.log.entries(*(query.get(n, [None])[0] for n in ("operation", "key")))]

    def delete_log(self, rest, query, body):
        self.quirk.log.clear()
        return {}

    def get_quirks(self, rest, query, body):
        return self.quirk.quirks.to_json()

    def put_quirks(self, rest, query, body):
        self.quirk.quirks.set(**json.loads(body))
        return self.quirk.quirks.to_json()

    def delete_quirks(self, rest, query, body):
        self.quirk.quirks.clear()
        return self.quirk.quirks.to_json()

    def get_faults(self, rest, query, body):
        return self.quirk.faults.to_json()

    def post_faults(self, rest, query, body):
        given = json.loads(body)
        for one in given if isinstance(given, list) else [given]:
            self.quirk.faults.add(**one)
        return self.quirk.faults.to_json()

    def delete_faults(self, rest, query, body):
        self.quirk.faults.clear()
        return {}

    def put_buckets(self, rest, query, body):
        self.quirk.store.create(rest)
        return {}

    def put_objects(self, rest, query, body):
        bucket, _, key = rest.partition("/")
        media_type = self.headers.get("Content-Type") or "binary/octet-stream"
        return self.quirk.store.seed(bucket, key, body, media_type).to_json()

    def get_objects(self, rest, query, body):
        bucket, _, key = rest.partition("/")
        return self.quirk.store.contents(bucket)[key]

    def put_keys(self, rest, query, body):
        given = json.loads(body)
        self.quirk.add_key(given["access"], given["secret"], given.get("token"))
        return {}

    def put_listener(self, rest, query, body):
        (self.quirk.open_listener if json.loads(body)["open"] else self.quirk.close_listener)()
        return {}

    def get_held(self, rest, query, body):
        return {"held": self.quirk.faults.wait_held(rest or "hold", float(query.get("timeout", ["30"])[0]))}

    def post_release(self, rest, query, body):
        self.quirk.faults.release(rest or "hold")
        return {}

    def post_reset(self, rest, query, body):
        self.quirk.faults.clear()
        self.quirk.quirks.clear()
        self.quirk.store.clear()
        self.quirk.log.clear()
        return {}
