#!/usr/bin/env python3
"""Reads the #include lines of a source tree and says which of them break the rules of rules.py.

    check_layers.py [ROOT]

Prints one line for each violation. Exit status: 0 none, 1 some, 2 nothing was found to check.
"""

import re
import sys
from pathlib import Path

import rules

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]')
COMMENT = re.compile(r'//.*|/\*.*?\*/|"(\\.|[^"\\])*"')
SOURCES = {".c", ".h", ".cpp", ".hpp"}


def source_files(root):
    """Paths below the rooms, relative to root, without build folders."""
    for top in ("cli", "plugins", "stages", "examples"):
        for path in sorted((root / top).rglob("*")):
            relative = path.relative_to(root)
            if path.suffix in SOURCES and path.is_file() and "build" not in relative.parts:
                yield relative.as_posix()


def room_of(path):
    return max((room for room in rules.ROOMS if path.startswith(room)), key=len, default=None)


def check_ours(path, room, include):
    """An include in quotes: a path from the root."""
    if include.startswith(room):
        return None
    if any(re.fullmatch(allowed, include) for allowed in rules.ROOMS[room]):
        return None
    return f'{room} may not know "{include}"'


def check_foreign(path, include):
    """An include in angle brackets."""
    if include.startswith("deployflow/"):
        return None if rules.SDK_USERS.match(path) else f"the SDK is not for this room: <{include}>"
    for pattern, where in rules.THIRD_PARTY:
        if re.match(pattern, include):
            return None if re.fullmatch(where, path) else f"<{include}> belongs in {where} alone"
    if include in rules.FORBIDDEN_STANDARD:
        return f"<{include}>: {rules.FORBIDDEN_STANDARD[include]}"
    if rules.SYSTEM.fullmatch(include) or rules.STANDARD.fullmatch(include):
        return None
    return f"<{include}> has no rule: a new dependency needs one in tests/layers/rules.py"


def includes_of(text):
    for number, line in enumerate(text.splitlines(), 1):
        if found := INCLUDE.match(line):
            yield number, found.group(1) == '"', found.group(2)


def check_includes(path, room, text):
    for number, quoted, include in includes_of(text):
        problem = check_ours(path, room, include) if quoted else check_foreign(path, include)
        if problem:
            yield f"{path}:{number}: {problem}"


def check_calls(path, text):
    for number, line in enumerate(text.splitlines(), 1):
        code = COMMENT.sub("", line)
        for call, where, instead in rules.CALLS:
            if call.search(code) and not re.fullmatch(where, path):
                yield f"{path}:{number}: {call.search(code).group(0).strip()}: {instead}"


def check_carriers(texts):
    """A header of ours with a third-party header in it hands that on to whoever includes it."""
    carried = {}
    for path, text in texts.items():
        if not path.endswith(".hpp"):
            continue
        for _, quoted, include in includes_of(text):
            for pattern, where in rules.THIRD_PARTY:
                if not quoted and re.match(pattern, include) and not pattern.startswith("spdlog"):
                    carried[path] = (include, where)
    for path, text in texts.items():
        for number, quoted, include in includes_of(text):
            if quoted and include in carried:
                header, where = carried[include]
                if not re.fullmatch(where, path):
                    yield f'{path}:{number}: "{include}" brings <{header}>, which belongs in {where} alone'


def check(root):
    texts = {path: (root / path).read_text(encoding="utf-8") for path in source_files(root)}
    problems = []
    for path, text in texts.items():
        room = room_of(path)
        if room is None:
            problems.append(f"{path}:1: in no room; give it one in tests/layers/rules.py")
            continue
        if not path.startswith(("plugins/sdk/", "examples/")):
            problems += check_calls(path, text)
        problems += check_includes(path, room, text)
    problems += check_carriers(texts)
    return len(texts), problems


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2])
    count, problems = check(root)
    print("\n".join(problems) if problems else f"{count} files keep the rules")
    if count == 0:
        return 2
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
