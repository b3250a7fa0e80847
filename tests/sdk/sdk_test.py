#!/usr/bin/env python3
"""The SDK as somebody outside meets it: installed into a scratch prefix, found by find_package, built and run.

    sdk_test.py --source DIR --build DIR --cmake FILE [--cc FILE] [--cxx FILE] [unittest arguments]
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import document

GIVEN = argparse.Namespace()
SCRATCH = Path()
EXAMPLES = {"custom-stage-cpp": "acme", "custom-stage-c": "example"}  # folder -> plugin
SHIPPED = [
    "baseline", "compress", "diff", "explain", "noindex", "previews", "prune", "releases", "remove-previews",
    "replicate", "rollback", "rules", "shape", "unlock", "upload", "validate",
]
# What a stage may ask of the machine: the C and C++ runtimes.
RUNTIMES = re.compile(r"(libc|libm|libstdc\+\+|libgcc_s|ld-linux-[a-z0-9-]+)\.so\.\d+")


def environment(prefix, **more):
    """A machine on which deployflow is installed in `prefix`, and nothing of this one's user."""
    path = f"{prefix}/bin:{Path(GIVEN.cmake).parent}:/usr/bin:/bin"
    return {
        "PATH": path, "HOME": str(SCRATCH / "home"), "LC_ALL": "C.UTF-8", "CC": GIVEN.cc, "CXX": GIVEN.cxx,
        "CMAKE_PREFIX_PATH": str(prefix), "AWS_EC2_METADATA_DISABLED": "true", **more,
    }


def call(*words, cwd=None, env=None):
    done = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=300, check=False,
    )
    return done.returncode, done.stdout, done.stderr


def must(*words, **options):
    status, out, err = call(*words, **options)
    if status != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: exit status {status}\n{out}{err}")
    return out


def install(prefix, *component):
    must(GIVEN.cmake, "--install", GIVEN.build, "--prefix", prefix, *component)
    return prefix


def build_example(name, folder, *settings):
    """A copy of the example, built outside the tree against what `settings` say; its plugin file."""
    shutil.copytree(GIVEN.source / "examples" / name, folder)
    env = {key: value for key, value in environment(SCRATCH / "prefix").items() if key != "CMAKE_PREFIX_PATH"}
    must(GIVEN.cmake, "-S", folder, "-B", folder / "build", *settings, env=env)
    must(GIVEN.cmake, "--build", folder / "build", env=env)
    return folder / "build" / f"{EXAMPLES[name]}.dfstage.so"


def setUpModule():
    install(SCRATCH / "prefix")
    install(SCRATCH / "sdk", "--component", "sdk")
    (SCRATCH / "home").mkdir()


class Package(unittest.TestCase):
    def test_the_sdk_component_is_its_headers_and_a_cmake_package(self):
        files = {path.relative_to(SCRATCH / "sdk").as_posix() for path in (SCRATCH / "sdk").rglob("*") if path.is_file()}
        packaged = {re.sub(r"^lib[^ ]*/cmake/", "", name) for name in files}
        self.assertEqual(
            packaged,
            {
                "include/deployflow/stage.h", "include/deployflow/stage.hpp", "include/deployflow/ctx.hpp", "include/deployflow/store.hpp", "include/deployflow/web.hpp", "deployflow/deployflow-config.cmake",
                "deployflow/deployflow-config-version.cmake", "deployflow/deployflow-targets.cmake",
                "deployflow/deployflow_add_plugin.cmake", "deployflow/deployflow-plugin.map",
            },
        )

    def test_each_example_builds_with_the_sdk_alone_and_exports_one_symbol(self):
        for name in EXAMPLES:
            with self.subTest(name):
                plugin = build_example(name, SCRATCH / "alone" / name, f"-DCMAKE_PREFIX_PATH={SCRATCH / 'sdk'}")
                symbols = must("nm", "-D", "--defined-only", plugin).split()
                self.assertEqual(symbols[1:], ["T", "deployflow_stages_v0"])
                dynamic = must("readelf", "-dW", plugin)
                for library in re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic):
                    self.assertRegex(library, RUNTIMES)
                self.assertIn("NODELETE", dynamic)
                self.assertIn("NOW", dynamic)

    def test_each_example_builds_against_a_build_tree(self):
        for name in EXAMPLES:
            with self.subTest(name):
                plugin = build_example(
                    name, SCRATCH / "tree" / name, f"-Ddeployflow_DIR={GIVEN.build / 'plugins' / 'sdk'}"
                )
                self.assertTrue(plugin.is_file())

    def test_a_function_that_nobody_has_is_an_error_at_link_time(self):
        folder = SCRATCH / "undefined"
        shutil.copytree(GIVEN.source / "examples" / "custom-stage-c", folder)
        source = folder / "build_info.c"
        text = source.read_text(encoding="utf-8")
        self.assertIn("free(instance);", text)
        broken = text.replace("free(instance);", "release_it(instance);")
        broken = broken.replace("static void destroy", "void release_it(void *);\nstatic void destroy")
        source.write_text(broken, encoding="utf-8")
        env = environment(SCRATCH / "sdk")
        must(GIVEN.cmake, "-S", folder, "-B", folder / "build", env=env)
        status, out, err = call(GIVEN.cmake, "--build", folder / "build", env=env)
        self.assertNotEqual(status, 0)
        self.assertIn("release_it", out + err)

    def test_another_minor_is_refused_when_it_is_looked_for(self):
        folder = SCRATCH / "minor"
        folder.mkdir()
        (folder / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(x C)\nfind_package(deployflow 0.2 CONFIG REQUIRED)\n",
            encoding="utf-8",
        )
        status, _, err = call(GIVEN.cmake, "-S", folder, "-B", folder / "build", env=environment(SCRATCH / "sdk"))
        self.assertNotEqual(status, 0)
        self.assertIn("version: 0.1", err)


class Installed(unittest.TestCase):
    """The installed binary, in whatever place."""

    def shipped(self, binary, **more):
        out = must(binary, "stages", "--json", env=environment("/nowhere", **more))
        lines = [json.loads(line) for line in out.splitlines()]
        return {line["name"]: line for line in lines if line["type"] == "stage-type"}

    def assert_ships_from(self, binary, prefix):
        found = self.shipped(binary)
        self.assertEqual(sorted(found), SHIPPED)
        for name in SHIPPED:
            alone = {"compress": "compress", "replicate": "replicate", "shape": "shape", "noindex": "shape", "validate": "validate", "rules": "validate", "baseline": "validate"}
            plugin = alone.get(name, "upload")  # the others are commands about its releases
            self.assertEqual(found[name]["file"], f"{prefix}/lib/deployflow/plugins/{plugin}.dfstage.so")
            self.assertEqual(found[name]["origin"], "shipped")

    def test_it_finds_its_stages_beside_itself(self):
        self.assert_ships_from(SCRATCH / "prefix" / "bin" / "deployflow", SCRATCH / "prefix")

    def test_it_finds_them_through_a_symbolic_link(self):
        (SCRATCH / "links").mkdir()
        link = SCRATCH / "links" / "deployflow"
        link.symlink_to(SCRATCH / "prefix" / "bin" / "deployflow")
        self.assert_ships_from(link, SCRATCH / "prefix")

    def test_it_finds_them_after_the_prefix_has_moved(self):
        moved = install(SCRATCH / "before").rename(SCRATCH / "moved to a folder with blanks")
        self.assert_ships_from(moved / "bin" / "deployflow", moved)

    def test_a_stage_from_outside_is_found_in_the_plugin_path_and_in_the_users_folder(self):
        plugin = build_example("custom-stage-cpp", SCRATCH / "path", f"-DCMAKE_PREFIX_PATH={SCRATCH / 'sdk'}")
        binary = SCRATCH / "prefix" / "bin" / "deployflow"
        found = self.shipped(binary, DEPLOYFLOW_PLUGIN_PATH=str(plugin.parent))
        self.assertEqual(found["acme/no-secrets"]["file"], str(plugin))
        self.assertEqual(found["acme/no-secrets"]["origin"], "DEPLOYFLOW_PLUGIN_PATH")
        home = SCRATCH / "another home"
        (home / ".local/share/deployflow/plugins").mkdir(parents=True)
        shutil.copy(plugin, home / ".local/share/deployflow/plugins")
        self.assertEqual(self.shipped(binary, HOME=str(home))["acme/no-secrets"]["origin"], "the user's folder")


class Examples(unittest.TestCase):
    """Each example, as its README says, with the installed binary."""

    def follow(self, page, folder):
        text = page.read_text(encoding="utf-8")
        problems, followed = document.run(text, folder, environment(SCRATCH / "prefix"))
        self.assertEqual(problems, [], "\n\n".join(problems))
        self.assertGreater(followed, 1, "the page has nothing to follow")

    def follow_example(self, name):
        folder = SCRATCH / "followed" / name
        shutil.copytree(GIVEN.source / "examples" / name, folder)
        self.follow(folder / "README.md", folder)
        return folder

    def test_the_reference_page_is_right(self):
        folder = SCRATCH / "reference"
        folder.mkdir()
        self.follow(GIVEN.source / "plugins" / "sdk" / "README.md", folder)

    def test_the_stage_in_cpp_finds_what_must_not_be_published(self):
        folder = self.follow_example("custom-stage-cpp")
        (folder / "site" / "notes.txt").unlink()
        (folder / "site" / "index.html").write_text(
            "<!DOCTYPE html>\n<html lang=en>\n<head><meta charset=utf-8><title>Clean</title></head>\n"
            "<body><p>Nothing here</p></body>\n</html>\n",
            encoding="utf-8",
        )
        env = environment(SCRATCH / "prefix")
        status, out, err = call("deployflow", "run", "deployflow.yaml", cwd=folder, env=env)
        self.assertEqual((status, out), (0, ""), err)

    def test_what_the_stage_in_cpp_finds_is_said_with_its_place_and_never_repeated(self):
        folder = SCRATCH / "findings"
        build_example("custom-stage-cpp", folder, f"-DCMAKE_PREFIX_PATH={SCRATCH / 'sdk'}")
        env = environment(SCRATCH / "prefix")
        status, out, err = call("deployflow", "run", "deployflow.yaml", "--json", cwd=folder, env=env)
        self.assertEqual(status, 3, err)
        self.assertNotIn("AKIAIOSFODNN7EXAMPLE", out + err)
        lines = [json.loads(line) for line in out.splitlines()]
        found = [(f["code"], f["line"], f["column"]) for f in lines if f.get("code") == "acme/secret"]
        self.assertEqual(found, [("acme/secret", 2, 28), ("acme/secret", 3, 1)])

    def test_a_wrong_option_of_an_example_is_said_with_its_place(self):
        folder = SCRATCH / "options"
        build_example("custom-stage-cpp", folder, f"-DCMAKE_PREFIX_PATH={SCRATCH / 'sdk'}")
        page = folder / "deployflow.yaml"
        page.write_text(page.read_text(encoding="utf-8").replace("look_into:", "look_in:"), encoding="utf-8")
        status, out, err = call("deployflow", "run", page, env=environment(SCRATCH / "prefix"))
        self.assertEqual((status, out), (2, ""))
        self.assertIn(':9:7: stages[1].with.look_in: unknown option', err)
        self.assertIn('did you mean "look_into"', err)

    def test_the_stage_in_c_lists_every_file(self):
        folder = self.follow_example("custom-stage-c")
        env = environment(SCRATCH / "prefix")
        status, out, err = call("deployflow", "run", "deployflow.yaml", "--json", cwd=folder, env=env)
        self.assertEqual(status, 0, err)
        result = json.loads(out.splitlines()[-1])
        self.assertEqual(result["type"], "result")
        self.assertEqual(result["outputs"], {"example/build-info.files": 2})

    def test_a_later_stage_reads_what_the_stage_in_c_has_added_with_the_right_digests(self):
        folder = SCRATCH / "together"
        build_example("custom-stage-c", folder, f"-DCMAKE_PREFIX_PATH={SCRATCH / 'sdk'}")
        checker = build_example("custom-stage-cpp", SCRATCH / "checker", f"-DCMAKE_PREFIX_PATH={SCRATCH / 'sdk'}")
        digest = hashlib.sha256((folder / "site" / "style.css").read_bytes()).hexdigest()
        with (folder / "deployflow.yaml").open("a", encoding="utf-8") as page:
            page.write(f"  - uses: acme/no-secrets\n    with: {{texts: [{digest}]}}\n")
        status, out, _ = call(
            "deployflow", "run", "deployflow.yaml", "--json", "--plugin", checker, cwd=folder,
            env=environment(SCRATCH / "prefix"),
        )
        self.assertEqual(status, 3)
        found = [line for line in map(json.loads, out.splitlines()) if line.get("code") == "acme/secret"]
        self.assertEqual([(f["key"], f["line"]) for f in found], [("build-info.json", 4)])

    def test_the_stage_in_c_says_that_it_replaces_a_file(self):
        folder = SCRATCH / "replaced"
        build_example("custom-stage-c", folder, f"-DCMAKE_PREFIX_PATH={SCRATCH / 'sdk'}")
        (folder / "site" / "build-info.json").write_text("{}", encoding="utf-8")
        status, out, err = call(
            "deployflow", "run", "deployflow.yaml", "--json", cwd=folder, env=environment(SCRATCH / "prefix")
        )
        self.assertEqual(status, 0, err)
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertIn("example/replaced", [line.get("code") for line in lines])
        self.assertEqual(lines[-1]["outputs"], {"example/build-info.files": 2})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--cmake", required=True)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--cxx", default="c++")
    _, rest = parser.parse_known_args(namespace=GIVEN)
    global SCRATCH
    with tempfile.TemporaryDirectory(prefix="deployflow-sdk-") as folder:
        SCRATCH = Path(os.path.realpath(folder))
        program = unittest.main(argv=[sys.argv[0], *rest], exit=False)
    return 0 if program.result.wasSuccessful() and program.result.testsRun > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
