# Whether the results of all seeds lie within the [expect] of a configuration.
#   awk -f expect.awk config.toml summary.csv
# prints a line for each that does not, and ends with status 1 if there is one.
FNR == 1 { file++ }
file == 1 {
    if ($0 ~ /^\[/) within = ($0 == "[expect]")
    if (within && match($0, / = \{/)) {
        name = substr($0, 1, RSTART - 1); gsub(/"/, "", name)
        names[name]
        if (match($0, /min = [-+.0-9e]+/)) low[name] = substr($0, RSTART + 6, RLENGTH - 6) + 0
        if (match($0, /max = [-+.0-9e]+/)) high[name] = substr($0, RSTART + 6, RLENGTH - 6) + 0
    }
    next
}
FNR == 1 { n = split($0, header, ","); for (i = 1; i <= n; i++) column[header[i]] = i; next }
{ n = split($0, cell, ",")
  for (name in names) {
      x = cell[column[name]]; checked++
      if (!(name in column) || x == "" || (name in low && x + 0 < low[name]) || (name in high && x + 0 > high[name])) {
          print name " = " x " (" cell[1] ")"; failed = 1
      }
  } }
END { exit failed || !checked }
