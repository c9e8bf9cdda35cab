#!/usr/bin/env bash
# Runs every benchmark, about five minutes, and writes docs/benchmarks.md; then the models of docs/decision-guide.md, about three.
# One class, printed and not written: eng/benchmarks.sh --filter '*GatherBenchmarks*'. --short is the default; --long measures at
# BenchmarkDotNet's own length, about an hour. --no-models leaves the guide alone. Other arguments go to BenchmarkDotNet.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

length=(--short)
models=1
rest=()
for argument in "$@"; do
    case "$argument" in
        --long) length=() ;;
        --short) length=(--short) ;;
        --no-models) models= ;;
        *) rest+=("$argument") ;;
    esac
done

run() { dotnet benchmarks/bin/Release/net10.0/ConcurrencyAnalyzers.Benchmarks.dll "$@"; }

dotnet build benchmarks -c Release -v q
case " ${rest[*]-} " in
    *" --filter "*) run "${rest[@]}" "${length[@]}" ;;
    *)
        run --filter '*' "${rest[@]}" "${length[@]}" --report docs/benchmarks.md
        { printf '\n## Memory of an idle worker process\n\n'; run --worker-memory; } >>docs/benchmarks.md
        [ -n "$models" ] || exit 0
        models=$(mktemp)
        run --models "$models"
        # Between the marks, the guide's tables are those of this run.
        awk -v tables="$models" '
            /<!-- models: end -->/ { while ((getline line < tables) > 0) print line; print ""; skip = 0 }
            !skip { print }
            /<!-- models: begin -->/ { skip = 1 }' docs/decision-guide.md > "$models.page"
        mv "$models.page" docs/decision-guide.md
        rm "$models"
        ;;
esac
