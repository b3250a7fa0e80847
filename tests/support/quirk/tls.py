"""A certificate authority of our own, and certificates for loopback, made with the openssl command."""

import os
import ssl
import subprocess


class Identity:
    """A certificate and its key, for a server."""

    def __init__(self, certificate, key):
        self.certificate, self.key = certificate, key
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)

    def wrap(self, sock):
        return self._context.wrap_socket(sock, server_side=True)


class Authority:
    """Lives in `folder`, which must exist. `ca_file` is what a client must trust."""

    def __init__(self, folder, name="quirk test authority"):
        self.folder = folder
        self.ca_file, self._key = os.path.join(folder, "ca.pem"), os.path.join(folder, "ca.key")
        if not os.path.exists(self.ca_file):
            openssl(
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.ca_file,
            )

    def identity(self, names="DNS:localhost,DNS:*.localhost,IP:127.0.0.1", days=30, label="server"):
        """`names` as subjectAltName has them; `days` 0 or less: expired."""
        certificate, key, request, extensions = (
            os.path.join(self.folder, f"{label}.{suffix}") for suffix in ("pem", "key", "csr", "ext")
        )
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=quirk", "-keyout", key, "-out", request)
        with open(extensions, "w", encoding="ascii") as file:
            file.write(f"subjectAltName={names}\n")
        openssl(
            "x509", "-req", "-in", request, "-CA", self.ca_file, "-CAkey", self._key, "-CAcreateserial", "-days", str(days),
            "-extfile", extensions, "-out", certificate,
        )
        return Identity(certificate, key)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
