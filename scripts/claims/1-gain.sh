# 1. rho, integrated by its own equation, is 1/sqrt(v).
series gain $claims/gain.toml 1
error=$(awk -f scripts/claims/gain.awk -v tau_rho=100 -v epsilon=1e-3 $claims/gain.csv "$output/gain/seed=0/traces.csv")
test_of '$1 < 1e-6' "$error"
status=$?
claim 1 "rho by its own ODE = 1/sqrt(v): largest relative error" "< 1e-6" \
    "$(awk 'NF { printf "%s in %d values, rho up to %.4g", $1, $2, $3 }' <<<"$error")" $status
expected 1 $claims/gain.toml gain
