package terminal

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Column is the head of a column. Numbers stand at its right.
type Column struct {
	Title string
	Right bool
}

// Table draws rows below a heavy head. Cells may hold colours.
func Table(columns []Column, rows [][]string) string {
	widths := make([]int, len(columns))
	for i, c := range columns {
		widths[i] = ansi.StringWidth(c.Title)
	}
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], ansi.StringWidth(cell))
		}
	}
	var b strings.Builder
	rule := func(left, line, cross, right string) {
		b.WriteString(left)
		for i, width := range widths {
			if i > 0 {
				b.WriteString(cross)
			}
			b.WriteString(strings.Repeat(line, width+2))
		}
		b.WriteString(right + "\n")
	}
	line := func(edge string, cell func(i int) string) {
		for i, width := range widths {
			text := cell(i)
			if columns[i].Right {
				text = strings.Repeat(" ", width-ansi.StringWidth(text)) + text
			}
			b.WriteString(edge + " " + Pad(text, width) + " ")
		}
		b.WriteString(edge + "\n")
	}
	rule("┏", "━", "┳", "┓")
	line("┃", func(i int) string { return columns[i].Title })
	rule("┡", "━", "╇", "┩")
	for _, row := range rows {
		line("│", func(i int) string { return row[i] })
	}
	rule("└", "─", "┴", "┘")
	return b.String()
}
