# 2. Bio-Adam learns as Adam does, and better than gradient descent where Adam does.
for rule in bio-adam discrete-adam adam discrete-sgd; do
    eta=0.01
    [ $rule = discrete-sgd ] && eta=1.0
    series symmetric-$rule $claims/rules.toml 4 synapse.rule=$rule synapse.eta=$eta $(solver_of $rule)
done
expected 2 $claims/rules.toml symmetric-bio-adam
for rule in discrete-adam adam; do
    differ 2 "bio-adam - $rule, test accuracy" test_accuracy symmetric-bio-adam symmetric-$rule \
        "interval within +-0.015" '$6 > -0.015 && $7 < 0.015'
done
differ 2 "digits: discrete-adam - discrete-sgd (eta = 1), test accuracy" test_accuracy symmetric-discrete-adam symmetric-discrete-sgd \
    "$record" 1
differ 2 "digits: bio-adam - discrete-sgd (eta = 1), test accuracy" test_accuracy symmetric-bio-adam symmetric-discrete-sgd \
    "$record" 1
# The best of a grid by the mean of seeds 0 to 4: bio-adam and discrete-adam 0.01, 0.03, 0.1, 0.3; discrete-sgd 0.3, 1, 2, 3.
series small-bio-adam $claims/small-start.toml 4 synapse.eta=0.1
series small-discrete-adam $claims/small-start.toml 4 synapse.rule=discrete-adam synapse.eta=0.03
series small-discrete-sgd $claims/small-start.toml 4 synapse.rule=discrete-sgd synapse.eta=1.0
for rule in bio-adam discrete-adam; do
    differ 2 "small start: $rule - discrete-sgd, test accuracy" test_accuracy small-$rule small-discrete-sgd \
        "interval above 0" '$6 > 0'
done
differ 2 "small start: bio-adam - discrete-adam, test accuracy" test_accuracy small-bio-adam small-discrete-adam "$record" 1
expected 2 $claims/small-start.toml small-bio-adam
picture rules symmetric-bio-adam symmetric-adam symmetric-discrete-adam symmetric-discrete-sgd
picture small-start small-bio-adam small-discrete-adam small-discrete-sgd
