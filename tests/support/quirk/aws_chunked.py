"""Bodies in aws-chunked framing (x-amz-content-sha256: STREAMING-...): taken apart, their signatures checked.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
"""

import hashlib

from .errors import Refusal
from .sigv4 import EMPTY_SHA256, mac


def is_framed(payload):
    return payload.startswith("STREAMING-")


def unframe(body, identity):
    """The content. A trailer is read over; the chunks' signatures are checked where there are any."""
    is_signed = identity.payload.startswith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
    before, at, pieces = identity.signature, 0, []
    while True:
        end = body.find(b"\r\n", at)
        if end < 0:
            raise Refusal(400, "IncompleteBody", "The chunked body ends without its last chunk")
        size, _, signature = body[at:end].decode("latin-1").partition(";chunk-signature=")
        try:
            count = int(size, 16)
        except ValueError:
            raise Refusal(400, "InvalidChunkSizeError", "A chunk has no size") from None
        chunk = body[end + 2 : end + 2 + count]
        if len(chunk) != count:
            raise Refusal(400, "IncompleteBody", "A chunk is shorter than it says")
        if is_signed:
            before = check(chunk, before, signature, identity)
        if count == 0:
            return b"".join(pieces)
        pieces.append(chunk)
        at = end + 2 + count + 2


def check(chunk, before, signature, identity):
    text = "\n".join([
        "AWS4-HMAC-SHA256-PAYLOAD", identity.date, identity.scope, before, EMPTY_SHA256,
        hashlib.sha256(chunk).hexdigest(),
    ])
    expected = mac(identity.key, text).hex()
    if expected != signature:
        raise Refusal(403, "SignatureDoesNotMatch", "The signature of a chunk does not match")
    return expected
