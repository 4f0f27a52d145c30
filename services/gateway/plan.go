package gateway

import (
	"cmp"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/loadpilot/loadpilot/shared/load"
)

// maxSeed keeps seeds that nobody chose exact in readers of JSON whose only numbers are floats.
const maxSeed = 1 << 53

// keySpace makes run ids out of idempotency keys.
var keySpace = uuid.MustParse("6f1d1c9e-9d5c-5a0e-8d0f-6c6f61647069")

var poolPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// plan checks the request whole, compiles the scenario and lays the overrides over what it asks for. The target may be left
// open in a dry run.
func (s *Service) plan(ctx context.Context, req Request, dryRun bool) (load.Plan, error) {
	if err := checkFleet(req); err != nil {
		return load.Plan{}, err
	}
	transport, credentials, err := req.Parse()
	if err != nil {
		return load.Plan{}, err
	}
	if err := (load.Secrets{Env: req.Env, Credentials: credentials}).Validate(); err != nil {
		return load.Plan{}, err
	}
	program, err := s.compile(ctx, req)
	if err != nil {
		return load.Plan{}, err
	}
	if err := chooseScenario(program.Names(), req.Scenario); err != nil {
		return load.Plan{}, err
	}
	plan, err := program.Plan(req.Scenario)
	if err != nil {
		return load.Plan{}, fmt.Errorf("plan of %s: %w", req.File, err)
	}
	overrides, err := req.overrides()
	if err != nil {
		return load.Plan{}, err
	}
	if err := plan.Apply(overrides); err != nil {
		return load.Plan{}, err
	}
	plan.Target, plan.Transport, plan.Targets = req.Target, transport, s.cfg.Targets
	checked := plan
	open := dryRun && plan.Target == ""
	if open {
		checked.Target = "http://open.invalid"
	}
	err = checked.Validate()
	if err == nil && !open {
		err = checkTarget(&plan)
	}
	return plan, err
}

// checkTarget checks that load may be put on the target of a valid plan. Ways by which requests would end up elsewhere are refused then.
func checkTarget(p *load.Plan) error {
	if len(p.Targets) == 0 {
		return nil
	}
	target, err := url.Parse(p.Target)
	switch {
	case err != nil:
		return fmt.Errorf("the target: %w", err)
	case !load.TargetAllowed(p.Targets, target):
		return &load.FieldError{Field: "target", Message: fmt.Sprintf("this gateway allows no load on %s, only on %s", target.Host, strings.Join(p.Targets, ", "))}
	case p.Transport.Proxy != "":
		return &load.FieldError{Field: "proxy", Message: "this gateway allows certain targets only, and none by way of a proxy"}
	case len(p.Transport.Resolve) > 0:
		return &load.FieldError{Field: "resolve", Message: "this gateway allows certain targets only, by their own addresses"}
	}
	return nil
}

// checkFleet checks which generators are asked for, and how many.
func checkFleet(req Request) error {
	if req.Pool != "" && !poolPattern.MatchString(req.Pool) {
		return &load.FieldError{Field: "pool", Message: fmt.Sprintf("%q is not made of 1 to 64 of A-Z a-z 0-9 _ -", req.Pool)}
	}
	if req.Generators < 0 {
		return &load.FieldError{Field: "generators", Message: fmt.Sprintf("%d must not be negative", req.Generators)}
	}
	return nil
}

// compile compiles the scenario when its turn comes: scripts run meanwhile, and they may be anybody's.
func (s *Service) compile(ctx context.Context, req Request) (Program, error) {
	select {
	case s.compiling <- struct{}{}:
		defer func() { <-s.compiling }()
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the compilation of %s: %w", req.File, ctx.Err())
	}
	program, err := s.deps.Compile(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", req.File, err)
	}
	return program, nil
}

// chooseScenario checks that one scenario is meant. The problem lists what there is to choose from.
func chooseScenario(names []string, name string) error {
	if slices.Contains(names, name) || (name == "" && len(names) == 1) {
		return nil
	}
	p := newProblem(http.StatusUnprocessableEntity, "scenario", "")
	p.Choices = names
	if name == "" {
		p.Detail = "scenario: the file has several, name one: " + strings.Join(names, ", ")
	} else {
		p.Detail = fmt.Sprintf("scenario: the file has no %q, only %s", name, strings.Join(names, ", "))
	}
	return p
}

// newRun makes the record of a run. With an idempotency key everything in it but the time follows from the request and the
// key, so that a repeated request can be told from another one.
func newRun(req Request, plan load.Plan, source load.Source, key string) (load.Run, error) {
	run := load.Run{
		Source:     source,
		Plan:       plan,
		Pool:       cmp.Or(req.Pool, load.DefaultPool),
		Generators: max(1, req.Generators),
		State:      load.StatePending,
	}
	id, err := runID(key)
	if err != nil {
		return run, err
	}
	run.ID = id
	if req.Seed == nil {
		run.Plan.Seed = seedOf(id)
	}
	return run, nil
}

// runID makes an id: a new one, or the one that belongs to the idempotency key.
func runID(key string) (string, error) {
	if key != "" {
		return uuid.NewSHA1(keySpace, []byte(key)).String(), nil
	}
	id, err := uuid.NewV7()
	if err != nil {
		return "", fmt.Errorf("make a run id: %w", err)
	}
	return id.String(), nil
}

// seedOf is the seed of a run that was given none; it is as random as the id.
func seedOf(id string) uint64 {
	h := fnv.New64a()
	_, _ = io.WriteString(h, id) // never fails
	return h.Sum64() % maxSeed
}
