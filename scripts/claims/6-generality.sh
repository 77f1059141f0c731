# 6. Any rule will do, and predisposition serves where fixed feedback fails.
for net in bottleneck narrow deep; do
    last=4
    [ $net = deep ] && last=2
    series $net $claims/$net.toml $last
    # Fixed feedback needs no bound; with the same one it is shown that the bound is not what makes the difference.
    series $net-fixed $claims/$net.toml $last feedback.mode=fixed synapse.w_max=inf
    series $net-fixed-bound $claims/$net.toml $last feedback.mode=fixed
    series $net-symmetric $claims/$net.toml $last feedback.mode=symmetric synapse.w_max=inf
    picture $net $net $net-fixed $net-fixed-bound $net-symmetric
    expected 6 $claims/$net.toml $net
done
for fixed in fixed fixed-bound; do
    differ 6 "bottleneck: predisposition - $fixed, test loss" test_loss bottleneck bottleneck-$fixed "interval below 0" '$7 < 0'
done
for series in bottleneck bottleneck-fixed bottleneck-fixed-bound bottleneck-symmetric; do
    mean 6 "$series: test loss" test_loss $series "$record" 1
done
mean 6 "bottleneck: angle of the worst layer" angle_deg bottleneck "$record" 1
mean 6 "bottleneck-fixed: angle of the worst layer" angle_deg bottleneck-fixed "$record" 1
for net in narrow deep; do
    for other in fixed fixed-bound symmetric; do
        differ 6 "$net: predisposition - $other, test accuracy" test_accuracy $net $net-$other "$record" 1
    done
    mean 6 "$net: angle of the worst layer" angle_deg $net "$record" 1
    mean 6 "$net-fixed: angle of the worst layer" angle_deg $net-fixed "$record" 1
done
# What may help where the bound costs accuracy, or makes the signal fade on its way through many layers: synaptic scaling, and
# a bound that loosens (the best of three w_start and two tau_age with seeds 0 and 1 of the bottleneck).
for net in bottleneck deep; do
    last=4 tau_age=400.0 w_start=0.5 result=test_loss
    [ $net = deep ] && last=2 tau_age=71.85 w_start=1.0 result=test_accuracy
    series $net-scaling $claims/$net.toml $last neuron.scaling_tau=10.0
    series $net-critical $claims/$net.toml $last \
        "synapse={ critical_period = { w_start = $w_start, w_end = 20.0, tau_age = $tau_age } }"
    for help in scaling critical; do
        differ 6 "$net-$help - $net: ${result/_/ }" $result $net-$help $net "$record" 1
        differ 6 "$net-$help - $net: angle of the worst layer" angle_deg $net-$help $net "$record" 1
    done
    picture $net-help $net $net-scaling $net-critical $net-symmetric
done

# The drive of rules without a gain and of those without a momentum is noisier, and what the bound takes goes with its
# noise: a weaker bound suits them.
for rule in sgd momentum rmsprop adam; do
    eta=0.01 w_max=1.0
    case $rule in sgd | momentum) eta=1.0 w_max=5.0 ;; esac
    series predisposition-$rule $claims/symmetry.toml 1 synapse.rule=$rule synapse.eta=$eta synapse.w_max=$w_max
    mean 6 "predisposition with $rule, w_max = ${w_max%.0}: angle" angle_deg predisposition-$rule "< 15 degrees for all" '$4 < 15'
    mean 6 "predisposition with $rule, w_max = ${w_max%.0}: test accuracy" test_accuracy predisposition-$rule \
        "> 0.9 for all" '$3 > 0.9'
done
for rule in sgd momentum; do
    series predisposition-$rule-strong $claims/symmetry.toml 1 synapse.rule=$rule synapse.eta=1.0
    mean 6 "predisposition with $rule, w_max = 1: angle" angle_deg predisposition-$rule-strong "$record" 1
    mean 6 "predisposition with $rule, w_max = 1: test accuracy" test_accuracy predisposition-$rule-strong "$record" 1
done
