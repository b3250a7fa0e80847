"""kill -9 in the middle of an upload: what is there is in the safe order, and the same command finishes
with only the missing work."""

import json
import os
import signal
import subprocess
import time

from support import StoreTest, body, main, objects, unfinished_uploads

BIG = 72 * 1024 * 1024  # goes in parts


class KilledRun(StoreTest):
    def setUp(self):
        super().setUp()
        self.expected = {}
        for number in range(300):
            self.add(f"assets/{number:03}.css", f"/* {number} */" * 50)
        for number in range(300):
            self.add(f"page-{number:03}.html", f"<!doctype html><title>{number}</title><p>page {number}")
        self.pipeline()

    def add(self, key, content):
        self.expected[key] = content.encode() if isinstance(content, str) else content
        self.write(os.path.join("site", key), self.expected[key])

    def push_and_kill_after(self, actions):
        """Kill -9 once the run has told of that many stored objects. Returns the keys that it told of."""
        process = subprocess.Popen(
            self.command("push", "--json"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=self.environment(), cwd=self.folder,
        )
        told = []
        for line in process.stdout:
            event = json.loads(line)
            if event["type"] == "action":
                told.append((event["target"], event["key"]))
            if len(told) >= actions:
                process.send_signal(signal.SIGKILL)
                break
        process.stdout.read()
        self.assertEqual(process.wait(), -signal.SIGKILL)
        process.stdout.close()
        return told

    def settled(self):
        """What both hold when the last requests of the dead have been carried out."""
        held = None
        while True:
            before, held = held, {"primary": objects(self.client_a, self.source), "mirror": objects(self.client_b, self.mirror)}
            if held == before:
                return held
            time.sleep(0.5)

    def check_order(self, stored):
        pages = [key for key in stored if key.endswith(".html")]
        assets = [key for key in stored if not key.endswith(".html")]
        if pages:
            self.assertEqual(len(assets), len([k for k in self.expected if not k.endswith(".html")]))

    def test_the_same_command_finishes_with_only_the_missing_work(self):
        for actions in (1, 150, 450, 700, 1000):
            with self.subTest(actions=actions):
                for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
                    for key in objects(client, bucket, reserved=True):
                        client.delete_object(Bucket=bucket, Key=key)
                told = self.push_and_kill_after(actions)
                there = self.settled()
                for target, key in told:  # what was confirmed is stored
                    self.assertIn(key, there[target])
                for stored in there.values():
                    self.check_order(stored)
                moved = [(l["target"], l["key"]) for l in self.push().lines() if l["type"] == "action"]
                missing = {(t, k) for t, stored in there.items() for k in self.expected if k not in stored}
                self.assertEqual(set(moved), missing)
                self.assertEqual(len(moved), len(missing))
                for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
                    self.assertEqual(objects(client, bucket), {k: len(v) for k, v in self.expected.items()})

    def test_an_upload_in_parts_is_continued_and_leaves_no_orphan(self):
        self.needs_listed_uploads()
        self.add("big.bin", os.urandom(BIG))
        process = subprocess.Popen(
            self.command("push", "--json"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=self.environment(), cwd=self.folder,
        )
        while process.poll() is None and not self.some_part_is_stored():
            pass
        process.kill()
        process.wait()
        self.push()
        for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
            self.assertEqual(unfinished_uploads(client, bucket), [])
            self.assertEqual(body(client, bucket, "big.bin"), self.expected["big.bin"])

    def some_part_is_stored(self):
        for upload in self.client_a.list_multipart_uploads(Bucket=self.source).get("Uploads", []):
            try:
                parts = self.client_a.list_parts(Bucket=self.source, Key=upload["Key"], UploadId=upload["UploadId"])
            except self.client_a.exceptions.ClientError:  # completed meanwhile
                return True
            if parts.get("Parts"):
                return True
        return "big.bin" in objects(self.client_a, self.source)

    def test_an_orphan_of_a_key_that_is_small_by_now_is_aborted_and_a_stranger_s_is_not(self):
        self.needs_listed_uploads()
        for key in ("page-000.html", "not-ours.bin"):
            self.client_a.create_multipart_upload(Bucket=self.source, Key=key)
        self.push()
        self.assertEqual(unfinished_uploads(self.client_a, self.source), ["not-ours.bin"])


if __name__ == "__main__":
    main()
