package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/loadpilot/loadpilot/services/gateway"
)

// accessFlags are the flags of those who serve the API.
type accessFlags struct {
	token, readToken string
	targets          []string
	scenarios        string
}

func (f *accessFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.token, "token", "", "`TOKEN` that callers must show, needed unless --listen is on loopback; rather as LOADPILOT_TOKEN, which ps does not show")
	flags.StringVar(&f.readToken, "read-token", "", "`TOKEN` of those who may look and change nothing, such as dashboards")
	flags.StringArrayVar(&f.targets, "allow-target", nil, "`HOST`, HOST:PORT, *.DOMAIN or CIDR that runs may put load on; repeatable (default any)")
	flags.StringVar(&f.scenarios, "scenarios", defaultScenarios, "`FOLDER` of the scenario files that the start form offers, if there is one")
}

const defaultScenarios = "scenarios"

// open opens the address of the API, unless others than this host could reach it without a token. lead is that of the schedulers.
func (f *accessFlags) open(ctx context.Context, addr string, lead time.Duration) (net.Listener, gateway.Config, error) {
	config := gateway.DefaultConfig()
	config.Token, config.ReadToken, config.Targets = f.token, f.readToken, f.targets
	config.ChangeAhead = changeAhead(lead)
	switch info, err := os.Stat(f.scenarios); {
	case err == nil && info.IsDir():
		config.Scenarios = os.DirFS(f.scenarios)
	case f.scenarios != defaultScenarios:
		return nil, config, fmt.Errorf("--scenarios: there is no folder %s", f.scenarios)
	}
	if err := config.Validate(); err != nil {
		return nil, config, err
	}
	listener, err := listen(ctx, "listen", addr)
	if err != nil {
		return nil, config, err
	}
	if err := config.CheckListener(listener.Addr()); err != nil {
		_ = listener.Close() // nobody was served
		return nil, config, fmt.Errorf("--%w", err)
	}
	return listener, config, nil
}

// changeAhead is how far ahead of a change its first second lies, so that no scheduler has published that one.
func changeAhead(lead time.Duration) time.Duration { return lead + 250*time.Millisecond }
