package generator

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

func TestFailureRule(t *testing.T) {
	t.Parallel()
	var (
		fine     = scenario.Outcome{}
		raised   = scenario.Outcome{Failed: true, Class: "ValueError"}
		internal = scenario.Outcome{Failed: true, Class: "SystemError", Internal: true}
		passed   = scenario.Outcome{Check: scenario.CheckPassed}
		refused  = scenario.Outcome{Check: scenario.CheckFailed}
		asserted = scenario.Outcome{Failed: true, Class: "AssertionError", Check: scenario.CheckFailed}
	)
	for name, tt := range map[string]struct {
		status    int
		transport string
		last      bool
		out       scenario.Outcome
		class     string // empty: succeeded
	}{
		"200":                                 {status: 200, last: true, out: fine},
		"399":                                 {status: 399, last: true, out: fine},
		"400":                                 {status: 400, last: true, out: fine, class: "http_400"},
		"503 in the middle":                   {status: 503, out: fine, class: "http_503"},
		"transport error":                     {transport: load.ErrorTimeout, last: true, out: fine, class: load.ErrorTimeout},
		"transport error that was raised":     {transport: load.ErrorClosed, last: true, out: raised, class: load.ErrorClosed},
		"transport error outranks the check":  {transport: load.ErrorClosed, last: true, out: passed, class: load.ErrorClosed},
		"exception":                           {status: 200, last: true, out: raised, class: "ValueError"},
		"exception after a 500":               {status: 500, last: true, out: raised, class: "ValueError"},
		"exception: requests before the last": {status: 200, out: raised},
		"fault of the engine":                 {status: 200, last: true, out: internal, class: load.ErrorGenerator},
		"check allows 404":                    {status: 404, last: true, out: passed},
		"check is of the last request only":   {status: 404, out: passed, class: "http_404"},
		"check says no":                       {status: 200, last: true, out: refused, class: "check_failed"},
		"check raises":                        {status: 200, last: true, out: asserted, class: "AssertionError"},
		"status beyond all reason":            {status: 70000, last: true, out: fine, class: "http_999"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failed, class := judge(tt.status, tt.transport, tt.last, tt.out)
			require.Equal(t, tt.class != "", failed)
			require.Equal(t, tt.class, class)
		})
	}
}
