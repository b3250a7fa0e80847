"""A fault at every operation that a deployment of ten files to two targets makes, one run for each.

The operations are recorded in a run without faults. Then for each of them, and for each way in which it can go wrong, on
empty stores and on stores that hold an older version: a run with the fault at that operation; the promises checked on
what the stores hold, after each of their changes and at the end; what the run said about them checked; and the same
command again without a fault, which must end in the one right state and send only what is missing.

DEPLOYFLOW_EVERY_OPERATION=N runs only that many cases, taken evenly.
"""

import json
import multiprocessing
import os
import random
import shutil
import signal
import tempfile
import threading
import time
import unittest

from endpoints import Deployment, Server, main

AT_ONCE = 6  # cases; a part of their time goes by in pauses before a retry
CASES_OF_A_PROCESS = 30  # then there is a new one: the heap of one that held many large bodies does not shrink
PERSISTING = {"AWS_MAX_ATTEMPTS": "2"}
LONGEST_STOP = 5  # seconds from SIGTERM to the end of the process, on a busy machine
PAGES = ["about.html", "blog/index.html", "blog/post.html", "index.html"]
NEW_PAGE = "blog/post.html"  # the older version has no such page, and one that the new one has not
HOME = "index.html"
FEED = "feed.xml"
NAMES = ("primary", "mirror")


def content(seed, size):
    return random.Random(seed).randbytes(size)


def page(version, assets):
    links = "".join(f'<link rel="stylesheet" href="/{asset}">' for asset in assets)
    return f"<!doctype html><title>version {version}</title>{links}<p>{'text ' * version}".encode()


def make_site(version):
    """Ten files. Assets carry their version in their names, as generators do; three keep theirs and change."""
    assets = {
        f"assets/style.{version}.css": f"p{{order:{version}}}".encode(),
        f"assets/app.{version}.js": f"let v={version}".encode() * version,
        "data.json": f'{{"version": {version}}}'.encode(),
        "logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>" + b"\n" * version,
        "big.bin": content(version, (16 << 20) + version),
    }
    pages = {key: page(version, list(assets)[:2]) + key.encode() for key in PAGES}
    return {**assets, **pages, FEED: f"<rss>{version}</rss>".encode()}


OLD, NEW = make_site(1), make_site(2)
OLD["blog/gone.html"] = OLD.pop(NEW_PAGE)


# ---- the promises, on what one store holds: key -> "old", "new" or "other" ----

def version_of(key, body):
    return "new" if NEW.get(key) == body else "old" if OLD.get(key) == body else "other"


def broken_promises(old, held):
    """What is broken, as sentences. `old`: the keys that were there before."""
    for key in old:
        if key not in held:
            yield f"{key} is deleted"
    for key, version in held.items():
        if version == "other" or (version == "old" and key not in old):
            yield f"{key} is neither old nor new"
    is_new = {key: held.get(key) == "new" for key in NEW}
    live = [key for key in PAGES if is_new[key]]
    missing = [key for key in NEW if key not in PAGES and key != FEED and not is_new[key]]
    if live and missing:
        yield f"{live} are live before {missing}"
    if old and not is_new[NEW_PAGE] and live:
        yield f"{live} may link to {NEW_PAGE}, which is not there"
    if is_new[HOME] and len(live) < len(PAGES):
        yield f"{HOME} is live before the other pages"
    if old and is_new[FEED] and not is_new[HOME]:
        yield "the feed announces what is not there"


def false_state(old, held, said):
    """What a run says about a store is no better than what it holds."""
    begun = {key for key, version in held.items() if version == "new"}
    changed = sorted(key for key in begun if key in old or key in PAGES)
    if said == "unchanged" and begun:
        yield f"said to be unchanged, but {sorted(begun)} are new"
    if said == "prepared" and changed:
        yield f"said to be only prepared, but visitors see {changed}"
    if said == "current" and begun != NEW.keys():
        yield f"said to be current, but {sorted(NEW.keys() - begun)} are not"


class Operation:
    """One of a deployment, told apart from all others by what it is, not by when it came."""

    def __init__(self, server, entry, nth):
        self.server, self.nth = server, nth
        self.operation, self.key, self.part = entry.operation, entry.key, entry.part

    def __str__(self):
        part = f" part {self.part}" if self.part else ""
        return f"{NAMES[self.server]}: {self.operation} {self.key}{part} ({self.nth})"

    def is_optional(self):
        """A deployment does without: leftovers are looked for another time, and what a replica may have is sent again."""
        return self.operation == "ListMultipartUploads" or (self.server == 1 and self.operation == "HeadObject")

    def fault(self, case, do, **more):
        faults = case.servers[self.server].faults
        return faults.add(do, operation=self.operation, key=self.key, part=self.part, nth=self.nth, **more)


# ---- the ways in which an operation goes wrong: each sets its fault up, and says how the run must end ----------------

def error_once(operation, case):
    operation.fault(case, "status", status=500)
    return (0,)


def error_for_ever(operation, case):
    operation.fault(case, "status", status=500, times=0)
    return (0,) if operation.is_optional() else (1,)


def reset_before(operation, case):
    operation.fault(case, "reset", side="request", bytes=0.5)
    return (0,)


def reset_after(operation, case):
    operation.fault(case, "reset", side="response")
    return (0,)


def terminated(after):
    """While the operation is under way, or when it is done and the answer is not sent."""
    def way(operation, case):
        operation.fault(case, "hook", after=after, hook=lambda _: case.signal(signal.SIGTERM))
        return (130, 0)

    return way


def killed(after):
    """Before the operation, which then never comes to be; or when it is done and the answer is not sent."""
    def kill(exchange, case):
        case.signal(signal.SIGKILL)
        exchange.connection.wait_until_gone()

    def way(operation, case):
        operation.fault(case, "hook", after=after, hook=lambda exchange: kill(exchange, case))
        return (-9,)

    return way


WAYS = {
    "error": error_once, "errors": error_for_ever, "reset": reset_before, "lost answer": reset_after,
    "SIGTERM": terminated(after=False), "SIGTERM after": terminated(after=True),
    "SIGKILL": killed(after=False), "SIGKILL after": killed(after=True),
}


class Case:
    """Two servers and the runs over them."""

    def __init__(self, is_update, site):
        self.old = OLD if is_update else {}
        self.problems = []
        self.process, self.started, self.signalled = None, threading.Event(), None
        self.servers = [Server(buckets=["box"]).start() for _ in NAMES]
        for name, server in zip(NAMES, self.servers):
            for key, body in self.old.items():
                server.store.seed("box", key, body, modified=time.time() - 1000)
            self.watch(name, server.store.bucket("box"))
        self.deployment = Deployment(self.servers, site=site)
        self.own_files = set(os.listdir(self.deployment.folder))

    def watch(self, name, bucket):
        held = {key: "old" for key in self.old}

        def look(key, thing):
            held.pop(key, None)
            if thing is not None:
                held[key] = version_of(key, thing.body)
            self.problems += [f"{name}, as {key} came: {text}" for text in broken_promises(self.old, held)]

        bucket.watch = look

    def close(self):
        for server in self.servers:
            server.stop()
        self.deployment.remove()

    def run(self, **environment):
        self.started.clear()
        self.process = self.deployment.start("push", "--json", **environment)
        self.started.set()
        return self.process.wait()

    def signal(self, number):
        self.started.wait()
        self.signalled = time.monotonic()
        self.process.signal(number)

    def settle(self):
        """What is still under way for a client that is gone comes to its end."""
        for server in self.servers:
            server.stop()
            server.start()

    def held(self):
        """Of each server: key -> version."""
        contents = [server.store.contents("box") for server in self.servers]
        return [{key: version_of(key, body) for key, body in held.items()} for held in contents]

    def sent_parts(self):
        """Of each server: (key, number) of the parts of unfinished uploads."""
        uploads = [list(server.store.bucket("box").uploads.values()) for server in self.servers]
        return [{(upload.key, number) for upload in held for number in upload.parts} for held in uploads]

    def headers(self):
        """Of each server: key -> what visitors get with it."""
        objects = [server.store.bucket("box").objects for server in self.servers]
        return [{key: thing.headers for key, thing in held.items()} for held in objects]

    def unfinished(self, final):
        """What keeps the stores from being in the one right state. `final`: the headers()."""
        for name, server, held, headers, wanted in zip(NAMES, self.servers, self.held(), self.headers(), final):
            for key in sorted(wanted.keys() | held.keys()):
                if held.get(key) != ("new" if key in NEW else "old" if key in self.old else None):
                    yield f"{name}: {key} is not in its final state"
                elif headers[key] != wanted[key]:
                    yield f"{name}: {key} has the headers {headers[key]}, not {wanted[key]}"
            for key in server.store.unfinished("box"):
                yield f"{name}: an unfinished upload of {key} is left"


def messages(out):
    """Of a run with --json; one that was killed may have been writing."""
    return [json.loads(line) for line in out.splitlines(keepends=True) if line.endswith("\n")]


def check_first(case, run, codes, final):
    """The run with the fault."""
    took = time.monotonic() - case.signalled if case.signalled else 0
    met = any(fault["hits"] for server in case.servers for fault in server.faults.to_json())
    case.settle()
    if not met:
        yield "the fault was never met"
    if run.code not in codes:
        yield f"exit {run.code}, not {codes}"
    if took > LONGEST_STOP:
        yield f"it took {took:.1f} s to stop"
    if run.code == 0:
        yield from (f"exit 0, but {text}" for text in case.unfinished(final))
    said, held = messages(run.out), dict(zip(NAMES, case.held()))
    for name in NAMES:
        yield from (f"{name}: {text}" for text in broken_promises(case.old, held[name]))
    for line in said:
        if line["type"] == "action" and held[line["target"]].get(line["key"]) != "new":
            yield f"{line['target']}: {line['key']} is said to be stored, and is not"
    if run.code >= 0 and (not said or "targets" not in said[-1]):
        yield "the last line is not the result of a run"
    elif run.code >= 0:
        for target in said[-1]["targets"]:
            name = target["name"]
            yield from (f"{name}: {text}" for text in false_state(case.old, held[name], target["live_site"]))
    for server in case.servers:
        if server.secret in run.out + run.err:
            yield "a secret key is shown"


def check_again(case, final):
    """The same command once more, without a fault."""
    before, parts = case.held(), case.sent_parts()
    for server in case.servers:
        server.log.clear()
    run = case.run()
    if run.code != 0:
        yield f"again: exit {run.code}: {run.out}{run.err}"
    yield from (f"again: {text}" for text in case.unfinished(final))
    for name, server, had, sent in zip(NAMES, case.servers, before, parts):
        for entry in server.log.entries():
            if entry.operation in ("PutObject", "CreateMultipartUpload") and had.get(entry.key) == "new":
                yield f"again: {name}: {entry.key} was there and is sent once more"
            if entry.operation == "UploadPart" and (entry.key, entry.part) in sent:
                yield f"again: {name}: part {entry.part} of {entry.key} was there and is sent once more"
    if left := set(os.listdir(case.deployment.folder)) - case.own_files:
        yield f"again: {sorted(left)} are left in the folder for temporary files"


def check(is_update, operation, way, site, final):
    """Its name and what went wrong, as text; "" for nothing."""
    case = Case(is_update, site)
    try:
        codes = WAYS[way](operation, case)
        first = case.run(**PERSISTING if way == "errors" else {})
        case.problems += check_first(case, first, codes, final)
        case.problems += check_again(case, final)
        if case.problems:
            case.problems.append(first.out + first.err)
    except AssertionError as hang:
        case.problems.append(str(hang))
    finally:
        case.close()
    if not case.problems:
        return ""
    return f"{way} at {operation}{' of an update' if is_update else ''}:\n    " + "\n    ".join(case.problems)


def check_one(case):
    return check(*case)


def record(is_update, site):
    """The operations of a run without faults, and the headers() after it."""
    case = Case(is_update, site)
    try:
        finished = case.run()
        assert finished.code == 0, finished.err
        assert not case.problems, case.problems
        operations, seen = [], {}
        for number, server in enumerate(case.servers):
            for entry in server.log.entries():
                kind = (number, *entry.identity())
                seen[kind] = seen.get(kind, 0) + 1
                operations.append(Operation(number, entry, seen[kind]))
        return operations, case.headers()
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
        cases = []
        for is_update in (False, True):
            operations, final = record(is_update, self.site)
            cases += [(is_update, operation, way, self.site, final) for operation in operations for way in WAYS]
        random.Random(20261121).shuffle(cases)
        wish = os.environ.get("DEPLOYFLOW_EVERY_OPERATION")
        return cases[: int(wish)] if wish else cases

    def test_a_fault_at_each_operation_breaks_no_promise_and_the_next_run_finishes(self):
        cases = self.cases()
        self.assertGreater(len(cases), 0)
        with multiprocessing.get_context("spawn").Pool(AT_ONCE, maxtasksperchild=CASES_OF_A_PROCESS) as pool:
            bad = [text for text in pool.imap_unordered(check_one, cases) if text]
        print(f"{len(cases)} cases, {len(bad)} bad")
        if bad:
            self.fail("\n" + "\n".join(sorted(bad)))


if __name__ == "__main__":
    main()
