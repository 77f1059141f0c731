# Mean of a result over seeds in one or two summary.csv files of `synaptode compare`, and their paired difference.
#   awk -f paired.awk -v result=test_accuracy first/summary.csv [second/summary.csv]
# prints: n mean least largest [difference low high], difference = first - second with its 95 % interval (Student's t).
BEGIN { FS = ","; t[1] = 12.706; t[2] = 4.303; t[3] = 3.182; t[4] = 2.776; t[5] = 2.571; t[6] = 2.447; t[7] = 2.365
    t[8] = 2.306; t[9] = 2.262 }
FNR == 1 { file++; for (i = 1; i <= NF; i++) column[file, $i] = i; next }
$(column[file, "status"]) == "complete" && (file, result) in column {
    seed = $(column[file, "seed"]); x = $(column[file, result])
    value[file, seed] = x; count[file]++; sum[file] += x
    if (count[file] == 1 || x < least[file]) least[file] = x
    if (count[file] == 1 || x > largest[file]) largest[file] = x
    seen[seed]
}
END {
    if (!count[1]) exit 1
    line = sprintf("%d %.6g %.6g %.6g", count[1], sum[1] / count[1], least[1], largest[1])
    if (file > 1) {
        for (s in seen) if ((1, s) in value && (2, s) in value) { d = value[1, s] - value[2, s]; n++; D += d; Q += d * d }
        # Without pairs there is nothing to say, and a mean alone would pass for a difference.
        if (n < 2 || !(n - 1 in t)) exit 1
        D /= n; variance = (Q - n * D * D) / (n - 1); if (variance < 0) variance = 0
        half = t[n - 1] * sqrt(variance / n)
        line = line sprintf(" %.6g %.6g %.6g", D, D - half, D + half)
    }
    print line
}
