"""The tools that are compared, each with what its documentation gives as its settings for speed.

A tool is a class with a name, the program whose version is told, and command(): the argument list and the environment of
one deployment of a site to a bucket. prepare() may write files into the tool's own folder.
"""

import json
import os
import subprocess

from store import REGION

CONCURRENCY = 32


class Tool:
    program = ""
    version_arguments = ("--version",)
    note = ""
    listing = None  # a tool that does the part of it that is the store's: the listing

    def __init__(self, store, folder):
        self.store = store
        self.folder = os.path.join(folder, self.name)
        os.makedirs(self.folder, exist_ok=True)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return path

    def environment(self):
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": self.folder,
            "TMPDIR": self.folder,
            "LANG": "C.UTF-8",
            "AWS_ACCESS_KEY_ID": self.store.access,
            "AWS_SECRET_ACCESS_KEY": self.store.secret,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def version(self):
        done = subprocess.run(
            [self.program, *self.version_arguments], capture_output=True, text=True, env=self.environment()
        )
        return (done.stdout + done.stderr).strip().split("\n")[0]


class Deployflow(Tool):
    name = "deployflow"
    stages = "  - uses: upload\n    with: {to: here}\n"

    def command(self, site, bucket):
        pipeline = self.write(
            "deployflow.yaml",
            f"version: 1\nsite: {site}\ntargets:\n  here: {{endpoint: '{self.store.url}', bucket: {bucket}}}\n"
            f"stages:\n{self.stages}",
        )
        return [self.program, "run", "--quiet", pipeline]


class Listing(Deployflow):
    """What deployflow cannot do without when nothing has changed: the pages of the bucket's listing, by its own client."""

    name = "of it the listing"
    note = "the pages of the listing alone, one after the other, by deployflow's client; measured after deployflow's second run"

    def command(self, site, bucket):
        driver = os.path.join(os.path.dirname(self.program), "..", "tests", "drive_store")
        target = json.dumps({"endpoint": self.store.url, "bucket": bucket, "region": REGION})
        return ["/bin/sh", "-c", 'echo \'{"do": "list"}\' | "$0" "$1"', driver, target]


class DeployflowWithValidate(Deployflow):
    name = "deployflow + validate"
    note = "also checks every page; the others do not, so it is in no ratio"
    stages = "  - uses: validate\n    with: {max_file_size: 8GiB}\n" + Deployflow.stages


class Rclone(Tool):
    name = "rclone"
    program = "/usr/bin/rclone"
    version_arguments = ("version",)
    note = "sync --checksum: no request for each object's time"

    def environment(self):
        own = {
            "TYPE": "s3",
            "PROVIDER": "Ceph",
            "ENV_AUTH": "true",
            "ENDPOINT": self.store.url,
            "REGION": REGION,
        }
        return super().environment() | {f"RCLONE_CONFIG_S_{key}": value for key, value in own.items()}

    def command(self, site, bucket):
        return [
            self.program, "sync", site, f"s:{bucket}", "--config", "/dev/null", "--quiet",
            "--transfers", str(CONCURRENCY), "--checkers", str(CONCURRENCY), "--s3-no-check-bucket", "--fast-list",
            "--checksum", "--s3-chunk-size", "16M", "--s3-upload-concurrency", "8",
        ]  # fmt: skip


class Aws(Tool):
    name = "aws-cli"
    program = "/usr/bin/aws"
    note = "s3 sync, max_concurrent_requests 32"

    def command(self, site, bucket):
        self.write(
            "config",
            f"[default]\ns3 =\n  max_concurrent_requests = {CONCURRENCY}\n  max_queue_size = 10000\n"
            "  multipart_chunksize = 16MB\n  addressing_style = path\n",
        )
        return [self.program, "s3", "sync", site, f"s3://{bucket}", "--endpoint-url", self.store.url, "--only-show-errors"]

    def environment(self):
        return super().environment() | {"AWS_CONFIG_FILE": f"{self.folder}/config"}


class S3cmd(Tool):
    name = "s3cmd"
    program = "/usr/bin/s3cmd"
    note = "sync; one request at a time, it has no other way"

    def command(self, site, bucket):
        config = self.write(
            "s3cfg",
            f"[default]\naccess_key = {self.store.access}\nsecret_key = {self.store.secret}\n"
            f"host_base = {self.store.host}\nhost_bucket = {self.store.host}\nuse_https = False\nsignature_v2 = False\n",
        )
        return [self.program, "--config", config, "--quiet", "--no-progress", "sync", f"{site}/", f"s3://{bucket}/"]


class Hugo(Tool):
    name = "hugo deploy"
    program = "/usr/bin/hugo"
    version_arguments = ("version",)
    note = f"--workers {CONCURRENCY}"

    def command(self, site, bucket):
        url = f"s3://{bucket}?endpoint={self.store.host}&region={REGION}&disableSSL=true&s3ForcePathStyle=true"
        self.write(
            "config.toml",
            f'baseURL = "http://localhost/"\npublishDir = "{site}"\n[[deployment.targets]]\nname = "s"\nURL = "{url}"\n',
        )
        return [
            self.program, "deploy", "--source", self.folder, "--quiet", "--maxDeletes", "-1",
            "--workers", str(CONCURRENCY), "--invalidateCDN=false",
        ]  # fmt: skip


PEERS = (Rclone, Hugo, Aws, S3cmd)
