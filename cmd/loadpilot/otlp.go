package main

import (
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/shared/lifecycle"
	"github.com/loadpilot/loadpilot/shared/telemetry"
)

func registerOTLP(f *pflag.FlagSet, endpoint *string) {
	f.StringVar(endpoint, "otlp-endpoint", "", "`URL` of an OpenTelemetry collector to push the metrics to, such as http://127.0.0.1:4318")
}

// addOTLP pushes the metrics of this process to an endpoint; empty: to none. It comes before all parts, so that it still pushes when
// they have ended.
func (a *app) addOTLP(endpoint string) error {
	if endpoint == "" {
		return nil
	}
	service := strings.TrimPrefix(a.name, "loadpilot ")
	exporter, err := telemetry.NewExporter(endpoint, a.registry, a.logger, service, processName(service)+"/"+uuid.NewString(), version)
	if err != nil {
		return &flagError{"otlp-endpoint", err}
	}
	a.group.Add(lifecycle.Part{Name: "otlp", Run: exporter.Run})
	return nil
}
