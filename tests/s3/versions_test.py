"""Going back over the versions that a bucket keeps, on a real server, looked at by another client."""

import os
import shutil

from support import StoreTest, is_lacking, main, objects

UPLOAD = """  - uses: upload
    with: {to: primary, delete: true%s, headers: [{match: "**/*.html", content_language: %s, metadata: {version: "%d"}}]}
"""
RELYING = ", keep_contents: false"
HEADERS = ("ContentType", "CacheControl", "ContentLanguage", "Metadata")
BIG = 20 << 20  # more than goes in one request
BLOBS = ".deployflow/blobs/"


def forget_versions(client, bucket):
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
        for one in page.get("Versions", []) + page.get("DeleteMarkers", []):
            client.delete_object(Bucket=bucket, Key=one["Key"], VersionId=one["VersionId"])


class Site(StoreTest):
    def version(self, number):
        """Small files and large ones, of which one cannot be copied in parts; alike, moved, and in this version alone."""
        big = bytes([number]) * BIG
        files = {
            "index.html": f"<!doctype html><html lang=en><title>{number}</title><p>{number}",
            "odd name/100% +\u00fc.css": f"p {{ order: {number} }}",
            "copy of it.css": f"p {{ order: {number} }}",
            "same.txt": "the same in all",
            f"only-{number}/page.html": f"<!doctype html><html lang=en><title>{number}</title><p>only here",
            "empty.txt": "",
            "big.bin": big + b"1",
            "big 100%.bin": big + b"2",
        }
        shutil.rmtree(self.site)
        for key, content in files.items():
            self.write(os.path.join("site", key), content)

    def look(self):
        held = {}
        for key in objects(self.client_a, self.source):
            got = self.client_a.get_object(Bucket=self.source, Key=key)
            held[key] = (got["Body"].read(), [got.get(name) for name in HEADERS])
        return held

    def push_version(self, number, more=""):
        self.pipeline(stages=UPLOAD % (more, "de" if number % 2 else "fr", number))
        self.version(number)
        return self.push()

    def blobs(self):
        return list(objects(self.client_a, self.source, prefix=BLOBS, reserved=True))

    def drop_blobs(self):
        for key in self.blobs():
            self.client_a.delete_object(Bucket=self.source, Key=key)

    def go_back(self, release):
        finished = self.run_deployflow("rollback", release, "--json")
        self.assertEqual(finished.code, 0, finished.out + finished.err)
        return finished

    def warnings(self, finished):
        """But for the one that Ceph 16 deserves: it ignores If-None-Match in a bucket with versions."""
        codes = [line["code"] for line in finished.lines() if line["type"] == "finding"]
        return [code for code in codes if not code.endswith("/no-lock")]

    def three_releases(self, more=""):
        """Ids and looks."""
        ids, looks = [], []
        for number in (1, 2, 3):
            ids.append(self.push_version(number, more).result()["outputs"]["upload.release"])
            looks.append(self.look())
        return ids, looks


class Versions(Site):
    def setUp(self):
        super().setUp()
        try:
            self.client_a.put_bucket_versioning(Bucket=self.source, VersioningConfiguration={"Status": "Enabled"})
        except self.client_a.exceptions.ClientError as error:
            if is_lacking(error):
                self.skipTest("the server keeps no versions")
            raise
        self.addCleanup(forget_versions, self.client_a, self.source)

    def test_to_each_of_three_releases_and_forward_with_versions_alone(self):
        ids, looks = self.three_releases(RELYING)
        self.assertEqual(self.blobs(), [])
        for number in (1, 0, 2, 0, 1, 2):
            with self.subTest(release=number):
                finished = self.go_back(ids[number])
                self.assertEqual(self.look(), looks[number])
                self.assertEqual(self.warnings(finished), [])
        self.assertEqual(self.blobs(), [])

    def test_blobs_that_were_deleted_by_hand_are_in_the_versions(self):
        ids, looks = self.three_releases()
        for number in (0, 2, 1):
            with self.subTest(release=number):
                self.assertNotEqual(self.blobs(), [])
                self.drop_blobs()
                self.go_back(ids[number])
                self.assertEqual(self.look(), looks[number])

    def test_what_no_version_has_is_refused_before_anything_is_written(self):
        ids, looks = self.three_releases(RELYING)
        for page in self.client_a.get_paginator("list_object_versions").paginate(Bucket=self.source, Prefix="big.bin"):
            for old in page["Versions"]:
                if not old["IsLatest"]:
                    self.client_a.delete_object(Bucket=self.source, Key=old["Key"], VersionId=old["VersionId"])
        finished = self.run_deployflow("rollback", ids[0], "--json")
        self.assertNotEqual(finished.code, 0)
        finding = next(line for line in finished.lines() if line.get("severity") == "error")
        self.assertEqual(finding["code"], "rollback/missing")
        self.assertIn("the contents of 1 objects", finding["message"])
        self.assertTrue(finding["message"].endswith("\n  big.bin"), finding["message"])
        self.assertEqual(self.look(), looks[2])


class NoVersions(Site):
    def test_who_relies_on_versions_that_are_not_kept_is_warned_and_cannot_go_back(self):
        for number in (1, 2):
            self.assertEqual(self.warnings(self.push_version(number, RELYING)), ["upload/no-versions"])
        live = self.look()
        finished = self.run_deployflow("rollback", "--json")
        self.assertNotEqual(finished.code, 0)
        self.assertIn("rollback/missing", self.warnings(finished))
        self.assertEqual(self.look(), live)


if __name__ == "__main__":
    main()
