"""Uploads in parts."""

import hashlib
import re

from .bucket import Object, Upload
from .context import document, iso_date, parse_xml, quoted, text, unquoted
from .errors import Refusal, invalid
from .objects import check_key, copy_source, etag_header, range_of
from .wire import Response

XML = [("Content-Type", "application/xml")]


def create(ctx):
    check_key(ctx.call.key)
    bucket = ctx.bucket
    upload = Upload(f"upload~{ctx.store.next_id():04}+/=", ctx.call.key, ctx.kept_headers())
    upload.started = ctx.now
    bucket.uploads[upload.id] = upload
    inner = f"<Bucket>{text(bucket.name)}</Bucket><Key>{text(upload.key)}</Key><UploadId>{text(upload.id)}</UploadId>"
    return Response(200, XML, document("InitiateMultipartUploadResult", inner))


def part_number(ctx):
    number = ctx.query.get("partNumber", "")
    if not number.isdigit() or not 1 <= int(number) <= min(10_000, ctx.quirks.parts_max):
        raise invalid(f"Part number must be an integer between 1 and {ctx.quirks.parts_max}, inclusive", "InvalidArgument")
    return int(number)


def store_part(ctx, body):
    upload = ctx.bucket.upload(ctx.query.get("uploadId"), ctx.call.key)
    mode = ctx.quirks.etag if ctx.quirks.etag in ("upper_case", "none") else ctx.quirks.etag_multipart
    etag = ctx.mint_etag(hashlib.md5(body).hexdigest(), upload.headers, mode)
    part = Object(body if len(body) <= ctx.quirks.keep_bytes_below else None, etag, size=len(body), modified=ctx.now)
    part.md5 = hashlib.md5(body).digest()
    upload.parts[part_number(ctx)] = part
    return part


def upload_part(ctx):
    return Response(200, etag_header(store_part(ctx, ctx.request.body).etag))


def upload_part_copy(ctx):
    source = copy_source(ctx)
    asked = re.fullmatch(r"bytes=(\d+)-(\d+)", ctx.request.get("x-amz-copy-source-range") or "")
    first, last = range_of(asked, source.size) if asked else (0, source.size - 1)
    part = store_part(ctx, source.read(first, last - first + 1))
    inner = f"<LastModified>{iso_date(ctx.now)}</LastModified><ETag>{text(quoted(part.etag))}</ETag>"
    return Response(200, XML, document("CopyPartResult", inner))


def wanted_parts(ctx, upload):
    """The parts that Complete names, checked against those that are there."""
    named = []
    for node in parse_xml(ctx.request.body, "CompleteMultipartUpload").findall("Part"):
        named.append((int(node.findtext("PartNumber") or 0), unquoted(node.findtext("ETag") or "")))
    if not named:
        raise invalid("You must specify at least one part", "MalformedXML")
    if [number for number, _ in named] != sorted({number for number, _ in named}):
        raise invalid("The list of parts was not in ascending order.", "InvalidPartOrder")
    parts = []
    for number, etag in named:
        part = upload.parts.get(number)
        if part is None or (part.etag is not None and part.etag.lower() != etag.lower()):
            raise Refusal(
                400, "InvalidPart", "One or more of the specified parts could not be found.",
                extra=[("PartNumber", str(number)), ("ETag", etag)],
            )
        parts.append(part)
    check_sizes(ctx, parts)
    return parts


def check_sizes(ctx, parts):
    if any(part.size < ctx.quirks.part_min_bytes for part in parts[:-1]):
        raise invalid("Your proposed upload is smaller than the minimum allowed size", "EntityTooSmall")
    sizes = {part.size for part in parts[:-1]}
    if ctx.quirks.parts == "equal" and (len(sizes) > 1 or parts[-1].size > max(sizes, default=parts[-1].size)):
        raise invalid("All non-trailing parts must have the same length.", "InvalidPart")


def complete(ctx):
    bucket, key = ctx.bucket, ctx.call.key
    upload = bucket.upload(ctx.query.get("uploadId"), key)
    parts = wanted_parts(ctx, upload)
    ctx.check_write_conditions(key)
    digest = hashlib.md5(b"".join(part.md5 for part in parts)).hexdigest()
    mode = ctx.quirks.etag if ctx.quirks.etag in ("upper_case", "none") else ctx.quirks.etag_multipart
    etag = ctx.mint_etag(digest, upload.headers, mode, len(parts))
    body = b"".join(part.body for part in parts) if all(part.body is not None for part in parts) else None
    size = sum(part.size for part in parts)
    bucket.put(key, Object(body, etag, upload.headers, size=size, modified=ctx.now, parts=len(parts)))
    del bucket.uploads[upload.id]
    inner = f"<Location>http://localhost/{text(bucket.name)}</Location><Bucket>{text(bucket.name)}</Bucket><Key>{text(key)}</Key>"
    inner += f"<ETag>{text(quoted(etag))}</ETag>" if etag is not None else ""
    return Response(200, XML, document("CompleteMultipartUploadResult", inner))


def abort(ctx):
    upload = ctx.bucket.upload(ctx.query.get("uploadId"), ctx.call.key)
    del ctx.bucket.uploads[upload.id]
    return Response(204)


def list_parts(ctx):
    upload = ctx.bucket.upload(ctx.query.get("uploadId"), ctx.call.key)
    after = int(ctx.query.get("part-number-marker") or 0)
    most = min(int(ctx.query.get("max-parts") or 1000), ctx.quirks.list_page)
    numbers = sorted(number for number in upload.parts if number > after)
    page = numbers[:most]
    inner = f"<Bucket>{text(ctx.call.bucket)}</Bucket><Key>{text(upload.key)}</Key><UploadId>{text(upload.id)}</UploadId>"
    inner += f"<PartNumberMarker>{after}</PartNumberMarker><NextPartNumberMarker>{page[-1] if page else 0}</NextPartNumberMarker>"
    inner += f"<MaxParts>{most}</MaxParts><IsTruncated>{'true' if len(numbers) > len(page) else 'false'}</IsTruncated>"
    for number in page:
        part = upload.parts[number]
        etag = f"<ETag>{text(quoted(part.etag))}</ETag>" if part.etag is not None else ""
        inner += (
            f"<Part><PartNumber>{number}</PartNumber><LastModified>{iso_date(part.modified)}</LastModified>{etag}"
            f"<Size>{part.size}</Size></Part>"
        )
    return Response(200, XML, document("ListPartsResult", inner))
