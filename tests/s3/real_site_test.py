"""A real site of some thousand files goes to both endpoints, is compared byte for byte by rclone, and a
second push transfers nothing."""

import glob
import os
import subprocess

from support import StoreTest, main, objects

# python3-doc installs to a versioned folder; it holds links out of itself, so it is copied without them.
SITE = sorted(glob.glob("/usr/share/doc/python3.*/html"))


def local_files(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(root, name)
            found[os.path.relpath(path, folder)] = os.path.getsize(path)
    return found


class RealSite(StoreTest):
    def setUp(self):
        super().setUp()
        if not SITE:
            self.skipTest("python3-doc is not installed")
        subprocess.run(["cp", "-rL", SITE[-1] + "/.", self.site], check=True)
        self.files = local_files(self.site)
        self.assertGreater(len(self.files), 800)

    def compare_with_rclone(self, endpoint, bucket):
        subprocess.run(
            ["rclone", "check", "--download", "--exclude", "/.deployflow/**", "--config", "/dev/null", "--checkers", "8", "--quiet",
             self.site, f":s3:{bucket}"],
            check=True,
            env={
                "PATH": os.environ["PATH"], "HOME": self.folder,
                "RCLONE_S3_PROVIDER": "Ceph", "RCLONE_S3_ENDPOINT": endpoint.url,
                "RCLONE_S3_ACCESS_KEY_ID": endpoint.access, "RCLONE_S3_SECRET_ACCESS_KEY": endpoint.secret,
            },
        )

    def the_pipeline(self):
        """With a link that Python's documentation itself has broken."""
        self.pipeline(stages="""  - uses: validate
    with: {max_file_size: 1GiB, ignore: [link/missing]}
  - uses: upload
    with: {to: primary}
  - uses: replicate
    with: {from: primary, to: [mirror]}
""")

    def test_a_real_broken_link_keeps_the_site_from_going_live(self):
        self.pipeline()
        refused = self.run_deployflow("push", "--json")
        errors = [line for line in refused.lines() if line["type"] == "finding" and line["severity"] == "error"]
        self.assertEqual((refused.code, {line["code"] for line in errors}), (3, {"link/missing"}))
        self.assertEqual(objects(self.client_a, self.source), {})

    def test_deploy_compare_and_deploy_again(self):
        self.the_pipeline()
        first = self.push()
        again = self.push()
        self.assertEqual([line for line in again.lines() if line["type"] == "action"], [])
        print(f"peak memory: {max(first.peak_kib, again.peak_kib)} KiB")  # before rclone, which would count too
        self.assertLess(max(first.peak_kib, again.peak_kib), 100 * 1024)
        for endpoint, client, bucket in (
            (self.a, self.client_a, self.source),
            (self.b, self.client_b, self.mirror),
        ):
            self.assertEqual(objects(client, bucket), self.files)
            self.compare_with_rclone(endpoint, bucket)
            head = client.head_object(Bucket=bucket, Key="index.html")
            self.assertEqual(head["ContentType"], "text/html; charset=utf-8")

    def test_every_page_comes_after_every_asset(self):
        self.the_pipeline()
        stored = [line for line in self.push().lines() if line["type"] == "action"]
        for target in ("primary", "mirror"):
            keys = [line["key"] for line in stored if line["target"] == target]
            first_page = next(i for i, key in enumerate(keys) if key.endswith(".html"))
            self.assertTrue(all(key.endswith(".html") for key in keys[first_page:]), keys[first_page:][:5])
            self.assertEqual(keys[-1], "index.html")


if __name__ == "__main__":
    main()
