package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func (c commands) newLogin() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "login USER",
		Short: "Log a user in, as run --auth-as does",
		Long: "Makes the round trip that the login profile describes. The password is taken from the environment variable that the\n" +
			"profile names, or is asked for.",
		Args: cobra.ExactArgs(1),
	}
	examples(cmd, "alice@example.com --print-token")
	f := c.targetFlags(cmd.Flags())
	f.loginFlags(cmd.Flags())
	var printToken, inProcess, insecure bool
	cmd.Flags().BoolVar(&printToken, "print-token", false, "print the token and nothing else")
	cmd.Flags().BoolVar(&inProcess, "in-process", false, "call the handler of this program, without a server")
	cmd.Flags().BoolVar(&insecure, "insecure", false, "accept any certificate")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s := f.apply(cmd)
		token, err := s.Token(cmd.Context(), args[0], inProcess, insecure)
		if err != nil {
			return exit(cmd, err)
		}
		text := "Logged in as " + cell(args[0])
		if printToken {
			text = token
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
		return err
	}
	return cmd
}

// ask returns what asks somebody at a terminal for a password, without showing it.
func ask(in, out *os.File) func(ctx context.Context, prompt string) (string, error) {
	return func(ctx context.Context, prompt string) (string, error) {
		terminal := int(in.Fd())
		before, err := term.GetState(terminal)
		if err != nil {
			return "", err
		}
		type answer struct {
			text []byte
			err  error
		}
		answers := make(chan answer, 1)
		_, _ = fmt.Fprint(out, prompt)
		go func() { // a read cannot be called back: after an interrupt it waits until the process ends
			text, err := term.ReadPassword(terminal)
			answers <- answer{text, err}
		}()
		defer func() { _, _ = fmt.Fprintln(out) }()
		select {
		case a := <-answers:
			return string(a.text), a.err
		case <-ctx.Done():
			return "", errors.Join(context.Cause(ctx), term.Restore(terminal, before))
		}
	}
}
