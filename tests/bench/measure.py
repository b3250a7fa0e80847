"""One program, from its start to its end: wall and CPU time and peak memory."""

import os
import signal
import subprocess
import time


def measure(command, environment, log, limit, good=(0,), folder=None):
    """Wall and CPU seconds and peak MB of one process with all its children, or a text that says why not.

    `good`: the exit statuses of a run that came to its end; `folder`: where it runs. What it prints goes into `log`.
    """
    # By GNU time: what wait4 tells of a child of this process is at least the peak of this process.
    usage = log + ".usage"
    command = ["/usr/bin/time", "--quiet", "--format", "%U %S %M", "--output", usage, *command]
    with open(log, "wb") as out:
        begin = time.monotonic()
        process = subprocess.Popen(
            command, start_new_session=True, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
        gave_up = False
        try:
            while True:
                status = process.poll()
                wall = time.monotonic() - begin
                if status is not None:
                    break
                if wall > limit and not gave_up:
                    os.killpg(process.pid, signal.SIGKILL)
                    gave_up = True
                time.sleep(0.002)
        finally:
            if process.returncode is None:  # Ctrl-C and the like: nobody else would end it
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    if gave_up:
        return f"gave up after {limit} s"
    if status not in good:
        with open(log, encoding="utf-8", errors="replace") as file:
            last = (file.read().strip().split("\n") or [""])[-1]
        return f"exit status {status}: {last[:160]}".replace("|", "/")
    with open(usage, encoding="utf-8") as file:
        user, system, kilobytes = file.read().split()
    return {"wall": wall, "cpu": float(user) + float(system), "peak": int(kilobytes) * 1024 / 1e6}
