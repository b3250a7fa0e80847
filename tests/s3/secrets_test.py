"""A secret used in a run appears nowhere: not in any output at any verbosity, nor in the bucket, nor on the
command line."""

import os

from support import StoreTest, body, main, objects

CANARY = "cAnArYsEcReT0123456789abcdefghijklmnopq"
TOKEN = "cAnArYtOkEn9876543210"


class Secrets(StoreTest):
    def setUp(self):
        super().setUp()
        self.write("site/index.html", "<!doctype html><title>t</title><p>x")
        self.pipeline()

    def assert_clean(self, finished, *secrets):
        for secret in secrets:
            for piece in (secret, secret[:20], secret[-20:]):
                self.assertNotIn(piece, finished.out)
                self.assertNotIn(piece, finished.err)
        for text in (finished.out, finished.err):
            self.assertNotIn("Signature=", text)
            self.assertNotIn("X-Amz-Signature", text)

    def test_in_runs_that_succeed(self):
        for flags in ([], ["-v"], ["-vv"], ["-vvv"], ["--json"], ["--json", "-vvv"], ["--dry-run", "-vvv"]):
            with self.subTest(flags=flags):
                finished = self.run_deployflow("push", *flags)
                self.assertEqual(finished.code, 0, finished.err)
                self.assert_clean(finished, self.a.secret, self.b.secret)
        for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
            for key in objects(client, bucket, reserved=True):
                self.assertNotIn(self.a.secret.encode(), body(client, bucket, key))

    def test_in_runs_that_are_refused(self):
        self.needs_checked_signatures()
        wrong = self.write("wrong", f"[a]\naws_access_key_id = {self.a.access}\naws_secret_access_key = {CANARY}\n"
                           f"aws_session_token = {TOKEN}\n[b]\naws_access_key_id = nobody\naws_secret_access_key = {CANARY}\n")
        for flags in ([], ["-vvv"], ["--json", "-vvv"]):
            with self.subTest(flags=flags):
                finished = self.run_deployflow("push", *flags, AWS_SHARED_CREDENTIALS_FILE=wrong)
                self.assertEqual(finished.code, 4, finished.out + finished.err)
                self.assert_clean(finished, CANARY, TOKEN)
        self.assertEqual(objects(self.client_a, self.source), {})

    def test_from_the_environment_and_in_a_pipeline_that_is_broken(self):
        keys = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": CANARY, "AWS_SESSION_TOKEN": TOKEN}
        self.write("deployflow.yaml", "version: 1\nsite: ${AWS_SECRET_ACCESS_KEY}\ntargets:\n  t: {bucket: b, endpoint: 'http://x:${AWS_SECRET_ACCESS_KEY}@127.0.0.1'}\nstages: [{uses: ${AWS_SESSION_TOKEN}}]\n")
        finished = self.run_deployflow("push", "-vvv", **keys)
        self.assertEqual(finished.code, 2, finished.err)
        self.assert_clean(finished, CANARY, TOKEN)


if __name__ == "__main__":
    main()
