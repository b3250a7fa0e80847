"""The checkers that are compared, each as its documentation has it used on a folder of files.

A tool is a class with a name, command(): the argument list that checks a folder, and findings(): what it said of it. Those
of npm are installed by this script, in the versions below, where npm reaches a registry; elsewhere they are not here.
"""

import collections
import csv
import json
import os
import re
import shutil
import subprocess
import urllib.parse

NPM = {"html-validate": "10.9.0", "vnu-jar": "26.9.27", "linkinator": "7.6.1"}

Finding = collections.namedtuple("Finding", "key line text")  # key: of the file that has it; line: None if not told


class Checker:
    good = (0,)  # exit statuses of a run that came to its end
    note = ""
    places = True  # whether it tells lines
    page_by_page = False  # whether it looks at each file alone, so that a folder of sites is checked like the sites

    def __init__(self, folder, npm):
        """`npm`: the folder that NPM is installed in."""
        self.folder = os.path.join(folder, self.name)
        self.npm = npm
        os.makedirs(self.folder)

    def is_here(self):
        return shutil.which(self.program) is not None

    def environment(self):
        return {"PATH": os.environ["PATH"], "HOME": self.folder, "TMPDIR": self.folder, "LANG": "C.UTF-8"}

    def version(self):
        done = subprocess.run([self.program, "--version"], capture_output=True, text=True, env=self.environment())
        return (done.stdout + done.stderr).strip().split("\n")[0]

    def check(self, site):
        done = subprocess.run(
            self.command(site), capture_output=True, cwd=site, env=self.environment(), stdin=subprocess.DEVNULL
        )
        out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
        if done.returncode not in self.good:
            raise RuntimeError(f"{self.name} ended with {done.returncode}: {err[-400:]}")
        return list(self.findings(site, out, err))

    def check_all(self, parent, names):
        """name -> what is told of the site in the folder `name` of `parent`."""
        if not self.page_by_page:
            return {name: self.check(os.path.join(parent, name)) for name in names}
        told = {name: [] for name in names}
        for finding in self.check(parent):
            name, _, key = (finding.key or "").partition("/")
            told[name].append(finding._replace(key=key))
        return told


def pages_of(site):
    found = []
    for folder, _, names in os.walk(site):
        found += (os.path.join(folder, name) for name in names if name.endswith((".html", ".htm")))
    return sorted(found)


class Deployflow(Checker):
    name = "deployflow"
    program = ""  # set by the command
    good = (0, 3)
    note = "planted defects: `rules: strict`, `url`, `max_file_size: 1MiB`; times: without any option"

    def command(self, site):
        return [self.program, "validate", "--quiet", site]

    def check(self, site):
        config = os.path.join(self.folder, "deployflow.yaml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(
                f"version: 1\nsite: {site}\nstages:\n  - uses: validate\n"
                "    with: {rules: strict, url: 'https://www.example.com/', max_file_size: 1MiB}\n"
            )
        report = os.path.join(self.folder, "report.json")
        done = subprocess.run(
            [self.program, "validate", "-c", config, "--quiet", f"--format=json={report}"],
            capture_output=True, text=True, env=self.environment(),
        )  # fmt: skip
        if done.returncode not in self.good:
            raise RuntimeError(f"deployflow ended with {done.returncode}: {done.stderr}")
        with open(report, encoding="utf-8") as file:
            told = json.load(file)["findings"]
        return [
            Finding(one.get("key"), one.get("line"), f"{one['rule']}: {one['message']}")
            for one in told
            if one["severity"] != "info"
        ]


class Vnu(Checker):
    name = "vnu"
    program = "java"
    page_by_page = True
    note = "the Nu Html Checker: --skip-non-html, on the folder (with --also-check-css its lines are one too few)"

    def jar(self):
        return os.path.join(self.npm, "node_modules/vnu-jar/build/dist/vnu.jar")

    def is_here(self):
        return super().is_here() and os.path.exists(self.jar())

    def version(self):
        return NPM["vnu-jar"]

    def command(self, site):
        return ["java", "-jar", self.jar(), "--exit-zero-always", "--format", "json", "--skip-non-html", site]

    def findings(self, site, out, err):
        for one in json.loads(err)["messages"]:
            if one["type"] != "info" or one.get("subType") == "warning":
                path = urllib.parse.unquote(urllib.parse.urlsplit(one.get("url", "")).path)
                yield Finding(os.path.relpath(path, site) if path else None, one.get("lastLine"), one["message"])


class NodeTool(Checker):
    program = "node"
    good = (0, 1)

    def script(self):
        with open(os.path.join(self.npm, "node_modules", self.name, "package.json"), encoding="utf-8") as file:
            entry = json.load(file)["bin"]
        return os.path.join(self.npm, "node_modules", self.name, entry if isinstance(entry, str) else entry[self.name])

    def is_here(self):
        return super().is_here() and os.path.exists(os.path.join(self.npm, "node_modules", self.name))

    def version(self):
        return NPM[self.name]


class HtmlValidate(NodeTool):
    name = "html-validate"
    page_by_page = True
    note = "its preset recommended, which is the default"

    def command(self, site):
        return ["node", self.script(), "--formatter", "json", site]

    def findings(self, site, out, err):
        for file in json.loads(out):
            for one in file["messages"]:
                yield Finding(os.path.relpath(file["filePath"], site), one["line"], f"{one['ruleId']}: {one['message']}")


class Linkinator(NodeTool):
    name = "linkinator"
    note = "--recurse --check-css --check-fragments, on the folder, which it serves itself; no other hosts; it tells no lines"
    places = False

    def command(self, site):
        return [
            "node", self.script(), ".", "--recurse", "--check-css", "--check-fragments", "--format", "json",
            "--skip", r"^https?://(?!localhost)",
        ]  # fmt: skip

    def findings(self, site, out, err):
        for one in json.loads(out)["links"]:
            if one["state"] == "BROKEN":
                parent = one.get("parent")
                if parent is not None:
                    parent = os.path.normpath(os.path.join(parent, "index.html") if parent.endswith((".", "/")) else parent)
                yield Finding(parent, None, one["url"])


class Tidy(Checker):
    name = "tidy"
    program = "tidy"
    good = (0, 1, 2)
    note = "-quiet -errors; planted defects: a process for each page, as it forgets nothing from one page to the next"

    def command(self, site):
        return ["tidy", "-quiet", "-errors", "--gnu-emacs", "yes", "--show-errors", "1000", *pages_of(site)]

    def check(self, site):
        found = []
        for page in pages_of(site):
            done = subprocess.run([*self.command("/nowhere"), page], capture_output=True, env=self.environment())
            found += self.findings(site, "", done.stderr.decode("utf-8", "replace"))
        return found

    def findings(self, site, out, err):
        for line in err.split("\n"):
            if told := re.match(r"(.+?):(\d+):(\d+): (?:Warning|Error|Access): (.*)", line):
                yield Finding(os.path.relpath(told[1], site), int(told[2]), told[4])


class LinkChecker(Checker):
    name = "linkchecker"
    program = "linkchecker"
    good = (0, 1)
    note = "with AnchorCheck, from file://…/index.html on"

    def command(self, site):
        config = os.path.join(self.folder, "linkcheckerrc")
        with open(config, "w", encoding="utf-8") as file:
            file.write("[AnchorCheck]\n")
        return ["linkchecker", "-f", config, "--no-status", "--no-robots", "-o", "csv", f"file://{site}/index.html"]

    def findings(self, site, out, err):
        rows = (line for line in out.split("\n") if line and not line.startswith("#"))
        for row in csv.DictReader(rows, delimiter=";"):
            if row["valid"] == "True" and not row["warningstring"]:
                continue
            parent = urllib.parse.unquote(urllib.parse.urlsplit(row["parentname"] or "").path)
            line = int(row["line"]) if (row["line"] or "").isdigit() else None
            key = os.path.relpath(parent, site) if parent else None
            yield Finding(key, line, f"{row['urlname']}: {row['result']} {row['warningstring']}")


TOOLS = (Deployflow, Vnu, HtmlValidate, Tidy, Linkinator, LinkChecker)


def install_from_npm(folder):
    """Nothing if it is there. Without npm or a registry that answers: nothing either, and its word of it is told."""
    wanted = [f"{name}@{version}" for name, version in NPM.items()]
    mark = os.path.join(folder, "installed")
    if os.path.exists(mark) and open(mark, encoding="utf-8").read().split() == wanted:
        return
    if shutil.which("npm") is None:
        print("checkers: there is no npm, so nothing of npm is compared")
        return
    os.makedirs(folder, exist_ok=True)
    # No scripts: that of vnu-jar would fetch a Java, and there is one.
    done = subprocess.run(
        ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", *wanted],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if done.returncode != 0:
        print("checkers: npm could not install, so nothing of npm is compared:", done.stderr.strip().split("\n")[-1])
        return
    with open(mark, "w", encoding="utf-8") as file:
        file.write(" ".join(wanted))
