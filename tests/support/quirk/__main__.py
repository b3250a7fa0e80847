"""python3 -m quirk [--port N] [--control-port N] [--bucket NAME]... [--key ACCESS,SECRET] [--tls FOLDER] [--quirk NAME=VALUE]...

Prints one line of JSON with where it listens, then serves until its standard input ends or a signal comes.
"""

import argparse
import json
import signal
import sys
import threading

from . import Authority, Control, Server


def main():
    parser = argparse.ArgumentParser(prog="quirk", description="a small S3 that can be as wrong as any real one")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--bucket", action="append", default=[])
    parser.add_argument("--key", default="QUIRKACCESS,quirk/secret+key")
    parser.add_argument("--tls", metavar="FOLDER", help="serve https; the CA is made in FOLDER")
    parser.add_argument("--quirk", action="append", default=[], metavar="NAME=VALUE", help="VALUE is JSON, or a text")
    given = parser.parse_args()
    authority = Authority(given.tls) if given.tls else None
    access, secret = given.key.split(",", 1)
    quirks = dict(read_quirk(text) for text in given.quirk)
    server = Server({access: secret}, given.bucket, authority and authority.identity(), given.port, **quirks)
    end = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.set())
    with server, Control(server, given.control_port) as control:
        where = {"url": server.url, "control": control.url, "access": access, "secret": secret}
        print(json.dumps({**where, "ca_file": authority.ca_file if authority else None}), flush=True)
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), end.set()), daemon=True).start()
        end.wait()


def read_quirk(text):
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


main()
