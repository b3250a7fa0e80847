"""`external: true` of validate, with the built binary and a web on loopback that counts what it is asked.

DEPLOYFLOW is the binary. No name resolves here but localhost, which is what a machine without a network sees.
"""

import http.server
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

DEPLOYFLOW = os.environ["DEPLOYFLOW"]
UNKNOWN = "x" * 64 + ".invalid"  # no name can be so, and no server of names is asked
SECRETS = {"AWS_ACCESS_KEY_ID": "AKIDEXTERNAL", "AWS_SECRET_ACCESS_KEY": "secret-of-the-target", "AWS_SESSION_TOKEN": "token-of-the-target"}


class Web(http.server.ThreadingHTTPServer):
    """Answers by path; keeps every request, and how many there were at a time."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Visitor)
        self.lock = threading.Lock()
        self.requests, self.active, self.most, self.times = [], 0, 0, {}
        self.closing = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def asked(self):
        with self.lock:
            return [f"{method} {path}" for method, path, _ in self.requests]

    def forget(self):
        with self.lock:
            self.requests, self.times, self.most = [], {}, 0

    def stop(self):
        self.closing.set()
        self.shutdown()
        self.server_close()


class Visitor(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, headers=(), body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self):
        self.visit()

    def do_GET(self):
        self.visit()

    def visit(self):
        web = self.server
        with web.lock:
            web.requests.append((self.command, self.path, str(self.headers)))
            web.active += 1
            web.most = max(web.most, web.active)
            web.times.setdefault(self.path, []).append(time.monotonic())
            count = len(web.times[self.path])
        try:
            time.sleep(0.02)
            self.visit_path(self.path.split("?")[0], count)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with web.lock:
                web.active -= 1

    def visit_path(self, path, count):
        if path == "/no-head" and self.command == "HEAD":
            self.answer(405)
        elif path == "/bad-head" and self.command == "HEAD":
            self.answer(404)
        elif path == "/closes" or (path == "/closes-head" and self.command == "HEAD"):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
        elif path == "/hangs":
            self.server.closing.wait(20)
            self.close_connection = True
        elif path == "/moved":
            self.answer(301, [("Location", "/ok?new")])
        elif path == "/found":
            self.answer(302, [("Location", "/ok?found"), ("Set-Cookie", "id=1")])
        elif path == "/loop":
            self.answer(302, [("Location", "/loop2")])
        elif path == "/loop2":
            self.answer(302, [("Location", "/loop")])
        elif path == "/busy":
            self.answer(*((429, [("Retry-After", "1")]) if count == 1 else (200,)))
        elif path == "/huge":
            if self.command == "HEAD":
                return self.answer(501)
            self.send_response(200)
            self.send_header("Content-Length", str(1 << 40))
            self.end_headers()
            for _ in range(4096):
                self.wfile.write(b"x" * 65536)
        elif path.startswith("/status/"):
            self.answer(int(path[8:]))
        else:
            self.answer(200)


class External(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="deployflow-external-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.web = Web()
        self.addCleanup(self.web.stop)
        os.makedirs(os.path.join(self.folder, "site"))
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": self.path("home"), "TMPDIR": self.folder, "LC_ALL": "C.UTF-8", **SECRETS}
        os.makedirs(self.path("home"))
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def path(self, name):
        return os.path.join(self.folder, name)

    def links(self, *urls, page="index.html"):
        lines = "\n".join(f"<a href={url}>x</a>" for url in urls)
        with open(self.path("site/" + page), "w", encoding="utf-8") as file:
            file.write(f"<!DOCTYPE html><html lang=en><title>t</title>\n{lines}\n</html>\n")

    def options(self, **options):
        options = {"external": True, "external_private": True, **options}
        pipeline = {
            "version": 1,
            "site": "./site",
            "targets": {"main": {"endpoint": "http://127.0.0.1:1", "bucket": "bucket"}},
            "stages": [{"uses": "validate", "with": options}, {"uses": "upload", "with": {"to": "main"}}],
        }
        with open(self.path("deployflow.yaml"), "w", encoding="utf-8") as file:
            json.dump(pipeline, file)

    def run_binary(self, *words, **environment):
        return subprocess.run(
            [DEPLOYFLOW, *words],
            cwd=self.folder,
            env={**self.environment, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )

    def validate(self, **environment):
        """Findings as (severity, code, message), and the exit status."""
        done = self.run_binary("validate", "--format", "json=out.json", **environment)
        with open(self.path("out.json"), encoding="utf-8") as file:
            findings = json.load(file)["findings"]
        for secret in SECRETS.values():
            self.assertNotIn(secret.encode(), done.stderr + done.stdout)
        return [(f["severity"], f["rule"], f["message"].replace(self.web.url, "")) for f in findings], done.returncode

    def test_nothing_is_asked_unless_it_is_said(self):
        self.links(self.web.url + "/ok")
        self.options(external=False)
        self.assertEqual(self.validate(), ([], 0))
        for command in ("plan", "push"):
            self.run_binary(command, AWS_MAX_ATTEMPTS="1")
        self.assertEqual(self.web.asked(), [])

    def test_a_plan_asks_as_the_run_does(self):
        self.links(self.web.url + "/status/404")
        self.options()
        for words in (("plan",), ("push", "-n"), ("push",)):
            self.web.forget()
            done = self.run_binary(*words, AWS_MAX_ATTEMPTS="1")
            self.assertEqual(self.web.asked(), ["HEAD /status/404", "GET /status/404"], words)
            self.assertIn(b"the answer is 404 Not Found", done.stderr)

    def test_what_the_web_says(self):
        refused = socket.create_server(("127.0.0.1", 0))
        port = refused.getsockname()[1]
        refused.close()
        paths = [
            "/ok", "/ok#there", "/no-head", "/bad-head", "/closes-head", "/moved", "/found", "/loop", "/busy", "/huge", "/hangs", "/closes",
            "/status/404", "/status/410", "/status/403", "/status/500",
        ]  # fmt: skip
        self.links(*(self.web.url + path for path in paths), f"http://127.0.0.1:{port}/", f"http://{UNKNOWN}/")
        self.options(external_timeout="1s")
        findings, status = self.validate()
        self.assertEqual(status, 0)
        self.assertEqual(
            sorted(findings),
            sorted([
                ("info", "link/external-moved", "link to /moved: moved for good to /ok?new"),
                ("info", "link/external", "link to /loop: it redirects in a circle"),
                ("info", "link/external", "link to /hangs: no answer in time"),
                ("info", "link/external", "link to /closes: the connection was closed before an answer"),
                ("info", "link/external", "link to /status/500: the answer is 500 Internal Server Error"),
                ("warning", "link/external", "link to /status/404: the answer is 404 Not Found"),
                ("warning", "link/external", "link to /status/410: the answer is 410 Gone"),
                ("warning", "link/external", f"link to http://127.0.0.1:{port}/: nobody listens at 127.0.0.1:{port}"),
                ("warning", "link/external", f"link to http://{UNKNOWN}/: there is no host {UNKNOWN}"),
            ]),
        )
        asked = self.web.asked()
        self.assertEqual([asked.count(f"{method} /ok") for method in ("HEAD", "GET")], [1, 0])
        self.assertEqual([asked.count(f"{method} /no-head") for method in ("HEAD", "GET")], [1, 1])
        busy = self.web.times["/busy"]
        self.assertEqual(len(busy), 2)
        self.assertGreaterEqual(busy[1] - busy[0], 1.0)
        for _, _, headers in self.web.requests:
            lower = headers.lower()
            self.assertIn("user-agent: deployflow/", lower)
            for word in ("authorization", "cookie", "x-amz", *(s.lower() for s in SECRETS.values())):
                self.assertNotIn(word, lower)

    def test_never_more_at_a_time_than_two(self):
        self.links(*(f"{self.web.url}/{i}" for i in range(30)))
        self.options()
        self.assertEqual(self.validate(), ([], 0))
        self.assertEqual(len(self.web.asked()), 30)
        self.assertLessEqual(self.web.most, 2)
        starts = sorted(t for times in self.web.times.values() for t in times)
        self.assertGreater(starts[-1] - starts[0], 29 * 0.1 * 0.8)

    def test_this_machine_is_not_asked_by_default(self):
        self.links(self.web.url + "/ok", f"http://localhost:{self.web.server_port}/", f"http://0x7f.1:{self.web.server_port}/", "http://169.254.169.254/latest/")
        self.options(external_private=False)
        findings, status = self.validate()
        self.assertEqual([(severity, code) for severity, code, _ in findings], [("warning", "link/external-private")] * 4)
        self.assertEqual(status, 0)
        self.assertEqual(self.web.asked(), [])

    def test_a_proxy_does_not_open_the_way_to_this_machine(self):
        self.links(self.web.url + "/ok", "http://example.com/")
        self.options(external_private=False)
        findings, _ = self.validate(http_proxy=self.web.url, no_proxy="example.com")
        self.assertEqual([code for _, code, _ in findings], ["link/external-private"])
        self.assertEqual(self.web.asked(), ["HEAD http://example.com/"])

    def test_good_answers_are_kept_and_others_asked_again(self):
        self.links(self.web.url + "/ok", self.web.url + "/moved", self.web.url + "/status/404")
        self.options()
        first = self.validate()
        self.web.forget()
        self.assertEqual(self.validate(), first)
        self.assertEqual(self.web.asked(), ["HEAD /status/404", "GET /status/404"])
        self.options(external_accept=["404"], external_deny=["example.com"])
        self.web.forget()
        self.validate()
        self.assertIn("HEAD /ok", self.web.asked())  # 200 is no longer good
        self.options(external_max_age="0s")
        time.sleep(1.1)
        self.web.forget()
        self.assertEqual(self.validate(), first)
        self.assertIn("HEAD /ok", self.web.asked())

    def test_a_damaged_cache_is_ignored(self):
        self.links(self.web.url + "/ok")
        self.options()
        self.validate()
        kept = [os.path.join(at, name) for at, _, names in os.walk(self.path("home")) for name in names if name == "web-answers"]
        self.assertEqual(len(kept), 1)
        with open(kept[0], "r+b") as file:
            content = file.read().replace(b"200", b"404")
            file.seek(0)
            file.write(content)
        self.web.forget()
        self.assertEqual(self.validate(), ([], 0))
        self.assertEqual(self.web.asked(), ["HEAD /ok"])

    def test_a_network_that_is_down_is_no_broken_link(self):
        self.links(*(f"http://{i}{UNKNOWN}/{j}" for i in range(3) for j in range(3)))
        self.options(external_private=False)
        findings, status = self.validate()
        self.assertEqual(
            findings, [("warning", "link/external-unreachable", "none of 3 hosts can be reached: no outside link was checked")]
        )
        self.assertEqual(status, 0)
        self.options(external_private=False, severity={"link/external-unreachable": "error"})
        findings, status = self.validate()
        self.assertEqual([finding[:2] for finding in findings], [("error", "link/external-unreachable")])
        self.assertEqual(status, 3)
        self.options(external_private=False, strict=True, severity={"link/external-unreachable": "info"})
        self.assertEqual(self.validate()[1], 0)
        self.options(external_private=False, ignore=["link/external-unreachable"])
        self.assertEqual(self.validate(), ([], 0))

    def test_addresses_that_are_not_wanted_are_not_asked(self):
        self.links(self.web.url + "/a/1", self.web.url + "/b/1")
        self.options(external_allow=[f"127.0.0.1:{self.web.server_port}"], external_deny=["127.0.0.1/b/"])
        self.validate()
        self.assertEqual(self.web.asked(), ["HEAD /a/1"])

    def test_options_that_say_nothing_are_refused(self):
        self.links(self.web.url + "/ok")
        for options in ({"external_deny": ["/path"]}, {"external_accept": ["2xx"]}, {"external_timeout": "0s"}):
            self.options(**options)
            self.assertEqual(self.run_binary("validate").returncode, 2, options)
        self.assertEqual(self.web.asked(), [])

    def test_an_interruption_is_not_waited_for(self):
        self.links(self.web.url + "/ok", self.web.url + "/hangs")
        self.options(external_timeout="5m")
        with subprocess.Popen([DEPLOYFLOW, "validate"], cwd=self.folder, env=self.environment, stderr=subprocess.PIPE) as process:
            limit = time.monotonic() + 30
            while "HEAD /hangs" not in self.web.asked() and time.monotonic() < limit:
                time.sleep(0.01)
            time.sleep(0.3)  # the answer of the other is in
            begin = time.monotonic()
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
        self.assertEqual(process.returncode, 130)
        self.assertLess(time.monotonic() - begin, 5)
        self.web.forget()
        self.options(external_timeout="1s")
        self.validate()
        self.assertNotIn("HEAD /ok", self.web.asked())  # what was told before is kept

    def test_a_certificate_that_nobody_knows_is_a_mistake(self):
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2", "-subj", "/CN=localhost"],
            cwd=self.folder,
            capture_output=True,
            check=False,
        )
        if made.returncode != 0:
            self.skipTest("openssl makes no certificate")
        web = Web()
        self.addCleanup(web.stop)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.path("cert.pem"), self.path("key.pem"))
        web.socket = context.wrap_socket(web.socket, server_side=True)
        self.links(f"https://localhost:{web.server_port}/", self.web.url + "/ok")
        self.options()
        findings, _ = self.validate()
        self.assertEqual([(severity, code) for severity, code, _ in findings], [("warning", "link/external")])
        self.assertIn("no secure connection", findings[0][2])


if __name__ == "__main__":
    unittest.main()
