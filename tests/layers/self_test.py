#!/usr/bin/env python3
"""The checkers of this folder find what they are for: each case is a tiny tree with one thing wrong."""

import tempfile
import unittest
from pathlib import Path

import check_house
import check_layers


def problems_of(checker, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return checker.check(Path(folder))[1]


class Layers(unittest.TestCase):
    def assert_found(self, path, line, *parts):
        problems = problems_of(check_layers, {path: "// First line.\n" + line + "\n"})
        self.assertEqual(len(problems), 1, problems)
        for part in (path + ":2:", *parts):
            self.assertIn(part, problems[0])

    def assert_clean(self, path, line):
        self.assertEqual(problems_of(check_layers, {path: line + "\n"}), [])

    def test_a_lower_room_does_not_know_a_higher_one(self):
        self.assert_found("plugins/host/base/x.cpp", '#include "plugins/host/store/sign.hpp"')
        self.assert_found("plugins/host/store/x.cpp", '#include "plugins/host/pipeline/pipeline.hpp"')
        self.assert_found("plugins/host/site/x.cpp", '#include "plugins/host/store/sign.hpp"')
        self.assert_found("plugins/host/load/x.hpp", '#include "plugins/host/run/event.hpp"')
        self.assert_found("plugins/host/run/x.cpp", '#include "cli/ui/terminal.hpp"')

    def test_a_higher_room_knows_the_lower_ones(self):
        self.assert_clean("plugins/host/run/x.cpp", '#include "plugins/host/site/walk.hpp"')
        self.assert_clean("plugins/host/pipeline/x.hpp", '#include "plugins/host/store/target.hpp"')
        self.assert_clean("cli/ui/x.cpp", '#include "plugins/host/run/event.hpp"')

    def test_of_the_store_the_pipeline_knows_what_a_target_is_and_nothing_else(self):
        self.assert_found("plugins/host/pipeline/x.cpp", '#include "plugins/host/store/object_store.hpp"')

    def test_the_command_line_does_not_reach_into_the_store(self):
        self.assert_found("cli/x.cpp", '#include "plugins/host/store/object_store.hpp"')

    def test_a_stage_knows_the_sdk_and_release_alone(self):
        self.assert_found("stages/upload/x.cpp", '#include "plugins/host/base/text.hpp"')
        self.assert_found("stages/upload/x.cpp", '#include "stages/replicate/replicate.hpp"')
        self.assert_found("stages/validate/x.cpp", '#include "stages/release/order.hpp"')
        self.assert_found("stages/release/x.cpp", '#include "stages/upload/upload.hpp"')
        self.assert_clean("stages/upload/x.cpp", '#include "stages/release/order.hpp"')
        self.assert_clean("stages/upload/x.cpp", "#include <deployflow/stage.hpp>")

    def test_an_example_knows_nothing_of_the_tree(self):
        self.assert_found("examples/mine/x.cpp", '#include "plugins/host/base/text.hpp"')

    def test_the_sdk_is_for_loading_and_running_and_for_stages(self):
        self.assert_found("plugins/host/store/x.cpp", "#include <deployflow/stage.h>")
        self.assert_found("cli/x.cpp", "#include <deployflow/stage.h>")
        self.assert_clean("plugins/host/load/x.hpp", "#include <deployflow/stage.h>")

    def test_a_third_party_header_stays_in_its_file(self):
        self.assert_found("cli/options.cpp", "#include <CLI/App.hpp>")
        self.assert_found("plugins/host/store/s3.cpp", "#include <curl/curl.h>")
        self.assert_found("plugins/host/store/http.cpp", "#include <pugixml.hpp>")
        self.assert_found("plugins/host/pipeline/value.hpp", "#include <yaml-cpp/yaml.h>")
        self.assert_found("plugins/host/store/sign.cpp", "#include <openssl/hmac.h>")
        self.assert_found("plugins/host/run/x.cpp", "#include <dlfcn.h>")
        self.assert_found("stages/release/x.cpp", "#include <gumbo.h>")
        self.assert_found("stages/validate/x.cpp", "#include <nlohmann/json.hpp>")
        self.assert_found("stages/upload/x.cpp", "#include <spdlog/fmt/fmt.h>")
        self.assert_clean("plugins/host/store/http.cpp", "#include <curl/curl.h>")

    def test_json_is_in_no_header(self):
        self.assert_found("cli/ui/x.hpp", "#include <nlohmann/json.hpp>")

    def test_a_header_that_brings_a_third_party_header_is_for_its_room(self):
        problems = problems_of(
            check_layers,
            {
                "plugins/host/store/http_transfer.hpp": "#include <curl/curl.h>\n",
                "plugins/host/store/http.cpp": '#include "plugins/host/store/http_transfer.hpp"\n',
                "plugins/host/store/s3.cpp": '#include "plugins/host/store/http_transfer.hpp"\n',
            },
        )
        self.assertEqual(len(problems), 1, problems)
        self.assertIn("plugins/host/store/s3.cpp:1:", problems[0])

    def test_an_unknown_dependency_needs_a_rule(self):
        self.assert_found("cli/x.cpp", "#include <boost/asio.hpp>", "no rule")
        self.assert_found("cli/x.cpp", "#include <iostream>")
        self.assert_clean("cli/x.cpp", "#include <sys/stat.h>")

    def test_a_folder_that_is_no_room_is_found(self):
        self.assertEqual(len(problems_of(check_layers, {"plugins/extra/x.cpp": "\n"})), 1)

    def test_a_blank_more_or_less_does_not_hide_an_include(self):
        self.assert_found("cli/x.cpp", '  #  include   "stages/upload/upload.hpp"')

    def test_the_environment_is_asked_in_one_place(self):
        self.assert_found("plugins/host/run/x.cpp", 'auto* home = ::getenv("HOME");', "Environment")
        self.assert_clean("plugins/host/run/x.cpp", '// getenv("HOME") is not for us')
        self.assert_clean("plugins/host/base/environment.cpp", 'auto* home = std::getenv("HOME");')


class House(unittest.TestCase):
    def test_a_file_that_is_too_long_needs_a_reason(self):
        text = "x\n" * 601
        self.assertEqual(len(problems_of(check_house, {"cli/x.cpp": text})), 1)
        self.assertEqual(problems_of(check_house, {"cli/x.cpp": "// Long because it is a table.\n" + text}), [])
        self.assertEqual(problems_of(check_house, {"cli/x.cpp": "x\n" * 600}), [])

    def test_leftovers_are_found_with_their_line(self):
        for word in ("TO" + "DO: later", "FIX" + "ME", "works for " + "now"):
            self.assertEqual(
                problems_of(check_house, {"stages/x.cpp": f"\n// {word}\n"})[0].split(":")[1], "2", word
            )

    def test_a_name_that_says_nothing_is_found(self):
        for name in ("cli/util.cpp", "cli/string_helpers.cpp", "plugins/host/run/run_manager.cpp"):
            self.assertEqual(len(problems_of(check_house, {name: "\n"})), 1, name)
        self.assertEqual(problems_of(check_house, {"cli/utilisation.cpp": "\n"}), [])

    def test_a_name_of_the_compilers_is_found(self):
        for name in ("_Hidden", "__hidden", "hidden__too", "_X_"):
            self.assertEqual(len(problems_of(check_house, {"cli/x.cpp": f"int {name};\n"})), 1, name)
        self.assertEqual(problems_of(check_house, {"cli/x.cpp": "int _x, x_, k_x_y = __LINE__;\n"}), [])

    def test_a_header_is_included_once(self):
        self.assertEqual(len(problems_of(check_house, {"cli/x.hpp": "int x;\n"})), 1)


if __name__ == "__main__":
    unittest.main()
