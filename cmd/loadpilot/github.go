package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// summaryFile is the file of a step of GitHub Actions that its page shows, in Markdown; empty elsewhere.
func summaryFile() string { return os.Getenv("GITHUB_STEP_SUMMARY") }

// appendSummary adds to the summary of the step, if this is one.
func appendSummary(write func(io.Writer) error) error {
	name := summaryFile()
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644) //nolint:gosec // of the runner, which reads it as somebody else
	if err != nil {
		return fmt.Errorf("GITHUB_STEP_SUMMARY: %w", err)
	}
	return errors.Join(write(file), file.Close())
}

// writeMarkdown writes what a run came to.
func writeMarkdown(w io.Writer, r load.Result) error {
	var b strings.Builder
	outcome := "passed"
	switch {
	case r.Trust.Level == load.TrustUntrusted:
		outcome = "untrusted"
	case !r.Verdict.Passed:
		outcome = "failed"
	}
	fmt.Fprintf(&b, "## LoadPilot: %s %s\n\n", markdown(r.Scenario), outcome)
	fmt.Fprintf(&b, "Run %s against %s: %s iterations in %ss, %s/s of %s/s.\n\n", markdown(r.RunID), markdown(r.TargetURL),
		terminal.Count(r.Ledger.Started), terminal.Number(r.DurationSecs), terminal.Number(r.RPSActual), terminal.Number(r.RPSTarget))
	ms := figures(r.Response.Count > 0)
	b.WriteString("| Requests | Failed | p50 | p95 | p99 | max |\n| ---: | ---: | ---: | ---: | ---: | ---: |\n")
	fmt.Fprintf(&b, "| %s | %s%% | %s | %s | %s | %s |\n", terminal.Count(r.RequestsTotal), terminal.Number(r.ErrorRatePct),
		ms(r.P50Ms), ms(r.P95Ms), ms(r.P99Ms), ms(r.MaxMs))
	if len(r.Verdict.Thresholds) > 0 {
		b.WriteString("\n| Threshold | |\n| --- | --- |\n")
	}
	for _, t := range r.Verdict.Thresholds {
		mark := "✓"
		if !t.Passed {
			mark = "✗"
		}
		fmt.Fprintf(&b, "| %s %s | %s |\n", mark, markdown(thresholdName(t.Key)), markdown(thresholdText(r, t)))
	}
	writeMarkdownList(&b, "Failed", r.Verdict.Reasons)
	if r.Trust.Level != load.TrustTrusted {
		writeMarkdownList(&b, "Trust: "+string(r.Trust.Level), r.Trust.Reasons)
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

func writeMarkdownList(b *strings.Builder, title string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(b, "\n**%s**\n\n", markdown(title))
	for _, item := range items {
		fmt.Fprintf(b, "* %s\n", markdown(item))
	}
}

// markdownSpecial escapes what means something in Markdown, HTML in it, or a table.
var markdownSpecial = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;", "|", `\|`, "#", `\#`, "~", `\~`, "!", `\!`,
)

// markdown is a text that may come from anywhere, in one line.
func markdown(text string) string { return markdownSpecial.Replace(cell(text)) }
