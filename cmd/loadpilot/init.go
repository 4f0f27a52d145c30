package main

import "github.com/spf13/cobra"

func newInitCommand(std streams) *cobra.Command {
	_ = std
	return &cobra.Command{Use: "init", Hidden: true}
}
