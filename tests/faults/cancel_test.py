"""Ctrl-C, whatever a run is waiting for: the end within a second, and the second Ctrl-C at once."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from endpoints import FaultCase, main

LIMIT = 5  # seconds: one, and a machine that is busy
HUGE = 1 << 40  # bytes of a sparse file: hours of hashing
F_SETPIPE_SZ = 1031

GETADDRINFO_HANGS = """
#include <netdb.h>
#include <stdio.h>
#include <unistd.h>
int getaddrinfo(const char* node, const char* service, const struct addrinfo* hints, struct addrinfo** out) {
  (void)node, (void)service, (void)hints, (void)out;
  FILE* asked = fopen(ASKED, "w");
  if (asked) fclose(asked);
  for (;;) pause();
}
"""


class Silent:
    """A port on which connections are taken and nothing is ever said."""

    def __init__(self, case):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._taken = []
        case.addCleanup(self._close)

    def wait_for_visitor(self):
        self._listener.settimeout(30)
        self._taken.append(self._listener.accept()[0])

    def _close(self):
        for sock in (self._listener, *self._taken):
            sock.close()


class CancelCase(FaultCase):
    def ends(self, run, number=signal.SIGINT):
        """The run ends within the limit, and says what it was."""
        began = time.monotonic()
        run.signal(number)
        finished = run.wait()
        self.assertEqual(finished.code, 130, finished.out + finished.err)
        self.assertIn("nterrupted", finished.out + finished.err)
        self.assertLess(time.monotonic() - began, LIMIT)
        self.assertNotIn("index.html", self.s3.store.contents("box"))
        return finished

    def wait_for(self, condition, what):
        deadline = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"never came: {what}")
            time.sleep(0.01)

    def pipeline_to(self, endpoint, more=""):
        self.deployment.write_file("deployflow.yaml", f"""version: 1
site: ./site
targets:
  primary: {{endpoint: "{endpoint}", bucket: box, profile: primary{more}}}
stages: [{{uses: upload, with: {{to: primary}}}}]
""")

    def put_huge(self, size=HUGE):
        self.pipeline_to(self.s3.url)
        self.deployment.put("huge.bin", b"")
        os.truncate(os.path.join(self.deployment.site, "huge.bin"), size)


class Local(CancelCase):
    def test_while_a_huge_file_is_compared_with_the_store_s(self):
        self.put_huge()
        self.s3.store.seed("box", "huge.bin", "x")
        self.s3.faults.add("replace", operation="ListObjectsV2", bytes_before=b"<Size>1</Size>",
                           bytes_after=b"<Size>%d</Size>" % HUGE, times=0)
        run = self.deployment.start("push")
        self.assertTrue(self.s3.log.wait_for(lambda entries: sum(e.ended for e in entries) >= 1))
        # Nothing tells from outside that it hashes, but that it reads.
        self.wait_for(lambda: bytes_read(run.process.pid) > 100 << 20, "reading")
        self.ends(run)
        self.assertEqual(self.s3.log.count("CreateMultipartUpload"), 0)

    def test_while_a_huge_file_is_sent(self):
        self.put_huge(2 << 30)  # in 256 parts: the first of them comes when all is hashed, the last does not come soon
        self.s3.quirks.set(keep_bytes_below=0)
        run = self.deployment.start("push")
        self.assertTrue(self.s3.log.wait_for(lambda entries: any(e.operation == "UploadPart" for e in entries)))
        self.ends(run)

    def test_while_standard_input_does_not_come(self):
        reading, writing = os.pipe()
        self.addCleanup(os.close, writing)
        self.pipeline_to(self.s3.url)
        run = self.deployment.start("push", "-", "--name", "page.html", stdin=reading)
        os.close(reading)
        self.wait_for(lambda: handles_signals(run.process.pid), "the handler")
        self.ends(run)
        self.assertEqual(self.s3.log.count(), 0)


class Store(CancelCase):
    def test_while_a_listing_goes_on_and_on(self):
        self.s3.quirks.set(list_page=1)
        for number in range(2000):
            self.s3.store.seed("box", f"old-{number:04}", "x")
        run = self.deployment.start("push")
        self.assertTrue(self.s3.log.wait_for(lambda entries: len(entries) > 20))
        self.ends(run)
        self.assertLess(self.s3.log.count("ListObjectsV2"), 2000)

    def test_while_a_request_waits_to_be_sent_again(self):
        self.s3.faults.add("status", status=503, code="SlowDown", times=0)
        run = self.deployment.start("push", AWS_MAX_ATTEMPTS="1000")
        self.assertTrue(self.s3.log.wait_for(lambda entries: len(entries) >= 4))
        self.ends(run)

    def test_while_a_connection_is_not_taken(self):
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        fillers = [socket.socket() for _ in range(8)]  # a queue of one: further ones get no answer at all
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        for sock in (listener, *fillers):
            self.addCleanup(sock.close)
        port = listener.getsockname()[1]
        self.pipeline_to(f"http://127.0.0.1:{port}")
        run = self.deployment.start("push")
        self.wait_for(lambda: is_connecting(run.process.pid, port), "the attempt to connect")
        self.ends(run)

    def test_while_a_tls_handshake_is_not_answered(self):
        silent = Silent(self)
        self.pipeline_to(f"https://127.0.0.1:{silent.port}")
        run = self.deployment.start("push")
        silent.wait_for_visitor()
        self.ends(run)

    def test_while_a_name_is_not_resolved(self):
        compiler = shutil.which("cc")
        if not compiler:
            self.skipTest("no C compiler")
        folder = tempfile.mkdtemp(prefix="deployflow-faults-")
        self.addCleanup(shutil.rmtree, folder)
        library, asked = os.path.join(folder, "hangs.so"), os.path.join(folder, "asked")
        subprocess.run([compiler, "-shared", "-fPIC", f'-DASKED="{asked}"', "-xc", "-", "-o", library],
                       input=GETADDRINFO_HANGS.encode(), check=True)
        self.pipeline_to("http://store.invalid")
        run = self.deployment.start("push", LD_PRELOAD=library)
        self.wait_for(lambda: os.path.exists(asked), "the question")
        self.ends(run)


class Credentials(CancelCase):
    """While a provider of keys is waited for."""

    def start(self, profile="", **environment):
        """A run that has no keys but those."""
        config = self.deployment.write_file("config", profile)
        arguments = ["push", self.deployment.site, "--to", "s3://box", "--endpoint-url", self.s3.url]
        return self.deployment.start(
            *arguments, AWS_CONFIG_FILE=config, AWS_SHARED_CREDENTIALS_FILE="/dev/null", **environment)

    def ends_without_a_request(self, run):
        self.ends(run)
        self.assertEqual(self.s3.log.count(), 0)

    def test_a_process(self):
        started = os.path.join(self.deployment.folder, "started")
        script = self.deployment.write_file("keys", f"#!/bin/sh\necho $$ > '{started}.new'; mv '{started}.new' '{started}'\nexec sleep 600\n")
        os.chmod(script, 0o700)
        run = self.start(f"[default]\ncredential_process = {script}\n")
        self.wait_for(lambda: os.path.exists(started), "the process")
        self.ends_without_a_request(run)
        with open(started, encoding="ascii") as file:
            self.assertFalse(os.path.exists(f"/proc/{file.read().strip()}"), "it is still there")

    def test_a_container_s_agent(self):
        silent = Silent(self)
        run = self.start(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"http://127.0.0.1:{silent.port}/keys")
        silent.wait_for_visitor()
        self.ends_without_a_request(run)

    def test_the_machine_s_metadata(self):
        silent = Silent(self)
        run = self.start(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=f"http://127.0.0.1:{silent.port}")
        silent.wait_for_visitor()
        self.ends_without_a_request(run)

    def test_a_role_and_the_pause_before_it_is_asked_for_again(self):
        role = "[default]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = base\n[profile base]\naws_access_key_id = A\naws_secret_access_key = B\n"
        silent = Silent(self)
        run = self.start(role, AWS_ENDPOINT_URL_STS=f"http://127.0.0.1:{silent.port}")
        silent.wait_for_visitor()
        self.ends_without_a_request(run)
        sts = self.serve()
        sts.faults.add("status", status=503, times=0)
        run = self.start(role, AWS_ENDPOINT_URL_STS=sts.url)
        self.assertTrue(sts.log.wait_for(lambda entries: len(entries) >= 1))
        self.ends_without_a_request(run)


class SecondSignal(CancelCase):
    def test_ends_at_once_what_hangs_because_nobody_reads_what_it_says(self):
        reading, writing = os.pipe()
        fcntl.fcntl(writing, F_SETPIPE_SZ, 4096)
        os.write(writing, b"x" * 4096)  # full: the next to write to it waits
        self.addCleanup(os.close, reading)
        run = self.deployment.start("push", "-vvv", stderr=writing)
        os.close(writing)
        self.wait_for(lambda: handles_signals(run.process.pid), "the handler")
        began = time.monotonic()
        run.signal(signal.SIGINT)
        time.sleep(0.2)  # signals that are alike and wait are one
        run.signal(signal.SIGINT)
        self.assertEqual(run.process.wait(30), 130)
        self.assertLess(time.monotonic() - began, LIMIT)

    def test_ends_at_once_also_a_doctor_that_cleans_up(self):
        self.s3.faults.add("stall", operation="DeleteObjects", times=0)
        self.s3.faults.add("stall", operation="DeleteObject", times=0)
        run = self.deployment.start("doctor", "primary")
        self.assertTrue(self.s3.log.wait_for(lambda entries: any(e.operation.startswith("Delete") for e in entries)))
        run.signal(signal.SIGINT)
        time.sleep(0.2)
        began = time.monotonic()
        run.signal(signal.SIGINT)
        self.assertEqual(run.wait().code, 130)
        self.assertLess(time.monotonic() - began, LIMIT)


def bytes_read(pid):
    with open(f"/proc/{pid}/io", encoding="ascii") as file:
        return int(file.readline().split()[1])


def handles_signals(pid):
    """SIGINT is blocked in every thread: one of them waits for it."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        blocked = next(line.split()[1] for line in file if line.startswith("SigBlk:"))
    return bool(int(blocked, 16) & 1 << (signal.SIGINT - 1))


def is_connecting(pid, port):
    """Has anybody sent SYN to that port, and waits? The test's own fillers have the same look: there is one more."""
    with open(f"/proc/{pid}/net/tcp", encoding="ascii") as file:
        waiting = [line for line in file if f"0100007F:{port:04X} 02" in line]
    links = set()
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            links.add(os.readlink(f"/proc/{pid}/fd/{name}"))
        except OSError:
            pass
    return any(f"socket:[{line.split()[9]}]" in links for line in waiting)


if __name__ == "__main__":
    main()
