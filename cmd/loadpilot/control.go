package main

import "github.com/spf13/cobra"

func newControlCommand(std streams) *cobra.Command {
	_ = std
	return &cobra.Command{Use: "control", Hidden: true}
}
