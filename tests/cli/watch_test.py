"""`deployflow validate --watch`: checks again when something changes, tells what is new, ends with 130 on Ctrl-C.

DEPLOYFLOW is the binary.
"""

import ctypes
import os
import json
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

DEPLOYFLOW = os.environ["DEPLOYFLOW"]
GOOD = '<!DOCTYPE html>\n<html lang="en"><head><title>A page</title></head><body><p>Hello</p></body></html>\n'
UNCLOSED = GOOD.replace("<p>", "<p><b>")
STRAY = GOOD.replace("</p>", "</p></i>")
PATIENCE = 60  # seconds until a line must have come


class Watch(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="deployflow-watch-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.write("site/index.html", GOOD)
        self.process, self.lines, self.said = None, queue.Queue(), []

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def replace(self, name, text):
        """As editors save."""
        self.write(name + "~", text)
        os.rename(self.path(name + "~"), self.path(name))

    def start(self, *words, preexec=None):
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.path("home"), "LC_ALL": "C.UTF-8"}
        environment |= {n: os.environ[n] for n in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS") if n in os.environ}
        self.process = subprocess.Popen(
            [DEPLOYFLOW, "validate", "--watch", *words], cwd=self.folder, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=preexec)
        self.addCleanup(self.end)

        def read():
            for line in self.process.stderr:
                self.lines.put(line.rstrip("\n"))
            self.lines.put(None)

        self.reader = threading.Thread(target=read, daemon=True)
        self.reader.start()

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()

    def until(self, *wanted):
        """The lines up to the first that holds one of these."""
        got = []
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                break
            if line is None:
                break
            got.append(line)
            if any(text in line for text in wanted):
                return "\n".join(got)
        raise AssertionError(f"none of {wanted} in {got}")

    def round(self):
        return self.until("    Watching ")

    def interrupt(self):
        self.process.send_signal(signal.SIGINT)
        self.assertEqual(self.process.wait(PATIENCE), 130)

    def test_a_change_is_checked_and_only_news_are_told(self):
        self.write("site/old.html", UNCLOSED)
        self.start("site")
        self.assertIn("site/old.html", self.round())
        self.write("site/index.html", STRAY)
        text = self.round()
        self.assertIn("     Changed site/index.html\n", text)
        self.assertIn("error: site/index.html:2:", text)
        self.assertNotIn("site/old.html", text)
        self.assertIn("Note 1 finding from before", text)
        self.assertIn("Not valid 2 errors", text)
        self.replace("site/old.html", GOOD)
        text = self.round()
        self.assertIn("Note 1 finding gone", text)
        self.assertNotIn("error:", text)
        self.write("site/index.html", "\n\n" + STRAY)  # the same, elsewhere
        self.assertNotIn("error:", self.round())
        self.write("site/index.html", GOOD)
        self.assertIn("Valid no errors", self.round())
        self.interrupt()
        self.assertEqual(self.process.stdout.read(), "")

    def test_new_folders_and_a_site_that_is_built_anew(self):
        self.start("site")
        self.round()
        self.write("site/a/b/c/new.html", UNCLOSED)
        self.assertIn("new.html", self.round())
        self.write("site/a/b/c/new.html", STRAY)
        self.assertIn("stray", self.round())
        shutil.rmtree(self.path("site"))
        time.sleep(1)
        self.write("site/index.html", UNCLOSED)
        self.until("unclosed")
        self.write("site/index.html", GOOD)
        self.until("Valid no errors")
        self.until("    Watching ")
        self.interrupt()

    def test_the_pipeline_file_counts_and_may_be_wrong_for_a_while(self):
        def rules(options):
            return "version: 1\nsite: site\nstages:\n  - uses: validate\n    with: " + options + "\n"
        self.write("deployflow.yaml", rules("{ignore: [html/unclosed]}"))
        self.write("site/index.html", UNCLOSED)
        self.start()
        self.assertIn("Valid no errors", self.round())
        self.replace("deployflow.yaml", rules("{ignore: [html/unclosd]}"))
        self.assertIn("deployflow.yaml:5:", self.round())
        self.replace("deployflow.yaml", "version: 1\nsite: [\n")  # no round can begin
        self.assertIn("deployflow.yaml:", self.round())
        self.replace("deployflow.yaml", rules("{}"))
        self.assertIn("unclosed", self.round())
        self.interrupt()

    def test_what_is_written_by_itself_is_no_change(self):
        self.start("site", "--format=json=site/report.json", "--format=html=./site/../site/report.html")
        self.round()
        time.sleep(1)
        self.assertTrue(self.lines.empty())
        self.write("site/index.html", UNCLOSED)
        self.assertIn("Changed site/index.html", self.round())
        time.sleep(1)
        self.assertTrue(self.lines.empty())
        with open(self.path("site/report.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file)["errors"], 1)
        self.interrupt()

    def test_a_burst_is_one_round(self):
        self.start("site")
        self.round()
        for number in range(100):
            self.write(f"site/{number}.html", GOOD)
            time.sleep(0.005)
        text = self.round()
        time.sleep(1)
        self.assertIn("Checking 101 files", text)
        self.assertIn("and 99 more", text)
        self.assertTrue(self.lines.empty())
        self.interrupt()

    def test_without_a_watch_left_it_looks_again_and_again(self):
        libc = ctypes.CDLL(None)

        def take_all():  # this process has then no instance left: they are counted for each user
            os.setgroups([])
            os.setgid(12345)
            os.setuid(12345)
            while True:
                fd = libc.inotify_init1(0)
                if fd < 0:
                    return
                os.set_inheritable(fd, True)

        if os.geteuid() != 0:
            self.skipTest("needs another user, whose watches it can use up")
        os.chmod(self.folder, 0o755)
        # The instances stay open in the child, which subprocess would close otherwise.
        environment = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(
            [DEPLOYFLOW, "validate", "--watch", "site"], cwd=self.folder, env=environment, text=True, close_fds=False,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, preexec_fn=take_all)
        self.reader = threading.Thread(
            target=lambda: [self.lines.put(line.rstrip("\n")) for line in self.process.stderr], daemon=True)
        self.reader.start()
        self.addCleanup(self.end)
        self.assertIn("once a second", self.round())
        self.write("site/deep/er/index.html", UNCLOSED)
        self.assertIn("site/deep/er/index.html", self.round())
        watching = f"/proc/{self.process.pid}/fdinfo"
        for fd in os.listdir(watching):
            with open(os.path.join(watching, fd), encoding="utf-8") as info:
                self.assertNotIn("inotify wd", info.read())
        self.interrupt()

    def test_what_cannot_be_watched_ends_at_once(self):
        for words in (["nowhere"], ["-", "--name", "x.html"], ["site", "--json"], ["site", "--format", "sarif"]):
            done = subprocess.run([DEPLOYFLOW, "validate", "--watch", *words], cwd=self.folder, capture_output=True,
                                  stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
            self.assertEqual(done.returncode, 2, words)


if __name__ == "__main__":
    unittest.main()
