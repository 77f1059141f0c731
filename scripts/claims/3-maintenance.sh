# 3. Predisposition establishes symmetry and maintains it under learning, noise and a change of the task.
series maintenance $claims/maintenance.toml 2
series undisturbed $claims/maintenance.toml 2 'events=[]'
angle() { at l2.angle_deg "$2" "$1"; }
start=$(angle maintenance 0)
[ "$start" ] || start=none
before=$(angle maintenance 11016)
test_of '$1 > 75 && $2 < 8' "$start $before"
claim 3 "establishes: angle at the start, after 7.7 epochs" "> 75, < 8 degrees" "$start, $before" $?
noise=$(angle maintenance 11975); after=$(angle maintenance 16766)
test_of '$1 > 15 && $2 < 10' "$noise $after"
claim 3 "after noise on B: angle 0.3 epochs, 3.7 epochs later" "> 15, < 10 degrees" "$noise, $after" $?
noise=$(angle maintenance 17723); after=$(angle maintenance 22514)
test_of '$1 > 15 && $2 < 10' "$noise $after"
claim 3 "after noise on W: angle 0.3 epochs, 3.7 epochs later" "> 15, < 10 degrees" "$noise, $after" $?
permuted=$(angle maintenance 23471); after=$(angle maintenance 28740)
test_of '$1 < 15 && $2 < 10' "$permuted $after"
claim 3 "after labels are permuted: angle 0.3 epochs, 4 epochs later" "< 15, < 10 degrees" "$permuted, $after" $?
mean 3 "under 20 epochs without a disturbance: angle at the end" angle_deg undisturbed "< 6 degrees for all" '$4 < 6'
expected 3 maintenance maintenance
