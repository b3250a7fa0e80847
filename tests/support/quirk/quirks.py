"""How this store differs from S3: one switch for each row of the table of incompatibilities.

A switch has a default with which the server behaves like S3. Unknown names and values are refused: a test that
misspells one must not pass.
"""

# name -> (allowed values, or the type of a number, list or text that may also be None; the first value is the default)
CHOICES = {
    # 1: x-amz-checksum-*, x-amz-sdk-checksum-algorithm, x-amz-trailer
    "crc_headers": ("ok", "refused_400", "refused_501"),
    # 2, 3: aws-chunked bodies; stored = the framing becomes content, and Content-Encoding keeps its aws-chunked
    "aws_chunked": ("ok", "refused", "stored"),
    # 4: DeleteObjects
    "delete_objects": ("ok", "wants_md5", "missing", "missing_405"),
    # 6: what another region in the scope than ours is answered with
    "wrong_region": ("ok", "400", "400_header", "301", "301_header", "307"),
    # 7: a proxy changes Accept-Encoding before the signature is checked
    "accept_encoding": ("ok", "rewritten"),
    # 7: the web server under the store writes Content-Type in its own way before the signature is checked
    "content_type": ("ok", "rewritten"),
    # 8: listings
    "list_v2": ("ok", "missing", "ignored"),
    "list_encoding": ("ok", "ignored", "undeclared", "claimed"),
    "list_token": ("ok", "none", "same"),
    "list_endless": ("no", "same_page", "empty_pages"),
    "list_uploads": ("ok", "missing", "empty", "endless"),
    # 11: Expect: 100-continue
    "expect": ("ok", "ignored", "refused"),
    # 12: Transfer-Encoding, or a body without Content-Length
    "content_length": ("ok", "demanded"),
    # 13, 14: what ETags are made of; opaque = no hex digits, random = looks like an MD5 and is none
    "etag": ("md5", "random", "opaque", "upper_case", "none"),
    "etag_multipart": ("md5", "random", "opaque"),
    "parts": ("ok", "equal"),
    # 16: x-amz-acl and x-amz-grant-*
    "acl": ("ok", "refused"),
    # 19: If-Match and If-None-Match of writes
    "conditional_writes": ("ok", "missing", "ignored", "304", "409"),
    "copy_source_if_match": ("ok", "ignored"),
    # What a store checks of a body: off, and it keeps what arrives.
    "check_md5": (True, False),
    "check_sha256": (True, False),
    "check_signature": (True, False),
    "anonymous": (False, True),  # may those without signature do everything?
}
NUMBERS = {
    "list_page": 1000,  # keys of a page, at most
    "part_min_bytes": 5 << 20,
    "parts_max": 10_000,
    "clock_offset": 0,  # seconds that this store's clock is ahead
    "slow_down_every": 0,  # each n-th request is answered with slow_down_status; 0 = none
    "slow_down_status": 503,
    "keep_bytes_below": 1 << 62,  # of larger objects only size and digests are kept; reading gives NUL bytes
}
TEXTS = {
    "region": None,  # ours; None = any is right
    "slow_down_retry_after": None,  # of those answers, as the header says it
    "redirect_to": None,  # origin of another host: every request is answered with 307 to it
}
LISTS = {
    "list_foreign_keys": [],  # keys that every listing has besides its own
}


class Quirks:
    """Attributes with the names above."""

    def __init__(self, **given):
        self.clear()
        self.set(**given)

    def clear(self):
        self.__dict__.update({name: values[0] for name, values in CHOICES.items()})
        self.__dict__.update(NUMBERS)
        self.__dict__.update(TEXTS)
        self.__dict__.update({name: list(value) for name, value in LISTS.items()})

    def set(self, **given):
        for name, value in given.items():
            if not is_allowed(name, value):
                raise ValueError(f"quirk {name}: {value!r} is not possible")
        self.__dict__.update(given)

    def __setattr__(self, name, value):
        self.set(**{name: value})

    def to_json(self):
        return dict(self.__dict__)


def is_allowed(name, value):
    if name in CHOICES:
        return value in CHOICES[name] and type(value) is type(CHOICES[name][0])
    if name in NUMBERS:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name in TEXTS:
        return value is None or isinstance(value, str)
    return name in LISTS and isinstance(value, list)
