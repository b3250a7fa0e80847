"""A fault at every operation that a deployment of ten files to two targets makes, one run for each.

The operations are recorded in a run without faults. Then for each of them, and for each way in which it can go wrong:
fresh stores, a run with the fault at that operation, the promises checked on what the stores hold, and the same command
again without a fault, which must end in the one right state. Half of the cases update a site that is there already.

DEPLOYFLOW_EVERY_OPERATION=all runs each operation with each fault on fresh stores and as an update; without it one of
the two. A number runs only that many cases, taken evenly.
"""

import concurrent.futures
import os
import random
import shutil
import signal
import tempfile
import time
import unittest

from endpoints import Deployment, Server, main

AT_ONCE = 4  # cases; much of their time goes by in pauses before a retry
PERSISTING = {"AWS_MAX_ATTEMPTS": "2"}
PAGES = ["about.html", "blog/index.html", "blog/post.html", "index.html"]
HOME = "index.html"


def content(seed, size):
    return random.Random(seed).randbytes(size)


def page(version, assets):
    links = "".join(f'<link rel="stylesheet" href="/{asset}">' for asset in assets)
    return f"<!doctype html><title>version {version}</title>{links}<p>{'text ' * version}".encode()


def make_site(version):
    """Ten files. Assets carry their version in their names, as generators do; two keep theirs and change."""
    assets = {
        f"assets/style.{version}.css": f"p{{order:{version}}}".encode(),
        f"assets/app.{version}.js": f"let v={version}".encode() * version,
        "data.json": f'{{"version": {version}}}'.encode(),
        "logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>" + b"\n" * version,
        "big.bin": content(version, (16 << 20) + version),
    }
    pages = {key: page(version, list(assets)[:2]) + key.encode() for key in PAGES}
    return {**assets, **pages, "feed.xml": f"<rss>{version}</rss>".encode()}


OLD, NEW = make_site(1), make_site(2)


class Operation:
    """One of a deployment, told apart from all others by what it is, not by when it came."""

    def __init__(self, server, entry, nth):
        self.server, self.nth = server, nth
        self.operation, self.key, self.part = entry.operation, entry.key, entry.part

    def __str__(self):
        part = f" part {self.part}" if self.part else ""
        return f"{('primary', 'mirror')[self.server]}: {self.operation} {self.key}{part} ({self.nth})"

    def is_optional(self):
        """A deployment does without: leftovers are looked for another time, and what a replica may have is sent again."""
        return self.operation == "ListMultipartUploads" or (self.server == 1 and self.operation == "HeadObject")

    def fault(self, servers, do, **more):
        return servers[self.server].faults.add(do, operation=self.operation, key=self.key, part=self.part, nth=self.nth, **more)


# ---- the ways in which an operation goes wrong: each sets its fault up, and says how the run must end ----------------

def error_once(operation, servers, run):
    operation.fault(servers, "status", status=500)
    return (0,)


def error_for_ever(operation, servers, run):
    operation.fault(servers, "status", status=500, times=0)
    return (0,) if operation.is_optional() else (1,)


def reset_before(operation, servers, run):
    operation.fault(servers, "reset", side="request", bytes=0.5)
    return (0,)


def reset_after(operation, servers, run):
    operation.fault(servers, "reset", side="response")
    return (0,)


def signal_at(number, after, codes):
    def way(operation, servers, run):
        operation.fault(servers, "hook", after=after, hook=lambda _: run().signal(number))
        return codes

    return way


WAYS = {
    "error": error_once, "errors": error_for_ever, "reset": reset_before, "lost answer": reset_after,
    "SIGTERM": signal_at(signal.SIGTERM, False, (130, 0)), "SIGTERM after": signal_at(signal.SIGTERM, True, (130, 0)),
    "SIGKILL": signal_at(signal.SIGKILL, False, (-9,)), "SIGKILL after": signal_at(signal.SIGKILL, True, (-9,)),
}


class Case:
    """Two servers and a run over them."""

    def __init__(self, is_update, site):
        self.is_update, self.site = is_update, site
        self.servers = [Server(buckets=["box"]).start() for _ in range(2)]
        self.old = OLD if is_update else {}
        for server in self.servers:
            for key, body in self.old.items():
                server.store.seed("box", key, body, modified=time.time() - 1000)
        self.deployment = Deployment(self.servers, site=site)
        self.process = None

    def close(self):
        for server in self.servers:
            server.stop()
        self.deployment.remove()

    def run(self, **environment):
        self.process = self.deployment.start("push", **environment)
        return self.process.wait()

    def settle(self):
        """What is still under way for a client that is gone comes to its end."""
        for server in self.servers:
            server.stop()
            server.faults.clear()
            server.start()

    def held(self):
        return [server.store.contents("box") for server in self.servers]

    # ---- the promises; each yields what is broken ----

    def broken_promises(self, held):
        for key in self.old:
            if key not in held:
                yield f"{key} is deleted"
        for key, body in held.items():
            if body not in (self.old.get(key), NEW.get(key)):
                yield f"{key} is neither old nor new"
        is_new = {key: held.get(key) == body for key, body in NEW.items()}
        live = [key for key in PAGES if is_new[key]]
        missing = [key for key in NEW if key not in PAGES and key != "feed.xml" and not is_new[key]]
        if live and missing:
            yield f"{live} are live before {missing}"
        if is_new[HOME] and len(live) < len(PAGES):
            yield f"{HOME} is live before the other pages"
        if self.is_update and is_new["feed.xml"] and not is_new[HOME]:
            yield "the feed announces what is not there"

    def unfinished(self, held, server):
        """What keeps this from being the one right state."""
        wanted = {**self.old, **NEW}
        for key in wanted.keys() | held.keys():
            if held.get(key) != wanted.get(key):
                yield f"{key} is not in its final state"
        for key in server.store.unfinished("box"):
            yield f"an unfinished upload of {key} is left"


def check(is_update, operation, way, site):
    """What went wrong, as text; "" for nothing."""
    case = Case(is_update, site)
    problems = []
    try:
        codes = WAYS[way](operation, case.servers, lambda: case.process)
        first = case.run(**PERSISTING if way == "errors" else {})
        met = any(fault["hits"] for server in case.servers for fault in server.faults.to_json())
        case.settle()
        if not met:
            problems.append("the fault was never met")
        if first.code not in codes:
            problems.append(f"exit {first.code}, not {codes}")
        for name, server, held in zip(("primary", "mirror"), case.servers, case.held()):
            problems += [f"{name}: {text}" for text in case.broken_promises(held)]
            if first.code == 0:
                problems += [f"exit 0, but {name}: {text}" for text in case.unfinished(held, server)]
        before = case.held()
        for server in case.servers:
            server.log.clear()
        again = case.run()
        if again.code != 0:
            problems.append(f"again: exit {again.code}: {again.err}")
        for name, server, held, had in zip(("primary", "mirror"), case.servers, case.held(), before):
            problems += [f"again: {name}: {text}" for text in case.unfinished(held, server)]
            for entry in server.log.entries("PutObject"):
                if had.get(entry.key) == NEW.get(entry.key):
                    problems.append(f"again: {name}: {entry.key} was there and is sent once more")
        if problems:
            problems.append(first.err)
    except AssertionError as hang:
        problems.append(str(hang))
    finally:
        case.close()
    return "\n    ".join(problems)


def record(is_update, site):
    """The operations of a run without faults."""
    case = Case(is_update, site)
    try:
        finished = case.run()
        assert finished.code == 0, finished.err
        operations, seen = [], {}
        for number, server in enumerate(case.servers):
            for entry in server.log.entries():
                kind = (number, *entry.identity())
                seen[kind] = seen.get(kind, 0) + 1
                operations.append(Operation(number, entry, seen[kind]))
        return operations
    finally:
        case.close()


class EveryOperation(unittest.TestCase):
    def setUp(self):
        self.site = tempfile.mkdtemp(prefix="deployflow-site-")
        self.addCleanup(shutil.rmtree, self.site)
        for key, body in NEW.items():
            path = os.path.join(self.site, key)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(body)

    def cases(self):
        wish = os.environ.get("DEPLOYFLOW_EVERY_OPERATION", "")
        cases = []
        for is_update in (False, True):
            for k, operation in enumerate(record(is_update, self.site)):
                for n, way in enumerate(WAYS):
                    if wish == "all" or (k + n) % 2 == is_update:
                        cases.append((is_update, operation, way))
        random.Random(20261121).shuffle(cases)
        return cases[: int(wish)] if wish.isdigit() else cases

    def test_a_fault_at_each_operation_breaks_no_promise_and_the_next_run_finishes(self):
        cases = self.cases()
        self.assertGreater(len(cases), 0)
        bad = []
        with concurrent.futures.ProcessPoolExecutor(AT_ONCE) as pool:
            jobs = {pool.submit(check, *case, self.site): case for case in cases}
            for job in concurrent.futures.as_completed(jobs):
                is_update, operation, way = jobs[job]
                if job.result():
                    bad.append(f"{way} at {operation}{' of an update' if is_update else ''}:\n    {job.result()}")
        print(f"{len(cases)} cases, {len(bad)} bad")
        self.assertEqual(bad, [], "\n" + "\n".join(sorted(bad)))


if __name__ == "__main__":
    main()
