package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Control is what POST /v1/runs/{id}/control takes.
type Control struct {
	Action string  `json:"action" enum:"pause,resume,rate,stop" doc:"pause: no arrivals; rate: a constant rate; resume: the rate of the plan again; stop: end the run"`
	RPS    float64 `json:"rps,omitempty" doc:"Arrivals per second, of rate alone"`
}

// maxControl is the length of the longest Control, in bytes.
const maxControl = 4 << 10

type controlInput struct {
	RunPath
	Body Control
}

// control changes the rate of a live run, or stops it. A change that would change nothing does no harm.
func (s *Service) control(ctx context.Context, in *controlInput) (*runBody, error) {
	if in.Body.Action == "stop" {
		if in.Body.RPS != 0 {
			return nil, &load.FieldError{Field: "rps", Message: "only a change of the rate has one"}
		}
		return s.stop(ctx, &in.RunPath)
	}
	return s.amend(ctx, in.ID, func(run *load.Run) (bool, error) {
		changed, err := run.Change(load.ChangeKind(in.Body.Action), in.Body.RPS, s.deps.Clock.Now(), s.cfg.ChangeAhead)
		if errors.Is(err, load.ErrConflict) { // no matter of who was first
			err = newProblem(http.StatusConflict, "", err.Error())
		}
		return changed, err
	})
}

// stop asks for a stop. A run that has not started ends at once; one that is stopping or has ended stays as it is.
func (s *Service) stop(ctx context.Context, in *RunPath) (*runBody, error) {
	return s.amend(ctx, in.ID, func(run *load.Run) (bool, error) {
		return run.Stop(s.deps.Clock.Now(), stopReason(run.State)), nil
	})
}

func stopReason(state load.State) string {
	if state == load.StateRunning {
		return "stopped by request"
	}
	return "stopped before it started"
}

// amendTries bounds how often a change is repeated when others change the record at the same time.
const amendTries = 10

// amend changes a record, unless change says that it has changed nothing.
func (s *Service) amend(ctx context.Context, id string, change func(*load.Run) (changed bool, err error)) (*runBody, error) {
	var conflict error
	for range amendTries {
		run, err := s.run(ctx, id)
		if err != nil {
			return nil, err
		}
		changed, err := change(&run)
		if err == nil && changed {
			run, err = s.deps.Runs.Update(ctx, run)
		}
		if err == nil {
			return &runBody{Body: viewRun(run)}, nil
		}
		conflict = fmt.Errorf("change run %s: %w", id, err)
		if !errors.Is(err, load.ErrConflict) {
			return nil, conflict
		}
	}
	return nil, conflict
}
