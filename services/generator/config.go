package generator

import (
	"fmt"
	"regexp"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Config says who a generator is and what it takes.
type Config struct {
	Name    string  // [A-Za-z0-9_-]+, unique among the live generators
	Pool    string  // the runs of this pool are its own; [A-Za-z0-9_-]+
	Version string  // of the program; also in the user agent
	MaxRate float64 // arrivals per second it takes at most, on average; 0: no limit
}

var subject = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// Validate reports the first wrong field as a *load.FieldError.
func (c Config) Validate() error {
	switch {
	case !subject.MatchString(c.Name):
		return &load.FieldError{Field: "name", Message: fmt.Sprintf("%q may hold only letters, digits, _ and -", c.Name)}
	case !subject.MatchString(c.Pool):
		return &load.FieldError{Field: "pool", Message: fmt.Sprintf("%q may hold only letters, digits, _ and -", c.Pool)}
	case !(c.MaxRate >= 0):
		return &load.FieldError{Field: "max_rate", Message: fmt.Sprintf("%v must not be negative", c.MaxRate)}
	}
	return nil
}
