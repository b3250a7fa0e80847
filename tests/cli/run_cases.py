"""Runs the built binary case by case and compares all that it says.

Each file in cases/ is one case: a sentence on what it shows, then sections.

    # An unknown option is named, and the nearest one offered.
    needs: s3                 (optional: "s3" = both endpoints of tests/support/s3_env, "user" = not root)
    --- setup                 (optional; bash, its output is not compared)
    --- run                   (bash; what is shown)
    --- exit                  the exit status of run's last command
    --- stdout
    --- stderr                both whole, with what differs from run to run put in <angle brackets>

A case runs in a fresh folder with a fresh HOME and almost no environment. `UPDATE=1` writes what came out into
the files: read the difference before you commit it.

    run_cases.py DEPLOYFLOW {local|s3} [NAME...]       PLUGINS: folder of broken plugins (tests/support/plugins)
"""

import concurrent.futures
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import uuid

HERE = pathlib.Path(__file__).resolve().parent
SUPPORT = HERE.parent / "support"
SKIPPED = 77
SECTION = re.compile(r"^--- (setup|run|exit|stdout|stderr)$")
RESULTS = ("exit", "stdout", "stderr")
# Settings of sanitizers are about the build, not about the case.
KEPT = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS")


class Case:
    def __init__(self, path):
        self.path = path
        self.name = path.stem
        self.needs = set()
        self.head = []
        self.sections = {}
        section = None
        for line in path.read_text(encoding="utf-8").splitlines():
            found = SECTION.match(line)
            if found:
                section = found.group(1)
                self.sections[section] = []
            elif section:
                self.sections[section].append(line)
            else:
                self.head.append(line)
                if line.startswith("needs:"):
                    self.needs = set(line.removeprefix("needs:").split())

    def text(self, section):
        return "".join(line + "\n" for line in self.sections.get(section, []))

    def write(self, results):
        lines = list(self.head)
        for section in ("setup", "run"):
            if section in self.sections:
                lines += [f"--- {section}", *self.sections[section]]
        for section in RESULTS:
            lines += [f"--- {section}", *results[section].splitlines()]
        self.path.write_text("\n".join(lines) + "\n", encoding="utf-8")


class Endpoint:
    def __init__(self, letter):
        self.letter = letter
        self.url, self.access, self.secret = os.environ[f"DEPLOYFLOW_TEST_S3_{letter}"].split(",")

    def variables(self, bucket):
        return {
            f"ENDPOINT_{self.letter}": self.url,
            f"ACCESS_{self.letter}": self.access,
            f"SECRET_{self.letter}": self.secret,
            f"BUCKET_{self.letter}": bucket,
        }


def endpoints():
    """Both endpoints, or [] if they are not given."""
    if all(os.environ.get(f"DEPLOYFLOW_TEST_S3_{letter}") for letter in "AB"):
        return [Endpoint("A"), Endpoint("B")]
    return []


SCRIPT = """
use() {  # use A: its credentials in the environment, as a person would set them
    local access=ACCESS_$1 secret=SECRET_$1
    export AWS_ACCESS_KEY_ID=${!access} AWS_SECRET_ACCESS_KEY=${!secret}
}
bucket() {  # bucket A: make its bucket
    local endpoint=ENDPOINT_$1 access=ACCESS_$1 secret=SECRET_$1 name=BUCKET_$1
    S3_ENDPOINT=${!endpoint} S3_ACCESS_KEY=${!access} S3_SECRET_KEY=${!secret} "$SUPPORT/s3_bucket" create "${!name}"
}
page() {  # page FILE: a page without mistakes
    mkdir -p "$(dirname "$1")"
    printf '<!DOCTYPE html>\\n<html lang="en"><head><title>A page</title></head><body><p>Hello</p></body></html>\\n' >"$1"
}
"""


class Run:
    def __init__(self, case, binary, plugins, servers):
        self.case = case
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="deployflow-cli-", dir=os.environ.get("TMPDIR", "/tmp"))).resolve()
        self.folder = self.root / "work"
        self.binary = binary
        self.plugins = plugins
        self.servers = servers
        token = uuid.uuid4().hex[:8]
        self.buckets = {server.letter: f"cli-{token}-{server.letter.lower()}" for server in servers}

    def environment(self):
        variables = {
            "PATH": f"{self.binary.parent}:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": str(self.root / "home"),
            "AWS_EC2_METADATA_DISABLED": "true",  # no test reaches any network but loopback
            "TMPDIR": str(self.root / "tmp"),
            "LC_ALL": "C.UTF-8",
            "PLUGINS": str(self.plugins),
            "SUPPORT": str(SUPPORT),
        }
        for name in KEPT:
            if name in os.environ:
                variables[name] = os.environ[name]
        for server in self.servers:
            variables |= server.variables(self.buckets[server.letter])
        return variables

    def normalise(self, text):
        for server in self.servers:
            if server.secret in text:
                raise AssertionError(f"{self.case.name}: the secret key of {server.letter} is in the output")
            text = text.replace(self.buckets[server.letter], f"<bucket-{server.letter.lower()}>")
            text = text.replace(server.url, f"<endpoint-{server.letter.lower()}>").replace(server.access, f"<key-{server.letter.lower()}>")
        text = text.replace(str(self.folder), "<folder>").replace(str(self.root), "<root>")
        text = text.replace(str(self.plugins), "<plugins>").replace(str(self.binary.parent.parent), "<prefix>")
        text = re.sub(r'(?m)^\{"type":"progress".*\n', "", text)  # how many there are depends on the machine
        text = re.sub(r"(?m)^ +(Running|Uploading|Copying|Updating|Deleting) .*\([0-9]+ s\)\n", "", text)  # heartbeats,
        text = re.sub(r"(?m)^ +Reading .*\n", "", text)  # if it is slow
        text = re.sub(r"\b[0-9]+\.[0-9] s\b", "<seconds>", text)
        text = re.sub(r'"seconds":[0-9.e+-]+', '"seconds":<seconds>', text)
        return re.sub(r"\b[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}\b", "<run-id>", text)

    def results(self):
        for name in ("work", "home", "tmp"):
            (self.root / name).mkdir()
        setup = self.case.text("setup")
        log = self.root / "setup.log"
        script = (
            f"{SCRIPT}\nexec 3>&1 4>&2 >'{log}' 2>&1\nset -E\ntrap 'exit 99' ERR\n{setup}"
            f"trap - ERR\nexec >&3 2>&4 3>&- 4>&-\n{self.case.text('run')}"
        )
        done = subprocess.run(
            ["/bin/bash", "-c", script],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        if done.returncode == 99:
            raise AssertionError(f"setup failed:\n{log.read_text(errors='replace')}")
        left = [entry.name for entry in (self.root / "tmp").iterdir()]
        if left:
            raise AssertionError(f"left behind in TMPDIR: {left}")
        return {
            "exit": f"{done.returncode}\n",
            "stdout": self.normalise(done.stdout.decode("utf-8", "backslashreplace")),
            "stderr": self.normalise(done.stderr.decode("utf-8", "backslashreplace")),
        }

    def remove(self):
        subprocess.run(["chmod", "-R", "u+rwX", str(self.root)], check=False, capture_output=True)
        shutil.rmtree(self.root, ignore_errors=True)


def difference(case, results):
    lines = []
    for section in RESULTS:
        wanted, got = case.text(section), results[section]
        if wanted != got:
            lines += difflib.unified_diff(
                wanted.splitlines(), got.splitlines(), f"{case.name}: {section} wanted", f"{section} got", lineterm=""
            )
    return lines


def check(case, binary, plugins, servers):
    """What is wrong, as lines; [] = passed."""
    run = Run(case, binary, plugins, servers)
    try:
        results = run.results()
    except (AssertionError, subprocess.TimeoutExpired) as problem:
        return [f"{case.name}: {problem}"]
    finally:
        run.remove()
    lines = difference(case, results)
    if lines and os.environ.get("UPDATE") == "1":
        case.write(results)
        return []
    return lines


def select(kind, names):
    """The cases to run, and a line for each that is left out."""
    chosen, skipped = [], []
    for path in sorted((HERE / "cases").glob("*.case")):
        case = Case(path)
        if ("s3" in case.needs) != (kind == "s3") or (names and case.name not in names):
            continue
        if "user" in case.needs and os.geteuid() == 0 and not shutil.which("setpriv"):
            skipped.append(f"skipped {case.name}: runs as root, and setpriv is not there")
            continue
        chosen.append(case)
    return chosen, skipped


def main():
    binary, kind, names = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], sys.argv[3:]
    plugins = pathlib.Path(os.environ.get("PLUGINS", "/nonexistent"))
    servers = endpoints() if kind == "s3" else []
    if kind == "s3" and not servers:
        print("skipped: DEPLOYFLOW_TEST_S3_A and _B are not set (tests/support/s3_env)")
        return SKIPPED
    cases, skipped = select(kind, names)
    for line in skipped:
        print(line)
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for case, lines in zip(cases, pool.map(lambda one: check(one, binary, plugins, servers), cases)):
            failed += bool(lines)
            print(f"{'FAILED' if lines else 'ok'} {case.name}", *lines, sep="\n", flush=True)
    print(f"{len(cases) - failed} passed, {failed} failed, {len(skipped)} skipped")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
