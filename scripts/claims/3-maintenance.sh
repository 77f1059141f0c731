# 3. Predisposition establishes symmetry and maintains it under learning, noise and a change of the task.
series maintenance $claims/maintenance.toml 2

# angles TEXT EXPECTED CONDITION PRESENTATION...: a row on the mean angle at some presentations.
angles() {
    local text=$1 range=$2 condition=$3 found='' presentation status
    shift 3
    for presentation in "$@"; do found="$found $(at l2.angle_deg "$presentation" maintenance)"; done
    test_of "$condition" "$found"
    status=$?
    claim 3 "$text" "$range" "$(awk 'NF { $1 = $1; gsub(/ /, ", "); print $0 " degrees" }' <<<"$found")" $status
}
angles "establishes symmetry: angle at the start, after 7.7 epochs" "> 75, < 8" '$1 > 75 && $2 < 8' 0 11017
for noise in "B 11017 11496 16765" "W 16765 17244 22513"; do
    set -- $noise
    angles "noise on $1: angle before, just and 3.7 epochs after" "rises > 10, then falls by a third" \
        '$2 > $1 + 10 && $3 < $2 * 2 / 3' "$2" "$3" "$4"
done
angles "permuted labels: angle before, 1/3 and 4 epochs after" "rises < 5, then falls below the first" \
    '$2 < $1 + 5 && $3 < $1' 22513 23471 28740
expected 3 $claims/maintenance.toml maintenance
picture maintenance maintenance
