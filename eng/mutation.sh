#!/usr/bin/env bash
# Mutation testing of the breaker and the limiters (or of the folders of src/Runtime that are named): changes the code in
# small ways and expects a test to fail for each. The report goes to StrykerOutput/; docs/runtime/mutation.md explains
# what survives. Not part of CI: it takes a while.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folders=("$@")
[ ${#folders[@]} -gt 0 ] || folders=(CircuitBreaking RateLimiting)
mutate=()
for folder in "${folders[@]}"; do
    mutate+=(--mutate "**/$folder/**/*.cs")
done

# A tenth of the usual sequences: each mutant runs them all.
export MODEL_SEQUENCES="${MODEL_SEQUENCES:-200}"

dotnet tool restore
cd tests/Runtime.Tests
dotnet stryker \
    --project Runtime.csproj \
    --target-framework net10.0 \
    --test-runner mtp \
    --mutation-level Standard \
    --concurrency 2 \
    --break-at 85 \
    --reporter cleartext --reporter json --reporter html \
    --output ../../StrykerOutput \
    "${mutate[@]}"
