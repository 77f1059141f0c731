# 6. Any rule will do, and predisposition serves where fixed feedback falls behind.
for net in narrow deep; do
    last=4
    [ $net = deep ] && last=2
    series $net $claims/$net.toml $last
    series $net-fixed $claims/$net.toml $last feedback.mode=fixed synapse.w_max=inf
    expected 6 $claims/$net.toml $net
    differ 6 "$net: predisposition - fixed, test accuracy" test_accuracy $net $net-fixed "interval above 0" '$6 > 0'
    mean 6 "$net: angle of the worst layer" angle_deg $net "$record" 1
    mean 6 "$net, fixed feedback: angle of the worst layer" angle_deg $net-fixed "$record" 1
done
for rule in sgd momentum rmsprop adam; do
    eta=0.01
    case $rule in sgd | momentum) eta=1.0 ;; esac
    series predisposition-$rule $claims/symmetry.toml 1 synapse.rule=$rule synapse.eta=$eta
    mean 6 "predisposition with $rule: angle" angle_deg predisposition-$rule "< 15 degrees for all" '$4 < 15'
    mean 6 "predisposition with $rule: test accuracy" test_accuracy predisposition-$rule "> 0.9 for all" '$3 > 0.9'
done
# The drive of rules without a gain is many times larger at first, and so is what the bound takes: a weaker one.
for rule in sgd momentum; do
    series predisposition-$rule-weak $claims/symmetry.toml 1 synapse.rule=$rule synapse.eta=1.0 synapse.w_max=5.0
    mean 6 "predisposition with $rule, w_max = 5: angle" angle_deg predisposition-$rule-weak "< 15 degrees for all" '$4 < 15'
    mean 6 "predisposition with $rule, w_max = 5: test accuracy" test_accuracy predisposition-$rule-weak \
        "> 0.9 for all" '$3 > 0.9'
done
for net in narrow deep; do
    last=4
    [ $net = deep ] && last=2
    series $net-symmetric $claims/$net.toml $last feedback.mode=symmetric synapse.w_max=inf
    differ 6 "$net: predisposition - symmetric, test accuracy" test_accuracy $net $net-symmetric "$record" 1
done
picture narrow narrow narrow-fixed narrow-symmetric
picture deep deep deep-fixed deep-symmetric
