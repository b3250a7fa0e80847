"""Listings of objects, both versions, and of uploads: right, and in each of the ways in which stores get them wrong."""

from urllib.parse import quote

from .bucket import as_bytes
from .context import document, iso_date, quoted, text
from .errors import Refusal, invalid, not_implemented
from .wire import Response

XML = [("Content-Type", "application/xml")]


def encode(name, ctx):
    """A key as this listing writes it, and as it goes into XML."""
    way = ctx.quirks.list_encoding
    wants = ctx.query.get("encoding-type") == "url"
    if wants and way in ("ok", "undeclared"):
        # As S3 does it: a space is '+', '/' stays.
        return text(quote(name, safe="/*-._", errors="surrogateescape").replace("%20", "+"))
    return text(name)


def encoding_type(ctx):
    wants = ctx.query.get("encoding-type") == "url"
    return "<EncodingType>url</EncodingType>" if wants and ctx.quirks.list_encoding in ("ok", "claimed") else ""


def page_size(ctx):
    asked = ctx.query.get("max-keys") or "1000"
    if not asked.isdigit():
        raise invalid("Argument max-keys must be an integer between 0 and 2147483647", "InvalidArgument")
    return max(0, min(int(asked), 1000, ctx.quirks.list_page))


def objects_v2(ctx):
    if ctx.quirks.list_v2 == "missing":
        raise not_implemented("list-type=2")
    if ctx.quirks.list_v2 == "ignored":
        return objects_v1(ctx)
    token = ctx.query.get("continuation-token")
    if token is not None and not token.startswith("after/"):
        raise invalid("The continuation token provided is incorrect", "InvalidArgument")
    after = token[len("after/") :] if token is not None else ctx.query.get("start-after", "")
    found = select(ctx, after)
    inner = f"<KeyCount>{len(found.entries)}</KeyCount>"
    if token is not None:
        inner += f"<ContinuationToken>{text(token)}</ContinuationToken>"
    if found.truncated and ctx.quirks.list_token != "none":
        same = ctx.quirks.list_endless == "same_page" or (ctx.quirks.list_token == "same" and token is not None)
        inner += f"<NextContinuationToken>{'after/' + text(after if same else found.last)}</NextContinuationToken>"
    return finish(ctx, found, inner)


def objects_v1(ctx):
    after = ctx.query.get("marker", "")
    found = select(ctx, after)
    inner = f"<Marker>{encode(after, ctx)}</Marker>"
    if found.truncated and ("delimiter" in ctx.query or ctx.quirks.list_v2 == "ignored"):
        inner += f"<NextMarker>{encode(found.last, ctx)}</NextMarker>"
    return finish(ctx, found, inner)


def before(prefix):
    """A name that no key with the prefix comes before: one byte less, so that a key equal to the prefix counts."""
    return prefix[:-1]


class Found:
    def __init__(self):
        self.entries, self.last, self.truncated = [], "", False


def select(ctx, after):
    """A page behind `after`: entries (key, Object) or (common prefix, None)."""
    prefix, delimiter = ctx.query.get("prefix", ""), ctx.query.get("delimiter", "")
    bucket, most, found = ctx.bucket, page_size(ctx), Found()
    if ctx.quirks.list_endless == "empty_pages":
        found.truncated, found.last = True, f"{after}~"
        return found
    behind_prefix = prefix != "" and as_bytes(after) < as_bytes(prefix)
    for key in bucket.keys_behind(before(prefix) if behind_prefix else after):
        if not key.startswith(prefix):
            if as_bytes(key) > as_bytes(prefix):
                break
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        name = key[: cut + len(delimiter)] if cut >= 0 else key
        if cut >= 0 and (name == found.last or (after.startswith(name) and after != "")):
            continue
        if len(found.entries) == most:
            found.truncated = True
            break
        found.entries.append((name, None if cut >= 0 else bucket.objects[key]))
        found.last = name
    if ctx.quirks.list_endless == "same_page":
        found.truncated = True
    return found


def finish(ctx, found, inner):
    bucket, query = ctx.bucket, ctx.query
    head = f"<Name>{text(bucket.name)}</Name><Prefix>{encode(query.get('prefix', ''), ctx)}</Prefix>"
    head += f"<MaxKeys>{page_size(ctx)}</MaxKeys><IsTruncated>{'true' if found.truncated else 'false'}</IsTruncated>"
    if "delimiter" in query:
        head += f"<Delimiter>{encode(query['delimiter'], ctx)}</Delimiter>"
    body = ""
    for key, thing in found.entries:
        if thing is None:
            body += f"<CommonPrefixes><Prefix>{encode(key, ctx)}</Prefix></CommonPrefixes>"
        else:
            body += contents(encode(key, ctx), thing.size, thing.etag, thing.modified)
    for key in ctx.quirks.list_foreign_keys:
        body += contents(encode(key, ctx), 3, "0" * 32, ctx.now)
    return Response(200, XML, document("ListBucketResult", head + encoding_type(ctx) + inner + body))


def contents(key, size, etag, modified):
    tag = f"<ETag>{text(quoted(etag))}</ETag>" if etag is not None else ""
    return (
        f"<Contents><Key>{key}</Key><LastModified>{iso_date(modified)}</LastModified>{tag}<Size>{size}</Size>"
        "<StorageClass>STANDARD</StorageClass></Contents>"
    )


def uploads(ctx):
    way = ctx.quirks.list_uploads
    if way == "missing":
        raise Refusal(501, "NotImplemented", "A header or operation you provided is not implemented: uploads")
    prefix = ctx.query.get("prefix", "")
    after = (ctx.query.get("key-marker", ""), ctx.query.get("upload-id-marker", ""))
    most = max(1, min(int(ctx.query.get("max-uploads") or 1000), ctx.quirks.list_page))
    every = sorted((u for u in ctx.bucket.uploads.values() if u.key.startswith(prefix)), key=lambda u: (u.key.encode(), u.id))
    rest = [] if way == "empty" else [u for u in every if is_behind(u, after)]
    page = rest[:most]
    truncated = len(rest) > len(page) or way == "endless"
    inner = f"<Bucket>{text(ctx.call.bucket)}</Bucket><KeyMarker>{encode(after[0], ctx)}</KeyMarker>"
    inner += f"<UploadIdMarker>{text(after[1])}</UploadIdMarker>{encoding_type(ctx)}"
    if truncated:
        last = (page[-1].key, page[-1].id) if page else after
        inner += f"<NextKeyMarker>{encode(last[0], ctx)}</NextKeyMarker><NextUploadIdMarker>{text(last[1])}</NextUploadIdMarker>"
    inner += f"<MaxUploads>{most}</MaxUploads><IsTruncated>{'true' if truncated else 'false'}</IsTruncated>"
    for upload in page:
        inner += (
            f"<Upload><Key>{encode(upload.key, ctx)}</Key><UploadId>{text(upload.id)}</UploadId>"
            f"<Initiated>{iso_date(upload.started)}</Initiated></Upload>"
        )
    return Response(200, XML, document("ListMultipartUploadsResult", inner))


def is_behind(upload, after):
    key, upload_id = after
    if upload_id:
        return (upload.key.encode(), upload.id) > (key.encode(), upload_id)
    return upload.key.encode() > key.encode() or key == ""
