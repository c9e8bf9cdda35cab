#!/usr/bin/env bash
# Runs the runtime's tests again and again (20 times, or as often as the argument says) while every core is kept busy besides,
# and looks after each run what is left of it: processes, shared memory, temporary files. Ends at the first run that fails or
# leaves something. Further arguments go to the test runner: eng/soak.sh 50 -class '*Race*'.
#
# BUSY=4 runs four busy loops beside the tests, not one a core. PROCESS_STRESS=40 makes each run's stresses of worker processes
# forty times as long: five hundred kills, and a million operations of each kind.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs="${1:-20}"
shift || true
configuration="${CONFIGURATION:-Release}"
dotnet build tests/Runtime.Tests -c "$configuration" -v q -clp:NoSummary
tests="tests/Runtime.Tests/bin/$configuration/net10.0/ConcurrencyAnalyzers.Runtime.Tests"

burners=()
trap 'kill "${burners[@]}" 2>/dev/null || true' EXIT
for _ in $(seq "${BUSY:-$(nproc)}"); do
    (while :; do :; done) &
    burners+=($!)
done

# Whatever a run starts inherits this, however far it gets from its parents.
mark="soak-$$-$RANDOM"
processes() {
    local environment id
    for environment in $(grep -lsz "^SOAK_RUN=$mark$" /proc/[0-9]*/environ 2>/dev/null); do
        id=${environment#/proc/}
        ps -o pid=,ppid=,stat=,args= -p "${id%/environ}" || true
    done | sort
}
files() { find /dev/shm "${TMPDIR:-/tmp}" -maxdepth 1 \( -name 'concurrency-analyzers-*' -o -name 'written-app-*' -o -name 'thumbnails-*' \) 2>/dev/null | sort; }

# What the check prints that wasn't there before. What was killed may still be on its way out: it has ten seconds. Zombies are
# counted by the tests themselves, since after the run there is none but init to look after them.
left() {
    local before="$2" left
    for _ in $(seq 10); do
        left=$(comm -13 <(echo "$before") <("$1"))
        [ -n "$left" ] || return 0
        sleep 1
    done
    printf 'Run %s left %s:\n%s\n' "$run" "$1" "$left"
    exit 1
}

files_before=$(files)
log=$(mktemp)
for run in $(seq "$runs"); do
    start=$SECONDS
    if ! SOAK_RUN="$mark" "$tests" -noColor "$@" > "$log" 2>&1; then
        echo "Run $run failed:"
        grep -a -A 12 'FAIL' "$log" || tail -50 "$log"
        echo "The whole log: $log"
        exit 1
    fi
    echo "Run $run of $runs passed in $((SECONDS - start)) s: $(grep -o 'Total: .*' "$log" | tail -n 1)"
    left processes ""
    left files "$files_before"
done
rm "$log"
echo "$runs runs passed; nothing is left of them."
