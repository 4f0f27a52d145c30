package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/apitest/archive"
	"github.com/loadpilot/loadpilot/apitest/internal/auth"
	"github.com/loadpilot/loadpilot/apitest/internal/service"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/redisstore"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// Config is the program that the commands belong to.
type Config struct {
	Use      string // the command's name
	Aliases  []string
	Service  service.Service // the API that is loaded unless flags say otherwise
	RedisURL string          // default of --redis-url
	StateDir string          // where results are kept; "": in the user's state folder
}

// commands makes the commands of a program.
type commands struct{ Config }

// New returns the command with all of its subcommands.
func New(config Config) *cobra.Command {
	c := commands{config}
	group := &cobra.Command{
		Use:     c.Use,
		Aliases: c.Aliases,
		Short:   "Load one route of an API with requests of a few clients",
		Long: "Sends requests to one route of an API, each client one after the other, and tells how long the answers took and what\n" +
			"they were. Results are kept for a day in Redis, if there is one, and in the user's state folder.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	examples(group, "list --target http://127.0.0.1:8000", "run /health --target http://127.0.0.1:8000 --requests 500 --clients 10", "recent")
	group.AddCommand(c.newList(), c.newRun(), c.newRecent(), c.newResults(), c.newCompare(), c.newLogin())
	for _, cmd := range append(group.Commands(), group) {
		cmd.SilenceUsage = true
	}
	return group
}

// ExitCode returns the exit code for what a command returned.
func ExitCode(err error) int {
	if err == nil {
		return load.ExitPassed
	}
	if exit, ok := errors.AsType[*run.ExitError](err); ok {
		return exit.Code
	}
	return load.ExitConfig
}

// finish returns the error of a command whose output has said all there is to say.
func finish(cmd *cobra.Command, code int) error {
	if code == load.ExitPassed {
		return nil
	}
	cmd.SilenceErrors = true
	return &run.ExitError{Code: code}
}

// flagError shows the field of a value that was refused as the flag that it was given with.
func flagError(err error) error {
	field, ok := errors.AsType[*load.FieldError](err)
	if !ok || field.Field == "path" {
		return err
	}
	return &load.FieldError{Field: "--" + strings.ReplaceAll(field.Field, "_", "-"), Message: field.Message}
}

// exit gives an error its code: that of an interrupt, of which the user knows, of something that does not answer, or of what is missing
// or wrong.
func exit(cmd *cobra.Command, err error) error {
	switch {
	case err == nil:
		return nil
	case cmd.Context().Err() != nil:
		return finish(cmd, load.ExitInterrupted)
	case errors.Is(err, load.ErrUnavailable):
		return &run.ExitError{Code: load.ExitInfra, Err: err}
	default:
		return flagError(err)
	}
}

// examples shows command lines as they are typed, with the name of whatever program the command was added to before the arguments.
func examples(cmd *cobra.Command, arguments ...string) {
	help := cmd.HelpFunc()
	cmd.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		cmd.Example = "  " + cmd.CommandPath() + " " + strings.Join(arguments, "\n  "+cmd.CommandPath()+" ")
		help(cmd, args)
	})
}

// targetFlags say which API is meant.
type targetFlags struct {
	service service.Service
	target  string
	profile string
}

func (c commands) targetFlags(flags *pflag.FlagSet) *targetFlags {
	f := &targetFlags{service: c.Service}
	flags.StringVarP(&f.target, "target", "t", c.Service.Target, "base `URL` of the API")
	flags.StringVar(&f.service.Spec, "spec", "", "OpenAPI document, a `FILE|URL` (default: what the program or the target says of itself)")
	return f
}

// loginFlags say how a user is logged in.
func (f *targetFlags) loginFlags(flags *pflag.FlagSet) {
	byDefault := auth.DefaultFile
	if f.service.Login != nil {
		byDefault = "as the program says"
	}
	flags.StringVar(&f.profile, "auth-profile", "", "`FILE` that describes the login (default "+byDefault+")")
}

// apply returns the API as the flags say.
func (f *targetFlags) apply(cmd *cobra.Command) service.Service {
	s := f.service
	if flag := cmd.Flag("target"); flag.Changed {
		s.Target, s.Discoverer, s.Handler = f.target, nil, nil
	}
	in, _ := cmd.InOrStdin().(*os.File)
	out, _ := cmd.ErrOrStderr().(*os.File)
	if terminal.IsTerminal(in) && terminal.IsTerminal(out) {
		s.Ask = ask(in, out)
	}
	if f.profile != "" {
		s.Profile = f.profile
	}
	return s
}

// storeFlags say where results are kept.
type storeFlags struct {
	archive.Config

	redisURL string // "": that of the program
}

func (c commands) storeFlags(flags *pflag.FlagSet) *storeFlags {
	f := &storeFlags{Config: archive.Config{RedisURL: cmp.Or(c.RedisURL, redisstore.DefaultURL), Dir: c.StateDir}}
	// Not the default of the flag: that is shown as it is, and may hold a password.
	usage := fmt.Sprintf("`URL` of the Redis that keeps results for a day, or %s (default %s)", archive.NoRedis, withoutUser(f.RedisURL))
	flags.StringVar(&f.redisURL, "redis-url", "", usage)
	return f
}

// withoutUser returns as much of a URL as anybody may see.
func withoutUser(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "that of the program"
	}
	u.User, u.RawQuery = nil, ""
	return u.String()
}

func (f *storeFlags) open() (*archive.Store, error) {
	config := f.Config
	config.RedisURL = cmp.Or(f.redisURL, config.RedisURL)
	store, err := archive.Open(config)
	return store, flagError(err)
}
