"""What S3 refuses, as S3 says it."""

from xml.sax.saxutils import escape


class Refusal(Exception):
    """An answer that is no success. `extra` are further elements of the <Error>: (name, text)."""

    def __init__(self, status, code, message="", headers=(), extra=()):
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.headers, self.extra = list(headers), list(extra)

    def xml(self, resource="", request_id=""):
        return error_xml(self.code, self.message, [("Resource", resource), ("RequestId", request_id), *self.extra])


def error_xml(code, message, extra=()):
    text = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in extra)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error><Code>{escape(code)}</Code><Message>{escape(message)}</Message>{text}</Error>"
    ).encode()


def no_such_key(key):
    return Refusal(404, "NoSuchKey", "The specified key does not exist.", extra=[("Key", key)])


def no_such_bucket(bucket):
    return Refusal(404, "NoSuchBucket", "The specified bucket does not exist", extra=[("BucketName", bucket)])


def no_such_upload(upload_id):
    return Refusal(404, "NoSuchUpload", "The specified multipart upload does not exist.", extra=[("UploadId", upload_id)])


def precondition_failed(condition):
    return Refusal(
        412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
        extra=[("Condition", condition)],
    )


def not_implemented(what):
    return Refusal(501, "NotImplemented", f"A header or operation you provided is not implemented: {what}")


def invalid(message, code="InvalidRequest", status=400):
    return Refusal(status, code, message)
