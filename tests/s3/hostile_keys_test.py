"""Names and bytes come back equal, on both endpoints, whatever the name is made of."""

import os

from support import StoreTest, body, main, objects

ON_DISK = [
    "space in name.txt",
    " leading space.txt",
    "trailing space ",
    "plus+plus.txt",
    "percent%sign.txt",
    "literal%2Fslash.txt",
    "literal%20space.txt",
    "ampersand&.txt",
    "equals=.txt",
    "question?.txt",
    "hash#.txt",
    "quote'.txt",
    'double"quote.txt',
    "paren(1).txt",
    "star*.txt",
    "at@sign.txt",
    "tilde~.txt",
    "comma,semicolon;.txt",
    "colon:.txt",
    "dollar$.txt",
    "exclamation!.txt",
    "[brackets].txt",
    "{braces}.txt",
    "less<greater>.txt",
    "pipe|caret^backtick`.txt",
    "back\\slash.txt",
    "caf\u00e9-nfc.txt",
    "cafe\u0301-nfd.txt",
    "\U0001f389-emoji/\u65e5\u672c\u8a9e.txt",
    "..hidden..",
    "...",
    "a/b/c/deep.txt",
    "/".join(["d" * 200] * 5) + "/" + "f" * 19,  # 1,024 bytes
]
BY_NAME = ["double//slash.txt", "a///b"]
PREFIX = "sub folder/+%/"


class HostileKeys(StoreTest):
    def test_round_trip(self):
        self.assertEqual(max(len(key.encode()) for key in ON_DISK), 1024)
        expected = {}
        for number, key in enumerate(ON_DISK):
            expected[key] = f"content {number} of {key}".encode()
            self.write(os.path.join("site", key), expected[key])
        self.pipeline()
        self.push()
        self.assert_held(expected)

    def test_round_trip_of_names_that_no_file_has(self):
        if reason := self.why_not(BY_NAME[0]):
            self.skipTest(reason)
        expected = {}
        self.pipeline()
        for number, key in enumerate(BY_NAME):
            expected[key] = f"named content {number}".encode()
            finished = self.run_deployflow("push", "-", "--name", key, input=expected[key])
            self.assertEqual(finished.code, 0, finished.err)
        self.assert_held(expected)

    def assert_held(self, expected):
        for client, bucket in ((self.client_a, self.source), (self.client_b, self.mirror)):
            self.assertEqual(objects(client, bucket), {k: len(v) for k, v in expected.items()})
            for key, content in expected.items():
                self.assertEqual(body(client, bucket, key), content, key)

    def test_a_second_push_of_them_transfers_nothing(self):
        keys = [key for key in ON_DISK if len((PREFIX + key).encode()) <= 1024]
        for key in keys:
            self.write(os.path.join("site", key), key)
        self.pipeline(prefix=PREFIX)
        self.push()
        again = self.push()
        self.assertEqual([line for line in again.lines() if line["type"] == "action"], [])
        self.assertEqual(len(objects(self.client_a, self.source, PREFIX)), len(keys))

    def test_a_key_too_long_with_its_prefix_is_refused_before_anything_is_uploaded(self):
        self.write("site/index.html", "<!doctype html><title>t</title><p>x")
        self.write(os.path.join("site", ON_DISK[-1]), "x")
        self.pipeline(prefix=PREFIX)
        finished = self.run_deployflow("push")
        self.assertNotEqual(finished.code, 0)
        self.assertIn("1,024", finished.err)
        self.assertEqual(objects(self.client_a, self.source), {})


if __name__ == "__main__":
    main()
