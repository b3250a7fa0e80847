"""What a handler of an operation is given, and what all of them do alike: ETags, dates, headers that objects keep."""

import hashlib
import re
import time
from email.utils import formatdate
from xml.etree import ElementTree

from .errors import Refusal, invalid, no_such_key, precondition_failed

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
KEPT = re.compile(
    r"content-type|cache-control|content-disposition|content-encoding|content-language|expires|x-amz-meta-.+"
    r"|x-amz-website-redirect-location|x-amz-storage-class|x-amz-server-side-encryption(-aws-kms-key-id)?"
    r"|x-amz-server-side-encryption-customer-algorithm|x-amz-server-side-encryption-customer-key-md5"
)
NO_XML_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Context:
    def __init__(self, store, quirks, request, call, now):
        self.store, self.quirks, self.request, self.call, self.now = store, quirks, request, call, now

    @property
    def query(self):
        return self.call.query

    @property
    def bucket(self):
        return self.store.bucket(self.call.bucket)

    def kept_headers(self):
        """Those of the request that an object keeps."""
        kept = {name.lower(): value.strip() for name, value in self.request.headers if KEPT.fullmatch(name.lower())}
        encoding = kept.get("content-encoding")
        if encoding is not None and self.quirks.aws_chunked != "stored":
            rest = ", ".join(token.strip() for token in encoding.split(",") if token.strip() != "aws-chunked")
            kept.pop("content-encoding")
            if rest:
                kept["content-encoding"] = rest
        kept.setdefault("content-type", "binary/octet-stream")
        return kept

    def has_foreign_etag(self, headers):
        """With a managed or a customer's key an ETag is no MD5."""
        return headers.get("x-amz-server-side-encryption") == "aws:kms" or any("customer" in name for name in headers)

    def mint_etag(self, digest, headers, mode=None, parts=0):
        """The ETag of a content with that MD5 (hex), without quotes; None = this store gives none."""
        mode = mode or self.quirks.etag
        if mode == "md5" and self.has_foreign_etag(headers):
            mode = "random"
        tail = f"-{parts}" if parts else ""
        if mode == "random":
            return hashlib.md5(f"made up {self.store.next_id()}".encode()).hexdigest() + tail
        if mode == "opaque":
            return f"v1.Opaque~{self.store.next_id():06}"
        if mode == "none":
            return None
        return (digest.upper() if mode == "upper_case" else digest) + tail

    def check_write_conditions(self, key):
        """If-Match and If-None-Match of a write, in the way that this store has."""
        match, none_match = self.request.get("if-match"), self.request.get("if-none-match")
        if match is None and none_match is None:
            return
        way = self.quirks.conditional_writes
        if way == "missing":
            raise Refusal(501, "NotImplemented", "A header you provided implies functionality that is not implemented")
        if way == "ignored":
            return
        held = self.bucket.objects.get(key)
        if match is not None and held is None:
            raise no_such_key(key)
        fails = (match is not None and unquoted(match) not in ("*", held.etag)) or (
            none_match is not None and held is not None and unquoted(none_match) in ("*", held.etag)
        )
        if not fails:
            return
        if way == "304":
            raise Refusal(304, "NotModified", "")
        if way == "409":
            raise Refusal(409, "ConditionalRequestConflict", "The conditional request cannot succeed due to a conflict")
        raise precondition_failed("If-Match" if match is not None else "If-None-Match")


def unquoted(etag):
    etag = etag.strip()
    return etag[1:-1] if len(etag) >= 2 and etag[0] == etag[-1] == '"' else etag


def quoted(etag):
    return f'"{etag}"'


def http_date(seconds):
    return formatdate(seconds, usegmt=True)


def iso_date(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def text(value):
    """For XML; what XML cannot hold becomes a reference that no XML reader takes, as real stores have it."""
    value = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return NO_XML_CHARACTER.sub(lambda match: f"&#{ord(match.group(0))};", value)


def document(root, inner):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{NAMESPACE}">{inner}</{root}>'.encode("utf-8", "replace")


def parse_xml(body, root):
    """The root of a request's XML, namespaces taken off; Refusal if it is no such document."""
    try:
        tree = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise invalid("The XML you provided was not well-formed", "MalformedXML") from None
    for node in tree.iter():
        node.tag = node.tag.rpartition("}")[2]
    if tree.tag != root:
        raise invalid("The XML you provided did not validate against our published schema", "MalformedXML")
    return tree
