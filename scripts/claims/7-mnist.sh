# 2 and 3 on larger sets, on demand: their configurations are those of the repository, with two seeds.
for set in mnist fashion-mnist; do
    [ $mnist = yes ] || continue
    [ -d data/$set ] || { echo "== $set is not there: scripts/fetch-datasets.sh brings it"; continue; }
    series $set configs/$set.toml 1
    series $set-adam configs/$set.toml 1 feedback.mode=symmetric synapse.w_max=inf synapse.rule=discrete-adam
    expected 7 configs/$set.toml $set
    mean 7 "$set: test accuracy" test_accuracy $set "$record" 1
    mean 7 "$set: angle" angle_deg $set "$record" 1
    differ 7 "$set: predisposition - discrete-adam, test accuracy" test_accuracy $set $set-adam "mean > -0.02" '$5 > -0.02'
done
