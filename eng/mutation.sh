#!/usr/bin/env bash
# Mutation testing of breaker, limiters and task groups (or of the folders of src/Runtime that are named): changes the code in
# small ways and expects a test to fail for each. The reports go to StrykerOutput/; docs/runtime/mutation.md says what
# survives, and why. Not part of CI: each mutant takes a run of its folder's tests, two to five seconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folders=("$@")
[ ${#folders[@]} -gt 0 ] || folders=(CircuitBreaking RateLimiting TaskGroups)

# Few sequences of the models: each mutant runs them, and what a model finds at all it finds soon.
export MODEL_SEQUENCES="${MODEL_SEQUENCES:-50}"

dotnet tool restore
cd eng/Mutation
for folder in "${folders[@]}"; do
    # Decides which tests the project holds.
    export MUTATED="$folder"
    dotnet stryker \
        --project Runtime.csproj \
        --target-framework net10.0 \
        --test-runner mtp \
        --mutation-level Standard \
        --concurrency "${CONCURRENCY:-1}" \
        --break-at 85 --threshold-low 85 --threshold-high 95 \
        --reporter cleartext --reporter json --reporter html \
        --output "../../StrykerOutput/$folder" \
        --mutate "**/$folder/**/*.cs"
done
