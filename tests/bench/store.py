"""The store of the benchmark: a Ceph gateway started by tests/support/rgw, and what it holds afterwards."""

import datetime
import hashlib
import hmac
import os
import re
import subprocess
import sys
import urllib.parse
import urllib.request
import xml.etree.ElementTree

SUPPORT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support")
REGION = "us-east-1"


class Store:
    """Up for the time of a with block, with room for `capacity` bytes in memory."""

    def __init__(self, folder, capacity):
        self.folder, self.capacity = folder, capacity

    def __enter__(self):
        subprocess.run([f"{SUPPORT}/rgw", "start", self.folder, "--memory", str(self.capacity)], check=True, stdout=sys.stderr)
        with open(f"{self.folder}/endpoint.env", encoding="utf-8") as file:
            values = dict(line.strip().split("=", 1) for line in file)
        self.url, self.access, self.secret = (values[f"S3_{n}"] for n in ("ENDPOINT", "ACCESS_KEY", "SECRET_KEY"))
        self.host = self.url.removeprefix("http://")
        return self

    def __exit__(self, *_):
        subprocess.run([f"{SUPPORT}/rgw", "stop", self.folder, "--purge"], check=False, stdout=sys.stderr)

    def ceph(self, program, *arguments):
        """A tool of the cluster, which must succeed; one that hangs is ended and started again."""
        command = [program, "-c", "ceph.conf", *arguments]
        for seconds in (120, 120, None):  # a purge of 10,000 objects takes 10, and in one of 60 never ended
            try:
                done = subprocess.run(command, cwd=f"{self.folder}/ceph", capture_output=True, text=True, timeout=seconds)
                break
            except subprocess.TimeoutExpired:
                print(f"{' '.join(command)}: ended after {seconds} s", file=sys.stderr)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)}: {done.stderr[-1000:]}")

    def create(self, bucket):
        self.request("PUT", f"/{bucket}", {})

    def remove(self, bucket):
        """With all it holds, and its memory at once: the collector would wait."""
        self.ceph("radosgw-admin", "-n", "client.rgw", "bucket", "rm", f"--bucket={bucket}", "--purge-objects", "--bypass-gc")

    def objects(self, bucket):
        """key -> (size, ETag)"""
        found, token = {}, None
        while True:
            query = {"list-type": "2", "encoding-type": "url"}
            if token:
                query["continuation-token"] = token
            page = re.sub(r' xmlns="[^"]*"', "", self.request("GET", f"/{bucket}", query))
            root = xml.etree.ElementTree.fromstring(page)
            for entry in root.iter("Contents"):
                key = urllib.parse.unquote_plus(entry.findtext("Key"))
                found[key] = (int(entry.findtext("Size")), entry.findtext("ETag").strip('"'))
            token = root.findtext("NextContinuationToken")
            if root.findtext("IsTruncated") != "true":
                return found

    def request(self, method, path, query):
        """One signed request; its body."""
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        empty = hashlib.sha256(b"").hexdigest()
        text = "&".join(f"{k}={urllib.parse.quote(v, safe='-_.~')}" for k, v in sorted(query.items()))
        headers = {"host": self.host, "x-amz-content-sha256": empty, "x-amz-date": now}
        names = ";".join(headers)
        canonical = "\n".join([method, path, text, *(f"{k}:{v}" for k, v in headers.items()), "", names, empty])
        scope = f"{now[:8]}/{REGION}/s3/aws4_request"
        to_sign = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = ("AWS4" + self.secret).encode()
        for part in (now[:8], REGION, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        headers["authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={self.access}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
        request = urllib.request.Request(f"{self.url}{path}?{text}", method=method, headers=headers)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            return answer.read().decode()
