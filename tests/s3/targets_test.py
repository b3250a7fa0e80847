"""What goes wrong at a target: the right exit code, a clear message, the state of the live site, and nothing
uploaded where nothing may be."""

import os
import socket

from support import StoreTest, body, main, objects


def closed_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Targets(StoreTest):
    def setUp(self):
        super().setUp()
        self.write("site/index.html", "<!doctype html><title>t</title><p>x")
        self.write("site/app.css", "p{}")

    def fails(self, code, *parts, **environment):
        finished = self.run_deployflow("push", **environment)
        self.assertEqual(finished.code, code, finished.err)
        self.assertEqual(finished.out, "")
        for part in parts:
            self.assertIn(part, finished.err)
        self.assertEqual(objects(self.client_a, self.source), {})
        return finished

    def test_a_wrong_key_is_exit_4(self):
        self.needs_checked_signatures()
        self.pipeline()
        wrong = self.write("wrong", "[a]\naws_access_key_id = x\naws_secret_access_key = y\n[b]\naws_access_key_id = x\naws_secret_access_key = y\n")
        self.fails(4, "live site is unchanged", AWS_SHARED_CREDENTIALS_FILE=wrong)

    def test_no_credentials_is_exit_4_and_says_where_it_looked(self):
        self.pipeline()
        self.fails(4, "/none", AWS_SHARED_CREDENTIALS_FILE="/none")

    def test_no_such_bucket_is_exit_1_and_names_it(self):
        self.source, real = self.source + "-missing", self.source
        self.pipeline()
        self.source = real
        self.fails(1, real + "-missing", "live site is unchanged")

    def test_an_endpoint_that_is_down_is_exit_1_and_named(self):
        self.a.url = f"http://127.0.0.1:{closed_port()}"
        self.pipeline()
        self.fails(1, self.a.url, "live site is unchanged")

    def test_a_replica_that_is_down_leaves_the_first_target_current_and_says_so(self):
        self.b.url = f"http://127.0.0.1:{closed_port()}"
        self.pipeline()
        finished = self.run_deployflow("push", "--json")
        self.assertEqual(finished.code, 1, finished.out)
        self.assertEqual(set(objects(self.client_a, self.source)), {"index.html", "app.css"})
        self.assertEqual(objects(self.client_b, self.mirror), {})
        self.assertFalse(finished.result()["ok"])

    def test_changed_files_replace_the_old_and_unchanged_ones_stay(self):
        self.pipeline()
        self.push()
        before = self.client_b.head_object(Bucket=self.mirror, Key="app.css")["LastModified"]
        self.write("site/index.html", "<!doctype html><title>t</title><p>y")
        moved = [(l["target"], l["key"]) for l in self.push().lines() if l["type"] == "action"]
        self.assertEqual(sorted(moved), [("mirror", "index.html"), ("primary", "index.html")])
        self.assertTrue(body(self.client_b, self.mirror, "index.html").endswith(b"y"))
        self.assertEqual(self.client_b.head_object(Bucket=self.mirror, Key="app.css")["LastModified"], before)

    def test_a_dry_run_writes_nothing_and_tells_the_plan(self):
        self.pipeline()
        finished = self.push("--dry-run")
        self.assertEqual(objects(self.client_a, self.source), {})
        planned = {l["key"] for l in finished.lines() if l["type"] == "planned"}
        self.assertEqual(planned, {"index.html", "app.css"})

    def test_errors_in_the_site_keep_everything_from_being_uploaded(self):
        os.symlink("nowhere", os.path.join(self.site, "dead"))
        self.pipeline()
        self.fails(3, "symbolic link to nothing")

    def test_without_a_pipeline_file_the_command_line_is_enough(self):
        finished = self.run_deployflow(
            "push", "site/index.html", "--to", f"s3://{self.source}/a/b", "--endpoint-url", self.a.url,
            AWS_ACCESS_KEY_ID=self.a.access, AWS_SECRET_ACCESS_KEY=self.a.secret,
        )
        self.assertEqual(finished.code, 0, finished.err)
        self.assertEqual(list(objects(self.client_a, self.source)), ["a/b/index.html"])
        self.assertEqual(finished.out.strip(), f"{self.a.url}/{self.source}/a/b/index.html")


if __name__ == "__main__":
    main()
