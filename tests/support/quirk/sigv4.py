"""AWS Signature Version 4 from the server's side, over the bytes as they were received.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
Nothing is decoded and encoded again: a client that signs another path than it sends is refused. Written from the
specification, so that it can disagree with the client under test.
"""

import calendar
import hashlib
import hmac
import re
import time

from .errors import Refusal

ALGORITHM = "AWS4-HMAC-SHA256"
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
LARGEST_SKEW = 15 * 60
HEADER = re.compile(r"AWS4-HMAC-SHA256\s+Credential=([^,\s]+)\s*,\s*SignedHeaders=([^,\s]+)\s*,\s*Signature=([0-9a-f]{64})$")


class Identity:
    """Who signed, and what a body in signed chunks is checked with. `access` None: nobody did."""

    def __init__(self, access=None, payload=UNSIGNED, key=b"", scope="", date="", signature=""):
        self.access, self.payload = access, payload
        self.key, self.scope, self.date, self.signature = key, scope, date, signature


def mac(key, text):
    return hmac.new(key, text.encode("latin-1"), hashlib.sha256).digest()


def signing_key(secret, date, region, service):
    key = mac(b"AWS4" + secret.encode(), date)
    return mac(mac(mac(key, region), service), "aws4_request")


def canonical_query(raw_query, without=None):
    """Sorted by the bytes of name and value, each with its '='."""
    pairs = []
    for item in raw_query.split("&") if raw_query else []:
        name, _, value = item.partition("=")
        if name != without:
            pairs.append((name, value))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def canonical_headers(headers, names):
    """`headers` as received; `names` lower case, in the order of SignedHeaders."""
    lines = []
    for wanted in names:
        values = [" ".join(value.split()) for name, value in headers if name.lower() == wanted]
        if not values:
            raise Refusal(403, "SignatureDoesNotMatch", f"The signed header {wanted} is not there")
        lines.append(f"{wanted}:{','.join(values)}\n")
    return "".join(lines)


def parse_time(text):
    try:
        return calendar.timegm(time.strptime(text or "", "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise Refusal(403, "AccessDenied", "AWS authentication requires a valid Date or x-amz-date header") from None


class Verifier:
    """`keys`: access key -> secret, or (secret, session token). `region` None accepts any."""

    def __init__(self, keys, region=None):
        self.keys, self.region = dict(keys), region
        self._cache = {}

    def verify(self, request, now, headers=None, wrong_region=None):
        """Identity of a request; Refusal if it is not signed as it must be. `headers`: as a proxy would have left
        them, when they are not those received. `wrong_region`: makes the Refusal of another region than ours."""
        if "X-Amz-Signature=" in request.raw_query:
            return self._verify_link(request, now, wrong_region)
        text = request.get("authorization")
        if text is None:
            raise Refusal(403, "AccessDenied", "Access Denied")
        match = HEADER.match(text)
        if match is None:
            raise Refusal(400, "AuthorizationHeaderMalformed", "The authorization header is malformed")
        credential, signed, signature = match.groups()
        names = signed.split(";")
        self._demand_signed(request, names)
        payload = request.get("x-amz-content-sha256")
        if payload is None:
            raise Refusal(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        if not re.fullmatch(r"[0-9a-f]{64}|UNSIGNED-PAYLOAD|STREAMING-[A-Z0-9-]+", payload):
            raise Refusal(400, "InvalidArgument", "x-amz-content-sha256 must be a valid checksum")
        access, date, scope, key = self._key(credential, wrong_region)
        stamp = request.get("x-amz-date")
        self._check_clock(parse_time(stamp), now, stamp)
        if stamp[:8] != date:
            raise Refusal(400, "AuthorizationHeaderMalformed", "Invalid credential date")
        self._check_token(access, request.get("x-amz-security-token"))
        canonical = "\n".join([
            request.method, request.raw_path, canonical_query(request.raw_query),
            canonical_headers(headers or request.headers, names), signed, payload,
        ])
        self._compare(canonical, stamp, scope, key, signature)
        return Identity(access, payload, key, scope, stamp, signature)

    def forget(self, access):
        """Its secret has changed."""
        self._cache = {place: key for place, key in self._cache.items() if place[0] != access}

    def _verify_link(self, request, now, wrong_region):
        query = dict(item.partition("=")[::2] for item in request.raw_query.split("&"))
        credential = query.get("X-Amz-Credential", "").replace("%2F", "/")
        names = query.get("X-Amz-SignedHeaders", "").replace("%3B", ";").split(";")
        access, _, scope, key = self._key(credential, wrong_region)
        stamp = query.get("X-Amz-Date", "")
        expires = query.get("X-Amz-Expires", "")
        if not expires.isdigit() or not 1 <= int(expires) <= 604800:
            raise Refusal(400, "AuthorizationQueryParametersError", "X-Amz-Expires must be 1 to 604800 seconds")
        if now > parse_time(stamp) + int(expires):
            raise Refusal(403, "AccessDenied", "Request has expired")
        self._demand_signed(request, names)
        canonical = "\n".join([
            request.method, request.raw_path, canonical_query(request.raw_query, without="X-Amz-Signature"),
            canonical_headers(request.headers, names), ";".join(names), query.get("X-Amz-Content-Sha256", UNSIGNED),
        ])
        self._compare(canonical, stamp, scope, key, query["X-Amz-Signature"])
        return Identity(access)

    def _key(self, credential, wrong_region):
        parts = credential.rsplit("/", 4)
        if len(parts) != 5 or parts[3:] != ["s3", "aws4_request"]:
            raise Refusal(400, "AuthorizationHeaderMalformed", "The credential is malformed")
        access, date, region = parts[:3]
        if access not in self.keys:
            raise Refusal(
                403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.",
                extra=[("AWSAccessKeyId", access)],
            )
        if self.region is not None and region != self.region and wrong_region is not None:
            raise wrong_region(region)
        scope = "/".join(parts[1:])
        if (access, scope) not in self._cache:
            self._cache[access, scope] = signing_key(self._secret(access)[0], date, region, "s3")
        return access, date, scope, self._cache[access, scope]

    def _secret(self, access):
        held = self.keys[access]
        return (held, None) if isinstance(held, str) else tuple(held)

    def _check_token(self, access, token):
        if self._secret(access)[1] != token:
            raise Refusal(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")

    @staticmethod
    def _demand_signed(request, names):
        present = {name.lower() for name, _ in request.headers}
        missing = {n for n in present if n == "host" or n.startswith("x-amz-")} - set(names)
        if missing or "host" not in names or names != sorted(names):
            raise Refusal(
                403, "AccessDenied", "There were headers present in the request which were not signed",
                extra=[("HeadersNotSigned", ", ".join(sorted(missing)))],
            )

    @staticmethod
    def _check_clock(then, now, stamp):
        if abs(then - now) > LARGEST_SKEW:
            raise Refusal(
                403, "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                extra=[
                    ("RequestTime", stamp), ("ServerTime", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))),
                    ("MaxAllowedSkewMilliseconds", str(LARGEST_SKEW * 1000)),
                ],
            )

    @staticmethod
    def _compare(canonical, stamp, scope, key, signature):
        hashed = hashlib.sha256(canonical.encode("latin-1")).hexdigest()
        text = f"{ALGORITHM}\n{stamp}\n{scope}\n{hashed}"
        if not hmac.compare_digest(mac(key, text).hex(), signature):
            raise Refusal(
                403, "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and"
                " signing method.",
                extra=[("StringToSign", text), ("CanonicalRequest", canonical)],
            )
