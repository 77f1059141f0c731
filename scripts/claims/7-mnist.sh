# 2 and 3 on larger sets, on demand: the configurations of the repository as they are, and rules side by side on one pass
# through a third of the samples.
for set in mnist fashion-mnist; do
    [ $mnist = yes ] || continue
    [ -d data/$set ] || { echo "== $set is not there: scripts/fetch-datasets.sh brings it"; continue; }
    verified 7 configs/$set.toml $set
    third="data.train=20000 stream.epochs=1"
    true_gradient="feedback.mode=symmetric synapse.w_max=inf"
    series $set-predisposition configs/$set.toml 2 $third
    for rule in bio-adam discrete-adam; do
        series $set-$rule configs/$set.toml 2 $third $true_gradient synapse.rule=$rule $(solver_of $rule)
    done
    differ 7 "$set: bio-adam - discrete-adam, test accuracy" test_accuracy $set-bio-adam $set-discrete-adam \
        "interval within +-0.02" '$6 > -0.02 && $7 < 0.02'
    differ 7 "$set: predisposition - symmetric, test accuracy" test_accuracy $set-predisposition $set-bio-adam \
        "interval within +-0.02" '$6 > -0.02 && $7 < 0.02'
    mean 7 "$set: angle with predisposition" angle_deg $set-predisposition "$record" 1
    for rule in predisposition bio-adam discrete-adam; do
        mean 7 "$set, $rule: test accuracy" test_accuracy $set-$rule "$record" 1
    done
    picture $set $set-predisposition $set-bio-adam $set-discrete-adam
done
