package load

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Defaults of a plan, used where neither the scenario nor the command line says otherwise.
const (
	DefaultRPS          = 10.0
	DefaultDuration     = time.Minute
	DefaultRampUp       = 10 * time.Second
	DefaultSteps        = 5
	DefaultMaxUsers     = 10_000
	DefaultMaxLag       = 250 * time.Millisecond
	DefaultTimeout      = 30 * time.Second
	DefaultGracefulStop = 30 * time.Second
)

// Task is one task of a scenario with its relative frequency.
type Task struct {
	Name   string
	Weight int
}

// Plan is everything a run is asked to do, with nothing left to decide.
type Plan struct {
	Scenario     string // the scenario's class name
	Target       string // base URL of the service under test
	Shape        Shape
	Tasks        []Task        // in alphabetical order of their names
	Measures     []MeasureName // those that the script names, by kind and name; it may report others
	Thresholds   []Threshold
	Users        int           // users prepared on each generator before the start; 0: by PreparedUsers
	MaxUsers     int           // most users of each generator
	MaxLag       time.Duration // how late an arrival may be called; later it is dropped
	Timeout      time.Duration // of one request, unless the script says otherwise
	GracefulStop time.Duration // how long iterations may run on after the last due time or a stop
	Warmup       time.Duration // whole seconds at the beginning of the profile whose iterations are in no number of the run
	Seed         uint64        // of the scripts' random numbers
	Transport    Transport
	Targets      []string // hosts that the scripts may send to, as the gateway allows; empty: any
}

// Validate reports the first wrong field as a *FieldError.
func (p *Plan) Validate() error {
	profile, err := NewProfile(p.Shape)
	if err != nil {
		return err
	}
	if _, err := NewSequence(p.Tasks); err != nil {
		return err
	}
	if err := validateTarget(p.Target); err != nil {
		return err
	}
	for i, t := range p.Thresholds {
		if err := t.Validate(p); err != nil {
			return err
		}
		if slices.ContainsFunc(p.Thresholds[:i], func(x Threshold) bool { return x.Key() == t.Key() }) {
			return fieldErrorf("thresholds", "%q is given twice", t.Key())
		}
	}
	switch {
	case p.MaxUsers < 1:
		return fieldErrorf("max_users", "%d must be at least 1", p.MaxUsers)
	case p.Users < 0 || p.Users > p.MaxUsers:
		return fieldErrorf("users", "%d must be 0 to max_users, %d", p.Users, p.MaxUsers)
	case p.MaxLag <= 0:
		return fieldErrorf("max_lag", "%v must be above 0", p.MaxLag)
	case p.Timeout <= 0:
		return fieldErrorf("timeout", "%v must be above 0", p.Timeout)
	case p.GracefulStop < 0:
		return fieldErrorf("graceful_stop", "%v must not be negative", p.GracefulStop)
	}
	if err := p.Transport.Validate(); err != nil {
		return err
	}
	return p.validateWarmup(&profile)
}

func (p *Plan) validateWarmup(profile *Profile) error {
	switch {
	case p.Warmup < 0 || p.Warmup%time.Second != 0:
		return fieldErrorf("warmup", "%v must be whole seconds and not negative", p.Warmup)
	case p.Warmup >= profile.Length():
		return fieldErrorf("warmup", "%v must be shorter than the load, %v", p.Warmup, profile.Length())
	case profile.First(p.WarmupSeconds()) == profile.Total():
		return fieldErrorf("warmup", "%v leaves no iteration to measure", p.Warmup)
	}
	return nil
}

// WarmupSeconds returns how many seconds of the profile are warm-up: those below this number.
func (p *Plan) WarmupSeconds() int { return int(p.Warmup / time.Second) }

func validateTarget(target string) error {
	if target == "" {
		return fieldErrorf("target", "no URL given")
	}
	u, err := url.Parse(target)
	web := err == nil && (u.Scheme == "http" || u.Scheme == "https")
	switch {
	case web && u.User != nil, !web && strings.Contains(target, "@"): // the latter may hold a password as well
		return fieldErrorf("target", "credentials do not belong in the target; send a header")
	case err != nil:
		return fieldErrorf("target", "%q is not a URL", target)
	case !web:
		return fieldErrorf("target", "%q must start with http:// or https://", target)
	case u.Hostname() == "":
		return fieldErrorf("target", "%q names no host", target)
	case strings.Contains(u.Hostname(), "%"): // what it names differs from one generator's host to the next
		return fieldErrorf("target", "%q has the zone of an IPv6 address", target)
	case u.Port() != "" && !validPort(u.Port()):
		return fieldErrorf("target", "port %s is above 65535", u.Port())
	case u.RawQuery != "" || u.Fragment != "":
		return fieldErrorf("target", "%q must not carry a query or a fragment", target)
	}
	return nil
}

func validPort(port string) bool {
	_, err := strconv.ParseUint(port, 10, 16)
	return err == nil
}

// preparedSeconds is the response time that the pool of first users is sized for, by Little's law.
const preparedSeconds = 0.2

// PreparedUsers returns how many users each of the generators starts before the run, clamp(⌈peak·0.2 s/generators⌉, 1, 200),
// unless the plan says.
func (p *Plan) PreparedUsers(peak float64, generators int) int {
	if p.Users > 0 {
		return p.Users
	}
	n := int(math.Ceil(peak * preparedSeconds / float64(max(1, generators))))
	return min(max(1, n), 200, p.MaxUsers)
}
