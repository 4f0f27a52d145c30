package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"
)

// isTerminal reports whether somebody sits at the other end.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// chooseScenario lets somebody at a terminal choose one of the names by its number or its text.
func chooseScenario(in io.Reader, out io.Writer, names []string) (string, error) {
	_, _ = fmt.Fprintln(out, "The file has several scenarios:")
	for i, name := range names {
		_, _ = fmt.Fprintf(out, "  %d  %s\n", i+1, name)
	}
	lines := bufio.NewScanner(in)
	for {
		_, _ = fmt.Fprintf(out, "Which one? [1-%d] ", len(names))
		if !lines.Scan() {
			return "", errors.New("--scenario: none was chosen")
		}
		answer := strings.TrimSpace(lines.Text())
		if i, err := strconv.Atoi(answer); err == nil && i >= 1 && i <= len(names) {
			return names[i-1], nil
		}
		if slices.Contains(names, answer) {
			return answer, nil
		}
	}
}
