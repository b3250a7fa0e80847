"""Many deployments to one target at the same moment, by the server's own log: one writes at a time, whole and uninterrupted."""

import json
import os
import signal
import time
import unittest

from endpoints import PAGE, Deployment, FaultCase, Server, main

AT_ONCE = 8
ROUNDS = int(os.environ.get("DEPLOYFLOW_ROUNDS", "4"))
WRITES = ("PutObject", "CopyObject", "DeleteObject", "DeleteObjects", "CompleteMultipartUpload")
LOCK = ".deployflow/lock.json"


class Concurrent(unittest.TestCase):
    def setUp(self):
        self.s3 = Server(buckets=["box"]).start()
        self.addCleanup(self.s3.stop)
        self.deployments = []
        for number in range(AT_ONCE):
            deployment = Deployment([self.s3])
            self.addCleanup(deployment.remove)
            for file in range(6):
                deployment.put(f"of-{number}/{file}.css", f"p {{ order: {number}{file} }}")
            deployment.put("index.html", f"{PAGE} of {number}")
            self.deployments.append(deployment)

    def deploy_all(self, *arguments):
        runs = [deployment.start("push", *arguments) for deployment in self.deployments]
        return [run.wait() for run in runs]

    def change_all(self, round):
        for number, deployment in enumerate(self.deployments):
            deployment.put(f"of-{number}/0.css", f"p {{ order: {round} }}")
            deployment.put("index.html", f"{PAGE} of {number} in {round}")

    def writers(self):
        """Whose files were written, each time that it is another's than before."""
        order = []
        for entry in self.s3.log.entries():
            if entry.operation in WRITES and entry.key.startswith("of-") and entry.status == 200:
                number = int(entry.key.split("/")[0][3:])
                if not order or order[-1] != number:
                    order.append(number)
        return order

    def check(self, runs):
        done = sorted(number for number, run in enumerate(runs) if run.code == 0)
        order = self.writers()
        self.assertEqual(sorted(order), done, "a deployment that was done wrote all its files in one go")
        last = self.deployments[order[-1]]
        held = self.s3.store.contents("box")
        self.assertEqual({key: held.get(key) for key in last.files}, last.files)
        self.assertNotIn(LOCK, self.s3.store.contents("box", reserved=True))
        return done

    def test_one_proceeds_and_all_others_exit_5_and_name_it(self):
        for round in range(ROUNDS):
            self.change_all(round)
            self.s3.log.clear()
            runs = self.deploy_all()
            self.assertTrue(self.check(runs))
            for run in runs:
                self.assertIn(run.code, (0, 5), run.err)
                if run.code == 5:
                    self.assertRegex(run.err, r"primary is locked by run \d{8}T\d{6}Z-[0-9a-f]{6} .*since \d{4}-")

    def test_all_that_wait_come_one_after_the_other(self):
        runs = self.deploy_all("--wait", "2m")
        self.assertEqual([run.code for run in runs], [0] * AT_ONCE, [run.err for run in runs])
        self.assertEqual(len(self.check(runs)), AT_ONCE)


class Lost(FaultCase):
    """A lease is lost while its holder still writes."""

    def pipeline(self):
        self.deployment.write_file("deployflow.yaml", f"""version: 1
site: {self.deployment.site}
targets:
  primary: {{endpoint: "{self.s3.url}", bucket: box, profile: primary}}
stages:
  - uses: upload
    with: {{to: primary, lease: 3s}}
""")

    def test_a_run_whose_lock_was_removed_stops_before_its_next_write(self):
        self.pipeline()
        self.s3.faults.add("hold", operation="PutObject", key="app.css")
        run = self.deployment.start("push")
        self.assertTrue(self.s3.faults.wait_held())
        self.s3.store.seed("box", LOCK, json.dumps({"format": 1, "run": "another", "since_s": 1, "ttl_s": 30}))
        # Its next heartbeat finds another's lock; then the held write ends.
        self.assertTrue(self.s3.log.wait_for(
            lambda entries: sum(e.key == LOCK and e.status == 412 for e in entries) >= 2, 10))  # the probe's, the heartbeat's
        time.sleep(0.5)
        self.s3.faults.release()
        finished = run.wait()
        self.assertEqual(finished.code, 5, finished.err)
        self.assertIn("the lock was lost", finished.err)
        self.assertNotIn("index.html", self.s3.store.contents("box"))
        self.assertIn(LOCK, self.s3.store.contents("box", reserved=True), "another's lock is not ours to remove")

    def test_the_lock_of_a_run_that_was_killed_is_taken_over_at_once(self):
        self.pipeline()
        self.s3.faults.add("hold", operation="PutObject", key="app.css")
        run = self.deployment.start("push")
        self.assertTrue(self.s3.faults.wait_held())
        run.signal(signal.SIGKILL)
        run.wait()
        self.s3.faults.release()
        self.assertIn(LOCK, self.s3.store.contents("box", reserved=True))
        finished = self.push()
        self.assertIn("ended without letting go", finished.err)
        self.assertNotIn(LOCK, self.s3.store.contents("box", reserved=True))

    def test_an_interrupted_run_lets_go_of_its_lock(self):
        self.pipeline()
        self.s3.faults.add("hold", operation="PutObject", key="app.css")
        run = self.deployment.start("push")
        self.assertTrue(self.s3.faults.wait_held())
        run.signal(signal.SIGTERM)
        finished = run.wait()
        self.s3.faults.release()
        self.assertEqual(finished.code, 130, finished.err)
        self.assertNotIn(LOCK, self.s3.store.contents("box", reserved=True))


if __name__ == "__main__":
    main()
