"""The binary with credentials from a container's agent, the machine's metadata, STS, SSO and a process: fakes of all of
them and of a store, over loopback HTTP.

The store answers only to requests that are signed with the key that the provider handed out last, and a run that finds
another way in fails. Needs no server: run it with DEPLOYFLOW=path/to/deployflow.
"""

import hashlib
import http.server
import json
import os
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.parse

CANARY = "cAnArYsEcReT0123456789"
TOKEN = "cAnArYtOkEn0123456789"


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", **headers):
        body = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def any(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        self.server.seen.append((self.command, self.path, dict(self.headers), self.body))
        self.server.script(self)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = any


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, script):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.seen = script, []
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


def key_json(key, token="Token", **more):
    return json.dumps({"Code": "Success", "Version": 1, "AccessKeyId": key, "SecretAccessKey": CANARY, token: TOKEN,
                       "Expiration": iso(3600), **more})


def sts_xml(action, key):
    return (f"<{action}Response><{action}Result><Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{CANARY}"
            f"</SecretAccessKey><SessionToken>{TOKEN}</SessionToken><Expiration>{iso(3600)}</Expiration></Credentials>"
            f"</{action}Result></{action}Response>")


class Providers(unittest.TestCase):
    LEVEL = ["-vvv"]

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix="deployflow-credentials-")
        self.addCleanup(scratch.cleanup)
        self.folder = scratch.name
        self.write("site/index.html", "<!doctype html><title>t</title><p>x")
        self.keys = []
        self.store = self.serve(self.store_script)

    def serve(self, script):
        server = Server(script)
        self.addCleanup(server.close)
        return server

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def store_script(self, handler):
        """Notes the key of each request; lets nobody in, so that one request shows what we want to know."""
        said = handler.headers.get("Authorization", "")
        self.keys.append((said.partition("Credential=")[2].partition("/")[0], handler.headers.get("x-amz-security-token")))
        handler.answer(403, "<Error><Code>AccessDenied</Code></Error>")

    def push(self, profile=None, **variables):
        arguments = ["push", *self.LEVEL, "site/", "--to", "s3://bucket", "--endpoint-url", self.store.url]
        if profile:
            arguments += ["--profile", profile]
        began = time.monotonic()
        done = subprocess.run(
            [os.environ["DEPLOYFLOW"], *arguments], cwd=self.folder, capture_output=True, text=True, timeout=120,
            stdin=subprocess.DEVNULL,
            env={"PATH": os.environ["PATH"], "HOME": self.folder, "AWS_EC2_METADATA_DISABLED": "true",
                 **{k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}, **variables})
        self.seconds = time.monotonic() - began
        for text in (done.stdout, done.stderr):
            self.assertNotIn(CANARY, text)
            self.assertNotIn(TOKEN, text)
        self.assertEqual(done.returncode, 4, done.stdout + done.stderr)
        self.said = done.stdout + done.stderr
        return done

    def assert_traced(self, server):
        """What was asked of the provider is shown with -vvv, and none of the secrets in it."""
        if "-vvv" in self.LEVEL:
            self.assertIn(server.url, self.said)
            self.assertIn("[redacted]", self.said)

    def assert_key(self, key):
        self.assertTrue(self.keys, "the store was never asked")
        self.assertEqual(set(self.keys), {(key, TOKEN)})

    def test_container(self):
        agent = self.serve(lambda h: h.answer(200, key_json("ECSKEY")))
        token = self.write("token", TOKEN)
        self.push(AWS_CONTAINER_CREDENTIALS_FULL_URI=agent.url + "/v1/credentials",
                  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token)
        self.assert_key("ECSKEY")
        self.assert_traced(agent)
        self.assertEqual([(s[0], s[1], s[2]["authorization"]) for s in agent.seen], [("GET", "/v1/credentials", TOKEN)])

    def test_instance_metadata(self):
        def metadata(handler):
            if handler.command == "PUT":
                return handler.answer(200, TOKEN)
            if handler.headers.get("x-aws-ec2-metadata-token") != TOKEN:
                return handler.answer(401)
            return handler.answer(200, key_json("EC2KEY") if handler.path.endswith("/my-role") else "my-role")

        server = self.serve(metadata)
        self.push(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
        self.assert_key("EC2KEY")
        self.assert_traced(server)
        self.assertEqual(len(server.seen), 3)

    def test_metadata_that_never_answers_costs_two_seconds(self):
        release = threading.Event()
        self.addCleanup(release.set)
        server = self.serve(lambda h: release.wait(60))
        self.push(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
        self.assertIn("no instance metadata at " + server.url, self.said)
        self.assertEqual(self.keys, [])
        self.assertEqual(len(server.seen), 1)
        self.assertLess(self.seconds, 20)  # the bound is 2 s; the machine may be busy

    def test_role_chain(self):
        def sts(handler):
            form = dict(urllib.parse.parse_qsl(handler.body.decode()))
            handler.answer(200, sts_xml(form["Action"], "KEY-" + form["RoleArn"]), Content_Type="text/xml")

        server = self.serve(sts)
        self.write(".aws/config", "[profile a]\nrole_arn = second\nsource_profile = b\nexternal_id = x\n"
                                  "[profile b]\nrole_arn = first\nsource_profile = c\n"
                                  f"[profile c]\naws_access_key_id = BASE\naws_secret_access_key = {CANARY}\n")
        self.push("a", AWS_ENDPOINT_URL_STS=server.url)
        self.assert_key("KEY-second")
        self.assert_traced(server)
        self.assertEqual(len(server.seen), 2)
        signed_by = [s[2]["authorization"].partition("Credential=")[2].partition("/")[0] for s in server.seen]
        self.assertEqual(signed_by, ["BASE", "KEY-first"])

    def test_role_request_is_signed_as_botocore_signs_it(self):
        try:
            import botocore.auth
            import botocore.awsrequest
            import botocore.credentials
        except ImportError:
            self.skipTest("no botocore")
        server = self.serve(lambda h: h.answer(200, sts_xml("AssumeRole", "K")))
        self.write(".aws/config", "[profile a]\nrole_arn = arn:aws:iam::1:role/x\nsource_profile = c\n"
                                  f"[profile c]\naws_access_key_id = BASE\naws_secret_access_key = {CANARY}\n")
        self.push("a", AWS_ENDPOINT_URL_STS=server.url, AWS_REGION="eu-west-1")
        method, path, headers, body = server.seen[0]
        headers = {name.lower(): value for name, value in headers.items()}
        said = headers["authorization"]
        signed = said.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        request = botocore.awsrequest.AWSRequest(method, server.url + path, {n: headers[n] for n in signed}, body)
        request.context["timestamp"] = headers["x-amz-date"]
        signer = botocore.auth.SigV4Auth(botocore.credentials.Credentials("BASE", CANARY), "sts", "eu-west-1")
        text = signer.string_to_sign(request, signer.canonical_request(request))
        self.assertEqual(said.partition("Signature=")[2], signer.signature(text, request))

    def test_web_identity(self):
        server = self.serve(lambda h: h.answer(200, sts_xml("AssumeRoleWithWebIdentity", "WEBKEY")))
        token = self.write("jwt", TOKEN + "\n")
        self.push(AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN="r", AWS_ENDPOINT_URL_STS=server.url)
        self.assert_key("WEBKEY")
        self.assert_traced(server)
        self.assertNotIn("authorization", {name.lower() for name in server.seen[0][2]})

    def test_github(self):
        def both(handler):
            if handler.command == "GET":
                return handler.answer(200, json.dumps({"value": TOKEN}))
            return handler.answer(200, sts_xml("AssumeRoleWithWebIdentity", "GHKEY"))

        server = self.serve(both)
        self.push(ACTIONS_ID_TOKEN_REQUEST_URL=server.url + "/t?x=1", ACTIONS_ID_TOKEN_REQUEST_TOKEN=CANARY,
                  AWS_ROLE_ARN="r", AWS_ENDPOINT_URL_STS=server.url)
        self.assert_key("GHKEY")
        self.assert_traced(server)
        self.assertEqual(server.seen[0][1], "/t?x=1&audience=sts.amazonaws.com")

    def test_sso(self):
        body = json.dumps({"roleCredentials": {"accessKeyId": "SSOKEY", "secretAccessKey": CANARY, "sessionToken": TOKEN,
                                               "expiration": int((time.time() + 3600) * 1000)}})
        server = self.serve(lambda h: h.answer(200, body))
        self.write(".aws/config", "[profile p]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
                                  "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x\n")
        self.push("p", AWS_ENDPOINT_URL_SSO=server.url)
        self.assertIn("run `aws sso login --sso-session s`", self.said)
        name = hashlib.sha1(b"s").hexdigest()
        self.write(f".aws/sso/cache/{name}.json", json.dumps({"accessToken": TOKEN, "expiresAt": iso(3600)}))
        self.push("p", AWS_ENDPOINT_URL_SSO=server.url)
        self.assert_key("SSOKEY")
        self.assert_traced(server)

    def test_process_is_run_once(self):
        log = os.path.join(self.folder, "log")
        script = self.write("get key", f"#!/bin/sh\necho run >> '{log}'\necho '{CANARY}' >&2\n"
                                       f"echo '{key_json('PROCKEY', 'SessionToken')}'\n")
        os.chmod(script, 0o700)
        self.write(".aws/config", f"[profile p]\ncredential_process = '{script}' --password {CANARY}\n")
        self.push("p")
        self.assert_key("PROCKEY")
        with open(log, encoding="utf-8") as file:
            self.assertEqual(file.read(), "run\n")

    def test_process_that_expires_is_asked_again(self):
        log = os.path.join(self.folder, "log")
        script = self.write("key", f"#!/bin/sh\necho run >> '{log}'\nn=$(wc -l < '{log}')\n"
                                   f"echo '{key_json('PROCKEY-N', 'SessionToken')}' | sed \"s/PROCKEY-N/PROCKEY$n/\"\n")
        os.chmod(script, 0o700)
        self.write(".aws/config", f"[profile p]\ncredential_process = {script}\n")

        def expiring(handler):
            if "Credential=PROCKEY1/" in handler.headers.get("Authorization", ""):
                return handler.answer(400, "<Error><Code>ExpiredToken</Code></Error>")
            return self.store_script(handler)

        self.store.script = expiring
        self.push("p")
        self.assert_key("PROCKEY2")

    def test_services_that_repeat_what_they_were_sent(self):
        token = self.write("token", TOKEN)
        self.write(".aws/config", "[profile p]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n"
                                  "[sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://x\n")
        self.write(f".aws/sso/cache/{hashlib.sha1(b's').hexdigest()}.json", json.dumps({"accessToken": TOKEN, "expiresAt": iso(3600)}))
        for status in (200, 302, 400, 403):
            for body in (f"<ErrorResponse><Error><Code>{TOKEN}</Code><Message>{TOKEN} {CANARY}</Message></Error></ErrorResponse>",
                         json.dumps({"code": TOKEN, "message": CANARY, "Code": CANARY, "value": f"{TOKEN}\n"})):
                with self.subTest(status=status, body=body):
                    server = self.serve(lambda h, status=status, body=body: h.answer(
                        status, body, X_Auth_Token=TOKEN, Location=f"https://x/?token={TOKEN}", Set_Cookie=CANARY))
                    self.push(AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN="r", AWS_ENDPOINT_URL_STS=server.url)
                    self.push(AWS_CONTAINER_CREDENTIALS_FULL_URI=server.url, AWS_CONTAINER_AUTHORIZATION_TOKEN=TOKEN)
                    self.push(ACTIONS_ID_TOKEN_REQUEST_URL=server.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN=CANARY,
                              AWS_ROLE_ARN="r", AWS_ENDPOINT_URL_STS=server.url)
                    self.push(AWS_EC2_METADATA_DISABLED="false", AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
                    self.push("p", AWS_ENDPOINT_URL_SSO=server.url)
                    self.assertEqual(self.keys, [])

    def test_nothing_anywhere_names_every_place(self):
        self.push()
        for part in ("AWS_ACCESS_KEY_ID", "profile default", "AWS_WEB_IDENTITY_TOKEN_FILE", "ACTIONS_ID_TOKEN_REQUEST_URL",
                     "AWS_CONTAINER_CREDENTIALS_FULL_URI", "instance metadata is off"):
            self.assertIn(part, self.said)
        self.assertEqual(self.store.seen, [])


class Said(Providers):
    """The same with less said."""

    LEVEL = []


class Json(Providers):
    LEVEL = ["--json", "-vvv"]


if __name__ == "__main__":
    unittest.main()
