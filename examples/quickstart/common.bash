# What `run` and `stop` share: where things are, and which nginx is ours. Sourced, not run.
# shellcheck shell=bash
# shellcheck disable=SC2034

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
root=$(cd -- "$here/../.." && pwd)
support=$root/tests/support
state=${QUICKSTART_STATE:-${XDG_STATE_HOME:-${HOME:?is not set; set QUICKSTART_STATE to a folder}/.local/state}/deployflow-quickstart}
export PATH="$PATH:/usr/sbin:/sbin"

say() { printf 'quickstart: %s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

# Makes `state` absolute, creates it for this user alone, and lets one run or stop work on it at a time.
open_state() {
    umask 077
    mkdir -p -- "$state"
    state=$(cd -- "$state" && pwd -P)
    # Removed by nobody and left by no daemon: see 8>&- below, and rgw, which closes what it inherits.
    exec 8>"$state/lock"
    flock -n 8 || fail "another run or stop is under way in $state"
}

# Sets nginx_pid when our nginx is up. Pids are reused, so the command line has to name our folder.
nginx_is_up() {
    [[ -s $state/nginx/nginx.pid ]] || return 1
    nginx_pid=$(<"$state/nginx/nginx.pid")
    [[ -r /proc/$nginx_pid/cmdline ]] || return 1
    tr '\0' ' ' 2>/dev/null <"/proc/$nginx_pid/cmdline" | grep -qF -- "master process nginx -p $state/nginx/ "
}

nginx_stop() {
    local tenths=50 pid
    if nginx_is_up; then
        kill -TERM "$nginx_pid"
        while nginx_is_up && ((tenths-- > 0)); do sleep 0.1; done
        ! nginx_is_up || kill -KILL "$nginx_pid" || true
    fi
    # Workers outlive a master that was killed, and keep its port. One is ours when it has our log open.
    while read -r pid; do
        if readlink "/proc/$pid/fd/"* | grep -qxF -- "$state/nginx/access.log"; then kill -KILL "$pid" || true; fi
    done < <(cat -- "$state/nginx/workers" 2>/dev/null)
    rm -f -- "$state/nginx/workers" "$state/nginx/nginx.pid"
}

nginx_start() {
    # -e: the log that Debian compiled in belongs to root.
    nginx -p "$state/nginx/" -c nginx.conf -e error.log 8>&- || fail "nginx did not start; see $state/nginx/error.log"
    until nginx_is_up && pgrep -P "$nginx_pid" >"$state/nginx/workers"; do sleep 0.05; done
}
