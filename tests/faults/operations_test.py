"""Rows of the table that only the client meets, not yet a stage that ships: deletes of many, copies, conditions, buckets.

Driven by drive_store, which is the client as the host has it, credentials to retry, without the command around it.
"""

import json
import os
import subprocess
import unittest

from endpoints import Server, main

KEYS = ["a.txt", "b c+d%.txt", "ü/\U0001f389.txt", "<&>\"'.txt"]


class ClientCase(unittest.TestCase):
    def setUp(self):
        self.s3 = Server(buckets=["box"]).start()
        self.addCleanup(self.s3.stop)
        for key in KEYS:
            self.s3.store.seed("box", key, "x")

    def drive(self, *operations, bucket="box", **target):
        """Outcomes of the operations, one after the other, by one client."""
        done = subprocess.run(
            [os.environ["DRIVE_STORE"], json.dumps({"endpoint": self.s3.url, "bucket": bucket, **target})],
            input="".join(json.dumps(operation) + "\n" for operation in operations).encode(),
            env={
                "PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_ACCESS_KEY_ID": self.s3.access,
                "AWS_SECRET_ACCESS_KEY": self.s3.secret, "AWS_EC2_METADATA_DISABLED": "true",
                **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
            },
            stdout=subprocess.PIPE, timeout=120, check=True)
        outcomes = [json.loads(line) for line in done.stdout.splitlines()]
        return outcomes[0] if len(outcomes) == 1 else outcomes

    def held(self):
        return sorted(self.s3.store.contents("box"))


class Row4DeletesOfMany(ClientCase):
    def test_one_request_with_a_content_md5(self):
        self.s3.quirks.set(delete_objects="wants_md5")
        outcome = self.drive({"do": "delete_many", "keys": KEYS})
        self.assertEqual((outcome["ok"], outcome["failures"]), (True, {}))
        self.assertEqual((self.held(), self.s3.log.operations()), ([], {"DeleteObjects": 1}))

    def test_singles_where_it_is_not_implemented_and_that_is_remembered(self):
        for way in ("missing", "missing_405"):
            with self.subTest(way):
                self.s3.log.clear()
                for key in KEYS:
                    self.s3.store.seed("box", key, "x")
                self.s3.quirks.set(delete_objects=way)
                outcomes = self.drive({"do": "delete_many", "keys": KEYS[:2]}, {"do": "delete_many", "keys": KEYS[2:]})
                self.assertEqual([o["ok"] for o in outcomes], [True, True])
                self.assertEqual(self.held(), [])
                self.assertEqual(self.s3.log.operations(), {"DeleteObjects": 1, "DeleteObject": 4})

    def test_what_was_not_deleted_is_named(self):
        self.s3.faults.add("replace", operation="DeleteObjects", bytes_before="</DeleteResult>", bytes_after=(
            "<Error><Key>a.txt</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>"))
        outcome = self.drive({"do": "delete_many", "keys": KEYS})
        self.assertEqual((outcome["ok"], outcome["failures"]), (True, {"a.txt": "AccessDenied"}))

    def test_a_key_that_xml_cannot_hold_is_deleted_alone(self):
        self.s3.store.seed("box", "bell\x07.txt", "x")
        outcome = self.drive({"do": "delete_many", "keys": ["bell\x07.txt", *KEYS]})
        self.assertEqual((outcome["ok"], self.held()), (True, []))

    def test_one_that_is_gone_already_is_deleted(self):
        outcome = self.drive({"do": "delete", "key": "never there"})
        self.assertTrue(outcome["ok"])


class Row9Copies(ClientCase):
    def test_the_source_is_encoded_once(self):
        outcomes = self.drive(*({"do": "copy", "from": key, "key": f"copies/{number}"} for number, key in enumerate(KEYS)))
        self.assertEqual([o["ok"] for o in outcomes], [True] * len(KEYS))
        self.assertEqual(self.held(), sorted(KEYS + [f"copies/{n}" for n in range(len(KEYS))]))
        self.assertEqual(self.s3.log.operations(), {"CopyObject": len(KEYS)})

    def test_a_source_that_changed_is_a_conflict_also_where_the_condition_is_ignored(self):
        for way in ("ok", "ignored"):
            with self.subTest(way):
                self.s3.quirks.set(copy_source_if_match=way)
                outcome = self.drive({"do": "copy", "from": "a.txt", "key": "copy", "if_match": "0" * 32})
                self.assertEqual((outcome["ok"], outcome["code"]), (False, "conflict"))
        self.assertNotIn("copy", self.held())


class Row15ErrorsInASuccess(ClientCase):
    def test_of_a_copy(self):
        self.s3.faults.add("error_200", operation="CopyObject")
        outcome = self.drive({"do": "copy", "from": "a.txt", "key": "copy"})
        self.assertTrue(outcome["ok"])
        self.assertEqual((outcome["requests"], self.s3.log.operations(), "copy" in self.held()), (2, {"CopyObject": 2}, True))

    def test_of_a_copy_that_may_not_be(self):
        self.s3.faults.add("error_200", operation="CopyObject", code="AccessDenied", times=0)
        outcome = self.drive({"do": "copy", "from": "a.txt", "key": "copy"})
        self.assertEqual((outcome["ok"], outcome["code"], outcome["requests"]), (False, "auth", 1))

    def test_of_deletes_and_of_answers_that_say_nothing(self):
        for fault in ({"do": "error_200"}, {"do": "body", "kind": "empty"}, {"do": "body", "kind": "not_xml"}):
            with self.subTest(fault):
                self.s3.log.clear()
                self.s3.faults.clear()
                self.s3.store.seed("box", "a.txt", "x")
                self.s3.faults.add(**fault, operation="DeleteObjects")
                outcome = self.drive({"do": "delete_many", "keys": ["a.txt"]})
                self.assertEqual((outcome["ok"], outcome["requests"]), (True, 2))
                self.assertNotIn("a.txt", self.held())

    def test_of_a_put(self):
        self.s3.faults.add("error_200", operation="PutObject")
        outcome = self.drive({"do": "put", "key": "new", "body": "x"})
        self.assertEqual((outcome["ok"], outcome["requests"]), (True, 2))


class Row19Conditions(ClientCase):
    def test_what_is_there_is_a_conflict_in_every_dialect(self):
        for way, status in (("ok", 412), ("304", 304), ("409", 409)):
            with self.subTest(way):
                self.s3.quirks.set(conditional_writes=way)
                outcome = self.drive({"do": "put", "key": "a.txt", "body": "mine", "if_absent": True})
                self.assertEqual((outcome["ok"], outcome["code"], outcome["status"]), (False, "conflict", status))
                self.assertEqual(self.s3.store.contents("box")["a.txt"], b"x")

    def test_if_it_is_ignored_a_second_write_succeeds_which_is_how_it_shows(self):
        self.s3.quirks.set(conditional_writes="ignored")
        probe = {"do": "put", "key": "probe", "body": "1", "if_absent": True}
        self.assertEqual([o["ok"] for o in self.drive(probe, probe)], [True, True])

    def test_if_it_is_not_implemented_the_refusal_is_final(self):
        self.s3.quirks.set(conditional_writes="missing")
        outcome = self.drive({"do": "put", "key": "probe", "body": "1", "if_absent": True})
        self.assertEqual((outcome["ok"], outcome["status"], outcome["requests"]), (False, 501, 1))

    def test_replacing_and_deleting_only_what_was_seen(self):
        etag = self.s3.store.buckets["box"].objects["a.txt"].etag
        good = self.drive({"do": "put", "key": "a.txt", "body": "second", "if_match": etag})
        self.assertTrue(good["ok"])
        for operation in ({"do": "put", "key": "a.txt", "body": "third"}, {"do": "delete", "key": "a.txt"}):
            outcome = self.drive({**operation, "if_match": etag})
            self.assertEqual((outcome["ok"], outcome["code"]), (False, "conflict"), operation)
        self.assertEqual(self.s3.store.contents("box")["a.txt"], b"second")

    def test_a_lost_answer_to_our_own_lock_is_our_lock(self):
        self.s3.faults.add("swallow", operation="PutObject", key="lock")
        outcome = self.drive({"do": "put", "key": "lock", "body": "owner 1", "if_absent": True})
        self.assertTrue(outcome["ok"], outcome)
        self.assertEqual(self.s3.log.operations(), {"PutObject": 2, "HeadObject": 1})

    def test_a_lost_answer_on_a_connection_that_was_kept_is_told_too(self):
        self.s3.faults.add("swallow", operation="PutObject", key="lock")
        outcome = self.drive({"do": "head", "key": "a.txt"}, {"do": "put", "key": "lock", "body": "owner 1", "if_absent": True})[1]
        self.assertTrue(outcome["ok"], outcome)
        self.assertEqual(self.s3.log.operations(), {"PutObject": 2, "HeadObject": 2})

    def test_a_lost_answer_to_our_own_lock_is_our_lock_also_where_etags_are_made_up(self):
        self.s3.quirks.set(etag="random")
        self.s3.faults.add("swallow", operation="PutObject", key="lock")
        outcome = self.drive({"do": "put", "key": "lock", "body": "owner 1", "if_absent": True})
        self.assertTrue(outcome["ok"], outcome)

    def test_after_an_error_somebody_else_s_lock_of_the_same_size_is_not_ours(self):
        self.s3.faults.add("hook", operation="PutObject", key="lock", hook=lambda _: self.s3.store.seed("box", "lock", "owner 2"))
        self.s3.faults.add("status", operation="PutObject", key="lock", status=500, after=True)
        outcome = self.drive({"do": "put", "key": "lock", "body": "owner 1", "if_absent": True})
        self.assertEqual((outcome["ok"], outcome["code"]), (False, "conflict"))


class Buckets(ClientCase):
    def test_made_once_and_ours_already_is_no_failure(self):
        outcomes = self.drive({"do": "create_bucket"}, {"do": "create_bucket"}, {"do": "bucket_exists"}, bucket="new")
        self.assertEqual([o["ok"] for o in outcomes], [True, True, True])

    def test_one_that_is_not_there(self):
        outcome = self.drive({"do": "bucket_exists"}, bucket="none")
        self.assertEqual((outcome["ok"], outcome["code"], outcome["requests"]), (False, "not_found", 1))


if __name__ == "__main__":
    main()
