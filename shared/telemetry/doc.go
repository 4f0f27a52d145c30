// Package telemetry is what an operator sees of a process: its log, its metrics, whether it lives and is ready, and the processor
// time it has used.
//
// Nothing is global. A process makes one logger, one registry and one Health, and hands them to its parts, which make their
// metrics by a Meter. What is in the registry is shown on /metrics, and an Exporter pushes it to a collector. The log
// shows no secret: attributes with a telling name and the userinfo of URLs are masked, whoever logs them.
package telemetry
