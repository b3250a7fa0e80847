"""plan --out and apply on real servers: exactly the plan is done, and nothing at all if anything has moved since.

Another client looks at the buckets: a refusal leaves every object, those that deployflow keeps for itself among
them, as it was.
"""

import json
import os

from support import StoreTest, body, main, objects

TWO_TARGETS = """  - uses: upload
    with: {to: [primary, mirror], delete: true}
"""


class Plans(StoreTest):
    def setUp(self):
        super().setUp()
        self.pipeline()
        self.write("site/index.html", "<!doctype html><html lang=en><title>t</title><link rel=stylesheet href=app.css><p>1")
        self.write("site/about.html", "<!doctype html><html lang=en><title>t</title><p>about")
        self.write("site/app.css", "p{order:1}")
        self.path = os.path.join(self.folder, "plan.json")

    def look(self):
        """Every object of both buckets: what tells that nobody has written it since."""
        held = {}
        for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
            for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
                for item in page.get("Contents", []):
                    held[bucket, item["Key"]] = (item["ETag"], item["Size"], item["LastModified"])
        return held

    def plan(self, *arguments):
        before = self.look()
        finished = self.run_deployflow("plan", "--out", "plan.json", "--json", *arguments)
        self.assertEqual(finished.code, 0, finished.out + finished.err)
        self.assertEqual(self.look(), before, "a plan writes nothing")
        with open(self.path) as file:
            return json.load(file)

    def apply(self, *arguments):
        return self.run_deployflow("apply", "plan.json", "--json", *arguments)

    def refused(self, *parts):
        """apply is refused, says why, and leaves both buckets as they are."""
        before = self.look()
        finished = self.apply()
        self.assertEqual(finished.code, 5, finished.out + finished.err)
        result = finished.result()
        self.assertEqual((result["ok"], result["exit_code"], result["live_site"]), (False, 5, "unchanged"))
        self.assertEqual(result["error"]["code"], "conflict")
        for part in parts:
            self.assertIn(part, result["error"]["message"])
        self.assertEqual(self.look(), before)
        return result

    def done(self, finished):
        self.assertEqual(finished.code, 0, finished.out + finished.err)
        return sorted((line["stage"], line["target"], line["key"]) for line in finished.lines() if line["type"] == "action")

    def planned(self, plan):
        return sorted(
            (stage["stage"], target["target"], change["key"])
            for stage in plan["stages"] for target in stage["targets"] for change in target["changes"]
        )

    def change(self):
        self.write("site/app.css", "p{order:2}")
        self.write("site/new.html", "<!doctype html><html lang=en><title>t</title><p>new")

    def test_a_plan_is_carried_out_exactly_and_its_replica_is_in_it(self):
        plan = self.plan()
        files = {"about.html", "app.css", "index.html"}
        self.assertEqual(
            self.planned(plan),
            [(stage, target, key) for stage, target in (("replicate", "mirror"), ("upload", "primary")) for key in sorted(files)])
        self.assertEqual(self.done(self.apply()), self.planned(plan))
        self.change()
        plan = self.plan()
        self.assertEqual(
            self.planned(plan),
            [(s, t, k) for s, t in (("replicate", "mirror"), ("upload", "primary")) for k in ("app.css", "new.html")])
        base = plan["stages"][0]["targets"][0]["base"]
        self.assertRegex(base, r"^\d{8}T\d{6}Z-[0-9a-f]{6}$")
        before = self.look()
        self.assertEqual(self.done(self.apply()), self.planned(plan))
        after = self.look()
        for at, seen in before.items():
            if ".deployflow/" not in at[1] and at[1] != "app.css":
                self.assertEqual(after[at], seen)
        for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
            self.assertEqual(set(objects(client, bucket)), files | {"new.html"})
            self.assertEqual(body(client, bucket, "app.css"), b"p{order:2}")
        # Not twice: the plan was made against the release before.
        self.refused(f"is live now, and the plan was made when it was release {base}")

    def test_a_plan_of_nothing_is_done_at_once_and_again(self):
        self.push()
        plan = self.plan()
        self.assertEqual(self.planned(plan), [])
        self.assertEqual(plan["stages"][0]["targets"][0]["totals"]["same"], 3)
        before = self.look()
        for _ in range(2):
            self.assertEqual(self.done(self.apply()), [])
            self.assertEqual(self.look(), before)

    def test_a_site_that_changed_is_refused_and_the_file_named(self):
        self.push()
        self.change()
        self.plan()
        about = os.path.join(self.site, "about.html")
        with open(about) as file:
            text = file.read()
        stat = os.stat(about)
        self.write("site/about.html", text.replace("about", "abort"))  # as long as before, and as old
        os.utime(about, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        self.refused("the site is another one", "primary: now also: update about.html (content differs)")
        self.write("site/about.html", text)
        self.write("site/app.css", "p{order:3}")  # was to be changed anyway, into something else
        self.refused("the site is another one", "primary: another content now: update app.css")
        self.write("site/app.css", "p{order:2}")
        os.remove(os.path.join(self.site, "new.html"))
        self.refused("the site is another one", "primary: no longer: put new.html (new)")

    def test_another_deployment_since_is_refused(self):
        self.push()
        base = self.run_deployflow("releases", "--json").result()["outputs"]["releases.releases"]["primary"][0]["id"]
        self.change()
        self.plan()
        other = self.write("other/index.html", "<!doctype html><html lang=en><title>t</title><p>other")
        self.push(os.path.dirname(other))
        self.refused("is live now, and the plan was made when it was release " + base)

    def test_an_object_that_somebody_overwrote_is_refused(self):
        self.push()
        self.change()
        self.plan()
        for key in ("about.html", "app.css"):  # one that would stay, one that would be replaced anyway
            with self.subTest(key):
                held = self.client_a.get_object(Bucket=self.source, Key=key)
                old = (held["Body"].read(), {n: held[n] for n in ("ContentType", "CacheControl") if held.get(n)})
                self.client_a.put_object(Bucket=self.source, Key=key, Body=b"x" * len(old[0]), **old[1])
                self.refused(f"update {key} (drifted: somebody replaced it)")
                self.client_a.put_object(Bucket=self.source, Key=key, Body=old[0], **old[1])
        self.assertEqual(self.apply().code, 0)

    def test_a_changed_pipeline_is_refused_before_any_request(self):
        self.push()
        self.change()
        self.plan()
        with open(os.path.join(self.folder, "deployflow.yaml"), "a") as file:
            file.write("# a comment is enough\n")
        self.refused("deployflow.yaml has changed since")

    def test_of_several_targets_one_that_moved_stops_all(self):
        self.pipeline(stages=TWO_TARGETS)
        self.push()
        self.change()
        self.plan()
        self.client_b.put_object(Bucket=self.mirror, Key="about.html", Body=b"by hand")
        self.refused("mirror: now also: update about.html")

    def test_a_locked_target_stops_the_others_too(self):
        self.pipeline(stages=TWO_TARGETS)
        self.push()
        self.change()
        self.plan()
        lock = {"run": "20990101T000000Z-000000", "user": "u", "host": "elsewhere", "since_s": 4070908800, "until_s": 4070908830, "ttl_s": 30}
        self.client_b.put_object(Bucket=self.mirror, Key=".deployflow/lock.json", Body=json.dumps(lock).encode())
        self.refused()

    def test_a_replica_that_moved_is_left_alone_after_the_first_target_is_done(self):
        self.push()
        self.change()
        self.plan()
        self.client_b.put_object(Bucket=self.mirror, Key="about.html", Body=b"by hand")
        before = {at: seen for at, seen in self.look().items() if at[0] == self.mirror}
        finished = self.apply()
        self.assertEqual(finished.code, 5, finished.out)
        result = finished.result()
        self.assertIn("mirror: now also: update about.html", result["error"]["message"])
        self.assertEqual([(t["name"], t["live_site"]) for t in result["targets"]], [("primary", "current"), ("mirror", "unchanged")])
        self.assertEqual({at: seen for at, seen in self.look().items() if at[0] == self.mirror}, before)

    def test_a_run_that_was_cut_off_is_applied_again(self):
        self.push()
        self.change()
        self.plan()
        # As it is after a kill between the two: the style sheet is stored, the page and the release are not.
        held = self.client_a.head_object(Bucket=self.source, Key="app.css")
        self.client_a.put_object(
            Bucket=self.source, Key="app.css", Body=b"p{order:2}",
            **{n: held[n] for n in ("ContentType", "CacheControl") if held.get(n)})
        finished = self.apply()
        self.assertEqual([key for stage, _, key in self.done(finished) if stage == "upload"], ["new.html"])
        self.assertIn("1 of the planned changes", finished.out)

    def test_dry_apply_only_looks(self):
        self.push()
        self.change()
        self.plan()
        before = self.look()
        self.assertEqual(self.apply("-n").code, 0)
        self.write("site/app.css", "p{}")
        self.assertEqual(self.apply("-n").code, 5)
        self.assertEqual(self.look(), before)

    def test_deletes_are_in_it(self):
        self.pipeline(stages=TWO_TARGETS)
        self.push()
        os.remove(os.path.join(self.site, "about.html"))
        plan = self.plan()
        self.assertEqual({c["op"] for t in plan["stages"][0]["targets"] for c in t["changes"]}, {"delete"})
        self.done(self.apply())
        self.assertNotIn("about.html", objects(self.client_a, self.source))

    def test_without_a_pipeline_file_the_plan_names_the_target(self):
        os.remove(os.path.join(self.folder, "deployflow.yaml"))
        plan = self.plan("site", "--to", f"s3://{self.source}/p", "--endpoint-url", self.a.url, "--profile", "a")
        self.assertEqual(
            plan["asked"], {"site": "site", "to": f"s3://{self.source}/p", "endpoint_url": self.a.url, "profile": "a"})
        self.assertNotIn("pipeline", plan)
        self.done(self.apply())
        self.assertEqual(set(objects(self.client_a, self.source)), {"p/about.html", "p/app.css", "p/index.html"})

    def test_no_secret_is_in_the_file(self):
        self.plan()
        with open(self.path) as file:
            text = file.read()
        for endpoint in (self.a, self.b):
            self.assertNotIn(endpoint.access, text)
            self.assertNotIn(endpoint.secret, text)

    def test_a_failed_plan_leaves_the_file_that_was_there(self):
        self.plan()
        with open(self.path) as file:
            before = file.read()
        os.symlink("nowhere", os.path.join(self.site, "dead"))
        self.assertEqual(self.run_deployflow("plan", "--out", "plan.json").code, 3)
        with open(self.path) as file:
            self.assertEqual(file.read(), before)
        self.assertEqual([name for name in os.listdir(self.folder) if "part" in name], [])


if __name__ == "__main__":
    main()
