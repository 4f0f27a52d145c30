package apitest

import (
	"net/http"

	"github.com/loadpilot/loadpilot/apitest/internal/cli"
	"github.com/loadpilot/loadpilot/apitest/route"
	"github.com/loadpilot/loadpilot/apitest/run"
)

// Option says something about the API that is loaded, or about the program that does it.
type Option func(*cli.Config)

// WithHandler gives a Service the handler that is called in-process.
func WithHandler(h http.Handler) Option { return func(c *cli.Config) { c.Service.Handler = h } }

// WithName names the command in another way than api-load-test.
func WithName(use string, aliases ...string) Option {
	return func(c *cli.Config) { c.Use, c.Aliases = use, aliases }
}

// WithTarget is the base URL of the API, and the default of --target.
func WithTarget(url string) Option { return func(c *cli.Config) { c.Service.Target = url } }

// WithRoutes says where routes are found; mux.Mux is a Discoverer, and chiroutes.New returns one. Without it they are read from the
// OpenAPI document that the handler, or the target, serves at /openapi.json.
func WithRoutes(d route.Discoverer) Option { return func(c *cli.Config) { c.Service.Discoverer = d } }

// WithRedis is the default of --redis-url; "none": results are kept in the folder only.
func WithRedis(url string) Option { return func(c *cli.Config) { c.RedisURL = url } }

// WithStateDir is the folder that the command keeps results in, in place of ~/.local/state/loadpilot/api-results.
func WithStateDir(dir string) Option { return func(c *cli.Config) { c.StateDir = dir } }

// WithOpener adds a protocol, such as that of grpctarget.
func WithOpener(o run.Opener) Option {
	return func(c *cli.Config) { c.Service.Openers = append(c.Service.Openers, o) }
}

// WithLogin says how users are logged in, for Config.AuthAs and login.
func WithLogin(l run.Login) Option { return func(c *cli.Config) { c.Service.Login = &l } }

// WithGetenv gives access to the environment, which passwords are taken from; os.Getenv as a rule. Without it there is none.
func WithGetenv(get func(name string) string) Option {
	return func(c *cli.Config) { c.Service.Getenv = get }
}

// WithVersion names the program, in results and to servers.
func WithVersion(program, version string) Option {
	return func(c *cli.Config) { c.Service.Program = program + " " + version }
}
