package apitest

import (
	"context"

	"github.com/loadpilot/loadpilot/apitest/internal/cli"
)

// Service makes runs. It is safe for concurrent use, but runs at the same time share the processors.
type Service struct{ config cli.Config }

// NewService returns a service. Without options it makes runs whose configuration says all that is needed.
func NewService(options ...Option) *Service {
	config := cli.Config{Use: "api-load-test"}
	config.Service.Program = "apitest"
	for _, option := range options {
		option(&config)
	}
	return &Service{config}
}

// Run makes one run and returns when it has ended. Answers that say no and requests without an answer are in the result and are no
// errors. If ctx ends first the error is its cause, and the result is that of what was done until then. Nothing is stored.
//
// It fails with a *load.FieldError, which names the field as its flag, if the configuration is wrong.
func (s *Service) Run(ctx context.Context, c Config) (Result, error) {
	return s.config.Service.Run(ctx, c, nil)
}

// Routes returns what can be loaded.
func (s *Service) Routes(ctx context.Context) (RouteSet, error) { return s.config.Service.Routes(ctx) }
