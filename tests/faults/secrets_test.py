"""No secret leaves a run: not in any output at any verbosity, nor in what is stored, nor in what is left on the disk;
whether all goes well, or a store refuses, redirects, or repeats what it was sent."""

import os
import re

from endpoints import FaultCase, main

from quirk import Server

KEY = "AKIACANARY0123456789"
SECRET = "cAnArYsEcReT0123456789+/abcdefghijklmnop"
TOKEN = "cAnArYtOkEn0123456789+/abcdefghijklmnopqrstuvwxyz=="
LEVELS = ([], ["-q"], ["-v"], ["-vv"], ["-vvv"], ["--json"], ["--json", "-vvv"])
PIECE = 12  # letters of a secret that are too many to be chance


class Secrets(FaultCase):
    SERVERS = 2

    def setUp(self):
        super().setUp()
        self.use(self.deployment.write_file("credentials", "".join(
            f"[{name}]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\naws_session_token = {TOKEN}\n"
            for name, _ in self.deployment.targets())))

    def serve(self, **more):
        server = Server(keys={KEY: (SECRET, TOKEN)}, buckets=["box"], **more).start()
        self.addCleanup(server.stop)
        return server

    def use(self, credentials):
        self.deployment.credentials = credentials

    def each_level(self, *command, code, target_is_fresh=True):
        """The command at every level of verbosity; what it said with all of it is returned."""
        said = {}
        for level in LEVELS:
            with self.subTest(level=level):
                for server in self.servers if target_is_fresh else ():
                    server.store.clear()
                    server.store.create("box")
                finished = self.deployment.run(*command, *level)
                self.assertEqual(finished.code, code, finished.out + finished.err)
                said[" ".join(level)] = finished.out + finished.err
        signatures = set()
        for server in self.servers:
            for entry in server.log.entries():
                signature = re.search("Signature=([0-9a-f]{64})", entry.header("authorization") or "")
                if signature:
                    signatures.add(signature[1])
        self.assertTrue(signatures)
        for level, text in said.items():
            self.assert_clean(text, signatures, level)
        self.assertIn("> ", said["-vvv"])  # or it proves nothing
        self.assertIn("[redacted]", said["-vvv"])
        return said

    def assert_clean(self, text, signatures, where):
        for secret in (SECRET, TOKEN, *signatures):
            for start in range(0, len(secret) - PIECE + 1):
                self.assertNotIn(secret[start : start + PIECE], text, where)
        self.assertNotIn("Signature=", text)

    def test_when_all_goes_well(self):
        self.deployment.put("big.bin", os.urandom((16 << 20) + 5))
        self.each_level("push", code=0)
        for server in self.servers:
            contents = server.store.contents("box", reserved=True)
            for key, held in server.store.buckets["box"].objects.items():
                everything = key + str(held.headers)
                self.assert_clean(everything + contents[key].decode("latin-1"), [], key)
        self.assertIn(".deployflow/current.json", self.s3.store.contents("box", reserved=True))

    def test_when_nothing_is_to_be_done(self):
        self.push()
        self.each_level("push", code=0, target_is_fresh=False)

    def test_nothing_of_it_is_left_on_the_disk(self):
        self.each_level("push", code=0)
        for folder, _, names in os.walk(self.deployment.folder):
            for path in (os.path.join(folder, name) for name in names):
                if path != self.deployment.credentials:
                    with open(path, "rb") as file:
                        self.assert_clean(file.read().decode("latin-1"), [], path)

    def test_when_the_doctor_looks(self):
        self.each_level("doctor", code=0)

    def test_when_a_store_repeats_what_it_was_sent(self):
        repeated = f"The token {TOKEN} is not valid for {KEY}"
        for status, code in ((403, "InvalidToken"), (400, "AuthorizationHeaderMalformed"), (403, "SignatureDoesNotMatch")):
            self.s3.faults.clear()
            self.s3.faults.add("status", status=status, code=code, message=repeated, times=0, reserved=True, extra={
                "Token-0": TOKEN, "StringToSign": f"x-amz-security-token:{TOKEN}",
            }, headers={
                "X-Debug": f"AWS4-HMAC-SHA256 Credential={KEY}/x, SignedHeaders=host, Signature=0123",
                "X-Amz-Security-Token": TOKEN,
                "Set-Cookie": f"session={TOKEN}",
            })
            self.each_level("push", code=4 if status == 403 else 1)

    def test_when_it_repeats_it_in_a_success_that_is_none(self):
        self.deployment.put("big.bin", os.urandom((16 << 20) + 5))
        self.s3.faults.add("error_200", operation="CompleteMultipartUpload", code="AccessDenied", message=f"{TOKEN} may not", times=0)
        said = self.each_level("push", code=4)
        self.assertIn("[redacted] may not", said[""])

    def test_when_it_redirects_to_a_presigned_place(self):
        self.s3.faults.add("status", status=307, code="TemporaryRedirect", times=0, reserved=True, headers={
            "Location": f"http://127.0.0.1:1/box?X-Amz-Security-Token={TOKEN}&X-Amz-Signature={'0' * 64}"})
        self.each_level("push", code=1)

    def test_when_the_keys_are_wrong(self):
        self.s3.add_key(KEY, "another", TOKEN)
        self.each_level("push", code=4)

    def test_when_an_address_or_the_pipeline_holds_them(self):
        self.deployment.write_file("deployflow.yaml", f"""version: 1
site: ./site
targets:
  primary: {{endpoint: "http://{KEY}:{SECRET}@127.0.0.1", bucket: box, profile: "${{AWS_SESSION_TOKEN}}"}}
stages: [{{uses: upload, with: {{to: primary, "${{AWS_SECRET_ACCESS_KEY}}": x}}}}]
""")
        for level in LEVELS:
            with self.subTest(level=level):
                finished = self.deployment.run("push", *level, AWS_SECRET_ACCESS_KEY=SECRET, AWS_SESSION_TOKEN=TOKEN)
                self.assertEqual(finished.code, 2, finished.out + finished.err)
                self.assert_clean(finished.out + finished.err, [], level)


if __name__ == "__main__":
    main()
