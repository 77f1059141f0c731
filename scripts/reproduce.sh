#!/usr/bin/env bash
# Checks the claims of docs/results.md: runs every experiment of configs/claims over its seeds and prints a table
# claim / expected / measured / holds, which it also writes as claims.md and claims.csv.
#
#   scripts/reproduce.sh [OUTPUT_DIR]            digits, about a minute on two processors
#   scripts/reproduce.sh --mnist [OUTPUT_DIR]    MNIST and Fashion-MNIST too, where scripts/fetch-datasets.sh put them
#
# SYNAPTODE names the binary; without it, `cargo run --release` builds and runs it. Finished runs are not run again. The
# exit status is 1 if a claim does not hold or could not be measured.
set -uo pipefail
cd "$(dirname "$0")/.."

mnist=no
output=output/claims
for argument in "$@"; do
    case $argument in
        --mnist) mnist=yes ;;
        -*) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
        *) output=$argument ;;
    esac
done
mkdir -p "$output" || exit 2
if [ -n "${SYNAPTODE:-}" ]; then synaptode=("$SYNAPTODE"); else
    cargo build --release --quiet || exit 2
    synaptode=(cargo run --release --quiet --)
fi
claims=configs/claims
record="(for the record)"
rows=$output/rows.tsv
: >"$rows"

# series NAME CONFIG LAST_SEED [KEY=VALUE...]: one variation over the seeds 0 to LAST_SEED, into OUTPUT_DIR/NAME.
series() {
    local name=$1 config=$2 last=$3 sets=() set
    shift 3
    for set in "$@"; do sets+=(--set "$set"); done
    echo "== $name"
    "${synaptode[@]}" compare "$config" --vary "seed=0..$last" --set "name=$name" --set 'expect={}' "${sets[@]}" \
        --output "$output/$name" 2>&1 | grep --line-buffered -E '^\[|^error:' | tee "$output/$name.log"
}

# solver_of RULE: method "exponential", which the configurations ask for, is for equations; discrete rules step by themselves.
solver_of() { case $1 in discrete-*) echo 'solver={}' ;; esac }

# verified NUMBER CONFIG NAME: runs a configuration as it is, unless that is done; a row on whether its [expect] holds.
verified() {
    local log=$output/$3.log status
    echo "== $3"
    grep -qs '"status": "complete"' "$output/$3/manifest.json" && [ -s "$log" ] ||
        "${synaptode[@]}" run "$2" --verify --force --output "$output/$3" 2>&1 | grep --line-buffered -E '^(holds|FAILED|error)' |
            tee "$log"
    grep -q '^holds' "$log" && ! grep -qE '^(FAILED|error)' "$log"
    status=$?
    claim "$1" "run $2 --verify" "$(sed -nE 's/^(holds |FAILED) (.*): .*/\2/p' "$log" | paste -sd, | sed 's/,/, /g')" \
        "$(sed -nE 's/^(holds |FAILED) .*: //p' "$log" | paste -sd, | sed 's/,/, /g')" $status
}

# picture NAME SERIES...: learning curves, symmetry and final accuracy of several series in one, from their files.
picture() {
    local name=$1 runs=() one
    shift
    for one in "$@"; do runs+=("$output/$one"/seed=*); done
    "${synaptode[@]}" compare "${runs[@]}" --output "$output/compare-$name" >"$output/compare-$name.log" 2>&1 ||
        echo "no figures of $name: see $output/compare-$name.log"
}

# claim NUMBER TEXT EXPECTED MEASURED STATUS: a row of the table; a status of 0 is a claim that holds. What is measured for
# the record claims nothing.
claim() {
    local holds=yes
    [ "$5" = 0 ] || holds=NO
    [ "$3" != "$record" ] || holds=-
    [ -n "$4" ] || holds='not measured'
    printf '%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" "$holds" >>"$rows"
}

# test_of CONDITION VALUE...: whether an awk condition on the fields $1, $2, ... holds.
test_of() { local condition=$1; shift; awk "NF == 0 { exit 1 } { exit !($condition) }" <<<"$*"; }

# paired RESULT FIRST [SECOND]: see scripts/claims/paired.awk.
paired() {
    local files=("$output/$2/summary.csv")
    [ -z "${3:-}" ] || files+=("$output/$3/summary.csv")
    [ -f "${files[0]}" ] && [ -f "${files[-1]}" ] || return 1
    awk -f scripts/claims/paired.awk -v "result=$1" "${files[@]}" 2>/dev/null
}

# differ NUMBER TEXT RESULT FIRST SECOND EXPECTED CONDITION: a row on a paired difference; in the condition $5 is the mean
# difference, $6 to $7 its interval.
differ() {
    local found status
    found=$(paired "$3" "$4" "$5")
    test_of "$7" "$found"
    status=$?
    claim "$1" "$2" "$6" "$(awk 'NF { printf "%+.4f (%+.4f to %+.4f), n = %d", $5, $6, $7, $1 }' <<<"$found")" $status
}

# mean NUMBER TEXT RESULT NAME EXPECTED CONDITION: a row on a mean over seeds; in the condition $2 is the mean, $3 and $4
# the least and the largest.
mean() {
    local found status
    found=$(paired "$3" "$4")
    test_of "$6" "$found"
    status=$?
    claim "$1" "$2" "$5" "$(awk 'NF { printf "%.4g (%.4g to %.4g), n = %d", $2, $3, $4, $1 }' <<<"$found")" $status
}

# expected NUMBER CONFIG NAME: a row on whether all seeds lie within the [expect] of a configuration.
expected() {
    local found status
    found=$(awk -f scripts/claims/expect.awk "$2" "$output/$3/summary.csv" 2>/dev/null)
    status=$?
    [ -n "$found" ] || { [ $status = 0 ] && found='all within'; }
    claim "$1" "[expect] of $2" "every seed within" "$(tr '\n' ' ' <<<"$found" | sed 's/ *$//')" $status
}

# at COLUMN PRESENTATION NAME: mean over seeds of a column of metrics.csv at the last row up to a presentation.
at() {
    awk -F, -v column="$1" -v upto="$2" '
        FNR == 1 { files++; for (i = 1; i <= NF; i++) place[$i] = i; next }
        $(place["presentation"]) <= upto && $(place[column]) != "" { last[files] = $(place[column]) }
        END { for (f = 1; f <= files; f++) sum += last[f]; if (files) printf "%.1f", sum / files }
    ' "$output/$3"/seed=*/metrics.csv 2>/dev/null
}

for part in scripts/claims/[0-9]*.sh; do . "$part"; done

awk -F'\t' -f scripts/claims/table.awk "$rows" >"$output/claims.md"
awk -F'\t' 'BEGIN { print "number,claim,expected,measured,holds" }
    { for (i = 1; i <= NF; i++) { gsub(/"/, "\"\"", $i); printf "%s\"%s\"", (i > 1 ? "," : ""), $i } print "" }' \
    "$rows" >"$output/claims.csv"
echo
cat "$output/claims.md"
echo
echo "wrote $output with claims.md and claims.csv"
awk -F'\t' '$5 != "yes" && $5 != "-" { failed = 1 } END { exit failed || !NR }' "$rows"
