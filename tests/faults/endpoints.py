"""What the tests here share: quirk servers in this process, a site, the binary, what the servers hold afterwards."""

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))

from quirk import Server

LONGEST_RUN = 120  # seconds, after which a run hangs
PAGE = "<!doctype html><title>t</title><p>"


class Finished:
    """A run of the binary that has ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def result(self):
        return self.lines()[-1]

    def stored(self):
        """(target, key) of everything that the run said it stored. Of a run with --json."""
        return [(line["target"], line["key"]) for line in self.lines() if line["type"] == "action"]


class Run:
    """A run under way. `process` may be signalled; wait() ends it."""

    def __init__(self, arguments, folder, environment, inside=(), **streams):
        """`inside`: the words of a command that runs the one that follows it. `streams`: other ones than usual."""
        usual = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(
            [*inside, os.environ["DEPLOYFLOW"], *arguments], env=environment, cwd=folder, **{**usual, **streams})

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=LONGEST_RUN):
        try:
            out, err = self.process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            out, err = self.process.communicate()
            raise AssertionError(f"the run hangs:\n{err.decode(errors='replace')[-4000:]}") from None
        return Finished(self.process.returncode, out.decode(), err.decode())


class Deployment:
    """A folder with a site and a pipeline over `servers`: the first is uploaded to, the others are replicated to."""

    def __init__(self, servers, target_options="", site=None, upload_options=""):
        """`site`: a folder that is there already; else there is a new one, empty."""
        self.servers = servers
        self.folder = tempfile.mkdtemp(prefix="deployflow-faults-")
        self.site = site or os.path.join(self.folder, "site")
        os.makedirs(self.site, exist_ok=True)
        self.files = {}
        self.credentials = self.write_file("credentials", "".join(
            f"[{name}]\naws_access_key_id = {server.access}\naws_secret_access_key = {server.secret}\n"
            for name, server in self.targets()
        ))
        self.pipeline(target_options, upload_options)

    def targets(self):
        return list(zip(("primary", "mirror", "third"), self.servers))

    def pipeline(self, target_options="", upload_options=""):
        names = [name for name, _ in self.targets()]
        lines = ["version: 1", f"site: {self.site}", "targets:"]
        for name, server in self.targets():
            lines.append(f'  {name}: {{endpoint: "{server.url}", bucket: box, profile: {name}{target_options}}}')
        lines += ["stages:", "  - uses: validate", "    with: {max_file_size: 1GiB}", "  - uses: upload", f"    with: {{to: primary{upload_options}}}"]
        if len(names) > 1:
            lines += ["  - uses: replicate", f"    with: {{from: primary, to: [{', '.join(names[1:])}]}}"]
        self.write_file("deployflow.yaml", "\n".join(lines) + "\n")

    def write_file(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return path

    def put(self, key, content):
        """A file of the site."""
        content = content.encode() if isinstance(content, str) else content
        self.files[key] = content
        self.write_file(os.path.join(self.site, key), content)

    def environment(self, **more):
        return {
            "PATH": os.environ["PATH"], "HOME": self.folder, "TMPDIR": self.folder, "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": self.credentials, "AWS_EC2_METADATA_DISABLED": "true",
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
            **more,
        }

    def start(self, *arguments, inside=(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **environment):
        return Run(arguments, self.folder, self.environment(**environment), inside, stdin=stdin, stderr=stderr)

    def run(self, *arguments, inside=(), **environment):
        return self.start(*arguments, inside=inside, **environment).wait()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class FaultCase(unittest.TestCase):
    """One target on one server; a page and a style sheet. Four requests are about the site: list, list uploads, two puts.
    Those about the lock and the release are counted where it is said."""

    SERVERS = 1
    PLAIN = {"ListObjectsV2": 1, "ListMultipartUploads": 1, "PutObject": 2}

    def setUp(self):
        self.servers = [self.serve() for _ in range(self.SERVERS)]
        self.s3 = self.servers[0]
        self.deployment = Deployment(self.servers)
        self.addCleanup(self.deployment.remove)
        self.deployment.put("index.html", PAGE + "new")
        self.deployment.put("app.css", "p{}")

    def serve(self, **more):
        server = Server(buckets=["box"], **more).start()
        self.addCleanup(server.stop)
        return server

    def push(self, *arguments, code=0, **environment):
        """A run with that exit code; a run that succeeds is believed only if the store agrees."""
        finished = self.deployment.run("push", *arguments, **environment)
        self.assertEqual(finished.code, code, finished.out + finished.err)
        if code == 0:
            self.assert_holds_site()
        return finished

    def assert_holds_site(self, server=None):
        for each in [server] if server else self.servers:
            held = each.store.contents("box")
            for key, content in self.deployment.files.items():
                self.assertEqual(held.get(key) == content, True, f"{key} is not what the site has; there are {sorted(held)}")
            self.assertEqual(each.store.unfinished("box"), [])

    def assert_requests(self, expected, server=None):
        self.assertEqual((server or self.s3).log.operations(), expected, "\n".join(map(repr, (server or self.s3).log.entries())))

    def assert_all_requests(self, expected):
        """Those about the lock and the release among them."""
        self.assertEqual(self.s3.log.operations(reserved=True), expected, "\n".join(map(repr, self.s3.log.entries())))

    def assert_unchanged(self, held=None):
        """Nothing of the site is other than it was, no release is recorded, and no lock is left."""
        self.assertEqual(self.s3.store.contents("box", reserved=True), held or {})
        self.assertEqual(self.s3.store.unfinished("box"), [])


class Worker(threading.Thread):
    """Runs tests from a queue, one after the other."""

    def __init__(self, tests):
        super().__init__()
        self._tests, self.result = tests, unittest.TextTestResult(unittest.runner._WritelnDecorator(sys.stderr), True, 0)

    def run(self):
        while True:
            try:
                test = self._tests.get_nowait()
            except queue.Empty:
                return
            test(self.result)


def main(at_once=4):
    """All tests of the file, or those named; some at once, for most of their time goes by waiting."""
    if "DEPLOYFLOW" not in os.environ:
        sys.exit("DEPLOYFLOW must name the binary")
    loader, tests = unittest.TestLoader(), queue.Queue()
    module = sys.modules["__main__"]
    suite = loader.loadTestsFromNames(sys.argv[1:], module) if len(sys.argv) > 1 else loader.loadTestsFromModule(module)
    flat = list(flatten(suite))
    for test in flat:
        tests.put(test)
    began = time.monotonic()
    workers = [Worker(tests) for _ in range(min(at_once, len(flat)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    bad = 0
    for worker in workers:
        worker.result.printErrors()
        bad += not worker.result.wasSuccessful()
        for test, reason in worker.result.skipped:
            print(f"skipped: {test}: {reason}", file=sys.stderr)
    print(f"\n{len(flat)} tests in {time.monotonic() - began:.1f} s: {'FAILED' if bad or not flat else 'OK'}", file=sys.stderr)
    sys.exit(1 if bad or not flat else 0)


def flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test
