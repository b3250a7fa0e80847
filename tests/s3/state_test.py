"""Targets that keep their state in another bucket or under another prefix than their site, looked at by another client."""

import base64
import json
import os

from support import StoreTest, body, empty, main, objects

PLACE = "sites/www/"
FOLDER = PLACE + ".deployflow/"
UPLOAD = """  - uses: upload
    with: {to: primary, delete: true, publish: %s}
"""


class State(StoreTest):
    def setUp(self):
        super().setUp()
        self.private = self.source + "-private"
        self.client_a.create_bucket(Bucket=self.private)
        self.addCleanup(empty, self.client_a, self.private)

    def target(self, state=None, publish="direct", more="", stages=None):
        """A pipeline of one target. `state` "" = beside the site."""
        if state is None:
            state = f", state: {{bucket: {self.private}, prefix: {PLACE}}}"
        self.write(
            "deployflow.yaml",
            f"""version: 1
site: ./site
targets:
  primary: {{endpoint: "{self.a.url}", bucket: {self.source}, profile: a{more}{state}}}
stages:
"""
            + (stages or UPLOAD % publish),
        )

    def version(self, number, **more):
        """The files of a version: bytes by key. Those of the version before are gone."""
        files = {
            "index.html": f"<!doctype html><html lang=en><title>{number}</title><p>version {number}",
            "style.css": f"p {{ order: {number} }}",
            "100% \u00fc+.css": f"p {{ order: {number} }} /* a name that signers get wrong */",
            "same.txt": "the same in all",
            f"only-{number}.txt": f"only in {number}",
            **more,
        }
        files = {key: content.encode() if isinstance(content, str) else content for key, content in files.items()}
        for root, _, names in os.walk(self.site):
            for name in names:
                os.remove(os.path.join(root, name))
        for key, content in files.items():
            self.write(os.path.join("site", key), content)
        return files

    def held(self):
        return {key: body(self.client_a, self.source, key) for key in objects(self.client_a, self.source)}

    def reserved(self, bucket=None):
        found = objects(self.client_a, bucket or self.source, reserved=True)
        return sorted(key for key in found if ".deployflow/" in key)

    def kept(self):
        """What the state bucket holds, by its names below the folder; all of it must be there."""
        found = objects(self.client_a, self.private, reserved=True)
        self.assertEqual([key for key in found if not key.startswith(FOLDER)], [])
        return sorted(key[len(FOLDER):] for key in found)

    def kinds(self):
        names = [name.split("/")[0] for name in self.kept()]
        return {name: names.count(name) for name in names}

    def releases(self):
        return self.run_deployflow("releases", "--json").result()["outputs"]["releases.releases"]["primary"]

    def done(self, *arguments):
        finished = self.run_deployflow(*arguments)
        self.assertEqual(finished.code, 0, finished.out + finished.err[-4000:])
        return finished

    def deploy_and_go_back(self, publish, **more):
        self.target(publish=publish, more=more.pop("target", ""))
        versions = {}
        for number in (1, 2, 3):
            files = {key: make(number) for key, make in more.items()}
            versions[number] = self.version(number, **{key.replace("_", "."): content for key, content in files.items()})
            pushed = self.done("push", "-vvv")
            self.check(versions[number])
        ids = [line["id"] for line in reversed(self.releases())]
        self.assertEqual(len(ids), 3)
        for number in (1, 3, 2):
            back = self.done("rollback", ids[number - 1], "-vvv")
            self.check(versions[number])
        self.assertEqual(self.kinds()["releases"], 3)
        return pushed, back

    def check(self, files):
        self.assertEqual(self.held(), files)
        self.assertEqual(self.reserved(), [])
        self.assertIn("current.json", self.kept())
        self.assertNotIn("lock.json", self.kept())

    def test_the_site_holds_nothing_of_the_state_and_the_state_place_all_of_it(self):
        pushed, back = self.deploy_and_go_back("direct")
        # Replaced contents go there, and come back, inside the server.
        self.assertIn(f"x-amz-copy-source={self.source}/style.css", pushed.err)
        self.assertIn(f"x-amz-copy-source={self.private}/{FOLDER}blobs/", back.err)

    def test_staged_contents_go_to_the_state_place_and_from_there_to_the_site(self):
        pushed, _ = self.deploy_and_go_back("staged")
        self.assertIn(f"x-amz-copy-source={self.private}/{FOLDER}blobs/", pushed.err)
        self.assertEqual(self.kinds()["current.json"], 1)

    def test_files_in_parts_go_there_and_come_back(self):
        for publish in ("direct", "staged"):
            with self.subTest(publish=publish):
                self.deploy_and_go_back(publish, big_bin=lambda number: bytes([number]) * (17 << 20))
                for bucket in (self.source, self.private):
                    self.assertEqual(self.client_a.list_multipart_uploads(Bucket=bucket).get("Uploads", []), [])
                for bucket in (self.source, self.private):
                    for key in objects(self.client_a, bucket, reserved=True):
                        self.client_a.delete_object(Bucket=bucket, Key=key)

    def test_another_prefix_of_the_same_bucket(self):
        self.target(more=", prefix: www", state=", state: {prefix: kept}")
        self.version(1)
        self.done("push")
        second = self.version(2)
        self.done("push")
        self.assertEqual({key[4:]: content for key, content in self.held().items()}, second)
        reserved = self.reserved()
        self.assertEqual([key for key in reserved if not key.startswith("kept/.deployflow/")], [])
        self.assertIn("kept/.deployflow/current.json", reserved)
        self.done("rollback")
        self.assertIn(b"version 1", body(self.client_a, self.source, "www/index.html"))

    def test_a_dry_run_writes_nothing_there(self):
        self.target(publish="staged")
        self.version(1)
        plan = self.run_deployflow("plan", "--json", "--exit-code")
        self.assertEqual(plan.code, 10, plan.err)
        self.assertEqual((self.kept(), self.held()), ([], {}))

    def test_the_lock_is_where_the_state_is(self):
        self.target()
        self.version(1)
        self.done("push")
        lock = {"format": 1, "run": "20261120T223311Z-9f2c1a", "user": "ann", "host": "ci-7",
                "since": "", "since_s": 1, "until": "", "until_s": 1 << 39, "ttl_s": 3600}
        self.client_a.put_object(Bucket=self.private, Key=FOLDER + "lock.json", Body=json.dumps(lock).encode())
        self.version(2)
        for command in ("push", "rollback", "prune"):
            refused = self.run_deployflow(command)
            self.assertEqual(refused.code, 5, refused.err)
            self.assertIn("is locked by run 20261120T223311Z-9f2c1a by ann on ci-7", refused.err)
        self.assertIn(b"version 1", body(self.client_a, self.source, "index.html"))
        self.done("unlock", "20261120T223311Z-9f2c1a")
        self.assertNotIn("lock.json", self.kept())
        # One that somebody left where the state was before is nobody's.
        self.client_a.put_object(Bucket=self.source, Key=".deployflow/lock.json", Body=json.dumps(lock).encode())
        self.done("push")
        self.assertIn(b"version 2", body(self.client_a, self.source, "index.html"))

    def test_prune_forgets_what_lies_there(self):
        self.target()
        for number in (1, 2, 3):
            self.version(number)
            self.done("push")
        before = self.kinds()
        self.assertEqual(before["releases"], 3)
        self.assertGreater(before["blobs"], 0)
        self.done("prune", "--keep", "1")
        self.assertEqual(self.kinds(), {"current.json": 1, "releases": 1})
        self.assertEqual(self.reserved(), [])

    def test_history_and_rollback_survive_a_move(self):
        self.target(state="")
        versions = {}
        for number in (1, 2, 3):
            versions[number] = self.version(number)
            self.done("push")
        releases = self.releases()
        for key in self.reserved():
            self.client_a.copy_object(Bucket=self.private, Key=PLACE + key, CopySource={"Bucket": self.source, "Key": key})
            self.client_a.delete_object(Bucket=self.source, Key=key)
        self.target()
        again = self.push()
        self.assertEqual([line for line in again.lines() if line["type"] in ("action", "finding")], [])
        self.assertEqual(self.releases(), releases)
        for number in (1, 3):
            self.done("rollback", releases[3 - number]["id"])
            self.check(versions[number])

    def test_a_state_that_was_not_moved_along_is_told_of(self):
        self.target(state="")
        self.version(1)
        self.done("push")
        old = self.reserved()
        self.target()
        for command in ("plan", "push"):
            told = self.run_deployflow(command)
            self.assertEqual(told.code, 0, told.err)
            self.assertIn(f"no release in s3://{self.private}/{FOLDER}", told.err)
            self.assertIn(f"s3://{self.source}/.deployflow/", told.err)
        self.assertEqual(self.reserved(), old)
        self.assertNotIn("no release in", self.done("push").err)

    def test_only_the_site_gets_the_public_acl(self):
        self.target(more=", acl: public-read", publish="staged")
        self.version(1)
        self.done("push")
        self.version(2)
        self.done("push")

        def readers(bucket, key):
            grants = self.client_a.get_object_acl(Bucket=bucket, Key=key)["Grants"]
            return [grant["Grantee"].get("URI", "") for grant in grants if "AllUsers" in grant["Grantee"].get("URI", "")]

        if not readers(self.source, "index.html"):
            self.skipTest("the server has no ACLs")
        for name in self.kept():
            self.assertEqual(readers(self.private, FOLDER + name), [], name)
        self.done("rollback")
        self.assertNotEqual(readers(self.source, "index.html"), [])

    def test_with_a_customer_key_both_places_are_encrypted_with_it(self):
        key = os.urandom(32)
        self.write("site.key", base64.b64encode(key) + b"\n")
        self.target(more=", encryption: customer, customer_key_file: site.key")
        self.version(1)
        first = self.run_deployflow("push", "-vvv")
        if "NotImplemented" in first.err or "InvalidRequest" in first.err:
            self.skipTest("the server has no SSE-C over plain HTTP")
        self.assertEqual(first.code, 0, first.err[-3000:])
        self.version(2)
        pushed = self.done("push", "-vvv")
        self.assertIn(f"x-amz-copy-source={self.source}/style.css", pushed.err)
        back = self.done("rollback", "-vvv")
        self.assertIn(f"x-amz-copy-source={self.private}/{FOLDER}blobs/", back.err)
        self.assertEqual(self.reserved(), [])
        for bucket, name in ((self.source, "index.html"), (self.private, FOLDER + "current.json")):
            with self.assertRaises(self.client_a.exceptions.ClientError, msg="readable without the key"):
                body(self.client_a, bucket, name)
        self.assertEqual(len(self.releases()), 2)

    def test_the_doctor_looks_at_both_places_and_leaves_nothing(self):
        self.target()

        def row():
            finished = self.run_deployflow("doctor", "--json")
            left = [key for bucket in (self.source, self.private) for key in self.reserved(bucket) if "doctor" in key]
            self.assertEqual(left, [])
            return finished.code, {line["probe"]: line for line in finished.lines() if line["type"] == "probe"}["state"]

        code, state = row()
        self.assertEqual((code, state["verdict"]), (0, "ok"), state)
        self.assertIn(f"s3://{self.private}/{FOLDER}", state["detail"])
        self.client_a.put_object(Bucket=self.source, Key=".deployflow/current.json", Body=b"{}")
        code, state = row()
        self.assertEqual((code, state["verdict"]), (0, "limited"), state)
        self.assertIn("is not empty", state["detail"])
        self.target(state=f", state: {{bucket: {self.private}-missing}}")
        code, state = row()
        self.assertEqual((code, state["verdict"]), (1, "no"), state)
        self.assertIn(f"no bucket {self.private}-missing", state["detail"])

    def test_a_replica_keeps_its_lock_in_its_own_place(self):
        self.target(stages=UPLOAD % "direct" + "  - uses: replicate\n    with: {from: primary, to: [mirror]}\n")
        with open(os.path.join(self.folder, "deployflow.yaml")) as file:
            text = file.read()
        mirror = (
            f'  mirror: {{endpoint: "{self.a.url}", bucket: {self.source}-m, profile: a, '
            f"state: {{bucket: {self.private}, prefix: mirror}}}}\nstages:\n"
        )
        self.client_a.create_bucket(Bucket=self.source + "-m")
        self.addCleanup(empty, self.client_a, self.source + "-m")
        self.write("deployflow.yaml", text.replace("stages:\n", mirror, 1))
        files = self.version(1)
        done = self.done("push", "-vvv")
        self.assertIn(f"/{self.private}/mirror/.deployflow/lock.json", done.err)
        self.assertEqual({key: body(self.client_a, self.source + "-m", key) for key in objects(self.client_a, self.source + "-m", reserved=True)}, files)


if __name__ == "__main__":
    main()
