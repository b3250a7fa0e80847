"""The wire profile against every known way in which endpoints differ: one test for each row of the table of
incompatibilities. Each says how many requests the right behaviour takes and what the stores hold in the end."""

import os
import shutil
import tempfile
import time

from endpoints import PAGE, FaultCase, main

from quirk import Authority, Server

BIG = (16 << 20) + 5  # goes in parts: 8 MiB, 8 MiB, 5 bytes
IN_PARTS = {"ListMultipartUploads": 2, "CreateMultipartUpload": 1, "UploadPart": 3, "CompleteMultipartUpload": 1}
SOME_WRITES = ("PutObject", "UploadPart", "CreateMultipartUpload", "CompleteMultipartUpload")


class WithParts(FaultCase):
    """The plain site and a file that goes in parts."""

    PLAIN = {**FaultCase.PLAIN, **IN_PARTS}

    def setUp(self):
        super().setUp()
        self.deployment.put("big.bin", os.urandom(BIG))

    def sent(self, *operations):
        return [entry for entry in self.s3.log.entries() if entry.operation in (operations or SOME_WRITES)]


class WhatIsNeverSent(WithParts):
    def test_row_1_no_checksum_headers(self):
        for way in ("refused_400", "refused_501"):
            with self.subTest(way):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.log.clear()
                self.s3.quirks.set(crc_headers=way)
                self.push()
                self.assert_requests(self.PLAIN)

    def test_row_2_no_chunked_framing_but_the_true_sha256_of_each_body(self):
        self.s3.quirks.set(aws_chunked="refused")
        self.push()
        self.assert_requests(self.PLAIN)
        for entry in self.sent():
            self.assertRegex(entry.header("x-amz-content-sha256"), "^[0-9a-f]{64}$")

    def test_row_2_a_content_md5_with_each_body(self):
        self.push()
        for entry in self.sent("PutObject", "UploadPart", "CompleteMultipartUpload"):
            self.assertIsNotNone(entry.header("content-md5"), entry)

    def test_row_7_nothing_is_signed_that_a_proxy_changes(self):
        self.s3.quirks.set(accept_encoding="rewritten")
        self.push()
        self.assert_requests(self.PLAIN)
        for entry in self.s3.log.entries():
            signed = entry.header("authorization").partition("SignedHeaders=")[2].partition(",")[0].split(";")
            for name in ("accept-encoding", "user-agent", "expect", "connection", "content-length"):
                self.assertNotIn(name, signed)
            self.assertNotIn("x-id=", entry.target)

    def test_row_11_no_expectation(self):
        for way in ("ignored", "refused"):
            self.s3.quirks.set(expect=way)
        self.push()
        self.assert_requests(self.PLAIN)
        self.assertEqual([e for e in self.s3.log.entries() if e.header("expect") is not None], [])

    def test_row_12_an_exact_length_also_of_nothing(self):
        self.deployment.put("empty.txt", b"")
        self.s3.quirks.set(content_length="demanded")
        self.push()
        self.assert_requests({**self.PLAIN, "PutObject": 3})
        for entry in self.sent():
            self.assertEqual(int(entry.header("content-length")), entry.bytes_in)
            self.assertIsNone(entry.header("transfer-encoding"))

    def test_row_16_no_acl(self):
        self.s3.quirks.set(acl="refused")
        self.push()
        self.assert_requests(self.PLAIN)

    def test_row_19_nothing_conditional_where_nothing_depends_on_it(self):
        """The lock and the note of what is live depend on it; nothing of the site does."""
        for way in ("missing", "ignored", "ok"):
            with self.subTest(way):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.log.clear()
                self.s3.quirks.set(conditional_writes=way)
                finished = self.push()
                self.assert_requests(self.PLAIN)
                conditional = {e.key for e in self.sent() if e.header("if-none-match") or e.header("if-match")}
                self.assertEqual(conditional, {".deployflow/lock.json", ".deployflow/current.json"})
                # What is not kept apart is said, and the release is recorded all the same.
                self.assertEqual("two deployments" in finished.err, way != "ok", finished.err)
                held = self.s3.store.contents("box", reserved=True).keys() - self.s3.store.contents("box").keys()
                self.assertEqual((len(held), ".deployflow/current.json" in held), (2, True), held)


class Overrides(WithParts):
    """What a target says about the wire is what its first requests are like."""

    def test_the_older_listing_without_encoding(self):
        self.deployment.pipeline(", wire: {list: v1, list_keys: plain}")
        self.push()
        self.assertEqual(self.s3.log.count("ListObjectsV2"), 0)
        self.assertEqual(["encoding-type" in e.target for e in self.s3.log.entries("ListObjects")], [False])
        self.assertEqual(self.s3.store.contents("box"), self.deployment.files)

    def test_no_content_md5_and_no_signed_media_type(self):
        self.deployment.pipeline(", wire: {content_md5: false, signed_media_type: false}")
        self.push()
        self.assert_requests(self.PLAIN)
        for entry in self.sent("PutObject", "UploadPart"):
            self.assertIsNone(entry.header("content-md5"), entry)
            self.assertNotIn("content-type", entry.header("authorization"))
        for entry in self.sent("CompleteMultipartUpload"):
            self.assertIsNotNone(entry.header("content-md5"), "XML always has it")

    def test_an_acl_goes_with_all_that_makes_an_object(self):
        self.deployment.pipeline(", acl: public-read")
        self.push()
        self.assert_requests(self.PLAIN)
        self.assertEqual({e.header("x-amz-acl") for e in self.sent("PutObject", "CreateMultipartUpload")}, {"public-read"})
        self.assertEqual({e.header("x-amz-acl") for e in self.sent("UploadPart", "CompleteMultipartUpload")}, {None})

    def test_an_acl_that_the_bucket_does_not_take_is_named(self):
        self.s3.quirks.set(acl="refused")
        self.deployment.pipeline(", acl: public-read")
        finished = self.push(code=1)
        self.assertIn("remove `acl` from the target", finished.err)
        self.assert_unchanged()


class Row3(FaultCase):
    SERVERS = 2

    def test_a_framing_that_a_store_kept_is_not_passed_on(self):
        kept = {"a.css": "aws-chunked", "b.css": "gzip,aws-chunked", "c.css": "aws-chunked, br", "d.css": "gzip"}
        for key, encoding in kept.items():
            self.s3.store.seed("box", key, "x", "text/css", content_encoding=encoding)
        self.push()
        held = self.servers[1].store.buckets["box"].objects
        encodings = {key: held[key].headers.get("content-encoding") for key in kept}
        self.assertEqual(encodings, {"a.css": None, "b.css": "gzip", "c.css": "br", "d.css": "gzip"})


class Row5(FaultCase):
    def test_a_custom_endpoint_is_addressed_by_path(self):
        self.push()
        for entry in self.s3.log.entries():
            self.assertEqual(entry.header("host"), f"127.0.0.1:{self.s3.port}")
            self.assertTrue(entry.target.startswith("/box"), entry.target)

    def test_by_host_when_it_is_asked_for(self):
        self.deployment.write_file("deployflow.yaml", f"""version: 1
site: ./site
targets:
  primary: {{endpoint: "http://localhost:{self.s3.port}", bucket: box, profile: primary, addressing: virtual}}
stages: [{{uses: upload, with: {{to: primary}}}}]
""")
        self.push()
        self.assert_requests(self.PLAIN)
        self.assertEqual({e.header("host") for e in self.s3.log.entries()}, {f"box.localhost:{self.s3.port}"})

    def test_a_bucket_with_dots_over_tls(self):
        folder = tempfile.mkdtemp(prefix="deployflow-faults-")
        self.addCleanup(shutil.rmtree, folder)
        authority = Authority(folder)
        server = Server(buckets=["www.example.org"], tls=authority.identity()).start()
        self.addCleanup(server.stop)
        deployment = self.deployment
        deployment.write_file("deployflow.yaml", f"""version: 1
site: ./site
targets:
  primary: {{endpoint: "{server.url}", bucket: www.example.org, profile: primary, ca_file: {authority.ca_file}}}
stages: [{{uses: upload, with: {{to: primary}}}}]
""")
        self.assertEqual(deployment.run("push").code, 0)
        self.assertEqual(server.store.contents("www.example.org"), deployment.files)
        self.assert_requests(self.PLAIN, server)


class Row6(FaultCase):
    def test_the_region_is_learned_from_the_refusal_once(self):
        for way in ("400", "400_header", "301", "301_header", "307"):
            with self.subTest(way):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.log.clear()
                self.s3.quirks.set(region="eu-central-1", wrong_region=way)
                self.push()
                self.assert_requests(self.PLAIN)
                # The read of the lock goes first: it is refused, and by then everything else is right.
                statuses = [e.status for e in self.s3.log.entries()]
                self.assertEqual(statuses[:2], [int(way[:3]), 404])
                self.assertEqual(set(statuses[2:]), {200, 204, 404, 412})
                self.assertEqual([e.key for e in self.s3.log.entries()][:2], [".deployflow/lock.json"] * 2)

    def test_a_redirect_that_names_no_region_is_no_success(self):
        for status in (301, 302, 307, 308):
            with self.subTest(status):
                self.s3.faults.clear()
                self.s3.log.clear()
                self.s3.faults.add("status", status=status, code=None, headers={"Location": "http://127.0.0.1:1/"}, times=0, reserved=True)
                finished = self.push(code=1)
                self.assertIn(str(status), finished.err)
                self.assert_unchanged()
                self.assert_all_requests({"GetObject": 1})

    def test_a_region_that_is_never_right_is_asked_for_once_more_and_then_given_up(self):
        self.s3.faults.add("status", status=400, code="AuthorizationHeaderMalformed", extra={"Region": "mars-1"}, times=0, reserved=True)
        self.push(code=1)
        self.assert_all_requests({"GetObject": 2})

    def test_a_region_that_would_be_an_injection_is_not_taken(self):
        self.s3.faults.add("status", status=400, code="AuthorizationHeaderMalformed", extra={"Region": "a/b\r\nX: y"}, times=0, reserved=True)
        self.push(code=1)
        self.assert_all_requests({"GetObject": 1})


class Row7(FaultCase):
    def test_a_media_type_that_is_rewritten_is_refused_once_and_then_not_signed(self):
        self.s3.quirks.set(content_type="rewritten")
        self.push()
        self.assert_requests({**self.PLAIN, "PutObject": 3})
        puts = self.s3.log.of_site("PutObject")
        self.assertEqual([(e.key, e.status) for e in puts], [("app.css", 403), ("app.css", 200), ("index.html", 200)])
        self.assertEqual(["content-type" in e.header("authorization") for e in puts], [True, False, False])
        self.assertEqual([e.header("content-type") for e in puts[1:]], ["text/css; charset=utf-8", "text/html; charset=utf-8"])
        self.push()  # its spelling is no change
        self.assertEqual(len(self.s3.log.of_site("PutObject")), 3)

    def test_a_signature_that_is_wrong_for_another_reason_is_asked_about_once_more(self):
        self.s3.faults.add("status", status=403, code="SignatureDoesNotMatch", operation="PutObject", times=0)
        self.push(code=4)
        self.assert_requests({**self.PLAIN, "PutObject": 2})
        self.assert_unchanged()


class Row8(FaultCase):
    """Listings. The target holds the site's style sheet and more already, on pages of two keys; the lock is on the first.
    Nothing is known of what it holds, so the headers of each are asked for."""

    def setUp(self):
        super().setUp()
        self.seed()
        self.s3.quirks.set(list_page=2)

    def seed(self):
        for key in ("a b.txt", "a+b.txt", "app.css", "ü.txt", "z.txt"):
            self.deployment.put(key, "p{}")
            self.s3.store.seed("box", key, "p{}", f"text/{'css' if key == 'app.css' else 'plain'}; charset=utf-8", cache_control="no-cache")

    def assert_only_the_page_is_sent(self, lists):
        self.push()
        self.assertEqual([e.key for e in self.s3.log.of_site("PutObject")], ["index.html"])
        self.assert_requests({"PutObject": 1, "HeadObject": 5, "ListMultipartUploads": 1, **lists})

    def test_right_listings(self):
        self.assert_only_the_page_is_sent({"ListObjectsV2": 3})

    def test_no_v2_at_all(self):
        self.s3.quirks.set(list_v2="missing")
        self.assert_only_the_page_is_sent({"ListObjectsV2": 1, "ListObjects": 3})

    def test_v2_answered_as_v1(self):
        self.s3.quirks.set(list_v2="ignored")
        # Two pages before it shows, then the older version from where it stood.
        self.assert_only_the_page_is_sent({"ListObjectsV2": 2, "ListObjects": 2})

    def test_keys_that_are_not_encoded_though_it_was_asked_for(self):
        self.s3.quirks.set(list_encoding="ignored")
        # The first page has a key that could be read in two ways: once more, then, without encoding.
        self.assert_only_the_page_is_sent({"ListObjectsV2": 4})

    def test_keys_that_are_encoded_and_the_page_does_not_say_so(self):
        self.s3.quirks.set(list_encoding="undeclared")
        self.assert_only_the_page_is_sent({"ListObjectsV2": 4})

    def test_a_key_that_is_missing_is_not_taken_for_another_s_encoding(self):
        self.s3.store.clear()
        self.s3.store.seed("box", "a b.txt", "p{}")  # which an encoding would write as the site's a+b.txt
        self.s3.quirks.set(list_encoding="undeclared")
        self.push()

    def test_keys_that_are_said_to_be_encoded_and_are_not(self):
        # With the lock on pages of two a+b.txt would be the first of its page, and read as a b.txt no step forward.
        self.s3.quirks.set(list_encoding="claimed", list_page=3)
        self.push()
        self.assertEqual({e.key for e in self.s3.log.of_site("PutObject")}, {"index.html", "a+b.txt"})

    def test_more_without_a_token(self):
        self.s3.quirks.set(list_token="none")
        self.assert_only_the_page_is_sent({"ListObjectsV2": 3})
        self.assertEqual([("start-after=" in e.target) for e in self.s3.log.entries("ListObjectsV2")], [False, True, True])

    def test_the_same_token_again(self):
        self.s3.quirks.set(list_token="same")
        self.assert_only_the_page_is_sent({"ListObjectsV2": 3})
        self.assertEqual([("start-after=" in e.target) for e in self.s3.log.entries("ListObjectsV2")], [False, False, True])

    def test_a_listing_without_end(self):
        for way in ("same_page", "empty_pages"):
            with self.subTest(way):
                self.s3.log.clear()
                self.s3.quirks.set(list_endless=way)
                before = self.s3.store.contents("box")
                finished = self.push(code=1)
                self.assertIn("any further", finished.err)
                self.assertEqual(self.s3.store.contents("box"), before)
                self.assertLessEqual(self.s3.log.count(), 1100)

    def test_uploads_that_cannot_be_listed_do_not_matter(self):
        for way in ("missing", "empty", "endless"):
            with self.subTest(way):
                self.s3.store.clear()
                self.seed()
                self.s3.quirks.set(list_uploads=way)
                self.s3.log.clear()
                self.assert_only_the_page_is_sent({"ListObjectsV2": 3})

    def test_a_bucket_with_keys_that_were_not_asked_for(self):
        self.deployment.pipeline(target_options=", prefix: blog")
        self.s3.quirks.set(list_foreign_keys=["../../etc/passwd"])
        finished = self.push(code=1)
        self.assertIn("not asked for", finished.err)
        self.assertEqual(self.s3.log.of_site("PutObject"), [])


class Row9And10(FaultCase):
    SERVERS = 2
    KEYS = ["space in it", "plus+plus", "percent%25%", "tilde~=@&$,;:!*'()", "ü/日本/\U0001f389", "a/b", "#?", "..x", "x.."]

    def test_the_bytes_that_are_signed_are_the_bytes_that_are_sent(self):
        for number, key in enumerate(self.KEYS):
            self.deployment.put(key, f"content {number}")
        self.deployment.pipeline(target_options=', prefix: "deep folder/a=b&c+d"')
        finished = self.deployment.run("push")
        self.assertEqual(finished.code, 0, finished.err)
        for server in self.servers:
            held = server.store.contents("box")
            self.assertEqual(held, {f"deep folder/a=b&c+d/{k}": v for k, v in self.deployment.files.items()})
            self.assertEqual({e.status for e in server.log.of_site()}, {200})
            self.assertEqual({e.status for e in server.log.entries()} - {200, 204, 404, 412}, set())


class Row13(WithParts):
    """ETags that are no MD5: a read-back decides, and damage is still found."""

    def read_back(self, **more):
        return {**self.PLAIN, "HeadObject": 2, "GetObject": 2, **more}

    def test_etags_that_look_like_an_md5_and_are_none(self):
        self.s3.quirks.set(etag="random")
        self.push()
        self.assert_requests(self.read_back())

    def test_opaque_etags_of_parts_and_wholes(self):
        self.s3.quirks.set(etag="opaque", etag_multipart="opaque")
        self.push()
        self.assert_requests(self.read_back(HeadObject=3, GetObject=5))

    def test_random_etags_of_uploads_in_parts(self):
        self.s3.quirks.set(etag_multipart="random")
        self.push()
        self.assert_requests({**self.PLAIN, "HeadObject": 1, "GetObject": 3})

    def test_capital_letters(self):
        self.s3.quirks.set(etag="upper_case")
        self.push()
        self.assert_requests(self.PLAIN)

    def test_no_etag_at_all(self):
        os.remove(os.path.join(self.deployment.site, "big.bin"))
        del self.deployment.files["big.bin"]
        self.s3.quirks.set(etag="none")
        self.push()
        self.assert_requests({**FaultCase.PLAIN, "HeadObject": 2, "GetObject": 2})

    def test_damage_is_found_where_neither_etag_nor_server_tells(self):
        for key, part in (("app.css", None), ("big.bin", 2)):
            with self.subTest(key):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.quirks.set(etag="random", etag_multipart="opaque", check_md5=False, check_sha256=False)
                fault = self.s3.faults.add("flip", side="request", key=key, part=part, operation="UploadPart" if part else "PutObject")
                self.push()
                self.assertEqual(fault.hits, 1)

    def test_a_store_that_damages_always_is_not_believed(self):
        self.s3.quirks.set(etag="random", check_md5=False, check_sha256=False)
        self.s3.faults.add("flip", side="request", key="app.css", operation="PutObject", times=0)
        finished = self.push(code=1)
        self.assertIn("app.css", finished.err)
        self.assertIn("not hold what was sent", finished.err)
        self.assertNotIn("index.html", self.s3.store.contents("box"))
        self.assertEqual(self.s3.log.count("PutObject", "app.css"), 2)


class Row14(WithParts):
    def test_equal_parts_few_enough_for_the_strictest_store(self):
        self.s3.quirks.set(parts="equal", parts_max=1000)
        self.push()
        self.assert_requests(self.PLAIN)
        sizes = [e.bytes_in for e in sorted(self.sent("UploadPart"), key=lambda e: e.part)]
        self.assertEqual(sizes, [8 << 20, 8 << 20, 5])


class Row15(WithParts):
    """200 with an <Error> in it, or with nothing."""

    def complete(self, *more):
        return [e.status for e in self.s3.log.entries("CompleteMultipartUpload")]

    def test_an_error_that_may_pass_is_tried_again(self):
        for code in ("InternalError", "SlowDown"):
            with self.subTest(code):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.log.clear()
                self.s3.faults.add("error_200", operation="CompleteMultipartUpload", code=code)
                self.push()
                self.assert_requests({**self.PLAIN, "CompleteMultipartUpload": 2, "ListParts": 1})

    def test_an_error_that_will_not_pass_is_none_of_the_store_s_successes(self):
        self.s3.faults.add("error_200", operation="CompleteMultipartUpload", code="AccessDenied", times=0)
        finished = self.push(code=4)
        self.assertIn("AccessDenied", finished.err)
        held = self.s3.store.contents("box")
        self.assertNotIn("index.html", held)
        self.assertNotIn("big.bin", held)
        self.assertEqual(self.s3.store.unfinished("box"), [])
        self.assert_requests({"ListObjectsV2": 1, "ListMultipartUploads": 2, "PutObject": 1, "CreateMultipartUpload": 1,
                              "UploadPart": 3, "CompleteMultipartUpload": 1, "AbortMultipartUpload": 1})

    def test_an_empty_or_unreadable_answer_is_no_success(self):
        for kind in ("empty", "text", "other_root"):
            with self.subTest(kind):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.log.clear()
                self.s3.faults.add("body", kind=kind, operation="CompleteMultipartUpload")
                self.push()
                self.assert_requests({**self.PLAIN, "CompleteMultipartUpload": 2, "ListParts": 1})

    def test_an_error_after_the_deed_is_resolved_by_looking(self):
        self.s3.faults.add("error_200", operation="CompleteMultipartUpload", after=True)
        self.push()
        self.assert_requests({**self.PLAIN, "CompleteMultipartUpload": 1, "ListParts": 1, "HeadObject": 1})


class Row17(FaultCase):
    def setUp(self):
        super().setUp()
        for number in range(20):
            self.deployment.put(f"asset-{number}.css", f"p{{}}{number}")

    def test_slow_down_is_waited_out(self):
        for status in (503, 429):
            with self.subTest(status):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.log.clear()
                self.s3.quirks.set(slow_down_every=7, slow_down_status=status)
                self.push(AWS_MAX_ATTEMPTS="10")  # or chance alone may refuse one request too often
                entries = self.s3.log.entries()
                refused = [e for e in entries if e.status == status]
                self.assertGreaterEqual(len(refused), 3)
                # Each refusal costs one request of its own kind, no more: 24 are needed for the site and 8 for the lock and
                # the release, and the rest are those again.
                self.assertEqual(len(entries), 24 + 8 + len(refused))
                for entry in refused:
                    again = self.s3.log.entries(entry.operation, entry.key)
                    # The lock is taken, tried and renewed.
                    needed = 3 if (entry.operation, entry.key) == ("PutObject", ".deployflow/lock.json") else 1
                    self.assertEqual(len(again), needed + sum(e.status == status for e in again), again)

    def test_the_time_that_the_store_asks_for_is_given(self):
        for header, value in (("Retry-After", "1"), ("x-amz-retry-after", "1000")):
            with self.subTest(header):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.log.clear()
                self.s3.faults.clear()
                self.s3.faults.add("status", status=503, code="SlowDown", headers={header: value}, operation="PutObject", key="app.css")
                self.push()
                first, second = self.s3.log.entries("PutObject", "app.css")
                self.assertGreaterEqual(second.time - first.time, 1)

    def test_a_store_that_only_refuses_is_not_stormed(self):
        self.s3.faults.add("status", status=503, code="SlowDown", operation="PutObject", times=0)
        finished = self.push(code=1)
        self.assertIn("SlowDown", finished.err)
        self.assertNotIn("index.html", self.s3.store.contents("box"))
        each = {}
        for entry in self.s3.log.of_site("PutObject"):
            each[entry.key] = each.get(entry.key, 0) + 1
        self.assertLessEqual(max(each.values()), 5)
        self.assertLessEqual(sum(each.values()), 100 + 5)  # the quota of 500 tokens buys 100 retries


class Row18(FaultCase):
    def test_a_clock_that_is_20_minutes_off(self):
        for minutes in (20, -20, 23 * 60):
            with self.subTest(minutes):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.log.clear()
                self.s3.quirks.set(clock_offset=minutes * 60)
                self.push()
                self.assert_requests(self.PLAIN)
                statuses = [e.status for e in self.s3.log.entries()]
                self.assertEqual((statuses[:2], statuses.count(403)), ([403, 404], 1))

    def test_a_clock_that_jumps_in_the_middle_of_a_run_and_back(self):
        for number in range(8):
            self.deployment.put(f"asset-{number}.css", f"p{{}}{number}")
        self.deployment.put("page.html", PAGE)
        for moment, key, offset in (("ListMultipartUploads", "", 1200), ("PutObject", "page.html", 0)):
            hook = lambda exchange, offset=offset: exchange.entry.status == 403 or self.s3.quirks.set(clock_offset=offset)
            self.s3.faults.add("hook", operation=moment, key=key, after=True, hook=hook)
        self.push()
        # Files go first, together: each that was signed by the old clock is refused once. Then the page, then the home
        # page alone: it meets the clock that is right again.
        refused = [e.key for e in self.s3.log.of_site() if e.status == 403]
        self.assertEqual(len(refused), len(set(refused)))
        self.assertIn("index.html", refused)
        self.assertNotIn("page.html", refused)
        self.assertEqual(len(self.s3.log.of_site()), 13 + len(refused))

    def test_a_clock_that_cannot_be_right_is_told_and_not_tried_for_ever(self):
        self.s3.faults.add("status", status=403, code="RequestTimeTooSkewed", times=0, reserved=True)
        began = time.monotonic()
        finished = self.push(code=4)
        self.assertIn("clock", finished.err)
        self.assertLessEqual(self.s3.log.count(), 2)
        self.assertLess(time.monotonic() - began, 20)


class Redirects(FaultCase):
    def test_no_redirect_to_another_host_is_followed_and_no_credential_goes_there(self):
        other = self.serve()
        self.s3.quirks.set(redirect_to=other.url)
        finished = self.push(code=1)
        self.assertIn("307", finished.err)
        self.assert_all_requests({"GetObject": 1})
        self.assertEqual(other.connections, 0)


if __name__ == "__main__":
    main()
