"""The findings of the built binary in every format, read by parsers that are not ours.

The plugin `says` (tests/support/plugins) gives findings with any bytes in them. DEPLOYFLOW is the binary, PLUGINS
the folder of that plugin.
"""

import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
import unittest
import urllib.parse
import xml.etree.ElementTree as ElementTree

DEPLOYFLOW, PLUGINS = os.environ["DEPLOYFLOW"], os.environ["PLUGINS"]
DOCUMENTS = ("json", "sarif", "junit", "gitlab", "checkstyle", "html")
ERROR, WARNING, INFO = 4, 3, 2
SEVERITY = {ERROR: "error", WARNING: "warning", INFO: "info"}

HOSTILE = [
    b"]]> <!-- --> </script><script>alert(1)</script>",
    b"\x00\x01\x07\x08\x0b\x1b[2J\x7f",
    b"cut \xe2\x82 and \xff\xfe and \xc0\xaf and \xed\xa0\x80",
    "bidi \u202e right \u2066 isolate \u200f".encode(),
    "no characters \ufffe \uffff \U0001fffe".encode(),
    b"&amp; &lt; \" ' ` | * _ [a](b) ## @you ::error::x",
    b"two\nlines\r\nand\ta tab",
    b"\n::error title=forged::x\n##[error]forged",
    b"100% %0A %3A",
    "separators \u2028 \u2029 \x85".encode(),
    "\U0001f600 \u4e2d\u6587 e\u0301".encode(),
    b"",
]


def record(severity=ERROR, line=0, column=0, end_line=0, end_column=0, code=b"acme/x", key=b"", message=b"m", hint=b""):
    numbers = [str(n).encode() for n in (severity, line, column, end_line, end_column)]
    return b"\x1f".join([*numbers, code, key, message, hint]) + b"\x1e"


class Reports(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="deployflow-reports-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        os.makedirs(self.path("site"))
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": self.path("home"), "TMPDIR": self.folder, "LC_ALL": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.write("p.yaml", b"version: 1\nsite: ./site\nstages:\n  - uses: acme/says\n")

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        os.makedirs(os.path.dirname(self.path(name)), exist_ok=True)
        with open(self.path(name), "wb") as file:
            file.write(content)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def run_with(self, *words, command=("run", "p.yaml"), **environment):
        return subprocess.run(
            [DEPLOYFLOW, *command, "--plugin", os.path.join(PLUGINS, "says.dfstage.so"), *words],
            cwd=self.folder, env=self.environment | environment, capture_output=True, check=False, timeout=300)

    def report_all(self, records, code=3):
        """Every document, parsed by someone else, after a run that gives these findings."""
        self.write("site/say", b"".join(records))
        done = self.run_with("-q", *(f"--format={name}={name}.out" for name in DOCUMENTS), "--format=text=text.out",
                             "--format=github=github.out")
        self.assertEqual(done.returncode, code, done.stderr)
        texts = {name: self.read(f"{name}.out").decode("utf-8") for name in (*DOCUMENTS, "text", "github")}
        return {
            "json": json.loads(texts["json"]),
            "sarif": json.loads(texts["sarif"]),
            "gitlab": json.loads(texts["gitlab"]),
            "junit": ElementTree.fromstring(texts["junit"]),
            "checkstyle": ElementTree.fromstring(texts["checkstyle"]),
            "html": html_data(texts["html"]),
        }, texts


def html_data(text):
    """What a browser would give to the script: the text of the element up to the first end of a script."""
    start = text.index('<script type="application/json" id="data">') + len('<script type="application/json" id="data">')
    end = re.compile("</script", re.I).search(text, start).start()
    assert "<!--" not in text[start:end]
    return json.loads(text[start:end])


class Formats(Reports):
    def test_hostile_text_in_every_field_leaves_every_format_well_formed(self):
        records = [record(code=b"acme/" + text, message=text, hint=text, line=1, column=1, key=b"say") for text in HOSTILE]
        records += [record(severity=s, code=b"x", message=text) for s in (WARNING, INFO) for text in HOSTILE]
        count = len(records)
        parsed, texts = self.report_all(records)
        self.assertEqual(len(parsed["json"]["findings"]), count)
        self.assertEqual(len(parsed["gitlab"]), count)
        self.assertEqual(len(parsed["html"]["findings"]), count)
        self.assertEqual(len(parsed["sarif"]["runs"][0]["results"]), count)
        self.assertEqual(len(list(parsed["checkstyle"].iter("error"))), count)
        self.assertEqual(len(texts["github"].splitlines()), count)
        for name, text in texts.items():
            for character in "\u202e\u2066\u200f\u2028\u2029\x00\x1b\x85":
                self.assertNotIn(character, text, name)
        # A message is one that its reader gets back, as far as it is text at all.
        messages = [finding["message"] for finding in parsed["json"]["findings"]]
        self.assertIn(HOSTILE[0].decode(), messages)
        self.assertIn(HOSTILE[3].decode(), messages)
        self.assertIn(HOSTILE[0].decode(), [e.get("message") for e in parsed["checkstyle"].iter("error")])
        self.assertIn(HOSTILE[5].decode(), [e.get("message") for e in parsed["checkstyle"].iter("error")])

    def test_workflow_commands_cannot_be_forged(self):
        _, texts = self.report_all([record(message=text, hint=text, key=b"say", code=text) for text in HOSTILE])
        command = re.compile(r"::error file=[^,:]*(,line=\d+)?(,col=\d+)?,title=[^,:]*::.*")
        for line in texts["github"].splitlines():
            self.assertRegex(line, command)
        self.write("site/say", b"".join(record(message=text, hint=text) for text in HOSTILE))
        done = self.run_with("-v", "--format=text", GITHUB_ACTIONS="true")
        for line in done.stderr.decode().splitlines():
            self.assertFalse(line.strip().startswith("::"), line)
            self.assertNotIn("##[", line)
        self.assertIn(b"forged", done.stderr)

    def test_all_say_the_same(self):
        self.write("site/a b/\u00e9#?%.html", b"one\ntwo three\n")
        key = "a b/\u00e9#?%.html".encode()
        parsed, texts = self.report_all([
            record(ERROR, 2, 5, 2, 10, b"link/missing", key, b"no such page", b"make it"),
            record(WARNING, 1, 0, 0, 0, b"link/missing", key, b"odd"),
            record(INFO, 0, 0, 0, 0, b"orphan", key, b"not used"),
        ])
        path = "site/a b/\u00e9#?%.html"
        self.assertEqual([(f["severity"], f["rule"], f["path"], f.get("line"), f.get("column"), f.get("end_line"),
                           f.get("end_column"), f["message"], f.get("hint")) for f in parsed["json"]["findings"]], [
            ("info", "orphan", path, None, None, None, None, "not used", None),
            ("warning", "link/missing", path, 1, None, None, None, "odd", None),
            ("error", "link/missing", path, 2, 5, 2, 10, "no such page", "make it")])
        head = parsed["json"]
        self.assertEqual((head["schema"], head["command"], head["site"], head["ok"], head["exit_code"], head["errors"],
                          head["warnings"], head["infos"]), (1, "run", "site", False, 3, 1, 1, 1))
        self.assertEqual(parsed["gitlab"][2]["location"], {"path": path, "lines": {"begin": 2}})
        self.assertEqual([i["severity"] for i in parsed["gitlab"]], ["info", "minor", "major"])
        self.assertEqual([i["location"]["lines"]["begin"] for i in parsed["gitlab"]], [1, 1, 2])
        errors = [dict(e.attrib) for e in parsed["checkstyle"].find("file").iter("error")]
        self.assertEqual(errors[2], {"line": "2", "column": "5", "severity": "error", "message": "no such page",
                                     "source": "deployflow.link/missing"})
        self.assertEqual([e["severity"] for e in errors], ["info", "warning", "error"])
        self.assertEqual(parsed["checkstyle"].find("file").get("name"), path)
        self.assertEqual(texts["github"].splitlines(), [
            "::error file=site/a b/\u00e9#?%25.html,line=2,col=5,endColumn=10,title=link/missing::no such page%0Amake it",
            "::warning file=site/a b/\u00e9#?%25.html,line=1,title=link/missing::odd",
            "::notice file=site/a b/\u00e9#?%25.html,title=orphan::not used"])
        self.assertIn("\n   2 | two three\n     |     ^^^^^\n  help: make it\n", texts["text"])
        page = parsed["html"]
        self.assertEqual(page["findings"][2][:5], [0, page["rules"].index("link/missing"), 0, 2, 5])
        self.assertEqual(page["frames"][page["findings"][2][7]], [1, 1, 4, 5, ["one", "two three"]])

    def test_sarif_has_what_its_specification_requires(self):
        key = "a b/\u00e9#?%.html"
        self.write("site/" + key, b"one\ntwo three\n")
        parsed, _ = self.report_all([
            record(ERROR, 2, 5, 2, 10, b"link/missing", key.encode(), b"no such page", b"make it"),
            record(WARNING, 0, 0, 0, 0, b"", b"", b"about nothing in particular"),
            record(ERROR, 2, 5, 2, 4, b"b", key.encode(), b"an end before its start"),
        ])
        log = parsed["sarif"]
        check_sarif(self, log)
        run = log["runs"][0]
        results = {r["message"]["text"].split("\n")[0]: r for r in run["results"]}
        location = results["no such page"]["locations"][0]["physicalLocation"]
        self.assertEqual(urllib.parse.unquote(location["artifactLocation"]["uri"]), "site/" + key)
        self.assertRegex(location["artifactLocation"]["uri"], r"^[!-~]+$")
        self.assertNotIn("#", location["artifactLocation"]["uri"])
        self.assertEqual(location["region"], {"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 10})
        self.assertEqual(results["an end before its start"]["locations"][0]["physicalLocation"]["region"],
                         {"startLine": 2, "startColumn": 5})
        self.assertEqual(run["invocations"][0]["exitCode"], 3)
        self.assertTrue(run["invocations"][0]["executionSuccessful"])

    def test_fingerprints_stay_when_lines_move_and_differ_otherwise(self):
        page = b"<p>\n<a href=x>\n</p>\n<a href=x>\n"
        def fingerprints(page, lines, message=b"no x, see 2:1"):
            self.write("site/p.html", page)
            parsed, _ = self.report_all([record(line=n, column=1, key=b"p.html", code=b"l", message=message) for n in lines])
            sarif = [r["partialFingerprints"]["deployflowFinding/v1"] for r in parsed["sarif"]["runs"][0]["results"]]
            self.assertEqual(sarif, [f["fingerprint"] for f in parsed["json"]["findings"]])
            self.assertEqual(sarif, [f["fingerprint"] for f in parsed["gitlab"]])
            return sarif
        before = fingerprints(page, [2, 4])
        self.assertEqual(len(set(before)), 2)
        moved = b"<!-- new -->\n\n" + page.replace(b"<a", b"    <a")
        self.assertEqual(fingerprints(moved, [4, 6], b"no x, see 4:1"), before)
        self.assertNotEqual(fingerprints(page.replace(b"=x", b"=y"), [2, 4]), before)
        self.assertNotEqual(fingerprints(page, [2, 4], b"no y, see 2:1"), before)

    def test_junit_has_a_test_for_each_rule_of_a_file_and_one_for_the_run(self):
        self.write("site/a.html", b"x")
        parsed, _ = self.report_all([
            record(ERROR, 1, 1, code=b"r", key=b"a.html", message=b"first"), record(ERROR, 1, 2, code=b"r", key=b"a.html", message=b"second"),
            record(WARNING, 1, 1, code=b"w", key=b"a.html", message=b"only a warning"), record(ERROR, code=b"r", message=b"elsewhere")])
        suites = {s.get("name"): s for s in parsed["junit"].iter("testsuite")}
        self.assertEqual(set(suites), {"deployflow", "site/a.html", "site"})
        for suite in suites.values():
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            self.assertEqual(int(suite.get("failures")), len(suite.findall("testcase/failure")))
            self.assertEqual(int(suite.get("errors")), len(suite.findall("testcase/error")))
        names = [(c.get("classname"), c.get("name")) for c in parsed["junit"].iter("testcase")]
        self.assertEqual(len(names), len(set(names)))  # GitLab drops the second of a name
        page = {c.get("name"): c for c in suites["site/a.html"].findall("testcase")}
        self.assertEqual(page["r"].find("failure").get("message"), "first (and 1 more)")
        self.assertIn("site/a.html:1:2: second", page["r"].find("failure").text)
        self.assertIsNone(page["w"].find("failure"))
        self.assertIn("only a warning", page["w"].find("system-out").text)

    def test_a_run_that_finds_nothing_has_reports(self):
        parsed, _ = self.report_all([record(INFO, message=b"fine")], code=0)
        self.assertTrue(parsed["json"]["ok"])
        self.write("site/say", b"")
        done = self.run_with("-q", *(f"--format={name}={name}.out" for name in DOCUMENTS))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(self.read("gitlab.out")), [])
        sarif = json.loads(self.read("sarif.out"))
        check_sarif(self, sarif)
        self.assertEqual(sarif["runs"][0]["results"], [])
        self.assertEqual(len(list(ElementTree.fromstring(self.read("junit.out")).iter("testcase"))), 1)
        self.assertEqual(len(ElementTree.fromstring(self.read("checkstyle.out"))), 0)
        self.assertEqual(html_data(self.read("html.out").decode())["findings"], [])

    def test_a_command_that_cannot_begin_has_reports(self):
        self.write("p.yaml", b"version: 1\nsite: ./site\nstages:\n  - uses: validate\n    with: {max_file_sise: 1}\n")
        formats = [f"--format={name}={name}.out" for name in DOCUMENTS]
        done = self.run_with("-q", *formats)
        self.assertEqual(done.returncode, 2)
        finding = json.loads(self.read("json.out"))["findings"][0]
        self.assertEqual((finding["path"], finding["line"], finding["rule"]), ("p.yaml", 5, "pipeline/invalid"))
        check_sarif(self, json.loads(self.read("sarif.out")))
        os.remove(self.path("p.yaml"))
        done = self.run_with("-q", *formats)
        self.assertEqual(done.returncode, 2)
        report = json.loads(self.read("json.out"))
        self.assertEqual((report["ok"], report["exit_code"], report["error"]["code"]), (False, 2, "config"))
        sarif = json.loads(self.read("sarif.out"))
        check_sarif(self, sarif)
        self.assertFalse(sarif["runs"][0]["invocations"][0]["executionSuccessful"])
        self.assertEqual(len(sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"]), 1)
        self.assertIsNotNone(ElementTree.fromstring(self.read("junit.out")).find("testsuite/testcase/error"))
        self.assertIn("No such file", ElementTree.fromstring(self.read("checkstyle.out")).find("file/error").get("message"))
        self.assertIn("No such file", html_data(self.read("html.out").decode())["failure"])


class Files(Reports):
    def test_a_file_is_replaced_as_a_whole_and_keeps_its_mode_and_its_link(self):
        self.write("real.out", b"old")
        os.chmod(self.path("real.out"), 0o640)
        os.symlink("real.out", self.path("link.out"))
        self.write("site/say", record())
        self.run_with("--format=json=link.out")
        self.assertTrue(os.path.islink(self.path("link.out")))
        self.assertEqual(json.loads(self.read("real.out"))["errors"], 1)
        self.assertEqual(os.stat(self.path("real.out")).st_mode & 0o777, 0o640)
        self.assertEqual([n for n in os.listdir(self.folder) if n.startswith(".deployflow")], [])

    def test_what_cannot_be_written_is_told_before_anything_runs(self):
        self.write("site/say", record())
        for name, why in (("none/x.json", b"No such file"), ("site", b"is a folder")):
            done = self.run_with(f"--format=json={name}")
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(why, done.stderr)
            self.assertNotIn(b"Checking", done.stderr)

    def test_a_pipe_is_written_as_it_is(self):
        self.write("site/say", record())
        done = self.run_with("-q", "--format=json=/dev/stdout")
        self.assertEqual(json.loads(done.stdout)["errors"], 1)

    def test_a_document_is_alone_on_standard_output(self):
        self.write("site/say", record(message=b"found it"))
        for name in DOCUMENTS:
            done = self.run_with(f"--format={name}")
            self.assertEqual(done.returncode, 3)
            self.assertIn(b"found it", done.stdout)
            self.assertNotIn(b"found it", done.stderr)
            self.assertIn(b"1 error", done.stderr)


class GitHub(Reports):
    def run_there(self, *words, **more):
        self.write("summary.md", b"before\n")
        return self.run_with(*words, GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=self.path("summary.md"), **more)

    def test_annotations_and_a_summary_come_by_themselves(self):
        self.write("site/a.html", b"x\n")
        records = [record(ERROR, n, 1, code=b"many", key=b"a.html", message=b"alike") for n in range(1, 31)]
        records += [record(ERROR, 40, 1, code=b"one", key=b"a.html", message=b"the dead link"), record(WARNING, message=b"w | `x` <b>")]
        self.write("site/say", b"".join(records))
        done = self.run_there()
        lines = done.stderr.decode().splitlines()
        commands = [line for line in lines if line.startswith("::")]
        self.assertEqual((commands[0], commands[-1]), ("::group::Annotations", "::endgroup::"))
        self.assertEqual(len([c for c in commands if c.startswith("::error ")]), 10)
        self.assertIn("::error file=site/a.html,line=40,col=1,title=one::the dead link", commands)
        self.assertEqual(done.stdout, b"")
        self.assertTrue(any(line.startswith("error: site/a.html:1:1: alike") for line in lines))
        summary = self.read("summary.md").decode()
        self.assertTrue(summary.startswith("before\n### deployflow run: 31 errors, 1 warning (exit code 3)\n"))
        self.assertIn("the dead link", summary)
        self.assertIn("and 12 more", summary)
        self.assertNotIn("<b>", summary)

    def test_paths_are_those_of_the_repository(self):
        self.write("site/say", record(key=b"say"))
        done = self.run_there("--format=github", GITHUB_WORKSPACE=os.path.dirname(self.folder))
        self.assertIn(f"::error file={os.path.basename(self.folder)}/site/say,title=acme/x::m".encode(), done.stderr)

    def test_text_and_json_are_left_alone(self):
        self.write("site/say", record())
        for words in (["--format=text"], ["--json"], ["--format=sarif"]):
            done = self.run_there(*words)
            self.assertNotIn(b"::error", done.stderr + done.stdout)
            self.assertEqual(self.read("summary.md"), b"before\n")

    def test_a_good_run_annotates_nothing(self):
        self.write("site/say", record(INFO))
        done = self.run_there()
        self.assertEqual(done.returncode, 0)
        self.assertNotIn(b"::", done.stderr)
        self.assertIn("### deployflow run: 1 note\n", self.read("summary.md").decode())

    def test_a_summary_that_cannot_be_written_is_a_warning(self):
        self.write("site/say", record(INFO))
        done = self.run_with(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=self.path("none/s.md"))
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"warning: ", done.stderr)


class Page(Reports):
    def test_the_page_passes_our_own_checks(self):
        for count in (0, 1, 10_000):
            self.write("site/a.html", b"<p>text of a line that is about as long as one\n" * 5_000)
            self.write("site/say", b"".join(
                record(ERROR, n % 5_000 + 1, 4, code=b"acme/%d" % (n % 40), key=b"a.html", hint=HOSTILE[n % len(HOSTILE)],
                       message=b"%d " % n + HOSTILE[n % len(HOSTILE)]) for n in range(count)))
            os.makedirs(self.path("page"), exist_ok=True)
            self.run_with("-q", "--format=html=page/index.html")
            os.rename(self.path("p.yaml"), self.path("aside"))
            done = self.run_with("--format=json", "page", command=("validate",))
            os.rename(self.path("aside"), self.path("p.yaml"))
            self.assertEqual(json.loads(done.stdout)["findings"], [])
            self.assertEqual(done.returncode, 0)


class Many(Reports):
    @unittest.skipIf(os.environ.get("DEPLOYFLOW_SANITIZED"), "a sanitizer takes several times the time and the memory")
    def test_a_hundred_thousand_findings_take_little_memory_and_time(self):
        self.write("site/a.html", b"<p>text of a line that is about as long as one\n" * 20_000)
        self.write("site/say", b"".join(
            record(WARNING, n % 20_000 + 1, 4, code=b"acme/%d" % (n % 40), key=b"a.html",
                   message=b"message number %d of a hundred thousand" % n, hint=b"do something about it") for n in range(100_000)))
        formats = [f"--format={name}={name}.out" for name in (*DOCUMENTS, "github", "text")]
        start = time.monotonic()
        done = self.run_with("-q", *formats)
        self.assertEqual(done.returncode, 0, done.stderr[-500:])
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(f"100,000 findings in 8 formats: {time.monotonic() - start:.1f} s, at most {peak} MiB")
        self.assertEqual(len(json.loads(self.read("json.out"))["findings"]), 100_000)
        self.assertLess(peak, 300)


def check_sarif(test, log):
    """What sections 3.13 to 3.58 of SARIF 2.1.0 require of the objects that we write, and what code scanning does."""
    test.assertEqual(log["version"], "2.1.0")
    test.assertEqual(set(log), {"$schema", "version", "runs"})
    run, = log["runs"]
    test.assertLessEqual(set(run), {"tool", "columnKind", "invocations", "results"})
    test.assertEqual(run["columnKind"], "unicodeCodePoints")
    driver = run["tool"]["driver"]
    test.assertTrue(driver["name"])
    test.assertRegex(driver["semanticVersion"], r"^\d+\.\d+\.\d+")
    ids = [rule["id"] for rule in driver["rules"]]
    test.assertEqual(len(ids), len(set(ids)))
    for rule in driver["rules"]:
        test.assertTrue(rule["shortDescription"]["text"])
        test.assertTrue(rule["help"]["text"])
        test.assertIn(rule["defaultConfiguration"]["level"], ("none", "note", "warning", "error"))
    for invocation in run["invocations"]:
        test.assertIsInstance(invocation["executionSuccessful"], bool)
        test.assertRegex(invocation["startTimeUtc"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        for notification in invocation.get("toolExecutionNotifications", []):
            test.assertTrue(notification["message"]["text"])
    fingerprints = set()
    for result in run["results"]:
        test.assertEqual(ids[result["ruleIndex"]], result["ruleId"])
        test.assertIn(result["level"], ("none", "note", "warning", "error"))
        test.assertIsInstance(result["message"]["text"], str)
        test.assertGreaterEqual(len(result["locations"]), 1)  # code scanning refuses the file otherwise
        for location in result["locations"]:
            physical = location["physicalLocation"]
            uri = physical["artifactLocation"]["uri"]
            test.assertRegex(uri, r"^(%[0-9A-F]{2}|[A-Za-z0-9._~/!$&'()*+,;=@:-])+$")
            test.assertEqual(physical["artifactLocation"].get("uriBaseId"), None if uri.startswith("file:") else "%SRCROOT%")
            for number in physical.get("region", {"startLine": 1}).values():
                test.assertGreaterEqual(number, 1)
            test.assertIn("startLine", physical.get("region", {"startLine": 1}))
        test.assertTrue(all(result["partialFingerprints"].values()))
        fingerprints.update(result["partialFingerprints"].values())
    test.assertEqual(len(fingerprints), len(run["results"]))


if __name__ == "__main__":
    unittest.main()
