package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/loadpilot/loadpilot/shared/terminal"
)

// chooseScenario lets somebody at a terminal choose one of the names by its number or its text.
func chooseScenario(ctx context.Context, in io.Reader, out io.Writer, names []string) (string, error) {
	_, _ = fmt.Fprintln(out, "The file has several scenarios:")
	for i, name := range names {
		_, _ = fmt.Fprintf(out, "  %d  %s\n", i+1, terminal.Printable(name))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	answers := readLines(ctx, in)
	for {
		_, _ = fmt.Fprintf(out, "Which one? [1-%d] ", len(names))
		var answer string
		select {
		case line, ok := <-answers:
			if !ok {
				return "", errors.New("--scenario: none was chosen")
			}
			answer = strings.TrimSpace(line)
		case <-ctx.Done():
			_, _ = fmt.Fprintln(out)
			return "", ctx.Err()
		}
		if i, err := strconv.Atoi(answer); err == nil && i >= 1 && i <= len(names) {
			return names[i-1], nil
		}
		if slices.Contains(names, answer) {
			return answer, nil
		}
	}
}

// readLines hands over the lines of the input until ctx ends. A read cannot be called back: the goroutine that waits in one
// then stays there until the process ends.
func readLines(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(in); scanner.Scan(); {
			select {
			case lines <- scanner.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}
