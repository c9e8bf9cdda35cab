#!/usr/bin/env bash
# Runs every benchmark and writes docs/benchmarks.md. --short measures briefly; other arguments go to BenchmarkDotNet,
# as in --filter '*Deadline*'.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

case " $* " in
    *" --filter "*) filter=() ;;
    *) filter=(--filter '*') ;;
esac
dotnet run -c Release --project benchmarks -- "${filter[@]}" "$@" --report docs/benchmarks.md
