"""Which operation a request asks for, by S3's names."""

import re
from urllib.parse import unquote_to_bytes

CONFIGURATIONS = {
    "acl": "Acl", "cors": "Cors", "encryption": "Encryption", "lifecycle": "Lifecycle", "location": "Location",
    "policy": "Policy", "publicAccessBlock": "PublicAccessBlock", "tagging": "Tagging", "versioning": "Versioning",
    "website": "Website", "ownershipControls": "OwnershipControls", "object-lock": "ObjectLock",
}


class Call:
    """What a request is about. `query`: names to values, decoded."""

    def __init__(self, operation, bucket="", key="", query=None):
        self.operation, self.bucket, self.key, self.query = operation, bucket, key, query or {}
        part = self.query.get("partNumber", "")
        self.part = int(part) if part.isdigit() else None
        self.upload_id = self.query.get("uploadId")


def decode(raw):
    """Percent-decoding of raw latin-1 text to a key; bytes that are no UTF-8 stay apart as surrogates."""
    return unquote_to_bytes(raw.encode("latin-1")).decode("utf-8", "surrogateescape")


def parse_query(raw):
    query = {}
    for item in raw.split("&") if raw else []:
        name, _, value = item.partition("=")
        query[decode(name.replace("+", " "))] = decode(value.replace("+", " "))
    return query


def call_of(request, hosts):
    """`hosts`: names of ours; BUCKET.HOST in front of one makes the bucket, otherwise the path does."""
    query = parse_query(request.raw_query)
    host = re.sub(r":\d+$", "", request.get("host") or "").lower()
    path = request.raw_path[1:]
    for own in hosts:
        if host.endswith("." + own):
            bucket, key = host[: -len(own) - 1], path
            break
    else:
        bucket, _, key = path.partition("/")
    call = Call("", decode(bucket), decode(key), query)
    call.operation = operation_of(request, call)
    return call


def operation_of(request, call):
    method = request.method
    if not call.bucket:
        return "ListBuckets" if method == "GET" else "Unknown"
    return object_operation(method, request, call.query) if call.key else bucket_operation(method, call.query)


def bucket_operation(method, query):
    for name, word in CONFIGURATIONS.items():
        if name in query and method in ("GET", "PUT", "DELETE"):
            return f"{method.capitalize()}Bucket{word}"
    if method == "GET":
        if "uploads" in query:
            return "ListMultipartUploads"
        if "versions" in query:
            return "ListObjectVersions"
        return "ListObjectsV2" if query.get("list-type") == "2" else "ListObjects"
    if method == "POST":
        return "DeleteObjects" if "delete" in query else "Unknown"
    return {"PUT": "CreateBucket", "HEAD": "HeadBucket", "DELETE": "DeleteBucket"}.get(method, "Unknown")


def object_operation(method, request, query):
    if "tagging" in query:
        return f"{method.capitalize()}ObjectTagging"
    if "acl" in query:
        return f"{method.capitalize()}ObjectAcl"
    if method == "PUT":
        is_copy = request.has("x-amz-copy-source")
        if "partNumber" in query:
            return "UploadPartCopy" if is_copy else "UploadPart"
        return "CopyObject" if is_copy else "PutObject"
    if method == "POST":
        if "uploads" in query:
            return "CreateMultipartUpload"
        return "CompleteMultipartUpload" if "uploadId" in query else "Unknown"
    if method == "GET":
        return "ListParts" if "uploadId" in query else "GetObject"
    if method == "DELETE":
        return "AbortMultipartUpload" if "uploadId" in query else "DeleteObject"
    return "HeadObject" if method == "HEAD" else "Unknown"
