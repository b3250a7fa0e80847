"""One object at a time: put, get, head, copy, delete, and many deletes in one."""

import hashlib
import re

from .bucket import Object
from .context import document, http_date, iso_date, parse_xml, quoted, text, unquoted
from .errors import Refusal, invalid, not_implemented, precondition_failed
from .names import decode
from .wire import Response

LONGEST_KEY = 1024
MOST_DELETES = 1000


def check_key(key):
    if any("\ud800" <= c <= "\udfff" for c in key):
        raise invalid("Couldn't parse the specified URI.", "InvalidURI")
    if len(key.encode()) > LONGEST_KEY:
        raise invalid("Your key is too long", "KeyTooLongError")


def etag_header(etag):
    return [("ETag", quoted(etag))] if etag is not None else []


def put_object(ctx):
    key, body = ctx.call.key, ctx.request.body
    check_key(key)
    bucket = ctx.bucket
    ctx.check_write_conditions(key)
    headers = ctx.kept_headers()
    etag = ctx.mint_etag(hashlib.md5(body).hexdigest(), headers)
    kept = body if len(body) <= ctx.quirks.keep_bytes_below else None
    bucket.put(key, Object(kept, etag, headers, size=len(body), modified=ctx.now))
    encryption = [(name, value) for name, value in headers.items() if name.startswith("x-amz-server-side")]
    return Response(200, etag_header(etag) + encryption)


def get_object(ctx):
    thing = ctx.bucket.get(ctx.call.key)
    check_read_conditions(ctx, thing)
    first, last = 0, thing.size - 1
    status, more = 200, []
    asked = re.fullmatch(r"bytes=(\d*)-(\d*)", ctx.request.get("range") or "")
    if asked and asked.group(0) != "bytes=-":
        first, last = range_of(asked, thing.size)
        status, more = 206, [("Content-Range", f"bytes {first}-{last}/{thing.size}")]
    return Response(status, described(thing) + more, thing.read(first, last - first + 1))


def range_of(asked, size):
    low, high = asked.groups()
    if low == "":
        first, last = max(0, size - int(high)), size - 1
    else:
        first, last = int(low), min(int(high), size - 1) if high else size - 1
    if first > last or first >= size:
        raise Refusal(416, "InvalidRange", "The requested range is not satisfiable", [("Content-Range", f"bytes */{size}")])
    return first, last


def head_object(ctx):
    response = get_object(ctx)
    response.length, response.body = len(response.body), b""
    return response


def described(thing):
    return [
        ("Last-Modified", http_date(thing.modified)), *etag_header(thing.etag), ("Accept-Ranges", "bytes"),
        *((name, value) for name, value in thing.headers.items()),
    ]


def check_read_conditions(ctx, thing):
    request = ctx.request
    match, none_match = request.get("if-match"), request.get("if-none-match")
    if match is not None and unquoted(match) not in ("*", thing.etag):
        raise precondition_failed("If-Match")
    if none_match is not None and unquoted(none_match) in ("*", thing.etag):
        raise Refusal(304, "NotModified", "", etag_header(thing.etag))
    wanted = thing.headers.get("x-amz-server-side-encryption-customer-key-md5")
    if wanted is not None and request.get("x-amz-server-side-encryption-customer-key-md5") != wanted:
        raise invalid("The object was stored using a form of Server Side Encryption. The correct parameters must be provided")


def copy_source(ctx):
    """The Object that x-amz-copy-source names, its condition checked."""
    source = decode(ctx.request.get("x-amz-copy-source")).lstrip("/")
    bucket, slash, key = source.partition("/")
    if not slash or not key:
        raise invalid("Copy Source must mention the source bucket and key: sourcebucket/sourcekey", "InvalidArgument")
    thing = ctx.store.bucket(bucket).get(key)
    match = ctx.request.get("x-amz-copy-source-if-match")
    if match is not None and ctx.quirks.copy_source_if_match == "ok" and unquoted(match) != thing.etag:
        raise precondition_failed("x-amz-copy-source-If-Match")
    return thing


def copy_object(ctx):
    check_key(ctx.call.key)
    source = copy_source(ctx)
    replaces = (ctx.request.get("x-amz-metadata-directive") or "COPY").upper() == "REPLACE"
    headers = ctx.kept_headers() if replaces else source.headers
    ctx.check_write_conditions(ctx.call.key)
    digest = hashlib.md5(source.read(0, source.size)).hexdigest()
    etag = ctx.mint_etag(digest, headers)
    ctx.bucket.put(ctx.call.key, Object(source.body, etag, headers, size=source.size, modified=ctx.now))
    inner = f"<LastModified>{iso_date(ctx.now)}</LastModified>" + (f"<ETag>{text(quoted(etag))}</ETag>" if etag else "")
    return Response(200, [("Content-Type", "application/xml")], document("CopyObjectResult", inner))


def delete_object(ctx):
    match = ctx.request.get("if-match")
    if match is not None:
        ctx.check_write_conditions(ctx.call.key)
    ctx.bucket.delete(ctx.call.key)
    return Response(204)


def delete_objects(ctx):
    way = ctx.quirks.delete_objects
    if way == "missing":
        raise not_implemented("multi-object delete")
    if way == "missing_405":
        raise Refusal(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
    has_md5 = ctx.request.has("content-md5")
    has_sum = has_md5 or any(name.lower().startswith("x-amz-checksum-") for name, _ in ctx.request.headers)
    if not has_sum or (way == "wants_md5" and not has_md5):
        raise invalid("Missing required header for this request: Content-MD5")
    bucket = ctx.bucket
    tree = parse_xml(ctx.request.body, "Delete")
    nodes = tree.findall("Object")
    if not nodes or len(nodes) > MOST_DELETES:
        raise invalid("The XML you provided did not validate against our published schema", "MalformedXML")
    inner = ""
    for node in nodes:
        key = node.findtext("Key") or ""
        bucket.delete(key)
        if (tree.findtext("Quiet") or "").lower() != "true":
            inner += f"<Deleted><Key>{text(key)}</Key></Deleted>"
    return Response(200, [("Content-Type", "application/xml")], document("DeleteResult", inner))


def tagging(ctx):
    thing = ctx.bucket.get(ctx.call.key)
    if ctx.request.method == "PUT":
        thing.headers["x-amz-tagging-xml"] = ctx.request.body.decode("utf-8", "replace")
        return Response(200)
    if ctx.request.method == "DELETE":
        thing.headers.pop("x-amz-tagging-xml", None)
        return Response(204)
    held = thing.headers.get("x-amz-tagging-xml")
    return Response(200, [("Content-Type", "application/xml")], held.encode() if held else document("Tagging", "<TagSet></TagSet>"))
