package main

import (
	"strings"
	"unicode"
)

// printable removes from a text what would command a terminal: every control character but the ends of lines and tabs.
// Scripts, targets and gateways write what they like.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}
