"""`deployflow doctor` against real servers: what it says, its exit code, and that it leaves nothing."""

import signal
import subprocess

from support import StoreTest, is_lacking, main, objects, unfinished_uploads
from targets_test import closed_port

VITAL = {"endpoint", "region", "credentials", "clock", "list", "put", "read", "metadata"}
PROBES = VITAL | {"etag", "empty", "keys", "delete", "conditional", "copy", "multipart", "unfinished", "public", "clean"}


class Doctor(StoreTest):
    def probes(self, finished, target="primary"):
        return {l["probe"]: l for l in finished.lines() if l["type"] == "probe" and l["target"] == target}

    def make_public(self):
        """By a policy, or else by an ACL."""
        policy = (
            '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject",'
            f'"Resource":"arn:aws:s3:::{self.source}/*"}}]}}'
        )
        try:
            self.client_a.put_bucket_policy(Bucket=self.source, Policy=policy)
        except self.client_a.exceptions.ClientError as error:
            if not is_lacking(error):
                raise
            try:
                self.client_a.put_bucket_acl(Bucket=self.source, ACL="public-read")
            except self.client_a.exceptions.ClientError:
                self.skipTest(f"the server has no policies: {error}")

    def left(self):
        found = {}
        for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
            found |= objects(client, bucket, reserved=True)
            found |= dict.fromkeys(unfinished_uploads(client, bucket) or [])
        return found

    def fails(self, code, probe, *parts, **environment):
        finished = self.run_deployflow("doctor", "primary", "--json", **environment)
        self.assertEqual(finished.code, code, finished.out + finished.err)
        row = self.probes(finished)[probe]
        self.assertEqual(row["verdict"], "no")
        for part in parts:
            self.assertIn(part, str(row["error"]))
        self.assertEqual(finished.result()["exit_code"], code)
        self.assertEqual(self.left(), {})
        return finished

    def test_all_targets_are_tried_and_nothing_stays(self):
        self.pipeline(prefix="some/where/")
        finished = self.run_deployflow("doctor", "--json")
        self.assertEqual(finished.code, 0, finished.out + finished.err)
        self.assertEqual(finished.err, "")
        for target in ("primary", "mirror"):
            rows = self.probes(finished, target)
            self.assertEqual(set(rows), PROBES)
            for name in VITAL | {"clean", "multipart", "delete", "copy", "empty"}:
                self.assertEqual(rows[name]["verdict"], "ok", rows[name])
            self.assertEqual(rows["keys"]["verdict"], "limited" if self.why_not("a//b") else "ok", rows["keys"])
        self.assertTrue(finished.result()["ok"])
        self.assertEqual(self.left(), {})

    def test_what_others_have_there_stays(self):
        self.client_a.put_object(Bucket=self.source, Key="index.html", Body=b"x")
        self.pipeline()
        self.assertEqual(self.run_deployflow("doctor", "primary").code, 0)
        self.assertEqual(list(self.left()), ["index.html"])

    def test_the_table_shows_a_part_of_the_key_and_nothing_of_the_secret(self):
        self.pipeline()
        finished = self.run_deployflow("doctor", "primary", "-vvv")
        key = self.a.access
        self.assertIn(key[:4] + "..." + key[-4:] if len(key) > 12 else key[:2] + "... from", finished.out)
        self.assertNotIn(self.a.access, finished.out)
        self.assertNotIn(self.a.secret, finished.out + finished.err)

    def test_a_target_of_the_command_line_and_its_website(self):
        public = f"{self.a.url}/{self.source}/"
        finished = self.run_deployflow(
            "doctor", "--to", f"s3://{self.source}", "--endpoint-url", self.a.url, "--url", public, "--json",
            AWS_ACCESS_KEY_ID=self.a.access, AWS_SECRET_ACCESS_KEY=self.a.secret,
        )
        self.assertEqual(finished.code, 0, finished.out + finished.err)
        rows = self.probes(finished, "target")
        self.assertEqual(rows["public"]["verdict"], "info")
        self.assertEqual(rows["website"]["verdict"], "limited")
        self.assertRegex(rows["website"]["detail"], "40[03]")  # Swift has 400

    def test_a_public_bucket_serves_its_website(self):
        self.make_public()
        finished = self.run_deployflow(
            "doctor", "--to", f"s3://{self.source}", "--endpoint-url", self.a.url,
            "--url", f"{self.a.url}/{self.source}/", "--json",
            AWS_ACCESS_KEY_ID=self.a.access, AWS_SECRET_ACCESS_KEY=self.a.secret,
        )
        rows = self.probes(finished, "target")
        self.assertIn("anyone", rows["public"]["detail"])
        self.assertEqual(rows["website"]["verdict"], "ok", rows["website"])

    def test_a_wrong_secret_is_exit_4(self):
        self.needs_checked_signatures()
        self.pipeline()
        wrong = self.write("wrong", f"[a]\naws_access_key_id = {self.a.access}\naws_secret_access_key = y\n")
        self.fails(4, "list", "hint", AWS_SHARED_CREDENTIALS_FILE=wrong)

    def test_no_credentials_are_exit_4(self):
        self.pipeline()
        self.fails(4, "credentials", "/none", AWS_SHARED_CREDENTIALS_FILE="/none")

    def test_no_such_bucket_is_exit_1_with_the_fix(self):
        self.source, real = self.source + "-missing", self.source
        self.pipeline()
        self.source = real
        self.fails(1, "list", real + "-missing", "hint")

    def test_an_endpoint_that_is_down_is_exit_1(self):
        self.a.url = f"http://127.0.0.1:{closed_port()}"
        self.pipeline()
        self.fails(1, "list", "network")

    def test_an_interrupt_is_130_and_leaves_nothing(self):
        self.pipeline()
        for row in ("endpoint", "list", "put", "metadata"):
            with self.subTest(row=row):
                process = subprocess.Popen(
                    self.command("doctor", "primary", "--json"),
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(), cwd=self.folder, text=True,
                )
                for line in process.stdout:
                    if f'"probe":"{row}"' in line:
                        break
                process.send_signal(signal.SIGINT)
                rest, _ = process.communicate()
                self.assertEqual(process.returncode, 130, rest)
                self.assertIn('"cancelled"', rest)
                self.assertEqual(self.left(), {})


if __name__ == "__main__":
    main()
