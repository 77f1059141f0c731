# 6. Any rule will do, and depth is no obstacle where it is one to fixed feedback.
series deep $claims/deep.toml 2
series deep-fixed $claims/deep.toml 2 feedback.mode=fixed synapse.w_max=inf
series deep-symmetric $claims/deep.toml 2 feedback.mode=symmetric synapse.w_max=inf
expected 6 $claims/deep.toml deep
differ 6 "deep: predisposition - fixed, test accuracy" test_accuracy deep deep-fixed "interval above 0" '$6 > 0'
differ 6 "deep: symmetric - fixed, test accuracy" test_accuracy deep-symmetric deep-fixed "interval above 0" '$6 > 0'
differ 6 "deep: predisposition - symmetric, test accuracy" test_accuracy deep deep-symmetric \
    "mean > -0.03" '$5 > -0.03'
mean 6 "deep: angle of the worst layer" angle_deg deep "$record" 1
mean 6 "deep, fixed feedback: angle of the worst layer" angle_deg deep-fixed "$record" 1
series predisposition-sgd $claims/symmetry.toml 2 synapse.rule=sgd synapse.eta=1.0
series predisposition-momentum $claims/symmetry.toml 2 synapse.rule=momentum synapse.eta=1.0
series predisposition-rmsprop $claims/symmetry.toml 2 synapse.rule=rmsprop
series predisposition-adam $claims/symmetry.toml 2 synapse.rule=adam
for rule in sgd momentum rmsprop adam; do
    mean 6 "predisposition with $rule: angle" angle_deg predisposition-$rule "< 15 degrees for all" '$4 < 15'
    mean 6 "predisposition with $rule: test accuracy" test_accuracy predisposition-$rule "> 0.9 for all" '$3 > 0.9'
done
series deep-unscaled $claims/deep.toml 2 neuron={}
differ 6 "deep: with - without synaptic scaling, test accuracy" test_accuracy deep deep-unscaled "$record" 1
picture deep deep deep-fixed deep-symmetric deep-unscaled
