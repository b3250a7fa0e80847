"""Buckets themselves: made, looked at, removed, configured."""

from .bucket import Bucket
from .context import document, iso_date, text
from .errors import Refusal, not_implemented
from .names import CONFIGURATIONS
from .wire import Response

XML = [("Content-Type", "application/xml")]
MISSING = {
    "cors": "NoSuchCORSConfiguration", "website": "NoSuchWebsiteConfiguration", "policy": "NoSuchBucketPolicy",
    "lifecycle": "NoSuchLifecycleConfiguration", "tagging": "NoSuchTagSet",
    "encryption": "ServerSideEncryptionConfigurationNotFoundError",
    "publicAccessBlock": "NoSuchPublicAccessBlockConfiguration", "ownershipControls": "OwnershipControlsNotFoundError",
    "object-lock": "ObjectLockConfigurationNotFoundError",
}


def list_buckets(ctx):
    inner = "".join(
        f"<Bucket><Name>{text(b.name)}</Name><CreationDate>{iso_date(b.created)}</CreationDate></Bucket>"
        for b in ctx.store.buckets.values()
    )
    owner = "<Owner><ID>quirk</ID><DisplayName>quirk</DisplayName></Owner>"
    return Response(200, XML, document("ListAllMyBucketsResult", f"{owner}<Buckets>{inner}</Buckets>"))


def create_bucket(ctx):
    name = ctx.call.bucket
    if name in ctx.store.buckets:
        raise Refusal(409, "BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.")
    ctx.store.buckets[name] = Bucket(name)
    return Response(200, [("Location", f"/{name}")])


def head_bucket(ctx):
    ctx.bucket  # Refusal if there is none
    return Response(200, [("x-amz-bucket-region", ctx.quirks.region or "us-east-1")])


def delete_bucket(ctx):
    if ctx.bucket.objects:
        raise Refusal(409, "BucketNotEmpty", "The bucket you tried to delete is not empty")
    del ctx.store.buckets[ctx.call.bucket]
    return Response(204)


def configuration(ctx):
    """GET, PUT and DELETE of ?cors and its kin: kept as it was put."""
    name = next(name for name in CONFIGURATIONS if name in ctx.query)
    held = ctx.bucket.configurations
    if ctx.request.method == "PUT":
        held[name] = ctx.request.body
        return Response(200)
    if ctx.request.method == "DELETE":
        held.pop(name, None)
        return Response(204)
    if name in held:
        return Response(200, XML, held[name])
    if name == "location":
        region = ctx.quirks.region
        return Response(200, XML, document("LocationConstraint", text(region) if region not in (None, "us-east-1") else ""))
    if name == "versioning":
        return Response(200, XML, document("VersioningConfiguration", ""))
    if name in MISSING:
        raise Refusal(404, MISSING[name], "The configuration does not exist")
    raise not_implemented(name)
