"""The fault matrix: what a network, a server or a clock can do to a deployment, and what it must come to."""

import itertools
import os
import signal
import time

from endpoints import FaultCase, main

BIG = (16 << 20) + 5
PERSISTING = {"AWS_MAX_ATTEMPTS": "2"}  # fewer pauses, where it is the giving up that counts


class Connections(FaultCase):
    def test_1_a_port_that_is_closed_is_named_after_a_bounded_time(self):
        self.s3.stop()
        began = time.monotonic()
        finished = self.deployment.run("push", **PERSISTING)
        self.assertEqual(finished.code, 1, finished.err)
        self.assertIn(self.s3.url, finished.err)
        self.assertIn("refused", finished.err)
        self.assertIn("live site is unchanged", finished.err)
        self.assertLess(time.monotonic() - began, 30)

    def test_1_a_port_that_opens_in_time_is_found(self):
        self.s3.close_listener()
        run = self.deployment.start("push", "-vvv")
        seen = b""
        while b"refused" not in seen and run.process.poll() is None:
            seen += run.process.stderr.readline()
        self.s3.open_listener()
        finished = run.wait()
        self.assertEqual(finished.code, 0, finished.err)
        self.assert_holds_site()
        self.assert_requests(self.PLAIN)

    def test_1_a_listener_that_goes_away_in_the_middle(self):
        self.s3.faults.add("refuse", operation="PutObject", key="index.html")
        finished = self.push(code=1, **PERSISTING)
        self.assertIn(self.s3.url, finished.err)
        self.assertEqual(self.s3.store.contents("box"), {"app.css": b"p{}"})
        self.s3.open_listener()
        self.push()
        self.assertEqual(self.s3.log.count("PutObject", "app.css"), 1)

    def test_2_a_reset_in_the_middle_of_a_body(self):
        self.deployment.put("large.bin", os.urandom(3 << 20))
        for times in (1, 2, 3):
            with self.subTest(times):
                self.s3.store.clear()
                self.s3.store.create("box")
                self.s3.log.clear()
                self.s3.faults.add("reset", side="request", bytes=0.5, operation="PutObject", key="large.bin", times=times)
                self.push()
                self.assertEqual(self.s3.log.count("PutObject", "large.bin"), times + 1)

    def test_2_resets_without_end_are_given_up(self):
        fault = self.s3.faults.add("reset", side="request", bytes=0.5, operation="PutObject", key="app.css", times=0)
        finished = self.push(code=1)
        # 5 attempts, the first of which may go to another connection at once when a kept one turns out dead: two are kept,
        # for the lock has one of its own.
        self.assertIn(fault.hits, (5, 6, 7))
        self.assertIn("5 attempts", finished.err)
        self.assert_unchanged()

    def test_4_an_answer_by_single_bytes_is_still_an_answer(self):
        self.s3.faults.add("drip", operation="ListObjectsV2", interval=0.002)
        self.push()
        self.assert_requests(self.PLAIN)

    def test_4_a_server_that_says_nothing_is_asked_again(self):
        self.s3.faults.add("stall", operation="PutObject", key="app.css")
        began = time.monotonic()
        self.push()
        self.assertGreaterEqual(time.monotonic() - began, 29)
        self.assertEqual(self.s3.log.count("PutObject", "app.css"), 2)

    def test_4_after_the_time_that_the_target_gives_it(self):
        self.deployment.pipeline(", stall_timeout: 2s")
        self.s3.faults.add("stall", operation="PutObject", key="app.css")
        began = time.monotonic()
        self.push()
        self.assertGreaterEqual(time.monotonic() - began, 2)
        self.assertLess(time.monotonic() - began, 20)  # the usual is 30
        self.assertEqual(self.s3.log.count("PutObject", "app.css"), 2)

    def test_4_a_server_that_stops_reading_is_asked_again(self):
        self.deployment.pipeline(", stall_timeout: 2s")
        self.deployment.put("large.bin", os.urandom(12 << 20))
        self.s3.faults.add("stall", side="request", bytes=0.1, operation="PutObject", key="large.bin")
        self.push()
        self.assertEqual(self.s3.log.count("PutObject", "large.bin"), 2)

    def test_4_an_answer_that_stops_in_its_middle_is_asked_for_again(self):
        self.deployment.pipeline(", stall_timeout: 2s")
        self.s3.faults.add("stall", operation="ListObjectsV2", bytes=0.7)
        self.push()
        self.assert_requests({**self.PLAIN, "ListObjectsV2": 2})


class LostAnswers(FaultCase):
    """3: the deed is done, its answer is lost."""

    SERVERS = 2

    def setUp(self):
        super().setUp()
        self.deployment.put("big.bin", os.urandom(BIG))

    def lost(self, server, operation, key, again=2, **more):
        """The answer to the first such request is lost; the rest as if nothing had been."""
        fault = server.faults.add("swallow", operation=operation, key=key)
        self.push()
        self.assertEqual(fault.hits, 1)
        self.assertEqual(server.log.count(operation, key), again)
        for name, count in more.items():
            self.assertEqual(server.log.count(name, key), count, name)

    def test_of_a_put(self):
        self.lost(self.s3, "PutObject", "app.css")

    def test_of_a_part(self):
        self.lost(self.s3, "UploadPart", "big.bin", again=4)

    def test_of_a_completion(self):
        self.lost(self.s3, "CompleteMultipartUpload", "big.bin", again=2, HeadObject=2)

    def test_of_a_completion_at_the_replica(self):
        self.lost(self.servers[1], "CompleteMultipartUpload", "big.bin", again=2, HeadObject=1)

    def test_of_a_beginning_which_leaves_no_orphan(self):
        self.lost(self.s3, "CreateMultipartUpload", "big.bin")

    def test_of_a_listing(self):
        self.lost(self.s3, "ListObjectsV2", "", again=3)

    def test_of_a_get(self):
        self.lost(self.s3, "GetObject", "app.css")

    def test_of_a_completion_where_etags_are_made_up(self):
        self.s3.quirks.set(etag_multipart="opaque")
        self.lost(self.s3, "CompleteMultipartUpload", "big.bin")


class Statuses(FaultCase):
    SERVERS = 2

    def test_5_what_may_pass_is_tried_again_once_for_each_time(self):
        for status in (500, 502, 503, 504, 429, 408):
            with self.subTest(status):
                for server in self.servers:
                    server.store.clear()
                    server.store.create("box")
                    server.log.clear()
                for operation in ("ListObjectsV2", "ListMultipartUploads", "PutObject", "GetObject"):
                    self.s3.faults.add("status", status=status, code="" if status == 502 else "InternalError", operation=operation)
                self.push()
                # upload lists once, replicate once more
                self.assert_requests({"ListObjectsV2": 3, "ListMultipartUploads": 2, "PutObject": 3, "GetObject": 3})

    def test_5_after_the_deed(self):
        self.s3.faults.add("status", status=500, after=True, operation="PutObject", key="app.css")
        self.push()
        self.assertEqual(self.s3.log.count("PutObject", "app.css"), 2)

    def test_6_what_will_not_pass_is_asked_once(self):
        refusals = (
            (403, "AccessDenied", 4), (403, "InvalidAccessKeyId", 4), (403, "SignatureDoesNotMatch", 4), (400, "InvalidRequest", 1),
            (404, "NoSuchBucket", 1), (405, "MethodNotAllowed", 1), (501, "NotImplemented", 1), (409, "InvalidBucketState", 1),
        )
        for (status, code, exit_code), reserved in itertools.product(refusals, (False, True)):
            with self.subTest(code, reserved=reserved):
                self.s3.log.clear()
                self.s3.faults.clear()
                self.s3.faults.add("status", status=status, code=code, message="because", times=0, reserved=reserved)
                finished = self.push(code=exit_code)
                self.assertIn(code, finished.err)
                self.assertIn("because", finished.err)
                self.assertIn("live site is unchanged", finished.err)
                self.assertNotIn(self.s3.secret, finished.err)
                if reserved:  # 404 is also said of a lock that is not there: only the next request tells
                    self.assertEqual(self.s3.log.count(), 2 if status == 404 else 1)
                else:  # a store without the newer listing is asked for the older one
                    self.assertEqual(self.s3.log.count("ListObjectsV2"), 1)
                    self.assertEqual(len(self.s3.log.of_site()), 2 if status in (405, 501) else 1)
                self.assert_unchanged()

    def test_14_credentials_that_expire_in_the_middle(self):
        for number in range(20):
            self.deployment.put(f"asset-{number}.css", f"p{{}}{number}")
        self.s3.faults.add("status", status=400, code="ExpiredToken", message="The provided token has expired.", operation="PutObject", nth=5, times=0)
        finished = self.push(code=4)
        self.assertIn("expired", finished.err)
        self.assertNotIn("index.html", self.s3.store.contents("box"))
        for key in {e.key for e in self.s3.log.entries("PutObject")}:
            self.assertLessEqual(self.s3.log.count("PutObject", key), 2, key)


class Damage(FaultCase):
    """9 to 11: bytes that are lost or changed on their way."""

    SERVERS = 2

    def setUp(self):
        super().setUp()
        self.mirror = self.servers[1]

    def test_9_a_body_that_ends_early_is_read_again(self):
        for length in (True, False):
            with self.subTest(length=length):
                self.mirror.store.clear()
                self.mirror.store.create("box")
                fault = self.s3.faults.add("truncate", operation="GetObject", key="app.css", bytes=1, length=length)
                self.push()
                self.assertEqual(fault.hits, 1)

    def test_9_a_body_that_always_ends_early_is_never_stored(self):
        for length in (True, False):
            with self.subTest(length=length):
                self.s3.faults.add("truncate", operation="GetObject", key="app.css", bytes=1, length=length, times=0)
                finished = self.push(code=1, **PERSISTING)
                self.assertIn("app.css", finished.err)
                self.assertEqual(self.mirror.store.contents("box"), {})

    def test_10_a_bit_that_flips_on_the_way_up_is_refused_by_the_store_and_sent_again(self):
        self.deployment.put("big.bin", os.urandom(BIG))
        for md5, sha256 in ((True, True), (True, False), (False, True)):
            with self.subTest(md5=md5, sha256=sha256):
                for server in self.servers:
                    server.store.clear()
                    server.store.create("box")
                self.s3.log.clear()
                self.s3.quirks.set(check_md5=md5, check_sha256=sha256)
                self.s3.faults.add("flip", side="request", bytes=0.5, operation="PutObject", key="app.css")
                self.s3.faults.add("flip", side="request", bytes=0.5, operation="UploadPart", part=2)
                self.push()
                self.assertEqual(self.s3.log.count("PutObject", "app.css"), 2)
                self.assertEqual(self.s3.log.count("UploadPart"), 4)

    def test_10_or_found_by_the_etag_where_the_store_checks_nothing(self):
        self.s3.quirks.set(check_md5=False, check_sha256=False)
        self.s3.faults.add("flip", side="request", bytes=0.5, operation="PutObject", key="app.css")
        self.push()
        self.assertEqual(self.s3.log.count("PutObject", "app.css"), 2)

    def test_11_a_bit_that_flips_on_the_way_down_is_found_and_read_again(self):
        self.deployment.put("big.bin", os.urandom(BIG))
        self.s3.faults.add("flip", bytes=0.5, operation="GetObject", key="app.css")
        self.push()
        self.assertEqual(self.s3.log.count("GetObject", "app.css"), 2)

    def test_11_also_in_one_part_of_an_upload_in_parts(self):
        self.deployment.put("big.bin", os.urandom(BIG))
        self.s3.faults.add("flip", bytes=0.5, operation="GetObject", key="big.bin", nth=2)
        self.push()
        self.assertEqual(self.s3.log.count("GetObject", "big.bin"), 6)
        self.assertEqual(self.mirror.log.count("UploadPart"), 4)  # only the bad part is sent again

    def test_11_rot_in_the_source_is_not_spread(self):
        self.s3.faults.add("flip", bytes=0.5, operation="GetObject", key="app.css", times=0)
        finished = self.push(code=1)
        self.assertIn("app.css", finished.err)
        self.assertEqual(self.mirror.store.contents("box"), {})

    def test_12_a_source_whose_etags_are_made_up_can_be_copied(self):
        self.deployment.put("big.bin", os.urandom(BIG))
        self.s3.quirks.set(etag="random", etag_multipart="random")
        self.push()

    def test_12_a_replica_whose_etags_are_made_up_is_not_copied_to_again(self):
        self.mirror.quirks.set(etag="random")
        self.push()
        self.mirror.log.clear()
        self.push()
        self.assertEqual(self.mirror.log.of_site("PutObject"), [])


class Signals(FaultCase):
    """22: while a request hangs, in whichever way it does."""

    def hang(self, **fault):
        self.deployment.put("large.bin", os.urandom(8 << 20))
        self.s3.faults.add(**fault, times=0)
        run = self.deployment.start("push")
        self.assertTrue(self.s3.log.wait_for(lambda entries: any(e.faults for e in entries)))
        return run

    def test_a_signal_ends_a_run_within_a_second_whatever_hangs(self):
        for fault in ({"do": "stall", "operation": "ListObjectsV2"}, {"do": "stall", "operation": "PutObject"},
                      {"do": "stall", "side": "request", "bytes": 0.1, "operation": "PutObject", "key": "large.bin"},
                      {"do": "status", "status": 503, "headers": {"Retry-After": "60"}, "operation": "ListObjectsV2"}):
            for number in (signal.SIGINT, signal.SIGTERM):
                with self.subTest(fault=fault, number=number):
                    self.s3.faults.clear()
                    self.s3.log.clear()
                    run = self.hang(**fault)
                    began = time.monotonic()
                    run.signal(number)
                    finished = run.wait()
                    self.assertEqual(finished.code, 130, finished.err)
                    self.assertLess(time.monotonic() - began, 5)  # one second, and a machine that is busy
                    self.assertIn("nterrupted", finished.err)
                    self.assertNotIn("index.html", self.s3.store.contents("box"))


class Replicas(FaultCase):
    """27: one target of several fails."""

    SERVERS = 3

    def test_a_replica_that_fails_keeps_neither_the_source_nor_the_others_back(self):
        broken = self.servers[1]
        broken.faults.add("status", status=500, operation="PutObject", key="app.css", times=0)
        finished = self.push("--json", code=1, **PERSISTING)
        self.assert_holds_site(self.servers[0])
        self.assert_holds_site(self.servers[2])
        self.assertEqual(broken.store.contents("box"), {})
        text = finished.out
        self.assertIn("not current: mirror", text)
        self.assertIn("current: third", text)
        broken.faults.clear()
        again = self.push("--json")
        self.assertEqual(set(again.stored()), {("mirror", "app.css"), ("mirror", "index.html")})

    def test_a_replica_that_is_down(self):
        self.servers[1].stop()
        finished = self.deployment.run("push", "--json", **PERSISTING)
        self.assertEqual(finished.code, 1, finished.err)
        self.assert_holds_site(self.servers[0])
        self.assert_holds_site(self.servers[2])


if __name__ == "__main__":
    main()
