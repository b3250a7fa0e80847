#!/usr/bin/env python3
"""House rules that a reader would otherwise have to watch: how long a file is, what it is called, what is left in it.

    check_house.py [ROOT]

Prints one line for each violation. Exit status: 0 none, 1 some, 2 nothing was found to check.
"""

import sys
from pathlib import Path

import rules

TOPS = ("cli", "cmake", "completions", "examples", "plugins", "stages", "tests")
TEXT = {".c", ".h", ".cpp", ".hpp", ".py", ".cmake", ".txt", ".sh", ".md", ".yaml", ".yml", ""}
SOURCE = {".c", ".h", ".cpp", ".hpp"}
MEASURED = {".c", ".h", ".cpp", ".hpp", ".py", ""}


def files(root):
    for top in TOPS:
        for path in sorted((root / top).rglob("*")):
            relative = path.relative_to(root)
            if not path.is_file() or {"build", "__pycache__"} & set(relative.parts):
                continue
            if path.suffix in TEXT:
                yield relative


def check_file(path, text):
    lines = text.splitlines()
    if path.suffix in MEASURED and len(lines) > rules.LONGEST_FILE:
        if not any(rules.LONG_BECAUSE.search(line) for line in lines[:10]):
            yield f"{path}: {len(lines)} lines; at most {rules.LONGEST_FILE}, or say 'Long because ...' at its top"
    if path.suffix in MEASURED and rules.DRAWERS.search(path.stem):
        yield f"{path}: the name says nothing about what is inside"
    if path.suffix == ".hpp" and "#pragma once" not in lines:
        yield f"{path}: no #pragma once"
    for number, line in enumerate(lines, 1):
        if found := rules.LEFTOVERS.search(line):
            yield f"{path}:{number}: leftover: {found.group(0)}"
        if path.suffix in SOURCE and path.parts[0] != "tests":
            for name in set(rules.RESERVED.findall(line)) - rules.THE_COMPILERS:
                yield f"{path}:{number}: {name} is a name for the compiler alone"
        if path.suffix in MEASURED and line != line.rstrip():
            yield f"{path}:{number}: blanks at the end of the line"


def check(root):
    count, problems = 0, []
    for path in files(root):
        try:
            text = (root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # test data
        count += 1
        problems += check_file(path, text)
    return count, problems


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parents[2])
    count, problems = check(root)
    print("\n".join(problems) if problems else f"{count} files keep the rules")
    if count == 0:
        return 2
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
