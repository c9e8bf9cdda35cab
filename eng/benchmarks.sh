#!/usr/bin/env bash
# Runs every benchmark and writes docs/benchmarks.md. Arguments go to BenchmarkDotNet: --filter '*Deadline*', --job short.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case " $* " in
    *" --filter "*) filter=() ;;
    *) filter=(--filter '*') ;;
esac
dotnet run -c Release --project benchmarks -- "${filter[@]}" "$@" --report docs/benchmarks.md
