"""Where requests go by the settings that AWS's tools share: deployflow and botocore, asked with the same variables and files,
name the same endpoint and region. Needs no server: a proxy that is not there keeps both from any network.
"""

import itertools
import json
import os
import subprocess
import sys
import tempfile
import unittest

try:
    import botocore.config
    import botocore.session
except ImportError:
    print("skipped: /usr/bin/python3 has no botocore")
    sys.exit(77)

NOWHERE = "http://127.0.0.1:1"
CONFIG = """[default]
region = eu-west-1
[profile plain]
region = eu-central-1
[profile endpoint]
region = eu-central-1
endpoint_url = http://127.0.0.1:1001
[profile services]
region = eu-north-1
services = mine
endpoint_url = http://127.0.0.1:1002
[profile other-service]
services = others
endpoint_url = http://127.0.0.1:1003/base
[profile ignores]
ignore_configured_endpoint_urls = true
endpoint_url = http://127.0.0.1:1004
[profile ignores-not]
ignore_configured_endpoint_urls = false
endpoint_url = http://127.0.0.1:1005
[services mine]
s3 =
  endpoint_url = http://127.0.0.1:1006
dynamodb =
  endpoint_url = http://127.0.0.1:1007
[services others]
dynamodb =
  endpoint_url = http://127.0.0.1:1008
"""
PROFILES = ("default", "plain", "endpoint", "services", "other-service", "ignores", "ignores-not")
VARIABLES = (
    {},
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:2001"},
    {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2002"},
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:2001", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2002"},
    {"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2002", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"},
    {"AWS_ENDPOINT_URL": "http://127.0.0.1:2001", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"},
    {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "True"},
    {"AWS_DEFAULT_REGION": "sa-east-1"},
    {"AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:2003"},
)


def has_services():
    """Endpoints in variables and profiles came with botocore 1.31."""
    return tuple(int(part) for part in botocore.__version__.split(".")[:2]) >= (1, 31)


class Settings(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="deployflow-settings-")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.config = os.path.join(self.folder, "config")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG)

    def environment(self, **more):
        return {
            "PATH": os.environ["PATH"], "HOME": self.folder, "AWS_CONFIG_FILE": self.config,
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
            "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE, "http_proxy": NOWHERE,
            **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")},
            **more,
        }

    def ours(self, environment):
        """(endpoint, region) as the doctor names them."""
        done = subprocess.run(
            [os.environ["DEPLOYFLOW"], "doctor", "--json", "--to", "s3://bucket"], cwd=self.folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        rows = {}
        for line in map(json.loads, done.stdout.splitlines()):
            if line["type"] == "probe":
                rows[line["probe"]] = line["detail"]
        return rows["endpoint"].partition(", from ")[0], rows["region"].partition(",")[0]

    def theirs(self, environment):
        kept = dict(os.environ)
        os.environ.clear()
        os.environ.update(environment)
        try:
            config = botocore.config.Config(s3={"addressing_style": "path"})
            client = botocore.session.Session().create_client("s3", config=config)
            endpoint, region = client.meta.endpoint_url, client.meta.region_name
            client.close()
        finally:
            os.environ.clear()
            os.environ.update(kept)
        return endpoint, region

    def assert_same(self, environment):
        (endpoint, region), (their_endpoint, their_region) = self.ours(environment), self.theirs(environment)
        # Both names of AWS's oldest region; and with the bucket in it, the host's first part.
        for old in ("https://s3.amazonaws.com", "https://bucket.s3."):
            their_endpoint = their_endpoint.replace(old, "https://s3.us-east-1.amazonaws.com" if old.endswith("com") else "https://s3.")
            endpoint = endpoint.replace("https://bucket.s3.", "https://s3.")
        # The doctor shows the origin: a path below it is part of each request.
        their_origin = "/".join(their_endpoint.split("/")[:3])
        self.assertEqual((endpoint, region), (their_origin, their_region))

    @unittest.skipUnless(has_services(), f"botocore {botocore.__version__} knows no endpoints in its settings")
    def test_every_profile_with_every_set_of_variables(self):
        for profile, variables in itertools.product(PROFILES, VARIABLES):
            if profile in ("other-service", "ignores", "ignores-not") and "AWS_DEFAULT_REGION" not in variables:
                variables = {**variables, "AWS_DEFAULT_REGION": "us-east-1"}  # botocore wants one
            with self.subTest(profile=profile, variables=variables):
                self.assert_same(self.environment(AWS_PROFILE=profile, **variables))

    def test_regions_alone(self):
        for profile, variables in itertools.product(("default", "plain"), ({}, {"AWS_DEFAULT_REGION": "sa-east-1"})):
            with self.subTest(profile=profile, variables=variables):
                self.assert_same(self.environment(AWS_PROFILE=profile, **variables))

    def test_aws_region_goes_before_aws_default_region_as_in_all_of_aws_s_sdks_but_this_one(self):
        environment = self.environment(AWS_PROFILE="plain", AWS_REGION="ap-south-1", AWS_DEFAULT_REGION="sa-east-1")
        self.assertEqual(self.ours(environment), ("https://bucket.s3.ap-south-1.amazonaws.com", "ap-south-1"))


if __name__ == "__main__":
    unittest.main()
