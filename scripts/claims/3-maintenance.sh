# 3. Predisposition establishes symmetry and maintains it under learning, noise and a change of the task.
series maintenance $claims/maintenance.toml 2

# angles TEXT EXPECTED CONDITION PRESENTATION...: a row on the mean angle at some presentations.
angles() {
    local text=$1 range=$2 condition=$3 found='' presentation
    shift 3
    for presentation in "$@"; do found="$found $(at l2.angle_deg "$presentation" maintenance)"; done
    test_of "$condition" "$found"
    claim 3 "$text" "$range degrees" "$(awk 'NF { $1 = $1; gsub(/ /, ", "); print }' <<<"$found")" $?
}
angles "establishes symmetry: angle at the start, after 7.7 epochs" "> 75, < 8" '$1 > 75 && $2 < 8' 0 11017
angles "noise on B: angle before, just and 3.7 epochs after" "rises by > 10, back < 15" \
    '$2 > $1 + 10 && $3 < 15' 11017 11496 16765
angles "noise on W: angle before, just and 3.7 epochs after" "rises by > 10, back < 15" \
    '$2 > $1 + 10 && $3 < 15' 16765 17244 22513
angles "permuted labels: angle before, 1/3 and 4 epochs after" "never > 15" \
    '$1 < 15 && $2 < 15 && $3 < 15' 22513 23471 28740
expected 3 $claims/maintenance.toml maintenance
picture maintenance maintenance
