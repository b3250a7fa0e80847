"""The option `order`, by the server's own log: which object was asked for when, and that a barrier stands between groups."""

import json
import os
import time
import unittest

from endpoints import PAGE, FaultCase, main

PAUSE = 0.2  # seconds until an object is answered for
SITE = {
    "app.css": "p{}", "data/a.json": "[]", "data/b.json": "{}", "feed.xml": "<rss/>", "index.html": PAGE,
    "img/logo.png": "png", "page.html": PAGE + "one", "sw.js": "worker",
}


class Order(FaultCase):
    def setUp(self):
        super().setUp()
        for key, content in SITE.items():
            self.deployment.put(key, content)

    def order(self, groups):
        self.deployment.pipeline(upload_options=", order: " + json.dumps(groups))

    def change(self, *keys):
        for key in keys:
            self.deployment.put(key, SITE[key] + " again")

    def pushed(self, *groups, **more):
        """Pushes with every answer held up a little, so that what does not wait for a group overtakes it. Keys, in the order of their requests."""
        self.order(groups)
        self.s3.log.clear()
        self.s3.faults.clear()
        self.s3.faults.add("hook", operation="PutObject", hook=lambda *_: time.sleep(PAUSE), times=0)
        finished = self.push(**more)
        return [e.key for e in self.s3.log.of_site("PutObject")], finished

    def assert_groups(self, keys, *groups):
        at = 0
        for group in groups:
            self.assertEqual(set(keys[at:at + len(group)]), set(group), keys)
            at += len(group)
        self.assertEqual(at, len(keys), keys)

    def assert_barriers(self, *groups):
        """No request of a group came before the last answer of the one before it."""
        entries = {e.key: e for e in self.s3.log.of_site("PutObject")}
        for before, after in zip(groups, groups[1:]):
            last = max(entries[key].time for key in before)
            self.assertGreaterEqual(min(entries[key].time for key in after), last + PAUSE, (before, after))

    def test_groups_are_stored_one_after_the_other(self):
        groups = [["data/a.json", "data/b.json"], ["app.css", "img/logo.png", "feed.xml"], ["page.html"], ["index.html", "sw.js"]]
        keys, finished = self.pushed({"match": "data/**"}, "files", "pages", ["home", "announcements"])
        self.assert_groups(keys, *groups)
        self.assert_barriers(*groups)
        self.assertNotIn("`order`", finished.err)
        self.change(*SITE)  # and a feed that is there is an announcement
        keys, _ = self.pushed({"match": "data/**"}, "files", "pages", ["home", "announcements"])
        self.assert_groups(keys, groups[0], ["app.css", "img/logo.png"], groups[2], ["index.html", "sw.js", "feed.xml"])

    def test_one_that_fails_keeps_the_next_group_back(self):
        self.order([{"match": "data/**"}, "files"])
        self.s3.faults.add("status", operation="PutObject", key="data/b.json", status=403, code="AccessDenied", times=0)
        self.push(code=4)
        self.assertEqual({e.key for e in self.s3.log.of_site("PutObject")}, {"data/a.json", "data/b.json"})

    def test_new_comes_before_changed_inside_a_group(self):
        self.push()
        self.deployment.put("data/a.json", "[1]")
        self.deployment.put("data/new.json", "[2]")
        self.deployment.put("data/new.html", PAGE + "data")
        keys, _ = self.pushed({"match": "data/**"})
        self.assertEqual(keys, ["data/new.json", "data/a.json", "data/new.html"])

    def test_a_page_before_its_files_is_warned_of_once(self):
        keys, finished = self.pushed("pages", "files")
        self.assertEqual(keys[0], "page.html")
        self.assertEqual(finished.err.count("`order` puts 1 page before files that are stored in the same run"), 1, finished.err)

    def test_deletes_are_last_whatever_is_written(self):
        self.push()
        self.deployment.files.pop("data/a.json")
        os.remove(os.path.join(self.deployment.site, "data/a.json"))
        self.change("index.html")
        self.deployment.pipeline(upload_options=', delete: true, order: [{match: "data/**"}]')
        self.s3.log.clear()
        self.push()
        writes = [e for e in self.s3.log.of_site() if e.operation in ("PutObject", "DeleteObject", "DeleteObjects")]
        self.assertTrue(writes[-1].operation.startswith("Delete"), writes)
        self.assertEqual(sum(e.operation.startswith("Delete") for e in writes), 1, writes)

    def test_mistakes_are_said_with_their_place_before_anything_is_sent(self):
        self.deployment.pipeline(upload_options=", order: [files, [pages, files]]")
        finished = self.push(code=2)
        self.assertRegex(finished.err, r"deployflow\.yaml:\d+:\d+")
        self.assertIn("order[1]: files is in two groups", finished.err)
        self.assertEqual(self.s3.log.entries(), [])


if __name__ == "__main__":
    main()
