# 2. Bio-Adam learns as Adam does, and better than gradient descent where Adam does.
for rule in bio-adam discrete-adam adam sgd; do
    eta=0.01
    [ $rule = sgd ] && eta=1.0
    series symmetric-$rule $claims/rules.toml 4 synapse.rule=$rule synapse.eta=$eta
done
expected 2 rules symmetric-bio-adam
for rule in discrete-adam adam; do
    differ 2 "bio-adam - $rule, test accuracy" test_accuracy symmetric-bio-adam symmetric-$rule \
        "interval within +-0.015" '$6 > -0.015 && $7 < 0.015'
done
differ 2 "digits: discrete-adam - sgd (eta = 1), test accuracy" test_accuracy symmetric-discrete-adam symmetric-sgd \
    "(for the record)" 1
differ 2 "digits: bio-adam - sgd (eta = 1), test accuracy" test_accuracy symmetric-bio-adam symmetric-sgd \
    "(for the record)" 1
