"""Releases on real servers, looked at by another client: going back and forward, and many deployments at once."""

import os
import subprocess
import threading

from support import StoreTest, body, main, objects

UPLOAD = """  - uses: upload
    with: {to: primary, delete: true, publish: %s, wait: %s}
"""
ROUNDS = int(os.environ.get("DEPLOYFLOW_ROUNDS", "10"))
AT_ONCE = 8
HEADERS = ("ContentType", "CacheControl", "ContentLanguage", "Metadata")


class Releases(StoreTest):
    def version(self, number, folder="site"):
        """Pages, fingerprinted and other assets, some the same in all versions, some only in this one."""
        page = f"<!doctype html><html lang=en><title>{number}</title><link rel=stylesheet href=/style.css><p>{number}"
        files = {
            "index.html": page,
            "about/index.html": page + " about",
            "style.css": f"p {{ order: {number} }}",
            f"app.{number:06x}a.js": f"let version = {number}",
            "same.txt": "the same in all",
            f"only-{number}/page.html": page + " only here",
            "moved/%d.bin" % number: "a file that moves from version to version",
            "empty.txt": "",
        }
        subprocess.run(["rm", "-rf", os.path.join(self.folder, folder)], check=True)
        for key, text in files.items():
            self.write(os.path.join(folder, key), text)
        return files

    def look(self):
        """Every object but the reserved ones, with bytes and headers, as botocore sees it."""
        held = {}
        for key in objects(self.client_a, self.source):
            got = self.client_a.get_object(Bucket=self.source, Key=key)
            held[key] = (got["Body"].read(), [got.get(name) for name in HEADERS])
        return held

    def live(self):
        return self.run_deployflow("releases", "--json").result()["outputs"]["releases.releases"]["primary"]

    def back_and_forward(self, publish):
        looks = {}
        for number in range(1, 6):
            language = "de" if number % 2 else "fr"
            rule = f'{{match: "**/*.html", content_language: {language}, metadata: {{version: "{number}"}}}}'
            self.pipeline(stages=(UPLOAD % (publish, "0s")).replace("}\n", f", headers: [{rule}]}}\n"))
            files = self.version(number)
            self.push()
            looks[number] = self.look()
            self.assertEqual({key: held[0] for key, held in looks[number].items()}, {k: v.encode() for k, v in files.items()})
        ids = [line["id"] for line in reversed(self.live())]
        self.assertEqual(len(ids), 5)
        for number in (4, 3, 2, 1, 5, 1, 2, 3, 4, 5, 3):
            with self.subTest(publish=publish, release=number):
                finished = self.run_deployflow("rollback", ids[number - 1], "--json")
                self.assertEqual(finished.code, 0, finished.out + finished.err)
                self.assertEqual(self.look(), looks[number])
                self.assertEqual([line["id"] for line in self.live() if line["live"]], [ids[number - 1]])
        # The files of that version find nothing to do.
        self.version(3)
        again = self.run_deployflow("rollback", ids[2], "--json")
        self.assertEqual([line for line in again.lines() if line["type"] == "action"], [])

    def test_to_each_of_five_releases_and_forward_again(self):
        self.back_and_forward("direct")

    def test_to_each_of_five_staged_releases_and_forward_again(self):
        self.back_and_forward("staged")

    def test_a_rollback_takes_the_replicas_along(self):
        self.pipeline()
        self.version(1)
        self.push()
        first = self.look()
        self.version(2)
        self.push()
        self.assertEqual(self.run_deployflow("rollback").code, 0)
        self.assertEqual(self.look(), first)
        for key, held in first.items():
            self.assertEqual(body(self.client_b, self.mirror, key), held[0])

    def deploy_at_once(self, wait):
        """Exit codes and what they said, by number."""
        ended = {}

        def deploy(number):
            finished = subprocess.run(
                self.command("push", f"site-{number}", "--config", f"{number}.yaml"),
                capture_output=True, text=True, env=self.environment(), cwd=self.folder,
            )
            ended[number] = (finished.returncode, finished.stderr)

        threads = [threading.Thread(target=deploy, args=(number,)) for number in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return ended

    def at_once(self, rounds, wait):
        sites = {}
        pipeline = self.pipeline(stages=UPLOAD % ("direct", wait))
        for number in range(AT_ONCE):
            sites[number] = {key: text.encode() for key, text in self.version(number + 1, f"site-{number}").items()}
            with open(pipeline) as file:
                self.write(f"{number}.yaml", file.read())
        done = refused = 0
        for round in range(rounds):
            ended = self.deploy_at_once(wait)
            winners = [number for number, (code, _) in ended.items() if code == 0]
            for number, (code, said) in ended.items():
                self.assertIn(code, (0, 5), said)
                if code == 5:
                    self.assertRegex(said, r"is locked by run \d{8}T\d{6}Z-[0-9a-f]{6} ")
            held = {key: body(self.client_a, self.source, key) for key in objects(self.client_a, self.source)}
            self.assertIn(held, [sites[number] for number in winners], "the bucket is one of the sites, in whole")
            self.assertNotIn(".deployflow/lock.json", objects(self.client_a, self.source, reserved=True))
            done += len(winners)
            refused += len(ended) - len(winners)
        return done, refused

    def test_of_eight_deployments_at_once_one_proceeds_and_the_others_name_it(self):
        done, refused = self.at_once(ROUNDS, "0s")
        print(f"{ROUNDS} rounds of {AT_ONCE}: {done} deployed, {refused} refused")
        self.assertGreaterEqual(done, ROUNDS)
        self.assertGreater(refused, 0)

    def test_eight_deployments_that_wait_come_one_after_the_other(self):
        done, refused = self.at_once(2, "2m")
        self.assertEqual((done, refused), (2 * AT_ONCE, 0))


if __name__ == "__main__":
    main()
