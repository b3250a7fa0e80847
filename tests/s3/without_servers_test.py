"""Without servers each file of tests here is skipped, in ctest's way: it neither fails nor passes."""

import os
import pathlib
import subprocess
import sys
import unittest

from support import SKIPPED

HERE = pathlib.Path(__file__).resolve().parent


class WithoutServers(unittest.TestCase):
    def test_each_file_is_skipped_and_says_why(self):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("DEPLOYFLOW_TEST_S3_")}
        files = [file for file in sorted(HERE.glob("*_test.py")) if file.name != pathlib.Path(__file__).name]
        self.assertGreater(len(files), 1)
        for file in files:
            with self.subTest(file.name):
                done = subprocess.run([sys.executable, file], env=environment, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, SKIPPED, done.stdout + done.stderr)
                self.assertIn("skipped: DEPLOYFLOW_TEST_S3_A and DEPLOYFLOW_TEST_S3_B name no servers", done.stdout)


if __name__ == "__main__":
    unittest.main()
