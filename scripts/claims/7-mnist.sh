# 2 and 3 on larger sets, on demand: the configurations of the repository as they are, and rules side by side for one epoch.
for set in mnist fashion-mnist; do
    [ $mnist = yes ] || continue
    [ -d data/$set ] || { echo "== $set is not there: scripts/fetch-datasets.sh brings it"; continue; }
    verified 7 configs/$set.toml $set
    series $set-predisposition configs/$set.toml 2 stream.epochs=1
    series $set-bio-adam configs/$set.toml 2 stream.epochs=1 feedback.mode=symmetric synapse.w_max=inf
    series $set-discrete-adam configs/$set.toml 2 stream.epochs=1 feedback.mode=symmetric synapse.w_max=inf \
        synapse.rule=discrete-adam 'solver={}'
    differ 7 "$set, one epoch: bio-adam - discrete-adam, test accuracy" test_accuracy $set-bio-adam $set-discrete-adam \
        "interval within +-0.015" '$6 > -0.015 && $7 < 0.015'
    differ 7 "$set, one epoch: predisposition - symmetric, test accuracy" test_accuracy $set-predisposition $set-bio-adam \
        "interval within +-0.015" '$6 > -0.015 && $7 < 0.015'
    mean 7 "$set, one epoch: angle with predisposition" angle_deg $set-predisposition "< 20 degrees for all" '$4 < 20'
    mean 7 "$set, one epoch: test accuracy with predisposition" test_accuracy $set-predisposition "$record" 1
    picture $set $set-predisposition $set-bio-adam $set-discrete-adam
done
