"""Runs a Markdown page: what it says to write is written, what it says to type is typed, what it shows must come.

* A fenced block after a line such as "`hello.cpp`:" is that file.
* A block marked `sh` is a script: it must succeed.
* A block marked `console` is a session: lines after "$ " are commands, the lines below each are all of its output. A
  line "..." stands for any number of lines. Text in angle brackets, such as "<folder>", stands for any text.
"""

import re
import subprocess

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE_NAME = re.compile(r"`([\w./-]+)`[^\n`]*:\n\n\Z")


def blocks_of(text):
    """(kind, name of the file or None, text) of each fenced block."""
    for found in FENCE.finditer(text):
        named = FILE_NAME.search(text[: found.start()])
        yield found.group(1), named.group(1) if named else None, found.group(2)


def steps_of(session):
    """(command, expected output) of each command of a console block."""
    steps = []
    for line in session.splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], []))
        else:
            steps[-1][1].append(line)
    return [(command, "\n".join(lines)) for command, lines in steps]


def pattern_of(expected):
    """A regular expression for what a page shows."""
    lines = []
    for line in expected.splitlines():
        if line == "...":
            lines.append(r"(?:.*\n)*?")
        else:
            parts = re.split(r"(<[a-z-]+>)", line)
            lines.append("".join(".*?" if re.fullmatch("<[a-z-]+>", p) else re.escape(p) for p in parts) + r"\n")
    return "".join(lines)


def shell(script, folder, environment):
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
    )
    return done.returncode, done.stdout


def run_session(session, folder, environment):
    """Yields (command, expected, output) of each command that answered something else."""
    steps = steps_of(session)
    # The status is carried over the mark, so that "echo $?" works as it does at a prompt.
    mark = "\x01"
    script = "".join(f"{command}\n__status=$?; printf '{mark}'; (exit $__status)\n" for command, _ in steps)
    outputs = shell(script, folder, environment)[1].split(mark)
    for (command, expected), output in zip(steps, outputs):
        if not re.fullmatch(pattern_of(expected), output):
            yield command, expected, output


def run(text, folder, environment):
    """What went wrong, as texts; and how many blocks were followed."""
    problems, followed = [], 0
    for kind, name, body in blocks_of(text):
        if name is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        elif kind == "sh":
            status, output = shell("set -e\n" + body, folder, environment)
            if status != 0:
                problems.append(f"exit status {status} of:\n{body}\nit said:\n{output}")
        elif kind == "console":
            for command, expected, output in run_session(body, folder, environment):
                problems.append(f"$ {command}\nexpected:\n{expected}\nit said:\n{output}")
        else:
            continue
        followed += 1
    return problems, followed
