"""From a request that is complete to its answer: who asks, is the body what it should be, then the operation."""

import base64
import binascii
import hashlib
import zlib

from . import aws_chunked, buckets, listing, multipart, objects
from .context import Context
from .errors import Refusal, invalid, not_implemented
from .names import CONFIGURATIONS
from .sigv4 import UNSIGNED, Identity
from .wire import Response

HANDLERS = {
    "ListBuckets": buckets.list_buckets, "CreateBucket": buckets.create_bucket, "HeadBucket": buckets.head_bucket,
    "DeleteBucket": buckets.delete_bucket,
    "ListObjects": listing.objects_v1, "ListObjectsV2": listing.objects_v2, "ListMultipartUploads": listing.uploads,
    "PutObject": objects.put_object, "GetObject": objects.get_object, "HeadObject": objects.head_object,
    "CopyObject": objects.copy_object, "DeleteObject": objects.delete_object, "DeleteObjects": objects.delete_objects,
    "CreateMultipartUpload": multipart.create, "UploadPart": multipart.upload_part,
    "UploadPartCopy": multipart.upload_part_copy, "CompleteMultipartUpload": multipart.complete,
    "AbortMultipartUpload": multipart.abort, "ListParts": multipart.list_parts,
    **{f"{verb}ObjectTagging": objects.tagging for verb in ("Get", "Put", "Delete")},
    **{f"{verb}Bucket{word}": buckets.configuration for verb in ("Get", "Put", "Delete") for word in CONFIGURATIONS.values()},
}
WITH_BODY = ("PUT", "POST")
# Of those that are asked for by the name in the header's end, and can be made with the standard library.
CHECKSUMS = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "sha1": lambda body: hashlib.sha1(body).digest(),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}


class Service:
    def __init__(self, store, quirks, verifier):
        self.store, self.quirks, self.verifier = store, quirks, verifier

    def check_head(self, request, now):
        """Before the body is read: the Identity, or a Refusal."""
        quirks = self.quirks
        if quirks.redirect_to:
            raise Refusal(307, "TemporaryRedirect", "Please re-send this request to the specified temporary endpoint.",
                          [("Location", quirks.redirect_to + request.target)])
        identity = self._identify(request, now)
        names = {name.lower() for name, _ in request.headers}
        if quirks.acl == "refused" and any(n == "x-amz-acl" or n.startswith("x-amz-grant-") for n in names):
            raise invalid("The bucket does not allow ACLs", "AccessControlListNotSupported")
        if quirks.crc_headers != "ok" and any(
            n.startswith("x-amz-checksum-") or n in ("x-amz-sdk-checksum-algorithm", "x-amz-trailer") for n in names
        ):
            status = int(quirks.crc_headers[-3:])
            raise Refusal(status, "NotImplemented" if status == 501 else "InvalidArgument", "Unsupported header 'x-amz-checksum'")
        if quirks.aws_chunked == "refused" and aws_chunked.is_framed(identity.payload):
            raise not_implemented("STREAMING payloads")
        if quirks.content_length == "demanded" and request.method in WITH_BODY:
            if request.is_chunked() or request.length() is None:
                raise Refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
        return identity

    def _identify(self, request, now):
        quirks = self.quirks
        if not quirks.check_signature:
            return Identity()
        is_signed = request.has("authorization") or "X-Amz-Signature=" in request.raw_query
        if quirks.anonymous and not is_signed:
            return Identity()
        if quirks.content_type == "rewritten":  # and so it is stored
            request.headers = [(n, v.replace("; ", ";") if n.lower() == "content-type" else v) for n, v in request.headers]
        headers = request.headers
        if quirks.accept_encoding == "rewritten":
            headers = [h for h in headers if h[0].lower() != "accept-encoding"] + [("accept-encoding", "gzip, br")]
        self.verifier.region = quirks.region
        return self.verifier.verify(request, now, headers, self._wrong_region if quirks.wrong_region != "ok" else None)

    def _wrong_region(self, given):
        way, ours = self.quirks.wrong_region, self.quirks.region
        header = [("x-amz-bucket-region", ours)]
        if way.startswith("400"):
            message = f"The authorization header is malformed; the region '{given}' is wrong; expecting '{ours}'"
            with_text = way == "400"
            return Refusal(
                400, "AuthorizationHeaderMalformed" if with_text else "", message if with_text else "",
                [] if with_text else header, [("Region", ours)] if with_text else [],
            )
        if way.startswith("301"):
            extra = [("Bucket", "moved"), ("Endpoint", f"s3.{ours}.example")]
            return Refusal(301, "PermanentRedirect" if way == "301" else "", "The bucket you are attempting to access must be"
                           " addressed using the specified endpoint.", header, extra if way == "301" else [])
        return Refusal(307, "TemporaryRedirect", "Please re-send this request to the specified temporary endpoint.",
                       [("Location", f"http://s3.{ours}.invalid/"), *header])

    def check_body(self, request, identity):
        """The body against every digest that came with it; takes the aws-chunked framing off."""
        quirks = self.quirks
        if aws_chunked.is_framed(identity.payload) and quirks.aws_chunked == "ok":
            request.body = aws_chunked.unframe(request.body, identity)
        elif quirks.check_sha256 and identity.payload != UNSIGNED and not aws_chunked.is_framed(identity.payload):
            if hashlib.sha256(request.body).hexdigest() != identity.payload:
                raise Refusal(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
        md5 = request.get("content-md5")
        if md5 is not None and quirks.check_md5:
            check_digest(md5, hashlib.md5(request.body).digest(), "InvalidDigest")
        for name, make in CHECKSUMS.items():
            given = request.get(f"x-amz-checksum-{name}")
            if given is not None and quirks.check_md5:
                check_digest(given, make(request.body), "InvalidRequest")

    def answer(self, request, call, now):
        """Carries the operation out."""
        handler = HANDLERS.get(call.operation)
        if handler is None:
            raise not_implemented(call.operation)
        with self.store.lock:
            response = handler(Context(self.store, self.quirks, request, call, now))
        return response if isinstance(response, Response) else Response(200)


def check_digest(given, made, malformed):
    try:
        wanted = base64.b64decode(given, validate=True)
    except binascii.Error:
        wanted = b""
    if len(wanted) != len(made):
        raise invalid("The digest you specified is invalid.", malformed)
    if wanted != made:
        raise Refusal(400, "BadDigest", "The digest you specified did not match what we received.")
