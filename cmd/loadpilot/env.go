package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/shared/load"
)

// envFlags say what a script sees as os.environ. Values may be secrets: errors do not show them.
type envFlags struct {
	settings []string
	file     string
}

func (e *envFlags) register(f *pflag.FlagSet) {
	f.StringArrayVar(&e.settings, "env", nil, "`KEY=VALUE` that the script sees in os.environ, which is empty otherwise; repeatable")
	f.StringVar(&e.file, "env-file", "", "`FILE` of such lines; --env counts more")
}

// read returns the environment: that of the file, and over it that of the settings.
func (e *envFlags) read() (load.Environment, error) {
	env := load.Environment{}
	if e.file != "" {
		var err error
		if env, err = readEnvFile(e.file); err != nil {
			return nil, fmt.Errorf("--env-file: %w", err)
		}
	}
	for _, setting := range e.settings {
		key, value, ok := strings.Cut(setting, "=")
		if !ok || key == "" {
			return nil, errors.New("--env: a setting is not KEY=VALUE, such as REGION=eu")
		}
		env[key] = value
	}
	if err := env.Validate(); err != nil {
		return nil, fmt.Errorf("--%w", err)
	}
	return env, nil
}

func readEnvFile(name string) (load.Environment, error) {
	file, err := os.Open(name)
	if err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("there is no file %s", name)
		}
		return nil, err
	}
	defer func() { _ = file.Close() }()
	const most = 16 * load.MaxEnvBytes // comments included
	text, err := io.ReadAll(io.LimitReader(file, most+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("longer than %d bytes", most)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	env := load.Environment{}
	number := 0
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		number++
		set, err := parseEnvLine(strings.TrimSpace(line))
		if err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", name, number, err)
		}
		maps.Copy(env, set)
	}
	return env, nil
}

// parseEnvLine reads a line of an environment file: KEY=VALUE, where quotes around the value are taken off, a comment that begins
// with #, or nothing.
func parseEnvLine(line string) (load.Environment, error) {
	if line == "" || line[0] == '#' {
		return nil, nil //nolint:nilnil // it sets nothing
	}
	key, value, ok := strings.Cut(line, "=")
	key, value = strings.TrimSpace(key), strings.TrimSpace(value)
	if !ok || !load.EnvName(key) {
		return nil, errors.New("it is not KEY=VALUE, such as REGION=eu")
	}
	if value != "" && strings.ContainsRune(`"'`, rune(value[0])) {
		last := len(value) - 1
		if last == 0 || value[last] != value[0] {
			return nil, fmt.Errorf("the value of %s begins with a quote and does not end with it", key)
		}
		value = value[1:last]
	}
	set := load.Environment{key: value}
	return set, set.Validate()
}
