"""Is the quirk server an S3? Other people's clients say so: botocore, s3cmd, rclone. And are its faults what they are called?"""

import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import botocore.config
import botocore.exceptions
import botocore.session

from quirk import Authority, Control, Server
from quirk.quirks import CHOICES

KEYS = ["plain.txt", "a b+c/ü%2F~.txt", "=&?#;,'\"<>", "\U0001f389/日本語", "line\nbreak", "..", "//x//", "trailing/"]
BIG = 5 << 20


class QuirkTest(unittest.TestCase):
    def setUp(self):
        self.s3 = Server(buckets=["box"]).start()
        self.addCleanup(self.s3.stop)
        self.client = self.connect(self.s3)

    def connect(self, server, region="us-east-1", retries=0, **more):
        session = botocore.session.Session()
        client = session.create_client(
            "s3", endpoint_url=server.url, region_name=region, aws_access_key_id=more.pop("access", server.access),
            aws_secret_access_key=more.pop("secret", server.secret),
            config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"max_attempts": retries}, read_timeout=10),
            **more,
        )
        self.addCleanup(client.close)
        return client

    def refused(self, code, function, **arguments):
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            function(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response


class Botocore(QuirkTest):
    def test_what_is_put_is_got_whatever_the_key(self):
        for number, key in enumerate(KEYS):
            body = f"content {number}".encode()
            self.client.put_object(Bucket="box", Key=key, Body=body, ContentType="text/x", CacheControl="no-cache", Metadata={"n": str(number)})
            got = self.client.get_object(Bucket="box", Key=key)
            self.assertEqual((got["Body"].read(), got["ContentType"], got["CacheControl"], got["Metadata"]), (body, "text/x", "no-cache", {"n": str(number)}))
            self.assertEqual(self.client.head_object(Bucket="box", Key=key)["ContentLength"], len(body))
        self.assertEqual({e.status for e in self.s3.log.entries()}, {200})
        self.refused("NoSuchKey", self.client.get_object, Bucket="box", Key="none")
        self.refused("NoSuchBucket", self.client.put_object, Bucket="none", Key="k", Body=b"")

    def test_a_range_and_conditions_of_a_get(self):
        etag = self.client.put_object(Bucket="box", Key="k", Body=b"0123456789")["ETag"]
        got = self.client.get_object(Bucket="box", Key="k", Range="bytes=2-4", IfMatch=etag)
        self.assertEqual((got["Body"].read(), got["ContentRange"]), (b"234", "bytes 2-4/10"))
        self.assertEqual(self.client.get_object(Bucket="box", Key="k", Range="bytes=-3")["Body"].read(), b"789")
        self.refused("InvalidRange", self.client.get_object, Bucket="box", Key="k", Range="bytes=10-")
        self.refused("PreconditionFailed", self.client.get_object, Bucket="box", Key="k", IfMatch='"x"')

    def test_listings_of_both_versions_in_pages(self):
        self.s3.quirks.set(list_page=3)
        keys = sorted((key for key in KEYS + ["d/1", "d/2"]), key=str.encode)
        for key in keys:
            self.s3.store.seed("box", key, b"x")
        for operation in ("list_objects_v2", "list_objects"):
            pages = list(self.client.get_paginator(operation).paginate(Bucket="box"))
            self.assertEqual([o["Key"] for page in pages for o in page["Contents"]], keys)
            self.assertEqual(len(pages), -(-len(keys) // 3))
            pages = list(self.client.get_paginator(operation).paginate(Bucket="box", Delimiter="/"))
            folders = [p["Prefix"] for page in pages for p in page.get("CommonPrefixes", [])]
            self.assertEqual(folders, ["/", "a b+c/", "d/", "trailing/", "\U0001f389/"])
        only = self.client.list_objects_v2(Bucket="box", Prefix="d/", StartAfter="d/1")
        self.assertEqual([o["Key"] for o in only["Contents"]], ["d/2"])

    def test_an_upload_in_parts(self):
        client, key = self.client, "big file.bin"
        upload = client.create_multipart_upload(Bucket="box", Key=key, ContentType="text/x")["UploadId"]
        bodies = {1: os.urandom(BIG), 2: b"tail"}
        tags = {n: client.upload_part(Bucket="box", Key=key, UploadId=upload, PartNumber=n, Body=b)["ETag"] for n, b in bodies.items()}
        self.assertEqual([u["Key"] for u in client.list_multipart_uploads(Bucket="box")["Uploads"]], [key])
        parts = client.list_parts(Bucket="box", Key=key, UploadId=upload)["Parts"]
        self.assertEqual([(p["PartNumber"], p["Size"], p["ETag"]) for p in parts], [(1, BIG, tags[1]), (2, 4, tags[2])])
        named = {"Parts": [{"PartNumber": n, "ETag": e} for n, e in tags.items()]}
        wrong = {"Parts": [{"PartNumber": 1, "ETag": tags[2]}]}
        self.refused("InvalidPart", client.complete_multipart_upload, Bucket="box", Key=key, UploadId=upload, MultipartUpload=wrong)
        done = client.complete_multipart_upload(Bucket="box", Key=key, UploadId=upload, MultipartUpload=named)
        self.assertTrue(done["ETag"].endswith('-2"'))
        self.assertEqual(self.s3.store.contents("box")[key], bodies[1] + bodies[2])
        self.refused("NoSuchUpload", client.complete_multipart_upload, Bucket="box", Key=key, UploadId=upload, MultipartUpload=named)
        other = client.create_multipart_upload(Bucket="box", Key=key)["UploadId"]
        client.abort_multipart_upload(Bucket="box", Key=key, UploadId=other)
        self.assertEqual(self.s3.store.unfinished("box"), [])

    def test_copies_whole_and_in_parts(self):
        client, source = self.client, "über +.bin"
        self.s3.store.seed("box", source, b"0123456789", "text/x", x_amz_meta_a="b")
        client.copy_object(Bucket="box", Key="copy", CopySource={"Bucket": "box", "Key": source})
        head = client.head_object(Bucket="box", Key="copy")
        self.assertEqual((head["ContentType"], head["Metadata"]), ("text/x", {"a": "b"}))
        self.refused("PreconditionFailed", client.copy_object, Bucket="box", Key="copy", CopySource={"Bucket": "box", "Key": source}, CopySourceIfMatch='"x"')
        upload = client.create_multipart_upload(Bucket="box", Key="joined")["UploadId"]
        part = client.upload_part_copy(Bucket="box", Key="joined", UploadId=upload, PartNumber=1, CopySource={"Bucket": "box", "Key": source}, CopySourceRange="bytes=2-4")
        named = {"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]}
        client.complete_multipart_upload(Bucket="box", Key="joined", UploadId=upload, MultipartUpload=named)
        self.assertEqual(self.s3.store.contents("box")["joined"], b"234")

    def test_deletes_one_and_many(self):
        for key in KEYS:
            self.s3.store.seed("box", key, b"x")
        self.client.delete_object(Bucket="box", Key=KEYS[0])
        self.client.delete_object(Bucket="box", Key="never there")
        done = self.client.delete_objects(Bucket="box", Delete={"Objects": [{"Key": k} for k in KEYS if "\n" not in k]})
        self.assertEqual(len(done["Deleted"]), len(KEYS) - 1)
        self.assertEqual(list(self.s3.store.contents("box")), ["line\nbreak"])

    def test_conditional_writes(self):
        put = self.client.meta.events
        condition = {}
        put.register("before-sign.s3.PutObject", lambda request, **_: [request.headers.add_header(n, v) for n, v in condition.items()])
        condition["If-None-Match"] = "*"
        etag = self.client.put_object(Bucket="box", Key="lock", Body=b"1")["ETag"]
        self.refused("PreconditionFailed", self.client.put_object, Bucket="box", Key="lock", Body=b"2")
        for way, code in (("304", "304"), ("409", "ConditionalRequestConflict"), ("missing", "NotImplemented")):
            self.s3.quirks.set(conditional_writes=way)
            self.refused(code, self.client.put_object, Bucket="box", Key="lock", Body=b"2")
        self.assertEqual(self.s3.store.contents("box"), {"lock": b"1"})
        self.s3.quirks.set(conditional_writes="ok")
        condition.clear()
        condition["If-Match"] = etag
        self.client.put_object(Bucket="box", Key="lock", Body=b"3")
        self.refused("PreconditionFailed", self.client.put_object, Bucket="box", Key="lock", Body=b"4")

    def test_buckets_and_their_configuration(self):
        client = self.client
        client.create_bucket(Bucket="new")
        self.refused("BucketAlreadyOwnedByYou", client.create_bucket, Bucket="new")
        self.assertEqual([b["Name"] for b in client.list_buckets()["Buckets"]], ["box", "new"])
        client.head_bucket(Bucket="new")
        self.refused("404", client.head_bucket, Bucket="none")
        self.refused("NoSuchWebsiteConfiguration", client.get_bucket_website, Bucket="new")
        client.put_bucket_website(Bucket="new", WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
        self.assertEqual(client.get_bucket_website(Bucket="new")["IndexDocument"]["Suffix"], "index.html")
        client.put_bucket_versioning(Bucket="new", VersioningConfiguration={"Status": "Enabled"})
        self.assertEqual(client.get_bucket_versioning(Bucket="new")["Status"], "Enabled")
        client.delete_bucket(Bucket="new")

    def test_a_link_is_good_for_a_while(self):
        self.s3.store.seed("box", "a b.txt", b"linked")
        # botocore makes links of version 2 unless it is told; the server knows version 4 alone.
        session = botocore.session.Session()
        client = session.create_client(
            "s3", endpoint_url=self.s3.url, region_name="us-east-1", aws_access_key_id=self.s3.access,
            aws_secret_access_key=self.s3.secret, config=botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        self.addCleanup(client.close)
        link = client.generate_presigned_url("get_object", {"Bucket": "box", "Key": "a b.txt"}, ExpiresIn=60)
        with urllib.request.urlopen(link) as answer:
            self.assertEqual(answer.read(), b"linked")
        self.s3.quirks.set(clock_offset=61)
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen(link)
        self.s3.quirks.set(clock_offset=0)
        with self.assertRaises(urllib.error.HTTPError):
            urllib.request.urlopen(link.replace("a%20b", "a%20c"))


class Signatures(QuirkTest):
    def test_a_wrong_secret_a_strange_key_and_no_signature_are_refused(self):
        self.refused("SignatureDoesNotMatch", self.connect(self.s3, secret="wrong").list_objects_v2, Bucket="box")
        self.refused("InvalidAccessKeyId", self.connect(self.s3, access="STRANGER").list_objects_v2, Bucket="box")
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(self.s3.url + "/box")
        self.assertEqual(caught.exception.code, 403)

    def test_what_is_changed_after_signing_is_refused(self):
        changes = [
            lambda r: r.headers.__setitem__("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA=="),
            lambda r: r.headers.__setitem__("x-amz-meta-more", "1"),
            lambda r: setattr(r, "url", r.url.replace("/k", "/l")),
            lambda r: setattr(r, "url", r.url + "?x=1"),
            lambda r: setattr(r, "body", b"other"),
        ]
        for number, change in enumerate(changes):
            client = self.connect(self.s3)
            client.meta.events.register("before-send.s3.PutObject", lambda request, change=change, **_: change(request))
            with self.subTest(number), self.assertRaises(botocore.exceptions.ClientError) as caught:
                client.put_object(Bucket="box", Key="k", Body=b"bytes")
            self.assertIn(caught.exception.response["Error"]["Code"], ("AccessDenied", "SignatureDoesNotMatch", "XAmzContentSHA256Mismatch", "BadDigest"))
        self.assertEqual(self.s3.store.contents("box"), {})

    def test_a_clock_that_is_off_by_more_than_15_minutes(self):
        for offset, good in ((14 * 60, True), (-14 * 60, True), (16 * 60, False), (-16 * 60, False)):
            self.s3.quirks.set(clock_offset=offset)
            if good:
                self.client.list_objects_v2(Bucket="box")
            else:
                self.refused("RequestTimeTooSkewed", self.client.list_objects_v2, Bucket="box")

    def test_a_session_token_must_be_the_right_one(self):
        self.s3.add_key("TEMP", "temporary", "the token")
        session = botocore.session.Session()
        for token, good in (("the token", True), ("another", False)):
            client = session.create_client(
                "s3", endpoint_url=self.s3.url, region_name="r", aws_access_key_id="TEMP", aws_secret_access_key="temporary",
                aws_session_token=token, config=botocore.config.Config(s3={"addressing_style": "path"}))
            self.addCleanup(client.close)
            if good:
                client.list_objects_v2(Bucket="box")
            else:
                self.refused("InvalidToken", client.list_objects_v2, Bucket="box")


class OtherClients(QuirkTest):
    def setUp(self):
        super().setUp()
        self.folder = tempfile.mkdtemp(prefix="deployflow-quirk-")
        self.addCleanup(shutil.rmtree, self.folder)
        self.site = os.path.join(self.folder, "site")
        os.mkdir(self.site)
        self.files = {"index.html": b"<p>x", "a b+c.txt": b"y" * 1000, "sub/ünï.css": b"", "big.bin": os.urandom(12 << 20)}
        for name, content in self.files.items():
            path = os.path.join(self.site, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(content)

    def run_client(self, *command, **environment):
        if shutil.which(command[0]) is None:
            self.skipTest(f"no {command[0]} here")
        done = subprocess.run(
            command, env={"PATH": os.environ["PATH"], "HOME": self.folder, "LANG": "C.UTF-8", **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, done.stdout.decode())

    def test_rclone_syncs_there_and_back(self):
        remote = {
            "RCLONE_CONFIG": "/dev/null", "RCLONE_CONFIG_Q_TYPE": "s3", "RCLONE_CONFIG_Q_PROVIDER": "Other", "RCLONE_CONFIG_Q_ENDPOINT": self.s3.url,
            "RCLONE_CONFIG_Q_ACCESS_KEY_ID": self.s3.access, "RCLONE_CONFIG_Q_SECRET_ACCESS_KEY": self.s3.secret,
        }
        flags = ("--s3-upload-cutoff", "6M", "--s3-chunk-size", "5M")
        self.run_client("rclone", "sync", *flags, self.site, "q:box/p", **remote)
        self.assertEqual(self.s3.store.contents("box"), {f"p/{k}": v for k, v in self.files.items()})
        self.assertEqual(self.s3.log.count("UploadPart"), 3)
        self.run_client("rclone", "check", "--download", self.site, "q:box/p", **remote)
        self.run_client("rclone", "purge", "q:box/p", **remote)
        self.assertEqual(self.s3.store.contents("box"), {})

    def test_s3cmd_syncs_there_and_back(self):
        host = self.s3.url.removeprefix("http://")
        s3cmd = (
            "s3cmd", "--config=/dev/null", "--no-ssl", f"--host={host}", f"--host-bucket={host}", f"--access_key={self.s3.access}",
            f"--secret_key={self.s3.secret}", "--no-progress", "--region=us-east-1",
        )
        self.run_client(*s3cmd, "--multipart-chunk-size-mb=5", "put", "--recursive", self.site + "/", "s3://box/")
        self.assertEqual(self.s3.store.contents("box"), self.files)
        self.run_client(*s3cmd, "cp", "s3://box/index.html", "s3://box/copy.html")
        self.run_client(*s3cmd, "sync", "s3://box/", os.path.join(self.folder, "back/"))
        with open(os.path.join(self.folder, "back", "big.bin"), "rb") as file:
            self.assertEqual(file.read(), self.files["big.bin"])
        self.run_client(*s3cmd, "del", "--recursive", "--force", "s3://box/")
        self.assertEqual(self.s3.store.contents("box"), {})


class QuirksAreSeen(QuirkTest):
    def test_every_switch_takes_its_values_and_no_others(self):
        for name, values in CHOICES.items():
            for value in values:
                self.s3.quirks.set(**{name: value})
            with self.assertRaises(ValueError):
                self.s3.quirks.set(**{name: "nonsense"})
        with self.assertRaises(ValueError):
            self.s3.quirks.set(no_such_quirk=True)
        self.s3.quirks.clear()
        self.assertEqual(self.s3.quirks.etag, "md5")

    def test_regions(self):
        self.s3.quirks.set(region="eu-central-1", wrong_region="400")
        self.client.put_object(Bucket="box", Key="k", Body=b"")  # botocore takes the region from the refusal
        self.assertEqual([(e.status, e.error) for e in self.s3.log.entries("PutObject")], [(400, "AuthorizationHeaderMalformed"), (200, "")])
        self.s3.log.clear()
        self.connect(self.s3, region="eu-central-1").list_objects_v2(Bucket="box")
        self.assertEqual([e.status for e in self.s3.log.entries()], [200])

    def test_etags(self):
        self.s3.quirks.set(etag="random")
        self.assertNotEqual(self.client.put_object(Bucket="box", Key="k", Body=b"hello")["ETag"], '"5d41402abc4b2a76b9719d911017c592"')
        self.s3.quirks.set(etag="none")
        self.assertNotIn("ETag", self.client.put_object(Bucket="box", Key="k", Body=b"hello"))
        self.s3.quirks.set(etag="md5")
        kms = self.client.put_object(Bucket="box", Key="k", Body=b"hello", ServerSideEncryption="aws:kms")
        self.assertNotEqual(kms["ETag"], '"5d41402abc4b2a76b9719d911017c592"')

    def test_a_store_that_keeps_no_bytes(self):
        self.s3.quirks.set(keep_bytes_below=10)
        self.client.put_object(Bucket="box", Key="k", Body=b"x" * 1000)
        got = self.client.get_object(Bucket="box", Key="k")
        self.assertEqual((got["ContentLength"], got["Body"].read(5)), (1000, bytes(5)))

    def test_slow_down(self):
        self.s3.quirks.set(slow_down_every=3, slow_down_retry_after="1")
        self.client.head_bucket(Bucket="box")
        self.client.head_bucket(Bucket="box")
        answer = self.refused("SlowDown", self.client.list_objects_v2, Bucket="box")
        self.assertEqual(answer["ResponseMetadata"]["HTTPHeaders"]["retry-after"], "1")


class FaultsAreFelt(QuirkTest):
    """Over a plain socket, to see what really comes."""

    def setUp(self):
        super().setUp()
        self.s3.quirks.set(anonymous=True)
        self.s3.store.seed("box", "k", b"0123456789")

    def exchange(self, request=b"GET /box/k HTTP/1.1\r\nHost: x\r\n\r\n", until_end=False):
        with socket.create_connection(("127.0.0.1", self.s3.port), 10) as sock:
            sock.sendall(request)
            data = b""
            while until_end or b"\r\n\r\n" not in data or not data.endswith(b"789"):
                piece = sock.recv(65536)
                if not piece:
                    break
                data += piece
            return data

    def put(self, body=b"0123456789"):
        return b"PUT /box/new HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def test_reset(self):
        for side in ("request", "response"):
            self.s3.faults.add("reset", side=side, bytes=4)
            with self.subTest(side), self.assertRaises(ConnectionResetError):
                self.exchange(self.put(), until_end=True)
        self.assertEqual(self.s3.store.contents("box")["new"], b"0123456789")  # of the second: before its answer was cut

    def test_swallow_and_truncate(self):
        self.s3.faults.add("swallow")
        self.assertEqual(self.exchange(self.put(), until_end=True), b"")
        self.assertIn("new", self.s3.store.contents("box"))
        self.s3.faults.clear()
        for length in (True, False):
            self.s3.faults.add("truncate", bytes=4, length=length)
            data = self.exchange(until_end=True)
            self.assertTrue(data.endswith(b"\r\n\r\n0123"))
            self.assertEqual(b"Content-Length: 10" in data, length)
            self.s3.faults.clear()

    def test_flips(self):
        self.s3.faults.add("flip", side="request", bytes=0)
        with socket.create_connection(("127.0.0.1", self.s3.port), 10) as sock:
            sock.sendall(self.put())
            sock.recv(65536)
        self.assertEqual(self.s3.store.contents("box")["new"], b"1123456789")
        self.s3.faults.add("flip", bytes=9)
        data = self.exchange(b"GET /box/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", until_end=True)
        self.assertTrue(data.endswith(b"0123456788"))
        self.client.put_object(Bucket="box", Key="checked", Body=b"whole")
        self.s3.faults.add("flip", side="request")
        self.refused("XAmzContentSHA256Mismatch", self.client.put_object, Bucket="box", Key="checked", Body=b"other")
        self.assertEqual(self.s3.store.contents("box")["checked"], b"whole")

    def test_a_stall_lasts_until_the_client_gives_up_or_the_server_stops(self):
        self.s3.faults.add("stall", bytes=20, times=0)
        with socket.create_connection(("127.0.0.1", self.s3.port), 10) as sock:
            sock.sendall(b"GET /box/k HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertEqual(len(sock.recv(100)), 20)
            sock.settimeout(0.2)
            with self.assertRaises(TimeoutError):
                sock.recv(1)
        sock = socket.create_connection(("127.0.0.1", self.s3.port), 10)
        self.addCleanup(sock.close)
        sock.sendall(b"GET /box/k HTTP/1.1\r\nHost: x\r\n\r\n")
        sock.recv(20)
        began = time.monotonic()
        self.s3.stop()
        self.assertLess(time.monotonic() - began, 5)

    def test_drip(self):
        self.s3.faults.add("drip", interval=0.001, step=7)
        self.assertTrue(self.exchange().endswith(b"0123456789"))

    def test_refused_connections_and_a_listener_that_comes_back_on_its_port(self):
        self.s3.faults.add("refuse")
        with self.assertRaises(ConnectionResetError):
            self.exchange()
        with self.assertRaises(ConnectionRefusedError):
            self.exchange()
        self.s3.open_listener()
        self.assertIn(b"200 OK", self.exchange())

    def test_faults_choose_their_requests(self):
        fault = self.s3.faults.add("status", status=503, operation="GetObject", key="k*", nth=2, times=2)
        codes = []
        for _ in range(5):
            codes.append(self.status("GET", "/box/k"))
            self.status("HEAD", "/box/k")
        self.assertEqual(codes, [200, 503, 503, 200, 200])
        self.assertEqual((fault.seen, fault.hits), (5, 2))
        self.s3.faults.clear()
        self.s3.log.clear()
        self.s3.faults.add("status", status=500, every=3)
        self.s3.faults.add("status", status=429, number=2)
        self.assertEqual([self.status("GET", "/box/k") for _ in range(6)], [200, 429, 500, 200, 200, 500])
        with self.assertRaises(ValueError):
            self.s3.faults.add("reset", status=500)
        with self.assertRaises(ValueError):
            self.s3.faults.add("explode")

    def status(self, method, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.s3.port, timeout=10)
        connection.request(method, path)
        status = connection.getresponse().status
        connection.close()
        return status

    def test_an_answer_after_the_deed_and_a_200_that_is_none(self):
        self.s3.faults.add("status", status=500, after=True, method="PUT")
        connection = http.client.HTTPConnection("127.0.0.1", self.s3.port, timeout=10)
        connection.request("PUT", "/box/new", b"abc")
        self.assertEqual(connection.getresponse().status, 500)
        self.assertEqual(self.s3.store.contents("box")["new"], b"abc")
        connection.close()
        self.s3.faults.add("error_200", code="InternalError", operation="DeleteObject")
        connection.request("DELETE", "/box/new")
        answer = connection.getresponse()
        self.assertEqual((answer.status, b"<Code>InternalError</Code>" in answer.read()), (200, True))
        connection.close()
        self.assertIn("new", self.s3.store.contents("box"))

    def test_a_request_is_held_until_it_is_released(self):
        self.s3.faults.add("hold", name="here", operation="GetObject")
        connection = http.client.HTTPConnection("127.0.0.1", self.s3.port, timeout=10)
        connection.request("GET", "/box/k")
        self.assertTrue(self.s3.faults.wait_held("here"))
        self.assertIsNone(self.s3.log.entries()[-1].status)
        self.s3.faults.release("here")
        self.assertEqual(connection.getresponse().status, 200)
        connection.close()


class OverTlsAndByControl(QuirkTest):
    def test_tls_by_an_authority_of_our_own(self):
        folder = tempfile.mkdtemp(prefix="deployflow-quirk-")
        self.addCleanup(shutil.rmtree, folder)
        authority = Authority(folder)
        with Server(buckets=["box"], tls=authority.identity()) as server:
            client = self.connect(server, verify=authority.ca_file)
            client.put_object(Bucket="box", Key="k", Body=b"x")
            self.assertEqual(server.store.contents("box"), {"k": b"x"})
            distrustful = self.connect(server)
            with self.assertRaises(botocore.exceptions.SSLError):
                distrustful.list_objects_v2(Bucket="box")

    def test_everything_by_http(self):
        with Control(self.s3) as control:
            def ask(method, path, given=None, raw=None):
                data = raw if raw is not None else (json.dumps(given).encode() if given is not None else None)
                request = urllib.request.Request(control.url + path, data, method=method)
                with urllib.request.urlopen(request) as answer:
                    return answer.read()

            ask("PUT", "/buckets/other")
            ask("PUT", "/objects/other/a%20b", raw=b"seeded")
            self.assertEqual(ask("GET", "/objects/other/a%20b"), b"seeded")
            ask("PUT", "/quirks", {"etag": "random"})
            ask("POST", "/faults", [{"do": "status", "status": 503, "operation": "HeadBucket"}])
            self.refused("503", self.client.head_bucket, Bucket="other")
            self.assertEqual(json.loads(ask("GET", "/faults"))[0]["hits"], 1)
            log = json.loads(ask("GET", "/log"))
            self.assertEqual([(e["number"], e["operation"], e["status"], e["faults"]) for e in log], [(1, "HeadBucket", 503, ["status"])])
            self.assertEqual(json.loads(ask("GET", "/state"))["other"]["objects"]["a b"]["size"], 6)
            with self.assertRaises(urllib.error.HTTPError):
                ask("PUT", "/quirks", {"etag": "nonsense"})
            ask("PUT", "/listener", {"open": False})
            with self.assertRaises(OSError):
                socket.create_connection(("127.0.0.1", self.s3.port), 5)
            ask("PUT", "/listener", {"open": True})
            ask("POST", "/reset")
            self.assertEqual(json.loads(ask("GET", "/state")), {})

    def test_as_a_program(self):
        program = subprocess.Popen(
            [sys.executable, "-B", "-m", "quirk", "--bucket", "box", "--quirk", "etag=opaque"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            cwd=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        self.addCleanup(program.stdout.close)
        where = json.loads(program.stdout.readline())
        with urllib.request.urlopen(where["control"] + "/quirks") as answer:
            self.assertEqual(json.load(answer)["etag"], "opaque")
        program.stdin.close()
        self.assertEqual(program.wait(10), 0)


if __name__ == "__main__":
    unittest.main()
