"""A certificate authority of our own, and certificates for loopback, made with the openssl command."""

import os
import socket
import ssl
import subprocess


class Identity:
    """A certificate and its key, for a server; or for a client, which needs the paths alone."""

    def __init__(self, certificate, key, demand=None, version=None, protocols=None):
        """`demand`: CA file of those that clients must show a certificate of. `version`: of TLS, the only one spoken, however
        old. `protocols`: that are offered, such as h2; HTTP/1.1 is spoken whichever is taken."""
        self.certificate, self.key = certificate, key
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate, key)
        if demand:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(demand)
        if version:
            self._context.set_ciphers("ALL:@SECLEVEL=0")
            self._context.minimum_version = self._context.maximum_version = version
        if protocols:
            self._context.set_alpn_protocols(protocols)

    def wrap(self, sock):
        wrapped = self._context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        try:
            wrapped.do_handshake()
        except OSError:
            let_alert_arrive(wrapped)
            raise
        return wrapped


def let_alert_arrive(sock):
    """With TLS 1.3 a client has sent its request before it hears that its certificate is refused: closing while that is
    unread would be a RST, which may overtake the alert."""
    with socket.socket(fileno=os.dup(sock.fileno())) as plain:
        sock.close()
        plain.settimeout(5)
        try:
            plain.shutdown(socket.SHUT_WR)
            while plain.recv(1 << 16):
                pass
        except OSError:
            pass


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

    def identity(self, names="DNS:localhost,DNS:*.localhost,IP:127.0.0.1", days=30, label="server", **how):
        """`names` as subjectAltName has them; `days` 0 or less: expired. `how`: as of Identity."""
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
        return Identity(certificate, key, **how)


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
