#!/usr/bin/python3
"""Compares our signer with botocore's, an independent implementation of AWS Signature Version 4.

    compare_botocore.py [--seed N] [--count N] COMMAND [ARGUMENT...]

COMMAND reads requests as JSON Lines and prints their signatures, as `deployflow sign` does. Canonical
request, string to sign, signature and Authorization (or the presigned query) are compared one by one.
Exits 0 if all are equal, 1 if not, 77 (skip) if botocore is not installed.

Where botocore and S3 differ, the requests stay away: botocore folds Unicode white space in header values
too (we fold ASCII, as S3 does), and its presigner loses the second value of a repeated query name.
"""

import argparse
import hashlib
import json
import random
import subprocess
import sys
import unicodedata
from urllib.parse import parse_qsl, quote

try:
    from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError as error:
    print(f"skipped: {error} (Debian: python3-botocore)")
    sys.exit(77)

TOUGH = [
    " ", "  ", "+", "%", "%2F", "%2f", "%25", "%00", "%zz", "&", "=", "?", "#", "'", '"', "(", ")", "*", "!",
    "~", "-", ".", "_", ":", ";", ",", "@", "$", "[", "]", "{", "}", "|", "\\", "^", "`", "<", ">",
    "/", "//", "/./", "/../", "..", ".", "é", "e\u0301", "ü", "日本語", "😀", "👩‍👩‍👧", "\u202e", "\u200b", "\ufeff",
    "\u00a0", "\t", "\n", "\r", "\x00", "\x01", "\x1b[31m", "\x7f", "ﷺ", "\U0010ffff",
]
FIXED_PATHS = [
    "/", "//", "/bucket", "/bucket/", "/bucket//", "/bucket/.", "/bucket/..", "/bucket/../x", "/bucket/./x",
    "/bucket/a//b///c", "/bucket/%2F", "/bucket/%252F", "/bucket/a%20b", "/bucket/a b+c", "/bucket/ ",
    "/bucket/" + "k" * 1024, "/bucket/" + "é" * 512, "/bucket/" + "😀" * 256, "/bucket/" + "/" * 1024,
    "/bucket/" + unicodedata.normalize("NFC", "Ångström"), "/bucket/" + unicodedata.normalize("NFD", "Ångström"),
    "/bucket/" + "".join(chr(c) for c in range(1, 128)), "/bucket/" + "".join(chr(c) for c in range(128, 512)),
]
QUERY_NAMES = ["prefix", "uploads", "uploadId", "partNumber", "list-type", "continuation-token", "Param",
               "Param-3", "param", "lifecycle", "encoding-type", "", "a", "A"]
SPACES = [" ", "  ", "\t", " \t "]


def tough_text(rng, longest):
    parts = []
    for _ in range(rng.randint(0, longest)):
        parts.append(rng.choice(TOUGH) if rng.random() < 0.6 else rng.choice("abcXYZ0189"))
    return "".join(parts)


def cut(text, size):
    """At most `size` bytes of UTF-8, whole characters."""
    return text.encode()[:size].decode(errors="ignore")


def header_value(rng):
    words = ["".join(rng.choice("abcXYZ019,;=\"'/+%é😀") for _ in range(rng.randint(1, 8)))
             for _ in range(rng.randint(0, 4))]
    return rng.choice(["", *SPACES]) + rng.choice(SPACES).join(words) + rng.choice(["", *SPACES])


def make_headers(rng):
    host = rng.choice(["127.0.0.1:9000", "[::1]:9000", "bucket.s3.eu-west-1.amazonaws.com", "s3.example.com"])
    headers = [[rng.choice(["host", "Host"]), host]]
    if rng.random() < 0.4:
        headers.append(["Content-Type", rng.choice(["text/html; charset=utf-8", "image/png", ""])])
    if rng.random() < 0.3:
        headers.append(["Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="])
    if rng.random() < 0.2:
        headers.append(["range", "bytes=0-9"])
    for _ in range(rng.randint(0, 4)):
        name = rng.choice(["x-amz-meta-a", "X-Amz-Meta-A", "x-amz-meta-b", "x-amz-acl", "x-amz-meta-a-b",
                           "x-amz-copy-source"])
        headers.append([name, header_value(rng)])
    rng.shuffle(headers)
    return headers


def make_query(rng, repeated):
    pairs = []
    for _ in range(rng.choice([0, 0, 1, 2, 3, 6])):
        name = rng.choice(QUERY_NAMES) if rng.random() < 0.6 else tough_text(rng, 4)
        value = "" if rng.random() < 0.3 else tough_text(rng, 6)
        pairs.append([name, value])
        if repeated and rng.random() < 0.2:
            pairs.append([name, tough_text(rng, 3)])
    if not repeated:
        pairs = [list(pair) for pair in dict(map(tuple, pairs)).items()]
    return pairs


def make_request(rng, number):
    presign = number % 5 == 4
    path = FIXED_PATHS[number] if number < len(FIXED_PATHS) else cut("/bucket/" + tough_text(rng, 24), 1032)
    credentials = {"access_key_id": "AKIA" + "".join(rng.choice("ABCDEFGH234567") for _ in range(16)),
                   "secret_access_key": "".join(rng.choice("abcABC019+/=") for _ in range(rng.choice([1, 40, 100])))}
    if rng.random() < 0.4:
        credentials["session_token"] = "".join(rng.choice("abcABC019+/=") for _ in range(rng.choice([8, 600])))
    body = rng.choice([b"", b"x", tough_text(rng, 9).encode()])
    payload_hash = hashlib.sha256(body).hexdigest() if rng.random() < 0.8 else "UNSIGNED-PAYLOAD"
    flags = {"presign": True, "expires": rng.choice([1, 3600, 604800])} if presign else {}
    return {
        "method": rng.choice(["GET", "PUT", "POST", "DELETE", "HEAD"]),
        "path": path,
        "query": make_query(rng, repeated=not presign),
        "headers": make_headers(rng),
        "payload_hash": "UNSIGNED-PAYLOAD" if presign else payload_hash,
        "credentials": credentials,
        "timestamp": rng.choice(["20130524T000000Z", "20240229T235959Z", "20261120T223311Z"]),
        "region": rng.choice(["us-east-1", "eu-central-1", "auto", "garage"]),
        "service": "s3",
        "flags": flags,
    }


def by_botocore(request):
    key = request["credentials"]
    credentials = Credentials(key["access_key_id"], key["secret_access_key"], key.get("session_token"))
    presign = request["flags"].get("presign", False)
    if presign:
        auth = S3SigV4QueryAuth(credentials, "s3", request["region"], expires=request["flags"]["expires"])
    else:
        auth = S3SigV4Auth(credentials, "s3", request["region"])
        auth.payload = lambda _: request["payload_hash"]
    # The very URL that a client would send: encoded once, nothing normalised.
    url = "https://s3.example.com" + quote(request["path"], safe="/~")
    query = "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in request["query"])
    if query:
        url += "?" + query
    aws = AWSRequest(method=request["method"], url=url)
    for name, value in request["headers"]:
        aws.headers.add_header(name, value)
    aws.context["timestamp"] = request["timestamp"]
    auth._modify_request_before_signing(aws)
    canonical = auth.canonical_request(aws)
    to_sign = auth.string_to_sign(aws, canonical)
    signature = auth.signature(to_sign, aws)
    auth._inject_signature_to_request(aws, signature)
    out = {"canonical_request": canonical, "string_to_sign": to_sign, "signature": signature}
    if presign:
        out["query"] = sorted(parse_qsl(aws.url.split("?", 1)[1], keep_blank_values=True))
    else:
        out["authorization"] = aws.headers["Authorization"]
    return out


def differences(ours, theirs):
    for step, expected in theirs.items():
        got = ours.get(step)
        if step == "query" and got is not None:
            got = sorted(parse_qsl(got, keep_blank_values=True))
        if got != expected:
            yield f"{step}\n    ours     {got!r}\n    botocore {expected!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=20130524)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if not arguments.command:
        parser.error("COMMAND is missing")
    rng = random.Random(arguments.seed)
    requests = [make_request(rng, number) for number in range(arguments.count)]
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    run = subprocess.run(arguments.command, input=lines.encode(), stdout=subprocess.PIPE, timeout=100, check=False)
    answers = run.stdout.decode().splitlines()
    if run.returncode != 0 or len(answers) != len(requests):
        print(f"{arguments.command[0]} exited with {run.returncode} after {len(answers)} of {len(requests)} answers")
        return 1
    failures = 0
    for number, (request, line) in enumerate(zip(requests, answers)):
        wrong = list(differences(json.loads(line), by_botocore(request)))
        failures += bool(wrong)
        if wrong and failures <= 5:
            print(f"request {number} {request['method']} {request['path']!r} {request['query']!r}:")
            print("  " + "\n  ".join(wrong))
    presigned = sum(1 for request in requests if request["flags"])
    print(f"{len(requests) - failures} of {len(requests)} requests equal, {presigned} of them presigned "
          f"(seed {arguments.seed})")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
