// Package telemetry is what an operator sees of a process: its log, its metrics, and whether it lives and is ready.
//
// Nothing is global. A process makes one logger, one registry and one Health, and hands them to its parts. The log
// shows no secret: attributes with a telling name and the userinfo of URLs are masked, whoever logs them.
package telemetry
