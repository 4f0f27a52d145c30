package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/apitest/route"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

func (c commands) newList() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the routes that can be loaded",
		Args:  cobra.NoArgs,
	}
	examples(cmd, "--target http://127.0.0.1:8000", "--spec openapi.yaml --tag users --json")
	var filter route.Filter
	flags := cmd.Flags()
	where := c.targetFlags(flags)
	flags.StringSliceVar(&filter.Tags, "tag", nil, "only routes with one of these tags")
	flags.StringSliceVar(&filter.Methods, "method", nil, "only these methods")
	flags.StringVar(&filter.Text, "filter", "", "only routes that have this `TEXT` in path, summary or operation id")
	asJSON := flags.Bool("json", false, "print the routes as JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		all, err := where.apply(cmd).Routes(cmd.Context())
		if err != nil {
			return exit(cmd, err)
		}
		for _, warning := range all.Warnings {
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), sentence(warning))
		}
		shown := all.Filter(filter)
		if *asJSON {
			return writeJSON(cmd.OutOrStdout(), shown)
		}
		return writeRoutes(cmd.OutOrStdout(), shown, len(all.Routes))
	}
	return cmd
}

// verbs are the colours of methods.
var verbs = map[string]lipgloss.Color{"GET": "4", "POST": "2", "PUT": "3", "PATCH": "5", "DELETE": "1"}

// writeRoutes writes the routes that are left of those that were discovered, as a table.
func writeRoutes(w io.Writer, set route.Set, discovered int) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Discovered %s", counted(int64(discovered), "route"))
	if len(set.Routes) < discovered {
		fmt.Fprintf(&b, ", of which %s shown", isAre(len(set.Routes)))
	}
	b.WriteByte('\n')
	if len(set.Routes) > 0 {
		b.WriteString(routeTable(set.Routes, lipgloss.NewRenderer(w)))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func isAre(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

func routeTable(routes []route.Route, r *lipgloss.Renderer) string {
	params := slices.ContainsFunc(routes, func(r route.Route) bool { return len(r.Params) > 0 })
	columns := []terminal.Column{{Title: "METHOD"}, {Title: "PATH"}, {Title: "AUTH"}}
	if params {
		columns = append(columns, terminal.Column{Title: "PARAMS"})
	}
	columns = append(columns, terminal.Column{Title: "TAGS"})
	rows := make([][]string, 0, len(routes))
	for _, route := range routes {
		method, auth := terminal.Printable(route.Method), "no"
		if colour, ok := verbs[method]; ok {
			method = r.NewStyle().Foreground(colour).Render(method)
		}
		if route.Auth {
			auth = "yes"
		}
		row := []string{method, cell(route.Path), auth}
		if params {
			row = append(row, cell(strings.Join(route.Params, ", ")))
		}
		rows = append(rows, append(row, cell(strings.Join(route.Tags, ", "))))
	}
	return terminal.Table(columns, rows)
}

// cell fits a text that comes from anywhere into one line.
func cell(text string) string {
	return strings.Join(strings.Fields(terminal.Printable(text)), " ")
}

// writeJSON writes a value for programs, and for people who look at it.
func writeJSON(w io.Writer, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	raw, err = terminal.Indent(raw)
	if err != nil {
		return err
	}
	_, err = w.Write(raw)
	return err
}
