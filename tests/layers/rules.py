"""Who may know whom (README, "Map of the code"): the whole of it, as data."""

import re

HOST = "plugins/host/"

# A room is the longest of these that a file's path starts with. What it may include of ours, as patterns of
# paths; its own folder is always allowed.
ROOMS = {
    HOST + "base/": [],
    HOST + "site/": [HOST + "base/.*"],
    HOST + "store/": [HOST + "base/.*"],
    # What a target is, is said once, by the store; nothing else of it is known here.
    HOST + "pipeline/": [HOST + "base/.*", HOST + r"store/target\.hpp"],
    HOST + "load/": [HOST + "base/.*"],
    HOST + "run/": [HOST + r"(base|site|store|pipeline|load)/.*"],
    # Five doors below the rooms it drives: the signer that `deployflow sign` shows, the examination that `doctor` is, the links of `presign`,
    # what a target is (a part of Pipeline, which --to makes) and what a key may be (--name).
    "cli/": [
        HOST + r"(base|pipeline|load|run)/.*",
        HOST + r"(store/(sign_json|presign|target|probe/(doctor|row))|site/artifact_set)\.hpp",
    ],
    "plugins/sdk/": [],
    "stages/release/": [],
    "stages/validate/": [],
    "stages/compress/": [],
    "stages/shape/": ["stages/release/.*"],
    "stages/upload/": ["stages/release/.*"],
    "stages/replicate/": ["stages/release/.*"],
    "examples/": [],
}

# Rooms that may include <deployflow/stage.h> or stage.hpp.
SDK_USERS = re.compile(r"(plugins/sdk|plugins/host/(load|run)|stages|examples)/")

# Third-party headers: where each may be included. A header of ours that holds one is included by such
# files alone.
THIRD_PARTY = [
    (r"CLI/", r"cli/app\.cpp"),
    (r"yaml-cpp/", HOST + r"pipeline/.*\.cpp"),
    (r"absl/", HOST + r"site/artifact_set\.cpp"),
    (r"utf8proc\.h", HOST + r"base/unicode\.cpp"),
    (r"sqlite3\.h", HOST + r"site/digest_cache\.cpp"),
    (r"curl/", HOST + r"store/http[a-z_]*\.[ch]pp"),
    (r"pugixml\.hpp", f"({HOST}store/((s3|sts|bucket_config)_xml|xml_reading)|stages/validate/xml_reader)" + r"\.cpp"),
    (r"gumbo\.h", r"(stages/validate|tests/bench)/.*"),
    (r"zlib\.h", r"stages/compress/(coding|compressed_(cache|file))\.cpp"),
    (r"brotli/", r"stages/compress/coding\.cpp"),
    (r"openssl/", f"({HOST}base/digest|stages/validate/integrity)" + r"\.cpp"),
    (r"dlfcn\.h", HOST + r"load/.*\.cpp"),
    (r"nlohmann/json_fwd\.hpp", r"(cli|plugins/host)/.*"),
    (r"nlohmann/", r"((cli|plugins/host)/.*\.cpp|stages/((release|upload)/.*|validate/web_manifest\.cpp))"),
    (r"rapidjson/", r"stages/release/manifest_reader\.cpp"),
    (r"spdlog/fmt/", r"(cli|plugins/host)/.*"),
]

# Of the system, what POSIX or Linux has and C++ has not.
SYSTEM = re.compile(
    r"(arpa/inet|dirent|errno|fcntl|inttypes|limits|linux/[a-z_]+|locale|malloc|netdb|netinet/(in|tcp)|poll|pthread|pwd"
    r"|sched|signal|spawn|stddef|stdint|stdio|stdlib|string|sys/[a-z_]+|termios|time|unistd)\.h"
)
STANDARD = re.compile(r"[a-z_]+")  # <vector>: no dot, no slash
FORBIDDEN_STANDARD = {"iostream": "write through the command line's output, or with fmt"}

# Calls that one file alone may make, so that everything else gets the thing as a parameter.
CALLS = [
    (re.compile(r"\b(secure_)?getenv\s*\("), HOST + r"base/environment\.cpp", "ask an Environment (base/environment.hpp)"),
    (re.compile(r"\bdlopen\s*\("), HOST + r"load/.*\.cpp", "plugins/host/load is the only one that loads code"),
    (re.compile(r"\b(std::)?cout\b"), r"$^", "output is the command line's, through its one writer"),
]

LONGEST_FILE = 600
LONG_BECAUSE = re.compile(r"Long because")  # in the first lines of a file: the reason why it is longer

# Split, or this file would be the first to be found.
LEFTOVERS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]) + r")\b|\bfor " + "now\\b")
DRAWERS = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common)(_|\.|$)")

# Names that belong to the compiler, in C and C++; and those of its own that are used. (clang-tidy's check of the same takes a
# sixth of its time.)
RESERVED = re.compile(r"\b(_[A-Z]\w*|\w*__\w*)\b")
THE_COMPILERS = {
    "__cplusplus", "__builtin_frame_address", "__attribute__", "__typeof__", "__declspec", "__VA_ARGS__", "__LINE__",
    "__FILE__", "__has_feature", "__SANITIZE_ADDRESS__", "__SANITIZE_THREAD__", "_WIN32",
}
