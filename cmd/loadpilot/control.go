package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
)

func newControlCommand(std streams) *cobra.Command {
	var base, token string
	var jsonOnly bool
	var order gateway.Control
	cmd := &cobra.Command{
		Use:   "control RUN pause|resume|rate RPS|stop",
		Short: "Pause, resume or stop a live run, or change its rate",
		Long: "Change the rate of a live run, or stop it. The clock of the run goes on: a paused second has no arrivals and is over all\n" +
			"the same, and after resume the run does what its profile says for that second. A change takes effect with a whole second\n" +
			"of the run, about two seconds later at most. The ledger accounts for each arrival of the changed plan.",
		Example: "  loadpilot control 01981f60-7c1e-7000-8000-000000000001 pause\n" +
			"  loadpilot control 01981f60-7c1e-7000-8000-000000000001 rate 300\n" +
			"  loadpilot control 01981f60-7c1e-7000-8000-000000000001 resume --gateway-url http://10.0.0.5:8080 --json",
		Args: func(_ *cobra.Command, args []string) (err error) {
			order, err = parseControl(args)
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&base, "gateway-url", "http://"+defaultAPI, "`URL` of the gateway (alias --coordinator-url)")
	flags.StringVar(&token, "token", "", "of the gateway, if it asks for one")
	flags.BoolVar(&jsonOnly, "json", false, "print nothing but the record of the run, as JSON")
	flags.SetNormalizeFunc(canonical)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if u, err := url.Parse(base); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			return errors.New("--gateway-url: not a URL such as http://" + defaultAPI) // it may hold a password
		}
		c := newClient(base, "--gateway-url "+base)
		c.token = token
		defer c.close()
		run, err := c.control(cmd.Context(), args[0], order)
		var problem *gateway.Problem
		switch {
		case cmd.Context().Err() != nil:
			return &exitError{code: load.ExitInterrupted}
		case errors.As(err, &problem) && problem.Status < http.StatusInternalServerError:
			return errors.New(problem.Detail)
		case err != nil:
			return infra(err)
		case jsonOnly:
			return json.NewEncoder(std.out).Encode(run)
		}
		_, err = fmt.Fprintf(std.out, "Run %s: %s.\n", run.ID, standing(run))
		return err
	}
	return cmd
}

// parseControl reads what is asked of a run, after its id.
func parseControl(args []string) (gateway.Control, error) {
	usage := errors.New("name a run by its id and what to do with it: pause, resume, rate RPS or stop")
	if len(args) < 2 || !runID.MatchString(args[0]) {
		return gateway.Control{}, usage
	}
	order, rest := gateway.Control{Action: args[1]}, args[2:]
	switch order.Action {
	case "pause", "resume", "stop":
	case "rate":
		if len(rest) == 0 {
			return order, errors.New("name the rate, in iterations per second, as in rate 300")
		}
		rps, err := parseNumber(rest[0])
		if err != nil {
			return order, fmt.Errorf("%q is not a rate in iterations per second", rest[0])
		}
		order.RPS, rest = rps, rest[1:]
	default:
		return order, fmt.Errorf("%q is not one of pause, resume, rate RPS, stop", order.Action)
	}
	if len(rest) > 0 {
		return order, fmt.Errorf("%s takes nothing more, but there is %q", order.Action, strings.Join(rest, " "))
	}
	return order, nil
}

// standing says what is asked of a run at present.
func standing(run gateway.Run) string {
	if run.State != load.StateRunning {
		return string(run.State)
	}
	if len(run.Changes) == 0 {
		return "as planned"
	}
	return changeText(run.Changes[len(run.Changes)-1])
}

func changeText(c load.Change) string {
	switch c.Kind {
	case load.ChangePause:
		return fmt.Sprintf("paused from second %d on", c.Second)
	case load.ChangeRate:
		return fmt.Sprintf("%s/s from second %d on", strconv.FormatFloat(c.RPS, 'f', -1, 64), c.Second)
	default:
		return fmt.Sprintf("as planned from second %d on", c.Second)
	}
}

// summaryChanges is how many changes of the rate a summary shows.
const summaryChanges = 5

// changesText is what a summary says of the changes of the rate.
func changesText(changes []load.Change) string {
	var texts []string
	for _, c := range changes[:min(len(changes), summaryChanges)] {
		texts = append(texts, changeText(c))
	}
	if more := len(changes) - summaryChanges; more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, ", ")
}

// control changes the rate of a live run, or stops it, and returns its record.
func (c *client) control(ctx context.Context, id string, order gateway.Control) (run gateway.Run, err error) {
	err = c.call(ctx, http.MethodPost, "/v1/runs/"+url.PathEscape(id)+"/control", order, &run)
	return run, err
}
