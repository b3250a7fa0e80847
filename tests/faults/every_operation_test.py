"""A fault at every operation of a deployment, one run for each: of nine files to two targets, new and over an older version;
of a file that goes in parts, the same; of a few files over an older release, in both ways to publish, with what is no longer in the site deleted; and of the way
back to that release; the last two also with what deployflow remembers in a bucket of its own.

The operations are recorded in a run without faults, those about the lock and the release among them. Then for each of
them, and for each way in which it can go wrong: a run with the fault at that operation; the promises checked on what the
stores hold, after each of their changes and at the end; what the run said about them checked; and the same command again
without a fault, which must end in the one right state and send only what is missing.

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
from promises import (
    BLOBS, CURRENT, FEED, HOME, RELEASES, Watcher, broken_promises, false_state, is_page, wrong_release,
)

from quirk.bucket import Object
from quirk.log import is_reserved

AT_ONCE = 6  # cases; a part of their time goes by in pauses before a retry
CASES_OF_A_PROCESS = 30  # then there is a new one: the heap of one that held many large bodies does not shrink
PERSISTING = {"AWS_MAX_ATTEMPTS": "2"}
LONGEST_STOP = 5  # seconds from SIGTERM to the end of the process, on a busy machine
BIG = "big.bin"
NAMES = ("primary", "mirror")
LOCK = ".deployflow/lock.json"
SITE, STATE = "box", "memory"  # buckets


def content(seed, size):
    return random.Random(seed).randbytes(size)


def page(version, assets):
    links = "".join(f'<link rel="stylesheet" href="/{asset}">' for asset in assets)
    return f"<!doctype html><title>version {version}</title>{links}<p>{'text ' * version}".encode()


def more_assets(version):
    return {
        f"assets/app.{version}.js": f"let v={version}".encode() * version,
        "logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>" + b"\n" * version,
    }


def asset_in_parts(version):
    """The fewest bytes that are: each run with it costs ten times what one without it does."""
    return {BIG: content(version, (16 << 20) + version)}


def make_site(version, pages, more=lambda version: {}):
    """Assets carry their version in their names, as generators do; those that keep theirs change, as all else does."""
    assets = {
        f"assets/style.{version}.css": f"p{{order:{version}}}".encode(),
        "data.json": f'{{"version": {version}}}'.encode(),
        **more(version),
    }
    linked = [key for key in assets if key.startswith("assets/")]
    return {**assets, **{key: page(version, linked) + key.encode() for key in pages}, FEED: f"<rss>{version}</rss>".encode()}


# Each version has a page that the other has not.
OLD = make_site(1, ["about.html", "blog/gone.html", "blog/index.html", HOME], more_assets)
NEW = make_site(2, ["about.html", "blog/index.html", "blog/post.html", HOME], more_assets)
BIG_OLD = make_site(1, ["gone.html", HOME], asset_in_parts)
BIG_NEW = make_site(2, ["post.html", HOME], asset_in_parts)
SMALL_OLD = make_site(1, ["gone.html", HOME])
SMALL_NEW = make_site(2, ["post.html", HOME])


class Scenario:
    """From what the stores held to what they shall hold."""

    def __init__(self, name, before, after, targets=1, options="", releases=(), back_to=None, about=None, state=SITE):
        """`releases`: the sites that were deployed before, one after the other; without any `before` is just there.
        `back_to`: number of the one that is gone back to; without it `after` is deployed.
        `about`: faults are only at operations of this key; what goes wrong at the others is shown by another scenario.
        `state`: the bucket with all that is not of the site."""
        self.name, self.before, self.after = name, before, after
        self.targets, self.options, self.releases, self.back_to = targets, options, releases, back_to
        self.about, self.state = about, state
        self.removes = "delete: true" in options
        self.pages = [key for key in after if is_page(key)]
        self.fresh_pages = [key for key in self.pages if key not in before]

    def version_of(self, key, body):
        return "new" if self.after.get(key) == body else "old" if self.before.get(key) == body else "other"


DELETE = ", delete: true"
SCENARIOS = {
    scenario.name: scenario for scenario in (
        Scenario("the first deployment", {}, NEW, targets=2),
        Scenario("an update of what somebody else put there", OLD, NEW, targets=2),
        Scenario("the first deployment of a file in parts", {}, BIG_NEW, targets=2, about=BIG),
        Scenario("an update of a file in parts", BIG_OLD, BIG_NEW, targets=2, about=BIG),
        Scenario("an update", SMALL_OLD, SMALL_NEW, options=DELETE, releases=[SMALL_OLD]),
        Scenario("a staged update", SMALL_OLD, SMALL_NEW, options=DELETE + ", publish: staged", releases=[SMALL_OLD]),
        Scenario("a rollback", SMALL_NEW, SMALL_OLD, options=DELETE, releases=[SMALL_OLD, SMALL_NEW], back_to=0),
        Scenario("a staged update, remembered elsewhere", SMALL_OLD, SMALL_NEW, options=DELETE + ", publish: staged", releases=[SMALL_OLD], state=STATE),
        Scenario("a rollback, remembered elsewhere", SMALL_NEW, SMALL_OLD, options=DELETE, releases=[SMALL_OLD, SMALL_NEW], back_to=0, state=STATE),
    )
}


class Operation:
    """One of a deployment, told apart from all others by what it is, not by when it came."""

    def __init__(self, server, entry):
        self.server, self.nth = server, 0
        self.operation, self.part = entry.operation, entry.part
        self.key = RELEASES + "*" if entry.key.startswith(RELEASES) else entry.key  # a new id each time

    def kind(self):
        return (self.server, self.operation, self.key, self.part)

    def __str__(self):
        part = f" part {self.part}" if self.part else ""
        return f"{NAMES[self.server]}: {self.operation} {self.key}{part} ({self.nth})"

    def is_optional(self, scenario):
        """A deployment does without: leftovers are looked for another time, what a replica may have is sent again, what cannot
        be copied inside the store goes through us, what cannot be published from its staged content is from its file. A lock
        that was not tried out is believed, where it is not renewed before a release is recorded; it ends by itself."""
        if self.key == LOCK:
            return self.operation == "DeleteObject" or (self.operation == "PutObject" and self.nth > 1 and self.server == 1)
        if self.operation == "HeadObject":
            return self.server == 1 or (self.key.startswith(BLOBS) and "staged" in scenario.options)
        return self.operation in ("ListMultipartUploads", "CopyObject")

    def fault(self, case, do, **more):
        faults = case.servers[self.server].faults
        return faults.add(do, operation=self.operation, key=self.key, part=self.part, nth=self.nth, **more)


# ---- the ways in which an operation goes wrong: each sets its fault up, and says how the run must end ----------------

def error_once(operation, case):
    operation.fault(case, "status", status=500)
    return (0,)


def error_for_ever(operation, case):
    operation.fault(case, "status", status=500, times=0)
    return (0,) if operation.is_optional(case.scenario) else (1,)


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
    """The servers of a scenario and the runs over them."""

    def __init__(self, scenario, site, state):
        """`state`: what the first server holds, as prepare() made it; None = what the scenario says."""
        self.scenario = scenario
        self.problems = []
        self.process, self.started, self.signalled = None, threading.Event(), None
        self.names = NAMES[: scenario.targets]
        self.servers = [Server(buckets=[SITE, STATE]).start() for _ in self.names]
        for name, server in zip(self.names, self.servers):
            for key, body in scenario.before.items() if state is None else ():
                server.store.seed(SITE, key, body, modified=time.time() - 1000)
            for key, thing in (state or {}).items():
                self.home_of(server, key).put(key, thing)
            self.watch(name, server)
        elsewhere = f", state: {{bucket: {scenario.state}}}" if scenario.state != SITE else ""
        self.deployment = Deployment(self.servers, target_options=elsewhere, site=site, upload_options=scenario.options)
        self.own_files = {*os.listdir(self.deployment.folder), ".cache"}
        self.command = ["push"]
        if state is not None and scenario.back_to is not None:
            self.command = ["rollback", json.loads(state[CURRENT].body)["releases"][-1 - scenario.back_to]["id"]]

    def home_of(self, server, key):
        return server.store.bucket(self.scenario.state if is_reserved(key) else SITE)

    def watch(self, name, server):
        objects = self.objects_of(server)
        held = {key: self.scenario.version_of(key, thing.body) for key, thing in objects.items() if not is_reserved(key)}
        watcher = Watcher(objects)
        for bucket in (SITE, STATE):
            server.store.bucket(bucket).watch = self.look(name, bucket, held, watcher)

    def look(self, name, bucket, held, watcher):
        def look(key, thing):
            if bucket != (self.scenario.state if is_reserved(key) else SITE):
                self.problems.append(f"{name}: {key} is in the bucket {bucket}")
            body = None if thing is None else thing.body
            if not is_reserved(key):
                held.pop(key, None)
                if thing is not None:
                    held[key] = self.scenario.version_of(key, body)
                self.problems += [f"{name}, as {key} came: {text}" for text in broken_promises(self.scenario, held)]
            self.problems += [f"{name}, as {key} came: {text}" for text in watcher.broken(key, body)]

        return look

    def close(self):
        for server in self.servers:
            server.stop()
        self.deployment.remove()

    def run(self, **environment):
        self.started.clear()
        self.process = self.deployment.start(*self.command, "--json", **environment)
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

    def objects(self, number=0):
        return self.objects_of(self.servers[number])

    @staticmethod
    def objects_of(server):
        return {**server.store.bucket(STATE).objects, **server.store.bucket(SITE).objects}

    def held(self):
        """Of each server: key -> version."""
        contents = [server.store.contents(SITE) for server in self.servers]
        return [{key: self.scenario.version_of(key, body) for key, body in held.items()} for held in contents]

    def sent_parts(self):
        """Of each server: (key, number) of the parts of unfinished uploads."""
        uploads = [list(server.store.bucket(SITE).uploads.values()) for server in self.servers]
        return [{(upload.key, number) for upload in held for number in upload.parts} for held in uploads]

    def headers(self):
        """Of each server: key -> what visitors get with it."""
        return [
            {key: thing.headers for key, thing in self.objects(number).items() if not is_reserved(key)}
            for number in range(len(self.servers))
        ]

    def unfinished(self, final):
        """What keeps the stores from being in the one right state. `final`: the headers()."""
        before, after = self.scenario.before, self.scenario.after
        for name, server, held, headers, wanted in zip(self.names, self.servers, self.held(), self.headers(), final):
            for key in sorted(wanted.keys() | held.keys()):
                left = "old" if key in before and not self.scenario.removes else None
                if held.get(key) != ("new" if key in after else left):
                    yield f"{name}: {key} is not in its final state"
                elif headers[key] != wanted[key]:
                    yield f"{name}: {key} has the headers {headers[key]}, not {wanted[key]}"
            for key in server.store.unfinished(SITE):
                yield f"{name}: an unfinished upload of {key} is left"
        yield from (f"{self.names[0]}: {text}" for text in wrong_release(self.scenario, self.objects()))
        for number in range(1, len(self.servers)):
            if notes := [key for key in self.objects(number) if is_reserved(key) and key != LOCK]:
                yield f"{self.names[number]}: {notes} are another target's"


def messages(out):
    """Of a run with --json; one that was killed may have been writing."""
    return [json.loads(line) for line in out.splitlines(keepends=True) if line.endswith("\n")]


def check_first(case, operation, way, run, codes, final):
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
    # A lock outlives nobody but who was killed or could not remove it.
    may_stay = operation.key == LOCK and way == "errors"
    for number, name in enumerate(case.names):
        if run.code >= 0 and LOCK in case.objects(number) and not may_stay:
            yield f"{name}: a lock is left"
    if run.code < 0 and len(case.servers) == 1 and LOCK not in case.objects() and operation.key != LOCK:
        yield "it was killed, and there is no lock"
    said, held = messages(run.out), dict(zip(case.names, case.held()))
    for name in case.names:
        yield from (f"{name}: {text}" for text in broken_promises(case.scenario, held[name]))
    for line in said:
        if line["type"] == "action" and held[line["target"]].get(line["key"]) != (None if line["op"] == "delete" else "new"):
            yield f"{line['target']}: {line['op']} of {line['key']} is said to be done, and is not"
    if run.code >= 0 and (not said or "targets" not in said[-1]):
        yield "the last line is not the result of a run"
    elif run.code >= 0:
        for target in said[-1]["targets"]:
            name = target["name"]
            yield from (f"{name}: {text}" for text in false_state(case.scenario, held[name], target["live_site"]))
    for server in case.servers:
        if server.secret in run.out + run.err:
            yield "a secret key is shown"


def check_again(case, final):
    """The same command once more, without a fault. Whatever lock there is, is that of a process that has ended."""
    before, parts, headers = case.held(), case.sent_parts(), case.headers()
    reserved = {key for key in case.objects() if is_reserved(key)}
    for server in case.servers:
        server.log.clear()
    run = case.run()
    if run.code != 0:
        yield f"again: exit {run.code}: {run.out}{run.err}"
    yield from (f"again: {text}" for text in case.unfinished(final))
    for number, name in enumerate(case.names):
        if LOCK in case.objects(number):
            yield f"again: {name}: a lock is left"
    for name, server, had, had_headers, wanted, sent in zip(case.names, case.servers, before, headers, final, parts):
        for entry in server.log.entries():
            key = entry.key
            if entry.operation in ("PutObject", "CreateMultipartUpload") and had.get(key) == "new":
                yield f"again: {name}: {key} was there and is sent once more"
            if entry.operation == "CopyObject" and had.get(key) == "new" and had_headers[key] == wanted[key]:
                yield f"again: {name}: {key} was there and is copied once more"
            if entry.operation in ("PutObject", "CopyObject") and key.startswith(BLOBS) and key in reserved:
                yield f"again: {name}: {key} was there and is stored once more"
            if entry.operation == "UploadPart" and (key, entry.part) in sent:
                yield f"again: {name}: part {entry.part} of {key} was there and is sent once more"
    if left := set(os.listdir(case.deployment.folder)) - case.own_files:
        yield f"again: {sorted(left)} are left in the folder for temporary files"


def check(name, operation, way, site, state, final):
    """Its name and what went wrong, as text; "" for nothing."""
    case = Case(SCENARIOS[name], site, state)
    try:
        codes = WAYS[way](operation, case)
        first = case.run(**PERSISTING if way == "errors" else {})
        case.problems += check_first(case, operation, way, first, codes, final)
        case.problems += check_again(case, final)
        if case.problems:
            case.problems.append(first.out + first.err)
    except AssertionError as hang:
        case.problems.append(str(hang))
    finally:
        case.close()
    if not case.problems:
        return ""
    return f"{way} at {operation} of {name}:\n    " + "\n    ".join(case.problems)


def check_one(case):
    return check(*case)


def write_site(folder, site):
    shutil.rmtree(folder, ignore_errors=True)
    for key, body in site.items():
        path = os.path.join(folder, key)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(body)


def prepare(scenario, folder):
    """What the scenario's earlier deployments leave in the store; None if there are none."""
    if not scenario.releases:
        return None
    case = Case(Scenario("earlier", {}, scenario.releases[0], options=scenario.options, state=scenario.state), folder, {})
    for bucket in (SITE, STATE):
        case.servers[0].store.bucket(bucket).watch = None
    try:
        for site in scenario.releases:
            write_site(folder, site)
            finished = case.run()
            assert finished.code == 0, finished.out + finished.err
        return {
            key: Object(thing.body, thing.etag, thing.headers, modified=thing.modified, parts=thing.parts)
            for key, thing in case.objects().items()
        }
    finally:
        case.close()


def record(scenario, site, state):
    """The operations of a run without faults, and the headers() after it."""
    case = Case(scenario, site, state)
    try:
        finished = case.run()
        assert finished.code == 0, finished.out + finished.err
        problems = case.problems + list(case.unfinished(case.headers()))
        assert not problems, problems
        operations, seen = [], {}
        for number, server in enumerate(case.servers):
            for entry in server.log.entries():
                operation = Operation(number, entry)
                operation.nth = seen[operation.kind()] = seen.get(operation.kind(), 0) + 1
                if scenario.about in (None, operation.key):
                    operations.append(operation)
        return operations, case.headers()
    finally:
        case.close()


class EveryOperation(unittest.TestCase):
    def cases(self):
        cases = []
        for number, scenario in enumerate(SCENARIOS.values()):
            site = os.path.join(self.folder, str(number))
            os.mkdir(site)
            state = prepare(scenario, site)
            write_site(site, scenario.after)
            operations, final = record(scenario, site, state)
            print(f"{scenario.name}: {len(operations)} operations")
            self.assertTrue(operations, scenario.name)
            cases += [(scenario.name, operation, way, site, state, final) for operation in operations for way in WAYS]
        random.Random(20261121).shuffle(cases)
        wish = os.environ.get("DEPLOYFLOW_EVERY_OPERATION")
        return cases[: int(wish)] if wish else cases

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="deployflow-site-")
        self.addCleanup(shutil.rmtree, self.folder)

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
