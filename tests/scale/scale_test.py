#!/usr/bin/env python3
"""The binary with many files, a huge file and few file descriptors, against a server that discards the bytes.

    scale_test.py [--deployflow FILE] [--server FILE] [--full] [CASE...]

Cases: small_files, few_descriptors, huge_file; without one, all. --full: 100,000 files and 100 GB, some minutes of two
cores; else sizes for CI. Prints what was measured. Exit status: 0 all held, 1 something did not.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time

MIB = 1 << 20
GB = 10**9
MOST_OF_A_FILE = 450  # bytes: its name, its stamp, and its digests as they are, as they should be and as the live release says
MOST_MEMORY = 64 * MIB
TIMES = 4  # the files of a small site, in a large one
BUILD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "build", "dev")


class Server:
    """discard_server, for the time of a with block."""

    def __init__(self, program, delay_ms=0):
        self.command = [program, str(delay_ms)]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        return self

    def __exit__(self, *_):
        self.counts()

    def counts(self):
        """Ends it; request kind -> number."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
            self.told = {k: int(n) for k, n in (line.split() for line in self.process.stdout)}
            self.process.wait()
        return self.told


class Run:
    """One deployment that must succeed: seconds, CPU seconds and peak memory of its process."""

    def __init__(self, program, folder, server, descriptors=None):
        pipeline = os.path.join(folder, "deployflow.yaml")
        with open(pipeline, "w", encoding="utf-8") as file:
            file.write(
                "version: 1\nsite: ./site\ntargets:\n"
                f"  here: {{endpoint: 'http://127.0.0.1:{server.port}', bucket: scale}}\n"
                "stages:\n  - uses: upload\n    with: {to: here}\n"
            )

        def limit():
            if descriptors:
                resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))

        begin = time.monotonic()
        with open(os.path.join(folder, "out"), "w+b") as out:
            process = subprocess.Popen(
                [program, "run", "--json", pipeline],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=out,
                preexec_fn=limit,
                env={"PATH": os.environ["PATH"], "HOME": folder, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"},
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.wall = time.monotonic() - begin
            if process.returncode != 0:
                out.seek(0)
                sys.exit(f"FAILED: exit status {process.returncode}\n{out.read()[-3000:].decode(errors='replace')}")
        self.cpu = usage.ru_utime + usage.ru_stime
        self.peak = usage.ru_maxrss * 1024

    def __str__(self):
        return f"{self.wall:6.1f} s wall, {self.cpu:6.1f} s CPU, {self.peak / MIB:6.1f} MiB peak"


def claim(holds, text):
    if not holds:
        sys.exit(f"FAILED: {text}")


def make_site(folder, count, size=0):
    """`count` small files, 100 in a folder; every tenth is a page. Sparse ones of `size` bytes if that is more."""
    site = os.path.join(folder, "site")
    for number in range(count):
        name = os.path.join(site, f"d{number // 100:05}", f"file-{number:07}.{'html' if number % 10 == 0 else 'txt'}")
        if number % 100 == 0:
            os.makedirs(os.path.dirname(name))
        with open(name, "w", encoding="ascii") as file:
            file.write(f"{number}\n")
            file.truncate(max(size, file.tell()))


def deploy_files(options, count, descriptors=None, size=0, delay_ms=0):
    """The first run and one that changes nothing."""
    with tempfile.TemporaryDirectory(prefix="deployflow-scale-") as folder, Server(options.server, delay_ms) as server:
        make_site(folder, count, size)
        first = Run(options.deployflow, folder, server, descriptors)
        again = Run(options.deployflow, folder, server, descriptors)
        counts = server.counts()
    print(f"{count:7} files         {first}")
    print(f"{count:7} files, again  {again}", flush=True)
    claim(counts.get("PUT:object") == count, f"each of {count} files is put once: {counts}")
    return first, again


def small_files(options):
    """CPU grows no faster than the number of files, and memory stays in its bounds."""
    count = 100_000 if options.full else 40_000
    small, small_again = deploy_files(options, count // TIMES)  # enough for a listing in several parts, which takes memory of its own
    large, large_again = deploy_files(options, count)
    for name, one, many in (("a first run", small, large), ("a run without changes", small_again, large_again)):
        # A square would be 16; a start-up time that both have makes it less than 4.
        ratio = many.cpu / one.cpu
        claim(many.cpu < 1.6 * TIMES * one.cpu + 0.5, f"{name} over {TIMES} times the files took {ratio:.1f} times the CPU")
        a_file = (many.peak - one.peak) / (count - count // TIMES)
        print(f"{name:22} {a_file:5.0f} bytes of memory a file", flush=True)
        claim(a_file < MOST_OF_A_FILE, f"{name} took {a_file:.0f} bytes of memory a file")
        claim(many.peak < MOST_MEMORY, f"{name} over {count} files took {many.peak / MIB:.0f} MiB")


def few_descriptors(options):
    """256 are allowed, and no more are taken by files that wait for a slow store."""
    deploy_files(options, 5_000, descriptors=256)
    deploy_files(options, 600, descriptors=256, size=MIB, delay_ms=100)


def huge_file(options):
    """A sparse file; memory does not grow with it."""
    peaks = []
    for size in (GB, 100 * GB if options.full else 6 * GB):  # more than one PUT may have, and 32 bits can count
        with tempfile.TemporaryDirectory(prefix="deployflow-scale-") as folder, Server(options.server) as server:
            os.mkdir(os.path.join(folder, "site"))
            with open(os.path.join(folder, "site", "disk.img"), "wb") as file:
                file.truncate(size)
            run = Run(options.deployflow, folder, server)
            counts = server.counts()
        print(f"{size // GB:4} GB in {counts.get('PUT:partNumber', 0):4} parts  {run}", flush=True)
        claim(counts.get("PUT:partNumber", 0) >= 2, f"it goes in parts: {counts}")
        claim(run.peak < 64 * MIB, f"{size // GB} GB took {run.peak / MIB:.0f} MiB")
        peaks.append(run.peak)
    claim(peaks[1] < peaks[0] + 8 * MIB, f"memory grew from {peaks[0] / MIB:.0f} to {peaks[1] / MIB:.0f} MiB")


CASES = {case.__name__: case for case in (small_files, few_descriptors, huge_file)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deployflow", default=os.path.join(BUILD, "bin", "deployflow"))
    parser.add_argument("--server", default=os.path.join(BUILD, "tests", "discard_server"))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    options = parser.parse_args()
    for name in options.cases or CASES:
        if name not in CASES:
            parser.error(f"no case {name}")
        CASES[name](options)


if __name__ == "__main__":
    main()
