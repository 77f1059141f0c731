# 5. With a critical period symmetry costs no accuracy.
series critical-period $claims/critical-period.toml 4
expected 5 $claims/critical-period.toml critical-period
differ 5 "critical period - symmetric: test accuracy" test_accuracy critical-period symmetric-bio-adam \
    "interval reaches 0, mean > -0.005" '$7 > 0 && $5 > -0.005'
mean 5 "critical period: angle" angle_deg critical-period "< 10 degrees for all" '$4 < 10'
picture critical-period critical-period symmetric-bio-adam predisposition
differ 5 "constant w_max = 1 - symmetric: test accuracy" test_accuracy predisposition symmetric-bio-adam "$record" 1
