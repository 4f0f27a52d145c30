// Package deploy holds what runs LoadPilot elsewhere than in a terminal. Its test starts the services of
// docker-compose.yml, command by command, without a container engine.
package deploy
