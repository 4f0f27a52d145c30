package main

import "github.com/spf13/cobra"

func newCompareCommand(std streams) *cobra.Command {
	_ = std
	return &cobra.Command{Use: "compare", Hidden: true}
}
