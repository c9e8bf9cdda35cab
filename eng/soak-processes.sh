#!/usr/bin/env bash
# Runs the tests of worker processes again and again while the machine is busy, and looks after each run what is left of it:
# processes, zombies, shared memory, temporary files. Stops at the first run that fails or leaves something.
#
#   eng/soak-processes.sh [runs] [busy loops beside it]     20 runs and as many loops as cores, if not told
#
# PROCESS_STRESS=40 makes each run's stresses forty times as long: five hundred kills, and a million operations of each kind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs=${1:-20}
loops=${2:-$(nproc)}
configuration=${CONFIGURATION:-Debug}
tests=tests/Runtime.Tests/bin/$configuration/net10.0/ConcurrencyAnalyzers.Runtime.Tests
[ -x "$tests" ] || dotnet build tests/Runtime.Tests -c "$configuration" -v q -clp:ErrorsOnly

# Whatever a run starts inherits this, however far it gets from its parents.
export SOAK_RUN="soak-$$-$RANDOM"
busy=()
trap '[ ${#busy[@]} -eq 0 ] || kill "${busy[@]}" 2>/dev/null || true' EXIT
for ((i = 0; i < loops; i++)); do
    env -u SOAK_RUN bash -c 'while :; do :; done' &
    busy+=($!)
done

processes() {
    local environment id
    for environment in $(grep -lsz "^SOAK_RUN=$SOAK_RUN$" /proc/[0-9]*/environ 2>/dev/null); do
        id=${environment#/proc/}
        id=${id%/environ}
        # This script and its own commands have it too.
        [ "$id" = $$ ] || ps -o pid=,ppid=,stat=,args= -p "$id" | grep -v -e "ps -o pid=" -e "soak-processes" || true
    done
}
zombies() { ps -eo ppid=,stat=,pid=,args= | awk -v self=$$ '$2 ~ /^Z/ && $1 == 1' || true; }
files() { find /dev/shm "${TMPDIR:-/tmp}" -maxdepth 1 \( -name 'concurrency-analyzers-*' -o -name 'written-app-*' -o -name 'thumbnails-*' \) 2>/dev/null | sort; }

zombies_before=$(zombies)
files_before=$(files)
for ((run = 1; run <= runs; run++)); do
    started=$SECONDS
    log=$(mktemp)
    "$tests" -noColor -namespace ConcurrencyAnalyzers.Runtime.Tests.Processes >"$log" 2>&1 || { cat "$log"; echo "run $run of $runs failed"; exit 1; }
    left=$(processes)
    [ -z "$left" ] || { sleep 1; left=$(processes); } # What was killed may still be on its way out.
    echo "run $run of $runs: $(grep -o 'Total: .*' "$log" | tail -n 1); $((SECONDS - started)) s"
    rm "$log"
    [ -z "$left" ] || { printf 'processes left:\n%s\n' "$left"; exit 1; }
    [ "$(zombies)" = "$zombies_before" ] || { echo "zombies left:"; zombies; exit 1; }
    [ "$(files)" = "$files_before" ] || { echo "files left:"; diff <(echo "$files_before") <(files); exit 1; }
done
echo "$runs runs passed; nothing is left of them"
