package main

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/deploy"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// templates is what init puts into a folder, beside the monitoring.
//
//go:embed all:init
var templates embed.FS

func newInitCommand(std streams) *cobra.Command {
	return &cobra.Command{
		Use:   "init [DIR]",
		Short: "Put an example scenario, monitoring and a CI workflow into a folder",
		Long: "Put into a folder, by default this one: a scenario to begin with, a compose file with Prometheus and Grafana and their\n" +
			"dashboards, an example of an environment file, and a workflow for GitHub. Nothing that is there already is changed.",
		Example: "  loadpilot init\n  loadpilot init load-tests && cd load-tests && loadpilot run scenarios/example.py --demo",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				dir = args[0]
			}
			return scaffold(dir, std.out)
		},
	}
}

// scaffold puts the files that are not there into a folder, which it makes, and tells about each file.
func scaffold(dir string, out io.Writer) error {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as any folder of a project
		return err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	own, err := fs.Sub(templates, "init")
	if err != nil {
		return err
	}
	for _, files := range []fs.FS{own, deploy.Monitoring} {
		err := fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, name)
			if err != nil {
				return err
			}
			what := "created"
			if err := create(root, name, text); errors.Is(err, fs.ErrExist) {
				what = "kept   "
			} else if err != nil {
				return err
			}
			_, err = fmt.Fprintln(out, what, terminal.Printable(filepath.Join(dir, filepath.FromSlash(name))))
			return err
		})
		if err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(out, "\nTry it: loadpilot run %s --demo\n", terminal.Printable(filepath.Join(dir, "scenarios", "example.py")))
	return err
}

// create writes a file that must not exist, and its folders. It leaves none that is not whole.
func create(root *os.Root, name string, text []byte) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}
