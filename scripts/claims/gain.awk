# Largest relative error of rho against its closed form, over all rows of traces.csv and all its synapses.
#   awk -f gain.awk -v tau_rho=100 -v epsilon=1e-3 gain.csv traces.csv
# gain.csv: time_s,g, constant piece by piece; a column sN.g of the traces is a fixed multiple of it, which the first row
# tells. v relaxes exponentially on each piece, from v(0) = 1/rho(0)^2. Nothing here is taken from the program's equations.
BEGIN { FS = "," }
FNR == 1 && NR != 1 { for (i = 1; i <= NF; i++) column[$i] = i
    for (s = 0; ("s" s ".rho") in column; s++) synapses++
    next }
FNR == 1 { next }
NR == FNR { if ($1 > last && g[pieces] == $2) { end[pieces] = $1 } else { g[++pieces] = $2; end[pieces] = start[pieces] = $1 }
    last = $1; next }
function v_at(s, t,    k, v, v1, length_) {
    v = v0[s]
    for (k = 1; k <= pieces && start[k] < t; k++) {
        length_ = (t < end[k] ? t : end[k]) - start[k]
        v1 = (scale[s] * g[k])^2 + epsilon^2
        v = v1 + (v - v1) * exp(-length_ / tau_rho)
    }
    return v
}
{ for (s = 0; s < synapses; s++) {
      rho = $(column["s" s ".rho"])
      if (!(s in v0)) { v0[s] = 1 / rho^2; scale[s] = $(column["s" s ".g"]) / g[1] }
      error = rho * sqrt(v_at(s, $1)) - 1
      if (error < 0) error = -error
      if (error > worst) worst = error
      if (rho > top) top = rho
      rows++
      final[s] = 1 / sqrt(v_at(s, $1))
  } }
END { if (!rows) exit 1
    if (verbose) for (s = 0; s < synapses; s++) printf "s%d.rho %.12g\n", s, final[s]
    printf "%.3g %d %.6g\n", worst, rows, top }
