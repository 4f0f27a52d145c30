package run

import "strconv"

// ExitError ends a command with a code.
type ExitError struct {
	Code int
	Err  error // nil: nothing is left to say
}

// Error returns the text of Err.
func (e *ExitError) Error() string {
	if e.Err == nil {
		return "exit status " + strconv.Itoa(e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns Err.
func (e *ExitError) Unwrap() error { return e.Err }

// ExitCode returns Code.
func (e *ExitError) ExitCode() int { return e.Code }
