package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/loadpilot/loadpilot/shared/scenario"
)

// scenarioFile is the body in Python, and tasks that ask for the same each time.
const scenarioFile = `
import loadpilot
from loadpilot import VUser, scenario, task

@scenario
class Shop(VUser):
    def on_start(self, client):
        self.token = "` + token + `"

    @task
    def dynamic(self, client):
        number = loadpilot.iteration
        client.get(f"/api/products/{number}", headers={
            "Authorization": f"Bearer {self.token}",
            "X-Request": f"{self.token}-{number}",
        })

    def check_dynamic(self, status_code, body):
        assert status_code == 200
        assert isinstance(body, dict)
        assert body["id"] == 42
        assert body["stock"] > 0

    @task
    def static(self, client):
        client.get("/api/products/42", headers={"Authorization": f"Bearer {self.token}"})
`

// The tasks in the order of the plan.
const (
	taskDynamic = iota
	taskStatic
)

// loadpilotEngine runs the scenario as a generator does.
type loadpilotEngine struct{ runner *scenario.Runner }

func newLoadpilot(ctx context.Context) (*loadpilotEngine, error) {
	program, err := scenario.Compile(ctx, "shop.py", []byte(scenarioFile), scenario.Options{})
	if err != nil {
		return nil, fmt.Errorf("compile for loadpilot: %w", err)
	}
	plan, err := program.Plan("")
	if err != nil {
		return nil, err
	}
	runner, err := program.NewRunner(ctx, plan, scenario.Options{})
	if err != nil {
		return nil, fmt.Errorf("load for loadpilot: %w", err)
	}
	return &loadpilotEngine{runner}, nil
}

func (*loadpilotEngine) name() string { return "loadpilot" }

func (e *loadpilotEngine) user(s *stub) (worker, error) {
	u := &loadpilotUser{user: e.runner.NewUser(), task: taskDynamic, client: newClient(s)}
	err := u.start()
	return u, err
}

type loadpilotUser struct {
	user   *scenario.User
	task   int
	client *client
}

func (u *loadpilotUser) start() error {
	return failure(u.user.Start(context.Background(), u.client))
}

func (u *loadpilotUser) iterate(number int64) error {
	if o := u.user.Run(context.Background(), number, u.task, u.client); o.Failed {
		return failure(o)
	}
	return nil
}

// failure is the error that an invocation ended with.
func failure(o scenario.Outcome) error {
	if !o.Failed {
		return nil
	}
	return errors.New(o.Message)
}

// client is the stub's side of a user.
type client struct {
	stub     *stub
	response scenario.Response
}

func newClient(s *stub) *client {
	return &client{s, scenario.Response{Status: s.status, Body: []byte(s.body)}}
}

// Do implements scenario.Client.
func (c *client) Do(_ context.Context, r *scenario.Request) *scenario.Response {
	c.stub.answer(r)
	return &c.response
}

// Batch implements scenario.Client; no script here has one.
func (*client) Batch(context.Context, []*scenario.Request) []*scenario.Response {
	panic("the scripts of this benchmark make no batch")
}

// Measure implements scenario.Client; no script here measures anything itself.
func (*client) Measure(scenario.Measure) {
	panic("the scripts of this benchmark have no measures of their own")
}
