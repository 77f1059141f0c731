# The table of claims as Markdown, its columns as wide as their cells.
{ for (i = 1; i <= 5; i++) { gsub(/\|/, "\\|", $i); cell[NR, i] = $i } }
END {
    split("#,claim,expected,measured,holds", header, ",")
    for (i = 1; i <= 5; i++) { width[i] = length(header[i])
        for (r = 1; r <= NR; r++) if (length(cell[r, i]) > width[i]) width[i] = length(cell[r, i]) }
    for (r = -1; r <= NR; r++) { if (r == 0) continue
        line = "|"
        for (i = 1; i <= 5; i++) line = line sprintf(" %-" width[i] "s |", r < 0 ? header[i] : cell[r, i])
        print line
        if (r < 0) { line = "|"; for (i = 1; i <= 5; i++) { dash = sprintf("%" width[i] "s", ""); gsub(/ /, "-", dash); line = line "-" dash "-|" } print line }
    }
}
