package generator

import (
	"strconv"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// errorCheck is the error class of requests whose check said no.
const errorCheck = "check_failed"

// judge is the failure rule: it says whether a request failed, and by which error class. A transport error always fails.
// Otherwise what the iteration came to decides for its last request: an exception fails it, a check alone passes or fails
// it. Every other request fails by a status of 400 and above.
func judge(status int, transport string, last bool, out scenario.Outcome) (failed bool, class string) {
	switch {
	case transport != "":
		return true, transport
	case last && out.Failed:
		return true, failureClass(out)
	case last && out.Check == scenario.CheckFailed:
		return true, errorCheck
	case last && out.Check == scenario.CheckPassed:
		return false, ""
	case status >= 400:
		return true, statusClass(status)
	default:
		return false, ""
	}
}

// failureClass names what failed an iteration.
func failureClass(out scenario.Outcome) string {
	switch {
	case out.Internal:
		return load.ErrorGenerator
	case out.Class == "":
		return errorCheck
	default:
		return out.Class
	}
}

// statusClasses holds the names of all three-digit statuses, so that naming one allocates nothing.
var statusClasses = func() (names [1000]string) {
	for i := range names {
		names[i] = "http_" + strconv.Itoa(i)
	}
	return names
}()

func statusClass(status int) string { return statusClasses[min(max(0, status), len(statusClasses)-1)] }
