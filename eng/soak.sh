#!/usr/bin/env bash
# Runs the runtime's tests again and again (20 times, or as often as the argument says) while every core is kept busy besides,
# and ends at the first failure, with the run's log. Further arguments go to the test runner: eng/soak.sh 50 -class '*Race*'.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runs="${1:-20}"
shift || true
configuration="${CONFIGURATION:-Release}"
dotnet build tests/Runtime.Tests -c "$configuration" -v q -clp:NoSummary

burners=()
trap 'kill "${burners[@]}" 2>/dev/null || true' EXIT
for _ in $(seq "$(nproc)"); do
    (while :; do :; done) &
    burners+=($!)
done

log=$(mktemp)
for run in $(seq "$runs"); do
    start=$SECONDS
    if ! "tests/Runtime.Tests/bin/$configuration/net10.0/ConcurrencyAnalyzers.Runtime.Tests" "$@" > "$log" 2>&1; then
        echo "Run $run failed:"
        grep -a -A 12 'FAIL' "$log" || tail -50 "$log"
        echo "The whole log: $log"
        exit 1
    fi
    echo "Run $run of $runs passed in $((SECONDS - start)) s."
done
rm "$log"
