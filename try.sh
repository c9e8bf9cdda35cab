#!/usr/bin/env bash
# The main job in one command.
#   ./try.sh                         the sample samples/Gallery: findings, fixes, and what they change when it runs
#   ./try.sh PATH [options]          your own .csproj, .sln, .slnx or .slnf: findings; no file of it is touched
#     --fix                          apply the fixes (this edits your files)
#     --sarif FILE                   where the findings go as SARIF (default: artifacts/try/NAME.sarif, beside this script)
# Exit code: 0 nothing (left) to fix or say, 1 findings, 2 it couldn't run; the reason is on stderr.
# Needs bash, coreutils and the .NET SDK 10.0 or later.
set -uo pipefail

configuration=${CONFIGURATION:-Release}
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en MSBUILDDISABLENODEREUSE=1

usage() { while IFS= read -r line && [[ $line == '#'* ]]; do [[ $line == '#!'* ]] || echo "${line#\# }"; done <"${BASH_SOURCE[0]}"; }
fail() { echo "try.sh: $*" >&2; exit 2; }
heading() { printf '\n== %s\n\n' "$*"; }

# A command whose output only matters when it fails: then its errors, once each.
quietly() {
    local output
    output=$("$@" 2>&1 </dev/null) && return
    printf '%s\n' "$output" | sort -u | head -n 25 >&2
    return 1
}

# What a program built for this platform understands as a path, under Git Bash, too.
native() { if command -v cygpath >/dev/null; then cygpath -m "$1"; else echo "$1"; fi; }

find_sdk() {
    command -v dotnet >/dev/null || fail "there is no 'dotnet' on the PATH; install the .NET SDK 10.0 or later: https://dotnet.microsoft.com/download"
    local version
    while read -r version _; do
        [[ ${version%%.*} =~ ^[0-9]+$ && ${version%%.*} -ge 10 ]] && return
    done < <(dotnet --list-sdks)
    fail "the .NET SDK 10.0 or later is needed; 'dotnet --list-sdks' shows: $(dotnet --list-sdks | tr '\n' ' ')"
}

make_work_folder() {
    work=$(native "$(mktemp -d "${TMPDIR:-/tmp}/concurrency-try.XXXXXXXX")") || fail "no temporary folder could be made"
    trap 'rm -rf "$work"' EXIT
    mkdir "$work/sarif"
}

findings() { dotnet "$repository/eng/Findings/bin/$configuration/net10.0/Findings.dll" "$@"; }

build_tools() {
    (cd "$repository" && quietly dotnet build eng/Findings -c "$configuration" -v quiet -clp:ErrorsOnly) || fail "the analyzers don't build"
}

# ---- the sample -------------------------------------------------------------------------------------------------------

show_gallery() {
    heading "Packing"
    build_tools
    (cd "$repository" && quietly dotnet pack src/Package -c "$configuration" -o "$work/feed" -v quiet -clp:ErrorsOnly) || fail "src/Package doesn't pack"
    ls "$work/feed"

    # The sample restores from this package and from what packing it has restored; the machine's cache stays clean.
    cat >"$work/nuget.config" <<XML
<configuration>
  <config><add key="globalPackagesFolder" value="packages" /></config>
  <fallbackPackageFolders><add key="machine" value="$(machine_packages)" /></fallbackPackageFolders>
  <packageSources><clear /><add key="packed" value="feed" /></packageSources>
</configuration>
XML
    mkdir "$work/after"
    cp "$repository"/samples/Gallery/*.cs "$repository"/samples/Gallery/*.csproj "$repository"/samples/Gallery/*.props "$repository"/samples/Gallery/.editorconfig "$work/after"

    heading "Findings in samples/Gallery"
    build_gallery
    findings report "$work/sarif" "$work/after"
    [[ $? -eq 1 ]] || fail "the sample should have findings"
    cp -R "$work/after" "$work/before"

    heading "dotnet format analyzers"
    fix_until_stable "$work/after/Gallery.csproj" build_gallery
    findings diff "$work/before" "$work/after"

    heading "Findings that are left"
    local left=0
    findings report "$work/sarif" "$work/after" || left=$?
    [[ $left -eq 1 ]] && printf '\nNone of these has a fix: they are work by hand.\n'
    [[ $left -le 1 ]] || fail "the fixed sample couldn't be analysed"

    local version
    for version in before after; do
        heading "The program, $version"
        dotnet "$work/$version/bin/Debug/net10.0/Gallery.dll" >"$work/$version.txt" || fail "the sample failed when it ran ($version)"
        while IFS= read -r line; do [[ $line == measurements:* ]] || echo "$line"; done <"$work/$version.txt"
    done

    heading "What changed"
    findings compare "$work/before.txt" "$work/after.txt"
}

build_gallery() {
    (cd "$work/after" && ErrorLog="$work/sarif/gallery.sarif,version=2.1" quietly dotnet build Gallery.csproj -c Debug -v quiet -clp:ErrorsOnly) || fail "the sample doesn't build"
}

machine_packages() { local line; line=$(dotnet nuget locals global-packages --list); echo "${line#*: }"; }

# ---- anybody's code ---------------------------------------------------------------------------------------------------

analyse() {
    local target=$1 fix=$2 sarif=$3
    [[ -f $target ]] || fail "there is no file '$target'"
    [[ $target == *.csproj || $target == *.sln || $target == *.slnx || $target == *.slnf ]] || fail "'$target' is no .csproj, .sln, .slnx or .slnf"
    local folder name
    folder=$(cd "$(dirname "$target")" && pwd)
    name=$(basename "$target")
    check_compiler "$folder"
    if [[ -z $sarif ]]; then
        mkdir -p "$repository/artifacts/try"
        sarif="$repository/artifacts/try/${name%.*}.sarif"
    fi
    [[ -d $(dirname "$sarif") ]] || fail "there is no folder '$(dirname "$sarif")' to write the SARIF file to"

    build_tools
    mkdir "$work/analyzers"
    cp "$repository/src/CodeFixes/bin/$configuration"/netstandard2.0/ConcurrencyAnalyzers*.dll "$work/analyzers"

    # MSBuild takes environment variables for properties: so they reach every project, and dotnet format as well.
    export ConcurrencyTryRoot=$work
    export CustomAfterDirectoryBuildProps; CustomAfterDirectoryBuildProps=$(native "$repository/eng/inject/Redirect.props")
    export CustomBeforeMicrosoftCommonTargets; CustomBeforeMicrosoftCommonTargets=$(native "$repository/eng/inject/Inject.targets")
    export CustomBeforeMicrosoftCommonCrossTargetingTargets=$CustomBeforeMicrosoftCommonTargets

    build_target() { build "$folder" "$name"; }
    build_target
    [[ $fix == true ]] && (cd "$folder" && fix_until_stable "$name" build_target)
    findings report "$work/sarif" "$folder" "$sarif"
    local status=$?
    [[ $status -le 1 ]] || fail "nothing was analysed"
    echo "SARIF: $sarif"
    [[ $status -eq 1 && $fix == true ]] && echo "What is left has no fix that applies there: it is work by hand."
    exit $status
}

# An older compiler skips the analyzers with no more than a warning.
check_compiler() {
    local version numbers
    version=$(cd "$1" && dotnet --version 2>&1) || fail "no SDK for $1: $version"
    IFS=. read -r -a numbers <<<"${version%%-*}"
    ((numbers[0] > 9 || (numbers[0] == 9 && numbers[2] >= 300))) || fail "$1 is built with SDK $version (global.json); the rules need 9.0.300 or later"
}

# Errors of our own rules are findings, not failures.
build() {
    local output line others=()
    output=$(cd "$1" && dotnet build "$2" -v quiet -clp:ErrorsOnly\;NoSummary 2>&1 </dev/null) && return
    while IFS= read -r line; do
        [[ -n $line && ! $line =~ :\ error\ CONC[1-7][0-9][0-9]: ]] && others+=("$line")
    done <<<"$output"
    [[ ${#others[@]} -eq 0 ]] && { echo "(projects that refer to one with errors were not analysed)"; return; }
    printf '%s\n' "${others[@]}" | sort -u | head -n 25 >&2
    fail "$2 doesn't build"
}

# ---- both -------------------------------------------------------------------------------------------------------------

# A fix can make way for another: again, until a pass changes nothing.
fix_until_stable() {
    local project=$1 rebuild=$2 pass before after rules
    before=$(findings report "$work/sarif" "$work")
    for pass in 1 2 3 4; do
        rules=$(findings rules "$work/sarif")
        [[ -n $rules ]] || return
        quietly dotnet format analyzers "$project" --no-restore --severity info --diagnostics $rules || fail "dotnet format failed"
        "$rebuild"
        after=$(findings report "$work/sarif" "$work") && return
        [[ $after == "$before" ]] && return
        before=$after
    done
}

main() {
    local target='' fix=false sarif=''
    while [[ $# -gt 0 ]]; do
        case $1 in
            -h | --help) usage; exit 0 ;;
            --fix) fix=true ;;
            --sarif) [[ $# -gt 1 ]] || fail "--sarif needs a file"; sarif=$2; shift ;;
            -*) fail "there is no option '$1' (see ./try.sh --help)" ;;
            *) [[ -z $target ]] || fail "one project or solution at a time, not '$target' and '$1'"; target=$1 ;;
        esac
        shift
    done
    [[ -n $target || ($fix == false && -z $sarif) ]] || fail "--fix and --sarif need a project or solution"

    find_sdk
    make_work_folder
    if [[ -n $target ]]; then analyse "$target" "$fix" "$sarif"; else show_gallery; fi
}

main "$@"
