"""Previews on a real server, looked at by another client."""

import json
import os
import subprocess
import time

from support import StoreTest, body, main, objects

STAGES = """  - uses: validate
  - uses: upload
    with: {to: primary, delete: true}
  - uses: replicate
    with: {from: primary, to: [mirror]}
"""
TAG = b'<meta name="robots" content="noindex"/>'
MARK = ".deployflow/preview.json"


class Previews(StoreTest):
    def setUp(self):
        super().setUp()
        self.pipeline(stages=STAGES)
        self.version("live")

    def version(self, text, **more):
        subprocess.run(["rm", "-rf", self.site], check=True)
        files = {
            "index.html": f"<!doctype html><html lang=en><head><title>{text}</title><link rel=stylesheet href=style.css></head><p>{text}",
            "about/index.html": f"<!doctype html><title>{text}</title><p>no head of its own",
            "style.css": f"p {{ /* {text} */ }}",
            **more,
        }
        for key, content in files.items():
            self.write(os.path.join("site", key), content)
        return {key: content.encode() for key, content in files.items()}

    def held(self, prefix="", reserved=False):
        """Every object below the prefix by its key there, with its ETag; without those of previews for the site."""
        found = {}
        for page in self.client_a.get_paginator("list_objects_v2").paginate(Bucket=self.source, Prefix=prefix):
            for item in page.get("Contents", []):
                key = item["Key"][len(prefix):]
                if (reserved or ".deployflow/" not in key) and (prefix or not key.startswith("previews/")):
                    found[key] = item["ETag"]
        return found

    def site_whole(self):
        """The live site and what it keeps, byte for byte."""
        held = self.held(reserved=True)
        return {key: (etag, body(self.client_a, self.source, key)) for key, etag in held.items()}

    def preview(self, name, *arguments):
        finished = self.run_deployflow("push", "--preview", name, *arguments)
        self.assertEqual(finished.code, 0, finished.err)
        self.assertEqual(len(finished.out.splitlines()), 1, "the URL of the preview and nothing else")
        return finished

    def previews(self):
        finished = self.run_deployflow("previews", "--json")
        self.assertEqual(finished.code, 0, finished.err)
        return {one["name"]: one for one in finished.result()["outputs"]["previews.previews"]["primary"]}

    def bytes_of(self, name):
        return {key: body(self.client_a, self.source, f"previews/{name}/{key}") for key in self.held(f"previews/{name}/")}

    def with_noindex(self, files):
        return {
            "index.html": files["index.html"].replace(b"<head>", b"<head>" + TAG),
            "about/index.html": files["about/index.html"].replace(b"<title>", TAG + b"<title>"),
            "style.css": files["style.css"],
        }

    def test_a_preview_stands_beside_the_site_which_is_not_touched(self):
        live = self.version("live")
        self.push()
        before = self.site_whole()
        pushed = self.preview("a")
        self.assertEqual(pushed.out, f"{self.a.url}/{self.source}/previews/a/index.html\n")
        self.assertIn("a preview is not replicated", pushed.err)
        other = self.version("other", **{"new.html": "<!doctype html><title>n</title>"})
        self.preview("b", "--expires", "never")
        self.assertEqual(self.site_whole(), before, "the live site, its releases and its headers are as they were")
        self.assertEqual(self.bytes_of("a"), self.with_noindex(live))
        self.assertEqual({k: v for k, v in self.bytes_of("b").items() if k != "new.html"}, self.with_noindex(other))
        self.assertIn(TAG, self.bytes_of("b")["new.html"])
        self.assertFalse(any(TAG in content for _, content in before.values()))
        self.assertEqual(self.client_a.get_object(Bucket=self.source, Key="previews/a/index.html")["ContentType"], "text/html; charset=utf-8")
        self.assertEqual([key for key in objects(self.client_b, self.mirror, reserved=True) if "previews" in key], [])
        listed = self.previews()
        self.assertEqual(sorted(listed), ["a", "b"])
        self.assertAlmostEqual(listed["a"]["expires_s"], time.time() + 14 * 86400, delta=60)
        self.assertEqual(listed["a"]["url"] + "\n", pushed.out)
        self.assertEqual((listed["a"]["files"], listed["b"]["files"], "expires" in listed["b"]), (3, 4, False))
        # Nothing changed: nothing is sent, and it lives longer.
        self.version("live")
        self.assertIn("3 same, nothing to do", self.preview("a", "--expires", "30d").err)
        self.assertAlmostEqual(self.previews()["a"]["expires_s"], time.time() + 30 * 86400, delta=60)
        # What the preview no longer has goes, without any `delete`.
        self.version("other")
        self.preview("b")
        self.assertEqual(sorted(self.bytes_of("b")), ["about/index.html", "index.html", "style.css"])

    def test_the_site_leaves_the_previews_alone_and_its_replicas_have_none(self):
        self.version("one", **{"old.css": "p {}"})
        self.push()
        self.preview("a")
        before = self.held("previews/a/", reserved=True)
        files = self.version("two")
        finished = self.push()
        self.assertEqual([line["key"] for line in finished.lines() if line["type"] == "action" and line["op"] == "delete"], ["old.css"])
        self.assertEqual(self.held("previews/a/", reserved=True), before)
        self.assertEqual({key: body(self.client_b, self.mirror, key) for key in files}, files)
        self.assertEqual([key for key in objects(self.client_b, self.mirror, reserved=True) if key.startswith("previews/")], [])

    def test_keys_of_the_site_and_of_previews_never_mix(self):
        self.version("live", **{"previews/a/page.html": "<!doctype html><title>p</title>"})
        self.push()
        before = self.site_whole()
        refused = self.run_deployflow("push", "--preview", "a")
        self.assertEqual(refused.code, 5, refused.err)
        self.assertIn("holds page.html and is no preview", refused.err)
        self.assertEqual(self.site_whole(), before)
        self.assertEqual(sorted(self.held("previews/a/", reserved=True)), ["page.html"])
        self.assertEqual(self.run_deployflow("plan", "--preview", "a").code, 5)
        # And the other way round.
        self.preview("b")
        self.version("live", **{"previews/b/page.html": "<!doctype html><title>p</title>"})
        refused = self.run_deployflow("push")
        self.assertEqual(refused.code, 5, refused.err)
        self.assertIn("would lie in a preview, previews/b/", refused.err)

    def test_a_preview_has_releases_and_a_lock_of_its_own(self):
        self.push()
        before = self.site_whole()
        first = self.version("first")
        self.preview("a")
        self.version("second")
        self.preview("a")
        back = self.run_deployflow("rollback", "--preview", "a")
        self.assertEqual(back.code, 0, back.err)
        self.assertEqual(self.bytes_of("a"), self.with_noindex(first))
        self.assertEqual(self.site_whole(), before)
        releases = self.run_deployflow("releases", "--preview", "a").out.splitlines()
        self.assertEqual([line[:2] for line in releases], ["  ", "* "])
        self.assertEqual(len(self.run_deployflow("releases").out.splitlines()), 1)
        self.assertEqual(self.run_deployflow("unlock", "--preview", "a").out, "not locked\n")
        self.lock("previews/a/")
        locked = self.run_deployflow("push", "--preview", "a")
        self.assertEqual(locked.code, 5, locked.err)
        self.assertIn("locked by run 20260101T000000Z-aaaaaa", self.run_deployflow("unlock", "--preview", "a").out)
        self.assertEqual(self.run_deployflow("previews", "--remove", "a").code, 5)
        self.assertEqual(self.bytes_of("a"), self.with_noindex(first))
        self.push()  # has another lock
        self.assertEqual(self.run_deployflow("unlock", "20260101T000000Z-aaaaaa", "--preview", "a").code, 0)
        self.preview("a")

    def lock(self, prefix):
        """As another run would hold it."""
        self.client_a.put_object(
            Bucket=self.source, Key=prefix + ".deployflow/lock.json",
            Body=json.dumps({"format": 1, "run": "20260101T000000Z-aaaaaa", "user": "ada", "host": "build-7", "since_s": int(time.time()),
                             "until_s": int(time.time()) + 600, "ttl_s": 600}).encode(),
        )

    def test_what_has_expired_is_marked_and_goes_with_the_next_push_to_a_preview(self):
        self.push()
        before = self.site_whole()
        self.preview("long")
        self.preview("short", "--expires", "1s")
        time.sleep(2)
        listed = self.previews()
        self.assertEqual({name: one["expired"] for name, one in listed.items()}, {"long": False, "short": True})
        self.assertIn("x short", self.run_deployflow("previews").out)
        plan = self.run_deployflow("previews", "--remove-expired", "-n")
        self.assertEqual((plan.code, sorted(self.previews())), (0, ["long", "short"]), plan.err)
        self.assertIn("3 to delete", plan.err)
        # The site's own pushes remove nothing of previews.
        self.push()
        self.assertEqual(sorted(self.previews()), ["long", "short"])
        # One that is locked cannot go now; that does not fail the push.
        self.lock("previews/short/")
        pushed = self.preview("long")
        self.assertIn("warning: ", pushed.err)
        self.assertIn("is locked by run 20260101T000000Z-aaaaaa", pushed.err)
        self.assertEqual(sorted(self.previews()), ["long", "short"])
        self.run_deployflow("unlock", "20260101T000000Z-aaaaaa", "--preview", "short")
        self.preview("long")
        self.assertEqual(self.held("previews/short/", reserved=True), {})
        self.assertEqual(self.site_whole(), before)
        # A push to one that has expired renews it.
        self.preview("again", "--expires", "1s")
        time.sleep(2)
        self.preview("again")
        self.assertFalse(self.previews()["again"]["expired"])
        self.assertEqual(len(self.bytes_of("again")), 3)
        self.preview("gone", "--expires", "1s")
        time.sleep(2)
        removed = self.run_deployflow("previews", "--remove-expired", "--json")
        self.assertEqual(removed.result()["outputs"]["remove-previews.removed"], {"primary": ["gone"]}, removed.out)

    def test_removal_takes_what_is_its_own_and_nothing_else(self):
        self.push()
        before = self.site_whole()
        self.preview("a")
        self.version("second", **{"later.css": "p {}"})
        self.preview("a")  # so that there are blobs and two releases
        self.preview("ab")
        neighbour = self.held("previews/ab/", reserved=True)
        self.client_a.put_object(Bucket=self.source, Key="previews/a/notes.txt", Body=b"of somebody else")
        self.client_a.put_object(Bucket=self.source, Key="previews/a/style.css", Body=b"replaced by somebody else")
        missing = self.run_deployflow("previews", "--remove", "a", "--remove", "nothing")
        self.assertEqual((missing.code, "there is no preview nothing" in missing.err), (1, True), missing.err)
        self.assertEqual(len(self.held("previews/a/")), 5, "one of the names is wrong, so nothing is removed")
        removed = self.run_deployflow("previews", "--remove", "a")
        self.assertEqual(removed.code, 0, removed.err)
        self.assertIn("2 objects that no release of the preview left like this", removed.err)
        self.assertEqual(sorted(self.held("previews/a/", reserved=True)), ["notes.txt", "style.css"])
        self.assertEqual(self.held("previews/ab/", reserved=True), neighbour)
        self.assertEqual(self.site_whole(), before)
        self.assertEqual(sorted(self.previews()), ["ab"])

    def kill_after(self, operations, *arguments):
        """SIGKILL when so many actions have been told; False if it ended before."""
        process = subprocess.Popen(
            self.command(*arguments, "--json"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=self.environment(), cwd=self.folder, text=True,
        )
        seen = 0
        for line in process.stdout:
            seen += json.loads(line)["type"] == "action"
            if seen == operations:
                process.kill()
                break
        process.stdout.close()
        return process.wait() == -9

    def test_a_removal_that_was_killed_is_finished_by_the_next(self):
        self.push()
        before = self.site_whole()
        many = {f"{i:03}.html": f"<!doctype html><title>{i}</title>" for i in range(150)}
        many.update({f"{i:03}.css": f"p {{ order: {i} }}" for i in range(150)})
        for operations in (1, 100, 220):
            self.version("many", **many)
            self.preview("a")
            self.assertTrue(self.kill_after(operations, "previews", "--remove", "a"))
            left = self.held("previews/a/", reserved=True)
            if any(key.endswith(".html") for key in left):
                self.assertLessEqual(set(many) - set(left), {key for key in many if key.endswith(".html")}, "pages go first")
            self.assertIn("a", self.previews())
            finished = self.run_deployflow("previews", "--remove", "a")
            self.assertEqual(finished.code, 0, finished.err)
            self.assertEqual(self.held("previews/a/", reserved=True), {})
            self.assertEqual(self.site_whole(), before)

    def test_a_first_push_that_was_killed_leaves_nothing_that_cannot_be_removed(self):
        self.push()
        self.version("many", **{f"{i:03}.css": f"p {{ order: {i} }}" for i in range(300)})
        self.assertTrue(self.kill_after(100, "push", "--preview", "a", "--expires", "1s"))
        self.assertGreater(len(self.held("previews/a/")), 90)
        self.assertNotIn(".deployflow/current.json", self.held("previews/a/", reserved=True))
        time.sleep(2)
        self.assertTrue(self.previews()["a"]["expired"])
        finished = self.run_deployflow("previews", "--remove-expired")
        self.assertEqual(finished.code, 0, finished.err)
        self.assertEqual(self.held("previews/a/", reserved=True), {})

    def test_compressed_pages_have_it_too_and_a_folder_and_url_of_its_own(self):
        import gzip

        self.write("deployflow.yaml", f"""version: 1
site: ./site
targets:
  primary: {{endpoint: "{self.a.url}", bucket: {self.source}, region: us-east-1, profile: a, prefix: docs, previews: look/at, url: "https://example.com/d"}}
stages:
  - uses: compress
  - uses: upload
    with: {{to: primary}}
""")
        self.version("live", **{"long.html": "<!doctype html><title>l</title>" + "<p>many words" * 400})
        self.push()
        pushed = self.preview("a")
        self.assertEqual(pushed.out, "https://example.com/d/look/at/a/\n")
        got = self.client_a.get_object(Bucket=self.source, Key="docs/look/at/a/long.html")
        self.assertEqual(got["ContentEncoding"], "gzip")
        self.assertIn(TAG, gzip.decompress(got["Body"].read()))
        live = self.client_a.get_object(Bucket=self.source, Key="docs/long.html")
        self.assertNotIn(TAG, gzip.decompress(live["Body"].read()))
        self.assertEqual(self.previews()["a"]["url"], "https://example.com/d/look/at/a/")
        self.assertEqual(self.run_deployflow("previews", "--remove", "a").code, 0)
        self.assertEqual(self.held("docs/look/", reserved=True), {})
        self.assertEqual(len(self.held("docs/")), 4)


if __name__ == "__main__":
    main()
