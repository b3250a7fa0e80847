"""Two buckets of one server: the store copies by itself, and what arrives is the same. And how a target's objects are stored."""

import base64
import os

from support import StoreTest, empty, main

UPLOAD_ONLY = """  - uses: upload
    with: {to: primary}
"""


class OneEndpoint(StoreTest):
    def setUp(self):
        super().setUp()
        self.second = self.source + "-2"
        self.client_a.create_bucket(Bucket=self.second)
        self.addCleanup(empty, self.client_a, self.second)

    def targets(self, stages=None, primary="", mirror=""):
        """A pipeline with both buckets on the first server; more lines for each target."""
        return self.write(
            "deployflow.yaml",
            f"""version: 1
site: ./site
targets:
  primary: {{endpoint: "{self.a.url}", bucket: {self.source}, profile: a{primary}}}
  mirror: {{endpoint: "{self.a.url}", bucket: {self.second}, profile: a, prefix: "a b/"{mirror}}}
stages:
"""
            + (stages or UPLOAD_ONLY + "  - uses: replicate\n    with: {from: primary, to: [mirror]}\n"),
        )

    def get(self, bucket, key, **more):
        return self.client_a.get_object(Bucket=bucket, Key=key, **more)

    def test_replicas_are_made_by_the_server_and_are_equal(self):
        big = os.urandom(1 << 20) * 20
        files = {"index.html": b"<!doctype html><title>t</title>", "100% +\u00fc.css": b"p{}", "big.bin": big, "50%.bin": big, "empty": b""}
        for name, body in files.items():
            self.write(os.path.join("site", name), body)
        self.targets()
        done = self.run_deployflow("push", "-vvv")
        self.assertEqual(done.code, 0, done.err)
        for name, body in files.items():
            copy, original = self.get(self.second, "a b/" + name), self.get(self.source, name)
            self.assertEqual(copy["Body"].read(), body, name)
            self.assertEqual(copy["ContentType"], original["ContentType"])
            self.assertEqual(copy["ETag"], original["ETag"])
        self.assertIn("x-amz-copy-source=" + self.source, done.err)
        again = self.run_deployflow("push", "--json")
        self.assertEqual(again.code, 0, again.err)
        self.assertEqual([line for line in again.lines() if line["type"] == "action"], [])

    def test_tags_and_storage_class_are_those_of_the_target(self):
        self.write("site/index.html", "<!doctype html><title>t</title>")
        self.targets(UPLOAD_ONLY, primary=", storage_class: STANDARD, tags: {team: web & docs, site: main}")
        done = self.run_deployflow("push")
        self.assertEqual(done.code, 0, done.err)
        tags = self.client_a.get_object_tagging(Bucket=self.source, Key="index.html")["TagSet"]
        self.assertEqual({tag["Key"]: tag["Value"] for tag in tags}, {"team": "web & docs", "site": "main"})

    def test_with_a_customer_key_the_store_has_no_plain_copy(self):
        key = os.urandom(32)
        self.write("site.key", base64.b64encode(key) + b"\n")
        files = {"index.html": b"<!doctype html><title>t</title>", "big.bin": os.urandom(17 << 20)}
        for name, body in files.items():
            self.write(os.path.join("site", name), body)
        self.targets(UPLOAD_ONLY, primary=", encryption: customer, customer_key_file: site.key")
        done = self.run_deployflow("push", "-vvv")
        if "NotImplemented" in done.err or "InvalidRequest" in done.err:
            self.skipTest("the server has no SSE-C over plain HTTP")
        self.assertEqual(done.code, 0, done.err[-3000:])
        self.assertNotIn(base64.b64encode(key).decode(), done.err)
        for name, body in files.items():
            with self.assertRaises(Exception, msg="readable without the key"):
                self.get(self.source, name)
            # botocore makes base64 of it itself, and sends it over plain HTTP only when its headers are set by hand
            held = self.get_encrypted(name, key)
            self.assertEqual(held, body)

    def test_with_a_key_of_the_servers_kms_objects_name_it_and_a_replica_is_under_its_own(self):
        files = {"index.html": b"<!doctype html><title>t</title>", "big.bin": os.urandom(17 << 20), "empty.txt": b""}
        for name, body in files.items():
            self.write(os.path.join("site", name), body)
        try:  # by another client: a mistake of ours must not look like a server without it
            kms = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "site-key"}
            self.client_a.put_object(Bucket=self.source, Key="index.html", Body=b"old", **kms)
        except Exception as refused:  # botocore's errors are made at run time
            self.skipTest(f"the server has no KMS with a key of the name site-key: {refused}")
        self.targets(primary=', encryption: "aws:kms", kms_key_id: site-key')
        done = self.run_deployflow("push")
        self.assertEqual(done.code, 0, done.err[-3000:])
        for name, body in files.items():
            held = self.get(self.source, name)
            self.assertEqual(held["Body"].read(), body, name)
            self.assertEqual((held["ServerSideEncryption"], held["SSEKMSKeyId"]), ("aws:kms", "site-key"), name)
            copy = self.get(self.second, "a b/" + name)
            self.assertEqual(copy["Body"].read(), body, name)
            self.assertNotIn("ServerSideEncryption", copy)
        again = self.run_deployflow("push")
        self.assertEqual(again.code, 0, again.err[-3000:])
        for name, body in files.items():
            self.assertEqual(self.get(self.source, name)["Body"].read(), body, name)

    def get_encrypted(self, name, key):
        import hashlib

        def add(request, **_):
            request.headers["x-amz-server-side-encryption-customer-algorithm"] = "AES256"
            request.headers["x-amz-server-side-encryption-customer-key"] = base64.b64encode(key).decode()
            request.headers["x-amz-server-side-encryption-customer-key-MD5"] = base64.b64encode(hashlib.md5(key).digest()).decode()

        events = self.client_a.meta.events
        events.register("before-sign.s3.GetObject", add)
        try:
            return self.get(self.source, name)["Body"].read()
        finally:
            events.unregister("before-sign.s3.GetObject", add)

    def test_a_customer_key_is_checked_before_anything_is_sent(self):
        self.write("site/index.html", "<!doctype html><title>t</title>")
        self.write("site.key", "too short")
        self.targets(UPLOAD_ONLY, primary=", encryption: customer, customer_key_file: site.key")
        done = self.run_deployflow("push")
        self.assertEqual(done.code, 2, done.err)
        self.assertIn("32 bytes", done.err)
        self.assertNotIn("too short", done.err)
        self.assertNotIn("Contents", self.client_a.list_objects_v2(Bucket=self.source))


if __name__ == "__main__":
    main()
