"""What a visitor's browser sees while a site is deployed: headless Chromium loads a page over and over during 20
deployments, each of a new version, in both publish modes: by deployflow beside the store, and by deployflow at the end of
a slow line, while the browser reads straight from the store.

The page has assets with a fingerprint in their names and assets that keep their names. Each load tells which version
of each it got. A load is broken if an asset failed, and mixed if an asset is not of the page's version. The numbers are
printed; DEPLOYFLOW_TEST_S3_A names the server.
"""

import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

for folder in ("s3", "support"):
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", folder))
from slow_line import SlowLine  # noqa: E402
from support import SKIPPED, StoreTest, main  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DEPLOYMENTS = int(os.environ.get("DEPLOYFLOW_BROWSER_DEPLOYMENTS", "20"))
BALLAST = 24  # other files of 2 MiB that change with each version: a deployment takes a while
BALLAST_OF_A_SLOW_LINE = 12
SLOW = {"bytes_a_second": 4 << 20, "latency": 0.01}

PAGE = """<!doctype html><html lang=en><head><meta charset=utf-8><title>{v}</title>
<script>var failed = 0; addEventListener("error", e => {{ if (e.target !== window) failed++ }}, true);</script>
<link rel=stylesheet href=style.css><link rel=stylesheet href=app.{hash}.css>
<script src=script.js></script><script src=app.{hash}.js></script></head>
<body><p>{v}</p><img src=picture.{hash}.svg alt=""><script>
addEventListener("load", () => {{
  const css = getComputedStyle(document.documentElement), read = name => css.getPropertyValue(name).trim();
  parent.postMessage({{page: "{v}", failed,
    style: read("--style"), app_css: read("--app"), script: window.plain || "", app: window.app || ""}}, "*");
}});
</script></body></html>
"""

HARNESS = """<!doctype html><title>harness</title><iframe id=f></iframe><script>
const f = document.getElementById("f"), seen = [];
let began = 0, next = 0, timer = 0;
function load() {
  began = Date.now(); next++;
  clearTimeout(timer); timer = setTimeout(() => { seen.push({began, ended: Date.now(), silent: true}); go(); }, 5000);
  f.src = "SITE?n=" + next;
}
async function go() {
  if (seen.length >= 20) { await fetch("/seen", {method: "POST", body: JSON.stringify(seen.splice(0))}); }
  load();
}
addEventListener("message", e => { seen.push({...e.data, began, ended: Date.now()}); go(); });
load();
</script>"""


class Collector(http.server.ThreadingHTTPServer):
    """Serves the harness and takes what it saw."""

    def __init__(self, site):
        self.seen, self.lock, self.harness = [], threading.Lock(), HARNESS.replace("SITE", site).encode()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, body=b""):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(self.server.harness)

    def do_POST(self):
        loads = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.seen += loads
        self.answer()

    def log_message(self, *_):
        pass


class Deployments(StoreTest):
    def setUp(self):
        if not CHROMIUM:
            self.skipTest("chromium is not installed")
        super().setUp()
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["s3:GetObject"],
            "Resource": [f"arn:aws:s3:::{self.source}/*"]}]}
        self.client_a.put_bucket_policy(Bucket=self.source, Policy=json.dumps(policy))

    def version(self, v, ballast):
        shutil.rmtree(self.site)
        hash = f"{v:06x}9a"
        self.write("site/index.html", PAGE.format(v=v, hash=hash))
        self.write("site/style.css", f":root {{ --style: {v} }}")
        self.write("site/script.js", f'window.plain = "{v}"')
        self.write(f"site/app.{hash}.css", f":root {{ --app: {v} }}")
        self.write(f"site/app.{hash}.js", f'window.app = "{v}"')
        self.write(f"site/picture.{hash}.svg", f'<svg xmlns="http://www.w3.org/2000/svg"><title>{v}</title></svg>')
        for number in range(ballast):
            self.write(f"site/z/{number}.css", f"p {{ order: {v}{number:04} }}\n" * 110_000)

    def deploy(self):
        """When the first and the last object that a visitor sees was written, in ms."""
        process = subprocess.Popen(
            self.command("push", "--json"), stdout=subprocess.PIPE, text=True, env=self.environment(), cwd=self.folder)
        times = [time.time() * 1000 for line in process.stdout if json.loads(line)["type"] == "action"]
        self.assertEqual(process.wait(), 0)
        process.stdout.close()
        return times[0], times[-1]

    def watch(self, publish, url, ballast):
        """Loads, and when the bursts of writes were. `url`: of the store, for deployflow."""
        page = f"{self.a.url}/{self.source}/index.html"
        pipeline = self.pipeline(
            stages=f"  - uses: upload\n    with: {{to: primary, publish: {publish}, delete: true, keep_assets: 1}}\n")
        with open(pipeline) as file:
            text = file.read()
        self.write("deployflow.yaml", text.replace(self.a.url, url))
        self.version(1, ballast)
        self.deploy()
        collector = Collector(page)
        profile = tempfile.mkdtemp(prefix="deployflow-chromium-")
        browser = subprocess.Popen(
            [CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage", f"--user-data-dir={profile}",
             f"http://127.0.0.1:{collector.server_port}/"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            deadline = time.time() + 60
            while not collector.seen and time.time() < deadline:
                time.sleep(0.1)
            bursts = []
            for number in range(DEPLOYMENTS):
                self.version(number + 2, ballast)
                bursts.append(self.deploy())
                time.sleep(0.3)
            time.sleep(2)
        finally:
            os.killpg(browser.pid, 15)
            browser.wait()
            collector.shutdown()
            collector.server_close()
            shutil.rmtree(profile, ignore_errors=True)
        return collector.seen, bursts

    def judge(self, publish, url=None, ballast=BALLAST):
        """The median burst of writes, in ms."""
        loads, bursts = self.watch(publish, url or self.a.url, ballast)
        broken = [load for load in loads if load.get("silent") or load["failed"]]
        whole = [load for load in loads if not load.get("silent")]
        mixed = [load for load in whole if {load["style"], load["script"]} != {load["page"]}]
        in_burst = [load for load in mixed if any(load["began"] <= end + 50 and load["ended"] >= begin - 50 for begin, end in bursts)]
        burst = round(statistics.median(end - begin for begin, end in bursts))
        numbers = {
            "loads": len(loads), "failed": len(broken), "mixed": len(mixed), "mixed outside the burst": len(mixed) - len(in_burst),
            "burst, median ms": burst,
        }
        print(publish, "over a slow line" if url else "beside the store", numbers, flush=True)
        self.assertGreater(len(loads), 3 * DEPLOYMENTS)
        self.assertEqual(broken, [])
        self.assertEqual([load for load in whole if {load["app"], load["app_css"]} != {load["page"]}], [],
                         "a page never gets another version of an asset that has a fingerprint")
        self.assertEqual(len(mixed), len(in_burst))
        return burst

    def test_no_asset_fails_while_a_site_is_deployed_directly(self):
        self.judge("direct")

    def test_no_asset_fails_while_a_site_is_deployed_staged(self):
        self.judge("staged")

    def test_over_a_slow_line_the_burst_of_a_staged_deployment_is_much_shorter(self):
        with SlowLine(self.a.url, **SLOW) as line:
            direct = self.judge("direct", line.url, BALLAST_OF_A_SLOW_LINE)
            staged = self.judge("staged", line.url, BALLAST_OF_A_SLOW_LINE)
        self.assertGreater(direct, 900 * BALLAST_OF_A_SLOW_LINE * (2 << 20) / SLOW["bytes_a_second"], "the line is what it waits for")
        self.assertLess(3 * staged, direct)


if __name__ == "__main__":
    if not CHROMIUM:
        print("skipped: chromium is not installed")
        sys.exit(SKIPPED)
    main()
