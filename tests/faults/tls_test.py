"""Whom a TLS connection trusts, and what we show of ourselves: real TLS servers on loopback, certificates made on the spot."""

import os
import shutil
import ssl
import subprocess
import sys
import tempfile

from endpoints import PAGE, Deployment, FaultCase, main

from quirk import Authority

PERSISTING = {"AWS_MAX_ATTEMPTS": "2"}
VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
LAX = """openssl_conf = all
[all]
ssl_conf = ssl
[ssl]
system_default = lax
[lax]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""


class TlsCase(FaultCase):
    def setUp(self):
        super().setUp()
        self.authority = self.new_authority()

    def new_authority(self, *name):
        folder = tempfile.mkdtemp(prefix="deployflow-faults-")
        self.addCleanup(shutil.rmtree, folder)
        return Authority(folder, *name)

    def served_as(self, authority=None, options=None, **identity):
        """A server with such a certificate, and a deployment to it that trusts our authority."""
        server = self.serve(tls=(authority or self.authority).identity(**identity))
        deployment = Deployment([server], target_options=f", ca_file: {self.authority.ca_file}" if options is None else options)
        self.addCleanup(deployment.remove)
        deployment.put("index.html", PAGE)
        return server, deployment

    def accepted(self, server, deployment, **environment):
        finished = deployment.run("push", **environment)
        self.assertEqual(finished.code, 0, finished.err)
        self.assertEqual(server.store.contents("box"), deployment.files)

    def refused(self, server, deployment, *words, code=1, connections=1, **environment):
        """Told in these words, once: it would be no other the next time. Nothing was asked of the server."""
        finished = deployment.run("push", **environment)
        self.assertEqual(finished.code, code, finished.err)
        for word in words:
            self.assertIn(word, finished.err)
        self.assertEqual((server.log.count(), server.store.contents("box")), (0, {}))
        self.assertEqual(server.connections, connections, finished.err)
        return finished


class Servers(TlsCase):
    """16: whom to believe."""

    def test_our_own_authority(self):
        self.accepted(*self.served_as())

    def test_our_own_authority_from_the_environment_or_the_profile(self):
        server, deployment = self.served_as(options="")
        self.accepted(server, deployment, AWS_CA_BUNDLE=self.authority.ca_file)
        deployment.put("index.html", PAGE + "2")
        config = deployment.write_file("config", f"[profile primary]\nca_bundle = {self.authority.ca_file}\n")
        self.accepted(server, deployment, AWS_CONFIG_FILE=config)

    def test_the_target_s_own_file_goes_before_the_environment_s(self):
        self.accepted(*self.served_as(), AWS_CA_BUNDLE=self.new_authority().ca_file)

    def test_an_authority_that_nobody_knows(self):
        server, deployment = self.served_as(options="")
        self.refused(server, deployment, "its certificate was refused", "`ca_file`")

    def test_a_file_of_another_authority(self):
        server, deployment = self.served_as(options=f", ca_file: {self.new_authority().ca_file}")
        self.refused(server, deployment, "its certificate was refused")

    def test_our_own_file_is_instead_of_the_system_s_authorities(self):
        """Debian's libcurl trusts a folder of authorities besides the file that it is given."""
        system = self.new_authority("the system's")
        inside = self.with_system_authority(system)
        server, deployment = self.served_as(authority=system, options="")
        finished = deployment.run("push", inside=inside)
        self.assertEqual(finished.code, 0, finished.err)  # it is the system's
        server, deployment = self.served_as(authority=system)
        finished = deployment.run("push", inside=inside)
        self.assertEqual((finished.code, server.log.count()), (1, 0), finished.err)
        self.assertIn("its certificate was refused", finished.err)

    def with_system_authority(self, authority):
        """A command that runs another where /etc/ssl/certs has that authority alone."""
        folder = os.path.join(authority.folder, "system")
        os.mkdir(folder)
        shown = subprocess.run(["openssl", "x509", "-hash", "-noout", "-in", authority.ca_file], check=True, stdout=subprocess.PIPE)
        shutil.copy(authority.ca_file, os.path.join(folder, shown.stdout.decode().strip() + ".0"))
        shutil.copy(authority.ca_file, os.path.join(folder, "ca-certificates.crt"))
        script = 'mount --bind "$0" /etc/ssl/certs && exec "$@"'
        inside = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, folder]
        if subprocess.run([*inside, "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no mount namespaces here")
        return inside

    def test_another_host_s_certificate(self):
        server, deployment = self.served_as(names="DNS:example.org")
        self.refused(server, deployment, "its certificate was refused", "127.0.0.1")

    def test_a_certificate_that_has_expired(self):
        server, deployment = self.served_as(days=-1)
        self.refused(server, deployment, "its certificate was refused", "expired")

    def test_a_tls_that_is_too_old_also_where_the_machine_would_speak_it(self):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version.name):
                server, deployment = self.served_as(version=version)
                lax = deployment.write_file("openssl.cnf", LAX)
                self.refused(server, deployment, "the TLS handshake failed", "TLS 1.2", OPENSSL_CONF=lax)

    def test_http_1_1_also_where_more_is_offered(self):
        server, deployment = self.served_as(protocols=["h2", "http/1.1"])
        deployment.put("big.bin", os.urandom(1 << 20))
        self.accepted(server, deployment)

    def test_a_ca_file_that_is_none(self):
        server, deployment = self.served_as()
        garbage = deployment.write_file("garbage.pem", "no certificate\n")
        for path, code, words in (
            ("/nonexistent.pem", 2, ("ca_file: /nonexistent.pem: No such file",)),
            (deployment.folder, 2, ("ca_file:", "is a folder")),
            (garbage, 1, (f"the CA file {garbage} cannot be used",)),
        ):
            with self.subTest(path):
                deployment.pipeline(f", ca_file: {path}")
                self.refused(server, deployment, *words, code=code, connections=server.connections + (code == 1))
        deployment.pipeline()
        self.refused(server, deployment, "AWS_CA_BUNDLE", "No such file", code=2, connections=server.connections,
                     AWS_CA_BUNDLE="/nonexistent.pem")

    def test_files_for_tls_and_an_endpoint_without_it_contradict_each_other(self):
        for option in ("ca_file", "client_cert_file"):
            with self.subTest(option):
                self.deployment.pipeline(f", {option}: {self.authority.ca_file}")
                finished = self.push(code=2)
                self.assertIn("does not use TLS", finished.err)
                self.assertEqual(self.s3.connections, 0)

    def test_a_port_that_speaks_no_tls(self):
        with open(os.path.join(self.deployment.folder, "deployflow.yaml"), encoding="utf-8") as file:
            text = file.read()
        self.deployment.write_file("deployflow.yaml", text.replace("http://", "https://"))
        finished = self.push(code=1, **PERSISTING)
        self.assertIn("TLS", finished.err)
        self.assertEqual(self.s3.log.count(), 0)

    def test_a_port_that_speaks_only_tls(self):
        server, deployment = self.served_as(options="")
        with open(os.path.join(deployment.folder, "deployflow.yaml"), encoding="utf-8") as file:
            text = file.read()
        deployment.write_file("deployflow.yaml", text.replace("https://", "http://"))
        finished = deployment.run("push", **PERSISTING)
        self.assertEqual((finished.code, server.log.count()), (1, 0), finished.err)

    def test_of_the_services_that_hand_out_keys(self):
        server, deployment = self.served_as(options="")
        token = deployment.write_file("token", "tokentokentoken")
        identity = {"AWS_ENDPOINT_URL_STS": server.url, "AWS_WEB_IDENTITY_TOKEN_FILE": token, "AWS_ROLE_ARN": "r"}
        push = ("push", deployment.site, "--to", "s3://box", "--endpoint-url", self.s3.url)
        finished = deployment.run(*push, AWS_SHARED_CREDENTIALS_FILE="/dev/null", **identity)
        self.assertIn("its certificate was refused", finished.err)
        self.assertEqual(server.log.count(), 0)
        finished = deployment.run(*push, AWS_SHARED_CREDENTIALS_FILE="/dev/null", AWS_CA_BUNDLE=self.authority.ca_file, **identity)
        self.assertIn("STS answered", finished.err)
        self.assertGreaterEqual(server.log.count(), 1)
        self.assertEqual(self.s3.log.count(), 0)


class Clients(TlsCase):
    """Who we are: a server that asks for a certificate, with the TLS of today and the one before."""

    def setUp(self):
        super().setUp()
        self.clients = self.new_authority()
        self.client = self.clients.identity(label="client")

    def served_to(self, client_files, **identity):
        options = f", ca_file: {self.authority.ca_file}" + "".join(f", {name}: {path}" for name, path in client_files.items())
        return self.served_as(options=options, demand=self.clients.ca_file, **identity)

    def both(self, certificate=None, key=None):
        return {"client_cert_file": certificate or self.client.certificate, "client_key_file": key or self.client.key}

    def test_a_certificate_that_is_asked_for_and_shown(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                self.accepted(*self.served_to(self.both(), version=version))

    def test_certificate_and_key_in_one_file(self):
        path = os.path.join(self.clients.folder, "both.pem")
        with open(path, "wb") as file:
            for part in (self.client.certificate, self.client.key):
                with open(part, "rb") as source:
                    file.write(source.read())
        self.accepted(*self.served_to({"client_cert_file": path}))

    def test_paths_are_relative_to_the_pipeline_file(self):
        server, deployment = self.served_to({"client_cert_file": "certs/c.pem", "client_key_file": "certs/k.pem"})
        for name, path in (("certs/c.pem", self.client.certificate), ("certs/k.pem", self.client.key)):
            with open(path, "rb") as file:
                deployment.write_file(name, file.read())
        finished = deployment.run("push", "--config", os.path.join(deployment.folder, "deployflow.yaml"))
        self.assertEqual(finished.code, 0, finished.err)

    def test_one_that_is_asked_for_and_not_shown(self):
        for version in VERSIONS:
            with self.subTest(version.name):
                server, deployment = self.served_to({}, version=version)
                self.refused(server, deployment, "the TLS handshake failed", "alert", "`client_cert_file`")

    def test_one_of_an_authority_that_the_server_does_not_know(self):
        stranger = self.authority.identity(label="stranger")
        for version in VERSIONS:
            with self.subTest(version.name):
                server, deployment = self.served_to(self.both(stranger.certificate, stranger.key), version=version)
                self.refused(server, deployment, "the client certificate was refused", "alert")

    def test_one_that_has_expired(self):
        old = self.clients.identity(label="old", days=-1)
        self.refused(*self.served_to(self.both(old.certificate, old.key)), "the client certificate was refused", "expired")

    def test_one_that_is_not_asked_for_does_no_harm(self):
        options = f", ca_file: {self.authority.ca_file}" + "".join(f", {name}: {path}" for name, path in self.both().items())
        self.accepted(*self.served_as(options=options))

    def test_files_that_are_none_or_do_not_belong_together(self):
        other = self.clients.identity(label="other")
        locked = self.locked_key()
        garbage = os.path.join(self.clients.folder, "garbage.pem")
        with open(garbage, "w", encoding="ascii") as file:
            file.write("no certificate\n")
        for files in (self.both(key=other.key), self.both(key=locked), self.both(certificate=garbage), self.both(key=garbage),
                      {"client_cert_file": self.client.certificate}):
            with self.subTest(files):
                server, deployment = self.served_to(files)
                self.refused(server, deployment, "the client certificate", "cannot be used", "`client_key_file`")
        for files, setting in ((self.both(key="/nonexistent"), "client_key_file"), (self.both("/nonexistent"), "client_cert_file")):
            with self.subTest(files):
                server, deployment = self.served_to(files)
                self.refused(server, deployment, f"{setting}: /nonexistent: No such file", code=2, connections=0)

    def locked_key(self):
        path = os.path.join(self.clients.folder, "locked.key")
        subprocess.run(["openssl", "ec", "-aes256", "-passout", "pass:x", "-in", self.client.key, "-out", path], check=True,
                       stderr=subprocess.DEVNULL)
        return path

    def test_nobody_is_asked_for_a_passphrase(self):
        server, deployment = self.served_to(self.both(key=self.locked_key()))
        at_a_terminal = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
        finished = deployment.run("push", inside=[sys.executable, "-c", at_a_terminal])
        self.assertEqual(finished.code, 1, finished.out)
        self.assertIn("cannot be used", finished.out)
        self.assertNotIn("Enter", finished.out)

    def test_the_doctor_shows_it_too(self):
        server, deployment = self.served_to(self.both())
        finished = deployment.run("doctor", "--json")
        self.assertEqual(finished.code, 0, finished.out + finished.err)
        rows = {line["probe"]: line for line in finished.lines() if line["type"] == "probe"}
        self.assertEqual(rows["clock"]["verdict"], "ok", rows["clock"])


if __name__ == "__main__":
    main()
