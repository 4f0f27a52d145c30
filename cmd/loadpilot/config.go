package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"
)

// The configuration of a command is its flags. One that was not given on the command line is taken from the environment
// (LOADPILOT_<FLAG>), else from the configuration file, else it keeps its default.
const (
	envPrefix         = "LOADPILOT"
	defaultConfigFile = "loadpilot.yaml"
)

// fillFlags sets the flags of a command from the environment and the configuration file. Commands then read their flags and
// nothing else; a flag filled in here counts as given.
func fillFlags(cmd *cobra.Command) error {
	v := viper.New()
	var err error
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		variables := []string{f.Name}
		for _, name := range namesOf(f.Name) {
			variables = append(variables, envName(name))
		}
		err = errors.Join(err, v.BindEnv(variables...))
	})
	if err := errors.Join(err, v.BindPFlag("config", cmd.Flag("config"))); err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	if err := readConfigFile(v, cmd.Root()); err != nil {
		return err
	}
	demo, _ := cmd.Flags().GetBool("demo") // given on the command line, it counts more than a target from elsewhere
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if err == nil && !f.Changed && f.Name != "help" && (!demo || f.Name != "target") {
			err = fillFlag(v, f)
		}
	})
	return err
}

// readConfigFile reads --config, or loadpilot.yaml if it is there.
func readConfigFile(v *viper.Viper, root *cobra.Command) error {
	file := v.GetString("config")
	if file == "" {
		if _, err := os.Stat(defaultConfigFile); err != nil {
			return nil //nolint:nilerr // a file that was not asked for may be absent
		}
		file = defaultConfigFile
	}
	v.SetConfigFile(file)
	if err := v.ReadInConfig(); err != nil {
		var missing viper.ConfigFileNotFoundError
		if errors.As(err, &missing) || errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("--config: there is no file %s", file)
		}
		return fmt.Errorf("--config: %s: %w", file, err)
	}
	known := flagNames(root)
	for _, key := range v.AllKeys() {
		if v.InConfig(key) && !slices.Contains(known, string(canonical(nil, key))) {
			return fmt.Errorf("--config: %s: %q is not the name of a flag", file, key)
		}
	}
	for alias, flag := range aliases {
		v.RegisterAlias(alias, flag) // moves its value to the flag
	}
	return nil
}

// flagNames lists the long flags of all commands.
func flagNames(cmd *cobra.Command) []string {
	var names []string
	note := func(f *pflag.Flag) { names = append(names, f.Name) }
	cmd.Flags().VisitAll(note)
	cmd.PersistentFlags().VisitAll(note)
	for _, child := range cmd.Commands() {
		names = append(names, flagNames(child)...)
	}
	return names
}

// fillFlag sets one flag if the environment or the file has a value for it. A list is separated by commas there.
func fillFlag(v *viper.Viper, f *pflag.Flag) error {
	if !v.IsSet(f.Name) {
		return nil
	}
	values := []string{v.GetString(f.Name)}
	if _, list := f.Value.(pflag.SliceValue); list {
		values = v.GetStringSlice(f.Name)
		if text, ok := v.Get(f.Name).(string); ok {
			values = strings.Split(text, ",")
		}
	}
	for _, value := range values {
		if err := f.Value.Set(strings.TrimSpace(value)); err != nil {
			return fmt.Errorf("%s: %q: %w", origin(f.Name), value, err)
		}
	}
	f.Changed = true
	return nil
}

// origin says where the value of a flag that was not given comes from.
func origin(flag string) string {
	for _, name := range namesOf(flag) {
		if _, ok := os.LookupEnv(envName(name)); ok {
			return envName(name)
		}
	}
	return "--config: " + flag
}

// envName is the environment variable of a flag.
func envName(flag string) string {
	return envPrefix + "_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// aliases are other names of flags, on the command line, in the environment and in the file.
var aliases = map[string]string{"coordinator-url": "gateway-url"}

// canonical returns the name of a flag by one of its names.
func canonical(_ *pflag.FlagSet, name string) pflag.NormalizedName {
	if flag, ok := aliases[name]; ok {
		name = flag
	}
	return pflag.NormalizedName(name)
}

// namesOf returns the name of a flag and its aliases.
func namesOf(flag string) []string {
	names := []string{flag}
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		if aliases[alias] == flag {
			names = append(names, alias)
		}
	}
	return names
}
