// Command loadpilot is the whole of LoadPilot in one binary: the services, alone or together in one process, and the
// client that starts runs and shows them.
//
// main.go ends the process, root.go holds the commands together, config.go reads the configuration, build.go is the only
// place where services meet adapters; each other file is a command or a part of one.
package main
