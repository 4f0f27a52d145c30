package main

import "github.com/spf13/cobra"

func newRecentCommand(std streams) *cobra.Command {
	_ = std
	return &cobra.Command{Use: "recent", Hidden: true}
}

func newResultsCommand(std streams) *cobra.Command {
	_ = std
	return &cobra.Command{Use: "results", Hidden: true}
}
