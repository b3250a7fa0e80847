"""What the tests against real servers share: two endpoints, fresh buckets, the binary, another client.

Run with the system's python3, which has Debian's python3-botocore.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import uuid

SKIPPED = 77


class Endpoint:
    """One S3 server, given as `http://host:port,ACCESS,SECRET`."""

    def __init__(self, text):
        self.url, self.access, self.secret = text.split(",")

    def client(self):
        import botocore.config
        import botocore.session

        session = botocore.session.Session()
        return session.create_client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=self.access,
            aws_secret_access_key=self.secret,
            config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": 3}),
        )


def endpoints():
    """The two servers; empty unless both are named."""
    given = [os.environ.get(f"DEPLOYFLOW_TEST_S3_{name}") for name in "AB"]
    return [Endpoint(text) for text in given] if all(given) else []


def main():
    """All tests of the file, or none: an exit from within a test would be a failure of that test."""
    if not endpoints():
        print("skipped: DEPLOYFLOW_TEST_S3_A and DEPLOYFLOW_TEST_S3_B name no servers")
        sys.exit(SKIPPED)
    unittest.main()


class Finished:
    """A run of the binary that has ended."""

    def __init__(self, code, out, err, peak_kib):
        self.code, self.out, self.err, self.peak_kib = code, out, err, peak_kib

    def lines(self):
        return [json.loads(line) for line in self.out.splitlines()]

    def result(self):
        return self.lines()[-1]


def resident_peak(pid):
    """KiB. What getrusage tells of a child begins with the memory of the process that forked it."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


class StoreTest(unittest.TestCase):
    """Each test has two fresh buckets on two servers, a folder, and credentials in profiles."""

    def setUp(self):
        self.a, self.b = endpoints()
        self.folder = tempfile.mkdtemp(prefix="deployflow-s3-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        name = "df-" + uuid.uuid4().hex[:12]
        self.source, self.mirror = name + "-source", name + "-mirror"
        self.client_a, self.client_b = self.a.client(), self.b.client()
        self.addCleanup(self.client_a.close)
        self.addCleanup(self.client_b.close)
        for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
            client.create_bucket(Bucket=bucket)
            self.addCleanup(empty, client, bucket)
        self.credentials = self.write(
            "aws-credentials",
            "".join(
                f"[{profile}]\naws_access_key_id = {e.access}\naws_secret_access_key = {e.secret}\n"
                for profile, e in (("a", self.a), ("b", self.b))
            ),
        )
        self.site = os.path.join(self.folder, "site")
        os.mkdir(self.site)

    def needs_checked_signatures(self):
        """Some servers made for tests believe everybody."""
        client = Endpoint(f"{self.a.url},{self.a.access},wrong").client()
        self.addCleanup(client.close)
        try:
            client.list_objects_v2(Bucket=self.source)
        except client.exceptions.ClientError:
            return
        self.skipTest("the server checks no signature")

    def why_not(self, key):
        """Why another client cannot have an object of this name; empty if it can."""
        for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
            try:
                client.put_object(Bucket=bucket, Key=key, Body=b"x")
                held = objects(client, bucket)
                client.delete_object(Bucket=bucket, Key=key)
            except client.exceptions.ClientError as error:
                return str(error)
            if key not in held:
                return f"the server made {list(held)} of {key}"
        return ""

    def needs_listed_uploads(self):
        for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
            if unfinished_uploads(client, bucket) is None:
                self.skipTest("the server does not list uploads")

    def write(self, name, content):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
        return path

    def pipeline(self, site=None, stages=None, prefix=""):
        """The issue's pipeline over this test's buckets. Returns its path."""
        return self.write(
            "deployflow.yaml",
            f"""version: 1
site: {site or './site'}
targets:
  primary: {{endpoint: "{self.a.url}", bucket: {self.source}, region: us-east-1, profile: a, prefix: "{prefix}"}}
  mirror: {{endpoint: "{self.b.url}", bucket: {self.mirror}, profile: b, prefix: "{prefix}"}}
stages:
"""
            + (
                stages
                or """  - uses: validate
    with: {max_file_size: 1GiB}
  - uses: upload
    with: {to: primary}
  - uses: replicate
    with: {from: primary, to: [mirror]}
"""
            ),
        )

    def environment(self, **more):
        return {
            "PATH": os.environ["PATH"],
            "HOME": self.folder,
            "AWS_SHARED_CREDENTIALS_FILE": self.credentials,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",  # no test reaches any network but loopback
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
            **more,
        }

    def command(self, *arguments):
        return [os.environ["DEPLOYFLOW"], *arguments]

    def run_deployflow(self, *arguments, input=None, **environment):
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            given.write(input or b"")
            given.seek(0)
            process = subprocess.Popen(
                self.command(*arguments), stdin=given, stdout=out, stderr=err,
                env=self.environment(**environment), cwd=self.folder,
            )
            peak = 0
            while process.poll() is None:
                peak = max(peak, resident_peak(process.pid))
                time.sleep(0.01)
            out.seek(0)
            err.seek(0)
            return Finished(process.returncode, out.read().decode(), err.read().decode(), peak)

    def push(self, *arguments, **environment):
        """A push that must succeed; its JSON lines."""
        finished = self.run_deployflow("push", "--json", *arguments, **environment)
        self.assertEqual(finished.code, 0, finished.out + finished.err)
        return finished


def objects(client, bucket, prefix="", reserved=False):
    """key -> size of everything in the bucket; without what deployflow keeps for itself, unless told."""
    found = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix):
        for item in page.get("Contents", []):
            if reserved or ".deployflow/" not in item["Key"]:
                found[item["Key"]] = item["Size"]
    return found


def is_lacking(error):
    """Does this ClientError say that the server has no such operation?"""
    return error.response["ResponseMetadata"]["HTTPStatusCode"] in (405, 501)


def unfinished_uploads(client, bucket):
    """Their keys; None from a server that does not tell."""
    try:
        return [upload["Key"] for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])]
    except client.exceptions.ClientError as error:
        if is_lacking(error):
            return None
        raise


def empty(client, bucket):
    if unfinished_uploads(client, bucket):
        for upload in client.list_multipart_uploads(Bucket=bucket)["Uploads"]:
            client.abort_multipart_upload(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    keys = [{"Key": key} for key in objects(client, bucket, reserved=True)]
    for start in range(0, len(keys), 500):
        client.delete_objects(Bucket=bucket, Delete={"Objects": keys[start : start + 500], "Quiet": True})
    client.delete_bucket(Bucket=bucket)


def body(client, bucket, key):
    return client.get_object(Bucket=bucket, Key=key)["Body"].read()
