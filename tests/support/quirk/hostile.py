"""Answers that no honest server gives: bodies by kind, and oddities of HTTP itself."""

from .errors import error_xml

MEGABYTE = 1 << 20


def entities(call):
    """Billion laughs, and a file of ours."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        f"<ListBucketResult><Name>&l9;</Name><IsTruncated>false</IsTruncated><Contents><Key>&f;&l9;</Key><Size>1</Size>"
        f"<ETag>&f;</ETag></Contents></ListBucketResult>"
    ).encode()


def deep(call):
    depth = 500_000
    return b"<ListBucketResult>" + b"<a>" * depth + b"</a>" * depth + b"</ListBucketResult>"


def unclosed(call):
    return b"<ListBucketResult>" + b"<Contents><Key>" * 400_000


def huge(call):
    return b"<ListBucketResult><Name>" + b"x" * (64 * MEGABYTE)


def huge_key(call):
    key = b"k" * (6 * MEGABYTE)
    return b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>" + key + b"</Key><Size>1</Size></Contents></ListBucketResult>"


def nul(call):
    return b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>index.html&#0;.bak</Key><Size>1</Size></Contents></ListBucketResult>"


def raw_nul(call):
    return b"<ListBucketResult><IsTruncated>false\0</IsTruncated></ListBucketResult>"


def not_xml(call):
    return b"<!doctype html><html><body><h1>It works!</h1><p>Welcome to nginx.</body></html>"


def text(call):
    return b"upstream connect error or disconnect/reset before headers"


def empty(call):
    return b""


def other_root(call):
    return b"<SomethingElse><Key>index.html</Key></SomethingElse>"


def bad_utf8(call):
    return b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>\xff\xfe\xc3(</Key><Size>1</Size></Contents></ListBucketResult>"


def bad_numbers(call):
    return b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>"


def terminal(call):
    """An error whose words would move a cursor, set a title, end a line and turn a sentence around."""
    return error_xml(
        "Access\u001b[2JDenied",
        "\u001b]0;owned\u0007\u001b[31mred\u001b[0m\r\ndeployflow: done, everything is fine\u202egnp.exe \u009b2J\u0000".replace("\u0000", ""),
    )


BODIES = {
    f.__name__: f
    for f in (entities, deep, unclosed, huge, huge_key, nul, raw_nul, not_xml, text, empty, other_root, bad_utf8, bad_numbers, terminal)
}


# ---- HTTP itself: (connection, head, body) as they would have gone out; true = the connection stays usable ----------

def huge_header(connection, head, body):
    connection.send(head[:-2] + b"x-long: " + b"y" * (8 * MEGABYTE) + b"\r\n\r\n" + body)


def many_headers(connection, head, body):
    connection.send(head[:-2] + b"".join(b"x-h%d: %d\r\n" % (n, n) for n in range(100_000)) + b"\r\n" + body)


def informational_flood(connection, head, body):
    """More answers of the kind "wait" than any client should."""
    for _ in range(200):
        connection.send(b"HTTP/1.1 103 Early Hints\r\nlink: </style.css>\r\n\r\n" * 200)
    connection.send(head + body)
    return True


def few_informational(connection, head, body):
    """Which HTTP allows."""
    connection.send(b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n" + head + body)
    return True


def length_too_long(connection, head, body):
    connection.send(with_length(head, len(body) + 10) + body)


def length_too_short(connection, head, body):
    connection.send(with_length(head, max(0, len(body) - 3)) + body)
    return True


def two_lengths(connection, head, body):
    connection.send(head[:-2] + b"Content-Length: %d\r\n\r\n" % (len(body) + 7) + body)


def negative_length(connection, head, body):
    connection.send(with_length(head, -5) + body)


def bad_chunks(connection, head, body):
    connection.send(without_length(head)[:-2] + b"Transfer-Encoding: chunked\r\n\r\nZZZ\r\n" + body + b"\r\n0\r\n\r\n")


def good_chunks(connection, head, body):
    """Which HTTP allows."""
    pieces = b"".join(b"%x\r\n%s\r\n" % (len(body[n : n + 100]), body[n : n + 100]) for n in range(0, len(body), 100))
    connection.send(without_length(head)[:-2] + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + b"0\r\n\r\n")
    return True


def http_0_9(connection, head, body):
    connection.send(body or b"ok")


def http_1_0(connection, head, body):
    """No keep-alive, the end of the connection is the end of the body. Which HTTP allows."""
    connection.send(b"HTTP/1.0" + without_length(head)[8:] + body)


def garbage(connection, head, body):
    connection.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 8)


def smuggled(connection, head, body):
    """A second answer right behind the first, for a request that was never made."""
    connection.send(head + body + b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nETag: \"smuggled\"\r\n\r\nevil...")
    return True


def with_length(head, number):
    return without_length(head)[:-2] + b"Content-Length: %d\r\n\r\n" % number


def without_length(head):
    return b"\r\n".join(line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length:"))


ODDITIES = {
    f.__name__: f
    for f in (
        huge_header, many_headers, informational_flood, few_informational, length_too_long, length_too_short, two_lengths,
        negative_length, bad_chunks, good_chunks, http_0_9, http_1_0, garbage, smuggled,
    )
}
