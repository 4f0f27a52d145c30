package scenario

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// A declaration is a class that @scenario was put on, with the parameters as given.
type declaration struct {
	class *runtime.Class
	names []string
	args  []runtime.Value
}

// mark is the attribute in which @task leaves a function's weight.
const mark = "__loadpilot_weight__"

// plans makes the plan of each scenario, and says what is wrong with them.
func (s *source) plans(th *runtime.Thread, list []declaration) ([]load.Plan, refusals) {
	if len(list) == 0 {
		return nil, refusals{s.errorAt(s.scenarioArgument("", ""), "scenario", "the file has none: put @scenario on a class that inherits from VUser")}
	}
	var wrong refusals
	plans := make([]load.Plan, len(list))
	for i, d := range list {
		same := func(p load.Plan) bool { return p.Scenario == d.class.Name }
		if slices.ContainsFunc(plans[:i], same) {
			wrong.add(s.errorAt(s.scenarioArgument(d.class.Name, ""), "scenario", fmt.Sprintf("the name %q is taken by one above", d.class.Name)))
			continue
		}
		var unfit refusals
		plans[i], unfit = s.plan(th, d)
		wrong = append(wrong, unfit...)
	}
	return plans, wrong
}

// plan makes the plan of one scenario, and says what is wrong with it.
func (s *source) plan(th *runtime.Thread, d declaration) (load.Plan, refusals) {
	name := d.class.Name
	if !d.class.Is(userClass) {
		return load.Plan{}, refusals{s.errorAt(s.scenarioArgument(name, ""), "scenario", fmt.Sprintf("class %s must inherit from VUser", name))}
	}
	p := defaultPlan(name)
	wrong := s.setParameters(&p, d.names, d.args)
	tasks, unfit := s.tasks(th, d.class)
	wrong = append(wrong, unfit...)
	p.Tasks, p.Measures = tasks, s.measures()
	for _, t := range p.Thresholds {
		if err := t.Validate(&p); err != nil && len(tasks) > 0 {
			wrong.add(s.errorAt(s.thresholdArgument(name, t.Key()), "thresholds", message(err)))
		}
	}
	if len(wrong) > 0 {
		return p, wrong
	}
	// Whatever the target will be, a good one stands in for it here.
	aimed := p
	aimed.Target = "http://localhost"
	err := aimed.Validate()
	if bad, ok := errors.AsType[*load.FieldError](err); ok {
		err = s.errorAt(s.scenarioArgument(name, bad.Field), bad.Field, bad.Message)
	}
	wrong.add(err)
	return p, wrong
}

// defaultPlan is the plan of a scenario that says nothing.
func defaultPlan(name string) load.Plan {
	return load.Plan{
		Scenario: name,
		Shape: load.Shape{
			Mode: load.ModeRamp, RPS: load.DefaultRPS, Duration: load.DefaultDuration,
			RampUp: load.DefaultRampUp, Steps: load.DefaultSteps,
		},
		MaxUsers: load.DefaultMaxUsers, MaxLag: load.DefaultMaxLag,
		Timeout: load.DefaultTimeout, GracefulStop: load.DefaultGracefulStop,
	}
}

// setParameters puts the values of parameters of @scenario into a plan, those that are right.
func (s *source) setParameters(p *load.Plan, names []string, values []runtime.Value) refusals {
	var wrong refusals
	for i, field := range names {
		var err error
		if field == "thresholds" {
			p.Thresholds, err = thresholds(values[i], func(key, msg string) {
				wrong.add(s.errorAt(s.thresholdArgument(p.Scenario, key), field, msg))
			})
		} else {
			err = setParameter(p, field, values[i])
		}
		if err != nil {
			wrong.add(s.errorAt(s.scenarioArgument(p.Scenario, field), field, err.Error()))
		}
	}
	return wrong
}

// setParameter puts the value of one parameter of @scenario, other than thresholds, into a plan.
func setParameter(p *load.Plan, name string, v runtime.Value) (err error) {
	switch name {
	case "rps":
		p.Shape.RPS, err = number(v)
	case "duration":
		p.Shape.Duration, err = duration(v)
	case "ramp_up":
		p.Shape.RampUp, err = duration(v)
	case "mode":
		var mode string
		mode, err = text(v)
		p.Shape.Mode = load.Mode(mode)
	case "steps":
		p.Shape.Steps, err = integer(v)
	case "users":
		p.Users, err = integer(v)
	case "max_users":
		p.MaxUsers, err = integer(v)
	case "max_lag":
		p.MaxLag, err = duration(v)
	case "timeout":
		p.Timeout, err = duration(v)
	case "graceful_stop":
		p.GracefulStop, err = duration(v)
	case "warmup":
		p.Warmup, err = duration(v)
	default:
		err = errors.New("@scenario has no such parameter; it has rps, duration, ramp_up, mode, steps, thresholds, " +
			"users, max_users, max_lag, timeout, graceful_stop and warmup")
	}
	return err
}

// kind names a value for messages, as Python source would show it.
func kind(v runtime.Value) string {
	if s, ok := runtime.AsStr(v); ok {
		return fmt.Sprintf("%q", s)
	}
	return "a value of type " + v.Class().Name
}

func number(v runtime.Value) (float64, error) {
	if _, isBool := v.(runtime.Bool); !isBool {
		if f, ok := runtime.AsFloat(v); ok {
			return f, nil
		}
	}
	return 0, fmt.Errorf("%s is not a number", kind(v))
}

func integer(v runtime.Value) (int, error) {
	if _, isBool := v.(runtime.Bool); !isBool {
		if n, ok := runtime.AsInt(v); ok {
			return int(n), nil
		}
	}
	return 0, fmt.Errorf("%s is not a whole number", kind(v))
}

func text(v runtime.Value) (string, error) {
	if s, ok := runtime.AsStr(v); ok {
		return s, nil
	}
	return "", fmt.Errorf("%s is not a text", kind(v))
}

func duration(v runtime.Value) (time.Duration, error) {
	s, ok := runtime.AsStr(v)
	if !ok {
		return 0, fmt.Errorf("%s is not a duration such as \"2m30s\"", kind(v))
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is not a duration such as \"2m30s\"", s)
	}
	return d, nil
}

// thresholds reads the thresholds: a dict of limits, or a list of texts. It leaves out those that it refuses.
func thresholds(v runtime.Value, refuse func(key, msg string)) ([]load.Threshold, error) {
	var out []load.Threshold
	take := func(key string, t load.Threshold, err error) {
		if err != nil {
			refuse(key, message(err))
			return
		}
		out = append(out, t)
	}
	switch v := v.(type) {
	case *runtime.Dict:
		for k, limit := range v.All() {
			key, err := text(k)
			if err != nil {
				return nil, err
			}
			t, err := threshold(key, limit)
			take(key, t, err)
		}
	case *runtime.List:
		for _, item := range v.Items() {
			words, err := text(item)
			if err != nil {
				return nil, err
			}
			t, err := load.ParseThresholdText(words)
			take(words, t, err)
		}
	default:
		return nil, fmt.Errorf("%s is neither a dict such as {\"p99_ms\": 500} nor a list such as [\"p(99)<500\"]", kind(v))
	}
	return out, nil
}

// threshold reads the limit of one key: a number, or a dict if a breach is to end the run.
func threshold(key string, v runtime.Value) (load.Threshold, error) {
	options, ok := v.(*runtime.Dict)
	if !ok {
		limit, err := number(v)
		if err != nil {
			return load.Threshold{}, fmt.Errorf("%s: %w", key, err)
		}
		return load.ParseThreshold(key, limit)
	}
	var limit float64
	var delay string
	given, abort := false, false
	for k, option := range options.All() {
		name, err := text(k)
		if err == nil {
			switch name {
			case "limit":
				given = true
				limit, err = number(option)
			case "abort_on_fail":
				b, isBool := option.(runtime.Bool)
				if abort = bool(b); !isBool {
					err = fmt.Errorf("%s is neither True nor False", kind(option))
				}
			case "delay":
				delay, err = text(option)
			default:
				err = errors.New("there is no such option, only limit, abort_on_fail and delay")
			}
		}
		if err != nil {
			return load.Threshold{}, fmt.Errorf("%s: %s: %w", key, name, err)
		}
	}
	t, err := load.ParseThreshold(key, limit)
	switch {
	case err != nil:
		return t, err
	case !given:
		return t, fmt.Errorf("%s: the dict has no limit", key)
	case abort:
		return t.WithAbort(delay)
	case delay != "":
		return t, fmt.Errorf("%s: a delay goes with abort_on_fail only", key)
	}
	return t, nil
}

// message is what an error of the domain says, without the field it names.
func message(err error) string {
	if wrong, ok := errors.AsType[*load.FieldError](err); ok {
		return wrong.Message
	}
	return err.Error()
}

// tasks collects the tasks of a class, inherited ones too, in alphabetical order: the
// order in which Python's dir() lists them.
func (s *source) tasks(th *runtime.Thread, class *runtime.Class) ([]load.Task, refusals) {
	var mro, names []string
	for _, c := range class.MRO() {
		mro = append(mro, c.Name)
		if !userClass.Is(c) { // VUser and object have no tasks
			names = append(names, c.Names()...)
		}
	}
	sort.Strings(names)
	names = slices.Compact(names)
	var tasks []load.Task
	var wrong refusals
	for _, name := range names {
		member := class.Lookup(name)
		if member == nil {
			continue
		}
		wrong.add(s.unmarked(th, class, member))
		weight, err := runtime.Find(th, member, mark)
		if err != nil {
			wrong.add(asError(s.module.File, err, nil))
		}
		if weight == nil {
			continue
		}
		n, err := integer(weight)
		if err == nil && n < 1 {
			err = fmt.Errorf("%d must be above 0", n)
		}
		if err != nil {
			wrong.add(s.errorAt(s.taskArgument(mro, name), "weight", err.Error()))
		}
		tasks = append(tasks, load.Task{Name: name, Weight: n})
	}
	if len(tasks) == 0 && len(wrong) == 0 {
		wrong.add(s.errorAt(s.scenarioArgument(class.Name, ""), "task", fmt.Sprintf("scenario %s has none: put @task on a method", class.Name)))
	}
	return tasks, append(wrong, s.checkMethods(class, names, tasks)...)
}

// unmarked refuses a static or class method whose function is marked as a task: the mark
// is hidden, and a task needs its user.
func (s *source) unmarked(th *runtime.Thread, class *runtime.Class, member runtime.Value) error {
	fn, _ := function(member)
	if fn == nil || member == runtime.Value(fn) {
		return nil
	}
	weight, err := runtime.Find(th, fn, mark)
	if err != nil {
		return asError(s.module.File, err, nil)
	}
	if weight == nil {
		return nil
	}
	return s.errorAt(s.definition(class, fn.Code), "task", fmt.Sprintf("a task is called on its user: take @%s away", member.Class().Name))
}

// list joins names for messages.
func list(plans []load.Plan) string {
	names := make([]string, len(plans))
	for i, p := range plans {
		names[i] = p.Scenario
	}
	return strings.Join(names, ", ")
}
