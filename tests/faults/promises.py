"""The promises of a deployment, on what a store holds: each function tells what is broken, as sentences.

`held` is key -> "old", "new" or "other", as `scenario.version_of` tells one version from the other.
"""

import hashlib
import json
import re

from quirk.log import is_reserved

FEED = "feed.xml"
HOME = "index.html"
CURRENT = ".deployflow/current.json"
RELEASES = ".deployflow/releases/"
BLOBS = ".deployflow/blobs/"
LINK = re.compile(rb'href="/([^"]*)"')


def is_page(key):
    return key.endswith(".html")


def broken_promises(scenario, held):
    """What is broken, as sentences."""
    before, after = scenario.before, scenario.after
    is_new = {key: held.get(key) == "new" for key in after}
    for key in before:
        if key not in held and (key in after or not scenario.removes):
            yield f"{key} is deleted"
        elif key not in held and not all(is_new.values()):
            yield f"{key} is deleted before {[key for key in after if not is_new[key]]}"
    for key, version in held.items():
        if version == "other" or (version == "old" and key not in before):
            yield f"{key} is neither old nor new"
    live = [key for key in scenario.pages if is_new[key]]
    missing = [key for key in after if not is_page(key) and key != FEED and not is_new[key]]
    if live and missing:
        yield f"{live} are live before {missing}"
    if before and (to_come := [key for key in scenario.fresh_pages if not is_new[key]]):
        if linking := [key for key in live if key not in scenario.fresh_pages]:
            yield f"{linking} may link to {to_come}, which are not there"
    if is_new[HOME] and len(live) < len(scenario.pages):
        yield f"{HOME} is live before the other pages"
    if before and is_new[FEED] and not is_new[HOME]:
        yield "the feed announces what is not there"


def false_state(scenario, held, said):
    """What a run says about a store is no better than what it holds."""
    begun = {key for key, version in held.items() if version == "new"}
    changed = sorted(key for key in begun if key in scenario.before or is_page(key))
    if said == "unchanged" and begun:
        yield f"said to be unchanged, but {sorted(begun)} are new"
    if said == "prepared" and changed:
        yield f"said to be only prepared, but visitors see {changed}"
    if said == "current" and begun != scenario.after.keys():
        yield f"said to be current, but {sorted(scenario.after.keys() - begun)} are not"


def sha256(body):
    return hashlib.sha256(body).hexdigest()


class Watcher:
    """The promises that a bucket keeps by itself, checked from nothing but what is in it, at each change."""

    def __init__(self, objects):
        self.links, self.digests, self.blobs, self.manifests, self.current = {}, {}, set(), {}, None
        for key, thing in objects.items():
            self.note(key, thing.body)

    def note(self, key, body):
        """`body` None: it is deleted."""
        if not is_reserved(key):
            for kept in (self.links, self.digests):
                kept.pop(key, None)
            if body is not None:
                self.digests[key] = sha256(body)
                if is_page(key):
                    self.links[key] = {name.decode() for name in LINK.findall(body)}
        elif key.startswith(BLOBS):
            self.blobs.discard(key)
            if body is not None:
                self.blobs.add(key)
        elif key.startswith(RELEASES):
            self.manifests.pop(key, None)
            if body is not None:
                self.manifests[key] = json.loads(body)
        elif key == CURRENT:
            self.current = json.loads(body) if body is not None else None

    def broken(self, key, body):
        """What is broken after that change, as sentences."""
        self.note(key, body)
        for name, links in self.links.items():
            if missing := links - self.digests.keys():
                yield f"{name} needs {sorted(missing)}"
        if key.startswith(BLOBS) and body is not None and sha256(body) != key.removeprefix(BLOBS):
            yield f"{key} has another content"
        if self.current is None:
            return
        if self.current["release"] not in [release["id"] for release in self.current["releases"]]:
            yield "the live release is not in the list of releases"
        there = set(self.digests.values()) | {blob.removeprefix(BLOBS) for blob in self.blobs}
        for release in self.current["releases"]:
            manifest = self.manifests.get(f"{RELEASES}{release['id']}.json")
            if manifest is None:
                yield f"release {release['id']} has no manifest"
                continue
            for row in site_rows(manifest):
                if row[2] not in there:
                    yield f"{row[0]} of release {release['id']} is lost, so nobody can go back to it"


def site_rows(manifest):
    """Those of a manifest that are about the release's own site, not about what earlier ones left."""
    return [row for row in manifest["objects"] if len(row) == 6]


def wrong_release(scenario, objects):
    """What is wrong with what a bucket says of itself after a deployment: the live release is the site, all of it."""
    if CURRENT not in objects:
        yield "nothing says what is live"
        return
    live = json.loads(objects[CURRENT].body)["release"]
    name = f"{RELEASES}{live}.json"
    if name not in objects:
        yield f"the live release {live} has no manifest"
        return
    manifest = json.loads(objects[name].body)
    rows = {row[0]: row for row in site_rows(manifest)}
    if rows.keys() != scenario.after.keys():
        yield f"release {live} lists {sorted(rows)}, not {sorted(scenario.after)}"
    for key, (_, size, digest, _, _, headers) in rows.items():
        thing = objects.get(key)
        if thing is None or (size, digest) != (thing.size, sha256(thing.body)):
            yield f"release {live} says of {key} what is not so"
        elif dict(manifest["headers"][headers]) != thing.headers:
            yield f"release {live} says of {key} that its headers are {manifest['headers'][headers]}, not {thing.headers}"
    if scenario.removes and len(manifest["objects"]) > len(rows):
        yield f"release {live} has leftovers"
