# 4. No separate phase, and nothing but the two activities.
series predisposition $claims/symmetry.toml 4
series own-traces $claims/symmetry.toml 4 feedback.traces=own feedback.m0=0.05 feedback.rho0=30.0
series weight-mirror $claims/symmetry.toml 2 feedback.mode=weight-mirror synapse.w_max=inf
expected 4 $claims/symmetry.toml predisposition
differ 4 "own traces, started apart - shared traces: angle" angle_deg own-traces predisposition \
    "interval within +-2 degrees" '$6 > -2 && $7 < 2'
differ 4 "own - shared traces: test accuracy" test_accuracy own-traces predisposition \
    "interval within +-0.015" '$6 > -0.015 && $7 < 0.015'
mean 4 "weight-mirror (phases): angle" angle_deg weight-mirror "$record" 1
mean 4 "weight-mirror (phases): test accuracy" test_accuracy weight-mirror "$record" 1
time=$(awk -F, 'END { print $1 }' "$output/weight-mirror/seed=0/metrics.csv" 2>/dev/null)
claim 4 "weight-mirror: simulated time, of which the stream is 1437 s" "$record" "${time:+$time s}" 0
picture traces predisposition own-traces weight-mirror
