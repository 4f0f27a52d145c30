// Package deploy holds what runs LoadPilot elsewhere than in a terminal, and what watches it. Its tests start the services of
// docker-compose.yml, command by command, without a container engine, and ask what the dashboards ask.
package deploy

import "embed"

// Monitoring is a compose file with Prometheus and Grafana, and what they need, in the folder monitoring.
//
//go:embed monitoring
var Monitoring embed.FS
