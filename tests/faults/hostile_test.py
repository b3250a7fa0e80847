"""Answers that no honest server gives. Whatever comes: an end in bounded time and memory, no crash, no terminal taken over,
nothing published that should not be."""

import os
import re
import threading
import time
import unittest

from endpoints import PAGE, FaultCase, main

from quirk.hostile import BODIES, ODDITIES

ONCE_MORE = {"AWS_MAX_ATTEMPTS": "2"}
LARGEST_MIB = 150  # of the process's memory: an answer is at most 8 MiB, its tree several times that
# Oddities that HTTP allows, or that cannot be told from an honest answer: nothing may come of them.
HARMLESS = ("few_informational", "good_chunks", "http_1_0", "smuggled")
# Listings that are no danger: keys that are not the site's, elements that nobody asks for.
IGNORED = ("entities", "deep", "huge_key", "bad_utf8")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Hostile(FaultCase):
    def ends_well(self, what, codes=(1,)):
        """A run that meets `what` at each request of that kind fails in words."""
        finished = self.deployment.run("push", **ONCE_MORE)
        self.assertIn(finished.code, codes, f"{what}: {finished.err}")
        self.assertIn("error:", finished.err)
        self.assertIsNone(CONTROL.search(finished.err.replace("\r\n", "\n")), repr(finished.err))
        self.assertLess(len(finished.err), 10_000)
        return finished


class Bodies(Hostile):
    def test_in_a_listing(self):
        for kind in BODIES:
            with self.subTest(kind):
                self.s3.faults.clear()
                self.s3.log.clear()
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.faults.add("body", kind=kind, operation="ListObjectsV2", times=0)
                if kind in IGNORED:
                    self.push()
                else:
                    self.ends_well(kind)
                    self.assert_unchanged()
                    self.assertLessEqual(len(self.s3.log.of_site()), 5)
                    self.assertLessEqual(self.s3.log.count(), 5 + 5)  # the lock read, taken, tried, let go; and what is live

    def test_in_a_lock_in_what_is_live_and_in_a_release(self):
        for key in (".deployflow/lock.json", ".deployflow/current.json", ".deployflow/releases/*"):
            for kind in BODIES:
                with self.subTest(key=key, kind=kind):
                    self.s3.faults.clear()
                    self.s3.store.clear()
                    self.s3.store.create("box")
                    self.push()
                    before = self.s3.store.contents("box", reserved=True)
                    self.deployment.put("index.html", PAGE + kind)
                    self.s3.faults.add("body", kind=kind, operation="GetObject", key=key, times=0)
                    finished = self.deployment.run("push", **ONCE_MORE)
                    # A lock that cannot be read is somebody's. A state that cannot is warned of, and what is there counts.
                    self.assertIn(finished.code, (1, 5) if "lock" in key else (0, 1, 5), finished.err)
                    self.assertIsNone(CONTROL.search(finished.err.replace("\r\n", "\n")), repr(finished.err))
                    self.assertLess(len(finished.err), 10_000)
                    held = self.s3.store.contents("box", reserved=True)
                    self.assertNotIn(".deployflow/lock.json", held)
                    if finished.code == 0:
                        self.assert_holds_site()
                    elif "lock" in key:
                        self.assertEqual(held, before)

    def test_a_lock_of_no_bytes_counts_as_one_until_it_is_old(self):
        self.s3.store.seed("box", ".deployflow/lock.json", b"")
        finished = self.push(code=5)
        self.assertIn("locked", finished.err)
        self.assert_unchanged({".deployflow/lock.json": b""})
        self.s3.store.seed("box", ".deployflow/lock.json", b"", modified=time.time() - 1000)
        self.push()
        self.assertNotIn(".deployflow/lock.json", self.s3.store.contents("box", reserved=True))

    def test_as_an_error_s_text(self):
        for kind in BODIES:
            with self.subTest(kind):
                self.s3.faults.clear()
                self.s3.log.clear()
                self.s3.faults.add("body", kind=kind, status=403, times=0, reserved=True)
                self.ends_well(kind, codes=(1, 4))
                self.assert_unchanged()

    def test_in_json_too_it_is_escaped(self):
        self.s3.faults.add("body", kind="terminal", status=403, times=0, reserved=True)
        finished = self.deployment.run("push", "--json")
        self.assertIn(finished.code, (1, 4))
        self.assertIsNone(CONTROL.search(finished.out), repr(finished.out))
        self.assertTrue(finished.lines())

    def test_in_the_answer_to_a_put(self):
        for kind in BODIES:
            with self.subTest(kind):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.faults.clear()
                self.s3.faults.add("body", kind=kind, operation="PutObject", key="app.css", times=0)
                finished = self.deployment.run("push", **ONCE_MORE)
                # Stored it is not, whatever is said: without an ETag it is looked for.
                self.assertEqual(finished.code, 1, finished.err)
                self.assertNotIn("index.html", self.s3.store.contents("box"))

    def test_in_the_answers_of_an_upload_in_parts(self):
        self.deployment.put("big.bin", b"0123456789abcdef" * (1 << 20) + b"x")
        for operation in ("CreateMultipartUpload", "CompleteMultipartUpload", "ListMultipartUploads"):
            for kind in ("entities", "nul", "not_xml", "empty", "other_root"):
                with self.subTest(operation=operation, kind=kind):
                    self.s3.store.clear()
                    self.s3.store.create("box")
                    self.s3.faults.clear()
                    self.s3.faults.add("body", kind=kind, operation=operation)
                    self.push()  # once, and then an honest one

    def test_an_upload_id_that_would_be_a_header_or_a_path(self):
        self.deployment.put("big.bin", b"0123456789abcdef" * (1 << 20) + b"x")
        self.s3.faults.add("replace", operation="CreateMultipartUpload", bytes_before="upload~", bytes_after="x&amp;partNumber=7\n/../\u00e9")
        finished = self.deployment.run("push", **ONCE_MORE)
        self.assertEqual(finished.code, 1, finished.err)
        self.assertEqual({e.part for e in self.s3.log.entries("UploadPart")} - {1, 2, 3}, set())
        self.assertNotIn("index.html", self.s3.store.contents("box"))

    def test_keys_that_would_leave_a_folder(self):
        for key in ("../../etc/passwd", "/etc/passwd", "a/../../b", "c\\d", "\x1b[2J"):
            self.s3.store.seed("box", key, "theirs")
        self.push()
        self.assert_requests(self.PLAIN)


class Oddities(Hostile):
    def test_of_http_in_the_answer_to_a_listing(self):
        for kind in ODDITIES:
            with self.subTest(kind):
                self.s3.faults.clear()
                self.s3.log.clear()
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.faults.add("oddity", kind=kind, operation="ListObjectsV2", times=0)
                if kind in HARMLESS:
                    self.push()
                else:
                    self.ends_well(kind)
                    self.assert_unchanged()

    def test_of_http_in_the_answer_to_a_put_s(self):
        for kind in ODDITIES:
            with self.subTest(kind):
                self.s3.faults.clear()
                self.s3.log.clear()
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.faults.add("oddity", kind=kind, operation="PutObject", key="app.css")
                finished = self.deployment.run("push", **ONCE_MORE)
                self.assertIn(finished.code, (0,) if kind in HARMLESS else (0, 1), finished.err)
                if finished.code == 0:
                    self.assert_holds_site()
                else:
                    self.assertNotIn("index.html", self.s3.store.contents("box"))


@unittest.skipIf(os.environ.get("DEPLOYFLOW_SANITIZED"), "a sanitizer takes several times the program's memory")
class Memory(Hostile):
    def test_none_of_it_takes_more_memory_than_it_may(self):
        for kind in ("huge", "deep", "unclosed", "entities", "huge_key"):
            with self.subTest(kind):
                self.s3.faults.clear()
                self.s3.faults.add("body", kind=kind, operation="ListObjectsV2", times=0)
                run = self.deployment.start("push", **ONCE_MORE)
                peaks = []
                watch = threading.Thread(target=watch_memory, args=(run.process.pid, peaks))
                watch.start()
                run.wait()
                watch.join()
                self.assertGreater(len(peaks), 0)
                self.assertLess(max(peaks), LARGEST_MIB)


def watch_memory(pid, peaks):
    """Appends the process's peak in MiB until it has ended. What getrusage tells of a child begins with the memory of
    the process that forked it, and here that one holds the servers."""
    while True:
        try:
            with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
                peak = next((line for line in status if line.startswith("VmHWM:")), None)
        except FileNotFoundError:
            return
        if peak is None:  # a zombie
            return
        peaks.append(int(peak.split()[1]) >> 10)
        time.sleep(0.005)


if __name__ == "__main__":
    main()
