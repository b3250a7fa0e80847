"""The HTML report in headless Chromium: what it shows, filters and counts, by keyboard as well, and that nothing in it
runs or is loaded but its own script."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "cli")]
from chromium import CHROMIUM, Browser  # noqa: E402
from reports_test import DEPLOYFLOW, ERROR, HOSTILE, INFO, PLUGINS, WARNING, record  # noqa: E402

SKIPPED = 77
ALL = 10_000
DRAWN = 200  # at once
ATTACK = (b"<img src=http://127.0.0.1:9/x onerror=window.forged=1></script><script>window.forged=1</script>"
          b"<!-- <style>*{display:none}</style>")


class ReportPage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="deployflow-report-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.page = cls.report("many", [
            *(record((ERROR, WARNING, INFO)[n % 3], n % 100 + 1, 3, code=b"rule/%d" % (n % 7), key=b"p%d.html" % (n % 50),
                     message=b"finding number %d" % n, hint=b"do this") for n in range(ALL - len(HOSTILE) - 1)),
            *(record(ERROR, 1, 1, code=b"odd" + text, key=b"p0.html", message=text, hint=text) for text in HOSTILE),
            record(ERROR, 1, 1, code=b"attack", key=b"p0.html", message=ATTACK, hint=ATTACK)])
        cls.few = cls.report("few", [record(ERROR, 2, 5, 2, 9, b"link/missing", b"p0.html", b"no such page", b"make it")])
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    @classmethod
    def report(cls, name, records):
        site = os.path.join(cls.folder, name, "site")
        os.makedirs(site)
        for number in range(50):
            with open(os.path.join(site, f"p{number}.html"), "wb") as file:
                file.write(b"<p>one two three " + ATTACK + b"\n" + b"<p>one two three\n" * 100)
        with open(os.path.join(site, "say"), "wb") as file:
            file.write(b"".join(records))
        with open(os.path.join(cls.folder, name, "p.yaml"), "w", encoding="utf-8") as file:
            file.write("version: 1\nsite: ./site\nstages:\n  - uses: acme/says\n")
        subprocess.run([DEPLOYFLOW, "run", "p.yaml", "-q", "--plugin", os.path.join(PLUGINS, "says.dfstage.so"),
                        "--format", "html=report.html"], cwd=os.path.join(cls.folder, name), check=False, capture_output=True)
        return "file://" + os.path.join(cls.folder, name, "report.html")

    def ask(self, expression):
        return self.browser.ask(expression)

    def shown(self):
        return self.ask("document.getElementById('shown').textContent")

    def rows(self):
        return self.ask("document.querySelectorAll('main details').length")

    def click(self, selector):
        self.ask(f"document.querySelector('{selector}').click()")

    def test_all_is_counted_and_little_of_it_is_drawn(self):
        self.browser.open(self.page)
        self.assertEqual(self.shown(), f"{ALL} findings")
        self.assertEqual(self.rows(), DRAWN)
        self.assertEqual(self.ask("document.title"), self.ask("document.querySelector('h1').textContent"))
        self.click("#more button")
        self.assertEqual(self.rows(), 2 * DRAWN)
        self.ask("scrollTo(0, document.body.scrollHeight)")
        self.browser.wait(f"document.querySelectorAll('main details').length >= {3 * DRAWN}")

    def test_filters(self):
        self.browser.open(self.page)
        errors = self.ask("parseInt(document.getElementById('count-error').textContent)")
        self.click("#show-warning")
        self.click("#show-info")
        self.assertEqual(self.shown(), f"{errors} of {ALL} findings")
        self.ask("document.getElementById('text').focus()")
        self.browser.type("NUMBER 9933 p33.html")
        self.browser.wait("document.getElementById('shown').textContent.startsWith('1 of')")
        self.assertIn("finding number 9933", self.ask("document.querySelector('main details').textContent"))
        address = self.ask("location.href")
        self.browser.open(address)  # a link to what is shown
        self.assertEqual(self.shown(), f"1 of {ALL} findings")
        self.browser.open(self.page + "#rule=rule/3")
        counted = self.ask("document.querySelector('#rule option:checked').textContent")
        self.assertEqual(self.shown(), f"{counted.split('(')[1].rstrip(')')} of {ALL} findings")
        self.browser.open(self.page + "#text=nowhere+to+be+found")
        self.assertEqual((self.rows(), self.ask("document.querySelector('.nothing').textContent")), (0, "No finding fits the filters."))

    def test_groups_and_order(self):
        headings = "Array.from(document.querySelectorAll('main h2'), h => h.firstChild.textContent)"
        self.browser.open(self.page + "#text=number")
        self.assertEqual(self.ask(headings)[0], "site/p0.html")
        self.browser.open(self.page + "#text=number&group=rule&sort=rule")
        self.assertEqual(self.ask(headings)[0], "rule/0")
        self.browser.open(self.page + "#group=none&sort=severity")
        self.assertEqual(self.ask(headings), [])
        self.assertEqual(set(self.ask("Array.from(document.querySelectorAll('main .severity'), s => s.textContent)")), {"error"})
        self.browser.open(self.page + "#group=page&sort=count")
        sizes = self.ask("Array.from(document.querySelectorAll('main h2 small'), s => parseInt(s.textContent))")
        self.assertEqual(sizes, sorted(sizes, reverse=True))

    def test_the_keyboard_is_enough(self):
        self.browser.open(self.page)
        self.browser.press("/", "/")
        self.assertEqual(self.ask("document.activeElement.id"), "text")
        self.browser.type("number")
        self.assertNotEqual(self.shown(), f"{ALL} findings")
        self.browser.press("Escape")
        self.assertEqual((self.shown(), self.ask("document.getElementById('text').value")), (f"{ALL} findings", ""))
        index = "Array.from(document.querySelectorAll('main summary')).indexOf(document.activeElement)"
        self.browser.press("j", "j")
        self.browser.press("j", "j")
        self.assertEqual(self.ask(index), 1)
        self.browser.press("k", "k")
        self.assertEqual(self.ask(index), 0)
        self.browser.press("Enter", "\r")
        # What a finding holds is drawn once the browser has told that it was opened.
        self.browser.wait("document.querySelectorAll('main details[open] .body').length === 1")
        self.assertTrue(self.ask("document.activeElement.parentElement.open"))

    def test_few_findings_come_with_their_code(self):
        self.browser.open(self.few)
        self.assertEqual(self.ask("document.querySelector('pre mark').textContent"), "ne t")
        self.assertEqual(self.ask("document.querySelector('pre').textContent").splitlines()[1:3],
                         ["2 | <p>one two three", "  |     ^^^^"])
        self.assertIn("make it", self.ask("document.querySelector('.body').textContent"))

    def test_text_from_outside_stays_text(self):
        self.browser.open(self.page + "#rule=attack&code=yes")
        self.assertEqual(self.shown(), f"1 of {ALL} findings")
        self.assertIn(ATTACK.decode(), self.ask("document.querySelector('main details').textContent"))
        self.assertIn("window.forged=1", self.ask("document.querySelector('main pre').textContent"))
        self.assertIsNone(self.ask("window.forged"))
        self.assertEqual(self.ask("document.scripts.length"), 2)
        self.assertEqual(self.ask("document.querySelectorAll('main img, main script, main style').length"), 0)
        # Should a script come in by some way that nobody thought of, it does not run.
        self.ask("{const s = document.createElement('script'); s.textContent = 'window.forged = 1'; document.body.append(s)}")
        self.assertIsNone(self.ask("window.forged"))

    def test_nothing_is_loaded_and_nothing_fails(self):
        self.browser.open(self.page + "#code=yes")
        self.browser.wait("document.readyState === 'complete'")
        self.ask("new Promise(done => setTimeout(done, 300))")
        asked = [e["params"]["request"]["url"] for e in self.browser.events if e.get("method") == "Network.requestWillBeSent"]
        self.assertEqual([url for url in asked if not url.startswith(("file:", "data:"))], [])
        self.assertEqual(len([url for url in asked if url.startswith("file:")]), 1)
        bad = [e for e in self.browser.events if e.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]
        self.assertEqual(bad, [])

    def test_light_and_dark(self):
        colors = []
        for scheme in ("light", "dark"):
            self.browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            self.browser.open(self.few)
            colors.append(self.ask("getComputedStyle(document.body).backgroundColor"))
        self.assertEqual(colors, ["rgb(255, 255, 255)", "rgb(20, 24, 29)"])


if __name__ == "__main__":
    if not CHROMIUM:
        print("skipped: chromium is not installed")
        sys.exit(SKIPPED)
    unittest.main()
