"""What is asked of the bucket as a whole, versions and website, where a store has none, refuses, or lies."""

from endpoints import PAGE, FaultCase, main

from quirk.hostile import BODIES

ONCE_MORE = {"AWS_MAX_ATTEMPTS": "2"}
WEBSITE = ", website: {index: index.html, error: 404.html}"
BLOBS = ".deployflow/blobs/"


def findings(finished):
    return [(line["severity"], line["code"]) for line in finished.lines() if line["type"] == "finding"]


class Versions(FaultCase):
    """Two releases, the first without its blobs. This server keeps no versions."""

    def setUp(self):
        super().setUp()
        self.push()
        self.deployment.put("index.html", PAGE + "newer")
        self.push()
        bucket = self.s3.store.bucket("box")
        for key in [key for key in bucket.objects if key.startswith(BLOBS)]:
            bucket.delete(key)
        self.s3.log.clear()
        self.before = self.s3.store.contents("box", reserved=True)

    def refused(self):
        finished = self.deployment.run("rollback", "--json", **ONCE_MORE)
        self.assertEqual(finished.code, 1, finished.out + finished.err)
        self.assertEqual(findings(finished), [("error", "rollback/missing")])
        self.assert_unchanged(self.before)
        return finished

    def test_where_there_are_none_going_back_is_refused_with_what_is_missing(self):
        finished = self.refused()
        self.assertIn("\n  index.html", next(line for line in finished.lines() if line["type"] == "finding")["message"])
        self.assert_requests({"ListObjectsV2": 2, "ListObjectVersions": 1})  # the site, and the blobs

    def test_whatever_a_listing_of_versions_is_going_back_is_refused_in_words(self):
        for kind in BODIES:
            with self.subTest(kind):
                self.s3.faults.clear()
                self.s3.faults.add("body", kind=kind, operation="ListObjectVersions", times=0)
                self.refused()

    def test_so_it_is_where_they_may_not_be_listed(self):
        for status, code in ((403, "AccessDenied"), (405, "MethodNotAllowed"), (500, "InternalError")):
            with self.subTest(status):
                self.s3.faults.clear()
                self.s3.faults.add("status", status=status, code=code, operation="ListObjectVersions", times=0)
                self.refused()


class Website(FaultCase):
    def setUp(self):
        super().setUp()
        self.deployment.put("404.html", PAGE + "gone")
        self.deployment.pipeline(upload_options=WEBSITE)

    def website(self):
        return self.s3.store.bucket("box").configurations.get("website")

    def is_recorded(self):
        return ".deployflow/current.json" in self.s3.store.contents("box", reserved=True)

    def test_a_store_without_websites_is_warned_of(self):
        for operation in ("GetBucketWebsite", "PutBucketWebsite"):
            for status, code in ((501, "NotImplemented"), (405, "MethodNotAllowed")):
                with self.subTest(operation=operation, status=status):
                    self.s3.faults.clear()
                    self.s3.faults.add("status", status=status, code=code, operation=operation, times=0)
                    finished = self.push("--json")
                    self.assertEqual(findings(finished), [("warning", "upload/no-website")])
                    self.assertTrue(self.is_recorded())
                    self.assertIsNone(self.website())

    def test_one_that_may_not_be_read_stops_before_anything_is_stored(self):
        self.s3.faults.add("status", status=403, code="AccessDenied", operation="GetBucketWebsite", times=0)
        self.push(code=4)
        self.assert_unchanged()

    def test_one_that_may_not_be_set_leaves_a_site_that_the_next_run_records(self):
        self.s3.faults.add("status", status=403, code="AccessDenied", operation="PutBucketWebsite")
        finished = self.push("--json", code=4)
        self.assertEqual(findings(finished)[0], ("error", "host/website"))
        self.assert_holds_site()
        self.assertFalse(self.is_recorded())
        self.s3.log.clear()
        self.push()
        adopted = {"ListObjectsV2": 1, "ListMultipartUploads": 1, "HeadObject": 3}
        self.assert_requests({**adopted, "GetBucketWebsite": 1, "PutBucketWebsite": 1})
        self.assertTrue(self.is_recorded())

    def test_a_write_that_fails_for_a_while_is_tried_again(self):
        self.s3.faults.add("status", status=503, code="SlowDown", operation="PutBucketWebsite", times=2)
        self.push()
        self.assertIn(b"404.html", self.website())

    def test_a_configuration_that_is_none_is_no_reason_to_write_one(self):
        for kind in BODIES:
            with self.subTest(kind):
                self.s3.faults.clear()
                self.s3.faults.add("body", kind=kind, operation="GetBucketWebsite", times=0)
                finished = self.deployment.run("push", "--json", **ONCE_MORE)
                self.assertEqual(finished.code, 1, finished.out)
                self.assert_unchanged()
                self.assertIsNone(self.website())


if __name__ == "__main__":
    main()
