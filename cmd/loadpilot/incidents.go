package main

import (
	"fmt"
	"strings"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

// How many incidents are shown: the newest under the live picture, the first in a summary.
const (
	liveIncidents    = 3
	summaryIncidents = 10
)

// incidentText says what befell a run: "[00:12] generator g2 was lost: no sign of life for 3 s". What is about no generator is
// told by its reason.
func incidentText(i load.Incident) string {
	text := i.Reason
	if event := generatorEvent(i); event != "" {
		text = strings.TrimSuffix(event+": "+i.Reason, ": ")
	}
	return fmt.Sprintf("[%s] %s", clock(float64(i.Second)), terminal.Printable(text))
}

func generatorEvent(i load.Incident) string {
	switch i.Kind {
	case load.IncidentJoined:
		return "generator " + i.Generator + " joined"
	case load.IncidentLeft:
		return "generator " + i.Generator + " left"
	case load.IncidentLost:
		return "generator " + i.Generator + " was lost"
	case load.IncidentReturned:
		return "generator " + i.Generator + " is back"
	case load.IncidentTakeover, load.IncidentNeverIssued:
		return ""
	default: // of a newer gateway
		return strings.TrimSpace(string(i.Kind) + " " + i.Generator)
	}
}

// incidentLine is the text in the colour of what it cost: arrivals, or nothing.
func incidentLine(i load.Incident, p terminal.Palette) string {
	switch i.Kind {
	case load.IncidentLost, load.IncidentNeverIssued:
		return p.Warn.Render(incidentText(i))
	default:
		return p.Faint.Render(incidentText(i))
	}
}
